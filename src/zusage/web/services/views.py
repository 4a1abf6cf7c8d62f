"""Requests about drafts come in, the list of them goes out; and the one way in which every page of a draft edits it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.ground.reasons import Finding, Reason, Refused
from zusage.ground.words import texts
from zusage.policy.document import Policy
from zusage.policy.edit import Change
from zusage.web.customers.queries import published_run
from zusage.web.office.actions import Overtaken
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import current_version, versions_for
from zusage.web.office.rights import DECIDERS, READERS, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.services import actions
from zusage.web.services.models import Draft
from zusage.web.services.queries import did, draft_for, drafts_for, dropped_for, knowing, last_step, read_draft
from zusage.web.speech import at_clock, finding_text, language, said

DROPPED_SHOWN = 3
"""So many drafts that were put aside can be taken up again."""


@page(*READERS)
def services(request: HttpRequest) -> HttpResponse:
    """The service model in force and the drafts of the next one."""
    user = user_of(request)
    context: dict[str, Any] = {"current": current_version(), "drafts": drafts_for(user), "edits": user.role in DECIDERS}
    context["new_here"] = PolicyVersion.objects.count() == 1  # what holds is what the office began with
    context["dropped"] = dropped_for(user)[:DROPPED_SHOWN]
    context |= {"run": published_run(), "knowing": knowing(timezone.localdate())}
    return render(request, "services/services.html", context)


@page(*DECIDERS, methods=("POST",))
def new_draft(request: HttpRequest) -> HttpResponse:
    """A draft that begins as a published service model: the one in force, or an earlier one to return to."""
    user = user_of(request)
    base = get_object_or_404(versions_for(user), pk=number_sent(request.POST.get("base", "")))
    draft = actions.open_draft(text=base.text, base=base, by=user, now=timezone.now())
    return redirect("draft_questions" if request.POST.get("part") == "questions" else "draft_matrix", draft.pk)


@page(*DECIDERS, methods=("POST",))
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """The last edit is taken back; the page it was sent from is shown anew."""
    found = _claimed(request, pk, actions.undo_step)
    if found is not None:
        messages.success(request, said("services_undone", text=did(found, language())))
    return redirect(_back(request, pk))


@page(*DECIDERS, methods=("POST",))
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft that is not wanted any more."""
    draft = draft_for(user_of(request), pk)
    _claimed(request, draft.pk, actions.drop_draft)
    return redirect("services")


@page(*DECIDERS, methods=("POST",))
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft that was put aside is wanted after all."""
    draft = get_object_or_404(dropped_for(user_of(request)), pk=pk)
    actions.restore_draft(draft=draft, by=user_of(request), now=timezone.now())
    return redirect("draft_matrix", draft.pk)


def _claimed(request: HttpRequest, pk: int, action: Callable[..., Any]) -> Any:
    draft = draft_for(user_of(request), pk)
    try:
        return action(draft=draft, version=version_seen(request), by=user_of(request), now=timezone.now())
    except Overtaken as overtaken:
        messages.warning(request, said("services_overtaken", name=overtaken.current.changed_by.name))
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    return None


def _back(request: HttpRequest, pk: int) -> str:
    """The page of the draft that a form was sent from; only ever one of this draft."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith(f"/services/{pk}/") else f"/services/{pk}/matrix/"


def mended_at(finding: Finding, policy: Policy, pk: int) -> str:
    """The page of a draft on which a text for customers is written, from its place; empty for one of another place.

    The floor is locked: its texts are mended in the file.
    """
    what, _, rest = (finding.where.path or "").partition(".")
    keys = {item.key for item in policy.services if item.kind != "floor"}
    service, _, last = rest.removesuffix(".wording").rpartition(".")
    if what == "classes":
        return reverse("draft_classes", args=[pk])
    if what == "matrix" and service in keys:
        return f"{reverse('matrix_cell', args=[pk])}?{urlencode({'row': service, 'class': last, 'alone': 1})}"
    if what == "services" and (service := rest.rpartition(".")[0]) in keys:
        return f"{reverse('matrix_service', args=[pk])}?{urlencode({'row': service, 'alone': 1})}"
    return reverse("draft_matrix", args=[pk]) if what in ("matrix", "services") else ""


# --- what every page of a draft does


@dataclass(frozen=True)
class Edited:
    """How an edit ended: the draft as it stands now, why it was refused, and whether somebody else was faster."""

    draft: Draft
    findings: tuple[Finding, ...] = ()
    overtaken: bool = False

    @property
    def done(self) -> bool:
        """Whether the edit is in the draft."""
        return not self.findings and not self.overtaken

    @property
    def texts(self) -> list[str]:
        """Why it was refused, in the words of a page."""
        policy = read_draft(self.draft).policy
        return [refused_text(named(item, policy)) for item in self.findings]

    @property
    def status(self) -> int:
        """409 where somebody was faster, 422 where the service model would be wrong, else 200."""
        return 409 if self.overtaken else 422 if self.findings else 200


def named(item: Finding, policy: Policy) -> Finding:
    """What is said of the design of a service model, with the names of classes and services in the place of keys."""
    if not item.reason.code.startswith("design_"):
        return item
    names = {one.key: one.name for one in policy.services} | {one.key: one.name for one in policy.classes}
    values = {
        name: names[value][language()] if isinstance(value, str) and value in names else value
        for name, value in item.reason.values.items()
    }
    return replace(item, reason=Reason(item.reason.code, values))


def remark_text(item: Finding, policy: Policy) -> str:
    """A remark on a draft for somebody who has pages before them and no file."""
    found = named(item, policy)
    code = f"services_note_{found.reason.code}"
    if code in texts():
        return said(code, **found.reason.values)
    return finding_text(replace(found, where=replace(found.where, file=None)))


NOT_A_FIGURE = ("policy_not_money", "policy_not_share", "policy_not_number", "policy_not_count")


def refused_text(item: Finding) -> str:
    """Why something was refused, for somebody who typed into a form and not into a file."""
    if item.reason.values.get("text") == "" and item.reason.code in NOT_A_FIGURE:
        return said("services_refused_empty")
    code = f"services_refused_{item.reason.code}"
    return said(code if code in texts() else item.reason.code, **item.reason.values)


def version_seen(request: HttpRequest) -> int:
    """The version of the draft that the page showed which sent this."""
    return number_sent(request.POST.get("version", ""))


def edit(request: HttpRequest, pk: int, what: Reason, changes: Sequence[Change]) -> Edited:
    """Write changes into a draft for the person behind a request: every page edits through this."""
    return _edited(request, pk, lambda **given: actions.edit_draft(changes=changes, what=what, **given))


def rewrite(request: HttpRequest, pk: int, what: Reason, text: Callable[[Draft], str]) -> Edited:
    """As `edit`, where more than single places change: `text` makes the whole text anew, and may refuse."""
    return _edited(
        request, pk, lambda draft, **given: actions.replace_text(draft=draft, text=text(draft), what=what, **given)
    )


def _edited(request: HttpRequest, pk: int, action: Callable[..., Draft]) -> Edited:
    user = user_of(request)
    draft = draft_for(user, pk)
    try:
        return Edited(action(draft=draft, version=version_seen(request), by=user, now=timezone.now()))
    except Overtaken as overtaken:
        return Edited(overtaken.current, overtaken=True)
    except Refused as refused:
        return Edited(draft, tuple(replace(item, where=replace(item.where, file=None)) for item in refused.findings))


def draft_context(request: HttpRequest, draft: Draft, part: str, edited: Edited | None = None) -> dict[str, Any]:
    """What every page of a draft shows: the draft, its parts, what can be undone, how the last edit ended."""
    step = last_step(draft)
    return {
        "draft": draft,
        "part": part,
        "parts": [(name, reverse(f"draft_{name}", args=[draft.pk]), said(f"services_part_{name}")) for name in PARTS],
        "undoes": step,
        "undone": did(step, language()) if step else "",
        "clock": at_clock(draft.changed_at),
        "edits": user_of(request).role in DECIDERS,
        "edited": edited,
    }


PARTS = ("questions", "classes", "matrix", "hours", "check")
"""The pages of a draft, in the order in which a service model is made."""

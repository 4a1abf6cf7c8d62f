"""Requests about the classes of a draft come in, cuts over the book and who would move by them go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.ground.reasons import Reason, Refused, mistake
from zusage.policy.edit import change, reorder
from zusage.web.bridge.cuts import Proposed, proposed
from zusage.web.office.rights import DECIDERS, READERS, page, user_of
from zusage.web.services.classes.forms import EDITS, Edit, figure, ordered
from zusage.web.services.classes.queries import CHANGES, Moves, classes_of, offered
from zusage.web.services.models import Draft
from zusage.web.services.queries import draft_for, in_both, read_draft, trial_of
from zusage.web.services.views import Edited, draft_context, edit, remark_text, rewrite, version_seen
from zusage.web.speech import language, said

PER_PAGE = 25
AGAINST = ("confirmed", "proposed")
REMARKS = ("design_many_classes", "design_stay_below_next", "policy_proxy")
"""What is doubtful about classes and their criteria."""


@page(*READERS, methods=("GET", "POST"))
def draft_classes(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in which class: cuts over the book, with what each class means."""
    draft = draft_for(user_of(request), pk)
    if request.method != "POST":
        return render(request, "services/classes/classes.html", _context(request, draft))
    if user_of(request).role not in DECIDERS:
        return HttpResponse(status=403)
    edited = _edited(request, draft)
    if request.htmx:  # type: ignore[attr-defined] # set by django-htmx
        return render(
            request, "services/classes/answer.html", _context(request, edited.draft, edited), status=edited.status
        )
    if edited.done:
        return redirect(f"{reverse('draft_classes', args=[pk])}#class-{request.POST.get('class', '')}")
    return render(
        request, "services/classes/classes.html", _context(request, edited.draft, edited), status=edited.status
    )


def _edited(request: HttpRequest, draft: Draft) -> Edited:
    """The draft after what was sent; each form does one thing."""
    if version_seen(request) != draft.version:
        return Edited(draft, overtaken=True)
    typed, done = request.POST.dict(), request.POST.get("do", "")
    try:
        if done in ("up", "down"):
            return _moved(request, draft, -1 if done == "up" else 1)
        if done == "take":
            return _taken(request, draft)
        wanted: Edit = EDITS[done](read_draft(draft), typed, language())
    except Refused as refused:
        return Edited(draft, tuple(refused.findings))
    except (LookupError, StopIteration):
        raise Http404 from None
    if wanted.order:
        return rewrite(
            request, draft.pk, wanted.what, lambda found: _ordered(change(found.text, wanted.changes), wanted.order)
        )
    return edit(request, draft.pk, wanted.what, wanted.changes)


def _ordered(text: str, keys: Sequence[str]) -> str:
    return reorder(text, ("classes", "best_first"), keys)


def _moved(request: HttpRequest, draft: Draft, step: int) -> Edited:
    read, key = read_draft(draft), request.POST.get("class", "")
    if key not in read.written.classes.best_first:
        raise Http404
    keys, name = ordered(read, key, step), read.policy.service_class(key).name
    return rewrite(
        request,
        draft.pk,
        Reason("classes_did_order", in_both(name=name.__getitem__)),
        lambda found: _ordered(found.text, keys),
    )


def _context(request: HttpRequest, draft: Draft, edited: Edited | None = None) -> dict[str, Any]:
    today, spoken = timezone.localdate(), language()
    read = read_draft(draft)
    found = classes_of(read, today, spoken)
    moves = Moves(user_of(request), found.plan, AGAINST[0]) if found.plan else None
    typed = request.POST.dict() if edited and not edited.done else {}
    return draft_context(request, draft, "classes", edited) | {
        "classes": found,
        "remarks": [remark_text(item, read.policy) for item in read.findings if item.reason.code in REMARKS],
        "moves": moves.counts if moves else None,
        "sizes": moves.sizes if moves else None,
        "noun": "household" if found.together else "customer",
        "offered": () if request.htmx else offered(spoken, today),  # type: ignore[attr-defined] # set by django-htmx
        "typed": typed,
        "typed_field": found.fields.get(typed.get("node", "")),
        "here": reverse("draft_classes", args=[draft.pk]),
    }


# --- who would move


@page(*READERS)
def classes_moves(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would be in another class, by name, with the criteria that decide; the undecided ones apart."""
    user = user_of(request)
    draft = draft_for(user, pk)
    plan = trial_of(read_draft(draft).policy, timezone.localdate())
    if plan is None:
        return redirect("draft_classes", pk)
    against = _one_of(request.GET.get("against"), AGAINST)
    moves = Moves(user, plan, against)
    kind = _one_of(request.GET.get("change"), CHANGES)
    rows = Paginator(moves.of(kind), PER_PAGE).get_page(request.GET.get("page"))
    context = draft_context(request, draft, "classes") | {
        "against": against,
        "sides": [(name, said(f"classes_against_{name}")) for name in AGAINST],
        "change": kind,
        "moves": moves.counts,
        "sizes": moves.sizes,
        "noun": "household" if plan.policy.household_together else "customer",
        "page": rows,
        "lines": moves.lines(list(rows), language()),
        "here": request.get_full_path(),
    }
    return render(request, "services/classes/moves.html", context)


def _one_of(wanted: str | None, known: tuple[str, ...]) -> str:
    return wanted if wanted in known else known[0]


# --- cuts proposed from the book


@page(*DECIDERS)
def classes_wish(request: HttpRequest, pk: int) -> HttpResponse:
    """The cut with which a share or a number of the book reaches a criterion, and a button that takes it."""
    draft = draft_for(user_of(request), pk)
    context: dict[str, Any] = {"asked": request.GET.dict()}
    findings: tuple[Any, ...] = ()
    try:
        context["proposed"] = _proposed(draft, request.GET.dict())
    except Refused as refused:
        findings = tuple(refused.findings)
    edited = Edited(draft, findings) if findings else None
    context |= draft_context(request, draft, "classes", edited) | {"here": reverse("draft_classes", args=[pk])}
    name = "wish" if request.htmx else "wish_page"  # type: ignore[attr-defined] # set by django-htmx
    return render(request, f"services/classes/{name}.html", context, status=422 if findings else 200)


def _taken(request: HttpRequest, draft: Draft) -> Edited:
    found = _proposed(draft, request.POST.dict())
    name = read_draft(draft).policy.service_class(request.POST.get("class", "")).name
    what = Reason("classes_did_take", in_both(name=name.__getitem__))
    return rewrite(request, draft.pk, what, lambda _: found.text)


def _proposed(draft: Draft, asked: dict[str, str]) -> Proposed:
    """What is proposed for a wish. Raises Refused where the wish cannot be read or fulfilled."""
    policy = read_draft(draft).policy
    plan = trial_of(policy, timezone.localdate())
    if plan is None:
        raise Refused([mistake("services_no_book")])
    wanted = figure(asked.get("wish", ""), "count", language())
    share = asked.get("of") != "count"
    if not isinstance(wanted, int | float) or wanted <= 0 or (wanted > 100 if share else wanted != int(wanted)):
        raise Refused([mistake("classes_wish_unreadable", text=str(asked.get("wish", "")))])
    return proposed(
        plan,
        draft.text,
        asked.get("class", ""),
        asked.get("metric", ""),
        share=f"{wanted} %" if share else None,
        count=None if share else int(wanted),
        language=language(),
    )

"""Requests about the charter come in; its page in the office, its files and its public page go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from zusage.ground.reasons import Finding, Refused
from zusage.ground.words import LANGUAGES, UNKNOWN, Language, word
from zusage.promises.charter import Charter
from zusage.report.charter import charter_html, charter_pdf
from zusage.report.charter import sheet as charter_sheet
from zusage.report.differing import metric_name
from zusage.report.letters import Sender
from zusage.web.charter.models import Sheet
from zusage.web.charter.queries import marks, sender_of, sheet
from zusage.web.charter.sheet import actions
from zusage.web.charter.sheet.forms import MarkForm, SheetForm
from zusage.web.charter.sheet.queries import (
    charter_under,
    coming_after,
    errors_of,
    findings_under,
    open_to_all,
)
from zusage.web.charter.views import frame
from zusage.web.office.actions import Overtaken
from zusage.web.office.files import as_file
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import current_version, policy_of
from zusage.web.office.rights import DECIDERS, EVERYONE, OWNER, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.office.throttle import Throttle
from zusage.web.services.queries import drafts_for
from zusage.web.services.views import mended_at
from zusage.web.speech import finding_text, language, said

KINDS = ("pdf", "html")
ASKED = Throttle("charter", most=60, seconds=60)
"""Requests of one visitor to public pages."""
ASK_AGAIN = "private, no-cache"
"""A reader's browser may keep what is public, but asks before it shows it again: what is switched off ends at once."""


# --- in the office


@page(*EVERYONE)
def telling(request: HttpRequest) -> HttpResponse:
    """The charter as customers read it, of today or of the service model to come, and what is wrong with it."""
    user, found, today = user_of(request), sheet(), timezone.localdate()
    coming = coming_after(today)
    version = _asked_version(request, coming)
    spoken = _asked_language(request)
    context = frame("telling") | {"coming": coming, "version": version, "found": found, "languages": LANGUAGES}
    if version is not None:
        charter = charter_under(version, found)
        findings = findings_under(version, found)
        context |= {"charter": charter, "shown": laid_out(charter, found, spoken), "spoken": spoken}
        context |= {"findings": [(item, _way_to_mend(user, item, version)) for item in findings]}
        context |= {"fit": not errors_of(findings), "ahead": version == coming}
    context |= {"edits": user.role in DECIDERS, "decides": user.role in OWNER, "address": _address(found)}
    context["reached"] = not settings.ADDRESS.startswith("http://localhost")
    return render(request, "charter/sheet/telling.html", context)


def _asked_version(request: HttpRequest, coming: PolicyVersion | None) -> PolicyVersion | None:
    return coming if coming and request.GET.get("which") == "coming" else current_version()


def _asked_language(request: HttpRequest) -> Language:
    """The language a page is asked for in, the reader's own where it is none of ours."""
    asked = request.GET.get("language", "")
    return next((item for item in LANGUAGES if item == asked), language())


def _address(found: Sheet) -> str:
    """The public address; empty before anybody wrote the sheet, whose address it is."""
    return settings.ADDRESS + reverse("public_charter", args=[found.token]) if found.version else ""


def laid_out(charter: Charter, found: Sheet, spoken: Language) -> SafeString:
    """The charter as a part of a page, in a language that need not be the reader's."""
    return _laid_out(charter, sender_of(found), spoken)


@lru_cache(maxsize=8)
def _laid_out(charter: Charter, who: Sender, spoken: Language) -> SafeString:
    context = {"sheet": charter_sheet(charter, spoken), "sender": who, "opening": who.opening[spoken]}
    with translation.override(spoken):
        return render_to_string("charter/sheet/charter.html", context)


def _way_to_mend(user: User, finding: Finding, version: PolicyVersion) -> str:
    """The page on which what is wrong is mended: the firm's texts, or its place in the newest open draft."""
    if not mended_at(finding, policy_of(version), 0):
        return reverse("sheet_texts") if user.role in DECIDERS else ""
    draft = drafts_for(user).first()
    return mended_at(finding, policy_of(version), draft.pk) if draft else ""


@page(*EVERYONE)
def charter_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The charter as a PDF, or as a page for the firm's own site; what is unfit for customers is not given out."""
    found, today = sheet(), timezone.localdate()
    version = _asked_version(request, coming_after(today))
    if version is None or kind not in KINDS:
        raise Http404
    if errors_of(findings_under(version, found)):
        messages.error(request, said("sheet_unfit"))
        return redirect("telling")
    spoken = _asked_language(request)
    return _download(_file(charter_under(version, found), kind, spoken, found.mark), kind, spoken, attached=True)


@lru_cache(maxsize=8)
def _file(charter: Charter, kind: str, spoken: Language, name: str) -> bytes:
    mark = marks(name).get(name, b"")
    return charter_pdf(charter, spoken, mark) if kind == "pdf" else charter_html(charter, spoken, mark).encode()


def _download(content: bytes, kind: str, spoken: Language, *, attached: bool) -> HttpResponse:
    return as_file(content, f"{word('sheet_file_name', spoken)}-{spoken}.{kind}", attached=attached)


@page(*DECIDERS, methods=("GET", "POST"))
def sheet_texts(request: HttpRequest) -> HttpResponse:
    """What the firm says of itself: its lines as a sender, its texts, what of its criteria it shows."""
    found, version = sheet(), current_version()
    if version is None:
        raise Http404
    form = SheetForm(request.POST or None, policy=policy_of(version), found=found)
    current: Sheet | None = None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            actions.edit_sheet(version=values.pop("version"), values=values, by=user_of(request), now=timezone.now())
        except Overtaken as error:
            current = error.current
            form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            form.data["version"] = str(current.version)  # type: ignore[index]
        else:
            messages.success(request, said("sheet_saved"))
            return redirect("telling")
    status = 409 if current else 422 if request.method == "POST" else 200
    context = frame("telling") | {"form": form, "versions": _versions(form, current, version)}
    return render(request, "charter/sheet/texts.html", context, status=status)


def _versions(form: SheetForm, current: Sheet | None, version: PolicyVersion) -> list[tuple[str, str, str]]:
    """What was typed beside what somebody else wrote meanwhile, where they differ: label, now, typed."""
    if current is None:
        return []
    other = SheetForm(policy=policy_of(version), found=current)
    pairs = [(field, _plain(other[field.name].value()), _plain(field.value())) for field in form if not field.is_hidden]
    return [(str(field.label), now, typed) for field, now, typed in pairs if now != typed]


def _plain(value: str | bool | list[str] | None) -> str:
    if isinstance(value, bool):
        return said("office_yes" if value else "office_no")
    listed = [metric_name(key, language()) for key in value] if isinstance(value, list) else [value or ""]
    return ", ".join(listed) or UNKNOWN


@page(*DECIDERS, methods=("GET", "POST"))
def sheet_mark(request: HttpRequest) -> HttpResponse:
    """The firm's picture: shown as it will stand everywhere, taken from a file, or taken away."""
    found, removes = sheet(), request.POST.get("what") == "remove"
    form = MarkForm(request.POST or None, request.FILES or None, initial={"version": found.version})
    if request.method == "POST" and (removes or form.is_valid()):
        version = number_sent(request.POST.get("version", ""))
        mark = b"" if removes else form.cleaned_data["mark"]
        try:
            actions.set_mark(version=version, mark=mark, by=user_of(request), now=timezone.now())
        except Overtaken:
            messages.warning(request, said("sheet_overtaken"))
        else:
            messages.success(request, said("sheet_mark_gone" if removes else "sheet_mark_kept"))
        return redirect("sheet_mark")
    context = frame("telling") | {"form": form, "found": found, "sender": sender_of(found)}
    return render(request, "charter/sheet/mark.html", context, status=422 if request.method == "POST" else 200)


@page(*OWNER, methods=("POST",))
def publish_charter(request: HttpRequest) -> HttpResponse:
    """Show the charter at its address, show it no more, or give it another address."""
    what, version = request.POST.get("what", ""), number_sent(request.POST.get("version", ""))
    steps: dict[str, Callable[..., Sheet]] = {
        "on": lambda **given: actions.make_public(public=True, **given),
        "off": lambda **given: actions.make_public(public=False, **given),
        "address": actions.new_address,
    }
    if what not in steps:
        raise Http404
    try:
        steps[what](version=version, by=user_of(request), now=timezone.now())
    except Overtaken:
        messages.warning(request, said("sheet_overtaken"))
    except Refused as refused:
        for finding in refused.findings:
            messages.error(request, finding_text(finding))
    else:
        messages.success(request, said(f"sheet_public_{what}"))
    return redirect("telling")


# --- for everybody


@dataclass(frozen=True)
class _Open:
    """What stands at a public address, in the language it is asked for."""

    charter: Charter
    found: Sheet
    spoken: Language


def _opened(request: HttpRequest, token: str) -> _Open | HttpResponse:
    """What a public address shows, else the answer that is the same for whatever is not there."""
    spoken, now = _asked_language(request), timezone.now()
    if ASKED.too_often(request, now):
        return outside(request, "wait", {"spoken": spoken}, status=429)
    stands = open_to_all(token, timezone.localdate(now))
    if stands is None:
        return outside(request, "missing", {"spoken": spoken}, status=404)
    found, version = stands
    return _Open(charter_under(version, found), found, spoken)


def outside(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for people who are not of the firm: no cookies, not for search engines."""
    spoken: Language = context["spoken"]
    with translation.override(spoken):
        html = render_to_string(f"charter/outside/{name}.html", context | {"language": spoken})
    return _not_indexed(HttpResponse(html, status=status, headers={"Content-Language": spoken}))


def _not_indexed(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    if answer.status_code == 429:
        answer["Retry-After"] = str(ASKED.seconds)
    if answer.status_code == 200:
        answer["Cache-Control"] = ASK_AGAIN
    return answer


@page()
def public_charter(request: HttpRequest, token: str) -> HttpResponse:
    """The charter for everybody who knows its address."""
    opened = _opened(request, token)
    if isinstance(opened, HttpResponse):
        return opened
    shown = laid_out(opened.charter, opened.found, opened.spoken)
    context = {"shown": shown, "firm_name": opened.charter.firm, "spoken": opened.spoken, "token": token}
    return outside(request, "charter", context)


@page()
def public_charter_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same on paper."""
    opened = _opened(request, token)
    if isinstance(opened, HttpResponse):
        return opened
    content = _file(opened.charter, "pdf", opened.spoken, opened.found.mark)
    return _not_indexed(_download(content, "pdf", opened.spoken, attached=False))

"""Requests about the rules for keeping come in; what each would let go today, and the way to switch it on, go out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job
from zusage.web.office.rights import OWNER, page, user_of
from zusage.web.privacy.keeping.actions import set_rule
from zusage.web.privacy.keeping.forms import RuleForm
from zusage.web.privacy.keeping.queries import BY_KEY, State, long_gone, states
from zusage.web.speech import counted, said

SUGGESTED_AFTER = 36
"""Months after which a former customer is suggested for erasure: claims are barred after three years (§ 195 BGB)."""
MOST = 50


@page("owner", "auditor")
def privacy(request: HttpRequest) -> HttpResponse:
    """How long what is kept, what would go today, and whom one may think of erasing."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **typed: RuleForm) -> HttpResponse:
    today = timezone.localdate()
    found = states(today)
    gone = long_gone(today, SUGGESTED_AFTER)
    context: dict[str, Any] = {
        "rules": [(item, *_words(item), typed.get(item.rule.key) or RuleForm(state=item)) for item in found],
        "size": sum(item.size for item in found if item.on),
        "any": any(item.on for item in found),
        "job": Job.objects.filter(kind="retention").first(),
        "gone": gone[:MOST],
        "gone_count": gone.count(),
        "owns": user_of(request).role in OWNER,
    }
    return render(request, "privacy/privacy.html", context, status=status)


def _words(state: State) -> tuple[str, str]:
    """The name of a rule and what it does, with what it never touches."""
    return said(f"privacy_rule_{state.rule.key}"), said(f"privacy_rule_{state.rule.key}_what")


@page(*OWNER, methods=("POST",))
def rule(request: HttpRequest, key: str) -> HttpResponse:
    """Set a rule; where somebody else did meanwhile, the page shows theirs and keeps what was typed."""
    if key not in BY_KEY:
        raise Http404
    known = next(item for item in states(timezone.localdate()) if item.rule.key == key)
    form = RuleForm(request.POST, state=known)
    if not form.is_valid():
        return _page(request, 422, **{key: form})
    if not set_rule(key=key, by=user_of(request), now=timezone.now(), **form.cleaned_data):
        form.add_error(None, said("privacy_rule_overtaken", months=counted("month", known.months), on=_on(on=known.on)))
        form.data = {**request.POST.dict(), "version": str(known.version)}
        return _page(request, 409, **{key: form})
    messages.success(request, said("privacy_rule_saved", name=said(f"privacy_rule_{key}")))
    return redirect("privacy")


def _on(*, on: bool) -> str:
    return said("office_yes" if on else "office_no")


@page(*OWNER, methods=("POST",))
def apply(request: HttpRequest) -> HttpResponse:
    """Let go now what the rules that are on let go; once at a time."""
    if not Job.objects.filter(kind="retention", state__in=("queued", "running")).exists():
        start_job("retention", now=timezone.now(), by=user_of(request))
    messages.success(request, said("privacy_started"))
    return redirect("privacy")

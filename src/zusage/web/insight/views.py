"""Requests for the capacity page come in; the page, its next answer, or a draft with a way out in it goes out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.web.customers.queries import published_run
from zusage.web.insight import actions
from zusage.web.insight.forms import AheadForm, typed_of
from zusage.web.insight.models import CapacityStudy
from zusage.web.insight.queries import assumed, fits, last_study, page_for, studying
from zusage.web.office.queries import current_version, policy_of
from zusage.web.office.rights import DECIDERS, READERS, page, user_of
from zusage.web.speech import finding_text, language, said


@page(*READERS, methods=("GET", "POST"))
def capacity(request: HttpRequest) -> HttpResponse:
    """Whether the hours suffice for the promises, when no longer, and what then; sending the form looks anew."""
    user = user_of(request)
    if request.method != "POST":
        return _show(request, _form(None))
    if user.role not in DECIDERS:
        return HttpResponse(status=403)
    form = _form(request.POST)
    if not form.is_valid():
        return _show(request, form, 422)
    try:
        actions.start_study(**form.cleaned_data, by=user, now=timezone.now())
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    return redirect("capacity")


def _form(sent: Any) -> AheadForm:
    version, last = current_version(), last_study()
    policy = policy_of(version) if version else None
    return AheadForm(sent, policy=policy, initial=typed_of(last, policy) if last else {})


def _show(request: HttpRequest, form: AheadForm, status: int = 200) -> HttpResponse:
    user, found, job, version = user_of(request), last_study(), studying(), current_version()
    context: dict[str, Any] = {
        "study": found,
        "current": fits(found, version),
        "job": job,
        "run": published_run(),
        "form": form,
        "edits": user.role in DECIDERS,
    }
    if found is not None:
        context |= {"found": page_for(user, found, language()), "growth_known": found.figures["growth_known"]}
        context |= {"takes": found.figures["changes"], "assumed": assumed(found, language())}
    part = "found" if request.htmx else "capacity"  # type: ignore[attr-defined] # set by django-htmx
    return render(request, f"insight/{part}.html", context, status=status)


@page(*DECIDERS, methods=("POST",))
def take_way(request: HttpRequest) -> HttpResponse:
    """A way out becomes a draft of the service model."""
    sent = request.POST.get("study", "")
    study = get_object_or_404(CapacityStudy, pk=int(sent) if sent.isascii() and sent.isdigit() else 0)
    try:
        draft = actions.take_way(study=study, key=request.POST.get("way", ""), by=user_of(request), now=timezone.now())
    except LookupError:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
        return redirect("capacity")
    messages.success(request, said("insight_taken"))
    return redirect("draft_check", draft.pk)

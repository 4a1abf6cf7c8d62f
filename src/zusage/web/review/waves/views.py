"""Requests about the waves come in; the weeks with their customers and the plan go out."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.web.customers.queries import published_run
from zusage.web.office.queries import policy_of
from zusage.web.office.rights import DECIDERS, OWNER, page, user_of
from zusage.web.review.waves.actions import set_grace, set_waves
from zusage.web.review.waves.forms import GraceForm, WavesForm
from zusage.web.review.waves.queries import through_on, unplanned_for, wave_plan, waves_for
from zusage.web.speech import finding_text, said


@page(*DECIDERS, "auditor")
def waves(request: HttpRequest) -> HttpResponse:
    """Which reductions are talked about in which week; the owner plans."""
    return _show(request, WavesForm(plan=wave_plan(), today=timezone.localdate()))


@page(*OWNER, methods=("POST",))
def waves_plan(request: HttpRequest) -> HttpResponse:
    """Plan the waves anew; who comes second sees the other plan and loses nothing they typed."""
    run, today = published_run(), timezone.localdate()
    if run is None:
        raise Http404
    form = WavesForm(request.POST, plan=wave_plan(), today=today)
    if not form.is_valid():
        return _show(request, form, status=422)
    values, by = form.cleaned_data, user_of(request)
    try:
        planned = set_waves(run=run, policy=policy_of(run.policy), by=by, now=timezone.now(), **values)
    except Refused as refused:
        form.add_error("per_week", finding_text(refused.findings[0]))
        return _show(request, form, status=422)
    if planned:
        messages.success(request, said("waves_planned"))
        return redirect("review_waves")
    now = wave_plan()
    again = request.POST.dict() | {"version": now.version if now else 0}
    return _show(request, WavesForm(again, plan=now, today=today), status=409)


@page(*OWNER, methods=("POST",))
def waves_grace(request: HttpRequest) -> HttpResponse:
    """More days for the customers of one wave."""
    form = GraceForm(request.POST)
    if form.is_valid():
        set_grace(**form.cleaned_data)
        messages.success(request, said("waves_grace_saved"))
    else:
        messages.error(request, said("waves_grace_wrong"))
    return redirect("review_waves")


def _show(request: HttpRequest, form: WavesForm, status: int = 200) -> HttpResponse:
    user, run, plan, today = user_of(request), published_run(), wave_plan(), timezone.localdate()
    if run is None:
        return redirect("review")
    policy = policy_of(run.policy)
    found = waves_for(user, policy, today)
    context = {
        "waves": found,
        "plan": plan,
        "through_on": through_on(policy, found),
        "behind": sum(wave.open for wave in found if wave.behind),
        "unplanned": unplanned_for(user) if plan else 0,
        "form": form if user.role == "owner" else None,
        "faster": status == 409,
    }
    return render(request, "review/waves.html", context, status=status)

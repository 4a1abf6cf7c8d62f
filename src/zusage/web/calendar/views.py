"""Requests for the calendar's pages come in, pages and steps go out."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.ground.words import listed
from zusage.web.calendar import actions
from zusage.web.calendar.forms import DoneForm
from zusage.web.calendar.queries import (
    DAYS_AHEAD,
    Agenda,
    agenda,
    due_until,
    end_of_week,
    issues_of,
    sent_together,
    touchpoint_for,
    touchpoints_for,
)
from zusage.web.office.queries import policy_in_force
from zusage.web.office.rights import EVERYONE, WRITERS, page, user_of
from zusage.web.office.sent import day_sent
from zusage.web.speech import counted, finding_text, language, said

BACK = ("today", "calendar", "caller")


@page(*EVERYONE)
def calendar_page(request: HttpRequest) -> HttpResponse:
    """What is owed unasked in the next two months, by week; one service alone where it is asked for."""
    user, today = user_of(request), timezone.localdate()
    policy = policy_in_force(today)
    names = {item.key: item.name[language()] for item in policy.services} if policy else {}
    found = due_until(user, today + timedelta(DAYS_AHEAD))
    services = sorted(set(found.order_by().values_list("service", flat=True)))
    service = request.GET.get("service", "")
    planned = agenda(found.filter(service=service) if service in services else found, issues_of(policy), today)
    context = {
        "line": _line(planned),
        "agenda": planned,
        "services": [(key, names.get(key, key)) for key in services],
        "service": service,
        "names": names,
        "today": today,
        "this_monday": end_of_week(today) - timedelta(6),
        "done": touchpoints_for(user).filter(state="done", done_on=today).exclude(sent_together(issues_of(policy))),
    }
    return render(request, "calendar/calendar.html", context)


def _line(planned: Agenda) -> str:
    """The first line of the calendar: how much of what, and the time planned for it; nothing of what there is none."""
    counts = (("contact", planned.deliveries), ("mailing", planned.issues))
    what = listed([counted(noun, size) for noun, size in counts if size], language())
    if not what:
        return said("calendar_first_none")
    if not planned.seconds:
        return said("calendar_first_untimed", what=what)
    return said("calendar_first", what=what, planned_seconds=planned.seconds)


@page(*WRITERS, methods=("POST",))
def touchpoint_done(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery is done; its minutes are noted."""
    user, today = user_of(request), timezone.localdate()
    found, form, policy = touchpoint_for(user, pk), DoneForm(request.POST), policy_in_force(today)
    if policy is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, said("calendar_minutes"))
        return _back(request)
    typed = form.cleaned_data["minutes"]
    minutes = found.seconds // 60 if typed is None else typed
    try:
        actions.mark_done(
            touchpoint=found, minutes=minutes, policy=policy, by=user, today=today, now=timezone.now(),
            seen=request.POST.get("via"),
        )  # fmt: skip
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    else:
        messages.success(request, said("calendar_did", name=found.name))
    return _back(request)


@page(*WRITERS, methods=("POST",))
def touchpoint_open(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery was not done after all."""
    found = touchpoint_for(user_of(request), pk)
    try:
        actions.mark_open(touchpoint=found)
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    else:
        messages.success(request, said("calendar_undid", name=found.name))
    return _back(request)


@page(*WRITERS, methods=("POST",))
def issue_done(request: HttpRequest) -> HttpResponse:
    """An issue went out to everybody it is promised to."""
    user, due_on = user_of(request), day_sent(request.POST.get("due_on", ""))
    if due_on is None:
        raise Http404
    service, today = request.POST.get("service", ""), timezone.localdate()
    found, policy = touchpoints_for(user).filter(service=service, due_on=due_on), policy_in_force(today)
    what = next((item.name[language()] for item in policy.services if item.key == service), "") if policy else ""
    sent = actions.mark_issue_done(found=found, what=what, by=user, today=today)
    messages.success(request, said("calendar_did_issue", households=counted("household", sent.done)))
    if sent.changed:
        messages.error(request, said("calendar_issue_changed", households=counted("household", sent.changed)))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    back = request.POST.get("back", "")
    return redirect(back if back in BACK else "calendar")

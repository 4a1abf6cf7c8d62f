"""Requests about the time sample come in, its pages and parts go out."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.money import half_up
from zusage.ground.reasons import Refused
from zusage.ground.words import UNKNOWN
from zusage.policy.document import Policy
from zusage.report.writing import decimal
from zusage.web.bridge.times import needed
from zusage.web.office.models import User
from zusage.web.office.queries import current_version, policy_of
from zusage.web.office.rights import DECIDERS, OWNER, READERS, WRITERS, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.services.models import KINDS, Taker, TimeSample
from zusage.web.services.queries import drafts_for
from zusage.web.services.sample import actions, queries
from zusage.web.services.sample.forms import SampleForm, TakePartForm
from zusage.web.services.sample.queries import Line, Proposal, Result
from zusage.web.speech import at_clock, finding_text, hm, language, pct, said

# --- for those who start it and read its results


@page(*READERS, methods=("GET", "POST"))
def time_samples(request: HttpRequest) -> HttpResponse:
    """The time samples of the firm; the owner starts one."""
    user, version = user_of(request), current_version()
    if request.method == "POST" and user.role not in OWNER:
        raise PermissionDenied
    if version is None:
        raise Http404
    policy, today = policy_of(version), timezone.localdate()
    form = SampleForm(request.POST or None, workers=queries.workers(policy), today=today)
    if request.method == "POST" and form.is_valid() and (sample := _started(form, policy, user)):
        return redirect("time_sample", sample.pk)
    samples = [*queries.samples_for(user)]
    running = next((item for item in samples if item.running), None)
    code = "hours_samples_running" if running else "hours_samples_over" if samples else "hours_samples_none"
    until = {"until_on": running.last_on} if running else {}
    context = {
        "line": said(code, **until),
        "samples": samples,
        "form": form if user.role == "owner" and not running else None,
        "needed": [(within, needed(0.3, within / 100)) for within in (10, 5)],
    }
    return render(request, "services/sample/samples.html", context, status=422 if form.errors else 200)


def _started(form: SampleForm, policy: Policy, user: User) -> TimeSample | None:
    try:
        return actions.start_sample(**form.cleaned_data, policy=policy, by=user, now=timezone.now())
    except Refused as refused:
        form.add_error(None, finding_text(refused.findings[0]))
        return None


@page(*READERS)
def time_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """What the answers of a sample say, role by role."""
    user = user_of(request)
    sample, version = queries.sample_for(user, pk), current_version()
    if version is None:
        raise Http404
    policy, now = policy_of(version), queries.shown_until(sample, timezone.now())
    takers = queries.takers_of(sample)
    results = queries.results_for(user, takers, policy, now)
    proposals, lacking = queries.proposals_of(sample, takers, results, policy, policy, language())
    given, missed = sum(item.given for item in results), sum(item.missed for item in results)
    context = {
        "sample": sample,
        "line": said(
            "hours_sample_line" if given else "hours_sample_line_none", given_count=given, missed_count=missed
        ),
        "results": [_result(item) for item in results],
        "proposals": [_proposal(item) for item in proposals],
        "lacking": said(f"hours_lacking_{lacking}") if lacking else "",
        "invited": sample.takers.count(),
        "taking": len(takers),
        "edits": user.role in DECIDERS,
        "drafts": drafts_for(user) if user.role in DECIDERS else [],
        "closes": user.role == "owner" and sample.running,
    }
    return render(request, "services/sample/sample.html", context)


def _result(result: Result) -> dict[str, Any]:
    text = ""
    if result.practical:
        share = result.practical
        text = said(
            "hours_practical_line",
            share_permille=_permille(share.share),
            low=_percent(share.low),
            high=_percent(share.high),
            given_count=result.given,
            missed_count=result.missed,
            people_count=result.people,
        )
    return {
        "result": result,
        "name": result.role.name[language()],
        "text": text,
        "rows": [_line_of(line) for line in result.lines],
    }


def _line_of(line: Line) -> dict[str, Any]:
    share, week = line.share, line.week
    return {
        "name": said(f"hours_kind_{line.kind}"),
        "share": _permille(share.share),
        "low": _percent(share.low),
        "high": _percent(share.high),
        "if_none": _percent(share.if_none),
        "if_all": _percent(share.if_all),
        "week": week.seconds if week else None,
        "week_low": hm(week.low) if week else "",
        "week_high": hm(week.high) if week else "",
    }


def _permille(share: float) -> int:
    """A share to the percent: it is no more exact than that."""
    return int(share * 100 + 0.5) * 10


def _percent(share: float) -> str:
    return pct(_permille(share))


def _proposal(item: Proposal) -> dict[str, Any]:
    """A line of what a draft could take over, each figure in its unit."""

    def text(value: int) -> str:
        if item.what == "practical":
            return pct(half_up(value, 10) * 10)
        return said("hours_minutes_text", number=decimal(half_up(value, 30) * 5, 1, language()))

    return {
        "name": item.name,
        "what": said("hours_practical_share" if item.what == "practical" else f"hours_{item.what}"),
        "contacts": UNKNOWN if item.contacts is None else item.contacts,
        "now": text(item.now),
        "measured": text(item.measured.seconds),
        "low": text(item.measured.low),
        "high": text(item.measured.high),
    }


@page(*OWNER, methods=("POST",))
def close_time_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """A sample is closed before its last day is over."""
    sample, version = queries.sample_for(user_of(request), pk), current_version()
    if version is None:
        raise Http404
    actions.close_sample(sample=sample, policy=policy_of(version), now=timezone.now())
    return redirect("time_sample", sample.pk)


# --- for those who are asked


@page(*WRITERS, methods=("GET", "POST"))
def my_moment(request: HttpRequest) -> HttpResponse:
    """What are you doing? The page on the phone; it shows a question only when its moment has come."""
    user = user_of(request)
    if request.method == "POST":
        try:
            _answered(request)
        except Refused as refused:
            messages.warning(request, finding_text(refused.findings[0]))
    fragment = bool(request.headers.get("HX-Request"))
    if request.method == "POST" and not fragment:
        return redirect("my_moment")
    taker, version = queries.taker_for(user), current_version()
    if taker is None or version is None:
        return render(request, f"services/sample/{'moment' if fragment else 'now'}.html", {"taker": None})
    if taker.joined_at is None:
        form = TakePartForm(opening=policy_of(version).opening.weekly)
        return render(request, "services/sample/now.html", {"taker": taker, "form": form})
    context = _moment(taker, timezone.now())
    if fragment and request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)  # nothing new: what somebody is about to touch stays where it is
    return render(request, f"services/sample/{'moment' if fragment else 'now'}.html", context)


def _moment(taker: Taker, now: datetime) -> dict[str, Any]:
    state = queries.now_for(taker, now)
    ask, answered = state.ask, state.answered
    old = ask is not None and (now - ask.at).total_seconds() > 120
    return {
        "taker": taker,
        "state": state,
        "kinds": KINDS,
        "old": old,
        "clock": at_clock(ask.at) if ask else "",
        "until": at_clock(ask.until) if ask else "",
        "answered_text": said(f"hours_kind_{answered.kind}") if answered else "",
        # what the page shows: where it is the same, nothing is sent again
        "seen": f"{ask.pk if ask else 0}-{old:d}-{answered.pk if answered else 0}-{state.given}-{state.missed}",
    }


def _answered(request: HttpRequest) -> None:
    user, ask = user_of(request), number_sent(request.POST.get("ask", ""))
    if request.POST.get("undo"):
        actions.undo_answer(user=user, ask=ask, now=timezone.now())
    else:
        actions.answer_ask(user=user, ask=ask, kind=request.POST.get("kind", ""), now=timezone.now())


@page(*WRITERS, methods=("POST",))
def take_part(request: HttpRequest) -> HttpResponse:
    """Somebody says yes to being asked, or does not want to be any more."""
    taker, version = queries.taker_for(user_of(request)), current_version()
    if taker is None or version is None:
        raise Http404
    if request.POST.get("leave"):
        actions.leave_sample(taker=taker)
        return redirect("my_moment")
    policy = policy_of(version)
    form = TakePartForm(request.POST, opening=policy.opening.weekly)
    if form.is_valid():
        try:
            actions.join_sample(taker=taker, **form.cleaned_data, policy=policy, seed=token_hex(16), now=timezone.now())
        except Refused as refused:
            form.add_error(None, finding_text(refused.findings[0]))
        else:
            return redirect("my_moment")
    return render(request, "services/sample/now.html", {"taker": taker, "form": form}, status=422)

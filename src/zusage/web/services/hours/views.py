"""Requests about a draft's times and hours and about the time sample come in, their pages and parts go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Refused
from zusage.ground.words import UNKNOWN, word
from zusage.policy.document import Activity, Policy, Role
from zusage.policy.edit import Change, Put
from zusage.web.bridge.reckoning import Plan
from zusage.web.bridge.times import Measured, contacts_between, needed
from zusage.web.customers.queries import published_run
from zusage.web.office.models import User
from zusage.web.office.queries import absences_by_role, current_version, policy_of
from zusage.web.office.rights import DECIDERS, OWNER, WRITERS, page, user_of
from zusage.web.review.queries import tables_of_run
from zusage.web.services.hours import actions, queries
from zusage.web.services.hours.forms import (
    Figure,
    SampleForm,
    TakePartForm,
    Typed,
    figures_of,
    minutes_text,
    number_text,
    typed_in,
    whose,
)
from zusage.web.services.hours.queries import Line, Proposal, Result
from zusage.web.services.models import KINDS, Draft, Taker, TimeSample
from zusage.web.services.queries import draft_for, drafts_for, in_both, read_draft, trial_of
from zusage.web.services.views import READERS, Edited, draft_context, edit, refused_text
from zusage.web.speech import at_clock, finding_text, hm, language, pct, said


@page(*READERS, methods=("GET", "POST"))
def draft_hours(request: HttpRequest, pk: int) -> HttpResponse:
    """How long things take and how many hours there are; each field edits the draft."""
    user = user_of(request)
    draft = draft_for(user, pk)
    if request.method == "POST":
        return _edited(request, draft)
    return render(request, "services/hours/hours.html", _page(request, draft))


def _edited(request: HttpRequest, draft: Draft) -> HttpResponse:
    policy, today = read_draft(draft).policy, timezone.localdate()
    typed = typed_in(request.POST, figures_of(draft.text, policy, today, language()), policy, language())
    edited = edit(request, draft.pk, _what(typed, policy), typed.changes) if typed.changes else Edited(draft)
    if request.headers.get("HX-Request"):
        context = _page(request, edited.draft, edited, typed)
        return render(request, "services/hours/answer.html", context | {"oob": True}, status=edited.status)
    if edited.done:
        return redirect("draft_hours", draft.pk)
    return render(
        request, "services/hours/hours.html", _page(request, edited.draft, edited, typed), status=edited.status
    )


def _what(typed: Typed, policy: Policy) -> Reason:
    """What is done, for the button that undoes it."""
    if len(typed.changes) == 1 and typed.figures:
        figure = typed.figures[0]
        return Reason(
            "hours_did_one", in_both(what=partial(word, f"hours_{figure.what}"), name=partial(whose, figure, policy))
        )
    return Reason("hours_did_several", {"edits_count": len(typed.changes)})


def _page(
    request: HttpRequest, draft: Draft, edited: Edited | None = None, typed: Typed | None = None
) -> dict[str, Any]:
    policy, today = read_draft(draft).policy, timezone.localdate()
    plan = trial_of(policy, today)
    fields = _fields(figures_of(draft.text, policy, today, language()), edited, typed)
    measured = queries.measured_of(plan, today)
    context = draft_context(request, draft, "hours", edited and _unplaced(edited, fields))
    return context | {
        "at_field": edited is not None and any(field["errors"] for field in fields.values()),
        "roles": _roles(policy, plan, fields, today),
        "activities": [_activity(item, policy, fields, measured.get(item.key)) for item in policy.activities],
        "firm_fields": [
            field for name, field in fields.items() if not name.startswith(("activities.", "resources.roles."))
        ],
        "line": _line(plan),
        "plan": plan,
        "fields": fields.values(),
        "year_text": str(today.year),
        "running": TimeSample.objects.filter(running=True).first(),
    }


def _unplaced(edited: Edited, fields: Mapping[str, dict[str, Any]]) -> Edited:
    """How an edit ended, with the reasons that stand at no field."""
    return replace(edited, findings=tuple(item for item in edited.findings if (item.where.path or "") not in fields))


def _activity(
    item: Activity, policy: Policy, fields: Mapping[str, dict[str, Any]], measured: Measured | None
) -> dict[str, Any]:
    """A line of the table of activities: its fields, and beside them what the logs measured."""
    minutes, around = (fields[f"activities.{item.key}.{what}"] for what in ("minutes", "around"))
    return {
        "item": item,
        "name": item.name[language()],
        "role": _role_name(policy, item.role),
        "fields": [minutes, around],
        "minutes": minutes["figure"].text,
        "assumed": f"activities.{item.key}.assumed",
        "measured": measured,
        "measured_text": _measured_text(measured) if measured else "",
        "takes": measured is not None and (measured.median != item.seconds or item.assumed),
    }


def _measured_text(measured: Measured) -> str:
    figures = (measured.median, measured.mean, measured.low, measured.high)
    median, mean, low, high = (minutes_text(half_up(seconds, 6) * 6, language()) for seconds in figures)
    return said("hours_measured_text", median=median, mean=mean, low=low, high=high, rows_count=measured.rows)


def _fields(figures: Mapping[str, Figure], edited: Edited | None, typed: Typed | None) -> dict[str, dict[str, Any]]:
    """Each field with its text: what was typed where the edit failed, beside what stands in the draft now."""
    failed = edited is not None and not edited.done
    changed = {figure.name for figure in typed.figures} if typed else set()
    errors: dict[str, list[str]] = {}
    for finding in edited.findings if edited else ():
        name = finding.where.path or ""
        errors.setdefault(name, []).append(refused_text(finding))
    found = {}
    for name, figure in figures.items():
        kept = failed and name in changed and typed is not None
        found[name] = {
            "figure": figure,
            "id": name.replace(".", "-"),
            "label": said(f"hours_{figure.what}"),
            "unit": said(f"hours_unit_{figure.unit}"),
            "text": typed.texts[name] if kept and typed else figure.text,
            "errors": errors.get(name, []),
            "now": figure.text if kept and edited and edited.overtaken else "",
        }
    return found


def _roles(
    policy: Policy, plan: Plan | None, fields: Mapping[str, dict[str, Any]], today: date
) -> list[dict[str, Any]]:
    owed: dict[str, int] = {}
    for load in plan.hours.loads if plan else ():
        owed[load.role] = owed.get(load.role, 0) + load.seconds
    weeks = queries.weeks_left(policy, today.year, absences_by_role(policy))
    found = []
    for role in policy.roles:
        there = role.capacity_seconds() * policy.utilisation_permille // 1000
        found.append(
            {
                "role": role,
                "name": role.name[language()],
                "fields": [field for name, field in fields.items() if name.startswith(f"resources.roles.{role.key}.")],
                "rate": (role.rate(today) + 500) // 1000,
                "there": there,
                "owed": owed.get(role.key, 0) if plan else None,
                "left": there - owed.get(role.key, 0) if plan else None,
                "weeks_text": _weeks_text(weeks.get(role.key), role),
            }
        )
    return found


def _weeks_text(weeks: queries.Weeks | None, role: Role) -> str:
    if weeks is None:
        return said("hours_weeks_nobody")
    left, planned = (number_text(milli, language()) for milli in (weeks.milli, role.weeks_milli))
    return said("hours_weeks_text", days_count=weeks.days, left=left, planned=planned)


def _role_name(policy: Policy, key: str) -> str:
    return next((role.name[language()] for role in policy.roles if role.key == key), key)


def _line(plan: Plan | None) -> str:
    """The first line: the hours owed against those there are."""
    if plan is None:
        return said("hours_line_no_book")
    hours = plan.hours
    left = hours.there_seconds - hours.owed_seconds
    code = "unknown" if hours.answer == "unknown" else "fits" if left >= 0 else "short"
    if code == "fits" and hours.short_roles:
        code = "short_role"
    names = ", ".join(_role_name(plan.policy, key) for key in hours.short_roles)
    return said(
        f"hours_line_{code}",
        owed_seconds=hours.owed_seconds,
        there_seconds=hours.there_seconds,
        left_seconds=abs(left),
        seen_permille=hours.coverage_permille,
        names=names,
    )


@page(*DECIDERS, methods=("POST",))
def take_measured(request: HttpRequest, pk: int) -> HttpResponse:
    """The measured time of an activity becomes its standard time."""
    draft, key = draft_for(user_of(request), pk), request.POST.get("activity", "")
    policy, today = read_draft(draft).policy, timezone.localdate()
    item = next((item for item in policy.activities if item.key == key), None)
    found = queries.measured_of(trial_of(policy, today), today).get(key)
    if item is None or found is None:
        raise Http404
    path = ("activities", key)
    changes = [Put((*path, "minutes"), _minutes(found.median)), Put((*path, "assumed"), False)]
    return _taken(request, pk, Reason("hours_did_take", in_both(name=item.name.__getitem__)), changes)


def _minutes(seconds: int) -> int | float:
    return seconds // 60 if seconds % 60 == 0 else round(seconds / 60, 2)


def _number(text: str) -> int:
    """The number of a row that was sent; 0, which no row has, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _taken(request: HttpRequest, pk: int, what: Reason, changes: Sequence[Change]) -> HttpResponse:
    """Measured figures are written into a draft; then its page is shown."""
    edited = edit(request, pk, what, changes)
    if edited.done:
        return redirect("draft_hours", pk)
    return render(request, "services/hours/hours.html", _page(request, edited.draft, edited), status=edited.status)


# --- the time sample, for those who start it and read its results


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
    return render(request, "services/hours/samples.html", context, status=422 if form.errors else 200)


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
    proposals, lacking = _proposals(sample, takers, results, policy, policy)
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
    return render(request, "services/hours/sample.html", context)


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
        return said("hours_minutes_text", number=minutes_text(half_up(value, 30) * 30, language()))

    return {
        "name": item.name,
        "what": said("hours_practical_share" if item.what == "practical" else f"hours_{item.what}"),
        "contacts": UNKNOWN if item.contacts is None else item.contacts,
        "now": text(item.now),
        "measured": text(item.measured.seconds),
        "low": text(item.measured.low),
        "high": text(item.measured.high),
    }


def _proposals(
    sample: TimeSample, takers: Sequence[Taker], results: Sequence[Result], policy: Policy, target: Policy
) -> tuple[list[Proposal], str]:
    """What the service model `target` could take over of a sample, and why times per contact are not among it."""
    now, today = timezone.now(), timezone.localdate()
    found = queries.proposed_shares(results, target, language())
    if sample.running or not queries.everybody_takes_part(takers, results, policy):
        return found, "running" if sample.running else "partly"
    run, plan = published_run(), trial_of(target, today)
    if run is None or plan is None:
        return found, "no_log"
    contacts = contacts_between(tables_of_run(run, today), plan, sample.first_on, sample.last_on)
    seen = [queries.seen_of(taker, policy, now) for taker in takers]
    times = queries.proposed_times(seen, contacts, target, language())
    return found + times, "" if times else "no_log"


@page(*DECIDERS, methods=("POST",))
def take_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """What a sample measured is written into a draft."""
    user = user_of(request)
    draft, version = draft_for(user, pk), current_version()
    if version is None:
        raise Http404
    sample, policy = queries.sample_for(user, _number(request.POST.get("sample", ""))), policy_of(version)
    takers = queries.takers_of(sample)
    results = queries.results_for(user, takers, policy, queries.shown_until(sample, timezone.now()))
    proposals, _ = _proposals(sample, takers, results, policy, read_draft(draft).policy)
    changes = [change for item in proposals for change in item.changes]
    if not changes:
        raise Http404
    what = Reason("hours_did_sample", {"from_on": sample.first_on.isoformat(), "to_on": sample.last_on.isoformat()})
    return _taken(request, pk, what, changes)


@page(*OWNER, methods=("POST",))
def close_time_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """A sample is closed before its last day is over."""
    sample, version = queries.sample_for(user_of(request), pk), current_version()
    if version is None:
        raise Http404
    actions.close_sample(sample=sample, policy=policy_of(version), now=timezone.now())
    return redirect("time_sample", sample.pk)


# --- the time sample, for those who are asked


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
        return render(request, f"services/hours/{'moment' if fragment else 'now'}.html", {"taker": None})
    if taker.joined_at is None:
        form = TakePartForm(opening=policy_of(version).opening.weekly)
        return render(request, "services/hours/now.html", {"taker": taker, "form": form})
    context = _moment(taker, timezone.now())
    if fragment and request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)  # nothing new: what somebody is about to touch stays where it is
    return render(request, f"services/hours/{'moment' if fragment else 'now'}.html", context)


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
    user, ask = user_of(request), _number(request.POST.get("ask", ""))
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
    return render(request, "services/hours/now.html", {"taker": taker, "form": form}, status=422)

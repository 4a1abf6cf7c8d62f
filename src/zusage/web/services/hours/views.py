"""Requests about a draft's times and hours and about the time sample come in, their pages and parts go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.money import half_up
from zusage.ground.reasons import Reason
from zusage.ground.words import word
from zusage.policy.document import Activity, Policy, Role
from zusage.policy.edit import Change, Put
from zusage.web.bridge.reckoning import Plan
from zusage.web.bridge.times import Measured
from zusage.web.office.queries import absences_by_role, current_version, policy_of
from zusage.web.office.rights import DECIDERS, READERS, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.services.hours import queries
from zusage.web.services.hours.forms import (
    Figure,
    Typed,
    figures_of,
    minutes_text,
    number_text,
    typed_in,
    whose,
)
from zusage.web.services.models import Draft, TimeSample
from zusage.web.services.queries import draft_for, in_both, read_draft, trial_of
from zusage.web.services.sample.queries import proposals_of, results_for, sample_for, shown_until, takers_of
from zusage.web.services.views import Edited, draft_context, edit, refused_text
from zusage.web.speech import language, said


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


def _taken(request: HttpRequest, pk: int, what: Reason, changes: Sequence[Change]) -> HttpResponse:
    """Measured figures are written into a draft; then its page is shown."""
    edited = edit(request, pk, what, changes)
    if edited.done:
        return redirect("draft_hours", pk)
    return render(request, "services/hours/hours.html", _page(request, edited.draft, edited), status=edited.status)


@page(*DECIDERS, methods=("POST",))
def take_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """What a sample measured is written into a draft."""
    user = user_of(request)
    draft, version = draft_for(user, pk), current_version()
    if version is None:
        raise Http404
    sample, policy = sample_for(user, number_sent(request.POST.get("sample", ""))), policy_of(version)
    takers = takers_of(sample)
    results = results_for(user, takers, policy, shown_until(sample, timezone.now()))
    proposals, _ = proposals_of(sample, takers, results, policy, read_draft(draft).policy, language())
    changes = [change for item in proposals for change in item.changes]
    if not changes:
        raise Http404
    what = Reason("hours_did_sample", {"from_on": sample.first_on.isoformat(), "to_on": sample.last_on.isoformat()})
    return _taken(request, pk, what, changes)

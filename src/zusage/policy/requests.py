"""Opening hours, urgency, allowance and touchpoints as written come in, their frozen and complete forms go out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from zusage.ground.reasons import Refused
from zusage.ground.worktime import Calendar, Season
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy import written as w
from zusage.policy.document import (
    URGENT,
    AllowanceRules,
    Blocks,
    Dated,
    Opening,
    OpeningSeason,
    Promise,
    Requests,
    Response,
    Urgency,
)
from zusage.policy.mistakes import Mistakes, shown
from zusage.policy.resources import VAT
from zusage.policy.terms import CHANNELS, read_response

Week = tuple[tuple[str, Blocks], ...]

OFFICE: Blocks = (("09:00", "12:00"), ("13:00", "17:00"))
OFFICE_WEEK: Week = tuple((day, OFFICE) for day in WEEKDAYS[:5])
CLOSED = ("closed", "none", "")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CUT_OFF = 2 * 3600
USUAL: Mapping[Urgency, Response] = {
    "emergency": Response("within_hours", 2),
    "claim": Response("same_day"),
    "deadline": Response("same_day"),
}
WEIGHTS: Mapping[str, int] = {"visit": 3000, "video": 2000, "email": 500, "message": 500, "portal": 500}
"""Assumptions: how many contacts of an allowance one on this channel takes, in thousandths; 1000 for the others."""
_BLOCK = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–]\s*(\d{1,2})(?::(\d\d))?")


def freeze_opening(written: w.Opening, zone: str, mistakes: Mistakes) -> Opening:
    """The opening hours, checked as a calendar: Monday to Friday 9–12 and 13–17 where nothing is written."""
    before = len(mistakes.found)
    with mistakes.inside("hours"):
        weekly = _week(written.hours, mistakes) if written.hours else OFFICE_WEEK
    days = []
    for key, hours in written.days.items():
        with mistakes.inside("days", key):
            day = _day(key, mistakes)
            days.append((day, _blocks(hours, mistakes)))
    opening = Opening(
        weekly=weekly,
        days=tuple(sorted(days)),
        seasons=tuple(_season(number, item, mistakes) for number, item in enumerate(written.seasons)),
        closures=tuple(_span("closures", number, item, mistakes) for number, item in enumerate(written.closures)),
    )
    if len(mistakes.found) == before:
        _check(opening, zone, mistakes)
    return opening


def opening_calendar(opening: Opening, zone: str) -> Calendar:
    """The calendar of opening hours without public holidays; raises Refused with all mistakes of theirs."""
    return Calendar.of(
        zone,
        dict(opening.weekly),
        seasons=[Season(item.first, item.last, dict(item.weekly)) for item in opening.seasons],
        shifts=dict(opening.days),
        closures=opening.closures,
    )


def _check(opening: Opening, zone: str, mistakes: Mistakes) -> None:
    try:
        opening_calendar(opening, zone)
    except Refused as refused:
        for finding in refused.findings:
            if finding.reason.code != "worktime_unknown_zone":  # told where the zone stands
                steps = _steps(finding.where.path or "")
                mistakes.add(finding.reason.code, *steps, severity=finding.severity, **finding.reason.values)
        return
    if not any(blocks for _, blocks in opening.weekly):
        mistakes.add("policy_never_open", "hours")


def _steps(path: str) -> list[str | int]:
    """A path of the calendar as one of the service model: `weekly.mon[0]` is `hours`, `mon`, 0."""
    names = {"weekly": "hours", "shifts": "days"}
    return [int(part) if part.isdigit() else names.get(part, part) for part in re.findall(r"[\w-]+", path)]


def _week(written: Mapping[str, Any], mistakes: Mistakes) -> Week:
    found: dict[str, Blocks] = {}
    for key, hours in written.items():
        first, _, last = key.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            mistakes.add("policy_not_weekdays", key, text=shown(key))
            continue
        with mistakes.inside(key):
            blocks = _blocks(hours, mistakes)
        named = WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1]
        if not named or found.keys() & set(named):
            mistakes.add("policy_weekdays_twice" if named else "policy_not_weekdays", key, text=shown(key))
        found.update(dict.fromkeys(named, blocks))
    return tuple((day, found[day]) for day in WEEKDAYS if found.get(day)) if found else ()


def _blocks(written: Any, mistakes: Mistakes) -> Blocks:
    """Blocks of `9-12, 13:00-17:30`; none of `closed`."""
    if written is None or written is False or str(written).strip() in CLOSED:
        return ()
    found = [_BLOCK.fullmatch(part.strip()) for part in str(written).split(",")]
    if not all(found):
        mistakes.add("policy_not_hours", text=shown(written))
        return ()
    return tuple((_clock(match[1], match[2]), _clock(match[3], match[4])) for match in found if match)


def _clock(hour: str, minute: str | None) -> str:
    return f"{int(hour):02d}:{minute or '00'}"


def _day(written: str, mistakes: Mistakes) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        mistakes.add("policy_not_date", text=shown(written))
        return date.min


def _season(number: int, written: w.Season, mistakes: Mistakes) -> OpeningSeason:
    first, last = _span("seasons", number, written, mistakes)
    with mistakes.inside("seasons", number, "hours"):
        return OpeningSeason(first, last, _week(written.hours, mistakes))


def _span(part: str, number: int, written: w.Season | w.Closure, mistakes: Mistakes) -> tuple[date, date]:
    for name in ("first", "last"):
        if getattr(written, name) is None:
            mistakes.add("policy_required", part, number, name, field=name)
    return written.first or date.min, written.last or date.min


def check_windows(opening: Opening, promises: Iterable[tuple[str, Sequence[Promise]]], mistakes: Mistakes) -> None:
    """Note windows of bundled answers in which the firm is never open: nothing would ever be due."""
    week = dict(opening.weekly)
    for key, cells in promises:
        for promise in cells:
            open_then = any(_overlap(week.get(day, ()), promise) for day in promise.weekdays)
            told = mistakes.below("opening") or mistakes.below("matrix", promise.service)
            if promise.mode == "windows" and not open_then and not told:
                mistakes.add("policy_window_closed", "matrix", promise.service, key)


def _overlap(blocks: Blocks, promise: Promise) -> bool:
    """Whether a window lies in one of the blocks at least in part; one that ends before it begins runs overnight."""
    begin, end = (
        f"{(minute or 0) // 60:02d}:{(minute or 0) % 60:02d}" for minute in (promise.from_minute, promise.to_minute)
    )
    return any(opens < end and (begin < closes or closes <= opens) for opens, closes in blocks)


def freeze_requests(written: w.Requests, classes: Sequence[str], mistakes: Mistakes) -> Requests:
    """How fast requests are answered: the standard, and for each urgency and class its own."""
    standard = Response("next_workday")
    if written.response is not None:
        with mistakes.inside("response"):
            standard = read_response(written.response, mistakes) or standard
    urgent = []
    for urgency in URGENT:
        with mistakes.inside("urgency", urgency):
            urgent.append((urgency, _urgent(getattr(written.urgency, urgency), USUAL[urgency], classes, mistakes)))
    cut_off = CUT_OFF if written.cut_off is None else written.cut_off
    if cut_off > 24 * 3600:
        mistakes.add("policy_cut_off", "cut_off")
    return Requests(standard, cut_off, tuple(urgent))


def _urgent(
    written: Any, usual: Response, classes: Sequence[str], mistakes: Mistakes
) -> tuple[tuple[str, Response], ...]:
    """One response for every class; classes that are not named keep the usual one."""
    if not isinstance(written, Mapping) or "mode" in written:
        one = usual if written is None else read_response(written, mistakes) or usual
        return tuple((key, one) for key in classes)
    found = dict.fromkeys(classes, usual)
    for key, value in written.items():
        if key not in found:
            mistakes.unknown("policy_unknown_class", key, classes, key)
            continue
        with mistakes.inside(key):
            found[key] = read_response(value, mistakes) or usual
    return tuple(found.items())


def freeze_allowance(written: w.Allowance, promises: Iterable[Promise], mistakes: Mistakes) -> AllowanceRules:
    """The rules of allowances; charging, here or in a cell of the matrix, needs a price."""
    weights = {channel: WEIGHTS.get(channel, 1000) for channel in CHANNELS}
    for channel, weight in written.weights.items():
        if channel not in CHANNELS:
            mistakes.unknown("policy_unknown_channel", channel, CHANNELS, "weights", channel)
        elif weight is not None:
            weights[channel] = weight
    if written.channel not in CHANNELS:
        mistakes.unknown("policy_unknown_channel", written.channel, CHANNELS, "channel")
    charged = written.used_up == "charge" or any(promise.used_up == "charge" for promise in promises)
    if charged and written.quarter_hour is None:
        mistakes.add("policy_charge_without_price", "quarter_hour")
    return AllowanceRules(
        roll_over=written.roll_over,
        weights=tuple(weights.items()),
        used_up=written.used_up,
        channel=written.channel,
        quarter_cents=written.quarter_hour or Dated(((None, 0),)),
        tax_permille=written.tax or VAT,
        charge_consumers=written.charge_consumers,
    )


def freeze_months(written: Sequence[str], field: str, mistakes: Mistakes) -> tuple[int, ...]:
    """Months from 1 to 12 of names such as `dec`."""
    for number, name in enumerate(written):
        if name not in MONTHS:
            mistakes.unknown("policy_not_month", name, MONTHS, field, number)
    found = sorted({MONTHS.index(name) + 1 for name in written if name in MONTHS})
    if len(found) == len(MONTHS):
        mistakes.add("policy_no_month_left", field)
    return tuple(found)

"""Questions of other programs come in, one JSON object each; answers go out as JSON: a result, or a code with a text.

The format stands in docs/developer/worktime.md. Whatever comes in, an answer goes out: mistakes are answers too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.ground.words import Language, say_finding
from zusage.ground.worktime.calendar import Calendar, Period
from zusage.ground.worktime.hours import Season, WrittenBlocks, WrittenWeek
from zusage.ground.worktime.public import PublicHolidays

Read = TypeVar("Read")
Fields = Mapping[str, Any]

CALENDAR_FIELDS = ("tz", "weekly", "holidays", "seasons", "shifts", "breaks", "closures")


def answer_lines(lines: Iterable[str], language: Language = "en") -> Iterator[str]:
    """One JSON answer for each line, in order; a line that is no JSON gets an error answer too."""
    for line in lines:
        try:
            reply = answer(json.loads(line), language)
        except (ValueError, RecursionError):
            reply = _error([mistake("worktime_bad_json")], language)
        yield json.dumps(reply)


def answer(question: object, language: Language = "en") -> dict[str, object]:
    """The answer to one decoded JSON question: `result`, or `error` (a code) and `message` (every mistake in words)."""
    try:
        return {"result": _plain(_result(question))}
    except Refused as refused:
        return _error(refused.findings, language)


def _error(findings: Iterable[Finding], language: Language) -> dict[str, object]:
    findings = list(findings)
    return {
        "error": findings[0].reason.code.removeprefix("worktime_"),
        "message": " ".join(say_finding(finding, language) for finding in findings),
    }


def _plain(result: object) -> object:
    if isinstance(result, datetime):
        return result.isoformat()
    if isinstance(result, list):
        return [[begin.isoformat(), end.isoformat()] for begin, end in result]
    return result


def _result(question: object) -> bool | int | datetime | list[Period]:
    mistakes: list[Finding] = []
    written = _object(question, "", mistakes)
    op = _field(written, "op", _text, mistakes)
    operation = OPERATIONS.get(op or "")
    if op is not None and operation is None:
        mistakes.append(mistake("worktime_unknown_op", Place(path="op"), **not_among(str(op), OPERATIONS)))
    needed = operation[0] if operation else ()
    fields = {name: _field(written, name, READERS[name], mistakes) for name in needed}
    if op == "periods":
        fields |= {name: _optional(written, name, READERS[name], mistakes) for name in ("end", "count")}
    pauses = _optional(written, "pauses", _spans, mistakes) or []
    calendar = _field(written, "calendar", _calendar, mistakes)
    if mistakes or operation is None or calendar is None:
        raise Refused(mistakes)
    return operation[1](calendar.minus(pauses), fields)


def _calendar(value: object, path: str, mistakes: list[Finding]) -> Calendar | None:
    try:
        # questions of one program mostly share a calendar, whose years are worth keeping
        return _held_calendar(json.dumps(value, default=str))
    except Refused as refused:
        mistakes += refused.findings
        return None


@lru_cache(maxsize=32)
def _held_calendar(text: str) -> Calendar:
    mistakes: list[Finding] = []
    written = _object(json.loads(text), "calendar", mistakes)
    for key in written.keys() - set(CALENDAR_FIELDS):
        known = ", ".join(CALENDAR_FIELDS)
        mistakes.append(mistake("worktime_unknown_field", Place(path="calendar"), field=key, known=known))
    zone = _field(written, "tz", _text, mistakes)
    weekly = _field(written, "weekly", _week, mistakes)
    days, public = _optional(written, "holidays", _holidays, mistakes) or ([], None)
    seasons = _optional(written, "seasons", _seasons, mistakes)
    shifts = _optional(written, "shifts", _days, mistakes)
    breaks = _optional(written, "breaks", _days, mistakes)
    closures = _optional(written, "closures", _spans, mistakes)
    if mistakes or zone is None or weekly is None:
        raise Refused(mistakes)
    return Calendar.of(
        zone,
        weekly,
        holidays=days,
        public=public,
        seasons=seasons or [],
        shifts=shifts or {},
        breaks=breaks or {},
        closures=closures or [],
    )


# What an operation needs, and how it is solved. Days come back at the clock time of the start, within the day's hours.
OPERATIONS: dict[str, tuple[tuple[str, ...], Callable[[Calendar, Fields], bool | int | datetime | list[Period]]]] = {
    "add": (("start", "duration_s"), lambda clock, q: clock.add(q["start"], q["duration_s"])),
    "sub": (("start", "duration_s"), lambda clock, q: clock.subtract(q["start"], q["duration_s"])),
    "between": (("start", "end"), lambda clock, q: clock.between(q["start"], q["end"])),
    "add_days": (("start", "days"), lambda clock, q: clock.on_day(q["start"], clock.add_days(q["start"], q["days"]))),
    "sub_days": (
        ("start", "days"),
        lambda clock, q: clock.on_day(q["start"], clock.subtract_days(q["start"], q["days"])),
    ),
    "days_between": (("start", "end"), lambda clock, q: clock.days_between(q["start"], q["end"])),
    "is_open": (("start",), lambda clock, q: clock.is_open(q["start"])),
    "next_open": (("start",), lambda clock, q: clock.next_open(q["start"])),
    "next_close": (("start",), lambda clock, q: clock.next_close(q["start"])),
    "periods": (("start",), lambda clock, q: clock.periods(q["start"], q["end"], q["count"])),
}


def _field(
    written: Fields, name: str, read: Callable[[object, str, list[Finding]], Read], mistakes: list[Finding]
) -> Read | None:
    if written.get(name) is None:
        mistakes.append(mistake("worktime_missing_field", field=name))
        return None
    return read(written[name], name, mistakes)


def _optional(
    written: Fields, name: str, read: Callable[[object, str, list[Finding]], Read], mistakes: list[Finding]
) -> Read | None:
    return None if written.get(name) is None else read(written[name], name, mistakes)


def _object(value: object, path: str, mistakes: list[Finding]) -> Fields:
    if isinstance(value, Mapping):
        return value
    mistakes.append(mistake("worktime_not_object", Place(path=path or None)))
    return {}


def _list(value: object, path: str, mistakes: list[Finding]) -> list[object]:
    if isinstance(value, list):
        return value
    mistakes.append(mistake("worktime_not_list", Place(path=path)))
    return []


def _text(value: object, path: str, mistakes: list[Finding]) -> str | None:
    if isinstance(value, str):
        return value
    mistakes.append(mistake("worktime_not_text", Place(path=path)))
    return None


def _whole(value: object, path: str, mistakes: list[Finding]) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    mistakes.append(mistake("worktime_not_number", Place(path=path)))
    return None


def _moment(value: object, path: str, mistakes: list[Finding]) -> datetime | None:
    text = _text(value, path, mistakes)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        mistakes.append(mistake("worktime_bad_time", Place(path=path), moment=text))
        return None
    if moment.utcoffset() is None:
        mistakes.append(mistake("worktime_naive_time", Place(path=path), moment=text))
        return None
    return moment


def _day(value: object, path: str, mistakes: list[Finding]) -> date | None:
    text = _text(value, path, mistakes)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        mistakes.append(mistake("worktime_bad_date", Place(path=path), day=text))
        return None


def _pairs(
    value: object, path: str, read: Callable[[object, str, list[Finding]], Read | None], mistakes: list[Finding]
) -> list[tuple[Read, Read]]:
    found = []
    for index, pair in enumerate(_list(value, path, mistakes)):
        where = f"{path}[{index}]"
        if not isinstance(pair, list) or len(pair) != 2:
            mistakes.append(mistake("worktime_not_pair", Place(path=where)))
            continue
        begin, end = (read(part, where, mistakes) for part in pair)
        if begin is not None and end is not None:
            found.append((begin, end))
    return found


def _spans(value: object, path: str, mistakes: list[Finding]) -> list[tuple[datetime, datetime]]:
    return _pairs(value, path, _moment, mistakes)


def _blocks(value: object, path: str, mistakes: list[Finding]) -> WrittenBlocks:
    return _pairs(value, path, _text, mistakes)


def _week(value: object, path: str, mistakes: list[Finding]) -> WrittenWeek:
    return {key: _blocks(blocks, f"{path}.{key}", mistakes) for key, blocks in _object(value, path, mistakes).items()}


def _days(value: object, path: str, mistakes: list[Finding]) -> dict[date, WrittenBlocks]:
    found = {}
    for key, blocks in _object(value, path, mistakes).items():
        day = _day(key, path, mistakes)
        if day is not None:
            found[day] = _blocks(blocks, f"{path}.{key}", mistakes)
    return found


def _dates(value: object, path: str, mistakes: list[Finding]) -> list[date]:
    days = [_day(day, f"{path}[{index}]", mistakes) for index, day in enumerate(_list(value, path, mistakes))]
    return [day for day in days if day is not None]


def _holidays(value: object, path: str, mistakes: list[Finding]) -> tuple[list[date], PublicHolidays | None]:
    if isinstance(value, list):
        return _dates(value, path, mistakes), None
    written = _object(value, path, mistakes)
    country = _field(written, "country", _text, mistakes)
    subdiv = _optional(written, "subdiv", _text, mistakes)
    names = _optional(written, "categories", _list, mistakes) or []
    categories = [_text(name, f"{path}.categories", mistakes) for name in names]
    days = _optional(written, "dates", _dates, mistakes) or []
    return days, PublicHolidays(country or "", subdiv, tuple(filter(None, categories)))


def _seasons(value: object, path: str, mistakes: list[Finding]) -> list[Season]:
    found = []
    for index, season in enumerate(_list(value, path, mistakes)):
        written = _object(season, f"{path}[{index}]", mistakes)
        first, last = (_field(written, name, _day, mistakes) for name in ("from", "to"))
        weekly = _field(written, "weekly", _week, mistakes)
        if first and last and weekly is not None:
            found.append(Season(first, last, weekly))
    return found


READERS: dict[str, Callable[[object, str, list[Finding]], object]] = {
    "start": _moment,
    "end": _moment,
    "duration_s": _whole,
    "days": _whole,
    "count": _whole,
}

"""Typed logs of work and call lists come in; rows of work with customers, and the days logs cover, come out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from zusage.book.assemble import Assembly, Columns, Owners, add_split, owners_of_lines, span
from zusage.book.joining import AMBIGUOUS
from zusage.book.parse import Typed, header_of
from zusage.book.recognise import Source
from zusage.book.sources.fritzbox import Calls, read_calls
from zusage.ground.reasons import Place, warning


def add_work(assembly: Assembly, typed: Typed) -> None:
    """Meetings, calls and times of a log with columns of its own."""
    for name in ("private", "cancelled"):
        _leave_out(typed, name)
    moments = typed.column("done_on")
    days = [moment[0] for moment in moments]
    starts = [_second(start, moment[1]) for moment, start in zip(moments, typed.column("start"), strict=True)]
    usual = typed.source.mapping.log or _log_of(typed)
    logs = [entry or usual for entry in typed.column("log")]
    plain = ("activity", "direction", "place", "topic", "lines")
    columns: Columns = {
        "log": logs,
        "done_on": days,
        "start_second": starts,
        "seconds": _seconds(typed, days, starts),
        **{name: typed.column(name) for name in plain},
        **{name: _one_or_zero(typed.column(name)) for name in ("new", "rush")},
    }
    owners = _owners(assembly, typed)
    add_split(assembly, typed, "work", columns, owners)
    assembly.total(typed, usual, len(owners.lost), **span(days))
    for name in dict.fromkeys(logs):
        covered = [day for day, entry in zip(days, logs, strict=True) if entry == name]
        assembly.covered.append((name, min(covered), max(covered)))


def _leave_out(typed: Typed, name: str) -> None:
    """Private and cancelled appointments are nobody's work."""
    marked = typed.column(name)
    if any(marked):
        typed.skipped[name] += sum(1 for mark in marked if mark)
        typed.keep([not mark for mark in marked])


def _log_of(typed: Typed) -> str:
    if {"phone", "direction"} & set(typed.values):
        return "calls"
    return "times" if "activity" in typed.values else "meetings"


def _second(start: Any, of_day: int | None) -> int | None:
    if isinstance(start, tuple):
        return None if start[1] is None else int(start[1])  # the column of times repeats the day
    return of_day if start is None else start


def _one_or_zero(flags: Sequence[bool | None]) -> list[int | None]:
    return [None if flag is None else int(flag) for flag in flags]


def _seconds(typed: Typed, days: Sequence[date], starts: Sequence[int | None]) -> list[int | None]:
    """The measured duration, else from start to end; an end before the start is told of and leaves it unknown."""
    found: list[int | None] = []
    ends = zip(typed.column("end"), typed.column("end_on"), strict=True)
    for row, (measured, (end, end_on)) in enumerate(zip(typed.column("duration"), ends, strict=True)):
        seconds = measured if measured is not None else _between(days[row], starts[row], end, end_on)
        if seconds is not None and seconds < 0:
            typed.reject(typed.lines[row], header_of(typed, "end"), "book_ends_before_start", days[row], used=True)
            seconds = None
        found.append(seconds)
    return found


def _between(day: date, start: int | None, end: Any, end_on: Any) -> int | None:
    last_day, second = end if isinstance(end, tuple) else (end_on[0] if end_on else day, end)
    if start is None or second is None:
        return None
    return int((last_day - day).days * 86_400 + second - start)


def _owners(assembly: Assembly, typed: Typed) -> Owners:
    """By the customer's or the contract's number, else by the phone number; a stranger's number is never kept."""
    owners = owners_of_lines(assembly, typed)
    if "phone" not in typed.values:
        return owners
    numbers = typed.column("phone")
    keys = dict(zip(owners.lost, owners.keys, strict=True))
    reasons = dict(zip(owners.lost, owners.reasons, strict=True))
    for row in owners.lost:
        if keys[row] is None:
            owners.customers[row], reasons[row] = _owner_of(assembly.phones, numbers[row])
    lost = [row for row in owners.lost if owners.customers[row] is None]
    return Owners(owners.customers, owners.contracts, lost, [reasons[row] for row in lost], [keys[row] for row in lost])


def _owner_of(phones: Mapping[str, str], numbers: Sequence[str]) -> tuple[str | None, str]:
    """The customer of a call; the reason counts only where there is none."""
    if not numbers:
        return None, "no_number"
    hits = [phones[number] for number in numbers if number in phones]
    return (hits[0] if hits and AMBIGUOUS not in hits else None), "unknown_number"


# --- call lists of a FRITZ!Box


@dataclass
class CallList:
    """One export: its lines that can be read."""

    typed: Typed
    calls: Calls
    rows: list[int]


def read_call_list(source: Source, country: str) -> CallList:
    """The calls of an export; lines that cannot be read are rejected, without any number in the message."""
    typed = Typed(source, source.sheet.lines)
    for line, _ in source.sheet.overlong:
        typed.reject(line, "", "book_line_too_long", "")
    calls = read_calls(source.sheet, country, source.mapping.types)
    rows = []
    for row, line in enumerate(source.sheet.lines):
        bad = calls.first_bad(row)
        if bad:
            header, code, text = bad
            typed.reject(line, header, code, text)
        else:
            rows.append(row)
    return CallList(typed, calls, rows)


def add_calls(assembly: Assembly, lists: Sequence[CallList]) -> None:
    """All exports of the box together: what two of them hold is one call, what one of them holds twice is two.

    A box keeps only its last few hundred calls, so exports overlap. Equal lines (direction, moment, number, duration)
    count as often as in the export that holds most of them.
    """
    taken: Counter[Any] = Counter()
    for entry in sorted(lists, key=_first_moment):
        own: Counter[Any] = Counter()
        fresh = []
        for row in entry.rows:
            key = entry.calls.key(row)
            own[key] += 1
            if own[key] > taken[key]:
                fresh.append(row)
        taken |= own
        entry.typed.skipped["overlap"] += len(entry.rows) - len(fresh)
        _add_list(assembly, entry, fresh)


def _first_moment(entry: CallList) -> tuple[Any, str]:
    return min((_moment(entry, row) for row in entry.rows), default=(date.min, 0)), entry.typed.file


def _moment(entry: CallList, row: int) -> tuple[date, int]:
    day, second = entry.calls.moments[row]
    return day, second or 0


def _add_list(assembly: Assembly, entry: CallList, rows: list[int]) -> None:
    calls, typed = entry.calls, entry.typed
    all_days = span(calls.moments[row][0] for row in entry.rows)
    typed.lines = [typed.source.sheet.lines[row] for row in rows]
    found = [_owner_of(assembly.phones, calls.numbers[row]) for row in rows]
    columns: Columns = {
        "log": ["calls"] * len(rows),
        "done_on": [calls.moments[row][0] for row in rows],
        "start_second": [calls.moments[row][1] for row in rows],
        "direction": [calls.directions[row] for row in rows],
        "seconds": [calls.seconds[row] for row in rows],
    }
    lost = [at for at, (customer, _) in enumerate(found) if customer is None]
    reasons = [found[at][1] for at in lost]
    owners = Owners([customer for customer, _ in found], [None] * len(rows), lost, reasons, [None] * len(lost))
    add_split(assembly, typed, "work", columns, owners)
    assembly.total(typed, "calls", len(lost), **all_days)
    if all_days["first_on"] and all_days["last_on"]:
        assembly.covered.append(("calls", all_days["first_on"], all_days["last_on"]))


# --- days covered


def add_logs(assembly: Assembly) -> None:
    """The days each log covers, joined where exports touch; gaps between exports of calls are named."""
    by_log: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for log, first, last in sorted(assembly.covered):
        spans = by_log[log]
        if spans and first <= spans[-1][1] + timedelta(days=1):
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    for log, spans in by_log.items():
        firsts, lasts = [first for first, _ in spans], [last for _, last in spans]
        columns: Columns = {"log": [log] * len(spans), "first_on": firsts, "last_on": lasts}
        assembly.add("logs", len(spans), columns)
        for (_, last), (first, _) in pairwise(spans):
            values = {"first_on": last + timedelta(days=1), "last_on": first - timedelta(days=1)}
            if log == "calls":
                assembly.findings.append(warning("book_calls_gap", Place(), **values))

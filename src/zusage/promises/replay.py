"""Past calls and a policy come in, what the policy would have promised and what was kept goes out.

A missed call asks for a call back. The firm reacted with the next call to the same customer, or when it next answered
one of theirs. Without either the promise is *not evidenced* (a mobile may have been used), never broken. Further missed
calls before one reaction are one matter. Every due moment equals that of `decide`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from zusage import engine
from zusage.engine import Frame, Schema
from zusage.ground.money import half_up
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Refused, mistake
from zusage.ground.worktime import Calendar
from zusage.ground.worktime.vector import Moments
from zusage.policy.document import Policy, Promise, Response
from zusage.promises.clock import calendar_of
from zusage.promises.vector import due_many

MEMBERS: Schema = {"customer_id": nw.String, "class_key": nw.String}
OUTCOMES = ("kept", "late", "not_evidenced", "open")
GAP_DAYS = 3
"""So many working days without a single call are a hole in the log, not a quiet week (an assumption)."""

Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class ClassShare:
    """How a class would have fared: missed calls by outcome, and against the policy of today."""

    class_key: str
    requests: int
    kept: int
    late: int
    not_evidenced: int
    open: int  # the log ends before it was due
    repeats: int  # further missed calls on the same matter, not counted as requests
    earlier: int  # requests due earlier than under the policy of today
    later: int
    gain: int  # customers with something due earlier and nothing later
    lose: int  # customers with something due later

    @property
    def kept_permille(self) -> int | None:
        """Share kept of what is evidenced; None where nothing is."""
        seen = self.kept + self.late
        return half_up(1000 * self.kept, seen) if seen else None

    @property
    def not_evidenced_permille(self) -> int | None:
        """Share of all requests of which the log does not tell."""
        return half_up(1000 * self.not_evidenced, self.requests) if self.requests else None


@dataclass(frozen=True)
class Replay:
    """Missed calls with their fate, the shares of each class, and the holes of the log (first and last day).

    Columns of `rows`: customer_id, class_key; at, due_at, today_due_at, reacted_at (UTC, `datetime64[s]`; NaT: not
    known); outcome (index of OUTCOMES); repeat.
    """

    rows: Mapping[str, NDArray[Any]]
    classes: tuple[ClassShare, ...]
    gaps: tuple[tuple[date, date], ...]
    last_day: date  # of the log
    without_time: int  # missed calls without a time of day: they cannot be judged


def replay(work: Frame, members: Frame, policy: Policy, today: Policy) -> Replay:
    """The calls of a work table (columns of `book.tables.WORK`) under a policy, against the policy of today.

    `members` has customer_id and class_key (MEMBERS); calls of others are left out. Raises Refused where the policy
    lacks a class that somebody is in.
    """
    calls = _calls(work, members)
    keys = calls["class_key"]
    _check_classes(sorted(set(keys.tolist())), policy)
    calendar = calendar_of(policy)
    at = local_moments(calendar, calls["done_on"], calls["start_second"])
    order = np.lexsort((at, calls["customer"]))
    customer, at, direction = calls["customer"][order], at[order], calls["direction"][order]
    missed = np.isin(direction, ("missed", "rejected"))
    reacted, repeat = reactions_of(customer, at, missed)
    rows = np.flatnonzero(missed & ~np.isnat(at))
    asked, class_key = at[rows], keys[order][rows]
    gaps = log_gaps(calendar, calls["done_on"])
    due_at = _due(policy, calendar, class_key, asked)
    end = np.nanmax(at) if len(asked) else np.datetime64("NaT", "s")
    known = {
        "customer_id": calls["customer_id"][order][rows],
        "class_key": class_key,
        "at": asked,
        "due_at": due_at,
        "today_due_at": _due(today, calendar_of(today), class_key, asked),
        "reacted_at": reacted[rows],
        "outcome": _outcomes(asked, due_at, reacted[rows], gaps, end),
        "repeat": repeat[rows],
    }
    shares = tuple(_share(item.key, known) for item in policy.classes)
    last_day = max(calls["done_on"].tolist(), default=date.min)
    return Replay(known, shares, gaps, last_day, int((missed & np.isnat(at)).sum()))


def _calls(work: Frame, members: Frame) -> dict[str, NDArray[Any]]:
    numbered = (
        members.select("customer_id", "class_key")
        .sort("customer_id")
        .with_row_index("customer", order_by="customer_id")
    )
    rows = (
        work.filter(nw.col("log") == "calls")
        .select("customer_id", "done_on", "start_second", "direction")
        .join(numbered, on="customer_id", how="inner")
        .with_columns(nw.col("start_second").fill_null(-1))
    )
    table = engine.collect(rows)
    found = {name: table[name].to_numpy() for name in table.columns}
    return found | {
        "customer": found["customer"].astype(np.int64),
        "done_on": found["done_on"].astype("datetime64[D]"),
        "start_second": found["start_second"].astype(np.int64),
    }


def _check_classes(keys: Sequence[str], policy: Policy) -> None:
    known = [item.key for item in policy.classes]
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise Refused([mistake("promise_unknown_class", **not_among(key, known)) for key in unknown])


def local_moments(calendar: Calendar, days: Moments, seconds: Whole) -> Moments:
    """UTC moments of local times; NaT where the time of day is not known."""
    unique, place = np.unique(days, return_inverse=True)
    numbers = [day.toordinal() for day in unique.tolist()]
    begin = np.array([calendar.hours.moment(number, 0) for number in numbers], dtype=np.int64)
    end = np.array([calendar.hours.moment(number + 1, 0) for number in numbers], dtype=np.int64)
    found = begin[place] + seconds
    # on the two days a year when the clock is changed, each row is asked by itself
    for row in np.flatnonzero((end - begin != 86_400)[place]):
        found[row] = calendar.hours.moment(numbers[place[row]], int(max(0, seconds[row])))
    moments = found.astype("datetime64[s]")
    moments[seconds < 0] = np.datetime64("NaT")
    return moments


def reactions_of(customer: Whole, at: Moments, missed: Flags) -> tuple[Moments, Flags]:
    """For rows in order of customer and time: when the firm next spoke to the customer, and what only repeats."""
    rows = len(at)
    place = np.where(~missed & ~np.isnat(at), np.arange(rows), rows)
    following = np.minimum.accumulate(place[::-1])[::-1]
    held = np.append(customer, -1)[following] == customer
    reacted = np.where(held, np.append(at, np.datetime64("NaT", "s"))[following], np.datetime64("NaT", "s"))
    repeat = np.zeros(rows, dtype=bool)
    repeat[1:] = missed[1:] & missed[:-1] & (customer[1:] == customer[:-1])
    return reacted, repeat


def _due(policy: Policy, calendar: Calendar, class_key: NDArray[Any], at: Moments) -> Moments:
    found = np.full(len(at), np.datetime64("NaT", "s"))
    for item in policy.classes:
        of_class = class_key == item.key
        if of_class.any():
            response = response_of(policy, item.key)
            found[of_class] = due_many(response, calendar, at[of_class], policy.requests.cut_off_seconds)
    return found


def response_of(policy: Policy, class_key: str) -> Response:
    """How fast a class is answered: its first response promise in the catalogue, else the standard."""
    promises: dict[str, Promise] = {promise.service: promise for promise in policy.promises_of(class_key)}
    own = next((promises[key] for key in policy.measured.get("response", ()) if key in promises), None)
    return own.response() if own else policy.requests.standard


def _outcomes(
    at: Moments, due: Moments, reacted: Moments, gaps: Sequence[tuple[date, date]], end: np.datetime64
) -> Whole:
    """Index of OUTCOMES; a reaction after a hole in the log is no proof that there was none before."""
    none = np.isnat(reacted)
    found = np.where(none, np.where(due > end, 3, 2), np.where(reacted <= due, 0, 1))
    for first, last in gaps:
        hole = (at.astype("datetime64[D]") <= np.datetime64(last)) & (
            due.astype("datetime64[D]") >= np.datetime64(first)
        )
        found[hole & (found == 1)] = 2
    return found


def log_gaps(calendar: Calendar, days: Moments) -> tuple[tuple[date, date], ...]:
    """The holes of a log by the days it has rows of: first and last working day of each."""
    seen = {day.toordinal() for day in np.unique(days).tolist()}
    if not seen:
        return ()
    first, last = min(seen), max(seen)
    workdays = [day for day in range(first, last + 1) if calendar.day_periods(date.fromordinal(day))]
    found = []
    for empty, run in groupby(workdays, key=lambda day: day not in seen):
        held = list(run)
        if empty and len(held) >= GAP_DAYS:
            found.append((date.fromordinal(held[0]), date.fromordinal(held[-1])))
    return tuple(found)


def _share(key: str, rows: Mapping[str, NDArray[Any]]) -> ClassShare:
    own = rows["class_key"] == key
    asked = own & ~rows["repeat"]
    outcome = np.bincount(rows["outcome"][asked], minlength=len(OUTCOMES)).tolist()
    earlier, later = asked & (rows["due_at"] < rows["today_due_at"]), asked & (rows["due_at"] > rows["today_due_at"])
    losing = set(rows["customer_id"][later].tolist())
    return ClassShare(
        class_key=key,
        requests=int(asked.sum()),
        kept=outcome[0],
        late=outcome[1],
        not_evidenced=outcome[2],
        open=outcome[3],
        repeats=int((own & rows["repeat"]).sum()),
        earlier=int(earlier.sum()),
        later=int(later.sum()),
        gain=len(set(rows["customer_id"][earlier].tolist()) - losing),
        lose=len(losing),
    )

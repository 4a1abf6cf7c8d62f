"""Roles and the firm's opening hours come in; people, and the spans in which each is there for customers, go out.

A service model says how many hours of a week a role has for customers, not at which hours. So each person turns to
customers at regular turns through the whole opening time; when the first turn of a day begins is drawn. Leave that
nobody has dated is drawn in whole weeks, people of one role not in the same week as long as there are other weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zusage.capacity.kernel import Spans
from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy

TURN_SECONDS = 3600
"""How often somebody turns to customers: an assumption."""
YEAR_WEEKS_MILLI = 52_000


class Away(Protocol):
    """A known absence: people of a role who are not there from a day to another, both included."""

    @property
    def role(self) -> str:
        """Its key."""

    @property
    def first(self) -> date:
        """The first day."""

    @property
    def last(self) -> date:
        """The last day."""


@dataclass(frozen=True)
class Person:
    """Somebody of a role: seconds for customers in a week at work, weeks at work in a year (thousandths)."""

    role: str
    weekly_seconds: int
    weeks_milli: int


def staff_of(policy: Policy) -> tuple[Person, ...]:
    """The people of a service model; of one and a half, the second has half the hours."""
    found = []
    for role in policy.roles:
        weekly = role.weekly_seconds * role.practical_permille // 1000
        for begun in range(0, role.people_milli, 1000):
            part = min(1000, role.people_milli - begun)
            found.append(Person(role.key, weekly * part // 1000, role.weeks_milli))
    return tuple(found)


def with_more(staff: Sequence[Person], role: str, weekly_seconds: int) -> tuple[Person, ...]:
    """The same people and one more of a role, with so many hours for customers in a week."""
    weeks = max((person.weeks_milli for person in staff if person.role == role), default=YEAR_WEEKS_MILLI)
    return (*staff, Person(role, weekly_seconds, weeks))


@dataclass(frozen=True)
class Blocks:
    """The open blocks of the firm in the weeks that are simulated: UTC seconds, day number, week counted from 0."""

    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    day: NDArray[np.int64]  # date.toordinal
    week: NDArray[np.int64]

    @property
    def weekly_seconds(self) -> int:
        """Open seconds of a usual week: the longest of those simulated."""
        return int(np.bincount(self.week, self.closes - self.opens).max(initial=0)) if len(self.week) else 0


def blocks_of(calendar: Calendar, first: date, weeks: int) -> Blocks:
    """The open blocks of so many weeks from a Monday on."""
    begin = calendar.hours.moment(first.toordinal(), 0)
    end = calendar.hours.moment(first.toordinal() + 7 * weeks, 0)
    line = calendar.line(begin, end)
    opens, closes, days = (np.asarray(column, dtype=np.int64) for column in (line.opens, line.closes, line.days))
    inside = (days >= first.toordinal()) & (days < first.toordinal() + 7 * weeks)
    day = days[inside]
    return Blocks(opens[inside], closes[inside], day, (day - first.toordinal()) // 7)


def spans_of(
    staff: Sequence[Person],
    blocks: Blocks,
    roles: Sequence[str],
    away: Iterable[Away],
    turn_seconds: int,
    dice: np.random.Generator,
) -> list[Spans]:
    """When each person is there for customers in one run; `roles` gives the numbers of roles."""
    known = list(away)
    found = []
    taken: dict[str, NDArray[np.int64]] = {}
    for person in staff:
        dated = _dated(person, known, blocks)
        off = _leave(person, blocks, dated, taken, dice)
        found.append(_turns(person, roles.index(person.role), blocks, ~off, turn_seconds, dice))
    return found


def _dated(person: Person, known: list[Away], blocks: Blocks) -> NDArray[np.bool_]:
    """Blocks in which a person has a known absence. Absences of the same days go to different people."""
    off = np.zeros(len(blocks.day), dtype=bool)
    for item in [item for item in known if item.role == person.role]:
        days = (blocks.day >= item.first.toordinal()) & (blocks.day <= item.last.toordinal())
        if not (off & days).any():
            off |= days
            known.remove(item)
    return off


def _leave(
    person: Person,
    blocks: Blocks,
    off: NDArray[np.bool_],
    taken: dict[str, NDArray[np.int64]],
    dice: np.random.Generator,
) -> NDArray[np.bool_]:
    """Adds leave without a date: whole weeks, those least taken by others of the role first, until the sum is right."""
    weeks = int(blocks.week.max(initial=-1)) + 1
    usual = max(np.bincount(blocks.week[_first_of_day(blocks)]).max(initial=0), 1) if weeks else 1
    at_work = round(usual * weeks * person.weeks_milli / YEAR_WEEKS_MILLI)
    firsts = _first_of_day(blocks)
    surplus = int((firsts & ~off).sum()) - at_work
    others = taken.setdefault(person.role, np.zeros(weeks, dtype=np.int64))
    for week in np.lexsort((dice.permutation(weeks), others)).tolist():
        if surplus <= 0:
            break
        days = np.unique(blocks.day[(blocks.week == week) & ~off])[:surplus]
        off = off | np.isin(blocks.day, days)
        surplus -= len(days)
        others[week] += 1
    return off


def _first_of_day(blocks: Blocks) -> NDArray[np.bool_]:
    first = np.ones(len(blocks.day), dtype=bool)
    first[1:] = blocks.day[1:] != blocks.day[:-1]
    return first


def _turns(
    person: Person,
    role: int,
    blocks: Blocks,
    present: NDArray[np.bool_],
    turn: int,
    dice: np.random.Generator,
) -> Spans:
    """The turns of one person: in every turn the same share of it is for customers."""
    weekly = blocks.weekly_seconds
    share = min(1.0, person.weekly_seconds / weekly) if weekly else 0.0
    days, place = np.unique(blocks.day, return_inverse=True)
    begins = dice.integers(0, turn, len(days))[place]
    length = blocks.closes - blocks.opens
    before = np.cumsum(length) - length
    within = before - before[np.flatnonzero(_first_of_day(blocks))][place]  # open seconds of the day before a block
    first, last = (within + begins)[present], (within + begins + length)[present]
    low = first // turn
    counts = -(-last // turn) - low
    row = np.repeat(np.arange(len(first)), counts)
    number = low[row] + np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = np.maximum(first[row], number * turn)
    end = np.minimum(last[row], number * turn + round(share * turn))
    kept = begin < end
    shift = (blocks.opens[present] - first)[row]
    opens, closes = (begin + shift)[kept], (end + shift)[kept]
    apart = np.append(True, opens[1:] != closes[:-1]) if len(opens) else np.zeros(0, dtype=bool)
    return Spans(role, opens[apart].tolist(), closes[np.append(apart[1:], True)].tolist() if len(opens) else [])

"""A plan comes in, what its cuts mean goes out: figures of each class, the book over a metric, and who would move."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import pairwise
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.calibration import calibrate, describe, write_cut
from zusage.classes.parts import NO_HOURS
from zusage.ground.money import half_up
from zusage.ground.words import Language
from zusage.plan import Plan
from zusage.policy.document import OWN, Policy, metric
from zusage.web.bridge.moves import as_renamed, decided_by, move
from zusage.web.bridge.reckoning import Tables

WEEKS = 52
BINS = 24
SHOWN_PERMILLE = 970
"""So much of the book is shown in bins of its own; the rest stands in the last one."""


@dataclass(frozen=True)
class ClassFigures:
    """A class under a draft: who is in it, what share of all yield they bring, what is owed to them in a week."""

    units: int
    customers: int
    yield_permille: int | None  # unknown where the book has no yield
    weekly_seconds: int
    undecided: int
    waiting: int


def class_figures(plan: Plan) -> dict[str, ClassFigures]:
    """The figures of each class by its key."""
    total = sum(item.yield_cents for item in plan.classes)
    return {
        item.class_key: ClassFigures(
            units=item.units,
            customers=item.customers,
            yield_permille=half_up(item.yield_cents * 1000, total) if total > 0 else None,
            weekly_seconds=half_up(item.owed_seconds, WEEKS),
            undecided=item.undecided,
            waiting=item.waiting,
        )
        for item in plan.classes
    }


# --- the book over a metric


@dataclass(frozen=True)
class Histogram:
    """How many units lie in each bin of a metric: the first bin begins at `low`, each is `step` wide, all below `low`
    stand in the first and all beyond the last one in the last."""

    low: int
    step: int
    counts: tuple[int, ...]
    reached: int  # units at or above the cut
    units: int

    @property
    def high(self) -> int:
        """Where the last bin ends, but for what is named "and more"."""
        return self.low + self.step * len(self.counts)


def histogram(plan: Plan, key: str, cut: int) -> Histogram:
    """The book over a metric that the plan's service model asks for."""
    values = sorted(plan.units[f"m_{key}"].to_list())
    finite = [value for value in values if value < NO_HOURS] or [0]
    low = min(0, finite[len(finite) * (1000 - SHOWN_PERMILLE) // 1000])
    high = max(finite[(len(finite) - 1) * SHOWN_PERMILLE // 1000], cut, low + 1)
    step = next(size for size in _sizes(metric(key).unit) if size * BINS > high - low)
    low = low // step * step
    inner = [bisect_left(values, edge) for edge in range(low + step, high + 1, step)]
    counts = (after - before for before, after in pairwise((0, *inner, len(values))))
    return Histogram(low, step, tuple(counts), len(values) - bisect_left(values, cut), len(values))


def _sizes(unit: str) -> Iterator[int]:
    """Widths of bins that people count in, the least first."""
    if unit == "months":
        yield from (1, 3, 6)
    size = {"cents": 100, "permille": 10, "months": 12, "milli": 1000}.get(unit, 1)
    while True:
        yield from (size, size * 2, size * 5)
        size *= 10


def own_columns(tables: Tables) -> list[str]:
    """The metrics that are the firm's own numeric columns, as far as the book has them."""
    keys = engine.rows(tables["figures"].select("key").unique())
    return sorted(OWN + row["key"] for row in keys if row["key"] != "potential")


# --- who would move


@dataclass(frozen=True)
class Moving:
    """A household (or a customer alone) that would be in another class, or whose class is undecided."""

    unit_id: str
    from_key: str  # empty: none yet
    to_key: str
    change: str  # up, down, level, first, undecided


def moving(plan: Plan, before: Policy, former: Mapping[str, str] | None = None) -> list[Moving]:
    """Who would be in another class than the confirmed one, or than `former` says (class by customer)."""
    usual = None if former is None else _by_unit(plan, former)
    renamed, moved = cache(partial(as_renamed, before, plan.policy)), cache(partial(move, before, plan.policy))
    found = []
    for unit, new, previous, undecided in _values(plan.units, "unit_id", "class_key", "previous_key", "undecided"):
        old = renamed((previous if usual is None else usual.get(unit)) or "")
        if undecided:
            found.append(Moving(unit, old, new, "undecided"))
        elif old != new:
            found.append(Moving(unit, old, new, moved(old, new)))
    return found


def _values(frame: nw.DataFrame[Any], *names: str) -> Iterator[tuple[Any, ...]]:
    """The values of some columns, row by row."""
    return zip(*(frame[name].to_list() for name in names), strict=True)


def _by_unit(plan: Plan, former: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, unit in _values(plan.memberships, "customer_id", "unit_id"):
        if key := former.get(number):
            found.setdefault(unit, key)
    return found


def members_of(plan: Plan) -> dict[str, list[str]]:
    """The numbers of the customers of each unit, the one it is numbered after first."""
    found: dict[str, list[str]] = {}
    for number, unit in _values(plan.memberships, "customer_id", "unit_id"):
        numbers = found.setdefault(unit, [])
        numbers.insert(0 if number == unit else len(numbers), number)
    return found


def deciding(policy: Policy, item: Moving, parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The criteria that decide: of the class somebody rises to, of the one no longer reached; of an undecided one
    those whose interval spans the cut."""
    if item.change == "undecided":
        return [part for part in parts if part["low"] < part["cut"] <= part["high"]]
    wanted = decided_by(policy, item.from_key, item.to_key, item.change)
    return [part for part in parts if part["class_key"] == wanted]


# --- proposals


@dataclass(frozen=True)
class Proposed:
    """A proposed cut, in words and as the text of the service model with it."""

    sentence: str
    text: str


def proposed(
    plan: Plan, text: str, class_key: str, key: str, *, share: str | None, count: int | None, language: Language
) -> Proposed:
    """The cut that a share or a number of the book would reach. Raises Refused where there is none."""
    found = calibrate(plan, class_key, key, top_share=share, top_count=count)
    as_of: date = plan.periods.as_of
    return Proposed(describe(found, class_key, language), write_cut(text, class_key, found, as_of, language))

"""A plan and what somebody says of its growth come in, how the book grows goes out: as stated, or as it grew so far.

New units are counted a year; after their first time they settle in the classes that those of the last years are in
today. What a book does not tell (who left, and when) is not guessed: it can be stated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import narwhals as nw

from zusage import engine
from zusage.cost.periods import shift_months
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Refused, mistake
from zusage.outlook.again import plan_again
from zusage.outlook.first_year import Counted, first_year, like_class
from zusage.plan import Plan

Case = Literal["low", "mid", "high"]
CASES: tuple[Case, ...] = ("low", "mid", "high")
PAST_YEARS = 3
"""So many whole years of the past say how fast a book grows, and into which classes."""
SETTLED_AT_LEAST = 20
"""With fewer new units than that, all units of the book say into which classes new ones come."""
KNOWN_PERMILLE = 800
"""Share of the units whose first day must be known to say how fast a book grew."""
IMPORTED_PERMILLE = 500
"""More new units in one past year than this share of the book: the first days are those of an import."""
MOST_TIMES, MOST_YIELDS_PERMILLE = 3, 200
"""A book does not grow or shrink by more than three times its size a year, nor do yields age by more than a fifth."""
SMALL_BOOK = 30
"""A book smaller than this may grow as fast as one of this size: firms begin with few."""
SPREAD_PERMILLE = 250
"""How far a growth that was only stated may be wrong, up and down (an assumption)."""
AGEING_YEARS = 3
"""Over so many years the ageing of yields is looked at, so that a cut to stay does not hide it."""


@dataclass(frozen=True)
class Drift:
    """Units that change from one class to another: a share of the first in a year."""

    from_class: str
    to_class: str
    permille: int


@dataclass(frozen=True)
class Asked:
    """A growth as somebody states it: new units a year in all, or by class; what is negative leaves. Neither: as the
    book grew."""

    total: int | None = None
    by_class: Mapping[str, int] = field(default_factory=dict)
    spread_permille: int = SPREAD_PERMILLE
    drift: tuple[Drift, ...] = ()
    yields_permille: int = 0  # change of all yields in a year

    @property
    def stated(self) -> int | None:
        """New units a year in all; None where nothing was stated."""
        return sum(self.by_class.values()) if self.by_class else self.total


@dataclass(frozen=True)
class Growth:
    """New units a year by case in thousandths; what is negative leaves.

    `by_class` says into which classes where they were named; else units settle as those of the last years did, or
    leave from all classes alike. `years` are the new units of the past years, newest first, where the book told.
    """

    new_milli: Mapping[Case, int]
    by_class: Mapping[str, int]
    drift: tuple[Drift, ...]
    yields_permille: int
    years: tuple[int, ...]
    closed: tuple[str, ...] = ()  # classes into which nobody new is taken
    first: Mapping[str, Counted] = field(default_factory=dict)  # what new units take in their first year, by role

    def split(self, case: Case, otherwise: Mapping[str, float]) -> dict[str, float]:
        """New units a year of each class; `otherwise` are the shares where no classes were named."""
        total, named = self.new_milli[case] / 1000, sum(self.by_class.values())
        # classes that grow and shrink by the same together: the spread has nothing to stretch
        times = total / named if named else 1.0
        found = {key: count * times for key, count in self.by_class.items()} or {
            key: total * share for key, share in otherwise.items()
        }
        return {key: min(count, 0.0) if key in self.closed else count for key, count in found.items()}


def growth_of(plan: Plan, tables: Mapping[str, Frame], asked: Asked) -> Growth:
    """The growth to reckon with: as stated, else as the book grew. Raises Refused for what cannot be."""
    found = list(_mistakes(plan, asked))
    if found:
        raise Refused(found)
    years = past_years(plan) if asked.stated is None else []
    drift = asked.drift + (aged(plan, tables, asked.yields_permille) if asked.yields_permille else ())
    first = first_year(plan, tables, like_class(plan, settling(plan)))
    return Growth(_cases(asked, years), asked.by_class, drift, asked.yields_permille, tuple(years), first=first)


def _cases(asked: Asked, years: list[int]) -> dict[Case, int]:
    if asked.stated is None:
        mid = half_up(sum(years) * 1000, len(years))
        return {"low": min(years) * 1000, "mid": mid, "high": max(years) * 1000}
    wide = abs(asked.stated) * asked.spread_permille
    return {"low": asked.stated * 1000 - wide, "mid": asked.stated * 1000, "high": asked.stated * 1000 + wide}


def _mistakes(plan: Plan, asked: Asked) -> Iterator[Finding]:
    units = sum(item.units for item in plan.classes)
    keys = [item.key for item in plan.policy.classes if not item.provisional]
    named = [*asked.by_class, *(key for item in asked.drift for key in (item.from_class, item.to_class))]
    for key in dict.fromkeys(named):
        if key not in keys:
            yield mistake("growth_no_class", **not_among(key, keys))
    for count in dict.fromkeys([asked.stated or 0, *asked.by_class.values()]):
        if abs(count) > MOST_TIMES * max(units, SMALL_BOOK):
            yield mistake("growth_too_much", new_count=count, units_count=units)
    if not 0 <= asked.spread_permille <= 1000:
        yield mistake("growth_spread", spread_permille=asked.spread_permille)
    if abs(asked.yields_permille) > MOST_YIELDS_PERMILLE:
        yield mistake("growth_yields", yields_permille=asked.yields_permille, most_permille=MOST_YIELDS_PERMILLE)
    for item in asked.drift:
        if not 0 <= item.permille <= 1000 or item.from_class == item.to_class:
            yield mistake("growth_drift", from_key=item.from_class, to_key=item.to_class, drift_permille=item.permille)


def past_years(plan: Plan) -> list[int]:
    """New units of the last whole years, newest first. Raises Refused where the book does not say."""
    units = plan.units.shape[0]
    since = [first for first in plan.units["since"].to_list() if first is not None]
    if not since or len(since) * 1000 < units * KNOWN_PERMILLE:
        raise Refused([mistake("growth_not_known", known_count=len(since), units_count=units)])
    ends = [shift_months(plan.periods.as_of, -12 * back) for back in range(PAST_YEARS + 1)]
    years = [sum(before < first <= after for first in since) for after, before in pairwise(ends)]
    if max(years) * 1000 > units * IMPORTED_PERMILLE:
        raise Refused([mistake("growth_imported", new_count=max(years), units_count=units)])
    return years


def settling(plan: Plan) -> dict[str, float]:
    """The shares of the classes that the units of the last years are in today: new ones will be like them."""
    known = plan.units.filter(~nw.col("provisional"))
    young = known.filter(nw.col("since") > shift_months(plan.periods.as_of, -12 * (PAST_YEARS + 1)))
    basis = young if young.shape[0] >= SETTLED_AT_LEAST else known if known.shape[0] else plan.units
    counts = Counter(basis["class_key"].to_list())
    return {key: count / basis.shape[0] for key, count in sorted(counts.items())}


def aged(plan: Plan, tables: Mapping[str, Frame], permille: int) -> tuple[Drift, ...]:
    """What a change of all yields moves between classes in a year: the same book reckoned with other yields."""
    share = round(((1000 + permille) / 1000) ** AGEING_YEARS * 1000)
    amount = engine.divide(nw.col("amount_cents") * share, 1000).alias("amount_cents")
    later = plan_again(plan, {**tables, "yields": tables["yields"].with_columns(amount)}, plan.policy)
    before = dict(zip(plan.units["unit_id"].to_list(), plan.units["class_key"].to_list(), strict=True))
    rows = zip(later.units["unit_id"].to_list(), later.units["class_key"].to_list(), strict=True)
    moved = Counter((before[unit], key) for unit, key in rows if before[unit] != key)
    held = Counter(before.values())
    return tuple(
        Drift(one, other, half_up(count * 1000, held[one] * AGEING_YEARS))
        for (one, other), count in sorted(moved.items())
    )

"""A plan comes in; what a class must bring to pay for itself goes out, and with an assumption about that the best mix.

The model: each unit gets one class out of those allowed. Worth is the part of its yield that the class's service
retains (the policy's assumption) less the money that ends with the promise; the hours of each role are limited. Hours
have no cost of their own: their price is what the next hour would bring elsewhere (the dual). Without an assumption
nothing is proposed; then the break-even says how much a class must prevent.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zusage.capacity.optimise import alike
from zusage.capacity.several import Allotted, choose_several
from zusage.cost.accounts import RATE_UNIT
from zusage.ground.money import half_up
from zusage.ground.reasons import Finding, Refused, mistake, warning
from zusage.outlook.levels import Levels, levels_of
from zusage.plan import Plan
from zusage.policy.document import Policy
from zusage.promises.standing import Agreed

Numbers = NDArray[np.int64]
Case = Literal["low", "mid", "high"]
CASES: tuple[Case, ...] = ("low", "mid", "high")
HOUR = 3600


@dataclass(frozen=True)
class BreakEven:
    """What a class costs a year above the next one below, and how much yield it must retain to pay for that.

    `hours_cents`: the hours at the roles' cost rates. A cancellation prevented counts with one year's yield, which is
    careful: who stays longer pays earlier.
    """

    class_key: str
    below_key: str
    units: int
    yield_cents: int
    spent_cents: int
    seconds: tuple[int, ...]  # by role
    hours_cents: int

    @property
    def cost_cents(self) -> int:
        """Cents a year: money that ends with the promise, and hours."""
        return self.spent_cents + self.hours_cents

    @property
    def permille(self) -> int | None:
        """The part of the yield that must be retained, rounded up; None without any yield."""
        return -(-max(self.cost_cents, 0) * 1000 // self.yield_cents) if self.yield_cents else None

    @property
    def years_tenths(self) -> int | None:
        """One cancellation prevented in so many tenths of a year pays for it; None where nothing has to be paid."""
        return self.yield_cents * 10 // self.cost_cents if self.cost_cents > 0 else None


@dataclass(frozen=True)
class RoleMix:
    """A role's hours for promises and the price of the next one, cents, with a careful and a favourable assumption."""

    role: str
    free_seconds: int
    held_seconds: int  # by the classes of today
    ruled_seconds: int
    mixed_seconds: int
    price_cents: Mapping[Case, int]
    rate_cents: int  # what an hour costs


@dataclass(frozen=True)
class Worth:
    """What a division into classes is worth a year by the assumption: yield retained less money spent."""

    kept_cents: Mapping[Case, int]
    spent_cents: int

    def cents(self, case: Case) -> int:
        """Cents a year in one case."""
        return self.kept_cents[case] - self.spent_cents


@dataclass(frozen=True)
class Move:
    """A unit for which another class is worth more than that of today, and the reckoning; cents and seconds a year."""

    unit_id: str
    name: str
    from_key: str
    to_key: str
    ruled_key: str
    yield_cents: int
    kept_cents: int  # yield retained, above that of today
    spent_cents: int
    seconds: tuple[int, ...]  # by role
    priced_cents: int  # these hours at their prices
    gain_cents: int
    stable: bool  # the same class in all three cases


@dataclass(frozen=True)
class Proposal:
    """The best mix found, beside the classes of today and those of the criteria.

    `missing_cents`: by so much a year it may at most fall short of the best mix, staying put favoured as the policy
    says. `findings`: roles that even the least that everyone is due does not fit.
    """

    roles: tuple[RoleMix, ...]
    counts: tuple[tuple[str, int, int, int], ...]  # class; units today, by the criteria, in the mix
    held: Worth
    ruled: Worth
    mixed: Worth
    missing_cents: int
    moves: tuple[Move, ...]
    stable_count: int  # units whose class is the same in all three cases
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Mix:
    """The answer: break-even of each class but the last, and the proposal where an assumption is written down."""

    break_evens: tuple[BreakEven, ...]
    proposal: Proposal | None


def best_mix(plan: Plan, *, agreed: Mapping[str, Sequence[Agreed]] | None = None, exact: bool = False) -> Mix:
    """The break-even of the classes and, by the policy's assumption, the mix of classes that is worth most.

    `agreed` are promises by contract, customer number to promises: no class below them is proposed. Units with the same
    figures get the same class. A role whose hours the least that everyone is due exceeds is named in the findings, and
    nothing above that least is asked of it. Raises Refused where there is nobody.
    """
    if not len(plan.units):
        raise Refused([mistake("mix_nobody")])
    levels = levels_of(plan, agreed)
    proposal = None
    if plan.policy.response is not None:
        proposal = _proposal(levels, plan, exact=exact)
    return Mix(tuple(class_break_evens(levels, plan)), proposal)


def _least(levels: Levels) -> list[int]:
    """Seconds of each role that everyone is due whatever the mix."""
    most = np.iinfo(np.int64).max
    least: list[int] = np.where(levels.allowed[:, :, None], levels.seconds, most).min(axis=1).sum(axis=0).tolist()
    return least


def _short(levels: Levels) -> list[Finding]:
    return [
        warning("mix_floor_short", role=role, lacking_seconds=needed - there)
        for role, needed, there in zip(levels.roles, _least(levels), levels.free, strict=True)
        if needed > there
    ]


# --- break-even


def class_break_evens(levels: Levels, plan: Plan) -> list[BreakEven]:
    """Of each class but the last: over the units that the criteria give it."""
    ranked = [place for place, item in enumerate(plan.policy.classes) if not item.provisional]
    found = []
    for place, below in itertools.pairwise(ranked):
        rows = np.flatnonzero(levels.ruled == place)
        if len(rows):
            found.append(_break_even(levels, plan, rows, place, below))
    return found


def unit_break_evens(plan: Plan, unit_id: str) -> list[BreakEven]:
    """Of each class but the last, were this unit in it; KeyError where there is no such unit."""
    levels = levels_of(plan)
    if unit_id not in levels.units:
        raise KeyError(unit_id)
    row = np.array([levels.units.index(unit_id)])
    ranked = [place for place, item in enumerate(plan.policy.classes) if not item.provisional]
    return [_break_even(levels, plan, row, place, below) for place, below in itertools.pairwise(ranked)]


def _break_even(levels: Levels, plan: Plan, rows: Numbers, place: int, below: int) -> BreakEven:
    seconds = (levels.seconds[rows, place] - levels.seconds[rows, below]).sum(axis=0).tolist()
    day = plan.periods.as_of
    rates = [role.rate(day) for role in plan.policy.roles]
    return BreakEven(
        class_key=levels.classes[place],
        below_key=levels.classes[below],
        units=len(rows),
        yield_cents=int(levels.yields[rows].sum()),
        spent_cents=int((levels.cents[rows, place] - levels.cents[rows, below]).sum()),
        seconds=tuple(seconds),
        hours_cents=sum(half_up(taken * rate, RATE_UNIT) for taken, rate in zip(seconds, rates, strict=True)),
    )


# --- proposal


def _proposal(levels: Levels, plan: Plan, *, exact: bool) -> Proposal:
    kept = {case: _kept(levels, plan.policy, case) for case in CASES}
    stay = plan.policy.response.stay_cents if plan.policy.response else 0
    found = {case: _solved(levels, kept[case] - levels.cents, stay, exact=exact) for case in CASES}
    mid = found["mid"]
    moves = _moves(levels, kept["mid"], {case: found[case].chosen for case in CASES}, mid.prices)
    same = np.all([found[case].chosen == mid.chosen for case in CASES], axis=0)
    mixed = _worth(levels, kept, mid.chosen)
    return Proposal(
        roles=tuple(_roles(levels, plan, found)),
        counts=tuple(
            (key, _count(levels.held, place), _count(levels.ruled, place), _count(mid.chosen, place))
            for place, key in enumerate(levels.classes)
        ),
        held=_worth(levels, kept, levels.held),
        ruled=_worth(levels, kept, levels.ruled),
        mixed=mixed,
        missing_cents=int((mid.bound - mid.value) // 1),
        moves=tuple(moves),
        stable_count=int(same.sum()),
        findings=tuple(_short(levels)),
    )


def _kept(levels: Levels, policy: Policy, case: Case) -> Numbers:
    """Cents of yield that each class would retain of each unit, above the last class."""
    shares = {item.class_key: getattr(item, case) for item in policy.response.classes} if policy.response else {}
    permille = np.array([shares.get(key, 0) for key in levels.classes], np.int64)
    return (2 * levels.yields[:, None] * permille + 1000) // 2000


def _solved(levels: Levels, worth: Numbers, stay: int, *, exact: bool) -> Allotted:
    """The best mix with equal figures treated the same; a unit leaves its class only for more than `stay`."""
    rows = np.arange(len(worth))
    favoured = worth.copy()
    favoured[rows, levels.held] += stay
    first, kind, count = alike(favoured, levels.seconds, levels.allowed)
    found = choose_several(
        favoured[first] * count[:, None],
        levels.seconds[first] * count[:, None, None],
        [max(pair) for pair in zip(levels.free, _least(levels), strict=True)],
        allowed=levels.allowed[first],
        exact=exact,
    )
    return Allotted(found.chosen[kind], found.value, found.weights, found.bound, found.prices)


def _worth(levels: Levels, kept: Mapping[Case, Numbers], chosen: Numbers) -> Worth:
    rows = np.arange(len(chosen))
    return Worth({case: int(kept[case][rows, chosen].sum()) for case in CASES}, int(levels.cents[rows, chosen].sum()))


def _roles(levels: Levels, plan: Plan, found: Mapping[Case, Allotted]) -> list[RoleMix]:
    rows = np.arange(len(levels.units))
    held, ruled, mixed = (
        levels.seconds[rows, chosen].sum(axis=0) for chosen in (levels.held, levels.ruled, found["mid"].chosen)
    )
    return [
        RoleMix(
            role=role.key,
            free_seconds=levels.free[place],
            held_seconds=int(held[place]),
            ruled_seconds=int(ruled[place]),
            mixed_seconds=int(mixed[place]),
            price_cents={case: _cents(found[case].prices[place] * HOUR) for case in CASES},
            rate_cents=half_up(role.rate(plan.periods.as_of), 1000),
        )
        for place, role in enumerate(plan.policy.roles)
    ]


def _count(chosen: Numbers, place: int) -> int:
    return int((chosen == place).sum())


def _cents(amount: Fraction) -> int:
    return half_up(amount.numerator, amount.denominator)


def _moves(levels: Levels, kept: Numbers, chosen: Mapping[Case, Numbers], prices: tuple[Fraction, ...]) -> list[Move]:
    """Most gain first; of equal gains in the order of the plan, which decides nothing."""
    found = []
    for row in np.flatnonzero(chosen["mid"] != levels.held).tolist():
        old, new = int(levels.held[row]), int(chosen["mid"][row])
        seconds = tuple((levels.seconds[row, new] - levels.seconds[row, old]).tolist())
        priced = _cents(sum((price * taken for price, taken in zip(prices, seconds, strict=True)), Fraction(0)))
        more = int(kept[row, new] - kept[row, old])
        spent = int(levels.cents[row, new] - levels.cents[row, old])
        found.append(
            Move(
                unit_id=levels.units[row],
                name=levels.names[row],
                from_key=levels.classes[old],
                to_key=levels.classes[new],
                ruled_key=levels.classes[int(levels.ruled[row])],
                yield_cents=int(levels.yields[row]),
                kept_cents=more,
                spent_cents=spent,
                seconds=seconds,
                priced_cents=priced,
                gain_cents=more - spent - priced,
                stable=all(int(chosen[case][row]) == new for case in CASES),
            )
        )
    return sorted(found, key=lambda move: -move.gain_cents)

"""A situation comes in, the ways out of too many promises go out: each as a change of the policy's text, the staff or
the intake, with its smallest step that makes the promises fit, and what it means in hours, money and customers.

No way ends a relation, and none touches the floor or what the firm has to do anyway. Freed hours are hours; they are
money only where somebody says what they are used for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from zusage import engine
from zusage.ground.money import half_up
from zusage.ground.reasons import Reason
from zusage.outlook.ahead import Tipping, look_ahead, there_of
from zusage.outlook.growth import Growth
from zusage.outlook.trial import Situation
from zusage.outlook.worth import outlay_cents, owed_by_role, staff_cents
from zusage.plan import Plan
from zusage.policy.document import Policy, Promise
from zusage.policy.edit import Change

Kind = Literal["cut", "trim", "venue", "answer", "allowance", "move", "price", "hire", "stop"]


@dataclass(frozen=True)
class Step:
    """One size of a change: what it says, and the changes of the policy's text; `growth` where the intake changes."""

    what: Reason
    changes: tuple[Change, ...] = ()
    growth: Growth | None = None


@dataclass(frozen=True)
class Idea:
    """A kind of change in several sizes, the gentlest first; meant to relieve a role (None: whoever is short)."""

    key: str
    kind: Kind
    role: str | None
    steps: Sequence[Step]
    guess: int = 0  # where the first step that suffices is likely to be


@dataclass(frozen=True)
class Effect:
    """What a way means in a year, held against the plan of today. Cents and seconds; what is saved is positive."""

    freed: Mapping[str, int]  # owed less by role; negative: the role takes work over
    more_there: Mapping[str, int]  # hours more that there are
    outlay_cents: int  # materials and kilometres that end
    staff_cents: int  # paid more for people (negative)
    income_cents: int  # paid by customers for a package
    worth_cents: int | None  # of the freed hours, by their named use; None: no use was named
    units: tuple[str, ...]  # households or customers whose class or promises change
    customers: int

    @property
    def freed_seconds(self) -> int:
        """Hours freed over all roles."""
        return sum(self.freed.values())

    @property
    def cents(self) -> int:
        """What it brings in a year, all in all."""
        return self.outlay_cents + self.staff_cents + self.income_cents + (self.worth_cents or 0)


@dataclass(frozen=True)
class Way:
    """A way out. `lacking` is what is still missing by role; `tipping` when the promises no longer fit with it."""

    key: str
    kind: Kind
    parts: tuple[Reason, ...]
    changes: tuple[Change, ...]
    fits: bool  # by itself: nothing is lacking until the aim, and enough of the work is measured to say so
    closes: tuple[str, ...]  # roles that are short without it and not with it
    lacking: Mapping[str, int]
    effect: Effect
    tipping: Tipping
    estimated: bool = False  # rests on how customers behave; `zusage plan` shows no difference
    remarks: tuple[Reason, ...] = ()
    growth: Growth | None = None


def smallest(count: int, suffices: Callable[[int], bool], guess: int = 0) -> int | None:
    """The first of so many sizes that suffices, sought from a guess on; None where the last one does not.

    What suffices at one size does so at every larger one.
    """
    low, high, step = -1, count, 1  # does not suffice at low, does at high
    at = min(max(guess, 0), count - 1)
    while low < at < high:
        if suffices(at):
            high, at = at, max(at - step, low + 1)
        else:
            low, at = at, min(at + step, high - 1)
        step *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high if high < count else None


def way_of(situation: Situation, idea: Idea) -> Way | None:
    """The smallest size of an idea that relieves its role; where none does, the largest with what it gives. None where
    it gives nothing."""
    before = situation.lacking(situation.plan)
    aims = [idea.role] if idea.role else list(before)
    tried: dict[int, tuple[Plan, dict[str, int]]] = {}

    def suffices(at: int) -> bool:
        if at not in tried:
            step = idea.steps[at]
            plan = situation.tried(step.changes)
            tried[at] = plan, situation.lacking(plan, step.growth)
        lacking = tried[at][1]
        return not any(role in lacking for role in aims) and _no_worse(before, lacking)

    found = smallest(len(idea.steps), suffices, idea.guess)
    at = len(idea.steps) - 1 if found is None else found
    if at not in tried:
        suffices(at)
    plan, lacking = tried[at]
    way = _way(situation, idea.key, idea.kind, idea.steps[at], plan, lacking)
    helps = any(lacking.get(role, 0) < seconds for role, seconds in before.items())
    return way if helps and _no_worse(before, lacking) else None


def way_of_step(situation: Situation, idea: Idea, step: Step) -> Way:
    """One size of an idea as a way, whether it suffices or not."""
    plan = situation.tried(step.changes)
    return _way(situation, idea.key, idea.kind, step, plan, situation.lacking(plan, step.growth))


def _no_worse(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    return all(seconds <= before.get(role, 0) for role, seconds in after.items())


def _way(situation: Situation, key: str, kind: Kind, step: Step, plan: Plan, lacking: Mapping[str, int]) -> Way:
    growth = step.growth or situation.growth
    return Way(
        key=key,
        kind=kind,
        parts=(step.what,),
        changes=step.changes,
        fits=not lacking and plan.hours.answer != "unknown",
        closes=tuple(role for role in situation.lacking(situation.plan) if role not in lacking),
        lacking=lacking,
        effect=effect_of(situation, plan),
        tipping=look_ahead(plan, growth, situation.years).tipping,
        growth=step.growth,
    )


def effect_of(situation: Situation, plan: Plan, income_cents: int = 0) -> Effect:
    """What a plan means against the plan of today."""
    today = situation.plan
    owed, there = owed_by_role(today), there_of(today.hours)
    after, after_there = owed_by_role(plan), there_of(plan.hours)
    freed = {role: owed[role] - after[role] for role in owed if owed[role] != after[role]}
    units = touched(today, plan)
    use = situation.use
    return Effect(
        freed=freed,
        more_there={role: after_there[role] - there[role] for role in there if there[role] != after_there[role]},
        outlay_cents=outlay_cents(today) - outlay_cents(plan),
        staff_cents=staff_cents(today) - staff_cents(plan),
        income_cents=income_cents,
        worth_cents=half_up(sum(freed.values()) * use.cents_per_hour, 3600) if use else None,
        units=units,
        customers=customers_of(today, units),
    )


def touched(before: Plan, after: Plan) -> tuple[str, ...]:
    """The units that are in another class, or whose class is promised something else."""
    was = _classes(before)
    now = was if after.units is before.units else _classes(after)
    same = {
        (old, new): _terms(before.policy, old) == _terms(after.policy, new)
        for old, new in {(was[unit], key) for unit, key in now.items()}
    }
    return tuple(sorted(unit for unit, key in now.items() if was[unit] != key or not same[was[unit], key]))


def _classes(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.units["unit_id"].to_list(), plan.units["class_key"].to_list(), strict=True))


def _terms(policy: Policy, class_key: str) -> list[Promise]:
    """What a class is promised, whoever does it: only where a contact is promised by name, that is part of it."""
    personal = policy.measured.get("contact_person", ())
    return [
        replace(item, wording=None, role=item.role if item.service in personal else None)
        for item in policy.promises_of(class_key)
    ]


def customers_of(plan: Plan, units: Iterable[str]) -> int:
    """How many customers are in some units."""
    wanted = set(units)
    rows = engine.rows(plan.units.select("unit_id", "members"))
    return sum(row["members"] for row in rows if row["unit_id"] in wanted)


def combined(situation: Situation, ways: Sequence[Way], key: str = "") -> Way:
    """Several ways together, reckoned as one change."""
    step = Step(
        ways[0].parts[0],
        tuple(item for way in ways for item in way.changes),
        next((way.growth for way in ways if way.growth is not None), None),
    )
    plan = situation.tried(step.changes)
    name = key or "+".join(way.key for way in ways)
    one = _way(situation, name, ways[0].kind, step, plan, situation.lacking(plan, step.growth))
    return replace(
        one,
        parts=tuple(part for way in ways for part in way.parts),
        effect=replace(one.effect, income_cents=sum(way.effect.income_cents for way in ways)),
        estimated=any(way.estimated for way in ways),
        remarks=tuple(remark for way in ways for remark in way.remarks),
    )

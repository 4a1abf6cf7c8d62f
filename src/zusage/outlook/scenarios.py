"""A situation comes in, service models side by side go out: all alike, as lived today, as proposed, and any others.

What is reckoned is what is owed: hours at cost rates, materials and kilometres. Only *as lived* takes the work of the
logs in the place of the promises. Past calls are replayed under each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import narwhals as nw

from zusage import engine
from zusage.capacity.load import Answer
from zusage.cost.work import pairs
from zusage.ground.money import half_up
from zusage.outlook.ahead import there_of
from zusage.outlook.ideas import written_cell
from zusage.outlook.trial import Situation
from zusage.outlook.worth import outlay_cents, owed_by_role
from zusage.plan import Plan
from zusage.policy.document import Policy, Response
from zusage.policy.edit import Change, Drop, Put, changed
from zusage.policy.read import read_document
from zusage.promises.replay import ClassShare, replay, response_of

ALIKE, LIVED, PROPOSED = "alike", "lived", "proposed"
OWN_WORK = ("internal", "unassigned")


@dataclass(frozen=True)
class Served:
    """A class under a service model, for one of its units and a year. `response`: how fast it is called back."""

    class_key: str
    units: int
    seconds: int
    deliveries_milli: int | None  # promised unasked; None where only the work is known
    response: Response | None
    kept_permille: int | None  # of past calls; None where nothing is evidenced


@dataclass(frozen=True)
class Scenario:
    """A service model in a year. Cents and seconds; `people_milli` are those needed by role within the limit that
    hours may be filled to."""

    key: str
    name: str  # of an own one; empty for the others
    policy: Policy
    owed: Mapping[str, int]
    there: Mapping[str, int]
    answer: Answer
    yield_cents: int
    cost_cents: int  # customers' hours at cost rates, materials, kilometres, base cost
    euro_per_hour_cents: int | None
    people_milli: Mapping[str, int]
    requests: int
    kept: int
    late: int
    classes: tuple[Served, ...]

    @property
    def owed_seconds(self) -> int:
        return sum(self.owed.values())

    @property
    def there_seconds(self) -> int:
        return sum(self.there.values())

    @property
    def contribution_cents(self) -> int:
        return self.yield_cents - self.cost_cents

    @property
    def kept_permille(self) -> int | None:
        """Share kept of the past calls whose fate is evidenced."""
        return half_up(self.kept * 1000, self.kept + self.late) if self.kept + self.late else None

    @property
    def average_permille(self) -> int | None:
        """What share of its work for customers the hours allow; more than all of it where they suffice."""
        return half_up(self.there_seconds * 1000, self.owed_seconds) if self.owed_seconds else None


def scenarios(situation: Situation, own: Mapping[str, Policy] | None = None) -> tuple[Scenario, ...]:
    """All alike, as lived, as proposed, and own ones by name."""
    alike = situation.under(read_document(changed(situation.document, all_alike(situation)), design=False))
    found = [
        _promised(situation, ALIKE, "", alike),
        _lived(situation),
        _promised(situation, PROPOSED, "", situation.plan),
    ]
    for name, policy in (own or {}).items():
        found.append(_promised(situation, "own", name, situation.under(policy)))
    return tuple(found)


def all_alike(situation: Situation) -> tuple[Change, ...]:
    """The changes that promise every class what the best one is promised."""
    return tuple(_alike(situation))


def _alike(situation: Situation) -> Iterator[Change]:
    policy = situation.plan.policy
    best, *others = (item.key for item in policy.classes)
    for service, row in (situation.document.get("matrix") or {}).items():
        cell = written_cell(situation, service, best)
        for key in others:
            if cell is not None:
                yield Put(("matrix", service, key), cell)
            elif key in row:
                yield Drop(("matrix", service, key))


def _promised(situation: Situation, key: str, name: str, plan: Plan) -> Scenario:
    owed = owed_by_role(plan)
    seconds = {item.class_key: plan.hours.by_class(item.class_key) for item in plan.classes}
    rates = {item.role: item for item in plan.roles}
    cents = sum(rates[load.role].cents(load.seconds) for load in plan.hours.loads if load.source not in OWN_WORK)
    return _scenario(situation, key, name, plan, owed, seconds, cents + outlay_cents(plan), promised=True)


def _lived(situation: Situation) -> Scenario:
    """The work that was done, set to a year: duty, asked and granted."""
    plan = situation.plan
    columns = {pair.seconds: pair.role for pair in pairs(plan.policy)}
    sums = engine.rows(plan.units.lazy().select(nw.col(*columns).sum()))[0] if columns else {}
    owed = dict.fromkeys(owed_by_role(plan), 0)
    for name, role in columns.items():
        owed[role] += sums[name] or 0
    cents = sum(item.cents(owed[item.role]) for item in plan.roles)
    for item in plan.roles:
        owed[item.role] += item.internal_seconds + item.unassigned_seconds
    paid = [f"{cause}_{part}_cents" for cause in ("duty", "asked", "granted") for part in ("travel", "materials")]
    cents += sum(sum(plan.units[name].to_list()) for name in paid)
    seconds = {item.class_key: item.service_seconds for item in plan.classes}
    return _scenario(situation, LIVED, "", plan, owed, seconds, cents, promised=False)


def _scenario(
    situation: Situation,
    key: str,
    name: str,
    plan: Plan,
    owed: dict[str, int],
    seconds: Mapping[str, int],
    cents: int,
    *,
    promised: bool,
) -> Scenario:
    there = there_of(plan.hours)
    brought = sum(item.yield_cents for item in plan.classes)
    base = sum(plan.units["base_cents"].to_list())
    own = sum(item.internal_seconds + item.unassigned_seconds for item in plan.roles)
    for_customers = sum(owed.values()) - own
    members = plan.memberships.lazy().select("customer_id", "class_key")
    past = replay(situation.tables["work"], members, plan.policy, situation.plan.policy).classes
    short = any(owed[role] > there[role] for role in there)
    return Scenario(
        key=key,
        name=name,
        policy=plan.policy,
        owed=owed,
        there=there,
        answer="unknown" if plan.hours.answer == "unknown" else "short" if short else "fits",
        yield_cents=brought,
        cost_cents=cents + base,
        euro_per_hour_cents=brought * 3600 // for_customers if for_customers > 0 else None,
        people_milli={role: people_needed(plan, role, seconds) for role, seconds in owed.items()},
        requests=sum(item.requests for item in past),
        kept=sum(item.kept for item in past),
        late=sum(item.late for item in past),
        classes=tuple(_served(plan, item, seconds, promised=promised) for item in past),
    )


def people_needed(plan: Plan, role_key: str, owed: int) -> int:
    """Thousandths of people of a role who could do so much in a year, their internal work included; rounded up."""
    role = plan.policy.role(role_key)
    per_thousand = half_up(role.capacity_seconds() * plan.policy.utilisation_permille, role.people_milli)
    own = half_up(role.internal_seconds_year() * 1000, role.people_milli)
    rest = owed - role.internal_seconds_year()
    return -(-rest * 1000 // (per_thousand - own)) if per_thousand > own else 0


def _served(plan: Plan, past: ClassShare, seconds: Mapping[str, int], *, promised: bool) -> Served:
    units = next(item.units for item in plan.classes if item.class_key == past.class_key)
    promises = plan.policy.promises_of(past.class_key)
    return Served(
        class_key=past.class_key,
        units=units,
        seconds=half_up(seconds[past.class_key], units) if units else 0,
        deliveries_milli=sum(item.per_year_milli for item in promises) if promised else None,
        response=response_of(plan.policy, past.class_key) if promised else None,
        kept_permille=past.kept_permille,
    )

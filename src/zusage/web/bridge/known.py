"""What the office knows and the book does not comes in, who is away and whose former promises still hold goes out.

The capacity page and the check of a draft both ask here, so that they reckon with the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from zusage.capacity.there import Absence
from zusage.capacity.weeks import Former, former_classes
from zusage.plan import Plan
from zusage.policy.document import Policy
from zusage.promises.standing import Agreed


@dataclass(frozen=True)
class Held:
    """A unit for which the promises of a former service model hold until a day, that day included."""

    unit_id: str
    class_key: str
    until: date
    policy: Policy


@dataclass(frozen=True)
class Known:
    """What the office knows: who is away (by role), until when reductions do not hold yet (by unit; `until` of all
    others, which nobody planned), whose former promises still hold (the older service model first), and what was
    agreed (by customer)."""

    absent: Mapping[str, Sequence[tuple[date, date]]] = field(default_factory=dict)
    reduced_until: Mapping[str, date] = field(default_factory=dict)
    until: date | None = None  # None: counted from the day of the book
    held: Sequence[Held] = ()
    agreed: Mapping[str, Sequence[Agreed]] = field(default_factory=dict)

    @property
    def marks(self) -> dict[str, str]:
        """A short mark of each part: equal as long as the office knows the same of it on the same day."""
        parts: dict[str, object] = {
            "absent": sorted((role, list(days)) for role, days in self.absent.items()),
            "reduced": sorted(self.reduced_until.items()),
            "held": sorted((item.unit_id, item.class_key, item.until, item.policy.hash) for item in self.held),
            "agreed": sorted((number, list(each)) for number, each in self.agreed.items()),
        }
        return {name: sha256(repr(part).encode()).hexdigest()[:16] for name, part in parts.items()}


def away(known: Known) -> list[Absence]:
    """Who is not there, as the hours of the year take it."""
    return [Absence(role, first, last) for role, days in known.absent.items() for first, last in days]


def still_holding(plan: Plan, known: Known) -> tuple[Former, ...]:
    """Whose former promises hold until when: of a reduction until its day is there, of a new service model until it
    was told and the notice is over; of both, until the later day.

    Former service models that promise work of a role that is gone are left out: its hours are not there any more.
    """
    found: dict[str, Former] = {}
    for item in former_classes(plan.units.lazy(), plan.policy, plan.periods.as_of):
        found[item.unit_id] = replace(item, until=known.reduced_until.get(item.unit_id, known.until or item.until))
    there, fitting = set(plan.units["unit_id"].to_list()), _Fitting(plan.policy)
    for held in known.held:
        earlier = found.get(held.unit_id)
        if held.unit_id in there and _later(held, earlier) and fitting(held.policy):
            found[held.unit_id] = Former(held.unit_id, held.class_key, held.until, held.policy)
    return tuple(found[unit] for unit in sorted(found))


def _later(held: Held, earlier: Former | None) -> bool:
    """Whether it holds longer; of equal days the older service model is what is known, not the new one's class."""
    if earlier is None or earlier.until < held.until:
        return True
    return earlier.until == held.until and earlier.policy is None


class _Fitting:
    """Whether all roles of a former service model are there; each is looked at once."""

    def __init__(self, policy: Policy) -> None:
        self.roles = {role.key for role in policy.roles}
        self.found: dict[str, bool] = {}

    def __call__(self, former: Policy) -> bool:
        if former.hash not in self.found:
            needed = {item.role for _, own in former.promises for item in own if item.role}
            self.found[former.hash] = needed <= self.roles
        return self.found[former.hash]

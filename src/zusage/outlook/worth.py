"""A plan comes in, what keeping its promises costs in a year goes out: hours at cost rates, materials, kilometres.

The accounts of a plan hold the work that was done; what a change of the promises costs or saves is only to be seen in
what is owed.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals as nw

from zusage import engine
from zusage.ground.money import half_up
from zusage.plan import Plan
from zusage.policy.document import Promise
from zusage.promises.owed import DELIVERED, travels


def outlays(plan: Plan) -> Iterator[tuple[str, int]]:
    """What promised deliveries of a year cost beside time, by service: materials, and kilometres to the customer."""
    sums = plan.units.lazy().group_by("class_key").agg(
        nw.len().cast(nw.Int64).alias("units"), nw.col("distance_m").sum()
    )  # fmt: skip
    for row in engine.rows(sums):
        for promise in plan.policy.promises_of(row["class_key"]):
            if plan.policy.service(promise.service).measure in DELIVERED:
                cents = _outlay(plan, row["class_key"], promise, row["units"], row["distance_m"])
                yield promise.service, half_up(cents * promise.per_year_milli, 1000)


def _outlay(plan: Plan, class_key: str, promise: Promise, units: int, metres: int) -> int:
    """Cents of one delivery to each unit of a class."""
    per_km = plan.policy.travel.per_km.on(plan.periods.as_of)
    way = half_up(2 * metres * per_km, 1000) if travels(plan.policy, class_key, promise) else 0
    return units * plan.policy.service(promise.service).materials_cents + way


def outlay_cents(plan: Plan) -> int:
    """What promised deliveries of a year cost beside time."""
    return sum(cents for _, cents in outlays(plan))


def staff_cents(plan: Plan) -> int:
    """What all people of the firm cost in a year."""
    return sum(role.yearly_cost.on(plan.periods.as_of) for role in plan.policy.roles)


def owed_by_role(plan: Plan) -> dict[str, int]:
    """Seconds of a year owed by each role."""
    found = dict.fromkeys((role.key for role in plan.policy.roles), 0)
    for load in plan.hours.loads:
        found[load.role] += load.seconds
    return found

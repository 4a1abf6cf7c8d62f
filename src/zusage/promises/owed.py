"""Classified units and the policy come in, what each of them is owed goes out as a table.

Plain terms are the policy's; this file only puts them to the units, so that a promise is never written twice.
"""

from __future__ import annotations

import narwhals as nw

from zusage import engine
from zusage.engine import Frame, Schema
from zusage.policy.document import Policy, Promise

PROMISES: Schema = {
    "class_key": nw.String,
    "service": nw.String,
    "mode": nw.String,
    "per_year_milli": nw.Int64,  # deliveries a year, thousandths; 0: whenever it is asked for
    "role": nw.String,
    "delivery_seconds": nw.Int64,  # of one delivery, work around it included, travel not
    "travels": nw.Boolean,  # done at the customer's place by this class's promise
    "materials_cents": nw.Int64,
}

DELIVERED = ("cadence", "publication", "invitation", "occasion", "included")
"""Measures whose promises are deliveries with a number a year; the others say how something is done."""


def class_promises(policy: Policy) -> Frame:
    """The promises of every class, one row per class and service (columns PROMISES)."""
    rows = [(item.key, promise) for item in policy.classes for promise in policy.promises_of(item.key)]
    columns: dict[str, list[object]] = {
        "class_key": [key for key, _ in rows],
        "service": [promise.service for _, promise in rows],
        "mode": [promise.mode for _, promise in rows],
        "per_year_milli": [promise.per_year_milli for _, promise in rows],
        "role": [promise.role for _, promise in rows],
        "delivery_seconds": [promise.seconds + policy.service(promise.service).around_seconds for _, promise in rows],
        "travels": [travels(policy, key, promise) for key, promise in rows],
        "materials_cents": [policy.service(promise.service).materials_cents for _, promise in rows],
    }
    return engine.table(columns, PROMISES)


def travels(policy: Policy, class_key: str, promise: Promise) -> bool:
    """Whether a delivery means a way to the customer: the service may, and the class is promised meetings on site.

    A policy without any promise of a venue leaves it to the service alone.
    """
    if not policy.service(promise.service).travel:
        return False
    venues = [item.mode for item in policy.promises_of(class_key) if policy.service(item.service).measure == "venue"]
    return not venues or "on_site" in venues


def owed(units: Frame, policy: Policy) -> Frame:
    """One row per unit and service it is promised: unit_id and the columns PROMISES."""
    return units.select("unit_id", "class_key").join(class_promises(policy), on="class_key", how="inner")

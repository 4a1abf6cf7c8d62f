"""A plan comes in, what every class would take of hours and money at every unit goes out, and the hours there are.

A unit's promises at a class take the hours of their deliveries, with its own way to it, and money that ends when they
are not delivered (materials, kilometres). Wages are no such money: they are paid whether or not a promise is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from zusage import engine
from zusage.classes.assign import CHOSEN, OVERRIDE
from zusage.plan import Plan
from zusage.policy.document import Policy, Promise
from zusage.promises.owed import DELIVERED, travels
from zusage.promises.standing import Agreed
from zusage.promises.weaker import Hours, at_least

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Levels:
    """Units in the order of the plan, classes in that of the policy, roles in theirs; all of a year."""

    units: tuple[str, ...]
    names: tuple[str, ...]  # of the unit's first member
    classes: tuple[str, ...]
    roles: tuple[str, ...]
    yields: Numbers  # cents; below zero counts as nothing to lose
    seconds: Numbers  # units × classes × roles
    cents: Numbers  # units × classes: money that ends with the promise
    allowed: Flags  # units × classes
    held: Numbers  # class of today: as confirmed, else as the criteria give it
    ruled: Numbers  # class by the criteria
    free: tuple[int, ...]  # seconds of each role left for promises, by the policy's highest use


def levels_of(plan: Plan, agreed: Mapping[str, Sequence[Agreed]] | None = None) -> Levels:
    """What each class would take of each unit. `agreed` are promises by contract, by customer number."""
    policy, units = plan.policy, plan.units
    classes, roles = tuple(item.key for item in policy.classes), tuple(item.key for item in policy.roles)
    places = {key: place for place, key in enumerate(classes)}
    ruled = np.array([places[key] for key in units["class_key"].to_list()], np.int64)
    before = [places.get(key, -1) for key in units["previous_key"].to_list()]
    held = np.where(np.array(before, np.int64) >= 0, before, ruled).astype(np.int64)
    ids = tuple(units["unit_id"].to_list())
    seconds, cents = _takes(units["distance_m"].to_numpy().astype(np.int64), plan)
    named = _names(plan)
    return Levels(
        units=ids,
        names=tuple(named[unit] for unit in ids),
        classes=classes,
        roles=roles,
        yields=np.maximum(units["yield_cents"].to_numpy().astype(np.int64), 0),
        seconds=seconds,
        cents=cents,
        allowed=_allowed(plan, ruled, held, agreed or {}),
        held=held,
        ruled=ruled,
        free=tuple(_free(plan, role) for role in roles),
    )


def _names(plan: Plan) -> dict[str, str]:
    """unit → name of its first member, or its number."""
    found: dict[str, str] = {}
    for row in engine.rows(plan.memberships.select("customer_id", "unit_id", "name")):
        found.setdefault(row["unit_id"], row["name"] or row["customer_id"])
    return found


def _free(plan: Plan, role: str) -> int:
    """Hours there less what does not depend on a class: asked, duty, unassigned and internal work, work per issue."""
    there = sum(month.there_seconds for month in plan.hours.months if month.role == role)
    return there - sum(load.seconds for load in plan.hours.loads if load.role == role and load.source != "promise")


def _takes(distance: Numbers, plan: Plan) -> tuple[Numbers, Numbers]:
    policy, day = plan.policy, plan.periods.as_of
    roles = {item.key: place for place, item in enumerate(policy.roles)}
    seconds = np.zeros((len(distance), len(policy.classes), len(roles)), np.int64)
    cents = np.zeros(seconds.shape[:2], np.int64)
    for place, item in enumerate(policy.classes):
        for promise in _delivered(policy, item.key):
            service, way = policy.service(promise.service), 2 * distance * travels(policy, item.key, promise)
            once = promise.seconds + service.around_seconds + _half_up(way * policy.travel.seconds_per_km, 1000)
            if promise.role is not None:
                seconds[:, place, roles[promise.role]] += _half_up(once * promise.per_year_milli, 1000)
            spent = service.materials_cents + _half_up(way * policy.travel.per_km.on(day), 1000)
            cents[:, place] += _half_up(spent * promise.per_year_milli, 1000)
    return seconds, cents


def _delivered(policy: Policy, class_key: str) -> Iterator[Promise]:
    for promise in policy.promises_of(class_key):
        if policy.service(promise.service).measure in DELIVERED and promise.per_year_milli:
            yield promise


def _half_up(numbers: Numbers, divisor: int) -> Numbers:
    """`ground.money.half_up`, number by number."""
    return (2 * numbers + divisor) // (2 * divisor)


# --- who may get what


def _allowed(plan: Plan, ruled: Numbers, held: Numbers, agreed: Mapping[str, Sequence[Agreed]]) -> Flags:
    """Classes each unit may get. People's decisions, customers' choices, contracts and limited places stand."""
    policy, rows = plan.policy, np.arange(len(ruled))
    free = np.tile([not item.provisional for item in policy.classes], (len(ruled), 1))
    limited = [place for place, item in enumerate(policy.classes) if item.places is not None]
    free[:, limited] = False  # a place is given by the order the policy declares, not by a reckoning
    declined = np.array([-1 if rank is None else rank for rank in plan.units["declined_rank"].to_list()], np.int64)
    free &= np.arange(len(policy.classes)) > declined[:, None]
    free[rows, ruled] = True
    free[rows, held] |= held >= declined
    free &= ~_fixed(plan, ruled, held)[:, None] | (np.arange(len(policy.classes)) == ruled[:, None])
    for row, kept in _kept(plan, agreed).items():
        free[row] &= kept
        if not free[row].any():
            free[row, held[row]] = True
    return free


def _fixed(plan: Plan, ruled: Numbers, held: Numbers) -> Flags:
    """Units whose class a person set or the customer chose, and those with too short a history for any."""
    provisional = np.array([item.provisional for item in plan.policy.classes])
    said = np.array([because in (OVERRIDE, CHOSEN) for because in plan.units["because"].to_list()], bool)
    fixed: Flags = said | provisional[ruled] | provisional[held]
    return fixed


def _kept(plan: Plan, agreed: Mapping[str, Sequence[Agreed]]) -> dict[int, Flags]:
    """Row of a unit with contracts → the classes whose promises are at least as good as all that was agreed."""
    if not agreed:
        return {}
    policy, hours, day = plan.policy, Hours.of(plan.policy), plan.periods.as_of
    units = {row["customer_id"]: row["unit_id"] for row in engine.rows(_members(plan))}
    place = {unit: row for row, unit in enumerate(plan.units["unit_id"].to_list())}
    found: dict[int, Flags] = {}
    for customer, items in agreed.items():
        if customer not in units:
            continue
        row = place[units[customer]]
        kept = found.setdefault(row, np.ones(len(policy.classes), bool))
        for promise in (item.promise for item in items if item.holds(day)):
            measure = policy.service(promise.service).measure
            kept &= [
                at_least(policy.promise_of(key, promise.service), promise, measure, hours) for key in _keys(policy)
            ]
    return found


def _members(plan: Plan) -> nw.DataFrame[Any]:
    return plan.memberships.select("customer_id", "unit_id")


def _keys(policy: Policy) -> list[str]:
    return [item.key for item in policy.classes]

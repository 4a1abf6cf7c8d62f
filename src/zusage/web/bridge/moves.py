"""A change of class comes in, what it is and which criteria decide about it go out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.plan import Plan
from zusage.policy.document import Policy
from zusage.promises.weaker import renamed, successor


def as_renamed(old: Policy, new: Policy, key: str) -> str:
    """A class of the old service model by the key that the new one has for it; as it is where that has none."""
    known = key in {item.key for item in old.classes}
    return (renamed(old, new, key) if known else None) or key


def move(old: Policy, new: Policy, from_key: str, to_key: str) -> str:
    """What a change of class is by the levels of the new service model: first, up, down or level."""
    if not from_key:
        return "first"
    known = from_key in {item.key for item in (*old.classes, *new.classes)}
    former = new.service_class(successor(old, new, from_key)) if known else new.classes[-1]
    level = new.service_class(to_key).level
    return "up" if level > former.level else "down" if level < former.level else "level"


def decided_by(policy: Policy, from_key: str, to_key: str, change: str) -> str:
    """The class whose criteria decide: the one a unit rises to, or the one it no longer reaches."""
    known = from_key in {item.key for item in policy.classes}
    return from_key if change == "down" and known else to_key


def parts_of(plan: Plan, units: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """The criteria of some units, class by class: value, bounds, cut and how surely it is met."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in engine.rows(plan.parts.filter(nw.col("unit_id").is_in(list(units)))):
        found.setdefault(row["unit_id"], []).append(row)
    return found

"""The plans of the service model in force and of a draft come in, what that means goes out as figures for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zusage import engine
from zusage.capacity import HoursCheck
from zusage.ground.reasons import finding_as_json
from zusage.outlook.gate import Certificate, as_json, certify
from zusage.plan import ClassSum, Plan
from zusage.policy.document import Policy
from zusage.promises.replay import Replay, replay
from zusage.web.bridge.known import Known, away, still_holding
from zusage.web.bridge.moves import as_renamed, decided_by, move, parts_of
from zusage.web.bridge.names import sort_key
from zusage.web.bridge.reckoning import Tables

Row = dict[str, Any]
SUMS = ("customers", "yield_cents", "cost_cents", "contribution_cents", "owed_seconds")


def figures_of(before: Plan, after: Plan) -> Row:
    """Findings, hours, cost and class sums before and after."""
    return {
        "findings": [finding_as_json(item) for item in after.findings],
        "as_of": after.periods.as_of.isoformat(),
        "before": hours_of(before.hours),
        "after": hours_of(after.hours),
        "cost": [sum(item.cost_cents for item in plan.classes) for plan in (before, after)],
        "classes": _classes(before, after),
    }


def hours_of(hours: HoursCheck) -> Row:
    """The hours owed against those there: in all, and role by role."""
    roles: dict[str, list[int]] = {}
    for month in hours.months:
        sums = roles.setdefault(month.role, [0, 0])
        sums[0] += month.owed_seconds
        sums[1] += month.there_seconds
    return {
        "answer": hours.answer,
        "owed_seconds": hours.owed_seconds,
        "there_seconds": hours.there_seconds,
        "coverage_permille": hours.coverage_permille,
        "roles": [{"role": role, "owed": owed, "there": there} for role, (owed, there) in roles.items()],
    }


def gate_of(plan: Plan, tables: Tables, known: Known, made_on: date) -> Row:
    """The certificate of a plan's policy, as the command line gives it, with what the office knows besides."""
    return gate_json(certify(plan, tables, made_on, absences=away(known), former=still_holding(plan, known)))


def gate_json(certificate: Certificate) -> Row:
    """A certificate as it is kept with a check."""
    plain = as_json(certificate)
    del plain["risk"]  # nobody signs a draft
    return plain


def _classes(before: Plan, after: Plan) -> list[Row]:
    old, new = ({item.class_key: item for item in plan.classes} for plan in (before, after))
    return [
        {"key": key, "before": _sums(old.get(key)), "after": _sums(new.get(key))} for key in dict.fromkeys([*new, *old])
    ]


def _sums(item: ClassSum | None) -> Row | None:
    return {name: getattr(item, name) for name in SUMS} if item else None


def replays(before: Plan, after: Plan, tables: Tables) -> list[Row]:
    """What of the past calls would have been kept before and after, class by class; empty without any call."""
    first = _replay(tables, before, before.policy)
    second = _replay(tables, after, before.policy)
    return [_share(name, item) for name, item in (("before", first), ("after", second)) if len(item.rows["at"])]


def _replay(tables: Tables, plan: Plan, today: Policy) -> Replay:
    return replay(tables["work"], plan.memberships.lazy(), plan.policy, today)


def _share(name: str, found: Replay) -> Row:
    return {
        "which": name,
        "classes": [
            {
                "key": item.class_key,
                "requests": item.requests,
                "kept": item.kept,
                "late": item.late,
                "not_evidenced": item.not_evidenced,
                "kept_permille": item.kept_permille,
            }
            for item in found.classes
            if item.requests
        ],
        "last_day": found.last_day.isoformat(),
        "without_time": found.without_time,
    }


def movers(before: Plan, after: Plan) -> Iterator[Row]:
    """One row per unit whose class under the draft is another one than today's, for `Mover` without its check.

    Today's class is the confirmed one; where nobody has confirmed any, what the service model in force proposes.
    """
    usual = {row["unit_id"]: row["class_key"] for row in engine.rows(before.units.select("unit_id", "class_key"))}
    columns = ("unit_id", "members", "class_key", "previous_key")
    moved = []
    for row in engine.rows(after.units.select(*columns)):
        old = row["previous_key"] or as_renamed(before.policy, after.policy, usual.get(row["unit_id"], ""))
        if old != row["class_key"]:
            moved.append(row | {"from_key": old})
    parts, names = parts_of(after, [row["unit_id"] for row in moved]), _names(after)
    for row in moved:
        name = names[row["unit_id"]]
        change = move(before.policy, after.policy, row["from_key"], row["class_key"])
        wanted = decided_by(after.policy, row["from_key"], row["class_key"], change)
        yield {
            "unit_id": row["unit_id"],
            "name": name[:300],
            "sort_key": sort_key(name)[:300],
            "from_key": row["from_key"],
            "to_key": row["class_key"],
            "change": change,
            "customers": row["members"],
            "lines": [
                {name: part[name] for name in ("metric", "value", "cut", "met")}
                for part in parts.get(row["unit_id"], ())
                if part["class_key"] == wanted
            ],
        }


def _names(plan: Plan) -> Mapping[str, str]:
    """A name for each unit: that of the customer it is numbered after, else of its first."""
    found: dict[str, str] = {}
    for row in engine.rows(plan.memberships.select("customer_id", "unit_id", "name")):
        name = row["name"] or row["customer_id"]
        if row["customer_id"] == row["unit_id"]:
            found[row["unit_id"]] = name
        else:
            found.setdefault(row["unit_id"], name)
    return found

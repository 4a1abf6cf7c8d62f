"""A plan comes in, rows for the office's tables go out: customers, units and accounts of a run, and its summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from zusage import engine
from zusage.classes.parts import ranked
from zusage.plan import Plan
from zusage.policy.document import AllOf, Criterion, Policy, Rule
from zusage.report.tables import summary
from zusage.web.bridge.names import search_key, sort_key

Row = dict[str, Any]
NEAR_PERMILLE = 800
"""A cut is nearly reached from so much of it on."""


def summary_of(plan: Plan) -> Row:
    """The sums of a plan as JSON."""
    return summary(plan)


def customer_rows(plan: Plan, phones: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """One row per customer for `Customer`, without run and class in force."""
    members = {row["customer_id"]: row for row in engine.rows(plan.memberships)}
    near = near_classes(plan)
    for row in engine.rows(plan.accounts):
        number, name = row["customer_id"], row["name"] or row["customer_id"]
        member = members[number]
        yield {
            "number": number,
            "unit_id": member["unit_id"],
            "name": name[:300],
            "sort_key": sort_key(name)[:300],
            "search_key": search_key(name, number, phones.get(number, ())),
            "proposed_key": member["class_key"],
            "near_key": near.get(member["unit_id"], ""),
            "because": member["because"],
            "undecided": member["undecided"],
            "yield_cents": row["yield_cents"],
            "cost_cents": row["cost_cents"],
            "contribution_cents": row["contribution_cents"],
            "used_seconds": row["service_seconds"],
            "contracts": row["contracts"] or 0,
        }


def near_classes(plan: Plan) -> dict[str, str]:
    """Units with the best class they nearly reach; only those to whom a better one is near than the run proposes."""
    values: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for row in sorted(engine.rows(plan.parts), key=lambda row: int(row["number"])):  # as the rule of a class names them
        values.setdefault(row["unit_id"], {}).setdefault(row["class_key"], []).append((row["value"], row["cut"]))
    found = {}
    for row in engine.rows(plan.units):
        better = [item for item in ranked(plan.policy)[: row["rank"]] if item.places is None]
        own = values.get(row["unit_id"], {})
        key = next((item.key for item in better if _nearly(item.rule, iter(own.get(item.key, ())))), "")
        if key:
            found[row["unit_id"]] = key
    return found


def _nearly(rule: Rule, parts: Iterator[tuple[int, int]]) -> bool:
    """Whether a rule would be met by cuts a little lower; takes its parts one by one, so each is asked for."""
    if isinstance(rule, Criterion):
        value, cut = next(parts)
        return value >= cut or value * 1000 >= cut * NEAR_PERMILLE
    met = [_nearly(item, parts) for item in rule.rules]
    return all(met) if isinstance(rule, AllOf) or not met else any(met)


def unit_rows(plan: Plan) -> Iterator[Row]:
    """One row per unit for `Unit`: its figures and its parts as JSON."""
    parts: dict[str, list[Row]] = {}
    for row in engine.rows(plan.parts):
        parts.setdefault(row["unit_id"], []).append(_json(row))
    for row in engine.rows(plan.units):
        yield {
            "unit_id": row["unit_id"],
            "figures": _json(row),
            "parts": parts.get(row["unit_id"], []),
            "earned_seconds": row["earned_seconds"],
            "used_seconds": row["used_seconds"],
        }


def account_rows(plan: Plan) -> Iterator[Row]:
    """One row per customer for `Account`."""
    together = plan.policy.household_together
    for row in engine.rows(plan.accounts):
        unit = row["household_id"] if together else row["customer_id"]
        yield {"number": row["customer_id"], "unit_id": unit, "figures": _json(row)}


def _json(row: Mapping[str, Any]) -> Row:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}


def former_rows(
    policy: Policy, facts: Mapping[str, Mapping[str, Any]], phones: Mapping[str, Sequence[str]]
) -> Iterator[Row]:
    """One row per former customer for `Customer`: they have a name and a number, but no figures and no class."""
    for number, fact in facts.items():
        if fact["former"]:
            name = fact["name"] or number
            yield {
                "number": number,
                "unit_id": fact["household_id"] if policy.household_together else number,
                "name": name[:300],
                "sort_key": sort_key(name)[:300],
                "search_key": search_key(name, number, phones.get(number, ())),
            }

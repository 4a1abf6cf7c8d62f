"""A plan and a customer come in, the calculation behind the customer's class goes out, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.ground.reasons import Refused, mistake
from zusage.ground.words import Language, say
from zusage.plan import Plan
from zusage.report.explained import Explanation, explained
from zusage.report.lines import Line

Row = Mapping[str, Any]
FOUND = 20
"""So many names a search shows at most: whoever has more namesakes types the number."""


def find_customers(plan: Plan, text: str) -> list[tuple[str, str | None]]:
    """Number and name of the customers whose number is the text or whose name holds it; at most FOUND, by number."""
    known = plan.accounts.select("customer_id", "name")
    exact = engine.rows(known.filter(nw.col("customer_id") == text))
    lowered = nw.col("name").fill_null("").str.to_lowercase()
    held = exact or engine.rows(known.filter(lowered.str.contains(text.lower(), literal=True)).head(FOUND))
    return [(row["customer_id"], row["name"]) for row in held]


def explain(plan: Plan, customer_id: str, language: Language | None = None) -> Explanation:
    """The explanation of the unit a customer belongs to; names of classes and roles are in the language (the firm's).

    Raises Refused where the number is not in the plan.
    """
    known = engine.rows(plan.memberships.filter(nw.col("customer_id") == customer_id).select("unit_id"))
    if not known:
        raise Refused([mistake("report_no_customer", text=customer_id)])
    return next(explanations(plan, [known[0]["unit_id"]], language or plan.policy.firm.language))


def explanations(plan: Plan, unit_ids: Sequence[str], language: Language) -> Iterator[Explanation]:
    """The explanations of units, in the order asked for; each table is read once."""
    key = "household_id" if plan.policy.household_together else "customer_id"
    units = {row["unit_id"]: row for row in engine.rows(plan.units.filter(nw.col("unit_id").is_in(unit_ids)))}
    members = _grouped(engine.rows(plan.accounts.filter(nw.col(key).is_in(unit_ids)).sort("customer_id")), key)
    parts = _grouped(engine.rows(plan.parts.filter(nw.col("unit_id").is_in(unit_ids))), "unit_id")
    for unit_id in unit_ids:
        rows = units[unit_id], members[unit_id], parts.get(unit_id, [])
        yield explained(plan.policy, plan.periods, *rows, language)


def _grouped(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def as_json(explanation: Explanation, language: Language) -> dict[str, Any]:
    """An explanation ready for JSON: figures as integers with their unit, texts in the reader's language."""
    return {
        "unit_id": explanation.unit_id,
        "class_key": explanation.class_key,
        "class_name": explanation.class_name,
        "members": [asdict(member) for member in explanation.members],
        "decision": [say(reason, language) for reason in explanation.decision],
        "steps": [say(step, language) for step in explanation.steps],
        "promises": [*explanation.promises, *explanation.floor],
        "sections": [
            {
                "title": say(section.title, language),
                "lines": [_line_json(line, language) for line in section.lines],
            }
            for section in explanation.sections
        ],
    }


def _line_json(line: Line, language: Language) -> dict[str, Any]:
    return {
        "label": say(line.label, language),
        "unit": line.unit,
        "value": line.value,
        "text": line.figure(language),
        "calculation": line.reckoned(language),
        "total": line.total,
        "assumed": line.assumed,
        "met": line.met,
    }

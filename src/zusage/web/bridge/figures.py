"""A plan comes in, rows for the office's tables go out: customers, units and accounts of a run, and its summary."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from zusage import engine
from zusage.plan import Plan
from zusage.report.tables import summary

Row = dict[str, Any]
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def sort_key(name: str) -> str:
    """A key by which names sort the same on every database: DIN 5007, ä like a, ß like ss, no accents, small letters.

    >>> sort_key("Größe-Exempel, Doro")
    'grosse-exempel, doro'
    """
    return _plain(name.casefold())


def search_key(name: str, number: str, phones: Sequence[str] = ()) -> str:
    """Everything a customer is looked for by, in small letters: Müller, Muller and Mueller all find Müller.

    >>> search_key("Müller, Béla", "0042", ["+493412345678"])
    'muller, bela mueller, bela 0042 +493412345678'
    """
    small = name.casefold()
    ways = dict.fromkeys((_plain(small), _plain(small.translate(_GERMAN))))
    return " ".join((*ways, number, *phones))[:700]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("ß", "ss")


def summary_of(plan: Plan) -> Row:
    """The sums of a plan as JSON."""
    return summary(plan)


def customer_rows(plan: Plan, phones: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """One row per customer for `Customer`, without run and class in force."""
    members = {row["customer_id"]: row for row in engine.rows(plan.memberships)}
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
            "because": member["because"],
            "undecided": member["undecided"],
            "yield_cents": row["yield_cents"],
            "cost_cents": row["cost_cents"],
            "contribution_cents": row["contribution_cents"],
            "used_seconds": row["service_seconds"],
        }


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

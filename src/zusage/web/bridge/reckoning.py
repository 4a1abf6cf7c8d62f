"""A book's tables and what the office knows come in, a plan goes out, and what the plan does not hold of customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from zusage import engine
from zusage.book.kept import drop_tables, keep_tables, kept_tables
from zusage.book.tables import SCHEMAS
from zusage.cost import Costing, cost_book
from zusage.engine import Frame, Schema
from zusage.ground.reasons import Finding
from zusage.plan import PREVIOUS, Plan, make_plan
from zusage.policy.document import Policy
from zusage.web.bridge.matching import desk_log, merged_work

__all__ = [
    "Costing",
    "Plan",
    "Tables",
    "costed",
    "drop_tables",
    "facts_of_customers",
    "keep_tables",
    "kept_tables",
    "phones_of_customers",
    "reckon",
    "with_known_classes",
    "with_own_work",
    "with_rows",
]
"""With plan, costing and tables themselves, which rooms may hand on but not make, and the keeping of tables."""
Row = Mapping[str, Any]
Tables = Mapping[str, Frame]
FACTS = ("sort_name", "since", "consumer", "cannot_come", "former", "adviser")


def with_rows(tables: Tables, **more: Iterable[Row]) -> dict[str, Frame]:
    """Tables with further rows at their end: `with_rows(tables, choices=[…])`; what a row lacks is unknown."""
    longer = {name: _table(rows, SCHEMAS[name]) for name, rows in more.items()}
    return {name: engine.concat([frame, longer[name]]) if name in longer else frame for name, frame in tables.items()}


def with_known_classes(tables: Tables, known: Callable[[str], str]) -> dict[str, Frame]:
    """Tables whose overrides and choices name classes by the keys that `known` gives for theirs."""
    renamed = {}
    for name in ("overrides", "choices"):
        rows = engine.rows(tables[name])
        renamed[name] = _table(
            (row | {"class_key": known(row["class_key"]) if row["class_key"] else None} for row in rows), SCHEMAS[name]
        )
    return {**tables, **renamed}


def with_own_work(tables: Tables, own: Iterable[Row], today: date) -> dict[str, Frame]:
    """Tables with the work noted in the office; what the phone or the calendar logged too counts once."""
    held = list(own)
    if not held:
        return dict(tables)
    work = _table(merged_work(engine.rows(tables["work"]), held), SCHEMAS["work"])
    return with_rows({**tables, "work": work}, logs=desk_log((row["done_on"] for row in held), today))


def _table(rows: Iterable[Row], schema: Schema) -> Frame:
    held = list(rows)
    return engine.table({name: [row.get(name) for row in held] for name in schema}, schema)


def costed(tables: Tables, policy: Policy, today: date) -> Costing:
    """What no class touches, for `reckon` under this service model and all others that cost alike."""
    return cost_book(tables, policy, not_after=today)


def reckon(
    tables: Tables,
    policy: Policy,
    *,
    today: date,
    previous: Iterable[Row],
    findings: Sequence[Finding] = (),
    costing: Costing | None = None,
) -> Plan:
    """The plan of a book, as the command line makes it: its day is the last one the book holds anything of, at most
    today; what customers chose since counts too. `previous` are the confirmed classes (customer_id, class_key),
    `costing` is what `costed` gave for this book and day under a service model that costs alike."""
    known = _table(previous, PREVIOUS)
    return make_plan(tables, policy, not_after=today, previous=known, findings=findings, costing=costing, said_to=today)


def facts_of_customers(tables: Tables) -> dict[str, dict[str, Any]]:
    """What the book says of each customer beside name and money (FACTS), by number, former ones too."""
    found = engine.rows(tables["customers"].select("customer_id", "household_id", "name", *FACTS))
    return {row["customer_id"]: row for row in found}


def phones_of_customers(tables: Tables) -> dict[str, list[str]]:
    """The telephone numbers of each customer, in order."""
    found: dict[str, list[str]] = {}
    for row in engine.rows(tables["phones"].sort("customer_id", "number")):
        found.setdefault(row["customer_id"], []).append(row["number"])
    return found

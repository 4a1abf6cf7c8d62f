"""The tables of a book and who was erased come in, the same tables without them go out: every sum stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import narwhals as nw

from zusage import engine
from zusage.engine import Frame

NAMING = ("customer_id", "household_id", "referrer_id", "referred_id", "key")
"""Columns that may hold a customer's number; `key` that of a row which found nobody."""
GONE = ("phones", "addresses", "consents")
"""Tables whose rows go: nothing is summed over them, and consents with their proof are kept by the office."""
TEXTS = {"work": ("topic",), "choices": ("evidence",), "overrides": ("reason",)}


def anonymised(tables: Mapping[str, Frame], alias_of: Callable[[str], str | None], name: str) -> dict[str, Frame]:
    """Tables in which the erased stand under their aliases, without name, telephone, address, consents and texts."""
    named = {
        key
        for table, column in (("customers", "customer_id"), ("unassigned", "key"))
        for key in engine.collect(tables[table].select(column))[column].to_list()
        if key
    }
    known = {key: alias for key in named if (alias := alias_of(key))}
    if not known:
        return dict(tables)
    return {table: _without(table, frame, known, name) for table, frame in tables.items()}


def _without(table: str, frame: Frame, known: Mapping[str, str], name: str) -> Frame:
    columns = [column for column in NAMING if column in frame.collect_schema().names()]
    if table == "figures":
        columns.remove("key")  # there it is the name of a figure
    owner = next((column for column in columns if column != "household_id"), None)
    if owner is None:
        return frame
    erased = nw.col(owner).is_in(list(known)).fill_null(value=False)  # a row without an owner is nobody's
    if table in GONE:
        return frame.filter(~erased)
    emptied: list[nw.Expr] = [nw.when(~erased).then(nw.col(text)).alias(text) for text in TEXTS.get(table, ())]
    if table == "customers":
        emptied.append(nw.when(erased).then(nw.lit(name)).otherwise(nw.col("name")).alias("name"))
        emptied.append(nw.when(~erased).then(nw.col("sort_name")).alias("sort_name"))
    return frame.with_columns(*emptied, *(_renamed(column, known) for column in columns))


def _renamed(column: str, known: Mapping[str, str]) -> nw.Expr:
    found = nw.col(column)
    for number, alias in known.items():
        found = nw.when(nw.col(column) == number).then(nw.lit(alias)).otherwise(found)
    return found.alias(column)

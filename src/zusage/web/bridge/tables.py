"""Rows of the office's tables come in, the tidy tables of a book go out, exactly as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.book.tables import SCHEMAS
from zusage.engine import Frame

COLUMNS: dict[str, tuple[str, ...]] = {table: tuple(schema) for table, schema in SCHEMAS.items()}
"""The columns of each tidy table, in the order in which rows are handed out and taken back."""


def tidy_tables(rows: Mapping[str, Iterable[Sequence[Any]]]) -> dict[str, Frame]:
    """All tables of `book.tables.SCHEMAS` from their rows, each with the values of COLUMNS; missing ones are empty."""
    return {table: _table(table, rows.get(table, ())) for table in SCHEMAS}


def _table(table: str, rows: Iterable[Sequence[Any]]) -> Frame:
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMAS[table])
    return engine.table(dict(zip(COLUMNS[table], columns, strict=True)), SCHEMAS[table])


def as_json(table: str, row: Sequence[Any]) -> dict[str, Any]:
    """A row as JSON: column → value, days in ISO form."""
    values = zip(COLUMNS[table], row, strict=True)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values}


def from_json(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The way back of `as_json`."""
    return tuple(_value(kind, row[name]) for name, kind in SCHEMAS[table].items())


def _value(kind: Any, value: Any) -> Any:
    return date.fromisoformat(value) if kind == nw.Date and value is not None else value

"""A column that holds a list of texts as JSON comes in; the condition that it lists one of some goes out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, Expression, F


class Lists(Expression):
    """Whether a column of JSON lists one of these texts, wholly and exactly; for `filter` and within `Q`.

    Django's `contains` knows no SQLite, and its `has_any_keys` finds only the keys of objects there. No index helps:
    every row is read (10,000 messages with their texts: 45 ms on SQLite, 5 on PostgreSQL). For what a page asks each
    time there are rows, as in `AlsoFor`.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, wanted: Iterable[str]) -> None:
        super().__init__()
        self.column: Any = F(column)
        self.wanted = sorted(set(wanted))

    def get_source_expressions(self) -> list[Any]:
        """The column."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """The column, once it is known of which table."""
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """As SQLite says it."""
        column, params = compiler.compile(self.column)
        places = ", ".join(["%s"] * len(self.wanted)) or "NULL"
        found = f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value IN ({places}))"  # noqa: S608 - names and marks
        return found, [*params, *self.wanted]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """As PostgreSQL says it."""
        column, params = compiler.compile(self.column)
        return f"{column} ?| %s", [*params, self.wanted]

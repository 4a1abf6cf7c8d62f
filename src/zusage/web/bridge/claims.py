"""Recommendations noted in the office come in, the book's table with those of them that can count goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zusage import engine
from zusage.book.claims import Claim, Fault, faults
from zusage.book.tables import REFERRALS
from zusage.engine import Frame

__all__ = ["Claim", "Fault", "faults", "with_own_referrals"]


def with_own_referrals(tables: Mapping[str, Frame], own: Iterable[Mapping[str, Any]]) -> dict[str, Frame]:
    """Tables with the office's own recommendations at the end of the book's; one that both know counts once."""
    more = list(own)
    if not more:
        return dict(tables)
    rows = [*engine.rows(tables["referrals"]), *more]
    claims = [
        Claim(row["referrer_id"], row["referred_id"], row["referred_on"], lost=row["won"] is False) for row in rows
    ]
    out = faults(claims)
    kept = [row for place, row in enumerate(rows) if place not in out]
    columns = {name: [row.get(name) for row in kept] for name in REFERRALS}
    return {**tables, "referrals": engine.table(columns, REFERRALS)}

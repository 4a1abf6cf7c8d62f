"""Who recommended whom comes in; which of these claims cannot count, and why, goes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from zusage.ground.reasons import Finding, Place, warning

Fault = Literal["self", "twice", "loop"]


@dataclass(frozen=True)
class Claim:
    """That somebody recommended somebody; `other` is None while nobody knows them, `lost` when nothing came of it."""

    by: str
    other: str | None
    on: date | None = None
    lost: bool = False


def faults(claims: Sequence[Claim]) -> dict[int, Fault]:
    """The claims that cannot count, by their place, with the reason.

    Nobody recommends themselves; a customer is won once, by whoever recommended them first (claims without a day come
    last, equals in their order); and nobody came by a customer whom they brought themselves. What was lost claims
    nobody.

    >>> faults([Claim("1", "2"), Claim("3", "2"), Claim("2", "1"), Claim("4", "4")])
    {1: 'twice', 2: 'loop', 3: 'self'}
    """
    found: dict[int, Fault] = {}
    brought_by: dict[str, str] = {}
    order = sorted(range(len(claims)), key=lambda place: (claims[place].on or date.max, place))
    for place in order:
        claim = claims[place]
        if claim.other is None:
            continue
        if claim.by == claim.other:
            found[place] = "self"
        elif claim.lost:
            continue
        elif brought_by.get(claim.other) is not None:
            found[place] = "twice"
        elif claim.other in _before(claim.by, brought_by):
            found[place] = "loop"
        else:
            brought_by[claim.other] = claim.by
    return dict(sorted(found.items()))


def _before(customer: str, brought_by: dict[str, str]) -> Iterable[str]:
    """Those by whom a customer came, one after the other; it ends, because no loop was let in."""
    while (customer := brought_by.get(customer, "")) != "":
        yield customer


def claim_findings(found: dict[int, Fault], claims: Sequence[Claim], places: Sequence[Place]) -> list[Finding]:
    """What is told of claims that do not count: each with the line it stands in."""
    return [
        warning(f"book_referral_{fault}", places[index], first=claims[index].by, other=claims[index].other)
        for index, fault in found.items()
    ]

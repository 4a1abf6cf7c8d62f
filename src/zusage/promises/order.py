"""Requests come in, the order in which they are worked on goes out: the desk's queue and the simulation's."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from zusage.policy.document import URGENT

URGENCIES = (*URGENT, "normal")
"""All urgencies, most urgent first; the place is the rank."""


class Waiting(Protocol):
    """A request as far as the order needs it."""

    @property
    def urgency_rank(self) -> int:
        """The place of its urgency in URGENCIES."""

    @property
    def due_at(self) -> datetime | None:
        """When it is due after all events; None while the clock stands."""

    @property
    def asked_at(self) -> datetime:
        """When it was asked."""


def rank(urgency: str) -> int:
    """The place of an urgency, 0 the most urgent.

    >>> rank("emergency"), rank("normal")
    (0, 3)
    """
    return URGENCIES.index(urgency)


def order(item: Waiting) -> tuple[int, bool, datetime, datetime]:
    """The key to sort by: urgency, then the due moment (who waits for the customer comes last), then who asked first.

    The class is no part of it: it made the due moment.
    """
    return item.urgency_rank, item.due_at is None, item.due_at or item.asked_at, item.asked_at

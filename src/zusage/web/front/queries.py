"""Questions that join rooms: which promises of which customers are open, and all that a customer's page shows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from zusage.web.customers.models import Customer
from zusage.web.customers.queries import Filters, customers_for, filtered
from zusage.web.desk.models import Request
from zusage.web.office.models import User

# --- the list of customers

PROMISES = ("open", "tight", "broken")
"""What the list can be asked for: any open promise, one that gets tight, one that is broken already."""
_WORST = ("broken", "tight", "due", "paused")


def listed(user: User, filters: Filters, now: datetime) -> QuerySet[Customer]:
    """The customers somebody asked the list for, in order."""
    found = filtered(customers_for(user), filters)
    if not filters.promise:
        return found
    return found.filter(number__in=_in_state(filters.promise, now).values("number"))


def _in_state(promise: str, now: datetime) -> QuerySet[Request]:
    if promise == "broken":
        return Request.objects.filter(state="open", due_at__lte=now)
    if promise == "tight":
        return Request.objects.filter(state="open", due_at__gt=now, tight_at__lte=now)
    return Request.objects.filter(state__in=("open", "waiting"))


def promise_states(numbers: Collection[str], now: datetime) -> dict[str, str]:
    """How the open promises of customers stand; of several the worst."""
    found = Request.objects.filter(number__in=numbers, state__in=("open", "waiting"))
    states: dict[str, str] = {}
    for number, kept, due_at, tight_at in found.values_list("number", "state", "due_at", "tight_at"):
        state = state_of(kept, due_at, tight_at, now)
        states[number] = min(state, states.get(number, state), key=_WORST.index)
    return states


def state_of(state: str, due_at: datetime | None, tight_at: datetime | None, now: datetime) -> str:
    """How an open promise stands: word, shape and colour of the pages go by this."""
    if state == "waiting" or due_at is None:
        return "paused"
    if due_at <= now:
        return "broken"
    return "tight" if tight_at is not None and tight_at <= now else "due"

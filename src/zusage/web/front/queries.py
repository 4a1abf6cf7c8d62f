"""Questions that join rooms: what Today shows, which promises of which customers are open, all of one customer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from zusage.policy.document import Policy
from zusage.web.customers.models import Customer, Membership
from zusage.web.customers.queries import Filters, customers_for, filtered
from zusage.web.desk.models import Request
from zusage.web.desk.queries import Line, in_order, lines, requests_for, zone_of
from zusage.web.office.models import User

# --- Today

LISTED = 50
"""How many requests Today lists; the queue has them all."""


@dataclass(frozen=True)
class Owed:
    """The requests of a day: what is listed, and the figures of the first line."""

    lines: list[Line]
    more: int  # that are not listed
    today: int  # still to be answered today
    over: int  # that should have been answered by now
    last_at: datetime | None  # when the last one of today is due


def owed(user: User, policy: Policy, now: datetime, *, mine: bool) -> Owed:
    """The open requests that are due by the end of tomorrow, or already tight or broken, in the desk's order."""
    zone = zone_of(policy)
    tonight = _midnight(now.astimezone(zone).date() + timedelta(1), zone)
    found = requests_for(user).filter(state="open")
    if mine:
        found = found.filter(owner=user)
    soon = list(in_order(found.filter(Q(due_at__lt=tonight + timedelta(1)) | Q(tight_at__lte=now))))
    today = [item for item in soon if item.due_at and now <= item.due_at < tonight]
    return Owed(
        lines=lines(soon[:LISTED], policy, now),
        more=len(soon[LISTED:]),
        today=len(today),
        over=sum(item.due_at is not None and item.due_at < now for item in soon),
        last_at=max((item.due_at for item in today if item.due_at), default=None),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def done_today(user: User, policy: Policy, now: datetime) -> list[Line]:
    """What this person finished today, the last first: it can be taken back here."""
    since = _midnight(now.astimezone(zone_of(policy)).date(), zone_of(policy))
    found = requests_for(user).filter(state="done", events__kind="done", events__by=user, done_at__gte=since)
    return lines(found.distinct().order_by("-done_at", "-pk")[:LISTED], policy, now)


def first_step(user: User, policy: Policy | None) -> str:
    """What an office does first, as the ending of its text: import, confirm, ask; empty once it works."""
    if policy is None or not Customer.objects.filter(run__published=True).exists():
        return "import"
    if not Membership.objects.exists():
        return "confirm"
    return "" if requests_for(user).exists() else "ask"


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

"""The due watch: open requests come in, those that got tight or are broken go out marked, each with its event."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from zusage.web.desk.models import Event, Request

AT_ONCE = 50
"""Requests marked in one transaction: it stays far below 200 ms, so that nobody at the desk waits for the watch."""


def broken_by(now: datetime) -> Q:
    """What is not kept any more."""
    return Q(due_at__lt=now)


def tight_by(now: datetime) -> Q:
    """What gets tight, and is not broken by now."""
    return Q(tight_at__lte=now, due_at__gte=now)


MARKS = {"broken": ("broken_marked_at", broken_by), "tight": ("tight_marked_at", tight_by)}
"""For each mark its column and what it is due for."""


def watch(now: datetime) -> int:
    """Mark every open request that got tight or is broken, and record the event; how many were marked.

    Several watches may run at once, and one may be killed at any moment: a mark and its event stand in one
    transaction, and only who changed the row writes the event.
    """
    return sum(_mark(kind, now) for kind in MARKS)


def _mark(kind: str, now: datetime) -> int:
    column, due = MARKS[kind]
    unmarked = Request.objects.filter(due(now), **{"state": "open", f"{column}__isnull": True}).order_by("pk")
    marked, last = 0, 0
    while keys := list(unmarked.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        last = keys[-1]
        with transaction.atomic():
            # by the same order everywhere: two watches never wait for each other
            won = [key for key in keys if unmarked.order_by().filter(pk=key).update(**{column: now})]
            Event.objects.bulk_create(Event(request_id=key, kind=kind, at=now) for key in won)
        marked += len(won)
    return marked

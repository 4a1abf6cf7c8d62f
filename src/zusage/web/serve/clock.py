"""The clock as a process of its own: time comes in; the due watch, the daily work and backups are set off."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, time
from importlib import import_module
from zoneinfo import ZoneInfo

import django
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from zusage.web.serve.lifeline import when_parent_ends

log = logging.getLogger("zusage.serve")
EVERY_SECONDS = 20
DAILY = {"daily": time(0, 0), "backup": time(2, 30)}
"""Work of each day and its hour. A computer that was off then does it when it is on again."""
WATCHING = (
    *("zusage.web.desk.jobs", "zusage.web.charter.outbox.jobs", "zusage.web.charter.letters.jobs"),
    "zusage.web.privacy.jobs",
)
"""Who looks at the clock: the due watch, the outbox, weeks of letters, rules for keeping; named, not imported: they
stand above this."""


def main() -> None:
    """Look at the clock until the parent lets go."""
    django.setup()
    stopping = threading.Event()
    when_parent_ends(stopping.set)
    while not stopping.is_set():
        close_old_connections()
        try:
            tick(timezone.now())
        except DatabaseError as error:  # busy or away for a moment: the next round makes up for it
            log.error("the clock could not reach the database (%s)", type(error).__name__)
        stopping.wait(EVERY_SECONDS)


def tick(now: datetime) -> None:
    """What is to be done at a moment."""
    from zusage.web.office.queries import has_firm  # noqa: PLC0415 - needs the settings

    if has_firm():
        for room in WATCHING:
            import_module(room).watch(now)
        start_due_jobs(now)


def start_due_jobs(now: datetime) -> list[str]:
    """Put the work of this day into the queue, once a day; answers the kinds."""
    from zusage.web.office.jobs import start_job  # noqa: PLC0415 - needs the settings
    from zusage.web.office.models import Job  # noqa: PLC0415 - needs the settings
    from zusage.web.office.queries import firm_time_zone  # noqa: PLC0415 - needs the settings

    zone = ZoneInfo(firm_time_zone())
    local = timezone.localtime(now, zone)
    started = []
    for kind, hour in DAILY.items():
        since = datetime.combine(local.date(), hour, zone)
        if now >= since and not Job.objects.filter(kind=kind, created_at__gte=since).exists():
            start_job(kind, now=now)
            started.append(kind)
    return started


if __name__ == "__main__":
    main()

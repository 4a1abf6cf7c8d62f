"""A process beside the tests: `fill` an office with requests that are due, `watch` over them as the office does."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import django

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
REQUESTS = 1000


def fill() -> None:
    """Requests of which the first half is broken at NOW and the second half gets tight, into an empty office."""
    from zusage.web.desk.models import Request

    hour = timedelta(hours=1)
    Request.objects.bulk_create(
        Request(
            number=f"{number:04d}", unit_id=f"{number:04d}", name=f"Kunde {number}", asked_at=NOW - 5 * hour,
            what="callback", class_key="A", policy_hash="", answer={},
            due_at=NOW - hour if number < REQUESTS // 2 else NOW + hour, tight_at=NOW - 2 * hour,
        )
        for number in range(REQUESTS)
    )  # fmt: skip


def watch() -> None:
    """Say that all is ready, wait for a line, watch once, say how many were marked."""
    from django.db import connection

    from zusage.web.desk.jobs import watch as watch_once

    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{watch_once(NOW)}\n")


if __name__ == "__main__":
    django.setup()
    for verb in sys.argv[1:]:
        {"fill": fill, "watch": watch}[verb]()

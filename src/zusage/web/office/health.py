"""A moment comes in; whether database, worker and disk are as they should be goes out."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

BEAT = "worker.beat"
"""The worker touches this file in the data folder as a sign of life."""
SILENT = timedelta(seconds=60)
LEAST_FREE = 200_000_000
"""Bytes; below it an import or a backup may fail."""


def works(now: datetime) -> dict[str, bool]:
    """Each part, and whether it works."""
    return {"database": _database(), "jobs": _worker(now), "disk": _disk()}


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _worker(now: datetime) -> bool:
    try:
        beat = (Path(settings.DATA) / BEAT).stat().st_mtime
    except OSError:
        return False
    return now - datetime.fromtimestamp(beat, UTC) < SILENT


def _disk() -> bool:
    return shutil.disk_usage(settings.DATA).free >= LEAST_FREE

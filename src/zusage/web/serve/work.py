"""The worker of jobs as a process of its own: what waits in the queue comes in, done or failed goes out."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import django
from django.conf import settings
from django.utils import timezone

from zusage.web.serve.lifeline import when_parent_ends

BEAT_SECONDS = 10


def main() -> None:
    """Take up what a killed worker left behind, then work until the parent lets go; a job under way is finished."""
    django.setup()
    from django_tasks_db.management.commands.db_worker import Worker  # noqa: PLC0415 - needs the settings

    from zusage.web.office.health import BEAT  # noqa: PLC0415 - needs the settings
    from zusage.web.office.jobs import reap  # noqa: PLC0415 - needs the settings

    if hasattr(os, "nice"):
        os.nice(10)  # somebody waits for a page, nobody for a job: pages go first
    reap(timezone.now())
    worker = Worker(
        queue_names=["*"],
        interval=1,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"office-{os.getpid()}",
        excluded_queue_names=[],
    )
    signal.signal(signal.SIGTERM, worker.shutdown)

    def stop() -> None:
        worker.running = False

    when_parent_ends(stop)
    threading.Thread(target=_beat, args=(Path(settings.DATA) / BEAT,), daemon=True, name="beat").start()
    worker.run()


def _beat(file: Path) -> None:
    """A sign of life for `/healthz`, in the file's time."""
    while True:
        file.touch()
        threading.Event().wait(BEAT_SECONDS)


if __name__ == "__main__":
    main()

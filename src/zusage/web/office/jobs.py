"""Work in the background: a kind of job comes in, it runs in the worker and shows its progress.

A room's `jobs.py` names its functions with `job(kind)`; `start_job` puts one into the queue after the transaction that
asked for it. Every job can be run again from its beginning: it writes unpublished rows and publishes them at the end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from auditlog.context import set_actor
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import task

from zusage.ground.reasons import Refused, finding_as_json, mistake
from zusage.web.office.models import Job, User
from zusage.web.office.queries import firm_time_zone

log = logging.getLogger("zusage.jobs")
Work = Callable[["Job", "Progress"], dict[str, Any]]
ROOMS = {
    "read": "zusage.web.book.jobs",
    "publish": "zusage.web.review.jobs",
    "undo": "zusage.web.review.jobs",
    "review": "zusage.web.review.jobs",
    "confirm": "zusage.web.review.jobs",
    "daily": "zusage.web.calendar.jobs",
    "backup": "zusage.web.office.backup",
    "check": "zusage.web.services.publish.jobs",
    "letters": "zusage.web.charter.letters.jobs",
    "send": "zusage.web.charter.outbox.jobs",
    "retention": "zusage.web.privacy.jobs",
    "capacity": "zusage.web.insight.jobs",
}
"""Where each kind of job is at home; named, not imported, because those rooms stand above this one."""
MOST_TRIES = 2
LONGEST_REST = 0.2
_FOUND: dict[str, Work] = {}


def job(kind: str) -> Callable[[Work], Work]:
    """Names the function that does a kind of job. It returns what the job's page shows as JSON."""

    def decorate(work: Work) -> Work:
        _FOUND[kind] = work
        return work

    return decorate


class Progress:
    """Tells how far a job is; writes at most twice a second."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.written = datetime.min.replace(tzinfo=timezone.get_default_timezone())

    def step(self, code: str, done: int = 0, total: int = 0) -> None:
        """A step (code of its text) begins or goes on."""
        now = timezone.now()
        if code == self.job.step and done < total and now - self.written < timedelta(milliseconds=500):
            return
        self.written = now
        self.job.step, self.job.done, self.job.total = code, done, total
        Job.objects.filter(pk=self.job.pk).update(step=code, done=done, total=total, beat_at=now)


@contextmanager
def short_write() -> Iterator[None]:
    """A short transaction of many. On SQLite a rest of the same length follows: nobody reads while one is written
    down, and of one after the other pages would hardly get a turn. Never within a transaction, which would rest too."""
    begin = time.monotonic()
    with transaction.atomic():
        yield
    if connection.vendor == "sqlite":
        time.sleep(min(time.monotonic() - begin, LONGEST_REST))


def start_job(
    kind: str,
    *,
    now: datetime,
    by: User | None = None,
    subject: int | None = None,
    asked: Mapping[str, Any] | None = None,
) -> Job:
    """Put a job into the queue; it starts after the transaction around this call."""
    found = Job.objects.create(kind=kind, subject=subject, asked=dict(asked or {}), asked_by=by, created_at=now)
    _enqueue(found)
    return found


def _enqueue(found: Job) -> None:
    result = run_job.enqueue(found.pk)
    Job.objects.filter(pk=found.pk).update(task=str(result.id))


@task()
def run_job(job_id: int) -> None:
    """Run a job; whatever happens, its row says how it ended."""
    now = timezone.now()
    if not Job.objects.filter(pk=job_id, state="queued").update(state="running", started_at=now, beat_at=now):
        return  # somebody else has it, or it is over
    found = Job.objects.get(pk=job_id)
    Job.objects.filter(pk=job_id).update(tries=found.tries + 1)
    try:
        import_module(ROOMS[found.kind])
        # the worker's own zone is none of anybody: days are the firm's, in every job
        with set_actor(found.asked_by), timezone.override(ZoneInfo(firm_time_zone())):
            result = _FOUND[found.kind](found, Progress(found))
    except Refused as refused:
        _end(job_id, "failed", findings=[finding_as_json(item) for item in refused.findings])
    except Exception as error:
        log.exception("job %s failed", found.kind)
        _end(job_id, "failed", findings=[finding_as_json(mistake("job_broke", text=type(error).__name__))])
    else:
        _end(job_id, "done", result=result or {})


def _end(job_id: int, state: str, **values: Any) -> None:
    Job.objects.filter(pk=job_id).update(state=state, finished_at=timezone.now(), **values)


def reap(now: datetime) -> int:
    """What a killed worker left behind is queued again, or called failed where it failed that way before.

    Called when the only worker starts: whatever is still called running then, is not.
    """
    left = Job.objects.filter(state="running")
    for found in left:
        if found.tries >= MOST_TRIES:
            _end(found.pk, "failed", findings=[finding_as_json(mistake("job_killed"))])
        elif Job.objects.filter(pk=found.pk, state="running").update(state="queued"):
            _enqueue(found)
    return len(left)

"""A draft comes in, what it would mean for the book goes out: figures, who moves, what past calls would have got."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.web.bridge.checking import figures_of, gate_of, movers, replays
from zusage.web.bridge.reckoning import Plan
from zusage.web.customers.models import Run
from zusage.web.customers.queries import published_run
from zusage.web.office.jobs import Progress, job, short_write
from zusage.web.office.models import Job
from zusage.web.office.queries import policy_of
from zusage.web.review.queries import tables_of_run
from zusage.web.services.models import Check, Draft, Mover
from zusage.web.services.queries import ground_of, known_of, read_draft, trial_of

CHUNK = 250
"""Rows of one transaction: below 200 ms, so that readers of SQLite never wait long."""


@job("check")
def check(job: Job, progress: Progress) -> dict[str, Any]:
    """Holds a draft against the book: what it says stands beside the draft, as long as the draft stays as it is."""
    draft = Draft.objects.get(pk=job.subject or 0)
    run = published_run()
    if run is None:
        raise Refused([mistake("publish_no_book")])
    _drop(Check.objects.filter(draft=draft, hash=""))
    made = _write(draft, run, job, progress)
    progress.step("publish_step_tidy")
    _drop(Check.objects.filter(draft=draft).exclude(pk=made.pk))
    return {"check": made.pk}


def _write(draft: Draft, run: Run, job: Job, progress: Progress) -> Check:
    """The figures first, then row by row who moves; only at the end the check counts as one of this draft."""
    today = timezone.localdate()
    ground = ground_of(read_draft(draft).policy, today)  # first: what is entered meanwhile makes the check stale
    before, after = _plans(draft, run, today, progress)
    figures = figures_of(before, after) | {"ground": ground}
    progress.step("publish_step_gate")
    tables = tables_of_run(run, today)
    figures["gate"] = gate_of(after, tables, known_of(after.policy, today), today)
    progress.step("publish_step_replay")
    figures["replay"] = replays(before, after, tables)
    made = Check.objects.create(draft=draft, hash="", run=run.pk, figures=figures, by=job.asked_by, at=timezone.now())
    _write_movers((Mover(check_of=made, **row) for row in movers(before, after)), progress)
    Check.objects.filter(pk=made.pk).update(hash=after.policy.hash)
    return made


def _plans(draft: Draft, run: Run, today: date, progress: Progress) -> tuple[Plan, Plan]:
    progress.step("publish_step_today")
    before = trial_of(policy_of(run.policy), today)
    progress.step("publish_step_draft")
    after = trial_of(read_draft(draft).policy, today)
    assert before is not None and after is not None  # noqa: S101, PT018 - there is a run, and so there are plans
    return before, after


def _write_movers(rows: Iterator[Mover], progress: Progress) -> None:
    done = 0
    progress.step("publish_step_movers")
    while chunk := list(islice(rows, CHUNK)):
        with short_write():
            Mover.objects.bulk_create(chunk)
        done += len(chunk)
        progress.step("publish_step_movers", done, done)


def _drop(checks: Any) -> None:
    """Checks with their rows, in short transactions."""
    for found in checks:
        while rows := list(found.movers.values_list("pk", flat=True)[:CHUNK]):
            with short_write():
                Mover.objects.filter(pk__in=rows).delete()
        found.delete()

"""An import, its undoing or a new service model comes in; a published book with figures and open proposals goes out.

Everything is written unpublished, in short transactions; one flip at the end publishes it. Whatever breaks before the
flip leaves the former book as it was, and the job can be run again from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.ground.typed import finding_from_json
from zusage.web.book.actions import drop_book, refuse_what_is_lost, write_book
from zusage.web.book.models import Book, Erased, Import, ImportFile
from zusage.web.book.queries import active_files, published_book
from zusage.web.bridge.figures import account_rows, customer_rows, former_rows, summary_of, unit_rows
from zusage.web.bridge.names import sort_key
from zusage.web.bridge.reckoning import (
    Plan,
    Tables,
    drop_tables,
    facts_of_customers,
    keep_tables,
    phones_of_customers,
)
from zusage.web.customers.actions import count_flip
from zusage.web.customers.models import Account, Customer, Membership, Run, Unit
from zusage.web.office.jobs import Progress, job, short_write, start_job
from zusage.web.office.models import Firm, Job
from zusage.web.office.queries import policy_of, policy_version_on
from zusage.web.review.actions import confirm_first, confirm_upgrades
from zusage.web.review.models import Proposal
from zusage.web.review.queries import classes_in_force, composed_tables, folder_of, proposed_changes, reckoned
from zusage.web.review.waves.actions import continue_waves

CHUNK = 250
"""Rows of one transaction: below 200 ms, so that readers of SQLite never wait long."""
OVERTAKEN = Q(state="overtaken", run=None)
NEVER_SEEN = Q(state="open") & (Q(run=None) | Q(run__published=False))
"""Proposals nobody needs: of the run before the former one, and of runs that broke off before their flip."""
_Row = TypeVar("_Row", bound=Model)


@job("publish")
def publish(job: Job, progress: Progress) -> dict[str, Any]:
    """An import that was read and looked at becomes part of the book."""
    part = Import.objects.get(pk=job.subject or 0)
    if part.state == "published":  # the job was killed after the flip
        return _finish(progress)
    if not Import.objects.filter(pk=part.pk, state__in=("ready", "publishing")).update(state="publishing"):
        raise Refused([mistake("review_not_ready")])
    try:
        return _renew(part, active_files(also=part), "published", progress)
    except Exception:
        Import.objects.filter(pk=part.pk, state="publishing").update(state="ready")
        raise


@job("undo")
def undo(job: Job, progress: Progress) -> dict[str, Any]:
    """An import is taken out of the book again; classes that people confirmed stay."""
    part = Import.objects.get(pk=job.subject or 0)
    if part.state == "undone":
        return _finish(progress)
    if part.state != "published":
        raise Refused([mistake("review_not_published")])
    refuse_what_is_lost(part)  # the rule may have been applied since somebody asked
    return _renew(part, active_files(without=part), "undone", progress)


@job("review")
def review(job: Job, progress: Progress) -> dict[str, Any]:
    """The published book is reckoned anew: under a new service model, or with what was noted since."""

    def begin() -> Run:
        book = published_book()
        if book is None:
            raise Refused([mistake("review_no_book")])
        return _write_run(book, progress)

    return _publish_run(begin, None, "", progress)


@job("confirm")
def confirm(job: Job, progress: Progress) -> dict[str, Any]:
    """Thousands of first classes or upgrades that somebody signed; killed, it goes on with what is still open."""
    if job.asked_by is None:
        raise Refused([mistake("review_nobody_signed")])
    given: dict[str, Any] = {
        "by": job.asked_by,
        "now": timezone.now(),
        "told": partial(progress.step, "review_step_confirm"),
    }
    if "reason" in job.asked:
        return {"confirmed": confirm_first(reason=job.asked["reason"], **given)}
    return {"confirmed": confirm_upgrades(chosen=job.asked["chosen"], **given)}


def _renew(part: Import, files: QuerySet[ImportFile], state: str, progress: Progress) -> dict[str, Any]:
    """Files are read anew, reckoned and published; with the flip the import has its new state."""

    def begin() -> Run | None:
        if not files.exists():  # the only import is undone: there is no book any more
            return None
        progress.step("review_step_book")
        return _write_run(write_book(cause=part, files=files, progress=progress.step, now=timezone.now()), progress)

    return _publish_run(begin, part, state, progress)


# --- the figures


def _write_run(book: Book, progress: Progress) -> Run:
    """The rows of a run and what it proposes, unpublished."""
    today = timezone.localdate()
    version = policy_version_on(today)
    if version is None:
        raise Refused([mistake("review_no_policy")])
    policy, begun = policy_of(version), timezone.now()
    progress.step("review_step_reckon")
    tables = composed_tables(book, today)
    plan = reckoned(tables, policy, today, [finding_from_json(item) for item in book.findings])
    run = Run.objects.create(
        book=book, policy=version, as_of=plan.periods.as_of, created_at=begun, summary=summary_of(plan)
    )
    keep_tables(tables, folder_of(run))
    _write(_customers(run, plan, tables, today), progress, "review_step_customers", len(plan.accounts))
    _write((Unit(run=run, **row) for row in unit_rows(plan)), progress, "review_step_units", len(plan.units))
    _write(
        (Account(run=run, **row) for row in account_rows(plan)), progress, "review_step_accounts", len(plan.accounts)
    )
    _write(proposed_changes(run, policy, today), progress, "review_step_proposals", 0)
    continue_waves(run=run, policy=policy, today=today)
    return run


def _customers(run: Run, plan: Plan, tables: Tables, today: date) -> Iterator[Customer]:
    facts, phones = facts_of_customers(tables), phones_of_customers(tables)
    in_force = classes_in_force(today, plan.policy)
    for row in (*customer_rows(plan, phones), *former_rows(plan.policy, facts, phones)):
        known = facts[row["number"]]
        if known["sort_name"]:
            row["sort_key"] = sort_key(known["sort_name"])[:300]
        yield Customer(
            run=run,
            since=known["since"],
            consumer=known["consumer"],
            cannot_come=bool(known["cannot_come"]),
            former=bool(known["former"]),
            adviser=(known["adviser"] or "")[:120],
            class_key=in_force.get(row["number"], ""),
            **row,
        )


def _write(rows: Iterable[_Row], progress: Progress, step: str, total: int) -> None:
    """Write rows in transactions short enough for readers of SQLite."""
    source, done = iter(rows), 0
    progress.step(step, done, total)
    while chunk := list(islice(source, CHUNK)):
        with short_write():
            type(chunk[0])._default_manager.bulk_create(chunk)
        done += len(chunk)
        progress.step(step, done, max(done, total))


# --- the flip


class _ErasedMeanwhile(Exception):  # noqa: N818 - nobody made a mistake
    """Somebody was erased while the rows were written: some of them may name them still."""


def _publish_run(
    begin: Callable[[], Run | None], part: Import | None, state: str, progress: Progress
) -> dict[str, Any]:
    """The rows of a run, its flip, what follows from it, and what it leaves to be cleared away; begun anew where
    somebody was erased before the flip."""
    while True:
        _drop_unpublished(progress)
        gone, run = Erased.objects.count(), begin()
        progress.step("review_step_flip")
        try:
            _flip(run, part, state, gone, now=timezone.now(), today=timezone.localdate())
        except _ErasedMeanwhile:
            continue
        break
    result = _finish(progress)
    if run is None:
        return result
    found = {
        "customers": Customer.objects.filter(run=run).count(),
        "proposals": Proposal.objects.filter(run=run, state="open").count(),
    }
    return result | {"run": run.pk} | found


def _flip(run: Run | None, part: Import | None, state: str, gone: int, *, now: datetime, today: date) -> None:
    """One short transaction: the new book and run take the place of the former ones, open proposals are overtaken.

    Counted right before its end and right after, for the pages under way then (`middleware.settle`): one that asks on
    both sides of the end would have to begin and be ready between the two counts to miss both.
    """
    with transaction.atomic():
        Firm.objects.select_for_update().get(pk=1)  # as an erasure does: one comes after the other
        if Erased.objects.count() != gone:
            raise _ErasedMeanwhile
        former = Run.objects.filter(published=True)
        Proposal.objects.filter(state="open", run__in=former).update(state="overtaken")
        former.update(published=False)
        Book.objects.filter(published=True).exclude(pk=run.book_id if run else 0).update(published=False)
        if run is not None:
            _catch_up(run, today)
            Book.objects.filter(pk=run.book_id).update(published=True)
            Run.objects.filter(pk=run.pk).update(published=True)
            continue_waves(run=run, policy=policy_of(run.policy), today=today)
        if part is not None:
            Import.objects.filter(pk=part.pk).update(state=state, **{f"{state}_at": now})
        count_flip()
    count_flip()


def _catch_up(run: Run, today: date) -> None:
    """What people decided while the rows were written counts in the new run too."""
    decided = Membership.objects.filter(decided_at__gte=run.created_at).values_list("number", flat=True)
    units = set(Customer.objects.filter(run=run, number__in=[*decided]).values_list("unit_id", flat=True))
    units |= set(
        Proposal.objects.filter(decided_at__gte=run.created_at).exclude(run=run).values_list("unit_id", flat=True)
    )
    if not units:
        return
    in_force = classes_in_force(today, policy_of(run.policy))
    for customer in Customer.objects.filter(run=run, unit_id__in=units):
        Customer.objects.filter(pk=customer.pk).update(class_key=in_force.get(customer.number, ""))
    Proposal.objects.filter(run=run, unit_id__in=units).delete()
    Proposal.objects.bulk_create(proposed_changes(run, policy_of(run.policy), today, units))


# --- what is cleared away


def _finish(progress: Progress) -> dict[str, Any]:
    """After the flip: the former rows go, touchpoints and classes are brought up to the day."""
    _drop_unpublished(progress)
    start_job("daily", now=timezone.now())
    return {}


def _drop_unpublished(progress: Progress) -> None:
    """The rows of runs and books that are not published: replaced ones, and those a killed job left behind."""
    progress.step("review_step_tidy")
    _drop_rows(Proposal.objects.filter(OVERTAKEN | NEVER_SEEN))
    for run in Run.objects.filter(published=False):
        for model in (Account, Unit, Customer):
            _drop_rows(model._default_manager.filter(run=run))
        drop_tables(folder_of(run))
        while decided := list(Proposal.objects.filter(run=run).values_list("pk", flat=True)[:CHUNK]):
            with short_write():
                Proposal.objects.filter(pk__in=decided).update(run=None)
        run.delete()
    for book in Book.objects.filter(published=False).exclude(run__published=True):
        drop_book(book)


def _drop_rows(rows: QuerySet[Any]) -> None:
    while found := list(rows.values_list("pk", flat=True)[:CHUNK]):
        with short_write():
            rows.model._default_manager.filter(pk__in=found).delete()

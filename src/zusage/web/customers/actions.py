"""What people write down about customers comes in, rows with name and moment go out; lists go out as workbooks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from zusage.policy.document import Promise
from zusage.report.lists import COUNT, DAY, TEXT, Column, Sheet, workbook
from zusage.report.lists import MONEY as EURO
from zusage.web.customers.consent.models import Objection
from zusage.web.customers.consent.queries import locks
from zusage.web.customers.models import Agreement, Customer, Note, OwnChoice, Run, SavedView, Told
from zusage.web.customers.queries import Telling, flips_file, known_by, news_for
from zusage.web.office.actions import record_export
from zusage.web.office.models import User
from zusage.web.speech import class_name, said

TEXTS = ("number", "name", "shut", "household", "class", "proposed", "adviser")
MONEY = ("yield", "cost", "contribution")
KINDS = {"since": DAY, "contracts": COUNT, **dict.fromkeys(MONEY, EURO)}
WIDTHS = {"name": 32, "shut": 24, "household": 14, "class": 16, "proposed": 16, "adviser": 20, "since": 12}


def count_flip() -> None:
    """Let the pages that are being made know that another run is published, by a byte more in a file.

    Its length and not its time is compared: two flips within one tick of the clock are two.
    """
    with flips_file().open("ab") as file:
        file.write(b".")


def save_view(*, by: User, name: str, query: str) -> SavedView:
    """Keep filters under a name; the same name again replaces them."""
    return SavedView.objects.update_or_create(user=by, name=name, defaults={"query": query})[0]


def record_told(*, customer: Customer, told_on: date, how: str, by: User, now: datetime) -> Told:
    """Record that a customer was told what was decided last; what is less than before holds only after the notice."""
    version, class_key, decided_for = news_for(customer)
    known = known_by([customer.number], told_on).get(customer.number, [])
    holds = Telling(version, told_on).holds_from(class_key, known)
    return Told.objects.create(
        number=customer.number,
        policy=version,
        class_key=class_key,
        told_on=max(holds, decided_for),
        said_on=told_on,
        how=how,
        by=by,
        created_at=now,
    )


def record_choice(
    *, customer: Customer, state: str, class_key: str, chosen_on: date, evidence: str, by: User, now: datetime
) -> OwnChoice:
    """Record a package offered, declined or chosen, and where that is written down."""
    return OwnChoice.objects.create(
        number=customer.number,
        state=state,
        class_key=class_key,
        chosen_on=chosen_on,
        evidence=evidence,
        by=by,
        created_at=now,
    )


def record_agreement(
    *,
    customer: Customer,
    promise: Promise,
    class_key: str,
    since: date,
    until: date | None,
    source: str,
    by: User,
    now: datetime,
) -> Agreement:
    """Record a promise agreed by contract: the terms are copied, so that no later service model changes them."""
    return Agreement.objects.create(
        number=customer.number,
        service=promise.service,
        class_key=class_key,
        terms=asdict(promise),
        since=since,
        until=until,
        source=source,
        by=by,
        created_at=now,
    )


def end_agreement(*, agreement: Agreement, version: int, until: date, source: str) -> bool:
    """Give an agreement its last day, and where that is written down; False where somebody changed it meanwhile."""
    with transaction.atomic():
        if not Agreement.objects.filter(pk=agreement.pk, version=version).update(version=version + 1):
            return False
        agreement.version, agreement.until, agreement.ended_by_source = version + 1, until, source
        agreement.save(update_fields=["until", "ended_by_source"])
    return True


def write_note(*, customer: Customer, text: str, by: User, now: datetime) -> Note:
    """Keep a note."""
    return Note.objects.create(number=customer.number, text=text, by=by, created_at=now)


def may_delete(note: Note, user: User) -> bool:
    """A note is deleted by who wrote it, or by the owner."""
    return user.writes and (user.role == "owner" or note.by_id == user.pk)


def delete_note(*, note: Note, by: User) -> None:
    """Delete a note. Raises PermissionDenied for somebody else's."""
    if not may_delete(note, by):
        raise PermissionDenied
    note.delete()


def export_customers(*, found: QuerySet[Customer], run: Run, by: User, query: str, money: bool) -> bytes:
    """The customers as a workbook, recorded in the audit log: who took which list.

    Texts are written as texts, so that a name that begins like a formula stays a name. Locks and objections stand
    beside the name: whoever makes a mailing of the list sees who gets none.
    """
    with transaction.atomic():
        rows = list(found)
        record_export(of=run, by=by, name="customers", rows=len(rows), query=query, money=money)
    return _workbook(rows, money=money)


def _workbook(rows: list[Customer], *, money: bool) -> bytes:
    columns = (*TEXTS, "since", "contracts", *(MONEY if money else ()))
    heads = [Column(said(f"people_column_{name}"), KINDS.get(name, TEXT), WIDTHS.get(name, 12)) for name in columns]
    objected = Objection.objects.filter(taken_back_at=None, channel__in=("", "post"))
    shut = dict.fromkeys(objected.values_list("number", flat=True), said("people_objected"))
    shut |= {item.number: said(f"consent_lock_{item.why}") for item in locks()}
    lines = (
        (*_texts(item, shut.get(item.number, "")), item.since, item.contracts, *(_sums(item) if money else ()))
        for item in rows
    )
    return workbook(Sheet(said("people_title"), heads, lines, fixed=2))


def _texts(item: Customer, shut: str) -> tuple[str, ...]:
    names = (class_name(key) if key else "" for key in (item.class_key, item.proposed_key))
    return (item.number, item.name, shut, item.unit_id, *names, item.adviser)


def _sums(item: Customer) -> tuple[int | None, ...]:
    return item.yield_cents, item.cost_cents, item.contribution_cents

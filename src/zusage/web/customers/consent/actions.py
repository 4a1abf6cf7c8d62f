"""What customers consented to, withdrew and objected to, and who is locked, comes in; rows with source and name go out.

Nothing is ever changed but by its withdrawal or taking back, and nothing is deleted: it is proof. `changed` tells the
rooms above whose consents are other ones now, within the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time

from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, mistake
from zusage.promises.consent import CONDITIONS, Given, standing
from zusage.report.lists import COUNT, DAY, TEXT, Column, Sheet, workbook
from zusage.web.book.models import Consent
from zusage.web.customers.consent.models import ConsentUse, Lock, Objection, OwnConsent
from zusage.web.customers.consent.queries import (
    Record,
    listed_consents,
    listed_given,
    locks,
    names_of,
    own_given,
    records_between,
    standing_objections,
    uses_since,
)
from zusage.web.office.actions import record_export
from zusage.web.office.models import User
from zusage.web.office.queries import the_firm
from zusage.web.speech import moment, on_day, said

LONGEST_WHAT = 120
"""Of what a consent was relied on for."""
changed = Signal()
"""Sent with `numbers`, the customers whose consents or objections are other ones now, and `day`, that of the change."""


def _tell(numbers: Collection[str], now: datetime) -> None:
    changed.send(sender=OwnConsent, numbers=numbers, day=timezone.localdate(now))


def grant(
    *,
    number: str,
    channel: str,
    purpose: str,
    granted_at: datetime,
    wording: str,
    source: str,
    by: User | None,
    now: datetime,
    ground: str = "consent",
    proof: str = "",
    conditions: Iterable[str] = (),
    ask_to_confirm: bool = False,
) -> OwnConsent:
    """Record a consent with the words the customer said yes to, or the ground of an existing customer.

    `ask_to_confirm`: it counts only once it is confirmed (`confirm`). Raises Refused with all that is wrong: a moment
    that lies ahead, no wording or source, an objection that stands, or a condition of § 7 (3) UWG that is missing.
    """
    met = [name for name in CONDITIONS if name in set(conditions)]
    if wrong := _wrong(number, channel, purpose, ground, granted_at, wording, source, met, now):
        raise Refused(wrong)
    with transaction.atomic():
        found = OwnConsent.objects.create(
            number=number, channel=channel, purpose=purpose, ground=ground, granted_at=granted_at, wording=wording,
            source=source, proof=proof, conditions=met, asked_at=now if ask_to_confirm else None, by=by, created_at=now,
        )  # fmt: skip
        _tell([number], now)
    return found


def _wrong(
    number: str,
    channel: str,
    purpose: str,
    ground: str,
    granted_at: datetime,
    wording: str,
    source: str,
    met: list[str],
    now: datetime,
) -> list[Finding]:
    found = []
    if granted_at > now:
        found.append(mistake("consent_lies_ahead"))
    if not wording.strip() or not source.strip():
        found.append(mistake("consent_needs_proof"))
    if ground == "existing_customer" and (channel, purpose) != ("email", "advertising"):
        found.append(mistake("consent_existing_by_email"))
    elif ground == "existing_customer" and len(met) < len(CONDITIONS):
        found.append(mistake("consent_needs_conditions"))
    if standing := standing_objections(number, channel, purpose).first():
        found.append(mistake("consent_objection_stands", said_on=standing.said_on))
    return found


def confirm(*, consent: OwnConsent, now: datetime) -> bool:
    """The customer confirmed a consent that was asked for twice; False where it was confirmed or withdrawn already."""
    with transaction.atomic():
        waiting = OwnConsent.objects.filter(pk=consent.pk, confirmed_at=None, withdrawn_at=None)
        if not waiting.exclude(asked_at=None).update(confirmed_at=now):
            return False
        _tell([consent.number], now)
    return True


def withdraw(
    *, number: str, channel: str, purpose: str, said_on: date, how: str, by: User | None, now: datetime
) -> int:
    """A customer withdraws what was consented to on a channel for a purpose; it counts no more from that very day.

    Every consent up to then ends: those of the office are closed, those of lists are copied with their withdrawal, so
    that a later list cannot bring them back. Answers how many ended; raises Refused where there is none, or for a day
    that lies ahead.
    """
    at = end_of(said_on, now)
    with transaction.atomic():
        ending = _holding(number, channel, purpose, said_on, by=by, now=now)
        ending += OwnConsent.objects.select_for_update().filter(
            number=number, channel=channel, purpose=purpose, withdrawn_at=None, granted_at__lte=at
        )
        if not ending:
            raise Refused([mistake("consent_nothing_to_withdraw")])
        for row in ending:
            row.withdrawn_at, row.withdrawn_how = max(at, row.granted_at), how
            row.save()  # one by one: the log of changes keeps each
        _tell([number], now)
    return len(ending)


def _holding(number: str, channel: str, purpose: str, day: date, *, by: User | None, now: datetime) -> list[OwnConsent]:
    """The consents of lists that hold on a day, as rows of the office, not saved yet."""
    same = {"channel": channel, "purpose": purpose}
    rows = list(listed_consents().filter(customer_id=number, **same))
    given = [listed_given(row) for row in rows]
    own = [own_given(row) for row in OwnConsent.objects.filter(number=number, **same)]
    holding = {id(item) for item in standing([*own, *given], day)}
    return [_copy(row, by=by, now=now) for row, item in zip(rows, given, strict=True) if id(item) in holding]


def end_of(day: date, now: datetime) -> datetime:
    """The last moment of a day that has been: now, where the day is today. Raises Refused for a day that lies ahead."""
    if day > timezone.localdate(now):
        raise Refused([mistake("consent_lies_ahead")])
    return min(timezone.make_aware(datetime.combine(day, time.max)), now)


def _copy(row: Consent, *, by: User | None, now: datetime) -> OwnConsent:
    """A consent of a list as a row of the office, which outlives the list; not saved yet. A list knows no hour."""
    assert row.granted_on is not None  # noqa: S101 - without a day it is no consent
    return OwnConsent(
        number=str(row.customer_id),
        channel=row.channel,
        purpose=row.purpose,
        ground=row.ground or "consent",
        granted_at=timezone.make_aware(datetime.combine(row.granted_on, time.min)),
        wording=row.wording or "",
        source=f"{row.source}:{row.line}"[:200],
        proof=(row.proof or "")[:200],
        conditions=sorted(listed_given(row).conditions),
        by=by,
        created_at=now,
    )


def keep_listed(*, number: str, by: User | None, now: datetime) -> int:
    """Copy the consents of lists into the office, so that their proof outlives the book; answers how many were new."""
    known = {_facts(own_given(row)) for row in OwnConsent.objects.filter(number=number)}
    kept = 0
    for row in listed_consents().filter(customer_id=number).exclude(granted_on=None):
        if _facts(listed_given(row)) in known:
            continue
        copy = _copy(row, by=by, now=now)
        if row.withdrawn_on and row.granted_on and row.withdrawn_on >= row.granted_on:
            copy.withdrawn_at = timezone.make_aware(datetime.combine(row.withdrawn_on, time.max))
        copy.save()
        kept += 1
    return kept


def _facts(given: Given) -> tuple[str, str, str, date | None]:
    return given.channel, given.purpose, given.ground, given.granted_on


# --- objections


def object_to(
    *,
    number: str,
    channel: str,
    said_on: date,
    how: str,
    by: User | None,
    now: datetime,
    purpose: str = "advertising",
) -> Objection:
    """A customer wants no advertising on a channel, or (empty) on none; for `service`: not to be reached there at all.

    One that stands already is not noted twice. Raises Refused for a day that lies ahead.
    """
    end_of(said_on, now)
    with transaction.atomic():
        known = Objection.objects.filter(number=number, channel=channel, purpose=purpose, taken_back_at=None)
        if (found := known.filter(said_on__lte=said_on).first()) is not None:
            return found
        found = Objection.objects.create(
            number=number, channel=channel, purpose=purpose, said_on=said_on, how=how, by=by, created_at=now
        )
        _tell([number], now)
    return found


@dataclass(frozen=True)
class Said:
    """That a customer said on a day: no advertising on this channel, or (empty) on none."""

    number: str
    channel: str
    said_on: date


def object_all(said: Iterable[Said], *, how: str, by: User | None, now: datetime) -> int:
    """Many objections to advertising, all or none of them; answers how many were not known yet."""
    listed = list(said)
    with transaction.atomic():
        standing_ones = Objection.objects.filter(purpose="advertising", taken_back_at=None)
        known = set(standing_ones.values_list("number", "channel"))
        new = {(item.number, item.channel): item for item in listed if (item.number, item.channel) not in known}
        for item in new.values():  # one by one: the log of changes keeps each
            Objection.objects.create(
                number=item.number, channel=item.channel, said_on=item.said_on, how=how, by=by, created_at=now
            )
        _tell(sorted({item.number for item in new.values()}), now)
    return len(new)


def take_back(*, objection: Objection, how: str, now: datetime) -> bool:
    """The customer takes an objection back; False where that was noted already. No consent comes with it."""
    with transaction.atomic():
        found = Objection.objects.select_for_update().filter(pk=objection.pk, taken_back_at=None).first()
        if found is None:
            return False
        found.taken_back_at, found.taken_back_how = now, how
        found.save(update_fields=["taken_back_at", "taken_back_how"])
        _tell([found.number], now)
    return True


# --- locks


def lock(*, number: str, why: str, text: str, since: date, by: User, now: datetime) -> Lock:
    """Nothing is sent to a customer unasked from a day on (`moved`: nothing by post), until somebody lifts it.

    Raises Refused for a day that lies ahead, another reason that is not said, and where a lock stands already.
    """
    end_of(since, now)
    if why == "other" and not text.strip():
        raise Refused([mistake("consent_lock_needs_text")])
    try:
        with transaction.atomic():
            found = Lock.objects.create(
                number=number, why=why, text=text.strip(), since=since, by=by, created_at=now
            )  # one at a time: the table refuses a second
            _tell([number], now)
    except IntegrityError:
        raise Refused([mistake("consent_lock_stands")]) from None
    return found


def lift(*, number: str, by: User, now: datetime) -> bool:
    """A customer is locked no more; False where they were not. What was stopped stays stopped, what falls due comes."""
    with transaction.atomic():
        found = locks([number]).select_for_update().first()
        if found is None:
            return False
        found.lifted_at, found.lifted_by = now, by
        found.save(update_fields=["lifted_at", "lifted_by"])
        _tell([number], now)
    return True


# --- uses


@dataclass(frozen=True)
class Use:
    """That somebody was contacted on the ground of a consent: whom, on which channel, for which purpose, for what.
    `matter` ties it to what it was noted for, should that be taken back."""

    number: str
    channel: str
    purpose: str
    what: str
    matter: str = ""


def note_uses(uses: Iterable[Use], *, on: date) -> None:
    """Note that consents were relied on: their proof is kept five years from then. Inside the caller's transaction."""
    ConsentUse.objects.bulk_create(
        ConsentUse(**asdict(use) | {"what": use.what[:LONGEST_WHAT]}, used_on=on) for use in uses
    )


def forget_uses(*, matter: str) -> None:
    """Uses were noted by mistake: what they were noted for did not happen."""
    ConsentUse.objects.filter(matter=matter).delete()


# --- proof

FACTS = (
    *("number", "name", "channel", "purpose", "ground", "granted", "wording", "source", "proof", "conditions"),
    *("confirmed", "by", "withdrawn", "withdrawn_how", "uses", "used"),
)
"""Columns of the sheet of proof."""
USES = ("number", "name", "channel", "purpose", "used", "what")
KINDS = {"withdrawn": DAY, "used": DAY, "uses": COUNT}
WIDTHS = {"name": 28, "wording": 60, "source": 30, "proof": 24, "conditions": 40, "what": 40}


def export_proof(*, first: date, last: date, by: User) -> bytes:
    """All consents given in a period, and each use of them, as a workbook; who took it stands in the log of changes.

    Texts are written as texts, so that a wording that begins like a formula stays a wording.
    """
    with transaction.atomic():
        records, uses = records_between(first, last), uses_since(first)
        record_export(of=the_firm(), by=by, name="consents", rows=len(records), first=f"{first}", last=f"{last}")
    return _workbook(records, uses, names_of({item.number for item in records}))


def _workbook(records: Sequence[Record], uses: Sequence[ConsentUse], names: Mapping[str, str]) -> bytes:
    by_key: dict[tuple[str, str, str], list[ConsentUse]] = {}
    for use in uses:
        by_key.setdefault((use.number, use.channel, use.purpose), []).append(use)
    relied_on = [[use for use in by_key.get(item.key, []) if item.holds(use.used_on)] for item in records]
    of_them = {use.pk: use for found in relied_on for use in found}
    facts = [_facts_of(item, names, found) for item, found in zip(records, relied_on, strict=True)]
    lines = [_use_of(use, names) for use in of_them.values()]
    return workbook(_sheet("consent_sheet", FACTS, facts), _sheet("consent_sheet_uses", USES, lines))


def _sheet(title: str, columns: Sequence[str], rows: Sequence[Sequence[str | int | date | None]]) -> Sheet:
    heads = [Column(said(f"consent_column_{name}"), KINDS.get(name, TEXT), WIDTHS.get(name, 15)) for name in columns]
    return Sheet(said(title), heads, rows, fixed=2)


def _facts_of(item: Record, names: Mapping[str, str], uses: Sequence[ConsentUse]) -> list[str | int | date | None]:
    """A line of the sheet of proof, in the order of FACTS."""
    return [
        item.number,
        names.get(item.number, ""),
        said(f"channel_{item.channel}"),
        said(f"consent_purpose_{item.purpose}"),
        said(f"consent_ground_{item.ground}"),
        moment(item.at) if item.at else on_day(item.granted_on),
        item.wording,
        item.source,
        item.proof,
        "; ".join(said(f"consent_condition_{name}") for name in item.conditions if item.ground == "existing_customer"),
        moment(item.confirmed_at) if item.confirmed_at else "",
        item.by,
        item.withdrawn_on,
        item.withdrawn_how,
        len(uses),
        max((use.used_on for use in uses), default=None),
    ]


def _use_of(use: ConsentUse, names: Mapping[str, str]) -> list[str | int | date | None]:
    return [
        use.number,
        names.get(use.number, ""),
        said(f"channel_{use.channel}"),
        said(f"consent_purpose_{use.purpose}"),
        use.used_on,
        use.what,
    ]

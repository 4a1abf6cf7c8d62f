"""What came back of mails comes in; the address and the message are marked once, and advertising ends where it must."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from zusage.ground.reasons import Reason, Refused, finding_as_json, note
from zusage.ground.words import say
from zusage.web.book.queries import is_erased
from zusage.web.charter.outbox.actions import untell
from zusage.web.charter.outbox.models import Message, Notice
from zusage.web.charter.outbox.queries import address_of, last_mail, letter_language, numbers_of
from zusage.web.customers.consent.actions import object_to, withdraw
from zusage.web.customers.consent.models import Objection, OwnConsent
from zusage.web.customers.models import Customer
from zusage.web.office.models import User

SENT = ("handed_over", "unclear")


def take_notice(
    *, kind: str, number: str, address: str, why: str, by: User | None, now: datetime, message: Message | None = None
) -> bool:
    """Record what came back from an address; False where that was known.

    After a bounce no mail goes there any more, and what the mail that came back says was not told. A complaint or an
    unsubscription ends advertising by mail. Of somebody who was erased nothing is written down anew: what they say
    closes the consents that are kept as proof and stands as their objection, where the law keeps their number anyway;
    whoever keeps nothing of them writes to nobody.
    """
    known = {"number": number, "address": address.lower()[:320], "kind": kind, "ended_at": None}
    with transaction.atomic():
        if is_erased(number):
            if kind != "bounce" and (message is not None or _proof_is_kept(number)):
                _end_advertising(number, kind, by, now)
            if message is not None:
                _mark(message, kind, "")
            return False
        if kind != "bounce":
            _end_advertising(number, kind, by, now)
        more = {"message": message, "why": why[:300], "by": by, "created_at": now}
        _, new = Notice.objects.get_or_create(**known, defaults=more)
        if message is not None:
            _mark(message, kind, why)
    return new


def report(
    *,
    kind: str,
    why: str,
    by: User | None,
    now: datetime,
    number: str = "",
    address: str = "",
    sent_as: str = "",
    among: QuerySet[Customer] | None = None,
) -> int | None:
    """A notice by number, by address or by the Message-ID of the mail: how many customers it is new for; None where it
    belongs to nobody we know. `among`: the customers the person who reports it may see."""
    sent = Message.objects.filter(message_id=sent_as).first() if sent_as else None
    if sent is not None:
        number, address = sent.number, sent.address
    address = (address or address_of(number)).strip()
    numbers = [number] if number else numbers_of(address)
    if among is not None:
        numbers = sorted(among.filter(number__in=numbers).values_list("number", flat=True))
    if not numbers or not address:
        return None
    new = 0
    for item in numbers:
        message = sent or last_mail(item, address)
        new += take_notice(kind=kind, number=item, address=address, why=why, by=by, now=now, message=message)
    return new


def _proof_is_kept(number: str) -> bool:
    return OwnConsent.objects.filter(number=number).exists() or Objection.objects.filter(number=number).exists()


def _end_advertising(number: str, kind: str, by: User | None, now: datetime) -> None:
    """No advertising by mail from this day on, whatever it rested on: each consent ends, and an objection stands."""
    today, how = timezone.localdate(now), say(Reason(f"outbox_how_{kind}"), letter_language())
    with suppress(Refused):  # there was no consent
        withdraw(number=number, channel="email", purpose="advertising", said_on=today, how=how, by=by, now=now)
    object_to(number=number, channel="email", said_on=today, how=how, by=by, now=now)


def _mark(message: Message, kind: str, why: str) -> None:
    """The message itself: it came back. Of one that was unclear we know by this that it had left."""
    found = Message.objects.select_for_update().filter(pk=message.pk, state__in=SENT, came_back="").first()
    if found is None:
        return
    seen = Message.objects.filter(pk=found.pk)
    seen.update(came_back=kind, version=F("version") + 1)
    if kind != "bounce":
        return
    if found.state == "unclear":
        seen.update(state="failed", why=finding_as_json(note("outbox_came_back", text=why)))
    untell(found)


def end_notice(notice: Notice, now: datetime) -> bool:
    """The address takes mail again; False where somebody said so before."""
    return bool(Notice.objects.filter(pk=notice.pk, ended_at=None).update(ended_at=now))

"""Letters and mails come in; each is handed over once, stopped or taken back, with what the customer knows by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

from auditlog.models import LogEntry
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.dispatch import Signal, receiver
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, finding_as_json, mistake, note
from zusage.web.charter.outbox.mail import is_address
from zusage.web.charter.outbox.models import AlsoFor, Message
from zusage.web.charter.outbox.queries import closed
from zusage.web.customers.consent.actions import Use, changed, note_uses
from zusage.web.customers.consent.models import ConsentUse
from zusage.web.customers.models import Told
from zusage.web.customers.queries import Telling, known_by
from zusage.web.office.jobs import short_write
from zusage.web.office.models import PolicyVersion, User

CHUNK = 100
"""Messages of one transaction."""
HOW = {"post": "letter", "email": "email"}
"""How a customer was told, by the way it was sent."""


def write(
    *,
    number: str,
    unit_id: str,
    name: str,
    purpose: str,
    kind: str,
    channel: str,
    gate: str,
    by: User | None,
    now: datetime,
    also: Sequence[str] = (),
    address: str = "",
    subject: str = "",
    text: str = "",
    headers: Mapping[str, str] | None = None,
    attachment: str = "",
    attachment_name: str = "",
    policy: PolicyVersion | None = None,
    class_key: str = "",
    holds_on: date | None = None,
    not_before: date | None = None,
) -> Message | None:
    """Write one message; None where this recipient has one for this purpose already, however it stands.

    `policy` and `class_key`: what the customer, and with them the members of the household in `also`, know once it is
    handed over; `holds_on`: the day a class that is decided for later begins, before which it cannot hold.
    `attachment`: a file below the data folder.
    """
    if Message.objects.filter(number=number, purpose=purpose).exists():
        return None
    try:
        with transaction.atomic():
            found = Message.objects.create(
                number=number, unit_id=unit_id, name=name, purpose=purpose, kind=kind, channel=channel, gate=gate,
                address=address, subject=subject, text=text, headers=dict(headers or {}), attachment=attachment,
                attachment_name=attachment_name, policy=policy, class_key=class_key, holds_on=holds_on,
                not_before=not_before, by=by, written_at=now,
            )  # fmt: skip
            AlsoFor.objects.bulk_create(AlsoFor(message=found, number=other) for other in also)
            return found
    except IntegrityError:  # somebody else was faster
        return None


def write_all(messages: Iterable[Message]) -> int:
    """Write many at once, not saved yet; who has one for the same purpose already is passed over. Answers how many."""
    rest, new = iter(messages), 0
    while chunk := list(islice(rest, CHUNK)):
        with short_write():
            had = Message.objects.filter(number__in=[item.number for item in chunk])
            known = set(had.values_list("number", "purpose"))
            fresh = [item for item in chunk if (item.number, item.purpose) not in known]
            new += len(Message.objects.bulk_create(fresh, ignore_conflicts=True))
    return new


# --- handing over

handed_over = Signal()
"""Sent with `messages`, `on_day` and `by` within the transaction: what rooms above owe by them is delivered."""


@dataclass(frozen=True)
class Outcome:
    """What became of messages that were to be handed over; `passed`: they were not waiting any more."""

    done: int = 0
    stopped: int = 0
    passed: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.done + other.done, self.stopped + other.stopped, self.passed + other.passed)


def hand_over_post(messages: Iterable[Message], *, on_day: date, by: User, now: datetime) -> Outcome:
    """Letters were brought to the post on a day: from now on their recipients know what they say.

    Raises Refused where they cannot have left on that day, as `check_day` says.
    """
    return _by_hand(messages, "post", on_day, by, now)


def hand_over_exported(messages: Iterable[Message], *, on_day: date, by: User, now: datetime) -> Outcome:
    """Mails that were taken out of the outbox as files were sent by hand on a day. Raises Refused as for letters."""
    return _by_hand(messages, "email", on_day, by, now)


def check_day(messages: Sequence[Message], on_day: date, now: datetime) -> None:
    """Raises Refused where messages cannot have left on a day: it lies ahead, or before one of them was written, or
    before the date it bears. Until then nobody has read what it says."""
    written = max((timezone.localdate(item.written_at) for item in messages), default=on_day)
    if not written <= on_day <= timezone.localdate(now):
        raise Refused([mistake("outbox_day", first_on=written)])
    dated = max((item.not_before for item in messages if item.not_before), default=on_day)
    if on_day < dated:
        raise Refused([mistake("outbox_day_dated", first_on=dated)])


def _by_hand(messages: Iterable[Message], channel: str, on_day: date, by: User, now: datetime) -> Outcome:
    listed = list(messages)
    check_day(listed, on_day, now)
    total, rest = Outcome(), iter(listed)
    while chunk := list(islice(rest, CHUNK)):
        with short_write():
            total += _hand_over([item.pk for item in chunk], channel, on_day, by, now)
    return total


def _hand_over(ids: Sequence[int], channel: str, on_day: date, by: User, now: datetime) -> Outcome:
    """Messages of one transaction."""
    waiting = Message.objects.select_for_update(of=("self",)).select_related("policy").prefetch_related("others")
    found = list(waiting.filter(pk__in=ids, state="written", channel=channel))
    shut = closed(found, on_day)
    for item in found:
        if item.pk in shut:
            stop([item], why=shut[item.pk])
    leaving = [item for item in found if item.pk not in shut]
    record_handed_over(leaving, on_day, by, now)
    return Outcome(done=len(leaving), stopped=len(shut), passed=len(ids) - len(found))


def record_handed_over(messages: Sequence[Message], on_day: date, by: User | None, now: datetime) -> None:
    """These were handed over on a day; what their recipients know by it and the use of their consents are recorded.

    Called within a transaction that holds the rows.
    """
    by_policy = sorted((item for item in messages if item.policy_id), key=lambda item: item.policy_id or 0)
    for _, group in groupby(by_policy, key=lambda item: item.policy_id):
        _tell(list(group), on_day, by, now)
    for item in messages:
        item.state, item.handed_over_at, item.handed_on, item.why = "handed_over", now, on_day, None
        item.next_try_at, item.version = None, item.version + 1
    advertising = (item for item in messages if item.gate == "advertising")
    note_uses((Use(item.number, item.channel, item.gate, _used_by(item)) for item in advertising), on=on_day)
    Message.objects.bulk_update(
        messages, ["state", "handed_over_at", "handed_on", "why", "next_try_at", "told", "version"]
    )
    handed_over.send(sender=Message, messages=messages, on_day=on_day, by=by)


def _used_by(message: Message) -> str:
    """What a use of a consent is noted as."""
    return f"outbox {message.pk}"


def _tell(messages: Sequence[Message], said_on: date, by: User | None, now: datetime) -> None:
    """Record that the recipients of messages with one service model know it from a day on."""
    version = messages[0].policy
    assert version is not None  # noqa: S101 - they were chosen by it
    telling = Telling(version, said_on)
    known = known_by([number for item in messages for number in (item.number, *item.also)], said_on)
    others = []
    for item in messages:
        own, *further = (_told(item, number, telling, known, by, now) for number in (item.number, *item.also))
        item.told = own
        others += further
    Told.objects.bulk_create([*(item.told for item in messages if item.told), *others])


def _told(
    item: Message, number: str, telling: Telling, known: Mapping[str, list[Told]], by: User | None, now: datetime
) -> Told:
    """That a customer whom a message tells knows it."""
    holds = telling.holds_from(item.class_key, known.get(number, []))
    return Told(
        number=number, policy=telling.version, class_key=item.class_key, said_on=telling.said_on,
        told_on=max(holds, item.holds_on or holds), how=HOW[item.channel], by=by, created_at=now,
    )  # fmt: skip


# --- stopping and taking back


def stop(messages: Iterable[Message], *, why: Finding) -> int:
    """Messages that were not handed over go nowhere, for a reason that is shown; answers how many."""
    return _moved(messages, ("written", "failed"), state="stopped", why=finding_as_json(why), next_try_at=None)


@receiver(changed)
def stop_where_withdrawn(numbers: Collection[str], day: date, **_: object) -> None:
    """Consents or objections of customers are other ones now: what they no longer allow does not leave, from now on."""
    also = AlsoFor.objects.filter(number__in=numbers).values("message")
    named = Message.objects.filter(Q(number__in=numbers) | Q(pk__in=also))
    waiting = list(named.filter(state__in=("written", "failed")).prefetch_related("others"))
    for pk, why in closed(waiting, day).items():
        stop([item for item in waiting if item.pk == pk], why=why)


def stop_by_hand(messages: Iterable[Message], *, reason: str, by: User) -> int:
    """Somebody wants messages not to leave after all; answers how many had not left yet."""
    return stop(messages, why=note("outbox_stopped_by", name=by.name, text=reason))


def take_back(message: Message, *, now: datetime) -> None:
    """A letter was noted as handed over by mistake: it waits again, and its recipient does not know what it says.

    Raises Refused for mails, which have left, and for what was noted on an earlier day.
    """
    with transaction.atomic():
        found = Message.objects.select_for_update().filter(pk=message.pk, state="handed_over", channel="post").first()
        if found is None or found.handed_over_at is None:
            raise Refused([mistake("outbox_not_taken_back")])
        if timezone.localdate(found.handed_over_at) != timezone.localdate(now):
            raise Refused([mistake("outbox_taken_back_late", noted_on=timezone.localdate(found.handed_over_at))])
        untell(found)
        ConsentUse.objects.filter(number=found.number, what=_used_by(found)).delete()
        _moved([found], ("handed_over",), state="written", handed_over_at=None, handed_on=None)


def untell(message: Message) -> None:
    """What a handing over recorded as told was not: what held for its recipients before holds on."""
    same = {"policy": message.policy_id, "said_on": message.handed_on, "created_at": message.handed_over_at}
    for item in (message.told, *Told.objects.filter(number__in=message.also, **same)):
        if item is not None:
            item.delete()  # one by one: the log of changes keeps it


# --- what a person decides


def decide_sent(message: Message, *, on_day: date, reason: str, by: User, now: datetime) -> None:
    """Somebody found out that an unclear message arrived: it was handed over on that day. Raises Refused."""
    with transaction.atomic():
        found = _unclear(message)
        tried = timezone.localdate(found.handing_at or found.written_at)
        if not tried <= on_day <= timezone.localdate(now):
            raise Refused([mistake("outbox_day", first_on=tried)])
        record_handed_over([found], on_day, by, now)
        why = note("outbox_decided_sent", name=by.name, text=reason)
        Message.objects.filter(pk=found.pk).update(why=finding_as_json(why))
        _log(found, "sent", reason, by)


def decide_unsent(message: Message, *, reason: str, by: User) -> None:
    """Somebody found out that an unclear message did not arrive: it is written as before and leaves with the others."""
    with transaction.atomic():
        found = _unclear(message)
        why = note("outbox_decided_unsent", name=by.name, text=reason)
        _moved([found], ("unclear",), state="written", tries=0, next_try_at=None, why=finding_as_json(why))
        _log(found, "unsent", reason, by)


def _unclear(message: Message) -> Message:
    found = Message.objects.select_for_update(of=("self",)).select_related("policy")
    unclear = found.filter(pk=message.pk, state="unclear").first()
    if unclear is None:
        raise Refused([mistake("outbox_not_unclear")])
    return unclear


def try_again(message: Message, *, address: str, by: User) -> None:
    """What failed or was stopped waits again, to another address where one is given. Raises Refused."""
    if address and not is_address(address):
        raise Refused([mistake("outbox_no_address", text=address[:80])])
    with transaction.atomic():
        to = {"address": address} if address and message.channel == "email" else {}
        why = finding_as_json(note("outbox_tried_again", name=by.name))
        if not _moved([message], ("failed", "stopped"), state="written", tries=0, next_try_at=None, why=why, **to):
            raise Refused([mistake("outbox_not_again")])
        _log(message, "again", address, by)


def by_post(message: Message, *, by: User, now: datetime) -> Message | None:
    """The same as a letter, where a mail failed or came back; None where there is one. Raises Refused where there is no
    letter to print."""
    returned = message.state == "failed" or bool(message.came_back)
    if message.channel != "email" or not message.attachment or not returned:
        raise Refused([mistake("outbox_no_letter")])
    with transaction.atomic():
        made = write(
            number=message.number,
            unit_id=message.unit_id,
            name=message.name,
            also=message.also,
            purpose=f"{message.purpose} post"[-60:],
            kind=message.kind,
            channel="post",
            gate=message.gate,
            subject=message.subject,
            attachment=message.attachment,
            attachment_name=message.attachment_name,
            policy=message.policy,
            class_key=message.class_key,
            holds_on=message.holds_on,
            by=by,
            now=now,
        )
        _moved([message], ("failed",), state="stopped", why=finding_as_json(note("outbox_by_post", name=by.name)))
        _log(message, "post", "", by)
    return made


def _log(message: Message, what: str, reason: str, by: User) -> None:
    """Who decided what about a message, and why, stands in the log of changes."""
    LogEntry.objects.log_create(
        message, force_log=True, action=LogEntry.Action.UPDATE, actor=by, changes={},
        additional_data={"outbox": what, "reason": reason},
    )  # fmt: skip


def _moved(messages: Iterable[Message], states: Sequence[str], **values: Any) -> int:
    """Change messages that still stand as they were seen; answers how many."""
    ids = [item.pk for item in messages]
    moved = 0
    for start in range(0, len(ids), CHUNK):
        found = Message.objects.filter(pk__in=ids[start : start + CHUNK], state__in=states)
        moved += found.update(version=F("version") + 1, **values)
    return moved

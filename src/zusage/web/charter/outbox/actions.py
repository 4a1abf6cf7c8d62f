"""Letters and mails come in; each is handed over once, stopped or taken back, with what the customer knows by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, finding_as_json, mistake, note
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.models import Told
from zusage.web.customers.queries import Telling, told_before
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
            return Message.objects.create(
                number=number, unit_id=unit_id, name=name, also=list(also), purpose=purpose, kind=kind,
                channel=channel, gate=gate, address=address, subject=subject, text=text, headers=dict(headers or {}),
                attachment=attachment, attachment_name=attachment_name, policy=policy, class_key=class_key,
                holds_on=holds_on, not_before=not_before, by=by, written_at=now,
            )  # fmt: skip
    except IntegrityError:  # somebody else was faster
        return None


# --- handing over


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

    Raises Refused where the day lies ahead, or before a letter was written.
    """
    listed = list(messages)
    written = max((timezone.localdate(item.written_at) for item in listed), default=on_day)
    if not written <= on_day <= timezone.localdate(now):
        raise Refused([mistake("outbox_day", first_on=written)])
    total, rest = Outcome(), iter(listed)
    while chunk := list(islice(rest, CHUNK)):
        with short_write():
            total += _hand_over([item.pk for item in chunk], on_day, by, now)
    return total


def _hand_over(ids: Sequence[int], on_day: date, by: User, now: datetime) -> Outcome:
    """Letters of one transaction."""
    found = list(Message.objects.select_for_update().filter(pk__in=ids, state="written", channel="post"))
    record_handed_over(found, on_day, by, now)
    return Outcome(done=len(found), passed=len(ids) - len(found))


def record_handed_over(messages: Sequence[Message], on_day: date, by: User | None, now: datetime) -> None:
    """These were handed over on a day, and what their recipients know by it. Called within a transaction that holds
    them."""
    by_policy = sorted((item for item in messages if item.policy_id), key=lambda item: item.policy_id or 0)
    for _, group in groupby(by_policy, key=lambda item: item.policy_id):
        _tell(list(group), on_day, by, now)
    for item in messages:
        item.state, item.handed_over_at, item.handed_on, item.why = "handed_over", now, on_day, None
        item.next_try_at, item.version = None, item.version + 1
    Message.objects.bulk_update(
        messages, ["state", "handed_over_at", "handed_on", "why", "next_try_at", "told", "version"]
    )


def _tell(messages: Sequence[Message], said_on: date, by: User | None, now: datetime) -> None:
    """Record that the recipients of messages with one service model know it from a day on."""
    version = messages[0].policy
    assert version is not None  # noqa: S101 - they were chosen by it
    telling = Telling(version, said_on)
    before = told_before([number for item in messages for number in (item.number, *item.also)], said_on)
    others = []
    for item in messages:
        own, *further = (_told(item, number, telling, before, by, now) for number in (item.number, *item.also))
        item.told = own
        others += further
    Told.objects.bulk_create([*(item.told for item in messages if item.told), *others])


def _told(
    item: Message, number: str, telling: Telling, before: Mapping[str, Told], by: User | None, now: datetime
) -> Told:
    """That a customer whom a message tells knows it."""
    holds = telling.holds_from(before.get(number))
    return Told(
        number=number, policy=telling.version, class_key=item.class_key, said_on=telling.said_on,
        told_on=max(holds, item.holds_on or holds), how=HOW[item.channel], by=by, created_at=now,
    )  # fmt: skip


# --- stopping and taking back


def stop(messages: Iterable[Message], *, why: Finding) -> int:
    """Let messages that were not handed over go nowhere, for a reason that is shown; answers how many."""
    return _moved(messages, ("written", "failed"), state="stopped", why=finding_as_json(why), next_try_at=None)


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
        told = [found.told, *_told_with(found)]
        _moved([found], ("handed_over",), state="written", handed_over_at=None, handed_on=None, told=None)
        for item in told:
            if item is not None:
                item.delete()  # one by one: the log of changes keeps it


def _told_with(message: Message) -> list[Told]:
    """What the handing over of a message recorded for others of the household."""
    same = {"policy": message.policy_id, "said_on": message.handed_on, "created_at": message.handed_over_at}
    return list(Told.objects.filter(number__in=message.also, **same))


def _moved(messages: Iterable[Message], states: Sequence[str], **values: Any) -> int:
    """Change messages that still stand as they were seen; answers how many."""
    ids = [item.pk for item in messages]
    moved = 0
    for start in range(0, len(ids), CHUNK):
        found = Message.objects.filter(pk__in=ids[start : start + CHUNK], state__in=states)
        moved += found.update(version=F("version") + 1, **values)
    return moved

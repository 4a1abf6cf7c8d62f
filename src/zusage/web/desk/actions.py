"""What people do with requests: each action checks, writes and records an event, all in one transaction.

Whoever changes a request says which version they saw. If somebody was faster, nothing is written and `Changed` carries
the request as it is now, so that the page can show both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import URGENT
from zusage.promises.clock import calendar_of
from zusage.promises.decide import escalated_response
from zusage.promises.events import tight_from
from zusage.promises.order import rank
from zusage.promises.record import as_json
from zusage.web.customers.models import Customer, OwnWork
from zusage.web.desk.models import Event, Request
from zusage.web.desk.queries import OPEN, answer_for, moments_of, policy_of_request, policy_on, zone_of
from zusage.web.office.models import User


class Changed(Exception):  # noqa: N818 - nothing is wrong with the request
    """Somebody else changed the request since it was shown; `request` is how it is now."""

    def __init__(self, request: Request) -> None:
        super().__init__(str(request))
        self.request = request


def take_request(
    *,
    customer: Customer,
    what: str,
    channel: str,
    urgency: str,
    cause: str,
    text: str,
    phone: str,
    wants: str,
    matter: str,
    owner: User | None,
    noticed: bool,
    by: User | None,
    now: datetime,
) -> Request:
    """Take a request in: it is answered at once, and the answer is kept with it. Refused as `promises.decide` does.

    `matter`: that of the request it belongs to; empty for a new one, which then is a matter of its own. `by`: nobody
    where customers asked on their own page.
    """
    policy, answer = answer_for(
        customer, what=what, channel=channel, urgency=urgency, cause=cause, matter=matter, wants=wants, now=now
    )
    with transaction.atomic():
        taken = Request.objects.create(
            number=customer.number,
            unit_id=customer.unit_id,
            name=customer.name,
            asked_at=now,
            what=what,
            urgency=urgency,
            urgency_rank=rank(urgency),
            channel=channel,
            cause=cause,
            matter=matter,
            wants=wants,
            text=text,
            phone=phone,
            noticed=noticed,
            owner=owner,
            role=answer.who or "",
            class_key=answer.class_key,
            policy_hash=answer.policy_hash,
            answer=as_json(answer, zone_of(policy)),
            due_at=answer.due_at,
            tight_at=tight_from(answer, calendar_of(policy), answer.due_at),
            taken_by=by,
        )
        if not matter:
            Request.objects.filter(pk=taken.pk).update(matter=taken.pk)
            taken.matter = str(taken.pk)
        _record(taken, "asked", by, now, text=text)
    return taken


def note_need(*, customer: Customer, what: str, text: str, owner: User | None, by: User, now: datetime) -> Request:
    """A need that somebody noticed becomes a task, whatever the class."""
    return take_request(
        customer=customer, what=what, channel="phone", urgency="normal", cause="ours", text=text, phone="", wants="",
        matter="", owner=owner, noticed=True, by=by, now=now,
    )  # fmt: skip


def pause(*, request: Request, version: int, text: str = "", by: User, now: datetime) -> Request:
    """We wait for the customer: the clock stands."""
    with _changing(request, version, now, "open") as found:
        found.state = "waiting"
        _record(found, "paused", by, now, text=text)
        _reckon(found, now)
    return found


def resume(*, request: Request, version: int, text: str = "", by: User, now: datetime) -> Request:
    """We have what we need: the clock runs again."""
    with _changing(request, version, now, "waiting") as found:
        _resume(found, by, now, text)
        _reckon(found, now)
    return found


def postpone(
    *, request: Request, version: int, until: date, ours: bool, text: str = "", by: User, now: datetime
) -> Request:
    """Later, on a day: a wish of the customer moves the promise, one of the firm's own leaves it where it is."""
    if until < now.astimezone(zone_of(policy_of_request(request))).date():
        raise Refused([mistake("desk_until_past")])
    with _changing(request, version, now, "open") as found:
        _record(found, "postponed", by, now, text=text, until=until, ours=ours)
        _reckon(found, now)
    return found


def escalate(*, request: Request, version: int, urgency: str, text: str = "", by: User, now: datetime) -> Request:
    """It became urgent: from now on the response of that urgency holds, if it is faster."""
    if urgency not in URGENT or rank(urgency) >= request.urgency_rank:
        raise Refused([mistake("desk_not_more_urgent")])
    policy = policy_of_request(request)
    response = escalated_response(policy, calendar_of(policy), request.class_key, urgency, now)
    with _changing(request, version, now, *OPEN) as found:
        found.urgency, found.urgency_rank = urgency, rank(urgency)
        _record(found, "escalated", by, now, text=text, response=asdict(response))
        _reckon(found, now)
    return found


def hand_over(*, request: Request, version: int, to: User | None, text: str = "", by: User, now: datetime) -> Request:
    """Somebody else does it from now on; nobody: the team. The promise stays."""
    with _changing(request, version, now, *OPEN) as found:
        found.owner = to
        _record(found, "handed_over", by, now, text=text, to=to)
    return found


def written(*, request: Request, version: int, text: str = "", by: User, now: datetime) -> Request:
    """The customer wrote again: each message is answered as fast as promised, and what we waited for is there."""
    with _changing(request, version, now, *OPEN) as found:
        if found.state == "waiting":
            _resume(found, by, now)
        _record(found, "written", by, now, text=text)
        _reckon(found, now)
    return found


def done(
    *,
    request: Request,
    version: int,
    minutes: int,
    activity: str,
    at: datetime,
    text: str = "",
    by: User,
    now: datetime,
) -> Request:
    """Done, at a moment up to now; its minutes become a row of work. A pause ends with it."""
    if not request.asked_at <= at <= now:
        raise Refused([mistake("desk_done_when")])
    with _changing(request, version, at, *OPEN) as found:
        if found.state == "waiting":
            _resume(found, by, at)
            _reckon(found, at)
        broken = found.broken_marked_at is not None and found.broken_marked_at <= at
        found.state, found.done_at = "done", at
        found.kept = not broken and found.due_at is not None and at <= found.due_at
        _record(found, "done", by, at, text=text)
        _note_work(found, minutes, activity, by, now)
    return found


def drop(*, request: Request, version: int, text: str = "", by: User | None, now: datetime) -> Request:
    """The customer no longer needs it: no promise was kept or broken."""
    with _changing(request, version, now, *OPEN) as found:
        if found.state == "waiting":
            _resume(found, by, now)
            _reckon(found, now)
        found.state = "dropped"
        _record(found, "dropped", by, now, text=text)
    return found


def reopen(*, request: Request, version: int, text: str = "", by: User, now: datetime) -> Request:
    """Not done after all: everything is as it was before, and its minutes are taken back."""
    with _changing(request, version, None, "done", "dropped") as found:
        found.state, found.done_at, found.kept = "open", None, None
        OwnWork.objects.filter(request=found.pk).delete()
        _record(found, "reopened", by, now, text=text)
        _reckon(found, now)
    return found


def correct_work(*, request: Request, version: int, minutes: int, activity: str, by: User, now: datetime) -> Request:
    """Other minutes or another activity for a finished request."""
    with _changing(request, version, None, "done") as found:
        OwnWork.objects.filter(request=found.pk).delete()
        _note_work(found, minutes, activity, by, now)
    return found


@contextmanager
def _changing(request: Request, version: int, at: datetime | None, *states: str) -> Iterator[Request]:
    """The request as it is now, locked; what the block changes is written at its end, unless somebody was faster.

    A promise that was broken before `at` is marked first: what happens later does not heal it.
    """
    with transaction.atomic():
        found = Request.objects.select_for_update().get(pk=request.pk)
        if found.version != version:
            raise Changed(found)
        if found.state not in states:
            raise Refused([mistake("desk_other_state")])
        if at and found.state == "open" and found.due_at and found.due_at < at and not found.broken_marked_at:
            found.broken_marked_at = at
            _record(found, "broken", None, at)
        yield found
        found.version += 1
        found.save()


def _record(request: Request, kind: str, by: User | None, at: datetime, **more: Any) -> None:
    Event.objects.create(request=request, kind=kind, by=by, at=at, **more)


def _resume(found: Request, by: User | None, at: datetime, text: str = "") -> None:
    found.state = "open"
    _record(found, "resumed", by, at, text=text)


def _reckon(found: Request, now: datetime) -> None:
    """Store when it is due after all events. Where it is tight only later, it may get tight once more."""
    found.due_at, found.tight_at = moments_of(found, policy_of_request(found), list(found.events.all()))
    if found.tight_at is None or found.tight_at > now:
        found.tight_marked_at = None


def _note_work(found: Request, minutes: int, activity: str, by: User, now: datetime) -> None:
    """The row of work of a finished request; it began so many minutes before it was done."""
    assert found.done_at is not None  # noqa: S101 - just set
    policy = policy_on(now.astimezone(zone_of(policy_of_request(found))).date())
    if minutes < 0 or activity not in {item.key for item in policy.activities}:
        raise Refused([mistake("desk_no_activity")])
    if minutes == 0:
        return
    local = found.done_at.astimezone(zone_of(policy))
    ended = local.hour * 3600 + local.minute * 60 + local.second
    OwnWork.objects.create(
        number=found.number,
        done_on=local.date(),
        start_second=max(0, ended - minutes * 60),
        activity=activity,
        direction="out",
        channel=found.answer["channel"],
        cause=found.cause,
        matter=found.matter,
        seconds=minutes * 60,
        request=found.pk,
        by=by,
        created_at=now,
    )

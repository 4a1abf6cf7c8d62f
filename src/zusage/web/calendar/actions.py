"""What people do with touchpoints: done, with the minutes it took, and taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import Reach, reaches, usual_activity
from zusage.web.customers.consent.actions import Use, forget_uses, note_uses
from zusage.web.customers.models import Customer, OwnWork
from zusage.web.office.jobs import short_write
from zusage.web.office.models import User
from zusage.web.speech import language

CHUNK = 500
"""Deliveries of one transaction of an issue."""


def follow_consents(numbers: Collection[str], day: date, **_: object) -> None:
    """Customers gave, withdrew or objected: what is open for them goes another way from now on, or not at all."""
    found = list(Touchpoint.objects.filter(number__in=numbers, state="open").exclude(ways=""))
    set_ways(found, reaches(found, day))


def set_ways(found: Sequence[Touchpoint], now: Sequence[Reach | None]) -> None:
    """Note on which way open deliveries go; what may reach the customer in no way is owed no longer."""
    by_via: dict[str | None, list[int]] = {}
    for item, reach in zip(found, now, strict=True):
        if reach is None or reach.via != item.via:
            by_via.setdefault(reach.via if reach else None, []).append(item.pk)
    for via, ids in by_via.items():
        still_open = Touchpoint.objects.filter(pk__in=ids, state="open")
        still_open.update(**({"state": "gone"} if via is None else {"via": via}))


def mark_done(
    *,
    touchpoint: Touchpoint,
    minutes: int,
    policy: Policy,
    by: User,
    today: date,
    now: datetime,
    seen: str | None = None,
) -> None:
    """Done today. Its minutes become a row of work, where the service model has an activity for what is granted.

    The gate is asked again: where the way is not the one that was `seen` (None: the one that is noted), the new one is
    noted and Refused raised, so that nobody does what was withdrawn meanwhile. The use of a consent is noted.
    """
    with transaction.atomic():
        (reach,) = reaches([touchpoint], today)
        if reach is not None and reach.via == (touchpoint.via if seen is None else seen):
            _close(touchpoint, reach, policy, by, today)
            _note_work(touchpoint, minutes, policy, by, today, now)
            return
        set_ways([touchpoint], [reach])
    raise Refused([mistake("calendar_not_any_more" if reach is None else "calendar_other_way")])


def _close(touchpoint: Touchpoint, reach: Reach, policy: Policy, by: User, today: date) -> None:
    still_open = Touchpoint.objects.filter(pk=touchpoint.pk, state="open")
    if not still_open.update(state="done", done_on=today, done_by=by, via=reach.via):
        raise Refused([mistake("calendar_not_open")])
    if reach.uses_consent:
        what = next((item.name[language()] for item in policy.services if item.key == touchpoint.service), "")
        note_uses([_use(touchpoint, reach, what)], on=today)


def _note_work(touchpoint: Touchpoint, minutes: int, policy: Policy, by: User, today: date, now: datetime) -> None:
    activity, number = usual_activity(policy, touchpoint.service), _number(touchpoint)
    if activity is None or number is None or minutes <= 0:
        return
    OwnWork.objects.create(
        number=number,
        done_on=today,
        activity=activity.key,
        channel="visit" if activity.travel else "",
        cause="granted",
        matter=_matter(touchpoint),
        seconds=minutes * 60,
        by=by,
        created_at=now,
    )


@dataclass(frozen=True)
class Sent:
    """What became of an issue: how many it went out to, and for how many the way was another one meanwhile."""

    done: int
    changed: int


def mark_issue_done(*, found: QuerySet[Touchpoint], what: str, by: User, today: date) -> Sent:
    """An issue went out to everybody; its time stands in the service model, not with single customers.

    The gate is asked again for each receiver: those whose way is another one by now stay open, with the new way; notes
    for the next call stay open in any case. `what`: the service in words, for the uses of consents.
    """
    held = list(found.filter(state="open").exclude(via="note"))
    now = reaches(held, today)
    same = [(item, reach) for item, reach in zip(held, now, strict=True) if reach and reach.via == item.via]
    done = 0
    for start in range(0, len(same), CHUNK):
        chunk = same[start : start + CHUNK]
        with short_write():
            still_open = Touchpoint.objects.filter(pk__in=[item.pk for item, _ in chunk], state="open")
            done += still_open.update(state="done", done_on=today, done_by=by)
            note_uses([_use(item, reach, what) for item, reach in chunk if reach.uses_consent], on=today)
    set_ways(held, now)
    return Sent(done, len(held) - len(same))


def mark_delivered(*, found: QuerySet[Touchpoint], by: User | None, on_day: date) -> int:
    """An issue reached these by the outbox, which asked the gate and noted the uses of consents itself."""
    return found.filter(state="open").update(state="done", done_on=on_day, done_by=by)


def _use(touchpoint: Touchpoint, reach: Reach, what: str) -> Use:
    return Use(touchpoint.number, reach.channel, touchpoint.purpose, what or touchpoint.service, _matter(touchpoint))


def mark_open(*, touchpoint: Touchpoint) -> None:
    """Not done after all: it is due as before, and its minutes and the use of a consent are taken back."""
    with transaction.atomic():
        is_done = Touchpoint.objects.filter(pk=touchpoint.pk, state="done")
        if not is_done.update(state="open", done_on=None, done_by=None):
            raise Refused([mistake("calendar_not_done")])
        forget_uses(matter=_matter(touchpoint))
        OwnWork.objects.filter(matter=_matter(touchpoint)).delete()


def _matter(touchpoint: Touchpoint) -> str:
    """What ties the work to its touchpoint: one matter, as for requests."""
    return f"touchpoint {touchpoint.pk}"


def _number(touchpoint: Touchpoint) -> str | None:
    """The customer of the household its work is noted for: who is contacted, whom it is named after, or the first."""
    if touchpoint.number:
        return touchpoint.number
    members = Customer.objects.filter(run__published=True, unit_id=touchpoint.unit_id).order_by("number")
    numbers = list(members.values_list("number", flat=True))
    return touchpoint.unit_id if touchpoint.unit_id in numbers else next(iter(numbers), None)

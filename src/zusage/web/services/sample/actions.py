"""What people decide about a time sample comes in: it begins, they join, answer or leave, and it is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.web.bridge.times import longest_day, moments
from zusage.web.office.models import User
from zusage.web.office.queries import role_of
from zusage.web.services.models import KINDS, Ask, Taker, TimeSample
from zusage.web.services.sample.queries import calendar_for, seen_of, takers_of

OPEN = timedelta(minutes=15)
"""So long a question can be answered; as long as two questions are apart, so that never two wait for somebody."""
SECOND_THOUGHTS = timedelta(minutes=1)
"""So long an answer can be taken back."""
MOST_DAYS = 42


def start_sample(
    *, first_on: date, last_on: date, per_day: int, people: Sequence[User], policy: Policy, by: User, now: datetime
) -> TimeSample:
    """Begin a time sample and invite people to it. Raises Refused where one runs, or days or people do not fit."""
    if not timezone.localdate(now) <= first_on <= last_on <= first_on + timedelta(MOST_DAYS):
        raise Refused([mistake("hours_days_wrong", most_count=MOST_DAYS)])
    roles = {person.pk: role_of(person, policy) for person in people}
    if not roles or None in roles.values():
        raise Refused([mistake("hours_nobody")])
    # for its refusal: too many questions for a day
    moments(calendar_of(policy), first_on, last_on, per_day=per_day, full_seconds=_full(policy, first_on), seed="")
    try:
        with transaction.atomic():
            sample = TimeSample.objects.create(
                first_on=first_on, last_on=last_on, per_day=per_day, started_by=by, started_at=now
            )
            Taker.objects.bulk_create(
                Taker(sample=sample, user_id=pk, role=role.key) for pk, role in roles.items() if role
            )
    except IntegrityError:
        raise Refused([mistake("hours_one_at_a_time")]) from None
    return sample


def _full(policy: Policy, first_on: date) -> int:
    """Open seconds of the firm's longest day in the four weeks from a day on, so that one holiday changes nothing."""
    return longest_day(calendar_of(policy), first_on, first_on + timedelta(27))


def join_sample(
    *, taker: Taker, weekly: Mapping[str, list[list[str]]], shown_alone: bool, policy: Policy, seed: str, now: datetime
) -> None:
    """Somebody takes part: from now on they are asked, within the hours they name. Raises Refused for such hours."""
    sample = taker.sample
    taker.weekly, taker.shown_alone, taker.joined_at = dict(weekly), shown_alone, now
    drawn = moments(
        calendar_for(taker, policy, taker.user.absences.all()),
        sample.first_on,
        sample.last_on,
        per_day=sample.per_day,
        full_seconds=_full(policy, sample.first_on),
        seed=seed,
    )
    if not drawn:
        raise Refused([mistake("hours_no_moment")])
    with transaction.atomic():
        claimed = Taker.objects.filter(pk=taker.pk, joined_at=None, sample__running=True)
        if claimed.update(joined_at=now, weekly=taker.weekly, shown_alone=shown_alone):
            Ask.objects.bulk_create(Ask(taker=taker, at=moment, until=moment + OPEN) for moment in drawn)


def leave_sample(*, taker: Taker) -> None:
    """Somebody does not take part any more: their questions and answers are deleted."""
    with transaction.atomic():
        if Taker.objects.filter(pk=taker.pk, sample__running=True).update(joined_at=None, weekly={}, shown_alone=False):
            Ask.objects.filter(taker=taker).delete()


def answer_ask(*, user: User, ask: int, kind: str, now: datetime) -> None:
    """What somebody is doing. Raises Refused where the question is not open any more; it then counts as missed."""
    asked = Ask.objects.filter(pk=ask, taker__user=user, taker__sample__running=True, kind="")
    open_now = asked.filter(at__lte=now, until__gte=now)
    if kind not in KINDS or not open_now.update(kind=kind, answered_at=now):
        raise Refused([mistake("hours_too_late")])


def undo_answer(*, user: User, ask: int, now: datetime) -> None:
    """A wrong touch is taken back; the question is then open for another minute at least. Raises Refused later."""
    found = Ask.objects.filter(pk=ask, taker__user=user, answered_at__gte=now - SECOND_THOUGHTS).first()
    until = max(found.until, now + SECOND_THOUGHTS) if found else now
    given = Ask.objects.filter(pk=ask, taker__user=user, answered_at__gte=now - SECOND_THOUGHTS)
    if not given.update(kind="", answered_at=None, until=until):
        raise Refused([mistake("hours_too_late_to_undo")])


def close_sample(*, sample: TimeSample, policy: Policy, now: datetime) -> None:
    """The sample is over: each one's sums are kept, the single answers with their clock times are deleted."""
    with transaction.atomic():
        takers = takers_of(sample)
        if not TimeSample.objects.filter(pk=sample.pk, running=True).update(running=False):
            return
        for taker in takers:
            seen = seen_of(taker, policy, now)
            Taker.objects.filter(pk=taker.pk).update(
                answers=dict(seen.answers), missed=seen.missed, seconds=seen.seconds, weekly={}
            )
        Ask.objects.filter(taker__sample=sample).delete()


def close_over(*, today: date, policy: Policy, now: datetime) -> None:
    """Close the sample whose last day is over."""
    for sample in TimeSample.objects.filter(running=True, last_on__lt=today):
        close_sample(sample=sample, policy=policy, now=now)

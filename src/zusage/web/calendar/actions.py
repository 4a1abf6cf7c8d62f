"""What people do with touchpoints: done, with the minutes it took, and taken back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import usual_activity
from zusage.web.customers.models import Customer, OwnWork
from zusage.web.office.models import User


def mark_done(*, touchpoint: Touchpoint, minutes: int, policy: Policy, by: User, today: date, now: datetime) -> None:
    """Done today. Its minutes become a row of work, where the service model has an activity for what is granted."""
    with transaction.atomic():
        still_open = Touchpoint.objects.filter(pk=touchpoint.pk, state="open")
        if not still_open.update(state="done", done_on=today, done_by=by):
            raise Refused([mistake("calendar_not_open")])
        activity = usual_activity(policy, touchpoint.service)
        number = _number(touchpoint)
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


def mark_issue_done(*, found: QuerySet[Touchpoint], by: User, today: date) -> int:
    """An issue went out to everybody; its time stands in the service model, not with single customers."""
    return found.filter(state="open").update(state="done", done_on=today, done_by=by)


def mark_open(*, touchpoint: Touchpoint) -> None:
    """Not done after all: it is due as before, and its minutes are taken back."""
    with transaction.atomic():
        is_done = Touchpoint.objects.filter(pk=touchpoint.pk, state="done")
        if not is_done.update(state="open", done_on=None, done_by=None):
            raise Refused([mistake("calendar_not_done")])
        OwnWork.objects.filter(matter=_matter(touchpoint)).delete()


def _matter(touchpoint: Touchpoint) -> str:
    """What ties the work to its touchpoint: one matter, as for requests."""
    return f"touchpoint {touchpoint.pk}"


def _number(touchpoint: Touchpoint) -> str | None:
    """The customer of the household its work is noted for: the one it is named after, else the first by number."""
    members = Customer.objects.filter(run__published=True, unit_id=touchpoint.unit_id).order_by("number")
    numbers = list(members.values_list("number", flat=True))
    return touchpoint.unit_id if touchpoint.unit_id in numbers else next(iter(numbers), None)

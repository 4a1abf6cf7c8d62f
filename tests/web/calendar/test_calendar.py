"""The calendar: what falls due by week, done with its minutes and taken back, issues as one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import agenda, touchpoints_for
from zusage.web.customers.models import OwnWork

SignIn = Callable[[str], Client]
MONDAY = date(2026, 11, 23)


def touchpoint(number: str, due_on: date, service: str = "annual_check", **more: object) -> Touchpoint:
    facts: dict[str, object] = {"name": number, "class_key": "A", "role": "owner", "seconds": 7200}
    return Touchpoint.objects.create(unit_id=number, service=service, due_on=due_on, **(facts | more))


def test_weeks_begin_with_what_everybody_gets_and_this_week_holds_what_is_overdue(office: SimpleNamespace) -> None:
    late, later = touchpoint(ALMA, MONDAY - timedelta(9)), touchpoint(EMIL, MONDAY + timedelta(8))
    for number in (ALMA, CARO, EMIL):
        touchpoint(number, MONDAY + timedelta(1), "newsletter", seconds=60)
    found = agenda(touchpoints_for(office.owner), ("newsletter",), MONDAY)
    assert [(week.monday, week.touchpoints) for week in found.weeks] == [
        (MONDAY, [late]),
        (MONDAY + timedelta(7), [later]),
    ]
    assert [(issue.service, issue.receivers, issue.seconds) for issue in found.weeks[0].issues] == [
        ("newsletter", 3, 180)
    ]
    assert (found.deliveries, found.issues, found.seconds, found.more) == (2, 1, 2 * 7200 + 180, 0)


def test_done_becomes_work_of_the_household_and_can_be_taken_back(office: SimpleNamespace, as_role: SignIn) -> None:
    due, client = touchpoint(ALMA, timezone.localdate()), as_role("adviser")
    client.post(f"/calendar/{due.pk}/done/", {"minutes": "75"})
    work = OwnWork.objects.get()
    assert (work.number, work.activity, work.cause, work.seconds) == (ALMA, "visit", "granted", 75 * 60)
    due.refresh_from_db()
    assert (due.state, due.done_by) == ("done", office.adviser)
    page = client.post(f"/calendar/{due.pk}/done/", follow=True).content.decode()
    assert "Das ist nicht mehr offen" in page
    client.post(f"/calendar/{due.pk}/open/")
    due.refresh_from_db()
    assert (due.state, due.done_on, OwnWork.objects.count()) == ("open", None, 0)


def test_without_minutes_the_planned_time_is_noted(office: SimpleNamespace, as_role: SignIn) -> None:
    due = touchpoint(ALMA, timezone.localdate())
    assert as_role("adviser").post(f"/calendar/{due.pk}/done/", {"back": "today"}).headers["Location"] == "/"
    assert OwnWork.objects.get().seconds == 7200


def test_an_issue_is_sent_to_everybody_at_once(office: SimpleNamespace, as_role: SignIn) -> None:
    today = timezone.localdate()
    for number in (ALMA, CARO):
        touchpoint(number, today, "newsletter")
    client = as_role("assistant")
    client.post("/calendar/issue/done/", {"service": "newsletter", "due_on": today.isoformat()})
    assert list(Touchpoint.objects.values_list("state", "done_on")) == [("done", today)] * 2
    assert OwnWork.objects.count() == 0
    assert client.post("/calendar/issue/done/", {"service": "newsletter", "due_on": "gestern"}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_calendar_takes_the_same_queries_for_any_number(
    office: SimpleNamespace, as_role: SignIn, number: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    for customer in (ALMA, CARO, EMIL)[:number]:
        touchpoint(customer, timezone.localdate())
    client = as_role("owner")
    with django_assert_num_queries(11):  # type: ignore[attr-defined]
        page = client.get("/calendar/").content.decode()
    assert page.count('<th scope="row">') == number


def test_what_is_anothers_is_not_there(office: SimpleNamespace, as_role: SignIn) -> None:
    office.firm.advisers_see_own_only = True
    office.firm.save()
    office.run.customer_set.filter(number__in=[ALMA, BELA]).update(adviser="Jemand anderes")
    due = touchpoint(ALMA, timezone.localdate())
    assert as_role("adviser").post(f"/calendar/{due.pk}/done/").status_code == 404
    assert as_role("owner").post(f"/calendar/{due.pk}/done/").status_code == 302

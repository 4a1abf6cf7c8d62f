"""The calendar: what falls due by week, done with its minutes and taken back, issues as one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests import people
from tests.people import ALMA, BELA, CARO, EMIL
from zusage.policy.read import read_policy_text
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import agenda, seconds_by_role, touchpoints_for
from zusage.web.customers.models import OwnWork

SignIn = Callable[[str], Client]
MONDAY = date(2026, 11, 23)


def with_newsletter(per_issue: int) -> str:
    """The small service model with a letter to everybody, which takes so many minutes to write."""
    letter = f"newsletter: {{name: Brief, kind: standard, measure: publication, role: owner, per_issue: {per_issue},"
    promise = " promise: {mode: print, per_year: 4}}"
    return people.POLICY.replace("  callback: {name", f"  {letter}{promise}\n  callback: {{name")


WITH_NEWSLETTER = read_policy_text(with_newsletter(180)).policy
NEWSLETTER = WITH_NEWSLETTER.service("newsletter")


def touchpoint(number: str, due_on: date, service: str = "annual_check", **more: object) -> Touchpoint:
    facts: dict[str, object] = {"name": number, "class_key": "A", "role": "owner", "seconds": 7200}
    return Touchpoint.objects.create(unit_id=number, service=service, due_on=due_on, **(facts | more))


def test_weeks_begin_with_what_everybody_gets_and_this_week_holds_what_is_overdue(office: SimpleNamespace) -> None:
    late, later = touchpoint(ALMA, MONDAY - timedelta(9)), touchpoint(EMIL, MONDAY + timedelta(8))
    for number in (ALMA, CARO, EMIL):
        touchpoint(number, MONDAY + timedelta(1), "newsletter", seconds=60)
    found = agenda(touchpoints_for(office.owner), {"newsletter": NEWSLETTER}, MONDAY)
    assert [(week.monday, week.touchpoints) for week in found.weeks] == [
        (MONDAY, [late]),
        (MONDAY + timedelta(7), [later]),
    ]
    assert [(issue.service, issue.receivers, issue.seconds) for issue in found.weeks[0].issues] == [
        ("newsletter", 3, 180 + 3 * 3600)
    ]
    assert (found.deliveries, found.issues, found.seconds, found.more) == (2, 1, 2 * 7200 + 180 + 3 * 3600, 0)


def test_the_work_of_an_issue_counts_once_for_whoever_does_it(office: SimpleNamespace) -> None:
    touchpoint(ALMA, MONDAY)
    for number, day in ((ALMA, MONDAY), (CARO, MONDAY), (EMIL, MONDAY + timedelta(7))):
        touchpoint(number, day, "newsletter", seconds=0)
    assert seconds_by_role(touchpoints_for(office.owner), WITH_NEWSLETTER) == {"owner": 7200 + 2 * 3 * 3600}


@pytest.mark.parametrize(
    ("contacts", "letters", "per_issue", "de", "en"),
    [
        (0, 0, 180, "In den nächsten zwei Monaten steht nichts an.", "Nothing falls due in the next two months."),
        (
            1, 0, 180, "In den nächsten zwei Monaten haben Sie 1 Kontakt vor sich; dafür sind 2:00 Std. geplant.",
            "In the next two months you have 1 contact ahead of you; 2:00 h are planned for that.",
        ),
        (
            0, 3, 0, "In den nächsten zwei Monaten haben Sie 1 Sendung vor sich.",
            "In the next two months you have 1 mailing ahead of you.",
        ),
        (
            2, 3, 180,
            "In den nächsten zwei Monaten haben Sie 2 Kontakte und 1 Sendung vor sich; dafür sind 7:00 Std. geplant.",
            "In the next two months you have 2 contacts and 1 mailing ahead of you; 7:00 h are planned for that.",
        ),
    ],
)  # fmt: skip
def test_the_first_line_says_only_what_there_is(
    office: SimpleNamespace, as_role: SignIn, contacts: int, letters: int, per_issue: int, de: str, en: str
) -> None:
    office.version.text = with_newsletter(per_issue)
    office.version.hash = read_policy_text(office.version.text).policy.hash
    office.version.save()
    today = timezone.localdate()
    for number in (ALMA, CARO)[:contacts]:
        touchpoint(number, today)
    for number in (ALMA, CARO, EMIL)[:letters]:
        touchpoint(number, today, "newsletter", seconds=0)
    for language, line in (("de", de), ("en", en)):
        office.owner.language = language
        office.owner.save()
        page = as_role("owner").get("/calendar/").content.decode().replace("\xa0", " ")
        assert re.findall(r"<h1>(.*?)</h1>", page) == [line]
        assert "0:00" not in page


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

"""Today: what is owed in one sentence, whose it is, which hours are left, and what to do first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.desk.test_requests import CLOSING, MONDAY, take
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.models import Membership, Run
from zusage.web.desk.models import Request
from zusage.web.front.queries import Hours, Owed, done_today, failed_jobs, first_step, hours_today, owed
from zusage.web.front.views import owed_words
from zusage.web.office.models import Absence, Job
from zusage.web.review.models import Flag

SignIn = Callable[[str], Client]
HOUR = timedelta(hours=1)


def touchpoint(number: str, due_on: date, **more: object) -> Touchpoint:
    facts = {"name": number, "service": "annual_check", "class_key": "A", "role": "owner", "seconds": 7200}
    return Touchpoint.objects.create(unit_id=number, due_on=due_on, **(facts | more))


def test_what_is_owed_today_what_is_late_and_what_comes_tomorrow(office: SimpleNamespace) -> None:
    today, tomorrow = take(office, ALMA), take(office, CARO)
    late = take(office, EMIL, MONDAY - timedelta(days=4))
    found = owed(office.owner, office.policy, MONDAY, mine=False)
    assert [line.request for line in found.lines] == [late, today, tomorrow]
    assert [line.due.state for line in found.lines] == ["broken", "due", "due"]
    assert (found.today, found.over, found.all, found.last_at) == (1, 1, 3, CLOSING)


@pytest.mark.parametrize(("number", "shown", "all_of_them"), [(1, 1, 0), (3, 3, 0), (51, 20, 1)])
def test_today_lists_the_first_and_counts_them_all(
    office: SimpleNamespace, as_role: SignIn, number: int, shown: int, all_of_them: int
) -> None:
    first = take(office, ALMA, timezone.now(), urgency="emergency")
    take_more(first, number - 1)
    Request.objects.update(due_at=timezone.now())  # on a Friday they would be due on Monday
    found = owed(office.owner, office.policy, timezone.now(), mine=False)
    assert (len(found.lines), found.lines[0].request, found.all) == (shown, first, number)
    page = as_role("owner").get("/").content.decode()
    assert page.count("/done/") == shown
    assert page.count("Das sind die ersten 20 von 51. Alle Anliegen ansehen") == all_of_them


def take_more(like: Request, number: int) -> None:
    """So many normal requests like one."""
    facts = {field.name: getattr(like, field.name) for field in Request._meta.concrete_fields if field.name != "id"}
    Request.objects.bulk_create(Request(**facts | {"urgency": "normal", "urgency_rank": 3}) for _ in range(number))


def test_mine_is_what_i_have(office: SimpleNamespace) -> None:
    take(office, ALMA)
    mine = take(office, CARO, owner=office.adviser)
    found = owed(office.adviser, office.policy, MONDAY, mine=True)
    assert [line.request for line in found.lines] == [mine]


def test_planned_time_is_the_usual_time_of_what_is_due_today(office: SimpleNamespace) -> None:
    take(office, ALMA)
    take(office, BELA, owner=office.adviser)
    take(office, CARO)  # tomorrow
    touchpoint(ALMA, MONDAY.date())
    touchpoint(EMIL, MONDAY.date() + timedelta(1))
    everybody, each = hours_today(office.owner, office.policy, MONDAY)
    call = 6 * 60 + 4 * 60
    # six of the 35 opening hours of a week are left on this Monday: of 40 hours at 40 % that is 2:44
    left = 40 * 3600 * 400 * 6 * 3600 // (35 * 3600 * 1000)
    assert each == [Hours("Owner", 7200, left), Hours("", 2 * call, None)]
    assert everybody == Hours("", 7200 + 2 * call, left)


def test_who_is_away_has_no_hours_and_their_own_week_counts(office: SimpleNamespace) -> None:
    office.adviser.works_as, office.adviser.weekly_seconds = "owner", 20 * 3600
    office.adviser.save()
    Absence.objects.create(user=office.owner, first_on=MONDAY.date(), last_on=MONDAY.date())
    touchpoint(ALMA, MONDAY.date())
    _, each = hours_today(office.owner, office.policy, MONDAY)
    half = 20 * 3600 * 400 * 6 * 3600 // (35 * 3600 * 1000)
    assert each == [Hours("Adviser", 7200, half), Hours("Owner", 0, 0)]


@pytest.mark.parametrize(
    ("planned", "left", "de", "en"),
    [
        (
            9300, 10800, "Geplant: 2:35 Std. für die restlichen 3:00 Std.",
            "2:35 h are planned, 3:00 h are left today.",
        ),
        (
            10800, 9300, "Geplant sind 3:00 Std., da sind heute noch 2:35 Std.: 0:25 Std. zu viel.",
            "3:00 h are planned, 2:35 h are left today: 0:25 h too much.",
        ),
        (
            10800 + 29, 10800 - 31, "Geplant sind 3:00 Std., da sind heute noch 2:59 Std.: 0:01 Std. zu viel.",
            "3:00 h are planned, 2:59 h are left today: 0:01 h too much.",
        ),
        (
            600, 0, "Das Büro ist zu; geplant sind noch 0:10 Std.",
            "The office is closed; 0:10 h are still planned.",
        ),
    ],
)  # fmt: skip
def test_the_first_line_says_whether_the_hours_left_are_enough(planned: int, left: int, de: str, en: str) -> None:
    owed_today = Owed(lines=[], all=0, today=0, over=0, last_at=None)
    for language, text in (
        ("de", f"Heute ist nichts mehr zugesagt. {de}"),
        ("en", f"Nothing more is promised for today. {en}"),
    ):
        with override(language):
            assert owed_words(owed_today, Hours("", planned, left)).replace("\xa0", " ") == text


def test_after_closing_no_hours_are_left(office: SimpleNamespace) -> None:
    everybody, _ = hours_today(office.owner, office.policy, CLOSING)
    assert everybody.left == 0


def test_what_was_done_today_can_be_taken_back(office: SimpleNamespace, as_role: SignIn) -> None:
    taken, client = take(office, ALMA, timezone.now()), as_role("adviser")
    client.post(f"/requests/{taken.pk}/done/", {"version": 1, "back": "today"})
    assert [line.request for line in done_today(office.adviser, office.policy, timezone.now())] == [taken]
    assert done_today(office.owner, office.policy, timezone.now()) == []
    assert client.get("/").content.decode().count(f"/requests/{taken.pk}/reopen/") == 1


def test_an_office_is_told_what_to_do_first(office: SimpleNamespace, as_role: SignIn) -> None:
    assert first_step(office.owner, office.policy) == "ask"
    Membership.objects.all().delete()
    assert first_step(office.owner, office.policy) == "confirm"
    Run.objects.update(published=False)
    assert first_step(office.owner, office.policy) == "import"
    assert "Willkommen. Als Erstes kommt Ihr Bestand herein." in as_role("owner").get("/").content.decode()


def test_the_owner_sees_flags_and_failed_jobs(office: SimpleNamespace, as_role: SignIn) -> None:
    now = timezone.now()
    Flag.objects.create(by=office.adviser, at=now, reason="passt", count=40)
    for kind, state, ago in (
        ("backup", "done", 2),
        ("backup", "failed", 1),
        ("read", "failed", 2),
        ("read", "done", 1),
    ):
        Job.objects.create(kind=kind, state=state, created_at=now, finished_at=now - ago * HOUR)
    assert [job.kind for job in failed_jobs(office.owner, now)] == ["backup"]
    take(office, ALMA, now)
    page = as_role("owner").get("/").content.decode()
    assert [page.count(text) for text in ("40 Entscheidungen", "Datensicherung ist fehlgeschlagen")] == [1, 1]
    assert "40 Entscheidungen" not in as_role("adviser").get("/").content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_today_takes_the_same_queries_for_any_number(
    office: SimpleNamespace, as_role: SignIn, number: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    for customer in (ALMA, CARO, EMIL)[:number]:
        take(office, customer, timezone.now(), owner=office.adviser)
        touchpoint(customer, timezone.localdate())
    client = as_role("owner")
    client.get("/")  # who knows their promises is counted once
    with django_assert_num_queries(31):  # type: ignore[attr-defined]
        page = client.get("/").content.decode()
    assert page.count("annual_check") + page.count("Jahrescheck") == number

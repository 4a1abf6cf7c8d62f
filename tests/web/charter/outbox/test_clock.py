"""The clock sets off what is due, and a leap of it does not send what was planned for months."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.people import ALMA
from tests.web.charter.outbox.conftest import NOW, TODAY, Post, Round, mailed
from zusage.web.charter.outbox import sending
from zusage.web.charter.outbox.jobs import watch
from zusage.web.charter.outbox.models import Message
from zusage.web.office.models import Job

WEEK = timedelta(weeks=1)


def planned(office: SimpleNamespace, weeks: int, per_week: int) -> None:
    """So many mails a week, from next week on."""
    for week in range(weeks):
        for place in range(per_week):
            mailed(office, f"x{week}-{place}", name="Kunde", policy=None, not_before=TODAY + WEEK * (week + 1))


def test_the_clock_starts_the_job_when_something_is_due_and_only_once(office: SimpleNamespace, post: Post) -> None:
    watch(NOW)
    assert Job.objects.count() == 0
    mailed(office, not_before=TODAY + timedelta(days=1))
    watch(NOW)
    assert Job.objects.count() == 0
    for _ in range(3):
        watch(NOW + timedelta(days=1))
    assert [job.kind for job in Job.objects.all()] == ["send"]


def test_without_a_mail_server_no_job_is_started(office: SimpleNamespace, settings: SimpleNamespace) -> None:
    settings.SMTP_URL = ""
    mailed(office)
    watch(NOW)
    assert Job.objects.count() == 0


def test_what_a_killed_process_left_behind_is_shown_after_two_minutes(office: SimpleNamespace) -> None:
    message = mailed(office)
    Message.objects.filter(pk=message.pk).update(state="handing", handing_at=NOW)
    watch(NOW + timedelta(minutes=1))
    message.refresh_from_db()
    assert message.state == "handing"
    watch(NOW + timedelta(minutes=3))
    message.refresh_from_db()
    assert (message.state, message.why["reason"]["code"]) == ("unclear", "outbox_killed")


def test_a_leap_of_four_years_sends_nothing_until_a_person_says_the_date_is_right(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    planned(office, weeks=6, per_week=10)
    sending.look_at_clock(NOW)
    later = NOW + timedelta(days=4 * 365)
    watch(later)
    assert (Job.objects.count(), round_at(later)) == (0, {})
    assert sending.held_back(Message.objects.all(), later) == (TODAY, 60)
    watch(later + timedelta(hours=1))
    assert round_at(later + timedelta(hours=1)) == {}
    sending.release(later + timedelta(hours=1))
    assert round_at(later + timedelta(hours=1)) == {"sent": 60}


def test_a_clock_that_was_put_right_goes_on_as_planned(office: SimpleNamespace, post: Post, round_at: Round) -> None:
    planned(office, weeks=6, per_week=10)
    for moment in (NOW, NOW + timedelta(days=4 * 365), NOW + timedelta(minutes=20)):
        sending.look_at_clock(moment)
    assert sending.held_back(Message.objects.all(), NOW + timedelta(minutes=20)) is None
    assert round_at(NOW + timedelta(minutes=20)) == {}
    sending.look_at_clock(NOW + WEEK)  # a computer that was off for a week: one lot is due, it leaves
    assert round_at(NOW + WEEK) == {"sent": 10}


def test_a_weekend_off_is_no_leap_however_many_are_planned_for_monday(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    planned(office, weeks=1, per_week=60)
    sending.look_at_clock(NOW + WEEK - timedelta(days=3))
    sending.look_at_clock(NOW + WEEK)
    assert round_at(NOW + WEEK) == {"sent": 60}


@pytest.mark.parametrize("days", [-3650, 0])
def test_a_clock_that_stands_or_goes_back_sends_what_is_due_and_no_more(
    office: SimpleNamespace, post: Post, round_at: Round, days: int
) -> None:
    planned(office, weeks=2, per_week=30)
    due = mailed(office, ALMA)
    sending.look_at_clock(NOW)
    sending.look_at_clock(NOW + timedelta(days=days, minutes=30))
    assert round_at(NOW + timedelta(days=days, minutes=30)) == {"sent": 1}
    due.refresh_from_db()
    assert due.state == "handed_over"

"""A new day: classes whose day has come, exceptions that end, and what falls due unasked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from tests.people import ALMA, CARO, EMIL, POLICY
from tests.web.review.conftest import do
from zusage.policy.read import read_policy_text
from zusage.web.calendar.jobs import refresh_touchpoints, units_in_force
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.actions import end_agreement, record_agreement
from zusage.web.customers.models import Agreement, Customer, Membership, Override
from zusage.web.office.models import Job, PolicyVersion
from zusage.web.review.actions import override_class

NOVEMBER = date(2026, 11, 25)
JANUARY = date(2027, 1, 10)


@contextmanager
def on(day: date) -> Iterator[None]:
    """The clock of the jobs on a day."""
    moment = datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)
    with patch("django.utils.timezone.now", return_value=moment):
        yield


def due() -> list[tuple[str, str, date, str]]:
    found = Touchpoint.objects.order_by("due_on", "unit_id", "state")
    return list(found.values_list("unit_id", "service", "due_on", "state"))


def classed(office: SimpleNamespace, number: str, key: str, day: date) -> None:
    """A class decided for a day that has not come."""
    Membership.objects.create(
        number=number, class_key=key, effective_on=day, change="down", policy=office.version, because="criteria",
        decided_by=office.owner, decided_at=datetime(2026, 11, 20, tzinfo=UTC),
    )  # fmt: skip


def test_units_have_the_class_in_force_and_of_a_household_the_best(office: SimpleNamespace) -> None:
    Membership.objects.filter(number=ALMA).update(class_key="C")
    Membership.objects.filter(number="0004").delete()
    units = units_in_force(office.run, office.policy, NOVEMBER)
    assert [(unit["unit_id"], unit["class_key"]) for unit in units] == [
        (ALMA, "A"), (CARO, "C"), ("0004", "C"), (EMIL, "B"),
    ]  # fmt: skip


def test_what_falls_due_is_written_down_once(office: SimpleNamespace) -> None:
    assert refresh_touchpoints(office.run, office.policy, JANUARY) == 1
    assert due() == [(ALMA, "annual_check", date(2027, 3, 1), "open")]
    assert refresh_touchpoints(office.run, office.policy, JANUARY) == 1
    assert len(due()) == 1


def test_what_is_promised_no_longer_is_gone_and_comes_back_with_the_promise(office: SimpleNamespace) -> None:
    refresh_touchpoints(office.run, office.policy, JANUARY)
    Membership.objects.update(class_key="C")
    assert refresh_touchpoints(office.run, office.policy, JANUARY) == 0
    assert [row[-1] for row in due()] == ["gone"]
    Membership.objects.update(class_key="A")
    refresh_touchpoints(office.run, office.policy, JANUARY)
    assert {row[-1] for row in due()} == {"open"}


@pytest.mark.parametrize(
    ("number", "days"), [(CARO, ["2027-01-04", "2027-07-01"]), (ALMA, ["2027-03-01", "2027-09-01"])]
)
def test_what_was_agreed_falls_due_instead_of_what_the_class_promises(
    office: SimpleNamespace, number: str, days: list[str]
) -> None:
    today, now = date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC)
    twice = next(item for item in office.policy.promises_of("A") if item.service == "annual_check")
    record_agreement(
        customer=Customer.objects.get(number=number), promise=replace(twice, per_year_milli=2000), class_key="A",
        since=date(2026, 1, 1), until=None, source="Servicevertrag", by=office.owner, now=now,
    )  # fmt: skip
    with patch("zusage.web.calendar.jobs.AHEAD", timedelta(days=300)):
        refresh_touchpoints(office.run, office.policy, today)
        of_unit = Touchpoint.objects.filter(unit_id=number, service="annual_check").order_by("due_on")
        assert [f"{item.due_on}" for item in of_unit] == days
        agreement = Agreement.objects.get()
        end_agreement(agreement=agreement, version=1, until=date(2027, 5, 31), source="Kündigung")
        refresh_touchpoints(office.run, office.policy, today)
        still = [f"{item.due_on}" for item in of_unit.filter(state="open")]
        assert still == days[:1]


def test_what_was_done_stays_done(office: SimpleNamespace) -> None:
    refresh_touchpoints(office.run, office.policy, JANUARY)
    Touchpoint.objects.update(state="done", done_on=JANUARY, done_by=office.owner)
    Membership.objects.update(class_key="C")
    refresh_touchpoints(office.run, office.policy, JANUARY)
    assert [row[-1] for row in due()] == ["done"]


def test_a_class_shows_on_its_day_and_its_touchpoints_go(office: SimpleNamespace) -> None:
    refresh_touchpoints(office.run, office.policy, JANUARY)
    for number in (ALMA, "0002"):
        classed(office, number, "C", JANUARY)
    with on(NOVEMBER):
        assert do("daily").result["classes"] == 0
    with on(JANUARY):
        assert do("daily").result["classes"] == 2
    assert Customer.objects.get(number=ALMA).class_key == "C"
    assert [row[-1] for row in due()] == ["gone"]


def test_an_exception_past_its_last_day_ends_and_a_new_review_begins(office: SimpleNamespace) -> None:
    emil = Customer.objects.get(number=EMIL)
    override_class(emil, "A", "Empfiehlt", date(2026, 12, 31), office.owner, datetime(2026, 11, 25, tzinfo=UTC))
    with on(JANUARY):
        assert do("daily").result["overrides"] == 1
    assert Override.objects.get().ended_at is not None
    assert Job.objects.filter(kind="review").count() == 1


@pytest.mark.parametrize(("valid_from", "jobs"), [(date(2026, 11, 1), 1), (date(2027, 6, 1), 0)])
def test_a_new_service_model_in_force_begins_a_review(office: SimpleNamespace, valid_from: date, jobs: int) -> None:
    text = POLICY.replace("from: 600, stay: 500", "from: 700, stay: 500")
    PolicyVersion.objects.create(
        text=text, hash=read_policy_text(text).policy.hash, label="next", valid_from=valid_from,
        published_at=datetime(2026, 10, 1, tzinfo=UTC),
    )  # fmt: skip
    with on(NOVEMBER):
        do("daily")
    assert Job.objects.filter(kind="review").count() == jobs

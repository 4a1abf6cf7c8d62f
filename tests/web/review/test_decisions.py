"""What people decide: nothing takes effect without a name, a reason where it takes something away, and a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.review.conftest import with_notice
from zusage.ground.reasons import Refused
from zusage.web.customers.models import Customer, Membership, Override, Told
from zusage.web.office.actions import Overtaken
from zusage.web.review.actions import (
    apply_classes,
    confirm_first,
    confirm_reduction,
    confirm_upgrades,
    end_overrides,
    keep_class,
    normalised,
    override_class,
    take_back,
)
from zusage.web.review.models import Flag, Proposal
from zusage.web.review.queries import classes_decided, classes_in_force, proposed_changes

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
LATER = date(2026, 12, 25)


def confirmed(office: SimpleNamespace, number: str, key: str) -> None:
    """The class a person is in now."""
    Membership.objects.filter(number=number).update(class_key=key)
    Customer.objects.filter(number=number).update(class_key=key)


def propose(office: SimpleNamespace) -> list[Proposal]:
    """The proposals of the published run, written."""
    Proposal.objects.filter(run=office.run).delete()
    return Proposal.objects.bulk_create(proposed_changes(office.run, office.policy, TODAY))


def facts(found: list[Proposal]) -> list[tuple[str, str, str, str, bool]]:
    return [(item.unit_id, item.from_key, item.to_key, item.change, item.reduces) for item in found]


def in_list(number: str) -> str:
    return Customer.objects.get(run__published=True, number=number).class_key


def test_a_book_whose_proposals_are_confirmed_proposes_nothing(office: SimpleNamespace) -> None:
    assert propose(office) == []


def test_a_household_with_members_in_different_classes_is_one_proposal(office: SimpleNamespace) -> None:
    confirmed(office, BELA, "C")
    assert facts(propose(office)) == [(ALMA, "C", "A", "up", False)]


def test_a_higher_class_is_an_upgrade_and_a_lower_one_a_reduction(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    confirmed(office, EMIL, "C")
    assert facts(propose(office)) == [(CARO, "A", "C", "down", True), (EMIL, "C", "B", "up", False)]


def test_a_former_class_that_is_gone_is_looked_at_singly(office: SimpleNamespace) -> None:
    confirmed(office, EMIL, "gold")
    assert facts(propose(office)) == [(EMIL, "gold", "B", "level", True)]


def test_an_open_proposal_changes_nothing(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    propose(office)
    assert (in_list(CARO), classes_in_force(TODAY)[CARO]) == ("A", "A")


def test_upgrades_take_effect_at_once_with_name_and_moment(office: SimpleNamespace) -> None:
    confirmed(office, EMIL, "C")
    (found,) = propose(office)
    assert confirm_upgrades(chosen=[found.pk], by=office.adviser, now=NOW) == 1
    made = Membership.objects.filter(number=EMIL).latest("pk")
    assert (made.class_key, made.change, made.decided_by, made.decided_at, made.effective_on, made.because) == (
        "B",
        "up",
        office.adviser,
        NOW,
        TODAY,
        "criteria",
    )
    assert in_list(EMIL) == "B"
    assert propose(office) == []


def test_a_reduction_never_slips_in_with_the_upgrades(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    assert confirm_upgrades(chosen=[found.pk], by=office.owner, now=NOW) == 0
    assert in_list(CARO) == "A"


def test_a_reduction_holds_from_its_day_on(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    confirm_reduction(
        proposal=found, version=1, by=office.owner, reason="Besprochen am Telefon", effective_on=LATER, now=NOW
    )
    assert (in_list(CARO), classes_in_force(TODAY)[CARO], classes_in_force(LATER)[CARO]) == ("A", "A", "C")
    assert propose(office) == []
    assert apply_classes(today=LATER - timedelta(days=1)) == 0
    assert apply_classes(today=LATER) == 1
    assert in_list(CARO) == "C"
    assert apply_classes(today=LATER) == 0


def test_a_reduction_needs_a_reason_and_a_day_after_today(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    for reason, day, code in ((" ", LATER, "review_reason_missing"), ("Wenig Bedarf", TODAY, "review_too_early")):
        with pytest.raises(Refused) as refused:
            confirm_reduction(proposal=found, version=1, by=office.owner, reason=reason, effective_on=day, now=NOW)
        assert [finding.reason.code for finding in refused.value.findings] == [code]
    assert Proposal.objects.get().state == "open"


def test_of_two_who_decide_the_second_is_told_what_the_first_decided(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    keep_class(proposal=found, version=1, by=office.adviser, reason="Baut gerade", now=NOW)
    with pytest.raises(Overtaken) as overtaken:
        confirm_reduction(proposal=found, version=1, by=office.owner, reason="Nein", effective_on=LATER, now=NOW)
    assert (overtaken.value.current.state, overtaken.value.current.decided_by) == ("kept", office.adviser)
    assert list(Membership.objects.filter(number=CARO).values_list("class_key", flat=True)) == ["A"]


def test_what_was_kept_does_not_come_back_for_a_year(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    keep_class(proposal=found, version=1, by=office.owner, reason="Baut gerade", now=NOW)
    assert list(proposed_changes(office.run, office.policy, TODAY)) == []
    year_later = TODAY + timedelta(days=366)
    assert facts(list(proposed_changes(office.run, office.policy, year_later))) == [(CARO, "A", "C", "down", True)]


def test_what_was_kept_comes_back_when_the_figures_say_something_else(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    keep_class(proposal=found, version=1, by=office.owner, reason="Baut gerade", now=NOW)
    Customer.objects.filter(number=CARO).update(proposed_key="B")
    assert facts(list(proposed_changes(office.run, office.policy, TODAY))) == [(CARO, "A", "B", "down", True)]


def test_a_decision_that_does_not_hold_yet_can_be_taken_back(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "A")
    (found,) = propose(office)
    confirm_reduction(proposal=found, version=1, by=office.owner, reason="Wenig", effective_on=LATER, now=NOW)
    pending = Membership.objects.get(applied=False)
    take_back(membership=pending, by=office.adviser, reason="Kunde hat sich gemeldet", now=NOW)
    found.refresh_from_db()
    assert (found.state, found.decided_by, found.reason) == ("taken_back", office.adviser, "Kunde hat sich gemeldet")
    assert classes_decided([CARO]) == {CARO: "A"}


def test_what_holds_already_cannot_be_taken_back(office: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        take_back(membership=Membership.objects.get(number=CARO), by=office.owner, reason="Doch nicht", now=NOW)
    assert [finding.reason.code for finding in refused.value.findings] == ["review_in_force"]


def test_first_classes_are_signed_once_for_all_and_told_is_assumed(office: SimpleNamespace) -> None:
    Membership.objects.all().delete()
    assert len(propose(office)) == 4
    assert confirm_first(by=office.owner, reason="Neues Servicekonzept", now=NOW) == 4
    assert classes_in_force(TODAY) == {ALMA: "A", BELA: "A", CARO: "C", "0004": "C", EMIL: "B"}
    assert set(Membership.objects.values_list("change", "reason", "applied", "effective_on")) == {
        ("first", "Neues Servicekonzept", True, TODAY)
    }
    assert set(Told.objects.values_list("told_on", "assumed")) == {(date(2026, 11, 2), True)}
    assert Told.objects.count() == 5
    assert propose(office) == []


def test_later_changes_tell_nobody(office: SimpleNamespace) -> None:
    confirmed(office, EMIL, "C")
    (found,) = propose(office)
    confirm_upgrades(chosen=[found.pk], by=office.owner, now=NOW)
    assert Told.objects.count() == 0


def test_an_upgrade_takes_the_place_of_a_reduction_that_does_not_hold_yet(office: SimpleNamespace) -> None:
    confirmed(office, CARO, "B")
    (found,) = propose(office)
    confirm_reduction(proposal=found, version=1, by=office.owner, reason="Wenig", effective_on=LATER, now=NOW)
    Customer.objects.filter(number=CARO).update(proposed_key="A")
    (better,) = propose(office)
    assert facts([better]) == [(CARO, "C", "A", "up", False)]
    confirm_upgrades(chosen=[better.pk], by=office.owner, now=NOW)
    assert classes_in_force(LATER)[CARO] == "A"


# --- the owner is told of many equal reasons


def reduce_many(office: SimpleNamespace, count: int, reason: str, minutes: int) -> None:
    for number in range(count):
        found = Proposal.objects.create(
            run=office.run, unit_id=f"u{number}", name="Probe", sort_key="probe", members=[f"m{number}"],
            from_key="A", to_key="C", change="down", reduces=True, because="criteria",
        )  # fmt: skip
        at = NOW + timedelta(minutes=minutes) * number
        confirm_reduction(
            proposal=found, version=1, by=office.adviser, reason=reason if number % 2 else f" {reason.upper()}! ",
            effective_on=LATER, now=at,
        )  # fmt: skip


def test_ten_equal_reasons_in_ten_minutes_are_shown_to_the_owner(office: SimpleNamespace) -> None:
    reduce_many(office, 12, "zu wenig Ertrag", minutes=0)
    assert list(Flag.objects.values_list("by__role", "count", "seen_at")) == [("adviser", 12, None)]


def test_nine_equal_reasons_or_ten_in_an_hour_are_not(office: SimpleNamespace) -> None:
    reduce_many(office, 9, "zu wenig Ertrag", minutes=0)
    Proposal.objects.all().delete()
    reduce_many(office, 10, "zu wenig Ertrag", minutes=6)
    assert Flag.objects.count() == 0


def test_reasons_are_equal_whatever_their_case_spaces_and_marks() -> None:
    assert normalised("  Zu wenig\nErtrag! ") == normalised("zu wenig ertrag") == "zu wenig ertrag"


# --- exceptions


def customer(number: str) -> Customer:
    return Customer.objects.get(run__published=True, number=number)


def test_an_override_upwards_holds_at_once_for_the_household(office: SimpleNamespace) -> None:
    for number in (ALMA, BELA):
        confirmed(office, number, "C")
    override_class(customer(ALMA), "B", "Bauherr", date(2027, 3, 1), office.owner, NOW)
    assert (in_list(ALMA), in_list(BELA)) == ("B", "B")
    assert list(Override.objects.values_list("number", "until", "by__role")) == [(ALMA, date(2027, 3, 1), "owner")]


def test_an_override_downwards_holds_after_the_notice(office: SimpleNamespace) -> None:
    made = override_class(customer(EMIL), "C", "Wunsch des Kunden", date(2027, 3, 1), office.owner, NOW)
    assert (made.effective_on, made.applied, in_list(EMIL)) == (date(2026, 12, 25), False, "B")
    take_back(membership=made, by=office.owner, reason="Doch nicht", now=NOW + timedelta(days=1))
    assert Override.objects.get().ended_at == NOW + timedelta(days=1)


def test_the_notice_is_that_of_the_service_model(office: SimpleNamespace) -> None:
    with_notice(office.run, 60)
    made = override_class(customer(EMIL), "C", "Wunsch des Kunden", date(2027, 3, 1), office.owner, NOW)
    assert made.effective_on == date(2027, 1, 24)


@pytest.mark.parametrize("until", [TODAY, date(2027, 12, 1)])
def test_an_override_ends_within_a_year(office: SimpleNamespace, until: date) -> None:
    with pytest.raises(Refused) as refused:
        override_class(customer(EMIL), "A", "Empfiehlt", until, office.owner, NOW)
    assert [finding.reason.code for finding in refused.value.findings] == ["review_override_until"]


def test_an_override_ends_after_its_last_day(office: SimpleNamespace) -> None:
    override_class(customer(EMIL), "A", "Empfiehlt", date(2027, 3, 1), office.owner, NOW)
    assert end_overrides(today=date(2027, 3, 1), now=NOW) == 0
    assert end_overrides(today=date(2027, 3, 2), now=timezone.now()) == 1

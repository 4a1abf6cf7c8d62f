"""Consents given, withdrawn, objected to and read from lists: what holds, for one customer and for thousands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import ALMA, BELA, CARO, EMIL
from zusage.ground.reasons import Refused
from zusage.promises.consent import CHANNELS, CONDITIONS, PURPOSES
from zusage.web.book.models import Book, Consent
from zusage.web.customers.consent.actions import (
    Use,
    changed,
    confirm,
    grant,
    keep_listed,
    note_uses,
    object_to,
    take_back,
    withdraw,
)
from zusage.web.customers.consent.models import ConsentUse, Objection, OwnConsent
from zusage.web.customers.consent.queries import (
    consents_to_keep,
    gates_for,
    may_write,
    records_of,
    uses_to_keep,
)
from zusage.web.customers.models import Customer

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
EARLIER = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(day: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def granted(number: str = ALMA, channel: str = "phone", **more: Any) -> OwnConsent:
    facts = {"purpose": "advertising", "granted_at": EARLIER, "wording": "Ja, rufen Sie an.", "source": "Gespräch"}
    return grant(number=number, channel=channel, by=None, now=NOW, **(facts | more))


def listed(office: SimpleNamespace, number: str = ALMA, channel: str = "phone", **more: Any) -> Consent:
    facts = {"purpose": "advertising", "granted_on": date(2026, 3, 2), "source": "einwilligungen.csv", "line": 2}
    return Consent.objects.create(book=office.run.book, customer_id=number, channel=channel, **(facts | more))


def allowed(number: str = ALMA, channel: str = "phone", purpose: str = "advertising", day: date = TODAY) -> bool:
    return may_write(number, channel, purpose, day).allowed


def refusals(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        call()
    return [finding.reason.code for finding in refused.value.findings]


def ended(**more: Any) -> int:
    facts = {"number": ALMA, "channel": "phone", "purpose": "advertising", "said_on": TODAY, "how": "am Telefon"}
    return withdraw(by=None, now=NOW, **(facts | more))


# --- granted and withdrawn


def test_a_consent_noted_in_the_office_counts_at_once_and_for_that_customer_alone(office: SimpleNamespace) -> None:
    granted()
    assert [number for number in (ALMA, BELA, EMIL) if allowed(number)] == [ALMA]


def test_a_withdrawal_counts_at_once(office: SimpleNamespace) -> None:
    granted()
    assert ended() == 1
    assert not allowed()
    assert allowed(day=TODAY - timedelta(1))


def test_a_withdrawal_in_the_office_beats_every_later_list_that_still_says_granted(office: SimpleNamespace) -> None:
    listed(office)
    assert allowed()
    assert ended() == 1
    Book.objects.update(published=False)
    office.run.book = Book.objects.create(created_at=NOW, published=True)  # the next reading of the same list
    listed(office)
    assert not allowed()
    listed(office, granted_on=TODAY + timedelta(3))
    assert allowed(day=TODAY + timedelta(3))


def test_a_consent_given_again_on_the_day_of_the_withdrawal_counts(office: SimpleNamespace) -> None:
    granted()
    ended()
    granted(granted_at=NOW)
    assert allowed()


def test_what_a_list_says_was_withdrawn_ends_what_the_office_noted_before(office: SimpleNamespace) -> None:
    granted()
    listed(office, granted_on=None, withdrawn_on=date(2026, 5, 4))
    assert not allowed()
    granted(granted_at=at(date(2026, 5, 5)))
    assert allowed()


def test_where_nothing_was_consented_to_there_is_nothing_to_withdraw(office: SimpleNamespace) -> None:
    assert refusals(ended) == ["consent_nothing_to_withdraw"]
    granted()
    ended()
    assert refusals(ended) == ["consent_nothing_to_withdraw"]
    assert refusals(lambda: ended(said_on=TODAY + timedelta(1))) == ["consent_lies_ahead"]


def test_a_withdrawal_of_an_earlier_day_leaves_what_was_consented_to_since(office: SimpleNamespace) -> None:
    granted()
    granted(granted_at=at(date(2026, 10, 1)))
    assert ended(said_on=date(2026, 9, 1)) == 1
    assert allowed()


def test_a_consent_needs_its_proof_and_all_that_is_missing_is_said_at_once(office: SimpleNamespace) -> None:
    object_to(number=ALMA, channel="", said_on=TODAY, how="Brief", by=None, now=NOW)
    wrong = refusals(
        lambda: granted(
            channel="phone", ground="existing_customer", wording=" ", source="", granted_at=NOW + timedelta(1)
        )
    )
    assert wrong == [
        "consent_lies_ahead",
        "consent_needs_proof",
        "consent_existing_by_email",
        "consent_objection_stands",
    ]
    assert OwnConsent.objects.count() == 0


def test_existing_customers_need_all_four_conditions_on_record(office: SimpleNamespace) -> None:
    facts: dict[str, Any] = {"channel": "email", "ground": "existing_customer"}
    assert refusals(lambda: granted(**facts, conditions=CONDITIONS[:3])) == ["consent_needs_conditions"]
    granted(**facts, conditions=CONDITIONS)
    assert may_write(ALMA, "email", "advertising", TODAY).ground == "existing_customer"


def test_of_a_list_the_ground_of_existing_customers_counts_with_wording_and_proof(office: SimpleNamespace) -> None:
    listed(office, ALMA, "email", ground="existing_customer")
    listed(office, EMIL, "email", ground="existing_customer", wording="Hinweis im Antrag", proof="Antrag 47")
    found = gates_for([ALMA, EMIL], "email", "advertising", TODAY)
    assert [(found[number].ground, found[number].why.code) for number in (ALMA, EMIL)] == [
        ("", "consent_conditions"),
        ("existing_customer", "consent_existing_customer"),
    ]


def test_a_consent_that_waits_for_its_confirmation_counts_only_once_it_has_come(office: SimpleNamespace) -> None:
    consent = granted(channel="email", ask_to_confirm=True)
    assert not allowed(channel="email")
    assert [confirm(consent=consent, now=NOW), confirm(consent=consent, now=NOW)] == [True, False]
    assert allowed(channel="email")


# --- objections


def test_an_objection_stands_until_it_is_taken_back(office: SimpleNamespace) -> None:
    granted()
    said = object_to(number=ALMA, channel="", said_on=TODAY, how="Brief", by=None, now=NOW)
    again = object_to(number=ALMA, channel="", said_on=TODAY, how="Anruf", by=None, now=NOW)
    assert (again.pk, [allowed(channel=channel) for channel in CHANNELS]) == (said.pk, [False] * 4)
    assert allowed(channel="post", purpose="service")
    assert [take_back(objection=said, how="Anruf", now=NOW) for _ in range(2)] == [True, False]
    assert allowed()


def test_a_way_that_is_refused_for_the_contract_too_is_refused_for_that_alone(office: SimpleNamespace) -> None:
    object_to(number=ALMA, channel="phone", purpose="service", said_on=TODAY, how="Anruf", by=None, now=NOW)
    found = may_write(ALMA, "phone", "service", TODAY)
    assert (found.allowed, found.alternative) == (False, "letter")
    assert allowed(channel="email", purpose="service")


def test_rooms_above_hear_whose_consents_changed(office: SimpleNamespace) -> None:
    heard: list[list[str]] = []

    def listen(numbers: list[str], **_: object) -> None:
        heard.append(list(numbers))

    changed.connect(listen)
    granted()
    ended()
    take_back(
        objection=object_to(number=EMIL, channel="post", said_on=TODAY, how="x", by=None, now=NOW), how="y", now=NOW
    )
    assert heard == [[ALMA], [ALMA], [EMIL], [EMIL]]


# --- who, and how many questions


def test_businesses_may_be_called_without_and_whoever_is_not_known_counts_as_a_consumer(
    office: SimpleNamespace,
) -> None:
    Customer.objects.filter(number=EMIL).update(consumer=False)
    Customer.objects.filter(number=CARO).update(consumer=None)
    found = gates_for([ALMA, CARO, EMIL, "nobody"], "phone", "advertising", TODAY)
    assert {number: found[number].ground for number in found} == {ALMA: "", CARO: "", EMIL: "presumed", "nobody": ""}


@pytest.mark.parametrize("size", [1, 3, 499, 501, 3000])
def test_the_number_of_questions_does_not_grow_with_the_customers(office: SimpleNamespace, size: int) -> None:
    numbers = [ALMA, *(f"N{place}" for place in range(size - 1))]
    listed(office)
    note_uses([Use(ALMA, "phone", "advertising", "Anruf")], on=TODAY)
    with CaptureQueriesContext(connection) as asked:
        found = gates_for(numbers, "phone", "advertising", TODAY)
    assert (len(asked), len(found), found[ALMA].allowed) == (6, size, True)


# --- what is on record and how long


def test_the_history_holds_both_sources_newest_first(office: SimpleNamespace) -> None:
    listed(office, channel="email", granted_on=date(2025, 5, 1), wording="Newsletter ja", proof="Akte 3")
    granted()
    found = [(item.own, item.channel, item.granted_on, item.wording, item.source) for item in records_of(ALMA)]
    assert found == [
        (True, "phone", date(2026, 3, 2), "Ja, rufen Sie an.", "Gespräch"),
        (False, "email", date(2025, 5, 1), "Newsletter ja", "einwilligungen.csv:2"),
    ]


def test_consents_are_kept_five_years_from_their_grant_and_from_each_use(office: SimpleNamespace) -> None:
    old, used, last_day, fresh = (
        granted(number, granted_at=at(day))
        for number, day in (
            (ALMA, date(2021, 11, 25)),
            (BELA, date(2015, 1, 5)),
            (CARO, date(2021, 11, 26)),
            (EMIL, date(2026, 1, 5)),
        )
    )
    for number, day in ((BELA, date(2022, 6, 1)), (ALMA, date(2021, 1, 7))):
        note_uses([Use(number, "phone", "advertising", "Anruf")], on=day)
    assert list(consents_to_keep(TODAY).order_by("pk")) == [used, last_day, fresh]
    assert not consents_to_keep(TODAY).filter(pk=old.pk).exists()
    assert list(uses_to_keep(TODAY)) == list(ConsentUse.objects.filter(number=BELA))
    assert list(consents_to_keep(date(2028, 2, 29)).order_by("pk")) == [fresh]


def test_consents_of_lists_are_copied_once_so_that_their_proof_outlives_the_book(office: SimpleNamespace) -> None:
    listed(office, wording="Ja", proof="Akte 3")
    listed(office, channel="email", withdrawn_on=date(2026, 5, 4))
    listed(office, channel="message", granted_on=None)
    assert [keep_listed(number=ALMA, by=None, now=NOW) for _ in range(2)] == [2, 0]
    Consent.objects.all().delete()
    assert [(item.channel, item.withdrawn_on, item.proof) for item in records_of(ALMA)] == [
        ("email", date(2026, 5, 4), ""),
        ("phone", None, "Akte 3"),
    ]
    assert (allowed(), allowed(channel="email")) == (True, False)


def test_each_change_stands_in_the_log_of_changes(office: SimpleNamespace) -> None:
    granted()
    ended()
    kinds = LogEntry.objects.filter(content_type__model="ownconsent").order_by("pk")
    assert [entry.action for entry in kinds] == [LogEntry.Action.CREATE, LogEntry.Action.UPDATE]


# --- rules that always hold


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "withdraw", "object", "take_back", "list"]),
        st.integers(0, 3),  # days later than the step before
        st.none() | st.integers(-30, 2),  # of a list: the day of its consent, and of its withdrawal, from today on
        st.none() | st.integers(-30, 2),
    ),
    max_size=9,
)


class Plain:
    """The rules in words of their own: what a customer said last counts; lists know only days, and lose every tie."""

    def __init__(self) -> None:
        self.consents: list[date] = []  # of the office, that it has not withdrawn
        self.withdrawals: list[date] = []  # of the office
        self.list: tuple[date | None, date | None] | None = None
        self.objected = False

    def allowed(self, day: date) -> bool:
        """Whether advertising calls are allowed on a day."""
        listed, withdrawn = self.list or (None, None)
        if withdrawn is not None and withdrawn > day:
            withdrawn = None
        office = any(withdrawn is None or given > withdrawn for given in self.consents)
        named = listed is not None and listed <= day and (withdrawn is None or listed > withdrawn)
        named = named and all(listed > other for other in self.withdrawals)  # type: ignore[operator] # there is one
        return (office or named) and not self.objected


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_any_course_of_consents_objections_and_lists_ends_as_told_in_plain_words(
    office: SimpleNamespace, steps: list[tuple[str, int, int | None, int | None]]
) -> None:
    with transaction.atomic():
        plain, day = Plain(), date(2026, 3, 2)
        for what, later, granted_in, withdrawn_in in steps:
            day += timedelta(later)
            _step(office, plain, what, day, granted_in, withdrawn_in)
            assert allowed(day=day) == plain.allowed(day), (what, day)
        transaction.set_rollback(True)


def _step(
    office: SimpleNamespace, plain: Plain, what: str, day: date, granted_in: int | None, withdrawn_in: int | None
) -> None:
    """One step with the office and with the rules; what is refused there changes nothing here."""
    now, facts = at(day, 12), {"number": ALMA, "channel": "phone", "by": None}
    if what == "grant" and not plain.objected:
        granted(granted_at=now)
        plain.consents.append(day)
    elif what == "withdraw":
        try:
            withdraw(purpose="advertising", said_on=day, how="x", now=now, **facts)
        except Refused:
            return
        plain.consents, plain.withdrawals = [], [*plain.withdrawals, day]
    elif what == "object":
        object_to(said_on=day, how="x", now=now, **facts)
        plain.objected = True
    elif what == "take_back":
        for found in Objection.objects.filter(taken_back_at=None):
            take_back(objection=found, how="x", now=now)
        plain.objected = False
    elif what == "list":
        Consent.objects.all().delete()
        plain.list = tuple(None if days is None else day + timedelta(days) for days in (granted_in, withdrawn_in))  # type: ignore[assignment] # two of them
        listed(office, granted_on=plain.list[0], withdrawn_on=plain.list[1])


NUMBERS = (ALMA, BELA, CARO, EMIL, "N1")
DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_nobody_whom_the_gate_refuses_is_among_the_allowed_of_many(
    office: SimpleNamespace, data: st.DataObject
) -> None:
    with transaction.atomic():
        who, where = st.sampled_from(NUMBERS), st.sampled_from(CHANNELS)
        for number, channel, purpose, first, last in data.draw(
            st.lists(st.tuples(who, where, st.sampled_from(PURPOSES), st.none() | DAYS, st.none() | DAYS), max_size=6)
        ):
            listed(office, number, channel, purpose=purpose, granted_on=first, withdrawn_on=last)
        for number, channel, said_on in data.draw(st.lists(st.tuples(who, where | st.just(""), DAYS), max_size=3)):
            Objection.objects.create(number=number, channel=channel, said_on=said_on, how="x", created_at=NOW)
        for number, channel, day in data.draw(st.lists(st.tuples(who, where, DAYS), max_size=4)):
            OwnConsent.objects.create(
                number=number, channel=channel, purpose="advertising", granted_at=at(day), wording="x", source="x",
                created_at=NOW,
            )  # fmt: skip
        channel, purpose, day = data.draw(where), data.draw(st.sampled_from(PURPOSES)), data.draw(DAYS)
        together = gates_for(NUMBERS, channel, purpose, day)
        assert together == {number: may_write(number, channel, purpose, day) for number in NUMBERS}
        transaction.set_rollback(True)

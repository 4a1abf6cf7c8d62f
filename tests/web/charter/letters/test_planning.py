"""Planning letters: who would get one and why not, weeks of letters, and nothing leaves by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.people import ALMA, BELA, CARO, DORO, EMIL
from tests.web.charter.letters.conftest import MONDAY, NOW, hours_suffice, states
from zusage.ground.reasons import Refused
from zusage.web.charter.letters.actions import chosen_for, plan_letter, release
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.letters.queries import letters_for, waves_for
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.models import Objection
from zusage.web.customers.models import Customer, Membership, Told
from zusage.web.office.models import Job

Planned = Callable[..., LetterWave]


def chosen(office: SimpleNamespace, kind: Any = "welcome", channel: str = "post") -> tuple[list[str], dict[str, str]]:
    found = chosen_for(kind=kind, channel=channel, by=office.owner, today=MONDAY)
    return [item.to.number for item in found.letters], {item.to.number: item.why.code for item in found.left_out}


def tell(office: SimpleNamespace, number: str, key: str, **more: Any) -> None:
    values = {"policy": office.version, "class_key": key, "told_on": date(2026, 11, 2), "created_at": NOW}
    Told.objects.create(number=number, **values | more)


def decide(office: SimpleNamespace, number: str, key: str, on: date = MONDAY + timedelta(60)) -> None:
    Membership.objects.create(
        number=number, class_key=key, effective_on=on, change="down", policy=office.version, because="criteria",
        decided_by=office.adviser, decided_at=NOW,
    )  # fmt: skip


def test_a_welcome_goes_to_every_household_and_the_one_without_an_address_is_named(letters: SimpleNamespace) -> None:
    assert chosen(letters) == ([ALMA, CARO, EMIL], {DORO: "mailing_out_no_address"})


def test_where_a_customer_said_they_moved_to_goes_before_the_list(letters: SimpleNamespace) -> None:
    moved = {"street": "Neue Gasse 7", "postcode": "10115", "city": "Berlin"}
    for number in (CARO, DORO):
        Wish.objects.create(
            number=number, kind="contact", state="accepted", source="paper", data=moved, asked_at=NOW, answered_at=NOW
        )
    found = chosen_for(kind="welcome", channel="post", by=letters.owner, today=MONDAY)
    lines = {item.to.number: item.to.address for item in found.letters}
    assert lines[CARO] == ("Frau Caro Probe", "Neue Gasse 7", "10115 Berlin")
    assert lines[DORO] == ("Doro Größe-Exempel", "Neue Gasse 7", "10115 Berlin")
    assert found.left_out == ()


def test_who_was_told_gets_no_welcome_and_an_assumption_tells_nobody(letters: SimpleNamespace) -> None:
    tell(letters, CARO, "C", how="call")
    tell(letters, EMIL, "B", assumed=True)
    assert chosen(letters) == ([ALMA, EMIL], {CARO: "mailing_out_told", DORO: "mailing_out_no_address"})


def test_a_class_decided_by_a_person_is_told_as_more_or_less(letters: SimpleNamespace) -> None:
    for number, key in ((ALMA, "A"), (BELA, "A"), (CARO, "C"), (EMIL, "B")):
        tell(letters, number, key, how="call")
    for number in (ALMA, BELA):
        decide(letters, number, "B")
    decide(letters, CARO, "A")
    assert chosen(letters, "down") == ([ALMA], {})
    assert chosen(letters, "up") == ([CARO], {})
    assert chosen(letters, "statement") == ([ALMA, CARO, EMIL], {DORO: "mailing_out_not_told"})


def test_whoever_was_only_assumed_to_know_more_is_told_what_they_lose(letters: SimpleNamespace) -> None:
    for number in (ALMA, BELA):
        tell(letters, number, "A", assumed=True)
        decide(letters, number, "C")
    assert chosen(letters, "down") == ([ALMA], {})
    assert chosen(letters)[1][ALMA] == "mailing_out_change_down"


def test_who_refused_letters_gets_none(letters: SimpleNamespace) -> None:
    Objection.objects.create(
        number=CARO, channel="post", purpose="service", said_on=date(2026, 11, 5), how="call", created_at=NOW
    )
    assert chosen(letters)[1][CARO] == "consent_refused"


def test_a_wave_has_so_many_letters_a_week_from_its_monday_on(planned: Planned) -> None:
    wave = planned(per_week=1, first_on=date(2026, 12, 14))
    weeks = [week.monday for week in wave.weeks.all()]
    assert [len(week.letters.all()) for week in wave.weeks.all()] == [1, 1, 1]
    assert weeks == [date(2026, 12, 14), date(2026, 12, 21), date(2026, 12, 28)]
    assert states(wave) == {ALMA: "planned", CARO: "planned", EMIL: "planned", DORO: "mailing_out_no_address"}


def test_planning_writes_to_nobody(planned: Planned) -> None:
    planned()
    assert (Message.objects.count(), Told.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_who_is_in_a_wave_is_in_no_other_one(letters: SimpleNamespace, planned: Planned) -> None:
    wave = planned()
    assert chosen(letters) == (
        [],
        {**dict.fromkeys((ALMA, CARO, EMIL), "mailing_out_busy"), DORO: "mailing_out_no_address"},
    )
    with pytest.raises(Refused) as refused:
        planned()
    assert [item.reason.code for item in refused.value.findings] == ["mailing_nobody"]
    LetterWave.objects.filter(pk=wave.pk).update(state="stopped")
    assert chosen(letters)[0] == [ALMA, CARO, EMIL]


def test_a_single_letter_goes_to_the_household_of_a_customer(letters: SimpleNamespace) -> None:
    bela = Customer.objects.get(number=BELA)
    wave = plan_letter(customer=bela, kind="welcome", channel="post", language="de", by=letters.adviser, now=NOW)
    assert [(item.number, item.numbers) for item in wave.letters.all()] == [(ALMA, [ALMA, BELA])]
    assert not waves_for(letters.owner)
    with pytest.raises(Refused) as refused:
        plan_letter(customer=bela, kind="down", channel="post", language="de", by=letters.adviser, now=NOW)
    assert [item.reason.code for item in refused.value.findings] == ["mailing_none_down"]


def test_no_wave_leaves_while_the_hours_are_not_known_unless_an_owner_signs(
    letters: SimpleNamespace, planned: Planned
) -> None:
    wave = planned()
    for by, signed in ((letters.adviser, "We hire in January."), (letters.owner, " ")):
        with pytest.raises(Refused) as refused:
            release(wave=wave, version=1, signed=signed, by=by, now=NOW)
        assert [item.reason.code for item in refused.value.findings] == ["mailing_hours_unsigned"]
    assert Job.objects.count() == 0
    release(wave=wave, version=1, signed="We hire in January.", by=letters.owner, now=NOW)
    wave.refresh_from_db()
    assert (wave.state, wave.signed, wave.hours["answer"]) == ("released", "We hire in January.", "none")


def test_where_the_hours_suffice_an_adviser_releases(letters: SimpleNamespace, planned: Planned) -> None:
    hours_suffice(letters.version)
    wave = planned()
    release(wave=wave, version=1, signed="", by=letters.adviser, now=NOW)
    wave.refresh_from_db()
    assert (wave.state, wave.hours["owed_seconds"]) == ("released", 3_600_000)
    assert [job.subject for job in Job.objects.all()] == [wave.weeks.get().pk]


def test_an_adviser_who_sees_own_customers_only_plans_and_sees_their_letters_only(
    letters: SimpleNamespace, planned: Planned
) -> None:
    letters.firm.advisers_see_own_only = True
    letters.firm.save()
    Customer.objects.filter(number=CARO).update(adviser="Somebody else")
    wave = planned()
    assert sorted(states(wave)) == [ALMA, DORO, EMIL]
    WaveLetter.objects.filter(number=EMIL).update(number=CARO)
    assert {item.number for item in letters_for(letters.adviser)} == {ALMA, DORO}

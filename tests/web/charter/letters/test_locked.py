"""Letters and locks: whoever is locked is left out by name, the others of the household get theirs."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.people import ALMA, BELA, CARO, DORO, EMIL
from tests.web.charter.letters.conftest import MONDAY, NOW, let_go, states
from tests.web.charter.letters.test_making import handed, letter, text_of
from zusage.web.book.models import Address
from zusage.web.charter.letters.actions import readdress, stop_wave
from zusage.web.charter.letters.models import LetterWave
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.queries import addresses
from zusage.web.customers.consent.actions import lift, lock
from zusage.web.customers.models import Customer, Membership, Told

Made = Callable[..., LetterWave]
DEAD = "consent_locked_deceased"


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def locked(office: SimpleNamespace, number: str = ALMA, why: str = "deceased") -> None:
    lock(number=number, why=why, text="", since=MONDAY, by=office.owner, now=NOW)


def test_the_dead_are_left_out_by_name_and_their_household_gets_a_letter_that_does_not_name_them(
    letters: SimpleNamespace, released: Made, as_role: Callable[[str], Client]
) -> None:
    locked(letters)
    wave = released()
    assert states(wave) == {
        ALMA: DEAD, BELA: "made", CARO: "made", EMIL: "made", DORO: "mailing_out_no_address",
    }  # fmt: skip
    shown = as_role("auditor").get(f"/telling/letters/{wave.pk}/left-out/").content.decode()
    assert "gesperrt seit 30.11.2026: verstorben" in shown
    found = letter(wave, BELA)
    assert found.numbers == [BELA]
    assert "Béla Beispiel" in text_of(found.paper)
    assert "Alma" not in text_of(found.paper)


def test_whoever_is_left_behind_without_an_address_of_their_own_is_written_to_where_they_lived(
    letters: SimpleNamespace, released: Made
) -> None:
    Address.objects.filter(customer_id=BELA).delete()
    locked(letters)
    found = letter(released(), BELA)
    said = text_of(found.paper)
    assert found.state == "made"
    assert "Béla Beispiel\nMusterweg 1\n04103 Leipzig" in said
    assert "Alma" not in said


def test_a_member_in_dispute_is_left_out_and_the_others_are_written_to(letters: SimpleNamespace, planned: Made) -> None:
    locked(letters, BELA, "dispute")
    wave = planned()
    assert letter(wave, ALMA).numbers == [ALMA]
    assert states(wave)[BELA] == "consent_locked_dispute"


def test_where_post_comes_back_a_mail_is_written_where_one_may_be(letters: SimpleNamespace, planned: Made) -> None:
    Address.objects.filter(customer_id=CARO).update(email="caro@example.org")
    for number in (CARO, EMIL):
        locked(letters, number, "moved")
    wave = planned(channel="email")
    assert (letter(wave, CARO).channel, states(wave)[EMIL]) == ("email", "consent_locked_moved")
    wave.delete()
    by_post = states(planned())
    assert (by_post[CARO], by_post[EMIL]) == ("consent_locked_moved", "consent_locked_moved")


def test_a_planned_letter_goes_to_the_other_of_the_household_where_the_first_died_since(
    letters: SimpleNamespace, planned: Made
) -> None:
    wave = planned()
    assert letter(wave, ALMA).numbers == [ALMA, BELA]
    locked(letters)
    wave.policy.certificate = {"answer": "fits", "owed_seconds": 1}
    wave.policy.save()
    let_go(wave, letters)
    assert (states(wave)[ALMA], states(wave)[BELA]) == (DEAD, "made")
    assert letter(wave, ALMA).state == "left_out"
    assert "Alma" not in text_of(letter(wave, BELA).paper)


def test_a_letter_that_waits_for_the_post_does_not_leave_once_its_recipient_is_locked(
    letters: SimpleNamespace, released: Made
) -> None:
    wave = released()
    locked(letters, CARO, "restricted")
    assert Message.objects.get(number=CARO).state == "stopped"
    assert handed(letters, wave) == 2
    assert not Told.objects.filter(number=CARO, assumed=False).exists()
    lift(number=CARO, by=letters.owner, now=NOW)
    assert Message.objects.get(number=CARO).state == "stopped"  # a person says whether it is still wanted


def test_of_three_the_last_gets_the_letter_where_the_one_it_was_to_go_to_died_like_the_head_of_the_household_before(
    letters: SimpleNamespace, planned: Made
) -> None:
    three_at_home()
    locked(letters)
    wave = planned()
    assert (letter(wave, BELA).numbers, states(wave)[ALMA]) == ([BELA, CARO], DEAD)
    locked(letters, BELA)
    wave.policy.certificate = {"answer": "fits", "owed_seconds": 1}
    wave.policy.save()
    let_go(wave, letters)
    assert {number: states(wave)[number] for number in (ALMA, BELA, CARO)} == {ALMA: DEAD, BELA: DEAD, CARO: "made"}
    assert [letter(wave, number).numbers for number in (ALMA, BELA, CARO)] == [[ALMA], [BELA], [CARO]]


def test_of_two_who_died_the_one_with_an_address_says_where_the_third_lives(
    letters: SimpleNamespace, planned: Made
) -> None:
    three_at_home()
    Address.objects.filter(customer_id__in=(BELA, CARO)).delete()
    locked(letters)
    locked(letters, BELA)
    assert addresses([CARO])[CARO].street == "Musterweg 1"


def test_a_letter_that_was_stopped_in_the_same_moment_is_not_readdressed(
    letters: SimpleNamespace, planned: Made
) -> None:
    wave = planned()
    read = list(wave.letters.filter(state="planned"))
    locked(letters)
    stop_wave(wave=wave, version=wave.version, by=letters.owner)
    readdress(letters=read, wave=wave, today=MONDAY)
    assert (letter(wave, ALMA).state, wave.letters.filter(number=BELA).exists()) == ("stopped", False)


def three_at_home() -> None:
    """Caro lives with Alma and Béla, in the class they have."""
    unit = Customer.objects.get(run__published=True, number=ALMA).unit_id
    Customer.objects.filter(number=CARO).update(unit_id=unit)
    Address.objects.filter(customer_id=CARO).update(street="Musterweg 1")
    key = Membership.objects.filter(number=BELA).values_list("class_key", flat=True)[0]
    Membership.objects.filter(number=CARO).update(class_key=key)


def test_what_a_lock_stopped_is_planned_anew_by_one_click_without_the_one_who_is_locked(
    letters: SimpleNamespace, released: Made, as_role: Callable[[str], Client]
) -> None:
    wave = released()
    locked(letters)
    locked(letters, CARO, "dispute")
    assert Message.objects.get(number=ALMA).state == "stopped"
    client = as_role("adviser")
    assert "Angehaltene Briefe neu planen" in client.get(f"/telling/letters/{wave.pk}/").content.decode()
    shown = client.get(f"/telling/letters/{wave.pk}/left-out/").content.decode()
    assert "Seit der Planung angehalten (2)" in shown
    assert "Neu zu schreiben: 1 Brief." in shown
    assert as_role("assistant").post(f"/telling/letters/{wave.pk}/again/").status_code == 403
    assert client.post(f"/telling/letters/{wave.pk}/again/").status_code == 302
    anew = LetterWave.objects.exclude(pk=wave.pk).get()
    assert (anew.state, anew.first_on, states(anew)) == ("planned", MONDAY, {BELA: "planned"})
    let_go(anew, letters)
    assert "Alma" not in text_of(letter(anew, BELA).paper)
    after = client.post(f"/telling/letters/{wave.pk}/again/", follow=True).content.decode()
    assert "nichts neu zu schreiben" in after
    assert LetterWave.objects.count() == 2


def test_a_wave_that_a_person_stopped_is_not_planned_anew(
    letters: SimpleNamespace, released: Made, as_role: Callable[[str], Client]
) -> None:
    wave = released()
    stop_wave(wave=wave, version=wave.version, by=letters.owner)
    shown = as_role("owner").get(f"/telling/letters/{wave.pk}/left-out/").content.decode()
    assert ("Wer keinen bekommt (1)" in shown, "<h2>Seit der Planung angehalten (3)</h2>" in shown) == (True, True)
    assert "Neu planen" not in shown
    wave.letters.filter(state="left_out").delete()
    shown = as_role("owner").get(f"/telling/letters/{wave.pk}/left-out/").content.decode()
    assert "<h1>Seit der Planung angehalten (3)</h1>" in shown
    wave.letters.all().delete()
    shown = as_role("owner").get(f"/telling/letters/{wave.pk}/left-out/").content.decode()
    assert "<h1>Alle bekommen einen Brief</h1>" in shown
    assert as_role("owner").post(f"/telling/letters/{wave.pk}/again/").status_code == 302
    assert LetterWave.objects.count() == 1

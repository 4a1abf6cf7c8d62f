"""Making letters: what leaves a week, what is kept of it, and that nothing is made twice or held up by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.book.conftest import run
from tests.web.charter.letters.conftest import MONDAY, NOW, forget, hours_suffice, let_go, states
from tests.web.charter.letters.test_planning import decide, tell
from zusage.ground.reasons import Refused
from zusage.promises.standing import Standing, class_promises_in_force
from zusage.promises.terms import term
from zusage.web.book.models import Address
from zusage.web.book.queries import stored
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.letters.actions import hand_over, start_week
from zusage.web.charter.letters.jobs import watch
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.letters.queries import letter_counts
from zusage.web.charter.letters.writing.queries import from_json
from zusage.web.charter.outbox.actions import stop_by_hand
from zusage.web.charter.outbox.mail import From
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.sending import claim, due
from zusage.web.customers.consent.models import Objection
from zusage.web.customers.models import Membership, Told
from zusage.web.customers.queries import class_on, told_of
from zusage.web.office.models import Job

Made = Callable[..., LetterWave]


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker does it on the Monday of the first week."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def text_of(sha256: str) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(stored(sha256).read_bytes())).pages)


def letter(wave: LetterWave, number: str) -> WaveLetter:
    return WaveLetter.objects.get(wave=wave, number=number)


def handed(office: SimpleNamespace, wave: LetterWave, on_day: date = MONDAY) -> int:
    return hand_over(week=wave.weeks.get(), on_day=on_day, by=office.assistant, now=NOW)


def make_again(wave: LetterWave, office: SimpleNamespace) -> dict[str, Any]:
    job = start_week(week=wave.weeks.get(), by=office.owner, now=NOW)
    assert job is not None
    return run(job).result


def object_to_letters(number: str) -> None:
    Objection.objects.create(
        number=number, channel="post", purpose="service", said_on=date(2026, 11, 27), how="call", created_at=NOW
    )


def test_each_household_gets_its_letter_with_a_paper_a_message_and_what_it_said(released: Made) -> None:
    wave = released()
    found = letter(wave, ALMA)
    assert found.message is not None
    assert (found.state, found.message.state, found.message.also) == ("made", "written", [BELA])
    assert (found.message.purpose, found.message.not_before, found.message.class_key) == (
        f"letters {wave.pk}", MONDAY, "A",
    )  # fmt: skip
    assert found.said["policy_hash"] == wave.policy.hash
    read = from_json(found.said)
    assert read.address == ("Frau Alma Muster", "Musterweg 1", "04103 Leipzig")
    assert read.blocks[0].text == "Sehr geehrte Frau Muster,"
    assert "Dieser Brief gilt auch für Béla Beispiel." in [block.text for block in read.blocks]
    paper = text_of(found.paper)
    for said in ("Frau Alma Muster", "Musterweg 1", "Béla Beispiel", "Premium"):
        assert said in paper


def test_one_file_holds_the_letters_in_the_order_of_the_post(released: Made) -> None:
    wave = released()
    text = text_of(wave.weeks.get().printed)
    places = [text.index(street) for street in ("Musterweg 1", "Probegasse 2", "Werkstraße 4")]
    assert places == sorted(places)


def test_nothing_is_told_before_it_is_handed_over_and_then_to_the_whole_household(
    letters: SimpleNamespace, released: Made
) -> None:
    wave = released()
    assert Told.objects.count() == 0
    assert handed(letters, wave) == 3
    told = Told.objects.order_by("number").values_list("number", "class_key", "told_on", "how")
    assert list(told) == [
        (number, key, MONDAY, "letter") for number, key in zip((ALMA, BELA, CARO, EMIL), "AACB", strict=True)
    ]
    assert (wave.weeks.get().handed_on, wave.weeks.get().handed_by) == (MONDAY, letters.assistant)
    with pytest.raises(Refused) as refused:
        handed(letters, wave)
    assert [item.reason.code for item in refused.value.findings] == ["mailing_nothing_to_hand_over"]


def test_what_was_stopped_after_printing_is_not_printed_again(
    letters: SimpleNamespace, released: Made, as_role: Callable[[str], Client]
) -> None:
    wave = released()
    week, client = wave.weeks.get(), as_role("owner")
    stop_by_hand(Message.objects.filter(number=CARO), reason="Verzogen", by=letters.owner)
    assert client.get(f"/telling/letters/weeks/{week.pk}/letters.pdf").status_code == 302
    make_again(wave, letters)
    answer = client.get(f"/telling/letters/weeks/{week.pk}/letters.pdf")
    assert answer.status_code == 200
    text = text_of(wave.weeks.get().printed)
    assert [street in text for street in ("Musterweg 1", "Probegasse 2")] == [True, False]


def test_making_again_makes_nothing_twice(letters: SimpleNamespace, released: Made) -> None:
    wave = released()
    before = list(WaveLetter.objects.filter(wave=wave).values_list("number", "paper", "message"))
    assert make_again(wave, letters) == {"made": 0, "failed": 0, "stopped": 0}
    assert list(WaveLetter.objects.filter(wave=wave).values_list("number", "paper", "message")) == before
    assert Message.objects.count() == 3


def test_the_letters_of_each_week_are_made_when_its_monday_has_come(released: Made) -> None:
    wave = released(per_week=1)
    first, second, _ = wave.weeks.all()
    for days in (0, 6, 7, 7):
        watch(NOW + timedelta(days=days))
    assert [job.subject for job in Job.objects.order_by("pk")] == [first.pk, second.pk]
    assert run(Job.objects.get(subject=second.pk)).result == {"made": 1, "failed": 0, "stopped": 0}
    watch(NOW + timedelta(days=8))
    assert Job.objects.count() == 2


def test_a_broken_record_holds_up_no_other_letter_and_is_made_once_it_is_mended(
    letters: SimpleNamespace, planned: Made
) -> None:
    hours_suffice(letters.version)
    address = Address.objects.get(customer_id=CARO)
    address.street = "Weg \U00012000"  # cuneiform, which no font has
    address.save()
    wave = planned()
    let_go(wave, letters)
    assert (letter(wave, ALMA).state, letter(wave, EMIL).state) == ("made", "made")
    assert states(wave)[CARO] == "typeset_no_glyph"
    assert Message.objects.filter(number=CARO).count() == 0
    Address.objects.filter(customer_id=CARO).update(street="Probegasse 2")
    assert make_again(wave, letters) == {"made": 1, "failed": 0, "stopped": 0}
    assert "Probegasse 2" in text_of(wave.weeks.get().printed)


def test_who_objects_between_planning_and_release_gets_no_letter(letters: SimpleNamespace, planned: Made) -> None:
    hours_suffice(letters.version)
    wave = planned()
    object_to_letters(CARO)
    forget(EMIL)
    let_go(wave, letters)
    assert states(wave)[CARO] == "consent_refused"
    assert states(wave)[EMIL] == "mailing_out_gone"
    assert list(Message.objects.values_list("number", flat=True)) == [ALMA]


def test_who_objects_before_the_letter_leaves_is_not_counted_as_told(letters: SimpleNamespace, released: Made) -> None:
    wave = released()
    object_to_letters(CARO)
    forget(EMIL)
    assert handed(letters, wave) == 1
    assert states(wave)[CARO] == "consent_refused"
    assert states(wave)[EMIL] == "mailing_out_gone"
    assert dict(Message.objects.values_list("number", "state")) == {
        ALMA: "handed_over", CARO: "stopped", EMIL: "stopped",
    }  # fmt: skip
    assert set(Told.objects.values_list("number", flat=True)) == {ALMA, BELA}


@pytest.fixture
def reduced(letters: SimpleNamespace) -> SimpleNamespace:
    """Alma's household knows class A and was moved to C, decided by a named person for in 90 days."""
    hours_suffice(letters.version)
    for number in (ALMA, BELA):
        tell(letters, number, "A", how="call")
        decide(letters, number, "C", MONDAY + timedelta(90))
    return letters


def test_a_reduction_names_what_changes_when_and_holds_from_that_day_only(
    reduced: SimpleNamespace, released: Made
) -> None:
    wave = released("down")
    found = letter(wave, ALMA)
    effective = MONDAY + timedelta(90)
    assert found.message is not None
    assert found.message.holds_on == effective
    paper = text_of(found.paper)
    assert "28. Februar 2027" in paper
    handed(reduced, wave)
    told = Told.objects.filter(assumed=False, said_on=MONDAY).order_by("number")
    assert list(told.values_list("number", "class_key", "told_on")) == [(ALMA, "C", effective), (BELA, "C", effective)]


def test_what_the_letter_says_is_what_an_answer_rests_on(reduced: SimpleNamespace, released: Made) -> None:
    wave = released("down")
    handed(reduced, wave)
    found = letter(wave, ALMA)
    (table,) = [block for block in from_json(found.said).blocks if block.kind == "table"]
    effective = date.fromisoformat(found.said["starts_on"])
    for day, column in ((effective - timedelta(1), 1), (effective, 2)):
        standing = Standing(ALMA, class_on(reduced.policy, ALMA, day), told=told_of(ALMA))
        promised = {item.service: item for item in class_promises_in_force(reduced.policy, standing, day)}
        said = {row[0]: row[column] for row in table.rows}
        assert said["Rückruf"] == term(promised["callback"], reduced.policy, "de")
        assert ("annual_check" in promised) == (said["Jahrescheck"] != "gehört dann nicht mehr zu Ihrem Paket")


def test_a_reduction_that_is_announced_late_holds_only_after_the_notice(
    reduced: SimpleNamespace, released: Made
) -> None:
    Membership.objects.filter(number__in=(ALMA, BELA), class_key="C").update(effective_on=MONDAY + timedelta(3))
    released("down")
    last_day = MONDAY + timedelta(6 + 30)  # whatever day of its week it leaves
    assert [item.holds_on for item in Message.objects.all()] == [last_day]


def test_a_letter_that_would_break_the_notice_does_not_leave(reduced: SimpleNamespace, released: Made) -> None:
    Membership.objects.filter(number__in=(ALMA, BELA), class_key="C").update(effective_on=MONDAY + timedelta(3))
    wave = released("down")
    later = NOW + timedelta(days=7)
    done = hand_over(week=wave.weeks.get(), on_day=later.date(), by=reduced.owner, now=later)
    assert (done, states(wave)) == (0, {ALMA: "mailing_out_late"})


def test_a_week_made_ahead_is_noted_from_its_monday_on_and_a_wrong_day_stops_no_letter(
    reduced: SimpleNamespace, released: Made, as_role: Callable[[str], Client]
) -> None:
    Membership.objects.filter(number__in=(ALMA, BELA), class_key="C").update(effective_on=MONDAY + timedelta(3))
    wave = released("down", first_on=MONDAY + timedelta(7))
    week, office = wave.weeks.get(), as_role("owner")
    page = office.get(f"/telling/letters/{wave.pk}/").content.decode()
    assert "Die Briefe tragen das Datum 07.12.2026." in page
    for days in (0, 400):
        answer = office.post(
            f"/telling/letters/weeks/{week.pk}/handed/", {"on_day": MONDAY + timedelta(days)}, follow=True
        )
        assert "Als übergeben vermerkt" not in answer.content.decode()
    assert states(wave) == {ALMA: "made"}
    assert Message.objects.get().state == "written"
    then = NOW + timedelta(7)
    assert hand_over(week=week, on_day=then.date(), by=reduced.assistant, now=then) == 1


def test_a_reduction_taken_back_is_not_sent(reduced: SimpleNamespace, released: Made) -> None:
    wave = released("down")
    Membership.objects.filter(class_key="C", effective_on__gt=MONDAY).delete()
    assert handed(reduced, wave) == 0
    assert states(wave) == {ALMA: "mailing_out_changed"}
    assert [item.state for item in Message.objects.all()] == ["stopped"]


def test_a_statement_holds_a_years_promises_against_what_was_done(letters: SimpleNamespace, released: Made) -> None:
    tell(letters, ALMA, "A", how="call")
    tell(letters, BELA, "A", how="call")
    done = {"unit_id": ALMA, "name": "Muster, Alma", "class_key": "A", "state": "done"}
    for service, due_on in (("annual_check", date(2026, 5, 4)), ("gone_service", date(2026, 5, 4))):
        Touchpoint.objects.create(service=service, due_on=due_on, done_on=due_on, **done)
    Touchpoint.objects.create(**done | {"state": "open"}, service="annual_check", due_on=date(2027, 5, 3))
    wave = released("statement")
    found = letter(wave, ALMA)
    assert found.message is not None
    assert found.message.policy is None  # it tells nothing new
    read = from_json(found.said)
    (table,) = [block for block in read.blocks if block.kind == "table"]
    assert [(row[0], row[-1]) for row in table.rows] == [("Jahrescheck", "1 von 1")]
    paper = text_of(found.paper)
    assert "3. Mai 2027" in paper
    assert handed(letters, wave) == 1
    assert Told.objects.count() == 2


def test_mail_goes_with_the_letter_attached_and_waits_in_the_outbox(letters: SimpleNamespace, released: Made) -> None:
    Address.objects.filter(customer_id=CARO).update(email="caro@example.org")
    wave = released(channel="email")
    found = letter(wave, CARO)
    assert found.message is not None
    assert (found.channel, found.message.channel, found.message.address) == ("email", "email", "caro@example.org")
    assert (found.message.attachment, found.message.attachment_name) == (f"files/{found.paper}", "Brief.pdf")
    assert "Rückruf" in found.message.text
    assert letter(wave, ALMA).channel == "post"
    assert "Probegasse 2" not in text_of(wave.weeks.get().printed)


def test_a_mail_whose_words_are_not_right_any_more_does_not_leave_from_the_outbox(
    reduced: SimpleNamespace, released: Made
) -> None:
    Address.objects.filter(customer_id=ALMA).update(email="alma@example.org")
    wave = released("down", channel="email")
    mail = Message.objects.get(number=ALMA)
    sender = From("Makler Muster GmbH", "buero@example.org")
    assert due(NOW).get() == mail
    Membership.objects.filter(class_key="C", effective_on__gt=MONDAY).delete()
    assert not claim(mail, sender, NOW)
    assert (mail.state, mail.why["reason"]["code"]) == ("stopped", "mailing_out_changed")
    assert letter_counts(wave.letters.all(), "wave_id")[wave.pk]["stopped"] == 1


def test_letters_of_a_wave_that_is_not_released_are_not_made(letters: SimpleNamespace, planned: Made) -> None:
    wave = planned()
    job = start_week(week=wave.weeks.get(), by=letters.owner, now=NOW)
    assert job is not None
    assert run(job).state == "failed"
    assert Message.objects.count() == 0
    assert Job.objects.count() == 1

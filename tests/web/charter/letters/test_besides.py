"""Who is named in a letter to another of the household finds it where they look, and nothing that is the other's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from pypdf import PdfReader

from tests.people import ALMA, BELA, CARO
from tests.web.charter.letters.conftest import MONDAY, NOW
from tests.web.charter.letters.test_planning import decide
from tests.web.charter.outbox.conftest import mailed
from tests.web.charter.test_own_page import link
from zusage.web.book.models import Address
from zusage.web.charter.letters.actions import hand_over
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.letters.queries import letters_to, stale
from zusage.web.charter.models import ReplyCode
from zusage.web.charter.outbox.mail import From
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import closed
from zusage.web.charter.outbox.sending import claim
from zusage.web.charter.queries import shown_code
from zusage.web.customers.consent.actions import lock, object_to
from zusage.web.customers.consent.models import Objection
from zusage.web.customers.models import Customer, Told
from zusage.web.office.lists import Lists

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def sent(letters: SimpleNamespace, released: Callable[..., LetterWave], settings: Any) -> Message:
    """The letter to Alma that names Béla, at the post; it names the address of her own page too."""
    settings.ADDRESS = "https://zusage.example"
    wave = released()
    hand_over(week=wave.weeks.get(), on_day=MONDAY, by=letters.owner, now=NOW)
    return Message.objects.get(number=ALMA)


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_history_of_whoever_a_letter_names_says_in_whose_letter(sent: Message, as_role: SignIn) -> None:
    page = as_role("owner").get(f"/customers/{BELA}/").content.decode()
    name = re.escape(sent.name)
    found = re.findall(rf'<strong>(Brief an {name}, darin mitgenannt)</strong> <a href="([^"]+)">', page)
    assert [link for _, link in found] == [f"/telling/outbox/{sent.pk}/"]
    assert "mitgenannt" not in as_role("owner").get(f"/customers/{CARO}/").content.decode()


def test_who_may_not_see_the_addressee_reads_that_it_was_sent_and_opens_nothing(
    sent: Message, letters: SimpleNamespace, as_role: SignIn
) -> None:
    type(letters.firm).objects.update(advisers_see_own_only=True)
    Customer.objects.filter(number=ALMA).update(adviser="Anders")
    page = as_role("adviser").get(f"/customers/{BELA}/").content.decode()
    assert ("darin mitgenannt" in page, f"/telling/outbox/{sent.pk}/" in page) == (True, False)
    assert as_role("adviser").get(f"/telling/outbox/{sent.pk}/").status_code == 404


def test_the_own_page_gives_a_copy_without_what_is_the_addressees_alone(
    sent: Message, letters: SimpleNamespace
) -> None:
    path = link(letters, BELA)
    assert f"im Brief an {sent.name} mitgenannt" in words(Client().get(path))
    answer: Any = Client().get(f"{path}document/{sent.pk}/")
    copy, paper = (text_of(content) for content in (b"".join(answer.streaming_content), paper_of(sent)))
    code = shown_code(ReplyCode.objects.get(number=ALMA).code)
    private = ("Musterweg 1", ALMA, code, "zusage.example")
    assert [text in paper for text in private] == [True] * len(private)
    assert [text in copy for text in private] == [False] * len(private)
    assert ("Dieser Brief gilt auch für Béla Beispiel." in copy, "Premium" in copy) == (True, True)
    assert Client().get(f"{link(letters, CARO)}document/{sent.pk}/").status_code == 302


def test_the_record_holds_the_letter_that_names_a_customer_and_not_where_it_went(
    sent: Message, as_role: SignIn
) -> None:
    Message.objects.filter(pk=sent.pk).update(address="alma@kunde.example")
    answer = as_role("owner").post(f"/customers/{BELA}/privacy/record.json", {"language": "de"})
    tables = {item["name"]: item["rows"] for item in json.loads(answer.content)["tables"]}
    (row,) = tables["AlsoFor"]
    assert (row["name"], row["kind"], row["state"]) == (sent.name, "welcome", "handed_over")
    assert "Dieser Brief gilt auch für Béla Beispiel." in row["text"]
    assert len(tables["WaveLetter"]) == 1
    text, code = answer.content.decode(), ReplyCode.objects.get(number=ALMA).code
    assert [word in text for word in ("alma@kunde.example", code, shown_code(code))] == [False] * 3
    sheets = as_role("owner").post(f"/customers/{BELA}/privacy/record.pdf", {"language": "de"}).content
    assert "Mitgenannt in Mitteilungen an andere im Haushalt" in " ".join(text_of(sheets).split())


def test_who_left_the_household_still_finds_the_letters_of_then(sent: Message, letters: SimpleNamespace) -> None:
    Customer.objects.filter(number=BELA).update(unit_id=BELA)
    assert [item.number for item in letters_to(letters.owner, BELA)] == [ALMA]


def test_a_list_is_searched_for_whole_texts_on_both_databases(letters: SimpleNamespace, released: Any) -> None:
    WaveLetter.objects.filter(wave=released(), number=CARO).update(numbers=[CARO, 'a"1', "Ü 7"])
    for wanted, found in (
        ([BELA], {ALMA}), ([BELA[:-1]], set()), (["Ü 7"], {CARO}), (['a"1', BELA], {ALMA, CARO}), ([], set()),
    ):  # fmt: skip
        rows = WaveLetter.objects.filter(Q(Lists("numbers", wanted)))
        assert set(rows.values_list("number", flat=True)) == found, wanted


# --- what leaves asks for them as well


def refuse(number: str, channel: str = "post") -> None:
    object_to(number=number, channel=channel, purpose="service", said_on=MONDAY, how="Anruf", by=None, now=NOW)


def stopped(number: str = ALMA) -> list[str]:
    why = Message.objects.get(number=number, state="stopped").why["reason"]
    return [why["code"], why["values"]["name"], why["values"]["why_code"]]


def test_a_printed_letter_stops_once_somebody_it_names_may_not_be_written_to(
    released: Callable[..., LetterWave], as_role: SignIn
) -> None:
    wave = released()
    refuse(BELA)
    assert stopped() == ["outbox_also", "Beispiel, Béla", "consent_refused"]
    page = words(as_role("owner").get(f"/telling/outbox/{Message.objects.get(number=ALMA).pk}/"))
    assert (
        "Gilt auch für Beispiel, Béla; ohne diesen Namen ist neu zu schreiben. Der Grund: der Kunde möchte auf diesem "
        "Weg nicht erreicht werden (gesagt am 30.11.2026)"
    ) in page
    assert {item.state for item in Message.objects.exclude(number=ALMA)} == {"written"}
    assert [item.number for item in stale(wave.weeks.get())] == [ALMA]


def test_the_next_letter_is_written_without_them_and_they_are_named_as_left_out(
    released: Callable[..., LetterWave], planned: Callable[..., LetterWave]
) -> None:
    released()
    refuse(BELA)
    again = planned()
    assert {item.number: item.numbers for item in again.letters.exclude(state="left_out")}[ALMA] == [ALMA]
    assert again.letters.get(number=BELA).why["reason"]["code"] == "consent_refused"


def test_a_letter_that_names_the_dead_stops_and_does_not_leave_by_hand_either(
    letters: SimpleNamespace, released: Callable[..., LetterWave]
) -> None:
    wave = released()
    lock(number=BELA, why="deceased", text="", since=MONDAY, by=letters.owner, now=NOW)
    assert stopped()[2] == "consent_locked_deceased"
    Message.objects.filter(number=ALMA).update(state="written")  # as if somebody had it wait again
    hand_over(week=wave.weeks.get(), on_day=MONDAY, by=letters.owner, now=NOW)
    assert (stopped()[2], Told.objects.filter(number__in=(ALMA, BELA)).exists()) == ("consent_locked_deceased", False)


def test_a_mail_asks_for_those_it_names_before_it_leaves(letters: SimpleNamespace) -> None:
    mail = mailed(letters, also=[BELA], now=NOW)
    Objection.objects.create(
        number=BELA, channel="email", purpose="service", said_on=MONDAY, how="Anruf", created_at=NOW
    )  # noted where no signal tells the outbox
    assert not claim(mail, From("Makler Muster GmbH", "buero@example.org"), NOW)
    assert stopped()[2] == "consent_refused"


def test_who_wants_no_mail_gets_a_letter_of_their_own_beside_the_mail(
    letters: SimpleNamespace, released: Callable[..., LetterWave]
) -> None:
    Address.objects.filter(customer_id=ALMA).update(email="alma@example.org")
    refuse(BELA, "email")
    wave = released(channel="email")
    found = {item.number: (item.channel, item.numbers) for item in wave.letters.filter(state="made")}
    assert (found[ALMA], found[BELA]) == (("email", [ALMA]), ("post", [BELA]))
    assert hand_over(week=wave.weeks.get(), on_day=MONDAY, by=letters.owner, now=NOW) == 3
    assert Message.objects.get(number=BELA).state == "handed_over"


def test_a_letter_that_tells_somebody_another_package_than_theirs_stops(
    letters: SimpleNamespace, released: Callable[..., LetterWave]
) -> None:
    wave = released()
    decide(letters, BELA, "C", MONDAY)
    hand_over(week=wave.weeks.get(), on_day=MONDAY, by=letters.owner, now=NOW)
    assert stopped() == ["outbox_also", "Beispiel, Béla", "mailing_out_not_shared"]


def test_what_a_customer_asked_for_leaves_whoever_it_names(letters: SimpleNamespace) -> None:
    refuse(BELA)
    mail = mailed(letters, also=[BELA], gate="asked", now=NOW)
    assert closed([mail], MONDAY) == {}


def paper_of(message: Message) -> bytes:
    from django.conf import settings

    return bytes((settings.DATA / message.attachment).read_bytes())


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)

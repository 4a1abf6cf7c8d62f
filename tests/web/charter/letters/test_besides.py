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
from tests.web.charter.test_own_page import link
from zusage.web.charter.letters.actions import hand_over
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.letters.queries import letters_to
from zusage.web.charter.models import ReplyCode
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.models import Customer
from zusage.web.office.lists import Lists

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def sent(letters: SimpleNamespace, released: Callable[..., LetterWave]) -> Message:
    """The letter to Alma that names Béla, at the post."""
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
    code = ReplyCode.objects.get(number=ALMA).code
    private = ("Musterweg 1", ALMA, code)
    assert [text in paper for text in private] == [True, True, True]
    assert [text in copy for text in private] == [False, False, False]
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
    text = answer.content.decode()
    assert [word in text for word in ("alma@kunde.example", ReplyCode.objects.get(number=ALMA).code)] == [False, False]
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


def paper_of(message: Message) -> bytes:
    from django.conf import settings

    return bytes((settings.DATA / message.attachment).read_bytes())


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)

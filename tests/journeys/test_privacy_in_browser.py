"""Privacy in a browser: a customer asks what is known of them and gets it, then asks to be erased, and is gone.

Béla is named in a letter to Alma, which is kept as it left: the record has it before, the preview says so after.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.people import ALMA, BELA
from tests.web.charter.letters.conftest import MONDAY, NOW, letters, planned, released

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, say
from zusage.web.charter.letters.actions import hand_over
from zusage.web.charter.letters.models import LetterWave
from zusage.web.charter.models import ReplyCode
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.models import Customer, Note
from zusage.web.office.backup import JOURNAL, backups_folder
from zusage.web.office.models import User

__all__ = ["letters", "planned", "released"]
NAME = "Beispiel, Béla"
WAYS = [("de", False), ("en", True)]


@pytest.fixture
def firm(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, letters: SimpleNamespace,
    released: Callable[..., LetterWave],
) -> SimpleNamespace:  # fmt: skip
    """The small office on a Monday, its first letters at the post, with a note about Béla."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    hand_over(week=released().weeks.get(), on_day=MONDAY, by=letters.owner, now=NOW)
    Note.objects.create(number=BELA, text="Ruft lieber abends an", by=letters.owner, created_at=NOW)
    return letters


class Reader:
    """Somebody who reads the office's pages in a language, and looks at each of them."""

    def __init__(self, visit: Visit, language: Language, *, phone: bool) -> None:
        self.visit, self.language, self.phone = visit, language, phone

    def word(self, code: str, **values: Value) -> str:
        return say(Reason(code, values), self.language)

    def look(self, name: str) -> str:
        """What the page says; it can be read by everyone."""
        page = self.visit.page
        assert (axe(page), too_wide(page), too_small(page) if self.phone else []) == ([], [], [])
        self.visit.shot(f"privacy-{name}-{self.language}")
        return " ".join(page.locator("main").inner_text().replace("\xa0", " ").split())

    def press(self, code: str) -> None:
        with self.visit.leaving():
            self.visit.page.locator("main").get_by_role("button", name=self.word(code), exact=True).click()

    def follow(self, code: str) -> None:
        with self.visit.leaving():
            self.visit.page.locator("main").get_by_role("link", name=self.word(code), exact=True).first.click()

    def take(self, code: str) -> bytes:
        """The file that a button gives."""
        with self.visit.page.expect_download() as taken:
            self.visit.page.get_by_role("button", name=self.word(code), exact=True).click()
        return Path(taken.value.path()).read_bytes()


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_a_customer_gets_their_record_is_erased_and_is_gone(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, language: Language, phone: bool
) -> None:
    User.objects.update(language=language)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(firm.owner)
        reader = Reader(visit, language, phone=phone)
        visit.open(f"/customers/{BELA}/")
        beside = reader.word("people_did_sent_beside_post", name=Message.objects.get(number=ALMA).name)
        assert beside in reader.look("customer")
        hand_out_the_record(reader)
        erase(reader)
        look_for_what_is_left(reader)
    (backups_folder() / JOURNAL).unlink()


def hand_out_the_record(reader: Reader) -> None:
    """As sheets to read and as a file; both hold the note and the letter to Alma, and not her reply code."""
    reader.visit.page.get_by_role("link", name=reader.word("privacy_title"), exact=True).first.click()
    reader.visit.page.wait_for_url("**/privacy/")
    assert reader.word("privacy_holding_alsofor") in reader.look("held")
    reader.visit.page.get_by_label(reader.word("privacy_record_language")).select_option(reader.language)
    pages = PdfReader(BytesIO(reader.take("privacy_record_pdf"))).pages
    sheets = " ".join(" ".join(page.extract_text() for page in pages).split())
    record = reader.take("privacy_record_json").decode()
    (letter,) = next(item["rows"] for item in json.loads(record)["tables"] if item["name"] == "AlsoFor")
    assert "Dieser Brief gilt auch für Béla Beispiel." in letter["text"]
    for found in (sheets, record):
        assert "Ruft lieber abends an" in found
        assert ReplyCode.objects.get(number=ALMA).code not in found


def erase(reader: Reader) -> None:
    """The preview names what goes and what is kept; another number than the customer's erases nobody."""
    page = reader.visit.page
    reader.follow("erasing_erase_title")
    assert reader.visit.heading == reader.word("erasing_erase_line", name=NAME)
    reader.look("preview")
    fates = {
        row.locator("th").inner_text(): row.locator("td").last.inner_text() for row in page.locator("tbody tr").all()
    }
    assert fates[reader.word("privacy_holding_note")] == reader.word("erasing_fate_deleted")
    kept = fates[reader.word("privacy_holding_alsofor")]
    assert kept.startswith(f"{reader.word('erasing_fate_kept')}: {reader.word('erasing_law_letter')}")
    assert "2032" in kept
    for number, heading in (("0815", "erasing_erase_line"), (BELA, "erasing_erased_line")):
        page.get_by_label(reader.word("erasing_field_reason")).fill("Verlangen vom 30. November")
        page.get_by_label(reader.word("erasing_field_again")).fill(number)
        reader.press("erasing_erase")
        values: dict[str, Value] = {"name": NAME} if number != BELA else {"erased_count": 1}
        assert reader.visit.heading == reader.word(heading, **values)
        reader.look(f"after-{number}")


def look_for_what_is_left(reader: Reader) -> None:
    """Nobody finds the customer; the alias stands in their place, and Alma's letter is as it left."""
    visit = reader.visit
    assert reader.word("erasing_law_letter") in reader.look("erased")
    answer = visit.open(f"/customers/{BELA}/")
    assert answer.status == 404
    visit.open("/customers/?q=B%C3%A9la")
    assert NAME not in reader.look("nobody")
    made = Customer.objects.get(number="erased-1")
    visit.open(f"/customers/{made.number}/")
    assert "Ruft lieber abends an" not in reader.look("alias")
    visit.open(f"/telling/outbox/{Message.objects.get(number=ALMA).pk}/")
    assert made.number in reader.look("letter")

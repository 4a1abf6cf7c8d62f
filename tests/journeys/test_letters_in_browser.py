"""Letters in a browser: planned, read, signed, made, handed to the post; and who objects meanwhile gets none."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.people import ALMA, CARO, EMIL
from tests.web.book.conftest import run
from tests.web.charter.letters.conftest import NOW, letters
from tests.web.charter.letters.test_making import object_to_letters

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, say
from zusage.report.writing import counted
from zusage.web.charter.letters.models import WaveLetter
from zusage.web.office.models import Job, User

__all__ = ["letters"]


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


class Reader:
    """Somebody who reads and presses what stands on a page in their language."""

    def __init__(self, visit: Visit, language: Language, phone: bool) -> None:
        self.visit, self.language, self.phone = visit, language, phone

    def word(self, code: str, **values: object) -> str:
        return say(Reason(code, values), self.language)  # type: ignore[arg-type] # values as pages hand them on

    def counted(self, noun: str, size: int) -> str:
        return counted(noun, size, self.language)

    def looks(self) -> str:
        """The heading of the page, which everybody can read."""
        page = self.visit.page
        assert axe(page) == []
        assert too_wide(page) == []
        assert not self.phone or too_small(page) == []
        return self.visit.heading

    def press(self, code: str) -> None:
        with self.visit.leaving():
            self.visit.page.get_by_role("button", name=self.word(code), exact=True).click()

    def download(self, code: str, folder: Path) -> bytes:
        with self.visit.page.expect_download() as waiting:
            self.visit.page.get_by_role("link", name=self.word(code), exact=True).click()
        waiting.value.save_as(folder / "file")
        return (folder / "file").read_bytes()


@pytest.mark.parametrize(("language", "phone"), [("de", False), ("en", True)])
def test_from_the_plan_to_the_post(
    browser: Browser, live_server: LiveServer, monday: None, letters: SimpleNamespace, language: Language, phone: bool,
    tmp_path: Path,
) -> None:  # fmt: skip
    User.objects.update(language=language)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(letters.owner)
        reader = Reader(visit, language, phone)
        plan(reader)
        read_a_letter(reader)
        object_to_letters(CARO)
        release(reader, made=2, stopped=1)
        visit.open(visit.path)
        counts = {"letters": reader.counted("letter", 3), "text": reader.word("mailing_line_none")}
        heading = reader.word("mailing_wave_line", kind=reader.word("mailing_kind_welcome"), **counts)
        assert reader.looks() == f"{heading}; {reader.counted('without', 1)}"
        assert WaveLetter.objects.get(number=CARO).why["reason"]["code"] == "consent_refused"
        text = printed(reader, tmp_path)
        assert ("Musterweg 1" in text, "Werkstraße 4" in text, "Probegasse 2" in text) == (True, True, False)
        assert reader.download("mailing_to_addresses", tmp_path)[:2] == b"PK"
        hand_over(reader)


def plan(reader: Reader) -> None:
    """Who would get the letter, and that it is planned."""
    visit = reader.visit
    visit.open("/telling/letters/new/")
    visit.page.select_option("[name=kind]", "welcome")
    visit.page.select_option("select[name=language]", reader.language)
    reader.press("mailing_look")
    would = reader.word("mailing_would", letters=reader.counted("letter", 3), weeks=reader.counted("week", 1))
    assert reader.looks() == f"{would}; {reader.counted('without', 1)}"
    reader.press("mailing_plan")
    visit.shot(f"wave-planned-{reader.language}")
    reader.looks()


def read_a_letter(reader: Reader) -> None:
    """A letter as it would be today; then back to the wave."""
    visit, wave = reader.visit, reader.visit.path
    with visit.leaving():
        visit.page.get_by_role("link", name="Muster, Alma").first.click()
    reader.looks()
    assert visit.page.locator(".letter address").inner_text().splitlines()[1] == "Musterweg 1"
    visit.open(wave)


def release(reader: Reader, *, made: int, stopped: int) -> None:
    """Nobody knows whether the hours suffice: the owner signs. The worker makes the letters."""
    reader.visit.page.fill("[name=signed]", "Wir stellen zum Januar ein.")
    reader.press("mailing_release")
    for job in Job.objects.filter(kind="letters", state="queued"):
        assert run(job).result == {"made": made, "failed": 0, "stopped": stopped}


def printed(reader: Reader, folder: Path) -> str:
    """What stands in the file for printing."""
    content = reader.download("mailing_to_print", folder)
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def hand_over(reader: Reader) -> None:
    """The day is noted; the customers know their promises, and their pages say since when."""
    visit = reader.visit
    visit.page.get_by_text(reader.word("mailing_note_handed")).click()
    reader.press("mailing_handed")
    assert (
        reader.word("mailing_handed_over", letters=reader.counted("letter", 2))
        in visit.page.locator("main").inner_text()
    )
    visit.open(f"/customers/{ALMA}/")
    assert reader.word("people_told_since", told_on=NOW.date()) in visit.page.locator(".lead").inner_text()
    visit.open(f"/customers/{EMIL}/letters/")
    assert reader.looks() == reader.word("mailing_of_count", name="Emil Muster & Söhne", letter_count=1)


@pytest.mark.parametrize(("language", "phone"), [("de", False), ("en", True)])
def test_a_locked_customer_is_left_out_by_name_and_one_wave_has_a_text_of_its_own(
    browser: Browser, live_server: LiveServer, monday: None, letters: SimpleNamespace, language: Language, phone: bool,
    tmp_path: Path,
) -> None:  # fmt: skip
    User.objects.update(language=language)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(letters.owner)
        reader = Reader(visit, language, phone)
        lock_alma(reader)
        plan_without_her(reader)
        write_for_this_wave(reader)
        release(reader, made=3, stopped=0)
        visit.open(visit.path)
        text = printed(reader, tmp_path)
        assert text.count("Seeluft") == 3
        assert "Béla Beispiel" in text
        assert "Alma" not in text


def lock_alma(reader: Reader) -> None:
    """Somebody notes that a customer died; every page about her says so."""
    visit = reader.visit
    visit.open(f"/customers/{ALMA}/consents/")
    visit.page.locator("summary", has_text=reader.word("consent_lock_set")).click()
    visit.page.select_option("[name=why]", "deceased")
    visit.page.fill("[name=text]", "Anruf der Tochter")
    visit.shot(f"lock-form-{reader.language}")
    reader.press("consent_lock_save")
    reader.looks()
    visit.shot(f"locked-consents-{reader.language}")
    line = reader.word("consent_lock_line", since=NOW.date(), why=reader.word("consent_lock_deceased"))
    for address in (f"/customers/{ALMA}/", f"/caller/?number={ALMA}", f"/customers/{ALMA}/page/"):
        visit.open(address)
        reader.looks()
        assert line in visit.page.locator("main").inner_text()
        visit.shot(f"locked-{address.strip('/').replace('/', '-').replace('?', '-')}-{reader.language}")


def plan_without_her(reader: Reader) -> None:
    """She is left out by name with the reason; the letter of the household goes to the other."""
    visit = reader.visit
    visit.open("/telling/letters/new/")
    visit.page.select_option("[name=kind]", "welcome")
    visit.page.select_option("select[name=language]", reader.language)
    reader.press("mailing_look")
    reader.press("mailing_plan")
    wave = visit.path
    with visit.leaving():
        visit.page.get_by_role("link", name=reader.word("mailing_to_left_out")).click()
    reader.looks()
    row = visit.page.locator("tr", has_text="Muster, Alma").inner_text()
    assert reader.word("consent_locked_deceased", since_on=NOW.date()) in row
    visit.shot(f"left-out-{reader.language}")
    visit.open(wave)


def write_for_this_wave(reader: Reader) -> None:
    """A mistake is named with its line; shown as a letter, kept, and told on the page of the wave."""
    visit = reader.visit
    with visit.leaving():
        visit.page.get_by_role("link", name=reader.word("mailing_wave_text_change")).click()
    assert reader.looks() == reader.word("mailing_wave_text_usual")
    usual = visit.page.input_value("[name=text]")
    visit.page.fill("[name=text]", usual.replace("{salutation}", "{salutation}\n\n{sea}"))
    reader.press("mailing_wave_text_save")
    assert "sea" in visit.page.locator(".error, .findings, .notice").first.inner_text()
    visit.page.fill("[name=text]", usual.replace("{salutation}", "{salutation}\n\nSeeluft."))
    reader.press("mailing_text_preview")
    reader.looks()
    assert "Seeluft." in visit.page.locator(".letter").inner_text()
    visit.shot(f"wave-text-{reader.language}")
    reader.press("mailing_wave_text_save")
    assert reader.word("mailing_wave_text_own") in visit.page.locator("main").inner_text()
    visit.shot(f"wave-own-text-{reader.language}")

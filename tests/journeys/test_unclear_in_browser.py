"""Mails whose process died are decided in a browser: it arrived, it did not, once more to another address."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import visiting
from tests.journeys.test_letters_in_browser import Reader
from tests.people import ALMA, CARO, EMIL, NAMES
from tests.web.book.conftest import run
from tests.web.charter.outbox.conftest import NOW, Post, mailed, post

from zusage.ground.words import Language
from zusage.web.charter.outbox import sending
from zusage.web.charter.outbox.mail import From
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.models import Told
from zusage.web.office.models import Job, User

__all__ = ["post"]


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The clock stands: what is planned for a day stays planned for it."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return NOW


@pytest.mark.parametrize(("language", "phone"), [("de", False), ("en", True)])
def test_what_a_crash_left_unclear_is_decided_by_a_person_and_nothing_leaves_twice(
    browser: Browser, live_server: LiveServer, stopped: datetime, office: SimpleNamespace, post: Post,
    language: Language, phone: bool,
) -> None:  # fmt: skip
    User.objects.update(language=language)
    left_amid(office)
    post.on_rcpt["alt@kunde.example"] = "550 5.1.1 unknown"
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(office.owner)
        reader = Reader(visit, language, phone)
        hand_over(reader)
        assert (states(), post.recipients) == ({ALMA: "unclear", CARO: "unclear", EMIL: "failed"}, [])
        visit.open("/telling/outbox/?show=unclear")
        reader.looks()
        visit.shot(f"unclear-{language}")
        it_arrived(reader)
        it_did_not(reader)
        once_more(reader)
        hand_over(reader)
        visit.open("/telling/outbox/")
        visit.shot(f"decided-{language}")
        assert visit.page.get_by_role("link", name=reader.word("outbox_decide"), exact=True).count() == 0
    assert Counter(post.recipients) == {f"k{CARO}@kunde.example": 1, "neu@kunde.example": 1}
    assert states() == dict.fromkeys((ALMA, CARO, EMIL), "handed_over")
    assert sorted(Told.objects.values_list("number", flat=True)) == [ALMA, CARO, EMIL]


def left_amid(office: SimpleNamespace) -> None:
    """Three mails; a process claimed two of them and was gone. The server refuses the address of the third."""
    for number in (ALMA, CARO):
        assert sending.claim(mailed(office, number), From("Test GmbH", "post@firma.example"), timezone.now())
    mailed(office, EMIL, address="alt@kunde.example")


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("number", "state"))


def hand_over(reader: Reader) -> None:
    """Somebody asks for it, the worker does it."""
    reader.visit.open("/telling/outbox/")
    reader.press("outbox_send_now")
    for job in Job.objects.filter(kind="send", state="queued"):
        assert run(job).state == "done"


def decide(reader: Reader, number: str) -> None:
    """Open a mail from the list, as its button leads there."""
    visit = reader.visit
    visit.open("/telling/outbox/")
    row = visit.page.get_by_role("row").filter(has=visit.page.get_by_role("rowheader", name=NAMES[number]))
    with visit.leaving():
        row.get_by_role("link", name=reader.word("outbox_decide"), exact=True).click()
    reader.looks()


def said(reader: Reader, code: str, number: str) -> None:
    expect(reader.visit.page.get_by_role("main")).to_contain_text(reader.word(code, name=NAMES[number]))


def it_arrived(reader: Reader) -> None:
    """Noted with the day of the crash, which stands there already, and with a reason: the customer knows it now."""
    decide(reader, ALMA)
    assert reader.visit.page.locator("#sent_day").input_value() == "2026-11-26"
    reader.visit.page.fill("#sent_reason", "Sie rief deswegen an.")
    reader.press("outbox_do_sent")
    said(reader, "outbox_did_sent", ALMA)
    assert list(Told.objects.values_list("number", flat=True)) == [ALMA]


def it_did_not(reader: Reader) -> None:
    """It waits again; the customer knows nothing by it yet."""
    decide(reader, CARO)
    reader.visit.page.fill("#unsent_reason", "Sie fand nichts im Postfach.")
    reader.press("outbox_do_unsent")
    said(reader, "outbox_did_unsent", CARO)
    assert (states()[CARO], Told.objects.filter(number=CARO).count()) == ("written", 0)


def once_more(reader: Reader) -> None:
    """To another address than the one that was refused."""
    decide(reader, EMIL)
    reader.visit.page.fill("#address", "neu@kunde.example")
    reader.press("outbox_do_again")
    said(reader, "outbox_did_again", EMIL)
    assert Message.objects.get(number=EMIL).address == "neu@kunde.example"

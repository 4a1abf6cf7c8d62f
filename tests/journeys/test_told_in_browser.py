"""Promises told beforehand, in a browser: from the charter to the customer's choice, and from a review to its day.

An owner at a desk in German, an owner with a phone in English; customers open their own page without signing in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import visiting
from tests.journeys.test_waves_in_browser import MONDAY, NOTICE, WAYS, Clock, Reader, clock
from tests.people import ALMA, CARO, EMIL
from tests.web.book.conftest import run
from tests.web.charter.outbox.conftest import Post, post
from tests.web.charter.test_own_page import WITH_NEWSLETTER
from tests.web.review.conftest import bring, desk, do, small, upload

from zusage.ground.words import Language
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.promises.terms import customer_sentence, term
from zusage.report.writing import counted
from zusage.web.book.models import Import
from zusage.web.charter.letters.models import WaveLetter
from zusage.web.charter.models import Sheet
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.actions import grant
from zusage.web.customers.models import Membership, Told
from zusage.web.desk.models import Request
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.review.actions import confirm_first

__all__ = ["bring", "clock", "desk", "post"]
POLICY = read_policy_text(WITH_NEWSLETTER).policy
CUSTOMERS = (
    "Kundennummer;Haushalt;Name;Telefon;Kunde seit;Anrede;Vorname;Nachname;Straße;PLZ;Ort;E-Mail\n"
    "0001;0001;Muster, Alma;0341 111111;01.03.2010;Frau;Alma;Muster;Musterweg 1;04103;Leipzig;alma@kunde.example\n"
    "0002;0001;Beispiel, Béla;;01.03.2010;Herr;Béla;Beispiel;Musterweg 1;04103;Leipzig;bela@kunde.example\n"
    "0003;0003;Probe, Caro;0341 333333;01.07.2015;Frau;Caro;Probe;Probegasse 2;04103;Leipzig;caro@kunde.example\n"
    "0042;0042;Emil Muster & Söhne;;01.01.2020;;;;Werkstraße 4;04105;Leipzig;emil@kunde.example\n"
)
CLASSES = {ALMA: "A", EMIL: "B", CARO: "C"}
"""What the criteria propose; the letter to Alma is for Béla too."""
DAY = timedelta(days=1)
SIGNED = "Wir stellen zum Januar ein."


@pytest.fixture
def firm(live_server: LiveServer, clock: Clock, desk: SimpleNamespace, bring: Callable[..., Import]) -> SimpleNamespace:
    """An office with a package to buy, addresses from the lists, and classes confirmed as proposed; nobody was told."""
    cache.clear()
    PolicyVersion.objects.filter(pk=desk.version.pk).update(text=WITH_NEWSLETTER, hash=POLICY.hash)
    Sheet.objects.create(
        pk=1, name="Makler Muster GmbH", street="Am Markt 1", postcode="04109", city="Leipzig", phone="0341 123456",
        mail="buero@firma.example", managing="Inhaberin Mia Muster", shown=["yield"],
    )  # fmt: skip
    Membership.objects.all().delete()
    do("publish", bring(upload("Kundenliste.csv", CUSTOMERS), small()[1]).pk)
    confirm_first(by=desk.owner, reason="Wie vorgeschlagen", now=clock())
    return desk


Office = Callable[[], Reader]


@contextmanager
def office(
    browser: Browser, server: LiveServer, firm: SimpleNamespace, language: Language, phone: bool
) -> Iterator[Reader]:
    """The owner in the office, who reads a language."""
    User.objects.update(language=language)
    with visiting(browser, server.url, phone=phone) as visit:
        visit.sign_in(firm.owner)
        yield Reader(visit, language, phone)


@contextmanager
def customer(browser: Browser, url: str, language: Language, phone: bool) -> Iterator[Reader]:
    """Somebody who has a link and no account, in a browser of their own."""
    parts = urlsplit(url)
    with visiting(browser, f"{parts.scheme}://{parts.netloc}", phone=phone) as visit:
        reader = Reader(visit, language, phone)
        reader.open(f"{parts.path}?language={language}")
        yield reader
        assert visit.context.cookies() == []


def shot(reader: Reader, name: str) -> None:
    reader.visit.shot(f"told-{name}-{reader.language}")


def words_of(reader: Reader) -> str:
    """What the page says, with usual spaces."""
    return reader.visit.page.locator("main").inner_text().replace("\xa0", " ")


def fetched(reader: Reader, name: str) -> str:
    """The text of a PDF behind a link or button of the page, as another program reads it."""
    href = (
        reader.visit.page.locator("main").get_by_role("link", name=reader.word(name), exact=True).get_attribute("href")
    )
    answer = reader.visit.context.request.get(reader.visit.base + str(href))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return read(answer.body())


def read(content: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return " ".join(" ".join(pages).replace("\xad", "").replace("\xa0", " ").split())


def sentences(policy: Policy, key: str, language: Language) -> set[str]:
    """What a class is promised, as customers read it."""
    return {customer_sentence(item, policy, language).replace("\xa0", " ") for item in policy.promises_of(key)}


def every_sentence(language: Language) -> set[str]:
    return set().union(*(sentences(POLICY, item.key, language) for item in POLICY.classes))


def said_in(text: str, language: Language) -> set[str]:
    """The promises a text states, of all that any class has."""
    return {sentence for sentence in every_sentence(language) if sentence in text}


# --- told, chosen, accepted


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_promises_are_told_by_letter_and_a_customer_chooses_others(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, language: Language, phone: bool
) -> None:
    with office(browser, live_server, firm, language, phone) as reader:
        charter(reader)
        wave = write_letters(reader, "welcome", 3)
        for number, key in CLASSES.items():
            letter = open_letter(reader, wave, number)
            assert said_in(letter, language) == sentences(POLICY, key, language)
        hand_over(reader, wave, 3)
        reader.open(f"/customers/{CARO}/")
        shot(reader, "customer")
        assert reader.word("people_told_since", told_on=MONDAY) in words_of(reader)
        reader.open("/")
        shot(reader, "today")
        assert reader.word("publish_knowing", known_count=4, all_count=4) in words_of(reader)
        url = make_link(reader)
        with customer(browser, url, language, phone) as own:
            shot(own, "own")
            assert own.word("link_package_since", name="Klassik", told_on=MONDAY) in words_of(own)
            choose(own, "Premium")
        accept(reader)
        reader.open(f"/customers/{CARO}/")
        shot(reader, "accepted")
        assert reader.visit.heading.replace("\xa0", " ") == "Probe, Caro Premium A"
        text = words_of(reader)
        because = reader.word("people_why_chosen", name="Premium", by="Owner", decided_on=MONDAY)
        assert (because in text, called_back("A", language) in text) == (True, True)
        with customer(browser, url, language, phone) as own:
            shot(own, "own-accepted")
            assert own.word("link_package_since", name="Premium", told_on=MONDAY) in words_of(own)
            ask_why(own, "Und jetzt?")
        reader.open(f"/telling/pages/{Wish.objects.get(kind='why').pk}/")
        draft = reader.visit.page.get_by_label(reader.word("link_field_answer")).input_value()
        assert reader.word("link_why_chosen", name="Premium") in draft
    held = Membership.objects.filter(number=CARO).order_by("pk").last()
    assert held is not None
    assert (held.class_key, held.because) == ("A", "chosen")


def called_back(key: str, language: Language) -> str:
    """How fast a class is called back, as it stands among the promises of a customer."""
    (found,) = [item for item in POLICY.promises_of(key) if item.service == "callback"]
    return f"{POLICY.service('callback').name[language]}: {term(found, POLICY, language)}"


def charter(reader: Reader) -> None:
    """The sheet of all packages as a page and as a PDF: both say what the service model promises."""
    reader.open(f"/telling/?language={reader.language}")
    shot(reader, "charter")
    assert [name for name in ("Premium", "Komfort", "Klassik") if name in words_of(reader)] == [
        "Premium", "Komfort", "Klassik"
    ]  # fmt: skip
    text = fetched(reader, "sheet_pdf")
    owed = [item for _, found in POLICY.promises for item in found if POLICY.service(item.service).kind != "floor"]
    promised = {term(item, POLICY, reader.language) for item in owed}
    assert {item for item in promised if item not in text} == set()
    assert ("142,80" if reader.language == "de" else "142.80") in text


def write_letters(reader: Reader, kind: str, count: int) -> str:
    """A wave of letters, planned and let go by a signature; the worker makes them. Answers the address of the wave."""
    page = reader.visit.page
    reader.open("/telling/letters/new/")
    page.select_option("[name=kind]", kind)
    page.select_option("main select[name=language]", reader.language)
    page.get_by_label(reader.word("mailing_field_first_on")).fill(MONDAY.isoformat())
    reader.press("mailing_look")
    reader.look()
    shot(reader, f"letters-{kind}-would")
    reader.press("mailing_plan")
    page.fill("[name=signed]", SIGNED)
    reader.press("mailing_release")
    wave = reader.visit.path
    for job in Job.objects.filter(kind="letters", state="queued"):
        assert run(job).result == {"made": count, "failed": 0, "stopped": 0}
    reader.open(wave)
    shot(reader, f"letters-{kind}-made")
    assert SIGNED in words_of(reader)
    return wave


def open_letter(reader: Reader, wave: str, number: str) -> str:
    """The text of a customer's letter, by the paper behind its page."""
    item = WaveLetter.objects.get(wave=int(wave.strip("/").split("/")[-1]), number=number)
    reader.open(reverse("letter", args=[item.pk]))
    shot(reader, f"letter-{item.wave.kind}-{number}")
    return fetched(reader, "mailing_to_paper")


def hand_over(reader: Reader, wave: str, count: int) -> None:
    """The letters were given to the post."""
    reader.open(wave)
    reader.visit.page.get_by_text(reader.word("mailing_note_handed")).click()
    reader.press("mailing_handed")
    assert reader.word("mailing_handed_over", letters=counted("letter", count, reader.language)) in words_of(reader)


def make_link(reader: Reader, number: str = CARO) -> str:
    """The address of a customer's own page, as the office hands it on."""
    reader.open(f"/customers/{number}/page/")
    reader.press("link_make")
    reader.look()
    shot(reader, "link")
    made = reader.visit.page.locator("#made").input_value()
    return reader.visit.base + urlsplit(made).path


def choose(own: Reader, name: str) -> None:
    """A package with its price, asked for by the customer."""
    own.follow(own.word("link_choose", name=name))
    own.look()
    shot(own, "order")
    assert ("142,80" if own.language == "de" else "142.80") in words_of(own)
    own.press("link_order_button")
    own.look()
    assert own.visit.page.locator("#done").inner_text() == own.word("link_did_asked_price")


def accept(reader: Reader) -> None:
    """A person reads the wish and accepts it."""
    reader.open("/")
    assert reader.word("link_today_one") in words_of(reader)
    reader.follow(reader.word("link_wishes_title"))
    reader.look()
    reader.follow("Probe, Caro")
    reader.look()
    shot(reader, "wish")
    reader.visit.page.get_by_label(reader.word("link_field_contract")).fill("Vertrag, Ordner 7")
    reader.press("link_accept_button_package")


# --- less


@pytest.fixture
def reduced(firm: SimpleNamespace) -> SimpleNamespace:
    """Everyone had the best class and knew it; the review proposes other ones for two of them."""
    Membership.objects.update(class_key="A")
    Told.objects.update(class_key="A")
    do("review")
    return firm


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_less_is_confirmed_announced_by_letter_and_holds_from_its_day(
    browser: Browser, live_server: LiveServer, reduced: SimpleNamespace, clock: Clock, language: Language, phone: bool
) -> None:
    decided = MONDAY + timedelta(days=NOTICE)
    holds = MONDAY + timedelta(days=6 + NOTICE)  # a letter of this week leaves on its last day at the latest
    with office(browser, live_server, reduced, language, phone) as reader:
        nobody_is_written_to(reader)
        confirm(reader, decided)
        letter = open_letter(reader, wave := write_letters(reader, "down", 1), CARO)
        assert (on_day(holds, language) in letter, on_day(decided, language) in letter) == (True, False)
        assert [called_back(key, language).split(": ")[1] in letter for key in "AC"] == [True, True]
        hand_over(reader, wave, 1)
        url = make_link(reader)
        for day, key in ((MONDAY, "A"), (decided, "A"), (holds - DAY, "A"), (holds, "C")):
            clock.day = day
            do("daily")
            reader.visit.sign_in(reduced.owner)  # a sitting ends after some hours
            reader.open(f"/customers/{CARO}/")
            shot(reader, f"down-{day}")
            told = reader.word("people_told_ahead", said_on=MONDAY, told_on=holds)
            assert (day, promised(reader), told in words_of(reader)) == (day, [key], day < holds)
            with customer(browser, url, language, phone) as own:
                shot(own, f"down-own-{day}")
                told = own.word("link_package_ahead", name="Klassik", said_on=MONDAY, told_on=holds)
                assert (day, promised(own), told in words_of(own)) == (day, [key], day < holds)


def promised(reader: Reader) -> list[str]:
    """The classes whose call back stands among the promises of a customer, in the office or on their own page."""
    table = reader.visit.page.locator("section[aria-labelledby=promises] table").first.inner_text().replace("\xa0", " ")
    return [key for key in "AC" if called_back(key, reader.language) in table]


def nobody_is_written_to(reader: Reader) -> None:
    """Before a person confirmed it, no letter announces less."""
    reader.open(f"/telling/letters/new/?kind=down&channel=post&language=de&per_week=5&first_on={MONDAY}&order=postal")
    shot(reader, "down-unconfirmed")
    assert reader.visit.heading == reader.word("mailing_would_nobody")
    assert reader.word("mailing_head_out", out_count=2) in words_of(reader)


def confirm(reader: Reader, day: date) -> None:
    """A person confirms it with a reason; its day is after the notice."""
    reader.open("/review/?part=down")
    reader.follow("Probe, Caro")
    reader.look()
    shot(reader, "down-proposal")
    page = reader.visit.page
    assert page.locator("input[name=effective_on]").input_value() == day.isoformat()
    page.locator("textarea[name=reason]").fill("Besprochen am Telefon")
    reader.press("review_confirm_down")
    reader.open(f"/customers/{CARO}/")
    shot(reader, "down-confirmed")


def on_day(day: date, language: Language) -> str:
    """A day as letters write it."""
    months = {"de": {12: "Dezember", 1: "Januar"}, "en": {12: "December", 1: "January"}}[language]
    return f"{day.day}{'.' if language == 'de' else ''} {months[day.month]} {day.year}"


# --- consent


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_a_consent_withdrawn_after_the_mails_were_written_keeps_them_back(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, clock: Clock, post: Post, language: Language,
    phone: bool,
) -> None:  # fmt: skip
    for number in (CARO, EMIL):
        grant(
            number=number, channel="email", purpose="advertising", granted_at=clock() - DAY, wording="Ja, gern.",
            source="Formular", by=firm.owner, now=clock(),
        )  # fmt: skip
    do("daily")
    with office(browser, live_server, firm, language, phone) as reader:
        url = make_link(reader)
        write_newsletter(reader)
        with customer(browser, url, language, phone) as own:
            name = own.word("link_forbid", name=own.word("link_channel_email"))
            with own.visit.leaving():
                own.visit.page.get_by_role("button", name=name, exact=True).click()
            own.look()
            assert own.visit.page.locator("#done").inner_text() == own.word("link_did_forbidden")
        reader.open("/telling/outbox/")
        reader.press("outbox_send_now")
        for job in Job.objects.filter(kind="send", state="queued"):
            assert run(job).result == {"sent": 1}
        assert post.recipients == ["emil@kunde.example"]
        reader.open("/telling/outbox/?show=stopped")
        shot(reader, "stopped")
        rows = reader.visit.page.locator("main table.list tbody tr")
        assert [name.strip() for name in rows.locator("th").all_inner_texts()] == ["Caro Probe"]
        assert reader.word("consent_withdrawn", withdrawn_on=MONDAY) in words_of(reader)


def write_newsletter(reader: Reader) -> None:
    """The next issue, written and put into the outbox for the two who allow it by mail."""
    page = reader.visit.page
    reader.open("/telling/newsletters/")
    shot(reader, "newsletters")
    with reader.visit.leaving():
        page.locator("main table").get_by_role("link", name="Rundbrief", exact=True).first.click()
    reader.look()
    page.locator("[name=subject]").fill("Neues im Winter")
    page.locator("[name=text]").fill("Guten Tag,\n\ndas ist neu.")
    reader.press("newsletter_save")
    reader.look()
    shot(reader, "newsletter")
    with reader.visit.leaving():
        page.get_by_role("button", name=reader.word("newsletter_write", mail_count=2), exact=True).click()
    reader.look()
    shot(reader, "outbox")


# --- why


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_a_customer_asks_why_and_reads_the_answer_on_their_page(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, language: Language, phone: bool
) -> None:
    with office(browser, live_server, firm, language, phone) as reader:
        url = make_link(reader)
        with customer(browser, url, language, phone) as own:
            ask_why(own, "Warum Klassik?")
            shot(own, "asked")
        taken = Request.objects.get()
        assert (taken.number, taken.state, taken.due_at is not None, taken.owner) == (CARO, "open", True, firm.owner)
        reader.open("/requests/")
        shot(reader, "requests")
        assert "Probe, Caro" in words_of(reader)
        reader.open(f"/telling/pages/{Wish.objects.get().pk}/")
        shot(reader, "why")
        page = reader.visit.page
        page.get_by_label(reader.word("link_field_answer")).fill("Weil wir selten miteinander zu tun haben.")
        reader.press("link_accept_button_why")
        reader.open(f"/requests/{taken.pk}/")
        shot(reader, "request-done")
        taken.refresh_from_db()
        assert (taken.state, taken.kept) == ("done", True)
        with customer(browser, url, language, phone) as own:
            shot(own, "answered")
            assert own.visit.page.locator("section[aria-labelledby=why] > div").inner_text() == (
                "Weil wir selten miteinander zu tun haben."
            )


def ask_why(own: Reader, text: str) -> None:
    """Somebody asks on their own page."""
    own.visit.page.get_by_text(own.word("link_why_open"), exact=True).click()
    own.visit.page.get_by_label(own.word("link_field_why")).fill(text)
    own.press("link_why_button")
    own.look()
    assert own.visit.page.locator("#done").inner_text() == own.word("link_did_why")

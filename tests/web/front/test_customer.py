"""A customer's page: class and why, promises, money, choice, what happened; each sees what they may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, DORO, EMIL, NAMES
from zusage.web.book.models import Choice, Consent, Phone, Referral, Work, Yield
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.models import (
    Customer,
    Membership,
    Note,
    Override,
    OwnChoice,
    OwnWork,
    Run,
    Told,
    Unit,
)
from zusage.web.customers.queries import unit_of
from zusage.web.desk.models import Request
from zusage.web.review.models import Proposal

SignIn = Callable[[str], Client]


def text_of(client: Client, address: str) -> str:
    """What a page says, without its marks."""
    answer = client.get(address)
    assert answer.status_code == 200
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ")


def part(client: Client, number: str, name: str) -> str:
    """One section of a customer's page as text."""
    page = client.get(f"/customers/{number}/").content.decode()
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, name
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).replace("\xa0", " ").strip()


def test_the_page_says_who_it_is_and_why_the_class(as_role: SignIn) -> None:
    why = part(as_role("owner"), EMIL, "why")
    assert why.startswith("Warum Komfort? Das ergibt sich aus den Kriterien. Sicher: ")
    assert "Kriterien für Premium Einer dieser Punkte:" in why
    assert "Ertrag im Jahr 300 € ab 600 € · nicht erfüllt" in why
    assert "300 € mehr Ertrag im Jahr 2 erfolgreiche Empfehlungen mehr" in why


def test_a_book_reckoned_anew_while_the_page_is_made_is_no_failure(
    as_role: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = as_role("owner")
    seen: list[int] = []
    given = {"policy", "book", "as_of", "created_at", "summary"}
    former = Run.objects.create(**{name: getattr(Run.objects.get(), name) for name in given})

    def meanwhile(found: Customer) -> Unit:
        seen.append(found.run_id)
        unit = unit_of(found)
        if len(seen) == 1:
            found.run_id = former.pk  # of this run no rows are kept
        return unit

    monkeypatch.setattr("zusage.web.front.views.unit_of", meanwhile)
    assert "Warum Komfort?" in text_of(owner, f"/customers/{EMIL}/")
    assert len(seen) == 2


def in_force(number: str, key: str) -> None:
    """The class that a customer is in, whatever the run proposes; none where the key is empty."""
    Customer.objects.filter(number=number).update(class_key=key)
    found = Membership.objects.filter(number=number)
    found.update(class_key=key) if key else found.delete()


def decided_later(office: SimpleNamespace, number: str, key: str, change: str = "down") -> None:
    """A decision that holds from the second of March on."""
    Membership.objects.create(
        number=number, class_key=key, effective_on=date(2199, 3, 2), change=change, policy=office.version,
        because="criteria", decided_by=office.owner, decided_at=timezone.now(),
    )  # fmt: skip


def left_as_it_is(office: SimpleNamespace, state: str) -> None:
    """The proposal to reduce Emil from A to B was not followed."""
    Proposal.objects.create(
        run=office.run, unit_id=EMIL, name=NAMES[EMIL], sort_key="emil", members=[EMIL], from_key="A", to_key="B",
        change="down", because="criteria", state=state, decided_by=office.owner, reason="Empfiehlt",
        decided_at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC),
    )  # fmt: skip


def set_by_hand(office: SimpleNamespace, key: str) -> None:
    """An exception for Emil until the second of March."""
    Override.objects.create(
        number=EMIL, class_key=key, reason="Empfiehlt", until=date(2199, 3, 2), by=office.owner,
        created_at=timezone.now(),
    )  # fmt: skip


def as_reckoned_by_hand() -> None:
    """The run knows of the exception for Emil already."""
    unit = Unit.objects.get(unit_id=EMIL)
    unit.figures |= {
        "class_key": "C", "because": "override", "override_by": "Owner", "override_reason": "Empfiehlt",
        "override_until": "2199-03-02",
    }  # fmt: skip
    unit.save()


def why(client: Client) -> tuple[str, str]:
    """The heading of the section about Emil's class, and what stands first in it."""
    page = client.get(f"/customers/{EMIL}/").content.decode().replace("\xa0", " ")
    found = re.search(r'<h2 id="why">(.*?)</h2>\s*<p>(.*?)</p>', page)
    assert found
    return found[1], unescape(found[2])


FOLLOWS = ("Das ergibt sich aus den Kriterien.", "This follows from the criteria.")
OTHER = ("Es gilt Premium; die Auswertung spricht für Komfort", "Premium holds; the figures point to Komfort")


@pytest.mark.parametrize(
    ("made", "heading", "first"),
    [
        (lambda _: in_force(EMIL, "B"), ("Warum Komfort?", "Why Komfort?"), FOLLOWS),
        (
            lambda _: in_force(EMIL, ""),
            (
                "Noch gilt keine Klasse; die Auswertung spricht für Komfort",
                "No class holds yet; the figures point to Komfort",
            ),
            FOLLOWS,
        ),
        (
            lambda _: in_force(EMIL, "C"),
            ("Es gilt Klassik; die Auswertung spricht für Komfort", "Klassik holds; the figures point to Komfort"),
            FOLLOWS,
        ),
        (lambda _: in_force(EMIL, "A"), OTHER, FOLLOWS),
        (
            lambda office: (in_force(EMIL, "A"), decided_later(office, EMIL, "B")), OTHER,
            (
                "Die Rückstufung auf Komfort zum 02.03.2199 ist entschieden.",
                "The reduction to Komfort from 2 Mar 2199 is decided.",
            ),
        ),
        (
            lambda office: (
                in_force(EMIL, "B"), set_by_hand(office, "C"), decided_later(office, EMIL, "C", "override")
            ),
            ("Warum Komfort?", "Why Komfort?"),
            (
                "Die Rückstufung auf Klassik zum 02.03.2199 ist entschieden.",
                "The reduction to Klassik from 2 Mar 2199 is decided.",
            ),
        ),
        (
            lambda office: (in_force(EMIL, "A"), set_by_hand(office, "A")), OTHER,
            (
                "Die Ausnahme von Hand geht vor, bis sie am 02.03.2199 endet.",
                "The exception set by a person goes first until it ends on 2 Mar 2199.",
            ),
        ),
        (
            lambda office: (in_force(EMIL, "C"), set_by_hand(office, "C"), as_reckoned_by_hand()),
            ("Warum Klassik?", "Why Klassik?"),
            (
                "Von Hand festgelegt: Klassik. Entschieden von Owner: Empfiehlt. Gilt bis 02.03.2199.",
                "Set by a person: Klassik. Decided by Owner: Empfiehlt. Holds until 2 Mar 2199.",
            ),
        ),
        (
            lambda office: (
                in_force(EMIL, "B"), set_by_hand(office, "C"), as_reckoned_by_hand(),
                decided_later(office, EMIL, "C", "override"),
            ),
            ("Es gilt Komfort; von Hand festgelegt ist Klassik", "Komfort holds; Klassik is set by a person"),
            (
                "Die Rückstufung auf Klassik zum 02.03.2199 ist entschieden.",
                "The reduction to Klassik from 2 Mar 2199 is decided.",
            ),
        ),
        (
            lambda office: (in_force(EMIL, "A"), left_as_it_is(office, "kept")), OTHER,
            (
                "Die Klasse bleibt, entschieden von Owner am 25.11.2026: „Empfiehlt“.",
                "The class stays, decided by Owner on 25 Nov 2026: “Empfiehlt”.",
            ),
        ),
        (
            lambda office: (in_force(EMIL, "A"), left_as_it_is(office, "taken_back")), OTHER,
            (
                "Die Klasse bleibt; die Rückstufung hat Owner am 25.11.2026 zurückgenommen: „Empfiehlt“.",
                "The class stays; Owner took the reduction back on 25 Nov 2026: “Empfiehlt”.",
            ),
        ),
    ],
)  # fmt: skip
def test_the_reasons_begin_with_the_class_in_force(
    office: SimpleNamespace, as_role: SignIn, made: Callable[[SimpleNamespace], object],
    heading: tuple[str, str], first: tuple[str, str],
) -> None:  # fmt: skip
    made(office)
    for place, language in enumerate(("de", "en")):
        office.owner.language = language
        office.owner.save()
        assert why(as_role("owner")) == (heading[place], first[place])


def test_things_are_counted_in_the_right_form(office: SimpleNamespace, as_role: SignIn) -> None:
    Customer.objects.filter(number=EMIL).update(contracts=1)
    Customer.objects.filter(number=CARO).update(contracts=2)
    said = [text_of(as_role("owner"), f"/customers/{number}/") for number in (EMIL, CARO)]
    assert [re.findall(r"\d Vertr\w+", page) for page in said] == [["1 Vertrag"], ["2 Verträge"]]
    assert "Dazu 1 Leistung, die bei Ihnen jeder bekommt" in said[0]


def test_the_bars_show_value_and_cut(as_role: SignIn) -> None:
    page = as_role("owner").get(f"/customers/{EMIL}/").content.decode()
    assert re.findall(r'class="fill" y="3" width="(\d+)"', page) == ["25", "0", "100"]
    assert re.findall(r'class="cut" x1="(\d+)"', page) == ["50", "50", "50"]


def test_money_can_be_opened_down_to_the_calculation(as_role: SignIn) -> None:
    money = part(as_role("owner"), EMIL, "money")
    assert "300 € Ertrag decken 2:25 Std." in money
    assert "gebucht in 12 Monaten × 12 ÷ 12" in money


@pytest.mark.parametrize("number", [ALMA, CARO, EMIL])
def test_an_assistant_sees_class_and_promises_but_no_money(as_role: SignIn, number: str) -> None:
    page = as_role("assistant").get(f"/customers/{number}/").content.decode()
    assert [word for word in ("€", "Deckungsbeitrag", "gedeckt") if word in page] == []
    assert "nicht erfüllt" in page or number == ALMA
    rows = as_role("assistant").get(f"/customers/{number}/rows/").content.decode()
    assert "€" not in rows


def test_an_assistant_sees_money_where_the_owner_allows(office: SimpleNamespace, as_role: SignIn) -> None:
    office.firm.assistants_see_money = True
    office.firm.save()
    assert "300 € Ertrag decken" in part(as_role("assistant"), EMIL, "money")


def test_an_auditor_has_nothing_to_send(as_role: SignIn) -> None:
    page = as_role("auditor").get(f"/customers/{EMIL}/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    assert "Anliegen aufnehmen" not in main
    for name in ("told", "choice", "note", "override"):
        assert as_role("auditor").post(f"/customers/{EMIL}/{name}/").status_code == 403


def test_an_assistant_sets_no_class(as_role: SignIn) -> None:
    client = as_role("assistant")
    assert "von Hand festlegen" not in client.get(f"/customers/{EMIL}/").content.decode()
    assert client.get(f"/customers/{EMIL}/override/").status_code == 403


def test_who_is_not_there_or_somebody_elses_is_missing(office: SimpleNamespace, as_role: SignIn) -> None:
    assert as_role("owner").get("/customers/9999/").status_code == 404
    office.firm.advisers_see_own_only = True
    office.firm.save()
    Customer.objects.filter(number=EMIL).update(adviser="Ute")
    client = as_role("adviser")
    for address in ("", "rows/", "told/", "choice/", "note/", "override/"):
        assert client.get(f"/customers/{EMIL}/{address}").status_code == 404


def test_a_number_may_hold_anything(office: SimpleNamespace, as_role: SignIn) -> None:
    Customer.objects.filter(number=DORO).update(number="12/3 ä?")
    client = as_role("owner")
    found = re.findall(r'href="(/customers/12[^"]*)"', client.get("/customers/").content.decode())
    assert found == ["/customers/12/3%20%C3%A4%3F/"]
    page = client.get(found[0])
    assert (page.status_code, "Größe-Exempel, Doro" in page.content.decode()) == (200, True)
    assert client.get(f"{found[0]}rows/").status_code == 200


# --- promises


def request(number: str, office: SimpleNamespace, **more: object) -> Request:
    """A call back asked for an hour ago."""
    now = timezone.now()
    facts = {
        "asked_at": now - timedelta(hours=1), "what": "callback", "class_key": "A", "answer": {},
        "policy_hash": office.policy.hash, "due_at": now + timedelta(hours=3), "tight_at": now + timedelta(hours=2),
    }  # fmt: skip
    return Request.objects.create(number=number, unit_id=number, name=NAMES[number], **(facts | more))


def stands(client: Client, number: str) -> list[str]:
    """The states of the promises, in order."""
    return re.findall(r'class="state (\w+)"', client.get(f"/customers/{number}/").content.decode())


def test_promises_say_how_they_stand(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("owner")
    assert stands(client, EMIL) == ["unknown"]  # the annual check on request is nothing that falls due
    for kept in (True, True, False):
        request(EMIL, office, state="done", kept=kept, done_at=timezone.now(), due_at=None)
    assert stands(client, EMIL) == ["broken"]
    assert "eingehalten 2 von 3" in part(client, EMIL, "promises")
    request(EMIL, office)
    assert stands(client, EMIL) == ["due"]
    request(EMIL, office, due_at=timezone.now() - timedelta(hours=1))
    assert stands(client, EMIL) == ["broken"]


def test_what_comes_unasked_has_its_next_day(office: SimpleNamespace, as_role: SignIn) -> None:
    today = timezone.localdate()
    for days, state in ((-300, "done"), (30, "open"), (395, "open")):
        on = today + timedelta(days=days)
        Touchpoint.objects.create(
            unit_id=ALMA, name="Muster", service="annual_check", class_key="A", due_on=on, state=state,
            done_on=on if state == "done" else None,
        )  # fmt: skip
    promises = part(as_role("owner"), ALMA, "promises")
    assert f"bis {today + timedelta(days=30):%d.%m.%Y} eingehalten 1 von 1" in promises
    assert stands(as_role("owner"), ALMA) == ["unknown", "due"]


def test_what_is_due_in_a_later_month_has_its_day_too(office: SimpleNamespace, as_role: SignIn) -> None:
    """Alma's household came on 1 March 2010: its check is due on the first working day of every March."""
    promises = part(as_role("owner"), ALMA, "promises")
    today = timezone.localdate()
    year = today.year + (today > date(today.year, 3, 5))
    assert re.search(rf"Jahrescheck.* am 0[1-3]\.03\.{year}", promises)


def test_the_former_promise_holds_until_the_customer_is_told(office: SimpleNamespace, as_role: SignIn) -> None:
    Told.objects.create(
        number=EMIL, policy=office.version, class_key="A", told_on=date(2026, 1, 2), created_at=timezone.now()
    )
    client = as_role("owner")
    assert "Rückruf: am selben Arbeitstag" in part(client, EMIL, "promises")
    client.post(f"/customers/{EMIL}/told/", {"told_on": timezone.localdate().isoformat(), "how": "call"})
    told = Told.objects.get(how="call")
    assert (told.class_key, told.by, told.assumed) == ("B", office.owner, False)
    assert told.told_on == timezone.localdate() + timedelta(days=30)  # less than before: after the notice
    assert "Rückruf: am selben Arbeitstag" in part(client, EMIL, "promises")
    Told.objects.filter(pk=told.pk).update(told_on=timezone.localdate())
    assert "Rückruf: am nächsten Arbeitstag" in part(client, EMIL, "promises")


# --- what is written down


def test_nobody_is_told_tomorrow(as_role: SignIn) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = as_role("assistant").post(f"/customers/{EMIL}/told/", {"told_on": tomorrow.isoformat(), "how": "call"})
    assert answer.status_code == 422
    assert "Dieser Tag liegt in der Zukunft" in answer.content.decode()
    assert f'value="{tomorrow.isoformat()}"' in answer.content.decode()
    assert Told.objects.count() == 0


def test_a_choice_stands_beside_the_service_received(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    assert "Noch nie gefragt" in part(client, EMIL, "choice")
    day = timezone.localdate()
    for days, log, direction in (
        (10, "calls", "in"),
        (20, "meetings", None),
        (30, "calls", "missed"),
        (500, "calls", "in"),
    ):
        Work.objects.create(
            book=office.run.book, customer_id=EMIL, log=log, direction=direction, seconds=600,
            done_on=day - timedelta(days=days),
        )  # fmt: skip
    form = {"state": "declined", "class_key": "A", "chosen_on": day.isoformat(), "evidence": "Gespräch"}
    client.post(f"/customers/{EMIL}/choice/", form)
    choice = part(client, EMIL, "choice")
    assert choice.startswith(f"Wahl Premium abgelehnt, {day:%d.%m.%Y} Gespräch")
    assert "2-mal Kontakt, davon mit Termin: 1; Zeit zusammen: 0:20 Std." in choice
    assert OwnChoice.objects.get().by == office.assistant


def test_choices_of_files_count_as_well(office: SimpleNamespace, as_role: SignIn) -> None:
    Choice.objects.create(
        book=office.run.book, customer_id=EMIL, state="offered", class_key="A", chosen_on=date(2026, 1, 2),
        source="wahl.csv", line=7,
    )  # fmt: skip
    assert "Premium angeboten, 02.01.2026 wahl.csv:7" in part(as_role("owner"), EMIL, "choice")


def test_a_note_is_kept_and_deleted_by_its_author_or_the_owner(office: SimpleNamespace, as_role: SignIn) -> None:
    as_role("assistant").post(f"/customers/{EMIL}/note/", {"text": "Bittet um Rückruf <b>abends</b>."})
    note = Note.objects.get()
    assert (note.text, note.by) == ("Bittet um Rückruf <b>abends</b>.", office.assistant)
    page = as_role("adviser").get(f"/customers/{EMIL}/").content.decode()
    assert "&lt;b&gt;abends&lt;/b&gt;" in page
    assert "Notiz löschen" not in page
    assert as_role("adviser").post(f"/customers/{EMIL}/note/{note.pk}/delete/").status_code == 403
    assert as_role("owner").post(f"/customers/{ALMA}/note/{note.pk}/delete/").status_code == 404
    as_role("owner").post(f"/customers/{EMIL}/note/{note.pk}/delete/")
    assert Note.objects.count() == 0


@pytest.mark.parametrize("text", ["Nervt am Telefon", "is a bit Crazy", "hat Alkoholprobleme"])
def test_words_one_would_not_want_read_back_need_a_second_look(as_role: SignIn, text: str) -> None:
    client = as_role("owner")
    answer = client.post(f"/customers/{EMIL}/note/", {"text": text})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("Trotzdem speichern" in page, text in page, Note.objects.count()) == (True, True, 0)
    client.post(f"/customers/{EMIL}/note/", {"text": text, "anyway": "on"})
    assert Note.objects.get().text == text


def test_a_class_set_by_a_person_has_a_reason_and_an_end(office: SimpleNamespace, as_role: SignIn) -> None:
    client, until = as_role("adviser"), timezone.localdate() + timedelta(days=90)
    form = {"class_key": "A", "reason": "Betriebsübergabe", "until": until.isoformat()}
    answer = client.post(f"/customers/{EMIL}/override/", form | {"until": "2020-01-01"})
    assert (answer.status_code, "Betriebsübergabe" in answer.content.decode()) == (422, True)
    client.post(f"/customers/{EMIL}/override/", form)
    made = Override.objects.get()
    assert (made.number, made.class_key, made.until, made.by) == (EMIL, "A", until, office.adviser)
    said = f"Von Hand festgelegt: Premium, durch Adviser, bis {until:%d.%m.%Y}. Betriebsübergabe"
    assert said in text_of(client, f"/customers/{EMIL}/")


def test_a_decided_class_is_announced_until_its_day(office: SimpleNamespace, as_role: SignIn) -> None:
    decided = Membership.objects.create(
        number=ALMA, class_key="C", effective_on=timezone.localdate() + timedelta(days=30), change="down",
        policy=office.version, because="criteria", decided_by=office.owner, decided_at=timezone.now(),
    )  # fmt: skip
    page = as_role("owner").get(f"/customers/{ALMA}/").content.decode()
    assert re.findall(r"Beschlossen: (\w+) ab ([\d.]+)\.", page) == [("Klassik", f"{decided.effective_on:%d.%m.%Y}")]
    assert f'href="/review/pending/{decided.pk}/"' in page
    assert "Beschlossen: " not in as_role("owner").get(f"/customers/{CARO}/").content.decode()


def test_an_open_proposal_leads_to_the_review(office: SimpleNamespace, as_role: SignIn) -> None:
    proposal = Proposal.objects.create(
        run=office.run, unit_id=EMIL, name=NAMES[EMIL], sort_key="emil", members=[EMIL], from_key="B", to_key="A",
        change="up", because="criteria",
    )  # fmt: skip
    page = as_role("owner").get(f"/customers/{EMIL}/").content.decode()
    assert "Vorgeschlagen ist Premium" in page
    assert f'href="/review/{proposal.pk}/"' in page


# --- what stands around


def test_household_phones_referrals_and_consents(office: SimpleNamespace, as_role: SignIn) -> None:
    book = office.run.book
    Phone.objects.create(book=book, customer_id=ALMA, number="+493412345678")
    Referral.objects.create(book=book, customer_id=ALMA, referred_id=EMIL, referred_on=date(2020, 1, 1), won=True)
    Consent.objects.create(
        book=book, customer_id=ALMA, channel="email", purpose="advertising", granted_on=date(2025, 5, 1)
    )
    client = as_role("owner")
    around = part(client, ALMA, "around")
    assert "Haushalt Muster, Alma Beispiel, Béla" in around
    assert "Hat empfohlen Emil Muster &amp; Söhne , 01.01.2020, Kunde geworden" in around
    assert "Einwilligungen Werbung erlaubt: per E-Mail und per Brief Warum" in around
    assert "Kam durch Muster, Alma , 01.01.2020" in part(client, EMIL, "around")
    assert 'href="tel:+493412345678"' in client.get(f"/customers/{ALMA}/").content.decode()


def test_the_timeline_has_everything_newest_first(office: SimpleNamespace, as_role: SignIn) -> None:
    day = datetime(2026, 10, 5, 9, 0, tzinfo=timezone.get_current_timezone())
    facts = {"number": EMIL, "created_at": day, "by": office.owner}
    request(EMIL, office, asked_at=day + timedelta(days=1), state="done", kept=True, done_at=day + timedelta(days=1))
    OwnWork.objects.create(done_on=date(2026, 10, 7), activity="call", seconds=480, **facts)
    Work.objects.create(
        book=office.run.book, customer_id=EMIL, log="calls", direction="in", done_on=date(2026, 10, 4), seconds=360,
        topic="Schaden",
    )  # fmt: skip
    OwnChoice.objects.create(state="chosen", class_key="B", chosen_on=date(2026, 10, 8), evidence="Brief", **facts)
    Note.objects.create(text="Ruft abends an.", **facts)
    Told.objects.create(policy=office.version, class_key="B", told_on=date(2026, 10, 9), how="letter", **facts)
    Membership.objects.filter(number=EMIL).update(reason="Erste Runde")
    page = as_role("owner").get(f"/customers/{EMIL}/").content.decode()
    assert re.findall(r"<time[^>]*>([\d.]+)</time> <strong>(\w+)</strong>", page) == [
        ("02.11.2026", "Einstufung"),
        ("09.10.2026", "Informiert"),
        ("08.10.2026", "Wahl"),
        ("07.10.2026", "Arbeit"),
        ("06.10.2026", "Anliegen"),
        ("05.10.2026", "Notiz"),
        ("04.10.2026", "Kontakt"),
    ]  # fmt: skip
    happened = part(as_role("owner"), EMIL, "happened")
    assert "Rückruf, erledigt am 06.10.2026, Zusage eingehalten" in happened
    assert "Anruf, eingehend, 0:06 Std. Schaden" in happened
    assert "Erste Einstufung: Komfort ab 02.11.2026 · Owner Erste Runde" in happened


def test_the_timeline_goes_on_page_by_page(office: SimpleNamespace, as_role: SignIn) -> None:
    Membership.objects.all().delete()
    Note.objects.bulk_create(
        Note(number=EMIL, text=f"Nr. {number}.", created_at=timezone.now() - timedelta(days=number))
        for number in range(65)
    )
    client = as_role("owner")
    pages = [client.get(f"/customers/{EMIL}/?page={page}").content.decode() for page in ("1", "2", "3", "x")]
    assert [re.findall(r"Nr\. (\d+)\.", page)[::29] for page in pages] == [
        ["0", "29"],
        ["30", "59"],
        ["60"],
        ["0", "29"],
    ]
    assert ["Ältere" in page for page in pages] == [True, True, False, True]


def test_figures_lead_to_the_rows_of_the_files(office: SimpleNamespace, as_role: SignIn) -> None:
    facts = {"book": office.run.book, "customer_id": EMIL, "source": "Abrechnung.csv"}
    Yield.objects.create(booked_on=date(2026, 3, 1), kind="recurring", amount_cents=30000, line=17, **facts)
    Work.objects.create(log="calls", direction="in", done_on=date(2026, 3, 2), seconds=None, line=4, **facts)
    rows = text_of(as_role("owner"), f"/customers/{EMIL}/rows/")
    assert "01.03.2026 laufend 300 € Abrechnung.csv, Zeile 17" in rows
    assert "02.03.2026 Anruf, eingehend Standardzeit Abrechnung.csv, Zeile 4" in rows


def test_the_rows_of_a_household_stand_together(office: SimpleNamespace, as_role: SignIn) -> None:
    facts = {"book": office.run.book, "source": "Abrechnung.csv", "kind": "recurring", "booked_on": date(2026, 3, 1)}
    Yield.objects.create(customer_id=ALMA, amount_cents=90000, line=1, **facts)
    Yield.objects.create(customer_id=BELA, amount_cents=12000, line=2, **facts)
    rows = text_of(as_role("owner"), f"/customers/{ALMA}/rows/")
    assert "2 Buchungen und 0 Kontakte" in rows
    assert "01.03.2026 Beispiel, Béla laufend 120 €" in rows


def test_who_left_the_book_is_not_simply_missing(office: SimpleNamespace, as_role: SignIn) -> None:
    Customer.objects.filter(number=EMIL).delete()
    answer = as_role("owner").get(f"/customers/{EMIL}/")
    assert (answer.status_code, "steht nicht mehr im Bestand" in answer.content.decode()) == (404, True)
    office.firm.advisers_see_own_only = True
    office.firm.save()
    assert "steht nicht mehr im Bestand" not in as_role("adviser").get(f"/customers/{EMIL}/").content.decode()


def test_english_readers_read_english(office: SimpleNamespace, as_role: SignIn) -> None:
    office.owner.language = "en"
    office.owner.save()
    assert "Why Komfort?" in part(as_role("owner"), EMIL, "why")


def questions(client: Client, number: str) -> int:
    """How often a page asks the database."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/customers/{number}/").status_code == 200
    return len(asked)


def test_the_page_asks_the_same_number_of_questions_for_one_and_three(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("owner")
    client.get("/customers/")
    counts = []
    for _ in range(3):
        facts = {"number": EMIL, "created_at": timezone.now(), "by": office.owner}
        request(EMIL, office, owner=office.adviser)
        OwnWork.objects.create(done_on=timezone.localdate(), activity="call", seconds=480, **facts)
        OwnChoice.objects.create(state="chosen", class_key="B", chosen_on=date(2026, 10, 8), evidence="Brief", **facts)
        Note.objects.create(text="Ruft abends an.", **facts)
        Told.objects.create(policy=office.version, class_key="B", told_on=date(2026, 10, 9), how="letter", **facts)
        Referral.objects.create(book=office.run.book, customer_id=EMIL, referred_id=[ALMA, BELA, CARO][len(counts)])
        counts.append(questions(client, EMIL))
    assert counts[0] == counts[1] == counts[2] <= 52

"""Erasing a customer: nobody finds them any more, every sum stays as it was, and what a law keeps is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import ALMA, BELA, CARO, DORO, EMIL, TODAY, booked, call, changed, full_year, person, tables
from zusage import engine
from zusage.ground.reasons import Refused
from zusage.plan import Plan, make_plan
from zusage.promises.recipients import choose
from zusage.web.book.models import Address, Book, Contract, Erased, Phone, Work
from zusage.web.book.queries import digest_of, stored
from zusage.web.bridge.erased import anonymised
from zusage.web.calendar.jobs import refresh_touchpoints
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.actions import keep_paper
from zusage.web.charter.letters.models import LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.letters.news.queries import people
from zusage.web.charter.outbox.actions import hand_over_post, take_back, write
from zusage.web.charter.outbox.mail import UNSUBSCRIBE
from zusage.web.charter.outbox.models import Message, Notice
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.actions import grant, object_to
from zusage.web.customers.consent.models import ConsentUse, Objection, OwnConsent
from zusage.web.customers.models import Account, Customer, Note, OwnChoice, OwnWork, Told, Unit
from zusage.web.customers.queries import customers_for, totals
from zusage.web.customers.referrals.actions import record_referral
from zusage.web.desk.actions import drop, take_request
from zusage.web.desk.models import Event, Request
from zusage.web.office.actions import record_export
from zusage.web.office.backup import JOURNAL, backups_folder
from zusage.web.office.models import PolicyVersion
from zusage.web.privacy.erasing.actions import erase, replay
from zusage.web.privacy.erasing.queries import preview_of
from zusage.web.services.models import Announcement
from zusage.web.services.publish.queries import members_by_class, still_to_tell, to_tell
from zusage.web.services.queries import knowing

SignIn = Callable[[str], Client]
CANARIES = ("Kanarienvogel", "caro.kanarie@example.org", "+4934199990007", "Kanariengasse 7")
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def known(office: SimpleNamespace) -> Any:
    """Caro, of whom the office knows a lot; her name is one that stands nowhere else."""
    Customer.objects.filter(number=CARO).update(name=CANARIES[0], former=True, search_key=f"kanarienvogel {CARO}")
    for unit in Unit.objects.filter(unit_id=CARO):
        Unit.objects.filter(pk=unit.pk).update(figures=unit.figures | {"name": CANARIES[0]})
    book = Book.objects.get(published=True)
    Address.objects.create(book=book, customer_id=CARO, street=CANARIES[3], email=CANARIES[1])
    Phone.objects.create(book=book, customer_id=CARO, number=CANARIES[2])
    Work.objects.create(book=book, customer_id=CARO, log="meetings", topic="Kanarienvogel will mehr", seconds=600)
    caro, owner = Customer.objects.get(run__published=True, number=CARO), office.owner
    Note.objects.create(number=CARO, text="Kanarienvogel ruft gern an", by=owner, created_at=NOW)
    OwnWork.objects.create(number=CARO, done_on=date(2026, 10, 1), activity="call_in", seconds=600, created_at=NOW)
    OwnChoice.objects.create(
        number=CARO, state="offered", class_key="A", chosen_on=date(2026, 10, 1),
        evidence="Brief an Kanariengasse 7", by=owner, created_at=NOW,
    )  # fmt: skip
    record_referral(customer=caro, prospect="Nils Neu", contact="", named_on=TODAY, by=owner, now=NOW)
    object_to(number=CARO, channel="", purpose="advertising", said_on=TODAY, how="Anruf", by=owner, now=NOW)
    return SimpleNamespace(caro=caro, owner=owner, office=office)


def ask(office: SimpleNamespace, customer: Customer) -> Request:
    return take_request(
        customer=customer, by=office.owner, now=timezone.now(), what="callback", channel="phone", urgency="normal",
        cause="asked", wants="", text="Kanarienvogel bittet um Rückruf", phone=CANARIES[2], matter="",
        owner=office.owner, noticed=False,
    )  # fmt: skip


def everything() -> str:
    """Every row of every table of the office and of its log, as text."""
    found = []
    for model in [*apps.get_app_config("zusage").get_models(), LogEntry]:
        names = [field.name for field in model._meta.concrete_fields if not isinstance(field, models.ForeignKey)]
        found += [
            json.dumps(list(row), default=str, ensure_ascii=False) for row in model._default_manager.values_list(*names)
        ]
    return "\n".join(found)


def test_nothing_names_an_erased_customer_any_more(known: Any) -> None:
    assert all(canary in everything() for canary in CANARIES)
    made = erase(customer=known.caro, reason="Verlangen vom 2. November", by=known.owner, now=NOW)
    assert [canary for canary in CANARIES if canary.casefold() in everything().casefold()] == []
    left = Customer.objects.get(number=made.alias)
    assert (left.name, left.unit_id) == ("Gelöschter Kunde", made.alias)
    assert Note.objects.count() == 0


def test_the_log_says_that_a_record_was_handed_out_not_whose(known: Any) -> None:
    record_export(of=known.office.firm, name="record.pdf", number=CARO, by=known.owner)
    made = erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    entry = LogEntry.objects.get(additional_data__export="record.pdf")
    assert entry.additional_data == {"export": "record.pdf", "number": made.alias}


def test_every_sum_stays_as_it_was(known: Any) -> None:
    before = totals(customers_for(known.owner))
    accounts = sorted(json.dumps(item, sort_keys=True) for item in Account.objects.values_list("figures", flat=True))
    worked = sum(OwnWork.objects.values_list("seconds", flat=True))
    made = erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    assert totals(customers_for(known.owner)) == before
    assert sum(OwnWork.objects.filter(number=made.alias).values_list("seconds", flat=True)) == worked
    assert len(accounts) == Account.objects.count()


def touchpoint(number: str, due_on: date, **more: Any) -> Touchpoint:
    facts: dict[str, Any] = {"unit_id": number, "number": number, "service": "annual_check", "seconds": 7200}
    names = {"name": Customer.objects.get(number=number).name, "class_key": "A", "role": "owner", "due_on": due_on}
    return Touchpoint.objects.create(**(facts | names | more))


@given(
    st.permutations([ALMA, BELA, CARO, DORO, EMIL]),
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(-40, 50), st.booleans()), max_size=3, unique_by=lambda item: item[0]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
def test_nothing_open_is_owed_to_the_erased_and_what_was_done_stays(
    office: SimpleNamespace, numbers: list[str], count: int, days: list[tuple[int, bool]]
) -> None:
    today, gone = timezone.localdate(), numbers[:count]
    with transaction.atomic():
        for number in (ALMA, CARO, DORO, EMIL):
            for away, is_done in days:
                day = today + timedelta(away)
                touchpoint(number, day, state="done" if is_done else "open", done_on=day if is_done else None)
        done, sums = Touchpoint.objects.filter(state="done").count(), totals(customers_for(office.owner))
        open_before = Touchpoint.objects.filter(state="open").count()
        for number in gone:
            erase(customer=Customer.objects.get(number=number), reason="Verlangen", by=office.owner, now=NOW)
        left = {ALMA, CARO, DORO, EMIL} - set(gone) | ({ALMA} if BELA not in gone else set())
        still_open = list(Touchpoint.objects.filter(state="open"))
        assert len(still_open) * 4 == open_before * len(left)
        assert [item for item in still_open if "erased" in item.number or item.name == "Gelöschter Kunde"] == []
        assert Touchpoint.objects.filter(state="done").count() == done
        assert totals(customers_for(office.owner)) == sums
        assert knowing(today).all == 5 - count
        refresh_touchpoints(office.run, office.policy, today)
        assert {item.name for item in Touchpoint.objects.filter(state="open")} & {"Gelöschter Kunde"} == set()
        transaction.set_rollback(True)


def test_an_erased_customer_is_nobody_who_was_not_told_yet(office: SimpleNamespace) -> None:
    former = PolicyVersion.objects.create(
        text="", hash="f", label="f", valid_from=date(2025, 1, 1), published_at=NOW, published_by=office.owner
    )
    found = Announcement.objects.create(
        policy=office.version, former=former, class_key="C", weakened=True, numbers=[CARO, DORO], customers=2,
        services={}, reason="", by=office.owner, at=NOW,
    )  # fmt: skip
    today = timezone.localdate()
    assert (still_to_tell(office.owner), knowing(today).all) == (2, 5)
    erase(customer=Customer.objects.get(number=CARO), reason="Verlangen", by=office.owner, now=NOW)
    found.refresh_from_db()
    assert (still_to_tell(office.owner), [item.number for item in to_tell(office.owner, found)]) == (1, [DORO])
    assert knowing(today).all == 4
    assert members_by_class(today, office.policy)["C"] == [DORO]


def test_what_the_law_keeps_stays_and_is_named(known: Any) -> None:
    grant(
        number=EMIL, channel="email", purpose="advertising", ground="consent", granted_at=NOW - timedelta(1),
        wording="Ja, gern", source="Formular", proof="", conditions=[], by=known.owner, now=NOW,
    )  # fmt: skip
    emil = Customer.objects.get(number=EMIL)
    made = erase(customer=emil, reason="Verlangen", by=known.owner, now=NOW)
    assert [item.number for item in OwnConsent.objects.all()] == [EMIL]
    assert [(line["name"], line["rows"], line["law"], line["until"]) for line in made.kept] == [
        ("OwnConsent", 1, "consent", "2031-12-31")
    ]


def test_a_consent_relied_on_later_is_kept_from_its_last_use_on(known: Any) -> None:
    grant(
        number=EMIL, channel="email", purpose="advertising", ground="consent",
        granted_at=datetime(2019, 5, 1, tzinfo=UTC), wording="Ja, gern", source="Formular", proof="", conditions=[],
        by=known.owner, now=NOW,
    )  # fmt: skip
    ConsentUse.objects.create(
        number=EMIL, channel="email", purpose="advertising", used_on=date(2025, 3, 1), what="outbox 1"
    )
    made = erase(customer=Customer.objects.get(number=EMIL), reason="Verlangen", by=known.owner, now=NOW)
    assert {line["name"]: line["until"] for line in made.kept} == {
        "OwnConsent": "2030-12-31",
        "ConsentUse": "2030-12-31",
    }
    assert [item.number for item in OwnConsent.objects.all()] == [EMIL]


def test_letters_to_others_of_the_household_name_nobody_who_was_erased(known: Any) -> None:
    sent = write(channel="post", purpose="wave 1", **to_alma_and_bela(known.office))
    assert sent is not None
    write(channel="post", purpose="wave 2", **to_alma_and_bela(known.office))
    hand_over_post([sent], on_day=timezone.localdate(), by=known.owner, now=timezone.now())
    made = erase(customer=Customer.objects.get(number=BELA), reason="Verlangen", by=known.owner, now=timezone.now())
    assert [(item.number, item.also, item.state) for item in Message.objects.order_by("pk")] == [
        (ALMA, [made.alias], "handed_over"),
    ]
    take_back(Message.objects.get(pk=sent.pk), now=timezone.now())
    assert list(Told.objects.filter(number=made.alias, said_on=timezone.localdate())) == []


def test_the_papers_of_letters_that_never_left_go_with_them(
    known: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    papers = [keep_paper(f"%PDF {name}".encode()) for name in ("an Alma und Bela", "alle der Woche")]
    message = write(
        channel="post", purpose="letters 1", attachment=f"files/{papers[0]}", **to_alma_and_bela(known.office)
    )
    wave = LetterWave.objects.create(
        kind="welcome", channel="post", language="de", per_week=5, first_on=TODAY, by=known.owner, at=NOW,
        policy=PolicyVersion.objects.first(),
    )  # fmt: skip
    week = LetterWeek.objects.create(wave=wave, monday=TODAY, printed=papers[1], made_at=NOW)
    letter = WaveLetter.objects.create(
        wave=wave, week=week, number=ALMA, unit_id=ALMA, name="Alma", numbers=[ALMA, BELA], state="made",
        paper=papers[0], message=message, said={"text": "auch für Bela"},
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        made = erase(customer=Customer.objects.get(number=BELA), reason="Verlangen", by=known.owner, now=NOW)
    letter.refresh_from_db()
    week.refresh_from_db()
    assert (letter.state, letter.numbers, letter.said, letter.paper) == ("stopped", [ALMA, made.alias], None, "")
    assert (week.printed, week.made_at, Message.objects.count()) == ("", None, 0)
    assert [stored(paper).exists() for paper in papers] == [False, False]
    (backups_folder() / JOURNAL).unlink()


def sent_letter(office: SimpleNamespace, written: datetime, paper: str = "") -> Message:
    """A letter to Alma that left and names Caro besides, in its paper, its text and what is kept of it."""
    text = f"Dieser Brief gilt auch für {CANARIES[0]}."
    message = write(
        channel="post", purpose=f"letters {written.year}", text=text, subject="Willkommen",
        **to_alma_and_bela(office) | {"also": [CARO], "attachment": f"files/{paper}" if paper else "", "now": written},
    )  # fmt: skip
    assert message is not None
    Message.objects.filter(pk=message.pk).update(state="handed_over", handed_over_at=written, handed_on=written.date())
    wave = LetterWave.objects.create(
        kind="welcome", channel="post", language="de", per_week=5, first_on=written.date(), by=office.owner, at=written,
        policy=PolicyVersion.objects.first(),
    )  # fmt: skip
    WaveLetter.objects.create(
        wave=wave, number=ALMA, unit_id=ALMA, name="Alma", numbers=[ALMA, CARO], state="made", message=message,
        paper=paper, said={"letter": {"blocks": [{"kind": "paragraph", "text": text}]}}, made_at=written,
    )  # fmt: skip
    return message


def test_a_letter_to_another_is_kept_as_it_left_and_the_preview_says_so(known: Any) -> None:
    message = sent_letter(known.office, NOW - timedelta(30))
    lines = {line.name: line for line in preview_of(known.caro, NOW.date()).lines}
    kept = lines["AlsoFor"]
    assert (kept.fate, kept.rows, kept.law, kept.until) == ("kept", 1, "letter", date(2032, 12, 31))
    made = erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    assert [line["name"] for line in made.kept] == ["AlsoFor", "Objection"]
    message.refresh_from_db()
    letter = WaveLetter.objects.get()
    assert (message.also, letter.numbers) == ([made.alias], [ALMA, made.alias])
    assert (CANARIES[0] in message.text, CANARIES[0] in str(letter.said)) == (True, True)
    # nowhere else, and found by no question about the customer
    Message.objects.update(text="")
    WaveLetter.objects.update(said=None)
    assert [canary for canary in CANARIES if canary.casefold() in everything().casefold()] == []


def test_what_no_law_keeps_any_more_loses_the_name_and_the_paper_that_says_it(
    known: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    paper = keep_paper(b"%PDF an Alma, auch fuer Kanarienvogel")
    message = sent_letter(known.office, NOW.replace(year=2019), paper)
    assert {line.name: line.fate for line in preview_of(known.caro, NOW.date()).lines}["AlsoFor"] == "anonymised"
    with django_capture_on_commit_callbacks(execute=True):
        erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    message.refresh_from_db()
    assert (message.text, message.attachment) == ("Dieser Brief gilt auch für Gelöschter Kunde.", "")
    assert not stored(paper).exists()
    assert [canary for canary in CANARIES if canary.casefold() in everything().casefold()] == []
    (backups_folder() / JOURNAL).unlink()


def test_an_erased_customer_is_in_no_wave_and_no_letter_names_them(known: Any) -> None:
    made = erase(customer=Customer.objects.get(number=BELA), reason="Verlangen", by=known.owner, now=NOW)
    listed = people(known.owner, "welcome", PolicyVersion.objects.get(), NOW.date())
    assert {made.alias, BELA} & {item.number for item in listed} == set()
    chosen = choose("welcome", listed, "post")
    assert {item.number for item in listed} == {
        number for item in (*chosen.letters, *chosen.left_out) for number in item.numbers
    }


def test_a_click_in_an_old_mail_brings_nothing_back_and_still_ends_advertising(known: Any) -> None:
    Objection.objects.all().delete()
    grant(
        number=CARO, channel="email", purpose="advertising", granted_at=NOW - timedelta(9), wording="Ja",
        source="Formular", by=known.owner, now=NOW,
    )  # fmt: skip
    mail = write(
        channel="email", purpose="issue 1", address=CANARIES[1], subject="Rundbrief", text="Guten Tag",
        **to_alma_and_bela(known.office) | {"number": CARO, "unit_id": CARO, "name": CANARIES[0], "also": []}
        | {"kind": "newsletter", "gate": "advertising", "policy": None, "now": NOW},
    )  # fmt: skip
    assert mail is not None
    Message.objects.update(state="handed_over", handed_over_at=NOW, handed_on=NOW.date())
    mail.refresh_from_db()
    click, other = (f"/u/{UNSUBSCRIBE.sign_object([CARO, pk])}/" for pk in (mail.pk, mail.pk + 1))
    erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    before = everything().count(CANARIES[1])
    assert Client().post(click).status_code == 200
    assert (Notice.objects.count(), everything().count(CANARIES[1])) == (0, before)
    assert [(item.number, item.channel) for item in Objection.objects.all()] == [(CARO, "email")]
    assert Message.objects.get().came_back == "unsubscribe"
    # the same where nothing of them is kept any more: not even their number is written down
    assert [item.withdrawn_at is None for item in OwnConsent.objects.all()] == [False]
    for model in (Message, Objection, OwnConsent):
        model._default_manager.all().delete()
    assert Client().post(other).status_code == 200
    assert (Notice.objects.count(), Objection.objects.count()) == (0, 0)


def test_an_accepted_package_is_kept_as_proof_and_other_wishes_go(known: Any) -> None:
    facts = {"number": CARO, "unit_id": CARO, "name": CANARIES[0], "source": "paper", "asked_at": NOW}
    for kind, state in (("package", "accepted"), ("package", "refused"), ("contact", "accepted"), ("why", "open")):
        Wish.objects.create(kind=kind, state=state, answered_at=None if state == "open" else NOW, **facts)
    made = erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    assert [(item.kind, item.state, item.name) for item in Wish.objects.all()] == [("package", "accepted", CANARIES[0])]
    assert {"name": "Wish", "rows": 1, "law": "contract", "until": "2029-12-31"} in made.kept


def test_no_alias_is_given_twice_even_where_a_row_is_gone(known: Any) -> None:
    first, second = (
        erase(customer=Customer.objects.get(number=number), reason="Verlangen", by=known.owner, now=NOW)
        for number in (CARO, EMIL)
    )
    first.delete()
    third = erase(customer=Customer.objects.get(number=BELA), reason="Verlangen", by=known.owner, now=NOW)
    assert (second.alias, third.alias) == ("erased-2", "erased-3")


def to_alma_and_bela(office: SimpleNamespace) -> dict[str, Any]:
    version = PolicyVersion.objects.first()
    return {
        "number": ALMA, "unit_id": ALMA, "name": "Alma", "also": [BELA], "kind": "welcome", "gate": "service",
        "policy": version, "class_key": "A", "by": office.owner, "now": timezone.now(),
    }  # fmt: skip


def test_the_reason_that_is_kept_names_nobody(known: Any) -> None:
    made = erase(
        customer=known.caro, reason=f"Kanarienvogel ({CARO}) bat am 2. November darum", by=known.owner, now=NOW
    )
    assert Erased.objects.get().reason == f"Gelöschter Kunde ({made.alias}) bat am 2. November darum"


def test_an_objection_outlives_the_customer(known: Any) -> None:
    erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    assert [item.number for item in Objection.objects.all()] == [CARO]


def test_whoever_is_served_or_waits_for_an_answer_is_not_erased(known: Any) -> None:
    book = Book.objects.get(published=True)
    Contract.objects.create(book=book, customer_id=EMIL, contract_id="V1")
    emil = Customer.objects.get(number=EMIL)
    ask(known.office, emil)
    with pytest.raises(Refused) as refused:
        erase(customer=emil, reason="Verlangen", by=known.owner, now=NOW)
    assert [item.reason.code for item in refused.value.findings] == ["erasing_contracts_run", "erasing_requests_open"]
    assert Customer.objects.filter(number=EMIL).count() == 1


def test_requests_stay_as_promises_kept_without_what_was_asked(known: Any) -> None:
    asked = ask(known.office, known.caro)
    drop(request=asked, version=asked.version, text="Kanarienvogel", by=known.owner, now=timezone.now())
    made = erase(customer=known.caro, reason="Verlangen", by=known.owner, now=timezone.now())
    left = Request.objects.get()
    assert (left.number, left.unit_id, left.text, left.phone, left.state) == (made.alias, made.alias, "", "", "dropped")
    assert {item.text for item in Event.objects.all()} == {""}


def test_a_household_keeps_its_other_members(known: Any) -> None:
    bela = Customer.objects.get(number=BELA)
    made = erase(customer=bela, reason="Verlangen", by=known.owner, now=NOW)
    assert list(Customer.objects.filter(unit_id=ALMA).order_by("number").values_list("number", flat=True)) == [
        ALMA, made.alias,
    ]  # fmt: skip


def test_the_page_asks_for_the_number_once_more(known: Any, as_role: SignIn) -> None:
    client, address = as_role("owner"), f"/customers/{CARO}/privacy/erase/"
    assert client.post(address, {"reason": "Verlangen", "again": "0815"}).status_code == 422
    assert Erased.objects.count() == 0
    answer = client.post(address, {"reason": "Verlangen", "again": CARO}, follow=True)
    assert answer.content.decode().count("Gelöscht. Die Zahlen stehen nun unter erased-1.") == 1


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_does_not_bring_anybody_back(known: Any) -> None:
    made = erase(customer=known.caro, reason="Verlangen", by=known.owner, now=NOW)
    journal = (backups_folder() / JOURNAL).read_text("utf-8")
    assert json.loads(journal) == {
        "digest": digest_of(CARO),
        "alias": made.alias,
        "on": "2026-11-02",
        "reason": "Verlangen",
    }
    assert CARO not in journal
    Erased.objects.all().delete()
    Customer.objects.filter(number=made.alias).update(number=CARO, name=CANARIES[0])
    assert replay(now=NOW) == 1
    assert replay(now=NOW) == 0
    assert Customer.objects.filter(number=made.alias, name="Gelöschter Kunde").count() == 1
    (backups_folder() / JOURNAL).unlink()


@cache
def book_of_four() -> tuple[dict[str, Any], Plan]:
    """A book in which each of the four has something of their own, and its plan."""
    book = tables(
        customers=[person(key) for key in (ALMA, BELA, CARO, EMIL)],
        yields=[*full_year(), booked(ALMA, 900), booked(BELA, 120), booked(CARO, 40), booked(EMIL, 300)],
        work=[call(CARO, on=date(2026, month, 4)) for month in range(1, 11)],
        referrals=[{"referrer_id": ALMA, "referred_id": EMIL, "won": True}],
        choices=[{"customer_id": CARO, "state": "declined", "class_key": "A", "evidence": "Brief"}],
    )
    return book, make_plan(book, changed(), as_of=TODAY)


@pytest.mark.parametrize(
    "gone", [gone for some in range(1, 5) for gone in combinations((ALMA, BELA, CARO, EMIL), some)]
)
def test_a_plan_without_the_erased_is_the_same_but_for_names(gone: tuple[str, ...]) -> None:
    book, before = book_of_four()
    alias = {number: f"z-{number}" for number in gone}
    after = make_plan(anonymised(book, alias.get, "Niemand"), changed(), as_of=TODAY)

    def figures(plan: Any, known: dict[str, str]) -> list[tuple[Any, ...]]:
        rows = engine.rows(plan.units)
        return sorted(
            (known.get(row["unit_id"], row["unit_id"]), row["class_key"], row["contribution_cents"]) for row in rows
        )

    assert figures(after, {}) == figures(before, alias)
    names = {
        row["name"]
        for row in engine.rows(anonymised(book, alias.get, "Niemand")["customers"])
        if row["customer_id"] in alias.values()
    }
    assert names == {"Niemand"}

"""Erasing a customer: nobody finds them any more, every sum stays as it was, and what a law keeps is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.people import ALMA, BELA, CARO, EMIL, TODAY, booked, call, changed, full_year, person, tables
from zusage import engine
from zusage.ground.reasons import Refused
from zusage.plan import make_plan
from zusage.web.book.models import Address, Book, Contract, Erased, Phone, Work
from zusage.web.book.queries import digest_of, stored
from zusage.web.bridge.erased import anonymised
from zusage.web.charter.actions import keep_paper
from zusage.web.charter.letters.models import LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.outbox.actions import hand_over_post, take_back, write
from zusage.web.charter.outbox.models import Message
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


@given(gone=st.sets(st.sampled_from([ALMA, BELA, CARO, EMIL]), min_size=1))
def test_a_plan_without_the_erased_is_the_same_but_for_names(gone: set[str]) -> None:
    book = tables(
        customers=[person(key) for key in (ALMA, BELA, CARO, EMIL)],
        yields=[*full_year(), booked(ALMA, 900), booked(BELA, 120), booked(CARO, 40), booked(EMIL, 300)],
        work=[call(CARO, on=date(2026, month, 4)) for month in range(1, 11)],
        referrals=[{"referrer_id": ALMA, "referred_id": EMIL, "won": True}],
        choices=[{"customer_id": CARO, "state": "declined", "class_key": "A", "evidence": "Brief"}],
    )
    alias = {number: f"z-{number}" for number in gone}
    before = make_plan(book, changed(), as_of=TODAY)
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

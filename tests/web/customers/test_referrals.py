"""Recommendations in the office: noted, thanked, become customers, refused where they cannot count."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, DORO, EMIL, NAMES, tables
from zusage import engine
from zusage.web.book.models import Book, Referral
from zusage.web.bridge.claims import with_own_referrals
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.models import Customer
from zusage.web.customers.referrals.actions import change_referral, record_ask, record_referral
from zusage.web.customers.referrals.models import OwnReferral, ReferralAsk
from zusage.web.customers.referrals.queries import by_class, own_referrals, to_ask, tree_of, won_customers

SignIn = Callable[[str], Client]
TODAY = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages speak of the last twelve months."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 2, 9, 0, tzinfo=UTC))


def text(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).content.decode().replace("\xa0", " "))


def customer(number: str) -> Customer:
    return Customer.objects.get(run__published=True, number=number)


def named(office: SimpleNamespace, by: str, prospect: str = "Nora Neu", on: date = TODAY) -> OwnReferral:
    return record_referral(
        customer=customer(by), prospect=prospect, contact="", named_on=on, by=office.owner, now=timezone.now()
    )


def became(office: SimpleNamespace, by: str, other: str) -> OwnReferral:
    found = named(office, by)
    assert change_referral(referral=found, version=1, state="won", other=customer(other), outcome="", reward_cents=0)
    return OwnReferral.objects.get(pk=found.pk)


def from_files(by: str, other: str) -> None:
    book = Book.objects.get(published=True)
    Referral.objects.create(book=book, customer_id=by, referred_id=other, won=True, source="Empfehlungen.csv", line=2)


def test_a_name_is_noted_thanked_and_becomes_a_customer(as_role: SignIn, office: SimpleNamespace) -> None:
    client = as_role("assistant")
    client.post(f"/customers/{ALMA}/referrals/new/", {"prospect": "Nora Neu", "named_on": "2026-11-01"})
    found = OwnReferral.objects.get()
    assert (found.number, found.prospect, found.state, found.by) == (ALMA, "Nora Neu", "named", office.assistant)
    client.post(f"/customers/referrals/{found.pk}/thanks/")
    client.post(f"/customers/referrals/{found.pk}/", {"version": 1, "state": "won", "other": EMIL})
    found.refresh_from_db()
    assert (found.state, found.other, found.thanked_on) == ("won", EMIL, timezone.localdate())
    assert list(own_referrals()) == [
        {"referrer_id": ALMA, "referred_id": EMIL, "referred_on": date(2026, 11, 1), "won": True}
    ]


def test_the_log_says_who_changed_a_referral_and_not_who_was_named(as_role: SignIn, office: SimpleNamespace) -> None:
    client, found = as_role("assistant"), named(office, ALMA)
    sent = {"version": 1, "state": "talking", "other": "", "outcome": "Ruft Nora Neu im Januar an"}
    client.post(f"/customers/referrals/{found.pk}/", sent)
    assert client.post(f"/customers/referrals/{found.pk}/", sent).status_code == 409
    client.post(f"/customers/referrals/{found.pk}/", sent | {"version": 2, "outcome": "Nora Neu ruft selbst an"})
    client.post(f"/customers/referrals/{found.pk}/thanks/")
    log = LogEntry.objects.filter(content_type__model="ownreferral", action=LogEntry.Action.UPDATE).order_by("pk")
    assert {item.actor for item in log} == {office.assistant}
    assert [item.changes for item in log] == [
        {"state": ["named", "talking"], "version": ["1", "2"]},
        {"version": ["2", "3"]},
        {"thanked_on": ["None", timezone.localdate().isoformat()]},
    ]
    assert "Nora" not in "".join(f"{item.object_repr} {item.changes}" for item in LogEntry.objects.all())
    page = text(as_role("owner"), "/office/changes/?kind=ownreferral")
    assert ("Genannt" in page or "genannt" in page, "Wievielte Fassung" in page) == (True, True)


@pytest.mark.parametrize(
    ("by", "other", "why"),
    [
        (ALMA, ALMA, "Niemand empfiehlt sich selbst."),
        (CARO, BELA, "Diesen Kunden hat schon jemand anderes empfohlen"),
        (EMIL, ALMA, "Der Empfehlende ist selbst durch diesen Kunden gekommen"),
    ],
)
def test_what_cannot_count_is_refused_with_what_was_typed_still_there(
    as_role: SignIn, office: SimpleNamespace, by: str, other: str, why: str
) -> None:
    from_files(ALMA, BELA)
    became(office, BELA, EMIL)
    found = named(office, by)
    sent = {"version": 1, "state": "won", "other": other, "outcome": "Haftpflicht"}
    answer = as_role("owner").post(f"/customers/referrals/{found.pk}/", sent)
    assert answer.status_code == 422
    assert answer.content.decode().count(why) == 1
    assert answer.content.decode().count('value="Haftpflicht"') == 1
    found.refresh_from_db()
    assert found.state == "named"


def test_two_who_change_the_same_see_each_other(as_role: SignIn, office: SimpleNamespace) -> None:
    found = named(office, ALMA)
    change_referral(referral=found, version=1, state="talking", other=None, outcome="ruft an", reward_cents=0)
    sent = {"version": "1", "state": "lost", "outcome": "kein Bedarf"}
    client = as_role("owner")
    answer = client.post(f"/customers/referrals/{found.pk}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count("im Gespräch ruft an") == 1
    assert page.count('value="kein Bedarf"') == 1
    [version] = re.findall(r'name="version" value="(\d)"', page)
    client.post(f"/customers/referrals/{found.pk}/", sent | {"version": version})
    found.refresh_from_db()
    assert (found.state, found.outcome) == ("lost", "kein Bedarf")


def test_whoever_the_files_and_the_office_know_counts_once(office: SimpleNamespace) -> None:
    book = tables(referrals=[{"referrer_id": ALMA, "referred_id": EMIL, "referred_on": TODAY, "won": True}])
    became(office, ALMA, EMIL)
    became(office, CARO, DORO)
    rows = engine.rows(with_own_referrals(book, own_referrals())["referrals"])
    assert [(row["referrer_id"], row["referred_id"]) for row in rows] == [(ALMA, EMIL), (CARO, DORO)]


def test_the_page_says_who_recommends_whom(as_role: SignIn, office: SimpleNamespace) -> None:
    from_files(ALMA, EMIL)
    became(office, EMIL, CARO)
    assert by_class(office.owner, office.policy, won_customers(office.owner)) == (
        ["B", "C"],
        [("A", [1, 0]), ("B", [0, 1])],
    )
    [tree] = tree_of(office.owner, won_customers(office.owner), 20)
    assert (tree.customer.number, tree.led[0].customer.number, tree.led[0].led[0].customer.number) == (ALMA, EMIL, CARO)
    page = text(as_role("owner"), "/customers/referrals/")
    assert page.count("Auf Empfehlung kamen in zwölf Monaten: 1 Kunde. Seit Beginn der Aufzeichnung: 2.") == 1


def test_customers_of_the_best_class_are_asked_once_a_year_and_once_per_household(office: SimpleNamespace) -> None:
    def asking() -> list[str]:
        return [item.number for item in to_ask(office.owner, office.policy, TODAY)]

    assert asking() == [BELA, ALMA]
    long_ago, now = TODAY - timedelta(400), timezone.now()
    record_ask(customer=customer(BELA), answer="later", asked_on=long_ago, by=office.owner, now=now)
    assert asking() == [BELA, ALMA]
    record_ask(customer=customer(BELA), answer="no", asked_on=TODAY, by=office.owner, now=now)
    assert asking() == []


def test_an_adviser_who_sees_only_their_own_sees_only_their_referrals(as_role: SignIn, office: SimpleNamespace) -> None:
    office.firm.advisers_see_own_only = True
    office.firm.save()
    office.adviser.adviser = "Bernd"
    office.adviser.save()
    Customer.objects.filter(number=CARO).update(adviser="Bernd")
    Customer.objects.filter(number=ALMA).update(adviser="Petra")
    own, strange = named(office, CARO), named(office, ALMA, "Otto Ohne")
    client = as_role("adviser")
    assert client.get(f"/customers/referrals/{own.pk}/").status_code == 200
    assert client.get(f"/customers/referrals/{strange.pk}/").status_code == 404
    assert text(client, "/customers/referrals/").count("Otto Ohne") == 0


def test_who_recommended_stands_there_by_name(as_role: SignIn, office: SimpleNamespace) -> None:
    named(office, ALMA)
    page = re.sub("<[^>]+>", "", text(as_role("assistant"), "/customers/referrals/"))
    assert f"{NAMES[ALMA]} hat am 02.11.2026 Nora Neu empfohlen" in page
    assert f"Nora Neu · genannt · von {NAMES[ALMA]}, 02.11.2026" in page


def test_today_reminds_of_thanks(as_role: SignIn, office: SimpleNamespace) -> None:
    named(office, ALMA)
    assert text(as_role("assistant"), "/").count("Für Empfehlungen noch zu danken: 1.") == 1


def test_today_names_those_of_this_weeks_talks_whom_nobody_asked_this_year(
    as_role: SignIn, office: SimpleNamespace
) -> None:
    facts = {"name": "x", "service": "annual_check", "class_key": "A", "role": "owner", "seconds": 7200}
    today = timezone.localdate()
    said = "Diese Woche im Gespräch und in diesem Jahr noch nicht um eine Empfehlung gebeten: "
    for number, via in ((ALMA, "letter"), (CARO, "")):  # by letter nobody is asked; and Caro is not of the best class
        Touchpoint.objects.create(unit_id=number, number=number, due_on=today, via=via, **facts)
    assert said not in text(as_role("assistant"), "/")
    Touchpoint.objects.filter(unit_id=ALMA).update(via="phone")
    assert said + NAMES[ALMA] in re.sub("<[^>]+>", "", text(as_role("assistant"), "/"))
    record_ask(customer=customer(BELA), answer="no", asked_on=today, by=office.owner, now=timezone.now())
    assert said not in text(as_role("assistant"), "/")


def test_a_gift_brings_the_limits_of_the_law_onto_the_page(as_role: SignIn, office: SimpleNamespace) -> None:
    found = named(office, ALMA)
    client = as_role("owner")
    assert text(client, f"/customers/{ALMA}/referrals/").count("rechtliche Grenzen") == 0
    client.post(f"/customers/referrals/{found.pk}/", {"version": 1, "state": "talking", "reward": "12,50"})
    assert OwnReferral.objects.get().reward_cents == 1250
    page = text(client, f"/customers/{ALMA}/referrals/")
    assert page.count("rechtliche Grenzen") == 1
    assert page.count("Dankeschön im Wert von 12,50 €") == 1


def test_a_day_to_come_is_refused(as_role: SignIn, office: SimpleNamespace) -> None:
    ahead = (timezone.localdate() + timedelta(1)).isoformat()
    answer = as_role("owner").post(f"/customers/{ALMA}/referrals/asked/", {"answer": "no", "asked_on": ahead})
    assert answer.status_code == 422
    assert answer.content.decode().count("Dieser Tag liegt in der Zukunft.") == 1
    assert not ReferralAsk.objects.exists()

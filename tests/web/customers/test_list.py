"""The list of customers: everyone finds whom they may see, by name, class, money and promise."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, DORO, EMIL, NAMES
from zusage.web.customers.consent.actions import lift, lock, object_to
from zusage.web.customers.models import Customer, SavedView
from zusage.web.desk.models import Request

SignIn = Callable[[str], Client]


def shown(client: Client, query: str = "") -> list[str]:
    """The numbers of the customers on the page, in order."""
    return re.findall(r'href="/customers/(\d+)/"', client.get(f"/customers/?{query}").content.decode())


def line(client: Client, query: str = "") -> str:
    """The first line of the page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", client.get(f"/customers/?{query}").content.decode(), re.DOTALL)
    assert found
    return found[1].replace("\xa0", " ")


def test_everyone_stands_in_the_list_by_name(as_role: SignIn) -> None:
    assert shown(as_role("owner")) == [BELA, EMIL, DORO, ALMA, CARO]


def test_the_first_line_says_how_many_and_what_they_bring(as_role: SignIn) -> None:
    assert line(as_role("owner")) == "5 Kunden in 4 Haushalten bringen 1.360 € im Jahr."


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=probe", "1 Kunde (von 5) in einem Haushalt bringt 40 € im Jahr."),
        ("class_key=A", "2 Kunden (von 5) in einem Haushalt bringen 1.020 € im Jahr."),
        ("q=nobody", "Niemand entspricht dieser Auswahl."),
        ("sort=yield", "5 Kunden in 4 Haushalten bringen 1.360 € im Jahr."),
    ],
)
def test_the_first_line_follows_the_filters(as_role: SignIn, query: str, said: str) -> None:
    assert line(as_role("owner"), query) == said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=m%C3%BCster", [EMIL, ALMA]),
        ("q=muster", [EMIL, ALMA]),
        ("class_key=C", [DORO, CARO]),
        ("negative=on", [DORO, CARO]),
        ("least=100", [BELA, EMIL, ALMA]),
        ("sort=yield", [ALMA, EMIL, BELA, CARO, DORO]),
        ("sort=most", [ALMA, EMIL, BELA, DORO, CARO]),
        ("sort=least", [CARO, DORO, BELA, EMIL, ALMA]),
        ("sort=since", [BELA, ALMA, CARO, EMIL, DORO]),
        ("adviser=nobody&class_key=Z&sort=what&least=x&page=99", [BELA, EMIL, DORO, ALMA, CARO]),
    ],
)
def test_filters_and_orders(as_role: SignIn, query: str, found: list[str]) -> None:
    assert shown(as_role("owner"), query) == found


def test_what_is_proposed_otherwise_undecided_or_looked_after_by_somebody(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    Customer.objects.filter(number=CARO).update(proposed_key="B")
    Customer.objects.filter(number=EMIL).update(undecided=True)
    Customer.objects.filter(number=ALMA).update(adviser="Ute")
    client = as_role("owner")
    assert shown(client, "differs=on") == [CARO]
    assert shown(client, "undecided=on") == [EMIL]
    assert shown(client, "adviser=Ute") == [ALMA]


def test_former_customers_stand_aside_until_asked_for(office: SimpleNamespace, as_role: SignIn) -> None:
    Customer.objects.filter(number=CARO).update(former=True)
    client = as_role("owner")
    assert shown(client) == [BELA, EMIL, DORO, ALMA]
    assert shown(client, "former=on") == [BELA, EMIL, DORO, ALMA, CARO]


@pytest.fixture
def promised(office: SimpleNamespace) -> None:
    """Alma's call back is broken, Caro's gets tight, Emil's is due, Béla is waited for."""
    now = timezone.now()
    for number, hours, state in ((ALMA, -1, "open"), (CARO, 1, "open"), (EMIL, 30, "open"), (BELA, 9, "waiting")):
        Request.objects.create(
            number=number, unit_id=number, name=NAMES[number], asked_at=now - timedelta(hours=5), what="callback",
            class_key="A", policy_hash=office.policy.hash, answer={}, state=state,
            due_at=now + timedelta(hours=hours), tight_at=now + timedelta(hours=hours - 2),
        )  # fmt: skip


@pytest.mark.usefixtures("promised")
def test_customers_are_found_by_the_state_of_their_promises(as_role: SignIn) -> None:
    client = as_role("assistant")
    assert shown(client, "promise=broken") == [ALMA]
    assert shown(client, "promise=tight") == [CARO]
    assert shown(client, "promise=open") == [BELA, EMIL, ALMA, CARO]
    states = re.findall(r'class="state (\w+)"', client.get("/customers/").content.decode())
    assert states == ["paused", "due", "broken", "tight"]


def test_households_are_marked(as_role: SignIn) -> None:
    page = as_role("owner").get("/customers/").content.decode()
    assert page.count("Haushalt mit 2 Kunden") == 2


@pytest.mark.parametrize("role", ["owner", "adviser", "auditor"])
def test_deciders_and_auditors_see_money(as_role: SignIn, role: str) -> None:
    assert as_role(role).get("/customers/").content.decode().count("€") > 5


def test_assistants_see_no_money_in_any_form(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    page = client.get("/customers/?negative=on&least=100&sort=most").content.decode()
    assert [word for word in ("€", "Ertrag", "Deckungsbeitrag", "1.360", "900") if word in page] == []
    assert shown(client, "negative=on&least=100&sort=most") == [BELA, EMIL, DORO, ALMA, CARO]
    office.firm.assistants_see_money = True
    office.firm.save()
    assert line(client) == "5 Kunden in 4 Haushalten bringen 1.360 € im Jahr."


def test_advisers_see_their_own_where_the_firm_says_so(office: SimpleNamespace, as_role: SignIn) -> None:
    office.firm.advisers_see_own_only = True
    office.firm.save()
    Customer.objects.filter(number=ALMA).update(adviser="Ute")
    Customer.objects.filter(number=CARO).update(adviser="Ingo")
    office.adviser.adviser = "Ute"
    office.adviser.save()
    assert shown(as_role("adviser")) == [BELA, EMIL, DORO, ALMA]
    assert as_role("adviser").get(f"/customers/{CARO}/").status_code == 404
    assert shown(as_role("owner")) == [BELA, EMIL, DORO, ALMA, CARO]


def questions(client: Client, address: str, **more: str) -> int:
    """How often a page asks the database."""
    with CaptureQueriesContext(connection) as asked:
        client.get(address, headers=more)
    return len(asked)


@pytest.mark.parametrize(("headers", "most"), [({}, 13), ({"HX-Request": "true"}, 10)])
def test_the_list_asks_the_same_number_of_questions_for_one_and_three(
    office: SimpleNamespace, as_role: SignIn, headers: dict[str, str], most: int
) -> None:
    Customer.objects.exclude(number__in=[ALMA, CARO, EMIL]).delete()
    client = as_role("owner")
    client.get("/customers/")  # the first page of a session makes its token
    three = questions(client, "/customers/?q=m", **headers)
    Customer.objects.exclude(number=ALMA).delete()
    assert questions(client, "/customers/?q=m", **headers) == three <= most


def test_typing_changes_only_what_was_found(as_role: SignIn) -> None:
    page = as_role("owner").get("/customers/?q=probe", headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<h1")
    assert "<html" not in page


def test_an_empty_book_says_what_to_do_first(office: SimpleNamespace, as_role: SignIn) -> None:
    office.run.delete()
    assert line(as_role("owner")) == "Noch steht niemand im Bestand."


def sheet(content: bytes) -> list[tuple[object, ...]]:
    """The rows of a workbook."""
    return list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True))


def test_the_list_goes_out_as_a_workbook_and_the_audit_log_knows(office: SimpleNamespace, as_role: SignIn) -> None:
    Customer.objects.filter(number=CARO).update(name="=HYPERLINK(0)")
    answer = as_role("adviser").get("/customers/export.xlsx?class_key=C")
    rows = sheet(answer.content)
    assert [row[:2] for row in rows[1:]] == [(DORO, NAMES[DORO]), (CARO, "=HYPERLINK(0)")]
    assert rows[0][-3:] == ("Ertrag im Jahr", "Betreuungskosten", "Deckungsbeitrag")
    assert rows[2][-3:] == (40, 210, -170)
    cell = openpyxl.load_workbook(BytesIO(answer.content)).active["B3"]
    assert cell.data_type == "s"  # a text, not a formula
    entry = LogEntry.objects.get(action=LogEntry.Action.ACCESS)
    assert (entry.actor, entry.additional_data) == (
        office.adviser,
        {"export": "customers", "rows": 2, "query": "class_key=C", "money": True},
    )


def test_a_mailing_made_of_the_list_sees_who_gets_none(office: SimpleNamespace, as_role: SignIn) -> None:
    now, facts = timezone.now(), {"by": office.owner, "now": timezone.now()}
    lock(number=CARO, why="deceased", text="", since=now.date(), **facts)
    lock(number=EMIL, why="moved", text="", since=now.date(), **facts)
    lift(number=EMIL, **facts)
    for number, channel in ((DORO, ""), (EMIL, "email")):
        object_to(number=number, channel=channel, purpose="advertising", said_on=now.date(), how="Anruf", **facts)
    rows = sheet(as_role("assistant").get("/customers/export.xlsx").content)
    assert rows[0][2] == "Nicht anschreiben"
    assert {row[0]: row[2] for row in rows[1:] if row[2]} == {CARO: "verstorben", DORO: "hat Werbung widersprochen"}


def test_assistants_take_no_money_with_them(as_role: SignIn) -> None:
    rows = sheet(as_role("assistant").get("/customers/export.xlsx").content)
    assert rows[0][-2:] == ("Kunde seit", "Verträge")
    assert len(rows) == 6


def test_a_view_is_kept_opened_and_deleted(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    client.post("/customers/views/", {"name": "Nur Klassik", "query": "class_key=A"})
    client.post("/customers/views/", {"name": "Nur Klassik", "query": "class_key=C"})
    view = SavedView.objects.get()
    assert (view.user, view.name, view.query) == (office.assistant, "Nur Klassik", "class_key=C")
    assert 'href="/customers/?class_key=C"' in client.get("/customers/").content.decode()
    assert "Nur Klassik" not in as_role("owner").get("/customers/").content.decode()
    assert as_role("owner").post(f"/customers/views/{view.pk}/delete/").status_code == 404
    client.post(f"/customers/views/{view.pk}/delete/")
    assert SavedView.objects.count() == 0


def test_a_view_needs_a_name_and_an_auditor_keeps_none(as_role: SignIn) -> None:
    as_role("owner").post("/customers/views/", {"name": "", "query": "q=x"})
    assert as_role("auditor").post("/customers/views/", {"name": "x", "query": ""}).status_code == 403
    assert SavedView.objects.count() == 0

"""The page of a customer's consents, its forms, and the sheet of proof."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, EMIL
from zusage.promises.consent import CONDITIONS
from zusage.web.book.models import Consent
from zusage.web.customers.consent.actions import Use, confirm, grant, note_uses, object_to
from zusage.web.customers.consent.models import Objection, OwnConsent
from zusage.web.customers.consent.queries import may_write
from zusage.web.speech import moment

SignIn = Callable[[str], Client]
PAGE = f"/customers/{ALMA}/consents/"


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace("\xa0", " ").strip()


def page(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def first_line(client: Client) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page(client), re.DOTALL)
    assert found
    return plain(found[1])


def table(html: str) -> list[list[str]]:
    """The cells of the first table of a page, row by row."""
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    assert body
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def send(client: Client, step: str, /, **values: Any) -> Any:
    return client.post(f"{PAGE}{step}/", {"on": timezone.localdate().isoformat()} | values)


def consent(**values: Any) -> dict[str, Any]:
    facts = {"what": "advertising phone", "wording": "Ja, rufen Sie an.", "source": "Gespräch", "ground": "consent"}
    return facts | values


def listed_phone(office: SimpleNamespace, **more: Any) -> Consent:
    facts = {"channel": "phone", "purpose": "advertising", "granted_on": timezone.localdate() - timedelta(30)}
    return Consent.objects.create(book=office.run.book, customer_id=ALMA, **(facts | more))


def test_the_page_says_what_is_allowed_on_which_way_and_why(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("owner")
    listed_phone(office, granted_on=date(2026, 3, 2))
    assert first_line(client) == "Muster, Alma darf Werbung bekommen: am Telefon und per Brief."
    letters = "erlaubt Briefe sind erlaubt, bis der Kunde widerspricht (Art. 21 Abs. 2 DSGVO)"
    contract = "erlaubt gehört zum Vertrag und ist keine Werbung"
    none = "nicht erlaubt , stattdessen ein Brief keine Einwilligung in Werbung per"
    assert table(page(client)) == [
        ["Telefon", "erlaubt Einwilligung vom 02.03.2026", contract],
        ["E-Mail", f"{none} E-Mail", contract],
        ["Nachricht", f"{none} Nachricht", contract],
        ["Post", letters, contract],
    ]


def test_a_consent_is_entered_with_its_proof_and_holds_at_once(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    assert send(client, "grant", **consent(clock="00:01", proof="Blatt 12")).status_code == 302
    found = OwnConsent.objects.get()
    assert (found.number, found.wording, found.source, found.proof, found.by) == (
        ALMA,
        "Ja, rufen Sie an.",
        "Gespräch",
        "Blatt 12",
        office.assistant,
    )
    assert timezone.localtime(found.granted_at).time() == time(0, 1)
    assert first_line(client) == "Muster, Alma darf Werbung bekommen: am Telefon und per Brief."


def test_what_is_missing_is_said_at_once_and_nothing_typed_is_lost(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("owner")
    answer = send(client, "grant", **consent(ground="existing_customer", conditions=CONDITIONS[:2], proof="Blatt 12"))
    html = answer.content.decode()
    assert (answer.status_code, OwnConsent.objects.count()) == (422, 0)
    assert "erlaubt § 7 Abs. 3 UWG Werbung an Bestandskunden nur per E-Mail" in html
    assert re.findall(r'value="(\w+)"[^>]*checked', html) == list(CONDITIONS[:2])
    assert 'value="Blatt 12"' in html
    right = consent(what="advertising email", ground="existing_customer", conditions=CONDITIONS)
    assert send(client, "grant", **right).status_code == 302
    assert may_write(ALMA, "email", "advertising", timezone.localdate()).ground == "existing_customer"


def test_a_withdrawal_is_offered_for_what_holds_and_holds_at_once(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("owner")
    assert "Widerruf eintragen" not in page(client)
    listed_phone(office)
    offered = re.findall(r'<option value="([^"]*)"', page(client).split("Widerruf eintragen")[1].split("</form>")[0])
    assert offered == ["advertising phone"]
    assert send(client, "withdraw", what="advertising phone", how="am Telefon gesagt").status_code == 302
    assert first_line(client) == "Muster, Alma darf Werbung bekommen: per Brief."
    assert send(client, "withdraw", what="advertising phone", how="noch einmal").status_code == 422


def test_an_objection_to_everything_holds_until_it_is_taken_back(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("owner")
    assert send(client, "object", what="advertising ", how="Brief").status_code == 302
    found = Objection.objects.get()
    assert (found.channel, found.purpose, found.how) == ("", "advertising", "Brief")
    assert first_line(client) == "Muster, Alma darf auf keinem Weg Werbung bekommen."
    assert send(client, "grant", **consent()).status_code == 422
    assert client.post(f"{PAGE}back/{found.pk}/", {"how": ""}).status_code == 302
    assert first_line(client) == "Muster, Alma darf auf keinem Weg Werbung bekommen."
    assert client.post(f"{PAGE}back/{found.pk}/", {"how": "Anruf"}).status_code == 302
    assert first_line(client) == "Muster, Alma darf Werbung bekommen: per Brief."
    assert client.post(f"/customers/{EMIL}/consents/back/{found.pk}/", {"how": "x"}).status_code == 404


def test_a_way_that_is_refused_for_contracts_shows_on_the_customers_page(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    client = as_role("owner")
    assert send(client, "object", what="service phone", how="Anruf").status_code == 302
    text = plain(page(client, f"/customers/{ALMA}/"))
    assert "Werbung erlaubt: per Brief Möchte nicht erreicht werden: am Telefon" in text


def test_the_auditor_reads_and_writes_nothing(office: SimpleNamespace, as_role: SignIn) -> None:
    object_to(number=ALMA, channel="", said_on=date(2026, 3, 2), how="Brief", by=None, now=timezone.now())
    html = page(as_role("auditor"))
    assert "Widerspruch eintragen" not in html
    assert "seit 02.03.2026, Brief" in html


def test_what_customers_said_is_shown_as_text(office: SimpleNamespace, as_role: SignIn) -> None:
    listed_phone(office, wording="<script>alert(1)</script>", proof="=1+1", source="<b>.csv", line=2)
    html = page(as_role("owner"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)" not in html


@pytest.mark.parametrize("role", ["assistant", "adviser"])
def test_where_advisers_see_only_their_own_consents_of_others_are_not_there(
    office: SimpleNamespace, as_role: SignIn, role: str
) -> None:
    office.firm.advisers_see_own_only = True
    office.firm.save()
    office.run.customer_set.filter(number=ALMA).update(adviser="jemand")
    client = as_role(role)
    assert client.get(PAGE).status_code == 404
    assert [send(client, what).status_code for what in ("grant", "withdraw", "object")] == [404] * 3


def test_the_page_asks_the_same_number_of_questions_for_one_and_three(office: SimpleNamespace, as_role: SignIn) -> None:
    client, counts = as_role("owner"), []
    page(client)
    for place in range(3):
        listed_phone(office)
        send(client, "grant", **consent())
        object_to(
            number=ALMA, channel="post", said_on=date(2026, 3, 9 - place), how="x", by=office.owner, now=timezone.now()
        )
        note_uses([Use(ALMA, "phone", "advertising", "Anruf")], on=timezone.localdate())
        with CaptureQueriesContext(connection) as asked:
            page(client)
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2] <= 23


# --- the sheet of proof


def sheets(answer: Any) -> list[list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(BytesIO(answer.content))
    return [[tuple(value(cell) for cell in row) for row in sheet.iter_rows(min_row=2)] for sheet in book.worksheets]


def value(cell: Any) -> Any:
    return cell.value.date() if isinstance(cell.value, datetime) else cell.value


def test_the_sheet_of_proof_has_every_consent_of_the_period_with_its_uses(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    client = as_role("owner")
    listed_phone(office, granted_on=date(2026, 3, 2), wording="=1+1", proof="Akte 3", source="liste.csv", line=4)
    listed_phone(office, granted_on=date(2025, 12, 31))
    listed_phone(office, granted_on=date(2026, 4, 1), channel="email", withdrawn_on=date(2026, 5, 1))
    note_uses([Use(ALMA, "phone", "advertising", "Anlass")], on=date(2026, 6, 1))
    note_uses([Use(ALMA, "email", "advertising", "Rundbrief")], on=date(2026, 4, 9))
    note_uses([Use(ALMA, "email", "advertising", "danach")], on=date(2026, 6, 9))
    answer = client.get("/customers/consent-lists/proof/?first=2026-01-01&last=2026-12-31")
    assert answer["Content-Disposition"] == 'attachment; filename="einwilligungen-2026-01-01-2026-12-31.xlsx"'
    consents, uses = sheets(answer)
    name, none = "Muster, Alma", None
    assert consents == [
        (
            *(ALMA, name, "E-Mail", "Werbung", "Einwilligung", "01.04.2026", none, none, none, none, none, none),
            *(date(2026, 5, 1), none, 1, date(2026, 4, 9)),
        ),
        (
            *(ALMA, name, "Telefon", "Werbung", "Einwilligung", "02.03.2026", "=1+1", "liste.csv:4", "Akte 3"),
            *(none, none, none, none, none, 1, date(2026, 6, 1)),
        ),
    ]
    assert [use[4:] for use in uses] == [(date(2026, 4, 9), "Rundbrief"), (date(2026, 6, 1), "Anlass")]
    logged = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).get()
    assert (logged.actor, logged.additional_data) == (
        office.owner,
        {"export": "consents", "rows": 2, "first": "2026-01-01", "last": "2026-12-31"},
    )


def test_a_period_that_ends_before_it_begins_is_refused(office: SimpleNamespace, as_role: SignIn) -> None:
    answer = as_role("owner").get("/customers/consent-lists/proof/?first=2026-02-01&last=2026-01-01")
    assert answer.status_code == 422
    assert "Der letzte Tag liegt vor dem ersten." in answer.content.decode()
    assert LogEntry.objects.filter(action=LogEntry.Action.ACCESS).count() == 0


def test_the_log_of_changes_says_in_words_what_was_given_and_objected_to(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    client = as_role("owner")
    send(client, "grant", **consent())
    send(client, "object", what="advertising ", how="Brief")
    text = plain(page(client, "/office/changes/"))
    assert [word in text for word in ("Einwilligung", "Widerspruch", "Telefon", "Werbung", "Owner")] == [True] * 5


def test_the_page_says_when_a_consent_was_confirmed(office: SimpleNamespace, as_role: SignIn) -> None:
    at = timezone.now()
    given = grant(
        number=ALMA, channel="email", purpose="advertising", wording="Ja", source="Seite", granted_at=at,
        ask_to_confirm=True, by=None, now=at,
    )  # fmt: skip
    assert "noch nicht bestätigt" in page(as_role("owner"))
    confirm(consent=given, now=at)
    said = page(as_role("owner"))
    assert ("noch nicht bestätigt" in said, f"bestätigt: {moment(at)}" in said) == (False, True)

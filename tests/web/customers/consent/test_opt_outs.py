"""Objections as a list: every mistake at once, nothing half done, and they hold at once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from zusage.ground.reasons import Refused
from zusage.web.book.models import Address
from zusage.web.customers.consent.models import Objection
from zusage.web.customers.consent.optouts.queries import MOST, opt_outs_of
from zusage.web.customers.consent.queries import may_write

SignIn = Callable[[str], Client]
LISTS = "/customers/consent-lists/"


@pytest.fixture(autouse=True)
def addresses(office: SimpleNamespace) -> None:
    """Two customers share an address, as couples do."""
    for number, email in ((ALMA, "Muster@example.org"), (BELA, "muster@example.org"), (EMIL, "emil@example.org")):
        Address.objects.create(book=office.run.book, customer_id=number, email=email)


def send(client: Client, content: str | bytes, name: str = "abmeldungen.csv", **more: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    facts = {"list": SimpleUploadedFile(name, data), "how": "Rundbrief November"}
    return client.post(f"{LISTS}objections/", facts | more, follow=True)


def noted() -> list[tuple[str, str, date]]:
    found = Objection.objects.order_by("number", "channel")
    return [(item.number, item.channel, item.said_on) for item in found]


def said(page: Any) -> list[str]:
    found = re.findall(r'<div class="notice" role="alert">(.*?)</div>', page.content.decode(), re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", html.unescape(found[0])) if found else []


def test_numbers_and_addresses_become_objections_that_hold_at_once(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    text = f"Kundennummer;E-Mail;Weg;Datum\n{CARO};;Post;02.11.2026\n;emil@example.org;;\n{EMIL};;alle;03.11.2026\n"
    page = send(client, text).content.decode()
    today = timezone.localdate()
    assert noted() == [(CARO, "post", date(2026, 11, 2)), (EMIL, "", date(2026, 11, 3)), (EMIL, "email", today)]
    assert "Neue Widersprüche: 3. Schon bekannt: 0. Ausgelassene Zeilen von Unbekannten: 0." in page
    assert [item.by for item in Objection.objects.all()] == [office.assistant] * 3
    assert not may_write(CARO, "post", "advertising", today).allowed


def test_an_address_of_several_customers_counts_for_each_of_them(office: SimpleNamespace, as_role: SignIn) -> None:
    send(as_role("owner"), "Email,Name\nMUSTER@example.org,Muster\n")
    assert [(number, channel) for number, channel, _ in noted()] == [(ALMA, "email"), (BELA, "email")]


def test_a_workbook_is_read_like_a_text(office: SimpleNamespace, as_role: SignIn) -> None:
    book, target = openpyxl.Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (("Kundennummer", "Kanal", "Abgemeldet am"), (CARO, "Telefon", date(2026, 11, 2))):
        sheet.append(row)
    book.save(target)
    send(as_role("owner"), target.getvalue(), "abmeldungen.xlsx")
    assert noted() == [(CARO, "phone", date(2026, 11, 2))]


def test_all_mistakes_are_said_at_once_and_nothing_is_taken_in(office: SimpleNamespace, as_role: SignIn) -> None:
    text = (
        "Kundennummer;E-Mail;Weg;Datum\n"
        f"{CARO};;Post;02.11.2026\n9999;;;\n;;Post;\n{EMIL};;Fax;gestern\n{ALMA};;;01.01.2999\n"
    )
    page = send(as_role("owner"), text)
    assert page.status_code == 422
    no_way = "„Fax“ ist kein bekannter Weg. Möglich sind Telefon, E-Mail, Nachricht, Post oder alle."
    assert [re.sub(r"^abmeldungen.csv, ", "", item) for item in said(page)] == [
        "Zeile 3: „9999“ ist keiner Ihrer Kunden. Berichtigen Sie die Zeile, oder lassen Sie Unbekannte aus.",
        "Zeile 4: Die Zeile nennt weder Kundennummer noch E-Mail-Adresse.",
        f"Zeile 5, Spalte „Weg“: {no_way}",
        "Zeile 5, Spalte „Datum“: „gestern“ ist kein Tag bis heute.",
        "Zeile 6, Spalte „Datum“: „01.01.2999“ ist kein Tag bis heute.",
    ]
    assert noted() == []


def test_strangers_are_left_out_and_counted_where_that_is_wanted(office: SimpleNamespace, as_role: SignIn) -> None:
    text = "E-Mail\nfremd@example.org\nemil@example.org\nnoch@example.org\n"
    page = send(as_role("owner"), text, leave_out="on").content.decode()
    assert "Neue Widersprüche: 1. Schon bekannt: 0. Ausgelassene Zeilen von Unbekannten: 2." in page
    page = send(as_role("owner"), text, leave_out="on").content.decode()
    assert "Neue Widersprüche: 0. Schon bekannt: 1." in page
    assert len(noted()) == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "leer.csv"),
        ("Kundennummer\n", "leer.csv"),
        (b"%PDF-1.7", "brief.csv"),
        ("Name;Ort\nMuster;Leipzig\n", "orte.csv"),
        ("Kundennummer;Grund\n0001;keine Lust\n", "grund.csv"),
        ("Kundennummer\n" + "0001\n" * (MOST + 1), "lang.csv"),
    ],
)
def test_what_is_no_such_list_is_refused_with_a_reason(
    office: SimpleNamespace, as_role: SignIn, content: str | bytes, name: str
) -> None:
    page = send(as_role("owner"), content, name)
    assert page.status_code == 422
    assert noted() == []


def test_customers_of_others_are_strangers_to_an_adviser(office: SimpleNamespace, tmp_path: Path) -> None:
    office.firm.advisers_see_own_only = True
    office.firm.save()
    office.run.customer_set.filter(number=EMIL).update(adviser="jemand")
    path = tmp_path / "liste.csv"
    path.write_text(f"Kundennummer;E-Mail\n{EMIL};\n;emil@example.org\n{CARO};\n")
    facts = {"today": timezone.localdate(), "leave_out": False}
    with pytest.raises(Refused) as refused:
        opt_outs_of(path, "liste.csv", user=office.adviser, **facts)
    assert [item.where.line for item in refused.value.findings] == [2, 3]
    assert len(opt_outs_of(path, "liste.csv", user=office.owner, **facts).said) == 3

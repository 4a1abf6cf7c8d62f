"""Real formats of the trade: call lists of a FRITZ!Box are read, DATEV and GDV are named and left unread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.journeys.real import real
from tests.web.book.conftest import CUSTOMERS, upload
from zusage.web.book.models import Import


def foreign(name: str) -> Any:
    path = real(f"german_exports/{name}")
    return upload(path.name, path.read_bytes())


def test_call_lists_of_a_fritzbox_are_read_whatever_their_columns(bring: Callable[..., Import]) -> None:
    lists = [foreign("fritzbox/anrufliste_7spalten_utf8.csv"), foreign("fritzbox/anrufliste_8spalten_latin1.csv")]
    found = bring(upload("kunden.csv", CUSTOMERS), *lists)
    assert found.state == "ready"
    assert list(found.files.values_list("kind", "recognised_as", "rejected")) == [
        ("calls", "fritzbox", 0),
        ("calls", "fritzbox", 0),
        ("customers", "headers", 0),
    ]


def test_datev_and_gdv_are_named_and_do_not_stand_in_the_way(bring: Callable[..., Import]) -> None:
    strangers = [foreign("datev/EXTF_Buchungsstapel.csv"), foreign("gdv/musterdatei_041222.txt")]
    found = bring(upload("kunden.csv", CUSTOMERS), *strangers)
    assert (found.state, [item["reason"]["code"] for item in found.findings]) == (
        "ready",
        ["imports_book_file_datev", "book_file_gdv"],
    )
    assert list(found.files.values_list("name", "kind")) == [
        ("EXTF_Buchungsstapel.csv", "unknown"),
        ("kunden.csv", "customers"),
        ("musterdatei_041222.txt", "unknown"),
    ]


def test_only_what_has_columns_is_offered_to_have_them_assigned(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = bring(foreign("datev/EXTF_Stammdaten.csv"), foreign("gdv/Bender_Leben.GDV"))
    pages = {
        file.name: as_role("owner").get(f"/imports/{found.pk}/files/{file.pk}/").content.decode()
        for file in found.files.all()
    }
    assert "EXTF_Stammdaten.csv kennt das Programm nicht. Was steht in den Spalten?" in pages["EXTF_Stammdaten.csv"]
    assert "Bender_Leben.GDV wurde nicht gelesen." in pages["Bender_Leben.GDV"]
    assert 'id="mapping"' not in pages["Bender_Leben.GDV"]

"""A mapping says what headers cannot tell, and a proposal for one can be used as it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from zusage import engine
from zusage.book import propose_mapping, read_book, write_mapping
from zusage.book.mapping import read_mapping
from zusage.ground.reasons import Refused

CUSTOMERS = "Kundennummer;Name\n1;Max Muster\n2;Petra Probe\n"


def rows(folder: Path, table: str, *columns: str) -> list[Any]:
    return [tuple(row[name] for name in columns) for row in engine.rows(read_book(folder).tables[table])]


def write(folder: Path, mapping: str, **files: str) -> Path:
    (folder / "mapping.yaml").write_text(mapping, "utf-8")
    for name, content in {"kunden": CUSTOMERS, **files}.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return folder


def test_a_mapping_wins_over_what_the_headers_say(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "files:\n  geld*.csv:\n    table: yields\n"
        "    columns: {Wer: customer_id, Wieviel: amount, Was: kind, Datum: null}\n"
        '    decimal: "."\n    kinds: {Quux: one_off}\n    on: 2026-12-31\n',
        geld="Wer;Datum;Was;Wieviel\n1;vorgestern;Quux;1.234\n",
    )
    found = rows(folder, "yields", "customer_id", "booked_on", "kind", "amount_cents")
    assert found == [("1", date(2026, 12, 31), "one_off", 123)]


def test_an_amount_can_be_the_product_of_two_columns(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "files:\n  shop.csv:\n    table: yields\n    amount: [Quantity, UnitPrice]\n    derive_customers: true\n",
        shop="CustomerID,Date,Quantity,UnitPrice\n17850.0,2010-12-01,6,2.555\n17850,2010-12-02,-1,2.55\n,2010-12-02,3,1.1\n",
        kunden="Kundennummer;Name\n1;Muster\n",
    )
    assert rows(folder, "yields", "customer_id", "amount_cents") == [("17850", 1533), ("17850", -255)]
    assert rows(folder, "unassigned", "reason", "amount_cents") == [("unknown_customer", 330)]
    assert rows(folder, "customers", "customer_id", "name", "source", "line") == [
        ("1", "Muster", "kunden.csv", 2),
        ("17850", None, "shop.csv", 2),
    ]


def test_columns_of_the_customer_list_can_be_figures_of_the_firm(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "files:\n  kunden.csv:\n    columns: {Beiträge: figure.premium}\n",
        kunden="Kundennummer;Name;Beiträge\n1;Muster;1.200,50\n2;Probe;\n",
    )
    assert rows(folder, "figures", "customer_id", "key", "value_milli") == [("1", "premium", 1_200_500)]


def test_the_log_the_unit_and_the_header_line_can_be_said(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "files:\n  zeiten.csv: {header: 3, unit: hours, log: times}\n",
        zeiten="Datum;Dauer\nalt;alt\nKundennummer;Datum;Dauer;Thema\n1;5.1.2026;1,5;Beratung\n",
    )
    assert rows(folder, "work", "log", "seconds", "topic") == [("times", 5400, "Beratung")]


def test_a_file_can_be_ignored(tmp_path: Path) -> None:
    folder = write(tmp_path, "files: {alt.csv: {ignore: true}}\n", alt="Kundennummer;Datum;Betrag\n1;1.1.2026;9,99\n")
    assert rows(folder, "yields", "amount_cents") == []


def test_the_first_pattern_that_matches_holds(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "files:\n  kunden-alt.csv: {ignore: true}\n  kunden*.csv: {table: customers}\n", "utf-8"
    )
    mappings = read_mapping(tmp_path / "m.yaml")
    assert [mappings.of(name).pattern for name in ("Kunden-Alt.csv", "neu/kunden.csv", "x.csv")] == [
        "kunden-alt.csv",
        "kunden*.csv",
        "*",
    ]


def test_a_mapping_beside_the_folder_is_used_when_it_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, "files: {}\n", geld="Wer;Datum;Betrag\n1;1.1.2026;1,00\n")
    named = tmp_path / "andere.yaml"
    named.write_text("files: {geld.csv: {table: yields, columns: {Wer: customer_id}}}\n", "utf-8")
    assert [total.kind for total in read_book(folder, mapping=named).files] == ["yields", "customers"]


def test_all_mistakes_of_a_mapping_come_with_their_lines(tmp_path: Path) -> None:
    text = "files:\n  a.csv:\n    tabel: customers\n    unit: Wochen\n    columns:\n      Alter: since\n      X: nmae\n"
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    with pytest.raises(Refused) as refused:
        read_mapping(tmp_path / "m.yaml")
    found = [(item.reason.code, item.where.line, item.reason.values.get("meant")) for item in refused.value.findings]
    assert found == [
        ("book_mapping_unknown_key", 3, "table"),
        ("book_mapping_value", 4, None),
        ("book_mapping_protected", 6, None),
        ("book_mapping_field", 7, "name"),
    ]


def test_a_proposal_can_be_read_as_a_mapping_and_makes_the_file_known(tmp_path: Path) -> None:
    folder = write(tmp_path, "files: {}\n", geld="Kundennr alt;Belegtag;Betrag brutto €;Anrede\n1;1.1.2026;7,50;Frau\n")
    proposal = propose_mapping([folder / "geld.csv"])
    assert [(column.header, column.field, column.confidence) for column in proposal[0].columns] == [
        ("Kundennr alt", "customer_id", "likely"),
        ("Belegtag", "booked_on", "guess"),
        ("Betrag brutto €", "amount", "sure"),
        ("Anrede", None, "protected"),
    ]
    write_mapping(proposal, folder / "mapping.yaml", "de")
    assert rows(folder, "yields", "customer_id", "booked_on", "amount_cents") == [("1", date(2026, 1, 1), 750)]


def test_a_proposal_shows_samples_and_how_sure_it_is(tmp_path: Path) -> None:
    folder = write(tmp_path, "files: {}\n")
    write_mapping(propose_mapping([folder / "kunden.csv"]), folder / "m.yaml", "en")
    assert (folder / "m.yaml").read_text("utf-8").splitlines()[-2:] == [
        "      Kundennummer: customer_id  # sure: 1 | 2",
        "      Name: name # sure: Max Muster | Petra Probe",
    ]


def test_a_proposal_for_an_unknown_table_asks_to_choose(tmp_path: Path) -> None:
    folder = write(tmp_path, "files: {}\n", wetter="Stadt;Regen\nMusterstadt;5\n")
    write_mapping(propose_mapping([folder / "wetter.csv"]), folder / "mapping.yaml")
    with pytest.raises(Refused) as refused:
        read_book(folder)
    assert [(finding.reason.code, finding.where.path) for finding in refused.value.findings] == [
        ("book_mapping_value", "wetter.csv: table")
    ]


def test_a_proposal_says_what_it_found_no_column_for_and_what_needs_none(tmp_path: Path) -> None:
    calls = "Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\n1;1.11.26 10:00;;0341 1;;;0:01\n"
    folder = write(tmp_path, "files: {}\n", shop="Kundennummer;Datum;Menge;Preis\n1;1.1.2026;2;35\n", box=calls)
    proposal = propose_mapping([folder / "shop.csv", folder / "box.csv"])
    write_mapping(proposal, folder / "m.yaml", "en")
    text = (folder / "m.yaml").read_text("utf-8")
    assert "    # A column is still missing for: amount. The amount may also be the product of two columns" in text
    assert text.endswith("  box.csv:\n    ignore: false  # is recognised without a mapping\n")
    write_mapping(propose_mapping([folder / "kunden.csv"]), folder / "whole.yaml", "en")
    assert "still missing" not in (folder / "whole.yaml").read_text("utf-8")

"""Files no program should choke on: each ends in a sentence that says what is wrong and how to mend it."""

from __future__ import annotations

import io
import os
import struct
import sys
import tomllib
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from zusage.book import read_book
from zusage.ground.reasons import Finding, Place, Refused
from zusage.ground.words import LANGUAGES, Language, say_finding

Files = dict[str, bytes]
CUSTOMERS = b"Kundennummer;Name;Telefon\r\n0042;Max Muster;0341 123456\r\n0043;Petra Probe;0171 2345678\r\n"
CASES: dict[str, Callable[[], Files]] = {}


def case(build: Callable[[], Files]) -> Callable[[], Files]:
    CASES[build.__name__] = build
    return build


def commission(*lines: str, header: str = "Kundennummer;Datum;Betrag", encoding: str = "utf-8") -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.csv": "\r\n".join([header, *lines, ""]).encode(encoding)}


def customers(text: str, encoding: str = "utf-8") -> Files:
    return {"kunden.csv": text.encode(encoding)}


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def mapped(text: str, **more: bytes) -> Files:
    return {
        "kunden.csv": CUSTOMERS,
        "mapping.yaml": text.encode(),
        **{k.replace("_csv", ".csv"): v for k, v in more.items()},
    }


# --- no table at all


@case
def empty_file() -> Files:
    return {"kunden.csv": b""}


@case
def only_blanks() -> Files:
    return {"kunden.csv": b"\r\n \r\n\t\r\n"}


@case
def only_a_header() -> Files:
    return {"kunden.csv": b"Kundennummer;Name\r\n", "courtage.csv": b"Kundennummer;Datum;Betrag\r\n1;1.1.2026;5,00\r\n"}


@case
def picture_named_csv() -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))}


@case
def pdf_named_csv() -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.csv": b"%PDF-1.7\n1 0 obj\n"}


@case
def pdf() -> Files:
    return {"kunden.csv": CUSTOMERS, "Abrechnung.pdf": b"%PDF-1.7\n"}


@case
def html_named_xls() -> Files:
    return {
        "kunden.csv": CUSTOMERS,
        "courtage.xls": b"<html><body><table><tr><td>Betrag</td></tr></table></body></html>",
    }


@case
def xml_spreadsheet() -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.xls": b'\xef\xbb\xbf<?xml version="1.0"?><Workbook></Workbook>'}


@case
def prose_named_csv() -> Files:
    return {"kunden.csv": CUSTOMERS, "notiz.txt": b"Bitte Frau Beispiel anrufen\r\nund Herrn Probe\r\n"}


@case
def unknown_table() -> Files:
    return {"kunden.csv": CUSTOMERS, "wetter.csv": b"Stadt;Regen;Wind\r\nMusterstadt;5;3\r\n"}


@case
def wrong_columns() -> Files:
    return {"kunden.csv": b"Nr;Bezeichner;Wohnort\r\n1;Muster;Probstadt\r\n"}


@case
def gdv_record() -> Files:
    return {"kunden.csv": CUSTOMERS, "bestand.gdv": b"00019999 Muster Versicherung".ljust(255) + b"1\r\n"}


@case
def datev_export() -> Files:
    return {
        "kunden.csv": CUSTOMERS,
        "EXTF_Buchungen.csv": b'"EXTF";700;21;"Buchungsstapel"\r\nUmsatz;Konto\r\n1,00;10000\r\n',
    }


# --- text


@case
def null_bytes() -> Files:
    return {"kunden.csv": CUSTOMERS.replace(b"Max", b"M\0ax")}


@case
def megabyte_cell() -> Files:
    return customers("Kundennummer;Name\r\n0042;" + "x" * 1_000_000 + "\r\n")


@case
def quote_never_closed() -> Files:
    return customers('Kundennummer;Name\r\n0042;Muster\r\n0043;"Probe\r\n0044;Beispiel\r\n')


@case
def quote_closed_too_late() -> Files:
    return customers('Kundennummer;Name\r\n0042;"Muster\r\n0043;"Probe"\r\n')


@case
def delimiter_in_text() -> Files:
    return customers("Kundennummer;Name;Telefon\r\n0042;Muster; Max;0341 123456\r\n0043;Petra Probe;0171 2345678\r\n")


@case
def wrong_encoding_in_mapping() -> Files:
    return mapped("files:\n  kunden.csv: {encoding: utf-8}\n") | {
        "kunden.csv": "Kundennummer;Name\n1;Müller\n".encode("cp1252")
    }


# --- money


@case
def mixed_decimals() -> Files:
    return commission("0042;1.1.2026;1.234,56", "0042;2.1.2026;17.50", "0042;3.1.2026;5")


@case
def undecidable_decimals() -> Files:
    return commission("0042;1.1.2026;1.234", "0042;2.1.2026;5.678")


@case
def money_that_is_none() -> Files:
    return commission(
        "0042;1.1.2026;NaN", "0042;2.1.2026;inf", "0042;3.1.2026;1e308", "0042;4.1.2026;", "0042;5.1.2026;7,50"
    )


@case
def money_beyond_all_bounds() -> Files:
    return commission("0042;1.1.2026;99999999999999999,00", "0042;5.1.2026;7,50")


@case
def two_amounts() -> Files:
    return commission("0042;1.1.2026;1,00;2,00", header="Kundennummer;Datum;Betrag;Provision")


@case
def amounts_without_days() -> Files:
    return commission("0042;7,50", "0043;2,50", header="Kundennummer;Betrag")


# --- days and times


@case
def years_out_of_range() -> Files:
    return commission(
        "0042;1.1.1899;1,00", "0042;1.1.9999;1,00", "0042;31.2.2026;1,00", "0042;gestern;1,00", "0042;1.1.1900;7,50"
    )


@case
def undecidable_dates() -> Files:
    return commission("0042;03/04/2026;1,00", "0042;05/06/2026;1,00")


@case
def mixed_dates() -> Files:
    return commission("0042;13/04/2026;1,00", "0042;05/26/2026;1,00")


@case
def duration_without_unit() -> Files:
    return {"kunden.csv": CUSTOMERS, "zeiten.csv": b"Kundennummer;Datum;Dauer\r\n0042;1.3.2026;90\r\n"}


@case
def durations_that_are_none() -> Files:
    lines = b"0042;1.3.2026;-5\r\n0042;1.3.2026;9999\r\n0042;1.3.2026;lang\r\n0042;1.3.2026;30\r\n"
    return {"kunden.csv": CUSTOMERS, "zeiten.csv": b"Kundennummer;Datum;Minuten\r\n" + lines}


@case
def end_before_start() -> Files:
    return {"kunden.csv": CUSTOMERS, "termine.csv": b"Kundennummer;Datum;Von;Bis\r\n0042;1.3.2026;10:00;9:30\r\n"}


# --- ids and numbers


@case
def duplicate_customers() -> Files:
    return customers("Kundennummer;Name\r\n1;Muster\r\n2;Probe\r\n1;Beispiel\r\n")


@case
def customers_without_id() -> Files:
    return customers("Kundennummer;Name\r\n1;Muster\r\n;Probe\r\n")


@case
def phone_in_scientific_notation() -> Files:
    return customers("Kundennummer;Name;Telefon\r\n1;Muster;4,91512E+12\r\n2;Probe;abc 1\r\n")


@case
def customer_number_in_scientific_notation() -> Files:
    return customers("Kundennummer;Name\r\n4,71100E+11;Muster\r\n2;Probe\r\n")


@case
def contracts_of_strangers() -> Files:
    return {
        "kunden.csv": CUSTOMERS,
        "vertraege.csv": b"Vertragsnummer;Kundennummer;Sparte\r\nA1;99;Leben\r\nA2;0042;Kfz\r\n",
    }


@case
def contract_of_two_customers() -> Files:
    return {
        "kunden.csv": CUSTOMERS,
        "vertraege.csv": b"Vertragsnummer;Kundennummer;Sparte\r\nA1;0042;Leben\r\nA1;0043;Leben\r\n",
    }


@case
def no_customer_list() -> Files:
    return {"courtage.csv": b"Kundennummer;Datum;Betrag\r\n1;1.1.2026;5,00\r\n"}


@case
def same_statement_in_two_formats() -> Files:
    rows = [
        ["Kundennummer", "Datum", "Betrag"],
        ["0042", date(2026, 1, 1), 7.5],
        ["0043", date(2026, 2, 1), 2.5],
    ]
    return commission("0042;1.1.2026;7,50", "0043;1.2.2026;2,50") | {"courtage.xlsx": workbook(*rows)}


@case
def gap_between_call_lists() -> Files:
    head = "Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\r\n"
    one, two = "1;01.03.26 10:00;;0341123456;;1;0:05\r\n", "1;01.04.26 10:00;;0341123456;;1;0:05\r\n"
    return {"kunden.csv": CUSTOMERS, "maerz.csv": (head + one).encode(), "april.csv": (head + two).encode()}


@case
def unknown_call_type() -> Files:
    head = "Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\r\n"
    return {"kunden.csv": CUSTOMERS, "anrufe.csv": (head + "7;01.03.26 10:00;;0341123456;;1;0:05\r\n").encode()}


# --- workbooks


@case
def damaged_workbook() -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": workbook(["Kundennummer", "Datum", "Betrag"])[:-200]}


@case
def workbook_with_broken_xml() -> Files:
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook"}
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": zipped(parts)}


@case
def zip_bomb() -> Files:
    sheet = b"0" * (60 << 20)
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet}
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": zipped(parts)}


@case
def zip_of_a_thousand_parts() -> Files:
    parts = {f"xl/part{number}.xml": b"" for number in range(2001)}
    return {
        "kunden.csv": CUSTOMERS,
        "courtage.xlsx": zipped(parts | {"[Content_Types].xml": b"", "xl/workbook.xml": b""}),
    }


@case
def archive_named_xlsx() -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": zipped({"courtage.csv": b"Kundennummer;Betrag\r\n"})}


@case
def opendocument() -> Files:
    parts = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
    return {"kunden.csv": CUSTOMERS, "courtage.ods": zipped(parts)}


@case
def old_excel() -> Files:
    return {"kunden.csv": CUSTOMERS, "courtage.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)}


@case
def workbook_with_password() -> Files:
    return {
        "kunden.csv": CUSTOMERS,
        "courtage.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    }


@case
def workbook_with_two_statements() -> Files:
    rows: list[list[Any]] = [["Kundennummer", "Datum", "Betrag"], ["0042", date(2026, 1, 1), 7.5]]
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": workbook(*rows, Februar=rows)}


def cell_in_the_last_corner() -> Files:
    book = openpyxl.Workbook()
    book.active["A1"] = "Kundennummer"
    book.active["XFD1048576"] = "Betrag"
    stream = io.BytesIO()
    book.save(stream)
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": stream.getvalue()}


if sys.platform == "linux":  # elsewhere only the time limit holds, and the test would wait for it
    case(cell_in_the_last_corner)


@case
def formula_without_result() -> Files:
    rows = [
        ["Kundennummer", "Datum", "Betrag"],
        ["0042", date(2026, 1, 1), "=1/0"],
        ["0042", date(2026, 1, 2), 1e308],
    ]
    return {"kunden.csv": CUSTOMERS, "courtage.xlsx": workbook(*rows, ["0042", date(2026, 1, 3), 7.5])}


# --- mapping.yaml


@case
def mapping_with_unknown_field() -> Files:
    return mapped(
        "files:\n  kunden.csv:\n    table: customers\n    columns:\n      Kundennummer: customer_id\n      Name: nmae\n"
    )


@case
def mapping_with_unknown_key_and_values() -> Files:
    return mapped(
        "files:\n  kunden.csv:\n    tabel: customers\n    decimal: Komma\n    header: null\n    on: gestern\n"
    )


@case
def mapping_with_entry_twice() -> Files:
    return mapped("files:\n  kunden.csv:\n    table: customers\n    table: yields\n")


@case
def mapping_that_is_no_yaml() -> Files:
    return mapped("files:\n  kunden.csv: {table: [customers\n")


@case
def mapping_without_files() -> Files:
    return mapped("- kunden.csv\n")


@case
def mapping_of_birth_dates() -> Files:
    return mapped("files:\n  kunden.csv:\n    columns: {Geburtsdatum: since}\n")


@case
def mapping_of_missing_column() -> Files:
    return mapped("files:\n  kunden.csv:\n    columns: {Kundenname: name}\n")


@case
def mapping_that_lacks_a_field() -> Files:
    return mapped(
        "files:\n  zahlungen.csv:\n    table: yields\n    columns: {Wert: amount}\n",
        zahlungen_csv=b"Wer;Wert\r\n1;2,00\r\n",
    )


@case
def mapping_of_one_field_twice() -> Files:
    return mapped("files:\n  kunden.csv:\n    columns: {Name: name, Telefon: name}\n")


@case
def mapping_of_no_column_at_all() -> Files:
    return mapped("files:\n  kunden.csv:\n    table: customers\n    columns: {Nr: customer_id}\n")


@case
def mapping_of_missing_sheet() -> Files:
    rows = [["Kundennummer", "Datum", "Betrag"], ["0042", date(2026, 1, 1), 7.5]]
    return mapped("files:\n  courtage.xlsx: {sheet: Tabelle1}\n") | {"courtage.xlsx": workbook(*rows)}


# --- Parquet


@case
def damaged_parquet() -> Files:
    return {"customers.parquet": b"PAR1" + struct.pack("<i", 5) + b"PAR1"}


def spoken(folder: Path, language: Language) -> list[str]:
    """Errors where there are any; else warnings and rejected lines."""
    try:
        book = read_book(folder)
    except Refused as refused:
        return [say_finding(finding, language) for finding in refused.findings if finding.severity == "error"]
    rejects = [Finding("warning", entry.reason, Place(entry.file, entry.line, entry.column)) for entry in book.rejects]
    warnings = [finding for finding in book.findings if finding.severity == "warning"]
    return [say_finding(finding, language) for finding in [*rejects, *warnings]]


EXPECTED = tomllib.loads((Path(__file__).parent / "expected.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_a_nasty_file_ends_in_its_sentence(name: str, language: Language, tmp_path: Path) -> None:
    for file, content in CASES[name]().items():
        (tmp_path / file).write_bytes(content)
    assert [line.replace(str(tmp_path), "FOLDER") for line in spoken(tmp_path, language)] == EXPECTED[name][language]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_book(tmp_path / "nowhere")
    assert [finding.reason.code for finding in refused.value.findings] == ["book_folder_missing"]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_book(tmp_path)
    assert [finding.reason.code for finding in refused.value.findings] == ["book_folder_empty"]


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "kunden.csv").write_bytes(CUSTOMERS)
    with pytest.raises(Refused) as refused:
        read_book(tmp_path / "kunden.csv")
    assert [finding.reason.code for finding in refused.value.findings] == ["book_folder_is_file"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read every file")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    (tmp_path / "kunden.csv").write_bytes(CUSTOMERS)
    (tmp_path / "kunden.csv").chmod(0)
    with pytest.raises(Refused) as refused:
        read_book(tmp_path)
    assert "book_no_permission" in [finding.reason.code for finding in refused.value.findings]

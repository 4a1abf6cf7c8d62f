"""Files as programs export them become the tidy tables: encodings, delimiters, title and sum lines, joins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from zusage import engine
from zusage.book import Book, FileTotals, read_book
from zusage.book.tables import SCHEMAS
from zusage.ground.reasons import Refused

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes files into a folder: text in UTF-8, bytes as they are."""

    def write(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


CUSTOMERS = "Kundennummer;Name\n0042;Max Muster\n0043;Petra Probe\n"


def rows(book: Book, table: str, *columns: str) -> list[Any]:
    found = engine.rows(book.tables[table])
    return [row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns) for row in found]


def totals(book: Book, file: str) -> FileTotals:
    return next(total for total in book.files if total.file == file)


def codes(book: Book) -> list[str]:
    return sorted(finding.reason.code for finding in book.findings)


def save(path: Path, *lines: list[Any]) -> None:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    book.save(path)


# --- text files


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("cp1252", b""),
        ("cp850", b""),
    ],
)
def test_every_encoding_of_german_programs_is_recognised(folder: Folder, encoding: str, mark: bytes) -> None:
    text = "Kundennummer;Name\r\n1;Jörg Müßig\r\n2;Änne Größe\r\n"
    book = read_book(folder(kunden__csv=mark + text.encode(encoding)))
    assert rows(book, "customers", "name") == ["Jörg Müßig", "Änne Größe"]


def test_quotation_marks_of_cp1252_are_not_taken_for_umlauts_of_dos(folder: Folder) -> None:
    book = read_book(folder(kunden__csv="Kundennummer;Name\n1;„Probe” Gemüse\n2;Š & ™\n".encode("cp1252")))
    assert rows(book, "customers", "name") == ["„Probe” Gemüse", "Š & ™"]


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_every_delimiter_is_recognised(folder: Folder, mark: str) -> None:
    text = f'Kundennummer{mark}Name{mark}Kunde seit\n1{mark}"Muster, Max; Dr. | jr.\t"{mark}1.2.2003\n'
    book = read_book(folder(kunden__csv=text))
    assert rows(book, "customers", "name", "since") == [("Muster, Max; Dr. | jr.", date(2003, 2, 1))]


def test_a_line_that_names_the_delimiter_is_obeyed_and_not_counted_as_data(folder: Folder) -> None:
    book = read_book(folder(kunden__csv="sep=|\r\nKundennummer|Name\r\n1|Muster\r\n"))
    assert rows(book, "customers", "customer_id", "line") == [("1", 3)]


def test_decimal_commas_do_not_look_like_delimiters(folder: Folder) -> None:
    text = "Kundennummer;Datum;Betrag\n0042;1.1.2026;1,50\n0043;1.1.2026;2,50\n"
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv=text))
    assert rows(book, "yields", "amount_cents") == [150, 250]


def test_line_numbers_are_those_of_an_editor_even_behind_a_quoted_line_break(folder: Folder) -> None:
    book = read_book(
        folder(kunden__csv='Kundennummer;"Na\nme"\n1;"Muster\nMax"\n\n2;Probe\n'.replace('"Na\nme"', "Name"))
    )
    assert rows(book, "customers", "customer_id", "name", "line") == [("1", "Muster Max", 2), ("2", "Probe", 5)]


def test_headers_with_line_breaks_and_protected_blanks_are_known(folder: Folder) -> None:
    book = read_book(folder(kunden__csv='"Kunden-\nNr.";"Kunde\u00a0seit";Name\n1;1.1.2000;Muster\n'))
    assert rows(book, "customers", "customer_id", "since") == [("1", date(2000, 1, 1))]


def test_titles_sums_blanks_and_headers_of_new_pages_are_counted_and_left_out(folder: Folder) -> None:
    text = (
        "Muster Pool\nSeite;1\n\nVertrag;Kundennummer;Datum;Betrag\nA;0042;1.1.2026;10,00\nZwischensumme;;;10,00\n\n"
        "Seite;2\nVertrag;Kundennummer;Datum;Betrag\nB;0043;1.1.2026;5,00\nSumme:;;;15,00\n"
    )
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv=text))
    assert rows(book, "yields", "amount_cents", "line") == [(1000, 5), (500, 10)]
    kinds = {"title": 3, "blank": 2, "header": 1, "header_again": 1, "sum": 2}
    assert totals(book, "courtage.csv").skipped_kinds == kinds


def test_a_last_line_without_a_number_that_adds_up_the_others_is_a_sum(folder: Folder) -> None:
    text = "Vertrag;Kundennummer;Datum;Betrag\nA;0042;1.1.2026;10,00\nB;0043;1.1.2026;5,00\n;;;15,00\n"
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv=text))
    assert (rows(book, "yields", "amount_cents"), totals(book, "courtage.csv").skipped_kinds["sum"]) == ([1000, 500], 1)


def test_a_customer_called_total_is_no_sum(folder: Folder) -> None:
    book = read_book(folder(kunden__csv="Kundennummer;Name\n1;Total Muster GmbH\n2;Gesamt Probe\n"))
    assert rows(book, "customers", "name") == ["Total Muster GmbH", "Gesamt Probe"]


def test_equal_lines_both_count(folder: Folder) -> None:
    line = "0042;1.1.2026;7,50\n"
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv="Kundennummer;Datum;Betrag\n" + line * 2))
    assert rows(book, "yields", "amount_cents") == [750, 750]


def test_the_same_file_twice_counts_once(folder: Folder) -> None:
    text = "Kundennummer;Datum;Betrag\n0042;1.1.2026;7,50\n"
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv=text, **{"courtage (Kopie)__csv": text}))
    assert (rows(book, "yields", "source"), codes(book)) == (["courtage.csv"], ["book_file_twice"])


def test_protected_columns_are_left_out_and_named(folder: Folder) -> None:
    text = "Kundennummer;Anrede;Name;Geburtsdatum;Familienstand;Konfession\n1;Frau;Probe;1.1.1970;ledig;keine\n"
    book = read_book(folder(kunden__csv=text))
    named = {finding.reason.code: finding.reason.values for finding in book.findings}
    assert named == {"book_protected_columns": {"columns": "Geburtsdatum, Familienstand, Konfession"}}
    assert list(engine.rows(book.tables["customers"])[0]) == list(SCHEMAS["customers"])


# --- workbooks


def test_cells_of_a_workbook_become_ids_days_cents_and_seconds(folder: Folder) -> None:
    place = folder()
    save(
        place / "kunden.xlsx",
        [],
        ["Kundenliste"],
        ["Kundennummer", "Name", "Kunde seit"],
        [4711, "Muster", date(2003, 2, 1)],
    )
    save(
        place / "courtage.xlsx",
        ["Kundennummer", "Datum", "Betrag"],
        [4711.0, date(2026, 1, 5), 0.145],
        [4711, 46028, "1.234,50"],
    )
    save(
        place / "termine.xlsx",
        ["Kundennummer", "Datum", "Uhrzeit", "Dauer"],
        [4711, date(2026, 1, 5), time(9, 30), timedelta(hours=30)],
    )
    book = read_book(place)
    assert rows(book, "customers", "customer_id", "since", "line") == [("4711", date(2003, 2, 1), 4)]
    assert rows(book, "yields", "booked_on", "amount_cents") == [(date(2026, 1, 5), 15), (date(2026, 1, 6), 123450)]
    assert rows(book, "work", "log", "start_second", "seconds") == [("meetings", 34_200, 108_000)]


def test_of_several_sheets_the_one_that_fits_is_read(folder: Folder) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["Hinweis", "bitte lesen"])
    sheet = workbook.create_sheet("Kunden")
    for line in (["Kundennummer", "Name"], ["1", "Muster"]):
        sheet.append(line)
    place = folder()
    workbook.save(place / "mappe.xlsx")
    book = read_book(place)
    assert (rows(book, "customers", "name"), book.files[0].file) == (["Muster"], "mappe.xlsx [Kunden]")


# --- joins


def test_customer_numbers_that_lost_their_zeros_are_joined_and_told(folder: Folder) -> None:
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv="Kundennummer;Datum;Betrag\n42;1.1.2026;7,50\n"))
    assert (rows(book, "yields", "customer_id"), codes(book)) == (["0042"], ["book_ids_without_zeros"])


def test_zeros_that_tell_two_customers_apart_are_never_stripped(folder: Folder) -> None:
    customers = "Kundennummer;Name\n042;Max Muster\n0042;Petra Probe\n"
    book = read_book(
        folder(kunden__csv=customers, courtage__csv="Kundennummer;Datum;Betrag\n42;1.1.2026;7,50\n042;1.1.2026;1,00\n")
    )
    assert (rows(book, "yields", "customer_id"), rows(book, "unassigned", "key", "amount_cents")) == (
        ["042"],
        [("42", 750)],
    )


def test_commission_finds_its_customer_by_the_contract_number_however_it_is_written(folder: Folder) -> None:
    contracts = "Vertragsnummer;Kundennummer;Sparte\nLV 12.345-6;0042;Leben\nKF-7;0043;Kfz\n"
    lines = (
        "Vertragsnummer;Datum;Art;Betrag\nLV12345/6;1.1.2026;AP;100,00\nKF-7;1.1.2026;Storno AP;-20,00\n"
        "XX-1;1.1.2026;BP;3,00\n;1.1.2026;Pauschale;4,00\n"
    )
    book = read_book(folder(kunden__csv=CUSTOMERS, vertraege__csv=contracts, courtage__csv=lines))
    found = rows(book, "yields", "customer_id", "contract_id", "kind", "amount_cents")
    assert found == [("0042", "LV 12.345-6", "one_off", 10000), ("0043", "KF-7", "cancellation", -2000)]
    assert rows(book, "unassigned", "reason", "key", "amount_cents") == [
        ("unknown_contract", "XX-1", 300),
        ("unknown_contract", None, 400),
    ]
    total = totals(book, "courtage.csv")
    assert (total.sum_cents, total.assigned_cents, total.unassigned_cents) == (8700, 8000, 700)


def test_a_contract_of_two_customers_assigns_nothing(folder: Folder) -> None:
    contracts = "Vertragsnummer;Kundennummer;Sparte\nA1;0042;Leben\nA1;0043;Leben\n"
    book = read_book(
        folder(
            kunden__csv=CUSTOMERS,
            vertraege__csv=contracts,
            courtage__csv="Vertragsnummer;Datum;Betrag\nA1;1.1.2026;7,50\n",
        )
    )
    assert rows(book, "unassigned", "reason", "amount_cents") == [("unknown_contract", 750)]


def test_without_a_kind_column_a_negative_amount_is_a_cancellation(folder: Folder) -> None:
    book = read_book(
        folder(
            kunden__csv=CUSTOMERS,
            courtage__csv="Kundennummer;Datum;Betrag\n0042;1.1.2026;112,39-\n0042;1.1.2026;5,00\n",
        )
    )
    assert rows(book, "yields", "kind", "amount_cents") == [("cancellation", -11239), ("recurring", 500)]


def test_an_unknown_kind_counts_as_recurring_and_is_named_with_its_sum(folder: Folder) -> None:
    text = "Kundennummer;Datum;Art;Betrag\n0042;1.1.2026;Quux;7,50\n0042;1.1.2026;Quux;2,50\n"
    book = read_book(folder(kunden__csv=CUSTOMERS, courtage__csv=text))
    assert rows(book, "yields", "kind") == ["recurring", "recurring"]
    assert [dict(finding.reason.values) for finding in book.findings] == [{"text": "Quux", "sum_cents": 1000}]


def test_households_are_declared_and_never_collide_with_customer_numbers(folder: Folder) -> None:
    text = "Kundennummer;Name;Haushalt\n1;Muster;7\n2;Muster;7\n7;Probe;\n8;Beispiel;99\n"
    book = read_book(folder(kunden__csv=text))
    assert rows(book, "customers", "household_id") == ["H-7", "H-7", "7", "H-99"]


def test_people_are_sorted_by_the_family_name_where_the_list_knows_it(folder: Folder) -> None:
    text = "Kundennummer;Vorname;Nachname;Firma\n1;Alma;Muster;\n2;Caro;Probe;Probe & Co.\n3;;Beispiel;\n"
    book = read_book(folder(kunden__csv=text))
    assert rows(book, "customers", "name", "sort_name") == [
        ("Alma Muster", "Muster, Alma"),
        ("Probe & Co.", None),
        ("Beispiel", None),
    ]


def test_a_family_number_is_the_number_of_the_main_customer(folder: Folder) -> None:
    text = "Kundennummer;Name;Familienkundennummer\n01;Muster;\n02;Muster;1\n03;Probe;55\n"
    book = read_book(folder(kunden__csv=text))
    assert (rows(book, "customers", "household_id"), codes(book)) == (
        ["01", "01", "03"],
        ["book_household_heads_unknown"],
    )


def test_referrals_choices_consents_overrides_and_figures_are_recognised(folder: Folder) -> None:
    book = read_book(
        folder(
            kunden__csv=CUSTOMERS,
            empfehlungen__csv="Empfehler;Empfohlener;Datum;Kunde geworden\n42;0043;1.1.2026;ja\n42;;2.1.2026;nein\n",
            wahl__csv="Kundennummer;Wahl;Paket;Datum\n0042;abgelehnt;A;1.1.2026\n",
            einwilligungen__csv="Kundennummer;Kanal;Zweck;erteilt am;widerrufen am\n0042;E-Mail;Werbung;1.1.2020;\n",
            ausnahmen__csv="Kundennummer;Klasse;entschieden von;Grund;gilt bis\n0042;A;M. Muster;Wichtig;31.12.2027\n",
            kennzahlen__csv="Kundennummer;Kennzahl;Wert\n0042;Beitrag;12,5\n",
        )
    )
    assert rows(book, "referrals", "referrer_id", "referred_id", "won") == [
        ("0042", "0043", True),
        ("0042", None, False),
    ]
    assert rows(book, "choices", "state", "class_key", "chosen_on") == [("declined", "A", date(2026, 1, 1))]
    assert rows(book, "consents", "channel", "purpose", "granted_on") == [("email", "advertising", date(2020, 1, 1))]
    assert rows(book, "overrides", "class_key", "decided_by", "until") == [("A", "M. Muster", date(2027, 12, 31))]
    assert rows(book, "figures", "customer_id", "key", "value_milli") == [("0042", "Beitrag", 12_500)]


def consents(folder: Folder, *lines: str, header: str) -> Book:
    return read_book(folder(kunden__csv=CUSTOMERS, einwilligungen__csv="\n".join([header, *lines]) + "\n"))


def test_consents_bring_their_wording_ground_and_proof(folder: Folder) -> None:
    book = consents(
        folder,
        "0042;E-Mail;Werbung;1.1.2020;§ 7 Abs. 3 UWG;Hinweis im Antrag 2019;Antrag 4711",
        "0042;Telefon;Werbung;1.1.2020;Double-Opt-In;Ja, rufen Sie mich an.;Akte 3",
        "0043;Telefon;Werbung;1.1.2020;;;",
        header="Kundennummer;Kanal;Zweck;erteilt am;Rechtsgrundlage;Wortlaut;Nachweis",
    )
    assert rows(book, "consents", "ground", "wording", "proof") == [
        ("existing_customer", "Hinweis im Antrag 2019", "Antrag 4711"),
        ("consent", "Ja, rufen Sie mich an.", "Akte 3"),
        (None, None, None),
    ]


def test_consents_without_a_purpose_are_to_advertising(folder: Folder) -> None:
    book = consents(folder, "0042;Telefon;1.1.2020", header="Kundennummer;Kanal;erteilt am")
    assert rows(book, "consents", "channel", "purpose", "ground") == [("phone", "advertising", None)]


def test_a_purpose_ground_or_withdrawal_that_cannot_be_read_never_becomes_a_consent(folder: Folder) -> None:
    book = consents(
        folder,
        "0042;Telefon;Statistik;1.1.2020;;",
        "0042;Telefon;Werbung;1.1.2020;ja;",
        "0042;Telefon;Werbung;1.1.2020;;berechtigtes Interesse",
        "0042;Post;Werbung;1.1.2020;;",
        header="Kundennummer;Kanal;Zweck;erteilt am;widerrufen am;Rechtsgrundlage",
    )
    assert rows(book, "consents", "channel") == ["post"]
    assert [(reject.line, reject.column) for reject in book.rejects] == [
        (2, "Zweck"),
        (3, "widerrufen am"),
        (4, "Rechtsgrundlage"),
    ]


def test_all_tables_are_there_even_when_nothing_fills_them(folder: Folder) -> None:
    assert list(read_book(folder(kunden__csv=CUSTOMERS)).tables) == list(SCHEMAS)


def test_private_and_cancelled_appointments_are_skipped(folder: Folder) -> None:
    text = (
        "Kundennummer;Datum;Betreff;Privat;Abgesagt\n0042;1.1.2026;Jahresgespräch;Falsch;nein\n"
        "0042;2.1.2026;Zahnarzt;Wahr;\n0042;3.1.2026;Termin;;ja\n"
    )
    book = read_book(folder(kunden__csv=CUSTOMERS, termine__csv=text))
    assert rows(book, "work", "topic") == ["Jahresgespräch"]
    assert totals(book, "termine.csv").skipped_kinds == {"header": 1, "private": 1, "cancelled": 1}


def test_progress_names_each_file_with_its_bytes(folder: Folder) -> None:
    told: list[tuple[str, int, int]] = []
    read_book(folder(kunden__csv=CUSTOMERS), progress=lambda *step: told.append(step))
    assert told == [("kunden.csv", 0, len(CUSTOMERS)), ("kunden.csv", len(CUSTOMERS), len(CUSTOMERS))]


def test_all_mistakes_of_all_files_come_at_once(folder: Folder) -> None:
    place = folder(
        kunden__csv="Kundennummer;Name\n1;Muster\n1;Probe\n",
        courtage__csv="Kundennummer;Datum;Betrag\n1;1.1.2026;1.234\n",
        termine__csv="Kundennummer;Datum;Dauer\n1;03/04/2026;90\n",
    )
    with pytest.raises(Refused) as refused:
        read_book(place)
    found = sorted(finding.reason.code for finding in refused.value.findings)
    assert found == ["book_customer_twice", "book_dates_undecided", "book_decimal_undecided", "book_unit_undecided"]

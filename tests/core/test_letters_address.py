"""Whom a letter is addressed to, and how it begins: only what is known, and nobody's sex is guessed."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest

from zusage.ground.words import Language
from zusage.report.letters import Address, postal_lines, salutation_line
from zusage.report.letters.addressees import Addressee, address_list

WOMAN = Address(salutation="Frau", title="Dr. med.", first_name="Petra", last_name="Probe")


KIM = Address(first_name="Kim", last_name="Muster")
BOTH = "Petra Probe und Max Probe"


@pytest.mark.parametrize(
    ("address", "german", "english"),
    [
        (WOMAN, "Sehr geehrte Frau Dr. Probe,", "Dear Dr Probe,"),
        (replace(KIM, salutation="Herrn"), "Sehr geehrter Herr Muster,", "Dear Mr Muster,"),
        (
            replace(KIM, salutation="Herr", title="Prof. Dr."),
            "Sehr geehrter Herr Prof. Dr. Muster,",
            "Dear Professor Muster,",
        ),
        (Address(salutation="Familie", last_name="Muster"), "Sehr geehrte Familie Muster,", "Dear Muster family,"),
        (replace(KIM, title="Ms"), "Sehr geehrte Frau Muster,", "Dear Ms Muster,"),
        (Address(salutation="Herr und Frau", last_name="Muster"), "Guten Tag Muster,", "Dear Muster,"),
        (KIM, "Guten Tag Kim Muster,", "Dear Kim Muster,"),
        (Address("Probe, Petra"), "Guten Tag Petra Probe,", "Dear Petra Probe,"),
        (replace(WOMAN, name=BOTH, several=True), f"Guten Tag {BOTH},", f"Dear {BOTH},"),
        (Address(company="Muster & Söhne KG"), "Sehr geehrte Damen und Herren,", "Dear Sir or Madam,"),
        (replace(WOMAN, company="Muster KG"), "Sehr geehrte Frau Dr. Probe,", "Dear Dr Probe,"),
        (
            replace(KIM, salutation="Sehr geehrte Frau Prof. Muster!"),
            "Sehr geehrte Frau Prof. Muster,",
            "Dear Kim Muster,",
        ),
        (Address(), "Sehr geehrte Damen und Herren,", "Dear Sir or Madam,"),
    ],
)
def test_a_letter_begins_with_what_is_known(address: Address, german: str, english: str) -> None:
    assert (salutation_line(address, "de"), salutation_line(address, "en")) == (german, english)


@pytest.mark.parametrize(
    ("address", "language", "lines"),
    [
        (WOMAN, "de", ("Frau Dr. med. Petra Probe",)),
        (WOMAN, "en", ("Dr. med. Petra Probe",)),
        (
            Address(
                "", "Herr", "", "Max", "Muster", "Muster & Söhne KG", "Am Anger 1", "Hinterhaus", "01067", "Dresden"
            ),
            "de",
            ("Muster & Söhne KG", "Herrn Max Muster", "Hinterhaus", "Am Anger 1", "01067 Dresden"),
        ),
        (
            Address("Probe, Petra", street="Ring 1", postcode="1010", city="Wien", country="Österreich"),
            "de",
            ("Petra Probe", "Ring 1", "1010 Wien", "ÖSTERREICH"),
        ),
        (Address("Petra Probe", city="Leipzig", country="DE"), "de", ("Petra Probe", "Leipzig")),
    ],
)
def test_the_window_shows_whom_and_where(address: Address, language: Language, lines: tuple[str, ...]) -> None:
    assert postal_lines(address, language) == lines


def test_a_letter_needs_somebody_a_street_and_a_town() -> None:
    whole = Address("Petra Probe", street="Ring 1", city="Leipzig")
    less = [Address(street="Ring 1", city="Leipzig"), Address("P", street="Ring 1"), Address("P", city="Leipzig")]
    assert (whole.complete, [item.complete for item in less]) == (True, [False, False, False])


def test_an_address_comes_from_a_row_and_loses_what_would_break_a_head() -> None:
    row = {"last_name": "Probe\r\nBcc: x@example.org", "city": " Leipzig\u202e", "street": None}
    assert Address.of(row, "Petra Probe") == Address(
        "Petra Probe", last_name="Probe Bcc: x@example.org", city="Leipzig"
    )
    assert Address.of(None, "Petra Probe") == Address("Petra Probe")


def test_the_list_for_a_mail_house_holds_parts_and_ready_lines_and_no_formula() -> None:
    evil = Address("=1+1", "Frau", "", "@SUM(A1)", "-2", "", "+49", "", "01067", "=cmd|x")
    rows = [Addressee("0042", WOMAN, "K7Q-3XM"), Addressee("0043", evil)]
    sheet = openpyxl.load_workbook(BytesIO(address_list(rows))).active
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0][:5] == ["Kundennummer", "Code", "Anrede", "Titel", "Vorname"]
    assert table[1][:6] == ["0042", "K7Q-3XM", "Frau", "Dr. med.", "Petra", "Probe"]
    assert table[1][table[0].index("Briefanrede")] == "Sehr geehrte Frau Dr. Probe,"
    assert table[1][table[0].index("Zeile 1")] == "Frau Dr. med. Petra Probe"
    assert table[2][4:10] == ["@SUM(A1)", "-2", None, "=1+1", None, "+49"]
    assert table[2][table[0].index("PLZ")] == "01067"
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    quoted = {cell.value for cell in cells if cell.quotePrefix}
    assert quoted == {"@SUM(A1)", "-2", "=1+1", "+49", "=cmd|x"}

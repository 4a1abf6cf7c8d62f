"""`zusage letters`: from a result to letters in postal order, and to a list of those who get none."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.letters import words_of
from tests.people import ALMA, BELA, CARO, DORO, EMIL, POLICY
from typer.testing import CliRunner

from zusage.cli import app
from zusage.ground.reasons import Refused
from zusage.report.letters.recipients import recipients
from zusage.report.letters.senders import read_sender

CUSTOMERS = """Kundennummer;Haushalt;Anrede;Vorname;Nachname;Firma;Straße;PLZ;Ort;Betreuer;Kann nicht ins Büro kommen
0001;0001;Frau;Alma;Muster;;Ring 1;04109;Leipzig;Bernd Beispiel;
0002;0001;Herr;Béla;Beispiel;;Ring 1;04109;Leipzig;;
0003;;Frau;Caro;Probe;;;;;;
0042;;;;;Emil Muster & Söhne;Weg 2;01067;Dresden;;ja
"""
SENDER = "name: Muster GmbH\nstreet: Weg 1\npostcode: 04109\ncity: Leipzig\nphone: 0341 0\ncontact: {name: Berta}\n"


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "kunden.csv").write_text(CUSTOMERS, "utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, "utf-8")
    (tmp_path / "sender.yaml").write_text(SENDER, "utf-8")
    monkeypatch.chdir(tmp_path)
    run("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report")
    return tmp_path


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


LETTERS = (
    "letters",
    "-r",
    "result",
    "--sender",
    "sender.yaml",
    "--to",
    "post",
    "--starts",
    "2027-01-01",
    "--lang",
    "de",
)


def test_letters_are_written_in_postal_order_and_the_rest_is_named(firm: Path) -> None:
    assert run(*LETTERS).splitlines() == [
        "Geschrieben in post: briefe.pdf, adressen.xlsx, ohne-brief.xlsx. Briefe: 2. Ohne Brief: 1.",
        "  0003 Caro Probe: Keine vollständige Anschrift im Bestand.",
    ]
    text = words_of((firm / "post" / "briefe.pdf").read_bytes())
    assert re.findall(r"(Sehr geehrte Damen und Herren|Guten Tag .*?),", text) == [
        "Sehr geehrte Damen und Herren",
        "Guten Tag Alma Muster und Béla Beispiel",
    ]
    assert "ist Bernd Beispiel für Sie da" in text
    assert "ist Berta für Sie da" in text
    assert [row[0] for row in sheet(firm, "adressen.xlsx")[1:]] == ["0042", "0001"]
    assert sheet(firm, "ohne-brief.xlsx") == [
        ("Kundennummer", "Name", "Grund"),
        ("0003", "Caro Probe", "Keine vollständige Anschrift im Bestand."),
    ]


def sheet(firm: Path, name: str) -> list[tuple[Any, ...]]:
    """The rows of a list beside the letters."""
    return list(openpyxl.load_workbook(BytesIO((firm / "post" / name).read_bytes())).active.values)


def test_of_many_without_a_letter_the_first_are_named_and_all_are_listed(firm: Path) -> None:
    more = "".join(f"1{number:03};;Frau;Alma;Probe {number};;;;;;\n" for number in range(30))
    (firm / "book" / "kunden.csv").write_text(CUSTOMERS + more, "utf-8")
    run("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report")
    told = run(*LETTERS).splitlines()
    assert told[0].endswith("Ohne Brief: 31.")
    assert (len(told), told[-1]) == (22, "  … und 11 weitere; alle stehen in ohne-brief.xlsx.")
    assert [row[0] for row in sheet(firm, "ohne-brief.xlsx")[1:]] == [
        "0003",
        *(f"1{number:03}" for number in range(30)),
    ]


def test_without_the_book_there_are_no_addresses(firm: Path) -> None:
    run("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report", "--no-keep-book")
    with pytest.raises(Refused) as refused:
        run(*LETTERS)
    assert [finding.reason.code for finding in refused.value.findings] == ["cli_no_book"]


def test_where_nobody_has_an_address_no_file_is_written(firm: Path) -> None:
    (firm / "book" / "kunden.csv").write_text("Kundennummer;Name\n0001;Muster, Alma\n", "utf-8")
    run("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report")
    with pytest.raises(Refused) as refused:
        run(*LETTERS)
    assert [finding.reason.code for finding in refused.value.findings] == ["letters_no_addresses"]
    assert not (firm / "post").exists()


def test_the_firms_own_template_is_taken_and_its_mistakes_are_named(firm: Path) -> None:
    (firm / "own").mkdir()
    (firm / "own" / "welcome.de.txt").write_text("Betreff: Kurz\n\n{salutation}\n\nSo ist es.", "utf-8")
    run(*LETTERS, "--templates", "own")
    assert "So ist es." in words_of((firm / "post" / "briefe.pdf").read_bytes())
    (firm / "own" / "welcome.de.txt").write_text("Betreff: Kurz\n\n{anrede}", "utf-8")
    with pytest.raises(Refused) as refused:
        run(*LETTERS, "--templates", "own")
    assert [(found.where.file, found.where.line) for found in refused.value.findings] == [("welcome.de.txt", 3)]


def test_a_sender_is_read_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SENDER + "notice: {de: Kopf, en: Head}\nopening: Immer\n", "utf-8")
    sender, contact, _ = read_sender(path)
    assert (sender.postcode, sender.place) == ("04109", "04109 Leipzig")
    assert (sender.notice.en, sender.opening.de) == ("Head", "Immer")
    assert contact.name == "Berta"


def test_all_mistakes_of_a_sender_are_told_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("name: Muster\nstret: Weg 1\nphone: [1]\ncontact: {nme: x}\n", "utf-8")
    with pytest.raises(Refused) as refused:
        read_sender(path)
    assert sorted((found.reason.code, found.where.line or 0) for found in refused.value.findings) == [
        ("letters_sender_missing", 1),
        ("letters_sender_missing", 1),
        ("policy_not_text", 3),
        ("policy_unknown_field", 2),
        ("policy_unknown_field", 4),
    ]


@pytest.mark.parametrize("text", ["", "- Muster", "Muster GmbH"])
def test_a_file_without_a_sender_is_told_which_fields_there_are(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    with pytest.raises(Refused) as refused:
        read_sender(tmp_path / "s.yaml")
    assert [(found.reason.code, found.where.line) for found in refused.value.findings] == [("letters_no_sender", 1)]


def test_a_sender_has_lines_and_one_enclosure_not_books(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"{SENDER}opening: {'o' * 201}\nnotice: {'n' * 20_001}\n", "utf-8")
    with pytest.raises(Refused) as refused:
        read_sender(tmp_path / "s.yaml")
    assert [(found.where.path, found.reason.values["most_count"]) for found in refused.value.findings] == [
        ("opening", 200), ("notice", 20_000),
    ]  # fmt: skip


def test_whose_letter_cannot_be_printed_is_named(firm: Path) -> None:
    odd = CUSTOMERS.replace("Emil Muster", "Emil \U0010fffd\ue000 \U00013000")
    (firm / "book" / "kunden.csv").write_text(odd, "utf-8")
    run("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report")
    told = run(*LETTERS).splitlines()
    assert [line.split()[0] for line in told[1:]] == ["0042", "0003"]
    assert [row[0] for row in sheet(firm, "ohne-brief.xlsx")[1:]] == ["0042", "0003"]
    assert [row[0] for row in sheet(firm, "adressen.xlsx")[1:]] == ["0001"]


def test_a_household_is_written_to_by_all_its_names_at_the_address_that_is_known() -> None:
    members = [
        {"customer_id": key, "unit_id": unit, "name": name, "class_key": "B"}
        for key, unit, name in (
            (BELA, ALMA, "Beispiel, Béla"), (ALMA, ALMA, "Muster, Alma"), (CARO, CARO, "Probe, Caro"),
            (EMIL, EMIL, None),
        )
    ]  # fmt: skip
    addresses = [
        {"customer_id": BELA, "street": "Ring 1", "postcode": "04109", "city": "Leipzig"},
        {"customer_id": DORO, "street": "Weg 1", "city": "Leipzig"},
    ]
    found = recipients(members, [{"customer_id": BELA, "cannot_come": True}], addresses, "de")
    (entry,) = found.subjects
    assert (entry[0].number, entry[0].cannot_come) == (ALMA, True)
    assert entry[0].address.name == "Alma Muster und Béla Beispiel"
    assert found.without == ((CARO, "Caro Probe"), (EMIL, EMIL))


def test_whatever_is_wrong_with_what_is_given_is_told_at_once(firm: Path) -> None:
    (firm / "sender.yaml").write_text("name: Muster GmbH\nstret: Weg 1\ncity: Leipzig\n", "utf-8")
    (firm / "own").mkdir()
    (firm / "own" / "welcome.de.txt").write_text("Betreff: Kurz\n\n{anrede}", "utf-8")
    (firm / "post").write_text("", "utf-8")
    with pytest.raises(Refused) as refused:
        run(*LETTERS, "--templates", "own", "-r", "nowhere")
    assert [(item.reason.code, item.where.file) for item in refused.value.findings] == [
        ("report_no_result", None),
        ("policy_unknown_field", "sender.yaml"),
        ("letters_sender_missing", "sender.yaml"),
        ("letters_field_unknown", "welcome.de.txt"),
        ("cli_no_folder", "post"),
    ]


LOCKED = ("--locked", "gesperrt.csv")


def test_who_is_locked_gets_no_letter_is_in_that_of_nobody_and_is_named_with_the_reason(firm: Path) -> None:
    """Alma died and had the only address of the household; Emil wants no letters, as the book says."""
    (firm / "book" / "kunden.csv").write_text(
        CUSTOMERS.replace("Beispiel;;Ring 1;04109;Leipzig", "Beispiel;;;;"), "utf-8"
    )
    consents = "Kundennummer;Kanal;Zweck;Erteilt am;Widerrufen am\n0042;Post;Service;;01.10.2026\n"
    (firm / "book" / "einwilligungen.csv").write_text(consents, "utf-8")
    run("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--no-report")
    (firm / "gesperrt.csv").write_text("Kundennummer;Name;Grund\n0001;Muster;verstorben\n0003;Probe;\n", "utf-8")
    assert run(*LETTERS, *LOCKED).splitlines() == [
        "Geschrieben in post: briefe.pdf, adressen.xlsx, ohne-brief.xlsx. Briefe: 1. Ohne Brief: 3.",
        "  0001 Alma Muster: Gesperrt nach Ihrer Liste: verstorben",
        "  0003 Caro Probe: Gesperrt nach Ihrer Liste.",
        "  0042 Emil Muster & Söhne: Einwilligung am 01.10.2026 widerrufen",
    ]
    text = words_of((firm / "post" / "briefe.pdf").read_bytes())
    assert ("Béla Beispiel" in text, "Ring 1" in text, "Alma" in text) == (True, True, False)
    assert [row[0] for row in sheet(firm, "adressen.xlsx")[1:]] == ["0002"]


def test_a_number_nobody_has_is_refused_with_its_line_and_nothing_is_written(firm: Path) -> None:
    (firm / "gesperrt.csv").write_text("Kundennummer;Grund\n0001;verstorben\n0O42;verstorben\n", "utf-8")
    with pytest.raises(Refused) as refused:
        run(*LETTERS, *LOCKED)
    assert [(item.reason.code, item.where.line) for item in refused.value.findings] == [("letters_locked_stranger", 3)]
    assert not (firm / "post").exists()

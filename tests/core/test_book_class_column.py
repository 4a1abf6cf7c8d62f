"""The user's own customer list comes back as it was, with one column more."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage.book import with_class_column
from zusage.ground.reasons import Refused

TITLE = "Kundenliste, Stand 1.1.2026\r\n"
BODY = 'Kundennummer;Name;Telefon\r\n0042;"Muster;\r\nMax";0341\r\n43;Größe\r\n\r\nSumme: 2;;\r\n'


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b"\xef\xbb\xbf"), ("cp1252", b""), ("cp850", b""), ("utf-16-le", b"\xff\xfe")]
)
@pytest.mark.parametrize("head", ["", "sep=;\r\n"])
def test_a_text_list_keeps_every_byte_but_the_new_cells(encoding: str, mark: bytes, head: str, tmp_path: Path) -> None:
    source, out = tmp_path / "kunden.csv", tmp_path / "out.csv"
    source.write_bytes(mark + (head + TITLE + BODY).encode(encoding))
    with_class_column(source, out, {"0042": "A", "0043": "Premium; plus"}, "Klasse")
    expected = BODY.replace("Telefon\r", "Telefon;Klasse\r").replace("0341\r", "0341;A\r")
    expected = expected.replace("Größe\r", 'Größe;;"Premium; plus"\r').replace("2;;\r", "2;;;\r")
    assert out.read_bytes() == mark + (head + TITLE + expected).encode(encoding)


def test_a_list_without_a_last_line_end_gets_none(tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_bytes(b"Kundennummer,Name\n1,Muster")
    with_class_column(tmp_path / "k.csv", tmp_path / "o.csv", {"1": "A"}, "Klasse")
    assert (tmp_path / "o.csv").read_bytes() == b"Kundennummer,Name,Klasse\n1,Muster,A"


def test_a_class_that_looks_like_a_formula_is_made_harmless(tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_bytes(b"Kundennummer,Name\n1,Muster\n")
    with_class_column(tmp_path / "k.csv", tmp_path / "o.csv", {"1": "=1+1"}, "@Klasse")
    assert (tmp_path / "o.csv").read_bytes() == b"Kundennummer,Name,'@Klasse\n1,Muster,'=1+1\n"


def test_a_workbook_keeps_its_values_and_its_other_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["Kundenliste"], [], ["Kundennummer", "Name", "Kunde seit"], [42, "=Muster", date(2003, 2, 1)]):
        book.active.append(line)
    book.create_sheet("Notiz").append(["x", 1.5, datetime.fromisoformat("2026-01-01 09:30")])
    book.save(tmp_path / "kunden.xlsx")
    with_class_column(tmp_path / "kunden.xlsx", tmp_path / "out.xlsx", {"42": "A"}, "Klasse")
    found = {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(tmp_path / "out.xlsx")}
    assert found == {
        "Sheet": [
            ("Kundenliste", None, None, None),
            (None, None, None, None),
            ("Kundennummer", "Name", "Kunde seit", "Klasse"),
            (42, None, datetime.fromisoformat("2003-02-01"), "A"),
        ],
        "Notiz": [("x", 1.5, datetime.fromisoformat("2026-01-01 09:30"))],
    }


@pytest.mark.parametrize(
    ("content", "header", "classes", "code"),
    [
        (b"Kundennummer;Name;Klasse\n1;Muster;A\n", "Klasse", {}, "book_column_exists"),
        ("Kundennummer;Name\n1;Größe\n".encode("cp1252"), "Klasse", {"1": "Ω"}, "book_class_not_encodable"),
        (b"Vertrag;Kundennummer;Sparte\nA;1;Leben\n", "Klasse", {}, "book_not_a_customer_list"),
    ],
)
def test_what_cannot_be_written_is_told(
    content: bytes, header: str, classes: dict[str, str], code: str, tmp_path: Path
) -> None:
    (tmp_path / "k.csv").write_bytes(content)
    with pytest.raises(Refused) as refused:
        with_class_column(tmp_path / "k.csv", tmp_path / "o.csv", classes, header)
    assert [finding.reason.code for finding in refused.value.findings] == [code]
    assert not (tmp_path / "o.csv").exists()


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@given(st.lists(NAMES, min_size=1, max_size=8), st.sampled_from([";", ",", "\t"]), st.sampled_from(["\r\n", "\n"]))
def test_every_list_comes_back_with_its_cells_and_the_classes(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], mark: str, end: str
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=mark, lineterminator=end)
    lines = [["Kundennummer", "Name", "Kunde seit"], *([str(at), name, ""] for at, name in enumerate(names))]
    writer.writerows(lines)
    (folder / "k.csv").write_bytes(stream.getvalue().encode())
    with_class_column(folder / "k.csv", folder / "o.csv", {str(at): f"K{at}" for at in range(len(names))}, "Klasse")
    found = list(csv.reader(io.StringIO((folder / "o.csv").read_bytes().decode(), newline=""), delimiter=mark))
    assert found == [[*lines[0], "Klasse"], *([*line, f"K{at}"] for at, line in enumerate(lines[1:]))]

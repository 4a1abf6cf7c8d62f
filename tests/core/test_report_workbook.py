"""The workbook as a spreadsheet program reads it: numbers are numbers, text stays text."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.report_firm import FORMULA_NAME, SCRIPT_NAME, firm

from zusage.ground.words import Language
from zusage.report.workbook import write_xlsx


def book(folder: Path, language: Language = "de") -> Any:
    path = folder / "result.xlsx"
    write_xlsx(firm(), path, language)
    return openpyxl.load_workbook(path)


def column(sheet: Any, heading: str) -> list[Any]:
    place = next(cell.column for cell in sheet[1] if cell.value == heading)
    return [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("de", ["Klassen", "Kunden", "Leistungen", "Stunden", "Hinweise"]),
        ("en", ["Classes", "Customers", "Services", "Hours", "Remarks"]),
    ],
)
def test_the_workbook_has_its_five_sheets(tmp_path: Path, language: Language, names: list[str]) -> None:
    assert book(tmp_path, language).sheetnames == names


def test_money_is_a_number_in_euro_and_time_a_duration(tmp_path: Path) -> None:
    sheet = book(tmp_path)["Kunden"]
    assert column(sheet, "Kundennummer") == ["0001", "0002", "0003", "0004", "0042", "0666", "0667"]
    assert column(sheet, "Ertrag") == [480.55, 199.99, 41, 0, 590, 170, 0]
    assert column(sheet, "Betreuungszeit")[2] == timedelta(hours=1, minutes=56, seconds=33)
    assert "€" in next(cell for cell in sheet[2] if cell.value == 480.55).number_format


def test_names_that_look_like_formulas_stay_text(tmp_path: Path) -> None:
    sheet = book(tmp_path)["Kunden"]
    cells = [sheet.cell(row, 2) for row in (7, 8)]
    assert [cell.value for cell in cells] == [SCRIPT_NAME, FORMULA_NAME]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    assert [cell.quotePrefix for cell in cells] == [False, True]
    assert not [cell for each in book(tmp_path) for row in each.iter_rows() for cell in row if cell.data_type == "f"]


def test_every_customer_has_the_reason_and_the_way_up(tmp_path: Path) -> None:
    sheet = book(tmp_path)["Kunden"]
    assert column(sheet, "Klasse") == ["Premium", "Premium", "Klassik", "Klassik", "Komfort", "Komfort", "Komfort"]
    assert column(sheet, "Was zur nächsten Klasse führt")[4] == (
        "10\u00a0€ mehr Ertrag im Jahr oder 2 erfolgreiche Empfehlungen mehr"
    )
    assert column(sheet, "Stand")[0] == "Das ergibt sich aus den Kriterien."


def test_unknown_is_an_empty_cell_and_never_a_nought(tmp_path: Path) -> None:
    assert column(book(tmp_path)["Kunden"], "Euro je Stunde (alle, die dazugehören)")[3] is None


def test_headers_are_frozen_and_rows_can_be_filtered(tmp_path: Path) -> None:
    for sheet in book(tmp_path):
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")


def test_the_bridge_and_the_unassigned_sums_are_in_the_remarks(tmp_path: Path) -> None:
    sheet = book(tmp_path)["Hinweise"]
    remarks = dict(zip(column(sheet, "Hinweis"), column(sheet, "€"), strict=True))
    assert remarks["Ertrag mit unbekannter Vertragsnummer"] == 123.45
    assert remarks["Ergebnis der Firma im Jahr"] == firm().bridge[-1].cents / 100


def test_a_book_too_large_for_a_sheet_is_cut_and_the_remarks_say_so(tmp_path: Path) -> None:
    write_xlsx(firm(), tmp_path / "part.xlsx", "de", most_rows=3)
    found = openpyxl.load_workbook(tmp_path / "part.xlsx")
    assert column(found["Kunden"], "Kundennummer") == ["0001", "0002", "0003"]
    assert column(found["Hinweise"], "Hinweis")[0].startswith("Das Blatt zeigt die ersten 3 Kunden")


def test_the_same_plan_gives_the_same_file_on_any_day(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        found = book(tmp_path / name)
        assert found.properties.created == datetime(2026, 10, 31)  # noqa: DTZ001 - a workbook knows no time zone
    assert date(2026, 10, 31) == firm().periods.as_of
    assert (tmp_path / "one/result.xlsx").read_bytes() == (tmp_path / "two/result.xlsx").read_bytes()

"""Lists as workbooks: what stands in a cell is what the row said, whatever program opens it."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import openpyxl

from zusage.report.lists import COUNT, DAY, LONGEST, MONEY, TEXT, Column, Sheet, workbook

COLUMNS = [Column("Name", TEXT), Column("Seit", DAY), Column("Verträge", COUNT), Column("Ertrag", MONEY)]


def test_each_value_is_written_by_the_kind_of_its_column() -> None:
    rows = [("=1+1", date(2026, 2, 1), 3, 12_345), ("", None, 0, -5)]
    sheet = openpyxl.load_workbook(BytesIO(workbook(Sheet("Kunden", COLUMNS, rows, fixed=2)))).active
    first, second = list(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in first] == ["=1+1", first[1].value, 3, 123.45]
    assert (first[0].data_type, first[0].quotePrefix, f"{first[1].value:%d.%m.%Y}") == ("s", True, "01.02.2026")
    assert [cell.value for cell in second] == [None, None, 0, -0.05]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:D3")


def test_a_text_longer_than_a_cell_is_shown_as_far_as_it_goes() -> None:
    content = workbook(Sheet("Ein Titel, der länger ist als ein Blatt", [Column("Name", TEXT)], [["x" * 40_000]]))
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert (sheet.title, len(sheet["A2"].value)) == ("Ein Titel, der länger ist als e", LONGEST)

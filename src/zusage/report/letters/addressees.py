"""Who gets a letter comes in, an Excel sheet for a mail house goes out. Text stays text: no cell becomes a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

from zusage.ground.words import Language
from zusage.report.letters.address import Address, postal_lines, salutation_line
from zusage.report.letters.letter import plain
from zusage.report.writing import said

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in one program or another, also after the sheet was saved as CSV."""
_COLUMNS = ("number", "code", "form", "title", "first_name", "last_name", "company", "name", "addition", "street")
_PLACE = ("postcode", "city", "country", "dear")
_LINES = 7


@dataclass(frozen=True)
class Addressee:
    """A row of the list."""

    number: str
    address: Address
    code: str = ""


def address_list(rows: Sequence[Addressee], language: Language = "de") -> bytes:
    """The addresses as a workbook: the parts of each address, the salutation, and the ready lines of the window."""
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(said("letters_sheet", language))
        bold, quoted = book.add_format({"bold": True, "bottom": 1}), book.add_format({"quote_prefix": True})
        heads = [said(f"letters_column_{name}", language) for name in (*_COLUMNS, *_PLACE)]
        heads += [said("letters_column_line", language, number=at + 1) for at in range(_LINES)]
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head, bold)
        for at, row in enumerate(rows, 1):
            for column, text in enumerate(map(plain, _cells(row, language))):
                if text:
                    sheet.write_string(at, column, text, quoted if text.startswith(DANGEROUS) else None)
        sheet.set_column(0, len(heads) - 1, 20)
        sheet.freeze_panes(1, 0)
    return target.getvalue()


def _cells(row: Addressee, language: Language) -> list[str]:
    address = row.address
    parts = [address.salutation, address.title, address.first_name, address.last_name, address.company, address.name]
    where = [address.addition, address.street, address.postcode, address.city, address.country]
    lines = list(postal_lines(address, language))
    return [row.number, row.code, *parts, *where, salutation_line(address, language), *lines[:_LINES]]

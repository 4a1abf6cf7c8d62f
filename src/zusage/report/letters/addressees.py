"""Who gets a letter comes in, an Excel sheet for a mail house goes out. Text stays text: no cell becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zusage.ground.words import Language
from zusage.report.letters.address import Address, postal_lines, salutation_line
from zusage.report.letters.letter import plain
from zusage.report.lists import TEXT, Column, Sheet, workbook
from zusage.report.writing import said

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
    heads = [said(f"letters_column_{name}", language) for name in (*_COLUMNS, *_PLACE)]
    heads += [said("letters_column_line", language, number=at + 1) for at in range(_LINES)]
    found = [[*cells, *[""] * (len(heads) - len(cells))] for cells in (_cells(row, language) for row in rows)]
    columns = [Column(head, TEXT, 20) for head in heads]
    return workbook(Sheet(said("letters_sheet", language), columns, found, fixed=0))


def list_without(rows: Iterable[tuple[str, str, str]], language: Language = "de") -> bytes:
    """Who gets no letter, as a workbook: number, name and why."""
    names = ("number", "name", "why")
    columns = [Column(said(f"letters_column_{name}", language), TEXT, 60 if name == "why" else 20) for name in names]
    return workbook(Sheet(said("letters_without_sheet", language), columns, rows))


def _cells(row: Addressee, language: Language) -> list[str]:
    address = row.address
    parts = [address.salutation, address.title, address.first_name, address.last_name, address.company, address.name]
    where = [address.addition, address.street, address.postcode, address.city, address.country]
    lines = list(postal_lines(address, language))
    found = [row.number, row.code, *parts, *where, salutation_line(address, language), *lines[:_LINES]]
    return [plain(text) for text in found]

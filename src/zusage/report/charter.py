"""A charter comes in; one self-contained HTML page and one A4 PDF go out, in either language, with the same words.

Both are written from the same plain lines (`sheet`). The page holds its own style and nothing else: it may be put on
the firm's site, is opened by a double click, and prints on paper.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from zusage.ground.words import Language, word
from zusage.policy.document import Text
from zusage.promises.charter import Charter, Line, Package, ways_sentence
from zusage.promises.terms import price_text
from zusage.report.html import asset, tokens
from zusage.report.mark import data_uri, drawn, name_of, pictures
from zusage.report.typeset import pdf
from zusage.report.writing import said

PAGE = "zusage.report.page"


def charter_html(charter: Charter, language: Language, mark: bytes = b"") -> str:
    """The charter as one HTML file without scripts: light and dark, at phone width, and on paper; the firm's mark (a
    PNG, see `report.mark`) is part of it."""
    return _page().render(sheet(charter, language), mark=data_uri(mark)) + "\n"


def charter_pdf(charter: Charter, language: Language, mark: bytes = b"") -> bytes:
    """The charter as a tagged PDF, on one A4 page where it fits. Raises Refused where PDFs cannot be written here."""
    lines = sheet(charter, language)
    return pdf("charter", lines | {"mark": drawn(mark, lines["firm"])}, pictures({name_of(mark): mark}))


def sheet(charter: Charter, language: Language) -> dict[str, Any]:
    """All lines of the sheet in one language, ready to be set: a cell that several packages share spans them."""
    rows = [_row(lines, charter, language) for lines in _services(charter.packages)]
    marked = any(cell["more"] for row in rows for cell in row["cells"])
    hues = _hues(len(charter.packages))
    lines: dict[str, Any] = {
        "language": language,
        "firm": charter.firm,
        "title": word("packages_title", language),
        "foot": _foot(charter, language),
        "intro": _text(charter.texts.intro, language),
        "closing": _text(charter.texts.closing, language),
        "contact": _text(charter.texts.contact, language),
        "words": {
            "floor": word("packages_floor", language),
            "packages": word("packages_packages", language),
            "more": word("packages_more", language),
            "service": word("packages_service", language),
            "mark": word("packages_mark", language) if marked else "",
            "better": word("packages_better", language),
            "nothing": word("packages_nothing", language),
        },
        "floor": [line.sentence[language] for line in charter.floor],
        "packages": [
            {"name": item.name[language], "hue": hue} for item, hue in zip(charter.packages, hues, strict=True)
        ],
        "rows": rows,
        "more": [
            {"name": item.name[language], "hue": hue, "text": _how(item, language)}
            for item, hue in zip(charter.packages, hues, strict=True)
        ],
    }
    return {name: _cleaned(value) for name, value in lines.items()}


def _cleaned(value: Any) -> Any:
    """Texts without control characters and what turns the order of letters; ends of lines stay."""
    if isinstance(value, str):
        composed = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
        return "".join(char for char in composed if char == "\n" or not unicodedata.category(char).startswith("C"))
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return [_cleaned(item) for item in value] if isinstance(value, list) else value


def _services(packages: Sequence[Package]) -> list[list[Line | None]]:
    """Service by service its line in each package, in the order of the catalogue; None: not promised there."""
    order: list[str] = []
    for package in packages:
        at = 0
        for line in package.lines:
            if line.service not in order:
                order.insert(at, line.service)
            at = order.index(line.service) + 1
    found = [{line.service: line for line in package.lines} for package in packages]
    return [[lines.get(service) for lines in found] for service in order]


def _row(lines: Sequence[Line | None], charter: Charter, language: Language) -> dict[str, Any]:
    name = next(line.name[language] for line in lines if line is not None)
    names = [package.name[language] for package in charter.packages]
    cells = [
        (line.term[language] if line else "", bool(line and line.more), name)
        for line, name in zip(lines, names, strict=True)
    ]
    merged = []
    for text, group in itertools.groupby(cells, key=lambda cell: cell[0]):
        same = list(group)
        more = any(cell[1] for cell in same)
        merged.append({"text": text, "more": more, "span": len(same), "names": [cell[2] for cell in same]})
    return {"name": name, "cells": merged}


def _how(package: Package, language: Language) -> str:
    """How a package is reached, what it costs, how many places it has; where nothing is shown, to ask for it.

    It reads on from the name of the package, which stands before it.
    """
    name, found = package.name[language], []
    if package.ways:
        found.append(ways_sentence(package, language))
    if package.price is not None:
        code = "packages_price" if package.ways else "packages_price_only"
        found.append(said(code, language, name=name, price=price_text(package.price, language)))
    if not found:
        found.append(said("packages_ask", language, name=name))
    if package.places is not None:
        found.append(package.places[language])
    text = " ".join(found)
    return text.removeprefix(name) if text.startswith(f"{name} ") else f": {text}"


def _hues(count: int) -> list[str]:
    """Hues of equal weight, as in the office: the last of more than two packages has its own."""
    return ["last" if place == count - 1 and count > 2 else str(place % 6) for place in range(count)]


def _foot(charter: Charter, language: Language) -> str:
    if charter.valid_from is None:
        return charter.firm
    return said("packages_foot", language, firm=charter.firm, from_on=charter.valid_from)


def _text(text: Text | None, language: Language) -> str:
    return text[language] if text else ""


@cache
def _page() -> Template:
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style = Markup(tokens() + asset("charter.css"))  # noqa: S704 - our own file, not input
    return page.from_string(asset("charter.html"), globals={"style": style})

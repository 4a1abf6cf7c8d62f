"""What the pages for advisers name in bold stands on the program's pages, and both languages name the same."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from zusage.ground.words import Language, texts

PAGES = Path(__file__).parents[2] / "docs" / "adviser"
PAIRS = (
    ("erste-stunde.md", "first-hour.md"),
    ("buero.md", "office.md"),
    ("von-klassen-zum-konzept.md", "from-classes-to-model.md"),
    ("zeiten.md", "times.md"),
    ("kundenseite.md", "customer-page.md"),
    ("kunden-informieren.md", "telling-customers.md"),
    ("einwilligungen.md", "consents.md"),
    ("postausgang.md", "outbox.md"),
    ("datenschutz.md", "privacy.md"),
)
LANGUAGE: tuple[Language, Language] = ("de", "en")


def names(page: str) -> list[str]:
    """The names of buttons, fields and pages, in the order in which they are told."""
    return re.findall(r"\*\*(.+?)\*\*", (PAGES / page).read_text("utf-8"))


def codes(name: str, language: Language) -> set[str]:
    """The codes of the texts that read like a name; where a text has a value, a name has a number."""
    return {code for code, pattern in patterns(language).items() if pattern.fullmatch(name)}


@cache
def patterns(language: Language) -> dict[str, re.Pattern[str]]:
    """Each text as a pattern, its values being numbers; made once, for there are thousands of them."""
    return {code: re.compile(_pattern(text[language])) for code, text in texts().items()}


def _pattern(text: str) -> str:
    return re.sub(r"\\\{\w+\\\}", r"\\d[\\d.,]*", re.escape(text))


@pytest.mark.parametrize(
    ("page", "language"), [(page, language) for pair in PAIRS for page, language in zip(pair, LANGUAGE, strict=True)]
)
def test_every_name_in_bold_stands_on_a_page_of_the_program(page: str, language: Language) -> None:
    assert len(names(page)) > 10
    assert [name for name in names(page) if not codes(name, language)] == []


@pytest.mark.parametrize(("german", "english"), PAIRS)
def test_both_languages_name_the_same_in_the_same_order(german: str, english: str) -> None:
    pairs = zip(names(german), names(english), strict=True)
    assert [pair for pair in pairs if not codes(pair[0], "de") & codes(pair[1], "en")] == []


@pytest.mark.parametrize("page", [page for pair in PAIRS for page in pair])
def test_a_page_is_read_in_a_few_minutes(page: str) -> None:
    assert len((PAGES / page).read_text("utf-8").splitlines()) <= 90

"""Numbers come in, words as a letter writes them go out, and back: `zwei`, `twelve`, above that figures."""

from __future__ import annotations

from zusage.ground.words import Language, number, word

LARGEST = 12
"""Up to here a German or English letter writes a number out."""


def counted(count: int, language: Language) -> str:
    """A number in running text.

    >>> counted(2, "de"), counted(12, "en"), counted(13, "de")
    ('zwei', 'twelve', '13')
    """
    return word("packages_numbers", language).split()[count] if 0 <= count <= LARGEST else number(count, language)

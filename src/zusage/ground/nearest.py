"""A word that is none of the known ones comes in; which ones there are and which was meant goes out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CLOSE = 0.6
"""So alike (difflib's ratio) a word must be to be asked after: `shwon` is close to `shown`, `anrede` to no field."""


def nearest(word: str, known: Iterable[str], least: float = CLOSE) -> str | None:
    """The known word that one is nearest to, whatever is written large; None where none is close.

    >>> nearest("shwon", ["intro", "shown"]), nearest("Anrede", ["intro", "shown"])
    ('shown', None)
    """
    names = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word[:60].casefold(), names, 1, least)
    return names[found[0]] if found else None


def not_among(word: str, known: Iterable[str]) -> dict[str, str]:
    """Values of a reason: the word, the known ones, and the one that was probably `meant`, after which `say` asks.

    >>> not_among("shwon", ["intro", "shown"])
    {'text': 'shwon', 'known': 'intro, shown', 'meant': 'shown'}
    """
    names = list(known)
    meant = nearest(word, names)
    return {"text": word, "known": ", ".join(names) or "–"} | ({"meant": meant} if meant else {})

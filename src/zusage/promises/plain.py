"""A text for customers comes in; a word that degrades them, or an internal letter of the firm in it, goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zusage.ground.words import Language
from zusage.policy.document import Policy
from zusage.policy.labels import DEGRADING

_BEFORE = r"(?:klasse|serviceklasse|paket|gruppe|stufe|kategorie|class|package|group|level|category|tier)\s+[„“\"']?"
_AFTER = r"[”“\"']?(?:[- ](?:kund|klasse|mandant|customer|client|class)|kund)"


def degrading(text: str, refused: Iterable[str] = ()) -> str | None:
    """The first word that degrades people, or that the firm itself refuses; words of the firm count from their start.

    >>> degrading("Auch Nörgler sind willkommen"), degrading("Standardpaket für alle", ["Standard"])
    ('Nörgler', 'Standard')
    """
    if found := DEGRADING.search(text):
        return found[0]
    for word in filter(None, (item.strip() for item in refused)):
        if own := re.search(rf"(?<!\w){re.escape(word)}", text, re.IGNORECASE):
            return own[0]
    return None


def internal_key(text: str, policy: Policy, language: Language) -> str | None:
    """The key of a class that stands in a text as a word, or None.

    Keys that are a word of a class's name are no secret. Single letters are also articles, initials and editions
    (`A good talk`, `z. B.`, `Plan B`): they count after `Klasse`, before `-Kunde`, and after a small word.
    """
    names = {
        part for item in policy.classes for name in (item.name.de, item.name.en) for part in re.findall(r"\w+", name)
    }
    keys = [item.key for item in policy.classes if item.key not in names]
    return next((key for key in keys if re.search(_pattern(key, language), text)), None)


def _pattern(key: str, language: Language) -> str:
    word = rf"(?<![\w.§]){re.escape(key)}(?!\w)"
    if len(key) > 1:
        telling = (len(key) <= 4 and key.isupper()) or re.search(r"[\d_]", key)
        return word if telling else r"(?!)"
    if not key.isalpha() or not key.isupper():
        return rf"(?i:{_BEFORE}){word}"
    first = rf"|^{word}(?! *\.)" if language == "de" or key not in "AI" else ""
    return rf"(?i:{_BEFORE}){word}|{word}(?i:{_AFTER})|(?<!\w)[a-zäöüß]{{2,}} {word}(?!\.\s+[A-ZÄÖÜ])(?! *\d){first}"

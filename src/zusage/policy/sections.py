"""The text of a policy comes in, its sections (what stands under each key of the first level) go out, each by itself.

Whoever edits a draft changes one section; the others are as they were read before. Only texts that are plainly made of
sections are taken apart: keys of letters at the beginning of a line, no anchors, no lines that could belong to anything
else. All others are read as a whole, and so are those with a mistake, so that it is told with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from typing import Any

from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from zusage.ground.reasons import Finding, Place, Reason
from zusage.policy.load import fits, line_of, load, parser
from zusage.policy.mistakes import Mistake, Path, write_path

KEPT = 64
"""So many sections stay as they were parsed."""
_KEY = re.compile(r"([A-Za-z]\w*):(?=[ \t\n]|$)")
_INSIDE, _BEFORE = re.compile(r"[ \t#\n]"), re.compile(r" *(#|\n)")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_REFERS = re.compile(r"[&*]\w")


@dataclass(frozen=True)
class Section:
    """A key of the first level (empty: what stands before the first one), its first line (from 0) and its text."""

    key: str
    line: int
    text: str


class Sections(dict[str, Any]):
    """What was read section by section: a mapping of each key to what stands under it."""

    def __init__(self, read: Iterator[tuple[Section, CommentedMap]]) -> None:
        self.read = {section.key: (section.line, raw) for section, raw in read}
        super().__init__({key: raw[key] for key, (_, raw) in self.read.items()})


def line_in(read: Any, path: Path) -> int:
    """The line (from 1) where the deepest part of a path that exists stands in a text, from what `loaded` gave."""
    if not isinstance(read, Sections):
        return line_of(read, path)
    line, raw = read.read.get(str(path[0]), (0, CommentedMap())) if path else (0, CommentedMap())
    return line + line_of(raw, path)


def placed(item: Mistake, read: Any, file: str) -> Finding:
    """A mistake with its file and the line where it stands in a text, from what `load` or `loaded` gave."""
    where = Place(file=file, line=line_in(read, item.path), path=write_path(item.path))
    return Finding(item.severity, Reason(item.code, dict(item.values)), where)


def split(text: str) -> list[Section] | None:
    """The sections of a text, one after the other: together they are the text. None where it is not plainly made of
    them.

    >>> [(item.key, item.line) for item in split("# ours\\nfirm: {name: Test}\\nclasses:\\n  A: 1\\n") or ()]
    [('', 0), ('firm', 1), ('classes', 2)]
    """
    if "\r" in text or _REFERS.search(text):
        return None
    found: list[Section] = []
    key, line, held = "", 0, ""
    for number, written in enumerate(_LINE.findall(text)):
        hit = _KEY.match(written)
        if hit:
            found.append(Section(key, line, held))
            key, line, held = hit[1], number, ""
        elif not (_INSIDE if key else _BEFORE).match(written):
            return None
        held += written
    found.append(Section(key, line, held))
    keys = [item.key for item in found]
    return found if len(set(keys)) == len(keys) > 1 else None


@lru_cache(maxsize=KEPT)
def _kept(text: str, key: str) -> CommentedMap | None:
    """A section as it was parsed, to be looked at only."""
    return parsed_section(text, key)


def parsed_section(text: str, key: str) -> CommentedMap | None:
    """A section as ruamel reads it; None where it is not one by itself."""
    try:
        raw = parser().load(StringIO(text))
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, RuntimeError):  # as in `load`
        return None
    return raw if isinstance(raw, CommentedMap) and [*raw] == [key] else None


def loaded(text: str, file: str) -> Any:
    """What `load` reads, section by section where the text is made of them. Not to be changed. Raises Refused as
    `load` does."""
    found = split(text) if fits(text) else None
    read = [(item, _kept(item.text, item.key)) for item in found or () if item.key]
    if not read or any(raw is None for _, raw in read):
        return load(text, file)
    return Sections((item, raw) for item, raw in read if raw is not None)

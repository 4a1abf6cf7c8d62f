"""The text of a policy comes in, the same text with an entry of a mapping added, taken out or moved goes out.

Works on lines, so that comments stay where they stand: a heading over a group of services is nobody's own, and neither
goes with an entry that is taken out nor moves with one. A mapping written in one line (`{a: 1, b: 2}`), or one whose
lines others refer to, is written anew instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ruamel.yaml.comments import CommentedMap

from zusage.policy.edit import Change, Drop, Path, Put, change, written_yaml
from zusage.policy.sections import Sections, loaded

Block = tuple[int, int]
"""The lines of an entry, from the line of its key to the one after its last (from 0)."""


def with_entry(text: str, path: Path, key: str, value: Mapping[str, Any]) -> str:
    """The text with a new entry at the end of the mapping at a path, before what is said of what follows."""
    entry = {key: value}
    return _edited(
        text,
        path,
        lambda lines, blocks, indent: _added(lines, blocks, indent, entry),
        lambda _: [Put((*path, key), value)],
    )


def without_entry(text: str, path: Path, key: str) -> str:
    """The text without an entry; nothing happens where there is none."""
    return _edited(text, path, lambda lines, blocks, _: _cut(lines, blocks, key), lambda _: [Drop((*path, key))])


def with_swapped(text: str, path: Path, one: str, other: str) -> str:
    """The text with two entries in each other's place."""
    return _edited(
        text,
        path,
        lambda lines, blocks, _: _swapped(lines, blocks, one, other),
        lambda mapping: _anew(mapping, path, one, other),
    )


def _anew(mapping: CommentedMap, path: Path, one: str, other: str) -> list[Change]:
    """A mapping taken out and put in again, two of its keys in each other's place."""
    by_key = {str(key): value for key, value in mapping.items()}
    places = {one: other, other: one}
    return [Drop(path), Put(path, {places.get(key, key): by_key[places.get(key, key)] for key in by_key})]


_REFERS = re.compile(r"[\s,:\[{]\*\w")
"""Something like `*name`: a place that repeats what stands at another one, whose lines must not go or move."""


def _edited(
    text: str,
    path: Path,
    edit: Callable[[list[str], dict[str, Block], int], list[str]],
    changes: Callable[[CommentedMap], Sequence[Change]],
) -> str:
    """The text after an edit of its lines; where lines will not do, after the changes."""
    read = loaded(text, "")
    first, raw = read.read.get(str(path[0]), (0, None)) if isinstance(read, Sections) else (0, read)
    mapping = _at(raw, path)
    if not mapping or mapping.fa.flow_style() or _REFERS.search(text) or not text.endswith("\n"):
        return change(text, changes(CommentedMap() if mapping is None else mapping))
    lines, indent = text.splitlines(keepends=True), mapping.lc.col
    return "".join(edit(lines, _blocks(mapping, lines, indent, first), indent))


def _at(node: Any, path: Path) -> CommentedMap | None:
    for step in path:
        key = next((key for key in node if str(key) == str(step)), None) if isinstance(node, CommentedMap) else None
        node = node[key] if key is not None else None
    return node if isinstance(node, CommentedMap) else None


def _blocks(mapping: CommentedMap, lines: Sequence[str], indent: int, first: int) -> dict[str, Block]:
    starts = [(str(key), first + mapping.lc.key(key)[0]) for key in mapping]
    ends = [start for _, start in starts[1:]] + [_end(lines, starts[-1][1] + 1, indent)]
    return {key: (start, _trimmed(lines, start, end, indent)) for (key, start), end in zip(starts, ends, strict=True)}


def _end(lines: Sequence[str], at: int, indent: int) -> int:
    """The first line that no longer belongs to the mapping."""
    while at < len(lines) and (_is_remark(lines[at]) or _indent(lines[at]) >= indent):
        at += 1
    return at


def _trimmed(lines: Sequence[str], start: int, end: int, indent: int) -> int:
    """Without the remarks at the end that stand as far left as the key: they are about what follows."""
    while (
        end > start + 1
        and _is_remark(lines[end - 1])
        and (not lines[end - 1].strip() or _indent(lines[end - 1]) <= indent)
    ):
        end -= 1
    return end


def _is_remark(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _added(lines: list[str], blocks: dict[str, Block], indent: int, entry: Mapping[str, Any]) -> list[str]:
    at = max(end for _, end in blocks.values())
    return [*lines[:at], " " * indent + written_yaml(entry), *lines[at:]]


def _cut(lines: list[str], blocks: dict[str, Block], key: str) -> list[str]:
    start, end = blocks.get(key, (0, 0))
    return lines[:start] + lines[end:]


def _swapped(lines: list[str], blocks: dict[str, Block], one: str, other: str) -> list[str]:
    (start, end), (later, last) = sorted((blocks[one], blocks[other]))
    return [*lines[:start], *lines[later:last], *lines[end:later], *lines[start:end], *lines[last:]]

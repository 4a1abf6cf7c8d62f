"""The text of a policy comes in; plain mappings, lists and values, and the line of each of them, go out."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from itertools import accumulate
from threading import Lock
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from zusage.ground.reasons import Finding, Place, Refused, mistake
from zusage.policy.mistakes import Mistakes, Path, shown

LARGEST_CHARACTERS = 1_000_000
LARGEST_PARTS = 50_000
DEEPEST = 20
MOST_OPEN = 200
"""Brackets open at once. Far beyond DEEPEST, for some may stand in texts; ruamel takes seconds for thousands."""
LARGEST_NUMBER = 10**15
KEPT = 4
"""So many texts stay as they were parsed: who edits one has just read it, and parsing takes the most time."""


def parser() -> YAML:
    """What reads and writes policies: comments, order and quotes stay as people wrote them."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True  # as people write it
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def fits(text: str) -> bool:
    """Whether a text is small enough to be read at all."""
    return len(text) <= LARGEST_CHARACTERS and _most_open(text) <= MOST_OPEN


def load(text: str, file: str, otherwise: Finding | None = None) -> Any:
    """The text as ruamel reads it, with lines. Raises Refused where it is no YAML, or YAML without fields: `otherwise`
    says what was expected there instead of a policy."""
    if len(text) > LARGEST_CHARACTERS:
        raise Refused([mistake("policy_too_large", Place(file=file))])
    if _most_open(text) > MOST_OPEN:
        raise Refused([mistake("policy_too_much", Place(file=file))])
    try:
        raw = parser().load(StringIO(text))
    except DuplicateKeyError as error:
        key = str(error.problem or "").split('"')[1:2]
        raise Refused([mistake("policy_key_twice", _mark(error, file), text=shown(key[0] if key else ""))]) from None
    except MarkedYAMLError as error:
        raise Refused([_not_yaml(error, text, file)]) from None
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, RuntimeError) as error:
        # ruamel raises these for odd tags, dates such as 2026-02-31 and nesting without end.
        raise Refused([mistake("policy_not_yaml", Place(file=file), text=shown(error))]) from None
    if not isinstance(raw, CommentedMap):
        raise Refused([otherwise or mistake("policy_not_a_policy", Place(file=file, line=1))])
    return raw


def _most_open(text: str) -> int:
    steps = (1 if sign in "[{" else -1 for sign in re.findall(r"[\[\]{}]", text))
    return max(accumulate(steps, initial=0))


_PARSED: OrderedDict[str, Any] = OrderedDict()
_TURN = Lock()


def keep_parsed(text: str, raw: Any) -> None:
    """Leave what a text was read as to whoever edits it next; nobody else may hold it any more."""
    with _TURN:
        _PARSED[text] = raw
        while len(_PARSED) > KEPT:
            _PARSED.popitem(last=False)


def parsed(text: str) -> Any:
    """A text as ruamel reads it, for one who may change it: as it was left, else read anew."""
    with _TURN:
        raw = _PARSED.pop(text, None)
    return parser().load(StringIO(text)) if raw is None else raw


def _mark(error: MarkedYAMLError, file: str) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(file=file, line=mark.line + 1 if mark else None)


def _not_yaml(error: MarkedYAMLError, text: str, file: str) -> Finding:
    where = _mark(error, file)
    line = text.splitlines()[where.line - 1 : where.line] if where.line else []
    tab = any("\t" in item[: len(item) - len(item.lstrip())] for item in line)
    return mistake("policy_tab", where) if tab else mistake("policy_not_yaml", where, text=shown(error.problem or ""))


@dataclass
class Plain:
    """Takes what ruamel read apart into plain values, and notes what no field of a policy could be."""

    mistakes: Mistakes
    parts: int = field(default=0)

    def node(self, node: Any) -> Any:
        """The plain form of a node; aliases become copies, keys become text."""
        self.parts += 1
        if self.parts > LARGEST_PARTS or len(self.mistakes.path) > DEEPEST:
            raise TooMuch
        if isinstance(node, dict):
            return dict(self._entries(node))
        if isinstance(node, list):
            return [self._inside(index, item) for index, item in enumerate(node)]
        return self._value(node)

    def _entries(self, node: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
        seen = set()
        for key, item in node.items():
            name = str(key)
            if not isinstance(key, str | int | float | date):
                self.mistakes.add("policy_key_shape", shown(name))
            elif name in seen:  # 1 and "1" are two keys to YAML, and one to people
                self.mistakes.add("policy_key_twice", name, text=shown(name))
            else:
                seen.add(name)
                yield name, self._inside(name, item)

    def _inside(self, step: str | int, item: Any) -> Any:
        with self.mistakes.inside(step):
            return self.node(item)

    def _value(self, node: Any) -> Any:
        if node is None or isinstance(node, bool | date):
            return node
        if isinstance(node, str):
            return str(node)
        if isinstance(node, float):
            return float(node)
        if isinstance(node, int) and abs(node) <= LARGEST_NUMBER:
            return int(node)
        self.mistakes.add("policy_number_too_large" if isinstance(node, int) else "policy_value_shape")
        return None


class TooMuch(Exception):  # noqa: N818 - the input is too much; nothing went wrong inside
    """More parts, or deeper ones, than any policy has: an alias that contains itself, or many that multiply."""


def plain(raw: Any, file: str, mistakes: Mistakes) -> Any:
    """The plain form of what was loaded; raises Refused where it has more parts than a policy can have."""
    try:
        return Plain(mistakes).node(raw)
    except TooMuch:
        raise Refused([mistake("policy_too_much", Place(file=file))]) from None


def line_of(raw: Any, path: Path) -> int:
    """The line (from 1) where the deepest part of a path that exists stands in the file."""
    line = 1
    for step in path:
        try:
            if isinstance(raw, CommentedMap):
                key = next(key for key in raw if str(key) == str(step))
                line, raw = raw.lc.key(key)[0] + 1, raw[key]
            elif isinstance(raw, CommentedSeq) and isinstance(step, int):
                line, raw = raw.lc.item(step)[0] + 1, raw[step]
            else:
                break
        except (StopIteration, LookupError):  # not written, or written elsewhere and merged in
            break
    return line

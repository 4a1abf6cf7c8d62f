"""The text of a policy and something new come in, the same text with that in it goes out, comments and order kept."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from zusage.policy.load import parsed, parser
from zusage.policy.sections import parsed_section, split

Path = tuple[str | int, ...]
"""Where something stands: keys of mappings and places (from 0) in lists, from the outside in."""


@dataclass(frozen=True)
class Put:
    """Write a value (text, number, yes or no, nothing, list or mapping of these) at a path; what is missing on the way
    there is made."""

    path: Path
    value: Any


@dataclass(frozen=True)
class Drop:
    """Take out what stands at a path; nothing happens where nothing stands."""

    path: Path


Change = Put | Drop


def change(text: str, changes: Sequence[Change]) -> str:
    """The text after some changes, one after the other; comments, order and everything else stay as they are.

    What an anchor shares with other places is changed at the path alone. Raises LookupError where a path leads through
    something that has no parts, such as a number.

    >>> change("classes:  # who\\n  A: {name: Gold}\\n", [Put(("classes", "A", "name"), "Premium")])
    'classes:  # who\\n  A: {name: Premium}\\n'
    """
    inside = _within_sections(text, changes)
    return _applied(parsed(text), text, changes) if inside is None else inside


def _applied(document: Any, text: str, changes: Sequence[Change]) -> str:
    changed = [_put(document, item) if isinstance(item, Put) else _drop(document, item) for item in changes]
    return _written(document) if any(changed) else text


def _within_sections(text: str, changes: Sequence[Change]) -> str | None:
    """The text after changes that lie within its sections: the others stay as they are, to the letter. None where the
    text is not made of sections, or where one comes or goes."""
    touched: dict[str, list[Change]] = {}
    for item in changes:
        touched.setdefault(str(item.path[0]), []).append(item)
    found = split(text)
    keys = {section.key for section in found or ()}
    if not found or not touched.keys() <= keys or any(len(item.path) == 1 for item in changes):
        return None
    written = []
    for section in found:
        if section.key not in touched:
            written.append(section.text)
            continue
        document = parsed_section(section.text, section.key)
        if document is None:
            return None
        written.append(_applied(document, section.text, touched[section.key]))
    return "".join(written)


def _part(text: str, key: str) -> tuple[str, Any, str]:
    """What stands before a section, the section to be changed, and what follows; the whole text where it is not made
    of sections."""
    found = split(text) or []
    at = next((place for place, section in enumerate(found) if section.key == key), None)
    document = None if at is None else parsed_section(found[at].text, key)
    if at is None or document is None:
        return "", parsed(text), ""
    return "".join(item.text for item in found[:at]), document, "".join(item.text for item in found[at + 1 :])


def changed(whole: Mapping[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """A plain document after some changes, like the text after them; the document itself stays as it was."""
    document: dict[str, Any] = copy.deepcopy(dict(whole))
    for item in changes:
        node: Any = document
        for step in item.path[:-1]:
            if isinstance(node, dict) and node.get(step) is None:
                node[step] = {}
            node = node[step]
        last = item.path[-1]
        if isinstance(item, Put):
            node[last] = copy.deepcopy(item.value)
        elif last in (range(len(node)) if isinstance(node, list) else node):
            del node[last]
    return document


def _holder(node: Any, path: Path, *, make: bool) -> tuple[Any, Any]:
    """The mapping or list that holds the last step of a path, and that step as it is written there."""
    for step in path[:-1]:
        key = _key(node, step)
        if not _has(node, key) or node[key] is None:
            if not make:
                return None, key
            node[key] = CommentedMap()
        elif _shared(node[key]):
            node[key] = _own(node[key])
        node = node[key]
    return node, _key(node, path[-1])


def _key(node: Any, step: str | int) -> Any:
    """A step as the key that is written: 2026 and "2026" are one key to people."""
    if isinstance(node, CommentedMap):
        return next((key for key in node if str(key) == str(step)), step)
    if isinstance(node, CommentedSeq) and isinstance(step, int):
        return step
    raise LookupError(step)


def _has(node: Any, key: Any) -> bool:
    return 0 <= key < len(node) if isinstance(node, CommentedSeq) else key in node


def _put(document: Any, item: Put) -> bool:
    """Write a value; answers whether it was another one."""
    holder, key = _holder(document, item.path, make=True)
    written = _node(item.value)
    if isinstance(holder, CommentedSeq) and key == len(holder):
        holder.append(written)
        return True
    if _has(holder, key) and _same(holder[key], written):
        return False
    holder[key] = written
    return True


def _same(old: Any, new: Any) -> bool:
    """Whether a value says the same to YAML: yes is not 1, however a text is quoted."""
    return bool(old == new) and (type(old) is type(new) or isinstance(new, str | CommentedMap | CommentedSeq))


def _drop(document: Any, item: Drop) -> bool:
    holder, key = _holder(document, item.path, make=False)
    if holder is None or not _has(holder, key):
        return False
    del holder[key]
    return True


def _node(value: Any) -> Any:
    """A plain value as it is written: mappings and lists in one line."""
    found: CommentedMap | CommentedSeq
    if isinstance(value, Mapping):
        found = CommentedMap({key: _node(part) for key, part in value.items()})
    elif isinstance(value, list | tuple):
        found = CommentedSeq([_node(part) for part in value])
    else:
        return value
    found.fa.set_flow_style()
    return found


def _shared(node: Any) -> bool:
    """Whether other places may mean the same node by its anchor."""
    return isinstance(node, CommentedMap | CommentedSeq) and node.anchor.value is not None


def _own(node: Any) -> Any:
    """A copy of a shared node for one place alone."""
    found = copy.deepcopy(node)
    found.yaml_set_anchor(None)
    return found


def set_cut(text: str, class_key: str, metric: str, *, cut: float, stay: float, remark: str) -> str | None:
    """Write a cut of a metric into a class's criteria (or the grid) with a remark of what it was derived from.

    `cut` and `stay` are in the unit a person writes (euro, years, counts). None if the class has no such criterion.
    """
    before, document, after = _part(text, "classes")
    classes = document["classes"]
    rule = classes["best_first"].get(class_key, {}).get("when")
    places = [*_criteria(rule, metric), *_axes(classes.get("grid"), metric)]
    if not places:
        return None
    holder, key = places[0]
    value = CommentedMap({"from": _plain(cut), "stay": _plain(stay)})
    value.fa.set_flow_style()
    holder[key] = value
    holder.yaml_add_eol_comment(remark, key)
    return before + _written(document) + after


def reorder(text: str, path: Path, keys: Sequence[str]) -> str:
    """Bring the entries of a mapping into an order; each keeps the remarks that stand beside it.

    >>> reorder("classes:\\n  B: 1\\n  A: 2\\n", ("classes",), ["A", "B"])
    'classes:\\n  A: 2\\n  B: 1\\n'
    """
    before, document, after = _part(text, str(path[0]))
    holder, last = _holder(document, path, make=False)
    if holder is None or not isinstance(holder[last], CommentedMap):
        raise LookupError(path)
    for key in keys:
        holder[last].move_to_end(_key(holder[last], key))
    return before + _written(document) + after


def set_firm(text: str, *, name: str, country: str, state: str) -> str:
    """Write whose policy it is into it: the firm's name, its country and the state whose holidays it keeps."""
    whose: list[Change] = [Put(("firm", "name"), DoubleQuotedScalarString(name)), Put(("firm", "state"), state)]
    if country != "DE":
        whose.append(Put(("firm", "country"), country))
    return change(text, whose)


def written_yaml(entry: Mapping[str, Any]) -> str:
    """An entry of a mapping as it is written: its key, and its value in one line."""
    return _written(CommentedMap({key: _node(value) for key, value in entry.items()}))


def _written(document: Any) -> str:
    out = StringIO()
    parser().dump(document, out)
    return out.getvalue()


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _criteria(rule: Any, metric: str) -> Iterator[tuple[Any, Any]]:
    """Where a metric stands in a rule: the mapping that holds it and its key."""
    if isinstance(rule, CommentedMap):
        for key, value in rule.items():
            if str(key) == metric:
                yield rule, key
            else:
                yield from _criteria(value, metric)
    elif isinstance(rule, CommentedSeq):
        for value in rule:
            yield from _criteria(value, metric)


def _axes(grid: Any, metric: str) -> Iterator[tuple[Any, Any]]:
    for axis in ("rows", "columns"):
        cuts = grid.get(axis, {}) if isinstance(grid, CommentedMap) else {}
        if metric in cuts:
            yield (cuts[metric], 0) if isinstance(cuts[metric], CommentedSeq) else (cuts, metric)

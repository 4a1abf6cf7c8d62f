"""The text of a policy and something new come in, the same text with that in it goes out, comments and order kept."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString


def set_cut(text: str, class_key: str, metric: str, *, cut: float, stay: float, remark: str) -> str | None:
    """Write a cut of a metric into a class's criteria (or the grid) with a remark of what it was derived from.

    `cut` and `stay` are in the unit a person writes (euro, years, counts). None if the class has no such criterion.
    """
    yaml = _yaml()
    document = yaml.load(StringIO(text))
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
    return _written(yaml, document)


def set_firm(text: str, *, name: str, country: str, state: str) -> str:
    """Write whose policy it is into it: the firm's name, its country and the state whose holidays it keeps."""
    yaml = _yaml()
    document = yaml.load(StringIO(text))
    firm = document["firm"]
    firm["name"], firm["state"] = DoubleQuotedScalarString(name), state
    if country != firm.get("country", "DE"):
        firm["country"] = country
    return _written(yaml, document)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _written(yaml: YAML, document: Any) -> str:
    out = StringIO()
    yaml.dump(document, out)
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

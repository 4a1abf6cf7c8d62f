"""What was typed on the page of classes comes in, edits of the draft with a name for each go out.

What cannot be read is put into the text as it was typed: the service model's own reader refuses it and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from zusage.ground.money import DecimalMark, parse_units
from zusage.ground.reasons import Reason, Refused, mistake
from zusage.ground.words import Language
from zusage.policy.document import METRICS, OWN, Unit, metric
from zusage.policy.edit import Change, Drop, Path, Put
from zusage.policy.read import Read
from zusage.report.differing import metric_name
from zusage.report.judged import metric_text
from zusage.web.services.classes.queries import Group, Leaf, Node, leaves_of, nodes, plain, price_fields, rule_of
from zusage.web.services.queries import in_both

LONGEST = 60
Posted = Mapping[str, str]


@dataclass(frozen=True)
class Edit:
    """What is to be done to a draft, with its name for the button that undoes it."""

    what: Reason
    changes: list[Change]
    order: tuple[str, ...] = ()  # in which the classes stand afterwards; none given: as they stand


# --- figures


def figure(typed: str, unit: Unit, spoken: Language) -> Any:
    """A figure as the service model writes it, from one as people of a language write it."""
    text = "".join(letter for letter in typed if letter.isprintable()).strip()[:LONGEST]
    marks: tuple[DecimalMark, ...] = (",", ".") if spoken == "de" else (".", ",")
    for mark in marks:
        try:
            milli = parse_units(text.rstrip("% ") if unit == "permille" else text, mark, 3)
        except ValueError:
            continue
        number = milli // 1000 if milli % 1000 == 0 else milli / 1000
        return f"{number} %" if unit == "permille" else number
    return text


def _cut(typed: Posted, leaf_metric: str, spoken: Language, was: Leaf | None = None) -> Any:
    """`from` and `stay` as they are written; where only the cut was moved below the other one, that goes along."""
    unit = metric(leaf_metric).unit if leaf_metric in METRICS or leaf_metric.startswith(OWN) else "cents"
    cut = figure(typed.get("from", ""), unit, spoken)
    stay = figure(typed.get("stay", ""), unit, spoken)
    untouched = was is not None and typed.get("stay", "").strip() == typed.get("was_stay", "").strip()
    if stay in ("", " %") or (untouched and _below(cut, stay)):
        stay = cut
    return cut if cut == stay else {"from": cut, "stay": stay}


def _below(cut: Any, stay: Any) -> bool:
    lower, upper = _amount(cut), _amount(stay)
    return lower is not None and upper is not None and lower < upper


def _amount(value: Any) -> float | None:
    """A figure as it was read; None for what could not be, and will be refused."""
    try:
        return float(str(value).removesuffix(" %"))
    except ValueError:
        return None


def set_cut(read: Read, typed: Posted, spoken: Language) -> Edit:
    """Another cut for a criterion, of a class or of the grid."""
    where, leaf = _leaf(read, typed.get("node", ""))
    value = _cut(typed, leaf.metric, spoken, leaf)
    named = in_both(metric=partial(metric_name, leaf.metric), figure=partial(_cut_text, leaf.metric, value))
    if leaf.path[1] == "grid":
        return Edit(Reason("classes_did_grid", named), list(_put_cut(leaf, value)))
    return Edit(Reason("classes_did_cut", named | _named(read, where)), list(_put_cut(leaf, value)))


def _named(read: Read, key: str) -> dict[str, str]:
    """The name of a class for what is said of an edit."""
    return in_both(name=read.policy.service_class(key).name.__getitem__)


def _cut_text(key: str, value: Any, spoken: Language) -> str:
    """A cut as people read it; what cannot be read as it was typed, for it will be refused."""
    try:
        return metric_text(key, Leaf((), key, value).read.cut, spoken)
    except TypeError:
        return str(value)


def _put_cut(leaf: Leaf, value: Any) -> Iterator[Change]:
    """A cut in the place of another one; remarks beside its figures stay."""
    if isinstance(leaf.value, Mapping):
        parts = value if isinstance(value, dict) else {"from": value, "stay": value}
        for name in ("from", "stay"):
            if name in leaf.value or parts["from"] != parts["stay"]:
                yield Put((*leaf.path, name), parts[name])
    else:
        yield Put(leaf.path, value)


def _leaf(read: Read, number: str) -> tuple[str, Leaf]:
    return next(item for item in leaves_of(read) if item[1].number == number)


# --- criteria


def add_criterion(read: Read, typed: Posted, spoken: Language) -> Edit:
    """One more criterion for a class, beside those it has or into one of its groups."""
    key, name = _class(read, typed), typed.get("metric", "").strip()[:LONGEST]
    if read.written.classes.grid is not None:
        raise Refused([mistake("classes_grid_fixed")])
    rule, new = rule_of(read, key), Leaf((), name, _cut(typed, name, spoken))
    number = typed.get("node", "")
    grown = _mapped(rule, lambda node: _with(node, new) if _is_group(node, number) else node)
    if grown == rule:
        grown = _with(rule if isinstance(rule, Group) else Group((), "all", (rule,)), new)
    values = _named(read, key) | in_both(metric=partial(_said, name))
    return Edit(Reason("classes_did_add", values), _rule(key, grown))


def _said(name: str, spoken: Language) -> str:
    return metric_name(name, spoken) if name in METRICS or name.startswith(OWN) else name


def _is_group(node: Node, number: str) -> bool:
    return isinstance(node, Group) and node.number == number


def _with(group: Node, new: Leaf) -> Node:
    return Group(group.path, group.kind, (*group.parts, new)) if isinstance(group, Group) else group


def remove_criterion(read: Read, typed: Posted, spoken: Language) -> Edit:
    """A class without one of its criteria."""
    where, leaf = _leaf(read, typed.get("node", ""))
    if leaf.path[1] == "grid":
        raise Refused([mistake("classes_grid_fixed")])
    left = _without(rule_of(read, where), leaf)
    values = _named(read, where) | in_both(metric=partial(metric_name, leaf.metric))
    return Edit(Reason("classes_did_remove", values), _rule(where, left))


def switch_group(read: Read, typed: Posted, spoken: Language) -> Edit:
    """All of several criteria become any of them, or the other way round."""
    key, number = _class(read, typed), typed.get("node", "")
    rule = rule_of(read, key)
    group = next(node for node in nodes(rule) if isinstance(node, Group) and node.number == number)
    kind = "any" if group.kind == "all" else "all"
    turned = _mapped(rule, lambda node: Group(node.path, kind, node.parts) if node is group else node)
    return Edit(Reason(f"classes_did_{kind}", _named(read, key)), _rule(key, turned))


def _mapped(node: Node, turn: Callable[[Node], Node]) -> Node:
    """A rule with each of its nodes handed through a function once, the inner ones as they were."""
    turned = turn(node)
    if turned is not node or isinstance(node, Leaf):
        return turned
    parts = tuple(_mapped(part, turn) for part in node.parts)
    return (
        node
        if all(new is old for new, old in zip(parts, node.parts, strict=True))
        else Group(node.path, node.kind, parts)
    )


def _without(node: Node, leaf: Leaf) -> Node | None:
    """A rule without a criterion; groups that nothing is left in go with it."""
    if isinstance(node, Leaf):
        return None if node == leaf else node
    parts = tuple(part for part in (_without(part, leaf) for part in node.parts) if part is not None)
    return None if not parts else parts[0] if len(parts) == 1 else Group(node.path, node.kind, parts)


def _rule(key: str, rule: Node | None) -> list[Change]:
    path = ("classes", "best_first", key, "when")
    return [Drop(path)] if rule is None else [Put(path, plain(rule))]


# --- classes


def _class(read: Read, typed: Posted) -> str:
    key = typed.get("class", "")
    if key not in read.written.classes.best_first:
        raise LookupError(key)
    return key


def describe_class(read: Read, typed: Posted, spoken: Language) -> Edit:
    """Names for customers, level, and places with what gives them."""
    key = typed.get("class", "")
    path: Path = ("classes", "best_first", _class(read, typed)) if key != "provisional" else ("classes", key)
    item = read.policy.service_class(key)
    changes: list[Change] = []
    names = {name: typed.get(f"name_{name}", "").strip()[:LONGEST] for name in ("de", "en")}
    if names != {"de": item.name.de, "en": item.name.en}:
        changes.append(Put((*path, "name"), names))
    if "level" in typed and (level := figure(typed["level"], "count", spoken)) != item.level:
        changes.append(Put((*path, "level"), level) if level != "" else Drop((*path, "level")))
    if key != "provisional":
        changes += _places(read, key, typed, spoken)
        changes += _price(read, key, typed, spoken)
    return Edit(Reason("classes_did_class", in_both(name=lambda language: names[language] or key)), changes)


def _places(read: Read, key: str, typed: Posted, spoken: Language) -> Iterator[Change]:
    """Limited places as typed; an empty field means that there is room for everyone."""
    path, were = ("classes", "best_first", key, "places"), read.policy.service_class(key).places
    count = figure(typed.get("places", ""), "count", spoken)
    order = list(dict.fromkeys(name for place in "123" if (name := typed.get(f"order_{place}", ""))))
    if count == "":
        yield from [Drop(path)] if were else []
    elif were is None or (were.count, list(were.order)) != (count, order):
        yield Put(path, {"count": count, "order": order})


def _price(read: Read, key: str, typed: Posted, spoken: Language) -> Iterator[Change]:
    """What the package costs as typed; an empty field means that it cannot be bought."""
    path, were = ("classes", "best_first", key, "price"), read.policy.service_class(key).price
    net = figure(typed.get("net", ""), "cents", spoken)
    if net == "":
        yield from [Drop(path)] if were and "net" in typed else []
        return
    asked = {
        "net": net,
        "tax": figure(typed.get("tax", ""), "permille", spoken),
        "per": typed.get("per", "year"),
        "notice_days": figure(typed.get("notice_days", ""), "count", spoken),
    }
    now = price_fields(were, spoken) if were else {}
    typed_now = {name: typed.get(name, "").strip() for name in asked}
    if typed_now != now:
        yield Put(path, {name: value for name, value in asked.items() if value not in ("", " %")})


def add_class(read: Read, typed: Posted, spoken: Language) -> Edit:
    """A class before the last one, with its first criterion, promised at first what another class is promised."""
    if read.written.classes.grid is not None:
        raise Refused([mistake("classes_grid_fixed")])
    key, name = typed.get("key", "").strip()[:LONGEST], typed.get("metric", "").strip()[:LONGEST]
    if not key or key in read.written.classes.best_first:
        raise Refused([mistake("classes_key_taken" if key else "classes_key_missing", text=key)])
    like = _class(read, {"class": typed.get("like", "")})
    names = {spoken: typed.get("name", "").strip()[:LONGEST] or key}
    body = {
        "name": names,
        "like": read.written.classes.best_first[like].like or like,
        "when": {name: _cut(typed, name, spoken)},
    }
    *better, last = read.written.classes.best_first
    what = Reason("classes_did_new", {"name": names[spoken]})
    return Edit(what, [Put(("classes", "best_first", key), body)], (*better, key, last))


def ordered(read: Read, key: str, step: int) -> list[str]:
    """The keys of all classes, with one moved up (-1) or down (1)."""
    keys = list(read.written.classes.best_first)
    keys.insert(max(keys.index(key) + step, 0), keys.pop(keys.index(key)))
    return keys


def remove_class(read: Read, typed: Posted, spoken: Language) -> Edit:
    """A class less, with what it was promised; classes that were like it keep that as their own."""
    key = _class(read, typed)
    if read.written.classes.grid is not None:
        raise Refused([mistake("classes_grid_fixed")])
    changes: list[Change] = [Drop(("classes", "best_first", key))]
    likes: list[tuple[Path, str]] = [
        (("classes", "best_first", name), name)
        for name, item in read.written.classes.best_first.items()
        if item.like == key
    ]
    own = read.written.classes.provisional
    if own and own.like == key:
        likes.append((("classes", "provisional"), "provisional"))
    for path, name in likes:
        changes += [Drop((*path, "like")), Put((*path, "level"), read.policy.service_class(name).level)]
    cells = [(service, row) for service, row in read.written.matrix.items() if key in row]
    for service, row in cells:
        changes += [Put(("matrix", service, name), row[key]) for _, name in likes if name not in row]
        changes.append(Drop(("matrix", service, key)))
    changes += _urgent(read, key)
    what = Reason("classes_did_less", {**_named(read, key), "cells_count": len(cells)})
    return Edit(what, changes)


def _urgent(read: Read, key: str) -> Iterator[Change]:
    """What a class is promised when it is urgent goes with it."""
    for name, written in read.written.requests.urgency.model_dump().items():
        if isinstance(written, Mapping) and key in written:
            yield Drop(("requests", "urgency", name, key))


def set_household(read: Read, typed: Posted, spoken: Language) -> Edit:
    """Households classified as one, or everyone alone."""
    wanted = "single" if typed.get("household") == "single" else "together"
    return Edit(Reason(f"classes_did_{wanted}", {}), [Put(("classes", "household"), wanted)])


EDITS: Mapping[str, Callable[[Read, Posted, Language], Edit]] = {
    "cut": set_cut,
    "add": add_criterion,
    "remove": remove_criterion,
    "switch": switch_group,
    "class": describe_class,
    "new": add_class,
    "less": remove_class,
    "household": set_household,
}
"""What may be done to the classes, by the name a form sends."""

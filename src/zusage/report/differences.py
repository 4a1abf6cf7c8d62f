"""Two service models come in, what differs between them goes out as lines in plain words: what, before, after.

Complete: whatever makes the hash another one gives at least one line. What a service, a class or a role is made of is
walked through field by field, so that a new field is told without a word of code (its text is in `differences.toml`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeVar

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, day, listed, word
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import (
    URGENT,
    AllOf,
    AnyOf,
    Criterion,
    Dated,
    Places,
    Policy,
    Price,
    Promise,
    Response,
    Rule,
    Service,
    ServiceClass,
    Text,
    YieldResponse,
    leaves,
)
from zusage.promises.terms import term
from zusage.report.differing import blocks_text, cut_text, key_text, metric_name, rule_text, shown
from zusage.report.writing import said

Group = Literal["classes", "promises", "times", "hours", "costs", "opening", "rest"]
GROUPS: tuple[Group, ...] = ("classes", "promises", "times", "hours", "costs", "opening", "rest")
T = TypeVar("T")

_GROUP: Mapping[str, Group] = {
    "household_together": "classes",
    "potential": "classes",
    "referral_decay_permille": "classes",
    "review": "classes",
    "next_from_delivery": "promises",
    "allowance": "promises",
    "utilisation_permille": "hours",
    "kept_permille": "hours",
    "response": "hours",
    "overhead": "costs",
    "base_cost": "costs",
    "travel": "costs",
    "yields": "costs",
    "earned": "costs",
}
"""Under which heading a field of the policy is told; others stand under the last one."""
_PART_GROUP: Mapping[str, Group] = {
    "yearly_cost": "costs",
    "materials_cents": "costs",
    "seconds": "times",
    "around_seconds": "times",
    "issue_seconds": "times",
    "role": "times",
    "travel": "times",
    "country": "opening",
    "state": "opening",
    "holiday_categories": "opening",
    "time_zone": "opening",
}
"""The same for parts of the firm, of roles, services and activities; others stand where the thing does."""
_THINGS = ("firm", "roles", "services", "activities")


@dataclass(frozen=True)
class Difference:
    """A line: its heading, and what is told of it. `before` and `after` are empty for what is new or gone."""

    group: Group
    what: str
    before: str = ""
    after: str = ""

    def reason(self) -> Reason:
        """The line as a sentence's code and values."""
        code = "differs_changed" if self.before and self.after else "differs_new" if self.after else "differs_gone"
        return Reason(code, {"what": self.what, "before": self.before, "after": self.after})


def differences(old: Policy, new: Policy, language: Language) -> tuple[Difference, ...]:
    """What differs between two service models, heading by heading in the order of GROUPS; nothing for equal hashes.

    >>> from zusage.policy.read import read_policy_text
    >>> from zusage.policy.templates import template
    >>> text = template("abc", "de")
    >>> one, other = (read_policy_text(item).policy for item in (text, text.replace("from: 600", "from: 700")))
    >>> [(item.group, item.what, item.before, item.after) for item in differences(one, other, "de")]
    [('classes', 'Premium: Ertrag im Jahr ab', '600\\xa0€', '700\\xa0€')]
    """
    if old.hash == new.hash:
        return ()
    found = list(_Pair(old, new, language).lines())
    return tuple(sorted(dict.fromkeys(found), key=lambda item: GROUPS.index(item.group)))


def _indexed(items: Iterable[T], key: Callable[[T], str]) -> dict[str, T]:
    return {key(item): item for item in items}


class _Pair:
    """Two policies and the reader's language; each method yields the lines of one part."""

    def __init__(self, old: Policy, new: Policy, language: Language) -> None:
        self.old, self.new, self.language = old, new, language

    def lines(self) -> Iterator[Difference]:
        yield from self._classes()
        yield from self._services()
        yield from self._promises()
        yield from self._requests()
        yield from self._things("activities", "times", self.old.activities, self.new.activities)
        yield from self._things("roles", "hours", self.old.roles, self.new.roles, ordered=False)
        yield from self._opening()
        for item in fields(Policy):
            if item.name not in _OWN_METHOD:
                one, other = getattr(self.old, item.name), getattr(self.new, item.name)
                yield from self._field(_GROUP.get(item.name, "rest"), "", "policy", item.name, one, other)

    # --- values and things

    def _field(self, group: Group, thing: str, owner: str, name: str, one: Any, other: Any) -> Iterator[Difference]:
        """The line of a field that differs, or those of its own fields; `thing` is what it belongs to."""
        if one == other:
            return
        if is_dataclass(one) and type(one) not in _WHOLE:
            yield from self._parts(group, thing, name, one, other)
            return
        if (owner, name) in _BY_KEY:
            yield from self._by_key(group, owner, name, one, other)
            return
        label = word(f"differs_{owner}_{name}", self.language)
        what = f"{thing}: {label}" if thing else label
        field = _WRITTEN_AS.get((owner, name), name)
        yield Difference(group, what, self._old(field, one), self._new(field, other))

    def _parts(self, group: Group, thing: str, owner: str, one: Any, other: Any) -> Iterator[Difference]:
        for item in fields(one):
            inner = _PART_GROUP.get(item.name, group) if owner in _THINGS else group
            if item.name not in ("key", "rule"):  # criteria are told cut by cut
                yield from self._field(
                    inner, thing, owner, item.name, getattr(one, item.name), getattr(other, item.name)
                )

    def _by_key(self, group: Group, owner: str, name: str, one: Any, other: Any) -> Iterator[Difference]:
        """Pairs of a key and a value, key by key: lines of the potential, weights of channels, kinds of money."""
        key_of, value_of, label, field = _BY_KEY[owner, name]
        before, after = ({key_of(item): value_of(item) for item in items} for items in (one, other))
        for key in dict.fromkeys([*before, *after]):
            if before.get(key) == after.get(key):
                continue
            what = said(f"differs_{owner}_{name}", self.language, text=label(key, self.language))
            if field is None:  # the value has fields of its own
                yield from self._parts(group, what, f"{owner}_{name}", before[key], after[key])
            else:
                yield Difference(group, what, self._old(field, before.get(key)), self._new(field, after.get(key)))
        if before == after:  # the same in another order
            yield self._order(group, f"{owner}_{name}", [*before], [*after])

    def _old(self, field: str, value: Any) -> str:
        return shown(field, value, self.old, self.language)

    def _new(self, field: str, value: Any) -> str:
        return shown(field, value, self.new, self.language)

    def _things(
        self, owner: str, group: Group, old: Sequence[Any], new: Sequence[Any], *, ordered: bool = True
    ) -> Iterator[Difference]:
        """Things with a key and a name: those that are new or gone, what differs of the others, and their order."""
        before, after = _indexed(old, lambda item: item.key), _indexed(new, lambda item: item.key)
        for key in dict.fromkeys([*before, *after]):
            if key in before and key in after:
                if before[key] != after[key]:
                    name = _title(owner, after[key].name[self.language], self.language)
                    yield from self._parts(group, name, owner, before[key], after[key])
            else:
                yield self._come_or_gone(owner, group, before.get(key), after.get(key))
        kept = [[key for key in one if key in other] for one, other in ((before, after), (after, before))]
        if ordered and kept[0] != kept[1]:
            names = [
                [items[key].name[self.language] for key in keys]
                for items, keys in zip((before, after), kept, strict=True)
            ]
            yield self._order(group, owner, *names)

    def _come_or_gone(self, owner: str, group: Group, before: Any, after: Any) -> Difference:
        name = (before or after).name[self.language]
        text = self._facts(owner, before or after)
        return Difference(group, _title(owner, name, self.language), text if before else "", text if after else "")

    def _facts(self, owner: str, item: Any) -> str:
        """What is told of a thing that is new or gone as a whole."""
        policy = self.old if item in getattr(self.old, owner) else self.new
        if isinstance(item, ServiceClass):
            owed = [policy.service(one.service).name[self.language] for one in policy.promises_of(item.key)]
            return said(
                "differs_class_facts", self.language, rule=rule_text(item.rule, self.language), text=", ".join(owed)
            )
        if isinstance(item, Service):
            return key_text(item.kind, self.language)
        name = "people_milli" if owner == "roles" else "seconds"
        figure = shown(name, getattr(item, name), policy, self.language)
        return f"{word(f'differs_{owner}_{name}', self.language)} {figure}"

    def _order(self, group: Group, owner: str, before: Sequence[str], after: Sequence[str]) -> Difference:
        return Difference(group, word(f"differs_order_{owner}", self.language), ", ".join(before), ", ".join(after))

    # --- classes and their criteria

    def _classes(self) -> Iterator[Difference]:
        yield from self._things("classes", "classes", self.old.classes, self.new.classes)
        before = _indexed(self.old.classes, lambda item: item.key)
        for item in self.new.classes:
            if item.key in before and before[item.key].rule != item.rule:
                yield from self._rule(item.name[self.language], before[item.key].rule, item.rule)

    def _rule(self, name: str, old: Rule, new: Rule) -> Iterator[Difference]:
        """The cuts that differ; where the criteria themselves are others, both as a whole."""
        if _shape(old) != _shape(new):
            what = f"{name}: {word('differs_classes_rule', self.language)}"
            yield Difference("classes", what, rule_text(old, self.language), rule_text(new, self.language))
            return
        for one, other in zip(leaves(old), leaves(new), strict=True):
            for which in ("cut", "stay"):
                follows = which == "stay" and one.stay == one.cut and other.stay == other.cut
                if getattr(one, which) != getattr(other, which) and not follows:
                    values = {"name": name, "metric": metric_name(one.metric, self.language)}
                    yield Difference(
                        "classes", said(f"differs_{which}", self.language, **values),
                        cut_text(one, which, self.language), cut_text(other, which, self.language),
                    )  # fmt: skip

    # --- promises

    def _services(self) -> Iterator[Difference]:
        yield from self._things("services", "promises", self.old.services, self.new.services)

    def _promises(self) -> Iterator[Difference]:
        """Service by service what the classes of both are promised otherwise; equal changes of classes are one line."""
        for service in dict.fromkeys(item.key for item in (*self.new.services, *self.old.services)):
            told: dict[tuple[str, str, str], list[str]] = {}
            for place, one, other in self._cells(service):
                for label, before, after in self._cell(one, other):
                    told.setdefault((label, before, after), []).append(place)
            for (label, before, after), places in told.items():
                name = self._service_name(service)
                what = said("differs_cell", self.language, service=name, text=self._places(places))
                yield Difference("promises", f"{what}: {label}" if label else what, before, after)

    def _cells(self, service: str) -> Iterator[tuple[str, Promise | None, Promise | None]]:
        """The promises of a service by class, and of the service itself; a class that is new or gone is told as one."""
        keys = {item.key for item in self.new.classes}
        packages = [(item.key, self.old.promises_of(item.key)) for item in self.old.classes if item.key in keys]
        rows = [(key, package, self.new.promises_of(key)) for key, package in packages]
        for key, before, after in [*rows, ("", self.old.standard, self.new.standard)]:
            one, other = (next((it for it in cells if it.service == service), None) for cells in (before, after))
            if one != other:
                yield key, one, other

    def _cell(self, one: Promise | None, other: Promise | None) -> Iterator[tuple[str, str, str]]:
        nothing = word("differs_not_promised", self.language)
        before, after = (
            term(cell, policy, self.language) if cell else nothing
            for cell, policy in ((one, self.old), (other, self.new))
        )
        same_term = before == after
        if not same_term:
            yield "", before, after
        if one is None or other is None:
            return
        measure = self.new.service(other.service).measure
        for item in fields(Promise):
            values = getattr(one, item.name), getattr(other, item.name)
            said_so = not same_term and item.name in (*_TERM, *_TERM_MORE.get(measure, ()))
            if values[0] == values[1] or said_so or self._follows(item.name, one, other):
                continue
            label = word(f"differs_promise_{item.name}", self.language)
            yield label, self._old(item.name, values[0]), self._new(item.name, values[1])

    def _follows(self, name: str, one: Promise, other: Promise) -> bool:
        """Whether a cell only takes over what its service says, which is told there."""
        if name not in ("seconds", "role"):
            return False
        pairs = [
            (getattr(cell, name), getattr(policy.service(cell.service), name))
            for cell, policy in ((one, self.old), (other, self.new))
        ]
        return all(own == given for own, given in pairs)

    def _places(self, keys: Sequence[str]) -> str:
        """The classes a change is about: all, or those named; "" is the service's own promise."""
        names = [item.name[self.language] for item in self.new.classes if item.key in keys]
        kept = {item.key for item in self.new.classes} & {item.key for item in self.old.classes}
        if set(keys) >= kept and len(names) > 1:
            return word("differs_all_classes", self.language)
        if "" in keys:
            names.append(word("differs_by_itself", self.language))
        return listed(names, self.language)

    def _service_name(self, key: str) -> str:
        policy = self.new if key in {item.key for item in self.new.services} else self.old
        return policy.service(key).name[self.language]

    def _requests(self) -> Iterator[Difference]:
        """How fast requests are answered that no promise speaks of, or that are urgent."""
        one, other = self.old.requests, self.new.requests
        for name in ("standard", "cut_off_seconds"):
            pair = getattr(one, name), getattr(other, name)
            yield from self._field("promises", "", "requests", name, *pair)
        before, after = dict(one.urgent), dict(other.urgent)
        names = {item.key: item.name[self.language] for item in self.new.classes}
        for urgency in URGENT:
            told: dict[tuple[str, str], list[str]] = {}
            new = dict(after[urgency])
            for key, response in before[urgency]:
                if key in new and new[key] != response:
                    told.setdefault((self._old("response", response), self._new("response", new[key])), []).append(key)
            for (old, now), keys in told.items():
                text = word("differs_all_classes", self.language) if len(keys) == len(new) else None
                text = text or listed([names[key] for key in keys], self.language)
                what = said("differs_cell", self.language, service=key_text(urgency, self.language), text=text)
                yield Difference("promises", what, old, now)

    # --- opening hours

    def _opening(self) -> Iterator[Difference]:
        before, after = self.old.opening, self.new.opening
        weeks = dict(before.weekly), dict(after.weekly)
        for key in WEEKDAYS:
            if weeks[0].get(key) != weeks[1].get(key):
                texts = [blocks_text(week.get(key, ()), self.language) for week in weeks]
                yield Difference("opening", word(f"weekday_{key}", self.language), *texts)
        days = dict(before.days), dict(after.days)
        for date_ in sorted({*days[0], *days[1]}):
            if days[0].get(date_) != days[1].get(date_):
                texts = [
                    blocks_text(known[date_], self.language) if date_ in known else word("differs_usual", self.language)
                    for known in days
                ]
                yield Difference("opening", day(date_, self.language), *texts)
        for name in ("seasons", "closures"):
            yield from self._field("opening", "", "opening", name, getattr(before, name), getattr(after, name))


def _title(owner: str, name: str, language: Language) -> str:
    return name if owner == "services" else said(f"differs_thing_{owner}", language, name=name)


def _shape(rule: Rule) -> Any:
    """A rule without its figures."""
    if isinstance(rule, Criterion):
        return rule.metric
    return type(rule), tuple(_shape(part) for part in rule.rules)


_OWN_METHOD = (
    "version", "classes", "services", "standard", "promises", "requests", "activities", "roles", "opening",
)  # fmt: skip
"""Fields with a method of their own, and the label, which is no part of the policy."""
_WHOLE = (Text, Dated, Response, YieldResponse, Places, Price, Criterion, AllOf, AnyOf)
"""Values that are written as one; other parts of a policy are told by their own fields."""
_TERM = ("mode", "per_year_milli", "number", "weekdays", "from_minute", "to_minute", "per")
"""What the term of a promise says as far as the customer reads it; of some measures it says more."""
_TERM_MORE = {"contact_person": ("role",), "channel": ("channels",)}
_WRITTEN_AS = {("firm", "name"): "name_of_firm", ("requests", "standard"): "response"}
_BY_KEY: Mapping[tuple[str, str], tuple[Any, Any, Any, str | None]] = {
    ("potential", "lines"): (lambda item: item[0], lambda item: item[1], key_text, "line_cents"),
    ("allowance", "weights"): (
        lambda item: item[0], lambda item: item[1], lambda key, it: word(f"channel_{key}", it), "weight_milli"
    ),
    ("yields", "rules"): (lambda item: item.kind, lambda item: item, key_text, None),
}  # fmt: skip

"""A draft comes in, its classes with their criteria go out: as they are written, and what they mean for the book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zusage.ground.words import Language, word
from zusage.policy.document import METRICS, OWN, Criterion, Policy, Price, metric
from zusage.policy.edit import Path
from zusage.policy.mistakes import Mistakes
from zusage.policy.read import Read
from zusage.policy.rules import read_rule, refused
from zusage.policy.written import Places
from zusage.promises.terms import price_text
from zusage.report.differing import metric_name
from zusage.report.judged import metric_text
from zusage.report.writing import decimal
from zusage.web.bridge.cuts import (
    ClassFigures,
    Histogram,
    Moving,
    class_figures,
    deciding,
    histogram,
    members_of,
    moving,
    own_columns,
)
from zusage.web.bridge.moves import parts_of
from zusage.web.bridge.reckoning import Plan
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customers_for, published_run
from zusage.web.office.models import User
from zusage.web.office.queries import current_version, policy_of
from zusage.web.review.queries import tables_of_run
from zusage.web.services.queries import trial_of

PER = {"cents": 100, "permille": 10, "months": 12, "milli": 1000, "count": 1}
"""So much of a metric's own unit is one of what people write: euro, percent, years, numbers."""
CHANGES = ("up", "down", "level", "first", "undecided")
SIDES = ("rows", "columns")


# --- criteria as they are written


@dataclass(frozen=True)
class Leaf:
    """A criterion as it is written: its place in the text, its metric and what stands there."""

    path: Path
    metric: str
    value: Any

    @property
    def number(self) -> str:
        """Of the fields on the page: its place below the classes."""
        return ".".join(map(str, self.path))

    @property
    def read(self) -> Criterion:
        """Its cuts in the metric's own unit."""
        found = read_rule({self.metric: self.value}, Mistakes())
        if not isinstance(found, Criterion):
            raise TypeError(self.metric)  # a draft can always be read
        return found


@dataclass(frozen=True)
class Group:
    """Criteria of which all, or any, must be met; `path` is none of its own where several stand side by side."""

    path: Path
    kind: str  # all, any
    parts: tuple[Node, ...]

    @property
    def number(self) -> str:
        """Of the buttons on the page."""
        return ".".join(map(str, (*self.path, self.kind)))


Node = Leaf | Group


def tree(written: Any, path: Path) -> Node:
    """The rule of a `when` with the place of each criterion; nothing written is a group of none."""
    if isinstance(written, Mapping):
        parts = tuple(_entry(str(key), value, path) for key, value in written.items())
    else:
        parts = tuple(tree(item, (*path, place)) for place, item in enumerate(written or ()))
    return parts[0] if len(parts) == 1 else Group(path, "all", parts)


def _entry(key: str, value: Any, path: Path) -> Node:
    here = (*path, key)
    if key not in ("all", "any"):
        return Leaf(here, key, value)
    if isinstance(value, Mapping):
        return Group(here, key, tuple(_entry(str(name), cut, here) for name, cut in value.items()))
    return Group(here, key, tuple(tree(item, (*here, place)) for place, item in enumerate(value)))


def plain(node: Node) -> Any:
    """A rule as it is written anew."""
    return {node.metric: node.value} if isinstance(node, Leaf) else {node.kind: [plain(part) for part in node.parts]}


def nodes(node: Node) -> Iterator[Node]:
    """A rule and everything in it, from the outside in."""
    yield node
    for part in node.parts if isinstance(node, Group) else ():
        yield from nodes(part)


def grid_leaves(grid: Any) -> Iterator[tuple[str, Leaf]]:
    """The cuts of both sides of a grid, best first."""
    for side in SIDES if grid else ():
        for key, cuts in grid[side].items():
            path: Path = ("classes", "grid", side, str(key))
            for place, value in enumerate(cuts) if isinstance(cuts, list) else ((None, cuts),):
                yield side, Leaf(path if place is None else (*path, place), str(key), value)


def rule_of(read: Read, key: str) -> Node:
    """The criteria of a class as they are written."""
    return tree(read.written.classes.best_first[key].when, ("classes", "best_first", key, "when"))


def leaves_of(read: Read) -> Iterator[tuple[str, Leaf]]:
    """Every criterion of a draft with its class; those of a grid with its best one."""
    for key in read.written.classes.best_first:
        yield from ((key, node) for node in nodes(rule_of(read, key)) if isinstance(node, Leaf))
    grid = read.written.classes.grid
    yield from ((str(grid["cells"][0][0]), leaf) for _, leaf in grid_leaves(grid))


# --- the page


@dataclass(frozen=True)
class Bar:
    """A bar of a drawn histogram, in its own measure: 600 wide, 100 high."""

    x: int
    width: int
    y: int
    height: int
    inside: bool  # reaches the cut


@dataclass(frozen=True)
class Field:
    """A criterion on the page: in words, as fields, and over the book where there is one."""

    leaf: Leaf
    name: str
    unit: str
    unsure: bool
    cut: str  # as they stand in the fields
    stay: str
    cut_text: str
    stay_text: str
    slide: str  # the cut as the slider counts, with its ends and its step
    low: str
    high: str
    step: str
    book: Histogram | None
    bins: tuple[tuple[str, int], ...]  # where each begins and how many are in it: the drawing as a table
    id: str  # of its elements on the page
    of: str  # the class it counts for, of a grid its best one

    @property
    def bars(self) -> list[Bar]:
        """The histogram, drawn."""
        if self.book is None:
            return []
        counts, cut = self.book.counts, self.leaf.read.cut
        most, width = max(*counts, 1), 600 / len(counts)
        heights = [max(round(size * 96 / most), 2 if size else 0) for size in counts]
        return [
            Bar(round(width * at), max(round(width) - 1, 1), 100 - height, height, self._begin(at) >= cut)
            for at, height in enumerate(heights)
        ]

    def _begin(self, at: int) -> int:
        return self.book.low + self.book.step * at if self.book else 0

    @property
    def last(self) -> str:
        """Where the last bin begins."""
        return self.bins[-1][0]

    @property
    def line(self) -> int:
        """Where the cut stands in the drawing."""
        return self._at(self.leaf.read.cut)

    @property
    def stay_line(self) -> int:
        """Where the lower cut stands in the drawing."""
        return self._at(self.leaf.read.stay)

    def _at(self, value: int) -> int:
        if self.book is None:
            return 0
        return min(max((value - self.book.low) * 600 // (self.book.high - self.book.low), 0), 600)


@dataclass(frozen=True)
class Line:
    """A class on the page."""

    key: str
    name: str
    names: Mapping[str, str]
    level: int
    hue: str
    provisional: bool
    rule: Node | None
    ways: int  # criteria of its own
    in_grid: bool
    places: Places | None
    figures: ClassFigures | None
    only: Field | None  # its one criterion
    price: Mapping[str, str]  # as it stands in the fields; empty: not for sale
    priced: str  # the same in words
    for_all: bool  # whoever reaches no better class is in it, so it cannot be bought

    @property
    def order(self) -> list[tuple[int, str]]:
        """What gives the places, with room for three metrics."""
        keys = [*(self.places.order if self.places else ()), "", "", ""]
        return [(at, keys[at - 1]) for at in (1, 2, 3)]


@dataclass(frozen=True)
class Classes:
    """All of the page."""

    lines: tuple[Line, ...]
    fields: Mapping[str, Field]  # by the number of their criterion
    grid: tuple[tuple[str, Field], ...]
    cells: tuple[tuple[str, ...], ...]  # names of classes
    together: bool
    plan: Plan | None


def classes_of(read: Read, today: date, language: Language) -> Classes:
    """The classes of a draft, best first, with figures where there is a book."""
    policy, written = read.policy, read.written.classes
    plan = trial_of(policy, today)
    found = class_figures(plan) if plan else {}
    fields = {
        leaf.number: field_of(leaf, f"cut-{place}", where, plan, language)
        for place, (where, leaf) in enumerate(leaves_of(read))
    }
    names = {item.key: item.name[language] for item in policy.classes}
    return Classes(
        lines=tuple(_lines(read, found, fields, language)),
        fields=fields,
        grid=tuple((side, fields[leaf.number]) for side, leaf in grid_leaves(written.grid)),
        cells=tuple(tuple(names[str(key)] for key in row) for row in (written.grid or {}).get("cells", ())),
        together=policy.household_together,
        plan=plan,
    )


def _lines(
    read: Read, found: Mapping[str, ClassFigures], fields: Mapping[str, Field], language: Language
) -> Iterator[Line]:
    ranked = [item.key for item in read.policy.classes if not item.provisional]
    gridded = {str(key) for row in (read.written.classes.grid or {}).get("cells", ()) for key in row}
    for item in read.policy.classes:
        rule = None if item.provisional else rule_of(read, item.key)
        own = [node for node in nodes(rule) if isinstance(node, Leaf)] if rule else []
        last = item.key == ranked[-1] and len(ranked) > 2
        written = None if item.provisional else read.written.classes.best_first[item.key]
        yield Line(
            key=item.key,
            name=item.name[language],
            names={"de": item.name.de, "en": item.name.en},
            level=item.level,
            hue="new" if item.provisional else "last" if last else str(ranked.index(item.key) % 6),
            provisional=item.provisional,
            rule=rule,
            ways=len(own),
            in_grid=item.key in gridded,
            places=written.places if written else None,
            figures=found.get(item.key),
            only=fields[own[0].number] if len(own) == 1 and item.key not in gridded else None,
            price=price_fields(item.price, language) if item.price else NO_PRICE,
            priced=price_text(item.price, language) if item.price else "",
            for_all=item.key == ranked[-1],
        )


NO_PRICE: Mapping[str, str] = {"net": "", "tax": "", "per": "year", "notice_days": ""}


def price_fields(price: Price, language: Language) -> Mapping[str, str]:
    """A price as it stands in the fields of a form."""
    return {
        "net": decimal(price.net_cents, 2, language).replace("." if language == "de" else ",", ""),
        "tax": decimal(price.tax_permille, 1, language),
        "per": price.per,
        "notice_days": str(price.notice_days),
    }


def field_of(leaf: Leaf, name: str, of: str, plan: Plan | None, language: Language) -> Field:
    """A criterion on the page."""
    found, kind = leaf.read, metric(leaf.metric)
    per = PER[kind.unit]
    book = histogram(plan, leaf.metric, found.cut) if plan else None
    low, high = (book.low, book.high) if book else (0, max(found.cut * 2, per * 10))
    if kind.unit == "permille":
        high = min(high, 1000)
    finest = {"months": 6, "milli": 1000, "permille": 10, "cents": 100}.get(kind.unit, 1)
    step = max((book.step if book else high // 20) // 10 // finest * finest, finest)
    return Field(
        leaf=leaf,
        name=metric_name(leaf.metric, language),
        unit=kind.unit,
        unsure=kind.unsure,
        cut=figure_text(found.cut, per, language),
        stay=figure_text(found.stay, per, language),
        cut_text=metric_text(leaf.metric, found.cut, language),
        stay_text=metric_text(leaf.metric, found.stay, language),
        slide=_number(found.cut, per),
        low=_number(max(low, 0), per),
        high=_number(high, per),
        step=_number(step, per),
        book=book,
        bins=tuple(_bins(leaf.metric, book, language)) if book else (),
        id=name,
        of=of,
    )


def _bins(key: str, book: Histogram, language: Language) -> Iterator[tuple[str, int]]:
    for at, size in enumerate(book.counts):
        yield metric_text(key, book.low + book.step * at, language), size


def figure_text(value: int, per: int, language: Language) -> str:
    """A figure as it stands in a field: `1.234,5` or `1,234.5`."""
    text = f"{(Decimal(value) / per).quantize(Decimal('0.001')):,f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def _number(value: int, per: int) -> str:
    return f"{value // per if value % per == 0 else round(value / per, 3)}"


@dataclass(frozen=True)
class Offered:
    """A metric that may be added."""

    key: str
    name: str
    means: str


def offered(language: Language, today: date) -> list[Offered]:
    """What a class may ask for: the known metrics, and the firm's own columns as far as the book has them. What must
    not decide about a class is not among them."""
    run = published_run()
    own = own_columns(tables_of_run(run, today)) if run else []
    keys = [*METRICS, *(key for key in own if not refused(key))]
    return [Offered(key, metric_name(key, language), _means(key, language)) for key in keys]


def _means(key: str, language: Language) -> str:
    if key.startswith(OWN):
        return word("classes_means_own", language)
    text = word(f"classes_means_{key}", language)
    return f"{text} ({word('classes_unsure', language)})" if metric(key).unsure else text


# --- who would move


@dataclass(frozen=True)
class Mover:
    """A household or customer that would be in another class, by name, with what decides."""

    name: str
    number: str
    customers: int
    old: str
    new: str
    why: tuple[tuple[str, str, str, bool], ...]  # metric, value, cut, met


class Moves:
    """Who would move under a draft against the confirmed classes, or against what the published run proposes."""

    def __init__(self, user: User, plan: Plan, against: str) -> None:
        version = current_version()
        self.before: Policy = policy_of(version) if version else plan.policy
        self.plan = plan
        found = list(customers_for(user).values_list("number", "name", "sort_key"))
        self.seen = {number: name for number, name, _ in found}
        self.order = {number: key for number, _, key in found}
        self.members = members_of(plan)
        former = dict(_proposals()) if against == "proposed" else None
        everyone = moving(plan, self.before, former)
        self.all = [item for item in everyone if any(number in self.seen for number in self.members[item.unit_id])]

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return dict.fromkeys(CHANGES, 0) | Counter(item.change for item in self.all)

    @property
    def sizes(self) -> dict[str, int]:
        """How many customers these are."""
        found = Counter[str]()
        for item in self.all:
            found[item.change] += len(self.members[item.unit_id])
        return dict.fromkeys(CHANGES, 0) | found

    def of(self, change: str) -> list[Moving]:
        """Those of a kind, by name."""
        return sorted(
            (item for item in self.all if item.change == change), key=lambda item: self.order[self._number(item)]
        )

    def _number(self, item: Moving) -> str:
        return next(number for number in self.members[item.unit_id] if number in self.seen)

    def _name(self, item: Moving) -> str:
        return self.seen[self._number(item)]

    def lines(self, items: Sequence[Moving], language: Language) -> list[Mover]:
        """Some of them as lines, with the criteria that decide."""
        names = {item.key: item.name[language] for item in (*self.before.classes, *self.plan.policy.classes)}
        parts = parts_of(self.plan, [item.unit_id for item in items])
        return [
            Mover(
                name=self._name(item),
                number=self._number(item),
                customers=len(self.members[item.unit_id]),
                old=names.get(item.from_key, item.from_key),
                new=names[item.to_key],
                why=tuple(
                    _why(part, item.change, language)
                    for part in deciding(self.plan.policy, item, parts.get(item.unit_id, ()))
                ),
            )
            for item in items
        ]


def _why(part: Mapping[str, Any], change: str, language: Language) -> tuple[str, str, str, bool]:
    key = part["metric"]
    names = ("low", "high") if change == "undecided" else ("value",)
    value = " – ".join(metric_text(key, part[name], language) for name in names)
    return metric_name(key, language), value, metric_text(key, part["cut"], language), part["met"] >= 2


def _proposals() -> Iterator[tuple[str, str]]:
    yield from Customer.objects.filter(run__published=True).values_list("number", "proposed_key")

"""A draft comes in, the matrix of its services and classes in words goes out, with what is missing in it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from zusage.ground.reasons import Finding
from zusage.ground.words import Language, texts
from zusage.policy.checks import differences
from zusage.policy.classes import PROVISIONAL
from zusage.policy.document import Policy, Promise, Service, ServiceClass
from zusage.policy.mistakes import write_path
from zusage.policy.read import Read
from zusage.policy.terms import MODES, spread
from zusage.policy.written import WrittenPolicy
from zusage.promises.charter import design_findings
from zusage.promises.terms import customer_sentence, often, price_text, response_term, term
from zusage.report.differing import metric_name
from zusage.web.bridge.margins import ClassHours, Margin, Margins, RoleHours, margins_under, without_promises
from zusage.web.services.queries import trial_of
from zusage.web.speech import language as spoken_here
from zusage.web.speech import said

KINDS = ("floor", "standard", "on_request", "exclusive")
"""The order in which services stand, what everyone gets first."""


@dataclass(frozen=True)
class Cell:
    """What a class is promised of a service: the term, what more is said of it, and the wording for the customer."""

    service: str
    class_key: str
    class_name: str
    term: str
    more: tuple[str, ...] = ()
    wording: str = ""
    missing: bool = False  # nothing is written, not even that it is not promised

    @property
    def key(self) -> str:
        """Of the element on the page."""
        return f"{self.service}--{self.class_key}"


@dataclass(frozen=True)
class Row:
    """A service with its cells; those of the floor are the same for everyone and shown as one."""

    service: Service
    name: str
    cells: tuple[Cell, ...]
    margin: Margin | None
    notes: tuple[str, ...]  # what is doubtful about it

    @property
    def locked(self) -> bool:
        """Whether no class can be promised more or less of it."""
        return self.service.kind == "floor"

    @property
    def same(self) -> Cell:
        """The one cell of a locked row."""
        return self.cells[0]


@dataclass(frozen=True)
class Column:
    """A class with its name, its hue and how many are in it."""

    key: str
    name: str
    hue: str
    hours: ClassHours | None


@dataclass(frozen=True)
class Matrix:
    """All of it: columns, rows by their kind, what is missing, what the better classes have more, and the hours."""

    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    missing: tuple[tuple[Row, Cell], ...]
    packages: tuple[Package, ...]
    margins: Margins | None
    short: tuple[tuple[str, RoleHours], ...]  # roles that owe more than they have, by name
    least_permille: int  # of the work that must be measured before hours are said to suffice

    @property
    def promised(self) -> Margin:
        """What all rows come to."""
        return sum(self.margins.services.values(), Margin()) if self.margins else Margin()

    @property
    def scale(self) -> int:
        """The right end of the bar."""
        return max(self.margins.there, self.margins.total.seconds, 1) if self.margins else 1

    @property
    def wide(self) -> int:
        """Columns of the whole table."""
        return len(self.columns) + 2

    @property
    def free(self) -> int:
        """Seconds a year that are left."""
        return max(0, self._left)

    @property
    def lacking(self) -> int:
        """Seconds a year that are missing."""
        return max(0, -self._left)

    @property
    def _left(self) -> int:
        return self.margins.there - self.margins.total.seconds if self.margins else 0

    def row(self, key: str) -> Row:
        """The row of a service."""
        return next(row for _, rows in self.groups for row in rows if row.service.key == key)


@dataclass(frozen=True)
class Package:
    """What a class is promised beyond the next one, and its places."""

    key: str
    name: str
    below: str
    lines: tuple[tuple[str, ...], ...]  # service, its term here, its term below
    places: int | None
    order: str  # by what the places are given, in words
    price: str  # for which it may be bought, in words; empty: not for sale


def matrix_of(read: Read, today: date, language: Language) -> Matrix:
    """The matrix of a service model, with hours where there is a book."""
    policy = read.policy
    plan = trial_of(without_promises(policy), today)  # kept while promises are edited: nothing of it changes then
    margins = margins_under(plan, policy) if plan else None
    remarks = (*read.findings, *design_findings(policy))
    rows = [_row(read, service, margins, remarks, language) for service in policy.services]
    groups = tuple((kind, tuple(row for row in rows if row.service.kind == kind)) for kind in KINDS)
    return Matrix(
        columns=tuple(columns_of(policy, margins, language)),
        groups=groups,
        missing=tuple((row, cell) for row in rows for cell in row.cells if cell.missing),
        packages=tuple(_packages(policy, language)),
        margins=margins,
        short=tuple((policy.role(item.role).name[language], item) for item in (margins.short if margins else ())),
        least_permille=policy.evidence.coverage_permille,
    )


def columns_of(policy: Policy, margins: Margins | None, language: Language) -> Iterator[Column]:
    """The classes of a draft, best first, with their hues as elsewhere."""
    ranked = [item.key for item in policy.classes if not item.provisional]
    for item in policy.classes:
        last = item.key == ranked[-1] and len(ranked) > 2
        hue = "new" if item.provisional else "last" if last else str(ranked.index(item.key) % 6)
        yield Column(item.key, item.name[language], hue, margins.classes[item.key] if margins else None)


def _row(read: Read, service: Service, margins: Margins | None, remarks: Iterable[Finding], language: Language) -> Row:
    cells = tuple(cell_of(read, service, item, language) for item in read.policy.classes)
    margin = margins.services[service.key] if margins else None
    return Row(service, service.name[language], cells, margin, tuple(_notes(remarks, service)))


def _notes(remarks: Iterable[Finding], service: Service) -> Iterator[str]:
    """The remarks on a service that can be mended in the matrix, in its words; sentences that contradict it as told."""
    for item in remarks:
        code, path = f"matrix_note_{item.reason.code}", (item.where.path or "").split(".")
        if code in texts() and path[:2] == ["services", service.key]:
            yield said(code)
        elif item.reason.code == "packages_contradicts" and path[1] == service.key:
            yield said(item.reason.code, **item.reason.values)


def cell_of(read: Read, service: Service, item: ServiceClass, language: Language) -> Cell:
    """One cell in words."""
    promise = read.policy.promise_of(item.key, service.key)
    name = item.name[language]
    if promise is None:
        return Cell(service.key, item.key, name, "", missing=_is_missing(read, service, item))
    more = tuple(_more(promise, service, language))
    wording = promise.wording[language] if promise.wording else ""
    return Cell(service.key, item.key, name, term(promise, read.policy, language), more, wording)


def _more(promise: Promise, service: Service, language: Language) -> Iterator[str]:
    """What the term leaves out: how often an occasion is looked for, and what a response says of later answers."""
    if service.measure in ("occasion", "included") and promise.per_year_milli:
        yield often(promise.per_year_milli, language)
    for code, response in (("matrix_later_reply", promise.reply), ("matrix_later_completion", promise.completion)):
        if response:
            yield said(code, term=response_term(response, language))


def _is_missing(read: Read, service: Service, item: ServiceClass) -> bool:
    """A standard package is complete once each standard service is promised to the last class, or said not to be."""
    last = [entry for entry in read.policy.classes if not entry.provisional][-1]
    return service.kind == "standard" and item == last and written_cell(read.written, service, item.key) is None


def written_cell(written: WrittenPolicy, service: Service, class_key: str) -> Mapping[str, Any] | None:
    """The cell of a class in its long form: its own, that of the class it is like, or what the service promises by
    itself; None where nothing is written."""
    row = written.matrix.get(service.key, {})
    for key in (class_key, like_of(written, class_key)):
        if key in row:
            return spread(row[key], MODES[service.measure])
    own = written.services[service.key].promise
    if own is None and service.measure == "included" and service.kind in ("floor", "standard"):
        own = "included"
    return None if own is None else spread(own, MODES[service.measure])


def like_of(written: WrittenPolicy, class_key: str) -> str | None:
    """The class whose cells stand for a class where it has none of its own."""
    item = written.classes.provisional if class_key == PROVISIONAL else written.classes.best_first.get(class_key)
    return item.like if item else None


def copies(written: WrittenPolicy, class_key: str) -> list[str]:
    """The classes that are like a class: an edit of its cells is one of theirs."""
    found = [key for key, item in written.classes.best_first.items() if item.like == class_key]
    own = written.classes.provisional
    return [*found, PROVISIONAL] if own and own.like == class_key else found


def _packages(policy: Policy, language: Language) -> Iterator[Package]:
    """Each class but the last, with its difference to the next one."""
    real = [item for item in policy.classes if not item.provisional]
    for better, worse in itertools.pairwise(real):
        lines = tuple(
            (service.name[language], *(_in_a_line(item, service, policy, language) for item in pair))
            for service, *pair in differences(policy, better.key, worse.key)
        )
        places = better.places
        order = ", ".join(metric_name(name, language) for name in places.order) if places else ""
        count = places.count if places else None
        price = price_text(better.price, language) if better.price else ""
        yield Package(better.key, better.name[language], worse.name[language], lines, count, order, price)


def _in_a_line(promise: Promise | None, service: Service, policy: Policy, language: Language) -> str:
    if promise is None:
        return ""
    return ", ".join([term(promise, policy, language), *_more(promise, service, language)])


def drafted(read: Read, service: Service, class_key: str, mode: str, language: Language) -> str:
    """What a customer is told of a promise unless its cell words it otherwise; empty where that is not known yet."""
    promise = read.policy.promise_of(class_key, service.key)
    if promise is None or promise.mode != mode:
        return ""
    own = read.written.services[service.key].wording
    return customer_sentence(replace(promise, wording=own), read.policy, language)


def refusals(findings: Iterable[Finding], policy: Policy, path: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Why an edit of a cell was refused: the field it is about (or none), and the sentence in words of the page."""
    start = write_path(tuple(path))
    for item in findings:
        where = item.where.path or ""
        field = where[len(start) + 1 :].split("[")[0].replace(".", "_") if where.startswith(start) else ""
        yield field, refusal(item, policy)


def refusal(item: Finding, policy: Policy) -> str:
    """A finding of the design without the words of the file, with names instead of keys; others as they are."""
    code = f"matrix_refused_{item.reason.code}"
    if code not in texts():
        return said(item.reason.code, **item.reason.values)
    spoken = spoken_here()
    names = {entry.key: entry.name[spoken] for entry in policy.services}
    names |= {entry.key: entry.name[spoken] for entry in policy.classes}
    values = {key: names.get(str(value), str(value)) for key, value in item.reason.values.items()}
    return said(code, **values)


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe"})


def new_key(name: str, taken: Collection[str]) -> str:
    """A key for a service of a name, in plain letters; numbered where it is taken.

    >>> new_key("Kfz-Wechsel im Größten", []), new_key("Kfz", ["kfz"]), new_key("2. Blick", [])
    ('kfz_wechsel_im_groessten', 'kfz_2', 'service_2_blick')
    """
    letters = unicodedata.normalize("NFKD", name.lower().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    key = re.sub("[^a-z0-9]+", "_", letters)[:40].strip("_")
    key = key if key[:1].isalpha() else f"service_{key}".rstrip("_")
    return next(
        found for found in itertools.chain([key], (f"{key}_{n}" for n in itertools.count(2))) if found not in taken
    )


def neighbour(policy: Policy, key: str, step: int) -> str | None:
    """The service of the same kind before (-1) or after (1) a service; None at the ends."""
    kind = policy.service(key).kind
    alike = [item.key for item in policy.services if item.kind == kind]
    place = alike.index(key) + step
    return alike[place] if 0 <= place < len(alike) else None

"""What is known of a customer and a policy comes in; the fields of a letter go out, as text and blocks.

Every sentence about a promise is the promise's own (`promises.terms`), from the same data that answer requests: what
is agreed with a customer goes before the class, and who cannot come is visited. No class is named by its letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter

from zusage.ground.words import Language, listed
from zusage.policy.document import OWN, Policy, Promise, Text
from zusage.promises.charter import charter_of
from zusage.promises.recipients import Kind
from zusage.promises.terms import customer_sentence, price_text, term
from zusage.promises.ways import ways_to
from zusage.promises.weaker import Changed, changed_promises
from zusage.report.letters.address import Address, salutation_line
from zusage.report.letters.conditions import Whose, conditions
from zusage.report.letters.letter import Block, Blocks, Contact, Sender, plain
from zusage.report.letters.template import Fields
from zusage.report.writing import long_day, said


@dataclass(frozen=True)
class Cause:
    """Why a class holds, as the run or a person found it; no figure, and never a person's own note."""

    because: str = ""  # criteria, chosen, declined, no_place, provisional, override, policy
    metrics: tuple[str, ...] = ()  # of criteria: those that decided
    on: date | None = None  # of a choice
    place_in: str | None = None  # of no_place: the class that has none


@dataclass(frozen=True)
class Delivered:
    """What became of a promised service in a year."""

    service: str
    count: int  # how often it was delivered
    due: int | None = None  # how many of these had a day or an hour they were due by
    kept: int | None = None  # and how many of them came in time


@dataclass(frozen=True)
class Statement:
    """A customer's year: what was delivered, and what falls due next (service, day)."""

    year: int
    delivered: tuple[Delivered, ...] = ()
    next: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True)
class Subject:
    """The customer of a letter: who it is, what holds, and what holds besides by agreement."""

    number: str
    address: Address
    class_key: str
    agreed: tuple[Promise, ...] = ()
    cannot_come: bool = False
    consumer: bool = True  # False: a business


@dataclass(frozen=True)
class Former:
    """What held before a change."""

    policy: Policy
    class_key: str


@dataclass(frozen=True)
class Around:
    """What does not depend on the customer: who writes, when, and what the firm shows of its criteria."""

    sender: Sender
    contact: Contact
    today: date
    starts_on: date
    shown: AbstractSet[str] = frozenset()
    ways: Mapping[str, Text] = field(default_factory=dict)  # class key → the way to it in the firm's own words


def letter_fields(
    kind: Kind,
    policy: Policy,
    subject: Subject,
    around: Around,
    language: Language,
    *,
    former: Former | None = None,
    cause: Cause | None = None,
    statement: Statement | None = None,
    code: str = "",
) -> Fields:
    """The fields of a letter of a kind. `former` is needed by `up` and `down`, `statement` by `statement`.

    `code`: of the reply slip; without one the letter has none.
    """
    told = _Telling(policy, subject, around, language)
    found = told.common() | told.promised() | {"reply_slip": (Block("slip"),) if code else ()}
    if kind in ("up", "down"):
        if former is None:
            raise ValueError("a change has a former class")
        found |= told.changed(former) | {"reason": told.reason(cause or Cause())}
        found["bring_back"] = told.bring_back(former)
    if kind == "statement":
        found |= told.year(statement or Statement(around.today.year - 1))
    return found


def owed_to(policy: Policy, subject: Subject) -> tuple[Promise, ...]:
    """What this customer is promised: by agreement, else by class, in the order of the catalogue. Who cannot come to
    the office is visited, as the answer to a request says too."""
    agreed = {item.service: item for item in subject.agreed}
    owed = {item.service: item for item in policy.promises_of(subject.class_key)} | agreed
    found = (owed[service.key] for service in policy.services if service.key in owed)
    return tuple(_visited(policy, item) if subject.cannot_come else item for item in found)


def _visited(policy: Policy, promise: Promise) -> Promise:
    measure = policy.service(promise.service).measure
    return replace(promise, mode="on_site", wording=None) if (measure, promise.mode) == ("venue", "office") else promise


class _Telling:
    """One letter to one customer; each method fills some fields."""

    def __init__(self, policy: Policy, subject: Subject, around: Around, language: Language) -> None:
        self.policy, self.subject, self.around, self.language = policy, subject, around, language
        self.owed = owed_to(policy, subject)

    def say(self, code: str, **values: str | int | date | None) -> str:
        return said(f"letters_{code}", self.language, **values)

    def package(self, policy: Policy, key: str) -> str:
        return policy.service_class(key).name[self.language]

    def sentence(self, promise: Promise, policy: Policy | None = None) -> str:
        return customer_sentence(promise, policy or self.policy, self.language)

    def short(self, promise: Promise, policy: Policy) -> str:
        """The firm's own wording, else the term alone: beside the service's name."""
        return promise.wording[self.language] if promise.wording else term(promise, policy, self.language)

    # --- who writes to whom

    def common(self) -> dict[str, str | Blocks]:
        sender, contact = self.around.sender, self.around.contact
        address = self.subject.address
        return {
            "customer.name": address.person or address.company or address.name,
            "customer.number": self.subject.number,
            "firm.name": sender.name,
            "firm.phone": sender.phone,
            "firm.mail": sender.mail,
            "firm.web": sender.web,
            "firm.opening": sender.opening[self.language],
            "contact.name": contact.name or sender.name,
            "contact.phone": contact.phone or sender.phone,
            "contact.mail": contact.mail or sender.mail,
            "package.name": self.package(self.policy, self.subject.class_key),
            "today": long_day(self.around.today, self.language),
            "starts_on": long_day(self.around.starts_on, self.language),
            "salutation": salutation_line(address, self.language),
            "reach": self.reach(),
            "anything_else": self.anything_else(),
            "signature": (self.signature(),),
        }

    def reach(self) -> str:
        """On which ways: `telefonisch unter …, per E-Mail an …`; at least by post."""
        sender, contact = self.around.sender, self.around.contact
        ways = {"phone": contact.phone or sender.phone, "mail": contact.mail or sender.mail}
        told = [self.say(f"by_{way}", text=plain(text).replace(" ", "\u00a0")) for way, text in ways.items() if text]
        return listed(told, self.language, "or") or self.say("by_post")

    def anything_else(self) -> str:
        name = self.around.contact.name
        told = [self.say("else_person" if name else "else", name=plain(name), reach=self.reach())]
        opening = plain(self.around.sender.opening[self.language])
        if opening:  # in the firm's words: a sentence of its own, or only the hours
            told.append(opening if opening.endswith((".", "!")) else self.say("reachable", text=opening))
        return " ".join(told)

    def signature(self) -> Block:
        contact, sender = self.around.contact, self.around.sender
        return Block("signature", items=tuple(filter(None, (contact.name, contact.role, sender.name))))

    # --- what is promised

    def promised(self) -> dict[str, str | Blocks]:
        """The promises of the package, what everyone gets, and under which conditions all of it holds."""
        floor = {line.service for line in charter_of(self.policy).floor} - {
            item.service for item in self.subject.agreed
        }
        whose = Whose(self.subject.class_key, self.subject.consumer)
        own = [self.sentence(item) for item in self.owed if item.service not in floor]
        common = [self.sentence(item) for item in self.owed if item.service in floor]
        return {
            "promises": _list(own),
            "floor": _list(common),
            "conditions": _list(conditions(self.policy, self.owed, self.around.starts_on, whose, self.language)),
        }

    # --- what changes

    def changed(self, former: Former) -> dict[str, str | Blocks]:
        changes = {item.service: item for item in self.changes(former)}
        lost = [item for item in changes.values() if item.weakened]
        more = [item for item in changes.values() if item.verdict == "stronger"]
        stays = [self.sentence(item) for item in self.owed if item.service not in changes]
        return {
            "package.former": self.package(former.policy, former.class_key),
            "what_stays": _list(stays),
            "what_changes": self.table(lost, former),
            "what_is_added": _list([self.added(item, former) for item in more]),
        }

    def changes(self, former: Former) -> Iterable[Changed]:
        """Changes of the package that reach this customer: what was agreed with them alone stays as agreed."""
        agreed = {item.service for item in self.subject.agreed}
        found = changed_promises(former.policy, self.policy, former.class_key, self.subject.class_key)
        return [self.seen(item) for item in found if item.service not in agreed]

    def seen(self, item: Changed) -> Changed:
        return replace(item, new=next((own for own in self.owed if own.service == item.service), None))

    def table(self, lost: Sequence[Changed], former: Former) -> Blocks:
        head = (self.say("service"), self.say("until_then"), self.say("from", day=self.starts()))
        rows = tuple(self.row(item, former) for item in lost)
        return (Block("table", head=head, rows=rows),) if rows else ()

    def row(self, item: Changed, former: Former) -> tuple[str, ...]:
        policy = self.policy if item.new else former.policy
        name = policy.service(item.service).name[self.language]
        old = self.short(item.old, former.policy) if item.old else self.say("no_limit")
        new = self.short(item.new, self.policy) if item.new else self.say("no_longer")
        return name, old, new

    def added(self, item: Changed, former: Former) -> str:
        if item.new is None:  # an allowance that limits nothing any more
            return self.say("limit_gone", service=former.policy.service(item.service).name[self.language])
        sentence = self.sentence(item.new)
        if item.old is None:
            return sentence
        return self.say("added", sentence=sentence, former=self.short(item.old, former.policy))

    def starts(self) -> str:
        return long_day(self.around.starts_on, self.language)

    def reason(self, cause: Cause) -> str:
        """Why, in plain words; what cannot be said of a cause is said of all: rules that are equal for everybody."""
        names = {"package": self.package(self.policy, self.subject.class_key), "on": _day(cause.on, self.language)}
        if cause.because == "no_place" and cause.place_in:
            return self.say("why_no_place", **names, place=self.package(self.policy, cause.place_in))
        if cause.because in ("chosen", "declined") and cause.on:
            return self.say(f"why_{cause.because}", **names)
        if cause.because in ("override", "policy", "provisional"):
            return self.say(f"why_{cause.because}", **names)
        if cause.metrics:
            told = [self.metric(key) for key in dict.fromkeys(cause.metrics)]
            return self.say("why_metrics", **names, text=listed(told, self.language))
        return self.say("why_criteria", **names)

    def metric(self, key: str) -> str:
        if key.startswith(OWN):
            return self.say("metric_own", name=key.removeprefix(OWN).replace("_", " "))
        trade = "_insurance" if key == "yield" and self.policy.firm.profile == "insurance" else ""
        return self.say(f"metric_{key}{trade}")

    def bring_back(self, former: Former) -> Blocks:
        """The ways to the former package, as far as the firm shows its criteria; its price; or to ask."""
        if former.class_key not in {item.key for item in self.policy.classes}:
            return _list([self.say("ask_back")])
        item = self.policy.service_class(former.class_key)
        name = item.name[self.language]
        ways = ways_to(self.policy, item, self.around.shown, self.around.ways)
        told = [self.say("way", name=name, way=way[self.language]) for way in ways]
        if item.price is not None:
            told.append(self.say("buy", name=name, price=price_text(item.price, self.language)))
        return _list([*told, self.say("ask_back")])

    # --- the year

    def year(self, statement: Statement) -> dict[str, str | Blocks]:
        promised = {item.service: self.short(item, self.policy) for item in self.owed}
        rows = tuple(self.done(item, promised) for item in statement.delivered)
        head = tuple(self.say(code) for code in ("service", "promised", "delivered", "in_time"))
        due = [item for item in statement.delivered if item.due]
        return {
            "year": str(statement.year),
            "delivered": (Block("table", head=head, rows=rows),) if rows else _text(self.say("nothing_done")),
            "kept": self.kept(sum(item.due or 0 for item in due), sum(item.kept or 0 for item in due)),
            "next": _list([self.falls_due(key, day) for key, day in sorted(statement.next, key=itemgetter(1))]),
        }

    def falls_due(self, key: str, day: date) -> str:
        name = self.policy.service(key).name[self.language]
        return self.say("next", service=name, day=long_day(day, self.language))

    def done(self, item: Delivered, promised: Mapping[str, str]) -> tuple[str, ...]:
        name = self.policy.service(item.service).name[self.language]
        in_time = self.say("of", kept=item.kept or 0, due=item.due) if item.due else self.say("no_due")
        return name, promised.get(item.service, self.say("no_due")), self.say("times", count=item.count), in_time

    def kept(self, due: int, kept: int) -> str:
        if not due:
            return ""
        if kept == due:
            return self.say("kept_all_one" if due == 1 else "kept_all", due=due)
        return self.say("kept_some", due=due, kept=kept)


def _list(sentences: Sequence[str]) -> Blocks:
    return (Block("list", items=tuple(plain(item) for item in sentences)),) if sentences else ()


def _text(sentence: str) -> Blocks:
    return (Block("paragraph", plain(sentence)),)


def _day(when: date | None, language: Language) -> str:
    return long_day(when, language) if when else ""

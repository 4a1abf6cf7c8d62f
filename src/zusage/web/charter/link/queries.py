"""Questions of a customer's own page: all it shows of one customer, and nothing of the firm's inner workings.

No letter of a class, no figure of the firm, nobody else of the household: what stands here may be read by the customer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.signing import BadSignature
from django.db.models import QuerySet
from django.utils import timezone

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, say
from zusage.policy.document import Policy, Price
from zusage.promises.charter import Charter, Package, Texts, charter_of
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.plain import degrading, internal_key
from zusage.promises.reaching import touch_of
from zusage.promises.standing import Request as Asked
from zusage.report.letters import letter_pdf
from zusage.web.book.queries import is_erased
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.mail import CONFIRM
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import copy_for, said_to
from zusage.web.charter.queries import Promised, marks, promised, sender, sheet, ways_of
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.choices.queries import contact_of, declined_by
from zusage.web.customers.consent.models import OwnConsent
from zusage.web.customers.consent.queries import Known, deceased, standing_objections
from zusage.web.customers.models import Customer, Told, Unit
from zusage.web.customers.queries import class_on, customers_for, held_on, members_of, membership_on, told_rows, unit_of
from zusage.web.desk.models import Request
from zusage.web.desk.queries import OPEN, Line, allowance_words, in_order, lines, owner_for, standing_of, usual_service
from zusage.web.office.models import User
from zusage.web.office.queries import known_as, refused_words
from zusage.web.speech import language, said

CHANNELS = ("email", "phone", "message", "post")
"""The ways of advertising a customer may allow or forbid, in the order of the page."""
NEXT = 6
"""How many of the next dates are shown."""


@dataclass(frozen=True)
class Terms:
    """A package as a customer reads and orders it; `mark` says whether it still is what was read."""

    place: int  # in the order of the charter, the best first: customers see no key
    name: str
    lines: tuple[tuple[str, bool], ...]  # sentence, better than in the package below
    price: Price | None
    ways: tuple[str, ...]
    places: str
    mark: str


@dataclass(frozen=True)
class Consented:
    """A way of advertising, and how it stands."""

    channel: str
    allowed: bool
    why: str


@dataclass(frozen=True)
class OwnPage:
    """All that a customer's own page shows."""

    customer: Customer
    package: str  # the name of the package whose promises hold
    told: Told | None  # what they were told last, and holds
    ahead: tuple[Told, str] | None  # what was told and holds only later, with its package
    measured: list[Promised]
    also: list[Promised]
    floor: list[Promised]
    declinable: list[tuple[str, str]]  # key and name of services they may do without
    declined: list[tuple[str, str]]
    dates: list[tuple[str, date]]
    allowance: str
    together: bool  # the allowance is a household's
    requests: list[Line]
    documents: list[Message]
    adviser: str
    packages: list[Terms]
    own_place: int | None
    wishes: dict[str, Wish]  # open ones by kind
    answered: list[Wish]  # by a person, the newest first
    consents: list[Consented]
    objected: bool  # to all advertising
    contact: dict[str, str]


def own_page(customer: Customer, policy: Policy, now: datetime) -> OwnPage:
    """The page of one customer, in the language that is spoken."""
    today, unit, speech = timezone.localdate(now), unit_of(customer), language()
    found = charter(policy)
    key, told = held_class(customer, policy, today)
    gone = [item.service for item in declined_by(customer.number)]
    kept = [item for item in promised(Request.objects.all(), customer, unit, policy, now) if item.service not in gone]
    answer = decide(
        policy, calendar_of(policy), standing_of(customer, policy, today), Asked(now, usual_service(policy))
    )
    still_open = Request.objects.filter(number=customer.number, state__in=OPEN)
    wishes = list(Wish.objects.filter(number=customer.number).exclude(state="undone"))
    return OwnPage(
        customer=customer,
        package=_name(policy, key, speech),
        told=told,
        ahead=_ahead(customer, policy, told, today, speech),
        measured=[item for item in kept if item.measured and not item.floor],
        also=[item for item in kept if not item.measured and not item.floor],
        floor=[item for item in kept if item.floor],
        declinable=[(name, text) for name, text in _unasked(policy, key, speech) if name not in gone],
        declined=[(name, _service(policy, name, speech)) for name in gone],
        dates=[(_service(policy, name, speech), day) for name, day in _dates(unit, today) if name not in gone],
        allowance=allowance_words(answer),
        together=members_of(customer).filter(former=False).count() > 1,
        requests=lines(in_order(still_open), policy, now),
        documents=list(documents_of(customer.number)),
        adviser=adviser.name if (adviser := owner_for(customer)) else "",
        packages=[terms_of(item, place, found) for place, item in enumerate(found.packages)],
        own_place=next((place for place, item in enumerate(found.packages) if item.class_key == key), None),
        wishes={item.kind: item for item in wishes if item.state == "open"},
        answered=[item for item in wishes if item.state != "open"][:NEXT],
        consents=_consents(customer.number, today),
        objected=standing_objections(customer.number, "", "advertising").exists(),
        contact=contact_of(customer.number),
    )


# --- what holds


def held_class(customer: Customer, policy: Policy, today: date) -> tuple[str, Told | None]:
    """The class whose promises hold, as its service model's key: the one told last, for a change is told first."""
    told = _told(customer.number).filter(told_on__lte=today).last()
    if told is None:
        return class_on(policy, customer.number, today), None
    return known_as(policy, told.class_key), told


def _told(number: str) -> QuerySet[Told]:
    return told_rows().filter(number=number).select_related("policy")


def _ahead(
    customer: Customer, policy: Policy, holds: Told | None, today: date, speech: Language
) -> tuple[Told, str] | None:
    """What was said already, holds only from a later day on, and is another package or service model than now."""
    said = list(_told(customer.number))
    for day in sorted(item.told_on for item in said if item.told_on > today):
        found = held_on(said, day)
        if found is not None and (
            holds is None or (found.policy_id, found.class_key) != (holds.policy_id, holds.class_key)
        ):
            return found, _name(policy, known_as(policy, found.class_key), speech)
    return None


def _name(policy: Policy, key: str, speech: Language) -> str:
    return next((item.name[speech] for item in policy.classes if item.key == key), "")


def _service(policy: Policy, key: str, speech: Language) -> str:
    return next((item.name[speech] for item in policy.services if item.key == key), key)


def _unasked(policy: Policy, key: str, speech: Language) -> list[tuple[str, str]]:
    """What a class is given unasked and may be done without: nothing of the floor, nothing the law asks for, nothing
    that waits until the customer asks."""
    held = {item.service: item for item in dict(policy.promises).get(key, ())}
    given = [item for item in policy.services if item.key in held and touch_of(item, held[item.key])]
    return [(item.key, item.name[speech]) for item in given if may_decline(policy, item.key)]


def may_decline(policy: Policy, key: str) -> bool:
    """Whether customers may do without a service: what is delivered unasked, but for the floor and what is duty."""
    found = next((item for item in policy.services if item.key == key), None)
    unasked = ("cadence", "publication", "invitation", "occasion")
    return found is not None and found.measure in unasked and found.kind != "floor" and found.legal != "duty"


def _dates(unit: Unit, today: date) -> list[tuple[str, date]]:
    found = Touchpoint.objects.filter(unit_id=unit.unit_id, state="open", due_on__gte=today).order_by("due_on", "pk")
    return list(found.values_list("service", "due_on")[:NEXT])


def _consents(number: str, today: date) -> list[Consented]:
    known = Known([number])
    waiting = set(waiting_for(number).values_list("channel", flat=True))
    found = []
    for channel in CHANNELS:
        gate = known.consented(number, channel, "advertising", today)  # a lock is the firm's matter, not a no of theirs
        why = said(f"link_ground_{gate.ground}", **gate.why.values) if gate.ground else ""
        found.append(Consented(channel, gate.allowed, said("link_ground_waiting") if channel in waiting else why))
    return found


def waiting_for(number: str) -> QuerySet[OwnConsent]:
    """The consents of a customer that were asked to be confirmed by mail and are not yet."""
    found = OwnConsent.objects.filter(number=number, confirmed_at=None, withdrawn_at=None)
    return found.exclude(asked_at=None)


CONFIRM_WITHIN = timedelta(days=14)


def to_confirm(signed: str) -> OwnConsent | None:
    """The consent that an address sent by mail confirms; None for any other address, for one that is too old, and for a
    consent that is kept of somebody who was erased: it is proof, and nobody is asked by it any more."""
    try:
        pk = CONFIRM.unsign(signed, max_age=CONFIRM_WITHIN)
    except BadSignature:
        pk = "0"
    found = OwnConsent.objects.filter(pk=int(pk), withdrawn_at=None).exclude(number__in=deceased())
    given = found.exclude(asked_at=None).first()
    return None if given is None or is_erased(given.number) else given


# --- documents


def documents_of(number: str) -> QuerySet[Message]:
    """What was handed over as a document to a customer, or to another of the household for them as well, the newest
    first: what the letter says was said to both."""
    return said_to(number).filter(state="handed_over").exclude(attachment="").order_by("-handed_over_at")


def document_of(number: str, pk: int) -> tuple[Message, IO[bytes]] | None:
    """A document of this customer with its file below the data folder; None for anybody else's.

    Whoever a letter only names besides gets a copy (`copy_for`): on the paper itself stand what is the
    addressee's alone, where they live, the code of their replies and the way to their own page.
    """
    found = documents_of(number).filter(pk=pk).first()
    if found is None:
        return None
    if found.number != number:
        copy = copy_for(found)
        return (found, BytesIO(letter_pdf(copy, marks(copy.sender.mark)))) if copy else None
    folder = Path(settings.DATA).resolve()
    path = (folder / found.attachment).resolve()
    return (found, path.open("rb")) if path.is_relative_to(folder) and path.is_file() else None


# --- packages


def charter(policy: Policy) -> Charter:
    """The packages as customers may read them, with the ways that the firm shows."""
    found = sheet()
    return _charter(policy.hash, policy, Texts(shown=frozenset(found.shown), ways=ways_of(found)))


@lru_cache(maxsize=8)
def _charter(_hash: str, policy: Policy, texts: Texts) -> Charter:
    return charter_of(policy, texts)


def terms_of(package: Package, place: int, found: Charter) -> Terms:
    """A package in the language that is spoken."""
    speech = language()
    return Terms(
        place=place,
        name=package.name[speech],
        lines=tuple((item.sentence[speech], item.more) for item in package.lines),
        price=package.price,
        ways=tuple(item[speech] for item in package.ways),
        places=package.places[speech] if package.places else "",
        mark=mark_of(copied(package, found)),
    )


def copied(package: Package, found: Charter) -> dict[str, Any]:
    """The terms of a package as they are copied with an order: in both languages, with all parts of the price."""
    price = package.price
    return {
        "policy": found.policy_hash,
        "name": asdict(package.name),
        "lines": [asdict(item.sentence) for item in package.lines],
        "price": {
            "net_cents": price.net_cents, "tax_permille": price.tax_permille, "tax_cents": price.tax_cents,
            "gross_cents": price.gross_cents, "per": price.per, "notice_days": price.notice_days,
        } if price else None,
    }  # fmt: skip


def mark_of(terms: dict[str, Any]) -> str:
    """What a form carries so that nobody orders other terms than they read."""
    return hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()[:24]


def package_at(policy: Policy, place: int) -> tuple[Package, Charter] | None:
    """The package at a place of the charter."""
    found = charter(policy)
    return (found.packages[place], found) if 0 <= place < len(found.packages) else None


# --- why


def why_draft(customer: Customer, policy: Policy, today: date, speech: Language) -> str:
    """The reasons for a customer's package, in their words, for a person to read over: what it rests on, and how to
    get the next larger one as far as the firm shows that."""
    key, _ = held_class(customer, policy, today)
    packages = charter(policy).packages
    place = next((place for place, item in enumerate(packages) if item.class_key == key), None)
    if place is None:
        return say_in("link_why_provisional", speech, name=_name(policy, key, speech))
    told = [say_in(f"link_why_{_because(customer, today)}", speech, name=packages[place].name[speech])]
    told += [
        say_in("link_why_next", speech, name=item.name[speech], text="; ".join(way[speech] for way in item.ways))
        for item in reversed(packages[:place])
        if item.ways
    ]
    return "\n\n".join(told)


def _because(customer: Customer, today: date) -> str:
    """What the class in force rests on, as it was decided; all that customers need not know is the criteria."""
    held = membership_on(customer.number, today)
    known = ("chosen", "declined", "override", "no_place")
    return held.because if held is not None and held.because in known else "criteria"


def say_in(code: str, speech: Language, **values: str) -> str:
    """A text in a language that need not be the reader's."""
    return say(Reason(code, dict(values)), speech)


def unfit_for_customers(text: str, policy: Policy) -> list[str]:
    """What must not stand in an answer to a customer: a letter of the firm's own, a word that degrades."""
    found: Sequence[str | None] = (
        degrading(text, refused_words()), internal_key(text, policy, "de"), internal_key(text, policy, "en"),
    )  # fmt: skip
    return list(dict.fromkeys(word for word in found if word))


# --- the office


def links_of(user: User, number: str) -> QuerySet[CustomerLink]:
    """The links made for a customer this reader may see, the newest first."""
    seen = customers_for(user).filter(number=number).values("number")
    return CustomerLink.objects.filter(number__in=seen).select_related("made_by", "revoked_by")


def firm_name() -> str:
    """The firm as customers know it."""
    return sender().name

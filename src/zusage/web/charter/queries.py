"""Questions to what is told: the firm's sheet, its lines as a sender of letters and mails, whose code is on a reply."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy, Promise, Text
from zusage.promises.cadence import next_of_unit
from zusage.promises.clock import calendar_of
from zusage.promises.standing import Standing, agreed_on, class_promises_in_force, last_told
from zusage.promises.terms import sentence
from zusage.report.letters import Sender
from zusage.web.book.models import Address
from zusage.web.book.queries import stored
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.models import CustomerLink, ReplyCode, Sheet
from zusage.web.customers.choices.models import CONTACT, Wish
from zusage.web.customers.choices.queries import told_contact
from zusage.web.customers.consent.queries import deceased
from zusage.web.customers.models import Customer, Unit
from zusage.web.customers.queries import agreed_with, class_on, told_of
from zusage.web.desk.models import Request
from zusage.web.desk.queries import OPEN, in_order, lines
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import policy_of, the_firm
from zusage.web.speech import language, said

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What codes are written with: 31 signs, without those that look alike (0 and O, 1, I and L). A prime number of signs
lets one check sign find every mistyped sign and every two that changed places."""
LENGTH = 7
"""Signs of a code with its check sign."""
LINK_DAYS = timedelta(days=365)
"""How long a link opens a customer's page unless a person says otherwise: from one yearly statement to the next."""


def sheet() -> Sheet:
    """The firm's sheet; an empty one, not stored, before anybody wrote it."""
    return Sheet.objects.filter(pk=1).first() or Sheet(pk=1, version=0)


def sender() -> Sender:
    """The firm as the sender of what customers get."""
    return sender_of(sheet())


def sender_of(found: Sheet) -> Sender:
    """A sheet as a sender; without a name of its own the firm's."""
    lines = (found.street, found.postcode, found.city, found.phone, found.mail, found.web, found.managing)
    return Sender(
        found.name or the_firm().name,
        *lines,
        opening=both(found.opening_de, found.opening_en),
        notice=both(found.notice_de, found.notice_en),
        mark=found.mark,
    )


def answers_of(found: Sheet) -> dict[str, Text]:
    """What the firm itself says to customers who ask for their data: who gets them, how long they are kept."""
    said_by_firm = {
        "recipients": both(found.receivers_de, found.receivers_en),
        "kept": both(found.keeping_de, found.keeping_en),
    }
    return {name: text for name, text in said_by_firm.items() if text.de}


def marks(*names: str) -> dict[str, bytes]:
    """The firm's pictures by their sha256, as letters name them; those that are not there are left out."""
    paths = {name: stored(name) for name in names if name}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def ways_of(found: Sheet) -> tuple[tuple[str, Text], ...]:
    """How to get a package in the firm's own words, by class."""
    return tuple((key, Text(*pair)) for key, pair in sorted(found.ways.items()))


def both(german: str, english: str) -> Text:
    """A text in both languages; where only one was written, it stands for both."""
    return Text(german or english, english or german)


# --- codes for replies on paper


def check_sign(body: str) -> str:
    """The sign that follows the others of a code: their sum, each times its place.

    >>> check_sign("4KM7PX")
    'J'
    """
    return ALPHABET[sum(place * ALPHABET.index(sign) for place, sign in enumerate(body, 1)) % len(ALPHABET)]


def plain_code(text: str) -> str:
    """A code as it is stored, from what somebody typed: large letters, without spaces and lines between."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def shown_code(code: str) -> str:
    """A code as it is printed: in two groups, so that it is copied without losing one's place."""
    return f"{code[:3]}-{code[3:]}"


def number_of(text: str) -> str:
    """The customer a code belongs to. Refused where it is none: too long or short, mistyped, or never given out."""
    code = plain_code(text)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise Refused([mistake("link_code_form", text=text.strip())])
    if check_sign(code[:-1]) != code[-1]:
        raise Refused([mistake("link_code_typo", text=text.strip())])
    found = ReplyCode.objects.filter(code=code).values_list("number", flat=True).first()
    if found is None:
        raise Refused([mistake("link_code_unknown", text=text.strip())])
    return found


# --- links


def hash_of(token: str) -> str:
    """What is kept of the address of a customer's own page."""
    return sha256(token.encode()).hexdigest()


def link_of(token: str, day: date) -> CustomerLink | None:
    """The link of an address on a day. One question, whatever is wrong with it: unknown, expired, revoked, of somebody
    the book no longer holds, or who died. Whoever is locked for another reason keeps their page: it is their own access
    to what is held of them."""
    present = Customer.objects.filter(run__published=True, former=False, number=OuterRef("number"))
    present = present.exclude(number__in=deceased())
    found = CustomerLink.objects.filter(Exists(present), token_hash=hash_of(token), revoked_at=None)
    return found.filter(expires_on__gte=day).first()


def token_of(seed: str) -> str:
    """The token that a seed becomes with the key of this office: 256 bits, which nobody has who knows only the rows."""
    return urlsafe_b64encode(salted_hmac("zusage.link", seed, algorithm="sha256").digest()).decode().rstrip("=")


def address_again(link: CustomerLink | None, day: date) -> str:
    """The address of a letter's link once more. Empty where it opens nothing on a day, since it is revoked, expired or
    gone; and where nobody can know it: made by hand, or with another key."""
    if link is None or not link.seed or link.revoked_at or link.expires_on < day:
        return ""
    token = token_of(link.seed)
    return settings.ADDRESS + reverse("own_page", args=[token]) if hash_of(token) == link.token_hash else ""


def names_pages() -> bool:
    """Whether letters name the customer's own page: the firm wants it, and it can be reached."""
    return sheet().links and has_public_address()


def has_public_address() -> bool:
    """Whether customers can reach the office at its address at all: links stand in letters only then."""
    host = urlsplit(settings.ADDRESS).hostname or ""
    return host not in ("", "localhost", "127.0.0.1", "::1")


# --- what a customer is promised, and how it stands


@dataclass(frozen=True)
class Promised:
    """A promise as a page shows it: its sentence, how it stands, when it is next due, how often it was kept."""

    text: str
    floor: bool
    measured: bool  # whether it can be seen if it was kept
    state: str = ""
    when: str = ""
    kept: int = 0
    given: int = 0
    service: str = ""


def promised(found: QuerySet[Request], customer: Customer, unit: Unit, policy: Policy, now: datetime) -> list[Promised]:
    """What a customer is promised today, as last told, and how each promise stands; `found`: the requests the reader
    may see."""
    today = timezone.localdate(now)
    key, agreed = class_on(policy, customer.number, today), agreed_with(customer.number, policy)
    standing = Standing(customer.number, key, agreed, told_of(customer.number))
    told = last_told(standing, today)
    source = policy
    if told is not None and told.policy_hash != policy.hash:
        source = policy_of(PolicyVersion.objects.get(hash=told.policy_hash))
    requests = _by_service(found.filter(number=customer.number), policy, now)
    deliveries = _deliveries(customer.unit_id, today)
    since = date.fromisoformat(first) if (first := unit.figures["since"]) else None
    in_force = {item.service: (item, source) for item in class_promises_in_force(policy, standing, today)}
    in_force |= {key: (item, policy) for key, item in agreed_on(standing, today).items()}
    shown = [
        _promised(promise, model, requests)
        if model.service(promise.service).measure == "response"
        else _with_next_day(_promised(promise, model, deliveries), promise, model, since, today)
        for promise, model in in_force.values()
    ]
    return sorted(shown, key=lambda item: item.floor)


_Stand = tuple[str, str, int, int]


def _promised(promise: Promise, policy: Policy, stands: Mapping[str, _Stand]) -> Promised:
    service = policy.service(promise.service)
    text = sentence(promise, policy, language())
    measured = service.measure == "response" or (service.measure == "cadence" and promise.per_year_milli > 0)
    stand = stands.get(promise.service, ("", "", 0, 0))
    return Promised(text, service.kind == "floor", measured, *stand, service=promise.service)


def _with_next_day(line: Promised, promise: Promise, policy: Policy, since: date | None, today: date) -> Promised:
    """The line with the day of the next delivery, where none is so near that it is written down."""
    if line.when or not line.measured:
        return line
    day = next_of_unit(policy, calendar_of(policy), promise, since=since, today=today)
    return replace(line, when=said("people_due_on", due_on=day)) if day else line


def _by_service(found: QuerySet[Request], policy: Policy, now: datetime) -> dict[str, _Stand]:
    """How the answers stand per service: an open one where there is one, else whether the last ones were kept."""
    counts = {
        what: (kept, given)
        for what, kept, given in found.filter(kept__isnull=False)
        .order_by()
        .values_list("what")
        .annotate(kept=Count("pk", filter=Q(kept=True)), given=Count("pk"))
    }
    stands: dict[str, _Stand] = {
        what: ("kept" if kept == given else "broken", "", kept, given) for what, (kept, given) in counts.items()
    }
    for line in reversed(lines(in_order(found.filter(state__in=OPEN)), policy, now)):
        stands[line.request.what] = (line.due.state, line.due.text, *counts.get(line.request.what, (0, 0)))
    return stands


def _deliveries(unit_id: str, today: date) -> dict[str, _Stand]:
    """How what is delivered unasked stands per service: the next day it is due, and how often it came in time."""
    touchpoints = Touchpoint.objects.filter(unit_id=unit_id)
    counts = {
        service: (kept, given)
        for service, kept, given in touchpoints.filter(state="done")
        .order_by()
        .values_list("service")
        .annotate(kept=Count("pk", filter=Q(done_on__lte=F("due_on"))), given=Count("pk"))
    }
    stands: dict[str, _Stand] = {
        service: ("kept" if kept == given else "broken", "", kept, given) for service, (kept, given) in counts.items()
    }
    for item in touchpoints.filter(state="open").order_by("-due_on"):
        state = "broken" if item.due_on < today else "due"
        when = said("people_due_by", due_on=item.due_on)
        stands[item.service] = (state, when, *counts.get(item.service, (0, 0)))
    return stands


# --- where customers are written to

FEW = 500
"""So many numbers are asked for by name; of more, all rows are read: a question has only so many places."""
PLACE = ("street", "addition", "postcode", "city", "country")
WHERE = {*CONTACT} - {"phone"}
"""What a customer may tell us of where they are written to."""


def addresses(numbers: Collection[str]) -> dict[str, Address]:
    """Where customers are written to, by number: as the list says, unless they told us otherwise."""
    rows = Address.objects.filter(book__published=True)
    told = Wish.objects.filter(kind="contact", state="accepted").values_list("number", flat=True).distinct()
    if len(numbers) <= FEW:
        rows, told = rows.filter(customer_id__in=numbers), told.filter(number__in=numbers)
    found = {item.customer_id: item for item in rows}
    for number, told_now in told_contact(set(told)).items():
        row = found.setdefault(number, Address(customer_id=number))
        for name in WHERE & told_now.keys():
            setattr(row, name, told_now[name])
    return found | _left_behind(frozenset(numbers), found)


def _left_behind(numbers: frozenset[str], found: Mapping[str, Address]) -> dict[str, Address]:
    """Where those live of whom only the address of a member of the household is known who died: still there."""
    present = Customer.objects.filter(run__published=True)
    dead = dict(present.filter(number__in=deceased()).values_list("number", "unit_id"))
    listed = Address.objects.filter(book__published=True, customer_id__in=dead).exclude(street="")
    places = {dead[item.customer_id]: item for item in listed}
    left = present.filter(unit_id__in=places).exclude(number__in=dead).values_list("number", "unit_id")
    rows: dict[str, Address] = {}
    for number, unit_id in left:
        row = found.get(number, Address(customer_id=number))
        if number in numbers and not row.street:
            rows[number] = row
            for name in PLACE:
                setattr(row, name, getattr(places[unit_id], name))
    return rows

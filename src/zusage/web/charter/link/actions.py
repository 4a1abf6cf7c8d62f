"""What customers do on their own page, and what a person answers, comes in; the rows that follow from it go out.

Each action may be sent twice and is done once. What costs money, changes a class or contact data is a wish until a
named person accepts it; until then the customer may take it back. What only says no takes effect at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.ground.words import euro, percent
from zusage.policy.document import Policy
from zusage.report.letters import PLACE
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.link.queries import (
    CHANNELS,
    copied,
    mark_of,
    may_decline,
    package_at,
    unfit_for_customers,
    waiting_for,
)
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.actions import write
from zusage.web.customers.actions import record_agreement, record_choice
from zusage.web.customers.choices.actions import answer, ask_for, decline_package, decline_service, take_back
from zusage.web.customers.choices.models import CONTACT, Wish
from zusage.web.customers.choices.queries import contact_of, open_wish
from zusage.web.customers.consent import actions as consent
from zusage.web.customers.consent.models import OwnConsent
from zusage.web.customers.consent.queries import consented, objections_of, standing_objections
from zusage.web.customers.models import Customer, Membership, Told
from zusage.web.desk import actions as at_desk
from zusage.web.desk.models import Request
from zusage.web.desk.queries import OPEN, owner_for, usual_service
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import current_version, policy_of
from zusage.web.review.actions import choose_class
from zusage.web.speech import language, said

A_DAY, MOST_QUESTIONS = timedelta(days=1), 3
"""So many questions of one customer become requests within a day: each is somebody's work."""


def seen(*, link: CustomerLink, today: date) -> None:
    """A link was used: its last day and how often, so that a person can see it lives."""
    CustomerLink.objects.filter(pk=link.pk).update(last_seen_on=today, uses=F("uses") + 1)


# --- packages


def wish_package(
    *,
    customer: Customer,
    policy: Policy,
    place: int,
    mark: str,
    source: str,
    by: User | None,
    now: datetime,
    text: str = "",
    evidence: str = "",
    signed: bool = False,
) -> Wish:
    """The customer asks for a package, with its terms as they were read. Refused where they changed meanwhile."""
    found = package_at(policy, place)
    terms = copied(*found) if found else {}
    if found is None or mark_of(terms) != mark:
        raise Refused([mistake("link_terms_changed")])
    key = found[0].class_key
    known = open_wish(customer.number, "package")
    if known and (known.class_key, known.data, known.text) == (key, terms, text):
        return known
    return ask_for(
        customer=customer, kind="package", class_key=key, data=terms, text=text, language=language(), source=source,
        evidence=evidence, signed=signed, by=by, now=now,
    )  # fmt: skip


def refuse_package(
    *, customer: Customer, policy: Policy, place: int, by: User | None, evidence: str, said_on: date, now: datetime
) -> None:
    """The customer does not want a package; a wish for it that is still open ends with that."""
    found = package_at(policy, place)
    if found is None:
        raise Refused([mistake("link_terms_changed")])
    key = found[0].class_key
    with transaction.atomic():
        known = open_wish(customer.number, "package")
        if known and known.class_key == key:
            take_back(wish=known, now=now)
        decline_package(customer=customer, class_key=key, evidence=evidence, said_on=said_on, by=by, now=now)


def accept_package(
    *, wish: Wish, version: int, effective_on: date, text: str, by: User, now: datetime, contract: str = ""
) -> None:
    """A person accepts what a customer chose: the choice is on record, the class follows with its reason, and a package
    with a price becomes agreements with the terms the customer read. Raises Answered, Refused.

    A package with a price was asked for without obligation: it is accepted once its `contract` is made, and says where
    that lies. The customer knows these promises: they chose them by their words.
    """
    if wish.price and not contract:
        raise Refused([mistake("link_contract_missing")])
    today, customer = timezone.localdate(now), _present(wish)
    with transaction.atomic():
        answered = answer(wish=wish, version=version, state="accepted", text=text, by=by, now=now)
        record_choice(
            customer=customer, state="chosen", class_key=wish.class_key, evidence=evidence_of(answered),
            chosen_on=timezone.localdate(wish.asked_at), by=by, now=now,
        )  # fmt: skip
        reason = text or said("link_reason", name=wish.data["name"][language()], said_on=_day(wish))
        written = choose_class(customer, wish.class_key, reason, effective_on, by, now)
        if wish.price:
            _agree(wish, customer, contract, effective_on, by, now)
        _tell({customer.number, *(item.number for item in written)}, written, wish, effective_on, by, now, today)


def _agree(wish: Wish, customer: Customer, contract: str, since: date, by: User, now: datetime) -> None:
    """What was bought holds whatever the class becomes: a copy of each promise beyond the floor."""
    policy = policy_of(PolicyVersion.objects.get(hash=wish.data["policy"]))
    for promise in policy.promises_of(wish.class_key):
        if policy.service(promise.service).kind != "floor":
            record_agreement(
                customer=customer, promise=promise, class_key=wish.class_key, since=since, until=None,
                source=_bought(wish, contract), by=by, now=now,
            )  # fmt: skip


def _bought(wish: Wish, contract: str) -> str:
    """Where an agreement is written down: the contract, the package, its price, and the request it came with."""
    price = wish.price or {}
    bought = said(
        f"link_bought_{price['per']}",
        name=wish.data["name"][language()],
        said_on=_day(wish),
        net=euro(price["net_cents"], language()),
        tax=percent(price["tax_permille"], language()),
        gross=euro(price["gross_cents"], language()),
        days=price["notice_days"],
    )
    return f"{contract}; {bought}"[:200]


def _tell(
    numbers: set[str], written: list[Membership], wish: Wish, holds_on: date, by: User, now: datetime, today: date
) -> None:
    version = written[0].policy if written else current_version()
    assert version is not None  # noqa: S101 - there is a customer, so there is a service model
    told_on = max(holds_on, today)
    Told.objects.bulk_create(
        Told(
            number=number, policy=version, class_key=wish.class_key, told_on=told_on, said_on=today, how="choice",
            by=by, created_at=now,
        )
        for number in sorted(numbers)
    )  # fmt: skip


def evidence_of(wish: Wish) -> str:
    """Where a choice is written down: the customer's own page on a day, or the slip or list it came with."""
    return wish.evidence or said("link_evidence_page", said_on=_day(wish))


def _day(wish: Wish) -> date:
    return timezone.localdate(wish.asked_at)


def _present(wish: Wish) -> Customer:
    """The customer of a wish. Refused for one the book no longer holds."""
    found = Customer.objects.filter(run__published=True, former=False, number=wish.number).first()
    if found is None:
        raise Refused([mistake("link_customer_gone")])
    return found


def refuse_wish(*, wish: Wish, version: int, text: str, by: User, now: datetime) -> None:
    """A person does not accept what a customer wants, and says why. Raises Answered, Refused."""
    if not text.strip():
        raise Refused([mistake("link_words_missing")])
    _fit(text)
    answer(wish=wish, version=version, state="refused", text=text.strip(), by=by, now=now)


def _fit(text: str) -> None:
    """What a customer reads names no letter of the firm's own and degrades nobody."""
    version = current_version()
    words = unfit_for_customers(text, policy_of(version)) if version else []
    if words:
        raise Refused([mistake("link_words_unfit", text=", ".join(words))])


# --- contact data


def wish_contact(
    *,
    customer: Customer,
    lines: Mapping[str, str],
    source: str,
    by: User | None,
    now: datetime,
    text: str = "",
    evidence: str = "",
) -> Wish | None:
    """The customer proposes other contact data; None where nothing of it is new."""
    known = contact_of(customer.number)
    new = {name: lines[name].strip() for name in CONTACT if lines.get(name, "").strip() not in ("", known.get(name))}
    if not new:
        return None
    former = open_wish(customer.number, "contact")
    if former and former.data == new:
        return former
    return ask_for(
        customer=customer, kind="contact", data=new, text=text, language=language(), source=source, evidence=evidence,
        by=by, now=now,
    )  # fmt: skip


def accept_contact(*, wish: Wish, version: int, text: str, by: User, now: datetime) -> None:
    """From now on the new contact data hold, whatever a list says until it says the same. Raises Answered."""
    answer(wish=wish, version=version, state="accepted", text=text, by=by, now=now)


# --- why


def ask_why(
    *, customer: Customer, policy: Policy, text: str, source: str, by: User | None, now: datetime, evidence: str = ""
) -> Wish:
    """The customer asks for the reasons of their package, or objects to it: a request to a named person, with its due
    moment. It takes nothing from an allowance; asked again while it is open, it is the same question."""
    known = open_wish(customer.number, "why")
    if known is not None:
        return known
    if Wish.objects.filter(number=customer.number, kind="why", asked_at__gt=now - A_DAY).count() >= MOST_QUESTIONS:
        raise Refused([mistake("link_why_enough")])
    with transaction.atomic():
        taken = at_desk.take_request(
            customer=customer, what=usual_service(policy), channel="email", urgency="normal", cause="ours",
            text=said("link_why_request", text=text), phone="", wants="", matter="",
            owner=owner_for(customer) or _owner(), noticed=False, by=by, now=now,
        )  # fmt: skip
        return ask_for(
            customer=customer, kind="why", text=text, language=language(), source=source, evidence=evidence, by=by,
            now=now, request=taken.pk,
        )  # fmt: skip


def _owner() -> User | None:
    return User.objects.filter(role="owner", is_active=True).order_by("pk").first()


def answer_why(*, wish: Wish, version: int, text: str, minutes: int, activity: str, by: User, now: datetime) -> None:
    """A person answers in words the customer understands; the request is done with it. Raises Answered, Refused."""
    if not text.strip():
        raise Refused([mistake("link_words_missing")])
    _fit(text)
    with transaction.atomic():
        answer(wish=wish, version=version, state="accepted", text=text.strip(), by=by, now=now)
        taken = Request.objects.filter(pk=wish.request or 0, state__in=OPEN).first()
        if taken is not None:
            at_desk.done(
                request=taken, version=taken.version, minutes=minutes, activity=activity, at=now, by=by, now=now
            )


def undo(*, customer: Customer, kind: str, now: datetime) -> bool:
    """The customer takes back what nobody accepted yet; a question that is no longer asked needs no answer."""
    known = open_wish(customer.number, kind)
    if known is None:
        return False
    with transaction.atomic():
        take_back(wish=known, now=now)
        taken = Request.objects.filter(pk=known.request or 0, state__in=OPEN).first()
        if taken is not None:
            at_desk.drop(request=taken, version=taken.version, text=said("link_why_undone"), by=None, now=now)
    return True


# --- consents and objection


def set_consent(
    *,
    customer: Customer,
    channel: str,
    allow: bool,
    wording: str,
    source: str,
    by: User | None,
    now: datetime,
    on: date | None = None,
    ask_to_confirm: bool = False,
) -> OwnConsent | None:
    """Allow or forbid advertising on one way. No takes effect at once; yes is kept with its wording and moment, and an
    objection that stood against this way is taken back with it. None where it stands so already, and for a yes on paper
    to which the customer objected since. `on`: the day of a reply on paper, else it is said now."""
    if channel not in CHANNELS:
        raise Refused([mistake("link_channel_unknown")])
    today, number = timezone.localdate(now), customer.number
    stands = consented(number, channel, "advertising", today)
    if allow == (stands.ground == "consent") and (allow or not stands.allowed):
        return None
    with transaction.atomic():
        if not allow:
            _forbid(number, channel, stands.ground, on or today, source, by, now)
            return None
        objections = list(standing_objections(number, channel, "advertising"))
        if on and any(item.said_on > on for item in objections):
            return None
        for objection in objections:
            consent.take_back(objection=objection, how=source, now=now)
        return consent.grant(
            number=number, channel=channel, purpose="advertising", granted_at=_begin(on, now), wording=wording,
            source=source, by=by, now=now, ask_to_confirm=ask_to_confirm,
        )  # fmt: skip


def _begin(day: date | None, now: datetime) -> datetime:
    """The moment of something said on a day: its beginning, for paper knows no hour; now, where it is said now."""
    return timezone.make_aware(datetime.combine(day, time.min)) if day else now


def _forbid(number: str, channel: str, ground: str, today: date, source: str, by: User | None, now: datetime) -> None:
    """A consent is withdrawn; where another ground is left, or none was asked for, an objection closes the way."""
    if ground == "consent":
        consent.withdraw(
            number=number, channel=channel, purpose="advertising", said_on=today, how=source, by=by, now=now
        )
    if consented(number, channel, "advertising", today).allowed:
        consent.object_to(number=number, channel=channel, said_on=today, how=source, by=by, now=now)


def allow_mail(*, customer: Customer, wording: str, source: str, now: datetime) -> OwnConsent | None:
    """Allow advertising by mail where the firm has a mail server: the consent counts once the mail to the address we
    know was answered. Refused where no address is known; None where it stands so already."""
    address = contact_of(customer.number).get("email", "")
    if not address:
        raise Refused([mistake("link_no_mail_address")])
    if waiting_for(customer.number).filter(channel="email").exists():
        return None
    with transaction.atomic():
        given = set_consent(
            customer=customer, channel="email", allow=True, wording=wording, source=source, by=None, now=now,
            ask_to_confirm=True,
        )  # fmt: skip
        if given is not None:
            write(
                number=customer.number, unit_id=customer.unit_id, name=customer.name, purpose=f"confirm {given.pk}",
                kind="confirm", channel="email", gate="asked", address=address, subject=said("link_confirm_subject"),
                text=said("link_confirm_text", text=wording, url=PLACE), by=None, now=now,
            )  # fmt: skip
    return given


def object_to_advertising(
    *, customer: Customer, source: str, by: User | None, now: datetime, on: date | None = None
) -> None:
    """No advertising at all any more (Art. 21 (2) GDPR), at once, and for what waits in the outbox too."""
    day = on or timezone.localdate(now)
    consent.object_to(number=customer.number, channel="", said_on=day, how=source, by=by, now=now)


def take_objection_back(*, customer: Customer, source: str, now: datetime) -> None:
    """The customer takes the objection to all advertising back; no consent comes with it."""
    for objection in objections_of(customer.number):
        if objection.taken_back_at is None and not objection.channel and objection.purpose == "advertising":
            consent.take_back(objection=objection, how=source, now=now)


# --- services


def do_without(
    *, customer: Customer, policy: Policy, service: str, source: str, by: User | None, now: datetime
) -> None:
    """The customer declines a service, at once: what was planned of it is gone. Refused for one of the floor, and for
    one that is not delivered unasked."""
    if not may_decline(policy, service):
        raise Refused([mistake("link_service_stays")])
    with transaction.atomic():
        decline_service(customer=customer, service=service, source=source, by=by, now=now)
        planned = Touchpoint.objects.filter(unit_id=customer.unit_id, service=service, state="open")
        planned.update(state="gone")

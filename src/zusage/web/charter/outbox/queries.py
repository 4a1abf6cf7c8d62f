"""Questions to the outbox: what waits, what is unclear, what was handed over, and to whom no mail can go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Max, Min, Q, QuerySet, When, prefetch_related_objects
from django.dispatch import Signal
from django.http import Http404

from zusage.ground.reasons import Finding, Reason, note
from zusage.ground.typed import typed
from zusage.ground.words import Language
from zusage.promises.consent import Gate
from zusage.report.letters import Letter
from zusage.web.book.models import Address, Erased
from zusage.web.book.queries import digest_of
from zusage.web.charter.outbox.mail import From, from_of
from zusage.web.charter.outbox.models import CHANNELS, KINDS, AlsoFor, Message, Notice
from zusage.web.charter.outbox.server import Account, account_of
from zusage.web.charter.queries import sender as the_sender
from zusage.web.customers.choices.queries import contact_of
from zusage.web.customers.consent.queries import gates_for, names_of
from zusage.web.customers.queries import customers_for, sees_all
from zusage.web.office.models import User
from zusage.web.office.queries import the_firm

LOTS = 30
"""Lots named at once; who writes more than that at a time finds the rest by the filters."""


def messages_for(user: User) -> QuerySet[Message]:
    """The messages somebody may see: those to the customers they may see."""
    found = Message.objects.all()
    return found if sees_all(user) else found.filter(number__in=customers_for(user).values("number"))


def message_for(user: User, pk: int) -> Message:
    """A message by its id; Http404 for one that is not there or not this reader's."""
    found = messages_for(user).select_related("policy", "told", "by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


URGENT = Case(
    When(state="unclear", then=0),
    When(state="failed", then=1),
    When(~Q(came_back=""), then=2),
    When(state__in=("written", "handing"), then=3),
    When(state="stopped", then=4),
    default=5,
)
"""The order of the outbox: what a person has to decide comes first, what has left comes last."""
SHOWN: dict[str, Q] = {
    "unclear": Q(state="unclear"),
    "failed": Q(state="failed"),
    "back": ~Q(came_back=""),
    "waiting": Q(state__in=("written", "handing")),
    "stopped": Q(state="stopped"),
    "handed_over": Q(state="handed_over", came_back=""),
}
"""What the list can be asked for, in the order of its tabs."""


def filtered(found: QuerySet[Message], *, show: str, kind: str, channel: str, q: str) -> QuerySet[Message]:
    """The messages that pass the filters of the list, the most urgent first."""
    if show in SHOWN:
        found = found.filter(SHOWN[show])
    if kind in KINDS:
        found = found.filter(kind=kind)
    if channel in CHANNELS:
        found = found.filter(channel=channel)
    if q.strip():
        words = q.replace("\0", "").strip()
        found = found.filter(Q(name__icontains=words) | Q(number=words) | Q(address__icontains=words))
    return found.order_by(URGENT, "-written_at", "-pk")


def counts(found: QuerySet[Message]) -> dict[str, int]:
    """How many messages stand under each tab, and in all."""
    tabs = {name: Count("pk", filter=wanted) for name, wanted in SHOWN.items()}
    return found.order_by().aggregate(all=Count("pk"), **tabs)


@dataclass(frozen=True)
class Lot:
    """What waits for the same purpose in the same way: letters brought to the post together."""

    channel: str
    kind: str
    purpose: str
    count: int
    first_at: datetime
    last: int  # the id of its newest: what was written after somebody looked is not among what they took along


def lots(found: QuerySet[Message]) -> list[Lot]:
    """What waits, lot by lot, the oldest first."""
    rows = found.filter(state="written").order_by().values("channel", "kind", "purpose")
    return [
        Lot(row["channel"], row["kind"], row["purpose"], row["count"], row["first_at"], row["last"])
        for row in rows.annotate(count=Count("pk"), first_at=Min("written_at"), last=Max("pk")).order_by(
            "first_at", "purpose"
        )[:LOTS]
    ]


def said_to(number: str) -> QuerySet[Message]:
    """The messages to a customer, and those to others of the household that are for them as well.

    Their ids are asked for first: SQLite would else read every message of a state. Of 10,000 that takes 50 ms, this 3.
    """
    own = Message.objects.filter(number=number).order_by().values_list("pk")
    return Message.objects.filter(
        pk__in=[pk for (pk,) in own.union(AlsoFor.objects.filter(number=number).order_by().values_list("message"))]
    )


def copy_for(message: Message) -> Letter | None:
    """A letter as those may read it whom it names besides its recipient; None where it is not kept as data.

    What it says was said to both, under one greeting. What belongs to the recipient alone is left out: where they live,
    their number, the code by which replies count as theirs, the address of their own page.
    """
    same = Message.objects.filter(attachment=message.attachment, letter__said__isnull=False)
    kept = same.values_list("letter__said", flat=True).first()  # of a mail sent again by post the mail has it
    if not message.attachment or kept is None:
        return None
    shared = {name: value for name, value in kept["letter"].items() if name not in ("number", "slip", "page")}
    letter: Letter = typed(shared, Letter)
    blocks = tuple(block for block in letter.blocks if block.kind != "slip")
    return replace(letter, address=letter.address[:1], blocks=blocks)


def bounced(addresses: Collection[str]) -> set[str]:
    """The mail addresses among these that take no mail, in small letters."""
    wanted = {item.lower() for item in addresses if item}
    found = Notice.objects.filter(kind="bounce", ended_at=None)
    if len(wanted) == 1:
        found = found.filter(address__in=wanted)
    return wanted & set(found.values_list("address", flat=True))


asked_again = Signal()
"""Sent with `messages` and `day` before they leave: rooms above answer which of them say what is not right any more, as
a mapping of their ids to findings."""


def closed(messages: Iterable[Message], day: date) -> dict[int, Finding]:
    """The messages among these that may not be handed over on a day, each with the reason: advertising nobody may send
    any more, service the customer does not want in this way, an address that takes no mail, words that are not right
    any more.

    Whoever a message is for besides is asked for like its recipient: it says to them what it says, in the recipient's
    letter as in one of their own. It is stopped as a whole: what is written or printed cannot lose a name, and without
    them it would be another letter. The next one is written without them (`promises.recipients`).
    """
    listed = list(messages)
    prefetch_related_objects(listed, "others")
    dead = bounced([item.address for item in listed if item.channel == "email"])
    found = {
        item.pk: note("outbox_bounced", text=item.address)
        for item in listed
        if item.channel == "email" and item.address.lower() in dead
    }
    groups: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for item in listed:
        if item.gate != "asked" and item.pk not in found:
            groups[item.channel, item.gate].append(item)
    for (channel, purpose), group in groups.items():
        gates = gates_for({number for item in group for number in (item.number, *item.also)}, channel, purpose, day)
        found |= {item.pk: Finding("note", gates[item.number].why) for item in group if not gates[item.number].allowed}
        found |= _shut_for_others([item for item in group if item.pk not in found], gates)
    gone = set(Erased.objects.values_list("digest", flat=True))  # one may have been written while they were erased
    found |= {item.pk: note("mailing_out_gone") for item in listed if gone and digest_of(item.number) in gone}
    answers: list[tuple[Any, Any]] = asked_again.send(sender=Message, messages=listed, day=day)
    for _, wrong in answers:
        found |= wrong
    return found


def _shut_for_others(messages: Sequence[Message], gates: Mapping[str, Gate]) -> dict[int, Finding]:
    """The messages that may not go to somebody they are for besides their recipient, with whose reason it is."""
    also = {number for item in messages for number in item.also}
    gone = set(Erased.objects.filter(alias__in=also).values_list("alias", flat=True)) if also else set()
    shut = {number: gates[number].why for number in also if not gates[number].allowed}
    shut |= dict.fromkeys(gone, Reason("mailing_out_gone"))
    names = names_of(shut)
    found: dict[int, Finding] = {}
    for item in messages:
        other = next((number for number in item.also if number in shut), None)
        if other is not None:
            found[item.pk] = Finding("note", for_another(names.get(other, other), shut[other]))
    return found


def for_another(name: str, why: Reason) -> Reason:
    """Why a letter does not go to somebody, as the reason why it does not go to whoever shares it."""
    return Reason("outbox_also", {"name": name, "why_code": why.code, **why.values})


def letter_language() -> Language:
    """The language in which the firm writes."""
    return "de" if the_firm().language == "de" else "en"


def mail_account() -> tuple[Account, From] | None:
    """The firm's mail server and who writes; None where none is set. Raises Refused for a wrong setting."""
    if not settings.SMTP_URL:
        return None
    return account_of(settings.SMTP_URL), writer()


def writer() -> From:
    """Who writes: as set, else as the firm's sheet says. Raises Refused where neither does."""
    firm = the_sender()
    return from_of(settings.MAIL_FROM or firm.mail, firm.name)


def dead_addresses(number: str) -> list[str]:
    """The addresses of a customer from which a mail came back, and that were not reached again since."""
    found = Notice.objects.filter(number=number, kind="bounce", ended_at=None)
    return sorted(found.values_list("address", flat=True))


def unclear_for(user: User) -> int:
    """How many messages somebody has to decide about, because nobody knows whether they arrived."""
    return messages_for(user).filter(state="unclear").count()


def notices_for(user: User) -> QuerySet[Notice]:
    """What came back from the addresses of customers somebody may see."""
    found = Notice.objects.select_related("by", "message")
    return found if sees_all(user) else found.filter(number__in=customers_for(user).values("number"))


def notice_for(user: User, pk: int) -> Notice:
    """One of them; Http404 where there is none."""
    found = notices_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def numbers_of(address: str) -> list[str]:
    """The customers an address belongs to, as the list says or as mails went there."""
    listed = Address.objects.filter(book__published=True, email__iexact=address)
    sent = Message.objects.filter(channel="email", address__iexact=address)
    found = {*listed.values_list("customer_id", flat=True), *sent.order_by().values_list("number", flat=True)}
    return sorted(found)


def address_of(number: str) -> str:
    """The mail address of a customer: as they told us, else as the list says, else where the last mail went; empty
    where none is known."""
    if found := contact_of(number).get("email"):
        return found
    sent = Message.objects.filter(number=number, channel="email").values_list("address", flat=True)
    return sent.first() or ""


def last_mail(number: str, address: str) -> Message | None:
    """The last mail that left for an address of a customer."""
    found = Message.objects.filter(number=number, channel="email", address__iexact=address)
    return found.filter(state__in=("handed_over", "unclear")).order_by("-handing_at", "-pk").first()

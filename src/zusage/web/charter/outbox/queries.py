"""Questions to the outbox: what waits, what is unclear, what was handed over, and to whom no mail can go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404

from zusage.ground.reasons import Finding, note
from zusage.ground.words import Language
from zusage.web.charter.outbox.mail import From, from_of
from zusage.web.charter.outbox.models import Message, Notice
from zusage.web.charter.outbox.server import Account, account_of
from zusage.web.charter.queries import sender as the_sender
from zusage.web.customers.consent.queries import gates_for
from zusage.web.customers.queries import customers_for
from zusage.web.office.models import User
from zusage.web.office.queries import the_firm


def messages_for(user: User) -> QuerySet[Message]:
    """The messages somebody may see: those to the customers they may see."""
    found = Message.objects.all()
    if user.role in ("adviser", "assistant") and the_firm().advisers_see_own_only:
        found = found.filter(number__in=customers_for(user).values("number"))
    return found


def message_for(user: User, pk: int) -> Message:
    """A message by its id; Http404 for one that is not there or not this reader's."""
    found = messages_for(user).select_related("policy", "told", "by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def messages_to(number: str) -> QuerySet[Message]:
    """All that was ever written to a customer, the newest first."""
    return Message.objects.filter(number=number)


def bounced(addresses: Collection[str]) -> set[str]:
    """The mail addresses among these that take no mail, in small letters."""
    wanted = {item.lower() for item in addresses if item}
    found = Notice.objects.filter(kind="bounce", ended_at=None)
    if len(wanted) == 1:
        found = found.filter(address__in=wanted)
    return wanted & set(found.values_list("address", flat=True))


def closed(messages: Iterable[Message], day: date) -> dict[int, Finding]:
    """The messages among these that may not be handed over on a day, each with the reason: advertising nobody may send
    any more, service the customer does not want in this way, an address that takes no mail."""
    listed = list(messages)
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
        gates = gates_for({item.number for item in group}, channel, purpose, day)
        shut = {item.pk: Finding("note", gates[item.number].why) for item in group if not gates[item.number].allowed}
        found |= shut
    return found


def letter_language() -> Language:
    """The language in which the firm writes."""
    return "de" if the_firm().language == "de" else "en"


def mail_account() -> tuple[Account, From] | None:
    """The firm's mail server and who writes; None where none is set. Raises Refused for a wrong setting."""
    if not settings.SMTP_URL:
        return None
    return account_of(settings.SMTP_URL), from_of(settings.MAIL_FROM, the_sender().name)

"""Questions to the outbox: what waits, what is unclear, what was handed over, and to whom no mail can go."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet
from django.http import Http404

from zusage.web.charter.outbox.models import Message, Notice
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

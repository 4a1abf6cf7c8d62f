"""What customers want comes in, wishes and declined services with source and moment go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from zusage.web.customers.choices.models import DeclinedService, Wish
from zusage.web.customers.models import Customer, OwnChoice
from zusage.web.office.models import User


class Answered(Exception):  # noqa: N818 - nothing went wrong: somebody else was faster
    """A wish that was answered or taken back since the page was shown; `wish` is how it stands now."""

    def __init__(self, wish: Wish) -> None:
        super().__init__(wish.state)
        self.wish = wish


def ask_for(
    *,
    customer: Customer,
    kind: str,
    source: str,
    by: User | None,
    now: datetime,
    class_key: str = "",
    data: Mapping[str, Any] | None = None,
    text: str = "",
    language: str = "de",
    evidence: str = "",
    signed: bool = False,
    request: int | None = None,
) -> Wish:
    """Write down what a customer wants; it takes the place of an earlier wish of its kind that is still open."""
    with transaction.atomic():
        for former in Wish.objects.select_for_update().filter(number=customer.number, kind=kind, state="open"):
            _close(former, "undone", now)
        return Wish.objects.create(
            number=customer.number, unit_id=customer.unit_id, name=customer.name, kind=kind, class_key=class_key,
            data=dict(data or {}), text=text, language=language, source=source, evidence=evidence, signed=signed,
            asked_at=now, by=by, request=request,
        )  # fmt: skip


def take_back(*, wish: Wish, now: datetime) -> None:
    """The customer no longer wants it. Raises Answered where a person has accepted or refused it already."""
    with transaction.atomic():
        _close(claimed(wish, wish.version), "undone", now)


def answer(*, wish: Wish, version: int, state: str, text: str, by: User, now: datetime) -> Wish:
    """Accept or refuse a wish, with words for the customer. Raises Answered where somebody was faster."""
    with transaction.atomic():
        found = claimed(wish, version)
        found.answer, found.answered_by = text, by
        _close(found, state, now)
    return found


def claimed(wish: Wish, version: int) -> Wish:
    """An open wish as it is now, locked. Raises Answered where it is another version, or open no more."""
    found = Wish.objects.select_for_update().get(pk=wish.pk)
    if found.version != version or found.state != "open":
        raise Answered(found)
    return found


def _close(wish: Wish, state: str, now: datetime) -> None:
    wish.state, wish.answered_at, wish.version = state, now, wish.version + 1
    wish.save()


def decline_package(
    *, customer: Customer, class_key: str, evidence: str, said_on: date, by: User | None, now: datetime
) -> OwnChoice:
    """The customer does not want a package: part of the choice record at once, for it asks nothing of the firm."""
    return OwnChoice.objects.create(
        number=customer.number, state="declined", class_key=class_key, chosen_on=said_on, evidence=evidence, by=by,
        created_at=now,
    )  # fmt: skip


def decline_service(
    *, customer: Customer, service: str, source: str, by: User | None, now: datetime, evidence: str = ""
) -> DeclinedService:
    """The customer does not want a service; said twice it is written down once."""
    found, _ = DeclinedService.objects.get_or_create(
        number=customer.number,
        service=service,
        wanted_again_at=None,
        defaults={
            "unit_id": customer.unit_id, "source": source, "evidence": evidence, "by": by, "said_at": now,
        },
    )  # fmt: skip
    return found


def want_service_again(*, customer: Customer, service: str, now: datetime) -> None:
    """The customer wants a service again."""
    for found in DeclinedService.objects.filter(number=customer.number, service=service, wanted_again_at=None):
        found.wanted_again_at = now
        found.save(update_fields=["wanted_again_at"])

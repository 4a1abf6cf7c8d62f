"""The number of a customer comes in, all that the office holds of them goes out, table by table; nobody else's data.

Values are as they are stored; `wording` says them as people read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from zusage.report.letters import letter_text, readable
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import copy_for
from zusage.web.customers.models import Customer
from zusage.web.privacy.queries import HOLDINGS, Holding
from zusage.web.review.models import Proposal
from zusage.web.speech import language

OTHERS = ("customer_id", "referred_id", "number", "other")
"""Fields of recommendations that name a customer: shown only where it is the reader."""
OF_OTHERS = ("prospect", "outcome")
"""What is written of the one who was recommended: shown to them, not to whoever recommended them."""
OF_THE_HOUSEHOLD = ("household_id", "referrer_id", "referred_id")
"""Columns of figures and of rows of lists that may hold the number of somebody else."""
BESIDES = (
    Holding("Touchpoint", ("number",), "deleted", shown=("service", "due_on", "state", "done_on")),
    Holding("Proposal", ("unit_id",), "anonymised", shown=("decided_at", "change", "to_key", "state", "reason")),
    Holding("Event", ("request__number",), "deleted", shown=("at", "kind", "text")),
    Holding("TidyRow", ("row__customer_id",), "deleted", shown=("table", "row")),
)
"""Tables of households and requests, and what a list said besides; here as far as it is the reader's."""


@dataclass(frozen=True)
class Part:
    """What one table holds of the reader: one mapping of field to value for each row."""

    holding: Holding
    rows: tuple[dict[str, Any], ...]


def parts_of(customer: Customer) -> list[Part]:
    """All that is held of a customer; tables without anything are left out."""
    found = [Part(item, tuple(_rows(item, customer))) for item in (*HOLDINGS, *BESIDES)]
    return [part for part in found if part.rows]


def _rows(holding: Holding, customer: Customer) -> Iterator[dict[str, Any]]:
    for row in _found(holding, customer):
        source = getattr(row, holding.shown_of) if holding.shown_of else row
        shown = {name: _of_nobody_else(getattr(source, name), customer.number) for name in holding.shown}
        if holding.name == "Message":
            shown["text"] = readable(shown["text"], language())
        if holding.name == "AlsoFor":
            yield _shared(shown, source)
            continue
        yield _own(shown, row, customer.number) if holding.name in ("Referral", "OwnReferral") else shown


def _of_nobody_else(value: Any, number: str) -> Any:
    """Figures, or a row of a list, without the numbers of others: of the household, or who recommended whom."""
    if not isinstance(value, dict):
        return value
    return {name: item for name, item in value.items() if name not in OF_THE_HOUSEHOLD or item == number}


def _found(holding: Holding, customer: Customer) -> Any:
    """The rows of the reader: of what is read anew as a whole, those that pages show."""
    if holding.name == "Proposal":  # a household's; it has a word for each of its members
        own = Proposal.objects.filter(unit_id=customer.unit_id).order_by("pk")
        return [row for row in own if customer.number in row.members]
    rows: QuerySet[Any] = holding.naming(customer.number)
    fields = {field.name for field in holding.model._meta.get_fields()}
    whole = next((name for name in ("run", "book") if name in fields), None)
    return rows.filter(**{f"{whole}__published": True}) if whole else rows


def _shared(shown: dict[str, Any], message: Message) -> dict[str, Any]:
    """A letter to somebody else that was for the reader as well: whom it went to stands in it, and what it says was
    said to both. The address it went to is the other's alone (Art. 15 (4) GDPR), and so is what only they were told."""
    copy = copy_for(message)
    return shown | {"text": letter_text(copy) if copy else ""}


def _own(shown: dict[str, Any], row: Any, number: str) -> dict[str, Any]:
    """A recommendation as one of the two may read it: of the other one only that there is somebody."""
    recommended = number in (getattr(row, "other", ""), getattr(row, "referred_id", ""))
    hidden = {name for name in OTHERS if shown.get(name) and shown[name] != number}
    hidden |= set() if recommended else {name for name in OF_OTHERS if shown.get(name)}
    return {name: None if name in hidden else value for name, value in shown.items()}

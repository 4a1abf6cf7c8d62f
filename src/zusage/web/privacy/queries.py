"""Where the office holds something of one customer, and what becomes of it: the list that all of privacy goes by.

Every model of the office stands either in `HOLDINGS` or in `NOTHING_OF_CUSTOMERS`; a test sees to it, so that a table
that comes later cannot be forgotten when somebody asks what is known of them, or to be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Literal

from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q, QuerySet

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, say
from zusage.web.office.lists import Lists

Fate = Literal["deleted", "anonymised", "kept"]
"""What an erasure does: the row goes; it stays under another number and without its texts, so that sums stay right; it
stays as it is for as long as a law says, and is named."""


@dataclass(frozen=True)
class Holding:
    """A table with rows of customers: the fields that name one, what becomes of its rows, and what is emptied.

    `law` is the code of the ground for keeping; `years` how long it is kept from `since` on (a field of the row).
    """

    name: str  # of the model
    by: tuple[str, ...]
    fate: Fate
    empty: tuple[str, ...] = ()  # texts that go where the row stays
    law: str = ""
    years: int = 0
    since: str = ""
    shown: tuple[str, ...] = ()  # what the customer is told of a row, in this order
    shown_of: str = ""  # the field that leads to the row whose values these are; empty: the row itself
    lists: str = ""  # a list that names others a row is for as well

    @property
    def model(self) -> type[Model]:
        """The model."""
        return apps.get_model("zusage", self.name)

    def rows(self, numbers: Iterable[str]) -> QuerySet[Any]:
        """The rows that name one of these numbers."""
        wanted = list(numbers)
        found = reduce(or_, (Q(**{f"{name}__in": wanted}) for name in self.by))
        return self.model._default_manager.filter(found).order_by("pk")

    def naming(self, number: str) -> QuerySet[Any]:
        """The rows that name this number, those of others that list it as well."""
        own = self.rows([number])
        if not self.lists:
            return own
        listed = self.model._default_manager.filter(Lists(self.lists, [number])).order_by("pk")
        return (own | listed).distinct()


NUMBER = ("number",)
OWNER = ("customer_id",)
HOLDINGS: tuple[Holding, ...] = (
    # from the firm's files
    Holding("Customer", NUMBER, "anonymised", ("name", "sort_key", "search_key"),
            shown=("name", "since", "consumer", "adviser", "class_key", "yield_cents", "cost_cents",
                   "contribution_cents", "used_seconds")),
    Holding("Address", OWNER, "deleted", shown=("salutation", "title", "first_name", "last_name", "company", "street",
                                                "postcode", "city", "country", "email")),
    Holding("Phone", OWNER, "deleted", shown=("number",)),
    Holding("Contract", OWNER, "anonymised", shown=("contract_id", "product_line", "since", "until")),
    Holding("Yield", OWNER, "anonymised", shown=("booked_on", "kind", "amount_cents", "source")),
    Holding("Work", OWNER, "anonymised", ("topic",),
            shown=("done_on", "log", "direction", "place", "topic", "seconds")),
    Holding("Referral", ("customer_id", "referred_id"), "anonymised",
            shown=("customer_id", "referred_id", "referred_on", "won")),
    Holding("Choice", OWNER, "anonymised", ("evidence",), shown=("chosen_on", "state", "class_key", "evidence")),
    Holding("Consent", OWNER, "kept", law="consent", years=5, since="granted_on",
            shown=("channel", "purpose", "granted_on", "withdrawn_on", "wording")),
    # what a run found
    Holding("Account", NUMBER, "anonymised", shown=("figures",)),
    # what people decided
    Holding("Membership", NUMBER, "anonymised", ("reason",), shown=("effective_on", "class_key", "change", "reason")),
    Holding("Told", NUMBER, "anonymised", shown=("told_on", "said_on", "class_key", "how")),
    Holding("Override", NUMBER, "anonymised", ("reason",), shown=("created_at", "class_key", "reason", "until")),
    Holding("Agreement", NUMBER, "kept", law="contract", years=3, since="until",
            shown=("since", "until", "service", "terms", "class_key", "source")),
    Holding("OwnChoice", NUMBER, "anonymised", ("evidence",), shown=("chosen_on", "state", "class_key", "evidence")),
    Holding("OwnWork", NUMBER, "anonymised", ("matter",), shown=("done_on", "activity", "channel", "seconds")),
    Holding("Note", NUMBER, "deleted", shown=("created_at", "text")),
    # what customers asked for
    Holding("Request", NUMBER, "anonymised", ("name", "text", "phone", "matter"),
            shown=("asked_at", "what", "urgency", "channel", "text", "phone", "state", "due_at", "done_at", "kept")),
    Holding("Wish", NUMBER, "kept", law="contract", years=3, since="answered_at",
            shown=("asked_at", "kind", "class_key", "data", "text", "state", "answer")),
    Holding("DeclinedService", NUMBER, "deleted", shown=("said_at", "service", "source")),
    # what is owed and was told
    Holding("WaveLetter", NUMBER, "kept", law="letter", years=6, since="made_at", lists="numbers",
            shown=("made_at", "channel", "class_key", "state")),
    Holding("Message", NUMBER, "kept", law="letter", years=6, since="written_at",
            shown=("written_at", "kind", "channel", "address", "subject", "text", "state", "handed_over_at")),
    Holding("AlsoFor", NUMBER, "kept", law="letter", years=6, since="written_at", shown_of="message",
            shown=("written_at", "name", "kind", "channel", "subject", "text", "state", "handed_over_at")),
    Holding("Notice", NUMBER, "deleted", shown=("created_at", "kind", "address")),
    Holding("ReplyCode", NUMBER, "deleted", shown=("created_at", "code")),
    Holding("CustomerLink", NUMBER, "deleted", shown=("made_at", "expires_on", "last_seen_on", "uses")),
    # consents and objections: kept five years; an objection for good, so that nobody is written to again
    Holding("OwnConsent", NUMBER, "kept", law="consent", years=5, since="granted_at",
            shown=("granted_at", "channel", "purpose", "ground", "wording", "source", "proof", "withdrawn_at")),
    Holding("ConsentUse", NUMBER, "kept", law="consent", years=5, since="used_on",
            shown=("used_on", "channel", "purpose", "what")),
    Holding("Objection", NUMBER, "kept", law="objection",
            shown=("said_on", "channel", "purpose", "how", "taken_back_at")),
    Holding("Lock", NUMBER, "deleted", shown=("since", "why", "text", "lifted_at")),
    # recommendations
    Holding("OwnReferral", ("number", "other"), "anonymised", ("prospect", "contact", "outcome"),
            shown=("named_on", "number", "other", "prospect", "state", "outcome")),
    Holding("ReferralAsk", NUMBER, "anonymised", shown=("asked_on", "answer")),
)  # fmt: skip
BY_UNIT = ("Unit", "Touchpoint", "Proposal", "Mover")
"""Tables whose rows belong to a household and carry its name: emptied and renumbered where it is the customer's own."""
LISTS = ("Announcement", "Run", "Book", "Import", "ImportFile", "Job", "Check", "TidyRow", "Event", "LetterWave")
"""Tables that may name a customer within a list, a finding or a text."""
NOTHING_OF_CUSTOMERS = frozenset(
    {
        *("Firm", "User", "Absence", "PolicyVersion", "SavedView", "Watch", "LetterText", "LetterWeek", "ReplyList"),
        *("Sheet", "NewsletterIssue", "CapacityStudy", "WavePlan", "WaveGrace", "Flag", "Draft", "DraftStep"),
        *("TimeSample", "Taker", "Ask", "RetentionRule", "Erased"),
    }
)


def held_of(number: str) -> list[tuple[Holding, int]]:
    """The tables that hold something of a customer, each with how many rows."""
    counts = [(item, item.naming(number).count()) for item in HOLDINGS]
    return [(item, size) for item, size in counts if size]


def label(of: str, name: str, speech: Language) -> str:
    """What people call a table (`holding`) or a field of one (`field`)."""
    return say(Reason(f"privacy_{of}_{name}"), speech)


def unneeded(names: Iterable[str]) -> list[Path]:
    """The papers among these files below the data folder that no row names any more."""
    asked = set(filter(None, names))
    named = {"Message": "attachment", "NewsletterIssue": "attachment", "WaveLetter": "paper", "LetterWeek": "printed"}
    named |= {"Sheet": "mark"}  # the firm's picture is a paper too
    needed: set[str] = set()
    for model, column in named.items():
        before = "" if column == "attachment" else "files/"
        rows = apps.get_model("zusage", model)._default_manager
        found = rows.filter(**{f"{column}__in": [name.removeprefix(before) for name in asked]})
        needed |= {f"{before}{name}" for name in found.values_list(column, flat=True)}
    folder = Path(settings.DATA).resolve()
    paths = [(folder / name).resolve() for name in sorted(asked - needed)]
    return [path for path in paths if path.is_relative_to(folder)]

"""A day comes in; what each rule would let go on it goes out. What a law keeps is in none of these questions.

`after`: the first day that is still kept. A rule never asks for anything younger, and its months are never fewer than
the law's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from zusage.web.book.models import Consent, Contract, ImportFile, Work, Yield
from zusage.web.book.queries import active_files, aliases, stored
from zusage.web.charter.letters.models import WaveLetter
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.models import ConsentUse, OwnConsent
from zusage.web.customers.consent.queries import consents_to_keep, uses_to_keep
from zusage.web.customers.models import Agreement, Customer, Note
from zusage.web.customers.referrals.models import OwnReferral
from zusage.web.desk.models import Request
from zusage.web.office.models import Job
from zusage.web.privacy.keeping.models import RetentionRule

MOST_MONTHS = 360
LETTERS, CONSENTS = 72, 60
"""Months a law keeps: six years of letters (§ 257 HGB), five of proofs of consent (§ 7a UWG)."""
STATEMENTS = "yields"
"""The kind of files that prove money: kept for good here, as books of account are."""
SETTLED = ("published", "undone")
"""States of imports with which nothing is done any more."""


@dataclass(frozen=True)
class Rule:
    """A rule: what goes, by which of its days, after how many months by default and at least."""

    key: str
    months: int
    found: Callable[[date, date], QuerySet[Any]]  # by the first day still kept, and today
    by: str  # the field whose days are shown
    least: int = 1
    of: str = ""  # the rule it goes with: set, shown and counted there


def _prospects(after: date, today: date) -> QuerySet[Any]:
    named = OwnReferral.objects.filter(state="lost", named_on__lt=after)
    return named.exclude(prospect="", contact="", outcome="")


def _requests(after: date, today: date) -> QuerySet[Any]:
    ended = Request.objects.annotate(ended=TruncDate(Coalesce("done_at", "asked_at")))
    written = ~Q(text="") | ~Q(phone="") | Q(events__text__gt="")
    over = ended.filter(state__in=("done", "dropped"), ended__lt=after).filter(written)
    return Request.objects.filter(pk__in=over.values("pk"))


def _notes(after: date, today: date) -> QuerySet[Any]:
    return Note.objects.filter(created_at__date__lt=after)


def _links(after: date, today: date) -> QuerySet[Any]:
    shut = Q(expires_on__lt=after) | Q(revoked_at__date__lt=after)
    return CustomerLink.objects.filter(shut)


def _wishes(after: date, today: date) -> QuerySet[Any]:
    """Answered ones; not contact data that hold since, nor a package that was agreed, until claims are barred at the
    end of a year (§ 199 BGB): an erasure keeps it as long (`erasing.queries.kept_until`)."""
    answered = Wish.objects.exclude(state="open").filter(answered_at__date__lt=after)
    answered = answered.exclude(kind="contact", state="accepted")
    first = whole_years(after)
    running = Agreement.objects.filter(Q(until=None) | Q(until__gte=first), number=OuterRef("number"))
    return answered.exclude(Q(answered_at__date__gte=first) | Exists(running), kind="package", state="accepted")


def _files(after: date, today: date) -> QuerySet[Any]:
    """Uploaded files that no longer count, whose bytes no other file needs; never a statement of account."""
    settled = ImportFile.objects.filter(part_of__state__in=SETTLED, part_of__created_at__date__lt=after)
    idle = settled.exclude(pk__in=active_files().values("pk")).exclude(kind=STATEMENTS)
    needed = ImportFile.objects.exclude(pk__in=idle.values("pk")).values("sha256")
    idle = idle.exclude(sha256__in=needed)
    return idle.filter(pk__in=[pk for pk, sha256 in idle.values_list("pk", "sha256") if stored(sha256).is_file()])


def _consents(after: date, today: date) -> QuerySet[Any]:
    """Withdrawn ones beyond what the law keeps; not where a list still says granted, which the withdrawal refutes."""
    listed = Consent.objects.filter(
        book__published=True, customer_id=OuterRef("number"), channel=OuterRef("channel"), purpose=OuterRef("purpose")
    )
    over = OwnConsent.objects.filter(withdrawn_at__date__lt=after).exclude(pk__in=consents_to_keep(today).values("pk"))
    return over.exclude(Exists(listed))


def _uses(after: date, today: date) -> QuerySet[Any]:
    """What consents were relied on for, where no consent is left that it proves: five years from the last use on."""
    same = {name: OuterRef(name) for name in ("number", "channel", "purpose")}
    left = OwnConsent.objects.filter(**same).exclude(pk__in=_consents(after, today).values("pk"))
    listed = Consent.objects.filter(
        book__published=True, customer_id=OuterRef("number"), channel=OuterRef("channel"), purpose=OuterRef("purpose")
    )
    later = ConsentUse.objects.filter(**same, used_on__gte=after)
    over = ConsentUse.objects.filter(used_on__lt=after).exclude(pk__in=uses_to_keep(today).values("pk"))
    return over.exclude(Exists(left)).exclude(Exists(listed)).exclude(Exists(later))


def _messages(after: date, today: date) -> QuerySet[Any]:
    over = ("handed_over", "failed", "stopped")
    return Message.objects.filter(state__in=over, written_at__date__lt=whole_years(after))


def _letters(after: date, today: date) -> QuerySet[Any]:
    """Letters whose message is gone already, or that never had one; of one that never was, its wave counts."""
    first = whole_years(after)
    over = Q(made_at__date__lt=first) | Q(made_at=None, wave__at__date__lt=first)
    return WaveLetter.objects.filter(over, message=None)


def _jobs(after: date, today: date) -> QuerySet[Any]:
    return Job.objects.filter(finished_at__date__lt=after).exclude(asked={})


RULES: tuple[Rule, ...] = (
    Rule("prospects", 6, _prospects, "named_on"),
    Rule("requests", 36, _requests, "asked_at"),
    Rule("notes", 60, _notes, "created_at"),
    Rule("links", 12, _links, "expires_on"),
    Rule("wishes", 36, _wishes, "answered_at", least=36),
    Rule("files", 24, _files, "part_of__created_at", least=3),
    Rule("consents", 60, _consents, "withdrawn_at", least=CONSENTS),
    Rule("uses", 60, _uses, "used_on", least=CONSENTS, of="consents"),
    Rule("messages", 72, _messages, "written_at", least=LETTERS),
    Rule("letters", 72, _letters, "made_at", least=LETTERS),
    Rule("jobs", 3, _jobs, "finished_at"),
)
"""By practice and law; all are off until the owner switches them on."""
BY_KEY = {item.key: item for item in RULES if not item.of}


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; the last of a month that is shorter.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def whole_years(day: date) -> date:
    """The first day of a day's year: what the law counts begins with the end of a year."""
    return day.replace(month=1, day=1)


@dataclass(frozen=True)
class State:
    """A rule as it is set, and what it would let go today."""

    rule: Rule
    months: int
    on: bool
    version: int  # 0: never set
    size: int
    first: date | None
    last: date | None


def set_rules() -> dict[str, RetentionRule]:
    """The rules the firm has set, by key."""
    return {item.key: item for item in RetentionRule.objects.filter(key__in=BY_KEY)}


def states(today: date) -> list[State]:
    """Every rule with what would go today: the dry run. Nothing is changed, nobody is named."""
    known = set_rules()
    return [state_of(rule, known.get(rule.key), today) for rule in RULES if not rule.of]


def state_of(rule: Rule, own: RetentionRule | None, today: date) -> State:
    """One rule, as the firm set it or by default."""
    months = max(own.months if own else rule.months, rule.least)
    size, days = 0, list[date]()
    for part in (rule, *(item for item in RULES if item.of == rule.key)):
        found = going(part, months, today).order_by().aggregate(size=Count("pk"), first=Min(part.by), last=Max(part.by))
        size += found["size"]
        days += [_day(value) for value in (found["first"], found["last"]) if value]
    first, last = min(days, default=None), max(days, default=None)
    return State(rule, months, bool(own and own.on), own.version if own else 0, size, first, last)


def _day(value: date) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def going(rule: Rule, months: int, today: date) -> QuerySet[Any]:
    """What a rule lets go on a day."""
    return rule.found(months_before(today, max(months, rule.least)), today)


def long_gone(today: date, months: int) -> QuerySet[Customer]:
    """Former customers of whom nothing was heard, booked or in force for so long: suggestions, nothing more."""
    after = months_before(today, months)
    own = {"customer_id": OuterRef("number"), "book__published": True}
    found = Customer.objects.filter(run__published=True, former=True).exclude(number__in=aliases())
    for rows in (
        Contract.objects.filter(Q(until=None) | Q(until__gte=after), **own),
        Yield.objects.filter(booked_on__gte=after, **own),
        Work.objects.filter(done_on__gte=after, **own),
        Request.objects.filter(number=OuterRef("number"), asked_at__date__gte=after),
    ):
        found = found.exclude(Exists(rows))
    return found.order_by("sort_key", "number")

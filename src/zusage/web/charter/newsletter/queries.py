"""Questions about issues: which are at hand, who gets one by mail, who by post, and who in no way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, QuerySet
from django.http import Http404

from zusage.ground.words import Language
from zusage.policy.document import Policy
from zusage.report.letters import Address as Written
from zusage.web.book.models import Address
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import DAYS_AHEAD, reaches, touchpoints_for
from zusage.web.charter.newsletter.models import NewsletterIssue
from zusage.web.charter.outbox.queries import bounced, messages_for
from zusage.web.charter.queries import addresses
from zusage.web.customers.consent.queries import gates_for
from zusage.web.office.models import User


def newsletters_of(policy: Policy | None, language: Language) -> dict[str, str]:
    """The services that are newsletters, by key, with their names."""
    known = policy.services if policy else ()
    return {item.key: item.name[language] for item in known if item.measure == "publication"}


@dataclass(frozen=True)
class AtHand:
    """An issue that is to be sent: of what, when, to how many households."""

    service: str
    due_on: date
    households: int


def at_hand(user: User, services: Sequence[str], today: date) -> list[AtHand]:
    """The issues of the next two months and those that are overdue, the earliest first."""
    found = touchpoints_for(user).filter(service__in=services, state="open", due_on__lte=today + timedelta(DAYS_AHEAD))
    rows = found.order_by("due_on", "service").values("service", "due_on").annotate(households=Count("pk"))
    return [AtHand(**row) for row in rows]


def deliveries(user: User, service: str, due_on: date) -> QuerySet[Touchpoint]:
    """The deliveries of an issue, as far as the reader may see their households; Http404 where there are none."""
    found = touchpoints_for(user).filter(service=service, due_on=due_on).exclude(state="gone")
    if not found.exists():
        raise Http404
    return found


def text_of(service: str, due_on: date) -> NewsletterIssue | None:
    """What an issue says; None before it was written."""
    return NewsletterIssue.objects.filter(service=service, due_on=due_on).first()


@dataclass(frozen=True)
class Receiver:
    """Who gets an issue, and where."""

    touchpoint: Touchpoint
    address: Written
    email: str = ""


@dataclass(frozen=True)
class Receivers:
    """Who gets an issue on which way. `calls`: told when they call next; `nowhere`: no address is known."""

    mail: list[Receiver] = field(default_factory=list)
    post: list[Receiver] = field(default_factory=list)
    calls: list[Receiver] = field(default_factory=list)
    nowhere: list[Receiver] = field(default_factory=list)

    @property
    def all(self) -> int:
        """How many these are."""
        return sum(len(item) for item in (self.mail, self.post, self.calls, self.nowhere))


def receivers(found: QuerySet[Touchpoint], day: date) -> Receivers:
    """The receivers of open deliveries by the way the consents allow on a day; mail only to addresses that take it."""
    listed = list(found.filter(state="open").order_by("name", "pk"))
    where = addresses([item.number for item in listed])
    dead = bounced([row.email or "" for row in where.values()])
    by_post = gates_for({item.number for item in listed}, "post", "advertising", day)
    sorted_out = Receivers()
    for item, reach in zip(listed, reaches(listed, day), strict=True):
        if reach is None:
            continue  # locked, or against all advertising, since this was planned
        receiver = _receiver(item, where.get(item.number), dead)
        if reach.via == "note":
            sorted_out.calls.append(receiver)
        elif reach.channel == "email" and receiver.email:
            sorted_out.mail.append(receiver)
        elif receiver.address.complete and (item.number not in by_post or by_post[item.number].allowed):
            sorted_out.post.append(receiver)
        else:
            sorted_out.nowhere.append(receiver)
    return sorted_out


def _receiver(item: Touchpoint, row: Address | None, dead: set[str]) -> Receiver:
    email = (row.email or "").strip() if row else ""
    return Receiver(item, Written.of(row, item.name), "" if email.lower() in dead else email)


def purpose_of(issue: NewsletterIssue) -> str:
    """What the mails of an issue are for: one to each customer."""
    return f"issue {issue.pk}"


def laid_out(user: User, issue: NewsletterIssue | None) -> dict[str, int]:
    """How the mails of an issue stand that somebody may see, by state."""
    if issue is None:
        return {}
    found = messages_for(user).filter(purpose=purpose_of(issue)).order_by()
    return dict(found.values_list("state").annotate(Count("pk")))

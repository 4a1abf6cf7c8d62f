"""Questions about the course of a review: what people changed, when the next one is due, who waits for a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max
from django.utils import timezone

from zusage.ground.words import Language
from zusage.policy.document import Places, Policy
from zusage.report.judged import metric_name, metric_text
from zusage.web.customers.models import Customer, Run, Unit
from zusage.web.customers.queries import customers_for
from zusage.web.office.models import User
from zusage.web.office.queries import policy_of
from zusage.web.review.models import Proposal
from zusage.web.review.queries import proposals_for

ENOUGH = 10
"""From so many decisions on their share says something."""
AGAINST = ("kept", "taken_back", "overridden")


@dataclass(frozen=True)
class Share:
    """Of so many decided proposals people changed so many."""

    decided: int
    changed: int

    @property
    def permille(self) -> int:
        """The share that was changed."""
        return round(1000 * self.changed / self.decided) if self.decided else 0

    def __add__(self, other: Share) -> Share:
        return Share(self.decided + other.decided, self.changed + other.changed)


def changed_share(user: User, since: datetime) -> tuple[Share, dict[str, Share]]:
    """How many proposals people changed since a moment, in all and by the criterion that decided, where enough."""
    nothing = Share(0, 0)
    total, by_criterion = nothing, dict[str, Share]()
    found = proposals_for(user).filter(decided_at__gte=since, state__in=("confirmed", *AGAINST)).order_by()
    for names, state, size in found.values_list("criteria", "state").annotate(Count("pk")):
        share = Share(size, size if state in AGAINST else 0)
        total += share
        for name in filter(None, names.split("|")):
            by_criterion[name] = by_criterion.get(name, nothing) + share
    return total, {name: share for name, share in sorted(by_criterion.items()) if share.decided >= ENOUGH}


def overdue_since(policy: Policy, today: date) -> date | None:
    """The day of the last review, where that is longer ago than the service model says; None where it is not."""
    last = Proposal.objects.aggregate(last=Max("decided_at"))["last"]
    if last is None:
        return None
    day = timezone.localtime(last).date()
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    return day if months >= policy.review.every_months else None


# --- places


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for a place: the how manieth, and the figures that decide."""

    turn: int
    number: str
    name: str
    shown: tuple[tuple[str, str], ...]  # name and value of each figure


@dataclass(frozen=True)
class Seats:
    """The places of a class: how many there are and are taken, who is proposed, who waits in which order."""

    key: str
    count: int
    taken: int
    order: tuple[str, ...]  # the metrics that decide, in words
    proposed: tuple[Proposal, ...]
    waiting: tuple[Waiting, ...]

    @property
    def free(self) -> int:
        """How many nobody has."""
        return max(0, self.count - self.taken)


def seats_of(user: User, run: Run, language: Language) -> list[Seats]:
    """The classes with a limited number of places; names only of those the reader may see."""
    policy = policy_of(run.policy)
    return [_seats(user, run, item.key, item.places, language) for item in policy.classes if item.places is not None]


def _seats(user: User, run: Run, key: str, places: Places, language: Language) -> Seats:
    members = Customer.objects.filter(run=run, former=False, class_key=key)
    return Seats(
        key=key,
        count=places.count,
        taken=members.values("unit_id").distinct().count(),
        order=tuple(metric_name(name, language) for name in places.order),
        proposed=tuple(proposals_for(user).filter(state="open", to_key=key).order_by("sort_key", "pk")),
        waiting=tuple(_waiting(user, run, key, places, language)),
    )


def _waiting(user: User, run: Run, key: str, places: Places, language: Language) -> Iterator[Waiting]:
    """In the declared order, the first first; more comes first."""
    columns = [f"m_{name}" for name in places.order]
    units = Unit.objects.filter(run=run, figures__waiting_for=key).order_by("unit_id")
    listed = sorted(units, key=lambda unit: [unit.figures[name] or 0 for name in columns], reverse=True)
    seen = customers_for(user).filter(unit_id__in=[unit.unit_id for unit in listed], former=False).order_by("-number")
    heads = {item.unit_id: item for item in seen}
    for turn, unit in enumerate(listed, 1):
        if head := heads.get(unit.unit_id):
            values = {name: metric_text(name, unit.figures[f"m_{name}"], language) for name in places.order}
            shown = tuple((metric_name(name, language), text) for name, text in values.items())
            yield Waiting(turn, head.number, head.name, shown)

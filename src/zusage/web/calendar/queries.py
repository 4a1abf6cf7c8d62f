"""Questions to the calendar: what is owed unasked in the coming days, and what doing it is noted as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import Http404

from zusage.policy.document import Activity, Policy, Service
from zusage.promises.consent import GROUNDS, Gate
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.consent.queries import Known
from zusage.web.customers.queries import customers_for, sees_all
from zusage.web.office.models import User

DAYS_AHEAD = 60
"""How far the list looks: two months of annual checks can be planned, a year of them cannot."""
LISTED = 300
"""How many households the list names at once; two months of a firm of three are a third of that."""
FOR_ALL = ("publication", "invitation")
"""Measures of which everybody gets the same on one day: one line, however many receive it."""


def touchpoints_for(user: User) -> QuerySet[Touchpoint]:
    """The touchpoints somebody may see: those of the households they may see."""
    found = Touchpoint.objects.order_by("due_on", "pk")
    if not sees_all(user):
        found = found.filter(unit_id__in=customers_for(user).values("unit_id"))
    return found


def touchpoint_for(user: User, pk: int) -> Touchpoint:
    """A touchpoint by its id; Http404 for one that is not there or not this reader's."""
    found = touchpoints_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def due_until(user: User, last: date) -> QuerySet[Touchpoint]:
    """What is still to be done of what is due up to a day; what is overdue comes first."""
    return touchpoints_for(user).filter(state="open", due_on__lte=last)


def issues_of(policy: Policy | None) -> dict[str, Service]:
    """The services that everybody gets on the same day, newsletters and invitations, by their keys."""
    return {item.key: item for item in policy.services if item.measure in FOR_ALL} if policy else {}


@dataclass(frozen=True)
class Issue:
    """What many households get on one day, as one line."""

    service: str
    due_on: date
    receivers: int
    seconds: int  # of all receivers together, and what one issue takes however many there are
    letters: int = 0  # receivers who get a letter instead
    others: int = 0  # receivers who are reached on another of the promised ways


@dataclass(frozen=True)
class Week:
    """What falls due in a week: issues first, then household by household."""

    monday: date
    issues: list[Issue]
    touchpoints: list[Touchpoint]


@dataclass(frozen=True)
class Agenda:
    """What falls due, by week, with its sums; `more` is not listed."""

    weeks: list[Week]
    deliveries: int
    issues: int
    seconds: int
    more: int


def sent_together(for_all: Collection[str]) -> Q:
    """The deliveries of an issue that leave with it; notes for the next call are single ones."""
    return Q(service__in=list(for_all)) & ~Q(via="note")


def agenda(found: QuerySet[Touchpoint], for_all: Mapping[str, Service], today: date) -> Agenda:
    """Touchpoints as the list shows them, those of `for_all` as issues; what is overdue stands in this week."""
    each = found.exclude(sent_together(for_all))
    rows = found.filter(sent_together(for_all)).order_by("due_on", "service").values("due_on", "service")
    counts = rows.annotate(
        receivers=Count("pk"),
        spent=Sum("seconds"),
        letters=Count("pk", filter=Q(via="letter")),
        others=Count("pk", filter=~Q(via__in=("", "letter"))),
    )
    issues = [
        Issue(
            service=row["service"],
            due_on=row["due_on"],
            receivers=row["receivers"],
            seconds=row["spent"] + for_all[row["service"]].issue_seconds,
            letters=row["letters"],
            others=row["others"],
        )
        for row in counts
    ]
    sums = each.aggregate(all=Count("pk"), spent=Sum("seconds"))
    listed = list(each[:LISTED])
    return Agenda(
        weeks=list(_weeks(issues, listed, today)),
        deliveries=sums["all"],
        issues=len(issues),
        seconds=(sums["spent"] or 0) + sum(item.seconds for item in issues),
        more=sums["all"] - len(listed),
    )


def _weeks(issues: list[Issue], listed: list[Touchpoint], today: date) -> Iterable[Week]:
    def monday(item: Issue | Touchpoint) -> date:
        day = max(item.due_on, today)
        return day - timedelta(day.weekday())

    both: list[Issue | Touchpoint] = sorted([*issues, *listed], key=lambda item: item.due_on)
    for first, items in groupby(both, key=monday):
        held = list(items)
        yield Week(
            first,
            [item for item in held if isinstance(item, Issue)],
            [item for item in held if isinstance(item, Touchpoint)],
        )


def seconds_by_role(found: QuerySet[Touchpoint], policy: Policy) -> Counter[str]:
    """The time touchpoints are planned with, by the role that does them; what an issue takes counts once."""
    planned = Counter(dict(found.order_by().values_list("role").annotate(spent=Sum("seconds"))))
    for_all = issues_of(policy)
    issues = found.order_by().filter(service__in=for_all).values_list("service", "due_on").annotate(doer=Max("role"))
    for service, _, role in issues:
        planned[role] += for_all[service].issue_seconds
    return planned


def end_of_week(day: date) -> date:
    """The Sunday of a day's week."""
    return day + timedelta(6 - day.weekday())


def usual_activity(policy: Policy, service: str) -> Activity | None:
    """The granted activity a delivery is noted as: one on the road where the service is, else the first."""
    travels = any(item.key == service and item.travel for item in policy.services)
    granted = [item for item in policy.activities if item.cause == "granted"]
    return min(granted, key=lambda item: item.travel != travels, default=None)


# --- on which way


@dataclass(frozen=True)
class Reach:
    """How a delivery may reach the customer on a day, and what the gate says of that way.

    `via`: one of `models.VIAS`; `channel`: the way itself, empty for a note; None as a whole: not at all.
    """

    via: str = ""
    channel: str = ""
    gate: Gate | None = None  # None: nothing was asked, as for a delivery without ways

    @property
    def uses_consent(self) -> bool:
        """Whether it rests on something the customer gave, of which each use is noted."""
        return self.gate is not None and self.gate.ground in GROUNDS


def reaches(items: Collection[Touchpoint], day: date) -> list[Reach | None]:
    """For each delivery how it may reach the customer on a day; a fixed number of questions, however many they are."""
    asked = {item.number for item in items if item.ways}
    known = Known(asked) if asked else None
    return [_reach(item, known, day) if known and item.ways else Reach() for item in items]


def _reach(item: Touchpoint, known: Known, day: date) -> Reach | None:
    """The first of its ways that is allowed; else what the gate names instead of the first."""
    ways = item.ways.split()
    gates = {way: known.gate(item.number, way, item.purpose, day) for way in ways}
    for way, gate in gates.items():
        if gate.allowed:
            return Reach("" if way == ways[0] else way, way, gate)
    instead = gates[ways[0]].alternative
    if instead == "letter":
        return Reach("letter", "post", known.gate(item.number, "post", item.purpose, day))
    return Reach("note") if instead else None

"""Questions of the review: what a run proposes against what people decided, and what a reader may see of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from zusage.policy.document import Policy
from zusage.web.customers.models import Customer, Membership, Override, OwnChoice, OwnWork, Run, Unit
from zusage.web.customers.queries import customers_for
from zusage.web.office.models import User
from zusage.web.review.models import Flag, Proposal

KEPT_DAYS = 365
"""A class that a person decided to leave as it is, is not put to question again for a year."""
GRACE_DAYS = 30
"""Days between a reduction and its effect, unless the person says otherwise: a month to tell the customer before."""


# --- what people decided and noted


def classes_in_force(day: date) -> dict[str, str]:
    """The confirmed class of every customer on a day; who has none is missing."""
    found = Membership.objects.filter(effective_on__lte=day).order_by("effective_on", "pk")
    return dict(found.values_list("number", "class_key"))


def classes_decided(numbers: Collection[str] | None = None) -> dict[str, str]:
    """The class decided last for every customer, whether it is in force yet or not."""
    found = Membership.objects.all() if numbers is None else Membership.objects.filter(number__in=numbers)
    return dict(found.order_by("effective_on", "pk").values_list("number", "class_key"))


def own_choices() -> Iterator[dict[str, Any]]:
    """The choices noted in the office, as rows of the table `choices`."""
    for item in OwnChoice.objects.order_by("pk"):
        yield {
            "customer_id": item.number,
            "state": item.state,
            "class_key": item.class_key,
            "chosen_on": item.chosen_on,
            "evidence": item.evidence,
        }


def own_overrides() -> Iterator[dict[str, Any]]:
    """The overrides decided in the office that nobody has ended, as rows of the table `overrides`."""
    for item in Override.objects.filter(ended_at=None).select_related("by").order_by("pk"):
        yield {
            "customer_id": item.number,
            "class_key": item.class_key,
            "decided_by": item.by.name,
            "reason": item.reason,
            "until": item.until,
        }


def own_work() -> Iterator[dict[str, Any]]:
    """The work noted in the office, as `bridge.matching` reads it."""
    columns = ("number", "done_on", "start_second", "activity", "direction", "channel", "seconds")
    yield from OwnWork.objects.order_by("pk").values(*columns)


# --- what a run proposes


def change_between(policy: Policy, old: str, new: str) -> str:
    """What a change of class is by the levels of the service model: first, up, down or level."""
    levels = {item.key: item.level for item in policy.classes}
    if not old:
        return "first"
    if old not in levels or levels[old] == levels[new]:
        return "level"
    return "up" if levels[new] > levels[old] else "down"


def weakens(policy: Policy, old: str, new: str) -> bool:
    """Whether a change may promise less: a lower level, or a former class that the service model no longer knows."""
    return change_between(policy, old, new) == "down" or bool(old and old not in {item.key for item in policy.classes})


def proposed_changes(run: Run, policy: Policy, today: date, units: Collection[str] | None = None) -> Iterator[Proposal]:
    """The proposals of a run, not yet written: one for each unit with a member whose decided class is another one.

    Nothing is proposed where people decided in the last year to leave exactly this as it is. `units`: only these.
    """
    members = Customer.objects.filter(run=run, former=False).order_by("unit_id", "number")
    if units is not None:
        members = members.filter(unit_id__in=units)
    decided, kept = classes_decided(), _kept_since(today - timedelta(days=KEPT_DAYS))
    over = set(Unit.objects.filter(run=run, figures__served="over").values_list("unit_id", flat=True))
    for unit_id, listed in _by_unit(members):
        found = _proposal(policy, listed, decided)
        if found and (unit_id, found.from_key, found.to_key) not in kept:
            found.run = run
            found.reduces = found.reduces or (found.change == "first" and unit_id in over)
            yield found


def _by_unit(members: Iterable[Customer]) -> Iterator[tuple[str, list[Customer]]]:
    """Members, sorted by unit, unit by unit."""
    listed: list[Customer] = []
    for member in members:
        if listed and listed[0].unit_id != member.unit_id:
            yield listed[0].unit_id, listed
            listed = []
        listed.append(member)
    if listed:
        yield listed[0].unit_id, listed


def _proposal(policy: Policy, members: list[Customer], decided: Mapping[str, str]) -> Proposal | None:
    head = next((item for item in members if item.number == item.unit_id), members[0])
    different = [key for item in members if (key := decided.get(item.number, "")) != head.proposed_key]
    if not different:
        return None
    old = _decisive(policy, different, head.proposed_key)
    return Proposal(
        unit_id=head.unit_id,
        name=head.name,
        sort_key=head.sort_key,
        members=[item.number for item in members],
        from_key=old,
        to_key=head.proposed_key,
        change=change_between(policy, old, head.proposed_key),
        reduces=weakens(policy, old, head.proposed_key),
        because=head.because,
        undecided=head.undecided,
    )


def _decisive(policy: Policy, different: Collection[str], new: str) -> str:
    """The former class that a proposal is named after, where members have different ones: whoever loses comes first."""
    order = {item.key: rank for rank, item in enumerate(policy.classes)}
    losing = [key for key in different if weakens(policy, key, new)]
    known = losing or [key for key in different if key] or [""]
    return min(known, key=lambda key: order.get(key, -1))


def _kept_since(day: date) -> set[tuple[str, str, str]]:
    found = Proposal.objects.filter(state__in=("kept", "taken_back"), decided_at__date__gte=day)
    return set(found.values_list("unit_id", "from_key", "to_key"))


# --- what a reader may see


def proposals_for(user: User) -> QuerySet[Proposal]:
    """The proposals of the published run for units with a customer whom the reader may see."""
    found = Proposal.objects.filter(run__published=True)
    visible = customers_for(user).values("unit_id")
    return found.filter(unit_id__in=visible).select_related("decided_by", "run__policy")


def open_counts(user: User) -> dict[str, int]:
    """How many open proposals there are of each kind: first, up (with level), down; over (first and served more)."""
    counts = dict.fromkeys(("first", "over", "up", "down"), 0)
    for change, reduces in proposals_for(user).filter(state="open").values_list("change", "reduces"):
        kind = kind_of(change, reduces=reduces)
        counts[kind] += 1
        counts["over"] += kind == "first" and reduces
    return counts


def kind_of(change: str, *, reduces: bool) -> str:
    """The part of the page a proposal stands in: first, down (everything that reduces) or up."""
    return "first" if change == "first" else "down" if reduces else "up"


KINDS = {
    "first": Q(change="first"),
    "down": Q(reduces=True) & ~Q(change="first"),
    "up": Q(reduces=False) & ~Q(change="first"),
}
"""The open proposals of each part of the page."""


def unclear_for(user: User) -> QuerySet[Customer]:
    """Customers whose figures are not sure enough, and who stay where they are: nothing is proposed for them."""
    proposed = Proposal.objects.filter(run__published=True, state="open").values("unit_id")
    return customers_for(user).filter(undecided=True).exclude(unit_id__in=proposed).order_by("sort_key", "number")


def pending_for(user: User, today: date) -> QuerySet[Membership]:
    """Decided classes that are not in force yet, the next first."""
    numbers = customers_for(user).values("number")
    found = Membership.objects.filter(effective_on__gt=today, number__in=numbers)
    return found.select_related("decided_by").order_by("effective_on", "number")


def open_flags() -> QuerySet[Flag]:
    """Days with many equal reasons that the owner has not seen yet."""
    return Flag.objects.filter(seen_at=None).select_related("by").order_by("at")


def import_day(run: Run) -> date:
    """The local day on which the book of a run was brought in."""
    cause = run.book.cause
    return timezone.localtime(cause.created_at if cause else run.book.created_at).date()

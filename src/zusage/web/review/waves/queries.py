"""Questions of the waves: who is talked to in which week, when all are through, from when on a reduction holds.

The order is declared and fair: advisers in turn, so that each has about as many talks a week, and for each adviser
whoever brings least first. A week counts where the firm is there on at least half of its usual days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db.models import Count, Q

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.web.office.models import User
from zusage.web.review.models import Proposal, WaveGrace, WavePlan
from zusage.web.review.queries import KINDS, proposals_for

WEEK = timedelta(days=7)
WEEKS_AHEAD = 520
"""How far waves are planned: ten years of weeks."""


def wave_plan() -> WavePlan | None:
    """How the owner planned the waves; None before that."""
    return WavePlan.objects.select_related("by").first()


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def in_order(proposals: Iterable[Proposal]) -> list[Proposal]:
    """The declared order: advisers in turn, for each of them the least contribution first."""
    of_adviser: dict[str, list[Proposal]] = {}
    for item in sorted(proposals, key=lambda item: (item.contribution_cents, item.unit_id)):
        of_adviser.setdefault(item.adviser, []).append(item)
    turns = [(turn, adviser, item) for adviser, own in of_adviser.items() for turn, item in enumerate(own)]
    return [item for _, _, item in sorted(turns, key=lambda found: found[:2])]


def weeks(policy: Policy, first: date) -> Iterator[date]:
    """The Mondays of the weeks that count, from one on."""
    calendar, usual = calendar_of(policy), sum(bool(blocks) for _, blocks in policy.opening.weekly)
    for number in range(WEEKS_AHEAD):
        monday = first + number * WEEK
        there = sum(bool(calendar.day_periods(monday + timedelta(days=day))) for day in range(7))
        if there and 2 * there >= usual:
            yield monday


def spread(
    waiting: Sequence[Proposal], policy: Policy, per_week: int, first: date, taken: Counter[date]
) -> list[tuple[Proposal, date]]:
    """Each of those who wait with the Monday of its wave; `taken`: places that others have already. Raises Refused
    where the weeks do not suffice for all of them."""
    free = (monday for monday in weeks(policy, first) for _ in range(per_week - taken[monday]))
    places = list(islice(free, len(waiting)))
    if len(places) < len(waiting):
        values = {"number_count": len(waiting), "places_count": len(places), "each_count": per_week}
        raise Refused([mistake("waves_too_few", **values)])
    return list(zip(waiting, places, strict=True))


@dataclass(frozen=True)
class Dates:
    """When a reduction is announced and from when on it holds."""

    announced_on: date
    effective_on: date
    notice: int
    grace: int


def dates_of(proposal: Proposal, policy: Policy, today: date) -> Dates:
    """The days of a reduction that is decided today: announced on the Monday of its wave, or today if that is past."""
    if proposal.wave_on is None:
        return dates_from(None, 0, policy, today)
    found = WaveGrace.objects.filter(wave_on=proposal.wave_on).values_list("days", flat=True).first()
    return dates_from(proposal.wave_on, found or 0, policy, today)


def dates_from(wave_on: date | None, grace: int, policy: Policy, today: date) -> Dates:
    """The days of a wave's reductions that are decided today."""
    announced, notice = max(today, wave_on or today), policy.review.notice_days
    return Dates(announced, announced + timedelta(days=notice + grace), notice, grace)


@dataclass(frozen=True)
class Wave:
    """A week with its reductions: how many are open and decided, and the days that follow from it."""

    wave_on: date
    open: int
    decided: int
    dates: Dates
    now: bool
    behind: bool


def waves_for(user: User, policy: Policy, today: date) -> list[Wave]:
    """The waves a reader sees: this week's first, then what is behind, then those to come."""
    this_week, graces = monday_of(today), dict(WaveGrace.objects.values_list("wave_on", "days"))
    still_open = Q(state="open")
    counted = (
        proposals_for(user)
        .filter(KINDS["down"], wave_on__isnull=False)
        .exclude(state="overtaken")
        .order_by()
        .values("wave_on")
        .annotate(open=Count("pk", filter=still_open), decided=Count("pk", filter=~still_open))
    )
    rows: list[tuple[date, int, int]] = [(row["wave_on"], row["open"], row["decided"]) for row in counted]  # type: ignore[misc] # never None here
    found = [
        Wave(
            wave_on=monday,
            open=waiting,
            decided=decided,
            dates=dates_from(monday, graces.get(monday, 0), policy, today),
            now=monday == this_week,
            behind=monday < this_week and waiting > 0,
        )
        for monday, waiting, decided in rows
        if waiting or monday >= this_week
    ]
    return sorted(found, key=lambda wave: (not wave.now, wave.wave_on))


def unplanned_for(user: User) -> int:
    """How many open reductions that a reader sees stand in no week."""
    return proposals_for(user).filter(KINDS["down"], state="open", wave_on=None).count()


def through_on(policy: Policy, waves: Sequence[Wave]) -> date | None:
    """The last working day of the last wave; None where nothing is planned."""
    last = max((wave.wave_on for wave in waves if wave.open), default=None)
    return None if last is None else calendar_of(policy).nth_day(last + timedelta(days=6), -1)

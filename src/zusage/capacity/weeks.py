"""Classified units, the hours of the roles and the policy come in, the year by weeks goes out: owed, levelled, there.

Hours owed are those of the hours check (`load.check_hours`), placed in the weeks in which they fall due: the sum over
the weeks is the sum of the check, for each role, class, source and service. `levelled` is the same work with what may
be moved laid where the hours are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from zusage.capacity.load import Answer, Load, check_hours, shared
from zusage.capacity.there import OFFICE_DAYS, Absence, WeekThere, hours_there, usual_days, weeks_ahead
from zusage.cost.firm import RoleHours
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.ground.reasons import Finding
from zusage.policy.document import Policy
from zusage.promises.touchpoints import Deliveries


@dataclass(frozen=True)
class WeekLoad:
    """Seconds owed by a role in a week to a class for one thing; fields as in `load.Load`."""

    role: str
    monday: date
    class_key: str | None
    source: str
    service: str | None
    seconds: int


@dataclass(frozen=True)
class Peak:
    """A role in a week: seconds owed, seconds there, and the share; None where something is owed and nobody there."""

    role: str
    monday: date
    owed_seconds: int
    there_seconds: int
    permille: int | None


@dataclass(frozen=True)
class YearPlan:
    """The 52 weeks ahead. Where a method takes `levelled`, False asks for the work as it falls due."""

    policy: Policy
    mondays: tuple[date, ...]
    owed: tuple[WeekLoad, ...]
    levelled: tuple[WeekLoad, ...]
    there: tuple[WeekThere, ...]
    answer: Answer  # of the hours check: `unknown` below the stated coverage of the logs
    coverage_permille: int
    findings: tuple[Finding, ...]

    def loads(self, *, levelled: bool = True) -> tuple[WeekLoad, ...]:
        """The work as levelled, or as it falls due."""
        return self.levelled if levelled else self.owed

    def seconds(self, role: str, *, levelled: bool = True) -> tuple[int, ...]:
        """Seconds a role owes, week by week."""
        sums = dict.fromkeys(self.mondays, 0)
        for load in self.loads(levelled=levelled):
            if load.role == role:
                sums[load.monday] += load.seconds
        return tuple(sums.values())

    def weeks_there(self, role: str) -> tuple[WeekThere, ...]:
        """The hours of a role, week by week."""
        return tuple(item for item in self.there if item.role == role)

    def peaks(self, role: str, *, levelled: bool = True) -> tuple[Peak, ...]:
        """Owed against there, week by week."""
        owed = self.seconds(role, levelled=levelled)
        return tuple(
            Peak(role, week.monday, seconds, week.seconds, taken(seconds, week.seconds))
            for seconds, week in zip(owed, self.weeks_there(role), strict=True)
        )

    def utilisation_permille(self, role: str, *, levelled: bool = True) -> tuple[int | None, ...]:
        """The share of a role's hours that is owed, week by week; None where nobody is there for what is owed."""
        return tuple(peak.permille for peak in self.peaks(role, levelled=levelled))

    def worst(self, role: str | None = None, *, levelled: bool = True) -> Peak:
        """The week with the highest share, of a role or of all; of equal ones the first."""
        roles = [item.key for item in self.policy.roles] if role is None else [role]
        return max((peak for key in roles for peak in self.peaks(key, levelled=levelled)), key=_height)

    def usual_day(self, role: str) -> int:
        """Seconds of a working day of one person by contract."""
        days = min(OFFICE_DAYS, usual_days(self.policy))
        return half_up(self.policy.role(role).weekly_seconds, days)

    def hours_a_day(self, role: str, *, levelled: bool = True) -> tuple[int | None, ...]:
        """Seconds a person of a role works on a working day, week by week: eight hours, ten, twelve, fourteen.

        What is not for customers stays what it is; what is owed to them is shared by those who are there. A role whose
        hours for customers are just used up works its usual day. None where nobody is there for what is owed.
        """
        usual, share = self.usual_day(role), self.policy.role(role).practical_permille
        own = half_up(usual * (1000 - share), 1000)
        return tuple(
            own + half_up(usual * share * peak.owed_seconds, 1000 * peak.there_seconds)
            if peak.there_seconds
            else (None if peak.owed_seconds else 0)
            for peak in self.peaks(role, levelled=levelled)
        )


def taken(owed: int, there: int) -> int | None:
    """The share of hours in permille, rounded up so that what is over a limit never seems to be on it."""
    if there:
        return -(-owed * 1000 // there)
    return None if owed else 0


def _height(peak: Peak) -> float:
    return float("inf") if peak.permille is None else peak.permille


def plan_year(
    units: Frame,
    hours: Sequence[RoleHours],
    policy: Policy,
    as_of: date,
    *,
    absences: Iterable[Absence] = (),
    deliveries: Deliveries | None = None,
) -> YearPlan:
    """The 52 whole weeks after a day: hours owed, levelled and there, for each role."""
    check = check_hours(units, hours, policy, as_of)
    mondays = weeks_ahead(as_of)
    there, said = hours_there(policy, mondays, absences)
    owed = tuple(row for load in check.loads for row in _evenly(load, mondays, there))
    return YearPlan(policy, mondays, owed, owed, there, check.answer, check.coverage_permille, said)


def _evenly(load: Load, mondays: Sequence[date], there: Sequence[WeekThere]) -> list[WeekLoad]:
    """A load by the working days of its role; by weeks where there are none."""
    days = [item.workdays for item in there if item.role == load.role]
    parts = shared(load.seconds, days if any(days) else [1] * len(mondays))
    return [
        WeekLoad(load.role, monday, load.class_key, load.source, load.service, seconds)
        for monday, seconds in zip(mondays, parts, strict=True)
        if seconds
    ]

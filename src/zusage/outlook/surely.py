"""A plan and the tables of its book come in, how likely each promised answer is kept in the year ahead goes out.

Requests come from the log; what is promised unasked, per issue, internally, or without a customer is work that can
move, in the weeks of the year plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from zusage.capacity.arrivals import Requests, past_requests
from zusage.capacity.promisable import Promisable, can_promise, class_number
from zusage.capacity.simulate import RUNS, WEEKS, Habits, Simulated, simulate
from zusage.capacity.staffing import Person, staff_of
from zusage.capacity.there import Absence
from zusage.capacity.weeks import Former, former_classes, plan_year
from zusage.engine import Frame
from zusage.ground.reasons import Finding, Refused
from zusage.plan import Plan
from zusage.policy.document import Policy, Response

MOVABLE = ("promise", "issue", "internal", "unassigned")
"""Sources of the year plan that are no requests. What customers ask and duty comes from the log."""


@dataclass(frozen=True)
class Movable:
    """Work of a week that can move."""

    role: str
    monday: date
    seconds: int


@dataclass(frozen=True)
class Office:
    """Everything a simulation of a plan needs; each trial with the same draws."""

    policy: Policy
    requests: Requests
    staff: tuple[Person, ...]
    movable: tuple[Movable, ...]
    absences: tuple[Absence, ...]
    first: date
    weeks: int
    runs: int
    seed: int
    habits: Habits

    def trial(self, staff: Sequence[Person], responses: Mapping[str, Response]) -> Simulated:
        """The year ahead with these people and, where named, other responses."""
        return simulate(
            self.requests,
            staff,
            self.policy,
            weeks=self.weeks,
            runs=self.runs,
            seed=self.seed,
            first=self.first,
            blocks=self.movable,
            away=self.absences,
            habits=self.habits,
            responses=responses,
        )

    def simulated(self) -> Simulated:
        """The year ahead as the policy has it."""
        return self.trial(self.staff, {})

    def promisable(self, class_key: str, response: Response | None = None, base: Simulated | None = None) -> Promisable:
        """Whether a class can be promised a response, or what would make it so."""
        role = self._role_of(class_key)
        return can_promise(class_key, self.policy, self.staff, self.trial, role=role, response=response, base=base)

    def _role_of(self, class_key: str) -> str:
        """Who does most of what a class asks."""
        own = self.requests.class_index == class_number(self.policy, class_key)
        counts = np.bincount(self.requests.role[own], minlength=len(self.requests.roles))
        return self.requests.roles[int(counts.argmax())]


def office_of(
    plan: Plan,
    tables: Mapping[str, Frame],
    *,
    weeks: int = WEEKS,
    runs: int = RUNS,
    seed: int = 1,
    absences: Iterable[Absence] = (),
    former: Iterable[Former] | None = None,
    habits: Habits | None = None,
) -> Office:
    """The office of a plan and its book (see `past_requests` for what is refused); `former` as in `gate.certify`."""
    known, units, day = tuple(absences), plan.units.lazy(), plan.periods.as_of
    held = former_classes(units, plan.policy, day) if former is None else tuple(former)
    year = plan_year(units, plan.roles, plan.policy, day, absences=known, former=held)
    sums: dict[tuple[str, date], int] = {}
    for load in year.levelled:
        if load.source in MOVABLE:
            sums[load.role, load.monday] = sums.get((load.role, load.monday), 0) + load.seconds
    further = [timedelta(weeks=start) for start in range(0, weeks, len(year.mondays))]  # each year like the first
    return Office(
        policy=plan.policy,
        requests=past_requests(tables, plan.memberships.lazy(), plan.policy, as_of=plan.periods.as_of),
        staff=staff_of(plan.policy),
        movable=tuple(
            Movable(role, monday + later, seconds) for later in further for (role, monday), seconds in sums.items()
        ),
        absences=known,
        first=year.mondays[0],
        weeks=weeks,
        runs=runs,
        seed=seed,
        habits=habits or Habits(),
    )


def answers_ahead(
    plan: Plan,
    tables: Mapping[str, Frame],
    *,
    runs: int = RUNS,
    absences: Iterable[Absence] = (),
    former: Iterable[Former] | None = None,
) -> Simulated | tuple[Finding, ...]:
    """The simulated year, or why nobody can say: no log tells when customers ask."""
    try:
        return office_of(plan, tables, runs=runs, absences=absences, former=former).simulated()
    except Refused as refused:
        return tuple(item for item in refused.findings if item.severity == "error")

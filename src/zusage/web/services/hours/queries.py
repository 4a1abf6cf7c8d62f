"""Questions beside a draft's times and hours: what the logs measured, what absences mean for the year."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zusage.ground.money import half_up
from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.web.bridge.reckoning import Plan
from zusage.web.bridge.times import Measured, measured_times
from zusage.web.customers.queries import published_run
from zusage.web.office.models import Absence
from zusage.web.review.queries import tables_of_run

# --- what the logs measured

_MEASURED: OrderedDict[tuple[object, ...], dict[str, Measured]] = OrderedDict()
MEASURED_KEPT = 8


def measured_of(plan: Plan | None, today: date) -> dict[str, Measured]:
    """Measured times of the published book by activity; kept as long as book, window and match rules are the same."""
    run = published_run()
    if plan is None or run is None:
        return {}
    rules = tuple((item.key, item.match) for item in plan.policy.activities)
    key = (run.pk, today, plan.periods.work_from, plan.periods.as_of, rules)
    if key not in _MEASURED:
        _MEASURED[key] = measured_times(tables_of_run(run, today), plan)
        while len(_MEASURED) > MEASURED_KEPT:
            _MEASURED.popitem(last=False)
    return _MEASURED[key]


# --- what absences mean for the year


@dataclass(frozen=True)
class Weeks:
    """Of a role: working days that absences of this year take, and the weeks a person would then be at work."""

    days: int
    milli: int


def weeks_left(policy: Policy, year: int, absences: Mapping[str, Sequence[Sequence[Absence]]]) -> dict[str, Weeks]:
    """By role, from the absences of its people: one list for each person, who may have none."""
    calendar = calendar_of(policy)
    found = {}
    open_days = _open_days(calendar, year)
    weekly = len(policy.opening.weekly) or 1
    for role, persons in absences.items():
        away = [
            open_days - _open_days(calendar.minus((item.first_on, item.last_on) for item in absent), year)
            for absent in persons
        ]
        present = open_days * len(persons) - sum(away)
        found[role] = Weeks(sum(away), half_up(present * 1000, weekly * len(persons)))
    return found


def _open_days(calendar: Calendar, year: int) -> int:
    first, next_first = (datetime(number, 1, 1, tzinfo=calendar.hours.zone) for number in (year, year + 1))
    return calendar.days_between(first, next_first)

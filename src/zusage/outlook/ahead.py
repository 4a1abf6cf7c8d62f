"""A plan and a growth of its book come in, hours owed against hours there for each week ahead go out, and the week in
which the promises no longer fit.

The customers of a week are reckoned as if they stayed as many for a year: what they are owed in a year is held against
the hours of a year, as `zusage plan` does for today's. So the answer does not depend on the season, and the week it
names is the one from which more is promised than can be kept. A new unit is new for as long as the policy calls it so;
then it is like the others of the class it settles in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zusage.capacity import HoursCheck
from zusage.capacity.weeks import plan_year
from zusage.ground.money import half_up
from zusage.ground.reasons import Refused, mistake
from zusage.outlook.growth import CASES, Case, Growth, settling
from zusage.plan import Plan
from zusage.policy.document import Policy

WEEKS_A_YEAR = 365.25 / 7
LONGEST_YEARS = 30

Seconds = Mapping[str, int]
"""Seconds of a year by role."""


@dataclass(frozen=True)
class Course:
    """A book's way ahead in one case: for each week its Monday, units by class, seconds of a year owed by role."""

    mondays: tuple[date, ...]
    units: tuple[Mapping[str, float], ...]
    owed: tuple[Seconds, ...]

    def first_short(self, there: Seconds) -> date | None:
        """The Monday of the first week in which a role owes more than it has."""
        weeks = zip(self.mondays, self.owed, strict=True)
        return next((monday for monday, owed in weeks if short_roles(owed, there)), None)

    def on(self, day: date) -> Seconds:
        """What is owed to the customers of the week a day lies in; the last week stands for all later ones."""
        return self.owed[min(max(0, (day - self.mondays[0]).days // 7), len(self.owed) - 1)]


@dataclass(frozen=True)
class Tipping:
    """When the promises no longer fit. None: not within the years looked at."""

    now: bool  # today's customers are owed more than there is
    monday: date | None  # of the middle case
    earliest: date | None
    latest: date | None
    roles: tuple[str, ...]  # who owes more than there is then

    @property
    def never(self) -> bool:
        """Not in any of the cases."""
        return self.earliest is None


@dataclass(frozen=True)
class Outlook:
    """A plan's way ahead under a growth of its book."""

    growth: Growth
    years: int
    there: Seconds
    courses: Mapping[Case, Course]
    tipping: Tipping


def short_roles(owed: Seconds, there: Seconds) -> tuple[str, ...]:
    """The roles that owe more than they have."""
    return tuple(role for role, seconds in there.items() if owed.get(role, 0) > seconds)


def there_of(hours: HoursCheck) -> dict[str, int]:
    """Seconds of a year that each role may be promised."""
    found: dict[str, int] = {}
    for month in hours.months:
        found[month.role] = found.get(month.role, 0) + month.there_seconds
    return found


def check_years(years: int) -> None:
    """Raises Refused for so many years ahead that nothing can be said of them, and for none."""
    if not 1 <= years <= LONGEST_YEARS:
        raise Refused([mistake("growth_years", years_count=years, most_count=LONGEST_YEARS)])


def look_ahead(plan: Plan, growth: Growth, years: int, cases: Sequence[Case] = CASES) -> Outlook:
    """The hours owed in each week of some years against the hours there are; the middle case is always asked for.

    Raises Refused for years out of reach.
    """
    check_years(years)
    there = there_of(plan.hours)
    courses = {case: _course(plan, growth, case, years) for case in cases}
    return Outlook(growth, years, there, courses, _tipping(courses, there))


def _tipping(courses: Mapping[Case, Course], there: Seconds) -> Tipping:
    first = {case: course.first_short(there) for case, course in courses.items()}
    days = [day for day in first.values() if day is not None]
    shown: Case = next((case for case in ("mid", "high", "low") if first.get(case) is not None), "mid")
    day = first[shown]
    return Tipping(
        now=bool(short_roles(courses["mid"].owed[0], there)),
        monday=first["mid"],
        earliest=min(days, default=None),
        latest=max(days) if len(days) == len(first) else None,
        roles=short_roles(courses[shown].on(day), there) if day else (),
    )


def _course(plan: Plan, growth: Growth, case: Case, years: int) -> Course:
    day = plan.periods.as_of
    first = day + timedelta(days=-day.weekday() % 7)
    weeks = round(years * WEEKS_A_YEAR) + 1
    units = tuple(_units_ahead(plan, growth, case, weeks))
    each, own = _owed_each(plan), _owed_by_nobody(plan)
    young = _first_years(plan, growth, case)
    return Course(
        mondays=tuple(first + timedelta(weeks=week) for week in range(weeks)),
        units=units,
        owed=tuple(
            {
                role: _owed(role, held, each, own) + round(young.get(role, 0.0) * min(week / WEEKS_A_YEAR, 1))
                for role in own
            }
            for week, held in enumerate(units)
        ),
    )


def _first_years(plan: Plan, growth: Growth, case: Case) -> dict[str, float]:
    """What the new units of a year take in their first year more than the plan has for them, by role."""
    coming = sum(max(count, 0.0) for count in growth.split(case, settling(plan)).values())
    return {role: (item.seconds - item.usual) * coming for role, item in growth.first.items()}


# --- units


def _units_ahead(plan: Plan, growth: Growth, case: Case, weeks: int) -> Iterator[Mapping[str, float]]:
    """The units of each class, week by week."""
    units = {item.class_key: float(item.units) for item in plan.classes}
    new = growth.split(case, settling(plan) if growth.new_milli[case] >= 0 else _shares(units))
    young = _young(plan, units)
    for _ in range(weeks):
        yield dict(units)
        _change(units, _entering(young, new))
        if young is not None:
            units["provisional"] = sum(sum(part.values()) for part in young)
        for item in growth.drift:
            moved = units.get(item.from_class, 0.0) * item.permille / 1000 / WEEKS_A_YEAR
            _change(units, {item.from_class: -moved, item.to_class: moved})


def _change(units: dict[str, float], by: Mapping[str, float]) -> None:
    """So many more or fewer of each class; none becomes fewer than nobody."""
    for key, count in by.items():
        units[key] = max(units.get(key, 0.0) + count, 0.0)


def _shares(units: Mapping[str, float]) -> dict[str, float]:
    whole = sum(units.values())
    return {key: count / whole for key, count in units.items()} if whole else {}


def _young(plan: Plan, units: Mapping[str, float]) -> deque[dict[str, float]] | None:
    """Those who are new today, by the week in which they settle, first come first; None where nobody is called new."""
    if "provisional" not in units:
        return None
    weeks = max(1, round(plan.policy.yields.min_history_months * WEEKS_A_YEAR / 12))
    a_week = {key: share * units["provisional"] / weeks for key, share in settling(plan).items()}
    return deque(dict(a_week) for _ in range(weeks))


def _entering(young: deque[dict[str, float]] | None, new: Mapping[str, float]) -> dict[str, float]:
    """Who comes into (or leaves) the classes in a week: those who settle now, while the new ones begin to wait."""
    coming = {key: max(count, 0.0) / WEEKS_A_YEAR for key, count in new.items()}
    leaving = {key: min(count, 0.0) / WEEKS_A_YEAR for key, count in new.items()}
    if young is None:
        settled = coming
    else:
        young.append(coming)
        settled = young.popleft()
    return {key: settled.get(key, 0.0) + leaving.get(key, 0.0) for key in {**settled, **leaving}}


# --- hours


def _owed_each(plan: Plan) -> dict[str, dict[str, float]]:
    """Seconds of a year owed by role to one unit of a class. A class without anybody is like the next one with some."""
    units = {item.class_key: item.units for item in plan.classes}
    found: dict[str, dict[str, float]] = {key: {} for key, count in units.items() if count}
    for load in plan.hours.loads:
        if load.class_key in found:
            by_role = found[load.class_key]
            by_role[load.role] = by_role.get(load.role, 0.0) + load.seconds / units[load.class_key]
    keys = [item.class_key for item in plan.classes]
    return {key: found[_alike(key, keys, found)] for key in keys} if found else {}


def _alike(key: str, keys: list[str], known: Mapping[str, object]) -> str:
    at = keys.index(key)
    return next(name for name in [*keys[at:], *reversed(keys[:at])] if name in known)


def _owed_by_nobody(plan: Plan) -> dict[str, int]:
    """Seconds of a year of each role that no class causes: internal work, issues, work without a customer."""
    found = dict.fromkeys((role.key for role in plan.policy.roles), 0)
    for load in plan.hours.loads:
        if load.class_key is None:
            found[load.role] += load.seconds
    return found


def _owed(role: str, units: Mapping[str, float], each: Mapping[str, Mapping[str, float]], own: Seconds) -> int:
    return own[role] + round(sum(count * each.get(key, {}).get(role, 0.0) for key, count in units.items()))


# --- the day of a person

FULL_DAY_SECONDS = 8 * 3600
DAYS_OF_THE_STORY = (8, 10, 12, 14)
"""Hours of a full-time day: eight, then ten, twelve, fourteen."""


def day_seconds(policy: Policy, role: str, owed: int) -> int:
    """What a full-time day of eight hours becomes for a person of a role that owes so many seconds a year.

    The part of the day that is not for customers stays as it is; the part for customers grows with what is owed.
    """
    item = policy.role(role)
    capacity = item.capacity_seconds()
    practical = item.practical_permille
    rest = FULL_DAY_SECONDS * (1000 - practical)
    return half_up(rest * capacity + FULL_DAY_SECONDS * practical * owed, 1000 * capacity)


def day_course(plan: Plan, course: Course, role: str) -> tuple[int, ...]:
    """What a full-time day of a role becomes, week by week."""
    return tuple(day_seconds(plan.policy, role, owed.get(role, 0)) for owed in course.owed)


# --- single weeks


@dataclass(frozen=True)
class FullWeek:
    """The first week in which a role owes more than all its hours for customers, with nothing left in reserve."""

    role: str
    monday: date
    owed_seconds: int
    there_seconds: int


def first_full_week(plan: Plan, course: Course) -> FullWeek | None:
    """The first such week on a course: the work levelled over its weeks, growing with the units of each class.

    Later years are taken to have the weeks of the first one.
    """
    year = plan_year(plan.units.lazy(), plan.roles, plan.policy, plan.periods.as_of)
    today = {item.class_key: item.units for item in plan.classes}
    loads: dict[date, list[tuple[str, str | None, int]]] = {}
    for load in year.levelled:
        loads.setdefault(load.monday, []).append((load.role, load.class_key, load.seconds))
    there = {(item.role, item.monday): item.seconds for item in year.there}
    for week, (monday, units) in enumerate(zip(course.mondays, course.units, strict=True)):
        usual = year.mondays[week % len(year.mondays)]
        sums: dict[str, float] = {}
        for role, key, seconds in loads.get(usual, ()):
            times = units.get(key, 0.0) / today[key] if key and today.get(key) else 1.0
            sums[role] = sums.get(role, 0.0) + seconds * times
        full = [role for role, seconds in sums.items() if seconds > there[role, usual]]
        if full:
            role = max(full, key=lambda name: sums[name] - there[name, usual])
            return FullWeek(role, monday, round(sums[role]), there[role, usual])
    return None


def floor_beyond(plan: Plan) -> dict[str, tuple[int, int]]:
    """The roles whose duty work and own work alone are more than their hours: seconds of a year needed, and there."""
    there = there_of(plan.hours)
    needed = dict.fromkeys(there, 0)
    for load in plan.hours.loads:
        if load.source in ("duty", "internal", "unassigned"):
            needed[load.role] += load.seconds
    return {role: (needed[role], there[role]) for role in there if needed[role] > there[role]}

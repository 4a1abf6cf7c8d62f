"""Classified units, the hours of the roles and the policy come in, the year by weeks goes out: owed, levelled, there.

Hours owed are those of the hours check (`load.check_hours`), placed in the weeks in which they fall due: the sum over
the weeks is the sum of the check, for each role, class, source and service. `levelled` is the same work with what may
be moved laid where the hours are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import narwhals as nw

from zusage import engine
from zusage.capacity.level import level, role_of
from zusage.capacity.load import Answer, Load, check_hours
from zusage.capacity.placed import (
    Laid,
    Movable,
    Placed,
    Span,
    join_placed,
    lay,
    only,
    place_promises,
    with_starts,
)
from zusage.capacity.season import Season
from zusage.capacity.there import (
    OFFICE_DAYS,
    WEEK,
    Absence,
    WeekThere,
    hours_there,
    open_days,
    usual_days,
    weeks_ahead,
)
from zusage.cost.firm import RoleHours
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.ground.reasons import Finding, Refused, mistake, note, warning
from zusage.policy.document import Policy
from zusage.promises.touchpoints import Deliveries

UNEVEN_PERMILLE = 100
"""A year that holds more or fewer deliveries of a promise than the mean by more than this is worth a word."""


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
class Contact:
    """A delivery to a unit in the levelled plan: the week it is planned for, and the day by which it is due."""

    monday: date
    unit_id: str
    class_key: str
    service: str
    role: str
    due_on: date


@dataclass(frozen=True)
class Cost:
    """What a class and a promise take in a year; fields as in `load.Load`, all roles together."""

    class_key: str | None
    source: str
    service: str | None
    seconds: int
    cents: int


@dataclass(frozen=True)
class Former:
    """A unit for which the promises of its former class, or of a former policy, hold until a day, that day's week
    included."""

    unit_id: str
    class_key: str
    until: date
    policy: Policy | None = None  # None: only the class was another one


@dataclass(frozen=True)
class YearPlan:
    """The 52 weeks ahead. Where a method takes `levelled`, False asks for the work as it falls due."""

    policy: Policy
    mondays: tuple[date, ...]
    owed: tuple[WeekLoad, ...]
    levelled: tuple[WeekLoad, ...]
    there: tuple[WeekThere, ...]
    contacts: tuple[Contact, ...]  # deliveries to single units, in the order of the levelled weeks
    costs: tuple[Cost, ...]  # of the promises to come, the dearest first
    bound_permille: Mapping[str, int]  # by role: the least share of the worst week any plan within the windows has
    answer: Answer  # of the hours check: `unknown` below the stated coverage of the logs
    coverage_permille: int
    relief_on: date | None  # the Monday from which no former promise holds any more; None: none did
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
    season: Season | None = None,
    former: Iterable[Former] = (),
) -> YearPlan:
    """The 52 whole weeks after a day: hours owed, levelled and there, for each role.

    `units` are classified ones (unit_id, class_key, since, distance_m and the figures of the hours check), `hours` the
    statement of each role. `deliveries` are the last ones, where the policy lets the next follow them; without a day to
    count from, a unit gets one from its number. `season` (`season.season_of`) lays requests as they came before, else
    they lie by working days. `former` are promises that still hold for some units; the sum over the weeks is then no
    longer that of the hours check.

    Raises Refused where an absence or a former promise names a role the policy does not have.
    """
    check = check_hours(units, hours, policy, as_of)
    mondays = weeks_ahead(as_of)
    there, said = hours_there(policy, mondays, absences)
    span = Span(mondays, tuple(open_days(policy, mondays)))
    held = list(former)
    started = with_starts(units, policy, mondays[0])
    promised = _promised(started, policy, span, deliveries, held)
    placed = replace(promised, laid=(*promised.laid, *_requests(check.loads, span, season, there)))
    hours_by_role = {role.key: [week.seconds for week in there if week.role == role.key] for role in policy.roles}
    levelled = level(placed, hours_by_role)
    return YearPlan(
        policy=policy,
        mondays=mondays,
        owed=_rows(placed.laid, placed.movable, [0] * len(placed.movable), mondays),
        levelled=_rows(levelled.laid, placed.movable, levelled.shifts, mondays),
        there=there,
        contacts=tuple(_contacts(placed.movable, levelled.shifts, mondays)),
        costs=_costs(check.loads, hours),
        bound_permille=levelled.bound_permille,
        answer=check.answer,
        coverage_permille=check.coverage_permille,
        relief_on=max((_relief(item, span) for item in held), default=None),
        findings=(*said, *_remarks(units, policy, check.loads, there, promised)),
    )


# --- promises in force by date


def _promised(
    units: Frame, policy: Policy, span: Span, deliveries: Deliveries | None, former: Sequence[Former]
) -> Placed:
    """The promised work: of units nothing changes for, and of the others by the former promises, then by the new."""
    policies = {held.hash: held for held in (policy, *(item.policy for item in former if item.policy))}
    _check_roles(policy, policies.values())
    groups: dict[tuple[int, str, str], list[str]] = {}
    for item in former:
        groups.setdefault((_last_week(item, span), item.class_key, (item.policy or policy).hash), []).append(
            item.unit_id
        )
    moving = [key for keys in groups.values() for key in keys]
    settled = units.filter(~nw.col("unit_id").is_in(moving)) if moving else units
    parts = [place_promises(settled, policy, span, deliveries)]
    for (last, class_key, held), keys in groups.items():
        then, later = only(units, keys, class_key), only(units, keys)
        parts.append(place_promises(then, policies[held], replace(span, last=last), deliveries))
        parts.append(place_promises(later, policy, replace(span, first=last + 1), deliveries))
    return join_placed(parts)


def _last_week(item: Former, span: Span) -> int:
    return -1 if item.until < span.mondays[0] else span.week(item.until)


def _relief(item: Former, span: Span) -> date:
    """The Monday from which the new promises hold for a unit."""
    return span.mondays[0] + WEEK * (_last_week(item, span) + 1)


def _check_roles(policy: Policy, former: Iterable[Policy]) -> None:
    known = {role.key for role in policy.roles}
    gone = sorted(
        {promise.role for held in former for _, own in held.promises for promise in own if promise.role} - known
    )
    if gone:
        raise Refused([mistake("capacity_former_role", text=", ".join(gone))])


def former_classes(units: Frame, policy: Policy, as_of: date) -> tuple[Former, ...]:
    """Units that go down from their confirmed class: what they were promised holds until the notice has passed."""
    levels = {item.key: item.level for item in policy.classes}
    until = as_of + timedelta(days=policy.review.notice_days)
    rows = engine.rows(
        units.filter(nw.col("previous_key") != nw.col("class_key")).select("unit_id", "previous_key", "class_key")
    )
    return tuple(
        Former(row["unit_id"], row["previous_key"], until)
        for row in sorted(rows, key=lambda row: str(row["unit_id"]))
        if levels.get(row["previous_key"], 0) > levels[row["class_key"]]
    )


# --- the rest of the work


def _requests(loads: Sequence[Load], span: Span, season: Season | None, there: Sequence[WeekThere]) -> Iterator[Laid]:
    """What customers ask and the law wants by season, internal work by who is there."""
    workdays = span.workdays()
    for load in loads:
        if load.source == "internal":
            yield lay(load, [week.seconds for week in there if week.role == load.role])
        elif load.source in ("asked", "duty", "unassigned"):
            yield lay(load, season.weights(load.role, load.source, span.days) if season else workdays)


def _rows(
    laid: Sequence[Laid], movable: Sequence[Movable], shifts: Sequence[int], mondays: Sequence[date]
) -> tuple[WeekLoad, ...]:
    """All work as rows: one for each role, week, class, source and service with any."""
    sums: Counter[tuple[str, int, str | None, str, str | None]] = Counter()
    for item in laid:
        load = item.load
        for week, seconds in enumerate(item.weeks):
            sums[load.role, week, load.class_key, load.source, load.service] += seconds
    for group, shift in zip(movable, shifts, strict=True):
        for week, seconds in zip(group.weeks, group.seconds, strict=True):
            sums[role_of(group), week - shift, group.class_key, "promise", group.promise.service] += seconds
    return tuple(
        WeekLoad(role, mondays[week], class_key, source, service, seconds)
        for (role, week, class_key, source, service), seconds in sums.items()
        if seconds
    )


def _contacts(movable: Sequence[Movable], shifts: Sequence[int], mondays: Sequence[date]) -> list[Contact]:
    found = [
        Contact(mondays[week - shift], group.unit_id, group.class_key, group.promise.service, role_of(group), due)
        for group, shift in zip(movable, shifts, strict=True)
        for week, due in zip(group.weeks, group.due, strict=True)
    ]
    return sorted(found, key=lambda item: (item.monday, item.unit_id, item.service, item.due_on))


def _costs(loads: Sequence[Load], hours: Sequence[RoleHours]) -> tuple[Cost, ...]:
    """What each class and each promise takes, the dearest first."""
    rates = {item.role: item for item in hours}
    sums: dict[tuple[str | None, str, str | None], list[int]] = {}
    for load in loads:
        row = sums.setdefault((load.class_key, load.source, load.service), [0, 0])
        row[0] += load.seconds
        row[1] += rates[load.role].cents(load.seconds) if load.role in rates else 0
    found = [Cost(*key, seconds, cents) for key, (seconds, cents) in sums.items()]
    return tuple(sorted(found, key=lambda item: (-item.cents, -item.seconds, repr(item))))


# --- what has to be said


def _remarks(
    units: Frame, policy: Policy, loads: Sequence[Load], there: Sequence[WeekThere], placed: Placed
) -> Iterator[Finding]:
    for role in policy.roles:
        floor = sum(load.seconds for load in loads if load.role == role.key and _is_floor(load, policy))
        limit = sum(week.limit_seconds for week in there if week.role == role.key)
        if floor > limit:
            yield warning("capacity_floor_alone", text=role.key, floor_seconds=floor, there_seconds=limit)
    unknown = engine.rows(units.select(nw.col("since").is_null().cast(nw.Int64).sum().alias("count")))[0]["count"]
    if unknown and placed.movable:
        yield note("capacity_without_start", units_count=unknown)
    for load, permille in placed.due_permille:
        if abs(permille - 1000) > UNEVEN_PERMILLE:
            values = {"text": load.service, "name": load.class_key, "due_permille": permille}
            yield note("capacity_uneven_year", **values)


def _is_floor(load: Load, policy: Policy) -> bool:
    """Work that everybody is owed whatever their class."""
    return load.source == "duty" or (load.service is not None and policy.service(load.service).kind == "floor")

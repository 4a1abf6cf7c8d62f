"""Work laid where it falls due comes in, the same work laid where the hours are goes out, with a bound for the worst.

What may move, and how far: a delivery to a unit is never later than the week it is due, and at most half the distance
of its promise earlier; the deliveries of one service to one unit move by the same number of weeks, so that their
distance stays. It lies in no month its service avoids, in no week without anybody there, and where windows allow a few
weeks away from other deliveries to the same unit. What a preferred season moved is due within that season: its months
are the window. Divisible work: care on occasions stays within its four weeks, the work for an issue or an invitation
is done in the four weeks up to its day. What is asked for lies fixed.

The least worst week is not searched for directly. The sum over weeks of owed² ÷ there is convex and differentiable, its
fractional minimum has the least worst week too, and going from delivery to delivery to the best week of its window
arrives there but for the size of single deliveries. No step may lift a week above the worst one there was. How far from
the best possible the result is, says a linear program over groups of like deliveries (`bound`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zusage.capacity.bound import Piece, least_worst
from zusage.capacity.load import shared
from zusage.capacity.placed import Laid, Movable, Placed
from zusage.promises.cadence import wanted_month

APART_WEEKS = 4
"""Weeks between two deliveries of different services to one unit, where their windows allow it."""
BLOCK_WEEKS = 4
"""Care on occasions stays within so many weeks, and so many, the last one included, are there for an issue."""
SWEEPS = 12
"""So often each delivery is asked for a better week at most; usually the third time nothing moves any more."""

Weeks = npt.NDArray[np.int64]
Shifts = tuple[int, ...]
"""By how many weeks the deliveries of a unit may come earlier (below nought: later, within a preferred season)."""


@dataclass(frozen=True)
class Levelled:
    """Where the work lies: for each group of deliveries its shift, the divisible work anew, and for each role the least
    share of its worst week that any plan within the windows could have (permille, rounded down)."""

    shifts: tuple[int, ...]
    laid: tuple[Laid, ...]
    bound_permille: Mapping[str, int]


@dataclass
class _Flow:
    """Divisible work of one week: the weeks it may be done in, and how much of it lies in each of them."""

    role: str
    week: int
    seconds: int
    window: Weeks
    parts: Weeks


@dataclass
class _Role:
    """The weeks of a role while they are being levelled: seconds laid, seconds there, and the share of the worst week
    as owed ÷ there, which no step may exceed."""

    laid: Weeks
    there: Weeks
    worst: tuple[int, int]  # among the weeks in which somebody is there

    def allowed(self, weeks: Weeks, seconds: int | Weeks) -> npt.NDArray[np.bool_]:
        """Whether so much more in a week leaves it at or below the worst there was."""
        over, under = self.worst
        found: npt.NDArray[np.bool_] = (self.laid[weeks] + seconds) * under <= over * self.there[weeks]
        return found


def level(placed: Placed, there: Mapping[str, Sequence[int]]) -> Levelled:
    """Lay what may move where the hours are."""
    roles = _roles(placed, there)
    options = _options(placed.movable, there)
    flows = [list(_flows(item, roles[item.load.role])) for item in placed.laid]
    bounds = {
        role: least_worst(_pieces(role, placed, options, flows), state.laid, state.there)
        for role, state in roles.items()
    }
    shifts = [0] * len(placed.movable)
    beside = _neighbours(placed.movable)
    order = sorted(
        (place for place, found in enumerate(options) if len(found) > 1),
        key=lambda place: (len(options[place]), -sum(placed.movable[place].seconds)),
    )
    for _ in range(SWEEPS):
        for flow in (flow for own in flows for flow in own):
            _pour(flow, roles[flow.role])
        if not sum([_move(place, placed.movable, options, shifts, beside, roles) for place in order]):
            break
    laid = tuple(_laid_anew(item, own) for item, own in zip(placed.laid, flows, strict=True))
    return Levelled(tuple(shifts), laid, bounds)


def role_of(item: Movable) -> str:
    """Who does a delivery."""
    return item.promise.role or ""


def _roles(placed: Placed, there: Mapping[str, Sequence[int]]) -> dict[str, _Role]:
    laid = {role: np.zeros(len(weeks), dtype=np.int64) for role, weeks in there.items()}
    for part in placed.laid:
        laid[part.load.role] += np.array(part.weeks, dtype=np.int64)
    for item in placed.movable:
        np.add.at(laid[role_of(item)], list(item.weeks), item.seconds)
    found = {}
    for role, weeks in laid.items():
        hours = np.array(there[role], dtype=np.int64)
        open_weeks = [(int(owed), int(here)) for owed, here in zip(weeks, hours, strict=True) if here]
        found[role] = _Role(weeks, hours, max(open_weeks, key=lambda it: it[0] / it[1], default=(0, 1)))
    return found


# --- windows


def _options(movable: Sequence[Movable], there: Mapping[str, Sequence[int]]) -> list[Shifts]:
    """The windows of all; like deliveries have like windows, which are looked for once."""
    known: dict[tuple[object, ...], Shifts] = {}
    found = []
    for item in movable:
        later = _moved_by_season(item)
        key = (id(item.service), id(item.promise), item.follows, id(item.span), item.weeks, later, role_of(item))
        if key not in known:
            known[key] = windows(item, there[role_of(item)])
        found.append(known[key])
    return found


def windows(item: Movable, there: Sequence[int]) -> Shifts:
    """By how many weeks the deliveries of a unit may come earlier; 0, as they fall due, is always one of them."""
    span = item.span
    open_weeks = [
        hours > 0 and span.has(week) and any(wanted_month(item.service, day.month) for day in span.days[week])
        for week, hours in enumerate(there)
    ]
    distance = 52_000 // item.promise.per_year_milli
    most = distance // 2
    if item.follows:  # what comes after the last one would otherwise still fall into the year
        most = min(most, item.weeks[-1] + distance - len(span.mondays))
    later = min(_run(week, open_weeks) for week in item.weeks) if _moved_by_season(item) else 0
    return tuple(
        shift
        for shift in range(-later, max(most, 0) + 1)
        if shift == 0 or all(week - shift >= 0 and open_weeks[week - shift] for week in item.weeks)
    )


def _moved_by_season(item: Movable) -> bool:
    """Whether a preferred season moved all of the deliveries: they may then come until it ends."""
    preferred = item.service.prefer_months
    return bool(preferred) and not any(wanted_month(item.service, day.month) for day in item.planned)


def _run(week: int, open_weeks: Sequence[bool]) -> int:
    last = week
    while last + 1 < len(open_weeks) and open_weeks[last + 1]:
        last += 1
    return last - week


def _neighbours(movable: Sequence[Movable]) -> dict[int, list[int]]:
    """For each group of deliveries the groups of other services to the same unit."""
    by_unit: dict[str, list[int]] = {}
    for place, item in enumerate(movable):
        by_unit.setdefault(item.unit_id, []).append(place)
    shared_units = (places for places in by_unit.values() if len(places) > 1)
    return {place: [other for other in places if other != place] for places in shared_units for place in places}


# --- moving


def _move(
    place: int,
    movable: Sequence[Movable],
    options: Sequence[Shifts],
    shifts: list[int],
    beside: Mapping[int, list[int]],
    roles: Mapping[str, _Role],
) -> bool:
    """Lay the deliveries of a unit in the best weeks of their window; whether they moved."""
    item, role = movable[place], roles[role_of(movable[place])]
    taken = [week - shifts[other] for other in beside.get(place, ()) for week in movable[other].weeks]
    open_shifts = np.array(_apart(item, options[place], taken))
    due, seconds = np.array(item.weeks), np.array(item.seconds, dtype=np.int64)
    role.laid[due - shifts[place]] -= seconds
    weeks = due - open_shifts[:, None]
    stuck = not role.there[due - shifts[place]].all()  # nobody is there when it falls due: anywhere else is better
    fits = role.allowed(weeks, seconds).all(axis=1) | (open_shifts == shifts[place]) | stuck
    # what owed² ÷ there grows by: (2 · laid + seconds) · seconds ÷ there
    growth = ((2 * role.laid[weeks] + seconds) * (seconds / np.maximum(role.there[weeks], 1))).sum(axis=1)
    best = int(open_shifts[int(np.where(fits, growth, np.inf).argmin())]) if fits.any() else shifts[place]
    role.laid[due - best] += seconds
    moved = best != shifts[place]
    shifts[place] = best
    return moved


def _apart(item: Movable, options: Shifts, taken: Sequence[int]) -> Shifts:
    """The options that keep the distance to other deliveries; where none does, those that keep most of it."""
    if not taken:
        return options
    gaps = {shift: min(abs(week - shift - other) for week in item.weeks for other in taken) for shift in options}
    widest = min(APART_WEEKS, max(gaps.values()))
    return tuple(shift for shift, gap in gaps.items() if gap >= widest)


def _flows(item: Laid, role: _Role) -> Iterator[_Flow]:
    """The divisible work of each week that may move, with its window of weeks in which somebody is there."""
    for week, seconds in enumerate(item.weeks):
        window = _window(item, week, role)
        if seconds and len(window):
            yield _Flow(item.load.role, week, seconds, window, np.where(window == week, seconds, 0).astype(np.int64))


def _window(item: Laid, week: int, role: _Role) -> Weeks:
    if not item.moves:
        return np.array([], dtype=np.int64)
    start = week // BLOCK_WEEKS * BLOCK_WEEKS if item.moves == "about" else max(0, week - BLOCK_WEEKS + 1)
    end = min(start + BLOCK_WEEKS, len(role.there)) if item.moves == "about" else week + 1
    weeks = np.arange(start, end)
    if item.moves == "about":  # only in weeks of months the service wants
        weeks = weeks[np.array(item.weeks)[weeks] > 0]
    return weeks[role.there[weeks] > 0] if role.there[week] else weeks[:0]


def _pour(flow: _Flow, role: _Role) -> None:
    """Lay divisible work anew as water fills a valley, which is exact for what divides."""
    role.laid[flow.window] -= flow.parts
    parts = _water(role.laid[flow.window], role.there[flow.window], flow.seconds)
    if role.allowed(flow.window, parts).all():
        flow.parts = parts
    role.laid[flow.window] += flow.parts


def _laid_anew(item: Laid, flows: Sequence[_Flow]) -> Laid:
    if not flows:
        return item
    weeks = np.array(item.weeks, dtype=np.int64)
    for flow in flows:
        weeks[flow.week] -= flow.seconds
        weeks[flow.window] += flow.parts
    return Laid(item.load, tuple(map(int, weeks)), item.moves)


def _water(laid: Weeks, there: Weeks, total: int) -> Weeks:
    """A total in whole seconds over weeks so that the shares of those that get any are equal."""
    order = np.argsort(laid / there, kind="stable")
    chosen = 1
    for chosen in range(1, len(order) + 1):
        inside = order[:chosen]
        surface = (total + laid[inside].sum()) / there[inside].sum()
        if chosen == len(order) or laid[order[chosen]] / there[order[chosen]] >= surface:
            break
    inside = order[:chosen]
    wanted = np.maximum(surface * there[inside] - laid[inside], 0)
    parts = np.zeros(len(laid), dtype=np.int64)
    parts[inside] = shared(total, [int(part) + 1 for part in wanted])
    return parts


# --- what the bound is about


def _pieces(role: str, placed: Placed, options: Sequence[Shifts], flows: Sequence[Sequence[_Flow]]) -> list[Piece]:
    """What a role may move, like deliveries together: where it lies, and the sets of weeks it may be laid in."""
    groups: dict[tuple[tuple[int, ...], Shifts], int] = {}
    for item, found in zip(placed.movable, options, strict=True):
        if role_of(item) == role and len(found) > 1:
            groups[item.weeks, found] = groups.get((item.weeks, found), 0) + sum(item.seconds)
    pieces = [
        Piece(total, weeks, tuple(tuple(week - shift for week in weeks) for shift in found))
        for (weeks, found), total in groups.items()
    ]
    for flow in (flow for own in flows for flow in own if flow.role == role):
        pieces.append(Piece(flow.seconds, (flow.week,), tuple((int(week),) for week in flow.window)))
    return pieces

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

from zusage.capacity.bound import Piece, least_worst
from zusage.capacity.load import shared
from zusage.capacity.placed import Laid, Movable, Placed
from zusage.promises.cadence import wanted_month

APART_WEEKS = 4
"""Weeks between two deliveries of different services to one unit, where their windows allow it and no week grows above
the least worst one for it."""
BLOCK_WEEKS = 4
"""Care on occasions stays within so many weeks, and so many, the last one included, are there for an issue."""
SWEEPS = 12
"""So often each delivery is asked for a better week at most."""
ENOUGH = 1e-4
"""A sweep that betters the sum of squares by less than this part ends the search."""
BUNDLES = 3000
"""From so many units on, those with like windows move together, a few at a time: what that costs in evenness is a small
part of a week of so large a book, and levelling takes no longer than for a smaller one."""

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
    window: list[int]
    parts: list[int]


@dataclass
class _Role:
    """The weeks of a role while they are being levelled: seconds laid, seconds there, and the share of the worst week
    as owed ÷ there, which no step may exceed."""

    laid: list[int]
    there: Sequence[int]
    worst: tuple[int, int]  # among the weeks in which somebody is there
    least: int = 0  # permille: the share of the worst week that no plan can be below

    def fits(self, week: int, seconds: int) -> bool:
        """Whether so much more in a week leaves it at or below the worst there was."""
        return (self.laid[week] + seconds) * self.worst[1] <= self.worst[0] * self.there[week]

    def squares(self) -> float:
        """What is made as small as it can be: owed² ÷ there over the weeks."""
        return sum(owed * owed / max(here, 1) for owed, here in zip(self.laid, self.there, strict=True))


@dataclass
class _Part:
    """The deliveries of one service to the units of a bundle: their weeks, what all of them take, and how they move."""

    role: str
    weeks: tuple[int, ...]
    seconds: tuple[int, ...]
    options: Shifts
    shift: int = 0


@dataclass
class _Bundle:
    """Units whose deliveries are alike and move together: the places of each part's groups, and the parts."""

    places: list[tuple[int, ...]]
    parts: list[_Part]


def level(placed: Placed, there: Mapping[str, Sequence[int]]) -> Levelled:
    """Lay what may move where the hours are."""
    roles = _roles(placed, there)
    options = _options(placed.movable, there)
    flows = [list(_flows(item, roles[item.load.role])) for item in placed.laid]
    bounds = {
        role: least_worst(_pieces(role, placed, options, flows), state.laid, state.there)
        for role, state in roles.items()
    }
    for role, state in roles.items():
        state.least = bounds[role]
    bundles = _bundles(placed.movable, options)
    _search(bundles, [flow for own in flows for flow in own], roles)
    shifts = [0] * len(placed.movable)
    for bundle in bundles:
        for places, part in zip(bundle.places, bundle.parts, strict=True):
            for place in places:
                shifts[place] = part.shift
    laid = tuple(_laid_anew(item, own) for item, own in zip(placed.laid, flows, strict=True))
    return Levelled(tuple(shifts), laid, bounds)


def _search(bundles: Sequence[_Bundle], flows: Sequence[_Flow], roles: Mapping[str, _Role]) -> None:
    """Sweep over all that may move until nothing gets better: the tightest windows and the largest first."""
    order = sorted(
        ((bundle, part) for bundle in bundles for part in bundle.parts if len(part.options) > 1),
        key=lambda pair: (len(pair[1].options), -sum(pair[1].seconds)),
    )
    before = sum(role.squares() for role in roles.values())
    for _ in range(SWEEPS):
        for flow in flows:
            _pour(flow, roles[flow.role])
        for bundle, part in order:
            _move(part, bundle, roles[part.role])
        after = sum(role.squares() for role in roles.values())
        if before - after <= before * ENOUGH:
            return
        before = after


def role_of(item: Movable) -> str:
    """Who does a delivery."""
    return item.promise.role or ""


def _roles(placed: Placed, there: Mapping[str, Sequence[int]]) -> dict[str, _Role]:
    laid = {role: [0] * len(weeks) for role, weeks in there.items()}
    for part in placed.laid:
        weeks = laid[part.load.role]
        for week, seconds in enumerate(part.weeks):
            weeks[week] += seconds
    for item in placed.movable:
        weeks = laid[role_of(item)]
        for week, seconds in zip(item.weeks, item.seconds, strict=True):
            weeks[week] += seconds
    found = {}
    for role, weeks in laid.items():
        open_weeks = [(owed, here) for owed, here in zip(weeks, there[role], strict=True) if here]
        found[role] = _Role(weeks, there[role], max(open_weeks, key=lambda it: it[0] / it[1], default=(0, 1)))
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


def _bundles(movable: Sequence[Movable], options: Sequence[Shifts]) -> list[_Bundle]:
    """Units with like deliveries, a few together where there are many units; each alone where there are not."""
    by_unit: dict[str, list[int]] = {}
    for place, item in enumerate(movable):
        by_unit.setdefault(item.unit_id, []).append(place)
    alike: dict[tuple[object, ...], list[list[int]]] = {}
    for places in by_unit.values():
        key = tuple((role_of(movable[place]), movable[place].weeks, options[place]) for place in places)
        alike.setdefault(key, []).append(places)
    size = -(-len(by_unit) // BUNDLES)
    return [
        _bundle(units[first : first + size], movable, options)
        for units in alike.values()
        for first in range(0, len(units), size)
    ]


def _bundle(units: Sequence[Sequence[int]], movable: Sequence[Movable], options: Sequence[Shifts]) -> _Bundle:
    places = list(zip(*units, strict=True))
    parts = [
        _Part(
            role_of(movable[own[0]]),
            movable[own[0]].weeks,
            tuple(map(sum, zip(*(movable[place].seconds for place in own), strict=True))),
            options[own[0]],
        )
        for own in places
    ]
    return _Bundle(places, parts)


# --- moving


def _move(part: _Part, bundle: _Bundle, role: _Role) -> None:
    """Lay the deliveries of a bundle in the best weeks of their window."""
    taken = [week - other.shift for other in bundle.parts if other is not part for week in other.weeks]
    lies = list(zip(part.weeks, part.seconds, strict=True))
    for week, seconds in lies:
        role.laid[week - part.shift] -= seconds
    # nobody is there when it falls due: anywhere else is better
    stuck = not all(role.there[week - part.shift] for week in part.weeks)
    fitting = [
        shift
        for shift in part.options
        if stuck or shift == part.shift or all(role.fits(week - shift, seconds) for week, seconds in lies)
    ]
    best = min(_apart(part, fitting, taken, role), key=lambda shift: _growth(role, shift, lies))
    part.shift = best
    for week, seconds in lies:
        role.laid[week - best] += seconds


def _growth(role: _Role, shift: int, lies: Sequence[tuple[int, int]]) -> float:
    """What owed² ÷ there grows by where deliveries lie so many weeks earlier."""
    found = 0.0
    for week, seconds in lies:
        found += (2 * role.laid[week - shift] + seconds) * seconds / (role.there[week - shift] or 1)
    return found


def _apart(part: _Part, options: Sequence[int], taken: Sequence[int], role: _Role) -> Sequence[int]:
    """The options that keep the distance to other deliveries and fill no week above the least worst one; else all."""
    if not taken:
        return options
    far = [
        shift
        for shift in options
        if all(abs(week - shift - other) >= APART_WEEKS for week in part.weeks for other in taken)
        and all(role.laid[week - shift] * 1000 <= role.least * role.there[week - shift] for week in part.weeks)
    ]
    return far or options


def _flows(item: Laid, role: _Role) -> Iterator[_Flow]:
    """The divisible work of each week that may move, with its window of weeks in which somebody is there."""
    for week, seconds in enumerate(item.weeks):
        window = _window(item, week, role) if seconds and item.moves else []
        if window:
            yield _Flow(item.load.role, week, seconds, window, [seconds if own == week else 0 for own in window])


def _window(item: Laid, week: int, role: _Role) -> list[int]:
    """The weeks work may be done in; none where nobody is there when it falls due."""
    if not role.there[week]:
        return []
    if item.moves == "before":
        return [own for own in range(max(0, week - BLOCK_WEEKS + 1), week + 1) if role.there[own]]
    start = week // BLOCK_WEEKS * BLOCK_WEEKS
    weeks = range(start, min(start + BLOCK_WEEKS, len(role.there)))
    return [own for own in weeks if role.there[own] and item.weeks[own]]  # months the service does not want have none


def _pour(flow: _Flow, role: _Role) -> None:
    """Lay divisible work anew as water fills a valley, which is exact for what divides."""
    for week, part in zip(flow.window, flow.parts, strict=True):
        role.laid[week] -= part
    parts = _water([role.laid[week] for week in flow.window], [role.there[week] for week in flow.window], flow.seconds)
    if all(role.fits(week, part) for week, part in zip(flow.window, parts, strict=True) if part):
        flow.parts = parts
    for week, part in zip(flow.window, flow.parts, strict=True):
        role.laid[week] += part


def _water(laid: Sequence[int], there: Sequence[int], total: int) -> list[int]:
    """A total in whole seconds over weeks so that the shares of those that get any are equal."""
    order = sorted(range(len(laid)), key=lambda place: laid[place] / there[place])
    owed, hours, surface, filled = total, 0, 0.0, 0
    for place in order:
        if filled and laid[place] / there[place] >= surface:
            break
        owed, hours, filled = owed + laid[place], hours + there[place], filled + 1
        surface = owed / hours
    wanted = [0] * len(laid)
    for place in order[:filled]:
        wanted[place] = max(0, int(surface * there[place]) - laid[place]) + 1
    return shared(total, wanted)


def _laid_anew(item: Laid, flows: Sequence[_Flow]) -> Laid:
    weeks = list(item.weeks)
    for flow in flows:
        weeks[flow.week] -= flow.seconds
        for week, part in zip(flow.window, flow.parts, strict=True):
            weeks[week] += part
    return Laid(item.load, tuple(weeks), item.moves)


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
        pieces.append(Piece(flow.seconds, (flow.week,), tuple((week,) for week in flow.window)))
    return pieces

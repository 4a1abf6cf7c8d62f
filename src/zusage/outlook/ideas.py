"""A situation comes in, what could be changed in it goes out, each idea in several sizes, the gentlest first.

Services of the floor, what the law asks for, and work of the cause *duty* are never among them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Value
from zusage.outlook.ahead import there_of
from zusage.outlook.growth import settling
from zusage.outlook.trial import Situation
from zusage.outlook.ways import Idea, Step
from zusage.outlook.worth import owed_by_role
from zusage.plan import Plan
from zusage.policy.document import Criterion, Policy, Promise, Role, Service, leaves, metric
from zusage.policy.edit import Change, Path, Put
from zusage.policy.terms import MODES, spread
from zusage.promises.owed import travels

RHYTHM = (12000, 6000, 4000, 3000, 2000, 1000, 500, 250)
"""Deliveries a year, in thousandths, that people can remember; 250: every four years."""
LESS = {"cadence": "on_request", "occasion": "reactive", "invitation": "none", "publication": "none"}
"""What is left where nothing is promised unasked any more."""
STEP = {"cents": 1000, "count": 1, "permille": 10, "months": 12, "milli": 1000}
"""By how much a cut is raised at a time: ten euro, one contract, a year."""
MOST_CUT_TIMES = 2
"""A cut is at most doubled: beyond, it is another class."""
MOST_HOURS = 400
"""Weekly hours that are looked at for a new person or persons."""


def ideas(situation: Situation) -> Iterator[Idea]:
    """Everything that could be changed, for the roles that are short."""
    short = situation.lacking(situation.plan)
    for role in short:
        yield from _trims(situation, role)
        yield from _moves(situation, role)
        yield from hires(situation, role, short[role])
        yield from _cuts(situation, role, short[role])
        yield from _grid_cuts(situation, role)
    if short:
        yield from _venues(situation, list(short))
        yield from _closed(situation)


# --- what is promised


def _changeable(service: Service) -> bool:
    return service.kind != "floor" and service.legal != "duty"


def written_cell(situation: Situation, service: str, class_key: str) -> Any:
    """A cell of the matrix as it is written: the class's own, that of the class it is like, or the service's own."""
    document = situation.document
    row = (document.get("matrix") or {}).get(service) or {}
    if class_key in row:
        return row[class_key]
    classes = document["classes"]
    item = classes["best_first"].get(class_key) or (classes.get("provisional") if class_key == "provisional" else {})
    like = (item or {}).get("like")
    return row[like] if like in row else document["services"][service].get("promise")


def _with(situation: Situation, service: Service, class_key: str, **fields: Any) -> dict[str, Any]:
    """A cell with some fields changed."""
    cell = spread(written_cell(situation, service.key, class_key), MODES[service.measure]) or {}
    return {**cell, **fields}


def _delivered(policy: Policy, class_key: str) -> Iterator[tuple[Service, Promise]]:
    """What is delivered to a class unasked and may be changed."""
    for promise in policy.promises_of(class_key):
        service = policy.service(promise.service)
        if service.measure in LESS and promise.per_year_milli and _changeable(service):
            yield service, promise


def _trims(situation: Situation, role: str) -> Iterator[Idea]:
    """Fewer deliveries a year of one service, to one class; work done once for all is trimmed for all."""
    policy = situation.plan.policy
    groups: dict[tuple[str, str], list[tuple[str, Promise]]] = {}
    for item in policy.classes:
        for service, promise in _delivered(policy, item.key):
            if promise.role == role and not _follows(situation, service.key, item.key):
                groups.setdefault((service.key, "" if service.issue_seconds else item.key), []).append(
                    (item.key, promise)
                )
    for (key, class_key), promised in groups.items():
        service = policy.service(key)
        most = max(promise.per_year_milli for _, promise in promised)
        steps = [
            _trim(situation, service, [pair for pair in promised if pair[1].per_year_milli > count], class_key, count)
            for count in (*(count for count in RHYTHM if count < most), *_last(policy, service, promised))
        ]
        yield Idea(":".join(part for part in ("trim", key, class_key) if part), "trim", role, steps)


def _last(policy: Policy, service: Service, promised: Sequence[tuple[str, Promise]]) -> Iterator[int]:
    """Nothing unasked any more; but what would then be promised to nobody is no service."""
    keys = {key for key, _ in promised}
    others = [cell for item in policy.classes if item.key not in keys for cell in policy.promises_of(item.key)]
    if LESS[service.measure] != "none" or any(cell.service == service.key for cell in others):
        yield 0


def _follows(situation: Situation, service: str, class_key: str) -> bool:
    """Whether a class has no cell of its own, but that of the class it is like: it goes along."""
    row = (situation.document.get("matrix") or {}).get(service) or {}
    best = situation.document["classes"]["best_first"]
    item = best.get(class_key) or situation.document["classes"].get("provisional") or {}
    return class_key not in row and item.get("like") in row


def _trim(
    situation: Situation, service: Service, promised: Sequence[tuple[str, Promise]], class_key: str, count: int
) -> Step:
    number: Any = count // 1000 if count % 1000 == 0 else count / 1000
    changes = tuple(
        Put(
            ("matrix", service.key, key),
            _with(situation, service, key, per_year=number) if count else LESS[service.measure],
        )
        for key, _ in promised
    )
    most = max(promise.per_year_milli for _, promise in promised)
    values: dict[str, Value] = {"service": service.key, "class": class_key, "before_milli": most, "after_milli": count}
    return Step(Reason("outlook_way_trim", values), changes)


def _venues(situation: Situation, short: Sequence[str]) -> Iterator[Idea]:
    """Meetings in the office or online instead of at the customer's place."""
    policy = situation.plan.policy
    for item in policy.classes:
        for promise in policy.promises_of(item.key):
            service = policy.service(promise.service)
            if service.measure != "venue" or promise.mode != "on_site" or not _changeable(service):
                continue
            on_road = [cell.role for cell in policy.promises_of(item.key) if travels(policy, item.key, cell)]
            for role in short:
                if role in on_road:
                    cell = _with(situation, service, item.key, mode="office_or_online")
                    what = Reason("outlook_way_venue", {"service": service.key, "class": item.key})
                    step = Step(what, (Put(("matrix", service.key, item.key), cell),))
                    yield Idea(f"venue:{service.key}:{item.key}", "venue", role, (step,))


# --- who does it


def _moves(situation: Situation, role: str) -> Iterator[Idea]:
    """Work that another role has hours for, the cheaper roles first: one idea for each other role, from the piece of
    work that takes least to the one that takes most."""
    plan = situation.plan
    owed, there = owed_by_role(plan), there_of(plan.hours)
    rates = {item.role: item.rate for item in plan.roles}
    for other in sorted(there, key=lambda key: (rates[key], key)):
        if other == role or owed[other] >= there[other]:
            continue
        room = there[other] - owed[other]
        steps = sorted(_movable(situation, role, other), key=lambda pair: pair[0])
        fitting = [step for seconds, step in steps if seconds <= room]
        if fitting:
            yield Idea(f"move:{role}:{other}", "move", role, fitting)


def _movable(situation: Situation, role: str, other: str) -> Iterator[tuple[int, Step]]:
    """Pieces of work of a role with the seconds of a year they take."""
    plan, policy = situation.plan, situation.plan.policy
    for load in plan.hours.loads:
        if load.role != role or load.source != "promise" or load.service is None or load.class_key is None:
            continue
        service = policy.service(load.service)
        if _changeable(service) and not _follows(situation, service.key, load.class_key):
            cell = _with(situation, service, load.class_key, role=other)
            values = {"service": service.key, "class": load.class_key, "from": role, "to": other}
            step = Step(Reason("outlook_way_move", values), (Put(("matrix", service.key, load.class_key), cell),))
            yield load.seconds, step
    asked = [item for item in policy.activities if item.cause == "asked" and item.role == role]
    whole = sum(load.seconds for load in plan.hours.loads if load.role == role and load.source == "asked")
    weights = {item.key: _expected(plan, item.key) for item in asked}
    for item in asked:
        share = whole * weights[item.key] // max(sum(weights.values()), 1)
        values = {"activity": item.key, "from": role, "to": other}
        changes = (Put(("activities", item.key, "role"), other),)
        yield share, Step(Reason("outlook_way_move_activity", values), changes)


def _expected(plan: Plan, key: str) -> int:
    """How much of a role's asked work an activity is, by what is expected of it: a guess that only sorts the sizes."""
    item = next(item for item in plan.policy.activities if item.key == key)
    return (item.expected_milli + item.expected_per_contract_milli or 1) * (item.seconds + item.around_seconds)


def hires(situation: Situation, role: str, lacking: int) -> Iterator[Idea]:
    """More hours of a role, by the hour a week. An owner cannot be hired."""
    item = situation.plan.policy.role(role)
    if item.owner:
        return
    document = situation.document["resources"]["roles"][role]
    steps = [_hire(situation, item, document, hours) for hours in range(1, MOST_HOURS)]
    need = next((at for at in range(len(steps)) if _gained(situation, item, at + 1) >= lacking), len(steps) - 1)
    yield Idea(f"hire:{role}", "hire", role, steps, need)


def _people(item: Role, hours: int) -> int:
    """Thousandths of people with so many weekly hours more, rounded up."""
    return item.people_milli - (-hours * 3600 * 1000 // item.weekly_seconds)


def _gained(situation: Situation, item: Role, hours: int) -> int:
    """Seconds of a year that so many weekly hours more leave for customers, within what may be promised."""
    grown = replace(item, people_milli=_people(item, hours))
    more = grown.capacity_seconds() - item.capacity_seconds()
    own = grown.internal_seconds_year() - item.internal_seconds_year()
    return more * situation.plan.policy.utilisation_permille // 1000 - own


def _hire(situation: Situation, item: Role, document: Mapping[str, Any], hours: int) -> Step:
    people = _people(item, hours)
    day = situation.plan.periods.as_of
    cost = half_up(item.yearly_cost.on(day) * people, item.people_milli)
    path: Path = ("resources", "roles", item.key)
    value: Any = cost / 100 if cost % 100 else cost // 100
    if isinstance(document.get("yearly_cost"), Mapping):
        path_of_cost: Path = (*path, "yearly_cost", day.isoformat())
    else:
        path_of_cost = (*path, "yearly_cost")
    gained = _gained(situation, item, hours)
    more = cost - item.yearly_cost.on(day)
    values: dict[str, Value] = {
        "role": item.key,
        "weekly_seconds": hours * 3600,
        "year_cents": more,
        "gained_seconds": gained,
        "hour_cents": half_up(more * 3600, gained) if gained > 0 else None,
    }
    changes: tuple[Change, ...] = (Put((*path, "people"), people / 1000), Put(path_of_cost, value))
    return Step(Reason("outlook_way_hire", values), changes)


# --- who is in which class, and who comes


def _cuts(situation: Situation, role: str, lacking: int) -> Iterator[Idea]:
    """A higher cut for a class whose units the role owes more than those of the next one."""
    plan = situation.plan
    each = _each(plan, role)
    ranked = [item for item in plan.policy.classes if not item.provisional]
    for item, below in itertools.pairwise(ranked):
        places = list(cuts(situation.document, item.key))
        known = [leaf for leaf in leaves(item.rule) if leaf.metric in {found[1] for found in places}]
        if not known or each.get(item.key, 0) <= each.get(below.key, 0):
            continue
        leaf = max(known, key=lambda leaf: (metric(leaf.metric).unit == "cents", leaf.cut))
        path, _, value = next(found for found in places if found[1] == leaf.metric and _is(found[2], leaf))
        steps = [_cut(item.key, leaf, path, value, cut) for cut in _higher(leaf)]
        wanted = lacking // max(int(each[item.key] - each.get(below.key, 0)), 1) + 1
        yield Idea(f"cut:{item.key}", "cut", role, steps, _guess(plan, item.key, leaf, wanted))


def _grid_cuts(situation: Situation, role: str) -> Iterator[Idea]:
    """A higher cut of the grid, below the next one: for all classes on its better side at once."""
    each = _each(situation.plan, role)
    for path, key, value, pairs, below in _grid_places(situation.document):
        found = [leaf for item in situation.plan.policy.classes for leaf in leaves(item.rule) if leaf.metric == key]
        leaf = next((leaf for leaf in found if _is(value, leaf)), None)
        better = [one for one, other in pairs if each.get(one, 0) > each.get(other, 0)]
        if leaf is None or not better:
            continue
        most = next((other.cut for other in found if _is(below, other)), None) if below is not None else None
        names = ",".join(dict.fromkeys(one for one, _ in pairs))
        steps = [_cut(names, leaf, path, value, cut) for cut in _higher(leaf) if most is None or cut < most]
        if steps:
            yield Idea(":".join(str(part) for part in ("cut", "grid", *path[3:])), "cut", role, steps)


def _grid_places(document: Mapping[str, Any]) -> Iterator[tuple[Path, str, Any, list[tuple[str, str]], Any]]:
    """The cuts of a grid: path, metric, what is written, the pairs of classes on its sides, and the next better cut."""
    grid = document["classes"].get("grid") or {}
    for axis in ("rows", "columns"):
        for key, written in (grid.get(axis) or {}).items():
            entries = written if isinstance(written, list) else [written]
            lines = grid["cells"] if axis == "rows" else [*zip(*grid["cells"], strict=True)]
            whole: Path = ("classes", "grid", axis, key)
            for at, value in enumerate(entries):
                path = (*whole, at) if isinstance(written, list) else whole
                pairs = [(str(one), str(other)) for one, other in zip(lines[at], lines[at + 1], strict=True)]
                yield path, key, value, [pair for pair in pairs if pair[0] != pair[1]], entries[at - 1] if at else None


def _each(plan: Plan, role: str) -> dict[str, float]:
    """Seconds of a year that a role owes to one unit of each class by promises: what a class less would save."""
    units = {item.class_key: item.units for item in plan.classes}
    found: dict[str, float] = dict.fromkeys(units, 0.0)
    for load in plan.hours.loads:
        if load.role == role and load.source == "promise" and load.class_key and units[load.class_key]:
            found[load.class_key] += load.seconds / units[load.class_key]
    return found


def _higher(leaf: Criterion) -> list[int]:
    step = STEP[metric(leaf.metric).unit]
    first = leaf.cut - leaf.cut % step + step
    return list(range(first, max(leaf.cut * MOST_CUT_TIMES, first) + 1, step))


def _guess(plan: Plan, class_key: str, leaf: Criterion, wanted: int) -> int:
    """The size at which so many members would fall below the cut to stay."""
    values = sorted(plan.units.filter(plan.units["class_key"] == class_key)[f"m_{leaf.metric}"].to_list())
    if not values:
        return 0
    least = values[min(wanted, len(values)) - 1]
    cuts_ = _higher(leaf)
    return next((at for at, cut in enumerate(cuts_) if _stay(leaf, cut) > least), len(cuts_) - 1)


def _stay(leaf: Criterion, cut: int) -> int:
    """The cut to stay, as far below the new cut as it was below the old one."""
    step = STEP[metric(leaf.metric).unit]
    return cut if leaf.stay == leaf.cut else leaf.stay * cut // leaf.cut // step * step


def _cut(class_key: str, leaf: Criterion, path: Path, value: Any, cut: int) -> Step:
    stay = _stay(leaf, cut)
    values: dict[str, Value] = {
        "class": class_key,
        "metric": leaf.metric,
        "before": leaf.cut,
        "after": cut,
        "stay": stay,
    }
    what = Reason("outlook_way_cut", values)
    if isinstance(value, Mapping):
        return Step(what, (Put((*path, "from"), _figure(leaf, cut)), Put((*path, "stay"), _figure(leaf, stay))))
    return Step(what, (Put(path, _figure(leaf, cut)),))


def _figure(leaf: Criterion, value: int) -> Any:
    """A cut as a person writes it."""
    unit = metric(leaf.metric).unit
    if unit == "permille":
        return f"{value / 10:g} %"
    size = {"cents": 100, "months": 12, "milli": 1000}.get(unit, 1)
    return value // size if value % size == 0 else value / size


def _is(value: Any, leaf: Criterion) -> bool:
    """Whether a written cut is the one of a criterion, by its figure in the unit a person writes."""
    written = value.get("from") if isinstance(value, Mapping) else value
    return str(written).rstrip(" €") in (str(_figure(leaf, leaf.cut)), str(_figure(leaf, leaf.cut)).rstrip(" %"))


def cuts(document: Mapping[str, Any], class_key: str) -> Iterator[tuple[Path, str, Any]]:
    """The places of a class's cuts in the plain document: path, metric, what is written there."""
    path: Path = ("classes", "best_first", class_key, "when")
    yield from _leaves((document["classes"]["best_first"].get(class_key) or {}).get("when"), path)


def _leaves(node: Any, path: Path) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(node, list):
        for at, part in enumerate(node):
            yield from _leaves(part, (*path, at))
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key in ("all", "any"):
                yield from _leaves(value, (*path, key))
            else:
                yield (*path, key), key, value


def _closed(situation: Situation) -> Iterator[Idea]:
    """Nobody new into a class, the last one first; two classes where one is not enough. Of no use today."""
    if situation.outlook.tipping.now or situation.growth.new_milli["mid"] <= 0:
        return
    ranked = [item.key for item in situation.plan.policy.classes if not item.provisional]
    coming = [
        key for key in reversed(ranked) if situation.growth.split("mid", settling(situation.plan)).get(key, 0) > 0
    ]
    steps = []
    for count in range(1, len(coming) + 1):
        closed = tuple(coming[:count])
        what = Reason("outlook_way_stop", {"class": ",".join(closed)})
        steps.append(Step(what, growth=replace(situation.growth, closed=closed)))
    if steps:
        yield Idea("stop", "stop", None, steps)

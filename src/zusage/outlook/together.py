"""A situation and its ways out come in, sets of ways that together make the promises fit go out, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from zusage.outlook.ideas import hires
from zusage.outlook.passing import Gate, changes_of, enlarged
from zusage.outlook.trial import Situation
from zusage.outlook.ways import Idea, Kind, Way, combined, smallest, way_of_step
from zusage.policy.edit import Change

AT_MOST = 8
"""So many ways are put together at most: who needs more of them needs another service model."""
SETS: Mapping[str, tuple[Kind, ...]] = {
    "lean": ("trim", "venue", "cut"),  # promise less, people as they are
    "kept": ("move",),  # promise the same, work where there are hours
    "hands": (),  # promise the same, more people
}
"""What is taken first; what then is still lacking is done by more people."""


def combinations(situation: Situation, ways: Sequence[Way], ideas: Mapping[str, Idea], gate: Gate) -> list[Way]:
    """Sets of at least two ways that leave nothing lacking, each way in it as small as the others allow, with as many
    people as the gate asks for."""
    found: dict[tuple[str, ...], Way] = {}
    for name, kinds in SETS.items():
        chosen = _enough(situation, [way for way in ways if way.kind in kinds])
        if chosen is None or len(chosen) < 2:
            continue
        chosen = enlarged(situation, _shrunk(situation, chosen, ideas), gate)
        one = combined(situation, chosen, name)
        if not one.lacking and len(chosen) > 1:
            found.setdefault(tuple(sorted(way.key for way in chosen)), one)
    return list(found.values())


def _enough(situation: Situation, preferred: Sequence[Way]) -> list[Way] | None:
    """Ways that together leave nothing lacking; None where there are none.

    For the role that lacks most: the preferred ones, those of the last class first and there the strongest, and more
    people where these are not enough.
    """
    chosen: list[Way] = []
    ranks = {item.key: rank for rank, item in enumerate(situation.plan.policy.classes)}
    lacking = situation.lacking(situation.plan)
    while lacking and len(chosen) < AT_MOST:
        role = max(lacking, key=lambda key: lacking[key])
        left = [way for way in preferred if way not in chosen and _relief(way, role) > 0]
        left.sort(key=lambda way: (ranks.get(_class(way), 0), _relief(way, role)), reverse=True)
        more = _taken(left, role, lacking[role]) or _people(situation, chosen, role)
        if not more:
            return None
        chosen = [way for way in chosen if way.key not in {item.key for item in more}] + more
        lacking = situation.lacking(situation.tried(changes_of(chosen)))
    return chosen if not lacking else None


def _taken(left: Sequence[Way], role: str, lacking: int) -> list[Way]:
    """As many of the ways, in their order, as should close a gap; all of them where they do not."""
    taken: list[Way] = []
    for way in left:
        if sum(_relief(item, role) for item in taken) >= lacking:
            break
        taken.append(way)
    return taken


def _people(situation: Situation, chosen: Sequence[Way], role: str) -> list[Way]:
    """So many more people that, with what was chosen already, the role lacks nothing."""
    others = changes_of(way for way in chosen if way.key != f"hire:{role}")
    lacking = situation.lacking(situation.tried(others)).get(role, 0)
    for idea in hires(situation, role, lacking):
        for step in idea.steps[idea.guess :]:  # the guess errs by an hour at most, and never above
            if role not in situation.lacking(situation.tried((*others, *step.changes))):
                return [way_of_step(situation, idea, step)]
    return []


def _class(way: Way) -> str:
    return str(way.parts[0].values.get("class", ""))


def _shrunk(situation: Situation, chosen: Sequence[Way], ideas: Mapping[str, Idea]) -> list[Way]:
    """The same ways, each left out where the others are enough, and trimmed no further than they need it; the best
    class is spared first."""
    found = list(chosen)
    for way in reversed(chosen):
        others = changes_of(other for other in found if other is not way)
        if way.kind != "hire" and not situation.lacking(situation.tried(others)):
            found.remove(way)
        elif way.kind == "trim":
            idea = ideas[way.key]
            size = smallest(len(idea.steps), partial(_enough_at, situation, others, idea), len(idea.steps) - 1)
            found[found.index(way)] = way if size is None else way_of_step(situation, idea, idea.steps[size])
    return found


def _enough_at(situation: Situation, others: tuple[Change, ...], idea: Idea, at: int) -> bool:
    """Whether a size of an idea, beside other changes, leaves nothing lacking."""
    return not situation.lacking(situation.tried((*others, *idea.steps[at].changes)))


def _relief(way: Way, role: str) -> int:
    return way.effect.freed.get(role, 0) + way.effect.more_there.get(role, 0)

"""A situation comes in, what `zusage capacity` answers goes out: the way ahead, the ways out, and sets of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from zusage.ground.nearest import not_among
from zusage.ground.reasons import Refused, mistake
from zusage.outlook.ahead import FullWeek, first_full_week, floor_beyond
from zusage.outlook.gate import Certificate
from zusage.outlook.ideas import ideas
from zusage.outlook.offers import offers
from zusage.outlook.passing import Gate, best, gate_of, once, verdicts
from zusage.outlook.together import combinations
from zusage.outlook.trial import Situation
from zusage.outlook.ways import Way, combined, way_of


@dataclass(frozen=True)
class Study:
    """What was found. `floor` are roles whose duty and own work alone are more than their hours; `verdicts` what the
    gate says of sets and of the best single ways, by their keys."""

    situation: Situation
    floor: dict[str, tuple[int, int]]
    full_week: FullWeek | None
    ways: tuple[Way, ...]
    sets: tuple[Way, ...]
    verdicts: Mapping[str, Certificate] = field(default_factory=dict)

    def way(self, key: str) -> Way:
        """The way or set of a key. Raises Refused where there is none."""
        known = {way.key: way for way in (*self.ways, *self.sets)}
        if key not in known:
            raise Refused([mistake("outlook_no_way", **not_among(key, known))])
        return known[key]


def study(situation: Situation, gate: Gate | None = None) -> Study:
    """Look ahead and look for ways out; `gate`: what else is known of who is there and what still holds. Raises
    Refused for a book without customers."""
    if not situation.plan.units.shape[0]:
        raise Refused([mistake("outlook_nobody")])
    plan, asked = situation.plan, once(gate or gate_of(situation))
    found = {idea.key: idea for idea in ideas(situation)}
    sure = [way for idea in found.values() if idea.steps and (way := way_of(situation, idea)) is not None]
    sets = combinations(situation, sure, found, asked)
    return Study(
        situation=situation,
        floor=floor_beyond(plan),
        full_week=first_full_week(plan, situation.outlook.courses["mid"]),
        ways=(*sure, *offers(situation)),
        sets=tuple(sets),
        verdicts=verdicts(situation, [*best(sure), *sets], asked),
    )


def with_sets(found: Study, wanted: Sequence[Sequence[str]], taken: str | None = None) -> Study:
    """The study with further sets of ways, named by their keys, and what the gate says of them and of the one taken.
    Raises Refused for a key there is not."""
    more = [combined(found.situation, [found.way(key) for key in keys]) for keys in wanted]
    whole = replace(found, sets=(*found.sets, *more))
    asked = [*more, *([whole.way(taken)] if taken and taken not in found.verdicts else [])]
    return replace(whole, verdicts={**found.verdicts, **verdicts(found.situation, asked, gate_of(found.situation))})

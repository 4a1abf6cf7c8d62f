"""Ways out come in, what the gate would say of each goes out; and sets of ways with so many people that it says yes.

A way that makes the hours of a year suffice may still be refused: a single week is over, or answers come late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from zusage.ground.money import half_up
from zusage.ground.reasons import Refused
from zusage.outlook.gate import FULL, Certificate, certify
from zusage.outlook.ideas import MOST_HOURS, hires
from zusage.outlook.trial import Situation
from zusage.outlook.ways import Way, way_of_step
from zusage.plan import Plan
from zusage.policy.edit import Change

Gate = Callable[[Plan], Certificate | None]
"""What the gate says of a plan; None where its year cannot be laid out."""
CHECKED = 6
"""So many single ways that suffice are held against the gate, the cheapest first: each is a simulated year."""
TRIES = 4
"""So often a set gets more people until the gate lets it through."""
ANSWERS_PERMILLE = 100
"""By so much of its people a role grows whose answers come late; then it is looked at anew."""


def gate_of(situation: Situation) -> Gate:
    """The gate as `zusage policy publish` has it, without absences."""

    def asked(plan: Plan) -> Certificate | None:
        try:
            return certify(plan, situation.tables, situation.plan.periods.as_of)
        except Refused:  # the year lies beyond what calendars know
            return None

    return asked


def once(gate: Gate) -> Gate:
    """The same gate, asked once for each plan that is kept."""
    known: dict[int, Certificate | None] = {}

    def asked(plan: Plan) -> Certificate | None:
        if id(plan) not in known:
            known[id(plan)] = gate(plan)
        return known[id(plan)]

    return asked


def best(ways: Iterable[Way]) -> list[Way]:
    """The single ways that suffice and are a service model, those that cost least first."""
    fitting = [way for way in ways if way.fits and way.changes]
    return sorted(fitting, key=lambda way: way.effect.cents, reverse=True)[:CHECKED]


def verdicts(situation: Situation, ways: Iterable[Way], gate: Gate) -> dict[str, Certificate]:
    """What the gate says of some ways, by their keys."""
    asked = ((way.key, gate(situation.tried(way.changes))) for way in ways if way.changes)
    return {key: found for key, found in asked if found is not None}


def enlarged(situation: Situation, chosen: Sequence[Way], gate: Gate) -> list[Way]:
    """The ways with as many more people as the gate asks for; as they were where more people are no answer to it."""
    found = list(chosen)
    for _ in range(TRIES):
        plan = situation.tried(changes_of(found))
        certificate = gate(plan)
        if certificate is None or certificate.answer == "fits":
            return found
        more = _more(plan, certificate)
        for role, permille in more.items():
            found = _with_hours(situation, plan, found, role, permille)
        if not (more and found):
            break
    return list(chosen)


def changes_of(ways: Iterable[Way]) -> tuple[Change, ...]:
    """The changes of several ways."""
    return tuple(item for way in ways for item in way.changes)


def _more(plan: Plan, certificate: Certificate) -> Mapping[str, int]:
    """By how much of its people each role has to grow; nothing where people are no answer to a ground."""
    found: dict[str, int] = {}
    answering = [plan.policy.service(key).role for key in plan.policy.measured.get("response", ())]
    for ground in certificate.grounds:
        if ground.code == "gate_week":
            found[str(ground.values["role"])] = int(str(ground.values["used_permille"])) - FULL
        elif ground.code == "gate_answers":
            found |= {role: ANSWERS_PERMILLE for role in answering if role and role not in found}
        else:
            return {}
    return found


def _with_hours(situation: Situation, plan: Plan, chosen: Sequence[Way], role: str, permille: int) -> list[Way]:
    """The ways with so much more of a role; none where it cannot be hired, or the ways were given up already."""
    if not chosen:
        return []
    grown, today = plan.policy.role(role), situation.plan.policy.role(role)
    people = grown.people_milli * (1000 + permille) // 1000 - today.people_milli
    hours = max(1, -(-people * today.weekly_seconds // (1000 * 3600)))
    held = next((half_up(_weekly(way), 3600) for way in chosen if way.key == f"hire:{role}"), 0)
    for idea in hires(situation, role, 0):
        step = idea.steps[min(max(hours, held + 1), MOST_HOURS - 1) - 1]
        return [way for way in chosen if way.key != idea.key] + [way_of_step(situation, idea, step)]
    return []


def _weekly(way: Way) -> int:
    return int(str(way.parts[0].values["weekly_seconds"]))

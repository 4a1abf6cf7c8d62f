"""A plan of the book and another policy with the same classes come in, the hours that policy would owe go out."""

from __future__ import annotations

from dataclasses import dataclass

from zusage.calibration import calibrate, write_cut
from zusage.capacity import check_hours
from zusage.ground.words import Language
from zusage.plan import Plan
from zusage.policy.document import Policy


@dataclass(frozen=True)
class YearHours:
    """Seconds of a year: owed by promises and by what customers ask for, and there within the limit of utilisation."""

    owed: int
    there: int


def hours_of(plan: Plan) -> YearHours:
    """The hours of a plan."""
    return YearHours(plan.hours.owed_seconds, plan.hours.there_seconds)


def hours_under(plan: Plan, policy: Policy) -> YearHours:
    """The hours of a plan if its book were promised this: who is in which class never depends on promises, so that
    nothing but the hours has to be reckoned anew."""
    found = check_hours(plan.units.lazy(), plan.roles, policy, plan.periods.as_of)
    return YearHours(found.owed_seconds, found.there_seconds)


def class_of(plan: Plan, key: str) -> dict[str, int]:
    """How many customers a class has, and which part of the whole yield they bring."""
    found = next(item for item in plan.classes if item.class_key == key)
    whole = sum(item.yield_cents for item in plan.classes)
    share = found.yield_cents * 1000 // whole if whole else 0
    return {"customers": found.customers, "yield_permille": share}


def with_best_share(plan: Plan, text: str, class_key: str, share: str, language: Language) -> str:
    """The text of the plan's policy with the cut of the yield that lets this share of the book into a class, and a
    remark of where it comes from. Raises Refused where there is no such cut."""
    proposal = calibrate(plan, class_key, "yield", top_share=share, top_count=None)
    return write_cut(text, class_key, proposal, plan.periods.as_of, language)

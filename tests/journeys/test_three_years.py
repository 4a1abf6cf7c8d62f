"""Three years through the whole loop: work done comes back as cost, classes are reviewed, promises follow."""

from __future__ import annotations

import itertools
import random
from datetime import date, timedelta
from typing import Any

import pytest
from tests import growing, people
from tests.people import TODAY

from zusage import engine
from zusage.cost.periods import shift_months
from zusage.plan import Plan, make_plan
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text

YEARS = 3
CHECK = "{cause: granted, role: adviser, minutes: 120, match: [{log: meetings, topic: check}]}"
KEYS = [f"{number:04}" for number in range(1, len(growing.EUROS) + 1)]


def policy() -> Policy:
    """Classes by contribution, so that the cost of the year before is looked at; visits are work granted by class."""
    return read_policy_text(
        growing.text(
            growing.enough(12),
            ("{yield: {from: 600, stay: 500}}", "{contribution: {from: 550, stay: 450}}"),
            ("when: {yield: 150}", "when: {contribution: {from: 140, stay: 110}}"),
            ("  meeting: {", f"  check: {CHECK}\n  meeting: {{"),
        )
    ).policy


def year_of(plan: Plan | None, year: int, noise: float, dice: random.Random) -> dict[str, list[dict[str, Any]]]:
    """What a year brings: yields and calls as ever, a little different each time, and the checks that were promised."""
    end = shift_months(TODAY, 12 * year)
    classes = {row["unit_id"]: row["class_key"] for row in engine.rows(plan.units)} if plan else {}
    rows: dict[str, list[dict[str, Any]]] = {"yields": [], "work": []}
    for key, euro in zip(KEYS, growing.EUROS, strict=True):
        rows["yields"].append(people.booked(key, euro * dice.uniform(1 - noise, 1 + noise), on=end))
        calls = 2 + (dice.random() < noise)
        rows["work"] += [people.call(key, 600, on=end - timedelta(days=30 * at)) for at in range(1, calls + 1)]
        due = {"A": 2, "B": 1}.get(classes.get(key, ""), 0)
        meeting = {"customer_id": key, "log": "meetings", "topic": "check", "done_on": end - timedelta(days=9)}
        rows["work"] += [meeting] * due
    return rows


def lived(noise: float, seed: int) -> list[dict[str, str]]:
    """The classes of each customer year by year, each review confirmed as proposed."""
    dice, model = random.Random(seed), policy()  # noqa: S311 - no secret
    customers = [{"customer_id": key, "household_id": key, "since": date(2015, 1, 1)} for key in KEYS]
    plan: Plan | None = None
    found = []
    for year in range(YEARS + 1):
        end = shift_months(TODAY, 12 * year)
        first = shift_months(end, -12) + timedelta(days=1)
        rows = year_of(plan, year, noise, dice)
        rows["yields"] += [people.booked(KEYS[0], 0, on=first)]
        logs = [{"log": log, "first_on": first, "last_on": end} for log in ("calls", "meetings")]
        tables = people.tables(customers=customers, logs=logs, **rows)
        held = plan.memberships.lazy().select("customer_id", "class_key") if plan else None
        plan = make_plan(tables, model, as_of=end, previous=held)
        found.append({row["customer_id"]: row["class_key"] for row in engine.rows(plan.memberships)})
    return found


def test_where_nothing_changes_but_the_service_no_class_ever_changes() -> None:
    first, *later = lived(0.0, 0)
    assert set(first.values()) == {"A", "B", "C"}
    assert later == [first] * YEARS


@pytest.mark.parametrize("seed", range(5))
def test_with_years_a_little_better_and_worse_classes_settle_and_nobody_goes_to_and_fro(seed: int) -> None:
    years = lived(0.04, seed)
    moved = {key: sum(one[key] != other[key] for one, other in itertools.pairwise(years)) for key in KEYS}
    assert max(moved.values()) <= 1
    assert sum(moved.values()) <= len(KEYS) // 10

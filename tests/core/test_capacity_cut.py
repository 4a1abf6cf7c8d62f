"""A moved cut changes what is owed to exactly those customers whose class it changes, and to nobody else."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from tests import growing
from tests.people import TODAY

from zusage import engine
from zusage.capacity.weeks import plan_year
from zusage.plan import Plan, make_plan
from zusage.policy.read import read_policy_text

Owed = dict[str, set[tuple[str, date]]]


def planned(cut: int) -> Plan:
    """The growing firm with another cut of its best class; who is in it has to reach the cut as well."""
    text = growing.text(("{from: 600, stay: 500}", str(cut)))
    return make_plan(growing.book(), read_policy_text(text).policy, as_of=TODAY)


def owed(plan: Plan) -> Owed:
    """What falls due to each unit in the year, and when."""
    year = plan_year(plan.units.lazy(), plan.roles, plan.policy, plan.periods.as_of)
    found: Owed = {}
    for item in year.contacts:
        found.setdefault(item.unit_id, set()).add((item.service, item.due_on))
    return found


def classes(plan: Plan) -> dict[str, str]:
    return {row["unit_id"]: row["class_key"] for row in engine.rows(plan.units.select("unit_id", "class_key"))}


@settings(max_examples=12)
@given(st.integers(min_value=160, max_value=900))
def test_a_moved_cut_changes_exactly_the_customers_in_the_difference_of_two_runs(cut: int) -> None:
    before, after = planned(600), planned(cut)
    old, new = classes(before), classes(after)
    moved = {unit for unit in old if old[unit] != new[unit]}
    first, second = owed(before), owed(after)
    assert {unit for unit in old if first.get(unit) != second.get(unit)} == moved
    hours = [
        sum(load.seconds for load in plan.hours.loads if load.source in ("asked", "duty")) for plan in (before, after)
    ]
    assert hours[0] == hours[1]  # what customers ask for does not hang on their class

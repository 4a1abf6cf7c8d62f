"""What a book costs is reckoned once for all service models that cost alike: a plan made from it is the whole plan."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from tests.core.test_properties import FEW, HELD, Rows, books, policies
from tests.people import POLICY, TODAY, changed, tables

from zusage import engine
from zusage.cost import cost_book
from zusage.plan import PREVIOUS, Plan, make_plan
from zusage.policy.document import Policy

FRAMES = ("accounts", "units", "memberships", "parts", "promises")


def whole(plan: Plan) -> dict[str, object]:
    """Everything a plan says, to be compared; the rows of lazy tables have no order."""
    return {
        item.name: sorted(engine.rows(getattr(plan, item.name)), key=repr)
        if item.name in FRAMES
        else getattr(plan, item.name)
        for item in fields(plan)
    }


@FEW
@given(books(), policies(household="single"), policies(household="single"), HELD)
def test_other_classes_on_a_costing_give_the_plan_that_is_reckoned_as_a_whole(
    rows: Rows, one: Policy, other: Policy, held: dict[str, str]
) -> None:
    other = replace(other, activities=one.activities, evidence=one.evidence)
    book = tables(**rows)
    costing = cost_book(book, one, as_of=TODAY)
    assert costing.fits(other)
    previous = engine.table({"customer_id": [*held], "class_key": [*held.values()]}, PREVIOUS)
    anew = make_plan(book, other, as_of=TODAY, previous=previous)
    assert whole(make_plan(book, other, previous=previous, costing=costing)) == whole(anew)


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("yield: {from: 150, stay: 120}", "yield: {from: 250, stay: 120}", True),
        ("mode: guaranteed, per_year: 1", "mode: guaranteed, per_year: 3", True),
        ("callback: {A: same_day", "callback: {A: next_workday", True),
        (
            "B: {name: Komfort, when: {yield: {from: 150, stay: 120}}}",
            "B: {name: Komfort, when: {own_stars: 3}}",
            False,
        ),
        ("household: together", "household: single", False),
        ("minutes: 6, around: 4", "minutes: 7, around: 4", False),
        ("imputed_wage: 96000", "imputed_wage: 97000", False),
        ("prior_years: 0", "prior_years: 1", False),
        ("base_cost: 10", "base_cost: 11", False),
    ],
)
def test_a_costing_fits_other_classes_and_promises_but_no_other_times_money_or_households(
    old: str, new: str, alike: bool
) -> None:
    costing = cost_book(tables(), changed(), as_of=TODAY)
    assert old in POLICY
    assert costing.fits(changed((old, new))) is alike

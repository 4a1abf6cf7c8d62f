"""The best mix of a book: without an assumption a break-even, with one a proposal that keeps what was promised."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from tests.people import ALMA, BELA, CARO, DORO, EMIL, TODAY, booked, changed, full_logs, full_year, person, tables

from zusage import engine
from zusage.ground.reasons import Refused
from zusage.outlook.levels import levels_of
from zusage.outlook.mix import best_mix, unit_break_evens
from zusage.plan import PREVIOUS, Plan, make_plan
from zusage.policy.document import Policy, Promise
from zusage.promises.standing import Agreed

RESPONSE = """
response:
  source: Strichliste
  stay: 0
  classes: {A: {low: 10 %, mid: 20 %, high: 30 %}, B: {low: 0, mid: 0, high: 0}}
"""
ALL_YEAR = ("yields: {look_back_months: 12, one_off: {years: 5}}", "yields: {look_back_months: 12}")
YIELDS = {ALMA: 900, BELA: 800, CARO: 200, EMIL: 650}


def model(*more: tuple[str, str], response: str = RESPONSE, hours: str = "40:00") -> Policy:
    return changed(
        ("classes:\n  household", f"{response.strip()}\nclasses:\n  household") if response else ALL_YEAR,
        (
            "weekly_hours: 40, weeks: 50, practical_share: 40 %",
            f'weekly_hours: "{hours}", weeks: 50, practical_share: 10 %',
        ),
        ("household: together", "household: single"),
        *more,
    )


@cache
def firm(policy: Policy, previous: tuple[tuple[str, str], ...] = (), km: int = 0) -> Plan:
    book = tables(
        customers=[person(key, distance_m=km * 1000) for key in YIELDS],
        yields=[*full_year(EMIL), *(booked(key, euro) for key, euro in YIELDS.items())],
        logs=full_logs("calls", "meetings"),
    )
    keys, classes = zip(*previous, strict=True) if previous else ((), ())
    before = engine.table({"customer_id": keys, "class_key": classes}, PREVIOUS)
    return make_plan(book, policy, as_of=TODAY, previous=before)


def classes(plan: Plan, **given: object) -> dict[str, str]:
    """The class of each unit in the proposed mix."""
    proposal = best_mix(plan, **given).proposal  # type: ignore[arg-type]
    assert proposal is not None
    moved = {move.unit_id: move.to_key for move in proposal.moves}
    levels = levels_of(plan)
    return {
        unit: moved.get(unit, levels.classes[held])
        for unit, held in zip(levels.units, levels.held.tolist(), strict=True)
    }


def test_without_an_assumption_nothing_is_proposed_but_the_break_even_stands_there() -> None:
    mix = best_mix(firm(model(response=""), km=0))
    assert mix.proposal is None
    (a,) = [item for item in mix.break_evens if item.class_key == "A"]
    assert (a.below_key, a.units, a.seconds, a.spent_cents) == ("B", 3, (3 * 7200,), 0)
    assert a.permille == -(-a.cost_cents * 1000 // a.yield_cents)
    assert a.years_tenths == a.yield_cents * 10 // a.cost_cents


def test_a_single_unit_pays_with_its_own_way() -> None:
    near, far = (unit_break_evens(firm(model(response=""), km=km), ALMA)[0] for km in (0, 30))
    assert (far.seconds[0] - near.seconds[0], far.spent_cents) == (2 * 30 * 60, 2 * 30 * 50)
    assert far.permille is not None
    assert near.permille is not None
    assert far.permille > near.permille
    with pytest.raises(KeyError):
        unit_break_evens(firm(model(response="")), "nobody")


def test_with_hours_enough_everybody_gets_the_class_that_retains_most() -> None:
    assert set(classes(firm(model())).values()) == {"A"}


def test_where_hours_are_scarce_they_go_to_the_largest_yields_and_have_a_price() -> None:
    plan = firm(model(hours="0:50"))  # 50 weeks at a tenth of it: 4:10 h, two checks of two hours
    assert levels_of(plan).free == (15_000,)
    found = classes(plan)
    assert sorted(key for key in found if found[key] == "A") == sorted((ALMA, BELA))
    proposal = best_mix(plan).proposal
    assert proposal is not None
    (role,) = proposal.roles
    assert role.mixed_seconds <= role.free_seconds < role.ruled_seconds
    assert 0 < role.price_cents["low"] < role.price_cents["mid"] < role.price_cents["high"]


def test_a_move_reckons_what_it_gains() -> None:
    proposal = best_mix(firm(model(hours="0:50"))).proposal
    assert proposal is not None
    for move in proposal.moves:
        assert move.gain_cents == move.kept_cents - move.spent_cents - move.priced_cents
        assert move.gain_cents >= 0
    assert proposal.mixed.cents("mid") == proposal.mixed.kept_cents["mid"] - proposal.mixed.spent_cents


def test_a_promise_by_contract_is_never_lowered() -> None:
    policy = model(hours="0:50")
    check = next(item for item in policy.promises_of("A") if item.service == "annual_check")
    agreed = {EMIL: [Agreed(check)], "nobody": [Agreed(check)]}
    plan = firm(policy)
    assert classes(plan)[EMIL] != "A"
    assert classes(plan, agreed=agreed)[EMIL] == "A"
    ended = {EMIL: [Agreed(check, until=date(2020, 1, 1))]}
    assert classes(plan, agreed=ended)[EMIL] != "A"


def test_a_contract_that_no_class_covers_keeps_the_class_of_today() -> None:
    policy = model(hours="0:50")
    better = next(item for item in policy.promises_of("A") if item.service == "annual_check")
    more = Promise(**{**vars(better), "per_year_milli": 9000})
    plan = firm(policy, ((EMIL, "A"),))
    assert classes(plan, agreed={EMIL: [Agreed(more)]})[EMIL] == "A"


def test_nobody_is_moved_for_less_than_the_policy_says() -> None:
    tight = ((ALMA, "A"), (BELA, "C"), (CARO, "C"), (EMIL, "A"))
    freely = model(hours="0:50")
    assert classes(firm(freely, tight))[BELA] == "A"  # 800 € retain more than 650 €
    patient = model(hours="0:50", response=RESPONSE.replace("stay: 0", "stay: 40"))
    assert classes(firm(patient, tight)) == dict(tight) | {CARO: classes(firm(patient, tight))[CARO]}


def test_what_a_person_decided_and_what_a_customer_declined_stands() -> None:
    book = tables(
        customers=[person(key) for key in YIELDS],
        yields=[*full_year(EMIL), *(booked(key, euro) for key, euro in YIELDS.items())],
        logs=full_logs("calls", "meetings"),
        overrides=[{"customer_id": CARO, "class_key": "C", "reason": "so besprochen", "decided_by": "Inhaberin"}],
        choices=[{"customer_id": ALMA, "class_key": "A", "state": "declined", "chosen_on": date(2026, 1, 2)}],
    )
    plan = make_plan(book, model(), as_of=TODAY)
    found = classes(plan)
    assert found[CARO] == "C"
    assert found[ALMA] in ("B", "C")
    assert {found[BELA], found[EMIL]} == {"A"}


def test_equal_figures_are_treated_the_same() -> None:
    book = tables(
        customers=[person(key, distance_m=0) for key in (ALMA, BELA, CARO)],
        yields=[*full_year(ALMA), *(booked(key, 700) for key in (BELA, CARO))],
        logs=full_logs("calls", "meetings"),
    )
    found = classes(make_plan(book, model(hours="0:50"), as_of=TODAY))
    assert found[BELA] == found[CARO]


def test_more_hours_are_never_worth_less() -> None:
    worth = []
    for hours in ("0:30", "0:50", "1:15", "2:00", "9:00"):
        proposal = best_mix(firm(model(hours=hours)), exact=True).proposal
        assert proposal is not None
        assert proposal.missing_cents == 0
        worth.append(proposal.mixed.cents("mid"))
    assert worth == sorted(worth)
    assert worth[0] < worth[-1]


def test_a_role_that_is_over_with_the_least_is_named_and_asked_for_nothing_more() -> None:
    a, b, c = (f"{{mode: guaranteed, per_year: {times}}}" for times in (3, 2, 1))
    old = "{A: {mode: guaranteed, per_year: 1}, B: on_request}"
    policy = model((old, f"{{A: {a}, B: {b}, C: {c}}}"), hours="0:30")
    proposal = best_mix(firm(policy)).proposal
    assert proposal is not None
    (finding,) = proposal.findings
    assert (finding.reason.code, finding.reason.values["role"]) == ("mix_floor_short", "owner")
    (role,) = proposal.roles
    assert role.mixed_seconds == 4 * 7200 > role.free_seconds


def test_a_result_without_anybody_is_refused() -> None:
    empty = make_plan(tables(customers=[]), model(), as_of=TODAY)
    with pytest.raises(Refused) as refused:
        best_mix(empty)
    assert refused.value.findings[0].reason.code == "mix_nobody"


def test_hours_of_all_units_are_those_of_the_hours_check() -> None:
    plan = firm(model(), km=7)
    levels = levels_of(plan)
    rows = np.arange(len(levels.units))
    owed = sum(load.seconds for load in plan.hours.loads if load.source == "promise")
    assert abs(int(levels.seconds[rows, levels.ruled].sum()) - owed) <= len(rows)
    assert DORO not in levels.units

"""Service classes: one rule at a time on the five people."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.people import ALMA, BELA, CARO, DORO, EMIL, TODAY, booked, call, changed, full_logs, full_year, tables

from zusage import engine
from zusage.classes.levers import LEVERS
from zusage.plan import PREVIOUS, Plan, make_plan

GRID = (
    "    A: {name: Premium, when: {any: [{yield: {from: 600, stay: 500}}, {referrals_won: 2}]}}\n"
    "    B: {name: Komfort, when: {yield: {from: 150, stay: 120}}}\n    C: {name: Klassik}\n"
)


def classes(plan: Plan) -> dict[str, str]:
    return {row["customer_id"]: row["class_key"] for row in engine.rows(plan.memberships)}


def member(plan: Plan, customer: str) -> dict[str, Any]:
    return next(row for row in engine.rows(plan.memberships) if row["customer_id"] == customer)


def previous(mapping: dict[str, str]) -> engine.Frame:
    return engine.table({"customer_id": [*mapping], "class_key": [*mapping.values()]}, PREVIOUS)


def run(policy: Any = None, held: dict[str, str] | None = None, **given: Any) -> Plan:
    given.setdefault("logs", full_logs("calls", "meetings"))
    given["yields"] = [*given.get("yields", ()), *full_year()]
    return make_plan(tables(**given), policy or changed(), as_of=TODAY, previous=previous(held) if held else None)


def test_a_household_is_classified_as_one() -> None:
    plan = run(yields=[booked(ALMA, 400), booked(BELA, 200)])
    assert classes(plan) == {ALMA: "A", BELA: "A", CARO: "C", DORO: "C", EMIL: "C"}


def test_single_customers_are_classified_each_for_themselves_where_the_policy_says_so() -> None:
    plan = run(changed(("household: together", "household: single")), yields=[booked(ALMA, 400), booked(BELA, 200)])
    assert (classes(plan)[ALMA], classes(plan)[BELA]) == ("B", "B")


def test_the_cut_itself_is_enough_and_a_cent_less_is_not() -> None:
    plan = run(yields=[booked(ALMA, 600), booked(CARO, 599.99)])
    assert (classes(plan)[ALMA], classes(plan)[CARO]) == ("A", "B")
    assert member(plan, CARO)["more_yield_cents"] == 1


def test_whoever_recommends_is_in_the_best_class_without_the_yield() -> None:
    referrals = [{"referrer_id": EMIL, "referred_id": who, "won": True} for who in (CARO, DORO)]
    plan = run(referrals=[*referrals, {"referrer_id": CARO, "referred_id": DORO, "won": False}])
    assert (classes(plan)[EMIL], classes(plan)[CARO]) == ("A", "C")
    assert member(plan, CARO)["more_referrals"] == 2


def test_members_stay_by_the_lower_cut_and_others_do_not_get_in_by_it() -> None:
    money = [booked(ALMA, 550), booked(CARO, 550)]
    assert {key: classes(run(held={ALMA: "A", CARO: "B"}, yields=money))[key] for key in (ALMA, CARO)} == {
        ALMA: "A",
        CARO: "B",
    }
    assert classes(run(held={ALMA: "A"}, yields=[booked(ALMA, 499.99)]))[ALMA] == "B"


def test_a_member_of_a_better_class_stays_by_the_lower_cut_of_the_next_class_too() -> None:
    assert classes(run(held={ALMA: "A"}, yields=[booked(ALMA, 130)]))[ALMA] == "B"
    assert classes(run(held={ALMA: "C"}, yields=[booked(ALMA, 130)]))[ALMA] == "C"


def test_figures_that_are_not_sure_enough_leave_a_customer_where_it_is() -> None:
    policy = changed(("{yield: {from: 150, stay: 120}}", "{euro_per_hour: {from: 100, stay: 100}}"))
    work = [call(CARO, 6960)]  # two hours with the work around; one call tells little about a year
    money = [booked(CARO, 210)]
    stays = member(run(policy, held={CARO: "C"}, yields=money, work=work), CARO)
    assert (stays["class_key"], stays["because"], stays["undecided"]) == ("C", "undecided", True)
    fresh = member(run(policy, yields=money, work=work), CARO)
    assert (fresh["class_key"], fresh["undecided"]) == ("B", True)  # no class yet: the estimate decides and says so
    high = member(run(policy, held={CARO: "A"}, yields=money, work=work), CARO)
    assert high["class_key"] == "B"  # A is surely out of reach, B is possible


def test_a_person_may_override_until_a_day() -> None:
    over = {"customer_id": CARO, "class_key": "A", "decided_by": "Muster", "reason": "Trauerfall", "until": TODAY}
    assert (member(run(overrides=[over]), CARO)["class_key"], member(run(overrides=[over]), CARO)["because"]) == (
        "A",
        "override",
    )
    past = over | {"until": date(2026, 10, 30)}
    assert classes(run(overrides=[past]))[CARO] == "C"


def test_what_a_customer_chose_holds_and_what_it_declined_is_not_given() -> None:
    money = [booked(ALMA, 900), booked(EMIL, 900)]
    chosen = {"customer_id": ALMA, "state": "chosen", "class_key": "C", "chosen_on": date(2026, 1, 9)}
    declined = {"customer_id": EMIL, "state": "declined", "class_key": "A", "chosen_on": date(2026, 1, 9)}
    plan = run(yields=money, choices=[chosen, declined])
    assert [(member(plan, key)["class_key"], member(plan, key)["because"]) for key in (ALMA, EMIL)] == [
        ("C", "chosen"),
        ("B", "declined"),
    ]


def test_the_last_choice_counts_and_an_offer_is_none() -> None:
    first = {"customer_id": ALMA, "state": "chosen", "class_key": "C", "chosen_on": date(2025, 1, 9)}
    later = {"customer_id": ALMA, "state": "chosen", "class_key": "B", "chosen_on": date(2026, 1, 9)}
    offered = {"customer_id": ALMA, "state": "offered", "class_key": "A", "chosen_on": date(2026, 2, 9)}
    assert classes(run(choices=[later, first, offered]))[ALMA] == "B"


def test_too_short_a_history_is_provisional_and_never_guessed() -> None:
    policy = changed(
        ("    C: {name: Klassik}\n", "    C: {name: Klassik}\n  provisional: {name: Willkommen, like: C}\n"),
        ("{look_back_months: 12, ", "{look_back_months: 12, min_history_months: 6, "),
    )
    plan = run(policy, yields=[booked(DORO, 5000)])
    assert (member(plan, DORO)["class_key"], member(plan, DORO)["because"]) == ("provisional", "provisional")
    assert classes(plan)[CARO] == "C"


def limited(count: int) -> Any:
    return changed(
        ("{referrals_won: 2}]}}", f"{{referrals_won: 2}}]}}, places: {{count: {count}, order: [yield, tenure]}}}}")
    )


def test_scarce_places_go_by_declared_figures_and_the_rest_waits() -> None:
    plan = run(limited(1), yields=[booked(ALMA, 900), booked(EMIL, 901)])
    assert {key: classes(plan)[key] for key in (ALMA, EMIL)} == {ALMA: "B", EMIL: "A"}
    assert (member(plan, ALMA)["waiting_for"], member(plan, ALMA)["because"]) == ("A", "no_place")


def test_whoever_holds_a_place_keeps_it() -> None:
    plan = run(limited(1), held={ALMA: "A", BELA: "A"}, yields=[booked(ALMA, 900), booked(EMIL, 901)])
    assert {key: classes(plan)[key] for key in (ALMA, EMIL)} == {ALMA: "A", EMIL: "B"}


def test_equals_wait_together_when_there_is_no_place_for_all_of_them() -> None:
    policy = changed(("{referrals_won: 2}]}}", "{referrals_won: 2}]}, places: {count: 1, order: [yield]}}"))
    plan = run(policy, yields=[booked(ALMA, 900), booked(EMIL, 900)])
    assert {key: classes(plan)[key] for key in (ALMA, EMIL)} == {ALMA: "B", EMIL: "B"}
    assert member(plan, EMIL)["waiting_for"] == "A"


def test_a_grid_of_yield_and_potential_gives_four_classes() -> None:
    policy = changed(
        (
            GRID,
            """\
    A: {name: A}
    B: {name: B, like: A, level: 4}
    O: {name: O, like: C, level: 1}
    C: {name: C, level: 1}
  grid: {rows: {yield: 600}, columns: {potential: 200}, cells: [[A, B], [O, C]]}
""",
        ),
        ("classes:\n", "potential: {lines: {Leben: 120, Haftpflicht: 100}}\nclasses:\n"),
        ("B: next_workday, C", "C"),
        ("B: on_request", "C: on_request"),
    )
    contracts = [
        {"contract_id": f"{key}-{line}", "customer_id": key, "product_line": line}
        for key, lines in {ALMA: ["KFZ"], EMIL: ["leben"], CARO: ["KFZ"], DORO: ["Leben", "Haftpflicht"]}.items()
        for line in lines
    ]
    plan = run(policy, contracts=contracts, yields=[booked(ALMA, 700), booked(EMIL, 700)])
    assert classes(plan) == {ALMA: "A", BELA: "A", EMIL: "B", CARO: "O", DORO: "C"}


def test_the_parts_table_says_what_the_class_is_the_sum_of() -> None:
    plan = run(yields=[booked(ALMA, 780)])
    rows = [row for row in engine.rows(plan.parts) if row["unit_id"] == ALMA]
    assert [(row["class_key"], row["metric"], row["value"], row["cut"], row["met"]) for row in rows] == [
        ("A", "yield", 78_000, 60_000, 3),
        ("A", "referrals_won", 0, 2, 0),
        ("B", "yield", 78_000, 15_000, 3),
    ]


def test_own_columns_of_the_firm_can_be_criteria() -> None:
    policy = changed(("{referrals_won: 2}", "{own_events: 3}"))
    plan = run(policy, figures=[{"customer_id": CARO, "key": "events", "value_milli": 3000}])
    assert classes(plan)[CARO] == "A"


def test_where_every_better_class_has_limited_places_no_step_is_named() -> None:
    policy = changed(
        ("{referrals_won: 2}]}}", "{referrals_won: 2}]}, places: {count: 1, order: [yield]}}"),
        ("{from: 150, stay: 120}}}", "{from: 150, stay: 120}}, places: {count: 1, order: [yield]}}"),
    )
    plan = run(policy, yields=[booked(ALMA, 900), booked(CARO, 40)])
    assert {row[lever] for row in engine.rows(plan.units) for lever in LEVERS} == {None}

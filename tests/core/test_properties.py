"""Rules that must hold for every book and every policy of a kind."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tests.oracle import Oracle
from tests.people import POLICY, TODAY, full_logs, tables

from zusage import engine
from zusage.ground.reasons import Refused
from zusage.plan import PREVIOUS, Plan, make_plan
from zusage.policy.document import Policy
from zusage.policy.read import plain_document, read_document

# without shrinking: a failing book is small already, and shrinking it takes longer than the whole run
FEW = settings(
    phases=(Phase.explicit, Phase.generate),
    derandomize=True,  # the same books on every machine; `--hypothesis-seed` with this line out looks for new ones
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
IDS = ("01", "02", "03", "04", "05", "06")
METRICS = ("yield", "contribution", "euro_per_hour", "recurring_share", "contracts", "referrals_won", "referral_yield")
Rows = dict[str, list[dict[str, Any]]]


WRITTEN = plain_document(POLICY)
"""The small policy as plain mappings: drawn ones are made of it in a tenth of the time a text takes to be read."""


@st.composite
def criteria(draw: st.DrawFn, scale: float, metrics: Sequence[str] = METRICS) -> dict[str, Any]:
    metric = draw(st.sampled_from(metrics))
    if metric == "recurring_share":
        cut = draw(st.integers(1, 90))
        return {metric: {"from": f"{cut} %", "stay": f"{draw(st.integers(0, cut))} %"}}
    top = {"contracts": 4, "referrals_won": 3}.get(metric, 900)
    cut = max(1, round(draw(st.integers(1, top)) * scale))
    return {metric: {"from": cut, "stay": draw(st.integers(0, cut))}}


@st.composite
def rules(draw: st.DrawFn, scale: float) -> dict[str, Any]:
    parts = draw(st.lists(criteria(scale), min_size=1, max_size=3))
    return parts[0] if len(parts) == 1 else {draw(st.sampled_from(["all", "any"])): parts}


@st.composite
def policies(draw: st.DrawFn, household: str | None = None, asked: str | None = None) -> Policy:
    """Drawn classes; with `asked` the best one can be reached by that metric alone."""
    best = draw(rules(1.0))
    if asked is not None:
        best = {"any": [best, draw(criteria(1.0, (asked,)))]}
    call = WRITTEN["activities"]["call"] | {
        "expected": {"per_customer": draw(st.integers(0, 3)), "per_contract": 0.5},
    }
    whole = WRITTEN | {
        "classes": {
            "household": household or draw(st.sampled_from(["together", "single"])),
            "best_first": {
                "A": {"name": "Premium", "when": best},
                "B": {"name": "Komfort", "when": draw(rules(0.4))},
                "C": {"name": "Klassik"},
            },
        },
        "evidence": WRITTEN["evidence"] | {"prior_years": draw(st.sampled_from([0, 0.5, 1]))},
        "activities": WRITTEN["activities"] | {"call": call},
    }
    try:
        return read_document(whole)
    except Refused:  # a drawn pair of classes may be one that the design checks refuse
        assume(False)
        raise


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


DAYS = st.dates(date(2025, 6, 1), TODAY)
PEOPLE = st.sampled_from(IDS)
CALLS = st.fixed_dictionaries(
    {
        "customer_id": PEOPLE,
        "log": st.just("calls"),
        "direction": st.sampled_from(["in", "in", "out"]),
        "done_on": DAYS,
        "seconds": maybe(st.integers(0, 9000)),
    }
)
MEETINGS = st.fixed_dictionaries(
    {
        "customer_id": PEOPLE,
        "log": st.just("meetings"),
        "place": st.sampled_from(["on_site", "office"]),
        "topic": st.sampled_from(["Schaden Wasser", "Jahresgespräch"]),
        "done_on": DAYS,
        "seconds": st.integers(600, 9000),
    }
)
MONEY = st.fixed_dictionaries(
    {
        "customer_id": PEOPLE,
        "kind": st.sampled_from(["recurring", "recurring", "one_off", "cancellation", "fee"]),
        "booked_on": st.dates(date(2021, 6, 1), TODAY),
        "amount_cents": st.integers(-20_000, 60_000),
        "contract_id": st.sampled_from([None, "V1", "V2"]),
    }
)


@st.composite
def books(draw: st.DrawFn) -> Rows:
    people = [
        {
            "customer_id": key,
            "household_id": draw(st.sampled_from([key, IDS[0], IDS[3]])),
            "name": key,
            "since": date(2015, 1, 1),
            "distance_m": draw(maybe(st.integers(0, 90_000))),
        }
        for key in IDS
    ]
    held = draw(st.lists(PEOPLE, min_size=1, max_size=9))
    pairs = draw(st.lists(st.tuples(PEOPLE, PEOPLE, st.booleans()), max_size=5))
    first = {"customer_id": IDS[0], "kind": "recurring", "booked_on": date(2025, 11, 1), "amount_cents": 0}
    return {
        "customers": people,
        "contracts": [{"contract_id": f"K{n}", "customer_id": key} for n, key in enumerate(held)],
        "yields": [*draw(st.lists(MONEY, max_size=25)), first],
        "work": draw(st.lists(st.one_of(CALLS, MEETINGS), max_size=25)),
        "referrals": [{"referrer_id": one, "referred_id": other, "won": won} for one, other, won in pairs],
        "logs": [*full_logs("meetings"), {"log": "calls", "first_on": date(2026, 7, 1), "last_on": date(2026, 10, 20)}],
    }


HELD = st.dictionaries(PEOPLE, st.sampled_from("ABC"))


def run(rows: Rows, policy: Policy, held: Mapping[str, str]) -> Plan:
    confirmed = engine.table({"customer_id": [*held], "class_key": [*held.values()]}, PREVIOUS)
    return make_plan(tables(**rows), policy, as_of=TODAY, previous=confirmed)


def classes(plan: Plan) -> dict[str, str]:
    return {row["customer_id"]: row["class_key"] for row in engine.rows(plan.memberships)}


@FEW
@given(books(), policies(), HELD)
def test_plain_python_from_the_tidy_tables_gives_the_same_classes(
    rows: Rows, policy: Policy, held: dict[str, str]
) -> None:
    plan = run(rows, policy, held)
    found = {row["customer_id"]: (row["class_key"], row["undecided"]) for row in engine.rows(plan.memberships)}
    assert found == Oracle(rows, policy, TODAY, held).classes


@FEW
@given(books(), policies(), HELD)
def test_a_reader_of_the_parts_table_alone_gets_the_same_classes(
    rows: Rows, policy: Policy, held: dict[str, str]
) -> None:
    plan = run(rows, policy, held)
    met: dict[str, dict[str, list[int]]] = {}
    for row in engine.rows(plan.parts):
        assert (row["met"] == 3) == (row["low"] >= row["cut"])
        assert (row["met"] >= 2) == (row["value"] >= row["cut"])
        assert (row["met"] >= 1) == (row["high"] >= row["cut"])
        met.setdefault(row["unit_id"], {}).setdefault(row["class_key"], []).append(row["met"])
    for unit in engine.rows(plan.units):
        degrees = {}
        for item in policy.classes[:-1]:
            some = type(item.rule).__name__ == "AnyOf"
            degrees[item.key] = (max if some else min)(met[unit["unit_id"]][item.key])
        firsts = [next((key for key, degree in degrees.items() if degree >= least), "C") for least in (1, 2, 3)]
        order = "ABC"
        inside = order.index(firsts[0]) <= order.index(unit["class_key"]) <= order.index(firsts[2])
        assert inside if unit["previous_key"] else unit["class_key"] == firsts[1]


@FEW
@given(books(), policies(), HELD, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    rows: Rows, policy: Policy, held: dict[str, str], shuffler: random.Random
) -> None:
    other = {name: shuffler.sample(listed, len(listed)) for name, listed in rows.items()}
    one, two = run(rows, policy, held), run(other, policy, held)
    assert engine.rows(one.units) == engine.rows(two.units)
    assert engine.rows(one.accounts) == engine.rows(two.accounts)


@FEW
@given(books(), policies(), HELD)
def test_confirming_everything_and_running_again_proposes_nothing(
    rows: Rows, policy: Policy, held: dict[str, str]
) -> None:
    first = classes(run(rows, policy, held))
    assert classes(run(rows, policy, first)) == first


def more_money(rows: Rows, customer: str, cents: int) -> Rows:
    extra = {
        "customer_id": customer,
        "kind": "recurring",
        "booked_on": TODAY,
        "amount_cents": cents,
        "contract_id": None,
    }
    return rows | {"yields": [*rows["yields"], extra]}


@FEW
@given(books(), policies(household="single"), HELD, PEOPLE, st.integers(0, 200_000))
def test_more_yield_never_lowers_a_customers_own_class(
    rows: Rows, policy: Policy, held: dict[str, str], customer: str, cents: int
) -> None:
    before = classes(run(rows, policy, held))[customer]
    assert classes(run(more_money(rows, customer, cents), policy, held))[customer] <= before


@FEW
@given(books(), policies(), HELD)
def test_the_named_yield_flips_the_class_and_one_cent_less_does_not(
    rows: Rows, policy: Policy, held: dict[str, str]
) -> None:
    plan = run(rows, policy, held)
    named = [row for row in engine.rows(plan.units) if row["more_yield_cents"] is not None]
    assume(named)
    unit = named[0]
    key = next(row["customer_id"] for row in engine.rows(plan.memberships) if row["unit_id"] == unit["unit_id"])
    assert classes(run(more_money(rows, key, unit["more_yield_cents"]), policy, held))[key] < unit["class_key"]
    assert classes(run(more_money(rows, key, unit["more_yield_cents"] - 1), policy, held))[key] == unit["class_key"]


@FEW
@given(books(), policies(asked="referrals_won"), HELD)
def test_the_named_contracts_or_referrals_flip_the_class_and_one_less_does_not(
    rows: Rows, policy: Policy, held: dict[str, str]
) -> None:
    plan = run(rows, policy, held)
    named = [row for row in engine.rows(plan.units) if row["more_referrals"] is not None]
    assume(named)
    unit = named[0]
    key = next(row["customer_id"] for row in engine.rows(plan.memberships) if row["unit_id"] == unit["unit_id"])

    def with_more(count: int) -> str:
        # the referred are strangers to the book, so that nothing but the number changes
        extra = [{"referrer_id": key, "referred_id": f"new{n}", "won": True} for n in range(count)]
        return classes(run(rows | {"referrals": [*rows["referrals"], *extra]}, policy, held))[key]

    assert with_more(unit["more_referrals"]) < unit["class_key"]
    assert with_more(unit["more_referrals"] - 1) == unit["class_key"]


@FEW
@given(books(), policies(), st.integers(1, 4))
def test_places_are_never_exceeded_and_equals_are_treated_as_equals(rows: Rows, policy: Policy, count: int) -> None:
    from dataclasses import replace

    from zusage.policy.document import Places

    best = replace(policy.classes[0], places=Places(count, ("yield", "contracts")))
    limited = replace(policy, classes=(best, *policy.classes[1:]))
    plan = run(rows, limited, {})
    units = engine.rows(plan.units)
    assert sum(1 for row in units if row["class_key"] == "A") <= count
    reached = [row for row in units if row["class_key"] == "A" or row["waiting_for"] == "A"]
    figures = {(row["m_yield"], row["m_contracts"]): row["class_key"] == "A" for row in reached}
    assert all(figures[row["m_yield"], row["m_contracts"]] == (row["class_key"] == "A") for row in reached)
    assert classes(run(rows, limited, classes(plan))) == classes(plan)


@FEW
@given(books(), policies())
def test_contributions_and_the_lines_of_the_bridge_add_up_to_the_result(rows: Rows, policy: Policy) -> None:
    plan = run(rows, policy, {})
    assert sum(line.cents for line in plan.bridge[:-1]) == plan.bridge[-1].cents
    assert sum(row["contribution_cents"] for row in engine.rows(plan.accounts)) == plan.bridge[0].cents
    assert sum(item.contribution_cents for item in plan.classes) == plan.bridge[0].cents
    for role in plan.roles:
        parts = (role.customers_seconds, role.unassigned_seconds, role.internal_seconds, role.not_observed_seconds)
        assert sum(parts) + role.unused_seconds == role.capacity_seconds

"""Growth, the week in which the hours no longer suffice, the ways out, and service models side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import people
from tests.growing import book, enough, situation, text
from tests.people import TODAY

from zusage.ground.reasons import Refused
from zusage.outlook.again import plan_again
from zusage.outlook.ahead import day_seconds, floor_beyond, look_ahead, there_of
from zusage.outlook.growth import Asked, Drift, aged, growth_of, past_years, settling
from zusage.outlook.offers import offers
from zusage.outlook.scenarios import ALIKE, LIVED, PROPOSED, all_alike, scenarios
from zusage.outlook.study import Study, study, with_sets
from zusage.outlook.trial import Situation, Use
from zusage.outlook.ways import Way, smallest, touched
from zusage.outlook.worth import outlay_cents, owed_by_role, staff_cents
from zusage.plan import make_plan
from zusage.policy.edit import change, changed
from zusage.policy.read import plain_document, read_document, read_policy_text
from zusage.report.capacity import ways
from zusage.report.outlook import first_years, holds_until, spoken


@cache
def short() -> Study:
    """The firm with too few hours today."""
    return study(situation(enough(4)))


@cache
def tipping() -> Study:
    """The firm whose hours suffice today, but not for five years of growth."""
    return study(situation(enough(6)))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.reason.code for finding in refused.value.findings]


# --- growth


def test_without_a_stated_growth_the_book_grows_as_it_did() -> None:
    plan = situation(enough(6)).plan
    years = past_years(plan)
    growth = growth_of(plan, book(), Asked())
    assert (growth.years, growth.new_milli["low"], growth.new_milli["high"]) == (
        tuple(years),
        min(years) * 1000,
        max(years) * 1000,
    )


def test_a_stated_growth_is_taken_with_its_spread() -> None:
    growth = situation(enough(6), asked=Asked(total=40, spread_permille=100)).growth
    assert dict(growth.new_milli) == {"low": 36_000, "mid": 40_000, "high": 44_000}


def test_new_units_settle_as_those_of_the_last_years_did_and_all_shares_are_one() -> None:
    shares = settling(situation(enough(6)).plan)
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked(total=10_000), "growth_too_much"),
        (Asked(total=-10_000), "growth_too_much"),
        (Asked(by_class={"X": 3}), "growth_no_class"),
        (Asked(total=1, spread_permille=-1), "growth_spread"),
        (Asked(total=1, yields_permille=-900), "growth_yields"),
        (Asked(total=1, drift=(Drift("A", "A", 10),)), "growth_drift"),
    ],
)
def test_a_growth_that_cannot_be_is_refused(asked: Asked, code: str) -> None:
    with pytest.raises(Refused) as refused:
        situation(enough(6), asked=asked)
    assert codes(refused) == [code]


def nobody_known(at: int, since: date | None) -> dict[str, object]:
    return {"customer_id": f"{at:04}", "household_id": f"{at:04}", "since": since}


def test_a_book_whose_first_days_are_those_of_an_import_does_not_say_how_it_grew() -> None:
    base = situation(enough(6))
    rows = [nobody_known(at, date(2026, 1, 1)) for at in range(1, 61)]
    plan = make_plan(people.tables(customers=rows), base.plan.policy, as_of=TODAY)
    with pytest.raises(Refused) as refused:
        growth_of(plan, {}, Asked())
    assert codes(refused) == ["growth_imported"]


def test_a_book_without_first_days_asks_for_the_growth() -> None:
    base = situation(enough(6))
    rows = [nobody_known(at, None) for at in range(1, 61)]
    plan = make_plan(people.tables(customers=rows), base.plan.policy, as_of=TODAY)
    with pytest.raises(Refused) as refused:
        growth_of(plan, {}, Asked())
    assert codes(refused) == ["growth_not_known"]


def test_ageing_yields_move_units_down_and_none_up() -> None:
    found = situation(enough(6))
    drift = aged(found.plan, found.tables, -100)
    assert {(item.from_class, item.to_class) for item in drift} == {("B", "C")}  # A stays from 500 euro on
    assert aged(found.plan, found.tables, 0) == ()


# --- the week


def test_today_is_the_hours_check_of_the_plan() -> None:
    found = situation(enough(6))
    assert dict(found.outlook.courses["mid"].owed[0]) == owed_by_role(found.plan)
    assert dict(found.outlook.there) == there_of(found.plan.hours)


def test_without_growth_nothing_changes_and_the_answer_is_never() -> None:
    found = situation(enough(6), asked=Asked(total=0))
    course = found.outlook.courses["mid"]
    assert {tuple(owed.items()) for owed in course.owed} == {tuple(course.owed[0].items())}
    assert (found.outlook.tipping.never, found.outlook.tipping.now) == (True, False)


def test_the_week_lies_between_the_faster_and_the_slower_growth_and_begins_on_a_monday() -> None:
    tip = tipping().situation.outlook.tipping
    assert tip.earliest is not None
    assert tip.monday is not None
    assert tip.latest is not None
    assert tip.earliest < tip.monday < tip.latest
    assert tip.monday.weekday() == 0
    assert tip.roles == ("adviser",)


def test_in_the_week_before_the_promises_still_fit() -> None:
    found = tipping().situation
    course, monday = found.outlook.courses["mid"], found.outlook.tipping.monday
    assert monday is not None
    assert (
        course.on(monday - timedelta(weeks=1))["adviser"]
        <= found.outlook.there["adviser"]
        < course.on(monday)["adviser"]
    )


def test_too_much_today_is_said_at_once() -> None:
    assert (short().situation.outlook.tipping.now, short().situation.outlook.tipping.roles) == (True, ("adviser",))


def test_a_shrinking_book_owes_less_and_never_less_than_nobody() -> None:
    found = situation(enough(6), asked=Asked(total=-30), years=10)
    course = found.outlook.courses["mid"]
    sums = [sum(units.values()) for units in course.units]
    assert sums == sorted(sums, reverse=True)
    assert min(min(units.values()) for units in course.units) >= 0
    assert course.owed[-1]["owner"] <= course.owed[0]["owner"]


@pytest.mark.parametrize("years", [0, -1, 31])
def test_years_out_of_reach_are_refused(years: int) -> None:
    found = situation(enough(6))
    with pytest.raises(Refused) as refused:
        look_ahead(found.plan, found.growth, years)
    assert codes(refused) == ["growth_years"]


def test_an_empty_class_is_reckoned_like_the_next_one() -> None:
    found = situation(enough(6), ("from: 600, stay: 500", "from: 60000, stay: 50000"), asked=Asked(by_class={"A": 12}))
    units = {item.class_key: item.units for item in found.plan.classes}
    assert units["A"] == 0
    course = found.outlook.courses["mid"]
    assert course.owed[-1]["adviser"] > course.owed[0]["adviser"]


def test_a_book_without_customers_is_refused() -> None:
    empty = book(0)
    base = situation(enough(6))
    plan = make_plan(empty, base.plan.policy, as_of=TODAY)
    with pytest.raises(Refused) as refused:
        study(Situation(plan, empty, base.text, growth_of(plan, empty, Asked(total=5)), 5))
    assert codes(refused) == ["outlook_nobody"]


def test_a_floor_that_alone_is_too_much_is_said_plainly() -> None:
    rows = [
        {"customer_id": "0001", "log": "meetings", "topic": "Schaden", "seconds": 36_000, "done_on": date(2026, 5, 4)}
        for _ in range(100)
    ]
    base = situation(enough(6))
    tables = book()
    tables = tables | {"work": people.tables(work=rows)["work"]}
    plan = make_plan(tables, base.plan.policy, as_of=TODAY)
    assert floor_beyond(plan) == {"owner": (owed_by_role(plan)["owner"] - 4 * 3600, there_of(plan.hours)["owner"])}


def test_a_full_day_is_eight_hours_where_all_hours_for_customers_are_owed_and_longer_beyond() -> None:
    policy = situation(enough(6)).plan.policy
    capacity = policy.role("owner").capacity_seconds()
    assert [day_seconds(policy, "owner", owed) / 3600 for owed in (0, capacity, 2 * capacity)] == [4.8, 8.0, 11.2]


def newcomers(count: int) -> Situation:
    """The firm with so many who came within the year of the log, each with a meeting of two hours soon after."""
    tables, written = book(), text(enough(6))
    first = TODAY - timedelta(days=364)
    rows = [
        {"customer_id": f"{at:04}", "log": "meetings", "done_on": first + timedelta(days=30), "seconds": 7200}
        for at in range(1, count + 1)
    ]
    since = [{"customer_id": f"{at:04}", "since": first if at <= count else date(2015, 1, 1)} for at in range(1, 61)]
    customers = [row | {"household_id": row["customer_id"], "distance_m": 10_000} for row in since]
    tables = tables | {name: people.tables(customers=customers, work=rows)[name] for name in ("customers", "work")}
    plan = make_plan(tables, read_policy_text(written).policy, as_of=TODAY)
    return Situation(plan, tables, written, growth_of(plan, tables, Asked(total=6)), 3)


def test_new_ones_take_in_their_first_year_what_newcomers_took_as_far_as_enough_were_seen() -> None:
    assert newcomers(5).growth.first == {}  # fewer than ten years of newcomers in the log
    seen = newcomers(15)
    counted = seen.growth.first["adviser"]
    # new ones settle like the 45 others: a third of them in B, where 3 of 18 had a meeting
    assert (counted.contacts, counted.usual) == (15, 7200 * 3 // 18 // 3)
    assert counted.seconds == (7200 * 15 + counted.usual * 20 + 17) // 35
    assert [*seen.growth.first] == ["adviser"]  # nobody rang: the owner's work is that of the class
    said = first_years(spoken(seen.plan, "en"), seen.growth).replace("\xa0", " ")
    assert "counted from 15 contacts of new ones: adviser 0:55 h instead of 0:07 h a year each." in said
    usual = look_ahead(seen.plan, replace(seen.growth, first={}), 3).courses["mid"]
    ahead = look_ahead(seen.plan, seen.growth, 3).courses["mid"]
    more = [one["adviser"] - other["adviser"] for one, other in zip(ahead.owed, usual.owed, strict=True)]
    assert (more[0], more[53], more[-1]) == (0, *[6 * (counted.seconds - counted.usual)] * 2)
    assert {one["owner"] - other["owner"] for one, other in zip(ahead.owed, usual.owed, strict=True)} == {0}


# --- ways out


@given(st.integers(1, 60), st.integers(0, 80), st.integers(-5, 70))
def test_the_smallest_size_is_the_first_that_suffices(count: int, first: int, guess: int) -> None:
    assert smallest(count, lambda at: at >= first, guess) == (first if first < count else None)


def found_ways() -> Iterator[tuple[Study, Way]]:
    for one in (short(), tipping()):
        for way in (*one.ways, *one.sets):
            yield one, way


def test_there_is_a_way_of_every_kind() -> None:
    kinds = {way.kind for _, way in found_ways()}
    assert kinds == {"trim", "venue", "move", "hire", "cut", "stop", "price"}


def test_effects_are_the_difference_of_two_plans() -> None:
    for one, way in found_ways():
        if way.estimated or not way.changes:
            continue
        today = one.situation.plan
        text_of, later = one.situation.settled(way.changes)
        before, after = owed_by_role(today), owed_by_role(later)
        there, there_after = there_of(today.hours), there_of(later.hours)
        assert way.effect.freed == {role: before[role] - after[role] for role in before if before[role] != after[role]}
        assert way.effect.more_there == {
            role: there_after[role] - there[role] for role in there if there[role] != there_after[role]
        }
        assert way.effect.outlay_cents == outlay_cents(today) - outlay_cents(later), way.key
        assert way.effect.staff_cents == staff_cents(today) - staff_cents(later)
        assert way.effect.units == touched(today, later)
        assert read_policy_text(text_of).policy == later.policy


def test_a_way_that_fits_does_fit_when_its_policy_is_planned() -> None:
    for one, way in found_ways():
        if way.fits and way.changes:
            policy = read_policy_text(change(one.situation.text, way.changes)).policy
            assert plan_again(one.situation.plan, one.situation.tables, policy).hours.answer == "fits", way.key


def test_a_way_is_as_small_as_it_can_be() -> None:
    hire = short().way("hire:adviser")
    people_milli = int(hire.changes[0].value * 1000)  # type: ignore[union-attr]
    role = short().situation.plan.policy.role("adviser")
    less = people_milli - -(-3600_000 // role.weekly_seconds)
    there = replace_people(less)
    assert there < owed_by_role(short().situation.plan)["adviser"]


def replace_people(people_milli: int) -> int:
    document = plain_document(text(enough(4)))
    document["resources"]["roles"]["adviser"]["people"] = people_milli / 1000
    policy = read_document(document)
    return policy.role("adviser").capacity_seconds() * policy.utilisation_permille // 1000


def test_no_way_touches_the_floor_or_duty_work() -> None:
    for one, way in found_ways():
        policy = one.situation.plan.policy
        kept = {item.key for item in policy.services if item.kind == "floor" or item.legal == "duty"}
        duty = {item.key for item in policy.activities if item.cause == "duty"}
        assert not [item for item in way.changes if {*item.path} & (kept | duty)], way.key


def test_ways_for_others_do_not_make_another_role_short() -> None:
    for one, way in found_ways():
        assert set(way.lacking) <= set(one.situation.lacking(one.situation.plan))


def test_freed_hours_are_money_only_with_a_named_use() -> None:
    named = study(situation(enough(4), use=Use("Überstunden enden", 3000)))
    assert {way.effect.worth_cents for way in short().ways} == {None}
    trim = named.way("trim:annual_check:A")
    assert trim.effect.worth_cents == (trim.effect.freed_seconds * 3000 + 1800) // 3600


def test_where_too_little_is_logged_no_way_is_said_to_suffice() -> None:
    guessed = ("minutes: 6, around: 4,", "minutes: 6, around: 4, expected: {per_customer: 2},")
    one = study(situation(enough(6), guessed, ("{prior_years: 0,", "{coverage: 90 %, prior_years: 1,")))
    view = spoken(one.situation.plan, "en")
    assert one.situation.plan.hours.answer == "unknown"
    (hire,) = [way for way in one.ways if way.kind == "hire"]
    assert (hire.lacking, hire.fits) == ({}, False)
    assert holds_until(view, hire).startswith("not known: by what is logged nothing is lacking any more")
    block = ways(view, one)
    assert block is not None
    assert block.answer == "Whether a way suffices is not known: too little of the work is logged."
    assert one.verdicts == {}


def test_nothing_is_proposed_where_nothing_is_lacking() -> None:
    assert (study(situation(enough(30))).ways, study(situation(enough(30))).sets) == ((), ())


def missing(calls: int) -> Situation:
    """The firm whose owner has too few hours, and so many calls missed and answered in the year of the log."""
    base = situation(("weekly_hours: 40, weeks: 50", "weekly_hours: 1, weeks: 50"), ("per_issue: 60", "per_issue: 600"))
    days = [TODAY - timedelta(days=1 + at * 360 // calls) for at in range(calls)]
    rows = [
        people.call("0060", 0, on=day, direction=way, start_second=second)
        for day in days
        for way, second in (("missed", 36_000), ("out", 40_000))
    ]
    tables = base.tables | {"work": people.tables(work=rows)["work"]}
    plan = make_plan(tables, base.plan.policy, as_of=TODAY)
    return Situation(plan, tables, base.text, growth_of(plan, tables, Asked(total=0)), 1)


@pytest.mark.parametrize(("calls", "code", "freed"), [(180, "", {"owner": 76 * 180}), (60, "_few", {})])
def test_bundled_call_backs_save_the_assumed_minutes_of_all_but_the_first_of_a_block(
    calls: int, code: str, freed: dict[str, int]
) -> None:
    (way,) = [way for way in offers(missing(calls)) if way.kind == "answer"]
    assert way.parts[0].code == f"outlook_way_bundle{code}"
    assert (way.parts[0].values["calls_count"], way.parts[0].values["bundles_count"]) == (calls, 104)
    assert (way.effect.freed, way.fits, way.estimated) == (freed, False, True)


GRID = (
    ("A: {name: Premium, when: {yield: {from: 600, stay: 500}}}", "A: {name: Premium}"),
    ("B: {name: Komfort, when: {yield: 150}}", "B: {name: Komfort}"),
    (
        "    C: {name: Klassik}\n",
        """    C: {name: Klassik}
  grid:
    rows: {yield: [{from: 600, stay: 500}, 150]}  # a remark
    columns: {contracts: 3}
    cells: [[A, A], [A, B], [C, C]]
""",
    ),
)


def test_cuts_of_a_grid_are_raised_one_by_one_and_stay_below_the_next() -> None:
    one = study(situation(*GRID, enough(4)))
    assert {way.key for way in one.ways if way.kind == "cut"} == {"cut:grid:yield:0", "cut:grid:yield:1"}
    best, second = one.way("cut:grid:yield:0"), one.way("cut:grid:yield:1")
    assert [dict(part.values)["class"] for way in (best, second) for part in way.parts] == ["A", "A,B"]
    assert [put.path[2:] for put in best.changes] == [("rows", "yield", 0, "from"), ("rows", "yield", 0, "stay")]
    assert 150 < second.changes[0].value < 600  # type: ignore[union-attr]
    for way in (best, second):
        written = change(one.situation.text, way.changes)
        assert "# a remark" in written
        later = plan_again(one.situation.plan, one.situation.tables, read_policy_text(written).policy)
        before, after = owed_by_role(one.situation.plan), owed_by_role(later)
        assert after["adviser"] < before["adviser"]
        assert way.effect.freed["adviser"] == before["adviser"] - after["adviser"]


def test_closing_intake_helps_a_growing_book_and_not_one_that_is_short_today() -> None:
    assert [way.key for way in short().ways if way.kind == "stop"] == []
    assert tipping().way("stop").fits


def test_sets_leave_nothing_lacking_and_own_sets_are_reckoned_together() -> None:
    assert [way.key for way in short().sets if way.lacking] == []
    own = with_sets(short(), [["trim:annual_check:A", "venue:venue:A"]]).sets[-1]
    assert own.key == "trim:annual_check:A+venue:venue:A"
    assert [part.code for part in own.parts] == ["outlook_way_trim", "outlook_way_venue"]


def test_a_way_that_is_not_there_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refused) as refused:
        short().way("magic")
    assert codes(refused) == ["outlook_no_way"]


def test_a_text_that_is_not_the_plans_policy_is_refused() -> None:
    one = situation(enough(4))
    other = Situation(one.plan, one.tables, text(enough(5)), one.growth, 5)
    with pytest.raises(Refused) as refused:
        _ = other.document
    assert codes(refused) == ["outlook_other_policy"]


@settings(max_examples=25)
@given(st.deferred(lambda: st.sampled_from([way.changes for _, way in found_ways() if way.changes])))
def test_a_change_of_the_document_is_the_change_of_the_text(changes: tuple) -> None:  # type: ignore[type-arg]
    written = text(enough(4))
    assert read_document(changed(plain_document(written), changes)) == read_policy_text(change(written, changes)).policy


# --- service models side by side


def test_all_alike_gives_every_class_what_the_best_one_has() -> None:
    one = situation(enough(6))
    policy = read_document(changed(one.document, all_alike(one)), design=False)
    assert len({policy.promises_of(item.key) for item in policy.classes}) == 1


def test_scenarios_stand_in_order_and_the_proposed_one_is_the_plan() -> None:
    one = situation(enough(6))
    found = {item.key: item for item in scenarios(one)}
    assert list(found) == [ALIKE, LIVED, PROPOSED]
    assert found[PROPOSED].owed == owed_by_role(one.plan)
    assert found[PROPOSED].answer == one.plan.hours.answer
    assert found[ALIKE].owed["adviser"] > found[PROPOSED].owed["adviser"]
    assert found[LIVED].owed["adviser"] == 0  # nobody has visited anybody yet


def test_the_people_a_scenario_needs_are_enough_and_not_a_hundredth_too_many() -> None:
    one = situation(enough(6))
    need = next(item for item in scenarios(one) if item.key == PROPOSED).people_milli["adviser"]
    role = one.plan.policy.role("adviser")
    each = role.capacity_seconds() * one.plan.policy.utilisation_permille // 1000
    owed = owed_by_role(one.plan)["adviser"]
    assert each * (need - 10) // role.people_milli < owed <= each * need // role.people_milli + 1

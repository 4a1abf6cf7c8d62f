"""The capacity page says what `zusage capacity`, `scenario` and `optimise` say, and knows what the office knows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import narwhals as nw

from tests import growing
from tests.people import TODAY
from zusage import engine
from zusage.capacity.weeks import former_classes
from zusage.ground.words import day as say_day
from zusage.outlook.growth import Asked, Drift
from zusage.outlook.study import Study, study
from zusage.outlook.trial import Situation
from zusage.plan import PREVIOUS, Plan, make_plan
from zusage.policy.edit import change
from zusage.policy.read import read_policy_text
from zusage.report.capacity import ways
from zusage.report.outlook import spoken, statement
from zusage.report.page.hours import hours_answer
from zusage.web.bridge.ahead import capacity_page, changes_from
from zusage.web.bridge.known import Held, Known, still_holding


@cache
def standing(*pairs: tuple[str, str], total: int = 6) -> Situation:
    """Where the growing firm stands, reckoned once: nothing here changes it."""
    return growing.situation(*pairs, asked=Asked(total=total))


@cache
def studied() -> Study:
    return study(standing())


def page_of(known: Known, *pairs: tuple[str, str], **asked: Any) -> dict[str, Any]:
    """The page of the growing firm, and back from JSON as it is kept."""
    situation = standing(*pairs)
    steps: list[str] = []
    found = capacity_page(
        situation.plan,
        situation.tables,
        situation.text,
        known,
        today=TODAY,
        **({"growth": None, "years": 5} | asked),
        step=steps.append,
    )
    assert steps == [f"insight_step_{name}" for name in ("study", "answers", "scenarios", "mix", "draw")]
    return json.loads(json.dumps(found))


@cache
def plain_page() -> dict[str, Any]:
    return page_of(Known())


@cache
def grown_page() -> dict[str, Any]:
    """The page of the firm with enough hours, which grows by a tenth."""
    return page_of(Known(), growing.enough(7), growth=10)


def test_the_page_says_what_the_command_line_says_in_both_languages() -> None:
    found = studied()
    for language in ("de", "en"):
        page = plain_page()["pages"][language]
        view = spoken(found.situation.plan, language)  # type: ignore[arg-type]
        assert page["headline"] == hours_answer(view)
        assert page["blocks"][0]["answer"] == statement(view, found.situation.outlook)
        block = ways(view, found)
        assert block is not None
        shown = next(item for item in page["blocks"] if item["anchor"] == "ways")
        assert shown["answer"] == block.answer
        assert [row[0] for row in shown["tables"][0]["rows"]] == [row[0] for row in block.tables[0].rows]
        assert shown["tables"][0]["ways"] == [way.key for way in found.ways]


def test_the_first_lines_say_what_is_owed_when_it_breaks_and_which_week_is_fullest() -> None:
    enough = growing.enough(7)
    page = grown_page()["pages"]["en"]
    situation = standing(enough, total=10)
    view = spoken(situation.plan, "en")
    assert situation.plan.hours.answer == "fits"
    assert page["headline"] == hours_answer(view)
    assert page["lead"][0] == statement(view, situation.outlook)
    weeks = next(block for block in page["blocks"] if block["anchor"] == "weeks")
    assert page["lead"][1:] == [weeks["answer"]]


def test_growth_by_class_and_changes_of_class_are_those_of_the_command_line() -> None:
    enough = growing.enough(7)
    page = page_of(Known(), enough, growth=None, by_class={"A": 6, "C": 4}, drift=[["C", "B", 30]])["pages"]["en"]
    asked = Asked(by_class={"A": 6, "C": 4}, drift=(Drift("C", "B", 30),))
    situation = growing.situation(enough, asked=asked)
    assert page["lead"][0] == statement(spoken(situation.plan, "en"), situation.outlook)
    assert page["lead"][0] != grown_page()["pages"]["en"]["lead"][0]


def test_freed_hours_are_money_with_a_named_use_only() -> None:
    def remark(page: dict[str, Any]) -> str:
        return str(next(block for block in page["pages"]["en"]["blocks"] if block["anchor"] == "ways")["remarks"][1])

    assert remark(plain_page()).startswith("Freed hours do not count as money.")
    assert "overtime ends" in remark(page_of(Known(), use=("overtime ends", 3500)))


def test_ways_fit_the_hours_of_today_where_they_lack_today_and_else_those_of_a_day_to_come() -> None:
    def remark(page: dict[str, Any]) -> str:
        return str(next(block for block in page["pages"]["en"]["blocks"] if block["anchor"] == "ways")["remarks"][0])

    assert standing().outlook.tipping.now
    assert remark(plain_page()).startswith("A way suffices if the promises fit into the hours there are today.")
    aim = standing(growing.enough(7), total=10).aim
    later = remark(grown_page())
    assert later.startswith(f"A way suffices if the promises fit into the hours until {say_day(aim, 'en')}.")


def test_the_sections_stand_in_their_order() -> None:
    anchors = [block["anchor"] for block in plain_page()["pages"]["de"]["blocks"]]
    wanted = ["ahead", "days", "weeks", "answers", "costs", "ways", "sets", "compared", "staff", "last", "mix"]
    assert anchors == [name for name in wanted if name in anchors]
    assert {"ahead", "days", "weeks", "costs", "ways", "compared", "mix"} <= set(anchors)


def test_the_costs_of_classes_and_promises_add_up_to_the_hours_owed() -> None:
    plan = standing().plan
    costs = next(block for block in plain_page()["pages"]["en"]["blocks"] if block["anchor"] == "costs")
    owed = sum(load.seconds for load in plan.hours.loads)
    assert costs["tables"][0]["foot"][2] == spoken(plan, "en").h(owed)


def test_what_a_way_changes_is_kept_and_gives_the_text_it_was_reckoned_with() -> None:
    found = studied()
    for way in (*found.ways, *found.sets):
        if way.changes:
            text = change(found.situation.text, changes_from(plain_page()["changes"][way.key]))
            assert read_policy_text(text).policy.hash == found.situation.settled(way.changes)[1].policy.hash
        else:
            assert way.key not in plain_page()["changes"]


def test_a_draft_stands_beside_the_service_model_by_its_name() -> None:
    other = read_policy_text(growing.text(("{from: 600, stay: 500}", "700"))).policy
    page = page_of(Known(), drafts={"test #7": other})["pages"]["de"]
    compared = next(block for block in page["blocks"] if block["anchor"] == "compared")
    assert compared["tables"][0]["heads"][-1] == ["test #7", True]


def test_a_book_that_does_not_tell_how_it_grew_is_looked_at_without_growth() -> None:
    situation = standing()
    customers = situation.tables["customers"].with_columns(nw.lit(None, nw.Date).alias("since"))
    tables = {**situation.tables, "customers": customers}
    plan = make_plan(tables, situation.plan.policy, as_of=TODAY)
    found = capacity_page(plan, tables, situation.text, Known(), today=TODAY, growth=None, years=1, step=lambda _: None)
    assert found["growth_known"] is False
    stated = capacity_page(plan, tables, situation.text, Known(), today=TODAY, growth=0, years=1, step=lambda _: None)
    assert stated == found | {"growth_known": True}
    assert Asked(total=0).stated == 0


# --- what still holds


def fallen() -> Plan:
    """The growing firm, of which one customer was confirmed in the best class and brings little now."""
    low = engine.rows(standing().plan.memberships.filter(nw.col("class_key") == "C"))[0]["customer_id"]
    previous = engine.table({"customer_id": [low], "class_key": ["A"]}, PREVIOUS)
    return make_plan(growing.book(), standing().plan.policy, as_of=TODAY, previous=previous)


def test_a_reduction_holds_from_its_own_day_and_without_one_after_the_notice() -> None:
    plan = fallen()
    (usual,) = former_classes(plan.units.lazy(), plan.policy, TODAY)
    assert still_holding(plan, Known()) == (usual,)
    day = date(2027, 3, 1)
    assert still_holding(plan, Known(reduced_until={usual.unit_id: day})) == (replace(usual, until=day),)


def test_of_a_former_class_and_a_former_service_model_the_later_day_counts() -> None:
    plan = fallen()
    (usual,) = former_classes(plan.units.lazy(), plan.policy, TODAY)
    old = read_policy_text(growing.text(("per_year: 2", "per_year: 3"))).policy
    held = Held(usual.unit_id, "A", usual.until + timedelta(days=1), old)
    (found,) = still_holding(plan, Known(held=[held, Held("gone", "A", held.until, old)]))
    assert (found.until, found.policy, found.class_key) == (held.until, old, "A")
    sooner = replace(held, until=usual.until - timedelta(days=1))
    assert still_holding(plan, Known(held=[sooner])) == (usual,)


def test_promises_that_still_hold_are_in_the_weeks_of_the_page() -> None:
    situation = standing()
    old = read_policy_text(growing.text(("A: {mode: guaranteed, per_year: 2}", "A: {mode: guaranteed, per_year: 12}")))
    best = engine.rows(situation.plan.units.filter(nw.col("class_key") == "A"))
    held = [Held(row["unit_id"], "A", TODAY + timedelta(days=180), old.policy) for row in best]
    before, after = (next(b for b in page["pages"]["de"]["blocks"] if b["anchor"] == "weeks")
                     for page in (plain_page(), page_of(Known(held=held))))  # fmt: skip
    assert before["tables"][0]["rows"] != after["tables"][0]["rows"]

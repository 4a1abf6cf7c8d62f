"""The calculation of a customer: a reader with a pocket calculator gets the same sums."""

import json
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from tests.people import ALMA, BELA, CARO, DORO, EMIL, TODAY, booked, changed, full_year, tables
from tests.report_firm import SCRIPT, firm

from zusage import engine
from zusage.classes.parts import NO_YIELD
from zusage.ground.reasons import Reason, Refused
from zusage.ground.words import say
from zusage.plan import make_plan
from zusage.report.explain import as_json, explain, find_customers
from zusage.report.explained import Explanation, explained
from zusage.report.judged import metric_text
from zusage.report.lines import Line, Section
from zusage.report.tables import load_result, periods_of, summary, write_tables

EVERYONE = (ALMA, BELA, CARO, DORO, EMIL, SCRIPT)


def section(explanation: Explanation, code: str) -> Section:
    return next(item for item in explanation.sections if item.title.code == code)


def blocks(lines: tuple[Line, ...]) -> Iterator[tuple[int, int]]:
    """Each total with the sum of the lines above it since the total before."""
    running = 0
    for line in lines:
        assert isinstance(line.value, int)
        if line.total:
            yield line.value, running
            running = 0
        else:
            running += line.value


@pytest.mark.parametrize("customer", EVERYONE)
def test_lines_add_up_to_their_totals(customer: str) -> None:
    explanation = explain(firm(), customer, "de")
    yields = list(blocks(section(explanation, "explain_yield").lines))
    assert [total for total, _ in yields] == [summed for _, summed in yields]
    *causes, (cost, base) = blocks(section(explanation, "explain_cost").lines)
    assert [total for total, _ in causes] == [summed for _, summed in causes]
    assert cost == base + sum(total for total, _ in causes)


@pytest.mark.parametrize("customer", EVERYONE)
def test_the_contribution_is_yield_minus_cost(customer: str) -> None:
    lines = section(explain(firm(), customer, "de"), "explain_contribution").lines
    values = {line.label.code: line.value for line in lines}
    got, duty, asked, base, before, granted, rest, _ = (line.value for line in lines)
    assert before == got + duty + asked + base  # type: ignore[operator]
    assert rest == before + granted  # type: ignore[operator]
    assert values["explain_contribution_total"] == rest


@pytest.mark.parametrize("customer", EVERYONE)
def test_a_pocket_calculator_gives_the_amount_of_every_time_and_way(customer: str) -> None:
    for line in section(explain(firm(), customer, "de"), "explain_cost").lines:
        if line.calculation and line.calculation.code in ("explain_times_rate", "explain_ways"):
            assert reckon(line.reckoned("de")) == line.value


def reckon(text: str) -> int:
    """Cents of `1:29:32 Std. × 43,56061 €/Std.` or `2 Fahrten × 2 × 7 km × 0,50 €`, as a person would type it."""
    product = Decimal(1)
    for factor in text.split("×"):
        number = re.match(r"[\d.,:]+", factor.strip())
        assert number
        parts = [Decimal(part.replace(".", "").replace(",", ".")) for part in number[0].split(":")]
        product *= sum(part / 60**place for place, part in enumerate(parts))
    return int((product * 100).quantize(Decimal(1), ROUND_HALF_UP))


def test_a_fee_booked_with_tax_shows_how_the_tax_is_divided_out() -> None:
    policy = changed(("one_off: {years: 5}", "one_off: {years: 5}, fee: {gross: true, tax: 19 %}"))
    plan = make_plan(tables(yields=[*full_year(), booked(EMIL, 238, kind="fee")]), policy, as_of=TODAY)
    line = section(explain(plan, EMIL, "de"), "explain_yield").lines[0]
    assert line.reckoned("de") == "gebucht in 12 Monaten × 12 ÷ 12 ÷ 1,19, ohne Umsatzsteuer"
    assert line.value == 20000


def test_without_any_times_the_cost_is_the_average_and_marked_as_assumed() -> None:
    plan = make_plan(tables(yields=[*full_year(), booked(EMIL, 100)]), changed(), as_of=TODAY)
    line = section(explain(plan, EMIL, "de"), "explain_cost").lines[0]
    assert (line.label, line.value, line.assumed) == (Reason("explain_base_first_hour"), 1920000, True)


def test_a_household_shows_each_member_and_sums_their_accounts() -> None:
    explanation = explain(firm(), BELA, "de")
    assert [(item.customer_id, item.yield_cents) for item in explanation.members] == [(ALMA, 48055), (BELA, 19999)]
    assert explanation == explain(firm(), ALMA, "de")


def test_travel_shows_ways_distance_and_price() -> None:
    lines = section(explain(firm(), ALMA, "de"), "explain_cost").lines
    travel = next(line for line in lines if line.label == Reason("explain_travel"))
    assert travel.reckoned("de") == "2 Fahrten × 2 × 7 km × 0,50\u00a0€"
    assert travel.value == 1400


def test_a_member_stays_by_the_lower_cut_and_the_line_says_so() -> None:
    line = section(explain(firm(), ALMA, "de"), "explain_class_own").lines[2]
    assert line.reckoned("de") == "ab 500\u00a0€, um zu bleiben"
    assert (line.met, line.figure("de")) == (3, "680,54\u00a0€")


def test_rules_keep_their_shape_any_of_all_of() -> None:
    lines = section(explain(firm(), EMIL, "de"), "explain_class").lines
    assert [(line.label.code, line.depth, line.met) for line in lines] == [
        ("explain_any_of", 0, None),
        ("explain_all_of", 1, None),
        ("metric_yield", 2, 0),
        ("explain_metric_euro_per_hour", 2, 3),
        ("metric_referrals_won", 1, 0),
    ]


def test_what_would_change_the_class_is_said_in_words() -> None:
    german = [say(step, "de") for step in explain(firm(), EMIL, "de").steps]
    assert german == ["10\u00a0€ mehr Ertrag im Jahr", "2 erfolgreiche Empfehlungen mehr"]
    english = [say(step, "en") for step in explain(firm(), EMIL, "en").steps]
    assert english == ["€10 more yield a year", "2 more successful referrals"]


def test_someone_without_hours_has_no_euro_per_hour() -> None:
    line = section(explain(firm(), DORO, "de"), "explain_contribution").lines[-1]
    assert (line.figure("de"), line.reckoned("de")) == ("–", "keine Betreuungszeit")


def test_promises_are_those_of_the_class_and_the_floor_stands_apart() -> None:
    explanation = explain(firm(), EMIL, "de")
    assert explanation.promises == ("Rückruf: am nächsten Arbeitstag", "Jahrescheck: auf Wunsch")
    assert explanation.floor == ("Beratung: inbegriffen",)


def test_an_unknown_number_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refused) as refused:
        explain(firm(), "9999", "de")
    assert [finding.reason for finding in refused.value.findings] == [Reason("report_no_customer", {"text": "9999"})]


def test_customers_are_found_by_number_first_and_by_a_part_of_the_name() -> None:
    assert find_customers(firm(), "0042") == [(EMIL, "Emil Muster & Söhne")]
    assert find_customers(firm(), "muster") == [(ALMA, "Muster, Alma"), (EMIL, "Emil Muster & Söhne"), *NASTY]
    assert find_customers(firm(), "größe") == [(DORO, "Größe-Exempel, Doro")]
    assert find_customers(firm(), "niemand") == []


NASTY = [("0667", '=HYPERLINK("http://example.invalid";"Muster")')]


def test_a_result_folder_explains_what_the_plan_explains(tmp_path: Path) -> None:
    write_tables(firm(), tmp_path / "result")
    whole, part = load_result(tmp_path / "result"), load_result(tmp_path / "result", CARO)
    for loaded in (whole, part):
        assert explain(loaded, CARO, "de") == explain(firm(), CARO, "de")
    assert part.accounts["customer_id"].to_list() == [CARO]


def test_the_explanation_is_json_with_figures_and_words() -> None:
    shown = as_json(explain(firm(), CARO, "en"), "en")
    assert shown["class_name"] == "Klassik"
    assert shown["sections"][-5]["lines"][-1] == {
        "label": "Yield", "unit": "exact", "value": 4100, "text": "€41.00", "calculation": "", "total": True,
        "assumed": False, "met": None,
    }  # fmt: skip


def test_a_share_of_no_yield_is_unknown_and_never_less_than_nothing() -> None:
    assert (metric_text("recurring_share", NO_YIELD, "de"), metric_text("recurring_share", 0, "de")) == (
        "–",
        "0\u00a0%",
    )


@pytest.mark.parametrize("customer", EVERYONE)
def test_rows_kept_as_json_explain_themselves_like_the_plan(customer: str) -> None:
    plan = firm()
    wanted = explain(plan, customer, "de")
    units = {row["unit_id"]: row for row in engine.rows(plan.units)}
    members = [row for row in engine.rows(plan.accounts) if row["household_id"] == wanted.unit_id]
    parts = [row for row in engine.rows(plan.parts) if row["unit_id"] == wanted.unit_id]
    periods = periods_of(json.loads(json.dumps(summary(plan))))
    members.sort(key=lambda row: row["customer_id"])
    assert explained(plan.policy, periods, units[wanted.unit_id], members, parts, "de") == wanted

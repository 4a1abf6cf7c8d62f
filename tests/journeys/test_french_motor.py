"""A French motor book: premiums as yields, claims as work, and the curves of how unequal policies are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import pytest
from tests.journeys.real import database, policy, split, unpacked

import zusage
from zusage import engine
from zusage.report.curves import gini_permille, lorenz, top_share_permille, whale

PREMIUMS = "insurance/fremotor1prem0304a.csv.gz"
CLAIMS = "insurance/fremotor1sev0304a.csv.gz"
MAPPING = """
files:
  premiums_2003.csv: &premiums
    table: yields
    columns: {IDpol: customer_id, PremTot: amount}
    decimal: "."
    on: 2003-12-31
    derive_customers: true
  premiums_2004.csv: {<<: *premiums, on: 2004-12-31}
  claims.csv:
    {table: work, columns: {IDpol: customer_id, OccurDate: done_on, Guarantee: topic}, log: desk}
"""
CLASSES = """
    A: {name: Premium, when: {yield: {from: 800, stay: 700}}}
    B: {name: Komfort, when: {yield: {from: 300, stay: 250}}}
    C: {name: Klassik}"""


@dataclass
class Motor:
    premiums: sqlite3.Connection
    claims: list[tuple[str, str, str]]
    book: zusage.Book
    plan: zusage.Plan

    def one(self, query: str) -> Any:
        return self.premiums.execute(query).fetchone()


@pytest.fixture(scope="module")
def motor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Motor]:
    premiums = database(PREMIUMS, ("IDpol", "Year", "PremTot"))
    premiums.execute(
        "CREATE TABLE lines AS SELECT IDpol AS policy, CAST(Year AS REAL) AS year,"
        " CAST(round(CAST(PremTot AS REAL) * 100) AS INTEGER) AS cents FROM raw"
    )
    with database(CLAIMS, ("IDpol", "OccurDate", "Guarantee")) as found:
        claims = found.execute("SELECT * FROM raw").fetchall()
    found.close()
    folder = tmp_path_factory.mktemp("motor")
    split(PREMIUMS, folder, lambda row: f"premiums_{row['Year'][:4]}.csv")
    unpacked(CLAIMS, folder / "claims.csv")
    (folder / "mapping.yaml").write_text(MAPPING, "utf-8")
    book = zusage.read_book(folder)
    plan = zusage.make_plan(book.tables, zusage.read_policy_text(policy(CLASSES)).policy)
    yield Motor(premiums, claims, book, plan)
    premiums.close()


def test_premiums_of_both_years_are_those_of_the_database(motor: Motor) -> None:
    found = {total.file: (total.rows, total.assigned_cents) for total in motor.book.files if total.kind == "yields"}
    query = "SELECT 'premiums_' || CAST(year AS INTEGER) || '.csv', count(*), sum(cents) FROM lines GROUP BY year"
    assert found == {file: (rows, cents) for file, rows, cents in motor.premiums.execute(query)}


def test_the_yields_of_a_year_are_the_premiums_of_the_last_year(motor: Motor) -> None:
    assert (sum(motor.plan.accounts["yield_cents"].to_list()),) == motor.one(
        "SELECT sum(cents) FROM lines WHERE year = 2004"
    )


def test_claims_of_policies_of_the_book_become_work_and_the_others_stay_in_sight(motor: Motor) -> None:
    known = {row[0] for row in motor.premiums.execute("SELECT DISTINCT policy FROM lines")}
    (total,) = [total for total in motor.book.files if total.file == "claims.csv"]
    inside = sum(claim[0] in known for claim in motor.claims)
    assert (total.rows, total.assigned, total.unassigned) == (len(motor.claims), inside, len(motor.claims) - inside)


def test_the_time_for_claims_is_thirty_minutes_for_each_of_the_last_year(motor: Motor) -> None:
    listed = {row[0] for row in motor.premiums.execute("SELECT DISTINCT policy FROM lines")}
    counted = sum(policy in listed and day >= "2004-01-01" for policy, day, _ in motor.claims)
    assert str(motor.plan.periods.as_of) == "2004-12-31"
    days = motor.plan.periods.log_days["desk"]
    # the last claim is of 30 December: one day of the leap year is not covered
    assert days == 365
    found = sum(motor.plan.accounts["duty_seconds"].to_list())
    assert abs(Fraction(found, counted * 1800) - Fraction(366, days)) < Fraction(1, 1000)


def test_classes_are_those_of_the_database(motor: Motor) -> None:
    query = """
    SELECT CASE WHEN cents >= 80000 THEN 'A' WHEN cents >= 30000 THEN 'B' ELSE 'C' END, count(*), sum(cents)
    FROM (SELECT policy, sum(cents) FILTER (WHERE year = 2004) AS cents FROM lines GROUP BY policy) GROUP BY 1
    """
    found = {item.class_key: (item.units, item.yield_cents) for item in motor.plan.classes}
    assert found == {key: (count, cents) for key, count, cents in motor.premiums.execute(query)}


def test_the_whale_curve_rises_to_its_peak_and_falls_to_the_sum_of_all(motor: Motor) -> None:
    contributions = motor.plan.units["contribution_cents"].to_list()
    curve = whale(contributions)
    gaining = [cents for cents in contributions if cents > 0]
    assert (curve.units, curve.total) == (len(contributions), sum(contributions))
    assert curve.peak == (len(gaining), sum(gaining))
    exact = list(accumulate(sorted(contributions, reverse=True), initial=0))
    assert [exact[units] for units, _ in curve.points] == [cents for _, cents in curve.points]


def test_gini_and_top_share_are_those_of_other_formulas(motor: Motor) -> None:
    yields = motor.plan.units["yield_cents"].to_list()
    heights = list(accumulate(sorted(yields), initial=0))
    area = sum(Fraction(low + high, 2) for low, high in pairwise(heights))
    gini = 1 - 2 * area / (heights[-1] * len(yields))
    assert gini_permille(yields) == int(1000 * gini + Fraction(1, 2))
    best = sorted(yields, reverse=True)[: -(-len(yields) // 5)]
    assert top_share_permille(yields, 200) == int(Fraction(1000 * sum(best), sum(yields)) + Fraction(1, 2))
    assert lorenz(yields).total == sum(yields)


def test_nothing_about_drivers_is_read(motor: Motor) -> None:
    protected = [
        str(finding.reason.values["columns"]).split(", ")
        for finding in motor.book.findings
        if finding.reason.code == "book_protected_columns"
    ]
    assert ["MaritalStatus" in columns for columns in protected] == [True, True]
    assert engine.rows(motor.book.tables["figures"]) == []

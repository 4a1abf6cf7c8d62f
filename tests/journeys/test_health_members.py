"""176,032 members of health insurance: customers with figures of the firm's own, and nothing of sex or age."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.journeys.real import database, policy, real, unpacked

import zusage
from zusage import engine

SET = "insurance/euhealthinsurance.csv.gz"
MAPPING = """
files:
  members.csv:
    table: customers
    columns: {id_anon: customer_id, num_visits: figure.visits, amt_visits: figure.paid, group: adviser}
    decimal: "."
"""
CLASSES = """
    A: {name: Premium, when: {any: [{own_visits: 6}, {own_paid: 250}]}}
    B: {name: Komfort, when: {own_visits: 1}}
    C: {name: Klassik}"""


@dataclass
class Members:
    sql: sqlite3.Connection
    book: zusage.Book
    plan: zusage.Plan


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    sql = database(SET, ("id_anon", "num_visits", "amt_visits"))
    folder = tmp_path_factory.mktemp("members")
    unpacked(SET, folder / "members.csv")
    (folder / "mapping.yaml").write_text(MAPPING, "utf-8")
    book = zusage.read_book(folder)
    yield Members(sql, book, zusage.make_plan(book.tables, zusage.read_policy_text(policy(CLASSES)).policy))
    sql.close()


def test_every_member_is_read(members: Members) -> None:
    (total,) = members.book.files
    (expected,) = members.sql.execute("SELECT count(*) FROM raw").fetchone()
    assert (total.rows, total.assigned, total.rejected) == (expected, expected, 0)
    assert members.book.rejects == ()


def test_the_figures_have_the_sums_of_the_database(members: Members) -> None:
    query = "SELECT sum(num_visits) * 1000, sum(CAST(round(amt_visits * 1000) AS INTEGER)) FROM raw"
    sums = {"visits": 0, "paid": 0}
    for row in engine.rows(members.book.tables["figures"]):
        sums[row["key"]] += row["value_milli"]
    assert (sums["visits"], sums["paid"]) == members.sql.execute(query).fetchone()


def test_classes_by_own_figures_are_those_of_the_database(members: Members) -> None:
    query = """
    SELECT id_anon, CASE WHEN CAST(num_visits AS INTEGER) >= 6 OR round(amt_visits * 1000) >= 250000 THEN 'A'
    WHEN CAST(num_visits AS INTEGER) >= 1 THEN 'B' ELSE 'C' END FROM raw
    """
    expected = dict(members.sql.execute(query))
    memberships = members.plan.memberships
    found = zip(memberships["customer_id"].to_list(), memberships["class_key"].to_list(), strict=True)
    assert dict(found) == expected


def test_columns_of_sex_and_age_are_left_out_and_named(members: Members) -> None:
    named = [finding.reason for finding in members.book.findings if finding.reason.code == "book_protected_columns"]
    assert [reason.values["columns"] for reason in named] == ["gender, age_at_inception"]
    kept = {name for frame in members.book.tables.values() for name in frame.collect_schema().names()}
    assert {name for name in kept if "age" in name.split("_") or "gender" in name} == set()


@pytest.mark.parametrize("column", ["gender", "age_at_inception"])
def test_a_mapping_cannot_bring_sex_or_age_in_under_another_name(column: str, tmp_path: Path) -> None:
    real(SET)
    text = MAPPING.replace("num_visits: figure.visits", f"{column}: figure.loyalty")
    (tmp_path / "mapping.yaml").write_text(text, "utf-8")
    (tmp_path / "members.csv").write_text(f"id_anon,{column},amt_visits,group\n1,40,10.5,Probe\n", "utf-8")
    with pytest.raises(zusage.Refused) as refused:
        zusage.read_book(tmp_path)
    assert [finding.reason.code for finding in refused.value.findings] == ["book_mapping_protected"]

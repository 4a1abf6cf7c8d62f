"""Call lists of both firmwares: alone and together, against a database that reads the same lines."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.real import policy, real

import zusage
from zusage import engine

LISTS = {
    "fritzbox/anrufliste_7spalten_utf8.csv": "utf-8",
    "fritzbox/anrufliste_8spalten_latin1.csv": "iso-8859-15",
}
CUSTOMERS = """Kundennummer;Name;Telefon;Mobil
0001;Müller GmbH;030 23125017;
0002;Größe-Exempel, Doro;+49 40 66969321;01522 8817386
0003;Probe, Caro;0221/4710042;
"""
KNOWN = {"03023125017": "0001", "04066969321": "0002", "015228817386": "0002", "02214710042": "0003"}
CLASSES = """
    A: {name: Premium, when: {tenure: 10}}
    B: {name: Komfort, when: {tenure: 5}}
    C: {name: Klassik}"""


def listed(*names: str) -> sqlite3.Connection:
    """The calls of the lists, each once: of what several lists hold, as often as the list that holds it most often."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE raw (file TEXT, type TEXT, day TEXT, number TEXT, customer TEXT, seconds INTEGER)")
    for name in names:
        with real(f"german_exports/{name}").open(encoding=LISTS[name], newline="") as stream:
            next(stream)  # sep=;
            for row in csv.DictReader(stream, delimiter=";"):
                hours, minutes = row["Dauer"].split(":")
                seconds = (int(hours) * 60 + int(minutes)) * 60
                values = name, row["Typ"], row["Datum"], row["Rufnummer"], KNOWN.get(row["Rufnummer"]), seconds
                connection.execute("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?)", values)
    connection.execute(
        "CREATE TABLE calls AS SELECT type, day, number, customer, seconds FROM raw"
        " GROUP BY type, day, number, seconds"  # no list holds a call twice
    )
    return connection


def read(folder: Path, *names: str) -> zusage.Book:
    (folder / "kunden.csv").write_text(CUSTOMERS, "utf-8")
    for name in names:
        (folder / Path(name).name).write_bytes(real(f"german_exports/{name}").read_bytes())
    return zusage.read_book(folder)


def seconds_of(rows: list[dict[str, Any]]) -> int:
    return sum(row["seconds"] for row in rows)


@pytest.mark.parametrize("names", [*[(name,) for name in LISTS], tuple(LISTS)], ids=["7 columns", "8 columns", "both"])
def test_calls_are_assigned_and_summed_as_in_the_database(names: tuple[str, ...], tmp_path: Path) -> None:
    sql = listed(*names)
    book = read(tmp_path, *names)
    work, lost = (engine.rows(book.tables[table]) for table in ("work", "unassigned"))
    # a list rounds up to whole minutes, so half a minute is taken off each call that was answered
    sums = "count(*), coalesce(sum(max(seconds - 30, 0)), 0)"
    assert (len(work), seconds_of(work)) == sql.execute(f"SELECT {sums} FROM calls WHERE customer NOTNULL").fetchone()  # noqa: S608 - a constant
    assert (len(lost), seconds_of(lost)) == sql.execute(f"SELECT {sums} FROM calls WHERE customer ISNULL").fetchone()  # noqa: S608 - a constant
    sql.close()


def test_the_control_totals_of_two_overlapping_lists_add_up(tmp_path: Path) -> None:
    sql = listed(*LISTS)
    totals = [total for total in read(tmp_path, *LISTS).files if total.kind == "calls"]
    (lines,) = sql.execute("SELECT count(*) FROM raw").fetchone()
    (calls,) = sql.execute("SELECT count(*) FROM calls").fetchone()
    assert sum(total.rows for total in totals) == calls
    assert sum(total.skipped_kinds.get("overlap", 0) for total in totals) == lines - calls == 8
    assert [total.recognised_as for total in totals] == ["fritzbox", "fritzbox"]
    sql.close()


def test_the_same_calls_cost_the_same_whether_read_once_or_from_two_lists(tmp_path: Path) -> None:
    rules = zusage.read_policy_text(policy(CLASSES)).policy
    found = []
    for number, names in enumerate([(name,) for name in LISTS] + [tuple(LISTS)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        plan = zusage.make_plan(read(folder, *names).tables, rules)
        found.append([engine.rows(plan.accounts.select("customer_id", "asked_seconds", "asked_cents"))])
    assert found[0] == found[1] == found[2]
    assert all(row["asked_seconds"] > 0 for row in found[0][0] if row["customer_id"] != "0003")


def test_a_call_nobody_answered_takes_no_time(tmp_path: Path) -> None:
    work = engine.rows(read(tmp_path, *LISTS).tables["work"])
    assert [(row["customer_id"], row["seconds"]) for row in work if row["direction"] == "missed"] == [("0003", 0)]

"""Call lists become calls of customers: overlapping exports, both firmwares, and nothing kept of strangers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage import engine
from zusage.book import Book, read_book

LISTS = Path(__file__).parents[1] / "nasty"
HEADER = "Typ;Datum;Name;Rufnummer;Nebenstelle;Eigene Rufnummer;Dauer\n"
CUSTOMERS = (
    "Kundennummer;Name;Telefon;Mobil;Haushalt\n1;Max Muster;030 23125017;;H1\n10;Mia Muster;030 23125017;;H1\n"
    "2;Probe GmbH;0341 123456;0171 2345678;\n3;Beispiel;0341 123456;;\n"
)


def read(folder: Path, customers: str = CUSTOMERS, **lists: str | bytes) -> Book:
    (folder / "kunden.csv").write_text(customers, "utf-8")
    for name, content in lists.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return read_book(folder)


def rows(book: Book, table: str, *columns: str) -> list[Any]:
    return [tuple(row[name] for name in columns) for row in engine.rows(book.tables[table])]


def call(day: int, number: str = "034199", kind: int = 1, length: str = "0:05", minute: int = 0) -> str:
    return f"{kind};{day:02d}.03.26 10:{minute:02d};;{number};Büro;1;{length}\n"


@pytest.mark.parametrize("name", ["anrufliste_7spalten_utf8", "anrufliste_8spalten_latin1"])
def test_lists_of_both_firmwares_are_read_alike(name: str, tmp_path: Path) -> None:
    book = read(tmp_path, **{name: (LISTS / f"{name}.csv").read_bytes()})
    assert rows(book, "work", "customer_id", "direction", "done_on", "start_second", "seconds") == [
        ("1", "in", date(2026, 7, 30), 15 * 3600 + 41 * 60, 270),
    ]
    kinds = [(row["reason"], row["seconds"]) for row in engine.rows(book.tables["unassigned"])]
    assert sorted(kinds) == [("no_number", 0), *[("unknown_number", seconds) for seconds in (0, 0, 30, 150, 690, 3870)]]


def test_a_list_in_english_is_read(tmp_path: Path) -> None:
    header = "Type;Date;Name;Telephone number;Extension;Outgoing Caller ID;Duration\n"
    text = header + "4;01.03.26 10:00;;0171 2345678;;1;0:02\n"
    assert rows(read(tmp_path, calls=text), "work", "customer_id", "direction", "seconds") == [("2", "out", 90)]


def test_nothing_of_a_stranger_is_kept(tmp_path: Path) -> None:
    text = HEADER + "1;01.03.26 10:00;Herr Fremd;0999 8887776;Büro;1;0:05\n1;heute;Herr Fremd;0999 8887776;;1;0:05\n"
    text += "1;01.03.26 10:00;Fremd;0999;;1;0:01;0999 8887776\n1;01.03.26 10:00;Fremd;9,998E+12;;1;0:01\n"
    book = read(tmp_path, calls=text)
    everything = repr([engine.rows(frame) for frame in book.tables.values()]) + repr(book)
    assert [word for word in ("8887776", "Fremd", "9,998", "Büro") if word in everything] == []


def test_a_number_of_one_household_goes_to_its_smallest_id_and_one_of_two_households_to_nobody(tmp_path: Path) -> None:
    book = read(tmp_path, calls=HEADER + call(1, "03023125017") + call(2, "0341123456"))
    assert rows(book, "work", "customer_id") == [("1",)]
    assert rows(book, "unassigned", "reason", "key", "seconds") == [("unknown_number", None, 270)]
    shared = [finding.reason for finding in book.findings if finding.reason.code == "book_phones_shared"]
    assert [dict(reason.values) for reason in shared] == [{"id_count": 1, "examples": "2, 3"}]


def test_what_two_exports_hold_counts_once_and_what_one_holds_twice_counts_twice(tmp_path: Path) -> None:
    one = HEADER + call(1) + call(2) + call(2)
    two = HEADER + call(2) + call(3)
    book = read(tmp_path, one=one, two=two)
    assert rows(book, "unassigned", "booked_on") == [(date(2026, 3, day),) for day in (1, 2, 2, 3)]
    skipped = {total.file: total.skipped_kinds.get("overlap", 0) for total in book.files if total.kind == "calls"}
    assert skipped == {"one.csv": 0, "two.csv": 1}


@given(st.lists(st.lists(st.integers(1, 4), max_size=6), min_size=1, max_size=4))
def test_overlapping_exports_add_up_to_the_most_any_of_them_holds(
    tmp_path_factory: pytest.TempPathFactory, exports: list[list[int]]
) -> None:
    lists = {
        f"list{at}": HEADER + "".join(call(day) for day in days) + f"2;01.0{at + 4}.26 08:00;;;;1;0:00\n"
        for at, days in enumerate(exports)
    }
    book = read(tmp_path_factory.mktemp("calls"), **lists)
    most = {day: max(days.count(day) for days in exports) for day in range(1, 5)}
    found = [row["booked_on"].day for row in engine.rows(book.tables["unassigned"]) if row["booked_on"].month == 3]
    assert {day: found.count(day) for day in range(1, 5)} == most


def test_type_three_went_out_in_old_firmware_and_was_rejected_in_new(tmp_path: Path) -> None:
    new = HEADER + call(1, kind=3, length="0:00") + call(2, kind=4)
    old = HEADER + call(11, kind=3, length="0:00") + call(12, kind=3)
    unsure = HEADER + call(21, kind=3, length="0:03") + call(22, kind=3, length="0:00") + call(23, kind=4)
    customers = "Kundennummer;Name;Telefon\n1;Muster;0341 99\n"
    book = read(tmp_path, customers, new=new, old=old, unsure=unsure)
    found = {row["done_on"].day: row["direction"] for row in engine.rows(book.tables["work"])}
    assert found == {1: "rejected", 2: "out", 11: "out", 12: "out", 21: "out", 22: "rejected", 23: "out"}


def test_a_mapping_can_say_what_a_type_means(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text('files: {"calls*.csv": {types: {3: rejected, 10: missed}}}\n', "utf-8")
    customers = "Kundennummer;Name;Telefon\n1;Muster;0341 99\n"
    book = read(tmp_path, customers, calls=HEADER + call(1, kind=3) + call(2, kind=10))
    assert rows(book, "work", "direction", "seconds") == [("rejected", 0), ("missed", 0)]


def test_the_days_covered_are_joined_and_gaps_are_named(tmp_path: Path) -> None:
    book = read(
        tmp_path, one=HEADER + call(1) + call(5), two=HEADER + call(6) + call(8), three=HEADER + call(12) + call(13)
    )
    spans = [("calls", date(2026, 3, 1), date(2026, 3, 8)), ("calls", date(2026, 3, 12), date(2026, 3, 13))]
    assert rows(book, "logs", "log", "first_on", "last_on") == spans
    gaps = [dict(finding.reason.values) for finding in book.findings if finding.reason.code == "book_calls_gap"]
    assert gaps == [{"first_on": date(2026, 3, 9), "last_on": date(2026, 3, 11)}]


def test_another_telephone_system_is_read_by_its_headers(tmp_path: Path) -> None:
    header = "Datum;Uhrzeit;Rufnummer;Richtung;Dauer (Sek)\n"
    text = header + "1.3.2026;10:00;+491712345678;eingehend;75\n1.3.2026;10:05;0999;ausgehend;10\n"
    book = read(tmp_path, pbx=text)
    assert rows(book, "work", "customer_id", "log", "direction", "start_second", "seconds") == [
        ("2", "calls", "in", 36_000, 75)
    ]
    assert rows(book, "unassigned", "reason", "key", "seconds") == [("unknown_number", None, 10)]

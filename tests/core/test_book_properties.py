"""Each line of a file lands exactly once, whatever the file looks like, and no file ends in a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zusage import engine
from zusage.book import Book, FileTotals, read_book
from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say, say_finding

CUSTOMERS = "Kundennummer;Name\n0042;Muster\n0043;Probe\n"
CONTRACTS = "Vertragsnummer;Kundennummer;Sparte\nA-1;42;Leben\nB-2;0043;Kfz\nC-3;42;Unfall\nC-3;0043;Unfall\n"
HEADER = "Vertragsnummer;Kundennummer;Datum;Art;Betrag"

contracts = st.sampled_from(["A-1", "B2", "C-3", "X-9", "", "4,711E+10"])
customers = st.sampled_from(["", "42", "0043", "77"])
days = st.sampled_from(["1.1.2026", "31.12.26", "", "00.00.0000", "31.2.2026", "morgen"])
amounts = st.sampled_from(["7,50", "112,39-", "1.234,56", "", "NaN", "-0,01", "1e9"])
data = st.builds(";".join, st.tuples(contracts, customers, days, st.sampled_from(["AP", "BP", "?", ""]), amounts))
other = st.sampled_from(
    ["", ";;;;", HEADER, "Summe;;;;17,00", ";;Gesamt;;3,00", "Seite;2", "A-1;42;1.1.2026;AP;7,50;zu;viel"]
)
lines = st.lists(st.one_of(data, data, other), max_size=25)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, **files: str | bytes) -> Path:
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def lines_of(book: Book, file: str, *tables: str) -> list[int]:
    return [row["line"] for table in tables for row in engine.rows(book.tables[table]) if row["source"] == file]


def check(total: FileTotals, records: int) -> None:
    assert total.rows == total.assigned + total.unassigned + total.rejected
    assert total.skipped == sum(total.skipped_kinds.values())
    assert total.rows + total.skipped == records


@slow
@given(lines, st.sampled_from(["", "Muster Pool\nSeite;1\n"]))
def test_each_line_of_a_commission_file_lands_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, body: list[str], title: str
) -> None:
    text = title + "\n".join([HEADER, *body, "A-1;42;1.1.2026;AP;7,50"]) + "\n"
    folder = write(tmp_path_factory.mktemp("book"), kunden=CUSTOMERS, vertraege=CONTRACTS, courtage=text)
    book = read_book(folder)
    total = next(total for total in book.files if total.kind == "yields")
    check(total, text.count("\n"))
    assigned, unassigned = lines_of(book, "courtage.csv", "yields"), lines_of(book, "courtage.csv", "unassigned")
    rejected = [reject.line for reject in book.rejects if not reject.line_used]
    assert (len(assigned), len(unassigned), len(rejected)) == (total.assigned, total.unassigned, total.rejected)
    landed = [*assigned, *unassigned, *rejected]
    assert len(set(landed)) == len(landed)
    cents = [sum(row["amount_cents"] for row in engine.rows(book.tables[table])) for table in ("yields", "unassigned")]
    assert cents == [total.assigned_cents, total.unassigned_cents]


contact = st.builds(
    ";".join,
    st.tuples(
        customers,
        days,
        st.sampled_from(["9:30", "25:00", ""]),
        st.sampled_from(["0:30", "lang", ""]),
        st.sampled_from(["ja", "", "?"]),
    ),
)


@slow
@given(st.lists(contact, max_size=20))
def test_each_line_of_a_log_lands_exactly_once(tmp_path_factory: pytest.TempPathFactory, body: list[str]) -> None:
    text = "\n".join(["Kundennummer;Datum;Uhrzeit;Dauer;Privat", *body, ""])
    book = read_book(write(tmp_path_factory.mktemp("book"), kunden=CUSTOMERS, termine=text))
    total = next(total for total in book.files if total.file == "termine.csv")
    check(total, text.count("\n"))
    landed = lines_of(book, "termine.csv", "work", "unassigned")
    landed += [reject.line for reject in book.rejects if not reject.line_used]
    assert (len(landed), len(set(landed))) == (total.rows, total.rows)


@slow
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(str.encode),
        st.lists(data, max_size=5).map(lambda body: "\n".join([HEADER, *body]).encode()),
    )
)
def test_any_bytes_at_all_end_in_a_book_or_in_sentences(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = write(tmp_path_factory.mktemp("book"), kunden=CUSTOMERS, fremd=content)
    said: list[Any] = []
    try:
        book = read_book(folder)
        said = [say(reject.reason, language) for reject in book.rejects for language in LANGUAGES]
        findings = book.findings
    except Refused as refused:
        findings = refused.findings
    said += [say_finding(finding, language) for finding in findings for language in LANGUAGES]
    assert [text for text in said if not text] == []
    assert "book_file_unforeseen" not in [finding.reason.code for finding in findings]

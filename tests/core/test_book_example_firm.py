"""The exports of the example firm give the control totals of their generator; foreign formats are named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from zusage import engine
from zusage.book import Book, read_book

ROOT = Path(__file__).parents[2]
FIRM = ROOT / "examples" / "broker"
FOREIGN = ROOT.parent / "shared" / "data" / "german_exports"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("firm")
    command = [
        sys.executable,
        str(FIRM / "generate.py"),
        "--out",
        str(folder / "exports"),
        "--truth",
        str(folder / "truth.json"),
    ]
    subprocess.run(command, check=True)
    return read_book(folder / "exports"), json.loads((folder / "truth.json").read_text("utf-8"))


def by(book: Book, table: str, *names: str) -> list[Any]:
    return [tuple(row[name] for name in names) for row in engine.rows(book.tables[table])]


def test_every_statement_has_the_rows_and_the_sum_that_were_written(firm: tuple[Book, dict[str, Any]]) -> None:
    book, truth = firm
    found = {
        total.file: {"rows": total.rows, "cents": total.sum_cents} for total in book.files if total.kind == "yields"
    }
    del found["Servicegebuehren.csv"]
    assert found == {
        name: {"rows": entry["rows"], "cents": entry["cents"]} for name, entry in truth["statements"].items()
    }


def test_what_is_assigned_and_what_is_not_adds_up_by_kind(firm: tuple[Book, dict[str, Any]]) -> None:
    book, truth = firm
    names = {"AP": "one_off", "APStorno": "cancellation", "BP": "recurring"}
    sums: Counter[str] = Counter()
    for kind, cents in by(book, "yields", "kind", "amount_cents"):
        sums[kind] += cents
    assigned = {names[kind]: cents for kind, cents in truth["assigned"]["by_kind"].items()}
    assert sums == assigned | {"fee": truth["fees"]["gross_cents"]}
    unassigned: Counter[str] = Counter()
    for key, cents in by(book, "unassigned", "key", "amount_cents"):
        unassigned["unknown_contract" if key else "without_contract"] += cents or 0
    assert unassigned == {name: truth[name]["cents"] for name in ("unknown_contract", "without_contract")}


def test_overlapping_call_lists_hold_each_call_once(firm: tuple[Book, dict[str, Any]]) -> None:
    book, truth = firm
    calls = [total for total in book.files if total.kind == "calls"]
    reasons = Counter(reason for reason, log in by(book, "unassigned", "reason", "log") if log == "calls")
    assert sum(total.rows for total in calls) == truth["calls"]["rows"]
    assert (reasons["no_number"], reasons["no_number"] + reasons["unknown_number"]) == (
        truth["calls"]["hidden"],
        truth["calls"]["strangers"],
    )


def test_customers_contracts_and_meetings_are_all_there(firm: tuple[Book, dict[str, Any]]) -> None:
    book, truth = firm
    rows = {total.kind: total.rows for total in book.files if total.kind in ("customers", "contracts", "meetings")}
    assert rows == {
        "customers": truth["customers"],
        "contracts": truth["contracts"]["rows"],
        "meetings": truth["meetings"]["rows"],
    }
    assert book.rejects == ()


def test_formats_of_other_trades_are_named_with_a_way_on(tmp_path: Path) -> None:
    if not FOREIGN.exists():
        pytest.skip("the collection of German export formats is not here")
    for kind in ("datev", "gdv"):
        shutil.copytree(FOREIGN / kind, tmp_path / kind)
    (tmp_path / "kunden.csv").write_text("Kundennummer;Name\n1;Muster\n", "utf-8")
    found = Counter(finding.reason.code for finding in read_book(tmp_path).findings)
    assert found == {"book_file_datev": 3, "book_file_gdv": 7}

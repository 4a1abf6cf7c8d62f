"""A book that went through the database is the book of the command line, row by row."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from tests.web.book.conftest import EXPORTS, NOW, exported
from zusage import engine
from zusage.book import read_book
from zusage.book.tables import SCHEMAS
from zusage.plan import make_plan
from zusage.policy.read import read_policy
from zusage.web.book.actions import drop_book, write_book
from zusage.web.book.models import Book, Import, TidyRow
from zusage.web.book.queries import TABLES, active_files, tables_of


def silent(code: str, done: int, total: int) -> None:
    """Nobody waits for a test."""


def test_the_example_firm_is_the_same_by_both_ways(desk: SimpleNamespace, bring: Callable[..., Import]) -> None:
    found = bring(*exported())
    assert [item for item in found.findings if item["severity"] == "error"] == []
    assert found.state == "ready"
    book = write_book(cause=found, files=active_files(also=found), progress=silent, now=NOW)
    by_file, by_rows = read_book(EXPORTS).tables, tables_of(book)
    assert list(by_rows) == list(SCHEMAS)
    for table in SCHEMAS:
        assert engine.rows(by_rows[table]) == engine.rows(by_file[table]), table
    policy = read_policy(EXPORTS.parent / "policy.yaml").policy
    first, second = make_plan(by_file, policy), make_plan(by_rows, policy)
    for name in ("accounts", "memberships", "parts", "units"):
        assert engine.rows(getattr(second, name)) == engine.rows(getattr(first, name)), name


def test_a_dropped_book_leaves_no_row(desk: SimpleNamespace, bring: Callable[..., Import]) -> None:
    found = bring(*exported("Kundenliste.csv", "Vertragsliste.xlsx", "Provision_2026-Q3.csv"))
    book = write_book(cause=found, files=active_files(also=found), progress=silent, now=NOW)
    assert TABLES["yields"]._default_manager.filter(book=book).count() == 949
    drop_book(book)
    left = [model._default_manager.filter(book=book.pk).count() for model in (*TABLES.values(), TidyRow)]
    assert (sum(left), Book.objects.filter(pk=book.pk).exists()) == (0, False)

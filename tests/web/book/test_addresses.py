"""Addresses in the browser: columns are given their meaning by hand, the rows are kept, former books have none."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from django.test import Client

from tests.web.book.conftest import NOW, run, upload
from zusage import engine
from zusage.web.book.actions import write_book
from zusage.web.book.forms import Mapping
from zusage.web.book.models import Address, Book, Import
from zusage.web.book.queries import active_files, tables_of
from zusage.web.office.models import Job

ODD = "Nr;Anrede;Geschlecht;Wer;Gasse;Ziffern\n0001;Frau;w;Alma Muster;Ring 1;01067\n0003;;;Caro Probe;Weg 2;4109\n"
MEANT = {
    "table": "customers", "column_0": "customer_id", "column_1": "salutation", "column_3": "name",
    "column_4": "street", "column_5": "postcode",
}  # fmt: skip


def silent(code: str, done: int, total: int) -> None:
    """Nobody waits for a test."""


def test_columns_of_addresses_are_given_by_hand_and_kept(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = bring(upload("odd.csv", ODD))
    file = found.files.get()
    as_role("assistant").post(f"/imports/{found.pk}/files/{file.pk}/columns/", MEANT)
    run(Job.objects.filter(state="queued").get())
    book = write_book(cause=found, files=active_files(also=found), progress=silent, now=NOW)
    rows = Address.objects.filter(book=book).order_by("customer_id")
    assert list(rows.values_list("customer_id", "salutation", "street", "postcode")) == [
        ("0001", "Frau", "Ring 1", "01067"),
        ("0003", None, "Weg 2", "04109"),
    ]
    assert [row["salutation"] for row in engine.rows(tables_of(book)["addresses"])] == ["Frau", None]


def test_a_form_of_address_can_be_nothing_else_and_sex_cannot_be_chosen_at_all(
    bring: Callable[..., Import], as_role: Callable[[str], Client]
) -> None:
    found = bring(upload("odd.csv", ODD))
    file = found.files.get()
    form = Mapping(file, "customers")
    choices = {name: [value for value, _ in field.choices] for name, field in form.fields.items() if "column" in name}  # type: ignore[attr-defined]  # of choice fields
    assert choices["column_1"] == ["", "salutation"]
    assert "column_2" not in choices
    assert "cannot_come" in choices["column_3"]
    refused = as_role("assistant").post(
        f"/imports/{found.pk}/files/{file.pk}/columns/", MEANT | {"column_1": "figure."}
    )
    assert refused.status_code == 200
    file.refresh_from_db()
    assert file.mapping == {}


def test_a_book_read_before_there_were_addresses_has_none(desk: SimpleNamespace) -> None:
    book = Book.objects.create(created_at=NOW, published=True)
    assert engine.rows(tables_of(book)["addresses"]) == []

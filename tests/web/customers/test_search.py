"""Customers are found by any writing of their names and numbers, whatever the database."""

from __future__ import annotations

import doctest
from types import SimpleNamespace

import pytest

from zusage.web.bridge import names
from zusage.web.bridge.names import search_key
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customers_for, searched

PEOPLE = {
    "1001": ("Müller, Jörg", ["+493412345678"]),
    "1002": ("Mueller, Anna", ["+491701112223"]),
    "1003": ("Groß & Söhne GmbH", []),
    "2077": ("Straße, Zoé", []),
}


@pytest.fixture
def many(office: SimpleNamespace) -> SimpleNamespace:
    """The five people and four more with umlauts and telephones."""
    Customer.objects.bulk_create(
        Customer(
            run=office.run, number=number, unit_id=number, name=name, sort_key=name,
            search_key=search_key(name, number, phones),
        )
        for number, (name, phones) in PEOPLE.items()
    )  # fmt: skip
    return office


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("müller", ["1001", "1002"]),
        ("MUELLER", ["1001", "1002"]),
        ("muller", ["1001"]),
        ("jörg mü", ["1001"]),
        ("mü jorg", ["1001"]),
        ("Müller xyz", []),
        ("gross", ["0004", "1003"]),
        ("groß", ["0004", "1003"]),
        ("soehne", ["0042", "1003"]),
        ("zoe strasse", ["2077"]),
        ("2077", ["2077"]),
        ("0341 2345678", ["1001"]),
        ("+49 (0)341 / 23 45", ["1001"]),
        ("0049341", ["1001"]),
        ("111-222", ["1002"]),
        ("0170 1112223", ["1002"]),
        ("%", []),
        ("_", []),
    ],
)
def test_a_customer_is_found_by(many: SimpleNamespace, text: str, found: list[str]) -> None:
    hits = searched(customers_for(many.owner), text).order_by("number")
    assert [item.number for item in hits] == found


def test_nothing_typed_finds_everyone(many: SimpleNamespace) -> None:
    assert searched(customers_for(many.owner), "  ").count() == 9


def test_the_examples_of_the_keys_hold() -> None:
    assert doctest.testmod(names).failed == 0

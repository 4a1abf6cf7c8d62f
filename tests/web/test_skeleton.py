"""The small office stands: five customers, four people, pages behind the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from django.test import Client

from zusage.web.customers.models import Customer


def test_the_five_are_in_the_list(office: SimpleNamespace) -> None:
    rows = Customer.objects.filter(run=office.run).order_by("number")
    assert list(rows.values_list("number", "class_key", "proposed_key")) == [
        ("0001", "A", "A"),
        ("0002", "A", "A"),
        ("0003", "C", "C"),
        ("0004", "C", "C"),
        ("0042", "B", "B"),
    ]


def test_pages_ask_who_it_is_and_whether_they_may(client: Client, as_role: Callable[[str], Client]) -> None:
    assert as_role("owner").get("/").status_code == 200
    assert as_role("assistant").get("/office/settings/").status_code == 403
    assert client.get("/").headers["Location"] == "/account/login/?next=/"

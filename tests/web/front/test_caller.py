"""The caller panel: a number or a name comes in, what to say is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, EMIL
from tests.web.desk.test_requests import take
from zusage.web.book.models import Phone
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.models import OwnChoice, Told

SignIn = Callable[[str], Client]


@pytest.mark.parametrize(
    "typed", ["0341 2345678", "0341/234 56 78", "+49 341 2345678", "00493412345678", "+49 (0)341 2345678"]
)
def test_a_number_is_found_as_the_telephone_shows_it(office: SimpleNamespace, as_role: SignIn, typed: str) -> None:
    Phone.objects.create(book=office.run.book, customer_id=EMIL, number="+493412345678")
    page = as_role("assistant").get("/caller/", {"q": typed}).content.decode()
    assert page.count("Emil Muster &amp; Söhne</a>") == 1
    assert "/requests/new/?number=0042&amp;phone=%2B493412345678" in page


def test_the_panel_says_what_is_promised_due_told_and_chosen(office: SimpleNamespace, as_role: SignIn) -> None:
    taken = take(office, ALMA, timezone.now())
    Touchpoint.objects.create(
        unit_id=ALMA, name="Muster", service="annual_check", class_key="A", due_on=date(2099, 1, 5)
    )
    Told.objects.create(
        number=ALMA, policy=office.version, class_key="A", told_on=date(2026, 11, 3), created_at=timezone.now()
    )
    OwnChoice.objects.create(
        number=ALMA, state="chosen", class_key="A", chosen_on=date(2026, 11, 9), evidence="Brief", by=office.owner,
        created_at=timezone.now(),
    )  # fmt: skip
    page = as_role("adviser").get("/caller/", {"q": "Muster, Alma"}).content.decode()
    pieces = [
        "Zugesagt ist eine Antwort am selben Arbeitstag.",
        "Rückruf: Sie hören von uns bis",
        f'<a href="/requests/{taken.pk}/">Rückruf</a>',
        "Jahrescheck, 05.01.2099",
        "03.11.2026",
        "gewählt: Premium, 09.11.2026",
    ]
    assert [piece for piece in pieces if piece not in page] == []


def test_several_are_offered_and_nobody_is_said(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("adviser")
    assert client.get("/caller/", {"q": "muster"}).content.decode().count('<li class="card">') == 2
    assert "Zu „Niemand“ ist kein Kunde im Bestand." in client.get("/caller/", {"q": "Niemand"}).content.decode()
    assert client.get("/caller/", {"number": "9999"}).status_code == 404


def test_while_typing_only_the_part_is_sent(office: SimpleNamespace, as_role: SignIn) -> None:
    part = as_role("adviser").get("/caller/", {"q": "alma"}, headers={"HX-Request": "true"}).content.decode()
    assert (part.count("<html"), part.count("<h2>")) == (0, 1)


def test_the_panel_asks_the_database_a_fixed_number_of_times(
    office: SimpleNamespace, as_role: SignIn, django_assert_num_queries: Callable[[int], object]
) -> None:
    take(office, ALMA, timezone.now())
    client = as_role("adviser")
    client.get("/caller/")  # the first page of a session also keeps its secret
    for _ in range(2):
        with django_assert_num_queries(14):  # type: ignore[attr-defined]
            client.get("/caller/", {"q": "alma"})
        take(office, ALMA, timezone.now())

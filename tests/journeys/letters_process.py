"""A process beside the tests: `fill` an office whose letters wait to be made, or have them made `again`."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import django

LETTERS = 115
"""More than are kept in one transaction, so that a part of them is."""


def fill() -> None:
    """A new office with a wave to many customers, released; the job that makes its letters waits for the worker."""
    from django.utils import timezone
    from tests.web.conftest import IMPORTED, PASSWORD, publish_policy

    from zusage.web.charter.letters.actions import plan_wave, release
    from zusage.web.charter.models import Sheet
    from zusage.web.office.models import Firm, User

    Firm.objects.create(pk=1, name="Test", created_at=IMPORTED)
    Sheet.objects.create(pk=1, name="Makler Muster GmbH", street="Am Markt 1", postcode="04109", city="Leipzig")
    owner = User.objects.create_user("owner@example.org", PASSWORD, name="Owner", role="owner")
    version = publish_policy(owner)
    customers(version, owner)
    now = timezone.now()
    wave = plan_wave(
        kind="welcome", channel="post", language="de", per_week=LETTERS, first_on=timezone.localdate(now),
        order="postal", by=owner, now=now,
    )  # fmt: skip
    release(wave=wave, version=wave.version, signed="Wir stellen ein.", by=owner, now=now)


def customers(version: Any, owner: Any) -> None:
    """As many as there are letters, each of their own, with an address and a class that was confirmed."""
    from tests.people import TODAY
    from tests.web.conftest import IMPORTED

    from zusage.web.book.models import Address
    from zusage.web.customers.models import Book, Customer, Membership, Run, Unit

    book = Book.objects.create(created_at=IMPORTED, published=True)
    run = Run.objects.create(book=book, policy=version, as_of=TODAY, created_at=IMPORTED, published=True, summary={})
    numbers = [f"{place:04d}" for place in range(1, LETTERS + 1)]
    Unit.objects.bulk_create(Unit(run=run, unit_id=number, figures={}, parts=[]) for number in numbers)
    Customer.objects.bulk_create(
        Customer(run=run, number=number, unit_id=number, name=f"Muster, {number}", sort_key=number, search_key=number,
                 class_key="C")
        for number in numbers
    )  # fmt: skip
    Address.objects.bulk_create(
        Address(book=book, customer_id=number, salutation="Frau", first_name="Mia", last_name=f"Muster-{number}",
                street=f"Musterweg {int(number)}", postcode="04103", city="Leipzig", country="DE")
        for number in numbers
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(number=number, class_key="C", effective_on=date(2026, 11, 2), change="first", policy=version,
                   because="criteria", decided_by=owner, decided_at=IMPORTED, applied=True)
        for number in numbers
    )  # fmt: skip


def again() -> None:
    """The letters of the week are asked for once more."""
    from django.utils import timezone

    from zusage.web.charter.letters.actions import start_week
    from zusage.web.charter.letters.models import LetterWeek
    from zusage.web.office.models import User

    start_week(week=LetterWeek.objects.get(), by=User.objects.get(), now=timezone.now())


if __name__ == "__main__":
    django.setup()
    {"fill": fill, "again": again}[sys.argv[1]]()

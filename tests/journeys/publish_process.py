"""A process beside the tests: `fill` an office whose second import waits to be published, or publish it `again`."""

from __future__ import annotations

import sys
import time

import django

CUSTOMERS = 1000
STATEMENTS = {"Abrechnung.csv": 1200, "Nachtrag.csv": 600}
"""Rows of the first and of the second import."""
EURO = 10


def files() -> list[dict[str, str]]:
    """The files of both imports: all customers with a year of money for some of them, then more money."""
    numbers = range(1, CUSTOMERS + 1)
    customers = [f"{number:04d};{number:04d};Muster {number};;01.03.2010" for number in numbers]
    first, second = STATEMENTS
    return [
        {"Kundenliste.csv": lines("Kundennummer;Haushalt;Name;Telefon;Kunde seit", customers), first: money(first)},
        {second: money(second)},
    ]


def money(name: str) -> str:
    """A statement: month after month, customer after customer."""
    months = [(11, 2025), (12, 2025), *((month, 2026) for month in range(1, 11))]
    rows = STATEMENTS[name] // len(months)
    return lines(
        "Kundennummer;Datum;Betrag",
        [f"{number:04d};15.{month:02d}.{year};{EURO},00" for month, year in months for number in range(1, rows + 1)],
    )


def lines(head: str, rows: list[str]) -> str:
    return "\n".join([head, *rows]) + "\n"


def fill() -> None:
    """In an empty office the first import is published, the second one waits for the worker."""
    from tests.web.book.conftest import run, upload
    from tests.web.conftest import IMPORTED, PASSWORD, publish_policy

    from zusage.web.book.actions import add_files, new_import, publish_import, start_reading
    from zusage.web.office.models import Firm, Job, User

    Firm.objects.create(pk=1, name="Test", created_at=IMPORTED)
    owner = User.objects.create_user("owner@example.org", PASSWORD, name="Owner", role="owner")
    publish_policy(owner)
    for named in files():
        for job in Job.objects.filter(state="queued"):
            run(job)
        found = new_import(by=owner, now=IMPORTED)
        add_files(to=found, uploads=[upload(name, text) for name, text in named.items()])
        assert run(start_reading(found=found, by=owner, now=IMPORTED)).state == "done"
        publish_import(found=found, by=owner, now=IMPORTED)


def again() -> None:
    """The second import is read once more by the worker and asked to be published, as its page does."""
    from django.utils import timezone

    from zusage.web.book.actions import publish_import, start_reading
    from zusage.web.book.models import Import
    from zusage.web.office.models import User

    found, owner = Import.objects.latest("pk"), User.objects.get()
    job = start_reading(found=found, by=owner, now=timezone.now())
    while job.running:
        time.sleep(0.1)
        job.refresh_from_db()
    publish_import(found=found, by=owner, now=timezone.now())


if __name__ == "__main__":
    django.setup()
    {"fill": fill, "again": again}[sys.argv[1]]()

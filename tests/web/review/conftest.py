"""An office into which files of the example firm or of the five people are brought, and published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.book.conftest import NOW, bring, desk, exported, run, upload
from zusage.policy.read import read_policy_text
from zusage.web.book.models import Import, ImportFile
from zusage.web.book.queries import active_files
from zusage.web.customers.models import Membership, Run
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job, PolicyVersion
from zusage.web.office.queries import policy_of

__all__ = ["bring", "desk", "exported", "run", "upload"]
EXAMPLE = Path(__file__).parents[3] / "examples" / "broker"
CUSTOMERS = (
    "Kundennummer;Haushalt;Name;Telefon;Kunde seit\n"
    "0001;0001;Muster, Alma;0341 111111;01.03.2010\n"
    "0002;0001;Beispiel, Béla;;01.03.2010\n"
    "0003;0003;Probe, Caro;0341 333333;01.07.2015\n"
    "0042;0042;Emil Muster & Söhne;;01.01.2020\n"
)


def yields(**euro_a_year: int) -> str:
    """Money booked in twelve parts, so that the year is whole."""
    numbers = {"alma": "0001", "caro": "0003", "emil": "0042"}
    rows = ["Kundennummer;Datum;Betrag"]
    for month in range(1, 13):
        day = f"15.{month:02d}.{2025 if month > 10 else 2026}"
        rows += [f"{numbers[who]};{day};{euro // 12},{euro % 12 * 100 // 12:02d}" for who, euro in euro_a_year.items()]
    return "\n".join(rows) + "\n"


def small(alma: int = 900, caro: int = 36, emil: int = 300) -> tuple[SimpleUploadedFile, SimpleUploadedFile]:
    """The five people's files without Doro: customers, and money in euro a year."""
    return upload("Kundenliste.csv", CUSTOMERS), upload("Abrechnung.csv", yields(alma=alma, caro=caro, emil=emil))


@pytest.fixture
def nobody_decided(desk: SimpleNamespace) -> SimpleNamespace:
    """The office before any class was confirmed."""
    Membership.objects.all().delete()
    return desk


@pytest.fixture
def bring_anew(bring: Callable[..., Import]) -> Callable[..., Import]:
    """`bring_anew(*uploads)`: files brought in and read; a statement takes the place of the older one of its name."""

    def make(*uploads: SimpleUploadedFile) -> Import:
        entry = bring(*uploads)
        for file in entry.files.filter(kind="yields", replaces=None):
            older = active_files(without=entry).filter(kind="yields", name=file.name).last()
            ImportFile.objects.filter(pk=file.pk).update(replaces=older)
        return entry

    return make


@pytest.fixture
def publish(bring_anew: Callable[..., Import]) -> Callable[..., Job]:
    """`publish(*uploads)`: the files brought in and published; the job as it ended."""

    def make(*uploads: SimpleUploadedFile) -> Job:
        return do("publish", bring_anew(*uploads).pk)

    return make


def do(kind: str, subject: int | None = None) -> Job:
    """A job, done as the worker does it."""
    return run(start_job(kind, now=NOW, subject=subject))


def with_notice(run_of: Run, days: int) -> None:
    """The service model of a run with so many days of notice before a reduction."""
    version = run_of.policy
    version.text += f"review: {{notice_days: {days}}}\n"
    version.hash = read_policy_text(version.text).policy.hash
    version.save()


def example_policy(office: SimpleNamespace) -> PolicyVersion:
    """The example firm's service model as the one in force."""
    text = (EXAMPLE / "policy.yaml").read_text("utf-8")
    version = PolicyVersion(text=text, hash="", label="example", valid_from="2026-01-02", published_at=NOW)
    version.hash = policy_of(version).hash
    version.save()
    return version

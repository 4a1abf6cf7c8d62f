"""An office with a data folder of its own, and files of the example firm to bring in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from zusage.web.book.actions import add_files, new_import, start_reading
from zusage.web.book.models import Book, Import
from zusage.web.office.jobs import run_job
from zusage.web.office.models import Job

ROOT = Path(__file__).parents[3]
EXPORTS = ROOT / "examples" / "broker" / "exports"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

CUSTOMERS = "Kundennummer;Name;Telefon\n0001;Muster, Alma;0341 111111\n0003;Probe, Caro;0341 333333\n"
YIELDS = "Kundennummer;Datum;Betrag\n0001;01.10.2026;900,00\n0003;02.10.2026;40,50\n"


@pytest.fixture
def desk(office: SimpleNamespace, settings: object, tmp_path: Path) -> SimpleNamespace:
    """The small office with an empty data folder and no book yet."""
    settings.DATA = tmp_path  # type: ignore[attr-defined] # of pytest-django
    Book.objects.update(published=False)
    return office


def upload(name: str, content: str | bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def exported(*names: str) -> list[SimpleUploadedFile]:
    """Files of the example firm; without names all of them."""
    paths = [EXPORTS / name for name in names] or sorted(EXPORTS.iterdir())
    return [upload(path.name, path.read_bytes()) for path in paths]


def run(job: Job) -> Job:
    """Do a job as the worker does it."""
    run_job.func(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def bring(desk: SimpleNamespace) -> Callable[..., Import]:
    """`bring(*uploads)`: an import with these files, read."""

    def make(*uploads: SimpleUploadedFile, to: Import | None = None) -> Import:
        found = to or new_import(by=desk.owner, now=NOW)
        add_files(to=found, uploads=uploads)
        run(start_reading(found=found, by=desk.owner, now=NOW))
        found.refresh_from_db()
        return found

    return make


def publish(found: Import) -> Import:
    """Make an import part of the book, as far as files are concerned."""
    assert found.state == "ready"
    found.state, found.published_at = "published", NOW
    found.save()
    return found

"""The small office with addresses, a sender, and letters planned, released and made as people do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.book.conftest import run
from zusage.web.book.models import Address, Book
from zusage.web.charter.letters.actions import plan_wave, release
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.models import Sheet
from zusage.web.customers.models import Customer
from zusage.web.office.models import Job, PolicyVersion

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 30)
ADDRESSES: dict[str, dict[str, str]] = {
    ALMA: {"salutation": "Frau", "first_name": "Alma", "last_name": "Muster", "street": "Musterweg 1"},
    BELA: {"salutation": "Herr", "first_name": "Béla", "last_name": "Beispiel", "street": "Musterweg 1"},
    CARO: {"salutation": "Frau", "first_name": "Caro", "last_name": "Probe", "street": "Probegasse 2"},
    EMIL: {"company": "Emil Muster & Söhne", "street": "Werkstraße 4"},
}
"""Nobody knows where Doro lives."""


@pytest.fixture
def letters(office: SimpleNamespace, settings: Any, tmp_path: Path) -> SimpleNamespace:
    """The small office with addresses of four of the five, and the firm as their sender."""
    settings.DATA = tmp_path
    book = Book.objects.get(published=True)
    for number, known in ADDRESSES.items():
        values = {"postcode": "04103", "city": "Leipzig", "country": "DE", **known}
        Address.objects.create(book=book, customer_id=number, **values)
    Sheet.objects.create(pk=1, name="Makler Muster GmbH", street="Am Markt 1", postcode="04109", city="Leipzig")
    office.book = book
    return office


@pytest.fixture
def planned(letters: SimpleNamespace) -> Callable[..., LetterWave]:
    """`planned("welcome")`: a wave, as an adviser plans it."""

    def make(kind: str = "welcome", **more: Any) -> LetterWave:
        values: dict[str, Any] = {
            "channel": "post", "language": "de", "per_week": 10, "first_on": MONDAY, "order": "postal",
            "by": letters.adviser, "now": NOW,
        }  # fmt: skip
        return plan_wave(kind=kind, **values | more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def released(letters: SimpleNamespace, planned: Callable[..., LetterWave]) -> Callable[..., LetterWave]:
    """`released("welcome")`: a wave whose hours suffice, with the letters of its first week made."""

    def make(kind: str = "welcome", **more: Any) -> LetterWave:
        hours_suffice(letters.version)
        wave = planned(kind, **more)
        let_go(wave, letters)
        return wave

    return make


def let_go(wave: LetterWave, office: SimpleNamespace, **more: Any) -> None:
    """Release a wave and make what is due, as the worker does it."""
    release(wave=wave, version=wave.version, **{"signed": "", "by": office.owner, "now": NOW} | more)
    for job in Job.objects.filter(kind="letters", state="queued"):
        assert run(job).state == "done", job.findings
    wave.refresh_from_db()


def hours_suffice(version: PolicyVersion) -> None:
    """The certificate of a service model says yes."""
    hours = {"owed_seconds": 3_600_000, "there_seconds": 4_000_000, "coverage_permille": 800}
    version.certificate = {"answer": "fits", "day": "2026-11-02", **hours}
    version.save()


def states(wave: LetterWave) -> dict[str, str]:
    """How each letter of a wave stands, by number; why, where there is a reason."""
    return {
        item.number: item.why["reason"]["code"] if item.why else item.state
        for item in WaveLetter.objects.filter(wave=wave)
    }


def forget(number: str) -> None:
    """The customer is no longer in the book."""
    Customer.objects.filter(number=number).delete()

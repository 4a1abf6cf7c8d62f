"""The worker runs in a zone that is nobody's: whatever a job asks the day for, it is the firm's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tests.people import ALMA, CARO
from tests.web.book.conftest import CUSTOMERS, YIELDS, run, upload
from zusage.web.book.actions import add_files, new_import, start_reading
from zusage.web.charter.letters.models import LetterWave, LetterWeek, WaveLetter
from zusage.web.customers.models import Customer, Membership, Override
from zusage.web.insight.models import CapacityStudy
from zusage.web.office.jobs import ROOMS, start_job
from zusage.web.review.models import Proposal
from zusage.web.services import queries
from zusage.web.services.actions import open_draft

LATE = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
TODAY = date(2026, 11, 26)
"""By the firm's clock it is half past midnight; by that of the process it is late on the day before."""
WITHOUT_A_DAY = {"backup"}
"""What is kept has its moment, not a day."""
Days = list[date]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Plans of runs that were reckoned here are not those of the next test, whose ids begin anew."""
    yield
    queries._PLANS.clear()
    queries._COSTINGS.clear()


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    """The days that were asked for, as they were answered."""
    asked: Days = []
    localdate = timezone.localdate

    def answered(*given: Any, **more: Any) -> date:
        found = localdate(*given, **more)
        asked.append(found)
        return found

    monkeypatch.setattr("django.utils.timezone.now", lambda: LATE)
    monkeypatch.setattr("django.utils.timezone.localdate", answered)
    return asked


def subject(kind: str, office: SimpleNamespace) -> dict[str, Any]:
    """What a job of a kind is about, with rows for it to work on."""
    by: dict[str, Any] = {"by": office.owner, "now": LATE}
    if kind in ("read", "publish", "undo"):
        part = new_import(**by)
        add_files(to=part, uploads=[upload("Kundenliste.csv", CUSTOMERS), upload("Courtage.csv", YIELDS)])
        if kind != "read":
            assert run(start_reading(found=part, **by)).state == "done"
        if kind == "undo":
            assert run(start_job("publish", now=LATE, by=office.owner, subject=part.pk)).state == "done"
        return {"subject": part.pk}
    if kind == "check":
        return {"subject": open_draft(text=office.version.text, base=office.version, **by).pk}
    if kind == "capacity":
        return {"subject": CapacityStudy.objects.create(by=office.owner, asked_at=LATE).pk}
    if kind == "confirm":
        Proposal.objects.create(
            run=office.run, unit_id=CARO, name="Caro", sort_key="caro", members=[CARO], to_key="A", change="first",
            because="criteria",
        )  # fmt: skip
        return {"asked": {"reason": "Erste Einstufung"}}
    if kind == "letters":
        return {"subject": week(office).pk}
    return {}


def week(office: SimpleNamespace) -> LetterWeek:
    wave = LetterWave.objects.create(
        kind="welcome", channel="post", language="de", per_week=5, first_on=TODAY, by=office.owner, at=LATE,
        policy=office.version, state="released", released_by=office.owner, released_at=LATE,
    )  # fmt: skip
    found = LetterWeek.objects.create(wave=wave, monday=TODAY)
    WaveLetter.objects.create(wave=wave, week=found, number=ALMA, unit_id=ALMA, name="Alma", numbers=[ALMA])
    return found


@pytest.mark.parametrize("kind", sorted(ROOMS))
def test_every_job_asks_for_the_day_of_the_firm(
    kind: str, office: SimpleNamespace, days: Days, settings: Any, tmp_path: Path
) -> None:
    settings.DATA, settings.SMTP_URL = tmp_path, "smtp://127.0.0.1:9"
    with timezone.override(UTC):
        asked = subject(kind, office)
        days.clear()
        run(start_job(kind, now=LATE, by=office.owner, **asked))
    assert days.pop(0) == LATE.date()  # by which service model the firm's zone is found
    assert set(days) == (set() if kind in WITHOUT_A_DAY else {TODAY})


def test_what_a_day_brings_comes_by_the_clock_of_the_firm(office: SimpleNamespace, days: Days) -> None:
    """What ends and begins at midnight has done so; what is kept to the end of yesterday's month goes today."""
    by: dict[str, Any] = {"by": office.owner, "created_at": LATE}
    Override.objects.create(number=CARO, class_key="A", reason="r", until=TODAY - timedelta(1), **by)
    Membership.objects.create(
        number=CARO, class_key="A", effective_on=TODAY, change="up", policy=office.version, because="criteria",
        decided_by=office.owner, decided_at=LATE,
    )  # fmt: skip
    with timezone.override(UTC):
        found = run(start_job("daily", now=LATE))
    assert (found.state, Override.objects.get().ended_at) == ("done", LATE)
    assert Customer.objects.get(run=office.run, number=CARO).class_key == "A"

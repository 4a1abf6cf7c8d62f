"""The clock of an office that strangers visit stands still, and nobody has been there before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

VISITED = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Visits are counted in stretches of time: on a slow machine the next one would begin amid a test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: VISITED)
    return VISITED


@pytest.fixture(autouse=True)
def _nobody_was_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker has counted of its visitors outlives the rows of a test."""
    monkeypatch.setattr("zusage.web.office.throttle._own", {})

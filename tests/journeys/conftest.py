"""Fixtures of the journeys: the small office, the application as a server, a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import chromium
from tests.web.conftest import as_role, first_rows, office

__all__ = ["as_role", "browser", "first_rows", "office"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file."""
    with chromium() as browser:
        yield browser

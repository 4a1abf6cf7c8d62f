"""A draft of the office's service model, and the tables of its book to try it on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.web.conftest import book_tables
from zusage.web.bridge.reckoning import keep_tables
from zusage.web.review.queries import folder_of
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Draft

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@cache
def book_folder() -> Path:
    """The tables of the book of the five as they are kept, written once; gone with the data of the tests."""
    folder = Path(os.environ["ZUSAGE_DATA"]) / "tables-of-the-five"
    keep_tables(book_tables(), folder)
    return folder


@pytest.fixture
def kept(office: SimpleNamespace) -> Iterator[None]:
    """The tables of the published run are kept, as the job that publishes leaves them."""
    folder = folder_of(office.run)
    shutil.rmtree(folder, ignore_errors=True)  # of another test: numbers of runs come again
    shutil.copytree(book_folder(), folder)
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def draft(office: SimpleNamespace, kept: None) -> Draft:
    """A draft that begins as the service model in force."""
    return open_draft(text=office.version.text, base=office.version, by=office.owner, now=NOW)

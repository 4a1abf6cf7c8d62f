"""The pictures of the README, taken anew from the example firm on a morning; `make pictures` keeps them.

Without a folder in ZUSAGE_SHOTS they go into a temporary one and are only looked at.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from struct import unpack
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import SHOTS, Visit, visiting
from tests.journeys.test_every_page import bring, busy, desk
from tests.web.review.conftest import do

from zusage.web.customers.models import Customer
from zusage.web.desk.models import Request
from zusage.web.office.models import User

__all__ = ["bring", "busy", "desk"]
MORNING = datetime(2026, 11, 25, 9, 20, tzinfo=UTC)
"""Twenty past ten where the example firm is: a Wednesday, the office open."""
SIZE = {"width": 1280, "height": 640}
ASKED = {"en": "Asks about the motor insurance.", "de": "Fragt nach der Kfz-Versicherung."}
ENDING = {"en": "", "de": ".de"}


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same morning at every run, for the office as for what is brought in."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: MORNING)


def pages() -> dict[str, str]:
    """What is shown: the day, a customer with what is promised and why, and proposals."""
    number = Customer.objects.filter(run__published=True, class_key="A").order_by("-yield_cents")[0].number
    return {"today": "/", "customer": f"/customers/{number}/", "review": "/review/?part=up"}


def take(visit: Visit, path: str, file: Path) -> None:
    """The upper part of a page, as it stands on a screen."""
    assert visit.open(path).status == 200
    visit.rest()
    visit.page.screenshot(path=file, clip={"x": 0, "y": 0, **SIZE})


def size(picture: bytes) -> tuple[int, int]:
    """Width and height, as the head of a PNG says."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = unpack(">II", picture[16:24])
    return width, height


def test_the_pictures_of_the_readme_show_the_office(
    browser: Browser, live_server: LiveServer, morning: None, busy: SimpleNamespace, tmp_path: Path
) -> None:
    do("daily")
    User.objects.filter(pk=busy.owner.pk).update(name="Dora Muster")
    folder = Path(os.environ.get(SHOTS) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    with visiting(browser, live_server.url) as visit:
        visit.sign_in(busy.owner)
        for language, asked in ASKED.items():
            User.objects.update(language=language)
            Request.objects.update(text=asked, phone="")
            for name, path in pages().items():
                file = folder / f"{name}{ENDING[language]}.png"
                take(visit, path, file)
                assert size(file.read_bytes()) == tuple(SIZE.values())
                assert file.stat().st_size > 20_000  # an empty page has hardly any bytes

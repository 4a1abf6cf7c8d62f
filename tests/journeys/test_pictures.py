"""The pictures of the README and the advisers' pages, from the example firm on a morning; `make pictures` keeps them.

Without a folder in ZUSAGE_SHOTS they go into a temporary one and are only looked at.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from struct import unpack
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import SHOTS, Visit, visiting
from tests.journeys.test_every_page import bring, busy, desk
from tests.web.review.conftest import do

from zusage.policy.edit import Put, change
from zusage.policy.read import read_policy_text
from zusage.web.charter.letters.models import LetterWave
from zusage.web.customers.models import Customer
from zusage.web.desk.models import Request
from zusage.web.office.models import PolicyVersion, User
from zusage.web.services.actions import open_draft

__all__ = ["bring", "busy", "desk"]
MORNING = datetime(2026, 11, 25, 9, 20, tzinfo=UTC)
"""Twenty past ten where the example firm is: a Wednesday, the office open."""
SIZE = {"width": 1280, "height": 640}
MARGIN = 16
ASKED = {"en": "Asks about the motor insurance.", "de": "Fragt nach der Kfz-Versicherung."}
ENDING = {"en": "", "de": ".de"}


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same morning at every run, for the office as for what is brought in."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: MORNING)


def pages(owner: User) -> dict[str, tuple[str, str]]:
    """What is shown: the day, a customer with promises and reasons, proposals, a draft, the charter; from where on."""
    number = Customer.objects.filter(run__published=True, class_key="A").order_by("-yield_cents")[0].number
    example = PolicyVersion.objects.get(label="example")
    draft = open_draft(text=example.text, base=example, by=owner, now=MORNING)
    text = change(example.text, [Put(("version",), "2027-1"), Put(("valid_from",), date(2027, 1, 2))])
    policy = read_policy_text(text).policy
    PolicyVersion.objects.create(
        text=text, hash=policy.hash, label=policy.version, valid_from=policy.valid_from, published_at=MORNING
    )
    released = LetterWave.objects.get(state="released")
    return {
        "today": ("/", "body"),
        "customer": (f"/customers/{number}/", "body"),
        "review": ("/review/?part=up", "body"),
        "question": (f"/services/{draft.pk}/questions/annual_check/", "body"),
        "classes": (f"/services/{draft.pk}/classes/", "main .card"),
        "letters": (f"/telling/letters/{released.pk}/", "main"),
        "matrix": (f"/services/{draft.pk}/matrix/", "table.matrix tbody + tbody"),  # the floor is the same for all
        "charter": ("/telling/?which=coming", ".sample section + section"),
    }


def take(visit: Visit, path: str, start: str, file: Path) -> None:
    """As much of a page as stands on a screen, from the first such element on."""
    assert visit.open(path).status == 200
    visit.rest()
    box = visit.page.locator(start).first.bounding_box()
    assert box is not None
    visit.page.screenshot(path=file, full_page=True, clip={"x": 0, "y": max(0, box["y"] - MARGIN), **SIZE})


def size(picture: bytes) -> tuple[int, int]:
    """Width and height, as the head of a PNG says."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = unpack(">II", picture[16:24])
    return width, height


def test_the_pictures_show_the_office(
    browser: Browser, live_server: LiveServer, morning: None, busy: SimpleNamespace, tmp_path: Path
) -> None:
    do("daily")
    User.objects.filter(pk=busy.owner.pk).update(name="Dora Muster")
    folder = Path(os.environ.get(SHOTS) or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    shown = pages(busy.owner)
    with visiting(browser, live_server.url) as visit:
        visit.sign_in(busy.owner)
        for language, asked in ASKED.items():
            User.objects.update(language=language)
            Request.objects.update(text=asked, phone="")
            for name, (path, start) in shown.items():
                file = folder / f"{name}{ENDING[language]}.png"
                take(visit, path, start, file)
                assert size(file.read_bytes()) == tuple(SIZE.values())
                assert file.stat().st_size > 20_000  # an empty page has hardly any bytes

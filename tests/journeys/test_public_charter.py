"""The public charter in a stranger's browser: no cookies, no scripts, both languages, on a phone and on paper."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import PHONE, Visit, axe, too_small, too_wide, visiting
from tests.web.book.conftest import desk
from tests.web.charter.sheet.conftest import LINES, NOW
from tests.web.review.conftest import example_policy

from zusage.web.charter.models import Sheet
from zusage.web.charter.sheet.actions import edit_sheet, make_public

__all__ = ["desk"]
A4_POINTS = (595, 842)
LABELS = """[...document.querySelectorAll('.timetable tbody tr:first-child td')]
  .filter(cell => parseFloat(getComputedStyle(cell).paddingLeft) > 100)
  .map(cell => getComputedStyle(cell, '::before').content.slice(1, -1))"""
"""Of the first service the names of the packages, where there is room for them beside what is promised."""


@pytest.fixture
def address(live_server: LiveServer, desk: SimpleNamespace) -> str:
    """Where the charter of the example firm stands."""
    example_policy(desk)
    written = edit_sheet(version=0, values=LINES | {"shown": ["yield"]}, by=desk.owner, now=NOW)
    return f"/c/{make_public(version=written.version, public=True, by=desk.owner, now=NOW).token}/"


def first_column(visit: Visit) -> list[str]:
    return visit.page.locator(".timetable thead th").all_inner_texts()


def test_a_stranger_reads_it_in_both_languages_without_leaving_a_trace(
    browser: Browser, live_server: LiveServer, address: str
) -> None:
    with visiting(browser, live_server.url) as visit:
        visit.open(f"{address}?language=de")
        assert first_column(visit) == ["Leistung", "Premium", "Komfort", "Klassik"]
        visit.shot("public-charter-de")
        with visit.leaving():
            visit.page.get_by_role("link", name="English").click()
        assert (visit.heading, visit.path) == ("What we promise you", f"{address}?language=en")
        assert first_column(visit) == ["Service", "Premium", "Comfort", "Classic"]
        assert visit.page.locator("script").count() == 0
        assert visit.context.cookies() == []
        assert visit.foreign() == visit.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_read_by_everyone_on_a_phone(
    browser: Browser, live_server: LiveServer, address: str, theme: str
) -> None:
    with visiting(browser, live_server.url, phone=True) as visit:
        visit.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of the two
        visit.open(f"{address}?language=de")
        visit.shot(f"public-charter-phone-{theme}")
        assert visit.page.viewport_size == PHONE
        assert visit.page.evaluate(LABELS) == ["Premium", "Komfort, Klassik"]
        assert too_wide(visit.page) == too_small(visit.page) == axe(visit.page) == []
        visit.open(f"/c/{'x' * 43}/?language=de")
        assert visit.heading == "Unter dieser Adresse steht nichts."
        assert too_wide(visit.page) == too_small(visit.page) == axe(visit.page) == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_prints_on_one_sheet(browser: Browser, live_server: LiveServer, address: str, language: str) -> None:
    with visiting(browser, live_server.url) as visit:
        visit.open(f"{address}?language={language}")
        pages = PdfReader(BytesIO(visit.page.pdf(prefer_css_page_size=True))).pages
    text = " ".join(pages[0].extract_text().split())
    size = tuple(round(float(side)) for side in pages[0].mediabox[2:])
    assert (len(pages), size) == (1, A4_POINTS)
    assert [name for name in ("English", "Deutsch", "PDF") if name in text] == []  # what leads elsewhere is left out
    assert (LINES["name"] in text, LINES["phone"] in text) == (True, True)


def test_a_new_address_ends_the_former_one_for_whoever_has_it(
    browser: Browser, live_server: LiveServer, desk: SimpleNamespace, address: str
) -> None:
    with visiting(browser, live_server.url) as office, visiting(browser, live_server.url) as stranger:
        assert stranger.open(address).status == 200
        office.sign_in(desk.owner)
        office.open("/telling/")
        with office.leaving():
            office.page.get_by_role("button", name="Neue Adresse").click()
        assert stranger.open(address).status == 404
        assert stranger.open(f"/c/{Sheet.objects.get().token}/").status == 200
        with office.leaving():
            office.page.get_by_role("button", name="Öffentliche Seite ausschalten").click()
        assert office.heading == "So lesen Kunden, was Sie zusagen; öffentlich ist es nicht."
        assert stranger.open(f"/c/{Sheet.objects.get().token}/").status == 404

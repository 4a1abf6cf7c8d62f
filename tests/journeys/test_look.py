"""The look of the office in a real browser: on paper, without scripts, with files dropped on a page."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, visiting

from zusage.ground.words import LANGUAGES
from zusage.web.office.models import User


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, office: SimpleNamespace) -> Iterator[Visit]:
    with visiting(browser, live_server.url) as visit:
        visit.sign_in(office.owner)
        yield visit


DROP = """name => {
  const files = new DataTransfer();
  files.items.add(new File(['a;b'], name, { type: 'text/csv' }));
  const event = kind => new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
  const label = document.querySelector('label.drop');
  const taken = !label.dispatchEvent(event('dragover'));
  const lit = label.classList.contains('over');
  label.dispatchEvent(event('drop'));
  return [taken, lit, label.classList.contains('over')];
}"""


def test_files_are_dropped_on_the_page(desk: Visit) -> None:
    desk.open("/imports/new/")
    assert desk.page.evaluate(DROP, "Kundenliste.csv") == [True, True, False]
    names = "[...document.querySelector('label.drop input').files].map(file => file.name)"
    assert desk.page.evaluate(names) == ["Kundenliste.csv"]


def test_a_file_dropped_beside_the_place_does_not_leave_the_page(desk: Visit) -> None:
    desk.open("/office/me/")
    beside = DROP.replace("document.querySelector('label.drop')", "document.querySelector('h1')")
    assert desk.page.evaluate(beside, "Kundenliste.csv") == [True, False, False]
    assert desk.path == "/office/me/"


def test_on_paper_there_is_no_bar_and_no_button(desk: Visit) -> None:
    desk.open("/customers/0001/")
    desk.page.emulate_media(media="print")
    seen = [item.is_visible() for item in desk.page.locator("header.top, .button, button").all()]
    assert set(seen) == {False}
    assert desk.page.locator("h1").is_visible()


BAR = """() => {
  const bar = document.querySelector('.row > nav');
  return [bar.clientWidth > 0, bar.scrollWidth > bar.clientWidth, document.documentElement.scrollWidth > innerWidth];
}"""
"""Whether the parts stand in the bar, whether it is cut off, whether the page has to be scrolled sideways."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_parts_stand_in_the_bar_or_behind_its_menu(desk: Visit, language: str) -> None:
    User.objects.update(language=language)
    for width, in_bar in ((1440, True), (1280, True), (1024, False), (390, False)):
        desk.page.set_viewport_size({"width": width, "height": 800})
        for part in ("today", "services", "review", "capacity", "telling"):
            desk.open(reverse(part))
            assert (width, part, desk.page.evaluate(BAR)) == (width, part, [in_bar, False, False])


def test_without_scripts_the_menu_of_a_phone_opens_and_leads_on(
    browser: Browser, live_server: LiveServer, office: SimpleNamespace
) -> None:
    with visiting(browser, live_server.url, phone=True, java_script_enabled=False) as visit:
        visit.sign_in(office.owner)
        visit.open("/office/me/")
        assert not visit.page.get_by_role("link", name="Kunden", exact=True).is_visible()
        visit.page.get_by_text("Menü").click()
        with visit.leaving():
            visit.page.get_by_role("link", name="Kunden", exact=True).click()
        assert visit.path == "/customers/"


def test_what_moves_stands_still_for_those_who_ask(
    browser: Browser, live_server: LiveServer, office: SimpleNamespace
) -> None:
    with visiting(browser, live_server.url, reduced_motion="reduce", forced_colors="active") as visit:
        visit.sign_in(office.owner)
        visit.open("/office/me/")
        durations = "[...document.querySelectorAll('*')].map(item => getComputedStyle(item).transitionDuration)"
        assert set(visit.page.evaluate(durations)) == {"0s"}
        border = "getComputedStyle(document.querySelector('.tool')).borderTopStyle"
        assert visit.page.evaluate(border) == "solid"

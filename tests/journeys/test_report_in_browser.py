"""The report in a real browser: opened from a file, offline, by keyboard, on a phone, in the dark and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.chromium import ARGUMENTS, find
from tests.report_firm import SCRIPT_NAME, firm

from zusage.report.html import write_html

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_html(firm(), path, "de")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.skip("There is no Chromium; `python -m tests.chromium` installs one or says how.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visit:
    """An opened page with everything it complained about and asked for."""

    def __init__(self, browser: Browser, address: str, size: dict[str, int], **options: object) -> None:
        self.context = browser.new_context(viewport=size, offline=True, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)


@pytest.fixture
def desk(browser: Browser, report: str) -> Iterator[Visit]:
    visit = Visit(browser, report, DESK)
    yield visit
    visit.context.close()


@pytest.fixture
def phone(browser: Browser, report: str) -> Iterator[Visit]:
    visit = Visit(browser, report, PHONE, has_touch=True, is_mobile=True)
    yield visit
    visit.context.close()


def shown(page: Page) -> list[str]:
    return [row.inner_text() for row in page.locator(".people details:visible .who").all()]


def test_the_page_opens_offline_without_a_complaint_or_a_request(desk: Visit, report: str) -> None:
    assert desk.complaints == []
    assert desk.requests == [report]
    assert desk.page.title() == "Test · Auswertung zum 31.10.2026"


def test_the_search_finds_names_and_numbers_as_one_types(desk: Visit) -> None:
    page = desk.page
    assert len(shown(page)) == 5
    page.keyboard.press("/")
    page.keyboard.type("béla MUSTER")
    assert shown(page) == ["Muster, Alma · Beispiel, Béla 0001 · 0002"]
    assert page.locator("#shown").inner_text() == "1 angezeigt"
    page.keyboard.press("Escape")
    assert len(shown(page)) == 5
    page.fill("#search", "0003")
    assert shown(page) == ["Probe, Caro 0003"]


def test_a_row_opens_by_keyboard_and_shows_its_calculation(desk: Visit) -> None:
    page = desk.page
    row = page.locator(".people details", has_text="Probe, Caro")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    assert row.locator("text=1:26:33").is_visible()
    assert row.locator("text=Kriterien für Premium").is_visible()


def test_a_name_in_a_list_leads_to_its_calculation_whatever_was_searched_for(desk: Visit) -> None:
    page = desk.page
    page.fill("#search", "nobody of this name")
    page.locator("#moving a", has_text="Emil Muster").click()
    row = page.locator(".people details", has_text="Emil Muster")
    assert row.locator("text=Kriterien für Premium").is_visible()


def test_the_first_tab_stop_skips_to_the_content(desk: Visit) -> None:
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.getAttribute('href')") == "#classes"
    assert desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_script_in_a_name_does_not_run(desk: Visit) -> None:
    assert desk.page.title() != "broken"
    assert desk.page.locator(".people .who", has_text=SCRIPT_NAME).count() == 1


def test_nothing_is_wider_than_a_phone_even_with_all_rows_open(phone: Visit) -> None:
    page = phone.page
    page.evaluate("document.querySelectorAll('details').forEach(row => row.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert phone.complaints == []


def test_what_is_touched_on_a_phone_is_large_enough(phone: Visit) -> None:
    heights = phone.page.evaluate(
        "[...document.querySelectorAll('nav a, summary, #search')].map(item => item.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_cells_of_a_phone_name_their_column(phone: Visit) -> None:
    cell = phone.page.locator("#classes td").first
    assert cell.evaluate("item => getComputedStyle(item, '::before').content") == '"Haushalte"'


def test_the_dark_page_is_dark(browser: Browser, report: str) -> None:
    visit = Visit(browser, report, DESK, color_scheme="dark")
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)"
    visit.context.close()


def test_without_script_all_rows_are_there_and_open(browser: Browser, report: str) -> None:
    visit = Visit(browser, report, DESK, java_script_enabled=False)
    assert len(shown(visit.page)) == 5
    assert not visit.page.locator("#search").is_visible()
    visit.page.locator(".people summary").first.click()
    assert visit.page.locator(".people .why").first.is_visible()
    visit.context.close()


def test_on_paper_there_is_no_navigation_and_the_months_are_printed(desk: Visit, tmp_path: Path) -> None:
    desk.page.emulate_media(media="print")
    assert not desk.page.locator("nav").is_visible()
    assert not desk.page.locator("#search").is_visible()
    assert desk.page.locator("text=Nov. 2026").is_visible()
    desk.page.pdf(path=tmp_path / "report.pdf", format="A4")
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") >= 3

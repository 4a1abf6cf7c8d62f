"""The charter as a file in a real browser: offline, on a phone, in the dark, on paper, and read aloud."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from tests.core.test_charter import ABC, TOLD, large
from tests.journeys.browser import DESK, PHONE, axe, too_wide

from zusage.ground.words import LANGUAGES, Language
from zusage.promises.charter import charter_of
from zusage.report.charter import charter_html

SIZES = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True}}
POLICIES = {
    "usual": ABC,
    "large": large(),
    "odd": replace(ABC, firm=replace(ABC.firm, name="<script>title</script>" * 5)),
}


@pytest.fixture
def pages(tmp_path: Path) -> dict[tuple[str, Language], str]:
    """Addresses of the files by policy and language."""
    found = {}
    for name, policy in POLICIES.items():
        for language in LANGUAGES:
            path = tmp_path / f"{name}-{language}.html"
            path.write_text(charter_html(charter_of(policy, TOLD), language), "utf-8")
            found[name, language] = path.as_uri()
    return found


def opened(browser: Browser, address: str, **options: object) -> tuple[Page, list[str]]:
    """The page, and what it complained about or asked for besides itself."""
    page = browser.new_context(offline=True, **options).new_page()  # type: ignore[arg-type]
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("request", lambda request: noise.append(request.url))
    page.goto(address)
    return page, noise


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_read_it_at_any_size_in_any_light(
    browser: Browser, pages: dict[tuple[str, Language], str], size: str, scheme: str
) -> None:
    for (name, language), address in pages.items():
        page, noise = opened(browser, address, color_scheme=scheme, **SIZES[size])
        assert (name, language, axe(page), too_wide(page), noise) == (name, language, [], [], [address])
        page.context.close()


def test_on_a_phone_each_promise_names_its_packages(browser: Browser, pages: dict[tuple[str, Language], str]) -> None:
    page, _ = opened(browser, pages["usual", "de"], **SIZES["phone"])
    cells = page.locator("tbody tr", has_text="Jahrescheck").locator("td")
    labels = [cell.evaluate("item => getComputedStyle(item, '::before').content") for cell in cells.all()]
    assert labels == ['"Premium"', '"Komfort"', '"Klassik"']
    page.context.close()


def test_the_usual_one_is_printed_on_one_page_and_a_large_one_repeats_its_head(
    browser: Browser, pages: dict[tuple[str, Language], str]
) -> None:
    printed = {}
    for name in ("usual", "large"):
        page, _ = opened(browser, pages[name, "de"], color_scheme="dark")
        printed[name] = [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(format="A4"))).pages]
        page.context.close()
    assert len(printed["usual"]) == 1
    tables = [text for text in printed["large"] if "Leistung 2" in text or "Leistung 28" in text]
    assert [["Premium" in text, "Komfort" in text] for text in tables] == [[True, True]] * len(tables)

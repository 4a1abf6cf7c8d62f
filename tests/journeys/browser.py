"""A browser at the office comes in; what it complained about and asked for goes out: nothing may leave the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright
from tests.chromium import ARGUMENTS, find

from zusage.web.office.models import User

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
HERE = ("localhost", "127.0.0.1")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHOTS = "ZUSAGE_SHOTS"
"""Environment: a folder for pictures of the pages; without it none are taken."""

WAIT_MS = 60_000
"""So long a page may take: a busy machine with two processors is no reason to fail."""
expect.set_options(timeout=WAIT_MS)

REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of (400|403|404|409|422|429) ")
"""The browser's own note on an answer that a test asked for; tests look at the answer itself."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine; the test is skipped where there is none."""
    path = find()
    if path is None:
        pytest.skip("There is no Chromium; `python -m tests.chromium` installs one or says how.")
    # Playwright runs an event loop in this thread; Django would take it for asynchronous code
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


class Visit:
    """Somebody at the office's pages, at a desk or with a phone."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.context = context
        self.complaints: list[str] = []
        self.requests: list[str] = []
        context.set_default_timeout(WAIT_MS)
        context.on("page", self._listen)
        self.page = context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{error} on {page.url}"))
        page.on("request", lambda request: self.requests.append(request.url))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not REFUSAL.match(message.text):
            page = message.page.url if message.page else "no page"
            self.complaints.append(f"{message.text} from {message.location['url']} on {page}")

    def sign_in(self, user: User) -> None:
        """Signed in without the form, for tests of other pages."""
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.base}])

    def open(self, path: str) -> Response:
        """The page at an address of the office."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        return answer

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """What is done in here leads to another page; it goes on when that one has come."""
        with self.page.expect_navigation():
            yield

    def rest(self) -> None:
        """Until what the page asks for by itself has come and stands in it."""
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)

    def unfold(self, cell: str) -> None:
        """Open a cell of the matrix; what is typed into its form at once is not lost, for the form is bound."""
        self.page.locator(f"{cell} button.cell").click()
        expect(self.page.locator(f"{cell} button.primary")).to_be_visible()
        self.rest()

    @property
    def heading(self) -> str:
        """The one heading of the page."""
        return self.page.locator("h1").inner_text()

    @property
    def path(self) -> str:
        """Where the browser is."""
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def shot(self, name: str) -> None:
        """A picture of the whole page, where somebody wants pictures."""
        if folder := os.environ.get(SHOTS):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def foreign(self) -> list[str]:
        """Requests that left the machine."""
        asked = [(url, urlsplit(url)) for url in self.requests]
        return [url for url, parts in asked if parts.scheme not in ("data", "blob") and parts.hostname not in HERE]


WIDE = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll('main *, header *')]
    .filter(item => item.getBoundingClientRect().right > innerWidth + 1)
    .map(item => `${item.tagName}.${item.className} ${item.textContent.trim().slice(0, 40)}`);
}"""
SMALL = """() => {
  const touched = 'button, summary, select, a.button, nav a, input:not([type="hidden"])';
  const small = 'input[type="checkbox"], input[type="radio"]';
  return [...document.querySelectorAll(touched)]
    .filter(item => item.getClientRects().length && getComputedStyle(item).clipPath === 'none')
    .map(item => [item, (item.matches(small) && item.labels[0] || item).getBoundingClientRect()])
    .filter(([item, box]) => box.height < 43.5 || box.width < 24)
    .map(([item, box]) => `${item.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`);
}"""


def too_wide(page: Page) -> list[str]:
    """What is wider than the window, so that a phone would have to scroll sideways."""
    return list(page.evaluate(WIDE))


def too_small(page: Page) -> list[str]:
    """What is touched and smaller than 44 pixels; links within a sentence are read, not aimed at."""
    return list(page.evaluate(SMALL))


def axe(page: Page) -> list[str]:
    """Violations of WCAG 2.2 AA, each with its rule and where it stands."""
    page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": RULES}}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{item['id']}: {node['html'][:120]} {node.get('failureSummary', '').splitlines()[1:2]}"
        for item in found["violations"]
        for node in item["nodes"]
    ]


@contextmanager
def visiting(browser: Browser, base: str, *, phone: bool = False, **options: object) -> Iterator[Visit]:
    """A visit in a browser of its own; at its end nothing was complained about and nothing asked for elsewhere."""
    size = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": DESK}
    context = browser.new_context(**{"locale": "de-DE", **size, **options})  # type: ignore[arg-type]
    try:
        visit = Visit(context, base)
        yield visit
        assert visit.complaints == []
        assert visit.foreign() == []
    finally:
        context.close()

"""Reductions in a browser: spread over weeks, talked over wave by wave, until the day from which they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.web.review.conftest import bring, desk, do, small

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, say
from zusage.web.book.models import Import
from zusage.web.customers.models import Membership
from zusage.web.office.models import User
from zusage.web.review.actions import confirm_first

__all__ = ["bring", "desk"]
MONDAY = date(2026, 11, 30)
WEEK = timedelta(days=7)
NOTICE, GRACE = 30, 14
"""Days: of the service model, and more for the first wave."""
WHY = "Besprochen am Telefon"
WAYS = [("de", False), ("en", True)]


@dataclass
class Clock:
    """The office's clock: at nine on the day that it was put to."""

    day: date = MONDAY

    def __call__(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("django.utils.timezone.now", found)
    return found


@pytest.fixture
def firm(live_server: LiveServer, clock: Clock, desk: SimpleNamespace, bring: Callable[..., Import]) -> SimpleNamespace:
    """An office in which everyone had the best class, and two are to have another one."""
    Membership.objects.all().delete()
    do("publish", bring(*small()).pk)
    confirm_first(by=desk.owner, reason="Wie vorgeschlagen", now=clock())
    Membership.objects.update(class_key="A")
    do("review")
    return desk


class Reader:
    """Somebody who reads the office's pages in a language, and looks at each of them."""

    def __init__(self, visit: Visit, language: Language, phone: bool) -> None:
        self.visit, self.language, self.phone = visit, language, phone

    def word(self, code: str, **values: object) -> str:
        return say(Reason(code, values), self.language)  # type: ignore[arg-type] # values as pages hand them on

    def open(self, path: str) -> str:
        """The heading of a page that can be read by everyone."""
        self.visit.open(path)
        return self.look()

    def look(self) -> str:
        page = self.visit.page
        assert (axe(page), too_wide(page), too_small(page) if self.phone else []) == ([], [], [])
        return self.visit.heading.replace("\xa0", " ")

    def press(self, code: str) -> None:
        with self.visit.leaving():
            self.visit.page.locator("main").get_by_role("button", name=self.word(code), exact=True).first.click()

    def follow(self, name: str) -> None:
        with self.visit.leaving():
            self.visit.page.locator("main").get_by_role("link", name=name).first.click()


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_reductions_are_talked_over_in_waves_until_they_hold(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, clock: Clock, language: Language, phone: bool
) -> None:
    User.objects.update(language=language)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(firm.owner)
        reader = Reader(visit, language, phone)
        plan(reader)
        more_days(reader)
        holds = MONDAY + timedelta(days=NOTICE + GRACE)
        confirm(reader, holds)
        clock.day += WEEK
        visit.sign_in(firm.owner)  # a sitting ends after some hours
        keep(reader)
        for day, now_in in ((holds - timedelta(days=1), "Premium A"), (holds, "Klassik C")):
            clock.day = day
            do("daily")
            visit.sign_in(firm.owner)
            assert reader.open("/customers/0003/") == f"Probe, Caro {now_in}"
        assert WHY in visit.page.locator("main").inner_text()


def plan(reader: Reader) -> None:
    """One customer a week from this Monday on; the page says when both are through."""
    page = reader.visit.page
    reader.open("/review/?part=down")
    reader.follow(reader.word("waves_to_plan"))
    assert reader.look() == reader.word("waves_none")
    page.get_by_label(reader.word("waves_per_week")).fill("1")
    page.get_by_label(reader.word("waves_first_on"), exact=True).fill(MONDAY.isoformat())
    reader.press("waves_save")
    through = MONDAY + WEEK + timedelta(days=4)
    assert reader.look() == reader.word("waves_through", number_count=1, through_on=through)


def more_days(reader: Reader) -> None:
    """Who is talked to in this week has more days than the notice."""
    page = reader.visit.page
    page.get_by_label(reader.word("waves_grace_of", wave_on=MONDAY)).fill(str(GRACE))
    with reader.visit.leaving():
        page.locator("tbody tr").first.get_by_role("button").click()
    assert reader.word("waves_grace_saved") in page.locator("body").inner_text()


def confirm(reader: Reader, holds: date) -> None:
    """Of this week there is one; its day follows from week, notice and grace, and until then nothing changes."""
    page = reader.visit.page
    reader.follow(reader.word("waves_from", wave_on=MONDAY))
    reader.look()
    assert page.locator("main table.list th[scope=row] > a").all_inner_texts() == ["Probe, Caro"]
    reader.follow("Probe, Caro")
    reader.look()
    assert page.locator("input[name=effective_on]").input_value() == holds.isoformat()
    page.locator("textarea[name=reason]").fill(WHY)
    reader.press("review_confirm_down")
    assert reader.open("/customers/0003/") == "Probe, Caro Premium A"
    ahead = reader.word("people_pending", name="Klassik", effective_on=holds)
    assert ahead in page.locator("main").inner_text().replace("\xa0", " ")


def keep(reader: Reader) -> None:
    """The week after the next one is talked to, and keeps the class: all are through."""
    page = reader.visit.page
    reader.open("/review/waves/")
    assert page.locator("tbody tr", has_text=reader.word("waves_now")).count() == 1
    reader.follow(reader.word("waves_from", wave_on=MONDAY + WEEK))
    reader.follow("Emil Muster")
    page.locator("textarea[name=reason]").fill("Empfiehlt uns im Verband")
    reader.press("review_keep")
    assert reader.open("/review/waves/") == reader.word("waves_done")

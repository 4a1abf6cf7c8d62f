"""The desk in a real browser: from the caller to the kept promise, by keyboard, on a phone, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.people import ALMA, CARO, EMIL
from tests.web.desk.test_requests import take

from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.models import OwnWork
from zusage.web.desk import actions
from zusage.web.desk.models import Request


@pytest.fixture
def busy(office: SimpleNamespace) -> SimpleNamespace:
    """An office with requests that are late, waiting, urgent, done, and touchpoints of this week."""
    now, today, owner = timezone.now(), timezone.localdate(), office.owner
    take(office, EMIL, now - timedelta(days=9), text="Angebot für die Halle", phone="+493412345678")
    office.request = take(office, ALMA, now, text="Rückfrage zur Rechnung", owner=owner)
    take(office, CARO, now, urgency="claim", text="Wasser im Keller")
    actions.pause(request=take(office, CARO, now), version=1, by=owner, now=now)
    finished = take(office, EMIL, now)
    actions.done(request=finished, version=1, minutes=8, activity="call", at=now, by=owner, now=now)
    for number, days in ((ALMA, 0), (EMIL, 20)):
        Touchpoint.objects.create(
            unit_id=number, name="Muster, Alma", service="annual_check", class_key="A", role="owner", seconds=7200,
            due_on=today + timedelta(days),
        )  # fmt: skip
    return office


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, busy: SimpleNamespace) -> Iterator[Visit]:
    with visiting(browser, live_server.url) as visit:
        visit.sign_in(busy.owner)
        yield visit


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, busy: SimpleNamespace) -> Iterator[Visit]:
    with visiting(browser, live_server.url, phone=True) as visit:
        visit.sign_in(busy.owner)
        yield visit


PAGES = {
    "today": "/",
    "caller": "/caller/?q=alma",
    "queue": "/requests/",
    "whom": "/requests/new/?q=muster",
    "take": f"/requests/new/?number={ALMA}",
    "need": f"/requests/need/{CARO}/",
    "request": "/requests/{request}/",
    "calendar": "/calendar/",
}


def test_a_request_is_taken_in_by_keyboard_and_done(desk: Visit) -> None:
    desk.open("/")
    desk.page.keyboard.press("n")
    desk.page.wait_for_url("**/requests/new/")
    desk.page.keyboard.type("grosse")
    link = desk.page.get_by_role("link", name="Größe-Exempel, Doro")
    link.wait_for()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**number=0004")
    desk.page.get_by_text("Rückruf: Sie hören von uns bis").wait_for()
    desk.page.keyboard.type("neue Adresse")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/requests/*/")
    taken = Request.objects.get(number="0004")
    assert desk.page.locator("blockquote").inner_text() == taken.answer["customer_text"]["de"]
    desk.page.get_by_label("Minuten").fill("17")
    desk.page.locator("details", has=desk.page.get_by_label("Minuten")).get_by_role("button").click()
    desk.page.get_by_text("eingehalten").first.wait_for()
    assert OwnWork.objects.get(request=taken.pk).seconds == 17 * 60


def test_whoever_is_quicker_than_the_answers_sees_the_last_one(desk: Visit) -> None:
    page, preview = desk.page, "**/requests/preview/*"
    desk.open(f"/requests/new/?number={ALMA}")
    expect(page.locator("#preview")).to_contain_text("Sie hören von uns")
    held: list[Route] = []
    page.route(preview, lambda route: route.continue_() if held else held.append(route))
    urgency = page.get_by_label("Dringlichkeit")
    with page.expect_request(preview):
        urgency.select_option("claim")
    urgency.select_option("deadline")
    urgency.select_option("emergency")
    with page.expect_request(preview) as last:
        held[0].continue_()
    answer = last.value.response()
    assert ("urgency=emergency" in (last.value.post_data or ""), answer and answer.status) == (True, 200)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_work_at_a_desk(desk: Visit, busy: SimpleNamespace, name: str) -> None:
    desk.open(PAGES[name].format(request=busy.request.pk))
    desk.rest()
    desk.shot(f"{name}-desk")
    assert (axe(desk.page), too_wide(desk.page)) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_work_on_a_phone_in_english(phone: Visit, busy: SimpleNamespace, name: str) -> None:
    busy.owner.language = "en"
    busy.owner.save()
    phone.open(PAGES[name].format(request=busy.request.pk))
    phone.rest()
    phone.shot(f"{name}-phone")
    assert (axe(phone.page), too_wide(phone.page), too_small(phone.page)) == ([], [], [])

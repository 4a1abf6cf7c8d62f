"""Times and hours in a browser: figures that follow what is typed, and the time sample from invitation to draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.web.book.conftest import bring, desk, exported
from tests.web.review.conftest import do, example_policy

from zusage.ground.reasons import Reason
from zusage.ground.words import say
from zusage.web.book.models import Import
from zusage.web.office.models import User
from zusage.web.office.queries import policy_of
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Ask, Draft, Taker, TimeSample
from zusage.web.services.queries import read_draft
from zusage.web.services.sample.actions import close_sample, join_sample, start_sample

__all__ = ["bring", "desk"]
WEEKLY = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
WAYS = [("en", False), ("de", True)]


@pytest.fixture
def firm(live_server: LiveServer, desk: SimpleNamespace, bring: Callable[..., Import]) -> SimpleNamespace:
    """The example firm with its book, its three people and a draft."""
    desk.version = example_policy(desk)
    do("publish", bring(*exported()).pk)
    for name, role in (("owner", "owner"), ("adviser", "adviser"), ("assistant", "inside")):
        User.objects.filter(pk=desk.users[name].pk).update(works_as=role)
        desk.users[name].refresh_from_db()
    desk.draft = open_draft(text=desk.version.text, base=desk.version, by=desk.owner, now=timezone.now())
    return desk


def word(code: str, language: str, **values: object) -> str:
    return say(Reason(code, values), language)  # type: ignore[arg-type]


def looks_right(visit: Visit, name: str, phone: bool) -> None:
    visit.shot(name)
    page = visit.page
    assert axe(page) == []
    assert too_wide(page) == []
    assert not phone or too_small(page) == []


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_a_figure_is_typed_and_all_that_follows_from_it_changes(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, language: str, phone: bool
) -> None:
    User.objects.update(language=language)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(firm.owner)
        visit.open(f"/services/{firm.draft.pk}/hours/")
        looks_right(visit, f"hours-{language}", phone)
        page = visit.page
        line, rate = page.locator("#hours-line").inner_text(), page.locator("#rate-owner").inner_text()
        page.locator("#resources-roles-owner-practical_share").fill("50")
        page.keyboard.press("Tab")
        expect(page.locator("#rate-owner")).not_to_have_text(rate)
        expect(page.locator("#hours-line")).not_to_have_text(line)
        assert page.evaluate("document.activeElement.id") == "resources-roles-owner-internal_hours"
        assert read_draft(Draft.objects.get()).policy.roles[0].practical_permille == 500
        page.locator("#resources-roles-owner-internal_hours").fill("viel")
        page.keyboard.press("Tab")
        expect(page.locator("#said-resources-roles-owner-internal_hours .error-text")).to_have_count(1)
        looks_right(visit, f"hours-refused-{language}", phone)
        page.locator("#resources-roles-owner-internal_hours").fill("2")
        page.keyboard.press("Tab")
        expect(page.locator("#said-resources-roles-owner-internal_hours .error-text")).to_have_count(0)
        with visit.leaving():
            page.locator("button[name=activity]").first.click()
        assert Draft.objects.get().version == 4
        with visit.leaving():
            page.locator("#draft-state form").first.locator("button").click()
        assert Draft.objects.get().version == 5


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_from_the_invitation_to_a_touch_that_is_taken_back(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, language: str, phone: bool
) -> None:
    User.objects.update(language=language)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(firm.owner)
        visit.open("/services/time-sample/")
        looks_right(visit, f"samples-{language}", phone)
        with visit.leaving():
            visit.page.get_by_role("button", name=word("hours_sample_start", language)).click()
        looks_right(visit, f"sample-begun-{language}", phone)
    with visiting(browser, live_server.url, phone=True) as visit:
        visit.sign_in(firm.assistant)
        visit.open("/")
        with visit.leaving():
            visit.page.get_by_role("link", name=word("hours_to_question", language)).click()
        looks_right(visit, f"sample-invited-{language}", phone=True)
        with visit.leaving():
            visit.page.get_by_role("button", name=word("hours_take_part", language)).click()
        assert visit.heading == word("hours_wait", language)
        looks_right(visit, f"sample-waiting-{language}", phone=True)
        ask, now = Ask.objects.all()[0], timezone.now()
        Ask.objects.filter(pk=ask.pk).update(at=now, until=now + timedelta(minutes=15))
        visit.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the phone wakes up
        expect(visit.page.locator("h1")).to_have_text(word("hours_ask", language))
        expect(visit.page).to_have_title(re.compile("^● "))
        looks_right(visit, f"sample-asked-{language}", phone=True)
        visit.page.locator("#kind-road").click()
        expect(visit.page.locator("#undo")).to_have_count(1)
        assert Ask.objects.get(pk=ask.pk).kind == "road"
        looks_right(visit, f"sample-noted-{language}", phone=True)
        visit.page.locator("#undo").click()
        expect(visit.page.locator("#kind-road")).to_have_count(1)
        assert Ask.objects.get(pk=ask.pk).kind == ""


def answered_sample(firm: SimpleNamespace) -> TimeSample:
    """Two weeks in October, of which the example's logs know every day; all three took part, and agreed."""
    begun, policy = datetime.fromisoformat("2026-10-02T08:00:00+00:00"), policy_of(firm.version)
    people = [firm.owner, firm.adviser, firm.assistant]
    first_on = begun.date() + timedelta(3)
    sample = start_sample(first_on=first_on, last_on=first_on + timedelta(11), per_day=8, people=people, policy=policy,
                          by=firm.owner, now=begun)  # fmt: skip
    kinds = ["phone", "desk", "internal", "desk", "meeting", "phone", "away", "road", "desk", ""]
    for taker in Taker.objects.filter(sample=sample):
        join_sample(taker=taker, weekly=WEEKLY, shown_alone=True, policy=policy, seed=taker.role, now=begun)
        for number, ask in enumerate(taker.asks.all()):
            kind = kinds[number % 10]
            Ask.objects.filter(pk=ask.pk).update(kind=kind, answered_at=ask.at if kind else None)
    close_sample(sample=sample, policy=policy, now=timezone.now())
    return sample


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["desk", "phone"])
def test_what_was_measured_goes_into_the_draft(
    browser: Browser, live_server: LiveServer, firm: SimpleNamespace, language: str, phone: bool
) -> None:
    User.objects.update(language=language)
    sample = answered_sample(firm)
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(firm.owner)
        visit.open(f"/services/time-sample/{sample.pk}/")
        looks_right(visit, f"sample-result-{language}", phone)
        with visit.leaving():
            visit.page.locator("button.primary").click()
        looks_right(visit, f"hours-taken-{language}", phone)
    policy = read_draft(Draft.objects.get()).policy
    assert {(role.practical_permille, role.internal_seconds) for role in policy.roles} == {(880, 0)}
    assert [item.key for item in policy.activities if not item.assumed] != []

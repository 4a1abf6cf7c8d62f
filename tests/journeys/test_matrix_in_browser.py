"""The matrix in a real browser: cells are opened, changed and closed by keyboard, and the figures follow."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.web.services.conftest import NOW, kept

from zusage.policy import template
from zusage.web.office.models import User
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Draft

__all__ = ["kept"]


@pytest.fixture
def broker(live_server: LiveServer, office: SimpleNamespace, kept: None) -> SimpleNamespace:
    """The small office with a draft that begins as a broker's template."""
    office.draft = open_draft(text=template("abc", "de"), base=None, by=office.owner, now=NOW)
    return office


def looks_well(visit: Visit, name: str, *, phone: bool) -> list[str]:
    """What is wrong with the page at first sight."""
    visit.shot(name)
    page = visit.page
    found = [item for item in axe(page) if "obscured" not in item]  # what floats covers what lies under it
    return [*found, *too_wide(page)[:3], *(too_small(page) if phone else [])]


@pytest.mark.parametrize(
    ("spoken", "phone"),
    [("de", False), ("en", False), ("de", True), ("en", True)],
    ids=["de", "en", "de-phone", "en-phone"],
)
def test_the_matrix_can_be_read_and_edited_by_everyone(
    browser: Browser, live_server: LiveServer, broker: SimpleNamespace, spoken: str, phone: bool
) -> None:
    User.objects.update(language=spoken)
    name = f"matrix-{spoken}-{'phone' if phone else 'desk'}"
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(broker.owner)
        visit.open(f"/services/{broker.draft.pk}/matrix/")
        assert looks_well(visit, name, phone=phone) == []
        visit.page.locator("#row-events summary").click()
        assert looks_well(visit, f"{name}-menu", phone=phone) == []
        visit.page.keyboard.press("Escape")
        visit.unfold("#callback--B")
        visit.page.locator("#callback--B select[name=mode]").select_option("windows")
        visit.rest()
        assert looks_well(visit, f"{name}-open", phone=phone) == []
        for page in ("service/?row=annual_check", "new/", "cell/?row=callback&class=A"):
            visit.open(f"/services/{broker.draft.pk}/matrix/{page}")
            assert looks_well(visit, f"{name}-{page.split('/')[0]}", phone=phone) == []


def test_a_cell_is_changed_by_keyboard_and_the_hours_follow(
    browser: Browser, live_server: LiveServer, broker: SimpleNamespace
) -> None:
    with visiting(browser, live_server.url) as visit:
        visit.sign_in(broker.owner)
        visit.open(f"/services/{broker.draft.pk}/matrix/")
        page = visit.page
        before = page.locator("#margin-annual_check").inner_text()
        page.locator("#annual_check--A button.cell").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#annual_check--A select[name=mode]")).to_be_focused()
        visit.rest()  # the browser moves the focus before the link that closes is bound
        page.keyboard.press("Escape")
        expect(page.locator("#annual_check--A button.cell")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#annual_check--A select[name=mode]")).to_be_focused()
        visit.rest()
        page.locator("#annual_check--A input[name=per_year]").fill("2")
        page.keyboard.press("Enter")
        expect(page.locator("#annual_check--A button.cell")).to_contain_text("2-mal im Jahr")
        visit.rest()
        assert page.locator("#margin-annual_check").inner_text() != before
        assert page.locator("[data-draft]").first.input_value() == "2"
        with visit.leaving():
            page.locator("#draft-state form button").first.click()
        assert page.locator("#margin-annual_check").inner_text() == before
        assert Draft.objects.get(pk=broker.draft.pk).hash == broker.draft.hash
        assert (visit.complaints, visit.foreign()) == ([], [])


def test_an_edit_that_the_office_does_not_answer_is_not_taken_for_saved(
    browser: Browser, live_server: LiveServer, broker: SimpleNamespace
) -> None:
    with visiting(browser, live_server.url) as visit:
        visit.sign_in(broker.owner)
        visit.open(f"/services/{broker.draft.pk}/classes/")
        page = visit.page
        cut, figure = page.locator("#class-A input[name=from]").first, page.locator("#class-A [id$=-figure]").first
        page.route("**/classes/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        cut.fill("900")
        page.keyboard.press("Tab")
        expect(page.locator("#unanswered")).to_be_visible()
        expect(page.locator("#unanswered")).to_contain_text("Nicht gespeichert")
        assert (cut.input_value(), Draft.objects.get(pk=broker.draft.pk).version) == ("900", 1)
        page.unroute("**/classes/")
        visit.complaints.clear()  # the browser's own notes on what was lost
        cut.fill("901")
        page.keyboard.press("Tab")
        expect(figure).to_contain_text("901")
        expect(page.locator("#unanswered")).to_be_hidden()


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_package_is_given_a_price_by_hand(
    browser: Browser, live_server: LiveServer, broker: SimpleNamespace, phone: bool
) -> None:
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(broker.owner)
        visit.open(f"/services/{broker.draft.pk}/classes/")
        card = visit.page.locator("#class-B")
        card.locator("summary", has_text="Namen, Stufe, Plätze und Preis").click()
        card.get_by_label("Preis ohne Umsatzsteuer in Euro").fill("120")
        card.get_by_label("Für welche Zeit").select_option("month")
        assert looks_well(visit, f"classes-price-{'phone' if phone else 'desk'}", phone=phone) == []
        card.get_by_role("button", name="Speichern").click()
        expect(visit.page.locator("#class-B")).to_contain_text("Auch zu kaufen: 142,80 € im Monat")
        visit.open(f"/services/{broker.draft.pk}/matrix/")
        expect(visit.page.locator("#matrix-packages")).to_contain_text("Auch zu kaufen: 142,80 € im Monat")

"""A customer's own page in a browser: opened by its link on a phone, a package chosen, accepted in the office, held."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.people import CARO
from tests.web.charter.test_own_page import WITH_NEWSLETTER

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, say
from zusage.policy.read import read_policy_text
from zusage.web.charter.actions import links_for
from zusage.web.charter.models import Sheet
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.queries import may_write
from zusage.web.customers.models import Membership, Told
from zusage.web.office.models import PolicyVersion, User

WAYS = [("de", True), ("en", False)]


@pytest.fixture
def shop(live_server: LiveServer, office: SimpleNamespace) -> SimpleNamespace:
    """The small office with a sheet, a package to buy and a newsletter; everybody was told."""
    policy = read_policy_text(WITH_NEWSLETTER).policy
    PolicyVersion.objects.filter(pk=office.version.pk).update(text=WITH_NEWSLETTER, hash=policy.hash)
    Sheet.objects.create(
        pk=1, name="Muster & Partner", street="Beispielweg 1", postcode="04109", city="Leipzig", phone="0341 123456",
        mail="buero@example.org", opening_de="Mo. bis Fr. 9 bis 16 Uhr", opening_en="Mon to Fri 9 to 16",
        shown=["yield"],
    )  # fmt: skip
    day = timezone.localdate() - timedelta(40)
    Told.objects.create(
        number=CARO, policy=office.version, class_key="C", told_on=day, said_on=day, how="letter",
        created_at=timezone.now(),
    )  # fmt: skip
    return office


def wrong(visit: Visit, *, phone: bool) -> list[str]:
    found = [*too_wide(visit.page), *axe(visit.page)]
    return found + (too_small(visit.page) if phone else [])


@pytest.mark.parametrize(("language", "phone"), WAYS, ids=["phone", "desk"])
def test_a_package_is_chosen_on_the_page_and_holds_once_a_person_accepted_it(
    browser: Browser, live_server: LiveServer, shop: SimpleNamespace, language: Language, phone: bool
) -> None:
    def words(code: str, **values: Value) -> str:
        return say(Reason(code, values), language)

    User.objects.update(language=language)
    url = links_for([CARO], by=shop.owner, now=timezone.now(), expires_on=timezone.localdate() + timedelta(5))[CARO]
    home = f"{urlsplit(url).path}?language={language}"
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.open(home)
        visit.shot(f"own-{language}")
        assert wrong(visit, phone=phone) == []
        with visit.leaving():
            visit.page.get_by_role("link", name=words("link_choose", name="Premium"), exact=True).click()
        visit.shot(f"own-order-{language}")
        assert wrong(visit, phone=phone) == []
        with visit.leaving():
            visit.page.get_by_role("button", name=words("link_order_button")).click()
        assert visit.page.locator("#done").inner_text() == words("link_did_asked_price")
        with visit.leaving():
            visit.page.get_by_role("button", name=words("link_allow", name=words("link_channel_phone"))).click()
        with visit.leaving():
            visit.page.get_by_role("button", name=words("link_without", name="Rundbrief")).click()
        visit.page.get_by_text(words("link_why_open"), exact=True).click()
        visit.page.get_by_label(words("link_field_why")).fill("Warum Klassik?")
        with visit.leaving():
            visit.page.get_by_role("button", name=words("link_why_button")).click()
        visit.shot(f"own-asked-{language}")
        assert wrong(visit, phone=phone) == []
        assert visit.context.cookies() == []
        accept(browser, live_server, shop, language, phone)
        visit.open(home)
        visit.shot(f"own-accepted-{language}")
        assert re.search(r"Premium", visit.page.locator(".lead").inner_text())
        assert wrong(visit, phone=phone) == []
        assert (visit.complaints, visit.foreign()) == ([], [])
    held = Membership.objects.filter(number=CARO).order_by("pk").last()
    assert held is not None
    assert (held.class_key, held.because) == ("A", "chosen")
    assert may_write(CARO, "phone", "advertising", timezone.localdate()).allowed


def accept(browser: Browser, live_server: LiveServer, shop: SimpleNamespace, language: Language, phone: bool) -> None:
    """The owner accepts the package and answers the question."""
    with visiting(browser, live_server.url, phone=phone) as visit:
        visit.sign_in(shop.owner)
        visit.open("/telling/pages/")
        visit.shot(f"wishes-{language}")
        assert wrong(visit, phone=phone) == []
        for kind in ("package", "why"):
            visit.open(f"/telling/pages/{Wish.objects.get(kind=kind).pk}/")
            visit.shot(f"wish-{kind}-{language}")
            assert wrong(visit, phone=phone) == []
            if kind == "package":
                visit.page.get_by_label(say(Reason("link_field_contract", {}), language)).fill("Vertrag, Ordner 7")
            with visit.leaving():
                button = say(Reason(f"link_accept_button_{kind}", {}), language)
                visit.page.get_by_role("button", name=button, exact=True).click()
            assert visit.path == "/telling/pages/"
        visit.open(f"/customers/{CARO}/page/")
        visit.shot(f"links-{language}")
        assert wrong(visit, phone=phone) == []
        visit.open(f"/customers/{CARO}/page/preview/")
        visit.open("/telling/pages/replies/")
        visit.shot(f"replies-{language}")
        visit.open("/customers/never-asked/")
        visit.shot(f"never-asked-{language}")
        assert (visit.complaints, visit.foreign()) == ([], [])

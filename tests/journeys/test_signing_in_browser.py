"""Signing in with a real browser: by password, by code, by a passkey; on a phone, in the dark, by keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.web.conftest import PASSWORD

from zusage.web.office.models import User

SECRET = "JBSWY3DPEHPK3PXP"  # noqa: S105 - of the tests


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer, office: SimpleNamespace) -> Iterator[Visit]:
    with visiting(browser, live_server.url) as visit:
        yield visit


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, office: SimpleNamespace) -> Iterator[Visit]:
    with visiting(browser, live_server.url, phone=True) as visit:
        yield visit


def type_password(visit: Visit, password: str = PASSWORD, mail: str = "owner@example.org") -> None:
    visit.page.get_by_label("E-Mail-Adresse").fill(mail)
    visit.page.get_by_label("Passwort", exact=True).fill(password)
    with visit.leaving():
        visit.page.get_by_role("button", name="Anmelden", exact=True).click()


def confirm_password(visit: Visit) -> None:
    visit.page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    with visit.leaving():
        visit.page.get_by_role("button", name="Bestätigen").click()


def add_authenticator(visit: Visit) -> None:
    """A passkey device as a laptop has one: it keeps the key and knows its owner."""
    session = visit.context.new_cdp_session(visit.page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def test_a_password_opens_the_office(desk: Visit) -> None:
    desk.open("/office/me/")
    assert desk.page.evaluate("document.activeElement.name") == "login"
    desk.shot("login")
    type_password(desk)
    assert desk.path == "/office/me/"


def test_a_wrong_password_is_told_and_what_was_typed_is_kept(desk: Visit) -> None:
    desk.open("/")
    type_password(desk, "falsch")
    assert desk.page.get_by_role("alert").inner_text() == (
        "E-Mail-Adresse oder Passwort stimmen nicht. Bitte prüfen Sie beides."
    )
    assert desk.page.get_by_label("E-Mail-Adresse").input_value() == "owner@example.org"
    assert axe(desk.page) == []


def test_the_app_is_asked_for_its_code(desk: Visit, office: SimpleNamespace) -> None:
    TOTP.activate(office.owner, SECRET)
    desk.open("/")
    type_password(desk)
    assert desk.heading == "Anmelden: zweiter Faktor"
    assert axe(desk.page) == []
    desk.shot("second-factor")
    desk.page.get_by_label("Code").fill(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
    with desk.leaving():
        desk.page.get_by_role("button", name="Anmelden").click()
    assert desk.path == "/"


def test_an_app_is_set_up_by_its_picture(desk: Visit, office: SimpleNamespace) -> None:
    desk.sign_in(office.owner)
    desk.open("/account/2fa/")
    desk.shot("factors")
    with desk.leaving():
        desk.page.get_by_role("link", name="App einrichten").click()
    confirm_password(desk)
    picture = desk.page.get_by_role("img", name="QR-Code")
    assert picture.evaluate("image => image.naturalWidth > 0")
    assert axe(desk.page) == []
    desk.shot("app")
    secret = desk.page.locator("code.secret").inner_text()
    desk.page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    with desk.leaving():
        desk.page.get_by_role("button", name="Bestätigen").click()
    assert desk.heading == "Wiederherstellungscodes"
    assert desk.page.locator("ol.codes li").count() == 10
    desk.shot("codes")


def test_a_passkey_is_added_and_opens_the_office_without_a_password(desk: Visit, office: SimpleNamespace) -> None:
    add_authenticator(desk)
    desk.sign_in(office.owner)
    desk.open("/account/2fa/")
    with desk.leaving():
        desk.page.get_by_role("link", name="Passkey hinzufügen").click()
    confirm_password(desk)
    desk.page.get_by_label("Name", exact=True).fill("Laptop im Büro")
    assert axe(desk.page) == []
    desk.shot("passkey-add")
    desk.page.get_by_role("button", name="Passkey hinzufügen").click()
    desk.page.wait_for_url("**/account/2fa/recovery-codes/")
    desk.open("/account/2fa/webauthn/")
    assert desk.page.locator("tbody th").all_inner_texts() == ["Laptop im Büro"]
    assert axe(desk.page) == []
    desk.shot("passkeys")

    desk.context.clear_cookies()
    desk.open("/office/me/")
    desk.page.get_by_role("button", name="Mit Passkey anmelden").click()
    desk.page.wait_for_url(desk.base + "/office/me/")
    desk.open("/account/2fa/webauthn/")
    with desk.leaving():
        desk.page.get_by_role("link", name="Entfernen").click()
    if desk.heading == "Bitte bestätigen Sie, dass Sie es sind.":
        confirm_password(desk)
    assert desk.heading == "Passkey „Laptop im Büro“ entfernen?"
    with desk.leaving():
        desk.page.get_by_role("button", name="Entfernen").click()
    assert desk.page.locator("tbody th").count() == 0


def test_without_a_passkey_the_page_says_so_in_words(desk: Visit) -> None:
    session = desk.context.new_cdp_session(desk.page)
    session.send("WebAuthn.enable")
    desk.open("/account/login/")
    failed = desk.page.locator("[data-passkey-failed]")
    assert not failed.is_visible()
    refuse = "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    desk.page.evaluate(refuse)
    desk.page.get_by_role("button", name="Mit Passkey anmelden").click()
    failed.wait_for()
    assert failed.inner_text().startswith("Der Passkey wurde nicht verwendet:")


def test_signing_in_fits_a_phone(phone: Visit) -> None:
    phone.open("/account/login/")
    assert too_wide(phone.page) == []
    assert too_small(phone.page) == []
    assert axe(phone.page) == []
    phone.shot("login-phone")
    type_password(phone)
    assert phone.path == "/"
    phone.page.get_by_text("Menü").click()
    assert too_small(phone.page) == []
    assert too_wide(phone.page) == []
    phone.shot("menu-phone")
    with phone.leaving():
        phone.page.get_by_role("button", name="Abmelden").click()
    assert phone.page.get_by_role("status").inner_text() == "Sie sind abgemeldet."


def test_language_and_theme_are_switched_in_the_bar_and_kept(desk: Visit, office: SimpleNamespace) -> None:
    desk.sign_in(office.assistant)
    desk.open("/office/me/")
    with desk.leaving():
        desk.page.get_by_role("button", name="English").click()
    assert desk.page.locator("html").get_attribute("lang") == "en"
    paper = "getComputedStyle(document.body).backgroundColor"
    assert desk.page.evaluate(paper) == "rgb(251, 250, 247)"
    with desk.leaving():
        desk.page.get_by_role("button", name="Light theme").click()
    with desk.leaving():
        desk.page.get_by_role("button", name="Dark theme").click()
    assert desk.page.evaluate(paper) == "rgb(20, 24, 28)"
    assert axe(desk.page) == []
    assert desk.path == "/office/me/"
    kept = User.objects.get(pk=office.assistant.pk)
    assert (kept.language, kept.theme) == ("en", "dark")
    desk.page.emulate_media(media="print")
    assert desk.page.evaluate(paper) == "rgb(255, 255, 255)"


def test_keys_are_listed_and_menus_close(desk: Visit, office: SimpleNamespace) -> None:
    desk.sign_in(office.owner)
    desk.open("/calendar/")
    desk.page.keyboard.press("?")
    assert desk.page.get_by_role("dialog", name="Tasten").is_visible()
    assert axe(desk.page) == []
    desk.page.keyboard.press("Escape")
    assert not desk.page.get_by_role("dialog").is_visible()
    desk.page.get_by_text("Konto", exact=True).click()
    change = desk.page.get_by_role("group").get_by_role("link", name="Passwort ändern")
    assert change.is_visible()
    desk.page.keyboard.press("Escape")
    assert not change.is_visible()
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("/")
    assert desk.page.evaluate("document.activeElement.name") == "q"


def test_the_first_tab_stop_skips_to_the_content(desk: Visit, office: SimpleNamespace) -> None:
    desk.sign_in(office.owner)
    desk.open("/office/me/")
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    assert desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

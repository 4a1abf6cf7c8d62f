"""Signing in and out: by password, by code, throttled; how it speaks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from tests.web.conftest import PASSWORD

LOGIN = "/account/login/"
WAITING = (
    "Zu viele falsche Versuche mit dieser Adresse. Bitte warten Sie fünf Minuten und versuchen Sie es dann noch einmal."
)


def sign_in(client: Client, password: str = PASSWORD, mail: str = "owner@example.org", **more: str) -> HttpResponse:
    return client.post(LOGIN, {"login": mail, "password": password, **more})  # type: ignore[return-value]


def told(response: HttpResponse, tag: str = "li") -> list[str]:
    """The texts of a kind of element in a page."""
    found = re.findall(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", text).strip() for text in found]


def wrong(response: HttpResponse) -> list[str]:
    """What the errors of a page say."""
    lists = re.findall(r'<ul class="error[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [text for item in lists for text in re.findall(r"<li>(.*?)</li>", item)]


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def german(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    return client


def test_a_page_asks_who_it_is_and_leads_back_to_where_one_wanted_to_go(
    german: Client, office: SimpleNamespace
) -> None:
    asked = german.get("/office/me/")
    assert asked.headers["Location"] == "/account/login/?next=/office/me/"
    form = german.get(asked.headers["Location"])
    assert told(form, "h1") == ["Anmelden"]
    assert told(form, "label") == ["E-Mail-Adresse", "Passwort"]
    assert sign_in(german, next="/office/me/").headers["Location"] == "/office/me/"
    assert german.get("/office/me/").status_code == 200


def test_the_address_may_be_written_in_capitals(german: Client, office: SimpleNamespace) -> None:
    assert sign_in(german, mail=" Owner@Example.org").headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_are_told_in_the_same_words(
    german: Client, office: SimpleNamespace
) -> None:
    text = ["E-Mail-Adresse oder Passwort stimmen nicht. Bitte prüfen Sie beides."]
    first = sign_in(german, "falsch")
    assert wrong(first) == text
    assert wrong(sign_in(german, mail="nobody@example.org")) == text
    assert 'value="owner@example.org"' in first.content.decode()
    assert "falsch" not in first.content.decode()


def test_the_sixth_wrong_password_in_five_minutes_is_refused_even_if_the_seventh_is_right(
    german: Client, office: SimpleNamespace
) -> None:
    for _ in range(5):
        assert wrong(sign_in(german, "falsch")) == [
            "E-Mail-Adresse oder Passwort stimmen nicht. Bitte prüfen Sie beides."
        ]
    assert wrong(sign_in(german, "falsch")) == [WAITING]
    assert wrong(sign_in(german)) == [WAITING]
    assert sign_in(german, mail="adviser@example.org").headers["Location"] == "/"


def test_thirty_attempts_in_a_minute_from_one_machine_are_enough(
    german: Client, office: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the minute does not end amid the test, however slow the machine
    monkeypatch.setattr("time.time", partial(float, time.time()))
    answers = [sign_in(german, mail=f"nobody{number}@example.org") for number in range(31)]
    assert wrong(answers[10]) == [WAITING]
    assert answers[29].status_code == 200
    assert answers[30].status_code == 429
    assert told(answers[30], "h1") == ["Zu viele Versuche."]


def test_who_may_no_longer_sign_in_is_told_nothing_else_than_a_stranger(
    german: Client, office: SimpleNamespace
) -> None:
    office.owner.is_active = False
    office.owner.save()
    assert sign_in(german).headers["Location"] == "/account/inactive/"
    assert told(german.get("/account/inactive/"), "h1") == ["Dieses Konto ist stillgelegt."]
    assert german.get("/").headers["Location"] == "/account/login/?next=/"


def test_nobody_signs_up_and_no_password_is_sent(client: Client, office: SimpleNamespace) -> None:
    assert client.get("/account/signup/").status_code == 404
    assert client.get("/account/password/reset/").status_code == 404


def test_signing_out_asks_first_and_says_so(as_role: Callable[[str], Client]) -> None:
    client = as_role("auditor")
    assert told(client.get("/account/logout/"), "h1") == ["Möchten Sie sich abmelden?"]
    out = client.post("/account/logout/", follow=True)
    assert out.redirect_chain == [("/", 302), ("/account/login/?next=/", 302)]
    assert told(out, "li") == ["Sie sind abgemeldet."]


def test_a_password_is_changed_by_who_knows_the_present_one(as_role: Callable[[str], Client]) -> None:
    client = as_role("assistant")

    def change(now: str, new: str, again: str) -> HttpResponse:
        words = {"oldpassword": now, "password1": new, "password2": again}
        return client.post("/account/password/", words)  # type: ignore[return-value]

    assert wrong(change("falsch", "vier-neue-lange-woerter", "vier-neue-lange-woerter")) == [
        "Das bisherige Passwort stimmt nicht."
    ]
    assert wrong(change(PASSWORD, "vier-neue-lange-woerter", "vier-alte-lange-woerter")) == [
        "Die beiden neuen Passwörter sind nicht gleich."
    ]
    assert len(wrong(change(PASSWORD, "kurz", "kurz"))) == 1
    assert change(PASSWORD, "vier-neue-lange-woerter", "vier-neue-lange-woerter").status_code == 302
    assert client.get("/").headers["Location"] == "/account/login/?next=/"
    assert sign_in(client, "vier-neue-lange-woerter", "assistant@example.org").headers["Location"] == "/"


def test_an_app_is_set_up_with_a_picture_and_asked_for_a_code_from_then_on(
    german: Client, office: SimpleNamespace
) -> None:
    sign_in(german)
    asked = german.get("/account/2fa/totp/activate/")
    page = german.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)
    secret = told(page, "code")[0]
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    refused = german.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert wrong(refused) == ["Der Code stimmt nicht oder ist abgelaufen. Nehmen Sie den, den die App gerade zeigt."]
    done = german.post("/account/2fa/totp/activate/", {"code": code_now(secret)}, follow=True)
    assert done.redirect_chain == [("/account/2fa/recovery-codes/", 302)]
    assert told(done, "h1") == ["Wiederherstellungscodes"]
    assert len(told(done, "code")) == 10

    german.post("/account/logout/")
    assert sign_in(german).headers["Location"] == "/account/2fa/authenticate/"
    assert german.get("/").headers["Location"] == "/account/login/?next=/"
    assert told(german.get("/account/2fa/authenticate/"), "h1") == ["Anmelden: zweiter Faktor"]
    spare = told(done, "code")[0]
    assert german.post("/account/2fa/authenticate/", {"code": spare}).headers["Location"] == "/"
    german.post("/account/logout/")
    sign_in(german)
    assert wrong(german.post("/account/2fa/authenticate/", {"code": spare})) == [
        "Der Code stimmt nicht oder ist abgelaufen. Nehmen Sie den, den die App gerade zeigt."
    ]


def test_codes_of_the_app_open_the_door(german: Client, office: SimpleNamespace) -> None:
    TOTP.activate(office.owner, "JBSWY3DPEHPK3PXP")
    sign_in(german)
    code = code_now("JBSWY3DPEHPK3PXP")
    assert german.post("/account/2fa/authenticate/", {"code": code}).headers["Location"] == "/"


def test_second_factors_are_listed_and_removed_after_asking_again(german: Client, office: SimpleNamespace) -> None:
    TOTP.activate(office.owner, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(office.owner)
    sign_in(german)
    german.post("/account/2fa/authenticate/", {"code": code_now("JBSWY3DPEHPK3PXP")})
    page = german.get("/account/2fa/")
    assert told(page, "h2") == [
        "Passkeys und Sicherheitsschlüssel",
        "Authenticator-App",
        "Wiederherstellungscodes",
        "Tasten",
    ]
    assert "Noch 10 von 10 Codes sind gültig." in page.content.decode()
    asked = german.get("/account/2fa/totp/deactivate/")
    assert asked.headers["Location"] == "/account/reauthenticate/?next=%2Faccount%2F2fa%2Ftotp%2Fdeactivate%2F"
    assert told(german.get(asked.headers["Location"]), "h1") == ["Bitte bestätigen Sie, dass Sie es sind."]
    assert wrong(german.post(asked.headers["Location"], {"password": "falsch"})) == ["Das Passwort stimmt nicht."]
    german.post(asked.headers["Location"], {"password": PASSWORD})
    assert told(german.get("/account/2fa/totp/deactivate/"), "h1") == ["App entfernen"]
    done = german.post("/account/2fa/totp/deactivate/", follow=True)
    assert "Die Authenticator-App ist entfernt." in told(done, "li")
    assert list(Authenticator.objects.filter(user=office.owner)) == []


@pytest.mark.parametrize(("language", "heading"), [("de", "Anmelden"), ("en", "Sign in")])
def test_before_sign_in_the_browser_chooses_the_language_and_the_switch_overrules_it(
    client: Client, office: SimpleNamespace, language: str, heading: str
) -> None:
    other = {"de": "en", "en": "de"}[language]
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = other
    assert told(client.get(LOGIN), "h1") != [heading]
    back = client.post("/office/switch/", {"language": language, "next": "/account/login/?next=/"})
    assert back.headers["Location"] == "/account/login/?next=/"
    assert told(client.get(LOGIN), "h1") == [heading]


def test_a_user_keeps_language_and_theme_and_an_auditor_may_choose_them(as_role: Callable[[str], Client]) -> None:
    client = as_role("auditor")
    client.post("/office/switch/", {"language": "en"})
    client.post("/office/switch/", {"theme": "dark"})
    client.post("/office/switch/", {"language": "fr", "theme": "pink"})
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()


def test_the_switch_leads_nowhere_else(as_role: Callable[[str], Client]) -> None:
    away = as_role("owner").post("/office/switch/", {"language": "en", "next": "https://example.org/"})
    assert away.headers["Location"] == "/"

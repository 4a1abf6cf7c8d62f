"""The manners of every page: nothing inline, every text from the word lists, one heading, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from tests.people import ALMA
from tests.web.test_access import ROUTES, TABLE
from zusage.ground.words import LANGUAGES
from zusage.web.customers.models import Note
from zusage.web.office.models import User

FOLDER = Path(__file__).parents[2] / "src" / "zusage" / "web" / "templates"
PAGES = sorted(path for path in FOLDER.rglob("*.*"))

CODE = re.compile(r"{% block main %}.*?{% endblock %}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
DATA = re.compile(r'<script [^>]*type="application/json">.*?</script>|<kbd>.*?</kbd>|&\w+;', re.DOTALL)
"""No text to be read: data of a script, keys of a keyboard, characters with a name."""
TAG = re.compile(r"<[^>]*>")
SPOKEN = re.compile(r'\b(?:title|alt|placeholder|aria-label|data-label|hx-confirm)="([^"]*)"')
LETTERS = re.compile(r"[^\W\d_]{2,}")
NAMES = {"EN", "DE", "English", "Deutsch"}
"""Languages are called by their own name, whatever language the reader reads."""


def bare(text: str) -> list[str]:
    """Words that stand in a template instead of a word list.

    >>> bare('<p title="Oh">Hello {% w "page_menu" %} <b>{{ name }}</b></p>')
    ['Oh', 'Hello']
    """
    html = DATA.sub(" ", CODE.sub(" ", text))
    seen = [*SPOKEN.findall(html), TAG.sub(" ", html).replace("<!doctype html>", " ")]
    return [word for part in seen for word in LETTERS.findall(part) if word not in NAMES]


def of_folder(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=of_folder)
def test_every_text_of_a_page_stands_in_a_word_list(path: Path) -> None:
    assert bare(path.read_text("utf-8")) == []


def test_bare_words_are_found() -> None:
    assert bare('<p title="Oh">Hello {% w "page_menu" %} <b>{{ name }}</b>, EN</p>') == ["Oh", "Hello"]


FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style",
    "a handler": r"<[^>]*\son[a-z]+\s*=",
    "htmx code": r"hx-on|hx-vals\s*=\s*['\"]js:|hx-trigger\s*=\s*[\"'][^\"']*\[",
    "a script in the page": r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))",
    "an address of elsewhere": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "a script as an address": r"javascript:",
    "unescaped text": r"\|\s*safe\b|{%\s*autoescape off",
}
OURS = {("django/forms/field.html", "unescaped text")}
"""Hints of forms are written by us; Django marks them the same way."""


@pytest.mark.parametrize("path", PAGES, ids=of_folder)
def test_nothing_stands_in_a_page_that_its_security_policy_would_refuse(path: Path) -> None:
    text = path.read_text("utf-8")
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, CODE.sub("", text))]
    found += ["unescaped text"] if re.search(FORBIDDEN["unescaped text"], text) else []
    assert [what for what in found if (of_folder(path), what) not in OURS] == []


def test_no_page_stops_a_request_under_way() -> None:
    """htmx calls a request that a newer one replaced an error; without `hx-sync` the newest waits its turn instead."""
    stopping = re.compile(r"hx-sync\s*=\s*[\"'][^\"']*(?:replace|abort)")
    assert [of_folder(path) for path in PAGES if stopping.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_one_heading_a_title_and_its_language(
    office: SimpleNamespace, as_role: Callable[[str], Client], language: str
) -> None:
    User.objects.update(language=language)
    client = as_role("owner")
    mistakes = []
    for route in (route for route in ROUTES if TABLE[route.name]["get"] != "nobody"):
        answer = client.get(route.path)
        html = answer.content.decode() if answer.headers["Content-Type"].startswith("text/html") else ""
        if answer.status_code in (200, 404) and "<html" in html:
            title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
            seen = (html.count("<h1"), bool(title and title[1].strip()), f'<html lang="{language}"' in html)
            mistakes += [(route.name, seen)] if seen != (1, True, True) else []
    assert mistakes == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistake_of_ours_is_told_without_asking_the_database(language: str) -> None:
    from django.test import RequestFactory
    from django.utils import translation

    from zusage.web.front.views import broken

    with translation.override(language):
        answer = broken(RequestFactory().get("/"))
    heading = {"de": "Im Programm ist ein Fehler aufgetreten.", "en": "Something went wrong in the program."}
    assert answer.status_code == 500
    assert f"<h1>{heading[language]}</h1>" in answer.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_too_much_at_once_is_told_in_the_readers_language_and_nothing_is_saved(
    office: SimpleNamespace, as_role: Callable[[str], Client], language: str
) -> None:
    office.users["assistant"].language = language
    office.users["assistant"].save()
    long = "x" * 2_600_000
    answer = as_role("assistant").post(f"/customers/{ALMA}/note/", {"text": long})
    heading = {"de": "Das war zu viel auf einmal.", "en": "That was too much at once."}[language]
    page = answer.content.decode()
    assert (answer.status_code, f"<h1>{heading}</h1>" in page, 'href="/"' in page) == (413, True, True)
    assert Note.objects.count() == 0
    stranger = Client(enforce_csrf_checks=True)
    stranger.get("/account/login/")
    checked = stranger.post("/account/login/?language=" + language, {"login": long})
    assert (checked.status_code, f"<h1>{heading}</h1>" in checked.content.decode()) == (413, True)
    assert 'href="/"' not in checked.content.decode()


def test_a_request_nobody_can_read_is_told_so(as_role: Callable[[str], Client]) -> None:
    answer = as_role("owner").get("/customers/", headers={"host": "somewhere.else.example"})
    assert (answer.status_code, "<h1>Diese Anfrage war nicht zu lesen.</h1>" in answer.content.decode()) == (400, True)
    stale = Client(enforce_csrf_checks=True).post("/account/login/?language=de", {"login": "x"})
    assert (stale.status_code, "<h1>Diese Anfrage war nicht zu lesen.</h1>" in stale.content.decode()) == (403, True)


def test_an_address_with_more_fields_than_anybody_sends_is_told_so(office: SimpleNamespace) -> None:
    answer = Client().get("/account/login/?" + "&".join(f"a{number}=1" for number in range(1_500)))
    assert (answer.status_code, "<h1>Das war zu viel auf einmal.</h1>" in answer.content.decode()) == (413, True)


def test_what_is_not_there_and_what_is_not_allowed_say_what_to_do(as_role: Callable[[str], Client]) -> None:
    client = as_role("assistant")
    missing, refused = client.get("/nothing/"), client.get("/office/settings/")
    assert (missing.status_code, refused.status_code) == (404, 403)
    assert "<h1>Diese Seite gibt es nicht.</h1>" in missing.content.decode()
    assert "<h1>Diese Seite ist für Ihre Rolle nicht freigegeben.</h1>" in refused.content.decode()


def test_the_bar_leads_only_where_the_reader_may_go(as_role: Callable[[str], Client]) -> None:
    def bar(role: str) -> list[str]:
        html = as_role(role).get("/office/me/").content.decode()
        first = html[html.index("<nav") : html.index("</nav>")]
        return re.findall(r'<a href="[^"]*"[^>]*>([^<]*)</a>', first)

    assert bar("owner") == [
        "Heute",
        "Kunden",
        "Anliegen",
        "Kalender",
        "Servicekonzept",
        "Einstufung",
        "Kapazität",
        "Mitteilen",
        "Importe",
    ]
    assert bar("assistant") == ["Heute", "Kunden", "Anliegen", "Kalender", "Mitteilen", "Importe"]


@pytest.mark.parametrize(("demo", "ribbons"), [(False, 0), (True, 1)])
def test_the_example_firm_says_so_on_every_page(
    office: SimpleNamespace, as_role: Callable[[str], Client], demo: bool, ribbons: int
) -> None:
    office.firm.demo = demo
    office.firm.save()
    assert as_role("auditor").get("/office/me/").content.decode().count('class="ribbon"') == ribbons


def test_the_bar_shows_the_part_a_page_belongs_to(as_role: Callable[[str], Client]) -> None:
    def here(path: str) -> list[str]:
        html = as_role("owner").get(path).content.decode()
        first = html[html.index("<nav") : html.index("</nav>")]
        return re.findall(r'aria-current="page">([^<]*)<', first)

    assert here("/") == ["Heute"]
    assert here("/customers/0001/") == ["Kunden"]
    assert here("/telling/") == ["Mitteilen"]
    assert here("/office/settings/") == []


def test_the_settings_of_the_firm_stand_in_the_owners_own_menu(as_role: Callable[[str], Client]) -> None:
    def menu(role: str, path: str = "/office/me/") -> list[tuple[str, str]]:
        html = as_role(role).get(path).content.decode()
        first = html[html.index('<details class="menu">') : html.index("</details>")]
        return re.findall(r'<a href="[^"]*"( aria-current="page")?>([^<]*)</a>', first)

    here = ' aria-current="page"'
    own = [("", "Meine Einstellungen"), ("", "Passwort ändern"), ("", "Zweiter Faktor und Passkeys")]
    assert menu("assistant") == [(here, "Meine Einstellungen"), *own[1:]]
    assert menu("owner", "/account/2fa/") == [
        ("", "Einstellungen"), ("", "Datenschutz"), *own[:2], (here, "Zweiter Faktor und Passkeys")
    ]  # fmt: skip
    assert menu("owner", "/office/settings/") == [(here, "Einstellungen"), ("", "Datenschutz"), *own]


def test_every_row_of_links_marks_the_page_that_is_open(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    client, seen, mistakes = as_role("owner"), 0, []
    real = {"number": ALMA, "pk": office.adviser.pk}
    for route in (route for route in ROUTES if TABLE[route.name]["get"] != "nobody"):
        arguments = {name: real.get(name, value) for name, value in route.arguments.items()}
        answer = client.get(reverse(route.name, kwargs=arguments))
        html = answer.content.decode() if answer.headers["Content-Type"].startswith("text/html") else ""
        for row in re.findall(r'<ul class="tabs[^>]*>(.*?)</ul>', html, re.DOTALL):
            seen += 1
            marked = len(re.findall(r'aria-current="(?:page|true)"', row))
            mistakes += [(route.name, marked)] if marked != 1 and 'href="#' not in row else []
    assert mistakes == []
    assert seen > 20


def test_the_pages_of_a_customer_lead_to_each_other(as_role: Callable[[str], Client]) -> None:
    client = as_role("owner")

    def row(path: str) -> tuple[list[str], list[str]]:
        html = client.get(path).content.decode()
        (found,) = re.findall(
            r'<nav class="no-print" aria-label="Seiten zu diesem Kunden">(.*?)</nav>', html, re.DOTALL
        )
        return re.findall(r'href="([^"]*)"', found), re.findall(r'href="([^"]*)" aria-current="page"', found)

    ways, _ = row(f"/customers/{ALMA}/")
    assert len(ways) == 6
    assert [row(way) for way in ways] == [(ways, [way]) for way in ways]

"""The public page of the charter: open to who knows its address, and silent to everybody else."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from tests.web.charter.sheet.conftest import LINES, NOW, worded
from zusage.web.charter.models import Sheet
from zusage.web.charter.sheet.actions import edit_sheet, make_public, new_address
from zusage.web.charter.sheet.views import ASKED
from zusage.web.office.models import Firm, PolicyVersion
from zusage.web.office.throttle import STEP

WRONG = "x" * 43
NETWORKS = (f"198.51.100.{number}" for number in range(255))
"""Visitors of whom nothing is counted yet."""
MOST = ASKED.most


def ask(token: str, query: str = "", client: Client | None = None, **headers: str) -> HttpResponse:
    return (client or Client()).get(f"/c/{token}/{query}", headers=headers)


def read(answer: HttpResponse) -> str:
    """What somebody sees of a page: its words without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def table(answer: HttpResponse) -> list[list[str]]:
    """The table of the packages, cell by cell as it is read out."""
    rows = re.findall(r"<tr>(.*?)</tr>", answer.content.decode(), re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split()) for cell in row] for row in cells]


@pytest.fixture(autouse=True)
def always(stopped: datetime) -> None:
    """Of every test here."""


def test_everybody_who_knows_the_address_reads_what_is_promised(public: Sheet) -> None:
    answer = ask(public.token, **{"Accept-Language": "de-DE,de;q=0.9"})
    assert answer.status_code == 200
    assert table(answer) == [
        ["Leistung", "Premium", "Komfort", "Klassik"],
        ["Rückruf", "+ mehr als im nächstkleineren Paket: am selben Arbeitstag", "am nächsten Arbeitstag"],
        [
            "Jahrescheck",
            "+ mehr als im nächstkleineren Paket: fest zugesagt, einmal im Jahr",
            "+ mehr als im nächstkleineren Paket: auf Wunsch",
            "– gehört nicht zu diesem Paket",
        ],
    ]
    for line in (LINES["name"], LINES["street"], LINES["phone"], LINES["intro_de"], LINES["opening_de"]):
        assert line in read(answer)


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "de-DE,de;q=0.9", "de"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr", "de"),  # the firm's own where the reader's is none of ours
        ("?language=en", "de", "en"),
        ("?language=de", "en", "de"),
        ("?language=<script>", "en", "en"),
    ],
)
def test_it_speaks_the_language_of_the_reader_or_of_the_link(
    public: Sheet, query: str, accepted: str, language: str
) -> None:
    answer = ask(public.token, query, **{"Accept-Language": accepted})
    assert answer.headers["Content-Language"] == language
    assert re.findall(r'lang="(\w+)"', answer.content.decode())[0] == language
    assert (LINES[f"intro_{language}"] in read(answer)) is True


def test_no_internal_letter_stands_in_it(public: Sheet) -> None:
    for language in ("de", "en"):
        answer = ask(public.token, f"?language={language}")
        assert re.findall(r"\b[ABC]\b", read(answer)) == []
        attributes = re.findall(r'="([^"]*)"', answer.content.decode())
        assert [text for text in attributes if re.search(r"\b[ABC]\b", text)] == []


def closed(office: SimpleNamespace, public: Sheet) -> None:
    make_public(version=public.version, public=False, by=office.owner, now=NOW)


def unfit(office: SimpleNamespace, public: Sheet) -> None:
    worded("Kunden der Klasse A rufen wir heute zurück.", office, begins_on=date(2026, 11, 1))


def moved(office: SimpleNamespace, public: Sheet) -> None:
    new_address(version=public.version, by=office.owner, now=NOW)


def not_written(office: SimpleNamespace, public: Sheet) -> None:
    Sheet.objects.all().delete()


def no_service_model(office: SimpleNamespace, public: Sheet) -> None:
    PolicyVersion.objects.update(valid_from=timezone.localdate() + timedelta(days=9))


def no_firm(office: SimpleNamespace, public: Sheet) -> None:
    Firm.objects.all().delete()
    Sheet.objects.all().delete()


CLOSED = [closed, unfit, moved, not_written, no_service_model, no_firm]


@pytest.mark.parametrize("close", CLOSED, ids=lambda item: item.__name__)
@pytest.mark.parametrize("file", ["", "charter.pdf"])
def test_what_is_not_there_answers_like_what_never_was(
    office: SimpleNamespace, public: Sheet, close: object, file: str
) -> None:
    never = ask(WRONG, file)
    close(office, public)  # type: ignore[operator]
    found = ask(public.token, file)
    assert never.status_code == found.status_code == 404
    assert found.content == never.content
    assert dict(found.headers) == dict(never.headers)
    assert found.cookies == never.cookies == {}


@pytest.mark.parametrize("close", CLOSED, ids=lambda item: item.__name__)
def test_what_is_not_there_costs_the_same_questions(office: SimpleNamespace, public: Sheet, close: object) -> None:
    close(office, public)  # type: ignore[operator]

    def questions(token: str) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            ask(token, client=Client(REMOTE_ADDR=next(NETWORKS)))
        return [re.sub(r"'[^']*'|\d+", "?", item["sql"]) for item in asked]

    questions(public.token)  # what is kept in the process is kept from here on
    assert questions(public.token) == questions(WRONG)


def test_it_works_without_cookies_and_tells_search_engines_and_other_sites_nothing(public: Sheet) -> None:
    for answer in (ask(public.token), ask(public.token, "charter.pdf"), ask(WRONG)):
        assert answer.cookies == {}
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "script" not in answer.headers["Content-Security-Policy"].replace("script-src 'self'", "")
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in ask(public.token).content.decode()


def test_a_browser_asks_before_it_shows_it_again_and_nobody_else_may_keep_it(public: Sheet) -> None:
    assert ask(public.token).headers["Cache-Control"] == "private, no-cache"
    assert ask(public.token, "charter.pdf").headers["Cache-Control"] == "private, no-cache"
    assert ask(WRONG).headers["Cache-Control"] == "no-store"


def test_too_many_requests_are_asked_to_wait_whatever_they_ask_for(public: Sheet) -> None:
    many = Client(REMOTE_ADDR="192.0.2.1")
    answers = [ask(WRONG, client=many).status_code for _ in range(MOST)]
    assert answers == [404] * MOST
    late = [ask(public.token, client=many), ask(WRONG, client=many), ask(public.token, "charter.pdf", client=many)]
    assert [answer.status_code for answer in late] == [429, 429, 429]
    assert late[0].content == late[1].content
    assert late[0].headers["Retry-After"] == "60"
    assert ask(public.token, client=Client(REMOTE_ADDR="192.0.2.2")).status_code == 200


def test_one_household_with_many_addresses_is_one_visitor(public: Sheet) -> None:
    for number in range(MOST):
        ask(WRONG, client=Client(REMOTE_ADDR=f"2001:db8:1:1::{number:x}"))
    found = [ask(WRONG, client=Client(REMOTE_ADDR=address)) for address in ("2001:db8:1:1::ffff", "2001:db8:1:2::1")]
    assert [answer.status_code for answer in found] == [429, 404]


def test_a_proxy_that_does_not_say_who_asks_shuts_nobody_out(public: Sheet, settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]  # of pytest-django
    assert ask(public.token).status_code == 200
    told = [ask(WRONG, **{"X-Forwarded-For": f"203.0.113.9, 203.0.113.{number}"}) for number in range(MOST + 2)]
    assert {answer.status_code for answer in told} == {404}  # what the proxy adds counts, not what a stranger writes
    one = [ask(WRONG, **{"X-Forwarded-For": f"203.0.113.{number}, 203.0.113.200"}) for number in range(MOST + 1)]
    assert [answer.status_code for answer in one] == [404] * MOST + [429]


def test_the_throttle_keeps_no_address_of_a_visitor(public: Sheet) -> None:
    for _ in range(STEP):
        ask(public.token, client=Client(REMOTE_ADDR="192.0.2.7"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        kept = [str(row) for row in cursor.fetchall()]
    assert len(kept) == 1
    assert [row for row in kept if "192.0.2" in row] == []


def test_a_visitor_who_comes_once_writes_nothing(public: Sheet) -> None:
    with CaptureQueriesContext(connection) as asked:
        ask(public.token, client=Client(REMOTE_ADDR="192.0.2.8"))
    assert [item["sql"].split()[0] for item in asked] == ["SELECT"] * 4


def test_the_pdf_says_the_same(public: Sheet) -> None:
    answer = ask(public.token, "charter.pdf?language=de")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="leistungsversprechen-de.pdf"'
    pages = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert len(pages) == 1
    for words in ("Maklerbüro Muster", "Premium", "am selben Arbeitstag", "am nächsten Arbeitstag", "Jahrescheck"):
        assert words in text


def test_what_customers_type_into_texts_stays_text(office: SimpleNamespace, public: Sheet) -> None:
    edit_sheet(
        version=public.version,
        values={"intro_de": "<script>alert(1)</script>", "web": "example.org/?a=1&b=<b>", "closing_de": "{{ 7 }} #let"},
        by=office.owner,
        now=NOW,
    )
    html = ask(public.token, "?language=de").content.decode()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7 }} #let" in html

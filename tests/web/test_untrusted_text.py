"""Whatever stands in a text that somebody typed or sent in: no page runs it, and what is far too long is not kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import timezone

from tests.people import BELA, CARO
from tests.web.charter.letters.conftest import NOW, letters, planned, released
from tests.web.charter.outbox.conftest import mailed
from tests.web.desk.test_requests import take
from zusage.web.charter.actions import links_for
from zusage.web.charter.letters.models import LetterWave, LetterWeek
from zusage.web.charter.outbox.notices import take_notice
from zusage.web.customers.choices.models import DeclinedService, Wish
from zusage.web.customers.consent.actions import grant, lock, object_to
from zusage.web.customers.models import Agreement, Customer, Note, Override, OwnChoice, SavedView
from zusage.web.customers.referrals.actions import record_referral
from zusage.web.office.models import Absence
from zusage.web.review.models import Flag
from zusage.web.services.actions import open_draft

__all__ = ["letters", "planned", "released"]
SCRIPT = "<script>alert(1)</script>"
NASTY = f"=1+1'\"><b>{{{{ 7*7 }}}}{SCRIPT}"
TYPED = {
    *(
        "name",
        "adviser",
        "note",
        "works_as",
        "reason",
        "evidence",
        "ended_by_source",
        "text",
        "subject",
        "answer",
        "wording",
    ),
    *("proof", "prospect", "contact", "outcome", "signed", "attachment_name", "matter", "phone", "mark", "query"),
    *("salutation", "title", "first_name", "last_name", "company", "street", "addition", "postcode", "city", "email"),
    *("address", "managing", "mail", "web", "recognised_as", "product_line", "topic", "place", "log"),
    *(f"{text}_{tongue}" for text in ("opening", "intro", "closing", "notice") for tongue in ("de", "en")),
}
"""Columns of free text, by their names."""
READ = {("policyversion", "text"), ("draft", "text"), ("draftstep", "text"), ("sheet", "mark")}
"""Texts that are read by the program itself, and refused where they are not what they should be."""
ON_NO_PAGE = {
    *(f"address_{part}" for part in ("salutation", "title", "first_name", "last_name", "company", "addition")),
    *("declinedservice_evidence", "waveletter_adviser"),
}
"""What stands on paper and in files alone, or is kept and looked for."""
STARTS = [
    *("/", "/office/people/"),
    *(f"/customers/{number}/{part}" for number in (BELA, CARO) for part in ("", "consents/")),
]
"""Where somebody begins; the customers are those of whom all was written down."""


@pytest.fixture
def typed_into(
    released: Callable[..., LetterWave], letters: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> SimpleNamespace:
    """An office at work, in which somebody typed something nasty into every field there is."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    released()
    fill(letters)
    letters.filled = set()
    for model in apps.get_app_config("zusage").get_models():
        nasty = {
            field.name: NASTY + f"{model._meta.model_name}_{field.name}"
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and field.name in TYPED and (model._meta.model_name, field.name) not in READ
            and (field.max_length or 999) >= 90 and not field.unique
        }  # fmt: skip
        if nasty and model._base_manager.update(**nasty):
            letters.filled |= {f"{model._meta.model_name}_{name}" for name in nasty}
    return letters


def fill(office: SimpleNamespace) -> None:
    """A row of what people write about a customer."""
    today, by = timezone.localdate(), office.owner
    facts: dict[str, Any] = {"by": by, "now": NOW}
    take(office, CARO, NOW, text="x")
    mailed(office, CARO, purpose="other")
    take_notice(kind="bounce", number=CARO, address="x@y.example", why="x", **facts)
    grant(number=CARO, channel="phone", purpose="advertising", granted_at=NOW, wording="x", source="x", **facts)
    object_to(number=BELA, channel="", said_on=today, how="call", **facts)
    lock(number=BELA, why="other", text="x", since=today, **facts)
    customer = Customer.objects.get(run=office.run, number=CARO)
    record_referral(customer=customer, prospect="x", contact="x", named_on=today, **facts)
    of = {"number": CARO, "unit_id": CARO, "name": "x"}
    for kind, state in (("package", "open"), ("why", "accepted"), ("contact", "open")):
        Wish.objects.create(kind=kind, state=state, class_key="A", source="page", asked_at=NOW, answered_at=NOW,
                            data={"name": {"de": NASTY, "en": NASTY}, "sentences": []} if kind == "package" else
                            {"email": NASTY} if kind == "contact" else {}, **of)  # fmt: skip
    written = {"number": CARO, "by": by, "created_at": NOW}
    Note.objects.create(text="x", **written)
    OwnChoice.objects.create(state="chosen", class_key="C", chosen_on=today, evidence="x", **written)
    promise = office.policy.promises_of("A")[0]
    Agreement.objects.create(
        service=promise.service, class_key="A", terms=asdict(promise), since=today, source="x",
        **written,
    )  # fmt: skip
    Override.objects.create(class_key="A", reason="x", until=today, **written)
    DeclinedService.objects.create(
        service="callback", source="page", evidence="x", said_at=NOW, number=CARO, unit_id=CARO
    )
    SavedView.objects.create(user=by, name="x", query="q=x")
    Absence.objects.create(user=by, first_on=today, last_on=today, note="x")
    Flag.objects.create(by=by, at=NOW, reason="x", count=30)
    open_draft(text=office.version.text, base=office.version, **facts)
    links_for([CARO], by=by, now=NOW, expires_on=today)


HREF = re.compile(r' href="(/[^"#]*)"')


def crawl(client: Client, first: list[str]) -> dict[str, str]:
    """Every page that links lead to, two of a kind at most, with what it says."""
    todo, found, kinds = list(first), {}, dict[str, int]()
    while todo:
        path = todo.pop(0)
        kind = re.sub(r"\d+|\?.*", "#", unescape(path))
        if path in found or kinds.get(kind, 0) == 2 or path.startswith(("/static/", "/account/logout")):
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(unescape(path))
        assert answer.status_code < 500, path
        html = "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming
        found[path] = answer.content.decode() if html else answer.headers.get("Location", "")
        todo += HREF.findall(found[path])
        if answer.status_code == 302:
            todo.append(found[path])
    return found


@pytest.mark.uncounted
def test_no_page_runs_what_was_typed(typed_into: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    page = next(iter(links_for([CARO], by=typed_into.owner, now=NOW, expires_on=NOW.date()).values()))
    pages = crawl(as_role("owner"), STARTS) | crawl(Client(), ["/" + page.split("/", 3)[3]])
    assert [path for path, html in pages.items() if SCRIPT in html or "<b>{{" in html or "<b>49" in html] == []
    shown = {mark for html in pages.values() for mark in re.findall(r"alert\(1\)&lt;/script&gt;(\w+)", html)}
    assert typed_into.filled - shown <= ON_NO_PAGE


def test_no_file_reckons_what_was_typed(typed_into: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    client = as_role("owner")
    for path in ("/customers/export.xlsx", f"/telling/letters/weeks/{LetterWeek.objects.get().pk}/addresses.xlsx"):
        sheet = openpyxl.load_workbook(BytesIO(client.get(path).content)).active
        assert sheet is not None
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}  # no formula
        assert [cell for cell in cells if str(cell.value).startswith("=1+1")] != []


@pytest.mark.parametrize(("size", "status"), [(5_000, 422), (10_000_000, 413)])
def test_a_text_that_is_far_too_long_is_not_kept(
    office: SimpleNamespace, as_role: Callable[[str], Client], size: int, status: int
) -> None:
    link = links_for([CARO], by=office.owner, now=timezone.now(), expires_on=timezone.localdate())[CARO]
    answers = [
        as_role("owner").post(f"/customers/{CARO}/note/", {"text": "x" * size}),
        Client().post("/" + link.split("/", 3)[3], {"act": "why", "why": "x" * size}),
    ]
    assert [answer.status_code for answer in answers] == [status, status]
    assert (Note.objects.count(), Wish.objects.count()) == (0, 0)


NO_NUMBERS = ("abc", "²", "-1", "9" * 30, "9" * 5_000, "")


@pytest.mark.parametrize("sent", NO_NUMBERS)
def test_a_number_that_no_page_sends_breaks_no_page(
    office: SimpleNamespace, as_role: Callable[[str], Client], sent: str
) -> None:
    client = as_role("owner")
    assert client.post("/services/new/", {"base": sent}).status_code == 404
    assert client.get("/office/changes/", {"by": sent}).status_code == 200
    assert client.post("/review/upgrades/", {"chosen": sent}).status_code == 302
    assert client.post("/office/switch/", {"language": "en", "next": sent}).headers["Location"] == "/"


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "tomorrow", ""])
def test_a_day_in_no_calendar_is_no_issue(office: SimpleNamespace, as_role: Callable[[str], Client], day: str) -> None:
    client = as_role("owner")
    assert client.post("/calendar/issue/done/", {"service": "newsletter", "due_on": day}).status_code == 404

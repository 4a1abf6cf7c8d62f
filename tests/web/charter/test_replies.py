"""Replies on paper: typed in by their code or taken in as a list, with everything that is wrong said at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.charter.test_own_page import PRICED
from zusage.policy.read import read_policy_text
from zusage.web.book.models import Address
from zusage.web.charter.actions import codes_for
from zusage.web.charter.letters.news.queries import addresses
from zusage.web.charter.link.models import ReplyList
from zusage.web.charter.queries import shown_code
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.actions import object_to
from zusage.web.customers.consent.models import Objection, OwnConsent
from zusage.web.customers.consent.queries import may_write
from zusage.web.customers.models import Customer, OwnChoice
from zusage.web.desk.models import Request
from zusage.web.office.models import PolicyVersion


@pytest.fixture
def slips(office: SimpleNamespace) -> SimpleNamespace:
    """The small office, whose best package has a price; everybody has a code."""
    policy = read_policy_text(PRICED).policy
    PolicyVersion.objects.filter(pk=office.version.pk).update(text=PRICED, hash=policy.hash)
    office.codes = codes_for([ALMA, BELA, CARO, EMIL], timezone.now())
    return office


def typed(client: Client, code: str, **more: object) -> HttpResponse:
    said = {"said_on": timezone.localdate().isoformat(), **more}
    return client.post(f"/telling/pages/replies/{code}/", said)


def test_a_code_leads_to_its_customer_and_a_typo_to_nobody(
    slips: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    client, code = as_role("assistant"), slips.codes[CARO]
    answer = client.post("/telling/pages/replies/", {"code": shown_code(code).lower()})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/telling/pages/replies/{code}/")
    assert client.get(answer.headers["Location"]).context["customer"].number == CARO
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert client.post("/telling/pages/replies/", {"code": wrong}).status_code == 422
    assert client.get(f"/telling/pages/replies/{wrong}/").status_code == 404


def test_a_package_without_a_price_is_on_record_at_once(
    slips: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    assert typed(as_role("assistant"), slips.codes[CARO], package="chosen 1").status_code == 302
    found = OwnChoice.objects.get()
    assert (found.number, found.state, found.class_key, found.by) == (CARO, "chosen", "B", slips.assistant)
    assert shown_code(slips.codes[CARO]) in found.evidence


def test_a_package_with_a_price_waits_for_a_person(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    typed(as_role("assistant"), slips.codes[CARO], package="chosen 0", signed="on", wish="Ab Mai")
    wish = Wish.objects.get()
    assert (wish.source, wish.signed, wish.text, wish.by, OwnChoice.objects.count()) == (
        "paper", True, "Ab Mai", slips.assistant, 0
    )  # fmt: skip
    assert Request.objects.count() == 0


def test_all_that_stands_on_a_slip_is_written_down(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    day = timezone.localdate() - timedelta(3)
    typed(
        as_role("owner"), slips.codes[CARO], said_on=day.isoformat(), package="declined 0", by_email="yes",
        by_post="no", email="caro@example.org", why="Warum?", wish="Bitte rufen Sie an.",
    )  # fmt: skip
    today = timezone.localdate()
    assert OwnChoice.objects.get().state == "declined"
    consent = OwnConsent.objects.get()
    assert (consent.channel, timezone.localdate(consent.granted_at), consent.by) == ("email", day, slips.owner)
    assert [may_write(CARO, way, "advertising", today).allowed for way in ("email", "post")] == [True, False]
    assert sorted(Wish.objects.values_list("kind", "source")) == [("contact", "paper"), ("why", "paper")]
    assert sorted(Request.objects.values_list("cause", flat=True)) == ["asked", "ours"]


def test_a_yes_on_paper_does_not_undo_a_later_no(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    today = timezone.localdate()
    object_to(number=CARO, channel="", said_on=today - timedelta(1), how="Anruf", by=slips.owner, now=timezone.now())
    answer = typed(
        as_role("owner"), slips.codes[CARO], said_on=(today - timedelta(3)).isoformat(), by_email="yes"
    )  # fmt: skip
    assert answer.status_code == 302
    assert (OwnConsent.objects.count(), Objection.objects.get().taken_back_at) == (0, None)
    typed(as_role("owner"), slips.codes[CARO], said_on=today.isoformat(), by_email="yes")
    assert (OwnConsent.objects.count(), Objection.objects.get().taken_back_at is None) == (1, False)


def test_a_slip_that_says_nothing_is_not_recorded(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    assert typed(as_role("owner"), slips.codes[CARO]).status_code == 422
    tomorrow = (timezone.localdate() + timedelta(1)).isoformat()
    assert typed(as_role("owner"), slips.codes[CARO], said_on=tomorrow, objection="on").status_code == 422
    assert Objection.objects.count() == 0


# --- lists


def sent(client: Client, content: str | bytes, name: str = "antworten.csv") -> HttpResponse:
    data = content.encode() if isinstance(content, str) else content
    return client.post("/telling/pages/replies/list/", {"list": SimpleUploadedFile(name, data)})


def codes_of(answer: HttpResponse) -> list[tuple[str, int | None]]:
    return [(item.reason.code, item.where.line if item.where else None) for item in answer.context["refused"]]


def test_a_list_is_taken_in_as_a_whole(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    lines = [
        "Antwortcode;Datum;Paket;Unterschrift;Werbung E-Mail;Keine Werbung;Telefon",
        f"{slips.codes[CARO]};20.11.2026;Komfort;ja;x;;",
        f"{shown_code(slips.codes[EMIL])};;Premium;nein;;;",
        ";;;;;;",
        f"{slips.codes[ALMA]};2026-11-21;;;;ja;0341 5",
    ]
    assert sent(as_role("assistant"), "\n".join(lines)).status_code == 302
    choice = OwnChoice.objects.get()
    assert (choice.number, choice.class_key, str(choice.chosen_on)) == (CARO, "B", "2026-11-20")
    assert choice.evidence.endswith("(antworten.csv:2)")
    assert sorted(Wish.objects.values_list("number", "kind", "source", "signed")) == [
        (ALMA, "contact", "list", False), (EMIL, "package", "list", False)
    ]  # fmt: skip
    assert Objection.objects.get().number == ALMA
    assert ReplyList.objects.get().replies == 3


def test_a_workbook_is_read_as_well(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Reply code", "Package", "Postcode"])
        sheet.write_row(1, 0, [slips.codes[CARO], "Komfort", 4109])
    assert sent(as_role("owner"), target.getvalue(), "replies.xlsx").status_code == 302
    assert OwnChoice.objects.get().class_key == "B"
    assert Wish.objects.get().data == {"postcode": "4109"}


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_taken_in(
    slips: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    Customer.objects.filter(number=BELA).update(former=True)
    lines = [
        "Antwortcode;Datum;Paket;Werbung E-Mail;E-Mail;Frage",
        f"{slips.codes[CARO]};;Komfort;;;",
        "4KM-7PX2;;Komfort;;;",
        f"{slips.codes[EMIL]};31.11.2026;Gold;vielleicht;keine;",
        f"{slips.codes[CARO]};;;;;Warum?",
        f"{slips.codes[BELA]};;Komfort;;;",
        f"{slips.codes[ALMA]};;;;;",
    ]
    answer = sent(as_role("owner"), "\n".join(lines))
    assert answer.status_code == 422
    assert codes_of(answer) == [
        ("link_code_typo", 3), ("link_list_day", 4), ("link_list_package", 4), ("link_list_yes_no", 4),
        ("link_list_email", 4), ("link_list_gone", 6), ("link_list_nothing", 7), ("link_list_twice", 5),
    ]  # fmt: skip
    assert (OwnChoice.objects.count(), Wish.objects.count(), ReplyList.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("Name;Paket\nx;Premium\n", "imports_list_column"),
        ("Antwortcode;Lieblingsfarbe\nx;rot\n", "imports_list_unknown"),
        ("Antwortcode;Paket\n", "link_list_empty"),
        (b"%PDF-1.7 no list", "book_file_binary"),
        ("", "link_missing"),
    ],
)
def test_what_is_no_list_of_replies_is_refused(
    slips: SimpleNamespace, as_role: Callable[[str], Client], content: str | bytes, code: str
) -> None:
    answer = sent(as_role("owner"), content)
    assert answer.status_code == 422
    assert [found for found, _ in codes_of(answer)] == ([code] if code != "link_missing" else [])


def test_the_same_list_is_not_taken_in_twice(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    content = f"Antwortcode;Paket\n{slips.codes[CARO]};Komfort\n"
    sent(as_role("owner"), content)
    assert codes_of(sent(as_role("owner"), content, "kopie.csv")) == [("link_list_again", None)]
    assert OwnChoice.objects.count() == 1


def test_a_list_that_was_broken_off_goes_on_where_it_stopped(
    slips: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    content = f"Antwortcode;Paket\n{slips.codes[CARO]};Komfort\n{slips.codes[EMIL]};Klassik\n"
    ReplyList.objects.create(
        sha256=sha256(content.encode()).hexdigest(), name="antworten.csv", replies=2, done=1, by=slips.owner,
        taken_at=timezone.now(),
    )  # fmt: skip
    assert sent(as_role("owner"), content).status_code == 302
    assert list(OwnChoice.objects.values_list("number", "class_key")) == [(EMIL, "C")]
    assert codes_of(sent(as_role("owner"), content)) == [("link_list_again", None)]


def test_formulas_and_scripts_of_a_list_stay_text(slips: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    lines = ["Antwortcode;Frage;Ort", f"{slips.codes[CARO]};<script>alert(1)</script>;=cmd|' /C calc'!A0"]
    client: Any = as_role("owner")
    sent(client, "\n".join(lines))
    pages = [client.get(f"/telling/pages/{pk}/").content.decode() for pk in Wish.objects.values_list("pk", flat=True)]
    assert ["<script>alert" in page for page in pages] == [False, False]


def test_letters_go_where_customers_told_us_once_a_person_accepted_it(
    slips: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    Address.objects.create(
        book=slips.run.book, customer_id=CARO, last_name="Probe", street="Alte Gasse 1", postcode="04103",
        city="Leipzig",
    )  # fmt: skip
    client = as_role("owner")
    typed(client, slips.codes[CARO], street="Neuer Weg 2", postcode="04109")
    typed(client, slips.codes[EMIL], email="emil@example.org")

    def lines(number: str) -> tuple[str | None, ...] | None:
        found = addresses([CARO, EMIL]).get(number)
        return found and (found.last_name, found.street, found.postcode, found.city, found.email)

    assert (lines(CARO), lines(EMIL)) == (("Probe", "Alte Gasse 1", "04103", "Leipzig", None), None)
    for wish in Wish.objects.all():
        client.post(f"/telling/pages/{wish.pk}/", {"version": wish.version, "words": ""})
    assert lines(CARO) == ("Probe", "Neuer Weg 2", "04109", "Leipzig", None)
    assert lines(EMIL) == (None, None, None, None, "emil@example.org")

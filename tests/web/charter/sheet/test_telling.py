"""The charter in the office: how customers read it, what is wrong with it, its files, its texts, its switch."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from tests.web.charter.sheet.conftest import LINES, NOW, worded
from zusage.policy.document import Text
from zusage.web.charter.models import Sheet
from zusage.web.charter.queries import sender
from zusage.web.charter.sheet.actions import edit_sheet
from zusage.web.office.models import Firm, PolicyVersion
from zusage.web.services.actions import open_draft

Sign = Callable[[str], Client]
NAME_OF_PACKAGE = "Bitte schreiben Sie hier den Namen des Pakets, den Kunden kennen."
OTHER_WORD = "Bitte wählen Sie ein Wort, das niemanden herabsetzt."
ONE_LINE = "Hier ist nur eine Zeile möglich, ohne Umbruch und ohne Steuerzeichen."


def heading(answer: HttpResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.content.decode())
    assert found is not None
    return unescape(found[1])


def switches(answer: HttpResponse) -> list[str]:
    return re.findall(r'name="what" value="(\w+)"', answer.content.decode())


def findings(answer: HttpResponse) -> list[tuple[str, str]]:
    """What is wrong, each with the address where it is mended."""
    html = answer.content.decode()
    part = re.search(r'<section class="(?:error summary|notice)">(.*?)</section>', html, re.DOTALL)
    lines = re.findall(r"<li>(.*?)(?: <a href=\"([^\"]*)\">[^<]*</a>)?</li>", part[1], re.DOTALL) if part else []
    return [(unescape(text), unescape(url)) for text, url in lines]


def switch(client: Client, what: str) -> HttpResponse:
    found = Sheet.objects.filter(pk=1).first()
    return client.post("/telling/public/", {"what": what, "version": found.version if found else 0})


# --- as customers read it


def test_before_anybody_wrote_texts_the_charter_is_there(office: SimpleNamespace, as_role: Sign) -> None:
    answer = as_role("assistant").get("/telling/")
    assert heading(answer) == "So lesen Kunden, was Sie zusagen; öffentlich ist es nicht."
    names = re.findall(r'<th scope="col" class="hue-\w+">([^<]*)</th>', answer.content.decode())
    assert names == ["Premium", "Komfort", "Klassik"]


def test_without_a_service_model_it_says_what_is_missing(office: SimpleNamespace, as_role: Sign) -> None:
    PolicyVersion.objects.update(valid_from=timezone.localdate() + timedelta(days=9))
    client = as_role("owner")
    assert heading(client.get("/telling/")) == "Es gibt noch kein Servicekonzept."
    assert client.get("/telling/charter.pdf").status_code == client.get("/telling/texts/").status_code == 404


def test_the_version_to_come_can_be_read_beforehand(office: SimpleNamespace, as_role: Sign) -> None:
    day = timezone.localdate() + timedelta(days=30)
    worded("Wir rufen Sie noch heute zurück.", office, begins_on=day)
    client = as_role("adviser")
    today, coming = client.get("/telling/"), client.get("/telling/?which=coming")
    said = "Wir rufen Sie noch heute zurück."
    assert [page.content.decode().count(said) for page in (today, coming)] == [0, 1]
    assert f"gültig ab {day:%d.%m.%Y}" in coming.content.decode()
    assert switches(coming) == []  # what is public is always the charter of today


def test_it_can_be_read_in_the_other_language(written: Sheet, as_role: Sign) -> None:
    html = as_role("owner").get("/telling/?language=en").content.decode()
    assert '<div class="charter" lang="en">' in html
    assert (html.count(LINES["intro_en"]), html.count(LINES["intro_de"])) == (1, 0)


# --- what is wrong with it


def test_what_is_wrong_is_named_with_the_way_to_mend_it(office: SimpleNamespace, as_role: Sign) -> None:
    version = worded("Kunden der Klasse A rufen wir heute zurück.", office, begins_on=timezone.localdate())
    client = as_role("adviser")
    what = "„Kunden der Klasse A rufen wir heute zurück.“ nennt die interne Klasse „A“. " + NAME_OF_PACKAGE
    assert findings(client.get("/telling/")) == [(what, "")]
    draft = open_draft(text=version.text, base=version, by=office.owner, now=NOW)
    [(text, url)] = findings(client.get("/telling/"))
    assert (text, url) == (what, f"/services/{draft.pk}/matrix/cell/?row=callback&class=A&alone=1")
    assert "Kunden der Klasse A" in client.get(url).content.decode()
    assert findings(as_role("assistant").get("/telling/")) == [(what, "")]  # drafts are not for assistants


def test_texts_of_the_firm_are_checked_as_well(office: SimpleNamespace, as_role: Sign) -> None:
    edit_sheet(
        version=0, values={"intro_de": "Für Kunden der Klasse A.", "refused": ["Komfort"]}, by=office.owner, now=NOW
    )
    assert findings(as_role("owner").get("/telling/")) == [
        ("„Für Kunden der Klasse A.“ nennt die interne Klasse „A“. " + NAME_OF_PACKAGE, "/telling/texts/"),
        ("„Komfort“ enthält das Wort „Komfort“; Kunden lesen diesen Text. " + OTHER_WORD, ""),
    ]


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_what_is_unfit_is_not_given_out_and_not_switched_on(
    office: SimpleNamespace, written: Sheet, as_role: Sign, kind: str
) -> None:
    client = as_role("owner")
    worded("Kunden der Klasse A rufen wir heute zurück.", office, begins_on=timezone.localdate())
    assert client.get(f"/telling/charter.{kind}").headers["Location"] == "/telling/"
    assert heading(client.get("/telling/")).startswith("So soll kein Kunde lesen")
    switch(client, "on")
    assert Sheet.objects.get().public is False


# --- its files


def test_the_files_are_named_and_hold_the_charter(written: Sheet, as_role: Sign) -> None:
    client = as_role("assistant")
    pdf, html = client.get("/telling/charter.pdf?language=en"), client.get("/telling/charter.html?language=de")
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="charter-en.pdf"'
    assert pdf.content[:5] == b"%PDF-"
    assert html.headers["Content-Disposition"] == 'attachment; filename="leistungsversprechen-de.html"'
    assert LINES["intro_de"] in html.content.decode()
    assert client.get("/telling/charter.exe").status_code == 404


# --- its texts


def form_of(answer: HttpResponse) -> dict[str, Any]:
    """What a form would send as it stands."""
    form = answer.context["form"]
    return {field.html_name: field.value() if field.value() is not None else "" for field in form}


def test_texts_are_written_shown_and_used_as_the_sender(office: SimpleNamespace, as_role: Sign) -> None:
    client = as_role("adviser")
    record = {"receivers_de": "Der Pool.", "receivers_en": "", "keeping_de": "", "keeping_en": "Ten years."}
    sent = form_of(client.get("/telling/texts/")) | LINES | record
    sent |= {"shown": ["yield"], "refused": "Null\n\n Standard \nNull"}
    assert client.post("/telling/texts/", sent).headers["Location"] == "/telling/"
    found = Sheet.objects.get()
    assert {name: getattr(found, name) for name in LINES | record} == LINES | record
    assert (found.shown, found.version) == (["yield"], 1)
    assert Firm.objects.get().refused == ["Null", "Standard"]
    assert (found.changed_by, found.public) == (office.adviser, False)
    assert sender().place == "04109 Leipzig"
    assert sender().opening == Text(LINES["opening_de"], LINES["opening_en"])
    html = client.get("/telling/").content.decode()
    assert "wer uns für mindestens 600 € im Jahr beauftragt" in unescape(html).replace("\xa0", " ")


def test_whether_letters_name_customers_pages_is_asked_only_where_they_can_be_reached(
    written: Sheet, as_role: Sign, settings: Any
) -> None:
    client = as_role("owner")
    assert "links" not in form_of(client.get("/telling/texts/"))
    client.post("/telling/texts/", form_of(client.get("/telling/texts/")))
    assert Sheet.objects.get().links
    settings.ADDRESS = "https://buero.muster.example"
    sent = form_of(client.get("/telling/texts/"))
    assert sent.pop("links") is True
    assert client.post("/telling/texts/", sent).status_code == 302
    assert not Sheet.objects.get().links


def test_a_way_in_the_firms_own_words_stands_instead_of_the_criteria(office: SimpleNamespace, as_role: Sign) -> None:
    client = as_role("owner")
    form = client.get("/telling/texts/").context["form"]
    labels = {str(field.label): field.html_name for field in form.ways}
    sent = form_of(client.get("/telling/texts/")) | {labels["„Premium“ erhält, … (deutsch)"]: "wer uns weiterempfiehlt"}
    client.post("/telling/texts/", sent)
    assert Sheet.objects.get().ways == {"A": ["wer uns weiterempfiehlt", "wer uns weiterempfiehlt"]}
    assert "Premium</strong> erhält, wer uns weiterempfiehlt." in client.get("/telling/").content.decode()
    assert form_of(client.get("/telling/texts/"))[labels["„Premium“ erhält, … (deutsch)"]] == "wer uns weiterempfiehlt"


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("name", "Muster\r\nBcc: alle@example.org", ONE_LINE),
        ("city", "Leip\u202ezig", ONE_LINE),
        ("web", "javascript:alert(1)", "Das ist keine Internetadresse. Beispiel: www.beispiel.de"),
        ("web", "ftp://example.org", "Das ist keine Internetadresse. Beispiel: www.beispiel.de"),
        ("refused", "x" * 61, "Höchstens 200 Wörter, jedes höchstens 60 Zeichen lang."),
    ],
)  # fmt: skip
def test_what_would_break_a_letter_is_refused_where_it_was_typed(
    office: SimpleNamespace, as_role: Sign, field: str, typed: str, error: str
) -> None:
    client = as_role("owner")
    answer = client.post("/telling/texts/", form_of(client.get("/telling/texts/")) | {field: typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [error]}
    assert Sheet.objects.count() == 0


def test_two_at_the_texts_lose_nothing(office: SimpleNamespace, written: Sheet, as_role: Sign) -> None:
    mine, other = as_role("owner"), as_role("adviser")
    sent = form_of(mine.get("/telling/texts/"))
    other.post("/telling/texts/", form_of(other.get("/telling/texts/")) | {"city": "Halle"})
    answer = mine.post("/telling/texts/", sent | {"city": "Jena", "phone": "0341 999999"})
    assert answer.status_code == 409
    assert answer.context["versions"] == [("Ort", "Halle", "Jena"), ("Telefon", "0341 111111", "0341 999999")]
    assert Sheet.objects.get().city == "Halle"
    assert mine.post("/telling/texts/", form_of(answer)).status_code == 302
    assert (Sheet.objects.get().city, Sheet.objects.get().phone) == ("Jena", "0341 999999")


# --- its switch


def test_the_owner_switches_it_on_and_off_and_gives_it_another_address(written: Sheet, as_role: Sign) -> None:
    client, token = as_role("owner"), written.token
    assert switches(client.get("/telling/")) == ["on"]
    switch(client, "on")
    page = client.get("/telling/")
    assert (heading(page), switches(page)) == (
        "So lesen Kunden, was Sie zusagen; die öffentliche Seite ist eingeschaltet.", ["off", "address"]
    )  # fmt: skip
    assert f"{settings.ADDRESS}/c/{token}/" in page.content.decode()
    switch(client, "address")
    found = Sheet.objects.get()
    assert (found.public, found.token != token, len(found.token)) == (True, True, 43)
    assert [Client().get(f"/c/{item}/").status_code for item in (token, found.token)] == [404, 200]
    switch(client, "off")
    assert Client().get(f"/c/{found.token}/").status_code == 404


def test_it_can_be_switched_on_before_any_text_is_written(office: SimpleNamespace, as_role: Sign) -> None:
    switch(as_role("owner"), "on")
    answer = Client().get(f"/c/{Sheet.objects.get().token}/")
    assert answer.status_code == 200
    assert f"<strong>{Firm.objects.get().name}</strong>" in answer.content.decode()


def test_a_switch_of_an_older_page_changes_nothing(written: Sheet, as_role: Sign) -> None:
    answer = as_role("owner").post("/telling/public/", {"what": "on", "version": written.version - 1}, follow=True)
    assert "Jemand anderes hat gerade etwas geändert." in answer.content.decode()
    assert Sheet.objects.get().public is False


def test_the_log_of_changes_says_who_switched_and_never_the_address(public: Sheet, as_role: Sign) -> None:
    client = as_role("owner")
    switch(client, "address")
    switch(client, "off")
    found = Sheet.objects.get()
    kept = [str(row.changes) + str(row.additional_data) for row in LogEntry.objects.filter(content_type__model="sheet")]
    assert [row for row in kept if found.token in row or public.token in row] == []
    html = client.get("/office/changes/?kind=sheet").content.decode()
    assert re.findall(r"<div>([^<]*öffentlich[^<]*)</div>", html) == [
        "öffentlich: ja → nein", "öffentlich: nein → ja", "öffentlich: – → nein"
    ]  # fmt: skip


def test_the_log_of_changes_says_who_changed_the_logo_and_whether_letters_name_pages(
    written: Sheet, as_role: Sign
) -> None:
    owner, target = as_role("owner"), BytesIO()
    Image.new("RGB", (60, 30)).save(target, "PNG")
    picture = SimpleUploadedFile("logo.png", target.getvalue())
    owner.post(reverse("sheet_mark"), {"version": written.version, "mark": picture})
    row = Sheet.objects.get()
    assert row.mark
    row.links = False
    row.save()
    html = owner.get("/office/changes/?kind=sheet").content.decode()
    assert f"<div>Logo: – → {row.mark[:8]}</div>" in html
    assert "<div>Briefe nennen die Kundenseite: ja → nein</div>" in html


def test_the_owner_learns_on_today_that_a_new_service_model_hides_the_public_page(
    office: SimpleNamespace, public: Sheet, as_role: Sign
) -> None:
    notice = "Die öffentliche Seite mit Ihrem Leistungsversprechen zeigt gerade nichts, weil ein Text zu ändern ist."
    assert as_role("owner").get("/").content.decode().count(notice) == 0
    worded("Kunden der Klasse A rufen wir heute zurück.", office, begins_on=timezone.localdate())
    assert [as_role(role).get("/").content.decode().count(notice) for role in ("owner", "adviser")] == [1, 0]
    said = "Eingeschaltet, aber sie zeigt nichts, bis der Text geändert ist, der oben steht."
    page = as_role("owner").get("/telling/")
    assert (said in page.content.decode(), switches(page)) == (True, ["off", "address"])
    switch(as_role("owner"), "off")
    assert as_role("owner").get("/").content.decode().count(notice) == 0
    assert switches(as_role("owner").get("/telling/")) == []

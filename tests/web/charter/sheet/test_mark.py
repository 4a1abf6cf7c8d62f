"""The firm's mark in the office: taken from a file, shown wherever the firm is, taken away, kept for old letters."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from tests.people import CARO
from tests.web.charter.letters.conftest import letters, planned, released  # noqa: F401 - fixtures
from tests.web.charter.sheet.conftest import NOW
from zusage.report.mark import data_uri, mark_of
from zusage.web.book.queries import stored
from zusage.web.charter.actions import links_for
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.models import Sheet
from zusage.web.charter.sheet.actions import make_public, set_mark
from zusage.web.office.backup import write_backup
from zusage.web.privacy.queries import unneeded

Sign = Callable[..., Client]
Made = Callable[..., LetterWave]


def logo(colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    target = BytesIO()
    Image.new("RGB", (300, 80), colour).save(target, "JPEG", comment=b"Aufnahmeort Probierweg 1")
    return target.getvalue()


def send(client: Client, content: bytes, name: str = "logo.jpg") -> Any:
    version = client.get("/telling/mark/").context["found"].version
    return client.post("/telling/mark/", {"version": version, "mark": SimpleUploadedFile(name, content)})


def pictures_in(content: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(BytesIO(content)).pages)


@pytest.fixture
def marked(office: SimpleNamespace, written: Sheet, settings: Any, tmp_path: Path) -> Sheet:
    """A firm with a mark."""
    settings.DATA = tmp_path
    return set_mark(version=written.version, mark=mark_of(logo()), by=office.owner, now=NOW)


def test_a_picture_is_taken_shown_with_the_firms_name_and_taken_away(
    written: Sheet, as_role: Sign, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    client = as_role("adviser")
    assert send(client, logo()).status_code == 302
    found = Sheet.objects.get()
    kept = stored(found.mark).read_bytes()
    assert (kept, b"Probierweg" in kept, str(found.changed_by)) == (mark_of(logo()), False, "Adviser")
    page = client.get("/telling/mark/").content.decode()
    assert f'src="{data_uri(kept)}" alt="Maklerbüro Muster"' in page
    client.post("/telling/mark/", {"version": found.version, "what": "remove"})
    assert Sheet.objects.get().mark == ""
    assert 'class="mark' not in client.get("/telling/mark/").content.decode()


def test_what_is_no_picture_is_refused_beside_its_field_and_changes_nothing(marked: Sheet, as_role: Sign) -> None:
    client = as_role("owner")
    answer = send(client, b"<svg onload='alert(1)'/>", "logo.png")
    assert (answer.status_code, Sheet.objects.get().mark) == (422, marked.mark)
    assert "Die Datei ist von der Art SVG" in answer.content.decode()
    assert client.post("/telling/mark/", {"version": marked.version}).status_code == 422


def test_of_two_at_the_same_time_the_second_changes_nothing(marked: Sheet, as_role: Sign) -> None:
    client = as_role("owner")
    client.post("/telling/mark/", {"version": marked.version - 1, "what": "remove"})
    assert Sheet.objects.get().mark == marked.mark


def test_the_charter_has_it_on_pages_and_in_files(office: SimpleNamespace, marked: Sheet, as_role: Sign) -> None:
    picture = data_uri(stored(marked.mark).read_bytes())
    client = as_role("owner")
    assert picture in client.get("/telling/").content.decode()
    assert picture in client.get("/telling/charter.html").content.decode()
    assert pictures_in(client.get("/telling/charter.pdf").content) == 1
    public = make_public(version=marked.version, public=True, by=office.owner, now=NOW)
    stranger = Client()
    page = stranger.get(reverse("public_charter", args=[public.token]))
    assert picture in page.content.decode()
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert pictures_in(stranger.get(reverse("public_charter_pdf", args=[public.token])).content) == 1


def test_a_customers_own_page_has_it(office: SimpleNamespace, marked: Sheet) -> None:
    now = timezone.now()
    made = links_for([CARO], by=office.owner, now=now, expires_on=timezone.localdate(now))[CARO]
    page = Client().get("/k/" + made.split("/k/")[1]).content.decode()
    assert f'src="{data_uri(stored(marked.mark).read_bytes())}" alt="Maklerbüro Muster"' in page


def test_letters_keep_the_mark_they_were_made_with_and_name_it_by_its_hash(
    letters: SimpleNamespace,  # noqa: F811 - the fixture
    released: Made,  # noqa: F811 - the fixture
    as_role: Sign,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    mark = mark_of(logo())
    first = set_mark(version=Sheet.objects.get().version, mark=mark, by=letters.owner, now=NOW)
    item = WaveLetter.objects.filter(wave=released("welcome"), state="made")[0]
    assert item.said is not None
    assert item.said["letter"]["sender"]["mark"] == first.mark
    assert pictures_in(stored(item.paper).read_bytes()) == 1
    assert item.week is not None
    assert pictures_in(stored(item.week.printed).read_bytes()) == item.week.letters.filter(state="made").count()
    set_mark(version=first.version, mark=b"", by=letters.owner, now=NOW)
    assert data_uri(mark) in as_role("owner").get(f"/telling/letters/letter/{item.pk}/").content.decode()


def test_backups_hold_it_and_no_erasure_takes_it_away(marked: Sheet, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("x", "utf-8")
    assert unneeded([f"files/{marked.mark}"]) == []
    made = write_backup(tmp_path / "backup.zip", now=NOW)
    assert f"files/{marked.mark}" in zipfile.ZipFile(made).namelist()

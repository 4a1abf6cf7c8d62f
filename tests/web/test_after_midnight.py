"""Just after midnight it is still yesterday by what is stored (UTC): whatever names a day or rests on one goes by the
firm's clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.web.book.conftest import CUSTOMERS, upload
from tests.web.charter.sheet.conftest import worded
from zusage.web.book.actions import add_files, new_import
from zusage.web.book.models import Import
from zusage.web.charter.models import Sheet
from zusage.web.services.actions import open_draft

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
TODAY = date(2026, 11, 26)
"""By the firm's clock it is half past midnight."""
TEMPLATES = Path(__file__).parents[2] / "src" / "zusage" / "web" / "templates"


@pytest.fixture(autouse=True)
def after_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_pages_name_the_day_of_the_firm(office: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    open_draft(text=office.version.text, base=office.version, by=office.owner, now=NOW)
    page = as_role("owner").get("/services/").content.decode()
    assert set(re.findall(r"2[56]\.11\.2026", page)) == {"26.11.2026"}


def test_no_page_takes_the_day_of_a_moment_as_it_is_stored() -> None:
    found = {path.name: re.findall(r"\w+\.date\b", path.read_text("utf-8")) for path in TEMPLATES.rglob("*.html")}
    assert {name: taken for name, taken in found.items() if taken} == {}


def test_a_file_known_from_an_earlier_import_is_told_with_its_day(
    office: SimpleNamespace, settings: SimpleNamespace, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    known = new_import(by=office.owner, now=NOW)
    add_files(to=known, uploads=[upload("Kundenliste.csv", CUSTOMERS)])
    Import.objects.filter(pk=known.pk).update(state="published", published_at=NOW)
    [said] = add_files(to=new_import(by=office.owner, now=NOW), uploads=[upload("Kunden.csv", CUSTOMERS)])
    assert (said.reason.code, said.reason.values["added_on"]) == ("imports_known", TODAY)


def test_a_charter_that_is_unfit_from_today_on_is_not_made_public(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    worded("Kunden der Klasse A rufen wir heute zurück.", office, begins_on=TODAY)
    as_role("owner").post("/telling/public/", {"what": "on", "version": 0})
    assert list(Sheet.objects.filter(public=True)) == []

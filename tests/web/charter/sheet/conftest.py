"""A sheet of the small office, and versions of its service model with other texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from tests.people import POLICY, changed
from zusage.web.charter.models import Sheet
from zusage.web.charter.sheet.actions import edit_sheet, make_public
from zusage.web.office.models import PolicyVersion

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LINES = {
    "name": "Maklerbüro Muster", "street": "Beispielweg 1", "postcode": "04109", "city": "Leipzig",
    "phone": "0341 111111", "mail": "buero@example.org", "web": "www.example.org", "managing": "Inhaberin Mia Muster",
    "opening_de": "Mo. bis Fr. von 9 bis 17 Uhr", "opening_en": "Mon to Fri from 9 to 5",
    "intro_de": "Bei uns wissen Sie vorher, womit Sie rechnen können.",
    "intro_en": "With us you know beforehand what to expect.",
}  # fmt: skip
WORDED = ("callback: {A: same_day", 'callback: {A: {mode: same_day, wording: "%s"}')
"""The call back of class A with a sentence of the firm's own."""


@pytest.fixture
def written(office: SimpleNamespace) -> Sheet:
    """The lines of the firm and its texts."""
    return edit_sheet(version=0, values=LINES, by=office.owner, now=NOW)


@pytest.fixture
def public(office: SimpleNamespace, written: Sheet) -> Sheet:
    """The same, switched on for everybody."""
    return make_public(version=written.version, public=True, by=office.owner, now=NOW)


def worded(sentence: str, office: SimpleNamespace, *, begins_on: date, label: str = "worded") -> PolicyVersion:
    """A published version in which the firm says something of its own about the call back of its best class."""
    pair = (WORDED[0], WORDED[1] % sentence)
    policy = changed(pair, ("version: test", f"version: {label}"))
    text = POLICY.replace(*pair).replace("version: test", f"version: {label}")
    return PolicyVersion.objects.create(
        text=text, hash=policy.hash, label=label, valid_from=begins_on, published_at=NOW, published_by=office.owner
    )

"""Letters and mails of the small office, as waves and pages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from tests.people import ALMA, BELA, NAMES
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import Message

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)


def letter(office: SimpleNamespace, number: str = ALMA, purpose: str = "wave 1", **more: Any) -> Message | None:
    """A letter that tells a customer the class they are in."""
    values: dict[str, Any] = {
        "number": number, "unit_id": ALMA if number == BELA else number, "name": NAMES[number], "purpose": purpose,
        "kind": "welcome", "channel": "post", "gate": "service", "policy": office.version, "class_key": "A",
        "by": office.adviser, "now": NOW,
    }  # fmt: skip
    return write(**values | more)


def posted(office: SimpleNamespace, number: str = ALMA, purpose: str = "wave 1", **more: Any) -> Message:
    """A letter that was written now and not before."""
    found = letter(office, number, purpose, **more)
    assert found is not None
    return found

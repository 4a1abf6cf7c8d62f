"""Letters for tests: one firm, one customer, every kind; and what stands in a PDF, read by another program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from tests.people import changed
from zusage.ground.words import Language
from zusage.policy.document import Policy, Text
from zusage.promises.recipients import Kind
from zusage.report.letters import (
    Address,
    Contact,
    Letter,
    Sender,
    Statement,
    Template,
    compose,
    letter_fields,
    read_templates,
)
from zusage.report.letters.fields import Around, Cause, Delivered, Former, Subject

NOTICE = Text("# Wer verantwortlich ist\nMuster GmbH\n- Auskunft", "# Who is responsible\nMuster Ltd\n- Access")
SENDER = Sender(
    "Muster Makler GmbH", "Probierweg 1", "04109", "Leipzig", "0341 900 99 0", "post@muster.example", "muster.example",
    "Geschäftsführung: Berta Beispiel", Text("Vormittags geht es am schnellsten.", "Mornings are quickest."), NOTICE,
)  # fmt: skip
CONTACT = Contact("Bernd Beispiel", "Berater")
PETRA = Address("Probe, Petra", "Frau", "Dr.", "Petra", "Probe", "", "Musterweg 3", "", "01067", "Dresden")
TODAY, STARTS = date(2026, 11, 2), date(2027, 3, 1)
CODE = "K7Q3XM"


def letter(kind: Kind = "welcome", language: Language = "de", policy: Policy | None = None, **more: Any) -> Letter:
    """A letter to Petra Probe; everything about it may be given otherwise."""
    policy = policy or changed()
    keys = {"welcome": "A", "up": "A", "down": "B", "statement": "A"}
    subject = Subject(
        "0042",
        more.get("address", PETRA),
        more.get("class_key", keys[kind]),
        tuple(more.get("agreed", ())),
        more.get("cannot_come", False),
        more.get("consumer", True),
    )
    around = Around(
        more.get("sender", SENDER), more.get("contact", CONTACT), TODAY, STARTS, more.get("shown", frozenset())
    )
    former = Former(more.get("old", policy), more.get("former_key", "B" if kind == "up" else "A"))
    statement = Statement(2026, (Delivered("callback", 5, 4, 3),), (("annual_check", date(2027, 5, 3)),))
    code = more.get("code", CODE)
    fields = letter_fields(
        kind, policy, subject, around, language,
        former=former if kind in ("up", "down") else None,
        cause=more.get("cause", Cause("criteria", ("yield", "referrals_won"))),
        statement=more.get("statement", statement) if kind == "statement" else None,
        code=code,
    )  # fmt: skip
    template: Template = more.get("template", read_templates()[kind, language])
    return compose(kind, template, fields, subject, around, language, code)


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, its lines kept."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def words_of(pages: Sequence[str] | bytes) -> str:
    """The text of a file as one line."""
    texts = pages_of(pages) if isinstance(pages, bytes) else pages
    return " ".join(" ".join(texts).split())


def lines_at(pdf: bytes, left: float, top: float, width: float, height: float) -> list[tuple[float, float, str]]:
    """What begins in a rectangle of the first page (millimetres from the upper left corner): x, y, text."""
    found: list[tuple[float, float, str]] = []

    def visit(text: str, outer: Sequence[float], inner: Sequence[float], *_: Any) -> None:
        across = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
        up = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
        x, y = across / 72 * 25.4, 297 - up / 72 * 25.4
        if text.strip() and left <= x <= left + width and top <= y <= top + height:
            found.append((round(x, 1), round(y, 1), " ".join(text.split())))

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return found

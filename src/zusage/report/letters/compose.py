"""A filled template and who writes to whom come in, a letter goes out, with what every letter must hold.

The right to object to advertising (Art. 21(4) GDPR) and the information by Art. 13 stand in every letter, whatever the
firm's template says.
"""

from __future__ import annotations

from datetime import date

from zusage.ground.words import Language
from zusage.promises.recipients import Kind
from zusage.report.letters.address import postal_lines
from zusage.report.letters.fields import Around, Subject
from zusage.report.letters.letter import Letter, OwnPage, Slip, plain
from zusage.report.letters.template import Fields, Template, fill, text_blocks
from zusage.report.writing import long_day, said

CHOICES: dict[Kind, tuple[str, ...]] = {
    "welcome": ("suits", "other_package", "call", "changed", "no_advertising"),
    "up": ("suits", "other_package", "call", "changed", "no_advertising"),
    "down": ("suits", "objection", "other_package", "call", "no_advertising"),
    "statement": ("suits", "missing", "call", "changed", "no_advertising"),
}
"""What a customer may tick on the reply slip, by the kind of the letter."""


def compose(
    kind: Kind, template: Template, fields: Fields, subject: Subject, around: Around, language: Language, code: str = ""
) -> Letter:
    """The letter of a template and its fields (`letter_fields`)."""
    line, blocks = fill(template, fields)
    slip = Slip(plain(code), tuple(said(f"letters_slip_{item}", language) for item in CHOICES[kind])) if code else None
    return Letter(
        language=language,
        sender=around.sender,
        address=postal_lines(subject.address, language),
        day=around.today,
        subject=line,
        blocks=tuple(block for block in blocks if block.kind != "slip"),
        objection=said("letters_objection", language, reach=str(fields["reach"])),
        number=plain(subject.number),
        contact=around.contact,
        slip=slip if any(block.kind == "slip" for block in blocks) else None,
        notice=text_blocks(around.sender.notice[language]),
    )


def own_page(until: date, language: Language) -> OwnPage:
    """What a letter says of the customer's own page that opens until a day; the address comes in when it is printed."""
    return OwnPage(said("letters_page_text", language, until=long_day(until, language)))

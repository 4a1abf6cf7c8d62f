"""Letters come in, PDF goes out: fonts embedded, each letter from its own first page; single letters are PDF/UA.

A letter that cannot be printed (a sign that no font of the machine has) never stops the others: it is named instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any

from zusage.ground.reasons import Finding, Refused
from zusage.report import typeset
from zusage.report.letters.letter import PLACE, Block, Letter, Sender, plain
from zusage.report.letters.squares import squares
from zusage.report.mark import drawn, pictures
from zusage.report.writing import long_day, said

BATCH = 10
"""Letters set together: a letter takes two megabytes while it is set, and what was set is kept for a while."""
TAGGED = 50
"""Up to so many letters one file is tagged as a whole; larger ones, which are for the printer, are put together."""

Marks = Mapping[str, bytes]
"""The firm's marks by their sha256, as letters name them."""
NO_MARKS: Marks = MappingProxyType({})
Step = Callable[[int, int], None]
"""Is told how many letters are set, and of how many."""


@dataclass(frozen=True)
class Printed:
    """A PDF of some letters, and those that are not in it: place in the list and why."""

    pdf: bytes
    broken: tuple[tuple[int, Finding], ...]


def letter_pdf(letter: Letter, marks: Marks = NO_MARKS) -> bytes:
    """One letter as PDF/UA, with the firm's mark where `marks` has it; raises Refused where it cannot be printed, or
    the extra `letters` is not installed."""
    return _set([letter], marks, duplex=False)


def letters_pdf(letters: Sequence[Letter], marks: Marks = NO_MARKS, *, duplex: bool = False) -> bytes:
    """All letters in one PDF, in their order. `duplex`: each begins on the front of a sheet.

    Raises Refused as `letter_pdf` does; `print_letters` goes on without the ones that cannot be printed.
    """
    printed = print_letters(letters, marks, duplex=duplex)
    if printed.broken:
        raise Refused([finding for _, finding in printed.broken])
    return printed.pdf


def letter_pages(letter: Letter, marks: Marks = NO_MARKS) -> list[bytes]:
    """The pages of a letter as pictures (PNG)."""
    return typeset.pages("letter", _data([letter], marks, duplex=False), pictures(marks))


def print_letters(
    letters: Sequence[Letter], marks: Marks = NO_MARKS, *, duplex: bool = False, step: Step | None = None
) -> Printed:
    """All letters that can be printed in one PDF, empty where there is none; the others are named.

    A file of up to TAGGED letters is PDF/UA; a larger one is put together of pieces, pages only.
    """
    broken: list[tuple[int, Finding]] = []
    if len(letters) <= TAGGED:
        pieces = list(_pieces(letters, marks, TAGGED, broken, step, duplex=duplex))
        return Printed(pieces[0] if pieces else b"", tuple(broken))
    whole = _joined(_pieces(letters, marks, BATCH, broken, step, duplex=duplex), letters, duplex=duplex)
    return Printed(whole, tuple(broken))


def _pieces(
    letters: Sequence[Letter],
    marks: Marks,
    size: int,
    broken: list[tuple[int, Finding]],
    step: Step | None,
    *,
    duplex: bool,
) -> Iterator[bytes]:
    """One file after the other, each with so many letters; those that cannot be printed are added to `broken`."""
    for first in range(0, len(letters), size):
        if step is not None:
            step(first, len(letters))
        part = letters[first : first + size]
        try:
            yield _set(part, marks, duplex=duplex)
        except Refused as refused:
            lost = dict(_broken(part, refused))
            broken += [(first + place, finding) for place, finding in lost.items()]
            rest = [letter for place, letter in enumerate(part) if place not in lost]
            if rest:
                yield _set(rest, marks, duplex=duplex)


def _set(letters: Sequence[Letter], marks: Marks, *, duplex: bool) -> bytes:
    return typeset.pdf("letter", _data(letters, marks, duplex=duplex), pictures(marks))


def _broken(letters: Sequence[Letter], refused: Refused, first: int = 0) -> Iterator[tuple[int, Finding]]:
    """The letters that cannot be printed, found by halves: there are few."""
    if refused.findings[0].reason.code == "typeset_not_installed":
        raise refused
    if len(letters) == 1:
        yield first, refused.findings[0]
        return
    half = len(letters) // 2
    for part, start in ((letters[:half], first), (letters[half:], first + half)):
        try:
            _set(part, NO_MARKS, duplex=False)
        except Refused as again:
            yield from _broken(part, again, start)


def _joined(pieces: Iterable[bytes], letters: Sequence[Letter], *, duplex: bool) -> bytes:
    """One file of several, for the printer: pages without the tags of single letters; empty where there are none."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - of the extra `letters`

    writer = PdfWriter()
    for piece in pieces:
        reader = PdfReader(BytesIO(piece))
        writer.append(reader, import_outline=False)
        if duplex and len(reader.pages) % 2:
            writer.add_blank_page()
    if not len(writer.pages):
        return b""
    writer.add_metadata({"/Title": _title(letters), "/Author": plain(letters[0].sender.name)})
    whole = BytesIO()
    writer.write(whole)
    return whole.getvalue()


# --- letters as data of the template


def _data(letters: Sequence[Letter], marks: Marks, *, duplex: bool) -> dict[str, Any]:
    first = letters[0]
    return {
        "title": _title(letters),
        "language": first.language,
        "author": plain(first.sender.name),
        "duplex": duplex,
        "letters": [_letter(letter, marks) for letter in letters],
    }


def _title(letters: Sequence[Letter]) -> str:
    first = letters[0]
    return plain(first.subject if len(letters) == 1 else said("letters_title", first.language, count=len(letters)))


def _letter(letter: Letter, marks: Marks) -> dict[str, Any]:
    sender = letter.sender
    return {
        "language": letter.language,
        "firm": plain(sender.name),
        "mark": drawn(marks.get(sender.mark, b""), plain(sender.name)),
        "back": " · ".join(map(plain, sender.lines)),
        "foot": [plain(part) for part in (" · ".join(sender.lines), _ways(sender), sender.managing) if part],
        "address": [plain(line) for line in letter.address],
        "facts": _facts(letter),
        "subject": plain(letter.subject),
        "blocks": [_block(block) for block in letter.blocks],
        "objection": {"head": said("letters_objection_head", letter.language), "text": plain(letter.objection)},
        "page": _page(letter),
        "slip": _slip(letter),
        "notice": [_block(block) for block in letter.notice],
        "words": {name: said(f"letters_{name}", letter.language) for name in ("page", "enclosure", "notice_head")},
    }


def _ways(sender: Sender) -> str:
    return " · ".join(filter(None, (sender.phone, sender.mail, sender.web)))


def _facts(letter: Letter) -> list[list[str]]:
    """What stands beside the window: who is there for the customer, the number, the day."""
    contact, sender = letter.contact, letter.sender
    facts: Mapping[str, str] = {
        "contact": contact.name,
        "phone": contact.phone or sender.phone,
        "mail": contact.mail or sender.mail,
        "number": letter.number,
        "date": long_day(letter.day, letter.language),
    }
    return [[said(f"letters_fact_{name}", letter.language), plain(text)] for name, text in facts.items() if text]


def _page(letter: Letter) -> dict[str, str] | None:
    if letter.page is None:
        return None
    address = letter.page.address
    return {
        "head": said("letters_page_head", letter.language),
        "text": plain(letter.page.text),
        "address": address,
        "squares": "" if address == PLACE else squares(address),
        "alt": said("letters_page_squares", letter.language),
    }


def _slip(letter: Letter) -> dict[str, Any] | None:
    if letter.slip is None:
        return None
    words = ("slip_head", "slip_code", "slip_number", "slip_sign", "slip_phone", "slip_note")
    return {
        "code": letter.slip.code,
        "number": plain(letter.number),
        "name": plain(letter.address[0]) if letter.address else "",
        "choices": [plain(item) for item in letter.slip.choices],
        "words": {name: said(f"letters_{name}", letter.language) for name in words},
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind,
        "text": plain(block.text),
        "items": [plain(item) for item in block.items],
        "head": [plain(cell) for cell in block.head],
        "rows": [[plain(cell) for cell in row] for row in block.rows],
    }

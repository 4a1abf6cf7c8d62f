"""A letter comes in, the same as plain text goes out: for a mail that has the PDF with it."""

from __future__ import annotations

from collections.abc import Iterator

from zusage.report.letters.letter import Block, Blocks, Letter
from zusage.report.writing import said


def letter_text(letter: Letter) -> str:
    """The text of a letter with all it must say; the reply slip stays on paper."""
    parts = [*_blocks(letter.blocks), *_page(letter)]
    parts += [said("letters_objection_head", letter.language) + "\n" + letter.objection]
    if letter.notice:
        parts += [said("letters_notice_head", letter.language), *_blocks(letter.notice)]
    return "\n\n".join(parts) + "\n"


def _page(letter: Letter) -> Iterator[str]:
    """The address of the customer's own page on a line of its own, so that no mail program takes a comma into it."""
    if letter.page is not None:
        yield letter.page.text + "\n" + letter.page.address


def _blocks(blocks: Blocks) -> Iterator[str]:
    for block in blocks:
        if block.kind == "list":
            yield "\n".join(f"- {item}" for item in block.items)
        elif block.kind == "table":
            yield "\n".join(_row(block, row) for row in block.rows)
        elif block.kind == "signature":
            yield "\n".join((block.text, "", *block.items)) if block.text else "\n".join(block.items)
        elif block.kind != "slip":
            yield block.text


def _row(block: Block, row: tuple[str, ...]) -> str:
    """`- Rückruf · bisher: am selben Arbeitstag · ab 1. März 2027: am nächsten Arbeitstag`."""
    named = (f"{head}: {cell}" for head, cell in zip(block.head[1:], row[1:], strict=True))
    return f"- {' · '.join((row[0], *named))}"

"""The text of a template comes in, a checked template goes out; fields are put into it, and the blocks of a letter come
out.

A template is plain text: the first line is the subject, then blank lines part paragraphs, `# ` begins a heading, `- `
an item of a list. A name in braces is a field; one that stands for a list or a table stands alone on its line. There
are no conditions. What would say nothing is left out instead: an empty field on its own line, the line above it that
ends in a colon, and a heading with nothing under it. `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from zusage.ground.nearest import nearest, not_among
from zusage.ground.reasons import Finding, Place, Refused, Value, mistake
from zusage.ground.words import LANGUAGES, Language
from zusage.promises.recipients import KINDS, Kind
from zusage.report.letters.letter import Block, BlockKind, Blocks, plain

SUBJECTS = ("Betreff:", "Subject:")
LARGEST = 60_000
"""Characters of a template; nobody writes a letter of forty pages."""

_COMMON = frozenset(
    {
        *("customer.name", "customer.number", "firm.name", "firm.phone", "firm.mail", "firm.web", "firm.opening"),
        *("contact.name", "contact.phone", "contact.mail", "package.name", "today", "salutation"),
        *("reach", "anything_else"),
    }
)
_CHANGE = frozenset(("package.former", "starts_on", "reason"))
INLINE: Mapping[Kind, AbstractSet[str]] = {
    "welcome": _COMMON | {"starts_on"},
    "up": _COMMON | _CHANGE,
    "down": _COMMON | _CHANGE,
    "statement": _COMMON | {"year", "kept"},
}
"""The fields of each kind of letter that stand for some words."""

_BLOCKS = frozenset(("promises", "floor", "conditions", "signature", "reply_slip"))
_CHANGES = frozenset(("what_stays", "what_changes", "what_is_added", "bring_back"))
BLOCK: Mapping[Kind, AbstractSet[str]] = {
    "welcome": _BLOCKS,
    "up": _BLOCKS | _CHANGES,
    "down": _BLOCKS | _CHANGES,
    "statement": _BLOCKS | {"delivered", "next"},
}
"""The fields that stand for a list, a table or a part of the letter: alone on their line."""

Fields = Mapping[str, str | Blocks]
_BRACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True)
class Piece:
    """Text, or the name of a field."""

    text: str
    field: bool = False


@dataclass(frozen=True)
class Part:
    """A line of meaning of a template: a paragraph, a heading, an item, or a field that stands alone."""

    kind: Literal["paragraph", "heading", "item", "block"]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Template:
    """A template that was checked: every field it names is there."""

    subject: tuple[Piece, ...]
    parts: tuple[Part, ...]


def fields_of(kind: Kind) -> tuple[str, ...]:
    """All fields a template of a kind may name, in the order of the alphabet."""
    return tuple(sorted(INLINE[kind] | BLOCK[kind]))


# --- reading


def read_template(text: str, kind: Kind, file: str = "") -> Template:
    """A template from its text; raises Refused with every mistake, each with file and line."""
    reader = _Reader(kind, file)
    if len(text) > LARGEST:
        raise Refused([mistake("letters_template_long", Place(file or None), most=LARGEST)])
    found = reader.template(text.removeprefix("\ufeff").splitlines())
    if reader.findings:
        raise Refused(reader.findings)
    return found


class _Reader:
    """Goes through the lines of a template and collects what is wrong with them."""

    def __init__(self, kind: Kind, file: str) -> None:
        self.kind, self.file = kind, file
        self.findings: list[Finding] = []

    def wrong(self, code: str, line: int, at: int, /, **values: Value) -> None:
        place = Place(self.file or None, line, path=None)
        self.findings.append(mistake(code, place, at=at, **values))

    def template(self, lines: Sequence[str]) -> Template:
        first = next((at for at, line in enumerate(lines) if line.strip()), 0)
        head = lines[first].strip() if lines else ""
        mark = next((mark for mark in SUBJECTS if head.startswith(mark)), None)
        if mark is None or not head.removeprefix(mark).strip():
            self.findings.append(mistake("letters_no_subject", Place(self.file or None, first + 1)))
        subject = self.pieces(head.removeprefix(mark or "").strip(), first + 1, lines[first].find(head) if head else 0)
        return Template(subject, tuple(self.parts(lines, first + 1)))

    def parts(self, lines: Sequence[str], start: int) -> Iterator[Part]:
        """Lines that follow each other are one paragraph; headings, items and block fields are lines of their own."""
        held: list[Piece] = []
        for number, line in enumerate(lines[start:], start + 1):
            kind, bare = _kind_of(line)
            block = self.block_field(bare) if kind == "paragraph" else None
            if held and (kind != "paragraph" or block or not bare):
                yield Part("paragraph", tuple(held))
                held = []
            if block:
                yield Part("block", (Piece(block, field=True),))
            elif bare and kind == "paragraph":
                held += [*([Piece(" ")] if held else []), *self.pieces(bare, number, line.find(bare))]
            elif bare:
                yield Part(kind, self.pieces(bare, number, line.find(bare)))
        if held:
            yield Part("paragraph", tuple(held))

    def block_field(self, bare: str) -> str | None:
        """The name of the block field a line consists of."""
        found = _BRACE.fullmatch(bare)
        name = found[1].strip() if found and found[1] is not None else ""
        return name if name in BLOCK[self.kind] else None

    def pieces(self, text: str, line: int, offset: int) -> tuple[Piece, ...]:
        """Text and fields of a piece of a line; `offset` is where in the line it begins."""
        found: list[Piece] = []
        end = 0
        for match in _BRACE.finditer(text):
            found.append(Piece(text[end : match.start()]))
            end = match.end()
            if match[0] in ("{{", "}}"):
                found.append(Piece(match[0][0]))
            elif match[1] is None:
                self.wrong("letters_brace_alone", line, offset + match.start() + 1, text=match[0])
            elif self.known(match[1].strip(), line, offset + match.start() + 1):
                found.append(Piece(match[1].strip(), field=True))
        found.append(Piece(text[end:]))
        return tuple(piece for piece in found if piece.text)

    def known(self, name: str, line: int, at: int) -> bool:
        if name in INLINE[self.kind]:
            return True
        if name in BLOCK[self.kind]:
            self.wrong("letters_field_not_alone", line, at, field=name)
            return False
        others = any(name in INLINE[kind] | BLOCK[kind] for kind in KINDS)
        code = "letters_field_of_others" if others else "letters_field_unknown"
        self.wrong(code, line, at, **not_among(plain(name)[:60], fields_of(self.kind)))
        return False


def _kind_of(line: str) -> tuple[Literal["paragraph", "heading", "item"], str]:
    bare = line.strip()
    if bare.startswith("# "):
        return "heading", bare[2:].strip()
    if bare.startswith("- "):
        return "item", bare[2:].strip()
    return "paragraph", bare


# --- filling


def fill(template: Template, fields: Fields) -> tuple[str, Blocks]:
    """The subject and the blocks of a letter; what says nothing is left out."""
    blocks: list[Block] = []
    for part in template.parts:
        if part.kind == "block":
            _add_field(blocks, fields.get(part.pieces[0].text, ()))
        elif part.kind == "item":
            _add_item(blocks, _said(part.pieces, fields))
        else:
            blocks.append(Block(part.kind, _said(part.pieces, fields)))
    return _said(template.subject, fields), _without_idle([block for block in blocks if not block.empty])


def _said(pieces: Sequence[Piece], fields: Fields) -> str:
    words = (str(fields.get(piece.text, "")) if piece.field else piece.text for piece in pieces)
    return plain("".join(words))


def _add_item(blocks: list[Block], text: str) -> None:
    if not text:
        return
    if blocks and blocks[-1].kind == "list":
        blocks[-1] = Block("list", items=(*blocks[-1].items, text))
    else:
        blocks.append(Block("list", items=(text,)))


def _add_field(blocks: list[Block], value: str | Blocks) -> None:
    """The blocks of a field. The line that leads to an empty one goes; a signature takes the greeting above it."""
    found = [block for block in value if not block.empty] if not isinstance(value, str) else []
    if not found and blocks and blocks[-1].kind == "paragraph" and blocks[-1].text.endswith(":"):
        blocks.pop()
    if found and found[0].kind == "signature" and blocks and blocks[-1].kind == "paragraph":
        found[0] = Block("signature", blocks.pop().text, found[0].items)
    blocks += found


_UNDER: tuple[BlockKind, ...] = ("paragraph", "list", "table")
"""What a heading may be the heading of."""


def _without_idle(blocks: Sequence[Block]) -> Blocks:
    """Without headings that have nothing under them."""
    after = [*blocks, Block("slip")][1:]
    return tuple(
        block
        for block, following in zip(blocks, after, strict=True)
        if block.kind != "heading" or following.kind in _UNDER
    )


def text_blocks(text: str) -> Blocks:
    """A text of the firm as blocks: headings, lists and paragraphs as in templates, and no fields at all."""
    blocks: list[Block] = []
    fresh = True
    for line in text.splitlines():
        kind, bare = _kind_of(line)
        if kind == "item":
            _add_item(blocks, plain(bare))
        elif kind == "paragraph" and blocks and blocks[-1].kind == "paragraph" and not fresh and bare:
            blocks[-1] = Block("paragraph", f"{blocks[-1].text} {plain(bare)}")
        elif bare:
            blocks.append(Block("heading" if kind == "heading" else "paragraph", plain(bare)))
        fresh = not bare
    return tuple(blocks)


# --- the templates there are


def read_templates(folder: Path | None = None) -> dict[tuple[Kind, Language], Template]:
    """All templates; those in a folder (`down.de.txt`) take the place of the ones that come with the program.

    Raises Refused with the mistakes of all files of the folder. A name that is nearly one of a template is a mistake
    too, and so is a folder without any: nobody would notice that the letters do not follow it.
    """
    found = dict(_built_in())
    if folder is None:
        return found
    known = {f"{kind}.{language}.txt": (kind, language) for kind in KINDS for language in LANGUAGES}
    mistakes = list(_misnamed(folder, list(known)))
    for name, (kind, language) in known.items():
        path = folder / name
        if not path.is_file():
            continue
        try:
            found[kind, language] = read_template(path.read_text("utf-8-sig"), kind, name)
        except UnicodeDecodeError:
            mistakes.append(mistake("letters_not_utf8", Place(path.name)))
        except Refused as refused:
            mistakes += refused.findings
    if mistakes:
        raise Refused(mistakes)
    return found


def _misnamed(folder: Path, known: Sequence[str]) -> Iterator[Finding]:
    names = sorted(path.name for path in folder.glob("*"))
    if not set(names) & set(known):
        yield mistake("letters_no_templates", Place(str(folder)), known=", ".join(known))
    for name in names:
        meant = nearest(name, known, 0.8)  # they share their endings: a name must be nearly the same to be refused
        if meant and name not in known:
            yield mistake("letters_template_name", Place(name), nearest=meant)


def built_in_text(kind: Kind, language: Language) -> str:
    """The text of a template that comes with the program, to begin one's own with."""
    return (files("zusage.report.letters") / "templates" / f"{kind}.{language}.txt").read_text("utf-8")


@cache
def _built_in() -> Mapping[tuple[Kind, Language], Template]:
    return {
        (kind, language): read_template(built_in_text(kind, language), kind, f"{kind}.{language}.txt")
        for kind in KINDS
        for language in LANGUAGES
    }

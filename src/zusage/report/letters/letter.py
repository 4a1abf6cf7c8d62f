"""The frozen data of one letter: who writes to whom, and the blocks it is made of. Text in it is text, never code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from zusage.ground.words import Language, word
from zusage.policy.document import Text

BlockKind = Literal["paragraph", "heading", "list", "table", "signature", "slip"]
EMPTY = Text("", "")
PLACE = "https://…"
"""Stands where the address of a customer's own page will be: what is kept of a letter does not name it."""


def readable(text: str, language: Language) -> str:
    """What is kept of a letter as people read it: words say that the address at PLACE is not kept."""
    return text.replace(PLACE, word("letters_page_unkept", language))


@dataclass(frozen=True)
class Block:
    """A piece of a letter. A list has `items`, a table `head` and `rows`; a signature has the lines under the name's
    space as `items` and the greeting above it as `text`."""

    kind: BlockKind
    text: str = ""
    items: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be read in it."""
        return self.kind != "slip" and not (self.text or self.items or self.rows)


Blocks = tuple[Block, ...]


@dataclass(frozen=True)
class Sender:
    """The firm as it writes. Everything but the name may be empty."""

    name: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    phone: str = ""
    mail: str = ""
    web: str = ""
    managing: str = ""  # who manages the firm, and its entries in registers
    opening: Text = EMPTY  # when somebody is there, in the firm's words
    notice: Text = EMPTY  # information by Art. 13 GDPR: a page of its own behind the letter
    mark: str = ""  # sha256 of the firm's picture, which is kept apart from letters

    @property
    def place(self) -> str:
        """Postcode and city in one line."""
        return f"{self.postcode} {self.city}".strip()

    @property
    def dial(self) -> str:
        """The phone number as a telephone takes it: digits, and the plus of a country."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")

    @property
    def site(self) -> str:
        """The address of the firm's own pages for a link."""
        return self.web if "://" in self.web or not self.web else f"https://{self.web}"

    @property
    def reachable(self) -> bool:
        """Whether the lines suffice for a letter: street and place."""
        return bool(self.street and self.city)

    @property
    def lines(self) -> tuple[str, ...]:
        """Name, street and place, as far as they are known."""
        return tuple(filter(None, (self.name, self.street, self.place)))


@dataclass(frozen=True)
class Contact:
    """The person who is there for the customer and signs; without a name the firm signs."""

    name: str = ""
    role: str = ""
    phone: str = ""
    mail: str = ""


@dataclass(frozen=True)
class Slip:
    """The reply slip: the code says whose reply it is, the choices are ticked by the customer."""

    code: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class OwnPage:
    """The customer's own page: what it is for and until when it opens; its address, or PLACE where nobody is to read
    it."""

    text: str
    address: str = PLACE


@dataclass(frozen=True)
class Letter:
    """One letter, ready to be printed."""

    language: Language
    sender: Sender
    address: tuple[str, ...]  # the lines of the window
    day: date
    subject: str
    blocks: Blocks
    objection: str  # the right to object to advertising: printed apart from all the rest
    number: str = ""  # the customer's
    contact: Contact = field(default_factory=Contact)
    slip: Slip | None = None
    notice: Blocks = ()
    page: OwnPage | None = None


_BLANKS = re.compile("[^\\S\u00a0\u202f]+")
"""Blanks at which a line may break; those at which it may not stay as they are."""


def plain(text: str | None) -> str:
    """Text as it may stand in a letter: one line, no control characters, nothing that turns the order of letters.

    >>> plain("Muster\\r\\nBcc: x@example.org"), plain("a\\u202eb\\x00c")
    ('Muster Bcc: x@example.org', 'abc')
    """
    if not text:
        return ""
    composed = unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip())
    return "".join(char for char in composed if not unicodedata.category(char).startswith("C"))

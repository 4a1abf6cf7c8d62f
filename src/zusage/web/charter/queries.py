"""Questions to what is told: the firm's sheet, its lines as a sender of letters and mails, whose code is on a reply."""

from __future__ import annotations

from dataclasses import dataclass

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Text
from zusage.web.charter.models import ReplyCode, Sheet
from zusage.web.office.queries import the_firm

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What codes are written with: 31 signs, without those that look alike (0 and O, 1, I and L). A prime number of signs
lets one check sign find every mistyped sign and every two that changed places."""
LENGTH = 7
"""Signs of a code with its check sign."""


def sheet() -> Sheet:
    """The firm's sheet; an empty one, not stored, before anybody wrote it."""
    return Sheet.objects.filter(pk=1).first() or Sheet(pk=1, version=0)


@dataclass(frozen=True)
class Sender:
    """Who writes to the customer. Everything but the name may be empty."""

    name: str
    street: str
    postcode: str
    city: str
    phone: str
    mail: str
    web: str
    managing: str
    opening: Text  # when somebody is there, in words
    notice: Text  # information by Art. 13 GDPR, the enclosure of letters

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


def sender() -> Sender:
    """The firm as the sender of what customers get."""
    return sender_of(sheet())


def sender_of(found: Sheet) -> Sender:
    """A sheet as a sender; without a name of its own the firm's."""
    lines = (found.street, found.postcode, found.city, found.phone, found.mail, found.web, found.managing)
    return Sender(
        found.name or the_firm().name,
        *lines,
        opening=both(found.opening_de, found.opening_en),
        notice=both(found.notice_de, found.notice_en),
    )


def both(german: str, english: str) -> Text:
    """A text in both languages; where only one was written, it stands for both."""
    return Text(german or english, english or german)


# --- codes for replies on paper


def check_sign(body: str) -> str:
    """The sign that follows the others of a code: their sum, each times its place.

    >>> check_sign("4KM7PX")
    'J'
    """
    return ALPHABET[sum(place * ALPHABET.index(sign) for place, sign in enumerate(body, 1)) % len(ALPHABET)]


def plain_code(text: str) -> str:
    """A code as it is stored, from what somebody typed: large letters, without spaces and lines between."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def shown_code(code: str) -> str:
    """A code as it is printed: in two groups, so that it is copied without losing one's place."""
    return f"{code[:3]}-{code[3:]}"


def number_of(text: str) -> str:
    """The customer a code belongs to. Refused where it is none: too long or short, mistyped, or never given out."""
    code = plain_code(text)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise Refused([mistake("link_code_form", text=text.strip())])
    if check_sign(code[:-1]) != code[-1]:
        raise Refused([mistake("link_code_typo", text=text.strip())])
    found = ReplyCode.objects.filter(code=code).values_list("number", flat=True).first()
    if found is None:
        raise Refused([mistake("link_code_unknown", text=text.strip())])
    return found

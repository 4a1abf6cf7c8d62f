"""Questions to what is told: the firm's sheet, and its lines as a sender of letters and mails."""

from __future__ import annotations

from dataclasses import dataclass

from zusage.policy.document import Text
from zusage.web.charter.models import Sheet
from zusage.web.office.queries import the_firm


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
    def reachable(self) -> bool:
        """Whether the lines suffice for a letter: street and place."""
        return bool(self.street and self.city)


def sender() -> Sender:
    """The firm as the sender of what customers get."""
    found = sheet()
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

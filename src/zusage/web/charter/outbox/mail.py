"""A message of the outbox comes in, the mail as it travels goes out; nothing in a name or subject can add a header."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email.charset import QP, Charset
from email.utils import formataddr, getaddresses
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from zusage.ground.reasons import Reason, Refused, mistake
from zusage.ground.words import Language, say
from zusage.report.letters import PLACE, readable
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.queries import address_again

OWN_HEADERS = ("to", "cc", "bcc", "from", "sender", "subject", "date", "message-id", "mime-version")
"""Headers that are ours to say; a message cannot bring its own."""
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
UNSUBSCRIBE = Signer(salt="zusage.unsubscribe")
CONFIRM = TimestampSigner(salt="zusage.confirm")
_QUOTED = Charset("utf-8")  # every server takes it, also one that knows nothing of eight bits
_QUOTED.body_encoding = QP


@dataclass(frozen=True)
class From:
    """Who writes: the firm's name and its mail address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The part of the address behind the @, as it travels."""
        return ascii_domain(self.address.rpartition("@")[2])


def from_of(written: str, firm: str) -> From:
    """The sender a setting such as `Muster GmbH <post@muster.example>` stands for. Raises Refused."""
    found = getaddresses([" ".join(written.split())])
    if len(found) != 1 or not is_address(found[0][1]):
        raise Refused([mistake("outbox_from")])
    return From(" ".join((found[0][0] or firm).split()), found[0][1])


def is_address(text: str) -> bool:
    """Whether a text is the mail address of one recipient, such as every server takes."""
    local, _, domain = text.rpartition("@")
    if not local.isascii() or len(local) > 64 or domain.startswith("["):
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def envelope(address: str) -> str:
    """An address as it is said to a server: its domain in ASCII."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A domain as the net knows it. By the older rule, which Python and Django follow, `ß` would become `ss`: that is
    somebody else's domain, and the letter theirs.

    >>> ascii_domain("größe.example")
    'xn--gre-6ka8i.example'
    """
    labels = unicodedata.normalize("NFC", domain.lower()).split(".")
    return ".".join(item if item.isascii() else f"xn--{item.encode('punycode').decode()}" for item in labels)


def message_id(message: Message, sender: From) -> str:
    """The same at every try, so that a mail that arrived twice for whatever reason is known as one."""
    token = salted_hmac("zusage.outbox", f"{message.pk} {message.written_at.isoformat()}").hexdigest()[:32]
    return message.message_id or f"<{token}@{sender.domain}>"


def composed(message: Message, sender: From, language: Language) -> EmailMessage:
    """The mail a message becomes. Raises Refused where it cannot become one, with the reason."""
    if not is_address(message.address):
        raise Refused([mistake("outbox_no_address", text=message.address[:80])])
    headers = {"Message-ID": message_id(message, sender), **_of_newsletter(message, sender), **_brought(message)}
    try:
        mail = EmailMessage(
            subject=message.subject,
            body=_body(message, sender, language),
            from_email=formataddr((sender.name, envelope(sender.address))),
            to=[formataddr((message.name, envelope(message.address)))],
            headers=headers,
        )
        mail.encoding = _QUOTED
        if message.attachment:
            mail.attach(message.attachment_name or "Brief.pdf", read_attachment(message), "application/pdf")
        mail.message()  # what a line break in a name or subject does wrong is found here, before anything is sent
    except ValueError:  # BadHeaderError is one too
        raise Refused([mistake("outbox_header")]) from None
    return mail


def _brought(message: Message) -> dict[str, str]:
    """The headers a message brings along."""
    for name in message.headers:
        if not HEADER.fullmatch(name) or name.lower() in OWN_HEADERS:
            raise Refused([mistake("outbox_header")])
    return {name: str(value) for name, value in message.headers.items()}


def read_attachment(message: Message) -> bytes:
    """The letter that belongs to a message. Raises Refused where it is gone."""
    folder = Path(settings.DATA).resolve()
    path = (folder / message.attachment).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise Refused([mistake("outbox_attachment", text=message.attachment_name or message.attachment)])
    return path.read_bytes()


def _body(message: Message, sender: From, language: Language) -> str:
    """The text; mails that advertise say each time how to object (§ 7 (3) no. 4 UWG)."""
    text = "\n".join(_with_address(message, language).splitlines()).rstrip() + "\n"
    if message.gate != "advertising":
        return text
    parts = [text, "-- ", say(Reason("outbox_objection", {"text": sender.address}), language)]
    if message.kind == "newsletter" and has_pages():
        parts.append(say(Reason("outbox_unsubscribe", {"text": unsubscribe_link(message)}), language))
    return "\n".join(parts) + "\n"


# --- addresses that open something for their recipient alone


def _with_address(message: Message, language: Language) -> str:
    """The text with the address it promises, which stands in no row: it comes in as the mail leaves, and whoever looks
    at one that has left reads that it is not kept. A paragraph whose link opens nothing any more is left out."""
    if PLACE not in message.text or message.state != "written":
        return readable(message.text, language)
    address = _address_in(message)
    paragraphs = message.text.split("\n\n")
    return "\n\n".join(item.replace(PLACE, address) for item in paragraphs if address or PLACE not in item)


def _address_in(message: Message) -> str:
    if message.kind == "confirm":
        return confirm_link(message)
    letter = getattr(message, "letter", None)
    return address_again(letter.link, timezone.localdate()) if letter else ""


def confirm_link(message: Message) -> str:
    """The address by which the recipient says that a consent was meant; it counts from the moment it is made."""
    return settings.ADDRESS + reverse("own_confirm", args=[CONFIRM.sign(message.purpose.removeprefix("confirm "))])


# --- one click and no more of it


def has_pages() -> bool:
    """Whether customers can reach our pages: the way RFC 8058 asks for, by https."""
    return settings.ADDRESS.startswith("https://")


def unsubscribe_link(message: Message) -> str:
    """The address by which the recipient ends advertising by mail; only we can have made it."""
    token = UNSUBSCRIBE.sign_object([message.number, message.pk])
    return settings.ADDRESS + reverse("unsubscribe", args=[token])


def unsubscribed(token: str) -> tuple[str, int] | None:
    """The customer and the message of such an address; None for one that we never made."""
    try:
        number, pk = UNSUBSCRIBE.unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(number), int(pk)


def _of_newsletter(message: Message, sender: From) -> dict[str, str]:
    """How mail programs offer their own button: by one click (RFC 8058) where we can be reached, else by mail."""
    if message.kind != "newsletter":
        return {}
    by_mail = f"<mailto:{sender.address}?subject=unsubscribe>"
    if not has_pages():
        return {"List-Unsubscribe": by_mail}
    return {
        "List-Unsubscribe": f"<{unsubscribe_link(message)}>, {by_mail}",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }

"""Letters and mails of the small office as waves write them, and a mail server that does what a test wants of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.people import ALMA, BELA, NAMES
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import Message

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
TAKEN = "250 taken"


def letter(office: SimpleNamespace, number: str = ALMA, purpose: str = "wave 1", **more: Any) -> Message | None:
    """A letter that tells a customer the class they are in."""
    values: dict[str, Any] = {
        "number": number, "unit_id": ALMA if number == BELA else number, "name": NAMES.get(number, number),
        "purpose": purpose, "kind": "welcome", "channel": "post", "gate": "service", "policy": office.version,
        "class_key": "A", "by": office.adviser, "now": NOW,
    }  # fmt: skip
    return write(**values | more)


def posted(office: SimpleNamespace, number: str = ALMA, purpose: str = "wave 1", **more: Any) -> Message:
    """A letter that was written now and not before."""
    found = letter(office, number, purpose, **more)
    assert found is not None
    return found


def mailed(office: SimpleNamespace, number: str = ALMA, purpose: str = "wave 1", **more: Any) -> Message:
    """The same as a mail."""
    values = {"channel": "email", "address": f"k{number}@kunde.example", "subject": "Ihre Zusagen", "text": "Guten Tag"}
    return posted(office, number, purpose, **values | more)


# --- a mail server


@dataclass
class Post:
    """What a mail server took, and how it behaves: by recipient an answer to RCPT or to the mail, or a failure."""

    port: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    on_rcpt: dict[str, str] = field(default_factory=dict)
    on_data: dict[str, str] = field(default_factory=dict)  # an answer, `drop`, `hang`; `drop before`: at the word DATA
    on_mail: str = ""
    sessions: int = 0

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.taken]

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=default) for _, content in self.taken]  # type: ignore[arg-type, misc]


class Talk:
    """The answers of such a server."""

    def __init__(self, post: Post) -> None:
        self.post = post

    async def handle_EHLO(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.post.sessions += 1
        return responses

    async def handle_MAIL(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.post.on_mail:
            return self.post.on_mail
        envelope.mail_from = address
        return "250 go on"

    async def handle_RCPT(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.post.on_rcpt.get(address, "250 known")
        if answer == "drop":
            server.transport.close()
        elif answer == "hang":
            await asyncio.sleep(60)
        elif answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        recipient = envelope.rcpt_tos[0]
        answer = self.post.on_data.get(recipient, TAKEN)
        if answer.startswith(("2", "drop", "hang")):
            self.post.taken.append((recipient, envelope.original_content or b""))
        if answer == "drop":
            server.transport.close()
        elif answer == "hang":
            await asyncio.sleep(60)
        return answer


Speaker = TypeVar("Speaker", bound=Talk)


class Picky(SMTP):
    """A server that may end the conversation at the word DATA, before any line of the mail."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library looks for this name
        wanted = self.event_handler.post.on_data
        if any(wanted.get(recipient) == "drop before" for recipient in self.envelope.rcpt_tos):
            self.transport.close()
            return
        await super().smtp_DATA(arg)


class Place(Controller):
    """The server on a free port of this machine."""

    def factory(self) -> SMTP:
        return Picky(self.handler, **self.SMTP_kwargs)


@contextmanager
def serving(talk: Speaker, **more: Any) -> Iterator[Speaker]:
    """A mail server while a test runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        talk.post.port = free.getsockname()[1]
    place = Place(talk, hostname="127.0.0.1", port=talk.post.port, **more)
    place.start()
    try:
        yield talk
    finally:
        place.stop()


@pytest.fixture
def post(settings: object) -> Iterator[Post]:
    """A mail server that takes everything, set as the firm's."""
    with serving(Talk(Post())) as talk:
        found = talk.post
        settings.SMTP_URL = f"smtp://127.0.0.1:{found.port}"  # type: ignore[attr-defined] # of pytest-django
        settings.MAIL_FROM = "Test GmbH <post@firma.example>"  # type: ignore[attr-defined] # of pytest-django
        yield found


Round = Callable[..., dict[str, int]]
"""A round of the job at a moment."""


@pytest.fixture
def round_at(post: Post) -> Round:
    """`round_at(now)`: hand over what is due, as the job does."""
    from zusage.web.charter.outbox.jobs import send_due
    from zusage.web.charter.outbox.queries import mail_account
    from zusage.web.charter.outbox.server import Server

    def go(now: datetime = NOW, seconds: float = 1.5) -> dict[str, int]:
        ways = mail_account()
        assert ways is not None
        server = Server(ways[0], whole_seconds=seconds)
        try:
            return send_due(server, ways[1], lambda: now)
        finally:
            server.leave()

    return go

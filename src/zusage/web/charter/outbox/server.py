"""A mail comes in, the firm's mail server takes it, refuses it or falls silent; which of these goes out.

SMTP cannot say everything: when the connection is lost after the last line of a mail and before the answer, nobody
knows whether it was taken (RFC 1047). So this conversation keeps apart what was surely not taken, and may be tried
again, from what is unclear, and never is. The answer has a time limit as a whole: a limit on single bytes would let a
server that sends one now and then hold the worker for ever.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from zusage.ground.reasons import Finding, Refused, mistake

WHOLE_SECONDS = 9.0
"""Of one mail from connecting to the answer."""
CONNECT_SECONDS = 4.0
PORTS = {"smtp+starttls": 587, "smtps": 465, "smtp": 25}
LONGEST_REPLY = 200
"""Characters kept of what a server said."""
_BROKEN = (OSError, smtplib.SMTPException)


class Unsent(Exception):  # noqa: N818 - an answer, not a defect
    """A mail that was not handed over; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.reason.code)
        self.finding = finding


class Trouble(Unsent):
    """The server could not be used at all: it does not answer, or wants nothing from us. Surely not taken."""


class Later(Unsent):
    """This mail was not taken now; the server asks to try again."""


class Rejected(Unsent):
    """This mail was refused for good. `address_bad`: because of its recipient's address."""

    def __init__(self, finding: Finding, *, address_bad: bool) -> None:
        super().__init__(finding)
        self.address_bad = address_bad


class Lost(Unsent):
    """Everything was sent and no answer came: nobody knows whether it was taken."""


@dataclass(frozen=True)
class Account:
    """How the firm reaches its mail server."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.scheme != "smtp" or self.host in ("localhost", "127.0.0.1", "::1")


def account_of(url: str) -> Account:
    """The account an address such as `smtp+starttls://user:password@host:587` stands for. Raises Refused."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise Refused([mistake("outbox_url")]) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise Refused([mistake("outbox_url")])
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    found = Account(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)
    if password and not found.private:
        raise Refused([mistake("outbox_url_readable")])
    return found


class Server:
    """A connection to a mail server, opened with the first mail and kept for the next ones."""

    def __init__(self, account: Account, *, whole_seconds: float = WHOLE_SECONDS) -> None:
        self.account, self.whole_seconds = account, whole_seconds
        self.smtp: smtplib.SMTP | None = None

    def hand_over(self, sender: str, recipient: str, content: bytes, claim: Callable[[], bool]) -> bool:
        """Give one mail to the server. `claim` is asked when the recipient was accepted, before any line of the mail
        leaves; False: nothing is sent after all. Raises Trouble, Later, Rejected or Lost.
        """
        limit = threading.Timer(self.whole_seconds, self._cut)
        limit.daemon = True
        limit.start()
        try:
            self._address(sender, recipient)
            claimed = claim()
            if claimed:
                self._send(content)
            else:
                self._open().rset()
        except _BROKEN as error:
            self.close()
            raise Trouble(_trouble(error)) from None
        except BaseException:
            self.close()  # a new connection knows nothing of what went wrong on this one
            raise
        finally:
            limit.cancel()
        return claimed

    def close(self) -> None:
        """End the connection at once."""
        smtp, self.smtp = self.smtp, None
        if smtp is not None:
            smtp.close()

    def leave(self) -> None:
        """End the connection politely: all was said. Nobody waits long for the answer."""
        sock = getattr(self.smtp, "sock", None)
        if self.smtp is not None and sock is not None:
            try:
                sock.settimeout(1)
                self.smtp.docmd("QUIT")
            except _BROKEN:
                pass
        self.close()

    def _cut(self) -> None:
        """The time is up: whoever waits for the server stops waiting."""
        sock = getattr(self.smtp, "sock", None)
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                sock.close()

    def _open(self) -> smtplib.SMTP:
        if self.smtp is None:
            self.smtp = smtp = _conversation(self.account)
            smtp.connect(self.account.host, self.account.port)
            _settle(smtp, self.whole_seconds)
            smtp.ehlo_or_helo_if_needed()
            if self.account.scheme == "smtp+starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self.account.user:
                smtp.login(self.account.user, self.account.password)
        return self.smtp

    def _address(self, sender: str, recipient: str) -> None:
        """Say from whom and to whom; a kept connection that has ended meanwhile is opened anew."""
        kept = self.smtp is not None
        try:
            code, reply = self._open().mail(sender)
        except _BROKEN:
            if not kept:
                raise
            code, reply = 421, b""
        if kept and code == 421:
            self.close()
            code, reply = self._open().mail(sender)
        if code != 250:
            raise Trouble(mistake("outbox_sender_refused", text=said(code, reply)))
        code, reply = self._open().rcpt(recipient)
        if code not in (250, 251):
            raise _refusal(code, reply, of_recipient=True)

    def _send(self, content: bytes) -> None:
        smtp = self._open()
        code, reply = smtp.docmd("DATA")
        if code != 354:
            raise _refusal(code, reply)
        smtp.send(quoted(content))
        try:  # with this line the mail is whole: from here on no failure proves that it was not taken
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
        except _BROKEN:
            raise Lost(mistake("outbox_lost")) from None
        if not 200 <= code < 300:
            raise _refusal(code, reply)


def _conversation(account: Account) -> smtplib.SMTP:
    """A conversation that has not begun: the time limit can end it from its first byte on."""
    found = (
        smtplib.SMTP_SSL(timeout=CONNECT_SECONDS, local_hostname="localhost", context=ssl.create_default_context())
        if account.scheme == "smtps"
        else smtplib.SMTP(timeout=CONNECT_SECONDS, local_hostname="localhost")
    )
    # whose certificate it has to be; the library remembers it only where it connects as it is made
    found._host = account.host  # type: ignore[attr-defined] # not in the types
    return found


def _settle(smtp: smtplib.SMTP, seconds: float) -> None:
    """What a new connection is told: how long to wait, and how we introduce ourselves."""
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected
    smtp.sock.settimeout(seconds)
    # the last line of a mail travels alone: it must not wait until the server has confirmed what came before
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # by our address: our name would have to be asked for, and says what machine this is
    address = smtp.sock.getsockname()[0]
    smtp.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def quoted(content: bytes) -> bytes:
    """A mail as it travels: each line ends with CR LF, the last too, and a dot at its beginning is doubled.

    >>> quoted(b"a" + bytes([10]) + b".b") == b"a" + bytes([13, 10]) + b"..b" + bytes([13, 10])
    True
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    whole = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", whole)


def said(code: int, reply: bytes | str) -> str:
    """What a server said, in one line of plain characters."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return f"{code} {plain}".strip()[:LONGEST_REPLY]


def _refusal(code: int, reply: bytes, *, of_recipient: bool = False) -> Unsent:
    """What a code means for this mail. Of codes for good that name the recipient, those of policy (5.7) say nothing of
    the address: the server may want nothing from us."""
    text = said(code, reply)
    if code == 421:
        return Trouble(mistake("outbox_server_closes", text=text))
    if 500 <= code < 600:
        bad = of_recipient and not re.match(r"\d+ 5\.7\.", text)
        return Rejected(mistake("outbox_address_refused" if bad else "outbox_refused", text=text), address_bad=bad)
    return Later(mistake("outbox_later", text=text))


def _trouble(error: Exception) -> Finding:
    """Why a server could not be used, without anything of our password."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return mistake("outbox_login_refused", text=said(error.smtp_code, error.smtp_error))
    if isinstance(error, ssl.SSLError):
        return mistake("outbox_tls", text=said(0, error.reason or type(error).__name__)[2:])
    if isinstance(error, smtplib.SMTPResponseException):
        return mistake("outbox_server_closes", text=said(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return mistake("outbox_not_supported")
    return mistake("outbox_no_answer")

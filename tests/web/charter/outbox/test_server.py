"""The mail server over encrypted connections, with a login; what is wrong is said without the password."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.people import ALMA, CARO
from tests.web.charter.outbox.conftest import Place, Post, Talk, mailed
from zusage.ground.reasons import Refused
from zusage.web.charter.outbox.jobs import send_due
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import mail_account
from zusage.web.charter.outbox.server import Account, Server, account_of

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is TLS from the start
PASSWORD = "gehe:im@1/2"  # noqa: S105 - of the tests
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody but these tests trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    begins = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "mail.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=(given.login, given.password) == (b"post@firma", PASSWORD.encode()), handled=False)


Start = Callable[[str], Post]


@pytest.fixture
def start(certificate: Path, settings: SimpleNamespace) -> Iterator[Start]:
    """`start(scheme)`: a server that wants encryption and a login, set as the firm's."""
    places: list[Place] = []

    def go(scheme: str) -> Post:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        wants = {"authenticator": known, "auth_required": True}
        if scheme == "smtps":
            more = {"ssl_context": context, "auth_require_tls": False, **wants}
        else:
            more = {"tls_context": context, "require_starttls": True, **wants}
        post = Post()
        place = Place(Talk(post), hostname="127.0.0.1", port=free_port(), **more)
        place.start()
        places.append(place)
        settings.MAIL_FROM = "post@firma.example"
        settings.SMTP_URL = f"{scheme}://post%40firma:gehe%3Aim%401%2F2@127.0.0.1:{place.port}"
        return post

    yield go
    for place in places:
        place.stop()


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def one_round() -> dict[str, int]:
    ways = mail_account()
    assert ways is not None
    server = Server(ways[0], whole_seconds=5)
    try:
        return send_due(server, ways[1], lambda: NOW)
    finally:
        server.leave()


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_mails_go_encrypted_and_with_a_login(
    office: SimpleNamespace, start: Start, certificate: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post = start(scheme)
    mailed(office, ALMA)
    mailed(office, CARO)
    assert one_round() == {"sent": 2}
    assert len(post.taken) == 2


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_certificate_that_does_not_hold_ends_it_before_the_password_is_said(
    office: SimpleNamespace, start: Start, scheme: str
) -> None:
    post = start(scheme)
    mailed(office, ALMA)
    assert one_round() == {"waiting": 1}
    message = Message.objects.get()
    assert (message.why["reason"]["code"], post.taken) == ("outbox_tls", [])  # type: ignore[index]


def test_a_wrong_login_is_said_without_the_password(
    office: SimpleNamespace,
    start: Start,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: SimpleNamespace,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    start("smtp+starttls")
    settings.SMTP_URL = settings.SMTP_URL.replace("gehe%3Aim", "falsch")
    mailed(office, ALMA)
    assert one_round() == {"waiting": 1}
    why = Message.objects.get().why
    assert (why["reason"]["code"], "falsch" in str(why)) == ("outbox_login_refused", False)  # type: ignore[index]


def test_an_address_of_a_server_is_read_or_refused() -> None:
    assert account_of("smtp+starttls://u%40x:p%3A@mail.example.org") == Account(
        "smtp+starttls", "mail.example.org", 587, "u@x", "p:"
    )
    assert account_of(" smtps://mail.example.org:4650/ ").port == 4650
    assert "p:" not in repr(account_of("smtps://u:p%3A@mail.example.org"))
    wrong = ("", "mail.example.org", "http://x", "smtp://", "smtp://h:x", "smtps://h/path", "smtps://h?a=1")
    for url in wrong:
        with pytest.raises(Refused) as refused:
            account_of(url)
        assert [item.reason.code for item in refused.value.findings] == ["outbox_url"]
    with pytest.raises(Refused) as readable:
        account_of("smtp://u:p@mail.example.org")
    assert [item.reason.code for item in readable.value.findings] == ["outbox_url_readable"]
    assert account_of("smtp://u:p@127.0.0.1").private

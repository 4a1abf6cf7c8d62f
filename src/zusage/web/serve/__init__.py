"""A data folder, a port and how people reach the office come in; the whole office runs until it is told to stop."""

from __future__ import annotations

import json
import logging
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zusage.ground.reasons import Reason, Refused, mistake
from zusage.ground.typed import finding_from_json
from zusage.web.serve.children import Child, look_after, stop
from zusage.web.serve.place import RUNNING, SECRET, check_database_url, lock, made_folder, secret_key, write_running

MODULES = ("zusage.web.serve.pages", "zusage.web.serve.work", "zusage.web.serve.clock")
PATIENCE = 30.0
"""Seconds a job under way has to end when the office stops; after that it begins anew at the next start."""
START_SECONDS = 60.0
Tell = Callable[[Reason], None]


@dataclass(frozen=True)
class Options:
    """How an office is to be served."""

    data: Path
    port: int = 8000
    office: bool = False
    address: str = ""
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    workers: int = 2
    browser: bool = True
    demo: str = ""  # language of the example firm, or empty

    @property
    def bind(self) -> str:
        """The network address to listen at: this machine only, unless the office's network is to reach it directly."""
        return "0.0.0.0" if self.office and not self.behind_proxy else "127.0.0.1"  # noqa: S104 - asked for, with TLS

    def url(self) -> str:
        """The address people type, without a slash at its end."""
        if self.address:
            return self.address.rstrip("/")
        return f"https://{socket.gethostname()}:{self.port}" if self.office else f"http://localhost:{self.port}"


def serve(options: Options, tell: Tell) -> None:
    """Run pages, jobs and clock on a data folder until Ctrl+C or SIGTERM. Raises Refused with what is in the way."""
    os.umask(0o077)  # whatever the office writes is readable for its own account only
    stopping = threading.Event()
    _stop_on_signals(stopping)
    _check(options)
    check_database_url()
    data = made_folder(options.data)
    with lock(data):
        _check_port(options.bind, options.port)
        code = "" if not options.office else secrets.token_hex(4)
        first = not (data / SECRET).exists()
        environment = environment_of(options, data, setup_code=code)
        if options.demo:
            tell(Reason("serve_demo_makes"))
        elif first:
            tell(Reason("serve_first_time"))
        found = prepare(environment)
        write_running(data, address=options.url())
        children = [Child(module, environment) for module in MODULES]
        try:
            _run(children, options, stopping, tell, code if not found["firm"] else "", found)
        finally:
            stop(children, PATIENCE)
            (data / RUNNING).unlink(missing_ok=True)


def _run(
    children: list[Child], options: Options, stopping: threading.Event, tell: Tell, code: str, found: dict[str, Any]
) -> None:
    for child in children:
        child.start()
    if _answers(options, children[0], stopping):
        url = options.url() + str(found.get("enter", "/"))
        tell(Reason("serve_ready", {"address": url, "data": str(options.data)}))
        if code:
            tell(Reason("serve_setup_code", {"code": code}))
        if options.demo:
            tell(Reason("serve_demo"))
        if options.browser:
            webbrowser.open(url)
    look_after(children, stopping)
    tell(Reason("serve_stopping"))


def environment_of(options: Options, data: Path, **more: str) -> dict[str, str]:
    """The environment of all processes of an office: what settings.py reads."""
    url = options.url()
    own = {
        "DJANGO_SETTINGS_MODULE": "zusage.web.settings",
        "ZUSAGE_DATA": str(data),
        "ZUSAGE_SECRET_KEY": secret_key(data),
        "ZUSAGE_ADDRESS": url,
        "ZUSAGE_HOSTS": ",".join({urlsplit(url).hostname or "", "localhost", "127.0.0.1", "[::1]"}),
        "ZUSAGE_OFFICE": "1" if options.office else "0",
        "ZUSAGE_BEHIND_PROXY": "1" if options.behind_proxy else "0",
        "ZUSAGE_BIND": options.bind,
        "ZUSAGE_PORT": str(options.port),
        "ZUSAGE_WORKERS": str(options.workers),
        "ZUSAGE_CERTIFICATE": str(options.certificate.resolve()) if options.certificate else "",
        "ZUSAGE_KEY": str(options.key.resolve()) if options.key else "",
        "ZUSAGE_DEMO": options.demo,
        "PYTHONUNBUFFERED": "1",
    }
    return dict(os.environ) | own | {f"ZUSAGE_{key.upper()}": value for key, value in more.items()}


def prepare(environment: Mapping[str, str]) -> dict[str, Any]:
    """Bring the database up to this version; answers what it found. Raises Refused where that failed."""
    done = subprocess.run(
        [sys.executable, "-m", "zusage.web.serve.prepare"],
        env=dict(environment),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise Refused([mistake("serve_not_prepared", text=environment["ZUSAGE_DATA"])])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if refused := answer.get("refused"):
        raise Refused([finding_from_json(item) for item in refused])
    return answer


def _check(options: Options) -> None:
    """What of the options cannot be."""
    network = {
        "--address": options.address,
        "--certificate": options.certificate,
        "--key": options.key,
        "--behind-proxy": options.behind_proxy,
    }
    if not options.office:
        if said := [name for name, value in network.items() if value]:
            raise Refused([mistake("serve_office_only", text=", ".join(said))])
    elif options.behind_proxy:
        if not options.address.startswith("https://"):
            raise Refused([mistake("serve_proxy_address")])
    elif not (options.certificate and options.key):
        raise Refused([mistake("serve_no_certificate")])
    else:
        _check_certificate(options.certificate, options.key)


def _check_certificate(certificate: Path, key: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Refused([mistake("serve_bad_certificate", text=str(certificate), why=str(error))]) from None


def _check_port(bind: str, port: int) -> None:
    """Refuse a port that somebody else listens at: the web server would share it and get half of the visits."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what just ended there does not count
        try:
            probe.bind((bind, port))
        except OSError:
            raise Refused([mistake("serve_port_taken", port=str(port), other=str(port + 1))]) from None


def _answers(options: Options, pages: Child, stopping: threading.Event) -> bool:
    """Wait until the web server takes connections."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and not stopping.is_set():
        pages.look_after()
        try:
            socket.create_connection(("127.0.0.1", options.port), timeout=1).close()
            return True
        except OSError:
            stopping.wait(0.1)
    return False


def _stop_on_signals(stopping: threading.Event) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):  # not each system has each
            signal.signal(getattr(signal, name), lambda *_: stopping.set())
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")

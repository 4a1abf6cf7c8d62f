"""A data folder comes in, a running office goes out: `zusage serve` as its own process, on SQLite or PostgreSQL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.journeys import prepared
from tests.postgres import server

START_SECONDS = 120
"""A fresh database is made first; a busy machine takes its time."""


@contextmanager
def serving(data: Path, database: str = "") -> Iterator[str]:
    """The address of an office that answers; at the end it is closed as by Ctrl+C, and closes in order."""
    if not database:
        prepared.put_into(data)
    port = free_port()
    command = [sys.executable, "-m", "zusage", "serve", "--data", str(data), "--port", str(port), "--no-open"]
    environment = os.environ | {"ZUSAGE_DATABASE_URL": database}
    for name in ("ZUSAGE_DATA", "ZUSAGE_SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)  # those of the tests are not those of the office
    log = data.parent / f"{data.name}.log"
    with log.open("wb") as out:
        office = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        _wait(port, office, log)
        yield f"http://localhost:{port}"
    finally:
        office.send_signal(signal.SIGINT)
        try:
            office.wait(timeout=60)
        except subprocess.TimeoutExpired:
            office.kill()
            raise
    assert (office.returncode, "Traceback" in log.read_text("utf-8")) == (0, False), log.read_text("utf-8")


def settings_of(url: str, **more: str) -> dict[str, str]:
    """The environment of a part of the office that runs as a process of its own, with a database."""
    return os.environ | {
        "ZUSAGE_DATABASE_URL": url, "ZUSAGE_SECRET_KEY": "only-for-tests",
        "DJANGO_SETTINGS_MODULE": "zusage.web.settings", "PYTHONPATH": os.pathsep.join(sys.path), **more,
    }  # fmt: skip


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int, office: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and office.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8"))


@contextmanager
def database(kind: str, name: str) -> Iterator[str]:
    """The address of a database without rows: nothing for SQLite, a new one of a real server for PostgreSQL."""
    if kind == "sqlite":
        yield ""
        return
    import psycopg

    real = server()
    with psycopg.connect(real.get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        prepared.create_in(connection, real, name)
    yield real.get_uri(database=name)
    with psycopg.connect(real.get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

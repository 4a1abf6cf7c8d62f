"""The office as real processes: start, second start, a child that is killed, stop, backup, restore, killed worker."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.journeys import prepared
from tests.journeys.served import database
from tests.postgres import server

WAIT = 120.0
SETTINGS = {"DJANGO_SETTINGS_MODULE": "zusage.web.settings", "ZUSAGE_SECRET_KEY": "k" * 40}
CHILDREN = ("zusage.web.serve.pages", "zusage.web.serve.work", "zusage.web.serve.clock")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ZUSAGE")}
    return kept | {"LANG": "en_US.UTF-8", "NO_COLOR": "1", "COLUMNS": "200"}


def run(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zusage", *map(str, arguments)]
    return subprocess.run(command, env=plain() | more, capture_output=True, encoding="utf-8", check=False, timeout=WAIT)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


@dataclass
class Office:
    process: subprocess.Popen[str]
    data: Path
    port: int

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def children(self) -> dict[str, int]:
        """Module and process id of each child; read from Linux's list of processes."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        words = {int(pid): self._words(pid) for pid in listed}
        return {parts[2].decode(): pid for pid, parts in words.items() if len(parts) > 2}

    def _words(self, pid: str) -> list[bytes]:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:  # it ended since the list was read
            return []


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    prepared.put_into(tmp_path / "data")
    with serving(tmp_path) as found:
        yield found


@pytest.fixture
def office_from_nothing(tmp_path: Path) -> Iterator[Office]:
    """One that makes its own database."""
    with serving(tmp_path) as found:
        yield found


@contextmanager
def serving(tmp_path: Path) -> Iterator[Office]:
    port, data = free_port(), tmp_path / "data"
    command = [sys.executable, "-m", "zusage", "serve", "--data", str(data), "--port", str(port), "--no-open"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, env=plain(), stdout=log, stderr=subprocess.STDOUT, text=True)
        found = Office(process, data, port)
        try:
            until(lambda: found.status("/healthz") == 200)
            yield found
        finally:
            process.terminate()
            process.wait(WAIT)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def test_an_office_lives_from_start_to_stop(office_from_nothing: Office, tmp_path: Path) -> None:
    office = office_from_nothing
    assert office.status("/office/start/") == 200
    assert (office.data / "secret-key").stat().st_mode & 0o777 == 0o600

    second = run("serve", "--data", office.data, "--port", free_port(), "--no-open", "--lang", "en")
    assert (second.returncode, f"http://localhost:{office.port}" in second.stderr) == (2, True)
    other = run("serve", "--data", tmp_path / "other", "--port", office.port, "--no-open", "--lang", "en")
    assert (other.returncode, f"port {office.port}" in other.stderr) == (2, True)

    before = office.children()
    assert sorted(before) == sorted(CHILDREN)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    def replaced() -> bool:  # a killed child is still listed for a moment
        now = office.children()
        return sorted(now) == sorted(CHILDREN) and not set(before.values()) & set(now.values())

    until(replaced)
    until(lambda: office.status("/healthz") == 200)

    saved = run("backup", "--data", office.data, "--out", tmp_path / "saved.zip", "--lang", "en")
    assert (saved.returncode, saved.stderr) == (0, "")
    refused = run("restore", tmp_path / "saved.zip", "--data", office.data, "--lang", "en")
    assert (refused.returncode, f"http://localhost:{office.port}" in refused.stderr) == (2, True)
    restored = run("restore", tmp_path / "saved.zip", "--data", tmp_path / "new", "--lang", "en")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert (tmp_path / "new" / "secret-key").read_text() == (office.data / "secret-key").read_text()

    running = list(office.children().values())
    office.process.send_signal(signal.SIGTERM)
    assert office.process.wait(WAIT) == 0
    assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_killed_workers_job_is_taken_up_again(office: Office) -> None:
    with closing(sqlite3.connect(office.data / "zusage.sqlite3", timeout=20)) as database, database:
        for tries in (1, 2):  # as a killed worker leaves them: running, though nobody works on them
            database.execute(
                "INSERT INTO zusage_job (kind, state, asked, done, total, step, findings, result, task, tries, "
                "created_at) VALUES ('backup', 'running', '{}', 0, 0, '', '[]', '{}', '', ?, '2026-11-25 09:00:00')",
                [tries],
            )
    os.kill(office.children()["zusage.web.serve.work"], signal.SIGKILL)

    def ended() -> dict[int, str]:
        with closing(sqlite3.connect(office.data / "zusage.sqlite3", timeout=20)) as database:
            return dict(database.execute("SELECT tries, state FROM zusage_job WHERE state IN ('done', 'failed')"))

    until(lambda: len(ended()) == 1 and len(list((office.data / "backups").glob("*.zip"))) == 1)


def test_an_archive_that_was_changed_is_refused_and_leaves_nothing(tmp_path: Path, office: Office) -> None:
    archive = tmp_path / "saved.zip"
    assert run("backup", "--data", office.data, "--out", archive).returncode == 0
    whole = bytearray(archive.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    archive.write_bytes(whole)
    refused = run("restore", archive, "--data", tmp_path / "new", "--lang", "en")
    assert (refused.returncode, (tmp_path / "new").exists()) == (2, False)


def test_in_the_network_only_by_tls(tmp_path: Path) -> None:
    bare = run("serve", "--data", tmp_path / "data", "--office", "--no-open", "--lang", "en")
    assert (bare.returncode, "--certificate" in bare.stderr) == (2, True)
    assert not (tmp_path / "data").exists()
    proxied = run("serve", "--data", tmp_path / "data", "--office", "--behind-proxy", "--no-open", "--lang", "en")
    assert (proxied.returncode, "--address" in proxied.stderr) == (2, True)
    alone = run(
        "serve", "--data", tmp_path / "data", "--behind-proxy", "--address", "https://x.example", "--lang", "en"
    )
    assert (alone.returncode, "--office: --address, --behind-proxy." in alone.stderr) == (2, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://a:b@127.0.0.1:1/office", "The database office (127.0.0.1:1) could not be opened."),
        ("mysql://a:b@127.0.0.1/office", "ZUSAGE_DATABASE_URL is no address of a PostgreSQL database."),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path, url: str, said: str) -> None:
    data, archive = tmp_path / "data", tmp_path / "saved.zip"
    served = run("serve", "--data", data, "--port", free_port(), "--no-open", "--lang", "en", ZUSAGE_DATABASE_URL=url)
    data.mkdir(exist_ok=True)
    (data / "secret-key").write_text("k" * 40)
    saved = run("backup", "--data", data, "--out", archive, "--lang", "en", ZUSAGE_DATABASE_URL=url)
    for done in (served, saved):
        assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert not archive.exists()


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    prepared.put_into(tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "zusage.sqlite3")) as database, database:
        later = "INSERT INTO django_migrations (app, name, applied) VALUES ('zusage', '9999_later', '2030-01-01')"
        database.execute(later)
    refused = run("serve", "--data", tmp_path / "data", "--port", free_port(), "--no-open", "--lang", "en")
    assert (refused.returncode, "A later version of the program" in refused.stderr) == (2, True)


def test_nothing_is_saved_or_brought_back_for_an_option_that_is_wrong(tmp_path: Path) -> None:
    data, archive = tmp_path / "data", tmp_path / "saved.zip"
    data.mkdir()
    (data / "secret-key").write_text("k" * 40)
    refused = run("backup", "--data", data, "--out", archive, "--lang", "fr")
    assert (refused.returncode, "--lang" in refused.stderr, archive.exists()) == (2, True, False)
    refused = run("restore", archive, "--data", tmp_path / "new", "--lang", "fr")
    assert (refused.returncode, "--lang" in refused.stderr, "saved.zip: " in refused.stderr) == (2, True, True)


@pytest.fixture
def two_databases() -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """A database of an office without a firm, and one without tables."""
    real, empty = server(), f"archive_{os.getpid()}_empty"
    with database("postgresql", f"archive_{os.getpid()}") as url:
        real.psql(f"DROP DATABASE IF EXISTS {empty};")
        real.psql(f"CREATE DATABASE {empty};")
        programs = {"ZUSAGE_PG_BIN": os.environ["ZUSAGE_PG_BIN"]}
        yield {"ZUSAGE_DATABASE_URL": url} | programs, {"ZUSAGE_DATABASE_URL": real.get_uri(database=empty)} | programs
        real.psql(f"DROP DATABASE {empty} WITH (FORCE);")


def test_postgresql_goes_into_an_archive_and_comes_back(
    tmp_path: Path, two_databases: tuple[dict[str, str], dict[str, str]]
) -> None:
    first, second = two_databases
    data = tmp_path / "data"
    data.mkdir()
    (data / "secret-key").write_text("k" * 40)
    made = subprocess.run(
        [sys.executable, "-m", "zusage.web.serve.prepare"],
        env=plain() | first | SETTINGS | {"ZUSAGE_DATA": str(data)},
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert json.loads(made.stdout) == {"firm": False}
    saved = run("backup", "--data", data, "--out", tmp_path / "saved.zip", **first)
    assert (saved.returncode, saved.stderr) == (0, "")
    full = run("restore", tmp_path / "saved.zip", "--data", tmp_path / "new", **first)
    assert (full.returncode, (tmp_path / "new").exists()) == (2, False)
    restored = run("restore", tmp_path / "saved.zip", "--data", tmp_path / "new", **second)
    assert (restored.returncode, restored.stderr) == (0, "")
    again = run("backup", "--data", tmp_path / "new", "--out", tmp_path / "again.zip", **second)
    assert again.returncode == 0

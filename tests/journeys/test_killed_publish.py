"""A worker that is killed in the middle of publishing: the former book stays, and in the end all is there once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.journeys import prepared
from tests.journeys.publish_process import CUSTOMERS, EURO, STATEMENTS
from tests.journeys.served import database, settings_of

WAIT_SECONDS = 300
"""A worker lets everybody else go first: on a busy machine it takes its time."""
ROWS = sum(STATEMENTS.values())
FORMER_ROWS = STATEMENTS["Abrechnung.csv"]
OF_BOOK = "zusage_yield WHERE book_id IN (SELECT id FROM zusage_book WHERE NOT published)"
OF_RUN = "zusage_customer WHERE run_id IN (SELECT id FROM zusage_run WHERE NOT published)"


@dataclass
class Office:
    """An office without pages: a data folder, its database seen from outside, a worker when it is started."""

    data: Path
    environment: dict[str, str]
    connection: Any

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.execute(query).fetchall()]

    def count(self, of: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {of}")[0][0])  # noqa: S608 - our own

    def published(self) -> list[tuple[Any, ...]]:
        """What pages show: run, book, how many customers and bookings."""
        return self.ask(
            "SELECT run.id, run.book_id, (SELECT count(*) FROM zusage_customer WHERE run_id = run.id),"
            " (SELECT count(*) FROM zusage_yield WHERE book_id = run.book_id) FROM zusage_run AS run"
            " JOIN zusage_book AS book ON book.id = run.book_id WHERE run.published AND book.published"
        )

    def jobs(self) -> list[tuple[str, int]]:
        """The jobs that publish the second import: how they stand and how often they were begun."""
        jobs = "SELECT state, tries FROM zusage_job WHERE kind = 'publish' AND subject = 2 ORDER BY id"
        return [(state, tries) for state, tries in self.ask(jobs)]

    def process(self, verb: str) -> None:
        command = [sys.executable, "-m", "tests.journeys.publish_process", verb]
        done = subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker as the office starts it; at the end its line is closed."""
        worker = subprocess.Popen(
            [sys.executable, "-m", "zusage.web.serve.work"], env=self.environment, stdin=subprocess.PIPE
        )
        assert worker.stdin is not None
        try:
            yield worker
            worker.stdin.close()
            worker.wait(WAIT_SECONDS)
        finally:
            worker.kill()
            worker.wait()
            worker.stdin.close()

    def kill_when(self, of: str) -> int:
        """Start a worker and kill it as soon as it has written such rows; how many it had written."""
        with self.working() as worker:
            until(lambda: self.count(of) > 0, pause=0.001)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        return self.count(of)

    def kept(self) -> tuple[list[str], list[str]]:
        """Names of the tables that are kept, and of what a reading left behind."""
        tables, staging = self.data / "tables", self.data / "staging"
        return sorted(path.name for path in tables.iterdir()), [path.name for path in staging.iterdir()]


def until(true: Callable[[], bool], pause: float = 0.1) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office whose second import is about to be published."""
    with database(request.param, f"killed_publish_{os.getpid()}") as url:
        found = Office(tmp_path, settings_of(url, ZUSAGE_DATA=str(tmp_path)), None)
        prepared.put_into(tmp_path)
        found.process("fill")
        if request.param == "sqlite":
            found.connection = sqlite3.connect(tmp_path / "zusage.sqlite3", timeout=20)
        else:
            import psycopg

            found.connection = psycopg.connect(url, autocommit=True)
        yield found
        found.connection.close()


def test_a_worker_killed_while_it_publishes_loses_and_doubles_nothing(office: Office) -> None:
    former = office.published()
    assert (former[0][2:], office.jobs()) == ((CUSTOMERS, FORMER_ROWS), [("queued", 0)])

    assert 0 < office.kill_when(OF_BOOK) <= ROWS  # the rows of the new book
    assert (office.published(), office.jobs()) == (former, [("running", 1)])
    assert 0 < office.kill_when(OF_RUN) <= CUSTOMERS  # taken up by the next worker: the figures of its customers
    assert (office.published(), office.jobs()) == (former, [("running", 2)])

    with office.working():  # a third one does not try for ever, and says what to do
        until(lambda: office.jobs() == [("failed", 2)])
        assert "job_killed" in str(office.ask("SELECT findings FROM zusage_job WHERE state = 'failed'"))
        assert office.published() == former
        office.process("again")
        until(lambda: office.count("zusage_job WHERE state IN ('queued', 'running')") == 0)

    assert office.jobs() == [("failed", 2), ("done", 1)]
    run, book, customers, rows = office.published()[0]
    assert (run != former[0][0], book != former[0][1], customers, rows) == (True, True, CUSTOMERS, ROWS)
    everything_once(office)
    assert office.kept() == ([f"run-{run}"], [])


def everything_once(office: Office) -> None:
    """Nothing is there but what is published: each customer once, each booking once."""
    assert [office.count(f"zusage_{table}") for table in ("book", "run")] == [1, 1]
    assert [office.count(f"zusage_{table}") for table in ("customer", "unit", "account")] == [CUSTOMERS] * 3
    assert office.ask("SELECT count(DISTINCT number) FROM zusage_customer") == [(CUSTOMERS,)]
    assert office.ask("SELECT count(*), sum(amount_cents) FROM zusage_yield") == [(ROWS, ROWS * EURO * 100)]
    proposals = "SELECT state, count(*), count(DISTINCT unit_id) FROM zusage_proposal GROUP BY state ORDER BY state"
    assert office.ask(proposals) == [("open", CUSTOMERS, CUSTOMERS), ("overtaken", CUSTOMERS, CUSTOMERS)]
    assert office.ask("SELECT state, count(*) FROM zusage_import GROUP BY state") == [("published", 2)]

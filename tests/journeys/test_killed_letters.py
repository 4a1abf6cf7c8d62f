"""A worker that is killed while it makes letters: none is made twice, none is lost, and the job says what happened."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.journeys import prepared
from tests.journeys.letters_process import LETTERS
from tests.journeys.served import database, settings_of
from tests.journeys.test_killed_publish import Office, until

MADE = "zusage_message"
"""A letter is made when it lies in the outbox."""


class Printer(Office):
    """An office whose letters wait to be made."""

    def process(self, verb: str) -> None:
        command = [sys.executable, "-m", "tests.journeys.letters_process", verb]
        done = subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def jobs(self) -> list[tuple[str, int]]:
        return [(state, tries) for state, tries in self.ask("SELECT state, tries FROM zusage_job ORDER BY id")]

    def kill_at(self, of: str, count: int) -> None:
        """Start a worker and kill it as soon as there are so many rows."""
        with self.working() as worker:
            until(lambda: self.count(of) >= count, pause=0.02)
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    def letters(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT number, state, paper, message_id FROM zusage_waveletter ORDER BY number")


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Printer]:
    """An office whose letters are about to be made."""
    with database(request.param, f"killed_letters_{os.getpid()}") as url:
        found = Printer(tmp_path, settings_of(url, ZUSAGE_DATA=str(tmp_path)), None)
        if request.param == "sqlite":
            prepared.put_into(tmp_path)
            found.connection = sqlite3.connect(tmp_path / "zusage.sqlite3", timeout=20)
        else:
            import psycopg

            found.connection = psycopg.connect(url, autocommit=True)
        found.process("fill")
        yield found
        found.connection.close()


def test_a_worker_killed_while_it_makes_letters_loses_and_doubles_nothing(office: Printer) -> None:
    assert (len(office.letters()), office.count(MADE), office.jobs()) == (LETTERS, 0, [("queued", 0)])

    office.kill_at(MADE, 1)  # between two parts
    kept = [row for row in office.letters() if row[1] == "made"]
    assert 0 < len(kept) == office.count(MADE) < LETTERS
    assert office.jobs() == [("running", 1)]

    office.kill_at(MADE, LETTERS)  # taken up by the next worker: all are made, the file for printing is not
    assert (office.jobs(), office.ask("SELECT printed FROM zusage_letterweek")) == ([("running", 2)], [("",)])

    with office.working():  # a third one does not try for ever, and says what to do
        until(lambda: office.jobs() == [("failed", 2)])
        assert "job_killed" in str(office.ask("SELECT findings FROM zusage_job"))
        office.process("again")
        until(lambda: office.jobs() == [("failed", 2), ("done", 1)])

    made = office.letters()
    assert [row for row in made if row in kept] == kept  # what was made stayed as it was
    assert {state for _, state, _, _ in made} == {"made"}
    for place in (2, 3):  # a paper and a message of its own for everybody
        assert len({row[place] for row in made}) == LETTERS
    assert office.ask(f"SELECT count(*), count(DISTINCT number) FROM {MADE}") == [(LETTERS, LETTERS)]  # noqa: S608 - ours
    assert office.ask("SELECT count(*), count(DISTINCT number) FROM zusage_replycode") == [(LETTERS, LETTERS)]
    assert streets(office) == [f"Musterweg {place}" for place in range(1, LETTERS + 1)]


def streets(office: Printer) -> list[str]:
    """To whom the letters of the file for printing go, each as often as it stands in an address."""
    ((sha256,),) = office.ask("SELECT printed FROM zusage_letterweek")
    pages = PdfReader(BytesIO((office.data / "files" / sha256).read_bytes())).pages
    lines = [line.strip() for page in pages for line in page.extract_text().splitlines()]
    return sorted((line for line in lines if line.startswith("Musterweg ")), key=lambda line: int(line.split()[1]))

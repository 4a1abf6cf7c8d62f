"""A worker that is killed while it hands mails over: none is lost in silence, none leaves twice, the unclear show."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.journeys import prepared
from tests.journeys.outbox_process import MAILS
from tests.journeys.served import database, settings_of
from tests.web.charter.outbox.conftest import Post, Talk, serving

WAIT_SECONDS = 120
KILLS = {
    "rcpt": "k5@kunde.example",
    "data": "k11@kunde.example",
    "taken": "k17@kunde.example",
    "after": "k23@kunde.example",
}
"""Where the worker is killed, one after the other: before the mail was claimed, when all of it was given over and no
answer came, when the answer is on its way, and a moment after the answer."""


@dataclass
class Deadly(Talk):
    """A server that kills the worker at given mails, once each."""

    post: Post
    worker: list[subprocess.Popen[bytes]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def kill(self, where: str) -> None:
        if where not in self.done:
            self.done.append(where)
            self.worker[-1].send_signal(signal.SIGKILL)
            self.worker[-1].wait()

    async def handle_RCPT(  # noqa: N802 - the library looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == KILLS["rcpt"]:
            self.kill("rcpt")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        recipient = envelope.rcpt_tos[0]
        if recipient == KILLS["data"] and "data" not in self.done:
            self.kill("data")
            return "451 died before it was taken"
        answer = await super().handle_DATA(server, session, envelope)
        if recipient == KILLS["taken"]:
            self.kill("taken")
        if recipient == KILLS["after"]:
            asyncio.get_running_loop().call_later(0.001, self.kill, "after")
        return answer


@dataclass
class Office:
    """An office without pages: its database seen from outside, a worker when it is started."""

    environment: dict[str, str]
    connection: Any

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.connection.execute(query).fetchall()]

    def process(self, verb: str) -> None:
        command = [sys.executable, "-m", "tests.journeys.outbox_process", verb]
        done = subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def idle(self) -> bool:
        return self.ask("SELECT count(*) FROM zusage_job WHERE state IN ('queued', 'running')") == [(0,)]

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[bytes]]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "zusage.web.serve.work"], env=self.environment, stdin=subprocess.PIPE
        )
        assert worker.stdin is not None
        with worker.stdin:
            try:
                yield worker
            finally:
                worker.kill()
                worker.wait()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Office, Deadly]]:
    """An office whose mails wait, and the server that takes them."""
    with database(request.param, f"killed_sending_{os.getpid()}") as url, serving(Deadly(Post())) as talk:
        environment = settings_of(
            url, ZUSAGE_DATA=str(tmp_path), ZUSAGE_SMTP_URL=f"smtp://127.0.0.1:{talk.post.port}",
            ZUSAGE_MAIL_FROM="post@firma.example",
        )  # fmt: skip
        found = Office(environment, None)
        prepared.put_into(tmp_path)
        found.process("fill")
        if request.param == "sqlite":
            found.connection = sqlite3.connect(tmp_path / "zusage.sqlite3", timeout=20)
        else:
            import psycopg

            found.connection = psycopg.connect(url, autocommit=True)
        yield found, talk
        found.connection.close()


def test_killed_at_any_point_no_mail_is_lost_in_silence_and_none_leaves_twice(office: tuple[Office, Deadly]) -> None:
    found, talk = office
    for _ in range(12):
        with found.working() as worker:
            talk.worker.append(worker)
            until(lambda: worker.poll() is not None or found.idle())
        if found.ask("SELECT count(*) FROM zusage_message WHERE state IN ('written', 'handing')") == [(0,)]:
            break
        if found.idle():  # a job that was killed twice is given up: somebody, or the clock, asks again
            found.process("send")
    assert sorted(talk.done) == sorted(KILLS)

    taken = Counter(talk.post.recipients)
    states = dict(found.ask("SELECT address, state FROM zusage_message"))
    assert {address: number for address, number in taken.items() if number > 1} == {}
    assert Counter(states.values())["handed_over"] + Counter(states.values())["unclear"] == MAILS
    assert {address for address, state in states.items() if state == "handed_over"} <= set(taken)
    unclear = {address for address, state in states.items() if state == "unclear"}
    assert {KILLS["data"], KILLS["taken"]} <= unclear  # of one nothing arrived, of the other all: nobody can know here
    assert len(unclear) <= len(KILLS)
    assert KILLS["rcpt"] not in unclear  # nothing of it had left: it was simply handed over later
    told = {number for (number,) in found.ask("SELECT number FROM zusage_told")}
    assert told == {address[1:].partition("@")[0].zfill(4) for address in set(states) - unclear}

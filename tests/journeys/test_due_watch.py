"""Several due watches over the same requests, and one that is killed: every mark and event exactly once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys import prepared
from tests.journeys.desk_process import REQUESTS
from tests.journeys.served import database, settings_of

Count = Callable[[str], int]
BROKEN = REQUESTS // 2


@pytest.fixture(params=["sqlite", "postgresql"])
def office_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without rows."""
    prepared.put_into(tmp_path)
    with database(request.param, f"watch_{os.getpid()}") as url:
        yield url or f"sqlite:///{tmp_path / prepared.DATABASE}"


def watcher(url: str, *before: str) -> subprocess.Popen[str]:
    """A watch that stands ready, connected to its database; with "fill" it brought the requests that are due."""
    command = [sys.executable, "-m", "tests.journeys.desk_process", *before, "watch"]
    found = subprocess.Popen(command, env=settings_of(url), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert found.stdout is not None
    assert found.stdout.readline() == "ready\n"
    return found


def go(found: subprocess.Popen[str]) -> None:
    assert found.stdin is not None
    found.stdin.write("\n")
    found.stdin.flush()


def marked_by(found: subprocess.Popen[str]) -> int:
    text, _ = found.communicate(timeout=60)
    return int(text)


@pytest.fixture
def count(office_url: str) -> Iterator[Count]:
    """How many rows a query counts, asked from outside the office's processes."""
    if office_url.startswith("sqlite"):
        connection: Any = sqlite3.connect(office_url.removeprefix("sqlite:///"), timeout=20)
    else:
        import psycopg

        connection = psycopg.connect(office_url, autocommit=True)
    yield lambda query: connection.execute(f"SELECT count(*) FROM {query}").fetchone()[0]  # noqa: S608 - our own
    connection.close()


def everything_once(count: Count) -> None:
    assert count("zusage_event") == REQUESTS
    assert count("(SELECT DISTINCT request_id, kind FROM zusage_event) AS pairs") == REQUESTS
    assert count("zusage_event WHERE kind = 'broken'") == BROKEN
    assert count("zusage_request WHERE broken_marked_at IS NOT NULL") == BROKEN
    assert count("zusage_request WHERE tight_marked_at IS NOT NULL") == REQUESTS - BROKEN


def test_two_watches_at_once_mark_each_request_once(office_url: str, count: Count) -> None:
    both = [watcher(office_url, "fill"), watcher(office_url)]
    for one in both:
        go(one)
    assert sum(marked_by(one) for one in both) == REQUESTS
    everything_once(count)


def test_a_watch_that_is_killed_loses_and_doubles_nothing(office_url: str, count: Count) -> None:
    killed = watcher(office_url, "fill")
    go(killed)
    while not (before := count("zusage_event")) and killed.poll() is None:
        time.sleep(0.001)
    killed.kill()
    killed.communicate()
    assert 0 < before < REQUESTS
    marks = "zusage_request WHERE tight_marked_at IS NOT NULL OR broken_marked_at IS NOT NULL"
    written = count("zusage_event")
    assert written == count(marks)
    following = watcher(office_url)
    go(following)
    assert marked_by(following) == REQUESTS - written
    everything_once(count)

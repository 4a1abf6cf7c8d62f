"""An invented firm comes in, the figures of the office under load go out: pages, search, caller, desk, import.

`python -m benchmarks.office.run [--customers 10000] [--database URL] [--write-docs]`: a data folder of its own, the
real application under granian with two workers; all requests come from this machine to this machine.

1. Fifty people open pages with five seconds of thinking in between: the 95th percentile of every page.
2. The desk takes in requests beside a bare view that writes the same rows, in turns.
3. The same fifty open pages while 100,000 commission lines are read and published.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from platform import python_version
from random import Random
from statistics import median
from threading import Thread
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

from benchmarks.office.firm import write_commissions, write_firm
from benchmarks.office.visitors import Visitor, hammer, visit
from benchmarks.process import DATA, ROOT

WORKERS, PEOPLE, THINK, STAY = 2, 50, 5.0, 100.0
CSRF = "a" * 32
POLICY = ROOT / "examples" / "broker" / "policy.yaml"
MARKS = ("<!-- office: written by the run -->", "<!-- end of office -->")
LIMITS = {"customer search": 100, "caller panel": 50}
"""Milliseconds of the 95th percentile; 300 for every other page, 500 for all while an import runs."""


def main(arguments: Sequence[str]) -> None:
    """Prepare, measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.office.run", description=__doc__)
    asked.add_argument("--customers", type=int, default=10_000)
    asked.add_argument("--database", default="", help="address of an empty PostgreSQL database; SQLite without it")
    asked.add_argument("--stay", type=float, default=STAY, help="seconds that the visitors stay")
    asked.add_argument("--write-docs", action="store_true")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=_data(), ignore_cleanup_errors=True) as name:
        found = measure(Path(name), options.customers, options.database, options.stay)
    text = table(found)
    print(text)
    if options.write_docs:
        write_docs(found["database"], text)


def _data() -> Path:
    DATA.mkdir(exist_ok=True)
    return DATA


def measure(folder: Path, customers: int, database: str, stay: float) -> dict[str, Any]:
    """All three parts in one data folder, one after the other."""
    files = write_firm(folder / "files", customers, customers * 10)
    environment = _environment(folder / "data", database)
    office = _prepared(environment, files)
    with served(environment) as port:
        visit([replace(visitor, think=0.0) for visitor in visitors(office, port)[:8]], 10)  # every worker has seen all
        quiet = visit(visitors(office, port), stay)
        desk, bare = rounds(office, port)
        busy, seconds = while_importing(office, port, environment, folder, customers)
    return {
        "database": "PostgreSQL" if database else "SQLite", "customers": customers, "import_seconds": seconds,
        "first_import_seconds": office["import_seconds"], "quiet": quiet.figures(), "busy": busy.figures(),
        "failed": quiet.failed + busy.failed, "desk": desk, "bare": bare,
    }  # fmt: skip


def _environment(data: Path, database: str) -> dict[str, str]:
    data.mkdir()
    more = {
        "ZUSAGE_DATA": str(data), "ZUSAGE_SECRET_KEY": "only-for-the-benchmark",
        "DJANGO_SETTINGS_MODULE": "benchmarks.office.bare_settings", "ZUSAGE_DATABASE_URL": database,
    }  # fmt: skip
    return {**os.environ, **more}


def _prepared(environment: Mapping[str, str], files: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.office.prepare", str(files), str(POLICY), str(PEOPLE)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def served(environment: Mapping[str, str]) -> Iterator[int]:
    """The application under granian, as `zusage serve` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--blocking-threads", "4", "--log-level", "error",
        "benchmarks.office.bare:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment))
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # it waits for connections that visitors left open
            process.kill()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            sleep(0.1)
    raise SystemExit("the server did not start")


def visitors(office: Mapping[str, Any], port: int) -> list[Visitor]:
    """Fifty people, each with a session, who open the pages of a day."""
    numbers = office["numbers"]

    def some(random: Random) -> str:
        return str(random.choice(numbers))

    def searched(random: Random) -> str:
        return urlencode({"q": random.choice(("muster", "größ", "be", "0690"))})

    pages: dict[str, Callable[[Random], str]] = {
        "today": lambda random: "/",
        "customers": lambda random: "/customers/",
        "customer search": lambda random: f"/customers/?{searched(random)}",
        "customer": lambda random: f"/customers/{some(random)}/",
        "caller panel": lambda random: f"/caller/?{urlencode({'q': f'0699000{some(random)}'})}",
        "requests": lambda random: "/requests/",
        "new request": lambda random: f"/requests/new/?number={some(random)}",
        "calendar": lambda random: "/calendar/",
        "review": lambda random: "/review/",
        "imports": lambda random: "/imports/",
    }
    return [Visitor(port, cookie, pages, THINK, seed) for seed, cookie in enumerate(office["sessions"])]


def rounds(office: Mapping[str, Any], port: int) -> tuple[list[float], list[float]]:
    """Requests a second by the desk and by the bare view, five rounds in turns."""
    random, cookies = Random(1), office["sessions"]
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost"}

    def form() -> str:
        return urlencode({
            "number": random.choice(office["numbers"]), "what": office["what"], "channel": "phone", "urgency": "normal",
            "cause": "asked", "text": "Bitte um Rückruf",
        })  # fmt: skip

    def desk(connection: HTTPConnection) -> int:
        headers = kind | {"Cookie": random.choice(cookies), "X-CSRFToken": CSRF, "Origin": "http://localhost"}
        return _post(connection, "/requests/new/", form(), headers)

    def bare(connection: HTTPConnection) -> int:
        return _post(connection, "/bare/", form(), kind)

    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(5):
        for rates, post in zip(found, (desk, bare), strict=True):
            rates.append(hammer(post, port, seconds=4, clients=8))
    return found


def _post(connection: HTTPConnection, address: str, body: str, headers: Mapping[str, str]) -> int:
    connection.request("POST", address, body=body, headers=dict(headers))
    answer = connection.getresponse()
    answer.read()
    return answer.status


def while_importing(
    office: Mapping[str, Any], port: int, environment: Mapping[str, str], folder: Path, customers: int
) -> tuple[Any, float]:
    """The visitors' pages while 100,000 further commission lines are read and published, and how long that took."""
    more = folder / "more"
    more.mkdir()
    contracts = [f"V{number:08}" for number in range(customers * 2)]
    write_commissions(more / "Provision_neu.csv", contracts, 100_000, seed=2)
    seconds: list[float] = []

    def bring_in() -> None:
        begin = perf_counter()
        command = [sys.executable, "-m", "benchmarks.office.bring", str(more)]
        subprocess.run(command, cwd=ROOT, env=dict(environment), check=True)
        seconds.append(perf_counter() - begin)

    importing = Thread(target=bring_in)
    importing.start()
    taken = visit(visitors(office, port), STAY / 2)
    importing.join()
    return taken, seconds[0]


def table(found: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    rows = [
        f"**{found['database']}**, {found['customers']:,} customers",
        "",
        "| page | requests | median ms | 95 % ms | at most | 95 % ms while importing |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for page, quiet in found["quiet"].items():
        busy = found["busy"].get(page, {"p95_ms": float("nan")})
        limit = LIMITS.get(page, 300)
        rows.append(
            f"| {page} | {quiet['count']} | {quiet['median_ms']} | {quiet['p95_ms']} | {limit} | {busy['p95_ms']} |"
        )
    desk, bare = median(found["desk"]), median(found["bare"])
    rounds_run = len(found["desk"])
    imported, first = found["import_seconds"], found["first_import_seconds"]
    rows.append("")
    rows.append(
        f"Desk {desk:.0f} requests a second, bare view {bare:.0f}: {desk / bare:.0%} "
        f"(median of {rounds_run} rounds in turns, 8 clients)."
    )
    rows.append(
        f"Reading and publishing 100,000 further lines beside the visitors: {imported:.0f} s; "
        f"the first import of the whole book without them: {first:.0f} s. Requests that failed: {len(found['failed'])}."
    )
    rows.append(f"{PEOPLE} people, {THINK:.0f} s of thinking, granian with {WORKERS} workers; {machine()}.")
    return "\n".join(rows)


def machine() -> str:
    """Cores, memory and Python of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores, {memory:.1f} GB, {sys.platform.title()}, Python {python_version()}"


def write_docs(database: str, text: str) -> None:
    """Put the figures of a database into the page of figures, in the place of its earlier ones."""
    path = ROOT / "docs" / "developer" / "benchmarks.md"
    whole = path.read_text("utf-8")
    before, rest = whole.split(MARKS[0])
    inside, after = rest.split(MARKS[1])
    parts = {part.split("**")[1]: part for part in inside.strip().split("\n\n---\n\n") if part.startswith("**")}
    parts[database] = text
    inside = "\n\n---\n\n".join(parts[name] for name in sorted(parts, reverse=True))
    path.write_text(f"{before}{MARKS[0]}\n\n{inside}\n\n{MARKS[1]}{after}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

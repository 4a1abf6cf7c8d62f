"""Addresses and signed-in people come in, how long each page took goes out.

Everybody opens a page, thinks, opens the next, as people do; each has a connection and a session of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from random import Random
from statistics import median, quantiles
from threading import Lock, Thread
from time import perf_counter, sleep

TYPED = ("customer search", "caller panel")
"""Asked for as one types: of these the page fetches the part that changes."""


@dataclass
class Taken:
    """Seconds of every request by the name of the page, and what did not answer with the status wanted."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, page: str, seconds: float, status: int, wanted: Sequence[int]) -> None:
        """A request is over."""
        with self.lock:
            self.seconds[page].append(seconds)
            if status not in wanted:
                self.failed.append(f"{page}: {status}")

    def figures(self) -> dict[str, dict[str, float]]:
        """Count, median, 95th percentile and slowest in milliseconds, by page."""
        return {page: figures_of(values) for page, values in sorted(self.seconds.items())}


def figures_of(seconds: Sequence[float]) -> dict[str, float]:
    """Count, median, 95th percentile and slowest of some seconds, in milliseconds."""
    p95 = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    found = {"median_ms": median(seconds), "p95_ms": p95, "slowest_ms": max(seconds)}
    return {"count": len(seconds)} | {name: round(value * 1000, 1) for name, value in found.items()}


@dataclass(frozen=True)
class Visitor:
    """A person with a session, who goes on opening pages until the time is over."""

    port: int
    cookie: str
    pages: Mapping[str, Callable[[Random], str]]
    think: float
    seed: int

    def stay(self, until: float, taken: Taken) -> None:
        """Open pages in turn until the clock says so."""
        random = Random(self.seed)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sleep(random.random() * self.think)
        while perf_counter() < until:
            name = random.choice(list(self.pages))
            begin = perf_counter()
            headers = {"Cookie": self.cookie, "Host": "localhost"} | ({"HX-Request": "true"} if name in TYPED else {})
            connection.request("GET", self.pages[name](random), headers=headers)
            answer = connection.getresponse()
            answer.read()
            taken.note(name, perf_counter() - begin, answer.status, (200,))
            sleep(random.uniform(0.5, 1.5) * self.think)
        connection.close()


def visit(visitors: Sequence[Visitor], seconds: float) -> Taken:
    """Let everybody stay for so long."""
    taken, until = Taken(), perf_counter() + seconds
    threads = [Thread(target=visitor.stay, args=(until, taken)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def hammer(post: Callable[[HTTPConnection], int], port: int, *, seconds: float, clients: int) -> float:
    """How many requests a second clients get through that never wait; SystemExit where one is refused."""
    counts, wrong, until = [0] * clients, [], perf_counter() + seconds

    def go(place: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        while perf_counter() < until:
            status = post(connection)
            if status not in (200, 201, 302):
                wrong.append(status)
                return
            counts[place] += 1

    threads = [Thread(target=go, args=(place,)) for place in range(clients)]
    begin = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"refused with {wrong[0]}")
    return sum(counts) / (perf_counter() - begin)

"""The example's service model comes in, how fast strangers get its public charter goes out, beside a bare view.

`python -m benchmarks.office.charter [--services 40] [--write-docs]`: a data folder of its own, the real application
under granian with two workers; all requests come from this machine to this machine.

1. Twenty people at once open the page, its PDF and a page that is there already, in turns; each request comes from
   another network, so that the throttle counts every one of them anew.
2. The charter is switched off; its address and one that never was any are asked for in turns: the time of the answer
   must not tell them apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any

from benchmarks.office.run import POLICY, WORKERS, _data, _environment, machine, served
from benchmarks.office.visitors import Taken, visit
from benchmarks.process import ROOT

Pages = Mapping[str, tuple[str, int]]
MARKS = ("<!-- charter: written by the run -->", "<!-- end of charter -->")
PEOPLE, THINK, STAY, LIMIT = 20, 0.5, 60.0, 100
"""People at once, seconds of thinking and of staying; milliseconds that the 95th percentile of a page may take."""


def main(arguments: Sequence[str]) -> None:
    """Prepare, measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.office.charter", description=__doc__)
    asked.add_argument("--services", type=int, default=40, help="services side by side in the packages")
    asked.add_argument("--database", default="", help="address of an empty PostgreSQL database; SQLite without it")
    asked.add_argument("--stay", type=float, default=STAY, help="seconds that the visitors stay")
    asked.add_argument("--write-docs", action="store_true")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=_data(), ignore_cleanup_errors=True) as name:
        environment = _environment(Path(name) / "data", options.database) | {"ZUSAGE_BEHIND_PROXY": "1"}
        token = prepare(environment, options.services)
        charter, silent = addresses(token)
        with served(environment) as port:
            visit([Stranger(port, charter, 0.0, seed) for seed in range(8)], 10)  # every worker has seen all
            taken = visit([Stranger(port, charter, THINK, seed) for seed in range(PEOPLE)], options.stay)
            switch_off()
            found = visit([Stranger(port, silent, THINK, seed) for seed in range(PEOPLE)], options.stay)
    taken.seconds |= found.seconds
    taken.failed += found.failed
    text = table(options.services, "PostgreSQL" if options.database else "SQLite", taken)
    print(text)
    if options.write_docs:
        write_docs(text)


def prepare(environment: Mapping[str, str], services: int) -> str:
    """An office whose charter is public; the token of its address."""
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from zusage.policy.read import read_policy_text
    from zusage.web.charter.sheet.actions import make_public
    from zusage.web.office.models import Firm, PolicyVersion, User

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    now, text = timezone.now(), with_services(POLICY.read_text("utf-8"), services)
    policy = read_policy_text(text).policy
    Firm.objects.create(pk=1, name=policy.firm.name, created_at=now)
    owner = User.objects.create_user("owner@example.org", None, name="Muster", role="owner")
    PolicyVersion.objects.create(
        text=text, hash=policy.hash, label=policy.version, published_by=owner, published_at=now,
        valid_from=policy.valid_from or now.date(),
    )  # fmt: skip
    return make_public(version=0, public=True, by=owner, now=now).token


def switch_off() -> None:
    """Nobody outside sees the charter any more."""
    from django.utils import timezone

    from zusage.web.charter.queries import sheet
    from zusage.web.charter.sheet.actions import make_public
    from zusage.web.office.models import User

    make_public(version=sheet().version, public=False, by=User.objects.get(), now=timezone.now())


def addresses(token: str) -> tuple[Pages, Pages]:
    """What is asked for while the charter is public, and once it is not; each with the status of its answer."""
    public = {
        "charter": (f"/c/{token}/?language=de", 200), "charter as PDF": (f"/c/{token}/charter.pdf", 200),
        "bare view": ("/bare/page/", 200),
    }  # fmt: skip
    silent = {
        "a charter switched off": (f"/c/{token}/?language=de", 404),
        "an address that never was": (f"/c/{'x' * len(token)}/?language=de", 404),
    }
    return public, silent


def with_services(text: str, count: int) -> str:
    """The service model with more services until so many are promised, each class another number of them."""
    from zusage.policy.edit import Put, change
    from zusage.policy.read import read_policy_text

    policy = read_policy_text(text).policy
    keys = [item.key for item in policy.classes]
    added: list[Any] = []
    for number in range(max(0, count - len({item.service for _, cells in policy.promises for item in cells}))):
        name = f"extra_{number}"
        added.append(Put(("services", name), {"name": f"Leistung {number}", "kind": "exclusive", "measure": "cadence"}))
        cells = {key: {"mode": "guaranteed", "per_year": place + number % 5 + 1} for place, key in enumerate(keys)}
        added.append(Put(("matrix", name), cells))
    return change(text, added) if added else text


@dataclass(frozen=True)
class Stranger:
    """Somebody without a session, each time from another network, who opens the addresses in turn."""

    port: int
    pages: Pages
    think: float
    seed: int

    def stay(self, until: float, taken: Taken) -> None:
        """Open addresses in turn until the clock says so."""
        random = Random(self.seed)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sleep(random.random() * self.think)
        while perf_counter() < until:
            for name, (address, status) in self.pages.items():
                network = ".".join(str(random.randrange(1, 255)) for _ in range(4))
                begin = perf_counter()
                connection.request("GET", address, headers={"Host": "localhost", "X-Forwarded-For": network})
                answer = connection.getresponse()
                answer.read()
                taken.note(name, perf_counter() - begin, answer.status, (status,))
                sleep(random.uniform(0.5, 1.5) * self.think)
        connection.close()


def table(services: int, database: str, taken: Taken) -> str:
    """The figures as Markdown."""
    rows = [
        f"**The public charter**, {services} services in three packages, {database}",
        "",
        "| address | requests | median ms | 95 % ms | at most |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in taken.figures().items():
        limit = "–" if name == "bare view" else LIMIT
        rows.append(f"| {name} | {found['count']} | {found['median_ms']} | {found['p95_ms']} | {limit} |")
    rows.append("")
    rows.append(
        f"{PEOPLE} people at once, {THINK} s of thinking, granian with {WORKERS} workers; requests that failed: "
        f"{len(taken.failed)}; {machine()}."
    )
    return "\n".join(rows)


def write_docs(text: str) -> None:
    """Put the figures into the page of figures, in the place of the earlier ones."""
    path = ROOT / "docs" / "developer" / "benchmarks.md"
    before, rest = path.read_text("utf-8").split(MARKS[0])
    path.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

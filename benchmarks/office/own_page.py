"""An office with links to customers' own pages comes in, how long each kind of address takes to answer goes out.

`python -m benchmarks.office.own_page [--times 400] [--write-docs]`: a data folder of its own, the real application
under granian; one visitor, each time from another network, opens addresses in a drawn order: ones that open a page,
unknown, expired and revoked ones, and those of former customers.

Nobody should learn from the time whether a customer exists: of each kind the difference of its median to that of
unknown addresses is shown with the interval in which 95 % of the differences of drawn samples lie.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter

from benchmarks.office.run import POLICY, WORKERS, _data, _environment, machine, served
from benchmarks.process import ROOT

MARKS = ("<!-- own page: written by the run -->", "<!-- end of own page -->")
CUSTOMERS, SAMPLES = 1000, 2000
OPENS = "opens the page"
UNKNOWN = "unknown"
KINDS = (OPENS, UNKNOWN, "expired", "revoked", "former customer")


def main(arguments: Sequence[str]) -> None:
    """Prepare, measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.office.own_page", description=__doc__)
    asked.add_argument("--times", type=int, default=400, help="requests of each kind")
    asked.add_argument("--database", default="", help="address of an empty PostgreSQL database; SQLite without it")
    asked.add_argument("--write-docs", action="store_true")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=_data(), ignore_cleanup_errors=True) as name:
        environment = _environment(Path(name) / "data", options.database) | {"ZUSAGE_BEHIND_PROXY": "1"}
        addresses = prepare(environment)
        with served(environment) as port:
            taken = measure(port, addresses, options.times)
    text = table("PostgreSQL" if options.database else "SQLite", taken)
    print(text)
    if options.write_docs:
        write_docs(text)


def prepare(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """An office with customers and links; addresses by kind."""
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from zusage.policy.read import read_policy_text
    from zusage.web.book.models import Book
    from zusage.web.charter.actions import links_for
    from zusage.web.charter.models import CustomerLink
    from zusage.web.customers.models import Customer, Run, Unit
    from zusage.web.office.models import Firm, PolicyVersion, User

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    now, text = timezone.now(), POLICY.read_text("utf-8")
    policy, today = read_policy_text(text).policy, timezone.localdate()
    Firm.objects.create(pk=1, name=policy.firm.name, created_at=now)
    owner = User.objects.create_user("owner@example.org", None, name="Muster", role="owner")
    version = PolicyVersion.objects.create(
        text=text, hash=policy.hash, label=policy.version, published_by=owner, published_at=now,
        valid_from=policy.valid_from or today,
    )  # fmt: skip
    book = Book.objects.create(created_at=now, published=True)
    run = Run.objects.create(book=book, policy=version, as_of=today, created_at=now, published=True)
    numbers = [f"{place:06d}" for place in range(CUSTOMERS)]
    Customer.objects.bulk_create(
        Customer(run=run, number=number, unit_id=number, name=f"Muster, {number}", sort_key=number, search_key=number,
                 former=int(number) % 4 == 3)
        for number in numbers
    )  # fmt: skip
    Unit.objects.bulk_create(Unit(run=run, unit_id=number, figures={"since": None}, parts=[]) for number in numbers)
    made = links_for(numbers, by=owner, now=now, expires_on=today + timedelta(9))
    paths = [made[number].split("/", 3)[3] for number in numbers]
    CustomerLink.objects.filter(number__in=numbers[1::4]).update(expires_on=today - timedelta(1))
    CustomerLink.objects.filter(number__in=numbers[2::4]).update(revoked_at=now)
    found = dict(
        zip((OPENS, "expired", "revoked", "former customer"), (paths[place::4] for place in range(4)), strict=True)
    )
    random = Random(1)
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    return found | {UNKNOWN: [f"k/{''.join(random.choices(alphabet, k=43))}/" for _ in range(CUSTOMERS // 4)]}


def measure(port: int, addresses: Mapping[str, list[str]], times: int) -> dict[str, list[float]]:
    """Seconds of each request by kind, in a drawn order, so that a busy minute hits all kinds alike."""
    random = Random(2)
    order = [kind for kind in KINDS for _ in range(times)]
    random.shuffle(order)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for place, kind in enumerate([*random.choices(KINDS, k=50), *order]):
        network = ".".join(str(random.randrange(1, 255)) for _ in range(4))
        begin = perf_counter()
        connection.request(
            "GET", "/" + random.choice(addresses[kind]), headers={"Host": "localhost", "X-Forwarded-For": network}
        )
        answer = connection.getresponse()
        answer.read()
        spent = perf_counter() - begin
        if answer.status != (200 if kind == OPENS else 404):
            raise SystemExit(f"{kind}: {answer.status}")
        if place >= 50:  # the first ones only warm the workers
            taken[kind].append(spent)
    connection.close()
    return taken


def table(database: str, taken: Mapping[str, Sequence[float]]) -> str:
    """The figures as Markdown."""
    rows = [
        f"**Customers' own pages**, {database}",
        "",
        "| address | requests | median ms | 95 % ms | difference to unknown, ms (95 % interval) |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind in KINDS:
        found, high = taken[kind], quantiles(taken[kind], n=20)[-1]
        beside = "–" if kind in (OPENS, UNKNOWN) else difference(found, taken[UNKNOWN])
        rows.append(f"| {kind} | {len(found)} | {median(found) * 1000:.2f} | {high * 1000:.2f} | {beside} |")
    rows.append("")
    rows.append(f"One visitor, granian with {WORKERS} workers; {machine()}.")
    return "\n".join(rows)


def difference(found: Sequence[float], other: Sequence[float]) -> str:
    """The difference of two medians with the interval of drawn samples."""
    random = Random(3)
    drawn = [
        median(random.choices(found, k=len(found))) - median(random.choices(other, k=len(other)))
        for _ in range(SAMPLES)
    ]
    cuts = quantiles(drawn, n=40)
    return f"{(median(found) - median(other)) * 1000:+.2f} ({cuts[0] * 1000:+.2f} to {cuts[-1] * 1000:+.2f})"


def write_docs(text: str) -> None:
    """Put the figures into the page of figures, in the place of the earlier ones."""
    path = ROOT / "docs" / "developer" / "benchmarks.md"
    before, rest = path.read_text("utf-8").split(MARKS[0])
    path.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

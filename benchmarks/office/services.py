"""An invented firm comes in, how fast its service model can be worked on goes out: pages, edits, the check.

`python -m benchmarks.office.services [--customers 10000] [--write-docs]`: a data folder of its own, the office's
application in this one process, warm and asked by one person; beside it the bare view that only writes a row.

1. Each page of a draft is opened again and again.
2. A cell, a cut and a time are edited. Each edit is another service model, and what it touches is reckoned anew: a cell
   the hours of its service, a cut the whole plan but what customers cost, a time that too.
3. The job that checks a draft, with ten past calls a customer held against it and against the one in force; then the
   pages that show what it found, and ask whether anything has changed since. Beside it the job of the capacity page.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from benchmarks.office.firm import DAYS, FIRST, write_firm
from benchmarks.office.run import _data, _environment, _prepared, machine
from benchmarks.office.visitors import figures_of
from benchmarks.process import ROOT

MARKS = ("<!-- services: written by the run -->", "<!-- end of services -->")
PAGES = ("questions", "classes", "matrix", "hours", "check")
CHECKED = ("check", "check/movers", "publish")
PAGE, EDIT, CHECK = 300, 1_000, 10_000
"""Milliseconds that the 95th percentile of a page and of an edit may take, and those of the check."""
ROUNDS = 20
Figures = Mapping[str, float]


def main(arguments: Sequence[str]) -> None:
    """Prepare, measure, print, write."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.office.services", description=__doc__)
    asked.add_argument("--customers", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--write-docs", action="store_true")
    options = asked.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=_data(), ignore_cleanup_errors=True) as name:
        prepare(Path(name), options.customers)
        figures, jobs = measure(options.rounds)
    text = table(options.customers, options.rounds, figures, jobs)
    print(text)
    if options.write_docs:
        write_docs(text)


def prepare(folder: Path, customers: int) -> None:
    """An office with the book of the firm and its calls, in the environment of this process."""
    files = write_firm(folder / "files", customers, customers * 10)
    write_calls(files / "Anrufliste.csv", customers, customers * 10)
    environment = _environment(folder / "data", "")
    _prepared(environment, files)
    os.environ.update(environment)


def write_calls(path: Path, customers: int, count: int, seed: int = 3) -> None:
    """A call log as a FRITZ!Box writes it: half of the calls come in, a quarter is missed, a quarter goes out."""
    random = Random(seed)
    lines = ["sep=;", "Typ;Datum;Name;Rufnummer;Landes-/Ortsnetzbereich;Nebenstelle;Eigene Rufnummer;Dauer"]
    for _ in range(count):
        day = FIRST + timedelta(random.randrange(DAYS))
        moment = f"{day:%d.%m.%y} {random.randrange(8, 18):02}:{random.randrange(60):02}"
        kind, number = random.choice("1124"), f"0699000{random.randrange(customers):05}"
        lines.append(f"{kind};{moment};;{number};Frankfurt am Main;Empfang;23125001;0:{random.randrange(1, 30):02}")
    path.write_text("\n".join(lines) + "\n", "cp1252")


def measure(rounds: int) -> tuple[dict[str, Figures], dict[str, float]]:
    """Milliseconds by page and edit, and the seconds of each job."""
    import django

    django.setup()
    from benchmarks.office.prepare import run_jobs

    from zusage.web.insight.models import CapacityStudy
    from zusage.web.office.jobs import start_job
    from zusage.web.services.models import Check, Draft

    client, draft, now = _signed_in()
    here = f"/services/{draft.pk}"
    found = {name: figures_of(_times(rounds, lambda at, name=name: client.get(f"{here}/{name}/"))) for name in PAGES}

    def edit(page: str, fields: Callable[[int], Mapping[str, str]]) -> Callable[[int], Any]:
        def send(at: int) -> Any:
            return client.post(f"{here}/{page}", {**fields(at), "version": str(at)}, headers={"HX-Request": "true"})

        return send

    node = re.search(
        r'value="cut"><input type="hidden" name="node" value="([^"]+)"', client.get(f"{here}/classes/").text
    )
    assert node is not None
    edits = {
        "a cell": edit("matrix/cell/", lambda at: {
            "row": "annual_check", "class": "A", "mode": "guaranteed", "per_year": str(at + 1)}),
        "a cut": edit("classes/", lambda at: {
            "do": "cut", "class": "A", "node": node[1], "from": str(600 + at), "stay": "500"}),
        "a time": edit("hours/", lambda at: {"activities.call_in.minutes": str(5 + at)}),
    }  # fmt: skip
    for name, send in edits.items():
        version = Draft.objects.get(pk=draft.pk).version
        found[f"edit of {name}"] = figures_of(_times(rounds, send, first=version))
        assert Draft.objects.get(pk=draft.pk).version == version + rounds + 1, name
    found["bare view"] = figures_of(_times(rounds, lambda at: client.post("/bare/", {"number": "00001", "what": "x"})))
    study = CapacityStudy.objects.create(by=draft.made_by, asked_at=now)
    seconds = {}
    for kind, subject in (("check", draft.pk), ("capacity", study.pk)):
        begin = perf_counter()
        start_job(kind, now=now, subject=subject)
        run_jobs()
        seconds[kind] = perf_counter() - begin
    if len(Check.objects.get(draft=draft).figures["replay"]) != 2:
        raise SystemExit("the check held no calls against the two service models")
    for name in CHECKED:
        found[f"{name}, once checked"] = figures_of(_times(rounds, lambda at, name=name: client.get(f"{here}/{name}/")))
    found["bare view"] = found.pop("bare view")  # last, as what the others are held against
    return found, seconds


def _signed_in() -> tuple[Any, Any, Any]:
    """Somebody at the office in this process, with a draft of the service model in force."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from zusage.web.office.models import PolicyVersion, User
    from zusage.web.services.actions import open_draft

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    owner, version, client = User.objects.order_by("pk")[0], PolicyVersion.objects.order_by("pk")[0], Client()
    client.force_login(owner, backend=settings.AUTHENTICATION_BACKENDS[0])
    now = timezone.now()
    return client, open_draft(text=version.text, base=version, by=owner, now=now), now


def _times(rounds: int, ask: Callable[[int], Any], first: int = 0) -> list[float]:
    """Seconds of each round after one that is not counted; SystemExit where the office refuses one."""
    seconds = []
    for at in range(first, first + rounds + 1):
        begin = perf_counter()
        answer = ask(at)
        seconds.append(perf_counter() - begin)
        if answer.status_code not in (200, 201):
            raise SystemExit(f"{answer.request['PATH_INFO']}: {answer.status_code} {answer.text[:2000]}")
    return seconds[1:]


def table(customers: int, rounds: int, figures: Mapping[str, Figures], jobs: Mapping[str, float]) -> str:
    """The figures as Markdown."""
    rows = [
        f"**A draft**, {customers:,} customers, {customers * 10:,} commission lines, {customers * 10:,} calls",
        "",
        "| page or edit | median ms | 95 % ms | at most |",
        "|---|---:|---:|---:|",
    ]
    for name, found in figures.items():
        limit = "–" if name == "bare view" else f"{EDIT if name.startswith('edit') else PAGE}"
        rows.append(f"| {name} | {found['median_ms']} | {found['p95_ms']} | {limit} |")
    for kind, seconds in jobs.items():
        rows.append(f"| {kind}, once | {seconds * 1000:.0f} | – | {CHECK if kind == 'check' else '–'} |")
    rows += ["", f"{rounds} times each after one that is not counted, one warm process, SQLite; {machine()}."]
    return "\n".join(rows)


def write_docs(text: str) -> None:
    """Put the figures into the page of figures, in the place of the earlier ones."""
    path = ROOT / "docs" / "developer" / "benchmarks.md"
    before, rest = path.read_text("utf-8").split(MARKS[0])
    path.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""What `zusage simulate` says: the answer first, the ways out, the same as JSON, and refusals with a remedy."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.journeys.command import said

from zusage.book.kept import KEPT
from zusage.result import example_folder


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("simulate") / "result"
    firm = example_folder("broker")
    assert said("plan", "-p", firm / "policy.yaml", "-b", firm / "exports", "-o", out, "--no-report").code == 0
    return out


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZUSAGE_LANG", "ZUSAGE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")


SHORT = ("--weeks", 26, "--runs", 2)


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("de", r"Premium: Antwort am selben Arbeitstag: (Ja|Wahrscheinlich ja), .*9\d,\d.%.* \(9[\d,]+–9[\d,]+.%\).*"),
        ("en", r"Premium: answered the same working day: (probably )?yes, with 9[\d.]+%.* \(9[\d.]+–9[\d.]+%\).*"),
    ],
)
def test_each_class_is_answered_with_its_interval(language: str, first: str, result: Path) -> None:
    told = said("simulate", "-r", result, "--lang", language, *SHORT)
    assert told.code == 0
    assert re.fullmatch(first, told.out.splitlines()[0])
    assert re.search("13 (Wochen|weeks)", told.out)


def test_a_promise_that_is_too_fast_is_answered_with_two_ways_out(result: Path) -> None:
    told = said("simulate", "-r", result, "--lang", "en", *SHORT, "--class", "A", "--promise", "1_hours")
    lines = told.out.splitlines()
    assert told.code == 1
    assert re.match(r"Premium: answered within one of our opening hours: no, only [\d.]+% are kept \(", lines[0])
    assert re.match(r"  It would with \d+:00\sh more a week for customers in the role Inside staff", lines[2])
    assert re.match(r"  With today's hours this can be promised: answered the (same|next) working day, 9", lines[3])


def test_json_holds_the_same_and_the_same_seed_gives_it_again(result: Path) -> None:
    first, again, other = (said("simulate", "-r", result, "--json", *SHORT, "--seed", seed) for seed in (5, 5, 6))
    found = json.loads(first.out)
    assert first.out == again.out != other.out
    assert found["arrived"] == found["answered"] + found["gave_up"] + found["waiting"]
    assert [item["class_key"] for item in found["promises"]] == ["A", "B", "C", "provisional"]
    assert len(found["weeks"]) == 26
    assert found["worst_week"] in {item["monday"] for item in found["weeks"]}


def test_known_absences_are_read_from_a_list(result: Path, tmp_path: Path) -> None:
    away = tmp_path / "away.csv"
    away.write_text("role;first_on;last_on\ninside;2026-11-02;2026-11-15\n", "utf-8")
    plain, without = (
        json.loads(said("simulate", "-r", result, "--json", *SHORT, *more).out) for more in ((), ("--absences", away))
    )
    hours = [item["there_seconds"] for item in without["roles"] if item["role"] == "inside"]
    assert (hours[:2], hours[2] > 0) == ([0, 0], True)
    assert without["classes"][0]["kept"] != plain["classes"][0]["kept"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--class", "Z"), "Z"),
        (("--promise", "soon"), "same_day, next_workday"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: tuple[str, ...], text: str, result: Path) -> None:
    told = said("simulate", "-r", result, "--lang", "en", *SHORT, *options)
    assert told.code == 2
    assert text in told.all


def test_a_result_without_its_book_says_how_to_get_one(result: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(result, bare, ignore=shutil.ignore_patterns(KEPT))
    told = said("simulate", "-r", bare, "--lang", "en")
    assert told.code == 2
    assert "--no-keep-book" in told.all

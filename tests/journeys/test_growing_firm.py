"""The example broker grows until the promises break: the program names the week, ways out, and the chosen one holds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.command import said
from tests.journeys.real import ROOT

from zusage.policy.edit import Put, change
from zusage.policy.read import read_policy

BROKER = ROOT / "examples" / "broker"
STAFFED = [
    Put(("resources", "roles", "adviser", "people"), 2.35),
    Put(("resources", "roles", "inside", "people"), 1.3),
]
"""The example firm with people enough for today's promises, but not for long."""


def planned(policy: Path, out: Path) -> dict[str, Any]:
    done = said("plan", "-p", policy, "-b", BROKER / "exports", "-o", out, "--no-report", "--json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example firm, staffed, planned once."""
    folder = tmp_path_factory.mktemp("growing")
    policy = folder / "policy.yaml"
    policy.write_text(change((BROKER / "policy.yaml").read_text("utf-8"), STAFFED), "utf-8")
    assert planned(policy, folder / "result")["hours"]["answer"] == "fits"
    return folder / "result"


def looked(result: Path, *more: object) -> dict[str, Any]:
    done = said("capacity", "-r", result, "--json", *more)
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@dataclass
class Seen:
    """What the program says of the firm that grows by forty a year, its page, and the service model that was chosen."""

    said: dict[str, Any]
    page: str
    chosen: Path


@pytest.fixture(scope="module")
def seen(firm: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Asked once: the ways out of a real book take seconds."""
    chosen = tmp_path_factory.mktemp("chosen") / "chosen.yaml"
    found = looked(firm, "--growth", "40", "--lang", "de", "--take", "hands", "--write-policy", chosen)
    return Seen(found, (firm / "capacity.html").read_text("utf-8"), chosen)


def test_the_firm_grows_until_its_promises_break_and_the_chosen_way_holds(
    firm: Path, seen: Seen, tmp_path: Path
) -> None:
    week = date.fromisoformat(seen.said["tipping"]["monday"])
    assert seen.said["statement"].startswith("Mit 40 neuen Haushalten im Jahr reichen Ihre Stunden bis zur Woche vom ")
    assert date(2026, 11, 2) < week < date(2031, 11, 1)
    holding = [way for way in (*seen.said["ways"], *seen.said["sets"]) if way["fits"] and way["changes"]]
    assert len(holding) >= 3
    assert {way["tipping"]["monday"] for way in holding} == {None}  # each holds over all years looked at
    assert read_policy(seen.chosen).policy.version == read_policy(firm / "policy.yaml").policy.version
    result = tmp_path / "result"
    assert planned(seen.chosen, result)["hours"]["answer"] == "fits"
    again = looked(result, "--growth", "40")
    assert again["tipping"]["monday"] is None
    assert (again["ways"], again["sets"]) == ([], [])


def test_what_was_chosen_passes_the_gate_that_the_former_service_model_does_not(
    firm: Path, seen: Seen, tmp_path: Path
) -> None:
    before = said("policy", "publish", firm / "policy.yaml", "-r", firm, "--to", tmp_path / "policies", "--lang", "de")
    assert before.code == 1
    assert "Berater: in der Woche ab" in before.err
    done = said("policy", "publish", seen.chosen, "-r", firm, "--to", tmp_path / "policies", "--json")
    assert done.code == 0
    certificate = json.loads(done.out)
    assert (certificate["answer"], certificate["grounds"], certificate["risk"]) == ("fits", [], None)
    assert {item["class_key"] for item in certificate["kept"]} == {"A", "B", "C", "provisional"}
    assert min(item["permille"] for item in certificate["kept"]) >= certificate["target_permille"]
    hands = next(way for way in seen.said["sets"] if way["key"] == "hands")
    own = {"made_on": None, "published": None}  # said beside the way, before it is taken
    assert hands["gate"] | own == certificate | own


def test_sets_have_as_many_people_as_the_gate_asks_for_and_say_where_people_are_no_answer(tmp_path: Path) -> None:
    planned(BROKER / "policy.yaml", tmp_path / "result")
    found = looked(tmp_path / "result", "--growth", "40", "--lang", "de")
    hours = {
        part["role"]: part["weekly_seconds"] for way in found["ways"] for part in way["parts"] if way["kind"] == "hire"
    }
    sets = {way["key"]: way for way in found["sets"]}
    assert {key: way["gate"]["answer"] for key, way in sets.items()} == {
        "lean": "fits",
        "kept": "short",
        "hands": "fits",
    }
    more = {part["role"]: part["weekly_seconds"] for part in sets["hands"]["parts"]}
    assert more["adviser"] > hours["adviser"]  # the year alone needs fewer
    assert more["inside"] == hours["inside"]
    grounds = [(item["code"], item["values"]["role"]) for item in sets["kept"]["gate"]["grounds"]]
    assert grounds == [("gate_week", "owner")]  # who owns the firm cannot be hired
    page = (tmp_path / "result" / "capacity.html").read_text("utf-8")
    assert page.count("Prüfung zum Veröffentlichen: bestanden.") == 2
    assert page.count("Prüfung zum Veröffentlichen: nicht bestanden. Inhaberin: in der Woche ab 02.11.2026") == 1


def test_the_page_says_the_week_first_shows_pictures_and_loads_nothing(seen: Seen) -> None:
    assert f"<h1>{seen.said['statement']}</h1>" in seen.page
    assert seen.page.count('<figure class="wide chart"') == 3  # the growing day, the weeks, the answers
    assert re.findall(r"""(?:src|href)=["']?https?:|url\(["']?https?:|@import""", seen.page) == []


def test_people_read_the_same_answer_on_the_terminal_and_get_pictures_where_they_ask(firm: Path) -> None:
    done = said("capacity", "-r", firm, "--growth", "40", "--lang", "en", "--pictures", "svg")
    assert (done.code, done.out.startswith("With 40 new households")) == (0, True)
    pictures = sorted(path.name for path in firm.glob("*.svg"))
    assert pictures == ["capacity-days.svg", "capacity-weeks.svg"]
    assert all(name in done.out for name in pictures)


def test_the_customers_a_way_touches_are_listed_by_number_and_name(firm: Path) -> None:
    done = said("capacity", "-r", firm, "--growth", "40", "--touched", "trim:annual_check:B", "--json")
    listed = json.loads(done.out)["customers"]
    assert {row["class_key"] for row in listed} == {"B"}
    assert len({row["customer_id"] for row in listed}) == len(listed) > 100


def test_service_models_stand_side_by_side_with_an_own_one(firm: Path, tmp_path: Path) -> None:
    own = tmp_path / "zwei-briefe.yaml"
    changes = [Put(("matrix", "newsletter", key), {"mode": "email", "per_year": 2}) for key in "ABC"]
    own.write_text(change((firm / "policy.yaml").read_text("utf-8"), changes), "utf-8")
    done = said("scenario", "-r", firm, "--policy", own, "--json", "--lang", "de")
    found = {row["key"]: row for row in json.loads(done.out)["scenarios"]}
    assert list(found) == ["alike", "lived", "proposed", "own"]
    assert found["own"]["text"] == "zwei-briefe"
    assert found["proposed"]["owed"]["inside"] - found["own"]["owed"]["inside"] == 2 * 240 * 60
    assert found["alike"]["answer"] == "short"
    assert said("scenario", "-r", firm, "--lang", "de").out.startswith("Bekämen alle, was Premium zugesagt ist, wären")


@pytest.mark.parametrize(
    ("more", "begin"),
    [
        (["--growth", "viele"], "Fehler: „viele“ ist nicht zu verstehen."),
        (["--growth", "5", "--growth", "6"], "Fehler: „5 6“ ist nicht zu verstehen."),
        (["--growth", "999999"], "Fehler: 999.999 im Jahr sind bei einem Bestand von 833"),
        (["--growth", "-999999"], "Fehler: -999.999 im Jahr sind bei einem Bestand von 833"),
        (["--growth", "X=3"], "Fehler: Die Klasse „X“ gibt es nicht."),
        (["--drift", "A:A=3%"], "Fehler: Von „A“ nach „A“"),
        (["--yields", "-90%"], "Fehler: Erträge ändern sich nicht um"),
        (["--years", "99"], "Fehler: 99 Jahre lassen sich nicht überblicken."),
        (["--until", "1999-01-01"], "Fehler: Der 01.01.1999 liegt vor dem Stand"),
        (["--use", "Aushilfe endet"], "Fehler: Bitte nennen Sie beides: --use"),
        (["--take", "hire:inside"], "Fehler: Bitte nennen Sie beides: --take"),
        (["--touched", "zauberei"], "Fehler: Den Weg „zauberei“ gibt es hier nicht."),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(firm: Path, more: list[str], begin: str) -> None:
    done = said("capacity", "-r", firm, "--lang", "de", *more)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(begin)


def test_negative_growth_is_an_answer(firm: Path) -> None:
    assert looked(firm, "--growth", "-10", "--lang", "de")["statement"] == (
        "Mit 10 Haushalten weniger im Jahr reichen Ihre Stunden in den nächsten 5 Jahren."
    )


def test_a_result_without_its_book_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "result"
    said("plan", "-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "-o", out, "--no-report", "--no-keep-book")
    done = said("capacity", "-r", out, "--lang", "de")
    assert done.code == 2
    assert done.err.endswith("ohne --no-keep-book.\n")

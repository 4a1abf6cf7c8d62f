"""From the example's files to the mix of classes by command: break-even first, a proposal once something is assumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.journeys.command import said

from zusage.result import example_folder

BROKER = example_folder("broker")
RESPONSE = """
response:
  source: Strichliste
  stay: 20
  classes: {A: {low: 2 %, mid: 4 %, high: 8 %}, B: {low: 1 %, mid: 2 %, high: 4 %}}
"""


def reckoned(folder: Path, text: str) -> Path:
    policy = folder / "policy.yaml"
    policy.write_text(text, "utf-8")
    out = folder / "result"
    assert said("plan", "-p", policy, "-b", BROKER / "exports", "-o", out, "--no-report", "--no-keep-book").code == 0
    return out


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as it is: nothing is assumed."""
    return reckoned(tmp_path_factory.mktemp("bare"), (BROKER / "policy.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def assumed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with an assumption about yield and service."""
    return reckoned(tmp_path_factory.mktemp("assumed"), (BROKER / "policy.yaml").read_text("utf-8") + RESPONSE)


def test_without_an_assumption_it_answers_with_the_break_even(bare: Path) -> None:
    done = said("optimise", "-r", bare, "--json")
    facts = json.loads(done.out)
    assert (done.code, facts["proposal"]) == (0, None)
    assert [(item["class_key"], item["below_key"]) for item in facts["break_even"]] == [("A", "B"), ("B", "C")]
    spoken = said("optimise", "-r", bare, "--lang", "en").out
    assert spoken.startswith("The service model does not say how much yield the service retains")


def test_with_one_it_proposes_within_the_hours_and_names_what_never_fits(assumed: Path) -> None:
    facts = json.loads(said("optimise", "-r", assumed, "--json", "--lang", "en").out)["proposal"]
    adviser = next(role for role in facts["roles"] if role["role"] == "adviser")
    assert adviser["mixed_seconds"] <= adviser["free_seconds"] < adviser["ruled_seconds"]
    assert adviser["price_cents"]["mid"] > 0
    assert [finding["reason"]["values"]["role"] for finding in facts["findings"]] == ["inside"]
    assert all(move["gain_cents"] >= 0 for move in facts["moves"])
    assert facts["moves"][0]["text"].startswith(facts["moves"][0]["name"])


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_is_readable_in_eighty_columns(assumed: Path, language: str) -> None:
    done = said("optimise", "-r", assumed, "--lang", language)
    assert done.code == 0
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_a_single_customer_has_a_break_even_of_their_own(bare: Path) -> None:
    facts = json.loads(said("optimise", "-r", bare, "--customer", "00042", "--json").out)
    assert [item["units"] for item in facts["break_even"]] == [1, 1]
    assert said("optimise", "-r", bare, "--customer", "00042").code == 0
    assert said("optimise", "-r", bare, "--customer", "nobody").code == 2


def test_what_cannot_be_meant_is_refused(tmp_path: Path, bare: Path) -> None:
    assert said("optimise").code == 2
    assert said("optimise", "-r", bare, "--problem", "-").code == 2
    assert said("optimise", "-r", tmp_path).code == 2
    assert said("optimise", "--problem", tmp_path / "missing.jsonl").code == 2


def test_the_price_of_an_hour_is_a_picture_where_one_is_asked_for(assumed: Path, bare: Path) -> None:
    done = said("optimise", "-r", assumed, "--pictures", "svg", "--lang", "de")
    assert (done.code, done.out.rstrip().endswith("prices.svg")) == (0, True)
    assert "Berater" in (assumed / "prices.svg").read_text("utf-8")
    assert said("optimise", "-r", bare, "--pictures", "svg").code == 0
    assert list(bare.glob("*.svg")) == []  # nothing is proposed, so there is no price

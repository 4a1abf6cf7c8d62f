"""No promise is published that cannot be kept, unless a named person answers for it: by command, on real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.journeys.command import said

from zusage.policy.read import read_policy
from zusage.result import example_folder

BROKER = example_folder("broker")
SIGNED = ("--signed-by", "Alma Muster", "--reason", "Ab Januar stellen wir ein.")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example firm, reckoned once, with its book."""
    folder = tmp_path_factory.mktemp("gate") / "result"
    done = said("plan", "-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "-o", folder, "--no-report")
    assert done.code == 0
    return folder


def policy(folder: Path, *changes: tuple[str, str]) -> Path:
    """The example's service model with some texts changed, as a file."""
    text = (BROKER / "policy.yaml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "policy.yaml"
    path.write_text(text, "utf-8")
    return path


ENOUGH = (
    ("      people: 1\n      # Gehalt", "      people: 3\n      # Gehalt"),
    ("      people: 1\n      yearly_cost: 40000", "      people: 2\n      yearly_cost: 40000"),
)


def test_missing_hours_are_refused_with_each_role_by_name(result: Path, tmp_path: Path) -> None:
    done = said(
        "policy", "publish", BROKER / "policy.yaml", "-r", result, "--to", tmp_path / "policies", "--lang", "de"
    )
    assert done.code == 1
    lines = done.err.splitlines()
    assert [line.split(":")[1].strip() for line in lines[:2]] == ["Berater", "Innendienst"]
    assert lines[2].startswith("Fehler: Nicht veröffentlicht.")
    assert not (tmp_path / "policies").exists()


def test_a_named_person_takes_the_risk_and_the_certificate_keeps_it(result: Path, tmp_path: Path) -> None:
    target = tmp_path / "policies"
    done = said("policy", "publish", BROKER / "policy.yaml", "-r", result, "--to", target, *SIGNED, "--json")
    assert done.code == 0
    made = target / "2026-2"
    assert (made / "policy.yaml").read_bytes() == (BROKER / "policy.yaml").read_bytes()
    kept = json.loads((made / "certificate.json").read_text("utf-8"))
    assert json.loads(done.out) == kept | {"published": str(made)}
    assert kept["policy_hash"] == read_policy(BROKER / "policy.yaml").policy.hash
    assert (kept["answer"], kept["as_of"]) == ("short", "2026-10-31")
    assert kept["risk"] == {"name": "Alma Muster", "reason": "Ab Januar stellen wir ein."}
    assert [path.name for path in target.iterdir()] == ["2026-2"]


@pytest.mark.parametrize(
    "signed", [("--signed-by", "Alma Muster"), ("--reason", "Weil."), ("--signed-by", " ", "--reason", "x")]
)
def test_a_signature_is_a_name_and_a_reason(signed: tuple[str, ...], result: Path, tmp_path: Path) -> None:
    done = said("policy", "publish", BROKER / "policy.yaml", "-r", result, "--to", tmp_path, *signed, "--lang", "en")
    assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert done.err.startswith("Mistake: Whoever takes the risk gives a name and a reason")


def test_enough_hours_need_no_signature(result: Path, tmp_path: Path) -> None:
    file, target = policy(tmp_path, *ENOUGH), tmp_path / "policies"
    done = said("policy", "publish", file, "-r", result, "--to", target, "--lang", "de")
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("Die Zusagen können gehalten werden")
    assert json.loads((target / "2026-2" / "certificate.json").read_text("utf-8"))["risk"] is None


def test_unknown_hours_are_never_a_yes(result: Path, tmp_path: Path) -> None:
    file = policy(tmp_path, *ENOUGH, ("coverage: 50 %", "coverage: 90 %"))
    done = said("policy", "publish", file, "-r", result, "--to", tmp_path / "policies", "--lang", "en")
    assert done.code == 1
    assert "of the time is logged, 90% are needed" in done.err


def test_a_label_names_one_service_model_only(result: Path, tmp_path: Path) -> None:
    target = tmp_path / "policies"
    first = (BROKER / "policy.yaml", "-r", result, "--to", target, *SIGNED)
    assert [said("policy", "publish", *first).code for _ in range(2)] == [0, 0]
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    other = policy(tmp_path, ("from: 600", "from: 650"))
    done = said("policy", "publish", other, "-r", result, "--to", target, *SIGNED, "--lang", "en")
    assert (done.code, "published under the label 2026-2 already" in done.err) == (1, True)
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def test_a_label_that_leads_elsewhere_is_refused(result: Path, tmp_path: Path) -> None:
    file = policy(tmp_path, ("version: 2026-2", "version: ../2026"))
    done = said("policy", "publish", file, "-r", result, "--to", tmp_path / "policies", *SIGNED, "--lang", "en")
    assert (done.code, "cannot be the name of a folder" in done.err) == (1, True)
    assert not (tmp_path / "2026").exists()


def test_a_result_without_its_book_says_how_to_keep_it(result: Path, tmp_path: Path) -> None:
    lean = tmp_path / "lean"
    lean.mkdir()
    for path in result.iterdir():
        if path.is_file():
            (lean / path.name).write_bytes(path.read_bytes())
    done = said("policy", "publish", BROKER / "policy.yaml", "-r", lean, "--to", tmp_path / "policies", "--lang", "en")
    assert (done.code, "--no-keep-book" in done.err) == (2, True)

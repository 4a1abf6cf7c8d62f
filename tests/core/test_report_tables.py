"""The result folder: what is written is read back as the same plan."""

import json
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from tests.report_firm import firm

from zusage import engine
from zusage.ground.reasons import Place, Reason, Refused, finding_as_json, note
from zusage.ground.typed import finding_from_json
from zusage.report.tables import load_result, summary, write_tables

TABLES = ("memberships", "accounts", "units", "parts", "promises")


def refusal(folder: Path) -> list[str]:
    with pytest.raises(Refused) as refused:
        load_result(folder)
    return [finding.reason.code for finding in refused.value.findings]


def test_a_plan_comes_back_from_its_folder_unchanged(tmp_path: Path) -> None:
    write_tables(firm(), tmp_path)
    loaded = load_result(tmp_path)
    for item in fields(loaded):
        if item.name not in TABLES:
            assert getattr(loaded, item.name) == getattr(firm(), item.name)
    for name in TABLES:
        assert rows(getattr(loaded, name)) == rows(getattr(firm(), name))
    assert loaded.policy.hash == firm().policy.hash


def rows(table: object) -> list[str]:
    return sorted(map(repr, engine.rows(table)))  # type: ignore[arg-type]


def test_the_folder_holds_tables_sums_and_the_policy(tmp_path: Path) -> None:
    write_tables(firm(), tmp_path)
    names = {f"{name}.parquet" for name in (*TABLES, "hours")} | {"result.json", "policy.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert json.loads((tmp_path / "result.json").read_text("utf-8")) == summary(firm())


def test_the_summary_is_json_with_codes_and_with_words_where_asked() -> None:
    plain, worded = summary(firm()), summary(firm(), "de")
    assert json.loads(json.dumps(plain)) == plain
    assert plain["findings"][0]["reason"] == {"code": "plan_nobody", "values": {"text": "<b>Z</b>"}}
    assert "text" not in plain["findings"][0]
    assert worded["findings"][0]["text"].startswith("muster.csv, Zeile 3: In Klasse <b>Z</b>")
    assert [row["name"] for row in worded["classes"]] == ["Premium", "Komfort", "Klassik"]
    assert plain["periods"]["as_of"] == "2026-10-31"
    assert sum(row["yield_cents"] for row in plain["classes"]) == 148154


def test_a_folder_that_is_no_result_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == ["report_no_result"]


def test_a_result_with_a_table_missing_is_refused(tmp_path: Path) -> None:
    write_tables(firm(), tmp_path)
    (tmp_path / "units.parquet").unlink()
    assert refusal(tmp_path) == ["report_no_result"]


def test_a_result_with_another_policy_is_refused(tmp_path: Path) -> None:
    write_tables(firm(), tmp_path)
    path = tmp_path / "policy.json"
    path.write_text(path.read_text("utf-8").replace('"practical_permille": 400', '"practical_permille": 500'), "utf-8")
    assert refusal(tmp_path) == ["report_other_policy"]


def test_a_finding_is_kept_in_one_form_and_comes_back_from_it() -> None:
    found = note("plan_cohorts_missing", Place("x.csv", 7, None, "a[0]"), years_count=5, to_on=date(2026, 1, 2))
    kept = finding_as_json(found)
    assert kept == {
        "severity": "note",
        "reason": {"code": "plan_cohorts_missing", "values": {"years_count": 5, "to_on": "2026-01-02"}},
        "where": {"file": "x.csv", "line": 7, "column": None, "path": "a[0]"},
    }
    assert finding_from_json(json.loads(json.dumps(kept)) | {"text": "besides"}) == found
    assert summary(firm())["findings"] == [finding_as_json(item) for item in firm().findings]


def test_days_in_findings_come_back_as_days(tmp_path: Path) -> None:
    write_tables(firm(), tmp_path)
    found = [item.reason for item in load_result(tmp_path).findings if item.reason.code == "plan_cohorts_missing"]
    assert found == [item.reason for item in firm().findings if item.reason.code == "plan_cohorts_missing"]
    assert isinstance(found[0], Reason)

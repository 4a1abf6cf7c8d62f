"""The example firm by the command line: planned once by the installed program, then explained and calibrated."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.journeys.command import said
from tests.journeys.real import ROOT, zusage

from zusage import engine
from zusage.policy.read import read_policy

BROKER = ROOT / "examples" / "broker"


@dataclass
class Broker:
    printed: dict[str, Any]
    result: Path

    def classes(self) -> dict[str, str]:
        table = engine.rows(engine.read_parquet(self.result / "memberships.parquet"))
        return {row["customer_id"]: row["class_key"] for row in table}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """The example firm, planned once by the installed program."""
    result = tmp_path_factory.mktemp("broker") / "result"
    policy, book = BROKER / "policy.yaml", BROKER / "exports"
    done = zusage("plan", "-p", policy, "-b", book, "-o", result, "--json", "--lang", "de")
    assert (done.returncode, done.stderr) == (0, "")
    return Broker(json.loads(done.stdout), result)


# --- plan on the example firm


def test_a_plan_leaves_every_file_it_promises(broker: Broker) -> None:
    files = {path.name for path in broker.result.iterdir()}
    tables = {f"{name}.parquet" for name in ("accounts", "hours", "memberships", "parts", "promises", "units")}
    others = {"report.html", "result.xlsx", "result.json", "policy.json", "policy.yaml", "Kundenliste.csv"}
    assert files == tables | others | {"book"}
    assert broker.printed["files"] == sorted(str(broker.result / name) for name in files)


def test_the_printed_json_is_the_result_written(broker: Broker) -> None:
    written = json.loads((broker.result / "result.json").read_text("utf-8"))
    assert {key: broker.printed[key] for key in written} == written


def test_each_customer_has_a_class_of_the_policy(broker: Broker) -> None:
    keys = {item.key for item in read_policy(BROKER / "policy.yaml").policy.classes}
    assert len(broker.classes()) == 1000
    assert set(broker.classes().values()) <= keys


def test_the_firms_own_list_comes_back_with_one_column_more_and_nothing_else_changed(broker: Broker) -> None:
    before = (BROKER / "exports" / "Kundenliste.csv").read_bytes().split(b"\r\n")
    after = (broker.result / "Kundenliste.csv").read_bytes().split(b"\r\n")
    names = {item.key: item.name.de for item in read_policy(BROKER / "policy.yaml").policy.classes}
    added = [new.removeprefix(old).decode("cp1252") for old, new in zip(before, after, strict=True)]
    assert all(new.startswith(old) for old, new in zip(before, after, strict=True))
    ids = [line.split(b";")[0].decode() for line in before[2:] if line]
    assert added[1] == ";Serviceklasse"
    assert [text for text in added[2:] if text] == [f";{names[broker.classes()[customer]]}" for customer in ids]


def test_the_policy_beside_a_result_is_the_one_given(broker: Broker) -> None:
    assert (broker.result / "policy.yaml").read_bytes() == (BROKER / "policy.yaml").read_bytes()


def test_the_workbook_opens_and_names_every_customer(broker: Broker) -> None:
    book = openpyxl.load_workbook(broker.result / "result.xlsx", read_only=True)
    cells = {str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row}
    assert set(broker.classes()) - cells == set()
    assert [cell for cell in cells if cell.startswith("#")] == []
    book.close()


def test_the_report_is_one_page_that_loads_nothing(broker: Broker) -> None:
    page = (broker.result / "report.html").read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//[^"' >]+""", page) == []


def test_a_second_plan_on_confirmed_classes_proposes_nothing_new(broker: Broker, tmp_path: Path) -> None:
    arguments = ("-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "--previous", broker.result)
    again = said("plan", *arguments, "-o", tmp_path / "again", "--no-report", "--json")
    assert again.code == 0
    rows = engine.rows(engine.read_parquet(tmp_path / "again" / "memberships.parquet"))
    assert {row["customer_id"]: row["class_key"] for row in rows} == broker.classes()
    assert [row for row in rows if row["class_key"] != row["previous_key"]] == []


def test_a_customer_is_explained_by_number(broker: Broker) -> None:
    explained = said("explain", "00042", "-r", broker.result, "--lang", "de")
    assert (explained.code, explained.err) == (0, "")
    assert explained.out.splitlines()[0] == "Günter Exempelähr 00042: Klassik"


def test_a_part_of_a_name_that_only_one_has_is_enough(broker: Broker) -> None:
    by_name = said("explain", "günter exempelähr", "-r", broker.result, "--lang", "de")
    assert by_name == said("explain", "00042", "-r", broker.result, "--lang", "de")


def test_an_explanation_as_json_holds_figures_and_texts(broker: Broker) -> None:
    explained = said("explain", "00042", "-r", broker.result, "--json", "--lang", "en")
    found = json.loads(explained.out)
    assert (found["class_key"], found["members"][0]["customer_id"]) == ("C", "00042")
    assert {line["unit"] for section in found["sections"] for line in section["lines"]} >= {"exact", "text"}


@pytest.mark.parametrize(
    ("text", "code"), [("Muster-Nirgendwo", "cli_no_customer"), ("Exempel", "cli_several_customers")]
)
def test_an_unknown_or_ambiguous_customer_is_refused_with_a_sentence(broker: Broker, text: str, code: str) -> None:
    refused = said("explain", text, "-r", broker.result, "--lang", "de", "--json")
    (finding,) = json.loads(refused.out)["findings"]
    assert (refused.code, finding["code"]) == (2, code)
    assert text in finding["text"]


def test_calibrating_writes_a_cut_that_passes_the_check_and_keeps_every_comment(tmp_path: Path) -> None:
    new = tmp_path / "new.yaml"
    arguments = ("-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "--class", "A", "--top-share", "10 %")
    done = said("policy", "calibrate", *arguments, "-o", new, "--json", "--lang", "de")
    proposal = json.loads(done.out)
    assert done.code == 0
    assert said("policy", "check", new).code == 0
    before, after = ((BROKER / "policy.yaml").read_text("utf-8"), new.read_text("utf-8"))
    assert re.findall(r"#.*", before) == [text for text in re.findall(r"#.*", after) if "vorgeschlagen" not in text]
    written = next(item for item in read_policy(new).policy.criteria() if item.metric == "yield")
    assert (written.cut, written.stay) == (proposal["cut"], proposal["stay"])
    assert proposal["reached"] >= proposal["wished"]

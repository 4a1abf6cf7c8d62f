"""The command line: every verb, in both languages, with everything it promises to write and never a traceback."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import people
from tests.journeys.command import Said, contents, said
from tests.journeys.real import zusage

from zusage import __version__, engine
from zusage.book.kept import KEPT, kept_tables
from zusage.book.tables import SCHEMAS
from zusage.cli import app, run
from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES
from zusage.outlook.again import plan_again
from zusage.policy import TEMPLATES
from zusage.policy.read import read_policy
from zusage.report.tables import load_result
from zusage.result import replace_folder


def verbs(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words it is called by."""
    for name, command in group.commands.items():
        words = (*before, name)
        yield from verbs(command, words) if hasattr(command, "commands") else [(words, command)]


VERBS = dict(verbs(typer.main.get_command(app)))
CUSTOMERS = """Kundennummer;Name;Kunde seit
0001;Muster, Alma;01.03.2010
0002;Beispiel, Béla;01.03.2010
0003;Probe, Caro;01.07.2015
0042;Emil Muster & Söhne;01.01.2020
"""
STATEMENT = """Kundennummer;Buchungsdatum;Betrag
0001;01.11.2025;700,00
0003;15.03.2026;200,00
0042;31.10.2026;20,00
"""


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ZUSAGE_LANG", "ZUSAGE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small firm to work on: policy.yaml and a folder `book`; it is also where we stand."""
    (tmp_path / "policy.yaml").write_text(people.POLICY, "utf-8")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "kunden.csv").write_text(CUSTOMERS, "utf-8")
    (tmp_path / "book" / "provision.csv").write_text(STATEMENT, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLAN = ("plan", "-p", "policy.yaml", "-b", "book", "-o", "result")


# --- what it says of itself


def test_the_version_is_printed() -> None:
    done = zusage("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_a_help_with_a_sentence(verb: tuple[str, ...]) -> None:
    help_text = said(*verb, "--help")
    assert (help_text.code, help_text.err) == (0, "")
    assert re.search(rf"Usage: .*\b{' '.join(verb)} \[OPTIONS\]", help_text.out)
    assert re.search(r"^ [A-Z].*\.\s*$", help_text.out, re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_option_of_every_verb_says_what_it_is_for(verb: tuple[str, ...]) -> None:
    assert [option.name for option in VERBS[verb].params if not getattr(option, "help", None)] == []


# --- plan and explain


def test_without_a_report_only_tables_are_written(tmp_path: Path, firm: Path) -> None:
    assert said(*PLAN, "--no-report").code == 0
    assert {path.suffix for path in (firm / "result").iterdir()} == {".parquet", ".json", ".yaml", ""}


def test_the_book_is_kept_with_the_result_unless_one_says_no(tmp_path: Path, firm: Path) -> None:
    assert said(*PLAN, "--no-report").code == 0
    result = load_result(firm / "result")
    tables = kept_tables(firm / "result" / KEPT)
    assert tables is not None
    again = plan_again(result, tables, result.policy)
    assert (again.classes, again.hours, again.bridge) == (result.classes, result.hours, result.bridge)
    older = firm / "result" / KEPT / "consents.parquet"  # as an earlier version kept it, without what came later
    engine.write_parquet(engine.collect(engine.read_parquet(older).drop("wording", "ground", "proof")), older)
    read = kept_tables(firm / "result" / KEPT)
    assert read is not None
    assert read["consents"].collect_schema().names() == list(SCHEMAS["consents"])
    assert said(*PLAN, "--no-report", "--no-keep-book").code == 0
    assert kept_tables(firm / "result" / KEPT) is None


def test_all_customers_of_a_name_are_listed_when_there_are_few(firm: Path) -> None:
    assert said(*PLAN, "--no-report").code == 0
    refused = said("explain", "muster", "-r", "result", "--lang", "en", "--json")
    (finding,) = json.loads(refused.out)["findings"]
    known = "0001 Muster, Alma, 0042 Emil Muster & Söhne"
    assert finding["text"] == f"“muster” fits several customers. Please give the customer number: {known}"


def test_explaining_from_a_folder_that_is_no_result_is_refused(firm: Path) -> None:
    refused = said("explain", "0001", "-r", "book", "--lang", "de")
    assert (refused.code, refused.out, refused.err[:8]) == (2, "", "Fehler: ")


# --- policy


def test_a_broken_policy_is_answered_with_all_mistakes_and_their_lines(firm: Path) -> None:
    broken = people.POLICY.replace("practical_share: 40 %", "practical_share: fourty").replace(
        "cause: duty", "cause: dutty"
    )
    (firm / "policy.yaml").write_text(
        broken.replace("{C: next", "{D: next").replace("C: next_workday", "C: tomorrow"), "utf-8"
    )
    checked = said("policy", "check", "policy.yaml", "--json", "--lang", "en")
    found = [(row["line"], row["code"]) for row in json.loads(checked.out)["findings"] if row["severity"] == "error"]
    assert checked.code == 1
    assert found == [(7, "policy_not_share"), (12, "policy_not_one_of"), (28, "policy_unknown_mode")]


def test_a_good_policy_is_told_its_identity(firm: Path) -> None:
    checked = said("policy", "check", "policy.yaml", "--json")
    assert checked.code == 0
    assert json.loads(checked.out)["hash"] == read_policy(firm / "policy.yaml").policy.hash


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_written_and_passes_its_own_check(name: str, language: str, firm: Path) -> None:
    assert said("policy", "new", "--template", name, "--lang", language, "-o", "new.yaml") == Said(0, "", "")
    printed = said("policy", "new", "--template", name, "--lang", language)
    assert printed.out == (firm / "new.yaml").read_text("utf-8")
    assert said("policy", "check", "new.yaml").code == 0


def test_a_new_policy_never_overwrites_a_file(firm: Path) -> None:
    refused = said("policy", "new", "-o", "policy.yaml", "--lang", "en")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("Mistake: policy.yaml: This file exists already and is not overwritten.")
    assert (firm / "policy.yaml").read_text("utf-8") == people.POLICY


def test_the_schema_is_a_json_schema() -> None:
    schema = json.loads(said("policy", "schema").out)
    assert schema["type"] == "object"
    assert {"classes", "services", "matrix"} <= set(schema["properties"])


def test_calibrating_never_overwrites_another_file(firm: Path) -> None:
    arguments = ("policy", "calibrate", "-p", "policy.yaml", "-b", "book", "--class", "A", "--top-count", "1", "--json")
    refused = said(*arguments, "-o", "book/kunden.csv")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "cli_file_exists")
    assert (firm / "book" / "kunden.csv").read_text("utf-8") == CUSTOMERS


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ((), "calibrate_one_wish"),
        (("--top-count", "1", "--top-share", "10 %"), "calibrate_one_wish"),
        (("--top-share", "viele"), "calibrate_not_share"),
        (("--top-count", "99"), "calibrate_impossible"),
        (("--top-count", "1", "--metric", "tenure"), "calibrate_no_criterion"),
        (("--top-count", "1", "--class", "Z"), "calibrate_no_criterion"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused(wish: tuple[str, ...], code: str, firm: Path) -> None:
    refused = said("policy", "calibrate", "-p", "policy.yaml", "-b", "book", "--class", "A", *wish, "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, code)


# --- book map


def test_a_file_nobody_knows_is_read_with_the_mapping_that_was_proposed(firm: Path) -> None:
    (firm / "book" / "kunden.csv").write_text(CUSTOMERS.replace("Name;Kunde seit", "Name des Kunden;Dabei ab"), "utf-8")
    refused = said(*PLAN, "--no-report", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][-1]["code"]) == (2, "book_no_customers")
    mapped = said("book", "map", "book/kunden.csv", "-o", "book/mapping.yaml", "--lang", "en")
    assert mapped.code == 0
    assert said(*PLAN, "--no-report").code == 0
    rows = engine.rows(engine.read_parquet(firm / "result" / "memberships.parquet"))
    assert [row["name"] for row in rows] == ["Muster, Alma", "Beispiel, Béla", "Probe, Caro", "Emil Muster & Söhne"]


@pytest.mark.parametrize(("language", "first"), [("de", "# Vorschlag von Zusage."), ("en", "# Proposed by Zusage.")])
def test_a_mapping_is_commented_in_the_language_asked_for(language: str, first: str, firm: Path) -> None:
    assert said("book", "map", "book/kunden.csv", "--lang", language).code == 0
    assert (firm / "mapping.yaml").read_text("utf-8").startswith(first)


def test_a_mapping_never_overwrites_a_file(firm: Path) -> None:
    refused = said("book", "map", "book/kunden.csv", "-o", "policy.yaml", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "cli_file_exists")
    assert (firm / "policy.yaml").read_text("utf-8") == people.POLICY


# --- folders of results


def test_a_folder_that_is_not_a_result_is_refused_and_untouched(firm: Path) -> None:
    before = contents(firm / "book")
    refused = said("plan", "-p", "policy.yaml", "-b", "book", "-o", "book", "--no-report", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "cli_out_not_ours")
    assert contents(firm / "book") == before


def test_a_run_that_fails_leaves_nothing_new_and_an_earlier_result_untouched(firm: Path) -> None:
    assert said(*PLAN, "--no-report").code == 0
    before = contents(firm)
    (firm / "book" / "provision.csv").write_text("Kundennummer;Buchungsdatum;Betrag\n0001;01.11.2025;1.234\n", "utf-8")
    refused = said(*PLAN, "--no-report", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "book_decimal_undecided")
    (firm / "book" / "provision.csv").write_text(STATEMENT, "utf-8")
    assert contents(firm) == before


def test_a_mistake_while_writing_leaves_the_earlier_folder_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with replace_folder(target, marker="mark") as folder:
        (folder / "mark").write_text("first", "utf-8")
    with pytest.raises(FileNotFoundError), replace_folder(target, marker="mark") as folder:
        (folder / "nowhere" / "mark").write_text("second", "utf-8")
    assert contents(tmp_path) == {"result/mark": b"first"}
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_put_in_place_brings_the_earlier_one_back(tmp_path: Path) -> None:
    target = tmp_path / "result"
    with replace_folder(target, marker="mark") as folder:
        (folder / "mark").write_text("first", "utf-8")
    with pytest.raises(FileNotFoundError), replace_folder(target, marker="mark") as folder:
        shutil.rmtree(folder)
    assert contents(tmp_path) == {"result/mark": b"first"}
    assert list(tmp_path.iterdir()) == [target]


def test_a_result_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "result"
    for text in ("first", "second"):
        with replace_folder(target, marker="mark") as folder:
            (folder / "mark").write_text(text, "utf-8")
            (folder / text).touch()
    assert contents(tmp_path) == {"deep/result/mark": b"second", "deep/result/second": b""}
    assert list((tmp_path / "deep").iterdir()) == [target]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result").write_text("mine", "utf-8")
    with pytest.raises(Refused), replace_folder(tmp_path / "result", marker="mark"):
        pass
    assert contents(tmp_path) == {"result": b"mine"}


def test_a_result_can_be_the_previous_one_and_be_replaced_at_once(firm: Path) -> None:
    assert said(*PLAN, "--no-report").code == 0
    assert said(*PLAN, "--no-report", "--previous", "result").code == 0
    rows = engine.rows(engine.read_parquet(firm / "result" / "memberships.parquet"))
    assert [(row["class_key"], row["previous_key"]) for row in rows] == [("A", "A"), ("C", "C"), ("B", "B"), ("C", "C")]


@pytest.mark.parametrize("content", [None, b"", b"garbage", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_previous_result_that_cannot_be_read_is_refused(content: bytes | None, firm: Path) -> None:
    (firm / "before").mkdir()
    if content is not None:
        (firm / "before" / "memberships.parquet").write_bytes(content)
    refused = said(*PLAN, "--no-report", "--previous", "before", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "previous_not_readable")


@pytest.mark.parametrize("name", ["result.json", "policy.json", "units.parquet", "memberships.parquet"])
def test_a_damaged_result_is_refused_and_not_explained(name: str, firm: Path) -> None:
    assert said(*PLAN, "--no-report").code == 0
    for content in (b"", b"[]", b"{}", b"garbage"):
        (firm / "result" / name).write_bytes(content)
        refused = said("explain", "0001", "-r", "result", "--json")
        assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "report_no_result")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_all_calendars_is_refused(day: str, firm: Path) -> None:
    refused = said(*PLAN, "--no-report", "--as-of", day, "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "cli_as_of")


@pytest.mark.parametrize("day", ["1900-01-01", "2000-02-29", "2200-12-31"])
def test_a_day_far_from_the_book_is_reckoned_with_what_there_was(day: str, firm: Path) -> None:
    assert said(*PLAN, "--no-report", "--as-of", day, "--json").code == 0


# --- languages

GERMAN = re.compile(
    r"\b(?:der|die|das|und|nicht|bitte|mit|ein|eine|Sie|ist|sind|wird|von|für|Fehler|Warnung)\b", re.IGNORECASE
)
ENGLISH = re.compile(r"\b(?:the|and|not|please|with|is|are|of|for|mistake|warning|you)\b", re.IGNORECASE)
SPOKEN = (
    PLAN,
    ("plan", "-p", "nowhere.yaml", "-b", "book", "-o", "result"),
    ("plan", "-p", "policy.yaml", "-b", "nowhere", "-o", "result"),
    ("plan", "-p", "policy.yaml", "-b", "book", "-o", "book"),
    ("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--decimal", "x"),
    ("plan", "-p", "policy.yaml", "-b", "book", "-o", "result", "--previous", "book"),
    ("explain", "0001", "-r", "book"),
    ("policy", "check", "policy.yaml"),
    ("policy", "check", "book/kunden.csv"),
    ("policy", "new", "--template", "xyz"),
    ("policy", "calibrate", "-p", "policy.yaml", "-b", "book", "--class", "A", "--top-count", "1"),
    ("policy", "calibrate", "-p", "policy.yaml", "-b", "book", "--class", "A"),
    ("book", "map", "book/kunden.csv"),
    ("book", "map", "book/nowhere.csv"),
)


@pytest.mark.parametrize("arguments", SPOKEN, ids=lambda arguments: " ".join(arguments[:2]))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_in_one_language_has_no_words_of_the_other(
    language: str, arguments: tuple[str, ...], firm: Path
) -> None:
    text = said(*arguments, "--lang", language).all
    assert text.strip() != ""
    assert (ENGLISH if language == "de" else GERMAN).findall(text) == []


@pytest.mark.parametrize("form", [("--lang", "de"), ("--lang=de",)])
def test_a_refusal_is_in_the_language_asked_for_however_it_is_written(form: tuple[str, ...], firm: Path) -> None:
    assert said("plan", "-p", "nowhere.yaml", "-b", "book", "-o", "result", *form).err.startswith("Fehler: ")


def test_a_language_nobody_speaks_is_refused(firm: Path) -> None:
    refused = said(*PLAN, "--no-report", "--lang", "fr", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "cli_language")


# --- whatever happens


def stopped(monkeypatch: pytest.MonkeyPatch, error: BaseException, *arguments: str) -> Said:
    """What the entry point makes of an error nobody foresaw."""

    def verb() -> None:
        raise error

    monkeypatch.setattr(sys, "argv", ["zusage", *arguments])
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
        run(verb)
    return Said(int(stop.value.code or 0), out.getvalue(), err.getvalue())


def test_an_interruption_ends_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped(monkeypatch, KeyboardInterrupt()) == Said(130, "", "")


def test_a_mistake_of_ours_is_called_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    found = stopped(monkeypatch, ZeroDivisionError("by nought"), "--lang", "de")
    assert (found.code, found.out) == (70, "")
    assert found.err.startswith("Fehler: Das ist unser Fehler, nicht Ihrer: ZeroDivisionError: by nought.")


def test_a_mistake_of_ours_shows_its_place_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZUSAGE_DEBUG", "1")

    def verb() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(verb)


def test_a_folder_that_cannot_be_made_is_told_in_json_too(firm: Path) -> None:
    refused = said("plan", "-p", "policy.yaml", "-b", "book", "-o", "policy.yaml/result", "--no-report", "--json")
    assert (refused.code, json.loads(refused.out)["findings"][0]["code"]) == (2, "cli_os")
    assert (firm / "policy.yaml").read_text("utf-8") == people.POLICY


def test_a_help_is_shown_without_loading_a_table_engine() -> None:
    code = "import sys, zusage.cli; print(sorted({'polars', 'narwhals', 'pydantic', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


OFFICE = {"demo", "serve", "restore"}
"""Verbs that open an office or make the data of one: tested as processes, in tests/journeys/test_serve.py."""
WORDS = sorted(
    {word for verb in VERBS for word in verb if word not in OFFICE}
    | {name for command in VERBS.values() for option in command.params for name in option.opts if name[0] == "-"}
    | {
        "policy.yaml",
        "book",
        "result",
        "kunden.csv",
        "garbage",
        "empty",
        "nowhere",
        "2026-10-31",
        "20 %",
        "1",
        "-1",
        "de",
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_characters="/\\"), max_size=8), max_size=9
    )
)
def test_no_command_line_whatever_ends_in_a_traceback(firm: Path, arguments: list[str]) -> None:
    (firm / "garbage").write_bytes(bytes(range(256)))
    (firm / "empty").touch()
    found = said(*arguments)
    assert found.code in (0, 1, 2)
    assert "Traceback" not in found.all


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")), st.booleans())
def test_no_file_whatever_ends_in_a_traceback(firm: Path, content: bytes, as_policy: bool) -> None:
    (firm / "policy.yaml").write_bytes(content if as_policy else people.POLICY.encode())
    (firm / "book" / "garbage.csv").write_bytes(b"" if as_policy else content)
    for arguments in ((*PLAN, "--no-report"), ("policy", "check", "policy.yaml"), ("book", "map", "book/garbage.csv")):
        found = said(*arguments)
        assert found.code in (0, 1, 2)
        assert "Traceback" not in found.all


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(people.POLICY) - 1), st.text(max_size=6))
def test_no_slip_in_a_policy_ends_in_a_traceback(firm: Path, at: int, slip: str) -> None:
    text = people.POLICY[:at] + slip + people.POLICY[at + len(slip) :]
    (firm / "policy.yaml").write_bytes(text.encode("utf-8", "replace"))
    found = said("policy", "check", "policy.yaml")
    assert found.code in (0, 1)
    assert "Traceback" not in found.all


def test_the_installed_program_ends_a_broken_run_with_a_sentence(firm: Path) -> None:
    (firm / "book" / "kunden.csv").write_bytes(os.urandom(2000))
    done = zusage(*PLAN, cwd=firm)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Mistake: ") or "\nMistake: " in done.stderr
    assert "Traceback" not in done.stderr

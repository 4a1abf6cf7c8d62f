"""What a verb of the command line is given: whatever is wrong in any of it is told at once, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.people import POLICY, TODAY, changed, tables
from typer.testing import CliRunner

from zusage.book.kept import KEPT, keep_tables
from zusage.cli import app
from zusage.cli.given import Given
from zusage.ground.reasons import Refused, mistake
from zusage.plan import make_plan
from zusage.report.tables import write_tables


@pytest.fixture
def firm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A result, and beside it files that are wrong in one way each; it is also where we stand."""
    write_tables(make_plan(tables(), changed(), as_of=TODAY), tmp_path / "result")
    keep_tables(tables(), tmp_path / "result" / KEPT)
    files = {
        "result/policy.yaml": POLICY,
        "broken.yaml": POLICY + "colour: red\n",
        "other.yaml": "",
        "texts.yaml": "shwon: []\nways: {A: {fr: Bonjour}}\nshown: [own_wishes, tenur]\n",
        "away.csv": "role;first_on;last_on\nbuero;2026-12-21;2027-01-02\n",
        "done.csv": "customer_id;service;delivered_on\n0001;yearly_chek;2026-02-30\n",
        "post": "a file",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    for name in ("empty", "nobody"):
        (tmp_path / name).mkdir()
    (tmp_path / "nobody" / "mine.txt").write_text("not a result", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*arguments: str) -> list[str]:
    """The codes of all that a verb refuses."""
    with pytest.raises(Refused) as refused:
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    return [finding.reason.code for finding in refused.value.findings]


CHARTER = ("charter", "-p", "broken.yaml", "--texts", "texts.yaml", "--to", "post", "--language", "fr", "--lang", "fr")
CAPACITY = (
    *(
        "capacity",
        "-r",
        "result",
        "--growth",
        "viele",
        "--drift",
        "A:B=x",
        "--until",
        "2020-01-01",
        "--use",
        "Beratung",
    ),
    *("--years", "99", "--pictures", "gif", "--take", "more_people"),
)
SIMULATE = (
    *("simulate", "-r", "result", "--class", "Q", "--promise", "soon", "--absences", "away.csv", "--pictures", "gif"),
)
PUBLISH = (
    *("policy", "publish", "broken.yaml", "-r", "nowhere", "--to", "post", "--signed-by", "Berta", "--lang", "fr"),
)
DUE = (
    *("due", "-r", "result", "--from", "2026-12-01", "--to", "2026-11-01", "--levelled"),
    *("--delivered", "done.csv", "--absences", "away.csv"),
)
PLAN = ("plan", "--book", "empty", "--out", "nobody", "--previous", "nobody", "--as-of", "1066-10-14")
DECIDE = (
    *("decide", "-r", "result", "--customer", "9999", "--what", "tea", "--at", "soon", "--urgency", "now"),
    *("--channel", "drum", "--wants", "king", "--lang", "fr"),
)
UNKNOWN_WORDS = (
    "promise_unknown_service", "promise_unknown_channel", "promise_unknown_urgency", "promise_unknown_role",
)  # fmt: skip
CALIBRATE = (
    *("policy", "calibrate", "-p", "result/policy.yaml", "--book", "empty", "--class", "Q", "--metric", "yield"),
    *("--top-share", "many", "--top-count", "3", "--out", "post", "--decimal", ";", "--as-of", "1066-10-14"),
    *("--lang", "fr"),
)


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (
            CHARTER,
            [
                *("cli_charter_language", "policy_unknown_field", "cli_no_folder", "cli_language"),
                *("policy_unknown_field", "policy_not_text", "policy_unknown_metric"),
            ],
        ),
        (
            CAPACITY,
            [
                *("outlook_take", "outlook_use_both", "outlook_not_growth", "outlook_not_growth", "growth_years"),
                *("charts_kind", "outlook_until"),
            ],
        ),
        (
            ("capacity", "-r", "result", "--growth", "A=1", "--drift", "X:Y=3%", "--until", "2020-01-01"),
            ["outlook_until", "growth_no_class", "growth_no_class"],
        ),
        (
            ("scenario", "-r", "nowhere", "-p", "broken.yaml", "-p", "other.yaml", "--pictures", "gif"),
            ["report_no_result", "policy_unknown_field", "policy_not_a_policy", "charts_kind"],
        ),
        (SIMULATE, ["simulate_no_response", "capacity_absence_role", "promise_unknown_class", "charts_kind"]),
        (
            ("optimise", "-r", "result", "--customer", "9999", "--pictures", "gif", "--lang", "fr"),
            ["cli_language", "charts_kind", "cli_no_customer"],
        ),
        (("optimise", "--lang", "fr", "--pictures", "gif"), ["optimise_nothing_asked", "cli_language", "charts_kind"]),
        (PUBLISH, ["policy_unknown_field", "report_no_result", "cli_language", "gate_not_signed", "cli_no_folder"]),
        (DUE, ["due_reversed", "promise_unknown_service", "worktime_bad_date", "capacity_absence_role"]),
        (
            (*PLAN, "-p", "broken.yaml", "--decimal", ";", "--lang", "fr"),
            [
                *("policy_unknown_field", "cli_out_not_ours", "previous_not_readable", "cli_decimal", "cli_as_of"),
                "cli_language",
            ],
        ),
        (
            (*PLAN, "-p", "result/policy.yaml"),
            ["cli_out_not_ours", "previous_not_readable", "book_folder_empty", "cli_as_of"],
        ),
        (DECIDE, ["cli_language", "cli_no_customer", "worktime_bad_time", *UNKNOWN_WORDS]),
        (
            ("decide", "-r", "result", "--customer", "0001", "--what", "tea", "--at", "2026-11-20T15:40"),
            ["promise_unknown_service"],
        ),
        (
            ("replay", "-r", "nowhere", "--work", "post", "-p", "broken.yaml", "--lang", "fr"),
            ["report_no_result", "policy_unknown_field", "cli_language"],
        ),
        (
            ("replay", "-r", "result", "--work", "nowhere.csv", "-p", "broken.yaml"),
            ["policy_unknown_field", "cli_os_missing"],
        ),
        (
            CALIBRATE,
            [
                *("calibrate_no_criterion", "calibrate_one_wish", "calibrate_not_share", "cli_file_exists"),
                *("cli_decimal", "cli_as_of", "cli_language"),
            ],
        ),
        (
            ("policy", "new", "--template", "abd", "--out", "post", "--lang", "fr"),
            ["cli_template", "cli_file_exists", "cli_language"],
        ),
        (("explain", "nobody", "-r", "result", "--lang", "fr"), ["cli_language", "cli_no_customer"]),
        (("explain", "nobody", "-r", "nowhere", "--lang", "fr"), ["report_no_result", "cli_language"]),
        (
            ("book", "map", "", "nowhere.csv", "result/result.json", "--out", "post", "--lang", "fr"),
            ["book_map_folder", "book_map_missing", "book_no_header", "cli_file_exists", "cli_language"],
        ),
        (
            ("decide", "-r", "nowhere", "--customer", "0001", "--what", "tea", "--at", "gestern"),
            ["report_no_result", "worktime_bad_time"],
        ),
    ],
)
def test_all_that_is_wrong_with_what_a_verb_is_given_is_told_at_once(
    firm: Path, arguments: tuple[str, ...], codes: list[str]
) -> None:
    before = sorted(firm.rglob("*"))
    assert told(*arguments) == codes
    assert sorted(firm.rglob("*")) == before


def test_the_ways_that_are_not_there_are_told_at_once_and_no_page_is_written(firm: Path) -> None:
    asked = ("capacity", "-r", "result", "--growth", "1", "--take", "Q", "--write-policy", "new.yaml", "--combine", "Q")
    assert told(*asked) == ["outlook_no_way"]
    assert not (firm / "result" / "capacity.html").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_list_of_deliveries_is_read_in_the_encoding_it_was_written_in(firm: Path, encoding: str) -> None:
    (firm / "done.csv").write_bytes("customer_id;service;delivered_on\nMüßig;x;2026-02-01\n".encode(encoding))
    asked = ("due", "-r", "result", "--from", "2026-11-01", "--to", "2026-12-01", "--delivered", "done.csv")
    assert told(*asked) == ["cli_no_customer", "promise_unknown_service"]


def test_what_could_not_be_read_for_the_sake_of_something_else_is_not_told_twice() -> None:
    given = Given()

    def nothing() -> str:
        raise Refused([mistake("cli_no_text")])

    first = given.take(nothing)
    second = given.take(lambda: first() + "more")
    third = given.take(Path("nowhere.csv").read_text)
    assert [item.reason.code for item in given.findings] == ["cli_no_text", "cli_os_missing"]
    for read in (second, third):
        with pytest.raises(Refused):
            read()

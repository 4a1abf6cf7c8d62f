"""What several verbs begin with: a result that kept its book, and a list of who is away, whatever program wrote it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.people import TODAY, changed, tables

from zusage.book.kept import KEPT, keep_tables
from zusage.capacity.there import Absence
from zusage.cli.kept import kept_book, kept_with_text, known_absences
from zusage.ground.reasons import Refused
from zusage.plan import make_plan
from zusage.report.tables import write_tables

LIST = "role;first_on;last_on;people;Grund\nowner;2026-12-21;2027-01-02;1;Müßiggang in den Bergen\n"


def refusal(found: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [item.reason.code for item in found.value.findings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp850", "utf-16"])
def test_a_list_of_absences_is_read_in_the_encoding_it_was_written_in(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "away.csv"
    path.write_bytes(LIST.encode(encoding))
    assert known_absences(path, changed()) == (Absence("owner", date(2026, 12, 21), date(2027, 1, 2)),)


def test_a_role_with_an_umlaut_that_is_not_known_is_named_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "away.csv"
    path.write_bytes("role;first_on;last_on\nbüro;2026-12-21;2027-01-02\n".encode("cp1252"))
    with pytest.raises(Refused) as found:
        known_absences(path, changed())
    (item,) = found.value.findings
    assert (item.reason.code, item.reason.values["text"], item.where.line) == ("capacity_absence_role", "büro", 2)


def test_what_is_no_text_is_no_list_of_absences(tmp_path: Path) -> None:
    path = tmp_path / "away.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(range(32)) * 40)
    with pytest.raises(Refused) as found:
        known_absences(path, changed())
    assert refusal(found) == ["cli_no_text"]
    assert known_absences(None, changed()) == ()


def test_a_result_that_did_not_keep_its_book_or_its_policy_is_refused_in_one_way(tmp_path: Path) -> None:
    write_tables(make_plan(tables(), changed(), as_of=TODAY), tmp_path)
    for load in (kept_book, kept_with_text):
        with pytest.raises(Refused) as found:
            load(tmp_path)
        assert refusal(found) == ["cli_no_book"]
    keep_tables(tables(), tmp_path / KEPT)
    with pytest.raises(Refused) as found:
        kept_with_text(tmp_path)
    assert refusal(found) == ["cli_no_book"]
    (tmp_path / "policy.yaml").write_text("zusage: 1\n", "utf-8")
    assert kept_book(tmp_path)[0].policy == changed()
    assert kept_with_text(tmp_path)[2] == "zusage: 1\n"

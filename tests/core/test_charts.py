"""The charts: each says its statement and shows what it was given, in the look's colours and the reader's words."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, Language
from zusage.report import charts, drawings
from zusage.report.drawings import write_charts

NAME = "Büro <b>& Söhne</b>"
DAYS = [
    {"on": f"2027-{month:02}-01", "who": who, "mid": start + month / 4, "low": start, "high": start + month / 2}
    for who, start in ((NAME, 7), ("Innendienst", 7.1))
    for month in range(1, 13)
]


def specs(language: Language) -> dict[str, charts.Spec]:
    weeks = [{"on": row["on"], "who": row["who"], "permille": 700} for row in DAYS]
    kept = [{"name": NAME, "permille": 971, "low": 950, "high": 983}, {"name": "C", "permille": 0, "low": 0, "high": 9}]
    return {
        "days": charts.hours_a_day(
            DAYS, [{"on": "2027-03-08", "text": "8. März"}], "Ab März reicht es nicht", language
        ),
        "weeks": charts.utilisation(weeks, 850, "Die vollste Woche", language),
        "kept": charts.kept(kept, 950, "In 97 von 100 Fällen", language),
        "compared": charts.compared([{"name": NAME, "hours": 1234.5}], 1000, "Es reicht nicht", language),
        "prices": charts.prices([{"name": NAME, "euro": 34.5}], "Eine Stunde ist viel wert", language),
    }


def texts(language: Language, name: str) -> list[str]:
    svg = charts.drawn(specs(language)[name], "svg").decode()
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(specs("de")))
def test_each_chart_is_drawn_with_its_statement_and_its_names(name: str, language: Language) -> None:
    found = texts(language, name)
    assert found[-1] == specs(language)[name]["title"]["text"][0]
    assert NAME in found


def test_numbers_and_months_are_written_as_the_reader_writes_them() -> None:
    assert "1.235" in texts("de", "compared")
    assert "1,235" in texts("en", "compared")
    assert "97,1 %" in [text.replace("\u00a0", " ") for text in texts("de", "kept")]
    assert "97.1%" in texts("en", "kept")
    assert [text for text in texts("de", "days") if text.startswith(("Mai", "Mär"))]
    assert [text for text in texts("en", "days") if text.startswith("May")] or "Mar 27" in texts("en", "days")


def test_the_four_long_days_and_the_week_that_breaks_stand_in_the_picture() -> None:
    found = texts("de", "days")
    assert [text for text in found if text.endswith("Stunden")] == [f"{hours} Stunden" for hours in (8, 10, 12, 14)]
    assert "8. März" in found


def test_inside_a_page_a_chart_takes_the_colours_of_the_page_and_its_name_is_read_out() -> None:
    html = str(charts.figure(specs("de")["prices"]))
    assert 'aria-label="Eine Stunde ist viel wert"' in html
    assert "var(--accent)" in html
    assert set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', html)) == set()
    assert "<b>" not in html


def test_a_file_is_a_picture_in_the_format_asked_for() -> None:
    spec = specs("en")["kept"]
    assert charts.drawn(spec, "png").startswith(b"\x89PNG")
    assert charts.drawn(spec, "svg").startswith(b"<svg")


def test_where_nothing_can_draw_a_page_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "can_draw", lambda: False)
    assert charts.figure(specs("de")["kept"]) == ""


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_charts_become_files_of_their_names(tmp_path: Path, kind: str, begins: bytes) -> None:
    written = write_charts(specs("de"), tmp_path, kind)
    assert [path.name for path in written] == [f"{name}.{kind}" for name in specs("de")]
    assert {path.read_bytes()[: len(begins)] for path in written} == {begins}


def test_another_format_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        write_charts(specs("de"), tmp_path, "gif")
    assert ([item.reason.code for item in refused.value.findings], list(tmp_path.iterdir())) == (["charts_kind"], [])


def test_where_nothing_can_draw_files_are_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "can_draw", lambda: False)
    with pytest.raises(Refused) as refused:
        write_charts(specs("de"), tmp_path, "svg")
    assert [item.reason.code for item in refused.value.findings] == ["charts_cannot_draw"]

"""The terminal: sentences first, 100 columns, no colour needed, names printed as they are."""

from io import StringIO

import pytest
from rich.console import Console
from tests.people import CARO
from tests.report_firm import SCRIPT, SCRIPT_NAME, firm

from zusage.ground.words import Language
from zusage.report.explain import explain
from zusage.report.terminal import print_explanation, print_summary


def summary(language: Language = "de", width: int = 100) -> list[str]:
    out = StringIO()
    print_summary(firm(), Console(file=out, width=width), language)
    return out.getvalue().splitlines()


def explanation(customer: str, language: Language = "de") -> list[str]:
    out = StringIO()
    print_explanation(explain(firm(), customer, language), Console(file=out, width=100), language)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_first_line_is_the_answer() -> None:
    assert summary()[0] == "5 Haushalte bringen 1.482\u00a0€ im Jahr; ihre Betreuung kostet 653\u00a0€."
    assert summary("en")[0] == "5 households bring €1,482 a year; serving them costs €653."


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [100, 160])
def test_no_line_is_wider_than_a_hundred_columns(language: Language, width: int) -> None:
    assert max(len(line.rstrip()) for line in summary(language, width)) <= 100


def test_a_class_stands_in_one_line() -> None:
    line = next(line for line in summary() if "Premium (A)" in line)
    assert line.split() == ["Premium", "(A)", "1", "681", "350", "331", "2:38", "2:24", "258"]


def test_hours_are_answered_in_words() -> None:
    assert "Die Stunden reichen: 5 Std. im Jahr sind geschuldet, 800 Std. sind verfügbar." in summary()


def test_warnings_are_said_and_notes_counted() -> None:
    lines = summary()
    assert [line for line in lines if line.startswith("Warnung: muster.csv, Zeile 3: In Klasse <b>Z</b>")]
    assert lines[-1] == "Dazu im Bericht: 1 Hinweis."


def test_an_explanation_names_the_class_and_shows_the_calculation() -> None:
    lines = explanation(CARO)
    assert lines[:2] == ["Probe, Caro 0003: Klassik", "Das ergibt sich aus den Kriterien."]
    assert next(line for line in lines if "Angefragt, owner" in line).split("  ") == [
        " Angefragt, owner",
        "1:26:33\u00a0Std. × 120\u00a0€/Std.",
        "173,10\u00a0€",
    ]


def test_names_are_no_markup() -> None:
    assert explanation(SCRIPT)[0].startswith(SCRIPT_NAME)

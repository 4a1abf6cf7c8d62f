"""Every code the policy can note has a text in both languages, and the text asks only for values that are passed."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from zusage.ground.words import LANGUAGES, texts
from zusage.policy import document, read
from zusage.policy.rules import REFUSED

SOURCE = Path(read.__file__).parent
CATALOGUE = tomllib.loads((SOURCE.parent / "ground/words/policy.toml").read_text("utf-8"))
PASSED_BY = {"unknown": {"text", "known"}}
"""Methods that pass values of their own besides those of the call."""


def first_codes(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return first_codes(node.body) + first_codes(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return [f"policy_refused_{kind}" for kind in REFUSED]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def calls() -> Iterator[tuple[str, set[str]]]:
    """Each code in the source with the names of the values passed along."""
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            passed = {item.arg for item in node.keywords if item.arg} - {"severity"}
            for code in first_codes(node.args[0]):
                if name in ("add", "mistake", "unknown"):
                    yield code, passed | PASSED_BY.get(name, set())
                elif name == "ValueError":
                    yield code, {"text"}
            if name == "_decimal":
                yield node.args[1].value, {"text"}  # type: ignore[attr-defined]
            if name == "_one_of":
                yield node.args[1].value, {"text"}  # type: ignore[attr-defined]
    for code in read._CODES.values():
        yield code, {"text", "field"}


PASSED: dict[str, set[str]] = {}
for found, values in calls():
    if found.startswith(("policy_", "design_")):
        PASSED[found] = PASSED[found] & values if found in PASSED else values
MISTAKES = {code for code in CATALOGUE if code.startswith(("policy_", "design_"))}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_code_in_the_source_has_a_text_and_every_text_its_code() -> None:
    assert set(PASSED) == MISTAKES


@pytest.mark.parametrize("code", sorted(MISTAKES))
def test_a_text_asks_only_for_values_that_are_passed(code: str) -> None:
    for language in LANGUAGES:
        assert placeholders(CATALOGUE[code][language]) - PASSED[code] == set()


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_both_languages_stand_there_and_use_the_same_values(code: str) -> None:
    assert set(CATALOGUE[code]) == set(LANGUAGES)
    assert placeholders(CATALOGUE[code]["de"]) == placeholders(CATALOGUE[code]["en"])


@pytest.mark.parametrize("code", sorted(MISTAKES))
def test_german_and_english_use_their_own_quotation_marks(code: str) -> None:
    german, english = CATALOGUE[code]["de"], CATALOGUE[code]["en"]
    assert german.count("„") == german.count("“")
    assert english.count("“") == english.count("”")
    assert "„" not in english
    assert "”" not in german


def test_every_word_of_a_policy_has_a_name_for_the_pages() -> None:
    wanted = {f"metric_{key}" for key in document.METRICS}
    wanted |= {f"kind_{word}" for word in document.ServiceKind.__args__}
    wanted |= {f"severity_{word}" for word in ("error", "warning", "note")}
    assert wanted == set(CATALOGUE) - MISTAKES


def test_no_text_uses_words_the_house_avoids() -> None:
    avoided = re.compile(r"Werktag|garantiert|low-value|unwanted|useless", re.IGNORECASE)
    assert [code for code in CATALOGUE for text in CATALOGUE[code].values() if avoided.search(text)] == []


def test_the_catalogue_loads_together_with_the_others() -> None:
    assert set(texts()) >= set(CATALOGUE)

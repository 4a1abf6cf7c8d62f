"""Every text of the report and the plan is there in both languages, is used, and asks only for what is passed."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import zusage
from zusage.ground.words import LANGUAGES, texts

SOURCE = Path(zusage.__file__).parent
READ = [*SOURCE.glob("report/**/*.py"), SOURCE / "plan.py", *SOURCE.glob("cost/*.py"), *SOURCE.glob("classes/*.py")]
OURS = {
    code: text
    for name in ("plan", "report")
    for code, text in tomllib.loads((SOURCE / f"ground/words/{name}.toml").read_text("utf-8")).items()
}
NAMED = {
    "Reason": "",
    "note": "",
    "warning": "",
    "mistake": "",
    "word": "",
    "said": "",
    "BridgeLine": "",
    "t": "report_",
}
PREFIXES = ("", "report_", "report_head_", "report_unit_", "report_sheet_", "because_", "report_basis_")


def pattern(node: ast.JoinedStr) -> str:
    parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values]  # type: ignore[arg-type]
    return "".join(parts)


def constants(node: ast.AST) -> Iterator[str]:
    for item in ast.walk(node):
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value


def called(tree: ast.AST) -> Iterator[str]:
    """Codes written out as the first argument of what says something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in NAMED and isinstance(node.args[0].value, str):
                yield NAMED[name] + node.args[0].value


TREES = [ast.parse(path.read_text("utf-8")) for path in READ]
TEMPLATE = (SOURCE / "report/page/report.html").read_text("utf-8")
WRITTEN = {text for tree in TREES for text in constants(tree)} | set(re.findall(r'"([a-z_]+)"', TEMPLATE))
PATTERNS = [
    re.compile(found)
    for tree in TREES
    for node in ast.walk(tree)
    if isinstance(node, ast.JoinedStr)
    and len((found := pattern(node)).replace(".+", "")) > 3
    and found not in ("report_.+", "report_.+s", "count_.+", "count_.+_one")  # these put a prefix, they name nothing
]
CALLED = {code for tree in TREES for code in called(tree)}
CALLED |= {f"report_{code}" for code in re.findall(r'\bt\("([a-z_]+)"[,)]', TEMPLATE)}


def used(code: str) -> bool:
    shapes = [code.removeprefix(prefix) for prefix in PREFIXES if code.startswith(prefix)]
    counts = code.removeprefix("count_").removesuffix("_one").removesuffix("_members").removesuffix("_interval")
    shapes += [counts, counts.removesuffix("_one")]
    return any(shape in WRITTEN or any(found.fullmatch(shape) for found in PATTERNS) for shape in shapes)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted(CALLED))
def test_what_the_source_says_has_a_text(code: str) -> None:
    assert set(texts()[code]) == set(LANGUAGES)


@pytest.mark.parametrize("code", sorted(OURS))
def test_a_text_is_used_and_asks_for_the_same_values_in_both_languages(code: str) -> None:
    assert used(code)
    assert set(OURS[code]) == set(LANGUAGES)
    assert placeholders(OURS[code]["de"]) == placeholders(OURS[code]["en"])


@pytest.mark.parametrize("code", sorted(OURS))
def test_german_texts_use_no_word_that_degrades_and_say_arbeitstag(code: str) -> None:
    text = OURS[code]["de"] + OURS[code]["en"]
    assert not re.search(r"Werktag|garantiert|wertlos|low-value|unwanted|useless|\bSLA\b", text)


@pytest.mark.parametrize("field", ["because", "bridge"])
def test_codes_that_are_put_together_have_texts(field: str) -> None:
    because = ("criteria", "undecided", "undecided_new", "no_place", "declined", "chosen", "provisional", "override")
    bridge = ("unassigned", "internal", "not_observed", "unused")
    for name in because if field == "because" else bridge:
        assert f"{field}_{name}" in OURS

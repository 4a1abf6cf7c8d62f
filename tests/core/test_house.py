"""The rules of the house, read from the source: sizes, names, documents, imports, suppressions, clocks and texts."""

from __future__ import annotations

import ast
import re
import shutil
import string
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import pytest

from zusage.ground.words import LANGUAGES, texts
from zusage.policy import TEMPLATES, template

pytestmark = pytest.mark.uncounted
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "zusage"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if not path.name.startswith("0"))
"""All modules but migrations, which Django writes."""
WRITTEN = [path for folder in ("src", "tests", "benchmarks", "examples") for path in (ROOT / folder).rglob("*.py")]
CATALOGUES = sorted((SOURCE / "ground" / "words").glob("*.toml"))

Function = ast.FunctionDef | ast.AsyncFunctionDef

NO_CODES = {"book__published", "policy_hash", "policy_id", "policy_version"}
"""Texts that only look like a code: names of fields and columns."""


@cache
def trees() -> dict[Path, ast.Module]:
    """All modules, read by the first test that asks, and not by every process that only lists the tests."""
    return {path: ast.parse(path.read_text("utf-8")) for path in MODULES}


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """The lines of a body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


# --- sizes and names


@pytest.mark.parametrize("suffix", ["py", "html", "css", "js", "yaml"])
def test_no_file_of_the_source_has_more_than_500_lines(suffix: str) -> None:
    own = MODULES if suffix == "py" else SOURCE.rglob(f"*.{suffix}")
    sizes = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in own}
    assert {name: size for name, size in sizes.items() if size > 500} == {}


def test_functions_are_small() -> None:
    sizes = [lines_of(function) for tree in trees().values() for function in functions(tree)]
    assert median(sizes) <= 8
    assert quantiles(sizes, n=10)[-1] <= 30


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc", "tools"}
    assert [name_of(path) for path in MODULES if drawers & {path.stem, *path.relative_to(SOURCE).parts[:-1]}] == []


# --- documents


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_in_a_sentence_what_it_is(path: Path) -> None:
    first = (ast.get_docstring(trees()[path]) or "").split("\n\n")[0]
    assert re.fullmatch(r"[A-Z0-9].+[.:]", first, re.DOTALL), "a module begins with a sentence: what comes in, what out"


def public(tree: ast.Module) -> Iterator[Function]:
    """Functions of a module and methods of its public classes that others may call."""
    owners = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")]
    return (node for owner in owners for node in owner.body if isinstance(node, Function) and node.name[0] != "_")


def test_every_public_function_is_documented() -> None:
    found = [
        f"{name_of(path)}: {function.name}"
        for path, tree in trees().items()
        if not name_of(path).startswith("cli/")  # a verb's docstring is its help; test_cli reads that
        for function in public(tree)
        if not ast.get_docstring(function) and not trivial(function)
    ]
    assert found == []


def trivial(function: Function) -> bool:
    """A property or method of one line, whose name says everything."""
    return len(function.body) == 1 and isinstance(function.body[0], ast.Return) and lines_of(function) <= 3


# --- who may import whom


def test_the_contracts_of_imports_are_kept() -> None:
    program = shutil.which("lint-imports", path=Path(sys.executable).parent) or "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


def imported(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_only_the_engine_names_a_table_engine() -> None:
    engines = {"polars", "pyspark", "pandas", "pyarrow", "duckdb"}
    found = [
        name_of(path) for path, tree in trees().items() if engines & {name.split(".")[0] for name in imported(tree)}
    ]
    assert found == ["engine.py"]


def test_only_commands_views_and_jobs_look_at_the_clock_and_nobody_throws_dice() -> None:
    clocks = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "time_ns", "localtime", "gmtime"}
    owners = {"datetime", "date", "time"}
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
        and ast.unparse(node.func.value).split(".")[-1] in owners
    ]
    dice = [name_of(path) for path, tree in trees().items() if imported(tree) & {"random", "uuid"}]
    doors = re.compile(r"cli/|web/(\w+/)?(views|api|jobs|middleware|speech|serve|settings)\b")
    assert [*(name for name in found if not doors.match(name)), *dice] == []


# --- suppressions


SUPPRESSION = re.compile(r"#\s*(?:ruff:\s*|mypy:\s*)?(noqa|type:\s*ignore|pragma:\s*no cover|nosec)(.*)")
SPECIFIC = re.compile(r":\s*[A-Z]+\d+|\[[a-z-]+(?:, ?[a-z-]+)*\]|\s*[-–—:]\s*\w+")


@pytest.mark.parametrize("path", sorted(WRITTEN), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_suppression_names_its_rule_or_its_reason(path: Path) -> None:
    found = [
        (number, line.strip())
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (hit := SUPPRESSION.search(line)) and "re.compile" not in line and not SPECIFIC.match(hit[2])
    ]
    assert found == []


def test_rules_switched_off_for_everyone_carry_a_reason() -> None:
    whole = (ROOT / "pyproject.toml").read_text("utf-8")
    ignored = whole[whole.index("ignore = [") :].split("]\n", 1)[0]
    assert [line for line in ignored.splitlines()[1:] if line.strip() and "#" not in line] == []
    rules = tomllib.loads(whole)["tool"]["ruff"]["lint"]
    assert sorted(rules["per-file-ignores"]) == ["benchmarks/**", "examples/**", "tests/**"]
    assert "ignore_errors" not in whole


# --- texts


def strings(tree: ast.Module) -> Iterator[str]:
    """All texts in a module but its docstrings."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | Function) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


@cache
def written_texts() -> set[str]:
    """Every text of the source; a code counts as used where its very text stands."""
    return {text for tree in trees().values() for text in strings(tree)}


PAGES = "\n".join(path.read_text("utf-8") for ending in ("html", "txt") for path in SOURCE.rglob(f"*.{ending}"))


def made() -> Iterator[tuple[str, re.Pattern[str]]]:
    """What the source puts together from small letters: how it begins, and the pattern of what it can become."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and (pattern := pattern_of(node)):
                yield pattern


def pattern_of(node: ast.JoinedStr) -> tuple[str, re.Pattern[str]] | None:
    parts = [str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values]
    if re.fullmatch("[a-z0-9_]+", "".join(parts)) and "" in parts:
        return parts[0], re.compile("".join(part or "(.+)" for part in parts))
    return None


def made_in_pages() -> Iterator[tuple[str, re.Pattern[str]]]:
    """What pages put together from a prefix and a key: `{% w_of "channel" request.channel %}`."""
    for prefix in set(re.findall(r"""{% w_of ['"](\w+)['"]""", PAGES)):
        yield f"{prefix}_", re.compile(f"{prefix}_(.+)")


@cache
def all_made() -> list[tuple[str, re.Pattern[str]]]:
    return [*made(), *made_in_pages()]


WORDS_OF_PAGES = set(re.findall(r"\w+", PAGES))


@cache
def used(text: str, depth: int = 3) -> bool:
    """Whether a code or a part of one stands in the source or in a page, or is put together from parts that do."""
    if text in written_texts() or f"{text}_cents" in written_texts() or text.isdigit() or text in WORDS_OF_PAGES:
        return True
    hits = [(begin, hit.groups()) for begin, pattern in all_made() if (hit := pattern.fullmatch(text))]
    # where several parts are put together, a pattern cannot tell where one ends; its beginning must do, if there is one
    return depth > 0 and any(
        begin if begin and len(parts) > 1 else all(used(part, depth - 1) for part in parts) for begin, parts in hits
    )


def test_no_text_of_the_catalogue_is_unused() -> None:
    assert [code for code in texts() if not used(code)] == []


def codes(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from codes(node.body)
        yield from codes(node.orelse)
    else:
        yield node


def spoken() -> Iterator[tuple[str, ast.expr]]:
    """Each first argument of a call that says something, with its place."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            # lines of the program's own log are no texts for readers
            if isinstance(node, ast.Call) and node.args and not ast.unparse(node.func).startswith("log."):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if ast.unparse(node.func).startswith("log."):
                    continue  # a line for the program's log, not for a reader
                if name in ("mistake", "warning", "note", "Reason", "said") or (name == "word" and len(node.args) == 2):
                    yield from ((f"{name_of(path)}:{node.lineno}", found) for found in codes(node.args[0]))


def test_every_code_that_is_said_has_a_text() -> None:
    said = [(place, node.value) for place, node in spoken() if isinstance(node, ast.Constant)]
    assert [(place, code) for place, code in said if isinstance(code, str) and code not in texts()] == []


def test_every_text_that_a_page_says_is_there() -> None:
    assert sorted(set(re.findall(r"""{% w ['"](\w+)['"]""", PAGES)) - set(texts())) == []


@pytest.mark.parametrize("begin", ["book", "policy", "design", "plan", "cli", "calibrate", "report", "worktime"])
def test_every_text_of_the_source_that_looks_like_a_code_is_one(begin: str) -> None:
    found = {text for text in written_texts() if re.fullmatch(rf"{begin}_[a-z0-9_]*[a-z0-9]", text)}
    assert found - set(texts()) - NO_CODES == set()


def test_every_code_that_is_put_together_can_be_a_text() -> None:
    found = [(place, pattern_of(node)) for place, node in spoken() if isinstance(node, ast.JoinedStr)]
    assert [place for place, made in found if not made or not any(made[1].fullmatch(code) for code in texts())] == []


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_texts_stand_in_both_languages_and_use_the_same_values(path: Path) -> None:
    catalogue = tomllib.loads(path.read_text("utf-8"))
    assert [code for code, text in catalogue.items() if set(text) != set(LANGUAGES)] == []
    assert [code for code, text in catalogue.items() if placeholders(text["de"]) != placeholders(text["en"])] == []


AVOIDED = {
    "de": r"Werktag|garantier|minderwert|unerwünscht|nutzlos|wertlos|lästig|unrentabel|\bA-Kunde|\bB-Kunde|\bC-Kunde",
    "en": r"low.value|unwanted|useless|worthless|unprofitable customer|bad customer|guaranteed",
}
FAMILIAR = re.compile(r"\b(du|dich|dir|dein\w*|euch|euer\w*)\b", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_degrades_or_promises_too_much(language: str) -> None:
    avoided = re.compile(AVOIDED[language], re.IGNORECASE)
    assert [code for code, text in texts().items() if avoided.search(text[language])] == []


def test_german_says_sie() -> None:
    assert [code for code, text in texts().items() if FAMILIAR.search(text["de"])] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_speak_like_the_texts(name: str) -> None:
    german = "\n".join(re.findall(r"#.*|de: .*", template(name, "de")))
    found = re.findall(AVOIDED["de"], german, re.IGNORECASE) + FAMILIAR.findall(german)
    assert found == []

"""What `import zusage` offers: few names, documented, loaded when they are first used, and an example that is true."""

from __future__ import annotations

import ast
import doctest
import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from tests import people

import zusage

ROOT = Path(__file__).parents[2]
OBJECTS = [name for name in zusage.__all__ if name != "__version__"]


def test_the_public_names_are_these() -> None:
    assert [
        *("Book", "Plan", "Policy", "Refused"),
        *("make_plan", "read_book", "read_policy", "read_policy_text"),
    ] == OBJECTS


def test_importing_the_package_loads_no_table_engine() -> None:
    code = (
        "import sys, zusage; zusage.__version__; print(sorted({'polars', 'narwhals', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_reading_a_policy_loads_no_table_engine() -> None:
    code = "import sys, zusage; zusage.read_policy_text; print(sorted({'polars', 'narwhals'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", OBJECTS)
def test_every_public_name_can_be_imported_and_is_documented(name: str) -> None:
    found = getattr(zusage, name)
    assert found.__name__ == name
    assert (inspect.getdoc(found) or "").split("\n")[0][-1:] == "."
    assert not (found.__doc__ or "").startswith(f"{name}(")  # a text of a person, not the one dataclasses make


def test_a_name_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'make_plans'"):
        _ = zusage.make_plans


def test_the_names_for_editors_are_the_names_at_run_time() -> None:
    tree = ast.parse((ROOT / "src/zusage/__init__.py").read_text("utf-8"))
    typed = {
        (alias.name, node.module)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == set(zusage._HOME.items())
    assert set(zusage.__all__) <= set(dir(zusage))


def test_the_version_is_the_one_of_the_installed_package() -> None:
    assert zusage.__version__ == version("zusage")


def test_a_policy_a_book_and_a_plan_are_made_with_the_public_names_alone() -> None:
    policy = zusage.read_policy_text(people.POLICY).policy
    plan = zusage.make_plan(people.tables(yields=[people.booked(people.ALMA, 700), *people.full_year()]), policy)
    assert (type(policy), type(plan)) == (zusage.Policy, zusage.Plan)
    assert {item.class_key: item.customers for item in plan.classes} == {"A": 2, "B": 0, "C": 3}


def test_input_that_cannot_be_used_is_refused_with_all_mistakes(tmp_path: Path) -> None:
    with pytest.raises(zusage.Refused) as refused:
        zusage.read_book(tmp_path / "nowhere")
    assert [finding.reason.code for finding in refused.value.findings] == ["book_folder_missing"]


def test_the_example_of_the_package_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(zusage) == doctest.TestResults(failed=0, attempted=7)

"""What the report says by a short code has a text, and gets every value its text asks for."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from zusage import report
from zusage.ground.words import LANGUAGES, texts

SOURCE = Path(report.__file__).parent
TEMPLATE = (SOURCE / "page/report.html").read_text("utf-8")


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def said() -> Iterator[tuple[str, frozenset[str] | None]]:
    """Codes written out in calls of `t`, with the names of their values; None where those are not written out."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and name_of(node) == "t" and isinstance(node.args[0], ast.Constant):
                names = [item.arg for item in node.keywords]
                written = frozenset(name for name in names if name) if None not in names else None
                yield f"report_{node.args[0].value}", written
    for code, values in re.findall(r"\bt\(\"([a-z_]+)\"(?:, ([a-z]+)=[^)]*)?\)", TEMPLATE):
        yield f"report_{code}", frozenset({values} - {""})


SAID = sorted(set(said()), key=lambda item: (item[0], sorted(item[1] or ())))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("code", "values"), SAID, ids=[code for code, _ in SAID])
def test_a_text_gets_the_values_it_asks_for(code: str, values: frozenset[str] | None) -> None:
    for language in LANGUAGES:
        assert values is None or placeholders(texts()[code][language]) == values

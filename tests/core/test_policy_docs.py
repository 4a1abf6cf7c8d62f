"""The pages about service models name every field, mode and metric there is, and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from zusage.policy import TEMPLATES
from zusage.policy.document import METRICS
from zusage.policy.terms import MODES
from zusage.policy.written import WrittenPolicy

PAGES = [Path(__file__).parents[2] / "docs/adviser" / name for name in ("policy.md", "servicekonzept.md")]


def fields(part: Any, path: str = "") -> Iterator[str]:
    """The paths of all fields of a model: `…` for a key of one's own, `[]` for the entries of a list."""
    if get_origin(part) in (Union, UnionType):
        part = next(item for item in get_args(part) if item is not NoneType)
    inner = get_args(part)
    if isinstance(part, type) and issubclass(part, BaseModel):
        for name, field in part.model_fields.items():
            yield from fields(field.annotation, f"{path}.{name}" if path else name)
    elif get_origin(part) is dict:
        yield from fields(inner[1], f"{path}.…")
    elif get_origin(part) is list and issubclass(inner[0], BaseModel):
        yield from fields(inner[0], f"{path}[]")
    else:
        yield path


def tables(page: Path) -> list[list[list[str]]]:
    """The tables of a page: rows of cells, without the line under the header."""
    blocks = re.findall(r"(?m)(?:^\|.*\n)+", page.read_text("utf-8"))
    return [
        [[cell.strip() for cell in row.strip("|").split("|")] for row in block.splitlines() if "---" not in row]
        for block in blocks
    ]


def column(page: Path, first: str, *cells: int) -> list[tuple[str, ...]]:
    """Cells of the rows of the table whose first row starts with this code word."""
    found = next(table for table in tables(page) if len(table) > 1 and table[1][0] == f"`{first}`")
    return [tuple(row[cell].replace("`", "") for cell in cells) for row in found[1:]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_names_every_field_in_the_order_of_the_models(page: Path) -> None:
    assert [name for (name,) in column(page, "zusage", 0)] == list(fields(WrittenPolicy))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_names_every_mode_and_what_it_needs(page: Path) -> None:
    assert column(page, "response", 0, 1, 2) == [
        (measure, mode, ", ".join(needs.needs) or "–")
        for measure, modes in MODES.items()
        for mode, needs in modes.items()
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_names_every_metric_and_template(page: Path) -> None:
    assert [name for (name,) in column(page, "yield", 0)] == list(METRICS)
    listed = next(row for row in page.read_text("utf-8").splitlines() if "`ritter`" in row)
    assert re.findall(r"`([a-z0-9-]+)` \(", listed) == list(TEMPLATES)


def test_both_pages_say_the_same_of_the_same_fields() -> None:
    english, german = map(tables, PAGES)
    assert [[len(row) for row in table] for table in english] == [[len(row) for row in table] for table in german]

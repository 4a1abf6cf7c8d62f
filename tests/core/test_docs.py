"""The READMEs show what the program really prints, and their links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.journeys.command import said

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.de.md")


def shown(page: str) -> list[tuple[str, list[str]]]:
    """The commands a page shows with their output: each command and the lines under it."""
    blocks = re.findall(r"```console\n\$ (.*?)\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    return [(command, output.rstrip("\n").split("\n")) for command, output in blocks]


def stands_in(part: list[str], whole: list[str], start: int) -> int | None:
    """Where a run of lines ends in the whole, looked for from a line on; None if it is not there."""
    for place in range(start, len(whole) - len(part) + 1):
        if whole[place : place + len(part)] == part:
            return place + len(part)
    return None


@pytest.mark.uncounted
@pytest.mark.parametrize("page", PAGES)
def test_the_output_a_readme_shows_is_what_the_program_prints(page: str, tmp_path: Path) -> None:
    commands = shown(page)
    assert len(commands) == 2
    for command, output in commands:
        run = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "80"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        printed = [line.rstrip() for line in run.stdout.split("\n")]
        place: int | None = 0
        for part in "\n".join(output).split("\n…\n"):
            place = stands_in([line for line in part.split("\n") if line != "…"], printed, place or 0)
            assert place is not None, part


@pytest.mark.parametrize("page", [*PAGES, *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))])
def test_every_link_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


@pytest.mark.uncounted
@pytest.mark.parametrize("page", PAGES)
def test_every_command_a_readme_names_exists(page: str) -> None:
    named = set(re.findall(r"zusage ((?:policy |book )?[a-z]+)", (ROOT / page).read_text("utf-8")))
    assert {verb for verb in named if said(*verb.split(), "--help").code != 0} == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_readme_shows_five_pictures_that_come_quickly(page: str) -> None:
    pictures = [ROOT / name for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / page).read_text("utf-8"))]
    assert len(pictures) == 5
    assert [path.name for path in pictures if path.stat().st_size > 125_000] == []

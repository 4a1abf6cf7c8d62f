"""The verb `optimise`: which service level for whom is worth most within the hours there are."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from zusage.cli.options import Lang
from zusage.cli.speech import OK, REFUSED, choose_language


def optimise(
    problem: Annotated[
        Path | None,
        typer.Option(help='Plain instances, one JSON line each ("-": from standard input).', allow_dash=True),
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Close the gap to the bound.")] = False,
    lang: Lang = None,
) -> None:
    """The mix of service levels that is worth most within the hours there are."""
    from zusage.ground.reasons import Refused, mistake

    if problem is None:
        raise Refused([mistake("optimise_nothing_asked")])
    raise typer.Exit(solve_problems(problem, exact, lang))


def solve_problems(path: Path, exact: bool, lang: str | None) -> int:
    """One JSON line for each line of a file; the exit code tells whether all could be read."""
    from zusage.capacity.problems import as_json, solve_lines
    from zusage.ground.reasons import Finding
    from zusage.ground.words import say_finding

    language, code = choose_language(lang), OK
    named = "stdin" if str(path) == "-" else path.name
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as lines:
        for answer in solve_lines(lines, named, exact=exact):
            row = as_json(answer)
            if isinstance(answer, Finding):
                row |= {"text": say_finding(answer, language)}
                code = REFUSED if row["error"] == "unreadable" else code
            typer.echo(json.dumps(row, ensure_ascii=False))
    return code

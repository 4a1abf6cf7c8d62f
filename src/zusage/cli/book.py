"""The verbs around the firm's own files: `book map`."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zusage.cli.given import Given, check_new
from zusage.cli.options import AsJson, Lang
from zusage.cli.speech import choose_language, print_json, screen

book_app = typer.Typer(no_args_is_help=True, help="Read the firm's own files.")


@book_app.command("map")
def book_map(
    files: Annotated[list[Path], typer.Argument(help="Files the program does not know.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")] = Path("mapping.yaml"),
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Proposes which column means what, with samples, as a file you can edit."""
    from zusage.book import propose_mapping, write_mapping
    from zusage.ground.reasons import Reason
    from zusage.ground.words import say

    given = Given()
    proposal = given.take(propose_mapping, files)
    given.take(check_new, out)
    spoken = given.take(choose_language, lang)
    given.whole()
    language = spoken()
    write_mapping(proposal(), out, language)
    if as_json:
        print_json({"file": str(out)})
    else:
        screen().print(say(Reason("cli_mapping_written", {"file": str(out)}), language), soft_wrap=True)
        screen().print(out.read_text("utf-8"), highlight=False, markup=False, soft_wrap=True)

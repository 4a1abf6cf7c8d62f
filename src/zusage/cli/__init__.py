"""The command line: files and options come in, text or JSON and a result folder go out. One verb per stage.

Exit codes: 0 done · 1 the answer is no (a check found errors) · 2 the input was refused or the command was mistyped ·
70 a mistake of ours · 130 interrupted. Heavy imports stand inside the verbs, so that `--help` answers at once.
"""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from zusage import __version__
from zusage.cli.book import book_app
from zusage.cli.capacity import capacity, scenario
from zusage.cli.charter import charter
from zusage.cli.clock import CLOCK_VERBS
from zusage.cli.given import of_system
from zusage.cli.letters import letters
from zusage.cli.optimise import optimise
from zusage.cli.plan import demo, explain, plan
from zusage.cli.policy import policy_app
from zusage.cli.serve import backup, restore, serve
from zusage.cli.simulate import simulate
from zusage.cli.speech import INTERRUPTED, OK, OURS, REFUSED, asked_language, print_findings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Service promises you can afford, explain and keep.",
)
for verb in (
    plan,
    explain,
    capacity,
    scenario,
    simulate,
    demo,
    optimise,
    charter,
    letters,
    serve,
    backup,
    restore,
    *CLOCK_VERBS,
):
    app.command()(verb)
app.add_typer(policy_app, name="policy")
app.add_typer(book_app, name="book")


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Which services do we promise to which customer, can we afford and keep that, and do they know it?"""
    if version:
        typer.echo(__version__)
        raise typer.Exit(OK)


def run(main: Callable[[], Any] = app) -> None:
    """Entry point: whatever happens, the user reads a sentence and never a traceback (unless ZUSAGE_DEBUG is set)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console may still be cp1252
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        from zusage.ground.reasons import Refused, mistake

        if os.environ.get("ZUSAGE_DEBUG"):
            raise
        findings, code = [mistake("cli_ours", text=f"{type(error).__name__}: {error}"[:300])], OURS
        if isinstance(error, Refused):
            findings, code = list(error.findings), REFUSED
        elif isinstance(error, OSError):
            findings, code = [of_system(error)], REFUSED
        print_findings(findings, asked_language(sys.argv), as_json="--json" in sys.argv)
        sys.exit(code)

"""The verb `optimise`: which service level for whom is worth most within the hours there are."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given
from zusage.cli.kept import answered
from zusage.cli.options import AsJson, Lang, Pictures
from zusage.cli.speech import OK, REFUSED, choose_language, print_json, screen

if TYPE_CHECKING:
    from zusage.ground.words import Language
    from zusage.plan import Plan


def optimise(
    result: Annotated[
        Path | None, typer.Option("--result", "-r", help="A folder written by `zusage plan`: the mix of its classes.")
    ] = None,
    problem: Annotated[
        Path | None,
        typer.Option(help='Plain instances, one JSON line each ("-": from standard input).', allow_dash=True),
    ] = None,
    customer: Annotated[str | None, typer.Option(help="Customer number: what a class must bring there.")] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Close the gap to the bound.")] = False,
    pictures: Pictures = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """The mix of service levels that is worth most within the hours, and what a class must bring to pay for itself."""
    from zusage.report.drawings import check_kind

    given = Given()
    given.take(_check_asked, result, problem)
    given.take(choose_language, lang)
    given.take(check_kind, pictures)
    if result is not None:
        _mix_of_result(given, result, customer, exact, pictures, lang, as_json)
        return
    given.whole()
    if problem is not None:
        raise typer.Exit(_solve_problems(problem, exact, lang))


def _check_asked(result: Path | None, problem: Path | None) -> None:
    from zusage.ground.reasons import Refused, mistake

    if (result is None) == (problem is None):
        raise Refused([mistake("optimise_nothing_asked")])


def _solve_problems(path: Path, exact: bool, lang: str | None) -> int:
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


def _mix_of_result(
    given: Given,
    folder: Path,
    customer: str | None,
    exact: bool,
    pictures: str | None,
    lang: str | None,
    as_json: bool,
) -> None:
    from zusage.outlook.mix import best_mix
    from zusage.report.drawings import write_charts
    from zusage.report.mixed import mix_as_json, price_chart, print_mix
    from zusage.report.tables import load_result

    loaded = given.take(load_result, folder)
    spoken = given.language(lang, lambda: loaded().policy.firm.language)
    unit = given.take(lambda: None if customer is None else _unit_of(loaded(), customer))
    given.whole()
    (plan, language), unit_id = (loaded(), spoken()), unit()
    if unit_id is not None:
        _unit_of_result(plan, unit_id, language, as_json)
        return
    mix = best_mix(plan, exact=exact)
    written = write_charts(price_chart(plan, mix, language), folder, pictures)
    answered(
        lambda: mix_as_json(plan, mix, language),
        lambda: print_mix(plan, mix, screen(), language),
        written,
        as_json=as_json,
    )


def _unit_of(plan: Plan, customer: str) -> str:
    from zusage.ground.reasons import Refused, mistake

    units = dict(zip(plan.memberships["customer_id"].to_list(), plan.memberships["unit_id"].to_list(), strict=True))
    if customer not in units:
        raise Refused([mistake("cli_no_customer", text=customer)])
    return str(units[customer])


def _unit_of_result(plan: Plan, unit_id: str, language: Language, as_json: bool) -> None:
    from zusage.outlook.mix import unit_break_evens
    from zusage.report.mixed import break_even_as_json, print_unit
    from zusage.report.page.view import View

    found = unit_break_evens(plan, unit_id)
    view = View(plan, language)
    if as_json:
        print_json({"unit_id": unit_id, "break_even": [break_even_as_json(view, item) for item in found]})
    else:
        print_unit(plan, view.unit_names([unit_id])[unit_id], found, screen(), language)

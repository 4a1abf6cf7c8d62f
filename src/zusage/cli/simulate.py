"""The verb `simulate`: how likely the promised answers are kept, and what would make a promise possible."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given
from zusage.cli.kept import kept_book, known_absences
from zusage.cli.options import AbsencesFile, AsJson, Lang, Pictures, ResultFolder
from zusage.cli.speech import NO, print_findings, print_json, print_lines

if TYPE_CHECKING:
    from zusage.policy.document import Response


def simulate(
    result: ResultFolder,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="Weeks ahead.")] = 52,
    runs: Annotated[int, typer.Option(min=1, max=1000, help="How often these weeks are simulated.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")] = 1,
    class_key: Annotated[str | None, typer.Option("--class", help="Only this class.")] = None,
    promise: Annotated[
        str | None, typer.Option(help="Ask for another response: same_day, next_workday, 3_workdays or 4_hours.")
    ] = None,
    absences: AbsencesFile = None,
    pictures: Pictures = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """How likely each promised answer is kept in the year ahead; ends with 1 where one is not."""
    from zusage.capacity.promisable import class_number
    from zusage.outlook.surely import office_of
    from zusage.report.charts import kept
    from zusage.report.drawings import check_kind, write_charts
    from zusage.report.simulated import kept_rows, simulated_json, simulated_lines

    given = Given()
    book, response = given.take(kept_book, result), given.take(response_named, promise)
    spoken = given.language(lang, lambda: book()[0].policy.firm.language)
    absent = given.take(lambda: known_absences(absences, book()[0].policy))
    given.take(lambda: None if class_key is None else class_number(book()[0].policy, class_key))
    given.take(check_kind, pictures)
    given.whole()
    (plan, tables), language, asked = book(), spoken(), response()
    office = office_of(plan, tables, weeks=weeks, runs=runs, seed=seed, absences=absent())
    found = office.simulated()
    keys = [class_key] if class_key else [item.class_key for item in found.classes]
    promises = [office.promisable(key, asked, None if asked else found) for key in keys]
    lines = list(simulated_lines(found, promises, plan.policy, language))
    chart = kept(kept_rows(found, plan.policy, language), plan.policy.kept_permille, lines[0], language)
    written = write_charts({"answers": chart}, result, pictures)
    if as_json:
        print_json(simulated_json(found, promises) | {"files": [str(path) for path in written]})
    else:
        print_lines((*lines, *map(str, written)))
        print_findings(found.findings, language, as_json=False)
    if any(item.answer == "no" for item in promises):
        raise typer.Exit(NO)


def response_named(text: str | None) -> Response | None:
    """A response as written on the command line, where one is. Raises Refused for others."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.policy.document import Response

    if text is None:
        return None
    if text in ("same_day", "next_workday"):
        return Response(text)
    hit = re.fullmatch(r"([1-9][0-9]{0,2})_(workdays|hours)", text)
    if hit is None:
        raise Refused([mistake("simulate_no_response", text=text)])
    return Response(f"within_{hit[2]}", int(hit[1]))

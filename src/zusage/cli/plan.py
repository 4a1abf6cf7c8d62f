"""The verbs of the main way: `plan`, `explain`, `demo`."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zusage.cli.given import Given
from zusage.cli.options import AsJson, AsOf, BookFolder, DecimalMarkOption, Lang, MappingFile, PolicyFile, ResultFolder
from zusage.cli.speech import choose_language, print_json, screen

if TYPE_CHECKING:
    from zusage.book import Book
    from zusage.engine import Frame
    from zusage.ground.reasons import Finding
    from zusage.ground.words import Language
    from zusage.plan import Plan
    from zusage.policy.document import Policy
    from zusage.policy.read import Read

MARKER = "result.json"
"""The file by which a folder is known as a result."""


def plan(
    policy: PolicyFile,
    book: BookFolder,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for report, tables and the list with classes.")],
    mapping: MappingFile = None,
    decimal: DecimalMarkOption = None,
    as_of: AsOf = None,
    previous: Annotated[
        Path | None, typer.Option(help="An earlier result: its classes are the confirmed ones.")
    ] = None,
    report: Annotated[bool, typer.Option(help="Write the HTML report and the workbook.")] = True,
    keep_book: Annotated[
        bool, typer.Option(help="Keep the book as it was read, for `capacity` and `scenario`.")
    ] = True,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """From files to classes, reasons, promises and hours."""
    from zusage.plan import read_previous
    from zusage.policy.read import read_policy
    from zusage.result import check_target

    given = Given()
    read = given.take(read_policy, policy)
    given.take(check_target, out, MARKER)
    earlier = given.take(lambda: read_previous(previous) if previous else None)
    files, day = given.take(read_book_of, book, mapping, decimal, read, quiet=as_json), given.take(day_of, as_of)
    spoken = given.language(lang, lambda: read().policy.firm.language)
    given.whole()
    model, found, language = read(), files(), spoken()
    result = make_plan_of(found, model.policy, [*model.findings, *found.findings], day(), earlier())
    maps = mapping or book / "mapping.yaml"
    written = _write_result(result, found, out, policy, maps, language, report=report, keep_book=keep_book)
    if as_json:
        from zusage.report.tables import summary

        print_json(summary(result) | {"files": [str(path) for path in written]})
        return
    from zusage.report.terminal import print_summary

    console = screen()
    print_summary(result, console, language, found)
    for path in written:
        console.print(f"  {path}", style="dim", soft_wrap=True, highlight=False)


def day_of(as_of: datetime | None) -> date | None:
    """The day of the figures, where one is named. Raises Refused for one that nothing can be reckoned for."""
    from zusage.ground.reasons import Refused, mistake

    if as_of and not 1900 <= as_of.year <= 2200:  # windows of years before and after it must be days of the calendar
        raise Refused([mistake("cli_as_of", made_on=as_of.date())])
    return as_of.date() if as_of else None


def make_plan_of(
    book: Book, policy: Policy, findings: Sequence[Finding], as_of: date | None, previous: Frame | None
) -> Plan:
    from zusage.plan import make_plan

    return make_plan(
        book.tables,
        policy,
        as_of=as_of,
        not_after=date.today(),  # noqa: DTZ011 - the user's own day
        previous=previous,
        findings=findings,
    )


def read_book_of(
    folder: Path, mapping: Path | None, decimal: str | None, read: Callable[[], Read], *, quiet: bool
) -> Book:
    """The files of a folder, in the way of the country that the service model names. Raises Refused."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from zusage.book import read_book
    from zusage.ground.reasons import Refused, mistake

    if decimal not in (None, ",", "."):
        raise Refused([mistake("cli_decimal", text=str(decimal))])
    country = read().policy.firm.country
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen(stderr=True), transient=True, disable=quiet) as bars:
        tasks: dict[str, Any] = {}

        def progress(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total)
            bars.update(tasks[file], completed=done, total=total)

        return read_book(folder, mapping=mapping, decimal=decimal, country=country, progress=progress)  # type: ignore[arg-type]


def _write_result(
    result: Plan,
    book: Book,
    out: Path,
    policy: Path,
    mapping: Path,
    language: Language,
    *,
    report: bool,
    keep_book: bool,
) -> list[Path]:
    """Write everything into a new folder beside `out` and swap it in at the end: a result is whole or not there."""
    from zusage.book.kept import KEPT, keep_tables
    from zusage.report.tables import write_tables
    from zusage.result import ANSWERS, replace_folder

    with replace_folder(out, marker=MARKER, keep=(ANSWERS,)) as folder:
        write_tables(result, folder)
        (folder / "policy.yaml").write_bytes(policy.read_bytes())
        if keep_book:
            keep_tables(book.tables, folder / KEPT)
        if report:
            _write_report(result, book, folder, mapping, language)
    return sorted(path for path in out.iterdir())


def _write_report(result: Plan, book: Book, folder: Path, mapping: Path, language: Language) -> None:
    from zusage.report.html import write_html
    from zusage.report.workbook import write_xlsx

    write_html(result, folder / "report.html", language, book=book)
    write_xlsx(result, folder / "result.xlsx", language)
    if book.customer_list is not None:
        _write_list(result, book, folder, mapping, language)


def _write_list(result: Plan, book: Book, folder: Path, mapping: Path, language: Language) -> None:
    """The customer list the user gave, with one column more: the answer in the file they know."""
    from zusage import engine
    from zusage.book import with_class_column
    from zusage.ground.words import word

    names = {item.key: item.name[language] for item in result.policy.classes}
    classes = {row["customer_id"]: names[row["class_key"]] for row in engine.rows(result.memberships)}
    if book.customer_list is not None:
        with_class_column(
            book.customer_list,
            folder / book.customer_list.name,
            classes,
            word("cli_class_column", language),
            mapping=mapping if mapping.exists() else None,
        )


def explain(
    customer: Annotated[str, typer.Argument(help="Customer number, or a part of the name.")],
    result: ResultFolder,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """One customer's sums, line by line, and why this class."""
    from zusage.report.explain import as_json as explanation_json
    from zusage.report.explain import explain as explain_customer
    from zusage.report.tables import load_result
    from zusage.report.terminal import print_explanation

    given = Given()
    loaded = given.take(load_result, result)
    spoken = given.language(lang, lambda: loaded().policy.firm.language)
    number = given.take(lambda: _the_customer(loaded(), customer))
    given.whole()
    language = spoken()
    explanation = explain_customer(loaded(), number(), language)
    if as_json:
        print_json(explanation_json(explanation, language))
    else:
        print_explanation(explanation, screen(), language)


def _the_customer(loaded: Plan, text: str) -> str:
    """The number of the one customer a text means. Raises Refused where it is none or several."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.report.explain import find_customers

    matches = find_customers(loaded, text)
    if len(matches) != 1:
        known = ", ".join([*(f"{key} {name}" for key, name in matches[:10]), *(["…"] if len(matches) > 10 else [])])
        code = "cli_several_customers" if matches else "cli_no_customer"
        raise Refused([mistake(code, text=text, known=known)])
    return matches[0][0]


def demo(
    report: Annotated[
        bool, typer.Option("--report", help="Reckon and write the report instead of opening the office.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the result or for the office's data.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of this machine.")] = 8000,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """The example firm, an invented insurance broker with a thousand customers, in the office."""
    from zusage.cli.serve import demo_office, has_web_extra, teller
    from zusage.ground.reasons import Reason

    if not (report or as_json or has_web_extra()):
        teller(lang)(Reason("serve_demo_without_web", {"command": 'pip install "zusage[web]"'}))
    if report or as_json or not has_web_extra():
        demo_report(out or Path("result/demo"), show, lang, as_json)
    else:
        demo_office(out or Path("result/office-demo"), port, show, lang)


def demo_report(out: Path, show: bool, lang: str | None, as_json: bool) -> None:
    """The whole way of the example firm on the command line: from files to the report."""
    from zusage.result import example_folder

    example = example_folder("broker")
    plan(policy=example / "policy.yaml", book=example / "exports", out=out, lang=lang, as_json=as_json)
    page = (out / "report.html").resolve()
    if not as_json:
        from zusage.ground.reasons import Reason
        from zusage.ground.words import say

        values = {"report": page.as_uri(), "customer": "00042", "result": str(out)}
        screen().print(say(Reason("cli_demo_next", values), choose_language(lang, "de")), soft_wrap=True)
    if show and not as_json and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(page.as_uri())

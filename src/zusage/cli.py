"""The command line: files and options come in, text or JSON and a result folder go out. One verb per stage.

Exit codes: 0 done · 1 the answer is no (a check found errors, a customer is not in the result) · 2 the input was
refused or the command was mistyped · 70 a mistake of ours · 130 interrupted. Heavy imports stand inside the verbs, so
that `--help` answers at once.
"""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zusage import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from zusage.book import Book
    from zusage.ground.reasons import Finding
    from zusage.ground.words import Language
    from zusage.plan import Plan

OK, NO, REFUSED, OURS, INTERRUPTED = 0, 1, 2, 70, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Service promises you can afford, explain and keep.",
)
policy_app = typer.Typer(no_args_is_help=True, help="Write, check and calibrate a service model.")
book_app = typer.Typer(no_args_is_help=True, help="Read the firm's own files.")
app.add_typer(policy_app, name="policy")
app.add_typer(book_app, name="book")

PolicyFile = Annotated[Path, typer.Option("--policy", "-p", help="The service model (YAML).")]
BookFolder = Annotated[Path, typer.Option("--book", "-b", help="Folder with the firm's files.")]
MappingFile = Annotated[
    Path | None, typer.Option(help="Which column means what (default: mapping.yaml in the folder).")
]
DecimalMarkOption = Annotated[str | None, typer.Option("--decimal", help='Decimal mark of amounts: "," or ".".')]
AsOf = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the run (default: the last day in the book).")
]
Lang = Annotated[str | None, typer.Option("--lang", help="de or en (default: the policy's or the system's).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ResultFolder = Annotated[Path, typer.Option("--result", "-r", help="A folder written by `zusage plan`.")]


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Which services do we promise to which customer, can we afford and keep that, and do they know it?"""
    if version:
        typer.echo(__version__)
        raise typer.Exit(OK)


@app.command()
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
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """From files to classes, reasons, promises and hours."""
    from zusage.policy.read import read_policy

    read = read_policy(policy)
    language = _language(lang, read.policy.firm.language)
    found = _read_book(book, mapping, decimal, read.policy.firm.country, quiet=as_json)
    result = _make_plan(found, read.policy, [*read.findings, *found.findings], as_of, previous)
    written = _write_result(result, found, out, policy, mapping or book / "mapping.yaml", language, report=report)
    if as_json:
        from zusage.report.tables import summary

        _print_json(summary(result) | {"files": [str(path) for path in written]})
        return
    from zusage.report.terminal import print_summary

    console = _console()
    print_summary(result, console, language, found)
    for path in written:
        console.print(f"  {path}", style="dim", soft_wrap=True, highlight=False)


def _make_plan(
    book: Book, policy: Any, findings: Sequence[Finding], as_of: datetime | None, previous: Path | None
) -> Plan:
    from zusage.plan import make_plan, read_previous

    return make_plan(
        book.tables,
        policy,
        as_of=as_of.date() if as_of else None,
        previous=read_previous(previous) if previous else None,
        findings=findings,
    )


def _read_book(folder: Path, mapping: Path | None, decimal: str | None, country: str, *, quiet: bool) -> Book:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from zusage.book import read_book
    from zusage.ground.reasons import Refused, mistake

    if decimal not in (None, ",", "."):
        raise Refused([mistake("cli_decimal", text=str(decimal))])
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=_console(stderr=True), transient=True, disable=quiet) as bars:
        tasks: dict[str, Any] = {}

        def progress(file: str, done: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=total)
            bars.update(tasks[file], completed=done, total=total)

        return read_book(folder, mapping=mapping, decimal=decimal, country=country, progress=progress)  # type: ignore[arg-type]


def _write_result(
    result: Plan, book: Book, out: Path, policy: Path, mapping: Path, language: Language, *, report: bool
) -> list[Path]:
    """Write everything into a new folder beside `out` and swap it in at the end: a result is whole or not there."""
    from zusage.report.html import write_html
    from zusage.report.tables import write_tables
    from zusage.report.workbook import write_xlsx
    from zusage.result import replace_folder

    with replace_folder(out, marker="result.json") as folder:
        write_tables(result, folder)
        (folder / "policy.yaml").write_bytes(policy.read_bytes())
        if report:
            write_html(result, folder / "report.html", language, book=book)
            write_xlsx(result, folder / "result.xlsx", language)
        if report and book.customer_list is not None:
            _write_list(result, book, folder, mapping, language)
    return sorted(path for path in out.iterdir())


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


@app.command()
def explain(
    customer: Annotated[str, typer.Argument(help="Customer number, or a part of the name.")],
    result: ResultFolder,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """One customer's sums, line by line, and why this class."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.report.explain import as_json as explanation_json
    from zusage.report.explain import explain as explain_customer
    from zusage.report.explain import find_customers
    from zusage.report.tables import load_result
    from zusage.report.terminal import print_explanation

    loaded = load_result(result)
    language = _language(lang, loaded.policy.firm.language)
    matches = find_customers(loaded, customer)
    if len(matches) != 1:
        known = ", ".join(f"{key} {name}" for key, name in matches[:10])
        code = "cli_several_customers" if matches else "cli_no_customer"
        raise Refused([mistake(code, text=customer, known=known, found_count=len(matches))])
    explanation = explain_customer(loaded, matches[0][0])
    if as_json:
        _print_json(explanation_json(explanation, language))
    else:
        print_explanation(explanation, _console(), language)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the result.")] = Path("result/demo"),
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in the browser.")] = True,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """The whole way with an invented insurance broker and a thousand customers."""
    from zusage.result import example_folder

    example = example_folder("broker")
    plan(policy=example / "policy.yaml", book=example / "exports", out=out, lang=lang, as_json=as_json)
    report = (out / "report.html").resolve()
    if not as_json:
        from zusage.ground.reasons import Reason
        from zusage.ground.words import say

        _console().print(
            say(Reason("cli_demo_next", {"report": report.as_uri()}), _language(lang, "de")), soft_wrap=True
        )
    if show and not as_json and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(report.as_uri())


@policy_app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The service model (YAML).")], lang: Lang = None, as_json: AsJson = False
) -> None:
    """All mistakes at once, each with line, path and remedy; then warnings and notes on the design."""
    from zusage.ground.reasons import Reason, Refused
    from zusage.ground.words import say
    from zusage.policy.read import read_policy

    try:
        read = read_policy(file)
    except Refused as refused:
        _print_findings(refused.findings, _language(lang), as_json=as_json)
        raise typer.Exit(NO) from None
    language = _language(lang, read.policy.firm.language)
    _print_findings(read.findings, language, as_json=as_json, hash=read.policy.hash, version=read.policy.version)
    if not as_json:
        values = {"text": read.policy.version, "hash": read.policy.hash[:12]}
        _console().print(say(Reason("cli_policy_ok", values), language), highlight=False)


@policy_app.command("schema")
def policy_schema() -> None:
    """The JSON Schema of a service model, for editors that complete and check while you write."""
    from zusage.policy import schema

    _print_json(schema())


@policy_app.command("new")
def policy_new(
    template: Annotated[str, typer.Option(help="ritter, abc, client-mandant, 20-50-30 or solo.")] = "abc",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write (default: print).")] = None,
    lang: Lang = None,
) -> None:
    """A commented starting point."""
    from zusage.ground.reasons import Place, Refused, mistake
    from zusage.policy import TEMPLATES
    from zusage.policy import template as template_text

    if template not in TEMPLATES:
        raise Refused([mistake("cli_template", text=template, known=", ".join(TEMPLATES))])
    text = template_text(template, _language(lang))
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise Refused([mistake("cli_file_exists", Place(file=str(out)))]) from None


@policy_app.command("calibrate")
def policy_calibrate(
    policy: PolicyFile,
    book: BookFolder,
    class_key: Annotated[str, typer.Option("--class", help="The class whose cut is looked for.")],
    metric: Annotated[str, typer.Option(help="The metric the cut is for.")] = "yield",
    top_share: Annotated[
        str | None, typer.Option(help='Share of customers that should reach it, such as "20 %".')
    ] = None,
    top_count: Annotated[int | None, typer.Option(help="Number of customers that should reach it.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the policy with the new cut here.")] = None,
    mapping: MappingFile = None,
    decimal: DecimalMarkOption = None,
    as_of: AsOf = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """A cut in euro, hours or counts that would give a class so many customers of this book."""
    from zusage.calibration import calibrate, describe, write_cut
    from zusage.policy.read import read_policy

    read = read_policy(policy)
    language = _language(lang, read.policy.firm.language)
    found = _read_book(book, mapping, decimal, read.policy.firm.country, quiet=as_json)
    result = _make_plan(found, read.policy, [], as_of, None)
    proposal = calibrate(result, class_key, metric, top_share=top_share, top_count=top_count)
    text = write_cut(policy.read_text("utf-8-sig"), class_key, proposal, result.periods.as_of, language)
    if out is not None:
        out.write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        _print_json(vars(proposal) | {"class": class_key, "as_of": result.periods.as_of})
    else:
        _console().print(describe(proposal, class_key, language), highlight=False, soft_wrap=True)


@book_app.command("map")
def book_map(
    files: Annotated[list[Path], typer.Argument(help="Files the program does not know.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")] = Path("mapping.yaml"),
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Proposes which column means what, with samples, as a file you can edit."""
    from zusage.book import propose_mapping, write_mapping
    from zusage.ground.reasons import Place, Reason, Refused, mistake
    from zusage.ground.words import say

    if out.exists():
        raise Refused([mistake("cli_file_exists", Place(file=str(out)))])
    proposal = propose_mapping(files)
    write_mapping(proposal, out)
    if as_json:
        _print_json({"file": str(out)})
    else:
        _console().print(say(Reason("cli_mapping_written", {"file": str(out)}), _language(lang)), soft_wrap=True)
        _console().print(out.read_text("utf-8"), highlight=False, markup=False, soft_wrap=True)


def _print_findings(findings: Sequence[Finding], language: Language, *, as_json: bool, **more: Any) -> None:
    from zusage.ground.words import say_finding, word

    if as_json:
        listed = [
            {
                "severity": item.severity,
                "code": item.reason.code,
                **vars(item.where),
                "text": say_finding(item, language),
            }
            for item in findings
        ]
        _print_json({"findings": listed, **more})
        return
    console = _console(stderr=any(item.severity == "error" for item in findings))
    for item in findings:
        mark = word(f"severity_{item.severity}", language)
        console.print(f"{mark}: {say_finding(item, language)}", highlight=False, markup=False, soft_wrap=True)


def _print_json(value: Any) -> None:
    def plain(item: Any) -> Any:
        return item.isoformat() if isinstance(item, date) else str(item)

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=plain))


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=False)


def _language(asked: str | None, otherwise: str | None = None) -> Language:
    """The language asked for, else ZUSAGE_LANG, else the policy's, else the system's; German where nothing tells."""
    from zusage.ground.reasons import Refused, mistake

    if asked not in (None, "de", "en"):
        raise Refused([mistake("cli_language", text=str(asked))])
    system = (locale.getlocale()[0] or os.environ.get("LANG") or "de")[:2].lower()
    chosen = asked or os.environ.get("ZUSAGE_LANG") or otherwise or system
    return "en" if chosen == "en" else "de"


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
        asked = sys.argv[sys.argv.index("--lang") + 1 :][:1] if "--lang" in sys.argv else []
        language = _language(asked[0] if asked and asked[0] in ("de", "en") else None)
        if isinstance(error, Refused):
            _print_findings(error.findings, language, as_json="--json" in sys.argv)
            sys.exit(REFUSED)
        if isinstance(error, OSError):
            _print_findings(
                [mistake("cli_os", text=f"{error.filename or ''} {error.strerror or error}".strip())],
                language,
                as_json=False,
            )
            sys.exit(REFUSED)
        _print_findings([mistake("cli_ours", text=f"{type(error).__name__}: {error}"[:300])], language, as_json=False)
        sys.exit(OURS)

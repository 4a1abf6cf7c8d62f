"""The verbs around a service model: `policy check`, `schema`, `new`, `calibrate`, `publish`."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given, check_new
from zusage.cli.kept import kept_book, known_absences
from zusage.cli.options import (
    AbsencesFile,
    AsJson,
    AsOf,
    BookFolder,
    DecimalMarkOption,
    Lang,
    MappingFile,
    PolicyFile,
    ResultFolder,
)
from zusage.cli.plan import day_of, make_plan_of, read_book_of
from zusage.cli.speech import NO, choose_language, print_findings, print_json, print_lines

if TYPE_CHECKING:
    from zusage.ground.reasons import Finding
    from zusage.policy.document import Policy

policy_app = typer.Typer(no_args_is_help=True, help="Write, check and calibrate a service model.")


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
        print_findings(refused.findings, choose_language(lang), as_json=as_json)
        raise typer.Exit(NO) from None
    language = choose_language(lang, read.policy.firm.language)
    findings = (*read.findings, *_contradictions(read.policy, file))
    print_findings(findings, language, as_json=as_json, hash=read.policy.hash, version=read.policy.version)
    if not as_json:
        values = {"text": read.policy.version, "hash": read.policy.hash[:12]}
        print_lines([say(Reason("cli_policy_ok", values), language)])


def _contradictions(policy: Policy, file: Path) -> tuple[Finding, ...]:
    """Sentences that say something else than they promise, with their lines."""
    from zusage.policy.read import located
    from zusage.promises.charter import design_findings

    return located(design_findings(policy), file.read_bytes().decode("utf-8-sig"), file.name)


@policy_app.command("schema")
def policy_schema() -> None:
    """The JSON Schema of a service model, for editors that complete and check while you write."""
    from zusage.policy import schema

    print_json(schema())


@policy_app.command("new")
def policy_new(
    template: Annotated[str, typer.Option(help="ritter, abc, client-mandant, 20-50-30 or solo.")] = "abc",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write (default: print).")] = None,
    lang: Lang = None,
) -> None:
    """A commented starting point."""
    from zusage.policy import template as template_text

    given = Given()
    given.take(_check_template, template)
    given.take(check_new, out)
    language = given.take(choose_language, lang)
    given.whole()
    text = template_text(template, language())
    if out is None:
        typer.echo(text, nl=False)
        return
    _write_new(out, text)


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
    from zusage.calibration import calibrate, check_wish, describe, write_cut
    from zusage.policy.read import read_policy

    given = Given()
    read = given.take(read_policy, policy)
    given.take(lambda: check_wish(read().policy, class_key, metric, top_share=top_share, top_count=top_count))
    given.take(check_new, out)
    found, day = given.take(read_book_of, book, mapping, decimal, read, quiet=as_json), given.take(day_of, as_of)
    spoken = given.language(lang, lambda: read().policy.firm.language)
    given.whole()
    language, result = spoken(), make_plan_of(found(), read().policy, [], day(), None)
    proposal = calibrate(result, class_key, metric, top_share=top_share, top_count=top_count)
    text = write_cut(policy.read_text("utf-8-sig"), class_key, proposal, result.periods.as_of, language)
    if out is not None:
        _write_new(out, text)
    if as_json:
        print_json(vars(proposal) | {"class": class_key, "as_of": result.periods.as_of})
    else:
        print_lines([describe(proposal, class_key, language)])


@policy_app.command("publish")
def policy_publish(
    file: Annotated[Path, typer.Argument(help="The service model (YAML).")],
    result: ResultFolder,
    to: Annotated[Path, typer.Option(help="Folder of the published service models.")] = Path("policies"),
    absences: AbsencesFile = None,
    signed_by: Annotated[str | None, typer.Option(help="Who takes the risk where the check does not say yes.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is published all the same.")] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Hold a service model against the book of a result and publish it with its certificate, or refuse it."""
    from zusage.ground.reasons import Reason, Refused
    from zusage.ground.words import say
    from zusage.outlook.again import plan_again
    from zusage.outlook.gate import as_json as certificate_json
    from zusage.outlook.gate import certify, publish, risk_of
    from zusage.policy.read import read_policy
    from zusage.report.certified import certificate_lines, named_findings

    given = Given()
    read, book = given.take(read_policy, file), given.take(kept_book, result)
    spoken = given.language(lang, lambda: read().policy.firm.language)
    absent = given.take(lambda: known_absences(absences, read().policy))
    risk = given.take(lambda: None if signed_by is None and reason is None else risk_of(signed_by or "", reason or ""))
    given.folder(to)
    given.whole()
    (plan, tables), policy, language, signature = book(), read().policy, spoken(), risk()
    again = plan_again(plan, tables, policy)
    certificate = certify(again, tables, date.today(), absences=absent())  # noqa: DTZ011 - the user's own day
    if signature is not None:
        certificate = certificate.signed(signature.name, signature.reason)
    try:
        made = publish(file.read_bytes(), certificate, to)
    except Refused as refused:
        print_findings(named_findings(refused.findings, policy, language), language, as_json=as_json)
        raise typer.Exit(NO) from None
    if as_json:
        print_json(certificate_json(certificate) | {"published": made})
        return
    published = say(Reason("gate_published", {"text": str(made)}), language)
    print_lines((*certificate_lines(certificate, policy, language), published))


def _check_template(name: str) -> None:
    from zusage.ground.nearest import not_among
    from zusage.ground.reasons import Refused, mistake
    from zusage.policy import TEMPLATES

    if name not in TEMPLATES:
        raise Refused([mistake("cli_template", **not_among(name, TEMPLATES))])


def _write_new(out: Path, text: str) -> None:
    """Write a file that is not there yet: nothing of the user's is ever overwritten."""
    from zusage.ground.reasons import Place, Refused, mistake

    try:
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise Refused([mistake("cli_file_exists", Place(file=str(out)))]) from None

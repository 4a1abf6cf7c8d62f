"""The verbs of the promise clock: `decide`, `due`, `replay`, `worktime`."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zusage.cli.given import Given
from zusage.cli.kept import known_absences, lines_of
from zusage.cli.options import AsJson, Lang, PolicyFile, ResultFolder
from zusage.cli.speech import choose_language, print_json, print_lines
from zusage.result import ANSWERS

if TYPE_CHECKING:
    from zusage.capacity.there import Absence
    from zusage.engine import Frame
    from zusage.ground.worktime import Calendar
    from zusage.plan import Plan
    from zusage.policy.document import Policy
    from zusage.promises.standing import Standing


def decide(
    result: ResultFolder,
    customer: Annotated[str, typer.Option(help="Customer number.")],
    what: Annotated[str, typer.Option(help="What is asked for: the key of a service, such as callback.")],
    at: Annotated[str, typer.Option(help="When it was asked: 2026-11-20T15:40, the firm's time unless it says more.")],
    urgency: Annotated[str, typer.Option(help="emergency, claim, deadline or normal.")] = "normal",
    channel: Annotated[str, typer.Option(help="How it was asked: phone, email, visit …")] = "phone",
    matter: Annotated[str | None, typer.Option(help="A word for the matter; a repeated contact on it is free.")] = None,
    wants: Annotated[str | None, typer.Option(help="The role that is asked for.")] = None,
    ours: Annotated[bool, typer.Option("--ours", help="Something we caused ourselves: takes no allowance.")] = False,
    told: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day the customer was told the present class.")
    ] = None,
    cannot_come: Annotated[bool, typer.Option("--cannot-come", help="The customer cannot come to the office.")] = False,
    business: Annotated[bool, typer.Option("--business", help="A business, no consumer.")] = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """What a customer is owed for a request: by whom, where, on which channel, until when."""
    from zusage.ground.words import say
    from zusage.promises.clock import calendar_of
    from zusage.promises.decide import decide as answer_to
    from zusage.promises.record import as_json as answer_json
    from zusage.promises.sentences import staff_text
    from zusage.promises.standing import Request
    from zusage.report.tables import load_result

    def hours() -> Calendar:
        return calendar_of(loaded().policy)

    def words() -> dict[str, Any]:
        found = {"what": what, "urgency": urgency, "channel": channel, "cause": cause, "wants": wants}
        _check_words(loaded().policy, found)
        return found

    def request() -> Request:
        read = moment()  # as typed; without a zone it is the firm's
        asked_at = read if read.utcoffset() is not None else read.replace(tzinfo=hours().hours.zone)
        return Request(at=asked_at, matter=matter, **asked())

    given, cause = Given(), "ours" if ours else "asked"
    loaded = given.take(load_result, result, customer)
    spoken = given.language(lang, lambda: loaded().policy.firm.language)
    standing = given.take(
        lambda: _standing(loaded(), result, customer, told, cannot_come=cannot_come, consumer=not business)
    )
    moment, asked = given.take(_moment, at), given.take(words)
    found = given.take(lambda: answer_to(loaded().policy, hours(), standing(), request()))
    given.whole()
    policy, calendar, answer, language = loaded().policy, hours(), found(), spoken()
    plain = answer_json(answer, calendar.hours.zone)
    _append(result / ANSWERS, plain)
    if as_json:
        print_json(plain)
        return
    print_lines((answer.customer_text[language], staff_text(policy, answer, calendar.hours.zone, language)))
    print_lines((f"  {say(reason, language)}" for reason in answer.reasons), style="dim")


def _check_words(policy: Policy, found: dict[str, Any]) -> None:
    from zusage.ground.reasons import Refused
    from zusage.promises.decide import unknown_words

    wrong = list(unknown_words(policy, **found))
    if wrong:
        raise Refused(wrong)


def _moment(text: str) -> datetime:
    from zusage.ground.reasons import Refused, mistake

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused([mistake("worktime_bad_time", moment=text)]) from None


def _standing(
    loaded: Plan, folder: Path, customer: str, told: datetime | None, *, cannot_come: bool, consumer: bool
) -> Standing:
    """What the result knows of a customer; the answers given since to anyone of the household count as contacts."""
    from zusage import engine
    from zusage.ground.reasons import Refused, mistake
    from zusage.promises.record import past_contacts
    from zusage.promises.standing import Standing, told_from_review

    members = engine.rows(loaded.memberships)
    own = next((row for row in members if row["customer_id"] == customer), None)
    if own is None:
        raise Refused([mistake("cli_no_customer", text=customer)])
    unit = engine.rows(loaded.units)[0]
    return Standing(
        customer_id=customer,
        class_key=own["class_key"],
        told=told_from_review(loaded.policy, own["class_key"], own["previous_key"], told.date() if told else None),
        contacts=past_contacts(_lines(folder / ANSWERS), {row["customer_id"] for row in members}),
        earned_seconds=unit["earned_seconds"],
        used_seconds=unit["used_seconds"],
        since=unit["since"],
        cannot_come=cannot_come,
        consumer=consumer,
    )


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def _append(path: Path, answer: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(answer, ensure_ascii=False) + "\n")


def due(
    result: ResultFolder,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")],
    delivered: Annotated[
        Path | None,
        typer.Option(help="The last deliveries, as CSV with the columns customer_id, service, delivered_on."),
    ] = None,
    ical: Annotated[Path | None, typer.Option(help="Write a calendar file with the days as well.")] = None,
    levelled: Annotated[
        bool, typer.Option("--levelled", help="The week each visit is best planned for, instead of the day it is due.")
    ] = False,
    absences: Annotated[
        Path | None, typer.Option(help="With --levelled: who is away when, as CSV (role, first_on, last_on, people).")
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """What falls due between two days: checks, issues, invitations, and the requests answered so far."""
    from zusage import engine
    from zusage.promises.clock import calendar_of
    from zusage.promises.deliveries import calendar_file, last_deliveries
    from zusage.promises.record import requests_due
    from zusage.promises.touchpoints import falling_due
    from zusage.report.tables import load_result

    def deliveries() -> dict[tuple[str, str], date]:
        units = {row["customer_id"]: row["unit_id"] for row in engine.rows(plan().memberships)}
        return {} if delivered is None else last_deliveries(lines_of(delivered), units, plan().policy, str(delivered))

    given = Given()
    given.take(_check_order, first, last)
    plan = given.take(load_result, result)
    spoken = given.language(lang, lambda: plan().policy.firm.language)
    last_days, absent = given.take(deliveries), given.take(lambda: known_absences(absences, plan().policy))
    given.whole()
    (loaded, language, done), policy = (plan(), spoken(), last_days()), plan().policy
    members = engine.rows(loaded.memberships)
    names = {row["unit_id"]: row["name"] for row in reversed(members)}  # of a household, its first
    names |= {row["customer_id"]: row["name"] for row in members}
    if levelled:
        rows = _levelled(loaded, result, absent(), done, first.date(), last.date())
    else:
        found = falling_due(loaded.units.lazy(), policy, calendar_of(policy), first.date(), last.date(), done)
        rows = engine.rows(found) + requests_due(_lines(result / ANSWERS), first.date(), last.date())
    rows = [row | {"name": names.get(row["unit_id"])} for row in sorted(rows, key=lambda row: row["due_on"])]
    if ical is not None:
        ical.write_text(calendar_file(rows, policy, language), encoding="utf-8", newline="")
    if as_json:
        print_json(rows)
        return
    for row in rows:
        service = policy.service(row["service"]).name[language]
        moment = f"{row['due_at']:%H:%M}" if row.get("due_at") else ""
        columns = (str(row["due_on"]), moment, row["unit_id"], row["name"] or "", row["class_key"], service)
        typer.echo("\t".join(columns))


def _check_order(first: datetime, last: datetime) -> None:
    from zusage.ground.reasons import Refused, mistake

    if last < first:
        raise Refused([mistake("due_reversed", first_on=first.date(), last_on=last.date())])


def _levelled(
    loaded: Plan,
    folder: Path,
    absences: tuple[Absence, ...],
    done: dict[tuple[str, str], date],
    first: date,
    last: date,
) -> list[dict[str, Any]]:
    """The visits of the levelled year between two days, by the Monday of the week they are planned for."""
    from zusage.book.kept import KEPT, kept_tables
    from zusage.capacity.season import season_of
    from zusage.capacity.weeks import former_classes, plan_year
    from zusage.report.weeks import contact_rows

    tables = kept_tables(folder / KEPT)
    year = plan_year(
        loaded.units.lazy(),
        loaded.roles,
        loaded.policy,
        loaded.periods.as_of,
        absences=absences,
        deliveries=done,
        season=season_of(tables, loaded.policy, loaded.periods) if tables else None,
        former=former_classes(loaded.units.lazy(), loaded.policy, loaded.periods.as_of),
    )
    return [dict(row) for row in contact_rows(year, first, last)]


def replay(
    result: ResultFolder,
    work: Annotated[Path, typer.Option(help="Past calls: a CSV or Parquet file, or a folder of the firm's files.")],
    policy: PolicyFile,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Past calls under a service model: what would have been kept, who would gain and who would lose."""
    from zusage import engine
    from zusage.policy.read import read_policy
    from zusage.promises.replay import replay as replay_calls
    from zusage.promises.replayed import lines, summary
    from zusage.promises.usage import allowance_use
    from zusage.report.tables import load_result

    given = Given()
    plan, read = given.take(load_result, result), given.take(read_policy, policy)
    spoken = given.language(lang, lambda: read().policy.firm.language)
    calls = given.take(lambda: _work_of(work, result, plan()))
    given.whole()
    (loaded, model, rows), language = (plan(), read().policy, calls()), spoken()
    found = replay_calls(rows, loaded.memberships.lazy(), model, loaded.policy)
    use = allowance_use(rows, loaded.memberships.lazy(), loaded.units.lazy(), model, loaded.periods, found.last_day)
    if as_json:
        print_json(summary(found, engine.rows(use)))
        return
    print_lines(lines(found, engine.rows(use), model, language))


def _work_of(path: Path, folder: Path, loaded: Plan) -> Frame:
    """Past work of the customers of a result; a single file is read together with the result's customer list."""
    from zusage import engine
    from zusage.book import read_book
    from zusage.book.tables import WORK
    from zusage.ground.reasons import Place, Refused, mistake

    country = loaded.policy.firm.country
    if path.suffix == ".parquet":
        found = engine.scan_parquet(path, WORK)
    elif path.is_dir():
        found = read_book(path, country=country).tables["work"]
    else:
        with tempfile.TemporaryDirectory() as name:
            shutil.copy(path, name)
            _customers_into(Path(name), folder, loaded)
            found = read_book(Path(name), country=country).tables["work"]
    calls = found.join(loaded.memberships.lazy().select("customer_id"), on="customer_id", how="inner")
    if not engine.rows(calls.head(1)):
        raise Refused([mistake("replay_no_calls", Place(file=str(path)))])
    return found


def _customers_into(target: Path, folder: Path, loaded: Plan) -> None:
    """The user's own customer list, which `plan` puts into the result (it has the phone numbers), else the numbers."""
    from zusage import engine

    lists = [item for item in folder.iterdir() if item.suffix in (".csv", ".xlsx") and item.name != "result.xlsx"]
    for item in lists:
        shutil.copy(item, target)
    if not lists:
        with (target / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(("Kundennummer", "Name"))
            writer.writerows((row["customer_id"], row["name"]) for row in engine.rows(loaded.memberships))


def worktime(
    file: Annotated[str, typer.Argument(help="File with one question a line as JSON, or - for standard input.")],
    lang: Lang = None,
) -> None:
    """Answers questions about working time, one JSON answer a line, for other programs and for checks."""
    from zusage.ground.worktime.questions import answer_lines

    language = choose_language(lang or "en")
    if file == "-":
        for line in answer_lines(sys.stdin, language):
            typer.echo(line)
        return
    with Path(file).open(encoding="utf-8-sig") as lines:
        for line in answer_lines(lines, language):
            typer.echo(line)


CLOCK_VERBS = (decide, due, replay, worktime)

"""The verbs of the way ahead: `capacity` (when do the promises no longer fit, and what then), `scenario`."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.given import Given, check_new
from zusage.cli.kept import answered, kept_with_text
from zusage.cli.options import AsJson, Lang, PageFile, Pictures, ResultFolder
from zusage.cli.speech import print_json, screen

if TYPE_CHECKING:
    from zusage.engine import Frame
    from zusage.ground.reasons import Refused
    from zusage.ground.words import Language
    from zusage.outlook.growth import Asked, Drift, Growth
    from zusage.outlook.study import Study
    from zusage.outlook.trial import Situation, Use
    from zusage.outlook.ways import Way
    from zusage.plan import Plan

GrowthOption = Annotated[
    list[str] | None,
    typer.Option(
        "--growth", help="New customers a year: 40, -10, or by class A=5 (repeat). Default: as the book grew."
    ),
]
SpreadOption = Annotated[str, typer.Option(help="How far a stated growth may be wrong.")]
DriftOption = Annotated[
    list[str] | None, typer.Option("--drift", help="Share of a class that changes to another in a year: B:A=3%.")
]
YieldsOption = Annotated[str, typer.Option("--yields", help="Change of all yields in a year: -2%.")]
YearsOption = Annotated[int, typer.Option(help="Years to look ahead.")]


def capacity(
    result: ResultFolder,
    growth: GrowthOption = None,
    spread: SpreadOption = "25%",
    drift: DriftOption = None,
    yields: YieldsOption = "0%",
    years: YearsOption = 5,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="A way out must hold until then (default: today, else all years)."),
    ] = None,
    use: Annotated[str | None, typer.Option(help="What freed hours are used for, by name; goes with --worth.")] = None,
    worth: Annotated[float | None, typer.Option(help="Euro that an hour of this use is worth.")] = None,
    combine: Annotated[
        list[str] | None, typer.Option("--combine", help="Ways to put together by their keys: a,b,c (repeat).")
    ] = None,
    touched: Annotated[str | None, typer.Option(help="List the customers that a way touches, by its key.")] = None,
    take: Annotated[str | None, typer.Option(help="Key of the way or set to write as a service model.")] = None,
    write_policy: Annotated[Path | None, typer.Option(help="New file for the service model of --take.")] = None,
    out: PageFile = None,
    pictures: Pictures = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """When the hours no longer suffice for the promises, and what could be done."""
    from zusage.outlook.ahead import check_years
    from zusage.outlook.growth import growth_of
    from zusage.outlook.study import study, with_sets
    from zusage.report.capacity import figures, fullest_week, print_capacity, write_capacity
    from zusage.report.drawings import check_kind, full_weeks, growing_days, write_charts
    from zusage.report.outlook import spoken as view_of

    given = Given()
    given.take(check_file, take, write_policy)
    book, freed = given.take(kept_with_text, result), given.take(use_of, use, worth)
    asked = given.take(asked_growth, growth or [], spread, drift or [], yields)
    spoken = given.language(lang, lambda: book()[0].policy.firm.language)
    given.take(check_years, years)
    given.take(check_kind, pictures)
    aim = given.take(lambda: _aim(book()[0], until))
    growing = given.take(lambda: growth_of(*book()[:2], asked()))
    situation = given.take(lambda: situation_of(*book(), growing(), years, aim(), freed()))
    given.whole()
    language, found = spoken(), study(situation())
    combined = given.take(with_sets, found, [keys.split(",") for keys in combine or []], take)
    if touched is not None:
        way = given.take(lambda: combined().way(touched))
        given.whole()
        _print_touched(combined(), way(), language, as_json=as_json)
        return
    model = given.take(lambda: None if take is None else _model_with(combined(), take))
    given.whole()
    found, text = combined(), model()
    page = out or result / "capacity.html"
    write_capacity(found, page, language)
    view = view_of(found.situation.plan, language)
    charts = {"capacity-days": growing_days(view, found.situation.outlook)}
    if view.year is not None:
        charts["capacity-weeks"] = full_weeks(view, view.year, fullest_week(view, view.year))
    written = [page, *write_charts(charts, page.parent, pictures)]
    if text is not None and write_policy is not None:
        write_policy.write_text(text, encoding="utf-8", newline="\n")
        written.append(write_policy)
    answered(
        lambda: figures(found, language, names=True),
        lambda: print_capacity(found, screen(), language),
        written,
        as_json=as_json,
    )


def scenario(
    result: ResultFolder,
    policy: Annotated[
        list[Path] | None, typer.Option("--policy", "-p", help="Another service model to compare (repeat).")
    ] = None,
    out: PageFile = None,
    pictures: Pictures = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Service models side by side: all alike, as lived today, as planned, and others."""
    from zusage.outlook.growth import Asked, growth_of
    from zusage.outlook.scenarios import scenarios
    from zusage.policy.read import read_policy
    from zusage.report.drawings import check_kind, write_charts
    from zusage.report.outlook import spoken as view_of
    from zusage.report.scenarios import figures, print_scenarios, side_by_side, write_scenarios

    given = Given()
    book = given.take(kept_with_text, result)
    own = {path.stem: given.take(read_policy, path) for path in policy or []}
    spoken = given.language(lang, lambda: book()[0].policy.firm.language)
    given.take(check_kind, pictures)
    situation = given.take(lambda: situation_of(*book(), growth_of(*book()[:2], Asked(total=0)), 1, None, None))
    given.whole()
    plan, language = book()[0], spoken()
    found = scenarios(situation(), {name: read().policy for name, read in own.items()})
    page = out or result / "scenarios.html"
    write_scenarios(plan, found, page, language)
    chart = side_by_side(view_of(plan, language), found)
    written = [page, *write_charts({"scenarios": chart}, page.parent, pictures)]
    answered(
        lambda: figures(plan, found, language),
        lambda: print_scenarios(plan, found, screen(), language),
        written,
        as_json=as_json,
    )


def situation_of(
    plan: Plan, tables: dict[str, Frame], text: str, growth: Growth, years: int, until: date | None, use: Use | None
) -> Situation:
    """Where the firm stands; the text of the policy is held against the plan at once."""
    from zusage.outlook.trial import Situation

    found = Situation(plan, tables, text, growth, years, until, use)
    _ = found.document  # refuses a text that is not the plan's policy
    return found


def _aim(plan: Plan, until: datetime | None) -> date | None:
    """The day until which a way out must hold. Raises Refused for one the book cannot reach."""
    from zusage.ground.reasons import Refused, mistake

    day = until.date() if until else None
    if day is not None and not plan.periods.as_of <= day <= date(plan.periods.as_of.year + 30, 12, 31):
        raise Refused([mistake("outlook_until", until_on=day, as_of_on=plan.periods.as_of)])
    return day


def use_of(name: str | None, euro: float | None) -> Use | None:
    """What freed hours are used for: a name and what an hour is worth, or neither."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.outlook.trial import Use

    if (name is None) != (euro is None) or (euro is not None and not 0 <= euro <= 10_000):
        raise Refused([mistake("outlook_use_both")])
    return None if name is None or euro is None else Use(name, round(euro * 100))


def asked_growth(growth: list[str], spread: str, drift: list[str], yields: str) -> Asked:
    """A growth as it was typed. Raises Refused with all that cannot be understood."""
    from zusage.outlook.growth import Asked

    given = Given()
    by_class = [given.take(_by_class, item) for item in growth if "=" in item]
    totals = [given.take(_number, item) for item in growth if "=" not in item]
    if len(totals) > 1 or (totals and by_class):
        given.findings += _not_growth(" ".join(growth)).findings
    wide, change = given.take(_share, spread), given.take(_share, yields)
    drifts = [given.take(_drift, item) for item in drift]
    given.whole()
    return Asked(
        total=totals[0]() if totals else None,
        by_class=dict(item() for item in by_class),
        spread_permille=wide(),
        drift=tuple(item() for item in drifts),
        yields_permille=change(),
    )


def _by_class(typed: str) -> tuple[str, int]:
    key, _, count = typed.partition("=")
    return key.strip(), _number(count)


def _number(typed: str) -> int:
    try:
        return int(typed.strip())
    except ValueError:
        raise _not_growth(typed) from None


def _share(typed: str) -> int:
    """Permille of `3%`, `3 %`, `2,5%`; a share may be negative here."""
    try:
        return round(float(typed.strip().rstrip("%").strip().replace(",", ".")) * 10)
    except (ValueError, OverflowError):
        raise _not_growth(typed) from None


def _drift(typed: str) -> Drift:
    from zusage.outlook.growth import Drift

    keys, _, share = typed.partition("=")
    one, _, other = keys.partition(":")
    return Drift(one.strip(), other.strip(), _share(share))


def _not_growth(typed: str) -> Refused:
    from zusage.ground.reasons import Refused, mistake

    return Refused([mistake("outlook_not_growth", text=typed)])


def _print_touched(found: Study, way: Way, language: Language, *, as_json: bool) -> None:
    """The customers a way touches: number and name, one a line."""
    from zusage import engine
    from zusage.report.outlook import spoken, way_name

    wanted = set(way.effect.units)
    rows = [
        {"customer_id": row["customer_id"], "name": row["name"], "class_key": row["class_key"]}
        for row in engine.rows(found.situation.plan.memberships)
        if row["unit_id"] in wanted
    ]
    if as_json:
        print_json({"way": way.key, "customers": rows})
        return
    screen().print(way_name(spoken(found.situation.plan, language), way), style="bold", markup=False, highlight=False)
    for row in rows:
        typer.echo(f"{row['customer_id']}  {row['class_key']}  {row['name'] or ''}".rstrip())


def check_file(take: str | None, path: Path | None) -> None:
    """Before anything is reckoned: a way to write needs a new file, and a file needs a way."""
    from zusage.ground.reasons import Refused, mistake

    if (take is None) != (path is None):
        raise Refused([mistake("outlook_take")])
    check_new(path)


def _model_with(found: Study, take: str) -> str:
    """The service model with a way in it; read as any other before it is written."""
    from zusage.ground.reasons import Refused, mistake

    way = found.way(take)
    if not way.changes:
        raise Refused([mistake("outlook_no_change", text=take)])
    return found.situation.settled(way.changes)[0]

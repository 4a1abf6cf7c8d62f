"""The verbs of the way ahead: `capacity` (when do the promises no longer fit, and what then), `scenario`."""
# ruff: noqa: PLC0415 - engines and readers take half a second to import; only the verb that needs them pays

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zusage.cli.kept import answered, kept_book, kept_policy
from zusage.cli.options import AsJson, Lang, PageFile, Pictures, ResultFolder
from zusage.cli.speech import choose_language, print_json, screen

if TYPE_CHECKING:
    from zusage.engine import Frame
    from zusage.ground.words import Language
    from zusage.outlook.growth import Asked, Drift
    from zusage.outlook.study import Study
    from zusage.outlook.trial import Situation, Use
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
    from zusage.outlook.study import study, with_sets
    from zusage.report.capacity import figures, fullest_week, print_capacity, write_capacity
    from zusage.report.drawings import full_weeks, growing_days, write_charts
    from zusage.report.outlook import spoken

    check_file(take, write_policy)
    (plan, tables), text = kept_book(result), kept_policy(result)
    language = choose_language(lang, plan.policy.firm.language)
    day = until.date() if until else None
    asked = asked_growth(growth or [], spread, drift or [], yields)
    situation = situation_of(plan, tables, text, asked, years, day, use_of(use, worth))
    found = with_sets(study(situation), [keys.split(",") for keys in combine or []])
    if touched is not None:
        _print_touched(found, touched, language, as_json=as_json)
        return
    page = out or result / "capacity.html"
    write_capacity(found, page, language)
    view = spoken(found.situation.plan, language)
    charts = {"capacity-days": growing_days(view, found.situation.outlook)}
    if view.year is not None:
        charts["capacity-weeks"] = full_weeks(view, view.year, fullest_week(view, view.year))
    written = [page, *write_charts(charts, page.parent, pictures)]
    if take is not None and write_policy is not None:
        written.append(_write_policy(found, take, write_policy))
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
    from zusage.outlook.growth import Asked
    from zusage.outlook.scenarios import scenarios
    from zusage.policy.read import read_policy
    from zusage.report.drawings import write_charts
    from zusage.report.outlook import spoken
    from zusage.report.scenarios import figures, print_scenarios, side_by_side, write_scenarios

    (plan, tables), text = kept_book(result), kept_policy(result)
    language = choose_language(lang, plan.policy.firm.language)
    own = {path.stem: read_policy(path).policy for path in policy or []}
    situation = situation_of(plan, tables, text, Asked(total=0), 1, None, None)
    found = scenarios(situation, own)
    page = out or result / "scenarios.html"
    write_scenarios(plan, found, page, language)
    chart = side_by_side(spoken(plan, language), found)
    written = [page, *write_charts({"scenarios": chart}, page.parent, pictures)]
    answered(
        lambda: figures(plan, found, language),
        lambda: print_scenarios(plan, found, screen(), language),
        written,
        as_json=as_json,
    )


def situation_of(
    plan: Plan, tables: dict[str, Frame], text: str, asked: Asked, years: int, until: date | None, use: Use | None
) -> Situation:
    """Where the firm stands; the text of the policy is held against the plan at once."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.outlook.growth import growth_of
    from zusage.outlook.trial import Situation

    if until is not None and not plan.periods.as_of <= until <= date(plan.periods.as_of.year + 30, 12, 31):
        raise Refused([mistake("outlook_until", until_on=until, as_of_on=plan.periods.as_of)])
    found = Situation(plan, tables, text, growth_of(plan, tables, asked), years, until, use)
    _ = found.document  # refuses a text that is not the plan's policy
    return found


def use_of(name: str | None, euro: float | None) -> Use | None:
    """What freed hours are used for: a name and what an hour is worth, or neither."""
    from zusage.ground.reasons import Refused, mistake
    from zusage.outlook.trial import Use

    if (name is None) != (euro is None) or (euro is not None and not 0 <= euro <= 10_000):
        raise Refused([mistake("outlook_use_both")])
    return None if name is None or euro is None else Use(name, round(euro * 100))


def asked_growth(growth: list[str], spread: str, drift: list[str], yields: str) -> Asked:
    """A growth as it was typed."""
    from zusage.outlook.growth import Asked

    by_class = dict(_by_class(item) for item in growth if "=" in item)
    totals = [_number(item) for item in growth if "=" not in item]
    if len(totals) > 1 or (totals and by_class):
        raise _not_growth(" ".join(growth))
    return Asked(
        total=totals[0] if totals else None,
        by_class=by_class,
        spread_permille=_share(spread),
        drift=tuple(_drift(item) for item in drift),
        yields_permille=_share(yields),
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


def _not_growth(typed: str) -> Exception:
    from zusage.ground.reasons import Refused, mistake

    return Refused([mistake("outlook_not_growth", text=typed)])


def _print_touched(found: Study, key: str, language: Language, *, as_json: bool) -> None:
    """The customers a way touches: number and name, one a line."""
    from zusage import engine
    from zusage.report.outlook import spoken, way_name

    way = found.way(key)
    wanted = set(way.effect.units)
    rows = [
        {"customer_id": row["customer_id"], "name": row["name"], "class_key": row["class_key"]}
        for row in engine.rows(found.situation.plan.memberships)
        if row["unit_id"] in wanted
    ]
    if as_json:
        print_json({"way": key, "customers": rows})
        return
    screen().print(way_name(spoken(found.situation.plan, language), way), style="bold", markup=False, highlight=False)
    for row in rows:
        typer.echo(f"{row['customer_id']}  {row['class_key']}  {row['name'] or ''}".rstrip())


def check_file(take: str | None, path: Path | None) -> None:
    """Before anything is reckoned: a way to write needs a new file, and a file needs a way."""
    from zusage.ground.reasons import Place, Refused, mistake

    if (take is None) != (path is None):
        raise Refused([mistake("outlook_take")])
    if path is not None and path.exists():
        raise Refused([mistake("cli_file_exists", Place(file=str(path)))])


def _write_policy(found: Study, take: str, path: Path) -> Path:
    """Write the service model with a way in it; read as any other before it is written."""
    from zusage.ground.reasons import Refused, mistake

    way = found.way(take)
    if not way.changes:
        raise Refused([mistake("outlook_no_change", text=take)])
    text, _ = found.situation.settled(way.changes)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path

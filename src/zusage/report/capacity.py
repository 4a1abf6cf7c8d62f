"""What was found of the way ahead comes in, sections of a page, lines on a terminal and figures for programs go out.

`figures` is the one structure that tables are written from; pictures draw from it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from zusage.capacity.promisable import Promisable, judge
from zusage.capacity.simulate import Simulated
from zusage.capacity.weeks import YearPlan
from zusage.ground.reasons import Finding
from zusage.ground.words import Language, percent, say_finding
from zusage.outlook.ahead import DAYS_OF_THE_STORY, WEEKS_A_YEAR, Course, day_course
from zusage.outlook.gate import RUNS, as_json
from zusage.outlook.growth import CASES
from zusage.outlook.study import Study
from zusage.outlook.surely import answers_ahead
from zusage.outlook.together import SETS
from zusage.outlook.ways import Way
from zusage.policy.edit import Drop, Put
from zusage.policy.mistakes import write_path
from zusage.report import charts
from zusage.report.drawings import figures_of, full_weeks, growing_days
from zusage.report.html import write_page
from zusage.report.outlook import (
    Spoken,
    gate_says,
    gives,
    holds_until,
    reached,
    remarks,
    spoken,
    statement,
    story,
    touched_text,
    way_name,
    way_sentence,
)
from zusage.report.page.hours import thing
from zusage.report.page.view import Block, Cell, Head, Table
from zusage.report.simulated import answer_line, kept_rows, simulated_lines
from zusage.report.terminal import print_lines, print_table
from zusage.report.weeks import week_sentences, weeks_json, weeks_table

_COST_HEADS = ("what", "class", "hours", "euro")


def write_capacity(study: Study, path: Path, language: Language) -> None:
    """Write the page of the way ahead: one file that holds all of itself."""
    situation = study.situation
    view = spoken(situation.plan, language)
    title = view.o("title", firm=view.plan.policy.firm.name, as_of_on=view.plan.periods.as_of)
    simulated = answers_ahead(situation.plan, situation.tables, runs=RUNS)
    write_page(view, path, title, statement(view, situation.outlook), "", capacity_blocks(view, study, simulated))


def capacity_blocks(view: Spoken, study: Study, simulated: Simulated | Sequence[Finding]) -> list[Block]:
    """All sections of the page, in their order; `simulated` as `answers_ahead` found it."""
    found = [ways(view, study), sets(view, study)]
    return [
        ahead(view, study),
        days(view, study),
        *weeks(view),
        answers(view, simulated),
        *costs(view),
        *(block for block in found if block is not None),
    ]


def print_capacity(study: Study, console: Console, language: Language) -> None:
    """The answer first, then the way ahead, the day of a person, and the ways out."""
    view = spoken(study.situation.plan, language)
    first, second = ahead(view, study), days(view, study)
    print_lines(console, first.answer, bold=True)
    print_table(console, first.tables[0])
    for remark in first.remarks:
        print_lines(console, remark)
    print_lines(console, second.answer, bold=True)
    print_table(console, second.tables[0])
    for block, listed in ((ways(view, study), study.ways), (sets(view, study), study.sets)):
        if block is not None:
            print_lines(console, block.answer, bold=True)
            for way in listed:
                print_lines(console, _in_lines(view, study, way))
            for remark in block.remarks:
                print_lines(console, remark)


def _in_lines(view: Spoken, study: Study, way: Way) -> str:
    line = view.o(
        "way_lines",
        key=way.key,
        text=way_name(view, way),
        gives=gives(view, way),
        money=view.euros(way.effect.cents),
        touched=touched_text(view, way),
        holds=holds_until(view, way),
    )
    return f"{line} {gate_says(view, study, way)}".rstrip()


def _heads(view: Spoken, *codes: str) -> list[Head]:
    return [Head(view.o(f"head_{code}"), figure=at > 0) for at, code in enumerate(codes)]


# --- the way ahead


def ahead(view: Spoken, study: Study) -> Block:
    """Hours owed against hours there, today and at the end of each year."""
    outlook = study.situation.outlook
    course = outlook.courses["mid"]
    heads = [*_heads(view, "when"), Head(view.units_word[0].upper() + view.units_word[1:]), *view.role_heads()]
    weeks = year_ends(course, outlook.years)
    rows: list[list[Cell]] = [
        [
            in_years(view, years),
            view.n(round(sum(course.units[week].values()))),
            *(view.h(course.owed[week][role.key]) for role in view.plan.policy.roles),
        ]
        for years, week in enumerate(weeks)
    ]
    there = [view.h(outlook.there[role.key]) for role in view.plan.policy.roles]
    table = Table(view.o("ahead_caption"), heads, rows, foot=[view.o("there"), "", *there])
    answer = statement(view, outlook)
    return Block(
        "ahead", view.o("ahead_topic"), answer, list(remarks(view, study)), (), (table, _by_quarter(view, study))
    )


def in_years(view: Spoken, years: int) -> str:
    """So many years from today."""
    code = "in_years" if years > 1 else "in_one_year" if years else "today"
    return view.o(code, years_count=years)


def year_ends(course: Course, years: int) -> list[int]:
    """The numbers of the first week and of those so many years later."""
    return [min(round(year * WEEKS_A_YEAR), len(course.mondays) - 1) for year in range(years + 1)]


def _by_quarter(view: Spoken, study: Study) -> Table:
    """What a picture of the way ahead shows, to read: every thirteenth week."""
    course = study.situation.outlook.courses["mid"]
    rows = [
        [view.t_day(course.mondays[week]), *(view.h(course.owed[week][role.key]) for role in view.plan.policy.roles)]
        for week in range(0, len(course.mondays), 13)
    ]
    return Table(view.o("quarters_caption"), [*_heads(view, "week"), *view.role_heads()], rows, folded=True)


def days(view: Spoken, study: Study) -> Block:
    """Eight hours a day, then ten, twelve, fourteen: what a full-time day becomes, role by role."""
    outlook = study.situation.outlook
    course = outlook.courses["mid"]
    weeks = year_ends(course, outlook.years)
    hours = DAYS_OF_THE_STORY[1:]
    marks = [Head(view.o("head_reached", hours=str(count))) for count in hours]
    heads = [*_heads(view, "role", "day_today"), Head(in_years(view, outlook.years)), *marks]
    rows: list[list[Cell]] = []
    for role in view.plan.policy.roles:
        seconds = day_course(view.plan, course, role.key)
        marked = [reached(view, outlook, role.key, count) for count in hours]
        rows.append([view.role_name(role.key), view.h(seconds[0]), view.h(seconds[weeks[-1]]), *marked])
    table = Table(view.o("days_caption"), heads, rows, more=view.o("days_note"))
    pictures = figures_of([growing_days(view, outlook)])
    return Block("days", view.o("days_topic"), story(view, outlook), (), pictures, (table,))


# --- the year by weeks, and the answers in it


def weeks(view: Spoken) -> list[Block]:
    """How full each week of the year is, role by role; none where the year cannot be planned."""
    year = view.year
    if year is None:
        return []
    fullest = fullest_week(view, year)
    others = [sentence for sentence in week_sentences(view, year) if sentence != fullest]
    pictures, table = figures_of([full_weeks(view, year, fullest)]), weeks_table(view, year)
    return [Block("weeks", view.o("weeks_topic"), fullest, others, pictures, (table,))]


def fullest_week(view: Spoken, year: YearPlan) -> str:
    """The fullest week of all roles in a sentence."""
    roles = [item.key for item in year.policy.roles]
    return week_sentences(view, year)[roles.index(year.worst().role)]


def costs(view: Spoken) -> list[Block]:
    """What each class and each promise takes in a year, the dearest first; none where the year cannot be planned."""
    if view.year is None or not view.year.costs:
        return []
    classes = [item for item in view.plan.policy.classes if any(cost.class_key == item.key for cost in view.year.costs)]
    sums = {item.key: [cost for cost in view.year.costs if cost.class_key == item.key] for item in classes}
    dearest = max(sums, key=lambda key: sum(cost.cents for cost in sums[key]), default=None)
    answer = view.o("costs_nobody")
    if dearest is not None:
        seconds = sum(cost.seconds for cost in sums[dearest])
        cents = view.euros(sum(cost.cents for cost in sums[dearest]))
        answer = view.o("costs_answer", name=view.class_name(dearest), hours=view.whole_h(seconds), cents=cents)
    rows: list[list[Cell]] = [
        [
            thing(view, cost),
            view.class_name(cost.class_key) if cost.class_key else view.o("costs_all"),
            view.h(cost.seconds),
            view.eur(cost.cents),
        ]
        for cost in view.year.costs
    ]
    heads = [Head(view.o(f"head_{code}"), figure=code in ("hours", "euro")) for code in _COST_HEADS]
    total = [sum(cost.seconds for cost in view.year.costs), sum(cost.cents for cost in view.year.costs)]
    foot = [view.t("all"), "", view.h(total[0]), view.eur(total[1])]
    table = Table(view.o("costs_caption"), heads, rows, foot=foot)
    return [Block("costs", view.o("costs_topic"), answer, (), (), (table,))]


def answers(view: Spoken, found: Simulated | Sequence[Finding]) -> Block:
    """How likely the promised answers come in time; where no log tells when customers ask, why nobody can say."""
    if not isinstance(found, Simulated):
        why = [say_finding(item, view.language) for item in found]
        return Block("answers", view.o("answers_topic"), view.o("answers_unknown"), why)
    target = view.plan.policy.kept_permille  # what would make a broken promise possible, `zusage simulate` searches
    judged = [Promisable(item.class_key, item.response, target, judge(item, target), item) for item in found.classes]
    lines = [answer_line(item, view.plan.policy, view.language) for item in judged]
    lines += simulated_lines(found, (), view.plan.policy, view.language)
    rows = kept_rows(found, view.plan.policy, view.language)
    pictures = figures_of([charts.kept(rows, target, lines[0], view.language)] if rows else [])
    cells = [
        [row["name"], *(percent(row[name], view.language) for name in ("permille", "low", "high"))] for row in rows
    ]
    table = Table(view.o("answers_caption"), _heads(view, "class", "likely", "low", "high"), cells)
    return Block("answers", view.o("answers_topic"), lines[0], lines[1:], pictures, (table,))


# --- the ways out


def ways(view: Spoken, study: Study) -> Block | None:
    """Each way with its smallest step, and what it means."""
    if not study.ways:
        return None
    fitting = sum(way.fits for way in study.ways)
    code, count = ("ways_fit", fitting) if fitting else ("ways_none", len(study.ways))
    answer = view.o(f"{code}_one") if count == 1 else view.o(code, ways_count=count)
    if not fitting and view.plan.hours.answer == "unknown":
        answer = view.o("ways_unknown")
    table = Table(view.o("ways_caption"), _way_heads(view), [_row(view, study, way) for way in study.ways])
    return Block("ways", view.o("ways_topic"), answer, _notes(view, study), (), (table,))


def _notes(view: Spoken, study: Study) -> list[str]:
    situation, use = study.situation, study.situation.use
    worth = view.o("use", text=use.name, hour_cents=use.cents_per_hour) if use else view.o("no_use")
    ahead = situation.aim > situation.plan.periods.as_of
    gate = [view.o("gate_note")] if study.verdicts else []
    return [view.o("ways_until", until_on=situation.aim) if ahead else view.o("ways_today"), worth, *gate]


def _way_heads(view: Spoken) -> list[Head]:
    text = ("way", "key", "gives", "touched", "holds")
    return [
        Head(view.o(f"head_{code}"), figure=code not in text)
        for code in ("way", "key", "gives", "money", "touched", "holds")
    ]


def _row(view: Spoken, study: Study, way: Way) -> list[Cell]:
    return [
        way_name(view, way),
        way.key,
        gives(view, way),
        view.eur(way.effect.cents),
        touched_text(view, way),
        ". ".join(text for text in (holds_until(view, way), gate_says(view, study, way)) if text),
    ]


def sets(view: Spoken, study: Study) -> Block | None:
    """Ways put together until nothing is lacking, side by side."""
    if not study.sets:
        return None
    lists = [
        Table(_set_name(view, way), _heads(view, "way"), [[way_sentence(view, part)] for part in way.parts])
        for way in study.sets
    ]
    rows = [[_set_name(view, way), *_row(view, study, way)[1:]] for way in study.sets]
    table = Table(view.o("sets_caption"), _way_heads(view), rows)
    return Block("sets", view.o("sets_topic"), _sets_answer(view, study), (), (), (table, *lists))


def _sets_answer(view: Spoken, study: Study) -> str:
    passing = sum(way.key in study.verdicts and study.verdicts[way.key].answer == "fits" for way in study.sets)
    if len(study.sets) == 1:
        return view.o("sets_one")
    return view.o("sets_answer", sets_count=len(study.sets), passing_count=passing)


def _set_name(view: Spoken, way: Way) -> str:
    return view.o(f"set_{way.key}") if way.key in SETS else way.key


# --- figures


def figures(study: Study, language: Language, *, names: bool = False) -> dict[str, Any]:
    """Everything as data: cents, seconds of a year, days. With `names` the units each way touches."""
    view = spoken(study.situation.plan, language)
    outlook = study.situation.outlook
    tipping = outlook.tipping
    return {
        "statement": statement(view, outlook),
        "remarks": list(remarks(view, study)),
        "story": story(view, outlook),
        "answer": view.plan.hours.answer,
        "growth": {
            "new_milli": dict(outlook.growth.new_milli),
            "by_class": dict(outlook.growth.by_class),
            "drift": [asdict(item) for item in outlook.growth.drift],
            "yields_permille": outlook.growth.yields_permille,
            "past_years": list(outlook.growth.years),
        },
        "tipping": asdict(tipping),
        "full_week": asdict(study.full_week) if study.full_week else None,
        "floor": {role: {"needed": needed, "there": there} for role, (needed, there) in study.floor.items()},
        "until": study.situation.aim,
        "there": dict(outlook.there),
        "weeks": weeks_json(view.year) if view.year else None,
        "courses": {case: _course(view, outlook.courses[case]) for case in CASES},
        "ways": [_way(view, study, way, names=names) for way in study.ways],
        "sets": [_way(view, study, way, names=names) for way in study.sets],
    }


def _course(view: Spoken, course: Course) -> list[dict[str, Any]]:
    roles = [role.key for role in view.plan.policy.roles]
    days_of = {role: day_course(view.plan, course, role) for role in roles}
    return [
        {
            "monday": monday,
            "units": {key: round(count, 1) for key, count in course.units[week].items()},
            "owed": dict(course.owed[week]),
            "day_seconds": {role: days_of[role][week] for role in roles},
        }
        for week, monday in enumerate(course.mondays)
    ]


def _way(view: Spoken, study: Study, way: Way, *, names: bool) -> dict[str, Any]:
    effect = asdict(way.effect) | {"freed_seconds": way.effect.freed_seconds, "units": len(way.effect.units)}
    found = {
        "key": way.key,
        "kind": way.kind,
        "text": way_name(view, way),
        "parts": [{"code": part.code, **part.values} for part in way.parts],
        "changes": [_change(item) for item in way.changes],
        "fits": way.fits,
        "closes": list(way.closes),
        "lacking": dict(way.lacking),
        "estimated": way.estimated,
        "effect": effect,
        "tipping": asdict(way.tipping),
        "gate": as_json(study.verdicts[way.key]) if way.key in study.verdicts else None,
    }
    return found | ({"touched": list(way.effect.units)} if names else {})


def _change(item: Put | Drop) -> dict[str, Any]:
    path = write_path(tuple(step if isinstance(step, int) else str(step) for step in item.path))
    return {"put": path, "value": item.value} if isinstance(item, Put) else {"drop": path}

"""A plan and what the office knows besides come in, the capacity page goes out as JSON: sections in both languages,
and what each way out would change in the text of the service model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, get_args

from markupsafe import Markup

from zusage.capacity.season import season_of
from zusage.capacity.simulate import Simulated
from zusage.capacity.there import Absence
from zusage.capacity.weeks import Former, YearPlan, plan_year
from zusage.ground.reasons import Finding, Refused
from zusage.ground.words import Language
from zusage.outlook.gate import RUNS, Certificate, certified
from zusage.outlook.growth import Asked, Drift, Growth, growth_of
from zusage.outlook.mix import Mix, best_mix
from zusage.outlook.scenarios import Scenario, scenarios
from zusage.outlook.study import Study, study
from zusage.outlook.surely import answers_ahead
from zusage.outlook.trial import Situation, Use
from zusage.plan import Plan
from zusage.policy.document import Policy
from zusage.policy.edit import Change, Drop, Put
from zusage.report.capacity import capacity_blocks, fullest_week
from zusage.report.mixed import SHOWN, mix_block
from zusage.report.outlook import Spoken, spoken, statement
from zusage.report.page.hours import hours_answer
from zusage.report.page.view import Block, Cell, Table
from zusage.report.scenarios import compared, last_class, staff
from zusage.web.bridge.checking import gate_json, hours_of
from zusage.web.bridge.known import Known, away, still_holding
from zusage.web.bridge.reckoning import Tables

Row = dict[str, Any]
KEY_COLUMN = 1
"""Of a table of ways: the key, which only the command line needs."""


@dataclass(frozen=True)
class _Found:
    """All that is reckoned, before it is said in a language."""

    study: Study
    year: YearPlan | None
    simulated: Simulated | tuple[Finding, ...]
    scenarios: Sequence[Scenario]
    mix: Mix


def capacity_page(
    plan: Plan,
    tables: Tables,
    text: str,
    known: Known,
    *,
    today: date,
    drafts: Mapping[str, Policy] | None = None,
    growth: int | None,
    by_class: Mapping[str, int] | None = None,
    drift: Iterable[Sequence[Any]] = (),
    years: int,
    use: tuple[str, int] | None = None,
    step: Callable[[str], None],
) -> Row:
    """The page of a plan (`text` is that of its policy) by the functions of `zusage capacity`, `scenario`, `optimise`.

    `hours` are its certificate of `today`, as the check of a draft keeps it; None where there is no year. `drafts` to
    compare go by their names.
    `growth` are new units a year, `by_class` those of each class instead; neither: as the book grew, and none where it
    does not tell (`growth_known` says so). `drift` are classes, those they change to, and their permille in a year.
    `use` names what freed hours are used for, and the cents an hour of that is worth.
    `step` is told the code of each step. Raises Refused for a book without customers or a growth that cannot be.
    """
    asked = Asked(growth, by_class or {}, drift=tuple(Drift(*item) for item in drift))
    expected, grown = _growth(plan, tables, asked)
    step("insight_step_study")
    worth = Use(*use) if use else None
    gate = partial(_certificate, tables=tables, known=known, today=today)
    found = study(Situation(plan, tables, text, expected, years, use=worth), gate)
    absences, former = away(known), still_holding(plan, known)
    year = _year(plan, tables, absences, former)
    step("insight_step_answers")
    simulated = answers_ahead(plan, tables, runs=RUNS, absences=absences, former=former)
    step("insight_step_scenarios")
    compared_with = scenarios(found.situation, dict(drafts or {}))
    step("insight_step_mix")
    made = _Found(found, year, simulated, compared_with, best_mix(plan, agreed=known.agreed))
    step("insight_step_draw")
    return {
        "as_of": plan.periods.as_of.isoformat(),
        "growth_known": grown,
        "hours": {"after": hours_of(plan.hours), "gate": gate_json(certified(plan, year, simulated, today))}
        if year
        else None,
        "pages": {spoken_in: _page(plan, made, spoken_in) for spoken_in in get_args(Language)},
        "changes": {way.key: _changes(way.changes) for way in (*found.ways, *found.sets) if way.changes},
    }


def _growth(plan: Plan, tables: Tables, asked: Asked) -> tuple[Growth, bool]:
    try:
        return growth_of(plan, tables, asked), True
    except Refused:
        if asked.stated is not None:
            raise
    return growth_of(plan, tables, replace(asked, total=0)), False


def _year(plan: Plan, tables: Tables, absences: Sequence[Absence], former: Sequence[Former]) -> YearPlan | None:
    """The year with absences and with what still holds; None where it lies beyond the years that calendars know."""
    season = season_of(tables, plan.policy, plan.periods)
    units, day = plan.units.lazy(), plan.periods.as_of
    try:
        return plan_year(units, plan.roles, plan.policy, day, absences=absences, season=season, former=former)
    except Refused:
        return None


def _certificate(plan: Plan, *, tables: Tables, known: Known, today: date) -> Certificate | None:
    """What the gate would say of a plan; None where there is no year."""
    absences, former = away(known), still_holding(plan, known)
    year = _year(plan, tables, absences, former)
    simulated = answers_ahead(plan, tables, runs=RUNS, absences=absences, former=former)
    return certified(plan, year, simulated, today) if year else None


# --- in a language


def _page(plan: Plan, found: _Found, language: Language) -> Row:
    view = spoken(plan, language, found.year)
    blocks = [
        *capacity_blocks(view, found.study, found.simulated),
        compared(view, found.scenarios),
        staff(view, found.scenarios),
        last_class(view, found.scenarios),
        mix_block(view, found.mix),
    ]
    outlook = found.study.situation.outlook
    said = outlook.tipping.now or plan.hours.answer == "unknown"  # the headline says so
    lead = [] if said else [statement(view, outlook)]
    return {
        "headline": hours_answer(view),
        "lead": [*lead, *([fullest_week(view, found.year)] if found.year else [])],
        "blocks": [_block(view, block, found) for block in blocks],
    }


def _block(view: Spoken, block: Block, found: _Found) -> Row:
    listed = {"ways": found.study.ways, "sets": found.study.sets}.get(block.anchor)
    tables = [_table(item) for item in block.tables]
    if listed is not None:
        tables[0] = _without_key(tables[0]) | {"ways": [way.key for way in listed]}
    if block.anchor == "mix" and found.mix.proposal is not None and found.mix.proposal.moves:
        tables[2]["units"] = [move.unit_id for move in found.mix.proposal.moves[:SHOWN]]
    return {
        "anchor": block.anchor,
        "topic": block.topic,
        "answer": block.answer,
        "remarks": list(block.remarks),
        "pictures": [str(picture) for picture in block.pictures],
        "tables": tables,
    }


def _table(item: Table) -> Row:
    return {
        "caption": item.caption,
        "heads": [[head.label, head.figure] for head in item.heads],
        "rows": [[_plain(cell) for cell in row] for row in item.rows],
        "foot": [_plain(cell) for cell in item.foot],
        "more": item.more,
        "folded": item.folded,
    }


def _plain(cell: Cell) -> str:
    """A cell without marks: what is kept is text, and is escaped like all text."""
    return cell.striptags() if isinstance(cell, Markup) else str(cell)


def _without_key(table: Row) -> Row:
    def rest(cells: Sequence[Any]) -> list[Any]:
        return [cell for place, cell in enumerate(cells) if place != KEY_COLUMN]

    return table | {"heads": rest(table["heads"]), "rows": [rest(row) for row in table["rows"]]}


# --- changes of the text


def _changes(changes: Iterable[Change]) -> list[Row]:
    return [
        {"put": list(item.path), "value": item.value} if isinstance(item, Put) else {"drop": list(item.path)}
        for item in changes
    ]


def changes_from(rows: Iterable[Row]) -> list[Change]:
    """The changes of a way, from their kept form."""
    return [Put(tuple(row["put"]), row["value"]) if "put" in row else Drop(tuple(row["drop"])) for row in rows]

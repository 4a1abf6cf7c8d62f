"""Service models side by side come in, a page, lines on a terminal and figures for programs go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from zusage.ground.words import UNKNOWN, Language, percent
from zusage.outlook.scenarios import ALIKE, LIVED, PROPOSED, Scenario, Served
from zusage.plan import Plan
from zusage.promises.terms import response_term
from zusage.report import charts
from zusage.report.charts import Spec
from zusage.report.drawings import figures_of
from zusage.report.html import write_page
from zusage.report.outlook import Spoken, spoken
from zusage.report.page.view import Block, Cell, Head, Table
from zusage.report.terminal import print_lines, print_table
from zusage.report.writing import decimal


def write_scenarios(plan: Plan, found: Sequence[Scenario], path: Path, language: Language) -> None:
    """Write the page that holds service models side by side."""
    view = spoken(plan, language)
    title = view.o("scenario_title", firm=plan.policy.firm.name, as_of_on=plan.periods.as_of)
    blocks = [compared(view, found), staff(view, found), last_class(view, found)]
    write_page(view, path, title, headline(view, found), "", blocks)


def print_scenarios(plan: Plan, found: Sequence[Scenario], console: Console, language: Language) -> None:
    """The answer first, then the service models side by side."""
    view = spoken(plan, language)
    print_lines(console, headline(view, found), bold=True)
    for block in (compared(view, found), staff(view, found), last_class(view, found)):
        if block.anchor != "compared":
            print_lines(console, block.answer, bold=True)
        for table in block.tables:
            print_table(console, table)


def by_key(found: Sequence[Scenario], key: str) -> Scenario:
    """The scenario of a key."""
    return next(item for item in found if item.key == key)


def name_of(view: Spoken, item: Scenario) -> str:
    """What a scenario is called."""
    return item.name or view.o(f"scenario_{item.key}")


def headline(view: Spoken, found: Sequence[Scenario]) -> str:
    """What it would take to promise everyone the best, and what the hours allow of it."""
    alike = by_key(found, ALIKE)
    best = next(item.class_key for item in alike.classes)
    share = min(alike.average_permille or 0, 1000)
    code = "alike_short" if alike.owed_seconds > alike.there_seconds else "alike_fits"
    return view.o(
        code,
        name=view.class_name(best),
        owed=view.whole_h(alike.owed_seconds),
        there=view.whole_h(alike.there_seconds),
        allowed_permille=share // 10 * 10,
    )


def _heads(view: Spoken, found: Sequence[Scenario], first: str) -> list[Head]:
    return [Head(view.o(f"head_{first}"), figure=False), *(Head(name_of(view, item)) for item in found)]


def compared(view: Spoken, found: Sequence[Scenario]) -> Block:
    """Hours, money and kept promises of each service model."""
    lines: list[tuple[str, list[Cell]]] = [
        ("owed", [view.h(item.owed_seconds) for item in found]),
        ("there", [view.h(item.there_seconds) for item in found]),
        ("answer", [view.o(f"answer_{item.answer}") for item in found]),
        ("cost", [view.eur(item.cost_cents) for item in found]),
        ("contribution", [view.eur(item.contribution_cents) for item in found]),
        (
            "per_hour",
            [UNKNOWN if item.euro_per_hour_cents is None else view.eur(item.euro_per_hour_cents) for item in found],
        ),
        ("kept", [_share(view, item.kept_permille) for item in found]),
    ]
    rows = [[view.o(f"line_{code}"), *cells] for code, cells in lines]
    table = Table(view.o("compared_caption"), _heads(view, found, "figure"), rows, more=view.o("compared_note"))
    pictures = figures_of([side_by_side(view, found)])
    return Block("compared", view.o("compared_topic"), headline(view, found), (), pictures, (table,))


def side_by_side(view: Spoken, found: Sequence[Scenario]) -> Spec:
    """The hours of each service model against the hours there are, as a chart."""
    rows = [{"name": name_of(view, item), "hours": item.owed_seconds / 3600} for item in found]
    there = by_key(found, PROPOSED).there_seconds / 3600
    return charts.compared(rows, there, headline(view, found), view.language)


def _share(view: Spoken, permille: int | None) -> str:
    return UNKNOWN if permille is None else percent(permille // 10 * 10, view.language)


def staff(view: Spoken, found: Sequence[Scenario]) -> Block:
    """How many people each service model needs."""
    proposed = by_key(found, PROPOSED)
    rows: list[list[Cell]] = [
        [
            view.role_name(role.key),
            decimal(role.people_milli, 3, view.language),
            *(decimal(-(-item.people_milli[role.key] // 10) * 10, 3, view.language) for item in found),
        ]
        for role in view.plan.policy.roles
    ]
    heads = [*_heads(view, [], "role"), Head(view.o("head_people_now")), *_heads(view, found, "role")[1:]]
    people = sum(proposed.people_milli.values())
    answer = view.o("staff_answer", people=decimal(-(-people // 100) * 100, 3, view.language))
    table = Table(view.o("staff_caption"), heads, rows, more=view.o("staff_note"))
    return Block("staff", view.o("staff_topic"), answer, (), (), (table,))


def last_class(view: Spoken, found: Sequence[Scenario]) -> Block:
    """What the customers of the last class get, before and after."""
    ranked = [item.key for item in view.plan.policy.classes if not item.provisional]
    lived, proposed = (_of(by_key(found, key), ranked[-1]) for key in (LIVED, PROPOSED))
    answer = view.o(
        "last_answer",
        name=view.class_name(ranked[-1]),
        before_seconds=lived.seconds if lived else None,
        after_seconds=proposed.seconds if proposed else None,
    )
    tables = [_service_of(view, found, key) for key in ranked]
    return Block("last", view.o("last_topic"), answer, (), (), tables[::-1])


def _of(item: Scenario, class_key: str) -> Served | None:
    return next((served for served in item.classes if served.class_key == class_key), None)


def _service_of(view: Spoken, found: Sequence[Scenario], class_key: str) -> Table:
    served = [_of(item, class_key) for item in found]
    lines: list[tuple[str, list[Cell]]] = [
        ("hours_each", [view.h(item.seconds) if item else UNKNOWN for item in served]),
        ("deliveries", [_times(view, item) for item in served]),
        ("response", [_response(view, item) for item in served]),
        ("kept", [_share(view, item.kept_permille if item else None) for item in served]),
    ]
    rows = [[view.o(f"line_{code}"), *cells] for code, cells in lines]
    return Table(view.o("service_caption", name=view.class_name(class_key)), _heads(view, found, "figure"), rows)


def _times(view: Spoken, item: Served | None) -> str:
    if item is None or item.deliveries_milli is None:
        return UNKNOWN
    return decimal(item.deliveries_milli, 3, view.language)


def _response(view: Spoken, item: Served | None) -> str:
    return UNKNOWN if item is None or item.response is None else response_term(item.response, view.language)


def figures(plan: Plan, found: Sequence[Scenario], language: Language) -> dict[str, Any]:
    """Everything as data: cents, seconds of a year, thousandths of people."""
    view = spoken(plan, language)
    return {"statement": headline(view, found), "scenarios": [_figures(view, item) for item in found]}


def _figures(view: Spoken, item: Scenario) -> dict[str, Any]:
    plain = {key: value for key, value in asdict(item).items() if key != "policy"}
    sums = ("owed_seconds", "there_seconds", "contribution_cents", "kept_permille", "average_permille")
    return plain | {
        "text": name_of(view, item),
        "policy_hash": item.policy.hash,
        **{name: getattr(item, name) for name in sums},
    }

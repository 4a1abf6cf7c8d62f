"""A plan or an explanation comes in, lines on a terminal go out: a sentence first, then the figures under it.

Fits into 100 columns; nothing is said by colour alone; names are printed as they are, never read as markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from zusage.book.result import Book
from zusage.ground.words import UNKNOWN, Language, say, say_finding, word
from zusage.plan import Plan
from zusage.report.explain import Explanation
from zusage.report.html import headline
from zusage.report.lines import Line
from zusage.report.page.classes import classes_answer, shown_classes
from zusage.report.page.grounds import result_answer
from zusage.report.page.hours import hours_answer, hours_remarks
from zusage.report.page.view import View
from zusage.report.writing import counted, listed

WIDTH = 100


def print_summary(plan: Plan, console: Console, language: Language, book: Book | None = None) -> None:
    """What a run found: the answer, the classes, the hours, what has no customer, and the findings."""
    view = View(plan, language, book)
    _say(console, headline(view), style="bold")
    _say(console, classes_answer(view))
    console.print(_classes(view))
    _say(console, hours_answer(view), style="bold")
    console.print(_roles(view))
    for remark in hours_remarks(view)[1:]:
        _say(console, remark)
    _say(console, result_answer(view))
    if plan.unassigned:
        console.print(_unassigned(view))
    if book is not None:
        _say(console, _read(view, book))
    for finding in plan.findings:
        if finding.severity != "note":
            _say(console, f"{word(f'severity_{finding.severity}', language)}: {say_finding(finding, language)}")
    notes = sum(finding.severity == "note" for finding in plan.findings)
    if notes:
        _say(console, view.t("notes", text=counted("finding", notes, language)))


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), width=min(WIDTH, console.width))


def _grid(title: str, heads: Sequence[str], *, words: int = 1) -> RichTable:
    """A table with hairlines; the first `words` columns hold text, the others figures."""
    grid = RichTable(
        title=Text(title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        title_style="",
        pad_edge=False,
        collapse_padding=True,
    )
    for place, head in enumerate(heads):
        grid.add_column(Text(head), justify="left" if place < words else "right", overflow="fold")
    return grid


def _row(grid: RichTable, *cells: object) -> None:
    grid.add_row(*(Text(str(cell)) for cell in cells))


def _classes(view: View) -> RichTable:
    codes = ("class", f"{view.noun}s", "yield", "cost_short", "contribution", "used", "owed", "per_hour")
    grid = _grid(view.t("classes_caption"), [view.t(f"head_{code}") for code in codes])
    for item in shown_classes(view):
        _row(
            grid,
            f"{view.class_name(item.class_key)} ({view.letter(item.class_key)})",
            view.n(item.units),
            *(view.eur(cents) for cents in (item.yield_cents, item.cost_cents, item.contribution_cents)),
            *(view.h(seconds) for seconds in (item.used_seconds, item.owed_seconds)),
            UNKNOWN if item.euro_per_hour_cents is None else view.eur(item.euro_per_hour_cents),
        )
    return grid


def _roles(view: View) -> RichTable:
    months = view.plan.hours.months
    heads = [view.t(f"head_{code}") for code in ("role", "owed_year", "there_year", "rest")]
    grid = _grid(view.t("fits_caption"), heads)
    for role in dict.fromkeys(month.role for month in months):
        owed = sum(month.owed_seconds for month in months if month.role == role)
        there = sum(month.there_seconds for month in months if month.role == role)
        _row(grid, view.role_name(role), *(view.h(seconds) for seconds in (owed, there, there - owed)))
    return grid


def _unassigned(view: View) -> RichTable:
    heads = [view.t(f"head_{code}") for code in ("reason", "rows", "euro", "hours")]
    grid = _grid(view.t("unassigned_caption"), heads)
    for item in view.plan.unassigned:
        name = word(f"unassigned_{item.table}_{item.reason}", view.language)
        money, time = view.eur(item.cents), view.h(item.seconds)
        _row(grid, name, view.n(item.rows), *((money, "") if item.table == "yields" else ("", time)))
    return grid


def _read(view: View, book: Book) -> str:
    sums = {
        name: view.n(sum(getattr(file, name) for file in book.files))
        for name in ("rows", "assigned", "unassigned", "rejected")
    }
    return view.t("rows_read", files=len(book.files), **sums)


def print_explanation(explanation: Explanation, console: Console, language: Language) -> None:
    """One unit's class and the whole calculation behind it."""
    names = " · ".join(f"{item.name or ''} {item.customer_id}".strip() for item in explanation.members)
    _say(console, f"{names}: {explanation.class_name}", style="bold")
    _say(console, " ".join(say(reason, language) for reason in explanation.decision))
    if explanation.steps:
        steps = listed([say(step, language) for step in explanation.steps], language, "or")
        _say(console, word("report_steps_up", language).format(steps=steps))
    for section in explanation.sections:
        grid = _grid(say(section.title, language), ["", "", ""], words=2)
        grid.show_header = False
        for line in section.lines:
            _line(grid, line, language)
        console.print(grid)
    _say(console, word("report_promised_to", language).format(name=explanation.class_name), style="bold")
    for promise in (*explanation.promises, *explanation.floor):
        _say(console, f"  · {promise}")


def _line(grid: RichTable, line: Line, language: Language) -> None:
    state = "" if line.met is None else f" ({word(f'report_met_{line.met}', language)})"
    label = f"{'  ' * line.depth}{say(line.label, language)}{state}"
    cells = (label, line.reckoned(language), line.figure(language))
    grid.add_row(*(Text(cell) for cell in cells), style="bold" if line.total else "", end_section=line.total)

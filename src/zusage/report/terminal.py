"""A plan or an explanation comes in, lines on a terminal go out: a sentence first, then the figures under it.

Fits into 80 columns, uses up to 100; nothing is said by colour alone; names are printed as they are, never read as
markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from zusage.book.result import Book
from zusage.ground.reasons import Finding
from zusage.ground.words import UNKNOWN, Language, in_width, listed, say, say_finding, word
from zusage.plan import Plan
from zusage.report.explained import Explanation
from zusage.report.html import headline
from zusage.report.lines import Line, Section
from zusage.report.page.classes import classes_answer, shown_classes
from zusage.report.page.grounds import result_answer
from zusage.report.page.hours import hours_answer, hours_remarks
from zusage.report.page.view import Table, View
from zusage.report.writing import counted

WIDTH = 100


def print_summary(plan: Plan, console: Console, language: Language, book: Book | None = None) -> None:
    """What a run found: the answer, the classes, the hours, what has no customer, and the findings."""
    view = View(plan, language, book)
    _say(console, headline(view), style="bold")
    _say(console, classes_answer(view))
    _show(console, _classes(view))
    _say(console, hours_answer(view), style="bold")
    _show(console, _roles(view))
    for remark in hours_remarks(view)[1:]:
        _say(console, remark)
    _say(console, result_answer(view))
    if plan.unassigned:
        _show(console, _unassigned(view))
    if book is not None:
        _say(console, _read(view, book))
    for first, more in _by_kind([finding for finding in plan.findings if finding.severity != "note"]):
        _say(console, f"{word(f'severity_{first.severity}', language)}: {say_finding(first, language)}")
        if more:
            _say(console, "  " + view.t("more_of_this_kind", text=counted("finding", more, language)))
    notes = sum(finding.severity == "note" for finding in plan.findings)
    if notes:
        _say(console, view.t("notes", text=counted("finding", notes, language)))


def _by_kind(findings: Sequence[Finding]) -> list[tuple[Finding, int]]:
    """The first finding of each kind, in their order, and how many more there are of it."""
    kinds = Counter(finding.reason.code for finding in findings)
    firsts = {finding.reason.code: finding for finding in reversed(findings)}
    return [(firsts[code], count - 1) for code, count in kinds.items()]


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(in_width(text, min(WIDTH, console.width)), style=style), soft_wrap=True)


def _show(console: Console, shown: Text | RichTable) -> None:
    console.print(shown, width=min(WIDTH, console.width))


def print_lines(console: Console, text: str, *, bold: bool = False) -> None:
    """A paragraph."""
    _say(console, text, style="bold" if bold else "")


def print_table(console: Console, table: Table) -> None:
    """A table of a page on the terminal."""
    rows = [[str(cell) for cell in row] for row in (*table.rows, *([table.foot] if table.foot else []))]
    words = sum(not head.figure for head in table.heads) or 1
    _show(console, _grid(table.caption, [head.label for head in table.heads], rows, words=words))
    if table.more:
        _say(console, table.more)


def _grid(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> RichTable:
    """A table with hairlines; the first `words` columns hold text, the others figures, which are never broken."""
    grid = RichTable(
        title=Text(title), title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False,
        collapse_padding=True,
    )  # fmt: skip
    for place, head in enumerate(heads):
        side: Literal["left", "right"] = "left" if place < words else "right"
        # a heading per word and line: figures, not their names, make a column as wide as it is
        longest = max((len(part) for row in rows for part in row[place].split()), default=0)
        grid.add_column(
            Text("\n".join(head.split())),
            justify=side,
            overflow="fold",
            no_wrap=place >= words,
            min_width=min(longest, WIDTH // 4),
        )
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid


def _classes(view: View) -> RichTable:
    codes = ("class", f"{view.noun}s", "yield", "cost_short", "contribution_short", "used", "owed", "per_hour")
    rows = [
        [
            f"{view.class_name(item.class_key)} ({view.letter(item.class_key)})",
            view.n(item.units),
            *(view.eur(cents) for cents in (item.yield_cents, item.cost_cents, item.contribution_cents)),
            *(view.h(seconds) for seconds in (item.used_seconds, item.owed_seconds)),
            UNKNOWN if item.euro_per_hour_cents is None else view.eur(item.euro_per_hour_cents),
        ]
        for item in shown_classes(view)
    ]
    return _grid(view.t("classes_caption"), [view.t(f"head_{code}") for code in codes], rows)


def _roles(view: View) -> RichTable:
    rows = []
    for role, months in groupby(view.plan.hours.months, key=lambda month: month.role):
        sums = [(month.owed_seconds, month.there_seconds) for month in months]
        owed, there = (sum(part) for part in zip(*sums, strict=True))
        rows.append([view.role_name(role), view.h(owed), view.h(there), view.h(there - owed)])
    heads = [view.t(f"head_{code}") for code in ("role", "owed_year", "there_year", "rest")]
    return _grid(view.t("fits_caption"), heads, rows)


def _unassigned(view: View) -> RichTable:
    rows = []
    for item in view.plan.unassigned:
        name = word(f"unassigned_{item.table}_{item.reason}", view.language)
        sums = (
            [view.eur(item.cents), ""]
            if item.table == "yields"
            else ["", view.h(item.seconds) if item.seconds else UNKNOWN]
        )
        rows.append([name, view.n(item.rows), *sums])
    heads = [view.t(f"head_{code}") for code in ("reason", "rows", "euro", "hours")]
    return _grid(view.t("unassigned_caption"), heads, rows)


def _read(view: View, book: Book) -> str:
    sums = {
        name: view.n(sum(getattr(file, name) for file in book.files))
        for name in ("rows", "assigned", "unassigned", "rejected")
    }
    return view.t("rows_read", files=counted("file", len(book.files), view.language), **sums)


def print_explanation(explanation: Explanation, console: Console, language: Language) -> None:
    """One unit's class and the whole calculation behind it."""
    names = " · ".join(f"{item.name or ''} {item.customer_id}".strip() for item in explanation.members)
    _say(console, f"{names}: {explanation.class_name}", style="bold")
    _say(console, " ".join(say(reason, language) for reason in explanation.decision))
    if explanation.steps:
        steps = listed([say(step, language) for step in explanation.steps], language, "or")
        _say(console, word("report_steps_up", language).format(steps=steps))
    for section in explanation.sections:
        _show(console, _section(section, language))
    _say(console, word("report_promised_to", language).format(name=explanation.class_name), style="bold")
    for promise in (*explanation.promises, *explanation.floor):
        _say(console, f"  · {promise}")


def _section(section: Section, language: Language) -> RichTable:
    lines = [(_label(line, language), line.reckoned(language), line.figure(language)) for line in section.lines]
    grid = _grid(say(section.title, language), ["", "", ""], lines, words=2)
    grid.show_header = False
    for row, line in zip(grid.rows, section.lines, strict=True):
        row.style, row.end_section = "bold" if line.total else None, line.total
    return grid


def _label(line: Line, language: Language) -> str:
    state = "" if line.met is None else f" ({word(f'report_met_{line.met}', language)})"
    return f"{'  ' * line.depth}{say(line.label, language)}{state}"

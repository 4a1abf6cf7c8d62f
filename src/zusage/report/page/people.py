"""A view of a plan comes in, sections about single customers go out: reasons, over- and under-served, near a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.ground.words import listed, say, word
from zusage.report.explain import explanations
from zusage.report.explained import Explanation
from zusage.report.judged import decision, steps_up
from zusage.report.page.view import Block, Cell, Head, Table, View, anchor
from zusage.report.writing import exact_euro

MOST = 3000
"""A page with more customers than this opens slowly; then only the most interesting ones are in it."""
SHOWN = 25
"""Rows of a list of cases: as many as a person can go through on one day."""
NEAR_PERMILLE = 100
"""Near the next class: at most a tenth more yield leads there."""


@dataclass(frozen=True)
class Person:
    """A unit as a row of the list, with its explanation to open."""

    view: View
    name: str
    unit: dict[str, Any]
    explanation: Explanation

    @cached_property
    def anchor(self) -> str:
        """Where its calculation stands."""
        return anchor(self.explanation.unit_id)

    @cached_property
    def search(self) -> str:
        """What the search looks in: names and numbers, in small letters."""
        found = [text for item in self.explanation.members for text in (item.name, item.customer_id) if text]
        return " ".join(found).lower()

    @cached_property
    def ids(self) -> str:
        """The customer numbers."""
        return " · ".join(item.customer_id for item in self.explanation.members)

    @cached_property
    def cells(self) -> list[tuple[str, Cell]]:
        """The figures of the row, with the code of their column."""
        view, unit = self.view, self.unit
        return [
            ("yield", view.eur(unit["yield_cents"])),
            ("contribution", view.eur(unit["contribution_cents"])),
            ("per_hour", view.per_hour(unit["euro_per_hour_cents"])),
            ("used", view.h(unit["used_seconds"])),
            ("left", view.h(unit["left_seconds"])),
        ]

    @cached_property
    def members(self) -> Table:
        """The customers of a household, each with its own account."""
        view = self.view
        rows: list[list[Cell]] = [
            [item.name or item.customer_id, *(exact_euro(cents, view.language) for cents in item.sums)]
            for item in self.explanation.members
        ]
        sums = [Head(word(f"explain_{name}_total", view.language)) for name in ("yield", "cost", "contribution")]
        return Table(view.t("members_caption"), [*view.text_heads("name"), *sums], rows)

    @cached_property
    def decided(self) -> str:
        """What decided, in one paragraph."""
        return _why(self.view, self.unit)

    @cached_property
    def steps(self) -> str:
        """What would lift it, as a sentence; empty where nothing alone does."""
        return steps_text(self.view, self.unit)


def steps_text(view: View, unit: dict[str, Any]) -> str:
    """`420 € mehr Ertrag im Jahr oder ein Vertrag mehr`; empty where no single step is enough."""
    return listed([say(step, view.language) for step in steps_up(unit, view.language)], view.language, "or")


def reasons(view: View) -> Block:
    """Every customer with the reasons for the class, to search and to open."""
    count, shown = view.plan.units.shape[0], min(MOST, view.plan.units.shape[0])
    remarks = [view.t("reasons_how")]
    if shown < count:
        remarks.append(view.t("reasons_part", shown_count=shown, all_count=count))
    answer = view.t("reasons_answer", units=view.units(count))
    return Block("customers", view.t("reasons_topic"), answer, remarks, part="people")


def people(view: View) -> Iterator[Person]:
    """The rows of the list, the largest yield first."""
    units = chosen(view.plan.units).sort("yield_cents", "unit_id", descending=[True, False])
    rows = engine.rows(units)
    ids = [row["unit_id"] for row in rows]
    names = view.unit_names(ids)
    for row, explanation in zip(rows, explanations(view.plan, ids, view.language), strict=True):
        yield Person(view, names[row["unit_id"]], row, explanation)


def chosen(units: nw.DataFrame[Any], most: int = MOST) -> nw.DataFrame[Any]:
    """The units a page holds: all, or those waiting, undecided, near a class, far over or under, and the largest."""
    if units.shape[0] <= most:
        return units
    part = most // 6
    groups = [
        units.filter(~nw.col("waiting_for").is_null()).sort("unit_id").head(part),
        units.filter("undecided").sort("yield_cents", "unit_id", descending=[True, False]).head(part),
        near(units).head(part),
        _over(units).head(part),
        _under(units).head(part),
        units.sort("yield_cents", "unit_id", descending=[True, False]).head(most),
    ]
    ids = list(dict.fromkeys(key for group in groups for key in group["unit_id"].to_list()))[:most]
    return units.filter(nw.col("unit_id").is_in(ids))


def near(units: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Units that more yield alone lifts to a better class, the least step first."""
    return units.filter(~nw.col("more_yield_cents").is_null()).sort("more_yield_cents", "unit_id")


def _over(units: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    return units.filter(nw.col("served") == "over").sort("left_seconds", "unit_id")


def _under(units: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    lacking = (nw.col("granted_seconds") - nw.col("promised_seconds")).alias("lacking_seconds")
    return units.filter(nw.col("served") == "under").with_columns(lacking).sort("lacking_seconds", "unit_id")


def _list(
    view: View,
    code: str,
    columns: Sequence[Head],
    units: nw.DataFrame[Any],
    cells: Callable[[dict[str, Any]], list[Cell]],
) -> Table:
    """The first rows of a list of cases; how many more there are stands under it."""
    rows = engine.rows(units.head(SHOWN))
    names = view.unit_names([row["unit_id"] for row in rows])
    rest = units.shape[0] - len(rows)
    return Table(
        view.t(f"{code}_caption"),
        columns,
        [[view.link(row["unit_id"], names[row["unit_id"]]), view.plate(row["class_key"]), *cells(row)] for row in rows],
        more=view.t("more_rows", rest_count=rest) if rest else "",
    )


def _why(view: View, row: dict[str, Any]) -> str:
    return " ".join(say(reason, view.language) for reason in decision(view.plan.policy, row, view.language))


def served(view: View) -> Block:
    """Who uses more time than the yield pays for, and who gets less than promised."""
    over, under = _over(view.plan.units), _under(view.plan.units)
    answer = view.t("served_answer", over=view.units(over.shape[0]), under=view.units(under.shape[0]))
    beyond = -sum(over["left_seconds"].to_list())
    remarks = (view.t("served_over", hours=view.whole_h(beyond)), view.t("served_under"))
    columns = view.text_heads("name", "class")
    tables = [
        _list(
            view,
            "over",
            [*columns, *view.number_heads("used", "earned", "beyond")],
            over,
            lambda row: [view.h(row["used_seconds"]), view.h(row["earned_seconds"]), view.h(-row["left_seconds"])],
        ),
        _list(
            view,
            "under",
            [*columns, *view.number_heads("promised", "granted", "lacking")],
            under,
            lambda row: (
                [view.h(row[f"{name}_seconds"]) for name in ("promised", "granted")] + [view.h(-row["lacking_seconds"])]
            ),
        ),
    ]
    return Block("served", view.t("served_topic"), answer, remarks, (), [table for table in tables if table.rows])


def moving(view: View) -> Block:
    """Who is near the next class, who is undecided, who waits for a place."""
    units = view.plan.units
    close = near(units)
    tenth = close.filter(nw.col("more_yield_cents") * 1000 <= nw.col("yield_cents") * NEAR_PERMILLE).shape[0]
    undecided, waiting = units.filter("undecided").sort("unit_id"), units.filter(~nw.col("waiting_for").is_null())
    answer = view.t("moving_answer", units=view.units(tenth), near_permille=NEAR_PERMILLE)
    remarks = (view.t("moving_open", undecided=view.units(undecided.shape[0]), waiting=view.units(waiting.shape[0])),)
    step = [*view.text_heads("name", "class"), *view.number_heads("yield"), *view.text_heads("steps")]
    open_heads = view.text_heads("name", "class", "why")
    tables = [
        _list(view, "near", step, close, lambda row: [view.eur(row["yield_cents"]), steps_text(view, row)]),
        _list(view, "undecided", open_heads, undecided, lambda row: [_why(view, row)]),
        _list(view, "waiting", open_heads, waiting.sort("unit_id"), lambda row: [_why(view, row)]),
    ]
    return Block("moving", view.t("moving_topic"), answer, remarks, (), [table for table in tables if table.rows])

"""A plan's year by weeks comes in, sentences, a table, figures for programs and rows of who is due when go out.

For pages and the terminal: `week_sentences`, `weeks_table`. For `--json`: `weeks_json`. For calendars: `contact_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from zusage.capacity.weeks import YearPlan
from zusage.ground.words import UNKNOWN, percent
from zusage.report.page.view import Cell, Table, View


def week_sentences(view: View, year: YearPlan) -> list[str]:
    """For each role the fullest week of the levelled year, and what a working day of one person is in it."""
    return [_sentence(view, year, role.key) for role in view.plan.policy.roles]


def _sentence(view: View, year: YearPlan, role: str) -> str:
    worst = year.worst(role)
    if worst.permille is None:
        return view.t("week_nobody", role=view.role_name(role), monday_on=worst.monday, owed_seconds=worst.owed_seconds)
    return view.t(
        "week_worst",
        role=view.role_name(role),
        monday_on=worst.monday,
        taken=percent(_whole(worst.permille), view.language),
        day_seconds=year.hours_a_day(role)[year.mondays.index(worst.monday)],
        usual_seconds=year.usual_day(role),
    )


def weeks_table(view: View, year: YearPlan) -> Table:
    """Each week with its share of the hours for each role, and a working day of one person."""
    roles = [item.key for item in view.plan.policy.roles]
    shares = {role: year.utilisation_permille(role) for role in roles}
    days = {role: year.hours_a_day(role) for role in roles}
    rows: list[list[Cell]] = [
        [view.t("week_of", monday_on=monday), *(_cell(view, shares[role][week], days[role][week]) for role in roles)]
        for week, monday in enumerate(year.mondays)
    ]
    heads = [*view.text_heads("week"), *view.role_heads()]
    return Table(view.t("weeks_caption"), heads, rows, more=view.t("weeks_note"), folded=True)


def _cell(view: View, permille: int | None, day: int | None) -> str:
    if permille is None or day is None:
        return UNKNOWN
    return view.t("week_cell", taken=percent(_whole(permille), view.language), day=view.h(day))


def _whole(permille: int) -> int:
    """To the full percent, upwards: what is over a limit never seems to be on it."""
    return -(-permille // 10) * 10


def weeks_json(year: YearPlan) -> dict[str, Any]:
    """The year for other programs: per role and week hours owed, levelled and there, in seconds; days as ISO text."""
    roles = [item.key for item in year.policy.roles]
    return {
        "answer": year.answer,
        "mondays": [monday.isoformat() for monday in year.mondays],
        "relief_on": year.relief_on.isoformat() if year.relief_on else None,
        "costs": [asdict(item) for item in year.costs],
        "roles": {
            role: {
                "owed_seconds": year.seconds(role, levelled=False),
                "levelled_seconds": year.seconds(role),
                "there_seconds": [week.seconds for week in year.weeks_there(role)],
                "limit_seconds": [week.limit_seconds for week in year.weeks_there(role)],
                "utilisation_permille": year.utilisation_permille(role),
                "day_seconds": year.hours_a_day(role),
                "usual_day_seconds": year.usual_day(role),
                "bound_permille": year.bound_permille[role],
            }
            for role in roles
        },
    }


def contact_rows(year: YearPlan, first: date, last: date) -> Sequence[Mapping[str, Any]]:
    """Who is due in which week of the levelled year: rows as `promises.touchpoints.DUE` has them, `due_on` the Monday
    of the week each is planned for, `due_by` the day by which it is promised."""
    return [
        {
            "due_on": item.monday,
            "unit_id": item.unit_id,
            "class_key": item.class_key,
            "service": item.service,
            "role": item.role,
            "due_by": item.due_on,
        }
        for item in year.contacts
        if first <= item.monday <= last
    ]

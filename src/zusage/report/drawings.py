"""What was found of the way ahead and of the year comes in, the charts that show it go out; charts become files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from zusage.capacity.weeks import YearPlan
from zusage.ground.reasons import Refused, mistake
from zusage.outlook.ahead import Course, Outlook, day_course
from zusage.report.charts import Spec, can_draw, drawn, figure, hours_a_day, utilisation
from zusage.report.outlook import Spoken, story
from zusage.report.writing import long_day

POINTS = 80
"""Points of a line: the eye sees no more."""


def growing_days(view: Spoken, outlook: Outlook) -> Spec:
    """How long the day of one person of each role gets, with the weeks in which the promises no longer fit."""
    mid = outlook.courses["mid"]
    weeks = range(0, len(mid.mondays), max(1, len(mid.mondays) // POINTS))
    rows: list[Mapping[str, Any]] = []
    for role in view.plan.policy.roles:
        cases = [_hours(view, course, role.key) for course in outlook.courses.values()]
        middle = _hours(view, mid, role.key)
        rows += [
            {
                "on": mid.mondays[week].isoformat(),
                "who": view.role_name(role.key),
                "mid": middle[week],
                "low": min(case[week] for case in cases),
                "high": max(case[week] for case in cases),
            }
            for week in weeks
        ]
    tipping = outlook.tipping
    tips = []
    if tipping.monday is not None and not tipping.now:
        tips = [{"on": tipping.monday.isoformat(), "text": long_day(tipping.monday, view.language)}]
    return hours_a_day(rows, tips, story(view, outlook), view.language)


def _hours(view: Spoken, course: Course, role: str) -> list[float]:
    return [round(seconds / 3600, 3) for seconds in day_course(view.plan, course, role)]


def full_weeks(view: Spoken, year: YearPlan, title: str) -> Spec:
    """How full the hours of each role are in each week of the year; weeks without anybody are left out."""
    rows = [
        {"on": peak.monday.isoformat(), "who": view.role_name(role.key), "permille": peak.permille}
        for role in year.policy.roles
        for peak in year.peaks(role.key)
        if peak.permille is not None and peak.there_seconds
    ]
    return utilisation(rows, year.policy.utilisation_permille, title, view.language)


def figures_of(specs: Sequence[Spec]) -> list[Markup]:
    """Charts for a page; none where nothing can draw them."""
    return [figure(spec) for spec in specs] if can_draw() else []


def check_kind(kind: str | None) -> None:
    """Raises Refused for other kinds than svg and png, and where nothing can draw."""
    if kind not in (None, "svg", "png"):
        raise Refused([mistake("charts_kind", text=str(kind))])
    if kind is not None and not can_draw():
        raise Refused([mistake("charts_cannot_draw")])


def write_charts(specs: Mapping[str, Spec], folder: Path, kind: str | None) -> list[Path]:
    """One file per chart, named by its key, as svg or png; none where no kind is asked for. Raises as `check_kind`."""
    check_kind(kind)
    if kind is None:
        return []
    written = []
    for name, spec in specs.items():
        written.append(folder / f"{name}.{kind}")
        written[-1].write_bytes(drawn(spec, "png" if kind == "png" else "svg"))
    return written

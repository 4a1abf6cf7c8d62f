"""A plan and the tables of its book come in, what new units take in their first year goes out, counted from the log.

A plan weighs each row by the days its log covers, as if everybody had been there all along; who is new was not. Here
the first years count by the days that newcomers were there while the log ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.cost.work import activity_table, pairs, recognised_work, spent
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.plan import Plan

FIRST_DAYS = 365
LEAST_DAYS = 10 * FIRST_DAYS
"""With fewer days of newcomers seen in every log, new ones are reckoned like their class."""
BELIEVED = 20
"""To the contacts seen so many are added that are like those of the class. An assumption: of twenty contacts a quarter
more or less is chance."""


@dataclass(frozen=True)
class Counted:
    """A role's seconds of a unit in its first year, asked and duty: as counted, and as the plan has them for new."""

    seconds: int
    usual: int
    contacts: int  # seen


def first_year(plan: Plan, tables: Mapping[str, Frame], usual: Mapping[str, int]) -> dict[str, Counted]:
    """What new units take in their first year, by role; `usual` are the seconds the plan has for them. A role is left
    out where newcomers were seen for too few days in one of the logs its work stands in."""
    since = [first for first in plan.units["since"].to_list() if first is not None]
    days = {log: sum(_overlap(first, span) for first in since) for log, span in _spans(plan, tables)}
    seen = [log for log, count in days.items() if count >= LEAST_DAYS]
    taken, contacts = dict.fromkeys(usual, 0), dict.fromkeys(usual, 0)
    for row in engine.rows(_work(plan, tables, seen)) if seen else ():
        role = pairs(plan.policy)[row["pair"]].role
        taken[role] += half_up(row["spent"] * FIRST_DAYS, days[row["log"]])
        contacts[role] += row["rows"]
    whole = [role for role in usual if contacts[role] and _logs_of(plan, role) & {*days} <= {*seen}]
    return {
        role: Counted(
            half_up(taken[role] * contacts[role] + usual[role] * BELIEVED, contacts[role] + BELIEVED),
            usual[role],
            contacts[role],
        )
        for role in whole
    }


def _logs_of(plan: Plan, role: str) -> set[str]:
    """The logs in which work of a role is looked for."""
    own = [item for item in plan.policy.activities if item.role == role and item.cause != "granted"]
    return {rule.log for item in own for rule in item.match if rule.log}


def _spans(plan: Plan, tables: Mapping[str, Frame]) -> Iterator[tuple[str, tuple[date, date]]]:
    """First and last day of each log within the window of the plan."""
    for row in engine.rows(tables["logs"]):
        yield row["log"], (max(row["first_on"], plan.periods.work_from), min(row["last_on"], plan.periods.as_of))


def _overlap(since: date, span: tuple[date, date]) -> int:
    """Days of a unit's first year that a log covers."""
    return max(0, (min(span[1], since + timedelta(days=FIRST_DAYS - 1)) - max(span[0], since)).days + 1)


def _work(plan: Plan, tables: Mapping[str, Frame], logs: list[str]) -> Frame:
    """Seconds and contacts of first years, by log and pair of cause and role; ways to the customer included."""
    policy = plan.policy
    units = plan.units.lazy().select("unit_id", "since", "distance_m")
    members = plan.memberships.lazy().select("customer_id", "unit_id").join(units, on="unit_id", how="inner")
    rows = recognised_work(tables["work"].filter(nw.col("log").is_in(logs)), policy, plan.periods)
    rows = rows.join(activity_table(policy), on="activity", how="inner").join(members, on="customer_id", how="inner")
    way = engine.divide(2 * nw.col("distance_m") * policy.travel.seconds_per_km, 1000) * nw.col("travels")
    young = (nw.col("done_on") >= nw.col("since")) & (nw.col("done_on") < nw.col("since") + timedelta(days=FIRST_DAYS))
    return (
        rows.filter(young & (nw.col("before") == 1))
        .with_columns((spent(policy) + way).alias("spent"))
        .group_by("log", "pair")
        .agg(nw.col("spent").sum(), nw.len().cast(nw.Int64).alias("rows"))
    )


def like_class(plan: Plan, shares: Mapping[str, float]) -> dict[str, int]:
    """Seconds of a year, asked and duty, by role, that the plan has for a new unit: those of whom it calls new, else of
    the classes they settle in."""
    units: dict[str, Any] = {item.class_key: item.units for item in plan.classes}
    parts: Mapping[str, float] = {"provisional": 1.0} if units.get("provisional") else shares
    found = dict.fromkeys((role.key for role in plan.policy.roles), 0.0)
    for load in plan.hours.loads:
        if load.source in ("asked", "duty") and load.class_key is not None and units[load.class_key]:
            found[load.role] += load.seconds / units[load.class_key] * parts.get(load.class_key, 0.0)
    return {role: round(seconds) for role, seconds in found.items()}

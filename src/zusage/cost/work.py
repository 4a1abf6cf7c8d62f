"""Logged work comes in, each customer's observed work goes out: contacts and weighted seconds by cause and role.

Every row counts with the weight 1 / (b + t): b is the policy's prior in years, t the years its log covers. The prior
part a / (b + t) is added later from the number of contracts, so that a customer nobody has called yet is neither free
nor a guess. Weights are integers (millionths of "a year of"), sums are exact and do not depend on the order of rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import narwhals as nw

from zusage import engine
from zusage.cost.periods import Periods
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.policy.document import CAUSES, Activity, Policy

MILLION = 1_000_000
DIRECT_LOGS = ("times", "desk")
"""Logs whose rows name their activity themselves; an activity without match rules is looked for there."""


@dataclass(frozen=True, order=True)
class Pair:
    """A cause and the role that does the work: the finest split at which time has one price."""

    cause: str
    role: str

    @property
    def seconds(self) -> str:
        return f"{self.cause}_{self.role}_seconds"

    @property
    def visits(self) -> str:
        return f"{self.cause}_{self.role}_visits_milli"


def pairs(policy: Policy) -> list[Pair]:
    """The pairs of cause and role that the policy's activities have, duty first."""
    found = {Pair(item.cause, item.role) for item in policy.activities}
    return sorted(found, key=lambda pair: (CAUSES.index(pair.cause), pair.role))


def travelling(policy: Policy) -> list[Pair]:
    """The pairs with work done at the customer's place."""
    return [pair for pair in pairs(policy) if any(item.travel for item in _of(policy, pair))]


def _of(policy: Policy, pair: Pair) -> list[Activity]:
    return [item for item in policy.activities if (item.cause, item.role) == (pair.cause, pair.role)]


def weight(days: int, policy: Policy, periods: Periods) -> int:
    """Millionths of a contact a year that one logged row stands for, given the days its log covers: 1 / (b + t)."""
    year = periods.year_days_milli
    covered = policy.evidence.prior_milli * year // 1000 + days * 1000
    return half_up(MILLION * year, covered) if covered else 0


def observed_days(item: Activity, periods: Periods) -> int:
    """Days for which an activity would have been seen: the longest of the logs its rules look into."""
    logs = {rule.log for rule in item.match} or set(DIRECT_LOGS)
    known = periods.log_days
    return max([days for log, days in known.items() if log in logs or None in logs], default=0)


def observed_work(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> Frame:
    """One row per customer with work: customer_id, and as sums of weighted rows

    - for each Pair: seconds (millionths of a second a year), visits where it travels (millionths of a visit a year);
    - `{cause}_materials` millionths of a cent a year; `contacts` millionths of a contact a year (duty and asked);
    - `seen` logged rows of duty and asked work; `measured` weighted seconds that were measured, not standard.
    """
    rows = recognised_work(tables["work"], policy, periods).join(activity_table(policy), on="activity", how="inner")
    alike = len(set(log_weights(policy, periods).values())) <= 1

    def weighed(value: nw.Expr) -> nw.Expr:
        """A value of a row by its weight; where all rows weigh alike, their sums are weighed below instead."""
        return value if alike else value * nw.col("weight")

    rows = rows.with_columns(spent(policy).alias("spent"))
    found = pairs(policy)
    zero = nw.lit(0, nw.Int64)

    def only(pair: Pair, value: str) -> nw.Expr:
        return nw.when(nw.col("pair") == found.index(pair)).then(weighed(nw.col(value))).otherwise(zero).sum()

    sums = {pair.seconds: only(pair, "spent") for pair in found}
    sums |= {pair.visits: only(pair, "travels") for pair in travelling(policy)}
    for index, cause in enumerate(CAUSES):
        if any(item.materials_cents for item in policy.activities if item.cause == cause):
            of_cause = nw.when(nw.col("cause") == index).then(weighed(nw.col("materials")))
            sums[f"{cause}_materials"] = of_cause.otherwise(zero).sum()
    sums["contacts"] = weighed(nw.col("before")).sum()
    sums["measured"] = weighed(nw.col("seconds")).sum()  # unknown seconds add nothing
    grouped = rows.group_by("customer_id").agg(
        *(value.alias(name) for name, value in sums.items()), nw.col("before").sum().alias("seen")
    )
    if not alike:
        return grouped
    return grouped.with_columns((nw.col(name) * _weight(policy, periods)).alias(name) for name in sums)


def spent(policy: Policy) -> nw.Expr:
    """Seconds of a row joined with its activity: measured or by the standard, and the work around it."""
    is_measured = ~nw.col("seconds").is_null()
    return nw.when(is_measured).then(nw.col("seconds")).otherwise(_standard(policy)) + nw.col("around")


def _standard(policy: Policy) -> nw.Expr:
    """Standard time by the time equation; a driver that no activity has costs no pass over the rows."""
    drivers = (("per_line", "lines"), ("if_new", "new"), ("if_rush", "rush"))
    used = [pair for pair in drivers if any(getattr(item, f"{pair[0]}_seconds") for item in policy.activities)]
    driven = [nw.col(seconds) * nw.col(driver).fill_null(0) for seconds, driver in used]
    return nw.sum_horizontal("standard", *driven)


def activity_table(policy: Policy) -> Frame:
    """The activities as a small table to join: times, pair, cause; columns that are all zero cost nothing."""
    items = policy.activities
    found = pairs(policy)
    return engine.table(
        {
            "activity": [item.key for item in items],
            "pair": [found.index(Pair(item.cause, item.role)) for item in items],
            "cause": [CAUSES.index(item.cause) for item in items],
            "before": [int(item.cause != "granted") for item in items],
            "standard": [item.seconds for item in items],
            "per_line": [item.per_line_seconds for item in items],
            "if_new": [item.if_new_seconds for item in items],
            "if_rush": [item.if_rush_seconds for item in items],
            "around": [item.around_seconds for item in items],
            "materials": [item.materials_cents for item in items],
            "travels": [int(item.travel) for item in items],
        },
        {"activity": nw.String}
        | dict.fromkeys(
            ("pair", "cause", "before", "standard", "per_line", "if_new", "if_rush", "around", "materials", "travels"),
            nw.Int64(),
        ),
    )


def recognised_work(work: Frame, policy: Policy, periods: Periods) -> Frame:
    """Work rows of the window with `activity` filled by the match rules (unknown where none fits) and `weight`."""
    inside = work.filter((nw.col("done_on") >= periods.work_from) & (nw.col("done_on") <= periods.as_of))
    return inside.with_columns(_activity(policy).alias("activity"), _weight(policy, periods).alias("weight"))


def _activity(policy: Policy) -> nw.Expr:
    rules = [(item.key, rule) for item in policy.activities for rule in item.match]
    if not rules:
        return nw.col("activity")
    topic = nw.col("topic").fill_null("").str.to_lowercase()

    def fits(log: str | None, direction: str | None, place: str | None, part: str | None) -> nw.Expr:
        tests = [
            nw.col(name) == value for name, value in (("log", log), ("direction", direction), ("place", place)) if value
        ]
        tests += [topic.str.contains(part.lower(), literal=True)] if part else []
        return reduce(lambda one, other: one & other, tests) if tests else nw.lit(value=True)

    # the first rule that fits wins, so the chain is built from its end
    chain = nw.lit(None, nw.String)
    for key, rule in reversed(rules):
        chain = nw.when(fits(rule.log, rule.direction, rule.place, rule.topic)).then(nw.lit(key)).otherwise(chain)
    return nw.when(nw.col("activity").is_null()).then(chain).otherwise(nw.col("activity"))


def log_weights(policy: Policy, periods: Periods) -> dict[str, int]:
    """The weight of a row of each log."""
    return {log: weight(days, policy, periods) for log, days in periods.log_days.items()}


def _weight(policy: Policy, periods: Periods) -> nw.Expr:
    weights = log_weights(policy, periods)
    # a row that names no log that is known: by the longest one, so that it never counts for more than it may
    least = min(weights.values(), default=weight(0, policy, periods))
    if len(set(weights.values())) <= 1:
        return nw.lit(least, nw.Int64)
    chain = nw.lit(weights.get("times", least), nw.Int64)
    for log, value in weights.items():
        chain = nw.when(nw.col("log") == log).then(nw.lit(value, nw.Int64)).otherwise(chain)
    return chain

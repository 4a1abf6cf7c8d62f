"""Accounts and the policy come in, the firm's own statement goes out: where its hours went, and the bridge from the sum
of all contributions to the firm's yearly result.

Unlogged work is not idle time: hours that no log saw and no standard explains are "not observed", unless the policy
says that everything a role does is logged; only then the rest was unused. Overuse is negative unused time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import narwhals as nw

from zusage import engine
from zusage.cost.accounts import RATE_UNIT, yearly_cost
from zusage.cost.periods import Periods
from zusage.cost.work import MILLION, pairs, weight
from zusage.cost.yields import YIELD_COLUMNS, yearly_yields
from zusage.engine import Frame, divide
from zusage.ground.money import half_up
from zusage.policy.document import Policy


@dataclass(frozen=True)
class RoleHours:
    """Practical capacity of a role in a year and what became of it, in seconds; the parts add up to the capacity."""

    role: str
    capacity_seconds: int
    customers_seconds: int  # duty, asked and granted work of all customers
    unassigned_seconds: int  # logged, but no customer found
    internal_seconds: int
    not_observed_seconds: int
    unused_seconds: int  # negative: more was done than there is capacity
    rate: int  # thousandths of a cent per hour

    def cents(self, seconds: int) -> int:
        """What so much time of this role costs."""
        return half_up(seconds * self.rate, RATE_UNIT)


@dataclass(frozen=True)
class BridgeLine:
    """One step from the sum of contributions to the firm's result; `code` names it in the word lists."""

    code: str
    cents: int


@dataclass(frozen=True)
class Unassigned:
    """What found no customer, per table and reason; shown, never spread."""

    table: str
    reason: str
    rows: int
    cents: int
    seconds: int


def unassigned_sums(tables: Mapping[str, Frame]) -> list[Unassigned]:
    """The rows that found no customer, summed as booked and logged (not set to a year)."""
    found = (
        tables["unassigned"]
        .group_by("table", "reason")
        .agg(
            nw.len().cast(nw.Int64).alias("rows"),
            nw.col("amount_cents").fill_null(0).sum().alias("cents"),
            nw.col("seconds").fill_null(0).sum().alias("seconds"),
        )
    )
    return [Unassigned(**row) for row in engine.rows(found.sort("table", "reason"))]


def role_hours(accounts: Frame, tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> list[RoleHours]:
    """The capacity of each role of a year and what became of it."""
    found = pairs(policy)
    spent = _totals(accounts, [pair.seconds for pair in found])
    lost = _unassigned_by_role(tables, policy, periods)
    result = []
    for role in policy.roles:
        customers = sum(spent[pair.seconds] for pair in found if pair.role == role.key)
        internal, capacity = role.internal_seconds_year(), role.capacity_seconds()
        rest = capacity - customers - lost.get(role.key, 0) - internal
        seen = role.all_logged or rest < 0
        result.append(
            RoleHours(
                role=role.key,
                capacity_seconds=capacity,
                customers_seconds=customers,
                unassigned_seconds=lost.get(role.key, 0),
                internal_seconds=internal,
                not_observed_seconds=0 if seen else rest,
                unused_seconds=rest if seen else 0,
                rate=role.rate(periods.as_of),
            )
        )
    return result


def _totals(accounts: Frame, columns: Sequence[str]) -> dict[str, int]:
    if not columns:
        return {}
    return {name: value or 0 for name, value in engine.rows(accounts.select(nw.col(*columns).sum()))[0].items()}


def _unassigned_by_role(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> dict[str, int]:
    """Seconds of a year of logged work without a customer, given to the role whose activity the log knows first."""
    lost = tables["unassigned"].filter(
        (nw.col("table") == "work")
        & (nw.col("booked_on") >= periods.work_from)
        & (nw.col("booked_on") <= periods.as_of)
    )
    sums = engine.rows(lost.group_by("log").agg(nw.col("seconds").fill_null(0).sum(), nw.len().alias("rows")))
    found: dict[str, int] = {}
    for row in sums:
        known = [item for item in policy.activities if any(rule.log in (row["log"], None) for rule in item.match)]
        if known:
            spent = row["seconds"] + row["rows"] * known[0].around_seconds
            year = half_up(spent * weight(periods.log_days.get(row["log"], 0), policy, periods), MILLION)
            found[known[0].role] = found.get(known[0].role, 0) + year
    return found


def bridge(
    accounts: Frame, hours: Sequence[RoleHours], tables: Mapping[str, Frame], policy: Policy, periods: Periods
) -> list[BridgeLine]:
    """From the sum of all contributions to the firm's yearly result, line by line; the last line is the result.

    Each line is a sum of what the customers' accounts do not hold: yield without a customer, time of the roles that no
    customer caused, overhead beyond the base cost. `bridge_rounding` is what whole cents per customer leave over.
    """
    sums = _totals(accounts, ["contribution_cents", "yield_cents", "base_cents", "cost_cents", *_direct(policy)])
    unassigned = _unassigned_yield(tables, periods)
    former = _former_yield(tables, policy, periods)
    lines = [
        BridgeLine("bridge_contributions", sums["contribution_cents"]),
        BridgeLine("bridge_unassigned_yield", unassigned),
        BridgeLine("bridge_former", former),
    ]
    if not periods.first_hour:
        lines += _cost_lines(hours, sums, policy, periods)
    result = (
        sums["yield_cents"] + unassigned + former - _direct_cents(sums, policy) - yearly_cost(policy, periods.as_of)
    )
    lines.append(BridgeLine("bridge_rounding", result - sum(line.cents for line in lines)))
    return [*lines, BridgeLine("bridge_result", result)]


def _direct(policy: Policy) -> list[str]:
    """Columns of cost that is paid out for a customer and is in no role's yearly cost."""
    return [f"{cause}_{part}_cents" for cause in ("duty", "asked", "granted") for part in ("travel", "materials")]


def _direct_cents(sums: Mapping[str, int], policy: Policy) -> int:
    return sum(sums[name] for name in _direct(policy))


def _cost_lines(
    hours: Sequence[RoleHours], sums: Mapping[str, int], policy: Policy, periods: Periods
) -> list[BridgeLine]:
    parts = ("unassigned", "internal", "not_observed", "unused")
    return [
        *(
            BridgeLine(f"bridge_{part}", -sum(item.cents(getattr(item, f"{part}_seconds")) for item in hours))
            for part in parts
        ),
        BridgeLine("bridge_overhead", sums["base_cents"] - policy.overhead.on(periods.as_of)),
    ]


def _unassigned_yield(tables: Mapping[str, Frame], periods: Periods) -> int:
    """Yield of a year that found no customer: what was booked in the window, set to a year."""
    lost = tables["unassigned"].filter(
        (nw.col("table") == "yields")
        & (nw.col("booked_on") >= periods.money_from)
        & (nw.col("booked_on") <= periods.money_to)
    )
    cents = _totals(lost, ["amount_cents"])["amount_cents"]
    return half_up(cents * 12, max(periods.covered_months, 1))


def _former_yield(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> int:
    """Yield of a year of customers who have left: they have no account and no class, but the firm had the money."""
    left = tables["customers"].filter(nw.col("former")).select("customer_id")
    if not engine.has_rows(left):  # else all yields would be summed once more, for nothing
        return 0
    yields = yearly_yields(tables, policy, periods).join(left, on="customer_id", how="inner")
    return sum(_totals(yields, YIELD_COLUMNS).values())


def blended_rate(policy: Policy, day: date) -> int:
    """Thousandths of a cent per hour over all roles: yearly cost ÷ practical capacity of all."""
    cost = sum(role.yearly_cost.on(day) for role in policy.roles)
    return half_up(cost * 1000 * 3600, sum(role.capacity_seconds() for role in policy.roles))


def with_earned_time(units: Frame, hours: Sequence[RoleHours], policy: Policy, day: date) -> Frame:
    """Adds earned_seconds, used_seconds, left_seconds to units: service time a yield pays for, asked and granted.

    (yield − materials − travel − base cost − floor work − wanted margin) ÷ cost rate; scaled down where the sum over
    all units exceeds the hours left after floor and internal work; at least the minimum number of contacts.
    """
    rate = blended_rate(policy, day)
    paid = nw.sum_horizontal(
        *(f"{cause}_{part}_cents" for cause in ("asked", "granted") for part in ("travel", "materials"))
    )
    margin = divide(nw.col("yield_cents") * policy.earned.margin_permille, 1000)
    cents = nw.col("yield_cents") - paid - nw.col("base_cents") - nw.col("duty_cents") - margin
    earned = nw.when(cents > 0).then(divide(cents * RATE_UNIT, rate)).otherwise(nw.lit(0, nw.Int64))
    units = units.with_columns(earned.alias("earned_seconds"))
    scale = _scale(units, hours, policy)
    least = half_up(policy.earned.minimum_contacts_milli * _contact_seconds(policy), 1000)
    scaled = divide(nw.col("earned_seconds") * scale, 1000)
    return units.with_columns(
        nw.max_horizontal(scaled, nw.lit(least, nw.Int64)).alias("earned_seconds"),
        (nw.col("asked_seconds") + nw.col("granted_seconds")).alias("used_seconds"),
    ).with_columns((nw.col("earned_seconds") - nw.col("used_seconds")).alias("left_seconds"))


def _scale(units: Frame, hours: Sequence[RoleHours], policy: Policy) -> int:
    """Permille to which earned time is cut, so that no more is granted than there is after floor and internal work."""
    sums = _totals(units, ["earned_seconds", "duty_seconds"])
    there = sum(item.capacity_seconds - item.internal_seconds for item in hours) - sums["duty_seconds"]
    return 1000 if sums["earned_seconds"] <= there else max(0, there * 1000 // sums["earned_seconds"])


def _contact_seconds(policy: Policy) -> int:
    """Standard time of an asked contact, the mean over the asked activities by how often they are expected."""
    asked = [item for item in policy.activities if item.cause == "asked"]
    weights = [item.expected_milli + item.expected_per_contract_milli or 1 for item in asked]
    times = [(item.seconds + item.around_seconds) * times for item, times in zip(asked, weights, strict=True)]
    return half_up(sum(times), sum(weights)) if asked else 0

"""The whole way in one call: a book and a policy come in, accounts, classes, promises and hours go out.

Nothing here reckons; each step stands in its own package, this file hands the tables on and holds the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.book.tables import SCHEMAS
from zusage.capacity import HoursCheck, check_hours
from zusage.classes import LEVERS, assign_classes, long_parts
from zusage.cost import Periods, customer_accounts, find_periods, unit_accounts
from zusage.cost.firm import BridgeLine, RoleHours, Unassigned, bridge, role_hours, unassigned_sums, with_earned_time
from zusage.cost.work import recognised_work
from zusage.cost.yields import window_start
from zusage.engine import Frame, Schema
from zusage.ground.reasons import Finding, Place, Refused, mistake, note, warning
from zusage.policy.document import Policy
from zusage.promises.owed import class_promises, owed

PREVIOUS: Schema = {"customer_id": nw.String, "class_key": nw.String}
MEMBERSHIPS = (
    *("customer_id", "unit_id", "name", "class_key", "previous_key", "because", "undecided", "waiting_for"),
    *LEVERS,
)
OVER_PERMILLE, UNDER_PERMILLE = 1250, 500
"""Over-served: more time used than a quarter above what is earned; under-served: less than half of what is promised."""


@dataclass(frozen=True)
class ClassSum:
    """A class in one line, all of a year. Cents and seconds; contribution in its positive and negative parts."""

    class_key: str
    customers: int
    units: int
    undecided: int
    waiting: int
    yield_cents: int
    cost_cents: int
    contribution_cents: int
    carried_cents: int  # sum of negative contributions: what others carry
    service_seconds: int
    earned_seconds: int
    used_seconds: int
    owed_seconds: int  # by the promises and the expected requests
    euro_per_hour_cents: int | None


@dataclass(frozen=True)
class Plan:
    """Everything a run found: accounts and memberships per customer, units per household or customer, sums."""

    policy: Policy
    periods: Periods
    accounts: nw.DataFrame[Any]
    units: nw.DataFrame[Any]
    memberships: nw.DataFrame[Any]
    parts: Frame
    promises: Frame
    classes: tuple[ClassSum, ...]
    roles: tuple[RoleHours, ...]
    hours: HoursCheck
    bridge: tuple[BridgeLine, ...]
    unassigned: tuple[Unassigned, ...]
    findings: tuple[Finding, ...]


def make_plan(
    tables: Mapping[str, Frame],
    policy: Policy,
    *,
    as_of: date | None = None,
    not_after: date | None = None,
    previous: Frame | None = None,
    findings: Sequence[Finding] = (),
) -> Plan:
    """Reckon a book (tables of `book.tables.SCHEMAS`) under a policy.

    `as_of` is the day of the run (default: the last day the book holds anything of, but `not_after` that day, usually
    today, so that a mistyped year does not become the day of the run), `previous` the classes last confirmed
    (customer_id, class_key). `findings` of reading are put in front of those found here.
    """
    tables = {name: tables.get(name, engine.empty(schema)) for name, schema in SCHEMAS.items()}
    periods = find_periods(tables, policy, as_of, not_after)
    tables = _with_contracts(tables)
    lost = _unrecognised(tables, policy, periods)  # reads all work once more: now, while nothing is in memory
    accounts = engine.collect(customer_accounts(tables, policy, periods).sort("customer_id"))
    roles = role_hours(accounts.lazy(), tables, policy, periods)
    units = _classified(
        accounts.lazy(),
        tables,
        policy,
        periods,
        roles=roles,
        previous=engine.empty(PREVIOUS) if previous is None else previous,
    )
    hours = check_hours(units.lazy(), roles, policy, periods.as_of)
    classes = _class_sums(units, hours, policy)
    return Plan(
        policy=policy,
        periods=periods,
        accounts=accounts,
        units=units,
        memberships=engine.collect_held(_memberships(accounts.lazy(), units.lazy(), policy)),
        parts=long_parts(units.lazy(), policy),
        promises=owed(units.lazy(), policy),
        classes=classes,
        roles=tuple(roles),
        hours=hours,
        bridge=tuple(bridge(accounts.lazy(), roles, tables, policy, periods)),
        unassigned=tuple(unassigned_sums(tables)),
        findings=(*findings, *_findings(tables, policy, periods, classes, hours, lost)),
    )


def read_previous(folder: Path) -> Frame:
    """The classes of an earlier result as the confirmed ones: customer_id, class_key. Raises Refused without them."""
    try:  # read now: the folder may be replaced before a lazy table would be
        return engine.collect(engine.scan_parquet(folder / "memberships.parquet", PREVIOUS)).lazy()
    except Exception as error:  # every table engine has errors of its own
        raise Refused([mistake("previous_not_readable", Place(file=str(folder)))]) from error


def _unit(policy: Policy) -> nw.Expr:
    return nw.col("household_id" if policy.household_together else "customer_id").alias("unit_id")


def _memberships(accounts: Frame, units: Frame, policy: Policy) -> Frame:
    """One row per customer, in their order, with the class of the unit."""
    if not policy.household_together:  # units are the customers, in the same order and with their names
        return units.with_columns(nw.col("unit_id").alias("customer_id")).select(*MEMBERSHIPS)
    members = accounts.select("customer_id", _unit(policy), "name")
    return members.join(units, on="unit_id", how="left").select(*MEMBERSHIPS).sort("customer_id")


def _with_contracts(tables: dict[str, Frame]) -> dict[str, Frame]:
    """A book without a list of contracts: the contracts that money was booked on stand for it."""
    if engine.has_rows(tables["contracts"]):
        return tables
    seen = tables["yields"].filter(~nw.col("contract_id").is_null()).select("contract_id", "customer_id").unique()
    return tables | {"contracts": engine.conform(seen, SCHEMAS["contracts"])}


def _classified(
    accounts: Frame,
    tables: Mapping[str, Frame],
    policy: Policy,
    periods: Periods,
    *,
    roles: Sequence[RoleHours],
    previous: Frame,
) -> nw.DataFrame[Any]:
    links = accounts.select("customer_id", _unit(policy))
    units = engine.collect_held(unit_accounts(accounts, tables, policy, periods)).lazy()
    earned = with_earned_time(units, roles, policy, periods.as_of)
    classified = assign_classes(earned, links, tables, policy, as_of=periods.as_of, previous=previous)
    return engine.collect_held(_with_served(classified, policy).sort("unit_id"))


def _with_served(units: Frame, policy: Policy) -> Frame:
    """Adds promised_seconds (deliveries of a year by class) and served: over, under or as_promised."""
    owed_rows = engine.rows(class_promises(policy))
    promised = nw.lit(0, nw.Int64)
    for item in policy.classes:  # a chain of a few classes, not a join that would copy every column
        milli = sum(
            row["per_year_milli"] * row["delivery_seconds"] for row in owed_rows if row["class_key"] == item.key
        )
        promised = nw.when(nw.col("class_key") == item.key).then(nw.lit(milli, nw.Int64)).otherwise(promised)
    units = units.with_columns(engine.divide(promised, 1000).alias("promised_seconds"))
    over = nw.col("used_seconds") * 1000 > nw.col("earned_seconds") * OVER_PERMILLE
    under = nw.col("granted_seconds") * 1000 < nw.col("promised_seconds") * UNDER_PERMILLE
    served = nw.when(under).then(nw.lit("under")).otherwise(nw.lit("as_promised"))
    return units.with_columns(nw.when(over).then(nw.lit("over")).otherwise(served).alias("served"))


def _class_sums(units: nw.DataFrame[Any], hours: HoursCheck, policy: Policy) -> tuple[ClassSum, ...]:
    columns = ("yield_cents", "cost_cents", "contribution_cents", "service_seconds", "earned_seconds", "used_seconds")
    sums = (
        units.lazy()
        .group_by("class_key")
        .agg(
            nw.col("members").sum().alias("customers"),
            nw.len().cast(nw.Int64).alias("units"),
            nw.col("undecided").cast(nw.Int64).sum(),
            (~nw.col("waiting_for").is_null()).cast(nw.Int64).sum().alias("waiting"),
            nw.col(*columns).sum(),
            nw.min_horizontal("contribution_cents", nw.lit(0, nw.Int64)).sum().alias("carried_cents"),
        )
    )
    by_key = {row["class_key"]: row for row in engine.rows(sums)}
    nobody = dict.fromkeys(("customers", "units", "undecided", "waiting", "carried_cents", *columns), 0)
    found = []
    for item in policy.classes:
        row = by_key.get(item.key, nobody | {"class_key": item.key})
        seconds = row["service_seconds"]
        per_hour = row["yield_cents"] * 3600 // seconds if seconds else None
        found.append(ClassSum(**row, owed_seconds=hours.by_class(item.key), euro_per_hour_cents=per_hour))
    return tuple(found)


def _findings(
    tables: Mapping[str, Frame],
    policy: Policy,
    periods: Periods,
    classes: Sequence[ClassSum],
    hours: HoursCheck,
    lost: Sequence[Finding],
) -> list[Finding]:
    """What a reader must know before believing the figures."""
    found = []
    if periods.first_hour:
        found.append(warning("plan_first_hour", customers_count=periods.customers))
    if 0 < periods.covered_months < policy.yields.look_back_months:
        found.append(
            warning(
                "plan_months_missing",
                covered_count=periods.covered_months,
                look_back_count=policy.yields.look_back_months,
                first_on=periods.statements_from,
            )
        )
    if periods.later_rows:
        found.append(warning("plan_later_rows", rows_count=periods.later_rows, as_of_on=periods.as_of))
    found += _missing_cohorts(tables, policy, periods)
    found += lost
    if hours.answer == "unknown":
        found.append(
            warning(
                "plan_coverage",
                coverage_permille=hours.coverage_permille,
                least_permille=policy.evidence.coverage_permille,
            )
        )
    found += [
        warning("plan_nobody", text=item.class_key)
        for item in classes
        if not item.units and item.class_key != "provisional"
    ]
    undecided = sum(item.undecided for item in classes)
    if undecided:
        found.append(note("plan_undecided", undecided_count=undecided))
    return found


def _missing_cohorts(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> list[Finding]:
    """Money spread over years that was booked before the first statement is not in the figures: say so."""
    rule = policy.yields.rule("one_off")
    booked = tables["yields"].filter(nw.col("kind") == "one_off").select(nw.len().alias("rows"))
    first = periods.statements_from
    if first is None or rule.years == 1 or window_start(rule, periods) >= first or not engine.rows(booked)[0]["rows"]:
        return []
    return [note("plan_cohorts_missing", from_on=window_start(rule, periods), to_on=first, years_count=rule.years)]


def _unrecognised(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> list[Finding]:
    """Work rows that no activity of the policy recognises cost nothing: name them. Missed calls are no work."""
    work = recognised_work(tables["work"], policy, periods)
    keys = [item.key for item in policy.activities]
    known = nw.col("activity").is_in(keys).fill_null(value=False)
    missed = nw.col("direction").is_in(["missed", "rejected"]).fill_null(value=False)
    lost = (
        work.filter(~known & ~missed)
        .group_by("log")
        .agg(nw.len().cast(nw.Int64).alias("rows"), nw.col("seconds").fill_null(0).sum())
    )
    return [
        warning("plan_unrecognised", log=row["log"] or "times", rows_count=row["rows"], lost_seconds=row["seconds"])
        for row in engine.rows(lost.sort("log"))
    ]

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
from zusage.cost import Costing, Periods, cost_book
from zusage.cost.firm import BridgeLine, RoleHours, Unassigned
from zusage.cost.units import unit_of
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
    said_to: date | None = None  # until then choices and overrides count; None: until the day of the run


def make_plan(
    tables: Mapping[str, Frame],
    policy: Policy,
    *,
    as_of: date | None = None,
    not_after: date | None = None,
    previous: Frame | None = None,
    findings: Sequence[Finding] = (),
    costing: Costing | None = None,
    said_to: date | None = None,
) -> Plan:
    """Reckon a book (tables of `book.tables.SCHEMAS`) under a policy.

    `as_of` is the day of the run (default: the last day the book holds anything of, but `not_after` that day, usually
    today, so that a mistyped year does not become the day of the run), `previous` the classes last confirmed
    (customer_id, class_key). `findings` of reading are put in front of those found here. `costing` is what the same
    book and day cost under a policy that costs alike (`Costing.fits`), where that is known already. `said_to`: what
    people said up to that day counts, where they went on talking after the last day of the book.
    """
    tables = {name: tables.get(name, engine.empty(schema)) for name, schema in SCHEMAS.items()}
    if costing is None:
        costing = cost_book(tables, policy, as_of=as_of, not_after=not_after)
    periods, accounts, roles = costing.periods, costing.accounts, costing.roles
    units = _classified(costing, tables, policy, engine.empty(PREVIOUS) if previous is None else previous, said_to)
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
        roles=roles,
        hours=hours,
        bridge=costing.bridge,
        unassigned=costing.unassigned,
        findings=(*findings, *costing.findings, *_findings(policy, classes, hours)),
        said_to=said_to,
    )


def read_previous(folder: Path) -> Frame:
    """The classes of an earlier result as the confirmed ones: customer_id, class_key. Raises Refused without them."""
    try:  # read now: the folder may be replaced before a lazy table would be
        return engine.collect(engine.scan_parquet(folder / "memberships.parquet", PREVIOUS)).lazy()
    except Exception as error:  # every table engine has errors of its own
        raise Refused([mistake("previous_not_readable", Place(file=str(folder)))]) from error


def _memberships(accounts: Frame, units: Frame, policy: Policy) -> Frame:
    """One row per customer, in their order, with the class of the unit."""
    if not policy.household_together:  # units are the customers, in the same order and with their names
        return units.with_columns(nw.col("unit_id").alias("customer_id")).select(*MEMBERSHIPS)
    members = accounts.select("customer_id", unit_of(policy), "name")
    return members.join(units, on="unit_id", how="left").select(*MEMBERSHIPS).sort("customer_id")


def _classified(
    costing: Costing, tables: Mapping[str, Frame], policy: Policy, previous: Frame, said_to: date | None
) -> nw.DataFrame[Any]:
    links = costing.accounts.lazy().select("customer_id", unit_of(policy))
    day = max(costing.periods.as_of, said_to or costing.periods.as_of)
    classified = assign_classes(costing.units.lazy(), links, tables, policy, as_of=day, previous=previous)
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


def _findings(policy: Policy, classes: Sequence[ClassSum], hours: HoursCheck) -> list[Finding]:
    """What a reader must know of classes and hours before believing the figures."""
    found = []
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

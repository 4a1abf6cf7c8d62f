"""A book and a policy come in, all that no class and no promise touches goes out: periods, accounts, units, the bridge.

Most of the time a plan takes is spent here. Whoever tries other cuts, promises or rules of answering on the same book
and day reckons this once and hands it on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.book.tables import SCHEMAS
from zusage.cost.accounts import customer_accounts
from zusage.cost.firm import BridgeLine, RoleHours, Unassigned, bridge, role_hours, unassigned_sums, with_earned_time
from zusage.cost.periods import Periods, find_periods
from zusage.cost.units import own_keys, unit_accounts
from zusage.cost.work import recognised_work
from zusage.cost.yields import window_start
from zusage.engine import Frame
from zusage.ground.reasons import Finding, note, warning
from zusage.policy.document import Policy

_NOT_COSTING = (
    *("version", "valid_from", "classes", "services", "standard", "promises", "requests", "allowance"),
    *("next_from_delivery", "review", "utilisation_permille", "kept_permille", "response"),
)
"""Parts of a policy that nothing here reads, but for the firm's own figures that its classes ask for (`own_keys`). All
others count, so that a part that comes later is taken for one that costs something."""


@dataclass(frozen=True)
class Costing:
    """What a book costs and brings under a policy: accounts per customer; units with earned time, without classes."""

    policy: Policy
    periods: Periods
    accounts: nw.DataFrame[Any]
    units: nw.DataFrame[Any]
    roles: tuple[RoleHours, ...]
    bridge: tuple[BridgeLine, ...]
    unassigned: tuple[Unassigned, ...]
    findings: tuple[Finding, ...]

    def fits(self, policy: Policy) -> bool:
        """Whether the same book on the same day costs and brings the very same under another policy."""
        rest = {name: getattr(self.policy, name) for name in _NOT_COSTING}
        return own_keys(policy) == own_keys(self.policy) and replace(policy, **rest) == self.policy


def cost_book(
    tables: Mapping[str, Frame], policy: Policy, *, as_of: date | None = None, not_after: date | None = None
) -> Costing:
    """Reckon what no class touches; days as in `plan.make_plan`. Tables that are missing have no rows."""
    tables = {name: tables.get(name, engine.empty(schema)) for name, schema in SCHEMAS.items()}
    periods = find_periods(tables, policy, as_of, not_after)
    tables = _with_contracts(tables)
    lost = _unrecognised(tables, policy, periods)  # reads all work once more: now, while nothing is in memory
    accounts = engine.collect(customer_accounts(tables, policy, periods).sort("customer_id"))
    roles = role_hours(accounts.lazy(), tables, policy, periods)
    units = engine.collect_held(unit_accounts(accounts.lazy(), tables, policy, periods)).lazy()
    return Costing(
        policy=policy,
        periods=periods,
        accounts=accounts,
        units=engine.collect_held(with_earned_time(units, roles, policy, periods.as_of)),
        roles=tuple(roles),
        bridge=tuple(bridge(accounts.lazy(), roles, tables, policy, periods)),
        unassigned=tuple(unassigned_sums(tables)),
        findings=(*_findings(tables, policy, periods), *lost),
    )


def _with_contracts(tables: dict[str, Frame]) -> dict[str, Frame]:
    """A book without a list of contracts: the contracts that money was booked on stand for it."""
    if engine.has_rows(tables["contracts"]):
        return tables
    seen = tables["yields"].filter(~nw.col("contract_id").is_null()).select("contract_id", "customer_id").unique()
    return tables | {"contracts": engine.conform(seen, SCHEMAS["contracts"])}


def _findings(tables: Mapping[str, Frame], policy: Policy, periods: Periods) -> Sequence[Finding]:
    """What a reader must know of days and months before believing the figures."""
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
    return [*found, *_missing_cohorts(tables, policy, periods)]


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

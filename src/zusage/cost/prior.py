"""What is believed before anything was seen: activities and covered days come in, prior work by contracts goes out.

The estimate of a customer's work per year is (a + n) / (b + t): n contacts seen in t years, a = b × the contacts that
the policy expects of a customer with so many contracts. The prior part a / (b + t) is linear in the contracts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import narwhals as nw

from zusage.cost.periods import Periods
from zusage.cost.work import observed_days, weight
from zusage.policy.document import Activity, Policy


@dataclass(frozen=True)
class Prior:
    """The prior contacts of an activity: millionths of a contact a year, for each customer and for each contract."""

    activity: Activity
    constant: int
    per_contract: int


def priors(policy: Policy, periods: Periods) -> list[Prior]:
    """The prior of every activity; it fades as its log covers more: its share is b of b + t."""
    found = []
    for item in policy.activities:
        share = weight(observed_days(item, periods), policy, periods) * policy.evidence.prior_milli // 1000
        found.append(Prior(item, item.expected_milli * share // 1000, item.expected_per_contract_milli * share // 1000))
    return found


def total(items: Iterable[Prior], unit: Callable[[Activity], int]) -> nw.Expr:
    """Prior work of a customer in millionths of a unit: contacts × units of each activity, by number of contracts."""
    listed = list(items)
    constant = sum(item.constant * unit(item.activity) for item in listed)
    per_contract = sum(item.per_contract * unit(item.activity) for item in listed)
    return nw.lit(constant, nw.Int64) + nw.col("contracts") * per_contract


def shape(policy: Policy) -> nw.Expr:
    """a of (a + n) for duty and asked work, in thousandths of a contact: how much the prior is worth as evidence."""
    asked = [item for item in policy.activities if item.cause != "granted"]
    years = policy.evidence.prior_milli
    constant = sum(item.expected_milli for item in asked) * years // 1000
    per_contract = sum(item.expected_per_contract_milli for item in asked) * years // 1000
    return nw.lit(constant, nw.Int64) + nw.col("contracts") * per_contract

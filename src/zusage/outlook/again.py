"""A plan, the tables of its book and another policy come in, the plan under that policy goes out."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from zusage.engine import Frame
from zusage.plan import Plan, make_plan
from zusage.policy.document import Policy


def plan_again(plan: Plan, tables: Mapping[str, Frame], policy: Policy) -> Plan:
    """The same book on the same day under another policy, by the code that made the plan.

    The confirmed classes are those the plan knew; where it knew none, its own proposals stand in for them, so that what
    a change moves is told apart from what was never settled.
    """
    confirmed = nw.when(nw.col("previous_key").is_null()).then(nw.col("class_key")).otherwise(nw.col("previous_key"))
    known = {item.key for item in policy.classes}
    previous = plan.memberships.lazy().select("customer_id", confirmed.alias("class_key"))
    held = previous.filter(nw.col("class_key").is_in(list(known)))
    return make_plan(tables, policy, as_of=plan.periods.as_of, previous=held, said_to=plan.said_to)

"""Logged work, units and a policy come in, how much of its allowance each unit has used goes out: `allowance.state`
for all of them at once.

Contacts count in thousandths, weighted by channel; time in seconds. Only what customers asked for counts; missed calls
are no contacts. Logs know no matters, so repeated contacts count here, unlike at the desk.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import reduce

import narwhals as nw

from zusage import engine
from zusage.cost.periods import Periods
from zusage.cost.work import recognised_work
from zusage.engine import Frame
from zusage.policy.document import Policy, Promise
from zusage.promises import allowance
from zusage.promises.allowance import CHANNEL_OF_PLACE, NOT_REACHED


def allowance_use(work: Frame, links: Frame, units: Frame, policy: Policy, periods: Periods, day: date) -> Frame:
    """One row per unit with a limited allowance: unit_id, class_key, given, used, left, of the period of a day.

    `work` as `book.tables.WORK`; `links` customer_id, unit_id; `units` unit_id, class_key, earned_seconds, since.
    Thousandths of a contact or seconds, as the class's allowance counts (its first one in the catalogue).
    """
    contacts = _contacts(work, policy, replace(periods, work_from=date.min, as_of=day)).join(
        links.select("customer_id", "unit_id"), on="customer_id", how="inner"
    )
    parts = [
        _of_class(contacts, units.filter(nw.col("class_key") == item.key), policy, promise, day)
        for item in policy.classes
        if (promise := limited(policy, item.key))
    ]
    return engine.concat(parts) if parts else engine.empty(USE)


USE = {"unit_id": nw.String, "class_key": nw.String, "given": nw.Int64, "used": nw.Int64, "left": nw.Int64}


def limited(policy: Policy, class_key: str) -> Promise | None:
    """The first allowance a class is promised; None where there is none, or none with a limit."""
    promises = {promise.service: promise for promise in policy.promises_of(class_key)}
    first = next((promises[key] for key in policy.measured.get("allowance", ()) if key in promises), None)
    return first if first and first.mode != "unlimited" else None


def _contacts(work: Frame, policy: Policy, periods: Periods) -> Frame:
    """What customers asked for: customer_id, done_on, channel, seconds."""
    asked = [item.key for item in policy.activities if item.cause == "asked"]
    known = recognised_work(work, policy, periods).filter(
        nw.col("activity").is_in(asked) & ~nw.col("direction").fill_null("").is_in(NOT_REACHED)
    )
    place = nw.col("place").fill_null("")
    meeting = reduce(
        lambda rest, item: nw.when(place == item[0]).then(nw.lit(item[1])).otherwise(rest),
        CHANNEL_OF_PLACE.items(),
        nw.lit("visit"),
    )
    channel = nw.when(nw.col("log") == "mails").then(nw.lit("email")).otherwise(nw.lit("phone"))
    channel = nw.when(nw.col("log") == "meetings").then(meeting).otherwise(channel)
    return known.select("customer_id", "done_on", channel.alias("channel"), nw.col("seconds").fill_null(0))


def _of_class(contacts: Frame, units: Frame, policy: Policy, promise: Promise, day: date) -> Frame:
    first, _ = allowance.period_of(day, promise.per)
    before, _ = allowance.period_of(first - timedelta(1), promise.per)
    if promise.channels:
        contacts = contacts.filter(nw.col("channel").is_in(promise.channels))
    amount = _weight(policy) if promise.mode == "contacts" else nw.col("seconds")
    zero = nw.lit(0, nw.Int64)
    now = (nw.col("done_on") >= first) & (nw.col("done_on") <= day)
    earlier = (nw.col("done_on") >= before) & (nw.col("done_on") < first)
    sums = contacts.group_by("unit_id").agg(
        nw.when(now).then(amount).otherwise(zero).sum().alias("used"),
        nw.when(earlier).then(amount).otherwise(zero).sum().alias("before"),
    )
    given = nw.max_horizontal(nw.col("earned_seconds"), zero) if promise.mode == "earned" else _amount(promise)
    table = units.join(sums, on="unit_id", how="left").with_columns(
        given.alias("given"), nw.col("used").fill_null(0), nw.col("before").fill_null(0)
    )
    if policy.allowance.roll_over:
        rest = nw.max_horizontal(nw.col("given") - nw.col("before"), zero)
        # a customer of this period only has nothing to bring along; where the day is not known, it was long ago
        new = (nw.col("since") >= first).fill_null(value=False)
        table = table.with_columns(nw.when(new).then(nw.col("given")).otherwise(nw.col("given") + rest).alias("given"))
    left = nw.max_horizontal(nw.col("given") - nw.col("used"), zero)
    return table.select("unit_id", "class_key", "given", "used", left.alias("left"))


def _amount(promise: Promise) -> nw.Expr:
    return nw.lit(promise.number * 1000 if promise.mode == "contacts" else promise.number, nw.Int64)


def _weight(policy: Policy) -> nw.Expr:
    return reduce(
        lambda rest, item: nw.when(nw.col("channel") == item[0]).then(nw.lit(item[1], nw.Int64)).otherwise(rest),
        policy.allowance.weights,
        nw.lit(1000, nw.Int64),
    )

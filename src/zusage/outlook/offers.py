"""A situation comes in, the ways that rest on what customers do go out: bundled call backs, allowances, packages with a
price. `zusage plan` shows no hours for them, so none of them claims to fit; each says what it would take.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

import narwhals as nw

from zusage import engine
from zusage.engine import Frame
from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Value
from zusage.outlook.ahead import look_ahead
from zusage.outlook.ideas import hires
from zusage.outlook.trial import Situation
from zusage.outlook.ways import Effect, Kind, Step, Way, customers_of, effect_of
from zusage.plan import Plan
from zusage.policy.document import Policy, Promise, ServiceClass
from zusage.policy.edit import Change, Put
from zusage.policy.questions import WINDOWS
from zusage.promises.replay import replay

CONTACTS = (12, 10, 8, 6, 5, 4, 3, 2)
"""Contacts a year that an allowance may be limited to."""
SETUP_SECONDS = 180
"""What a call back in between takes more than the next one of a block: to put the work at hand away and to find into it
again. An assumption, and said to be one; who measured it in the own office knows better."""
YEAR_DAYS = 365
BUNDLES = 52 * len(WINDOWS["weekdays"])
"""Blocks of call backs in a year."""


def offers(situation: Situation) -> Iterator[Way]:
    """The ways that rest on what customers do, for roles that are short."""
    short = situation.lacking(situation.plan)
    if short:
        yield from _bundles(situation, short)
        yield from _allowances(situation, short)
        yield from _prices(situation, short)


def _estimate(situation: Situation, key: str, kind: Kind, step: Step, effect: Effect) -> Way:
    short = situation.lacking(situation.plan)
    left = {role: seconds - effect.freed.get(role, 0) for role, seconds in short.items()}
    return Way(
        key=key,
        kind=kind,
        parts=(step.what,),
        changes=step.changes,
        fits=False,
        closes=(),
        lacking={role: seconds for role, seconds in left.items() if seconds > 0},
        effect=effect,
        tipping=look_ahead(situation.plan, situation.growth, situation.years).tipping,
        estimated=True,
    )


# --- call backs in bundles


def _bundles(situation: Situation, short: dict[str, int]) -> Iterator[Way]:
    """Call backs at fixed times for the classes below the best: each that no longer interrupts somebody saves the time
    to find back into the work at hand, but for the first of each block."""
    policy, tables = situation.plan.policy, situation.tables
    best = max(item.level for item in policy.classes)
    for service in policy.measured.get("response", ()):
        own = [item.key for item in policy.classes if item.level < best and not item.provisional]
        keys = [key for key in own if _mode(policy, service, key) not in (None, "windows", "by_weekday")]
        role = policy.service(service).role
        if not keys or role not in short:
            continue
        changes = tuple(Put(("matrix", service, key), dict(WINDOWS)) for key in keys)
        plan = situation.tried(changes)
        members = situation.plan.memberships.lazy().select("customer_id", "class_key")
        past = replay(tables["work"], members, plan.policy, situation.plan.policy)
        missed = sum(item.requests for item in past.classes if item.class_key in keys)
        calls = half_up(missed * YEAR_DAYS, max(_days_of_calls(tables), 1))
        saved = max(0, calls - BUNDLES) * SETUP_SECONDS
        values: dict[str, Value] = {
            "service": service,
            "class": ",".join(keys),
            "calls_count": calls,
            "bundles_count": BUNDLES,
            "minutes_count": SETUP_SECONDS // 60,
            "missed_count": missed,
            "later_count": sum(item.later for item in past.classes),
        }
        what = Reason("outlook_way_bundle" if saved else "outlook_way_bundle_few", values)
        effect = _freeing(situation, effect_of(situation, plan), {role: saved} if saved else {})
        yield _estimate(situation, f"answer:{service}", "answer", Step(what, changes), effect)


def _days_of_calls(tables: Mapping[str, Frame]) -> int:
    """Days that the log of calls covers: the time in which the missed ones came."""
    spans = [row for row in engine.rows(tables["logs"]) if row["log"] == "calls"]
    return sum((row["last_on"] - row["first_on"]).days + 1 for row in spans)


def _freeing(situation: Situation, effect: Effect, freed: dict[str, int]) -> Effect:
    """An effect with hours that an estimate frees, valued where their use is named."""
    worth = None
    if situation.use:
        worth = half_up(sum(freed.values()) * situation.use.cents_per_hour, 3600)
    return replace(effect, freed=freed, worth_cents=worth)


def _mode(policy: Policy, service: str, class_key: str) -> str | None:
    return next((item.mode for item in policy.promises_of(class_key) if item.service == service), None)


# --- allowances


def _allowances(situation: Situation, short: dict[str, int]) -> Iterator[Way]:
    """Fewer contacts without charge: what lies beyond is answered by the rule of the policy, and takes no time here."""
    policy = situation.plan.policy
    for service in policy.measured.get("allowance", ()):
        for item in policy.classes:
            promise = next((cell for cell in policy.promises_of(item.key) if cell.service == service), None)
            if promise is None or promise.mode not in ("contacts", "unlimited") or item.provisional:
                continue
            way = _allowance(situation, short, promise, item.key)
            if way is not None:
                yield way


def _allowance(situation: Situation, short: dict[str, int], promise: Promise, class_key: str) -> Way | None:
    """The largest number of contacts with which the role that is shortest would have enough, else the least one."""
    held = promise.number if promise.mode == "contacts" else CONTACTS[0] + 1
    sizes = [count for count in CONTACTS if count < held]
    freed = {count: _beyond(situation.plan, class_key, count) for count in sizes}
    enough = [count for count in sizes if all(freed[count].get(role, 0) >= lack for role, lack in short.items())]
    if not sizes or not any(freed[sizes[-1]].get(role, 0) for role in short):
        return None
    count = enough[0] if enough else sizes[-1]
    changes = (Put(("matrix", promise.service, class_key), {"mode": "contacts", "number": count}),)
    effect = _freeing(situation, effect_of(situation, situation.tried(changes)), freed[count])
    values: dict[str, Value] = {"service": promise.service, "class": class_key, "contacts_count": count}
    step = Step(Reason("outlook_way_allowance", values), changes)
    return _estimate(situation, f"allowance:{promise.service}:{class_key}", "allowance", step, effect)


def _beyond(plan: Plan, class_key: str, contacts: int) -> dict[str, int]:
    """Seconds of a year of asked work beyond so many contacts of a unit, by role. Duty work is not touched."""
    held = plan.units.filter(nw.col("class_key") == class_key)
    found = {}
    for role in plan.policy.roles:
        column = f"asked_{role.key}_seconds"
        if column in held.columns:
            pairs = zip(held["contacts_milli"].to_list(), held[column].to_list(), strict=True)
            found[role.key] = sum(
                seconds * max(0, count - contacts * 1000) // max(count, 1) for count, seconds in pairs
            )
    return {role: seconds for role, seconds in found.items() if seconds}


# --- packages with a price


def _prices(situation: Situation, short: dict[str, int]) -> Iterator[Way]:
    """A price for a package: what it would have to be to pay for the people who are lacking, or how many would have to
    decline and take the next package."""
    plan = situation.plan
    needed = _people_cents(situation, short)
    ranked = [item for item in plan.policy.classes if not item.provisional]
    units = {item.class_key: item.units for item in plan.classes}
    for item, below in itertools.pairwise(ranked):
        if not needed or not units[item.key]:
            continue
        members = plan.units.filter(nw.col("class_key") == item.key)["unit_id"].to_list()
        effect = replace(effect_of(situation, plan), income_cents=needed, units=tuple(members))
        effect = replace(effect, customers=customers_of(plan, members))
        cents = -(-needed // units[item.key] // 100) * 100
        values: dict[str, Value] = {
            "class": item.key,
            "below": below.key,
            "price_cents": cents,
            "units_count": units[item.key],
        }
        declining = _declining(plan, short, item.key, below.key)
        what = Reason("outlook_way_price_only", values)
        if declining is not None:
            what = Reason("outlook_way_price", {**values, "declining_count": declining})
        yield _estimate(situation, f"price:{item.key}", "price", Step(what, _priced(item, cents)), effect)


def _priced(item: ServiceClass, cents: int) -> tuple[Change, ...]:
    """The price of a year written into the class; tax and notice stay where it had a price already."""
    path = ("classes", "best_first", item.key, "price")
    if item.price is None:
        return (Put(path, {"net": cents // 100, "per": "year"}),)
    return Put((*path, "net"), cents // 100), Put((*path, "per"), "year")


def _people_cents(situation: Situation, short: dict[str, int]) -> int:
    """What the people cost in a year who would close the gaps."""
    found = 0
    for role, lacking in short.items():
        for idea in hires(situation, role, lacking):
            found += int(str(idea.steps[idea.guess].what.values["year_cents"]))
    return found


def _declining(plan: Plan, short: dict[str, int], class_key: str, below: str) -> int | None:
    """How many would have to decline until nothing is lacking; None where even all of them would not be enough."""
    units = {item.class_key: item.units for item in plan.classes}
    most = 0
    for role, lacking in short.items():
        owed = {
            key: sum(load.seconds for load in plan.hours.loads
                     if (load.role, load.class_key, load.source) == (role, key, "promise"))
            for key in (class_key, below)
        }  # fmt: skip
        each = owed[class_key] / units[class_key] - (owed[below] / units[below] if units[below] else 0)
        if each <= 0 or lacking > each * units[class_key]:
            return None
        most = max(most, int(-(-lacking // each)))
    return most

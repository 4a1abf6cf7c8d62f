"""A firm whose book grows: sixty customers in three classes, an owner and an adviser, and hours that just suffice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests import people
from tests.people import TODAY, booked, call, full_logs
from zusage.outlook.growth import Asked, growth_of
from zusage.outlook.trial import Situation
from zusage.plan import Plan, make_plan
from zusage.policy.read import read_policy_text

POLICY = """
zusage: 1
version: test
firm: {name: Test, state: SN, profile: general}
resources:
  roles:
    owner: {owner: true, imputed_wage: 96000, weekly_hours: 40, weeks: 50, practical_share: 40 %}
    # part-time
    adviser: {people: 1, yearly_cost: 20000, weekly_hours: 4, weeks: 45, practical_share: 50 %}
  base_cost: 10
  travel: {per_km: 0.50, minutes_per_km: 1, default_km: 10}
activities:
  call: {cause: asked, role: owner, minutes: 6, around: 4, match: [{log: calls, direction: in}]}
  claim: {cause: duty, role: owner, minutes: 30, match: [{log: meetings, topic: schaden}]}
  meeting: {cause: asked, role: adviser, minutes: 60, match: [{log: meetings}]}
yields: {look_back_months: 12, min_history_months: 12}
evidence: {prior_years: 0, confidence: 80 %}
classes:
  household: together
  best_first:
    A: {name: Premium, when: {yield: {from: 600, stay: 500}}}
    B: {name: Komfort, when: {yield: 150}}
    C: {name: Klassik}
services:
  advice: {name: Beratung, kind: floor, measure: included}
  callback: {name: Rückruf, kind: standard, measure: response, role: owner}
  venue: {name: Ort, kind: standard, measure: venue, role: adviser}
  annual_check:
    {name: Jahrescheck, kind: standard, measure: cadence, minutes: 60, around: 60, role: adviser, travel: true}
  letter: {name: Brief, kind: standard, measure: publication, per_issue: 60, role: owner}
  contacts: {name: Kontakte, kind: standard, measure: allowance}
matrix:
  callback: {A: same_day, B: next_workday, C: next_workday}
  venue: {A: on_site, B: office, C: office}
  annual_check: {A: {mode: guaranteed, per_year: 2}, B: {mode: guaranteed, per_year: 1}, C: on_request}
  letter: {A: {mode: print, per_year: 4}, B: {mode: print, per_year: 4}, C: {mode: print, per_year: 4}}
  contacts: {C: unlimited}
capacity: {utilisation: 85 %}
"""
EUROS = [700 + 10 * at for at in range(12)] + [200 + 5 * at for at in range(18)] + [40 + at for at in range(30)]


def book(count: int = len(EUROS)) -> dict[str, Any]:
    """The tables of the book: the newest customers came last year, one every three months."""
    keys = [f"{number:04}" for number in range(1, count + 1)]
    order = sorted(range(count), key=lambda at: at * 7 % max(count, 1))
    since = {place: TODAY - timedelta(days=400 + 91 * rank) for rank, place in enumerate(order)}
    customers = [
        {"customer_id": key, "household_id": key, "name": f"Muster {key}", "since": since[at], "distance_m": 10_000}
        for at, key in enumerate(keys)
    ]
    yields = [booked(key, EUROS[at % len(EUROS)]) for at, key in enumerate(keys)]
    work = [call(key, 600, on=date(2026, 1 + at % 9, 5)) for at, key in enumerate(keys)]
    ends = [booked(keys[0], 0, on=date(2025, 11, 1)), booked(keys[0], 0, on=TODAY)] if keys else []
    return people.tables(customers=customers, yields=[*ends, *yields], work=work, logs=full_logs("calls", "meetings"))


def text(*pairs: tuple[str, str]) -> str:
    """The text of the policy with pieces replaced."""
    found = POLICY
    for old, new in pairs:
        assert old in found, old
        found = found.replace(old, new)
    return found


def enough(hours: int) -> tuple[str, str]:
    """So many weekly hours for the adviser: 16 are not enough, 24 are."""
    return ("weekly_hours: 4,", f"weekly_hours: {hours},")


def situation(*pairs: tuple[str, str], asked: Asked | None = None, years: int = 5, **more: Any) -> Situation:
    """Where the firm stands with pieces of its policy replaced."""
    tables, written = book(), text(*pairs)
    plan: Plan = make_plan(tables, read_policy_text(written).policy, as_of=TODAY)
    growth = growth_of(plan, tables, asked or Asked(total=6))
    return Situation(plan, tables, written, growth, years, **more)

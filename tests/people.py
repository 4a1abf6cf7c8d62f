"""The same five people everywhere, and small books and policies made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from zusage import engine
from zusage.book.tables import SCHEMAS
from zusage.engine import Frame
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text

ALMA = "0001"  # Alma Muster: brings most, is hardly ever visited
BELA = "0002"  # Béla Beispiel: lives with Alma
CARO = "0003"  # Caro Probe: one small contract, calls every month at half past five
DORO = "0004"  # Doro Größe-Exempel: a customer since last month
EMIL = "0042"  # Emil Muster & Söhne: a business, recommends

NAMES = {
    ALMA: "Muster, Alma",
    BELA: "Beispiel, Béla",
    CARO: "Probe, Caro",
    DORO: "Größe-Exempel, Doro",
    EMIL: "Emil Muster & Söhne",
}
SINCE = {
    ALMA: date(2010, 3, 1),
    BELA: date(2010, 3, 1),
    CARO: date(2015, 7, 1),
    DORO: date(2026, 10, 1),
    EMIL: date(2020, 1, 1),
}
TODAY = date(2026, 10, 31)

POLICY = """
zusage: 1
version: test
firm: {name: Test, state: SN, profile: general}
resources:
  roles:
    owner: {owner: true, imputed_wage: 96000, weekly_hours: 40, weeks: 50, practical_share: 40 %}
  base_cost: 10
  travel: {per_km: 0.50, minutes_per_km: 1, default_km: 10}
activities:
  call: {cause: asked, role: owner, minutes: 6, around: 4, match: [{log: calls, direction: in}]}
  claim: {cause: duty, role: owner, minutes: 30, match: [{log: meetings, topic: schaden}]}
  visit: {cause: granted, role: owner, minutes: 60, travel: true, match: [{log: meetings, place: on_site}]}
yields: {look_back_months: 12, one_off: {years: 5}}
evidence: {prior_years: 0, confidence: 80 %}
classes:
  household: together
  best_first:
    A: {name: Premium, when: {any: [{yield: {from: 600, stay: 500}}, {referrals_won: 2}]}}
    B: {name: Komfort, when: {yield: {from: 150, stay: 120}}}
    C: {name: Klassik}
services:
  advice: {name: Beratung, kind: floor, measure: included}
  callback: {name: Rückruf, kind: standard, measure: response}
  annual_check:
    {name: Jahrescheck, kind: exclusive, measure: cadence, minutes: 60, around: 60, role: owner, travel: true}
matrix:
  callback: {A: same_day, B: next_workday, C: next_workday}
  annual_check: {A: {mode: guaranteed, per_year: 1}, B: on_request}
"""


@cache
def changed(*pairs: tuple[str, str]) -> Policy:
    """The small policy with pieces of its text replaced; each is read once, and none can be changed."""
    text = POLICY
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return read_policy_text(text).policy


def columns(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """Rows as columns, None where a row says nothing."""
    listed = list(rows)
    return {name: [row.get(name) for row in listed] for name in names}


def tables(**given: Iterable[Mapping[str, Any]]) -> dict[str, Frame]:
    """Tidy tables from rows; customers are the five people unless given."""
    if "customers" not in given:
        given["customers"] = [person(key) for key in NAMES]
    return {name: engine.table(columns(given.get(name, ()), tuple(schema)), schema) for name, schema in SCHEMAS.items()}


def person(key: str, **more: Any) -> dict[str, Any]:
    """A customer row of one of the five; Béla belongs to Alma's household."""
    household = ALMA if key == BELA else key
    return {"customer_id": key, "household_id": household, "name": NAMES[key], "since": SINCE[key]} | more


def booked(
    customer: str, euro: float, kind: str = "recurring", on: date = date(2026, 3, 1), **more: Any
) -> dict[str, Any]:
    """A yield row of so many euro."""
    return {"customer_id": customer, "booked_on": on, "kind": kind, "amount_cents": round(euro * 100)} | more


def call(customer: str, seconds: int | None = 360, on: date = date(2026, 5, 4), **more: Any) -> dict[str, Any]:
    """A call that was answered."""
    return {"customer_id": customer, "log": "calls", "direction": "in", "done_on": on, "seconds": seconds} | more


def full_logs(*logs: str) -> list[dict[str, Any]]:
    """Logs that cover exactly the year before TODAY."""
    return [{"log": log, "first_on": date(2025, 11, 1), "last_on": TODAY} for log in logs]


def full_year(customer: str = EMIL) -> list[dict[str, Any]]:
    """Statements of all twelve months, so that sums of the window are sums of a year; they amount to nothing."""
    return [booked(customer, 0, on=date(2025, 11, 1)), booked(customer, 0, on=TODAY)]

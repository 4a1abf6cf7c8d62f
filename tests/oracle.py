"""The rules once more, in plain Python and from their description: rows of the tidy tables in, classes out.

Written apart from the package (nothing of cost or classes is imported), slow and simple, so that a slip in an
expression over tables shows as a difference.
"""

from __future__ import annotations

import calendar
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any

from zusage.policy.document import AllOf, Criterion, Policy, Rule

Row = Mapping[str, Any]
NEVER = 2**50


def half_up(top: int, bottom: int) -> int:
    return math.floor((2 * top + bottom) / (2 * bottom)) if abs(top) < 2**50 else (2 * top + bottom) // (2 * bottom)


def months_back(day: date, months: int) -> date:
    year, index = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, index + 1, min(day.day, calendar.monthrange(year, index + 1)[1]))


class Oracle:
    """One run over lists of rows; `classes` maps each customer to (class key, undecided)."""

    def __init__(self, book: Mapping[str, list[Row]], policy: Policy, as_of: date, held: Mapping[str, str]) -> None:
        self.book, self.policy, self.as_of, self.held = book, policy, as_of, held
        self.people = [row for row in book["customers"] if not row.get("former")]
        self.first = months_back(as_of + timedelta(days=1), policy.yields.look_back_months)
        self.ranked = [item for item in policy.classes if not item.provisional]
        self.units: dict[str, list[str]] = defaultdict(list)
        for row in self.people:
            self.units[row["household_id"] if policy.household_together else row["customer_id"]].append(
                row["customer_id"]
            )
        self.classes = self._classes()

    def _yields(self, customer: str) -> dict[str, int]:
        end = self.as_of  # as_of closes a month and there is no buffer in these books
        firsts = [row["booked_on"] for row in self.book["yields"] if row["booked_on"] <= end]
        first = max(min(firsts), self.first)
        months = (end.year - first.year) * 12 + end.month - first.month + 1
        sums: dict[str, int] = defaultdict(int)
        originals: dict[str, date] = {}
        for row in self.book["yields"]:
            if row["kind"] == "one_off" and row.get("contract_id"):
                originals[row["contract_id"]] = max(originals.get(row["contract_id"], date.min), row["booked_on"])
        for row in self.book["yields"]:
            if row["customer_id"] != customer:
                continue
            kind, on = row["kind"], row["booked_on"]
            if kind == "cancellation" and row.get("contract_id") in originals:
                kind, on = "one_off", originals[row["contract_id"]]
            years = self.policy.yields.rule(kind).years
            inside = months_back(end, 12 * years) < on <= end if years > 1 else self.first <= on <= end
            sums[kind] += row["amount_cents"] if inside else 0
        found = {}
        for kind, cents in sums.items():
            years = self.policy.yields.rule(kind).years
            found[kind] = half_up(cents, years) if years > 1 else half_up(cents * 12, months)
        return found

    def _weight(self, log: str) -> int:
        year = ((self.as_of - self.first).days + 1) * 12_000 // self.policy.yields.look_back_months
        days = 0
        for row in self.book["logs"]:
            if row["log"] == log:
                days = max(0, (min(row["last_on"], self.as_of) - max(row["first_on"], self.first)).days + 1)
        covered = self.policy.evidence.prior_milli * year // 1000 + days * 1000
        return half_up(10**6 * year, covered) if covered else 0

    def _activity(self, row: Row) -> Any:
        for item in self.policy.activities:
            for rule in item.match:
                wanted = {"log": rule.log, "direction": rule.direction, "place": rule.place}
                topic = (row.get("topic") or "").lower()
                if all(value is None or row.get(name) == value for name, value in wanted.items()) and (
                    rule.topic is None or rule.topic.lower() in topic
                ):
                    return item
        return None

    def _account(self, row: Row) -> dict[str, int]:
        customer = row["customer_id"]
        contracts = sum(1 for item in self.book["contracts"] if item["customer_id"] == customer)
        spent: dict[tuple[str, str], int] = defaultdict(int)
        visits: dict[tuple[str, str], int] = defaultdict(int)
        seen = 0
        for work in self.book["work"]:
            item = self._activity(work)
            if work["customer_id"] == customer and item and self.first <= work["done_on"] <= self.as_of:
                seconds = item.seconds if work.get("seconds") is None else work["seconds"]
                spent[item.cause, item.role] += (seconds + item.around_seconds) * self._weight(work["log"])
                visits[item.cause, item.role] += self._weight(work["log"]) if item.travel else 0
                seen += item.cause != "granted"
        shape = seen * 1000
        for item in self.policy.activities:
            share = self._weight(item.match[0].log or "") * self.policy.evidence.prior_milli // 1000
            prior = item.expected_milli * share // 1000 + contracts * (item.expected_per_contract_milli * share // 1000)
            spent[item.cause, item.role] += prior * (item.seconds + item.around_seconds)
            visits[item.cause, item.role] += prior if item.travel else 0
        before = [item for item in self.policy.activities if item.cause != "granted"]
        years = self.policy.evidence.prior_milli
        shape += sum(item.expected_milli for item in before) * years // 1000
        shape += contracts * (sum(item.expected_per_contract_milli for item in before) * years // 1000)
        return self._priced(row, spent, visits) | {"shape": shape, "contracts": contracts} | self._money(customer)

    def _priced(self, row: Row, spent: Mapping[Any, int], visits: Mapping[Any, int]) -> dict[str, int]:
        policy = self.policy
        way = 2 * (policy.travel.default_m if row.get("distance_m") is None else row["distance_m"])
        found: dict[str, int] = defaultdict(int)
        roads: dict[str, int] = defaultdict(int)
        for (cause, role), millionths in spent.items():
            milli = half_up(visits[cause, role], 1000)
            roads[cause] += milli
            seconds = half_up(millionths, 10**6) + half_up(milli * way * policy.travel.seconds_per_km, 10**6)
            found[f"{cause}_seconds"] += seconds
            found[f"{cause}_cents"] += half_up(seconds * policy.role(role).rate(self.as_of), 3_600_000)
        for cause, milli in roads.items():
            found[f"{cause}_cents"] += half_up(milli * way * policy.travel.per_km.on(self.as_of), 10**6)
        found["base"] = policy.base_cost.on(self.as_of)
        return dict(found)

    def _money(self, customer: str) -> dict[str, int]:
        found = self._yields(customer)
        homes = {row["customer_id"]: row["household_id"] for row in self.book["customers"]}
        won = [
            row["referred_id"]
            for row in self.book["referrals"]
            if row["referrer_id"] == customer
            and row["won"]
            and homes.get(row["referred_id"], row["referred_id"]) != homes[customer]
        ]
        return {
            "yield": sum(found.values()),
            "recurring": found.get("recurring", 0),
            "referrals_won": len(won),
            "referral_yield": self._brought(customer, homes),
        }

    def _brought(self, customer: str, homes: Mapping[str, str]) -> int:
        """What those bring whom a customer referred, and those whom these referred, less with each of five steps."""
        decay, weight, ends, found = self.policy.referral_decay_permille, 1000, [customer], 0
        for _ in range(5):
            pairs = [(row["referrer_id"], row["referred_id"]) for row in self.book["referrals"] if row["won"]]
            steps = [other for end in ends for by, other in pairs if by == end and by in homes]
            ends = [other for other in steps if homes.get(other, other) != homes[customer] and other != customer]
            found += sum(sum(self._yields(other).values()) for other in ends) * weight // 1000
            weight = weight * decay // 1000
            if not weight:
                break
        return found

    def metrics(self, members: Iterable[str]) -> dict[str, tuple[int, int, int]]:
        """Each metric as (low, value, high)."""
        rows = [self._account(row) for row in self.people if row["customer_id"] in set(members)]
        total: dict[str, int] = defaultdict(int)
        for row in rows:
            for name, value in row.items():
                total[name] += value
        before = total["duty_seconds"] + total["asked_seconds"]
        cost = total["duty_cents"] + total["asked_cents"]
        contribution = total["yield"] - total["base"] - cost
        low, high = self._interval(total["shape"])

        def per_hour(seconds: int) -> int:
            if not seconds:
                return 2**40 if total["yield"] > 0 else 0
            return total["yield"] * 3600 // seconds

        def spread(permille: int) -> int:
            return contribution - half_up(cost * (permille - 1000), 1000)

        exact = {name: total[name] for name in ("yield", "contracts", "referrals_won", "referral_yield")}
        exact["recurring_share"] = total["recurring"] * 1000 // total["yield"] if total["yield"] > 0 else -1
        return {name: (value, value, value) for name, value in exact.items()} | {
            "contribution": (spread(high), contribution, spread(low)),
            "euro_per_hour": (
                per_hour(half_up(before * high, 1000)),
                per_hour(before),
                per_hour(half_up(before * low, 1000)),
            ),
        }

    def _interval(self, shape_milli: int) -> tuple[int, int]:
        z = NormalDist().inv_cdf((1 + self.policy.evidence.confidence_permille / 1000) / 2)
        if not shape_milli:
            return 1000, 1000
        shape = shape_milli / 1000
        roots = [1 - 1 / (shape * 9) + side * z / (math.sqrt(shape) * 3) for side in (-1, 1)]
        low, high = (root * root * root * 1000 if root > 0 else 0.0 for root in roots)
        return math.floor(low), math.ceil(high)

    def _classes(self) -> dict[str, tuple[str, bool]]:
        keys = [item.key for item in self.ranked]
        found = {}
        for members in self.units.values():
            figures = self.metrics(members)
            held = min((keys.index(self.held[key]) for key in members if key in self.held), default=None)
            possible, likely, certain = (self._first(figures, held, which) for which in (2, 1, 0))
            rank = likely if held is None else min(max(held, possible), certain)
            found |= dict.fromkeys(members, (keys[rank], possible != certain))
        return found

    def _first(self, figures: Mapping[str, tuple[int, int, int]], held: int | None, which: int) -> int:
        """The first class whose rule the low (0), estimated (1) or high (2) figures meet."""
        for rank, item in enumerate(self.ranked):
            stays = held is not None and held <= rank
            if meets(item.rule, {name: values[which] for name, values in figures.items()}, stays=stays):
                return rank
        raise AssertionError("the last class takes everyone")


def meets(rule: Rule, figures: Mapping[str, int], *, stays: bool) -> bool:
    if isinstance(rule, Criterion):
        return figures[rule.metric] >= (rule.stay if stays else rule.cut)
    return (all if isinstance(rule, AllOf) else any)(meets(part, figures, stays=stays) for part in rule.rules)

"""The rows of a unit come in (figures, accounts of its members, parts), the calculation behind its class goes out.

Explain first, then sum: every amount here is a column of the plan's tables, and every calculation shown gives that
amount again on a pocket calculator. Words are put in last, except names, which are in the reader's language. Rows may
come from a plan or from wherever they were kept; nothing here asks a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zusage.cost.accounts import RATE_UNIT
from zusage.cost.firm import blended_rate
from zusage.cost.periods import Periods
from zusage.cost.work import Pair, pairs, travelling
from zusage.cost.yields import YIELD_COLUMNS
from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, hours
from zusage.policy.document import CAUSES, Policy
from zusage.promises.terms import sentence
from zusage.report.judged import class_sections, decision, steps_up
from zusage.report.lines import Line, Section
from zusage.report.writing import clock, decimal, exact_euro, rate

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """A customer of the unit with its own account, in cents a year."""

    customer_id: str
    name: str | None
    yield_cents: int
    cost_cents: int
    contribution_cents: int

    @property
    def sums(self) -> tuple[int, int, int]:
        return self.yield_cents, self.cost_cents, self.contribution_cents


@dataclass(frozen=True)
class Explanation:
    """Why a unit is in its class: what decided, the calculation, what would lift it, what it is promised."""

    unit_id: str
    members: tuple[Member, ...]
    class_key: str
    class_name: str
    decision: tuple[Reason, ...]
    sections: tuple[Section, ...]
    steps: tuple[Reason, ...]  # each of them alone lifts the unit to a better class
    floor: tuple[str, ...]  # what everyone is promised
    promises: tuple[str, ...]  # what the class is promised besides


def explained(
    policy: Policy,
    periods: Periods,
    unit: Row,
    members: Sequence[Row],
    parts: Sequence[Row],
    language: Language,
) -> Explanation:
    """The explanation of a unit from its row, its members' accounts and its parts, as the plan's tables hold them."""
    own = policy.service_class(unit["class_key"])
    accounts = [
        *(
            _yields(policy, periods, unit, language),
            _cost(policy, periods, unit, members, language),
            _contribution(unit, language),
        ),
        *(_earned(policy, periods, unit, language), _certainty(policy, periods, unit, language)),
    ]
    return Explanation(
        unit_id=unit["unit_id"],
        members=tuple(
            Member(*(row[name] for name in ("customer_id", "name", "yield_cents", "cost_cents", "contribution_cents")))
            for row in members
        ),
        class_key=own.key,
        class_name=own.name[language],
        decision=decision(policy, unit, language),
        sections=(*class_sections(policy, unit, parts, language), *accounts),
        steps=steps_up(unit, language),
        floor=_promised(policy, own.key, language, floor=True),
        promises=_promised(policy, own.key, language, floor=False),
    )


def _promised(policy: Policy, key: str, language: Language, *, floor: bool) -> tuple[str, ...]:
    return tuple(
        sentence(promise, policy, language)
        for promise in policy.promises_of(key)
        if (policy.service(promise.service).kind == "floor") == floor
    )


def _yields(policy: Policy, periods: Periods, unit: Row, language: Language) -> Section:
    """Yield by kind; kinds without money are left out."""
    lines = [
        Line(
            Reason(f"explain_{name.removesuffix('_cents')}"),
            "exact",
            unit[name],
            _kind(policy, periods, name, language),
        )
        for name in YIELD_COLUMNS
        if unit[name]
    ]
    return Section(Reason("explain_yield"), (*lines, _total("explain_yield_total", unit["yield_cents"])))


_KINDS = {
    "recurring_cents": "recurring",
    "one_off_cents": "one_off",
    "fee_cents": "fee",
    "bonus_cents": "bonus",
    "cancelled_cents": "cancellation",
}


def _kind(policy: Policy, periods: Periods, column: str, language: Language) -> Reason:
    """How money of a kind became money of a year; where it was booked with tax, the tax is divided out."""
    rule = policy.yields.rule(_KINDS[column])
    net = 1000 + (rule.tax_permille.on(periods.money_to) if rule.tax_permille else 0)
    values: dict[str, Value] = {"net": decimal(net, 3, language)} if net != 1000 else {}
    values |= {"years": rule.years} if rule.years > 1 else {"months": periods.covered_months}
    code = "explain_spread" if rule.years > 1 else "explain_to_a_year"
    return Reason(f"{code}_net" if net != 1000 else code, values)


def _total(code: str, cents: int, calculation: Reason | None = None) -> Line:
    return Line(Reason(code), "exact", cents, calculation, total=True)


def _cost(policy: Policy, periods: Periods, unit: Row, members: Sequence[Row], language: Language) -> Section:
    """Cost to serve: for each cause its time by role, its travel and materials; then the base cost."""
    lines: list[Line] = []
    for cause in CAUSES:
        if unit[f"{cause}_cents"]:
            lines += _times(policy, periods, unit, members, cause, language)
            lines += _paid(policy, periods, unit, members, cause, language)
            lines.append(_total(f"explain_{cause}_total", unit[f"{cause}_cents"]))
    first_hour = periods.first_hour
    base = "explain_base_first_hour" if first_hour else "explain_base"
    lines.append(Line(Reason(base), "exact", unit["base_cents"], assumed=first_hour))
    return Section(Reason("explain_cost"), (*lines, _total("explain_cost_total", unit["cost_cents"])))


def _times(
    policy: Policy, periods: Periods, unit: Row, members: Sequence[Row], cause: str, language: Language
) -> Iterator[Line]:
    for pair in pairs(policy):
        if pair.cause == cause and unit[pair.seconds]:
            role = policy.role(pair.role)
            milli = role.rate(periods.as_of)
            cents = sum(half_up(row[pair.seconds] * milli, RATE_UNIT) for row in members)
            values: dict[str, Value] = {"time": clock(unit[pair.seconds], language), "rate": rate(milli, language)}
            yield Line(
                Reason(f"explain_{cause}_time", {"role": role.name[language]}),
                "exact",
                cents,
                _exactly("explain_times_rate", values, cents == half_up(unit[pair.seconds] * milli, RATE_UNIT)),
                assumed=_assumed(policy, pair),
            )


def _exactly(code: str, values: Mapping[str, Value], exact: bool) -> Reason:
    """The calculation; of a household it may be cents off, because each member's amount is rounded: then it says so."""
    return Reason(code if exact else f"{code}_members", values)


def _assumed(policy: Policy, pair: Pair) -> bool:
    return any(item.assumed for item in policy.activities if (item.cause, item.role) == (pair.cause, pair.role))


def _paid(
    policy: Policy, periods: Periods, unit: Row, members: Sequence[Row], cause: str, language: Language
) -> Iterator[Line]:
    """What is paid out beside the time: ways and materials."""
    travel, materials = unit[f"{cause}_travel_cents"], unit[f"{cause}_materials_cents"]
    if travel:
        calculation = _ways(policy, periods, members, cause, travel, language)
        yield Line(Reason("explain_travel"), "exact", travel, calculation)
    if materials:
        yield Line(Reason("explain_materials"), "exact", materials)


def _ways(
    policy: Policy, periods: Periods, members: Sequence[Row], cause: str, cents: int, language: Language
) -> Reason:
    rules = policy.travel
    per_km = rules.per_km.on(periods.as_of)
    visits = [pair.visits for pair in travelling(policy) if pair.cause == cause]
    count = sum(row[name] for row in members for name in visits)
    away = {rules.default_m if row["distance_m"] is None else row["distance_m"] for row in members}
    distance = max(away)
    values: dict[str, Value] = {
        "visits": decimal(count, 3, language),
        "km": decimal(distance, 3, language),
        "price": exact_euro(per_km, language),
    }
    return _exactly("explain_ways", values, cents == half_up(count * 2 * distance * per_km, 10**6))


def _contribution(unit: Row, language: Language) -> Section:
    """Yield minus cost, before and after what the class grants; then euro per hour."""
    before = Line(Reason("explain_before_granted"), "exact", unit["contribution_before_granted_cents"], total=True)
    return Section(
        Reason("explain_contribution"),
        (
            Line(Reason("explain_yield_total"), "exact", unit["yield_cents"]),
            *(_minus(f"explain_{cause}_total", unit[f"{cause}_cents"]) for cause in ("duty", "asked")),
            _minus("explain_base", unit["base_cents"]),
            before,
            _minus("explain_granted_total", unit["granted_cents"]),
            _total("explain_contribution_total", unit["contribution_cents"]),
            Line(Reason("explain_per_hour"), "per_hour_cents", unit["euro_per_hour_cents"], _per_hour(unit, language)),
        ),
    )


def _per_hour(unit: Row, language: Language) -> Reason:
    seconds = unit["service_seconds"]
    if not seconds:
        return Reason("explain_no_hours")
    values = {"yield": exact_euro(unit["yield_cents"], language), "time": clock(seconds, language)}
    return Reason("explain_yield_by_hours", values)


def _minus(code: str, cents: int) -> Line:
    return Line(Reason(code), "exact", -cents)


def _earned(policy: Policy, periods: Periods, unit: Row, language: Language) -> Section:
    """Earned time: what the yield leaves for time, divided by the firm's rate; then what was used of it."""
    margin = half_up(unit["yield_cents"] * policy.earned.margin_permille, 1000)
    direct = sum(unit[f"{cause}_{part}_cents"] for cause in ("asked", "granted") for part in ("travel", "materials"))
    cents = unit["yield_cents"] - margin - unit["duty_cents"] - unit["base_cents"] - direct
    milli = blended_rate(policy, periods.as_of)
    seconds = half_up(cents * RATE_UNIT, milli) if cents > 0 else 0
    margin_of = Reason("explain_margin", {"margin_permille": policy.earned.margin_permille})
    return Section(
        Reason("explain_earned"),
        (
            Line(Reason("explain_yield_total"), "exact", unit["yield_cents"]),
            Line(margin_of, "exact", -margin),
            _minus("explain_duty_total", unit["duty_cents"]),
            _minus("explain_base", unit["base_cents"]),
            *([_minus("explain_direct", direct)] if direct else []),
            _total("explain_left_for_time", cents),
            Line(
                Reason("explain_earned_time"),
                "earned_seconds",
                unit["earned_seconds"],
                _earned_by(seconds, unit["earned_seconds"], rate(milli, language)),
                total=True,
            ),
            Line(Reason("explain_used_time"), "used_seconds", unit["used_seconds"]),
            Line(Reason("explain_left_time"), "left_seconds", unit["left_seconds"], total=True),
        ),
    )


def _earned_by(own: int, earned: int, price: str) -> Reason:
    """Earned time may be more (every customer has a minimum) or less (all together would be more than there is)."""
    code = "explain_by_rate" if own == earned else "explain_minimum" if earned > own else "explain_scaled"
    return Reason(code, {"rate": price, "own_seconds": own})


def _certainty(policy: Policy, periods: Periods, unit: Row, language: Language) -> Section:
    """How sure the estimate of asked and duty work is."""
    seconds = unit["before_seconds"]
    low, high = (hours(half_up(seconds * unit[f"{bound}_permille"], 1000), language) for bound in ("low", "high"))
    return Section(
        Reason("explain_certainty"),
        (
            Line(
                Reason("explain_contacts"),
                "milli",
                unit["contacts_milli"],
                Reason("explain_seen", {"seen": unit["seen"]}),
            ),
            Line(Reason("explain_before_time"), "before_seconds", seconds),
            Line(
                Reason("explain_interval", {"sure_permille": policy.evidence.confidence_permille}),
                "text",
                f"{low} – {high}",
            ),
            Line(Reason("explain_measured"), "measured_seconds", unit["measured_seconds"]),
        ),
    )

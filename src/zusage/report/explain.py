"""A plan and a customer come in, the calculation behind the customer's class goes out, line by line.

Explain first, then sum: every amount here is a column of the plan's tables, and every calculation shown gives that
amount again on a pocket calculator. Words are put in last, except names, which are in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.cost.accounts import RATE_UNIT
from zusage.cost.firm import blended_rate
from zusage.cost.work import Pair, pairs, travelling
from zusage.cost.yields import YIELD_COLUMNS
from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Refused, Value, mistake
from zusage.ground.words import Language, hours, say
from zusage.plan import Plan
from zusage.policy.document import CAUSES, Policy
from zusage.promises.terms import sentence
from zusage.report.judged import class_sections, decision, steps_up
from zusage.report.lines import Line, Section
from zusage.report.writing import clock, decimal, exact_euro, rate

Row = Mapping[str, Any]
FOUND = 20
"""So many names a search shows at most: whoever has more namesakes types the number."""


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


def find_customers(plan: Plan, text: str) -> list[tuple[str, str | None]]:
    """Number and name of the customers whose number is the text or whose name holds it; at most FOUND, by number."""
    known = plan.accounts.select("customer_id", "name")
    exact = engine.rows(known.filter(nw.col("customer_id") == text))
    lowered = nw.col("name").fill_null("").str.to_lowercase()
    held = exact or engine.rows(known.filter(lowered.str.contains(text.lower(), literal=True)).head(FOUND))
    return [(row["customer_id"], row["name"]) for row in held]


def explain(plan: Plan, customer_id: str, language: Language | None = None) -> Explanation:
    """The explanation of the unit a customer belongs to; names of classes and roles are in the language (the firm's).

    Raises Refused where the number is not in the plan.
    """
    known = engine.rows(plan.memberships.filter(nw.col("customer_id") == customer_id).select("unit_id"))
    if not known:
        raise Refused([mistake("report_no_customer", text=customer_id)])
    return next(explanations(plan, [known[0]["unit_id"]], language or plan.policy.firm.language))


def explanations(plan: Plan, unit_ids: Sequence[str], language: Language) -> Iterator[Explanation]:
    """The explanations of units, in the order asked for; each table is read once."""
    key = "household_id" if plan.policy.household_together else "customer_id"
    units = {row["unit_id"]: row for row in engine.rows(plan.units.filter(nw.col("unit_id").is_in(unit_ids)))}
    members = _grouped(engine.rows(plan.accounts.filter(nw.col(key).is_in(unit_ids)).sort("customer_id")), key)
    parts = _grouped(engine.rows(plan.parts.filter(nw.col("unit_id").is_in(unit_ids))), "unit_id")
    for unit_id in unit_ids:
        yield _explained(plan, units[unit_id], members[unit_id], parts.get(unit_id, []), language)


def _grouped(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def _explained(plan: Plan, unit: Row, members: Sequence[Row], parts: Sequence[Row], language: Language) -> Explanation:
    own = plan.policy.service_class(unit["class_key"])
    accounts = [
        *(_yields(plan, unit, language), _cost(plan, unit, members, language), _contribution(unit, language)),
        *(_earned(plan, unit, language), _certainty(plan, unit, language)),
    ]
    return Explanation(
        unit_id=unit["unit_id"],
        members=tuple(
            Member(*(row[name] for name in ("customer_id", "name", "yield_cents", "cost_cents", "contribution_cents")))
            for row in members
        ),
        class_key=own.key,
        class_name=own.name[language],
        decision=decision(plan.policy, unit, language),
        sections=(*class_sections(plan.policy, unit, parts, language), *accounts),
        steps=steps_up(unit, language),
        floor=_promised(plan.policy, own.key, language, floor=True),
        promises=_promised(plan.policy, own.key, language, floor=False),
    )


def _promised(policy: Policy, key: str, language: Language, *, floor: bool) -> tuple[str, ...]:
    return tuple(
        sentence(promise, policy, language)
        for promise in policy.promises_of(key)
        if (policy.service(promise.service).kind == "floor") == floor
    )


def _yields(plan: Plan, unit: Row, language: Language) -> Section:
    """Yield by kind; kinds without money are left out."""
    lines = [
        Line(Reason(f"explain_{name.removesuffix('_cents')}"), "exact", unit[name], _kind(plan, name, language))
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


def _kind(plan: Plan, column: str, language: Language) -> Reason:
    """How money of a kind became money of a year; where it was booked with tax, the tax is divided out."""
    rule = plan.policy.yields.rule(_KINDS[column])
    net = 1000 + (rule.tax_permille.on(plan.periods.money_to) if rule.tax_permille else 0)
    values: dict[str, Value] = {"net": decimal(net, 3, language)} if net != 1000 else {}
    values |= {"years": rule.years} if rule.years > 1 else {"months": plan.periods.covered_months}
    code = "explain_spread" if rule.years > 1 else "explain_to_a_year"
    return Reason(f"{code}_net" if net != 1000 else code, values)


def _total(code: str, cents: int, calculation: Reason | None = None) -> Line:
    return Line(Reason(code), "exact", cents, calculation, total=True)


def _cost(plan: Plan, unit: Row, members: Sequence[Row], language: Language) -> Section:
    """Cost to serve: for each cause its time by role, its travel and materials; then the base cost."""
    lines: list[Line] = []
    for cause in CAUSES:
        if unit[f"{cause}_cents"]:
            lines += _times(plan, unit, members, cause, language)
            lines += _paid(plan, unit, members, cause, language)
            lines.append(_total(f"explain_{cause}_total", unit[f"{cause}_cents"]))
    first_hour = plan.periods.first_hour
    base = "explain_base_first_hour" if first_hour else "explain_base"
    lines.append(Line(Reason(base), "exact", unit["base_cents"], assumed=first_hour))
    return Section(Reason("explain_cost"), (*lines, _total("explain_cost_total", unit["cost_cents"])))


def _times(plan: Plan, unit: Row, members: Sequence[Row], cause: str, language: Language) -> Iterator[Line]:
    for pair in pairs(plan.policy):
        if pair.cause == cause and unit[pair.seconds]:
            role = plan.policy.role(pair.role)
            milli = role.rate(plan.periods.as_of)
            cents = sum(half_up(row[pair.seconds] * milli, RATE_UNIT) for row in members)
            values: dict[str, Value] = {"time": clock(unit[pair.seconds], language), "rate": rate(milli, language)}
            yield Line(
                Reason(f"explain_{cause}_time", {"role": role.name[language]}),
                "exact",
                cents,
                _exactly("explain_times_rate", values, cents == half_up(unit[pair.seconds] * milli, RATE_UNIT)),
                assumed=_assumed(plan.policy, pair),
            )


def _exactly(code: str, values: Mapping[str, Value], exact: bool) -> Reason:
    """The calculation; of a household it may be cents off, because each member's amount is rounded: then it says so."""
    return Reason(code if exact else f"{code}_members", values)


def _assumed(policy: Policy, pair: Pair) -> bool:
    return any(item.assumed for item in policy.activities if (item.cause, item.role) == (pair.cause, pair.role))


def _paid(plan: Plan, unit: Row, members: Sequence[Row], cause: str, language: Language) -> Iterator[Line]:
    """What is paid out beside the time: ways and materials."""
    travel, materials = unit[f"{cause}_travel_cents"], unit[f"{cause}_materials_cents"]
    if travel:
        calculation = _ways(plan, members, cause, travel, language)
        yield Line(Reason("explain_travel"), "exact", travel, calculation)
    if materials:
        yield Line(Reason("explain_materials"), "exact", materials)


def _ways(plan: Plan, members: Sequence[Row], cause: str, cents: int, language: Language) -> Reason:
    rules = plan.policy.travel
    per_km = rules.per_km.on(plan.periods.as_of)
    visits = [pair.visits for pair in travelling(plan.policy) if pair.cause == cause]
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


def _earned(plan: Plan, unit: Row, language: Language) -> Section:
    """Earned time: what the yield leaves for time, divided by the firm's rate; then what was used of it."""
    margin = half_up(unit["yield_cents"] * plan.policy.earned.margin_permille, 1000)
    direct = sum(unit[f"{cause}_{part}_cents"] for cause in ("asked", "granted") for part in ("travel", "materials"))
    cents = unit["yield_cents"] - margin - unit["duty_cents"] - unit["base_cents"] - direct
    milli = blended_rate(plan.policy, plan.periods.as_of)
    seconds = half_up(cents * RATE_UNIT, milli) if cents > 0 else 0
    margin_of = Reason("explain_margin", {"margin_permille": plan.policy.earned.margin_permille})
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


def _certainty(plan: Plan, unit: Row, language: Language) -> Section:
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
                Reason("explain_interval", {"sure_permille": plan.policy.evidence.confidence_permille}),
                "text",
                f"{low} – {high}",
            ),
            Line(Reason("explain_measured"), "measured_seconds", unit["measured_seconds"]),
        ),
    )


def as_json(explanation: Explanation, language: Language) -> dict[str, Any]:
    """An explanation ready for JSON: figures as integers with their unit, texts in the reader's language."""
    return {
        "unit_id": explanation.unit_id,
        "class_key": explanation.class_key,
        "class_name": explanation.class_name,
        "members": [asdict(member) for member in explanation.members],
        "decision": [say(reason, language) for reason in explanation.decision],
        "steps": [say(step, language) for step in explanation.steps],
        "promises": [*explanation.promises, *explanation.floor],
        "sections": [
            {
                "title": say(section.title, language),
                "lines": [_line_json(line, language) for line in section.lines],
            }
            for section in explanation.sections
        ],
    }


def _line_json(line: Line, language: Language) -> dict[str, Any]:
    return {
        "label": say(line.label, language),
        "unit": line.unit,
        "value": line.value,
        "text": line.figure(language),
        "calculation": line.reckoned(language),
        "total": line.total,
        "assumed": line.assumed,
        "met": line.met,
    }

"""A unit's row and its parts come in, what decided its class, the criteria as lines and the steps up go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from zusage.classes.parts import NO_HOURS, NO_YIELD, ranked
from zusage.ground.reasons import Reason, Value
from zusage.ground.words import UNKNOWN, Language, say, word, write
from zusage.policy.document import OWN, AllOf, Criterion, Policy, Rule, metric
from zusage.report.lines import Line, Section
from zusage.report.writing import counted, decimal

Row = Mapping[str, Any]


def class_name(policy: Policy, key: str | None, language: Language) -> str:
    """The customer-facing name of a class; empty for none."""
    return policy.service_class(key).name[language] if key else ""


def decision(policy: Policy, unit: Row, language: Language) -> tuple[Reason, ...]:
    """What decided the class, and what stays open."""
    values: dict[str, Value] = {
        "name": class_name(policy, unit["class_key"], language),
        "waiting": class_name(policy, unit["waiting_for"], language),
        "by": unit["override_by"],
        "why": unit["override_reason"],
        "until_on": unit["override_until"],
        "choice_on": unit["choice_on"],
    }
    because = unit["because"]
    if because == "undecided" and unit["previous_key"] is None:
        because = "undecided_new"
    found = [Reason(f"because_{because}", values)]
    if unit["undecided"]:
        found.append(Reason("explain_possible", _possible(policy, unit, language)))
    if unit["previous_key"] and unit["previous_key"] != unit["class_key"]:
        found.append(Reason("explain_previous", {"name": class_name(policy, unit["previous_key"], language)}))
    return tuple(found)


def _possible(policy: Policy, unit: Row, language: Language) -> dict[str, Value]:
    classes = ranked(policy)
    return {
        "best": classes[unit["possible_rank"]].name[language],
        "least": classes[unit["certain_rank"]].name[language],
    }


def steps_up(unit: Row, language: Language) -> tuple[Reason, ...]:
    """What lifts a unit to a better class, each step alone; whole euro and minutes, rounded up so that they suffice."""
    found = []
    if unit["more_yield_cents"] is not None:
        found.append(Reason("step_yield", {"more_cents": -(-unit["more_yield_cents"] // 100) * 100}))
    if unit["less_seconds"] is not None:
        found.append(Reason("step_time", {"less_seconds": -(-unit["less_seconds"] // 60) * 60}))
    for noun, column in (("more_contract", "more_contracts"), ("more_referral", "more_referrals")):
        if unit[column] is not None:
            found.append(Reason("step_count", {"text": counted(noun, unit[column], language)}))
    return tuple(found)


def class_sections(policy: Policy, unit: Row, parts: Sequence[Row], language: Language) -> Iterator[Section]:
    """One section per class from the best down to the unit's own: its criteria with value, cut and whether met."""
    found = {(row["class_key"], row["number"]): row for row in parts}
    for rank, item in enumerate(ranked(policy)):
        if rank > unit["rank"] and unit["rank"] < len(ranked(policy)):
            break
        numbers = iter(range(len(found)))
        lines = _rule_lines(item.rule, lambda key=item.key, n=numbers: found[key, next(n)], 0, language)  # type: ignore[misc]
        own = unit["class_key"] == item.key
        title = Reason("explain_class_own" if own else "explain_class", {"name": item.name[language]})
        yield Section(title, tuple(lines) or (Line(Reason("explain_everyone")),))


def _rule_lines(rule: Rule, following: Callable[[], Row], depth: int, language: Language) -> Iterator[Line]:
    if isinstance(rule, Criterion):
        yield _part_line(rule, following(), depth, language)
        return
    if len(rule.rules) > 1:
        yield Line(Reason("explain_all_of" if isinstance(rule, AllOf) else "explain_any_of"), depth=depth)
    for part in rule.rules:
        yield from _rule_lines(part, following, depth + (len(rule.rules) > 1), language)


def _part_line(criterion: Criterion, row: Row, depth: int, language: Language) -> Line:
    key = criterion.metric
    stays = criterion.stay != criterion.cut and row["cut"] == criterion.stay
    values: dict[str, Value] = {"cut": metric_text(key, row["cut"], language)}
    code = "explain_cut_stay" if stays else "explain_cut"
    if row["low"] != row["high"]:
        values |= {bound: metric_text(key, row[bound], language) for bound in ("low", "high")}
        code = f"{code}_interval"
    value = metric_text(key, row["value"], language)
    return Line(_label(key), "text", value, Reason(code, values), met=row["met"], depth=depth, part=row)


def _label(key: str) -> Reason:
    """The name of a metric; those that criteria see before granted work say so."""
    if key.startswith(OWN):
        return Reason("explain_own", {"text": key.removeprefix(OWN)})
    return Reason(f"explain_metric_{key}" if metric(key).unsure else f"metric_{key}")


def metric_name(key: str, language: Language) -> str:
    """The name of a metric as pages say it."""
    return say(_label(key), language)


def metric_text(key: str, value: int, language: Language) -> str:
    """A figure or a cut in the unit of its metric."""
    if value >= NO_HOURS and key == "euro_per_hour":
        return word("explain_no_hours_needed", language)
    if value == NO_YIELD and key == "recurring_share":
        return UNKNOWN
    unit = metric(key).unit
    if unit == "milli":
        return decimal(value, 3, language)
    if unit == "months":
        return counted("month", value, language)
    return write(f"value_{unit}", value, language)

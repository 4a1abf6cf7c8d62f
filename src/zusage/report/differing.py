"""A value of a service model comes in with its field's name, its text for a list of differences goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from zusage.ground.reasons import Value
from zusage.ground.words import UNKNOWN, Language, day, euro, listed, percent, quote, texts, time_of_day, word
from zusage.policy.document import (
    EVERYONE,
    OWN,
    AllOf,
    AnyOf,
    Blocks,
    Criterion,
    Dated,
    Match,
    OpeningSeason,
    Places,
    Policy,
    Response,
    Rule,
    Text,
    YieldResponse,
    metric,
)
from zusage.promises.terms import price_text, response_term
from zusage.report.judged import metric_text
from zusage.report.writing import clock, decimal, said

Write = Callable[[Any, Policy, Language], str]


def shown(field: str, value: Any, policy: Policy, language: Language) -> str:
    """A value as its field is written: `yearly_cost` as an amount with its days, `role` by the role's name."""
    if value is None or value in ("", ()):
        return UNKNOWN
    if field in _BY_FIELD:
        return _BY_FIELD[field](value, policy, language)
    for ending, write in _BY_ENDING.items():
        if field.endswith(ending):
            return (
                _dated(value, write, policy, language) if isinstance(value, Dated) else write(value, policy, language)
            )
    return _by_kind(value, policy, language)


def _by_kind(value: Any, policy: Policy, language: Language) -> str:
    if isinstance(value, bool):
        return word("differs_yes" if value else "differs_no", language)
    if isinstance(value, Text):
        return both(value, language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, Response):
        return response_term(value, language)
    if isinstance(value, YieldResponse):
        return _assumed(value, policy, language)
    return key_text(value, language) if isinstance(value, str) else str(value)


def _assumed(value: YieldResponse, policy: Policy, language: Language) -> str:
    """The assumption about service and yield: class by class, the least gain that moves anybody, the source."""
    classes = "; ".join(
        said(
            "differs_class_response", language, name=key_text(item.class_key, language),
            low_permille=item.low, mid_permille=item.mid, high_permille=item.high,
        )
        for item in value.classes
    )  # fmt: skip
    return said("differs_response", language, text=classes, stay_cents=value.stay_cents, source=value.source[language])


def key_text(key: str, language: Language) -> str:
    """A word of the policy's own language, such as `granted` or `next_package`, in the reader's; others as they are."""
    code = f"differs_word_{key}"
    return word(code, language) if code in texts() else quote(key, language)


def both(text: Text, language: Language) -> str:
    """A text as it stands in the reader's language, with the other one where it is another."""
    if text.de == text.en:
        return _whole(text[language], language)
    other: Language = "en" if language == "de" else "de"
    return f"{_whole(text[language], language)} ({_whole(text[other], language)})"


def _whole(text: str, language: Language) -> str:
    """In quotation marks and uncut: two sentences may differ in their last word."""
    return f"„{text}“" if language == "de" else f"“{text}”"


def _dated(value: Dated, write: Write, policy: Policy, language: Language) -> str:
    found = []
    for first_day, step in value.steps:
        text = write(step, policy, language)
        since = first_day and said("differs_since", language, text=text, from_on=first_day)
        found.append(since or text)
    return ", ".join(found)


def _minutes(seconds: int, _: Policy, language: Language) -> str:
    return said("differs_minutes", language, text=decimal(seconds * 1000 // 60, 3, language))


def _role(key: str, policy: Policy, language: Language) -> str:
    return policy.role(key).name[language]


def _metrics(keys: Sequence[str], _: Policy, language: Language) -> str:
    return listed([metric_name(key, language) for key in keys], language)


def metric_name(key: str, language: Language) -> str:
    """The name of a metric; a column of the firm's own is named as it is."""
    if key.startswith(OWN):
        return said("explain_own", language, text=key.removeprefix(OWN))
    return word(f"metric_{key}", language)


def _months(numbers: Sequence[int], _: Policy, language: Language) -> str:
    return listed([word(f"month_{number}", language) for number in numbers], language)


def _weekdays(keys: Sequence[str], _: Policy, language: Language) -> str:
    return listed([word(f"weekday_{key}", language) for key in keys], language)


def _channels(keys: Sequence[str], _: Policy, language: Language) -> str:
    return listed([word(f"channel_{key}", language) for key in keys], language)


def _minute_of_day(minute: int, _: Policy, language: Language) -> str:
    return time_of_day(minute)


def _names(items: Sequence[str], _: Policy, language: Language) -> str:
    return ", ".join(items)


def _weeks(milli: int, _: Policy, language: Language) -> str:
    return said("differs_weeks", language, text=decimal(milli, 3, language))


def _kilometres(metres: int, _: Policy, language: Language) -> str:
    return said("differs_kilometres", language, text=decimal(metres, 3, language))


def _matches(rules: Sequence[Match], _: Policy, language: Language) -> str:
    return "; ".join(_match(rule, language) for rule in rules)


def _match(rule: Match, language: Language) -> str:
    parts = [key_text(item, language) for item in (rule.log, rule.direction, rule.place) if item]
    if rule.topic is not None:
        parts.append(said("differs_topic", language, text=quote(rule.topic, language)))
    return ", ".join(parts) or word("differs_everything", language)


def places_text(places: Places, policy: Policy, language: Language) -> str:
    """Limited places with the figures that decide who gets one."""
    order = _metrics(places.order, policy, language)
    return said("differs_places", language, places_count=places.count, text=order)


def blocks_text(blocks: Blocks, language: Language) -> str:
    """The opening hours of a day; closed where there are none."""
    return ", ".join(f"{opens}–{closes}" for opens, closes in blocks) or word("differs_closed", language)


def _closures(spans: Sequence[tuple[date, date]], _: Policy, language: Language) -> str:
    return "; ".join(f"{day(first, language)} – {day(last, language)}" for first, last in spans)


def _seasons(seasons: Sequence[OpeningSeason], policy: Policy, language: Language) -> str:
    return "; ".join(_season(item, policy, language) for item in seasons)


def _season(item: OpeningSeason, policy: Policy, language: Language) -> str:
    week = [f"{word(f'weekday_{key}', language)} {blocks_text(blocks, language)}" for key, blocks in item.weekly]
    return f"{_closures([(item.first, item.last)], policy, language)}: {', '.join(week)}"


# --- criteria


def rule_text(rule: Rule, language: Language, *, inside: bool = False) -> str:
    """Criteria as a sentence's part: `Ertrag im Jahr ab 600 € (zum Bleiben 500 €) oder Empfehlungen ab 2`."""
    if isinstance(rule, Criterion):
        return _criterion(rule, language)
    if rule == EVERYONE:
        return word("differs_everyone", language)
    text = listed([rule_text(part, language, inside=True) for part in rule.rules], language, _JOINTS[type(rule)])
    return f"({text})" if inside else text


_JOINTS: Mapping[type, Literal["and", "or"]] = {AllOf: "and", AnyOf: "or"}


def _criterion(rule: Criterion, language: Language) -> str:
    values: dict[str, Value] = {"metric": metric_name(rule.metric, language), "cut": cut_text(rule, "cut", language)}
    if rule.stay == rule.cut:
        return said("differs_criterion", language, **values)
    return said("differs_criterion_stay", language, **values, stay=cut_text(rule, "stay", language))


def cut_text(rule: Criterion, which: str, language: Language) -> str:
    """The cut of a criterion, or what is enough to stay, in the unit of its metric."""
    value: int = getattr(rule, which)
    if metric(rule.metric).unit == "cents":
        return euro(value, language)
    return metric_text(rule.metric, value, language)


def _euro(cents: int, _: Policy, language: Language) -> str:
    return euro(cents, language)


def _percent(permille: int, _: Policy, language: Language) -> str:
    return percent(permille, language)


def _decimal(milli: int, _: Policy, language: Language) -> str:
    return decimal(milli, 3, language)


def _hours(seconds: int, _: Policy, language: Language) -> str:
    return clock(seconds, language)


_BY_FIELD: Mapping[str, Write] = {
    "role": _role,
    "order": _metrics,
    "avoid_months": _months,
    "prefer_months": _months,
    "weekdays": _weekdays,
    "channels": _channels,
    "channel": lambda key, _, language: word(f"channel_{key}", language),
    "holiday_categories": _names,
    "name_of_firm": lambda name, _, language: quote(name, language),
    "weeks_milli": _weeks,
    "default_m": _kilometres,
    "match": _matches,
    "places": places_text,
    "price": lambda price, _, language: price_text(price, language),
    "closures": _closures,
    "seasons": _seasons,
    "from_minute": _minute_of_day,
    "to_minute": _minute_of_day,
    "weekly_seconds": _hours,
    "internal_seconds": _hours,
    "cut_off_seconds": _hours,
    "rule": lambda rule, _, language: rule_text(rule, language),
    "yearly_cost": lambda value, policy, language: _dated(value, _euro, policy, language),
    "overhead": lambda value, policy, language: _dated(value, _euro, policy, language),
    "base_cost": lambda value, policy, language: _dated(value, _euro, policy, language),
    "per_km": lambda value, policy, language: _dated(value, _euro, policy, language),
}
_BY_ENDING: Mapping[str, Write] = {
    "_seconds": _minutes,
    "seconds": _minutes,
    "_per_km": _minutes,
    "_cents": _euro,
    "_permille": _percent,
    "_milli": _decimal,
}

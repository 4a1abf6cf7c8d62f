"""A policy and the promises of one customer come in; under which conditions they hold goes out, as sentences.

What stands here is what `promises.decide` reckons with: opening hours, closed days, until when "the same working day"
means today, what an allowance counts and what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from zusage.ground.words import Language, listed, word
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Blocks, Opening, Policy, Promise, UsedUp
from zusage.promises.counting import counted
from zusage.promises.sentences import next_package
from zusage.report.writing import long_day, said

AHEAD = timedelta(365)
"""Days that are closed later than this a letter need not tell yet."""
Week = Sequence[tuple[str, Blocks]]


@dataclass(frozen=True)
class Whose:
    """What of a customer decides over an allowance that is used up."""

    class_key: str
    consumer: bool


def conditions(
    policy: Policy, promises: Iterable[Promise], since: date, whose: Whose, language: Language
) -> tuple[str, ...]:
    """Sentences on the hours, and on the terms that need a word of explanation; `since`: the first day it is about."""
    owed = list(promises)
    found = list(opening_sentences(policy.opening, since, language))
    measured = {item.service: policy.service(item.service).measure for item in owed}
    responses = [item for item in owed if measured[item.service] == "response"]
    parts = [part for item in responses for part in (item.response(), item.reply, item.completion) if part]
    found += _time_sentences({part.mode for part in parts}, policy.requests.cut_off_seconds, language)
    limits = [item for item in owed if measured[item.service] == "allowance" and item.mode != "unlimited"]
    if limits:
        found.append(said("letters_not_counted", language))
        rules = dict.fromkeys(_used_up(policy, item.used_up or policy.allowance.used_up, whose) for item in limits)
        found += [said(f"letters_used_up_{rule}", language, **_channel(policy, language)) for rule in rules]
    return tuple(found)


def _used_up(policy: Policy, rule: UsedUp, whose: Whose) -> UsedUp:
    """What comes after an allowance for this customer, as requests are settled: nobody is charged who may not be, and
    where there is no larger package an appointment is suggested."""
    may_charge = policy.allowance.charge_consumers or not whose.consumer
    if (rule == "charge" and not may_charge) or (
        rule == "next_package" and next_package(policy, whose.class_key) is None
    ):
        return "appointment"
    return rule


def _time_sentences(modes: AbstractSet[str], cut_off: int, language: Language) -> Iterator[str]:
    """What the terms of responses mean: which day is meant, when it ends, what counts as an hour."""
    if modes - {"within_hours", "windows"}:
        yield said("letters_outside", language)
        yield said("letters_day_ends", language)
    if "same_day" in modes:
        yield _same_day(cut_off, language)
    for mode in ("by_weekday", "within_hours", "windows"):
        if mode in modes:
            yield said(f"letters_{mode}", language)


def _same_day(cut_off: int, language: Language) -> str:
    """Until when the same day is meant, and by when what comes later is answered."""
    if not cut_off:
        return said("letters_same_day_end", language)
    values = {"text": _long(cut_off, language), "within": _long(cut_off, language, "_within")}
    return said("letters_same_day", language, **values)


def _long(seconds: int, language: Language, case: str = "") -> str:
    """`zwei Stunden`, `90 Minuten`."""
    hours, rest = divmod(seconds, 3600)
    if rest:
        return said("letters_minutes", language, number=-(-seconds // 60))
    return (
        said(f"letters_hours_one{case}", language)
        if hours == 1
        else said("letters_hours", language, count=counted(hours, language))
    )


def _channel(policy: Policy, language: Language) -> dict[str, str]:
    return {"channel": word(f"channel_{policy.allowance.channel}", language)}


# --- hours


def opening_sentences(opening: Opening, since: date, language: Language) -> Iterator[str]:
    """When somebody is there in a usual week, and what is otherwise from a day on, as far as it is known."""
    yield said("letters_open", language, text=week_text(opening.weekly, language))
    last = since + AHEAD
    for season in opening.seasons:
        if season.last >= since and season.first <= last:
            span = {"first": long_day(season.first, language), "last": long_day(season.last, language)}
            yield said("letters_season", language, **span, text=week_text(season.weekly, language))
    for first, end in opening.closures:
        if end >= since and first <= last:
            code = "letters_closed_day" if first == end else "letters_closed"
            yield said(code, language, first=long_day(first, language), last=long_day(end, language))
    for day, blocks in opening.days:
        if since <= day <= last:
            code = "letters_day" if blocks else "letters_closed_day"
            yield said(code, language, first=long_day(day, language), text=_blocks(blocks, language))


def week_text(weekly: Week, language: Language) -> str:
    """`Montag bis Donnerstag von 9:00 bis 12:00 Uhr und von 13:00 bis 17:00 Uhr, Freitag von 9:00 bis 14:00 Uhr`."""
    hours: Mapping[str, Blocks] = dict(weekly)
    runs = [(blocks, list(days)) for blocks, days in groupby(WEEKDAYS, lambda day: hours.get(day, ()))]
    told = [f"{_days(days, language)} {_blocks(blocks, language)}" for blocks, days in runs if blocks]
    return ", ".join(told)


def _days(days: Sequence[str], language: Language) -> str:
    names = [word(f"weekday_{day}", language) for day in days]
    if len(names) < 3:
        return listed(names, language)
    return said("letters_days", language, first=names[0], last=names[-1])


def _blocks(blocks: Blocks, language: Language) -> str:
    return listed(
        [said("letters_block", language, start=_clock(one), end=_clock(two)) for one, two in blocks], language
    )


def _clock(written: str) -> str:
    """`09:00` as people say it: `9:00`."""
    return written.removeprefix("0") if not written.startswith("00") else written[1:]

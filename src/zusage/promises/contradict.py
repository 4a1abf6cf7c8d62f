"""A promise with the firm's own wording comes in; the words that say something else than the promise go out.

Careful in what it reports: a sentence contradicts only where it plainly states another day, number, place, way or
person and nowhere the promised one. The service's name, where a sentence begins with it, is no statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence

from zusage.ground.money import half_up
from zusage.ground.reasons import Finding, Place, warning
from zusage.ground.words import LANGUAGES, Language
from zusage.policy.document import Measure, Policy, Promise, Response, ServiceClass, leaves, metric
from zusage.policy.mistakes import shown
from zusage.promises import readings
from zusage.promises.readings import Said
from zusage.promises.terms import term

WORKWEEK = {"mon", "tue", "wed", "thu", "fri"}
TOLERANCE = 5
"""Thousandths a year: every third year is 333, whether it was written as 1/3 or 0.33."""


def contradiction(text: str, promise: Promise, policy: Policy) -> str | None:
    """The words of a sentence that say something else than a promise, or None.

    >>> from zusage.policy.read import read_policy_text
    >>> from zusage.policy.templates import template
    >>> policy = read_policy_text(template("abc", "de")).policy
    >>> best = next(item for item in policy.promises_of("A") if item.mode == "same_day")
    >>> contradiction("Wir rufen Sie am nächsten Arbeitstag zurück.", best, policy)
    'nächsten Arbeitstag'
    """
    service = policy.service(promise.service)
    text = " ".join(text.split())
    for name in (service.name.de, service.name.en):
        text = text.removeprefix(name)
    return next((words for check in _CHECKS[service.measure] if (words := check(text, promise, policy))), None)


def wording_findings(policy: Policy, place: Callable[[Promise, str], str]) -> Iterator[Finding]:
    """A warning for each wording that contradicts its promise; `place` says where that of a class was written."""
    seen = set()
    for class_key, promises in policy.promises:
        for promise in promises:
            where = place(promise, class_key)
            for language in _languages(promise, policy):
                text = promise.wording[language] if promise.wording else ""
                words = contradiction(text, promise, policy)
                if words and (where, text) not in seen:
                    seen.add((where, text))
                    yield warning(
                        "packages_contradicts", Place(path=where),
                        text=shown(text), word=words, term=term(promise, policy, language),
                    )  # fmt: skip


def way_contradiction(text: str, asked: ServiceClass) -> str | None:
    """The words of a firm's own sentence on how to get a class that ask for another figure than its criteria and its
    price do, or None; a figure of which the criteria know nothing is left alone.

    >>> from zusage.policy.read import read_policy_text
    >>> from zusage.policy.templates import template
    >>> way_contradiction("Wer uns zwei Kunden empfiehlt", read_policy_text(template("abc", "de")).policy.classes[0])
    'zwei Kunden'
    """
    wanted = [(_figure_of(leaf.metric), leaf.cut) for leaf in leaves(asked.rule)]
    if (price := asked.price) is not None:
        wanted += [("cents", amount) for amount in (price.net_cents, price.gross_cents, price.tax_cents)]
    known = {name for name, _ in wanted}
    said = [item for item in readings.criteria(" ".join(text.split())) if item.about in known]
    return next((item.words for item in said if item.value not in wanted and not item.denied), None)


def _figure_of(name: str) -> str:
    return "cents" if metric(name).unit == "cents" else name


def _languages(promise: Promise, policy: Policy) -> Sequence[Language]:
    if promise.wording is None:
        return ()
    return LANGUAGES if promise.wording.de != promise.wording.en else (policy.firm.language,)


def _clash(said: Sequence[Said], promised: Collection[Hashable]) -> str | None:
    """The first statement that is not what was promised, unless another one is; or a denial of what was promised."""
    stated = [item for item in said if not item.denied]
    if any(item.value in promised for item in stated):
        return None
    if stated:
        return stated[0].words
    return next((item.words for item in said if item.value in promised and len(promised) == 1), None)


# --- how fast


def _speed(text: str, promise: Promise, _: Policy) -> str | None:
    promised = {_value(item) for item in _responses(promise)}
    return _clash(readings.speeds(text), promised)


def _responses(promise: Promise) -> list[Response]:
    return [item for item in (promise.response(), promise.reply, promise.completion) if item is not None]


def _value(response: Response) -> Hashable:
    if response.mode == "same_day":
        return "same"
    if response.mode == "next_workday":
        return ("days", 1)
    if response.mode == "within_workdays":
        return ("days", response.number)
    if response.mode == "within_hours":
        return readings.hours_value(response.number)
    return response.mode


def _weekday(text: str, promise: Promise, _: Policy) -> str | None:
    """Another weekday; where no weekday is promised, only one that stands instead of how fast."""
    named = readings.weekdays(text)
    promised = {day for item in _responses(promise) for day in item.weekdays}
    others = [words for day, words in named.items() if day not in promised]
    if not others or (not promised and (readings.speeds(text) or named.keys() >= WORKWEEK)):
        return None
    return others[0]


def _clock(text: str, promise: Promise, _: Policy) -> str | None:
    promised = {(item.from_minute, item.to_minute) for item in _responses(promise) if item.from_minute is not None}
    return _clash(readings.clocks(text), promised) if promised else None


# --- how often, how much


def _often(text: str, promise: Promise, _: Policy) -> str | None:
    if not promise.per_year_milli:
        return None
    said = readings.frequencies(text)
    near = {item.value for item in said if abs(int(str(item.value)) - promise.per_year_milli) <= TOLERANCE}
    return _clash(said, near or {promise.per_year_milli})


def _count(text: str, promise: Promise, _: Policy) -> str | None:
    amount = {"unlimited": 0, "earned": 0}.get(promise.mode, promise.number)
    if promise.mode == "hours":
        amount = half_up(amount, 60) * 60  # as it is written
    return _clash(readings.counts(text), {(promise.mode, amount)})


def _period(text: str, promise: Promise, _: Policy) -> str | None:
    return _clash(readings.periods(text), {promise.per}) if promise.mode in ("contacts", "hours") else None


# --- where, how, by whom

_AT: Mapping[str, tuple[str, ...]] = {"office_or_online": ("office", "online")}


def _place(text: str, promise: Promise, _: Policy) -> str | None:
    promised = _AT.get(promise.mode, (promise.mode,))
    if "office" in promised and re.search(r"\bbei uns\b|\bwith us\b", text, re.IGNORECASE):
        return None  # too many meanings to be a statement, and one of them is the office
    return _clash(readings.places(text), promised)


def _form(text: str, promise: Promise, _: Policy) -> str | None:
    return _clash(readings.forms(text), {promise.mode})


def _ways(text: str, promise: Promise, _: Policy) -> str | None:
    """A way to reach the firm that is not offered."""
    said = readings.channels(text)
    return next((item.words for item in said if (item.value in promise.channels) == item.denied), None)


def _person(text: str, promise: Promise, policy: Policy) -> str | None:
    if clash := _clash(readings.people(text), {promise.mode}):
        return clash
    if promise.mode != "personal" or promise.role is None:
        return None
    named = {role.key: _named(text, (role.name.de, role.name.en)) for role in policy.roles}
    return None if named[promise.role] else next((words for words in named.values() if words), None)


def _named(text: str, names: Sequence[str]) -> str | None:
    hits = (re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)
    return next((hit[0] for hit in hits if hit), None)


_FIRST_STEP: Mapping[str, str] = {
    "guaranteed": "firm",
    "on_request": "customer",
    "active": "firm",
    "reactive": "customer",
}


def _start(text: str, promise: Promise, _: Policy) -> str | None:
    return _clash(readings.starts(text), {_FIRST_STEP[promise.mode]})


_Check = Callable[[str, Promise, Policy], str | None]
_CHECKS: Mapping[Measure, tuple[_Check, ...]] = {
    "response": (_speed, _weekday, _clock),
    "cadence": (_start, _often),
    "venue": (_place,),
    "publication": (_form, _often),
    "invitation": (_often,),
    "occasion": (_start, _often),
    "allowance": (_count, _period),
    "contact_person": (_person,),
    "channel": (_ways,),
    "included": (_often,),
}

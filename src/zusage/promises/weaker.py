"""The old and the new promise of a service come in; whether the new one is weaker, as good or stronger goes out.

A promise is at least as good as another where it is so in every respect: how fast, how often, where, by whom, on which
ways. What is better in one respect and worse in another is *other*, and counts as weakened: nobody but the customer can
say whether it is better for them. The firm's own wording and the minutes planned for a delivery are not weighed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from zusage.ground.reasons import Refused
from zusage.ground.worktime.vector import Moments, Whole, between_many
from zusage.policy.document import AllowanceRules, Measure, Opening, Policy, Promise, Response
from zusage.policy.requests import CUT_OFF, OFFICE_WEEK, Week, opening_calendar
from zusage.promises.allowance import MONTHS
from zusage.promises.vector import due_many

Verdict = Literal["weaker", "same", "stronger", "other"]
WEAKENED: tuple[Verdict, ...] = ("weaker", "other")
"""Verdicts that are a reduction for the customer."""

_MONDAY = np.datetime64("2026-02-02T00:00:00", "s")
"""A week without a change of clocks stands for all: it is seen without holidays and closures."""
_QUARTERS = _MONDAY + np.arange(-1, 8 * 96) * np.timedelta64(900, "s")
_MOMENTS = np.sort(np.concatenate([_QUARTERS, _QUARTERS + np.timedelta64(1, "s")]))


@dataclass(frozen=True)
class Hours:
    """By which opening hours lateness is judged, for the old and the new promise alike."""

    weekly: Week = OFFICE_WEEK
    zone: str = "Europe/Berlin"
    cut_off: int = CUT_OFF

    @classmethod
    def of(cls, policy: Policy) -> Hours:
        """The usual week of a policy."""
        return cls(policy.opening.weekly, policy.firm.time_zone, policy.requests.cut_off_seconds)


USUAL = Hours()


@dataclass(frozen=True)
class Changed:
    """What a service is for members of a class before and after; None: not promised."""

    service: str
    old: Promise | None
    new: Promise | None
    verdict: Verdict

    @property
    def weakened(self) -> bool:
        """Whether it is a reduction."""
        return self.verdict in WEAKENED


def verdict(old: Promise | None, new: Promise | None, measure: Measure, hours: Hours = USUAL) -> Verdict:
    """How the new promise of a service stands to the old one.

    Nothing promised is weakest of all. An allowance is the other way round: without one there is no limit.
    """
    better, worse = at_least(new, old, measure, hours), at_least(old, new, measure, hours)
    if better and worse:
        return "same"
    return "stronger" if better else "weaker" if worse else "other"


def at_least(one: Promise | None, other: Promise | None, measure: Measure, hours: Hours) -> bool:
    """Whether a promise is at least as good as another in every respect (reflexive and transitive)."""
    if measure == "allowance":
        return _allowance(one, other)
    if one is None or other is None:
        return other is None
    ways = not one.channels or (bool(other.channels) and set(one.channels) >= set(other.channels))
    return ways and _RESPECTS[measure](one, other, hours)


def worst_seconds(response: Response, hours: Hours = USUAL) -> int | None:
    """How late an answer can be at worst in a usual week, in seconds of opening time; None: never is anyone there.

    >>> worst_seconds(Response("same_day")) // 3600, worst_seconds(Response("next_workday")) // 3600
    (7, 14)
    """
    waits = _waits(response, hours)
    return waits.worst if waits else None


# --- how fast


@dataclass(frozen=True)
class _Waits:
    """When what is asked in each quarter of an hour of a week is due, and the longest wait in opening time."""

    due: Moments
    worst: int


@lru_cache(maxsize=512)
def _waits(response: Response, hours: Hours) -> _Waits | None:
    calendar = opening_calendar(Opening(hours.weekly, (), (), ()), hours.zone)
    try:
        due = due_many(response, calendar, _MOMENTS, hours.cut_off)
    except Refused:
        return None
    waits: Whole = between_many(calendar, _MOMENTS, due)
    return _Waits(due, -(-int(waits.max()) // 60) * 60)  # the moment after a quarter begins is one second late


def _as_fast(one: Response | None, other: Response | None, hours: Hours) -> bool:
    """By the longest wait; where that is equal, by every moment of asking."""
    if one == other or other is None:
        return True
    if one is None:
        return False
    first, second = _waits(one, hours), _waits(other, hours)
    if first is None or second is None:
        return second is None and first is not None
    return first.worst < second.worst or (first.worst == second.worst and bool((first.due <= second.due).all()))


def _response(one: Promise, other: Promise, hours: Hours) -> bool:
    return (
        _as_fast(one.response(), other.response(), hours)
        and _as_fast(one.reply, other.reply, hours)
        and _as_fast(one.completion, other.completion, hours)
    )


# --- how often, where, by whom


def _cadence(one: Promise, other: Promise, _: Hours) -> bool:
    """Firmly promised is more than on request, whose number is only what the firm expects."""
    if one.mode == "guaranteed":
        return other.mode != "guaranteed" or one.per_year_milli >= other.per_year_milli
    return other.mode != "guaranteed"


_WITHIN: Mapping[str, tuple[str, ...]] = {
    "on_site": ("on_site", "office_or_online", "office", "online"),
    "office_or_online": ("office_or_online", "office", "online"),
    "office": ("office",),
    "online": ("online",),
}
"""What each place is at least as good as: whoever is visited could come too."""


def _venue(one: Promise, other: Promise, _: Hours) -> bool:
    return other.mode in _WITHIN[one.mode]


def _publication(one: Promise, other: Promise, _: Hours) -> bool:
    return (one.mode == "print" or other.mode == "email") and one.per_year_milli >= other.per_year_milli


def _invitation(one: Promise, other: Promise, _: Hours) -> bool:
    return one.per_year_milli >= other.per_year_milli


def _occasion(one: Promise, other: Promise, _: Hours) -> bool:
    return one.mode == "active" or other.mode == "reactive"


def _contact_person(one: Promise, other: Promise, _: Hours) -> bool:
    """Somebody of one's own is more than the team; somebody else of one's own is not comparable."""
    return other.mode == "team" or (one.mode == "personal" and one.role == other.role)


def _as_good(one: Promise, other: Promise, _: Hours) -> bool:
    return True


_RESPECTS: Mapping[Measure, Callable[[Promise, Promise, Hours], bool]] = {
    "response": _response,
    "cadence": _cadence,
    "venue": _venue,
    "publication": _publication,
    "invitation": _invitation,
    "occasion": _occasion,
    "contact_person": _contact_person,
    "channel": _as_good,  # the ways are compared for every measure
    "included": _as_good,
}


# --- how much


def _allowance(one: Promise | None, other: Promise | None) -> bool:
    if one is None or one.mode == "unlimited":
        return True
    if other is None or other.mode == "unlimited":
        return False
    alike = one.mode == other.mode and one.channels == other.channels
    return alike and _covers(one, other) and other.used_up in (one.used_up, "charge")


def _covers(one: Promise, other: Promise) -> bool:
    """Whether whatever use the other allows is allowed by this one too, however it falls within a year."""
    return one.number >= other.number * max(1, MONTHS[one.per] // MONTHS[other.per])


# --- whole packages


def changed_promises(old: Policy, new: Policy, old_key: str, new_key: str) -> tuple[Changed, ...]:
    """What members of a class of the old policy are promised otherwise by a class of the new one.

    In the order of the new catalogue, what is no longer in it at the end. Judged by the new policy's opening hours.
    Services whose terms are equally good are left out.
    """
    before, after = _complete(old, old_key), _complete(new, new_key)
    hours = Hours.of(new)
    found = []
    for key in dict.fromkeys([*(item.key for item in new.services), *before]):
        one, other = before.get(key), after.get(key)
        how = _verdict_between(old, new, key, one, other, hours)
        if how != "same":
            found.append(Changed(key, one, other, how))
    return tuple(found)


def _verdict_between(
    old: Policy, new: Policy, key: str, one: Promise | None, other: Promise | None, hours: Hours
) -> Verdict:
    measures = {policy.service(key).measure for policy in (old, new) if key in {item.key for item in policy.services}}
    if len(measures) > 1:
        return "other" if one is not None else "same" if other is None else "stronger"
    measure = measures.pop()
    how = verdict(one, other, measure, hours)
    limited = measure == "allowance" and other is not None and other.mode != "unlimited"
    if limited and how in ("same", "stronger") and not _rules_as_good(new.allowance, old.allowance):
        return "weaker" if how == "same" else "other"
    return how


def _rules_as_good(one: AllowanceRules, other: AllowanceRules) -> bool:
    """Whether contacts weigh no more, what is left is kept as long, and more costs no more than by other rules."""
    weights = dict(one.weights)
    return (
        all(weights[channel] <= weight for channel, weight in other.weights)
        and one.roll_over >= other.roll_over
        and one.quarter_cents.steps[-1][1] <= other.quarter_cents.steps[-1][1]
        and one.charge_consumers <= other.charge_consumers
    )


def _complete(policy: Policy, class_key: str) -> dict[str, Promise]:
    """The promises of a class by service, with what holds for all allowances written into each."""
    return {item.service: _with_rule(policy, item) for item in policy.promises_of(class_key)}


def _with_rule(policy: Policy, promise: Promise) -> Promise:
    limited = policy.service(promise.service).measure == "allowance" and promise.mode != "unlimited"
    return replace(promise, used_up=promise.used_up or policy.allowance.used_up) if limited else promise


def successor(old: Policy, new: Policy, key: str) -> str:
    """The class of the new policy that stands for a class of the old one.

    The same key; else a new class of the same name, which was renamed; else the best one that is promised no more than
    the old one's level, at the end the last.
    """
    found = renamed(old, new, key)
    if found is not None:
        return found
    gone = old.service_class(key)
    real = [item for item in new.classes if not item.provisional]
    return next((item.key for item in real if item.level <= gone.level), real[-1].key)


def renamed(old: Policy, new: Policy, key: str) -> str | None:
    """The key under which the new policy has a class of the old one: the same, or that of the only new class with its
    name; None for a class that is gone."""
    if key in {item.key for item in new.classes}:
        return key
    gone, known = old.service_class(key), {item.key for item in old.classes}
    found = [
        item.key
        for item in new.classes
        if item.key not in known and (item.name.de == gone.name.de or item.name.en == gone.name.en)
    ]
    return found[0] if len(found) == 1 else None


def weakened_classes(old: Policy, new: Policy) -> dict[str, tuple[Changed, ...]]:
    """What is weakened for the members of each class of the old policy; classes that lose nothing are left out."""
    found = {}
    for item in old.classes:
        lost = [one for one in changed_promises(old, new, item.key, successor(old, new, item.key)) if one.weakened]
        if lost:
            found[item.key] = tuple(lost)
    return found

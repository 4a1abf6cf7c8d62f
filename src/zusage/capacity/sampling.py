"""Working time and a seed come in, random moments to ask at go out; answers come in, shares of time go out.

A time sample (Multimomentaufnahme): who is asked at random moments what they are doing is seen doing each thing as
often as it has a share in their time. Method, its limits and the sources: docs/developer/time-sample.md.

Moments lie with the same density on every second of a person's working time, and nowhere else. Missed moments are
never counted as anything: they widen the range in which a share lies and stand beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from math import ceil, floor, sqrt
from statistics import NormalDist

from zusage.ground.money import half_up
from zusage.ground.reasons import Refused, mistake
from zusage.ground.worktime import Calendar

CONFIDENCE = 0.95
APART_SECONDS = 15 * 60
"""Working time that lies between two questions to the same person at least."""


@dataclass(frozen=True)
class Seen:
    """What one person was seen doing: answers by kind, moments missed, and the working time the moments stand for."""

    answers: Mapping[str, int]
    missed: int
    seconds: int

    @property
    def count(self) -> int:
        return sum(self.answers.values())

    @property
    def asked(self) -> int:
        return self.count + self.missed

    def hits(self, kinds: Collection[str]) -> int:
        """Answers that are one of these kinds."""
        return sum(self.answers.get(kind, 0) for kind in kinds)


@dataclass(frozen=True)
class Share:
    """A share of time, between 0 and 1, with its interval, and what it would be without and with all missed moments."""

    share: float
    low: float
    high: float
    if_none: float
    if_all: float


@dataclass(frozen=True)
class Spent:
    """Seconds, with the interval they lie in."""

    seconds: int
    low: int
    high: int


# --- when to ask


def moments(
    calendar: Calendar,
    first_on: date,
    last_on: date,
    *,
    per_day: int,
    full_seconds: int,
    seed: str,
    apart_seconds: int = APART_SECONDS,
) -> list[datetime]:
    """Random moments within the open time of a calendar (the firm's without one person's absences), both days included.

    `per_day` of them fall on a day of `full_seconds`, fewer on a shorter one. Each day is cut into as many equal
    slices; a slice gets one moment, and where the first slice begins is drawn anew each day. So no second is likelier
    than another, no stretch of a day stays empty, and two moments are `apart_seconds` of working time apart.

    The same seed gives the same moments; give each person one of their own, or all are asked at once. Raises Refused
    with `sampling_too_dense` where the slices would be shorter than twice the distance: then chance had no room left.
    """
    if per_day < 1 or full_seconds < 1:
        return []
    if 2 * apart_seconds * per_day > full_seconds:
        raise Refused([mistake("sampling_too_dense", most_count=full_seconds // (2 * apart_seconds))])
    found: list[datetime] = []
    due = _chance(seed, "start")
    for day in days(first_on, last_on):
        spans = calendar.day_periods(day)
        length = sum(_length(*span) for span in spans)
        before, due = due, due + length * per_day / full_seconds
        count = floor(due) - floor(before)  # what a day's fraction leaves over goes to the next one
        found += [_moment(spans, second) for second in _seconds(length, count, apart_seconds, f"{seed} {day}")]
    return found


def days(first_on: date, last_on: date) -> Iterator[date]:
    """The dates from a day to another, both included."""
    return (first_on + timedelta(step) for step in range((last_on - first_on).days + 1))


def working_seconds(calendar: Calendar, first_on: date, last_on: date) -> int:
    """Open time of some days, both included."""
    return sum(_length(*span) for day in days(first_on, last_on) for span in calendar.day_periods(day))


def longest_day(calendar: Calendar, first_on: date, last_on: date) -> int:
    """Open seconds of the longest of some days."""
    return max((working_seconds(calendar, day, day) for day in days(first_on, last_on)), default=0)


def _seconds(length: int, count: int, apart: int, seed: str) -> list[int]:
    """So many seconds of a day's open time, in order, one from the first part of each slice, all of them turned."""
    if not count:
        return []
    slice_seconds = length / count
    turn, room = _chance(seed, "turn") * length, slice_seconds - apart
    drawn = (turn + index * slice_seconds + _chance(seed, index) * room for index in range(count))
    return sorted(floor(second % length) for second in drawn)


def _moment(spans: Sequence[tuple[datetime, datetime]], second: int) -> datetime:
    """The moment at which so many seconds of a day's open time have passed."""
    for opens, closes in spans:
        if second < _length(opens, closes):
            return _later(opens, second)
        second -= _length(opens, closes)
    raise AssertionError("a second outside the day")  # pragma: no cover - seconds are drawn below the day's length


def _later(moment: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(int(moment.timestamp()) + seconds, moment.tzinfo)


def _length(opens: datetime, closes: datetime) -> int:
    return int(closes.timestamp() - opens.timestamp())


def _chance(*parts: object) -> float:
    """A number from 0 up to 1 that depends on these parts only: the same on each machine and in each version."""
    digest = sha256(" ".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


# --- how often to ask


def needed(share: float, within: float, confidence: float = CONFIDENCE) -> int:
    """How many observations bring a share to plus or minus `within`: n = z² p (1 − p) ÷ ε², rounded up.

    The formula of REFA's Multimomentaufnahme. The share is a guess; 0.5 asks for the most.

    >>> needed(0.5, 0.05), needed(0.3, 0.05)
    (385, 323)
    """
    return ceil(_z(confidence) ** 2 * share * (1 - share) / within**2)


# --- what the answers say


def wilson(share: float, observations: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's score interval of a share seen in so many observations; without any, it may be everything.

    Keeps its coverage for small shares and few observations, where p ± z √(p (1 − p) ÷ n) does not.

    >>> low, high = wilson(81 / 263, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    if not observations:
        return 0.0, 1.0
    square = _z(confidence) ** 2
    centre = share + square / (2 * observations)
    reach = sqrt(square * (share * (1 - share) + square / (4 * observations)) / observations)
    scale = 1 + square / observations
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)


def share_of(
    seen: Sequence[Seen], part: Collection[str], whole: Collection[str], confidence: float = CONFIDENCE
) -> Share | None:
    """The share that some kinds have in the time of others (`part` is among `whole`); None without an answer in them.

    People are strata: each one's answers count by the time they stand for, so that whoever answers more often does
    not weigh more. The interval is Wilson's with as many observations as are worth the same: p (1 − p) ÷ variance.
    It is about these people in these days; others, and other weeks, may differ by more.
    """
    heard = [person for person in seen if person.count and person.seconds]
    of_part, of_whole = _mean(heard, part), _mean(heard, whole)
    if not of_whole:
        return None
    share = of_part / of_whole
    if 0 < share < 1:
        worth = share * (1 - share) / _variance(heard, part, whole, confidence)
    else:  # where all answers are alike they are worth their number, less where weights differ (Kish)
        worth = of_whole / sum(weight**2 / person.count for person, weight in _weighed(heard))
    return Share(share, *wilson(share, worth, confidence), *_with_missed(seen, part, whole))


def _weighed(heard: Sequence[Seen]) -> list[tuple[Seen, float]]:
    """Each person with the part of everybody's time that is theirs."""
    time = sum(person.seconds for person in heard)
    return [(person, person.seconds / time) for person in heard]


def _mean(heard: Sequence[Seen], kinds: Collection[str]) -> float:
    return sum(weight * person.hits(kinds) / person.count for person, weight in _weighed(heard))


def _variance(heard: Sequence[Seen], part: Collection[str], whole: Collection[str], confidence: float) -> float:
    """The variance of the share `part` ÷ `whole`, each person a stratum: Σ wᵢ² (variance of part − share · whole) ÷ nᵢ.

    To each one's own answers z² like everybody's are added: three answers alike are no proof of certainty.
    """
    of_part, of_whole, added = _mean(heard, part), _mean(heard, whole), _z(confidence) ** 2
    share, variance = of_part / of_whole, 0.0
    for person, weight in _weighed(heard):
        parts = (person.hits(part) + added * of_part) / (person.count + added)
        wholes = (person.hits(whole) + added * of_whole) / (person.count + added)
        spread = parts * (1 - 2 * share) + share**2 * wholes - (parts - share * wholes) ** 2
        variance += (weight / of_whole) ** 2 * spread / person.count
    return variance


def _with_missed(seen: Sequence[Seen], part: Collection[str], whole: Collection[str]) -> tuple[float, float]:
    """The share if none of the missed moments had been `part` and all of them `whole`, and if all had been `part`."""
    asked = [(person, person.seconds / person.asked) for person in seen if person.asked]
    of_part = sum(person.hits(part) * stands_for for person, stands_for in asked)
    of_whole = sum(person.hits(whole) * stands_for for person, stands_for in asked)
    missed = sum(person.missed * stands_for for person, stands_for in asked)
    return of_part / (of_whole + missed), (of_part + missed) / (of_whole + missed)


def spent(share: Share, seconds: int) -> Spent:
    """The time a share of so many seconds is."""
    return Spent(*(_whole(value * seconds) for value in (share.share, share.low, share.high)))


def each(time: Spent, contacts: int) -> Spent | None:
    """Time per contact, with the contacts counted in the same days; None without any."""
    if not contacts:
        return None
    return Spent(*(half_up(value, contacts) for value in (time.seconds, time.low, time.high)))


def _whole(value: float) -> int:
    return floor(value + 0.5)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)

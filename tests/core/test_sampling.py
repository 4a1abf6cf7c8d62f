"""The time sample: when people are asked, and what shares of time their answers prove."""

from __future__ import annotations

import doctest
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zusage.capacity import sampling
from zusage.capacity.sampling import (
    Seen,
    Share,
    Spent,
    each,
    longest_day,
    moments,
    needed,
    share_of,
    spent,
    wilson,
    working_seconds,
)
from zusage.ground.reasons import Refused
from zusage.ground.worktime import Calendar

HOURS = [("09:00", "12:00"), ("13:00", "18:00")]
WEEK: dict[str, list[tuple[str, str]]] = dict.fromkeys(("mon", "tue", "wed", "thu"), HOURS) | {"fri": HOURS[:1]}
DESK = Calendar.of("Europe/Berlin", WEEK)
FULL = 8 * 3600
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
KINDS = ("phone", "meeting", "desk", "road", "internal", "break")


def drawn(seed: str = "1", calendar: Calendar = DESK, per_day: int = 8, last_on: date = FRIDAY) -> list[datetime]:
    return moments(calendar, MONDAY, last_on, per_day=per_day, full_seconds=FULL, seed=seed)


def test_the_page_says_what_the_program_does() -> None:
    page = Path(__file__).parents[2] / "docs" / "developer" / "time-sample.md"
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 8) == (0, True)
    assert doctest.testmod(sampling).failed == 0


# --- when people are asked


def test_a_full_day_has_as_many_moments_as_wanted_and_a_short_one_its_part() -> None:
    # 35 of 40 hours: with 8 in 8 hours 35 moments, three of them on Friday morning
    assert sorted(Counter(moment.date() for moment in drawn()).values()) == [3, 8, 8, 8, 8]


def test_people_are_asked_in_working_time_only_and_never_in_their_absence() -> None:
    away = DESK.minus([(date(2026, 11, 24), date(2026, 11, 24))])
    found = [moment for seed in "abcdefgh" for moment in drawn(seed, away)]
    assert [moment for moment in found if not away.is_open(moment)] == []
    assert {moment.date().day for moment in found} == {23, 25, 26, 27}


def test_the_same_seed_asks_at_the_same_moments_and_each_person_at_their_own() -> None:
    assert drawn("anna") == drawn("anna")
    assert set(drawn("anna")) & set(drawn("bert")) == set()


@given(st.text(), st.integers(1, 16), st.integers(0, 15 * 60))
def test_moments_come_in_order_and_those_of_a_day_never_close_together(seed: str, per_day: int, apart: int) -> None:
    found = moments(DESK, MONDAY, FRIDAY, per_day=per_day, full_seconds=FULL, seed=seed, apart_seconds=apart)
    same_day = [pair for pair in pairwise(found) if pair[0].date() == pair[1].date()]
    assert [pair for pair in same_day if DESK.between(*pair) < apart - 1] == []  # moments are whole seconds
    assert found == sorted(found)


def test_every_weekday_and_every_hour_is_met_by_its_length() -> None:
    found = [moment for seed in range(1000) for moment in drawn(str(seed))]
    by_hour = Counter((moment.weekday(), moment.hour) for moment in found)
    assert len(by_hour) == 4 * 8 + 3
    # each hour is due a thousand moments; the slices keep them closer to it than chance alone (σ ≈ 32) would
    assert max(abs(count - 1000) for count in by_hour.values()) < 100
    by_minute = Counter(moment.minute for moment in found)
    assert max(abs(count - 35000 / 60) for count in by_minute.values()) < 4 * (35000 / 60) ** 0.5


def test_in_two_weeks_no_hour_of_the_day_stays_unasked() -> None:
    for seed in range(50):
        asked = drawn(str(seed), per_day=8, last_on=date(2026, 12, 4))
        assert {moment.hour for moment in asked} == {9, 10, 11, 13, 14, 15, 16, 17}


def test_what_is_too_dense_for_chance_is_refused_with_what_would_do() -> None:
    with pytest.raises(Refused) as refused:
        drawn(per_day=17)
    assert refused.value.findings[0].reason.values == {"most_count": 16}
    assert len(drawn(per_day=16)) == 70


def test_where_nobody_works_nobody_is_asked() -> None:
    closed = DESK.minus([(MONDAY, FRIDAY)])
    assert (drawn(calendar=closed), longest_day(closed, MONDAY, FRIDAY)) == ([], 0)
    assert (drawn(per_day=0), moments(DESK, MONDAY, FRIDAY, per_day=3, full_seconds=0, seed="1")) == ([], [])
    assert (working_seconds(DESK, MONDAY, FRIDAY), longest_day(DESK, MONDAY, FRIDAY)) == (35 * 3600, FULL)


def test_in_the_night_of_the_clock_change_moments_lie_in_real_working_time() -> None:
    night = Calendar.of("Europe/Berlin", {"sat": [("22:00", "06:00")]})
    autumn = date(2026, 10, 24)
    found = moments(night, autumn, autumn, per_day=9, full_seconds=9 * 3600, seed="1")
    assert len(found) == 9
    assert [moment for moment in found if not night.is_open(moment)] == []
    assert found == sorted(found, key=lambda moment: moment.astimezone(UTC))


# --- how many observations are needed


@pytest.mark.parametrize(
    ("share", "within", "wanted"),
    # n = 1.96² p (1 − p) ÷ ε², reckoned by hand: 384.1, 1397.6 …, 138.3, 1843.9 …
    [(0.5, 0.05, 385), (0.35, 0.025, 1399), (0.1, 0.05, 139), (0.4, 0.0224, 1838), (0.0, 0.05, 0)],
)
def test_the_number_of_observations_is_that_of_refa(share: float, within: float, wanted: int) -> None:
    assert needed(share, within) == wanted


# --- what the answers say


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_of_the_literature(hits: int, count: int, low: float, high: float) -> None:
    assert tuple(round(value, 4) for value in wilson(hits / count, count)) == (low, high)


def person(seconds: int = 36000, missed: int = 0, **answers: int) -> Seen:
    return Seen(answers, missed, seconds)


def of(seen: list[Seen], *part: str, whole: tuple[str, ...] = KINDS) -> Share:
    share = share_of(seen, part, whole)
    assert share is not None
    return share


def test_a_share_of_one_person_is_the_share_of_the_answers_with_wilsons_interval() -> None:
    share = of([person(phone=81, desk=182)], "phone")
    assert tuple(round(value, 4) for value in (share.share, share.low, share.high)) == (0.308, 0.2553, 0.3662)


def test_missed_moments_change_no_share_and_are_shown_as_a_range() -> None:
    complete, missing = of([person(phone=30, desk=70)], "phone"), of([person(phone=30, desk=70, missed=50)], "phone")
    assert (missing.share, missing.low, missing.high) == (complete.share, complete.low, complete.high)
    assert (missing.if_none, missing.if_all) == (30 / 150, 80 / 150)
    assert (complete.if_none, complete.if_all) == (0.3, 0.3)


def test_whoever_answers_more_often_does_not_weigh_more() -> None:
    both = [person(phone=80, desk=20), person(desk=20, missed=80)]
    assert round(of(both, "phone").share, 9) == 0.4  # 80 % of one half, nothing of the other; pooled it were 67 %
    twice_there = [person(seconds=2000, phone=80, desk=20), person(seconds=1000, desk=20)]
    assert round(of(twice_there, "phone").share, 9) == round(2 / 3 * 0.8, 9)


def test_breaks_are_no_working_time_where_the_share_is_that_of_work() -> None:
    seen = [person(phone=30, desk=20, internal=30, **{"break": 20}, missed=20)]
    share = of(seen, "phone", "desk", whole=KINDS[:-1])
    assert share.share == 50 / 80
    assert (share.low, share.high) == wilson(50 / 80, 80)
    assert (share.if_none, share.if_all) == (50 / 100, 70 / 100)


def test_shares_of_all_kinds_add_up_to_one() -> None:
    seen = [person(phone=3, road=9, missed=2), person(seconds=99, desk=5, internal=7), person(missed=4)]
    assert round(sum(of(seen, kind).share for kind in KINDS), 9) == 1


def test_without_an_answer_there_is_no_share() -> None:
    assert share_of([person(missed=9)], ["phone"], KINDS) is None
    assert share_of([], ["phone"], KINDS) is None
    assert share_of([person(**{"break": 9})], ["phone"], KINDS[:-1]) is None
    assert wilson(0, 0) == (0.0, 1.0)


def test_shares_of_time_become_hours_and_hours_minutes_per_contact() -> None:
    hours = spent(Share(0.25, 0.2, 0.3, 0.2, 0.4), 40 * 3600)
    assert hours == Spent(36000, 28800, 43200)
    assert (each(hours, 60), each(hours, 0)) == (Spent(600, 480, 720), None)


# --- do the intervals hold the truth?

Day = list[tuple[int, str]]
"""What a person does in a day's open time: from which second on, what."""
RUNS = 1000


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a seeded simulation, no secret


def lived(rng: random.Random, weights: dict[str, float], length: int) -> Day:
    """A day in blocks of two to forty minutes, as work really comes: not mixed anew every second."""
    second, day = 0, []
    while second < length:
        day.append((second, rng.choices(list(weights), list(weights.values()))[0]))
        second += rng.randint(120, 2400)
    return day


def doing(day: Day, second: int) -> str:
    return next(kind for begin, kind in reversed(day) if begin <= second)


TEN_DAYS = [MONDAY + timedelta(step) for step in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
LENGTHS = [working_seconds(DESK, day, day) for day in TEN_DAYS]
PEOPLE = {
    "anna": ({"phone": 5, "desk": 3, "internal": 2, "break": 1}, 0.1),
    "bert": ({"phone": 1, "meeting": 4, "road": 3, "internal": 4, "break": 1}, 0.5),
}
"""What two people do, by weight, and how often they miss a question: unlike, so that pooling would be wrong."""


def open_second(moment: datetime) -> int:
    return (moment.hour - 9 - (moment.hour > 12)) * 3600 + moment.minute * 60 + moment.second


def sampled(rng: random.Random, seed: int, missing: bool) -> tuple[list[Seen], float]:
    """Two weeks of the two: what was seen, and the true share of their time on the phone."""
    seen, on_phone = [], 0
    for name, (weights, missed) in PEOPLE.items():
        weeks = {day: lived(rng, weights, length) for day, length in zip(TEN_DAYS, LENGTHS, strict=True)}
        asked = drawn(f"{seed} {name}", last_on=TEN_DAYS[-1])
        heard = [moment for moment in asked if not missing or rng.random() >= missed]
        answers = Counter(doing(weeks[moment.date()], open_second(moment)) for moment in heard)
        seen.append(Seen(answers, len(asked) - len(heard), sum(LENGTHS)))
        on_phone += sum(map(phoned, weeks.values(), LENGTHS))
    return seen, on_phone / (2 * sum(LENGTHS))


def phoned(day: Day, length: int) -> int:
    ends = [*(begin for begin, _ in day[1:]), length]
    return sum(end - begin for (begin, kind), end in zip(day, ends, strict=True) if kind == "phone")


def covered(share: Share | None, truth: float) -> bool:
    return share is not None and share.low <= truth <= share.high


@pytest.mark.uncounted
@pytest.mark.parametrize(("truth", "count"), [(0.5, 60), (0.3, 60), (0.1, 60), (0.05, 120), (0.3, 400)])
def test_of_independent_answers_about_95_intervals_of_100_hold_the_true_share(truth: float, count: int) -> None:
    rng, hits = dice(7), 0
    for _ in range(4000):
        seen = sum(rng.random() < truth for _ in range(count))
        hits += covered(share_of([person(phone=seen, desk=count - seen)], ["phone"], KINDS), truth)
    assert 0.93 <= hits / 4000 <= 0.97


@pytest.mark.uncounted
def test_of_unlike_people_who_answer_unlike_often_about_95_intervals_of_100_hold_the_true_share() -> None:
    rng, hits = dice(7), 0
    for _ in range(4000):
        seen = []
        for truth, count in ((0.45, 72), (0.08, 40)):
            phone = sum(rng.random() < truth for _ in range(count))
            seen.append(person(phone=phone, desk=count - phone))
        hits += covered(share_of(seen, ["phone"], KINDS), (0.45 + 0.08) / 2)
    assert 0.93 <= hits / 4000 <= 0.97


@pytest.mark.uncounted
def test_of_working_time_without_breaks_about_95_intervals_of_100_hold_the_true_share() -> None:
    rng, hits = dice(7), 0
    for _ in range(2000):
        seen = []
        for weights, count in (((0.4, 0.4, 0.2), 60), ((0.6, 0.1, 0.3), 40)):
            answers = Counter(rng.choices(("phone", "internal", "break"), weights)[0] for _ in range(count))
            seen.append(Seen(answers, 0, 36000))
        hits += covered(share_of(seen, ["phone"], KINDS[:-1]), 0.5 / 0.75)
    assert 0.93 <= hits / 2000 <= 0.975


@pytest.mark.uncounted
@pytest.mark.parametrize("missing", [False, True], ids=["all answered", "missed at random"])
def test_of_days_as_they_are_lived_95_intervals_of_100_hold_the_true_share(missing: bool) -> None:
    rng, hits, pooled = dice(11), 0, 0
    for seed in range(RUNS):
        seen, truth = sampled(rng, seed, missing)
        hits += covered(share_of(seen, ["phone"], KINDS), truth)
        answers = sum((Counter(item.answers) for item in seen), Counter())
        pooled += covered(share_of([Seen(answers, 0, 1)], ["phone"], KINDS), truth)
    assert hits / RUNS >= 0.95 - 0.02  # three standard errors of 1000 runs
    if missing:
        assert pooled / RUNS < 0.9  # the check can fail: answers thrown together miss the truth far more often


@pytest.mark.uncounted
def test_intervals_that_are_too_narrow_would_be_found_out() -> None:
    rng, hits = dice(11), 0
    for seed in range(RUNS // 4):
        seen, truth = sampled(rng, seed, missing=True)
        hits += covered(share_of(seen, ["phone"], KINDS, confidence=0.8), truth)
    assert hits / (RUNS // 4) < 0.93

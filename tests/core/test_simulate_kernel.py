"""The event loop: closed forms, simpy on the same draws, the desk's order, and what must hold for any office."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from zusage.capacity.intervals import Estimate, mean_of, student
from zusage.capacity.kernel import MOVABLE, NEVER, Release, Rules, Spans, Trace, Work, in_order, run
from zusage.capacity.queueing import erlang_c
from zusage.promises.order import order

ALWAYS = Spans(0, [0], [2**39])
SCALE = 10**6
"""Whole units of the event loop for one unit of the closed forms: rounding is then far below the noise."""


def work(at: Any, seconds: Any, **more: Any) -> Work:
    at = np.asarray(at, dtype=np.int64)
    row = np.zeros(len(at), dtype=np.int64)
    urgency, due = more.get("urgency", row), more.get("due", at)
    return Work(
        at=at,
        place=in_order([np.asarray(urgency), np.asarray(due), at]),
        seconds=np.asarray(seconds, dtype=np.int64),
        role=np.asarray(more.get("role", row), dtype=np.int64),
        gone=np.asarray(more.get("gone", row + NEVER), dtype=np.int64),
        misses=np.asarray(more.get("misses", row), dtype=np.int64),
    )


def waits(asked: Work, people: int) -> np.ndarray[Any, Any]:
    return (np.array(run(asked, [ALWAYS] * people, [], Rules()).started) - asked.at) / SCALE


# --- closed forms: the interval of 20 batches covers the true mean in about 95 of 100 seeds

SEEDS, ROWS, BATCHES, WARM = 100, 6_000, 20, 1_000
FEWEST, MOST = 89, 100
"""Of 100 intervals that each cover with 95 %, fewer than 89 cover in 1 of 300 cases (binomial); the seeds are fixed."""


def covered(values: np.ndarray[Any, Any], rows: np.ndarray[Any, Any], truth: float) -> bool:
    batch = np.arange(len(values)) * BATCHES // len(values)
    tops, bottoms = np.bincount(batch, values * rows), np.bincount(batch, rows)
    found = mean_of([(tops, bottoms.astype(float))])
    return isinstance(found, Estimate) and found.low <= truth <= found.high


def arrivals(dice: np.random.Generator, rate: float) -> np.ndarray[Any, Any]:
    return np.cumsum(dice.exponential(SCALE / rate, ROWS)).astype(np.int64)


@pytest.mark.uncounted
def test_intervals_cover_the_mean_wait_of_three_servers() -> None:
    load, servers = 2.0, 3
    truth = erlang_c(load, servers) / (servers - load)
    hits = 0
    for seed in range(SEEDS):
        dice = np.random.default_rng(seed)
        asked = work(arrivals(dice, load), dice.exponential(SCALE, ROWS))
        hits += covered(waits(asked, servers)[WARM:], np.ones(ROWS - WARM), truth)
    assert FEWEST <= hits <= MOST


@pytest.mark.uncounted
def test_intervals_cover_the_mean_wait_of_pollaczek_and_khinchine() -> None:
    rate, spread = 0.5, 0.8  # lognormal handling times with mean 1
    second = np.exp(spread**2)
    truth = rate * second / (2 * (1 - rate))
    hits = 0
    for seed in range(SEEDS):
        dice = np.random.default_rng(1000 + seed)
        asked = work(arrivals(dice, rate), SCALE * dice.lognormal(-(spread**2) / 2, spread, ROWS))
        hits += covered(waits(asked, 1)[WARM:], np.ones(ROWS - WARM), truth)
    assert FEWEST <= hits <= MOST


@pytest.mark.uncounted
def test_intervals_cover_the_mean_waits_of_two_urgencies_that_share_two_servers() -> None:
    """Cobham 1954, Kella and Yechiali 1985: W_k = C / (c·μ · (1 − σ_{k−1}) · (1 − σ_k)) with equal rates."""
    servers, load, urgent = 2, 1.3, 0.4
    share = load * urgent / servers
    base = erlang_c(load, servers) / servers
    truths = base / (1 - share), base / ((1 - share) * (1 - load / servers))
    hits = [0, 0]
    for seed in range(SEEDS):
        dice = np.random.default_rng(2000 + seed)
        at = arrivals(dice, load)
        urgency = (dice.random(ROWS) >= urgent).astype(np.int64)
        found = waits(work(at, dice.exponential(SCALE, ROWS), urgency=urgency), servers)[WARM:]
        for kind in (0, 1):
            hits[kind] += covered(found, (urgency[WARM:] == kind).astype(float), truths[kind])
    assert [FEWEST <= number <= MOST for number in hits] == [True, True]


def test_students_quantiles_are_those_of_the_tables() -> None:
    table = {4: 2.776, 9: 2.262, 19: 2.093, 120: 1.980}
    assert {freedom: student(950, freedom) for freedom in table} == pytest.approx(table, rel=0.003)


# --- simpy, event for event


@dataclass
class Peer:
    """The same office written for simpy: a process per request and per person, a dispatcher at the end of a moment."""

    asked: Work
    people: list[Spans]
    releases: list[Release]
    rules: Rules

    def __post_init__(self) -> None:
        self.env = simpy.Environment()
        self.waiting: list[int] = []
        self.free: set[int] = set()
        self.there = [False] * len(self.people)
        self.busy = [False] * len(self.people)
        self.left = [0] * 5
        self.started: dict[int, int] = {}
        self.given_up: set[int] = set()
        self.misses = self.asked.misses.tolist()
        self.log: list[tuple[int, int, int, int]] = []
        self.asleep: int | None = None

    def run(self) -> Peer:
        for number in range(len(self.asked.at)):
            self.env.process(self.request(number, int(self.asked.at[number])))
        for number in range(len(self.people)):
            self.env.process(self.shifts(number))
        for release in self.releases:
            self.env.process(self.release(release))
        self.env.run()
        return self

    def wake(self) -> None:
        """Dispatch once, when all that happens in this moment has happened."""
        if self.asleep != self.env.now:
            self.asleep = int(self.env.now)
            event = self.env.event()
            event._ok, event._value = True, None
            event.callbacks.append(lambda _: self.dispatch())
            self.env.schedule(event, priority=99)  # simpy orders events of one moment by priority

    def request(self, number: int, at: int) -> Generator[Any, Any, None]:
        yield self.env.timeout(at - self.env.now)
        self.waiting.append(number)
        self.wake()

    def shifts(self, number: int) -> Generator[Any, Any, None]:
        person = self.people[number]
        for opens, closes in zip(person.opens, person.closes, strict=True):
            yield self.env.timeout(opens - self.env.now)
            self.there[number] = True
            self.wake()
            yield self.env.timeout(closes - self.env.now)
            self.there[number] = False

    def release(self, release: Release) -> Generator[Any, Any, None]:
        yield self.env.timeout(release.at - self.env.now)
        self.left[release.role] += release.seconds
        self.wake()

    def dispatch(self) -> None:
        now = int(self.env.now)
        for person, spans in enumerate(self.people):
            while self.there[person] and not self.busy[person]:
                own = [item for item in self.waiting if self.asked.role[item] == spans.role]
                if own:
                    number = min(own, key=lambda item: int(self.asked.place[item]))
                    self.waiting.remove(number)
                    if number not in self.started and self.asked.gone[number] <= now:
                        self.given_up.add(number)
                        continue
                    self.started.setdefault(number, now)
                    again = self.misses[number] > 0 and now > self.asked.at[number]
                    self.misses[number] -= again
                    seconds = self.rules.attempt_seconds if again else int(self.asked.seconds[number])
                elif self.left[spans.role]:
                    number, again = MOVABLE, False
                    seconds = min(self.rules.piece_seconds, self.left[spans.role])
                    self.left[spans.role] -= seconds
                else:
                    break
                self.busy[person] = True
                self.env.process(self.serve(person, number, seconds, again))

    def serve(self, person: int, number: int, seconds: int, again: bool) -> Generator[Any, Any, None]:
        begin, rest, spans = int(self.env.now), seconds, self.people[person]
        for opens, closes in zip(spans.opens, spans.closes, strict=True):
            if closes > self.env.now and rest:
                yield self.env.timeout(max(0, opens - self.env.now))
                part = min(rest, closes - int(self.env.now))
                yield self.env.timeout(part)
                rest -= part
        if rest:
            return
        self.log.append((begin, int(self.env.now), number, seconds))
        self.busy[person] = False
        self.wake()
        if again:
            self.env.process(self.request(number, int(self.env.now) + self.rules.retry_seconds))


def logged(trace: Trace) -> list[tuple[int, int, int, int]]:
    rows = zip(trace.begin, trace.finish, trace.item, trace.seconds, strict=True)
    return sorted(row for row in rows if row[1] < NEVER)


def office(seed: int) -> tuple[Work, list[Spans], list[Release]]:
    """A month with shifts, two roles, urgencies, people who give up, calls that reach nobody, and movable work."""
    dice = np.random.default_rng(seed)
    rows = 400
    at = np.sort(dice.integers(0, 28 * 86_400, rows))
    asked = work(
        at,
        dice.lognormal(6.5, 1, rows).astype(np.int64) + 1,
        urgency=dice.integers(0, 3, rows),
        due=at + dice.choice([7_200, 86_400, 3 * 86_400], rows),
        role=dice.integers(0, 2, rows),
        gone=at + dice.exponential(86_400, rows).astype(np.int64),
        misses=np.minimum(dice.geometric(0.7, rows) - 1, 2),
    )
    people = []
    for role in (0, 0, 1):
        opens = np.arange(28) * 86_400 + dice.integers(7, 10) * 3600
        people.append(Spans(role, opens.tolist(), (opens + dice.integers(2, 8, 28) * 3600).tolist()))
    releases = [Release(int(day) * 86_400, role, 5_000) for day in range(28) for role in (0, 1)]
    return asked, people, releases


@pytest.mark.parametrize("seed", range(8))
def test_the_event_loop_equals_simpy_event_for_event(seed: int) -> None:
    asked, people, releases = office(seed)
    mine, peer = run(asked, people, releases, Rules()), Peer(asked, people, releases, Rules()).run()
    assert logged(mine) == sorted(peer.log)
    assert {number: at for number, at in enumerate(mine.started) if at < NEVER} == peer.started


def test_many_servers_equal_simpys_priority_resource() -> None:
    dice = np.random.default_rng(7)
    rows, servers = 5_000, 4
    at = np.cumsum(dice.exponential(SCALE, rows)).astype(np.int64)
    urgency = dice.integers(0, 4, rows)
    asked = work(at, dice.exponential(3.6 * SCALE, rows), urgency=urgency, due=at)
    env = simpy.Environment()
    desk = simpy.PriorityResource(env, capacity=servers)
    started = [0] * rows

    def request(number: int) -> Generator[Any, Any, None]:
        yield env.timeout(int(at[number]))
        with desk.request(priority=int(asked.place[number])) as turn:
            yield turn
            started[number] = int(env.now)
            yield env.timeout(int(asked.seconds[number]))

    for number in range(rows):
        env.process(request(number))
    env.run()
    assert run(asked, [ALWAYS] * servers, [], Rules()).started == started


# --- the desk's order


@dataclass(frozen=True)
class Item:
    urgency_rank: int
    due_at: datetime
    asked_at: datetime


MOMENTS = st.integers(1_700_000_000, 1_700_000_020)


@given(st.lists(st.tuples(st.integers(0, 3), MOMENTS, MOMENTS), min_size=1, max_size=30))
def test_the_places_are_the_sequence_of_the_desk(rows: list[tuple[int, int, int]]) -> None:
    def moment(second: int) -> datetime:
        return datetime.fromtimestamp(second, UTC)

    items = [Item(urgency, moment(due), moment(asked)) for urgency, due, asked in rows]
    desk = sorted(range(len(rows)), key=lambda number: order(items[number]))
    places = in_order([np.array(column) for column in zip(*rows, strict=True)])
    assert np.argsort(places).tolist() == desk


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_a_single_person_who_is_free_takes_what_stands_first(seed: int) -> None:
    dice = np.random.default_rng(seed)
    rows = 40
    at = np.sort(dice.integers(0, 20_000, rows))
    asked = work(at, dice.integers(1, 2_000, rows), urgency=dice.integers(0, 4, rows), due=at + dice.integers(1, 9_999))
    trace = run(asked, [ALWAYS], [], Rules())
    for begin, item in zip(trace.begin, trace.item, strict=True):
        later = [number for number in range(rows) if trace.started[number] > begin and at[number] <= begin]
        assert all(asked.place[item] < asked.place[number] for number in later)


# --- what holds for any office


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_nobody_does_two_things_at_once_and_every_second_is_worked_in_hours(seed: int) -> None:
    asked, people, releases = office(seed)
    trace = run(asked, people, releases, Rules(until=28 * 86_400))
    for number, person in enumerate(people):
        own = [place for place, who in enumerate(trace.person) if who == number]
        stretches = [(trace.begin[place], trace.finish[place]) for place in own]
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(stretches))
        spans = list(zip(person.opens, person.closes, strict=True))
        for place in own:
            begin, finish = trace.begin[place], trace.finish[place]
            inside = sum(max(0, min(finish, closes) - max(begin, opens)) for opens, closes in spans)
            assert inside == trace.seconds[place] or finish == NEVER
    answered = sum(at < NEVER for at in trace.started)
    waiting = sum(at == NEVER and not left for at, left in zip(trace.started, trace.given_up, strict=True))
    assert answered + sum(trace.given_up) + waiting == len(asked.at)
    assert sum(release.seconds for release in releases) == sum(trace.left) + sum(
        spent for spent, item in zip(trace.seconds, trace.item, strict=True) if item == MOVABLE
    )


@given(st.integers(0, 2**32), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_with_equal_handling_times_one_person_more_lets_nobody_start_later(seed: int, people: int) -> None:
    dice = np.random.default_rng(seed)
    at = np.sort(dice.integers(0, 30_000, 60))
    asked = work(at, np.full(60, 900))
    fewer, more = (np.array(run(asked, [ALWAYS] * count, [], Rules()).started) for count in (people, people + 1))
    assert (more <= fewer).all()


def test_work_goes_on_after_the_break_and_an_answer_counts_when_it_begins() -> None:
    morning_and_evening = Spans(0, [0, 200], [100, 400])
    trace = run(work([50, 60], [80, 10]), [morning_and_evening], [], Rules())
    assert (trace.started, trace.finish) == ([50, 230], [230, 240])


def test_who_gave_up_is_not_called_and_who_was_not_reached_is_called_again() -> None:
    asked = work([0, 10, 20], [100, 5, 5], gone=[NEVER, 50, NEVER], misses=[0, 0, 1])
    trace = run(asked, [ALWAYS], [], Rules(attempt_seconds=3, retry_seconds=40))
    assert (trace.started, trace.given_up) == ([0, NEVER, 100], [False, True, False])
    assert list(zip(trace.begin, trace.finish, trace.item, strict=True)) == [(0, 100, 0), (100, 103, 2), (143, 148, 2)]


def test_movable_work_fills_free_time_and_yields_between_its_pieces() -> None:
    trace = run(work([15], [5]), [ALWAYS], [Release(0, 0, 30)], Rules(piece_seconds=10))
    assert list(zip(trace.begin, trace.item, strict=True)) == [(0, MOVABLE), (10, MOVABLE), (20, 0), (25, MOVABLE)]


def test_nothing_begins_after_the_end() -> None:
    asked = replace(work([0, 10], [20, 20]), gone=np.array([NEVER, NEVER]))
    assert run(asked, [ALWAYS], [], Rules(until=15)).started == [0, NEVER]

"""Requests of the past, people and a policy come in, how likely each promised answer is kept goes out.

The order of work is the desk's (`promises.order`), due moments are those of `promises.decide`, the first reaction is
what keeps a promise. The model and every assumption in it: docs/developer/simulation.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zusage.capacity import kernel
from zusage.capacity.arrivals import Requests
from zusage.capacity.draw import Ahead, Drawn, draw
from zusage.capacity.intervals import Estimate, Sums, mean_of, share_of
from zusage.capacity.kernel import NEVER, Release, Rules, Spans, Trace, Work
from zusage.capacity.staffing import TURN_SECONDS, Away, Blocks, Person, blocks_of, spans_of
from zusage.ground.reasons import Finding, Refused, mistake
from zusage.ground.worktime import Calendar
from zusage.ground.worktime.vector import add_many, between_many
from zusage.policy.document import Policy, Response
from zusage.promises.clock import calendar_of
from zusage.promises.replay import response_of

WEEKS, RUNS = 52, 10
_EVENLY = 0.6180339887498949  # its multiples lie evenly between whole numbers: every third of any row, for instance
BATCH_WEEKS = 4
"""So many weeks in a row are one cluster: what is left of one week is the work of the next."""

Whole = NDArray[np.int64]


class Block(Protocol):
    """Work of a week that can move: promised unasked, per issue, internal."""

    @property
    def role(self) -> str:
        """Who does it."""

    @property
    def monday(self) -> date:
        """The week it falls due in."""

    @property
    def seconds(self) -> int:
        """How much."""


@dataclass(frozen=True)
class Habits:
    """How people behave. All of these are assumptions until the firm has measured its own."""

    unreached_permille: int = 300  # calls back that reach nobody; each time anew, at most `attempts` in a row
    attempts: int = 3
    attempt_seconds: int = 120
    retry_seconds: int = 2 * 3600
    patience_seconds: int = 16 * 3600  # working time until a waiting customer acts, in the mean: two working days
    again_permille: int = 800  # who then calls again and goes on waiting; the others give up
    piece_seconds: int = 1800  # a piece of work that can move is not interrupted
    turn_seconds: int = TURN_SECONDS
    stand_in: bool = True  # the requests of those of a role who are away are taken by who is there most that day

    def rules(self, until: int) -> Rules:
        """The rules of the event loop."""
        return Rules(self.piece_seconds, self.attempt_seconds, self.retry_seconds, until)


@dataclass(frozen=True)
class Waits:
    """Working seconds until the first reaction."""

    mean: int
    low: int
    high: int
    half: int  # half of all wait at most so long
    nine_of_ten: int


@dataclass(frozen=True)
class ClassKept:
    """How a class fares. Counts are of all runs together; `requests_a_year` of the weeks of one run as a year."""

    class_key: str
    response: Response
    requests_a_year: int
    counted: int  # kept or late
    kept: int
    gave_up: int  # before it was due: neither kept nor late
    kept_permille: int | None
    low_permille: int | None
    high_permille: int | None
    waits: Waits | None


@dataclass(frozen=True)
class RoleWeek:
    """A role in a week, the mean of all runs: hours there, hours worked, and what of the movable work was left over."""

    role: str
    monday: date
    there_seconds: int
    busy_seconds: int

    @property
    def utilisation_permille(self) -> int | None:
        """Share of the hours there that was worked; None where nobody was there."""
        return self.busy_seconds * 1000 // self.there_seconds if self.there_seconds else None


@dataclass(frozen=True)
class WeekKept:
    """A week, all classes and runs together."""

    monday: date
    counted: int
    kept: int

    @property
    def kept_permille(self) -> int | None:
        """Share kept; None where nothing was asked."""
        return self.kept * 1000 // self.counted if self.counted else None


@dataclass(frozen=True)
class Simulated:
    """What a simulation found."""

    classes: tuple[ClassKept, ...]  # those with requests, best first
    weeks: tuple[WeekKept, ...]
    roles: tuple[RoleWeek, ...]
    left_seconds: tuple[tuple[str, int], ...]  # movable work not begun at the end, by role, the mean of the runs
    arrived: int
    answered: int
    gave_up: int
    waiting: int  # at the end
    called_again: int
    observed_weeks: int
    runs: int
    seed: int
    findings: tuple[Finding, ...]

    def of_class(self, key: str) -> ClassKept | None:
        """The class of a key; None where it asked nothing."""
        return next((item for item in self.classes if item.class_key == key), None)

    def worst_week(self) -> WeekKept | None:
        """The week in which least is kept; of equal ones the first."""
        known = [item for item in self.weeks if item.counted]
        return min(known, key=lambda item: item.kept / item.counted, default=None)

    def utilisation_permille(self, role: str) -> int | None:
        """Share of a role's hours that was worked, all weeks together."""
        there = sum(item.there_seconds for item in self.roles if item.role == role)
        busy = sum(item.busy_seconds for item in self.roles if item.role == role)
        return busy * 1000 // there if there else None


def simulate(
    requests: Requests,
    staff: Sequence[Person],
    policy: Policy,
    *,
    weeks: int = WEEKS,
    runs: int = RUNS,
    seed: int = 1,
    first: date | None = None,
    blocks: Iterable[Block] = (),
    away: Iterable[Away] = (),
    habits: Habits | None = None,
    responses: Mapping[str, Response] | None = None,
    poisson: bool = False,
) -> Simulated:
    """Simulate so many weeks from a Monday on (default: the one after the log), `runs` times; the same seed, the same.

    `blocks` are the movable work of the weeks, `away` known absences; `responses` replace what classes are promised.
    Raises Refused for weeks or runs below 1, a firm that never opens, and roles with requests but without people.
    """
    calendar = calendar_of(policy)
    ahead = Ahead(first or requests.mondays[-1] + timedelta(weeks=1), weeks, runs)
    ahead = Ahead(ahead.first - timedelta(days=ahead.first.weekday()), weeks, runs)
    _check(requests, staff, ahead)
    open_blocks = blocks_of(calendar, ahead.first, weeks)
    if not len(open_blocks.day):
        raise Refused([mistake("simulate_never_open", first_on=ahead.first)])
    streams = [np.random.default_rng(item) for item in np.random.SeedSequence(seed).spawn(2 + runs)]
    drawn = draw(requests, policy, calendar, ahead, responses or {}, streams[0], poisson=poisson)
    office = _Year(requests, staff, policy, calendar, ahead, open_blocks, habits or Habits(), drawn)
    return office.simulate(list(blocks), list(away), responses or {}, streams[1], streams[2:], seed)


def _check(requests: Requests, staff: Sequence[Person], ahead: Ahead) -> None:
    mistakes = []
    if ahead.weeks < 1 or ahead.runs < 1:
        mistakes.append(mistake("simulate_no_weeks", weeks_count=ahead.weeks, runs_count=ahead.runs))
    there = {person.role for person in staff if person.weekly_seconds > 0 and person.weeks_milli > 0}
    needed = {requests.roles[number] for number in np.unique(requests.role).tolist()}
    mistakes += [mistake("simulate_nobody", text=role) for role in sorted(needed - there)]
    if mistakes:
        raise Refused(mistakes)


class _Year:
    """The runs of one simulation and what is counted in them."""

    def __init__(
        self,
        requests: Requests,
        staff: Sequence[Person],
        policy: Policy,
        calendar: Calendar,
        ahead: Ahead,
        blocks: Blocks,
        habits: Habits,
        drawn: Drawn,
    ) -> None:
        self.requests, self.staff, self.policy, self.calendar = requests, staff, policy, calendar
        self.ahead, self.blocks, self.habits, self.drawn = ahead, blocks, habits, drawn
        self.edges = np.array(
            [
                calendar.hours.moment((ahead.first + timedelta(weeks=step)).toordinal(), 0)
                for step in range(ahead.weeks + 1)
            ]
        )
        self.until = int(self.edges[-1])
        self.started = np.full(len(drawn.at), NEVER, dtype=np.int64)
        self.given_up = np.zeros(len(drawn.at), dtype=bool)
        self.gone = np.full(len(drawn.at), NEVER, dtype=np.int64)
        self.there = np.zeros((len(requests.roles), ahead.weeks), dtype=np.int64)
        self.busy = np.zeros((len(requests.roles), ahead.weeks), dtype=np.int64)
        self.left = np.zeros(len(requests.roles), dtype=np.int64)

    def simulate(
        self,
        blocks: Sequence[Block],
        away: Sequence[Away],
        responses: Mapping[str, Response],
        dice: np.random.Generator,
        streams: Sequence[np.random.Generator],
        seed: int,
    ) -> Simulated:
        self.gone, misses = self._habits(dice)
        movable = self._movable(blocks)
        ends = np.searchsorted(self.drawn.run, np.arange(self.ahead.runs + 1))
        for run, stream in enumerate(streams):
            rows = slice(int(ends[run]), int(ends[run + 1]))
            self._run(rows, misses[rows], self._releases(movable + self.drawn.other[run]), away, stream)
        return self._found(responses, dice, seed)

    def _habits(self, dice: np.random.Generator) -> tuple[Whole, Whole]:
        """When each customer gives up waiting, and how often a call back does not reach them."""
        rows, habits = len(self.drawn.at), self.habits
        leaving = (1000 - habits.again_permille) / 1000
        patience = dice.exponential(habits.patience_seconds, rows)
        gone = np.full(rows, NEVER, dtype=np.int64)
        if leaving > 0:
            wait = np.minimum(patience / leaving, 10 * 366 * 86_400).astype(np.int64)
            gone = add_many(self.calendar, self.drawn.at, wait).astype(np.int64)
            gone[gone < 0] = NEVER
        reached = dice.geometric(max(1e-9, 1 - habits.unreached_permille / 1000), rows) - 1
        return gone, np.where(self.requests.phone[self.drawn.row], np.minimum(reached, habits.attempts - 1), 0)

    def _movable(self, blocks: Sequence[Block]) -> Whole:
        """Movable seconds by week and role."""
        found = np.zeros((self.ahead.weeks, len(self.requests.roles)), dtype=np.int64)
        for item in blocks:
            week = (item.monday - self.ahead.first).days // 7
            if 0 <= week < self.ahead.weeks:
                found[week, self.requests.roles.index(item.role)] += item.seconds
        return found

    def _releases(self, seconds: Whole) -> list[Release]:
        """Each week's movable work falls due in equal parts as its days open; of a closed week with the next one."""
        firsts = np.unique(self.blocks.day, return_index=True)[1]
        week = self.blocks.week[firsts]
        found = []
        held = np.zeros(seconds.shape[1], dtype=np.int64)
        for number in range(self.ahead.weeks):
            own = firsts[week == number]
            held = held + seconds[number]
            for place, block in enumerate(own.tolist()):
                part = held * (place + 1) // len(own) - held * place // len(own)
                found += [
                    Release(int(self.blocks.opens[block]), role, int(part[role]))
                    for role in np.flatnonzero(part).tolist()
                ]
            if len(own):
                held = np.zeros_like(held)
        return found

    def _run(
        self,
        rows: slice,
        misses: Whole,
        releases: Sequence[Release],
        away: Sequence[Away],
        stream: np.random.Generator,
    ) -> None:
        requests, drawn = self.requests, self.drawn
        people = spans_of(self.staff, self.blocks, requests.roles, away, self.habits.turn_seconds, stream)
        of_past = drawn.row[rows]
        at, role = drawn.at[rows].astype(np.int64), requests.role[of_past]
        work = Work(
            at=at,
            place=drawn.place[rows],
            seconds=requests.seconds[of_past],
            role=self._who(at, role, people) if self.habits.stand_in else role,
            gone=self.gone[rows],
            misses=misses,
        )
        trace = kernel.run(work, people, releases, self.habits.rules(self.until - 1))
        self.started[rows], self.given_up[rows] = trace.started, trace.given_up
        self.left[: len(trace.left)] += trace.left
        self._hours(people, trace)

    def _who(self, at: Whole, role: Whole, people: Sequence[Spans]) -> Whole:
        """The role that takes each request: its own; the part of those of it who are away is taken by who is there
        most that day. A part-timer more must not make a role worse than none, who is stood in for."""
        days, firsts = np.unique(self.blocks.day, return_index=True)
        edges = np.append(self.blocks.opens[firsts], self.until)
        there, own = (np.zeros((len(self.requests.roles), len(days)), dtype=np.int64) for _ in range(2))
        whole = np.zeros((len(self.requests.roles), 1), dtype=np.int64)
        for person, spans in zip(self.staff, people, strict=True):
            seconds = np.diff(_passed(spans, edges))
            there[spans.role] += seconds
            own[spans.role] += np.where(seconds > 0, person.weekly_seconds, 0)
            whole[spans.role] += person.weekly_seconds
        # what is asked after closing is for the next day
        last = self.blocks.closes[np.append(firsts[1:], len(self.blocks.day)) - 1]
        day = np.minimum(np.searchsorted(last, at), len(days) - 1)
        away = 1 - own / np.maximum(whole, 1)
        passed_on = np.arange(len(at)) * _EVENLY % 1 < away[role, day]
        return np.where(passed_on, there.argmax(axis=0)[day], role)

    def _hours(self, people: Sequence[Spans], trace: Trace) -> None:
        """Adds hours there and hours worked, week by week; work across a weekend counts where it was done."""
        person, begin = np.array(trace.person), np.array(trace.begin)
        seconds = np.array(trace.seconds)
        for number, item in enumerate(people):
            there = _passed(item, self.edges)
            own = person == number
            begun, spent = begin[own], seconds[own]
            done = np.append(0, np.cumsum(spent))
            last = np.searchsorted(begun, self.edges, side="left")
            open_since = np.append(begun, 0)[last - 1]
            running = np.minimum(np.append(spent, 0)[last - 1], there - _passed(item, open_since))
            worked = np.where(last > 0, done[np.maximum(last - 1, 0)] + running, 0)
            self.there[item.role] += np.diff(there)
            self.busy[item.role] += np.diff(worked)

    def _found(self, responses: Mapping[str, Response], dice: np.random.Generator, seed: int) -> Simulated:
        drawn, started = self.drawn, self.started
        answered = started < NEVER
        due = drawn.due.astype(np.int64)
        kept = answered & (started <= due)
        late = (answered & (started > due)) | (~answered & (due < self.until) & ~self._left_before(due))
        ends = np.where(answered, started, np.minimum(self.gone, self.until))
        waited = between_many(self.calendar, drawn.at, ends.astype("datetime64[s]"))
        classes = tuple(
            self._class(number, key, kept, late, waited, responses)
            for number, key in enumerate(self.requests.classes)
            if (self.requests.class_index[drawn.row] == number).any()
        )
        counted = np.bincount(drawn.week, kept | late, self.ahead.weeks)
        held = np.bincount(drawn.week, kept, self.ahead.weeks)
        return Simulated(
            classes=classes,
            weeks=tuple(
                WeekKept(monday, int(counted[week]), int(held[week])) for week, monday in enumerate(self.ahead.mondays)
            ),
            roles=self._roles(),
            left_seconds=tuple(
                (role, int(self.left[number]) // self.ahead.runs) for number, role in enumerate(self.requests.roles)
            ),
            arrived=len(started),
            answered=int(answered.sum()),
            gave_up=int(self.given_up.sum()),
            waiting=int((~answered & ~self.given_up).sum()),
            called_again=int(dice.poisson(waited.sum() / self.habits.patience_seconds))
            if self.habits.again_permille
            else 0,
            observed_weeks=len(self.requests.mondays),
            runs=self.ahead.runs,
            seed=seed,
            findings=self.requests.findings,
        )

    def _left_before(self, due: Whole) -> NDArray[np.bool_]:
        """Who gave up before it was due."""
        return self.given_up & (self.gone <= due)

    def _roles(self) -> tuple[RoleWeek, ...]:
        runs = self.ahead.runs
        return tuple(
            RoleWeek(role, monday, int(self.there[number, week]) // runs, int(self.busy[number, week]) // runs)
            for number, role in enumerate(self.requests.roles)
            for week, monday in enumerate(self.ahead.mondays)
        )

    def _class(
        self,
        number: int,
        key: str,
        kept: NDArray[np.bool_],
        late: NDArray[np.bool_],
        waited: Whole,
        responses: Mapping[str, Response],
    ) -> ClassKept:
        drawn = self.drawn
        own = self.requests.class_index[drawn.row] == number
        counted = own & (kept | late)
        clusters = [self._clusters(kept & own, counted, way) for way in self._ways()]
        share = share_of(clusters, min(int(counted.sum()), int((self.requests.class_index == number).sum())))
        answered = own & (self.started < NEVER)
        return ClassKept(
            class_key=key,
            response=responses.get(key) or response_of(self.policy, key),
            requests_a_year=int(own.sum()) * 52 // (self.ahead.weeks * self.ahead.runs),
            counted=int(counted.sum()),
            kept=int((kept & own).sum()),
            gave_up=int((own & self.given_up & ~late).sum()),
            kept_permille=_permille(share.value) if share else None,
            low_permille=_permille(share.low) if share else None,
            high_permille=_permille(share.high) if share else None,
            waits=self._waits(answered, waited),
        )

    def _ways(self) -> tuple[Whole, Whole]:
        """Two ways to cluster: by the week of the log, and by weeks in a row of a run."""
        drawn = self.drawn
        batches = -(-self.ahead.weeks // BATCH_WEEKS)
        return drawn.source, drawn.run * batches + drawn.week // BATCH_WEEKS

    def _clusters(self, tops: NDArray[Any], rows: NDArray[np.bool_], way: Whole) -> tuple[Sums, Sums]:
        return np.bincount(way, tops * rows).astype(float), np.bincount(way, rows).astype(float)

    def _waits(self, answered: NDArray[np.bool_], waited: Whole) -> Waits | None:
        mean: Estimate | None = mean_of([self._clusters(waited, answered, way) for way in self._ways()])
        if mean is None:
            return None
        half, most = np.quantile(waited[answered], (0.5, 0.9), method="inverted_cdf").tolist()
        low, high = max(0.0, mean.low), min(mean.high, float(waited.max()))
        return Waits(round(mean.value), round(low), round(high), int(half), int(most))


def _permille(share: float) -> int:
    """Rounded down: 99.96 % is not all."""
    return int(share * 1000 + 1e-9)


def _passed(person: Spans, moments: Whole) -> Whole:
    """Seconds a person was there before each moment."""
    if not person.opens:
        return np.zeros(len(moments), dtype=np.int64)
    opens, closes = np.array(person.opens), np.array(person.closes)
    before = np.cumsum(closes - opens) - (closes - opens)
    span = np.searchsorted(opens, moments, side="right") - 1
    inside = np.minimum(moments, closes[span]) - opens[span]
    return np.where(span >= 0, before[span] + inside, 0)

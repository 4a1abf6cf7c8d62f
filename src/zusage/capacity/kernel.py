"""Requests with their places in the queue and people with their hours come in, who did what when goes out.

The event loop of the simulation, in plain Python on whole seconds. It knows no policy: the order of the desk arrives as
a number per request (`places`), working hours as spans per person. At each moment everything that happens then is
applied first, then free people take what stands first; the one with the lowest number goes first.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

NEVER = 2**40
"""A second later than all that are simulated."""
MOVABLE = -1
"""What stands in a trace in the place of a request: a piece of work that can move."""

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Work:
    """Requests in the order in which they arrive; all columns are equally long. Moments are UTC seconds."""

    at: Whole
    place: Whole  # in the order of the desk: 0 goes first; each number once
    seconds: Whole  # to deal with it
    role: Whole  # number of the role that does it
    gone: Whole  # when the customer gives up waiting; NEVER
    misses: Whole  # calls back that do not reach the customer before one does


@dataclass(frozen=True)
class Spans:
    """When a person is there for customers: spans in order of time that do not touch."""

    role: int
    opens: Sequence[int]
    closes: Sequence[int]


@dataclass(frozen=True)
class Release:
    """Work that can move: at a moment so many seconds of it fall due for a role."""

    at: int
    role: int
    seconds: int


@dataclass(frozen=True)
class Rules:
    """How work is done: pieces of movable work are not interrupted, customers who were not reached are called again."""

    piece_seconds: int = 1800
    attempt_seconds: int = 120  # a call back that reaches nobody
    retry_seconds: int = 7200  # until the next one
    until: int = NEVER  # nothing begins after this moment


@dataclass
class Trace:
    """What happened: the first reaction to each request, and each stretch of work in the order in which it began."""

    started: list[int]  # first reaction to a request; NEVER: none
    given_up: list[bool]
    person: list[int] = field(default_factory=list)
    begin: list[int] = field(default_factory=list)
    finish: list[int] = field(default_factory=list)
    seconds: list[int] = field(default_factory=list)
    item: list[int] = field(default_factory=list)  # number of the request, or MOVABLE
    left: list[int] = field(default_factory=list)  # movable seconds not begun at the end, by role


def run(work: Work, people: Sequence[Spans], releases: Sequence[Release], rules: Rules) -> Trace:
    """Simulate once. Work that was begun goes on when its person is there again; its end may lie after `until`."""
    numbers = [int(work.role.max(initial=0)), *(item.role for item in people), *(item.role for item in releases)]
    roles = 1 + max(numbers)
    return _Office(work, people, releases, rules, roles).run()


class _Office:
    """The state of an office and its events; an event is one whole number, its moment above its code.

    Codes in the order in which events of one moment are applied: a person is done (the person's number), comes, goes,
    movable work falls due, a request arrives or comes back.
    """

    def __init__(
        self, work: Work, people: Sequence[Spans], releases: Sequence[Release], rules: Rules, roles: int
    ) -> None:
        self.work, self.people, self.releases, self.rules, self.roles = work, people, releases, rules, roles
        self.comes = len(people)
        self.goes = 2 * len(people)
        self.due = 3 * len(people)
        self.asks = self.due + len(releases)
        self.bits = int(self.asks + len(work.at)).bit_length()
        self.finish_of = [_finish(item) for item in people]

    def _events(self) -> list[int]:
        """All events that are known beforehand, in order."""
        parts = [(self.work.at, self.asks + np.arange(len(self.work.at)))]
        for number, person in enumerate(self.people):
            count = len(person.opens)
            parts.append((np.asarray(person.opens, dtype=np.int64), np.full(count, self.comes + number)))
            parts.append((np.asarray(person.closes, dtype=np.int64), np.full(count, self.goes + number)))
        moments = np.array([item.at for item in self.releases], dtype=np.int64)
        parts.append((moments, self.due + np.arange(len(moments))))
        events = np.concatenate([(at << self.bits) | codes for at, codes in parts])
        events.sort()
        last = int(np.searchsorted(events, (self.rules.until + 1) << self.bits))
        known: list[int] = events[:last].tolist()
        return known

    def run(self) -> Trace:  # noqa: PLR0912, PLR0915 - calls and look-ups of attributes would double its time
        """All events until the end."""
        work, rules, bits = self.work, self.rules, self.bits
        comes, goes, due, asks = self.comes, self.goes, self.due, self.asks
        mask, end = (1 << bits) - 1, NEVER << bits
        asked, place, seconds, role_of = (
            work.at.tolist(),
            work.place.tolist(),
            work.seconds.tolist(),
            work.role.tolist(),
        )
        gone, misses = work.gone.tolist(), work.misses.tolist()
        by_place = np.argsort(work.place).tolist()
        home = [item.role for item in self.people]
        there, busy = [False] * comes, [False] * comes
        closes = [0] * comes  # of the span a person is in
        span = [-1] * comes
        finish_of = self.finish_of
        queues: list[list[int]] = [[] for _ in range(self.roles)]
        free: list[list[int]] = [[] for _ in range(self.roles)]
        left = [0] * self.roles
        trace = Trace([NEVER] * len(asked), [False] * len(asked), left=left)
        started, given_up = trace.started, trace.given_up
        heard = [False] * len(asked)
        events, place_in = [*self._events(), end], 0
        running: list[int] = [end]
        event, until = events[0], (rules.until + 1) << bits
        touched: list[int] = []
        piece, attempt, retry = rules.piece_seconds, rules.attempt_seconds, rules.retry_seconds
        log = (trace.person.append, trace.begin.append, trace.finish.append, trace.seconds.append, trace.item.append)
        log_person, log_begin, log_finish, log_seconds, log_item = log

        while True:
            if running[0] < event:
                now = heappop(running)
            else:
                now = event
                place_in += 1
                if now < end:
                    event = events[place_in]
            if now >= until or now >= end:
                break
            code, moment = now & mask, now >> bits
            if code >= asks:
                number = code - asks
                role = role_of[number]
                heappush(queues[role], place[number])
            elif code < comes:
                role = home[code]
                busy[code] = False
                if there[code]:
                    insort(free[role], code)
            elif code < goes:
                person = code - comes
                role = home[person]
                there[person] = True
                span[person] += 1
                closes[person] = self.people[person].closes[span[person]]
                if not busy[person]:
                    insort(free[role], person)
            elif code < due:
                person = code - goes
                role = home[person]
                there[person] = False
                if not busy[person]:
                    free[role].remove(person)
            else:
                release = self.releases[code - due]
                role = release.role
                left[role] += release.seconds
            touched.append(role)
            if (running[0] if running[0] < event else event) >> bits == moment:
                continue
            for role in touched:
                idle, queue = free[role], queues[role]
                while idle and (queue or left[role] > 0):
                    if queue:
                        number = by_place[heappop(queue)]
                        if not heard[number]:
                            if gone[number] <= moment:
                                given_up[number] = True
                                continue
                            heard[number] = True
                            started[number] = moment
                        spent = seconds[number]
                        again = misses[number] and moment > asked[number]
                        if again:
                            misses[number] -= 1
                            spent = attempt
                    else:
                        number, again = MOVABLE, False
                        spent = piece if piece < left[role] else left[role]
                        left[role] -= spent
                    person = idle.pop(0)
                    busy[person] = True
                    finish = moment + spent
                    if finish > closes[person]:
                        finish = finish_of[person](span[person], moment, spent)
                    heappush(running, (finish << bits) | person)
                    if again:
                        heappush(running, ((finish + retry) << bits) | (asks + number))
                    log_person(person)
                    log_begin(moment)
                    log_finish(finish)
                    log_seconds(spent)
                    log_item(number)
            touched.clear()
        self._leave(given_up, started, gone)
        return trace

    def _leave(self, given_up: list[bool], started: list[int], gone: list[int]) -> None:
        """Who was never answered and had given up by the end of the simulation."""
        last = min(self.rules.until, NEVER - 1)
        for number, moment in enumerate(started):
            if moment == NEVER and gone[number] <= last:
                given_up[number] = True


def _finish(person: Spans) -> Callable[[int, int, int], int]:
    """When work is done that does not fit into the span it begins in: it goes on in the next ones."""
    opens, closes = list(person.opens), list(person.closes)
    before = [0, *accumulate(end - begin for begin, end in zip(opens, closes, strict=True))]

    def finish(span: int, moment: int, seconds: int) -> int:
        target = before[span] + moment - opens[span] + seconds
        last = bisect_left(before, target) - 1
        return opens[last] + target - before[last] if last < len(opens) else NEVER

    return finish


def in_order(keys: Sequence[Whole]) -> Whole:
    """The place of each row when sorted by several keys, the most important first; equal rows by their number."""
    order = np.lexsort(list(keys)[::-1])
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places

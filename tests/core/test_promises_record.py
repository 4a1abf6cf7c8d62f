"""An answer comes back from its JSON as it was, and the queue has one order."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.core.test_promises_decide import POLICIES

from zusage.policy.read import read_policy_text
from zusage.policy.templates import template
from zusage.promises.answer import Answer
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.events import Event, due_now, tight_from
from zusage.promises.order import URGENCIES, order, rank
from zusage.promises.record import as_json, from_json
from zusage.promises.standing import Agreed, Contact, Request, Standing, Told

LIMITED = read_policy_text(
    template("abc", "en")
    .replace("2026-01-01", "2025-01-01")
    .replace(
        "matrix:",
        "  free: {name: Allowance, kind: standard, measure: allowance}\n"
        "allowance: {used_up: next_package}\n"
        "matrix:\n  free: {A: unlimited, B: {mode: hours, number: 1}, C: {mode: contacts, number: 2}}",
    )
).policy
ALL = [*POLICIES.values(), LIMITED]
START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 400 * 86400).map(lambda second: START + timedelta(seconds=second))


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    policy = draw(st.sampled_from(ALL))
    keys = [item.key for item in policy.classes]
    at = draw(MOMENTS)
    contacts = [Contact(at - timedelta(days=day), matter=str(day)) for day in draw(st.lists(st.integers(0, 90)))]
    first = policy.promises_of(keys[0])
    told = draw(st.sampled_from([(), (Told(date(2025, 2, 1), "old", keys[0], first, assumed=draw(st.booleans())),)]))
    standing = Standing(
        "4711",
        draw(st.sampled_from(keys)),
        agreed=tuple(Agreed(promise) for promise in first[: draw(st.integers(0, 3))]),
        told=told,
        contacts=tuple(contacts),
        earned_seconds=draw(st.integers(0, 7200)),
        cannot_come=draw(st.booleans()),
    )
    request = Request(
        at,
        draw(st.sampled_from([item.key for item in policy.services])),
        draw(st.sampled_from(URGENCIES)),
        matter=draw(st.sampled_from([None, "Umzug"])),
    )
    return decide(policy, calendar_of(policy), standing, request)


@given(answers())
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    policy = next(item for item in ALL if item.hash == answer.policy_hash)
    kept = json.dumps(as_json(answer, calendar_of(policy).hours.zone))
    assert from_json(json.loads(kept)) == answer


@given(answers(), st.lists(st.integers(1, 5 * 86400), max_size=4))
def test_what_happens_later_moves_a_kept_answer_like_a_fresh_one(answer: Answer, steps: list[int]) -> None:
    policy = next(item for item in ALL if item.hash == answer.policy_hash)
    calendar, at, happened = calendar_of(policy), answer.request.moment(), []
    for number, step in enumerate(steps):
        at += timedelta(seconds=step)
        happened.append(Event(at, "resumed" if number % 2 else "paused"))
    kept = from_json(json.loads(json.dumps(as_json(answer, calendar.hours.zone))))
    assert due_now(kept, calendar, happened) == due_now(answer, calendar, happened)


@given(answers())
def test_it_gets_tight_between_asking_and_the_due_moment(answer: Answer) -> None:
    calendar = calendar_of(next(item for item in ALL if item.hash == answer.policy_hash))
    tight = tight_from(answer, calendar, answer.due_at)
    assert answer.request.moment() <= tight <= max(answer.due_at, answer.request.moment())
    later = answer.due_at + timedelta(days=7)
    assert tight_from(answer, calendar, later) >= tight


@dataclass(frozen=True)
class Row:
    urgency_rank: int
    due_at: datetime | None
    asked_at: datetime


def test_urgency_beats_the_due_moment_and_who_waits_comes_last() -> None:
    normal = Row(rank("normal"), START, START)
    claim = replace(normal, urgency_rank=rank("claim"), due_at=START + timedelta(days=3))
    earlier, waiting = replace(normal, asked_at=START - timedelta(days=1)), replace(normal, due_at=None)
    assert sorted([waiting, normal, earlier, claim], key=order) == [claim, earlier, normal, waiting]

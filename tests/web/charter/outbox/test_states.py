"""The outbox as a machine: whatever is written, claimed, killed, answered and decided in whatever order, a mail never
leaves twice by us, none is lost in silence, and customers know exactly what was handed over."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.charter.outbox.conftest import NOW, TODAY, letter
from zusage.ground.reasons import Refused, mistake
from zusage.web.charter.outbox import sending
from zusage.web.charter.outbox.actions import (
    decide_sent,
    decide_unsent,
    hand_over_post,
    stop_by_hand,
    take_back,
    try_again,
)
from zusage.web.charter.outbox.mail import From
from zusage.web.charter.outbox.models import STATES, Message, Watch
from zusage.web.customers.models import Told

FIRM = From("Test", "post@firma.example")
WHY = mistake("outbox_later", text="450")
SENDERS = (0, 1)
"""Two workers, where there should be one."""


class Outbox(RuleBasedStateMachine):
    """Two workers and a person. `left`: how often each mail was given to the server; `allowed`: how often it may."""

    office: SimpleNamespace

    def __init__(self) -> None:
        super().__init__()
        Message.objects.all().delete()
        Told.objects.all().delete()
        self.now = NOW
        self.left: Counter[int] = Counter()
        self.allowed: Counter[int] = Counter()
        self.hands: dict[int, tuple[Message, bool]] = {}  # what each worker is at, and whether it claimed it

    def teardown(self) -> None:
        Message.objects.all().delete()
        Told.objects.all().delete()

    def _moment(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def _one(self, place: int, **wanted: str) -> Message | None:
        found = list(Message.objects.filter(**wanted).select_related("policy", "by").order_by("pk"))
        return found[place % len(found)] if found else None

    @rule(
        number=st.sampled_from([ALMA, BELA, CARO, EMIL]),
        purpose=st.integers(1, 2),
        channel=st.sampled_from(["email", "post"]),
    )
    def write(self, number: str, purpose: int, channel: str) -> None:
        known = Message.objects.filter(number=number, purpose=f"wave {purpose}").exists()
        made = letter(
            self.office, number, f"wave {purpose}", channel=channel, address="kunde@kunde.example", now=self._moment()
        )
        assert (made is None) == known
        if made is not None:
            self.allowed[made.pk] = 1

    @rule(worker=st.sampled_from(SENDERS), place=st.integers(0, 9))
    def take(self, worker: int, place: int) -> None:
        due = list(sending.due(self.now).select_related("policy", "by"))
        if worker not in self.hands and due:
            self.hands[worker] = due[place % len(due)], False

    @rule(worker=st.sampled_from(SENDERS), arrives=st.sampled_from(["yes", "no", "lost"]))
    def give(self, worker: int, arrives: str) -> None:
        message, claimed = self.hands.get(worker, (None, True))
        if message is None or claimed:
            return
        if not sending.claim(message, FIRM, self._moment()):
            self.hands.pop(worker)
            return
        if arrives != "no":
            self.left[message.pk] += 1
        self.hands[worker] = message, True
        if arrives == "no":
            sending.later(message, WHY, self._moment())
            self.hands.pop(worker)
        elif arrives == "lost":
            sending.unclear(message, WHY)
            self.hands.pop(worker)

    @rule(worker=st.sampled_from(SENDERS))
    def answered(self, worker: int) -> None:
        message, claimed = self.hands.get(worker, (None, False))
        if message is not None and claimed:
            sending.handed(message, self._moment())
            self.hands.pop(worker)

    @rule(worker=st.sampled_from(SENDERS))
    def killed(self, worker: int) -> None:
        self.hands.pop(worker, None)

    @rule()
    def started_again(self) -> None:
        sending.unclear_after_crash(self._moment())

    @rule(hours=st.integers(1, 8))
    def time_passes(self, hours: int) -> None:
        self.now = min(self.now + timedelta(hours=hours), NOW + timedelta(hours=12))

    @rule(place=st.integers(0, 9), arrived=st.booleans())
    def decide(self, place: int, arrived: bool) -> None:
        message = self._one(place, state="unclear")
        if message is None or any(held.pk == message.pk for held, _ in self.hands.values()):
            return  # nobody decides while a worker still waits for the answer
        if arrived:
            decide_sent(message, on_day=TODAY, reason="seen", by=self.office.owner, now=self._moment())
        else:
            decide_unsent(message, reason="not there", by=self.office.owner)
            self.allowed[message.pk] += 1  # a person says so, and bears it

    @rule(place=st.integers(0, 9))
    def stop(self, place: int) -> None:
        message = self._one(place, state="written")
        if message is not None:
            stop_by_hand([message], reason="not now", by=self.office.owner)

    @rule(place=st.integers(0, 9), state=st.sampled_from(["failed", "stopped"]))
    def again(self, place: int, state: str) -> None:
        message = self._one(place, state=state)
        if message is not None:
            try_again(message, address="", by=self.office.owner)

    @rule(place=st.integers(0, 9))
    def post(self, place: int) -> None:
        message = self._one(place, channel="post", state="written")
        if message is not None:
            hand_over_post([message], on_day=TODAY, by=self.office.owner, now=self._moment())

    @rule(place=st.integers(0, 9))
    def back(self, place: int) -> None:
        message = self._one(place, state="handed_over")
        if message is None:
            return
        if message.channel == "post":
            take_back(message, now=self._moment())
        else:
            with pytest.raises(Refused):
                take_back(message, now=self.now)

    @invariant()
    def none_leaves_twice_by_us(self) -> None:
        assert {pk: times for pk, times in self.left.items() if times > self.allowed[pk]} == {}

    @invariant()
    def none_is_lost_in_silence(self) -> None:
        """Whatever was given to the server is known as handed over, or shown, or still in a worker's hands or found at
        its next start."""
        states = dict(Message.objects.values_list("pk", "state"))
        assert set(self.allowed) == set(states)
        assert {states[pk] for pk, times in self.left.items() if times == self.allowed[pk]} <= {
            "handing", "unclear", "handed_over"
        }  # fmt: skip
        assert set(states.values()) <= set(STATES)

    @invariant()
    def customers_know_what_was_handed_over(self) -> None:
        handed = Message.objects.filter(state="handed_over").order_by("number", "pk")
        told = Told.objects.order_by("number", "pk")
        assert sorted(handed.values_list("number", flat=True)) == sorted(told.values_list("number", flat=True))
        assert sorted(handed.values_list("told", flat=True)) == sorted(told.values_list("pk", flat=True))


def test_whatever_happens_nothing_leaves_twice_and_nothing_is_lost_in_silence(office: SimpleNamespace) -> None:
    Watch.objects.all().delete()
    machine = type("OutboxOfOffice", (Outbox,), {"office": office})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

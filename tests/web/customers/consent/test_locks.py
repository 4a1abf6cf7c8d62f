"""Locks: set and lifted by a person, they stop what leaves unasked, wherever it leaves from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from tests.people import ALMA, CARO
from zusage.ground.reasons import Refused
from zusage.promises.consent import CHANNELS, LOCKS, PURPOSES
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.consent.actions import grant, lift, lock
from zusage.web.customers.consent.models import Lock
from zusage.web.customers.consent.queries import locked_against, may_write

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def locked(office: SimpleNamespace, why: str = "deceased", number: str = ALMA, **more: Any) -> Lock:
    return lock(**{"number": number, "why": why, "text": "Brief der Tochter", "since": TODAY, "now": NOW}
                | {"by": office.owner} | more)  # fmt: skip


def refusals(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        call()
    return [finding.reason.code for finding in refused.value.findings]


def ways(number: str = ALMA) -> set[tuple[str, str]]:
    return {(way, to) for way in CHANNELS for to in PURPOSES if may_write(number, way, to, TODAY).allowed}


@pytest.mark.parametrize("why", LOCKS)
def test_a_lock_closes_the_gate_whatever_was_consented_to_and_lifted_it_opens_again(
    office: SimpleNamespace, why: str
) -> None:
    for channel in CHANNELS:
        grant(
            number=ALMA, channel=channel, purpose="advertising", granted_at=NOW, wording="Ja", source="Gespräch",
            by=None, now=NOW,
        )  # fmt: skip
    open_ones, others = ways(), ways(CARO)
    assert len(open_ones) == len(CHANNELS) * len(PURPOSES)
    locked(office, why)
    assert ways() == ({item for item in open_ones if item[0] != "post"} if why == "moved" else set())
    assert ways(CARO) == others
    assert set(locked_against([ALMA, CARO], TODAY)) == (set() if why == "moved" else {ALMA})
    assert lift(number=ALMA, by=office.owner, now=NOW)
    assert ways() == open_ones
    assert not lift(number=ALMA, by=office.owner, now=NOW)


def test_one_lock_stands_at_a_time_and_another_reason_has_to_be_said(office: SimpleNamespace) -> None:
    assert refusals(lambda: locked(office, "other", text=" ")) == ["consent_lock_needs_text"]
    assert refusals(lambda: locked(office, since=date(2026, 11, 27))) == ["consent_lies_ahead"]
    locked(office, "dispute")
    assert refusals(lambda: locked(office)) == ["consent_lock_stands"]
    lift(number=ALMA, by=office.owner, now=NOW)
    assert locked(office).why == "deceased"


def test_who_locked_and_lifted_stands_in_the_log_of_changes_without_the_text(office: SimpleNamespace) -> None:
    locked(office)
    lift(number=ALMA, by=office.owner, now=NOW)
    lifted, created = LogEntry.objects.filter(content_type__model="lock")
    assert created.changes["why"] == ["None", "deceased"]
    assert set(lifted.changes) == {"lifted_at", "lifted_by"}
    assert "Tochter" not in str(created.changes)


def written(number: str, gate: str, purpose: str, channel: str = "email") -> None:
    write(
        number=number, unit_id=number, name="Probe", purpose=purpose, kind="letter", channel=channel, gate=gate,
        address="probe@example.org", subject="Betreff", text="Text", by=None, now=timezone.now(),
    )  # fmt: skip


def test_what_waits_in_the_outbox_is_stopped_at_once_and_answers_still_leave(office: SimpleNamespace) -> None:
    for gate in ("service", "asked"):
        written(ALMA, gate, gate)
    written(CARO, "service", "service")
    locked(office)
    found = Message.objects.order_by("pk").values_list("number", "gate", "state", "why__reason__code")
    assert list(found) == [
        (ALMA, "service", "stopped", "consent_locked_deceased"),
        (ALMA, "asked", "written", None),
        (CARO, "service", "written", None),
    ]


def test_where_post_comes_back_letters_stop_and_mails_leave(office: SimpleNamespace) -> None:
    written(ALMA, "service", "a", channel="post")
    written(ALMA, "service", "b")
    locked(office, "moved")
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["stopped", "written"]


def test_what_is_owed_unasked_ends_with_the_lock(office: SimpleNamespace) -> None:
    facts = {"name": "Probe", "class_key": "A", "due_on": TODAY, "service": "annual_check", "purpose": "service"}
    for number in (ALMA, CARO):
        Touchpoint.objects.create(unit_id=number, number=number, ways="phone post", **facts)
    locked(office, "restricted")
    assert dict(Touchpoint.objects.values_list("number", "state")) == {ALMA: "gone", CARO: "open"}

"""Locks: set and lifted by a person, they stop what leaves unasked, wherever it leaves from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.customers.consent.test_pages import PAGE, plain
from zusage.ground.reasons import Refused
from zusage.promises.consent import CHANNELS, LOCKS, PURPOSES
from zusage.web.calendar.jobs import refresh_touchpoints
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.choices.queries import Asked, candidates
from zusage.web.customers.consent.actions import grant, lift, lock
from zusage.web.customers.consent.models import Lock
from zusage.web.customers.consent.queries import lock_of, locked_against, may_write
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customers_for
from zusage.web.customers.referrals.actions import record_referral
from zusage.web.customers.referrals.queries import to_ask, to_thank

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


def test_what_falls_due_for_the_household_goes_to_another_member_and_comes_back_with_the_lifting(
    office: SimpleNamespace,
) -> None:
    def contacted() -> set[str]:
        refresh_touchpoints(office.run, office.policy, TODAY)
        open_ones = Touchpoint.objects.filter(unit_id=ALMA, state="open")
        return set(open_ones.values_list("number", flat=True))

    Customer.objects.filter(number__in=(ALMA, BELA)).update(since=date(2020, 12, 1))
    assert contacted() == {ALMA}
    locked(office)
    assert contacted() == {BELA}
    locked(office, "dispute", BELA)
    assert contacted() == set()
    for number in (ALMA, BELA):
        lift(number=number, by=office.owner, now=NOW)
    assert contacted() == {ALMA}


def test_nobody_who_is_locked_is_to_be_asked_thanked_or_offered_anything(office: SimpleNamespace) -> None:
    def listed() -> list[list[str]]:
        found = candidates(customers_for(office.owner), office.policy, Asked(which="all"))
        return [
            [item.number for item in to_ask(office.owner, office.policy, TODAY)],
            [item.number for item in to_thank(office.owner)],
            [item.number for item in found],
        ]

    Customer.objects.filter(number=EMIL).update(near_key="A")
    record_referral(
        customer=Customer.objects.get(number=CARO), prospect="Nora Neu", contact="", named_on=TODAY, by=office.owner,
        now=NOW,
    )  # fmt: skip
    assert listed() == [[BELA, ALMA], [CARO], [EMIL]]
    for number in (ALMA, CARO, EMIL):
        locked(office, "dispute", number)
    assert listed() == [[BELA], [], []]


# --- pages


SignIn = Callable[[str], Client]


def set_by(client: Client, **typed: str) -> str:
    values = {"why": "deceased", "since": "2026-11-20", "text": "Anruf der Tochter"} | typed
    return plain(client.post(f"{PAGE}lock/", values, follow=True).content.decode())


def test_a_lock_is_set_seen_wherever_somebody_looks_and_lifted(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    shown = set_by(client)
    line = "Gesperrt seit 20.11.2026: verstorben. Anruf der Tochter Von uns aus geht nichts hinaus"
    assert "Muster, Alma ist gesperrt." in shown
    pages = (PAGE, f"/customers/{ALMA}/", f"/caller/?number={ALMA}", f"/customers/{ALMA}/page/")
    for address in pages:
        assert line in plain(client.get(address).content.decode()), address
    client.post(f"{PAGE}lift/")
    for address in pages:
        assert line not in plain(client.get(address).content.decode()), address
    assert lock_of(ALMA) is None
    before = plain(client.get(PAGE).content.decode())
    assert "Frühere Sperren verstorben, 20.11.2026 bis 26.11.2026 · Anruf der Tochter · Assistant" in before
    assert "Es besteht keine Sperre mehr" in plain(client.post(f"{PAGE}lift/", follow=True).content.decode())


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"since": "2026-11-27"}, "Der Tag liegt in der Zukunft."),
        ({"why": "other", "text": ""}, "Bitte schreiben Sie dazu, warum gesperrt wird."),
        ({"why": "holiday"}, "holiday"),
    ],
)
def test_what_is_wrong_with_a_lock_is_said_where_it_was_typed(
    office: SimpleNamespace, as_role: SignIn, typed: dict[str, str], wrong: str
) -> None:
    assert wrong in set_by(as_role("owner"), **typed)
    assert lock_of(ALMA) is None


def test_somebody_who_was_slower_reads_that_a_lock_stands(office: SimpleNamespace, as_role: SignIn) -> None:
    locked(office, "dispute")
    shown = set_by(as_role("owner"))
    assert "Eine Sperre besteht schon." in shown
    assert (
        "Anruf der Tochter"
        in as_role("owner")
        .post(f"{PAGE}lock/", {"why": "deceased", "since": "2026-11-20", "text": "Anruf der Tochter"})
        .content.decode()
    )
    assert lock_of(ALMA).why == "dispute"  # type: ignore[union-attr]  # it stands

"""Taking requests in at the desk: the answer at once, the queue in order, every step an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.people import ALMA, CARO, EMIL
from zusage.ground.reasons import Refused
from zusage.promises.order import order
from zusage.web.customers.models import Customer, OwnWork
from zusage.web.desk import actions
from zusage.web.desk.models import Request
from zusage.web.desk.queries import in_order

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten o'clock in Leipzig
CLOSING = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "what": "callback", "channel": "phone", "urgency": "normal", "cause": "asked", "text": "", "phone": "",
    "wants": "", "matter": "", "owner": None, "noticed": False,
}  # fmt: skip


def take(office: SimpleNamespace, number: str, at: datetime = MONDAY, **more: Any) -> Request:
    customer = Customer.objects.get(run=office.run, number=number)
    return actions.take_request(customer=customer, by=office.owner, now=at, **(USUAL | more))


def kinds(request: Request) -> list[str]:
    return list(request.events.values_list("kind", flat=True))


def test_a_request_is_answered_and_kept_with_its_answer(office: SimpleNamespace) -> None:
    taken = Request.objects.get(pk=take(office, ALMA).pk)
    assert (taken.class_key, taken.due_at, taken.urgency_rank) == ("A", CLOSING, 3)
    assert taken.answer["customer_text"]["de"] == "Rückruf: Sie hören von uns bis Montag, 23.11.2026, 17:00 Uhr."
    # of six working hours the last quarter is tight, not only the last hour
    assert taken.tight_at == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert list(taken.events.values_list("kind", "by")) == [("asked", office.owner.pk)]


def test_a_pause_counts_in_working_time(office: SimpleNamespace) -> None:
    taken = take(office, CARO)
    assert taken.due_at == CLOSING + timedelta(days=1)
    waiting = actions.pause(request=taken, version=1, by=office.owner, now=MONDAY)
    assert (waiting.state, waiting.due_at, waiting.tight_at) == ("waiting", None, None)
    again = actions.resume(request=waiting, version=2, by=office.owner, now=MONDAY + timedelta(days=2))
    assert (again.state, again.due_at) == ("open", CLOSING + timedelta(days=2))


def test_only_the_customers_wish_moves_a_promise(office: SimpleNamespace) -> None:
    taken, friday = take(office, ALMA), (MONDAY + timedelta(days=4)).date()
    ours = actions.postpone(request=taken, version=1, until=friday, ours=True, by=office.owner, now=MONDAY)
    assert ours.due_at == CLOSING
    theirs = actions.postpone(request=ours, version=2, until=friday, ours=False, by=office.owner, now=MONDAY)
    assert theirs.due_at == CLOSING + timedelta(days=4)
    with pytest.raises(Refused, match="desk_until_past"):
        actions.postpone(
            request=theirs, version=3, until=MONDAY.date() - timedelta(1), ours=False, by=office.owner, now=MONDAY
        )


def test_an_emergency_comes_first(office: SimpleNamespace) -> None:
    normal, urgent = take(office, ALMA), take(office, CARO)
    raised = actions.escalate(request=urgent, version=1, urgency="emergency", by=office.owner, now=MONDAY)
    assert raised.due_at == MONDAY + timedelta(hours=2)
    assert list(in_order(Request.objects.all())) == [raised, normal]
    with pytest.raises(Refused, match="desk_not_more_urgent"):
        actions.escalate(request=raised, version=2, urgency="claim", by=office.owner, now=MONDAY)


def test_done_in_time_is_kept_and_becomes_work(office: SimpleNamespace) -> None:
    taken = take(office, ALMA)
    at = MONDAY + timedelta(hours=1)
    done = actions.done(request=taken, version=1, minutes=12, activity="call", at=at, by=office.owner, now=at)
    assert (done.state, done.kept, kinds(done)) == ("done", True, ["asked", "done"])
    work = OwnWork.objects.get(request=done.pk)
    assert (work.number, work.seconds, work.start_second, work.activity) == (ALMA, 720, 11 * 3600 - 720, "call")
    opened = actions.reopen(request=done, version=2, by=office.owner, now=at)
    assert (opened.state, opened.kept, opened.due_at, OwnWork.objects.count()) == ("open", None, CLOSING, 0)


def test_done_too_late_is_not_kept_and_no_later_wish_heals_it(office: SimpleNamespace) -> None:
    late = CLOSING + timedelta(hours=15)
    taken = take(office, ALMA)
    done = actions.done(request=taken, version=1, minutes=5, activity="call", at=late, by=office.owner, now=late)
    assert (done.kept, kinds(done)) == (False, ["asked", "broken", "done"])
    other, friday = take(office, ALMA), (MONDAY + timedelta(days=4)).date()
    later = actions.postpone(request=other, version=1, until=friday, ours=False, by=office.owner, now=late)
    assert kinds(later) == ["asked", "broken", "postponed"]
    done = actions.done(request=later, version=2, minutes=5, activity="call", at=late, by=office.owner, now=late)
    assert done.kept is False


def test_done_yesterday_and_ticked_off_today_is_kept(office: SimpleNamespace) -> None:
    taken, at = take(office, ALMA), MONDAY + timedelta(hours=3)
    done = actions.done(
        request=taken, version=1, minutes=5, activity="call", at=at, by=office.owner, now=MONDAY + timedelta(days=1)
    )
    assert (done.kept, kinds(done)) == (True, ["asked", "done"])


def test_done_while_waiting_ends_the_pause(office: SimpleNamespace) -> None:
    taken = actions.pause(request=take(office, ALMA), version=1, by=office.owner, now=MONDAY)
    at = MONDAY + timedelta(days=2)
    done = actions.done(request=taken, version=2, minutes=0, activity="call", at=at, by=office.owner, now=at)
    assert (done.kept, kinds(done), OwnWork.objects.count()) == (True, ["asked", "paused", "resumed", "done"], 0)


def test_who_is_second_is_told_and_changes_nothing(office: SimpleNamespace) -> None:
    taken = take(office, ALMA)
    actions.hand_over(request=taken, version=1, to=office.adviser, by=office.owner, now=MONDAY)
    with pytest.raises(actions.Changed) as seen:
        actions.drop(request=taken, version=1, by=office.assistant, now=MONDAY)
    assert (seen.value.request.owner, kinds(taken)) == (office.adviser, ["asked", "handed_over"])


def test_a_need_is_a_task_for_everyone(office: SimpleNamespace) -> None:
    customer = Customer.objects.get(run=office.run, number=CARO)
    need = actions.note_need(
        customer=customer, what="advice", text="zieht um", owner=None, by=office.assistant, now=MONDAY
    )
    assert (need.noticed, need.cause, need.answer["settlement"]) == (True, "ours", "included")


def test_the_database_orders_as_the_plain_order_does(office: SimpleNamespace) -> None:
    hour = timedelta(hours=1)
    for number, urgency, at in ((ALMA, "normal", 0), (CARO, "normal", 0), (EMIL, "claim", 2), (CARO, "deadline", 1)):
        take(office, number, MONDAY + at * hour, urgency=urgency)
    waiting = take(office, ALMA)
    actions.pause(request=waiting, version=1, by=office.owner, now=MONDAY)
    take(office, EMIL, MONDAY - hour)
    listed = list(in_order(Request.objects.all()))
    assert listed == sorted(Request.objects.order_by("pk"), key=order)
    assert listed[-1] == waiting

"""Letters in the outbox: written once, handed over by a person; from then on their recipients know what they say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.people import ALMA, BELA, CARO
from tests.web.charter.outbox.conftest import NOW, TODAY, letter, posted
from tests.web.services.publish.conftest import SLOWER, drafted, published
from zusage.ground.reasons import Refused
from zusage.web.charter.outbox.actions import Outcome, hand_over_exported, hand_over_post, stop_by_hand, take_back
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.queries import messages_for, said_to
from zusage.web.customers.models import Told
from zusage.web.customers.queries import last_told


def told() -> list[tuple[str, str, date, date | None, str]]:
    rows = Told.objects.order_by("number", "pk")
    return [(row.number, row.class_key, row.told_on, row.said_on, row.how) for row in rows]


def handed(office: SimpleNamespace, *messages: Message, on_day: date = TODAY, now: datetime = NOW) -> Outcome:
    return hand_over_post(messages, on_day=on_day, by=office.adviser, now=now)


def test_a_recipient_gets_one_message_for_a_purpose(office: SimpleNamespace) -> None:
    assert letter(office) is not None
    assert letter(office, subject="anew") is None
    assert letter(office, purpose="wave 2") is not None
    assert letter(office, CARO) is not None
    assert [item.purpose for item in said_to(ALMA)] == ["wave 2", "wave 1"]


def test_a_letter_brought_to_the_post_is_known_from_that_day_on_and_only_once(office: SimpleNamespace) -> None:
    first, second = posted(office), posted(office, CARO, class_key="C")
    assert handed(office, first, second) == Outcome(done=2)
    assert told() == [(ALMA, "A", TODAY, TODAY, "letter"), (CARO, "C", TODAY, TODAY, "letter")]
    assert handed(office, first, second) == Outcome(passed=2)
    assert len(told()) == 2
    first.refresh_from_db()
    assert (first.state, first.handed_on, first.told) == ("handed_over", TODAY, last_told(ALMA))


def test_a_letter_without_promises_tells_none(office: SimpleNamespace) -> None:
    assert handed(office, posted(office, policy=None, class_key="", kind="statement")) == Outcome(done=1)
    assert told() == []


def test_what_is_weaker_holds_after_the_notice(office: SimpleNamespace) -> None:
    handed(office, posted(office))
    slower = published(
        drafted(office, SLOWER, now=NOW), office.owner, NOW, begins_on=TODAY, risk="known", reduction="fewer hours"
    )
    later = NOW + timedelta(days=1)
    handed(office, posted(office, purpose="wave 2", policy=slower), on_day=later.date(), now=later)
    last = last_told(ALMA)
    assert last is not None
    assert (last.policy, last.told_on, last.said_on) == (slower, later.date() + timedelta(days=30), later.date())


def test_a_class_decided_for_later_holds_only_then(office: SimpleNamespace) -> None:
    begins = TODAY + timedelta(days=50)
    handed(office, posted(office, class_key="B", kind="down", holds_on=begins))
    assert told() == [(ALMA, "B", begins, TODAY, "letter")]


@pytest.mark.parametrize("days", [-1, 1])
def test_no_letter_leaves_before_it_was_written_or_in_the_future(office: SimpleNamespace, days: int) -> None:
    found = posted(office)
    with pytest.raises(Refused) as refused:
        handed(office, found, on_day=TODAY + timedelta(days=days))
    assert [item.reason.code for item in refused.value.findings] == ["outbox_day"]
    assert told() == []


def test_taken_back_on_the_same_day_nothing_was_told(office: SimpleNamespace) -> None:
    found = posted(office)
    handed(office, found)
    take_back(found, now=NOW + timedelta(hours=2))
    found.refresh_from_db()
    assert (found.state, found.told, found.handed_on, told()) == ("written", None, None, [])
    assert handed(office, found) == Outcome(done=1)


def test_a_letter_to_a_household_tells_all_whom_it_names_and_is_taken_back_for_all(office: SimpleNamespace) -> None:
    found = posted(office, also=[BELA])
    handed(office, found)
    assert told() == [(ALMA, "A", TODAY, TODAY, "letter"), (BELA, "A", TODAY, TODAY, "letter")]
    take_back(found, now=NOW + timedelta(hours=2))
    assert told() == []


def test_on_another_day_or_for_what_did_not_leave_it_is_too_late(office: SimpleNamespace) -> None:
    found = posted(office)
    for moment in (NOW, NOW + timedelta(days=1)):
        with pytest.raises(Refused):
            take_back(found, now=moment)
        handed(office, found)
    assert len(told()) == 1


def test_a_letter_stopped_by_a_person_does_not_leave_and_says_who_wanted_that(office: SimpleNamespace) -> None:
    found, gone = posted(office), posted(office, CARO)
    handed(office, gone)
    assert stop_by_hand([found, gone], reason="wrong year", by=office.adviser) == 1
    assert handed(office, found) == Outcome(passed=1)
    found.refresh_from_db()
    assert (found.state, found.why["reason"]["values"]) == ("stopped", {"name": "Adviser", "text": "wrong year"})


def test_an_adviser_who_sees_own_customers_only_sees_their_letters_only(office: SimpleNamespace) -> None:
    posted(office)
    office.firm.advisers_see_own_only = True
    office.firm.save()
    office.run.customer_set.filter(number=ALMA).update(adviser="somebody else")
    seen = {role: messages_for(user).count() for role, user in office.users.items()}
    assert seen == {"owner": 1, "adviser": 0, "assistant": 0, "auditor": 1}


@pytest.mark.parametrize("channel", ["post", "email"])
def test_nothing_was_read_before_the_date_it_bears_and_one_of_a_lot_holds_the_lot(
    office: SimpleNamespace, channel: str
) -> None:
    monday, then = TODAY + timedelta(days=3), NOW + timedelta(days=3)
    lot = [posted(office, channel=channel), posted(office, CARO, channel=channel, not_before=monday)]
    noted = hand_over_post if channel == "post" else hand_over_exported
    for on_day, now in ((TODAY, NOW), (monday - timedelta(days=1), then)):
        with pytest.raises(Refused) as refused:
            noted(lot, on_day=on_day, by=office.adviser, now=now)
        assert [(item.reason.code, item.reason.values) for item in refused.value.findings] == [
            ("outbox_day_dated", {"first_on": monday})
        ]
    assert told() == []
    assert noted(lot, on_day=monday, by=office.adviser, now=then) == Outcome(done=2)

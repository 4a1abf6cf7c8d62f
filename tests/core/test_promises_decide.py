"""The answer to a request: which promise, who, where, on which channel, until when; and what is refused."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import CARO, changed

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say
from zusage.policy.document import Policy, Response, Text
from zusage.policy.read import read_policy_text
from zusage.policy.templates import TEMPLATES, template
from zusage.promises.answer import Answer
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.events import Event, due_now
from zusage.promises.record import as_json, past_contacts
from zusage.promises.sentences import staff_text
from zusage.promises.standing import Agreed, Request, Standing, Told

POLICIES = {
    name: read_policy_text(template(name, "de").replace("2026-01-01", "2025-01-01")).policy for name in TEMPLATES
}
FRIDAY = datetime.fromisoformat("2026-11-20T10:40+01:00")
PLAIN = changed()
RICH = changed(
    (
        "matrix:",
        """
  venue: {name: Ort, kind: standard, measure: venue}
  contact: {name: Ansprechpartner, kind: standard, measure: contact_person, promise: team}
  channels: {name: Wege, kind: standard, measure: channel, promise: {channels: [phone, email]}}
  events: {name: Feste, kind: exclusive, measure: invitation, minutes: 5, role: owner}
matrix:
  venue: {A: on_site, B: office_or_online, C: office}
  contact: {A: {mode: personal, role: owner}}
  events: {A: {per_year: 1}}
""".lstrip("\n"),
    ),
    (
        "callback: {A: same_day,",
        "callback: {A: {mode: same_day, reply: within 4 hours, completion: within 3 workdays},",
    ),
    ("C: next_workday}", "C: within 2 workdays}"),
)


def ask(policy: Policy, class_key: str, what: str = "callback", at: datetime = FRIDAY, **more: Any) -> Answer:
    standing = {name: more.pop(name) for name in ("agreed", "told", "cannot_come", "consumer") if name in more}
    return decide(policy, calendar_of(policy), Standing(CARO, class_key, **standing), Request(at, what, **more))


def codes(answer: Answer) -> list[str]:
    return [reason.code for reason in answer.reasons]


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+01:00")


# --- which promise


@pytest.mark.parametrize(("class_key", "due_at"), [("A", "11-20T17:00"), ("B", "11-23T17:00"), ("C", "11-24T17:00")])
def test_each_class_gets_its_own_promise(class_key: str, due_at: str) -> None:
    answer = ask(RICH, class_key)
    assert (answer.rule, answer.response_rule, answer.due_at) == ("class", "class", local(due_at))
    assert answer.due_at.tzinfo is UTC
    assert answer.promise in RICH.promises_of(class_key)
    assert (answer.policy_hash, answer.settlement, answer.within) == (RICH.hash, "included", True)


def test_what_was_agreed_with_the_customer_comes_before_the_class_while_it_holds() -> None:
    faster = replace(RICH.promises_of("C")[1], mode="within_hours", number=1)
    agreed = (Agreed(faster, since=date(2026, 1, 1), until=date(2026, 11, 20)),)
    assert (ask(RICH, "C", agreed=agreed).rule, ask(RICH, "C", agreed=agreed).due_at) == (
        "agreed",
        local("11-20T11:40"),
    )
    assert ask(RICH, "C", agreed=agreed, at=FRIDAY + timedelta(3)).rule == "class"


def test_a_standard_service_and_the_floor_name_their_rule() -> None:
    assert ask(RICH, "C", "channels").rule == "standard"
    assert ask(RICH, "C", "advice").rule == "floor"
    assert ask(RICH, "C", "advice").response_rule == "class"


def test_without_any_promised_response_the_standard_one_holds() -> None:
    bare = changed(("callback: {A: same_day, B: next_workday, C: next_workday}", "callback: {A: same_day}"))
    answer = ask(bare, "C", "advice")
    assert (answer.response_rule, answer.response, answer.due_at) == (
        "standard",
        Response("next_workday"),
        local("11-23T17:00"),
    )


def test_what_a_class_is_not_promised_is_said_and_still_answered() -> None:
    answer = ask(RICH, "C", "events")
    assert (answer.rule, answer.settlement, answer.due_at) == (None, "not_promised", local("11-24T17:00"))


def test_first_reaction_next_reply_and_completion_are_three_promises() -> None:
    answer = ask(RICH, "A")
    assert (answer.due_at, answer.completion_at) == (local("11-20T17:00"), local("11-25T17:00"))
    written = Event(local("11-20T16:00"), "written")
    assert due_now(answer, calendar_of(RICH), [written]) == local("11-23T12:00")


# --- until told


def test_until_a_customer_was_told_the_former_promise_holds() -> None:
    former = Told(date(2024, 1, 1), "an earlier policy", "A", RICH.promises_of("A"))
    told = Told(date(2026, 11, 20), RICH.hash, "C", RICH.promises_of("C"))
    before = ask(RICH, "C", told=(former, told), at=FRIDAY - timedelta(1))
    assert (before.due_at, codes(before)) == (local("11-19T17:00"), ["promise_rule_class", "promise_told_before"])
    assert before.reasons[0].values["text"] == "A"
    assert ask(RICH, "C", told=(former, told)).due_at == local("11-24T17:00")
    assert codes(ask(RICH, "C")) == ["promise_rule_class", "promise_told_assumed"]


def test_the_same_class_under_a_policy_not_told_yet_keeps_its_former_promise() -> None:
    former = Told(date(2024, 1, 1), "an earlier policy", "C", RICH.promises_of("B"))
    assert ask(RICH, "C", told=(former,)).response == Response("next_workday")


def test_what_was_said_last_counts_also_where_something_said_before_begins_only_later() -> None:
    announced = Told(date(2026, 11, 20), RICH.hash, "C", RICH.promises_of("C"), said_on=date(2026, 11, 2))
    since = Told(date(2026, 11, 9), RICH.hash, "A", RICH.promises_of("A"), said_on=date(2026, 11, 9))
    for told in ((announced, since), (since, announced)):
        assert ask(RICH, "A", told=told).due_at == ask(RICH, "A", told=(since,)).due_at
    assert ask(RICH, "A", told=(announced,)).due_at != ask(RICH, "A", told=(since,)).due_at


def test_of_two_things_told_on_one_day_the_later_holds() -> None:
    one, other = (Told(date(2026, 11, 1), "an earlier policy", key, RICH.promises_of(key)) for key in "AB")
    assert ask(RICH, "C", told=(one, other)).response == Response("next_workday")
    assert ask(RICH, "C", told=(other, one)).response == Response("same_day")


# --- urgency


def test_a_claim_of_the_standard_class_is_answered_the_same_day() -> None:
    answer = ask(RICH, "C", "advice", urgency="claim")
    assert (answer.response_rule, answer.due_at) == ("urgency", local("11-20T17:00"))
    assert "promise_urgent_claim" in codes(answer)


def test_the_table_of_urgency_may_differ_by_class() -> None:
    policy = changed(("\nactivities:", "\nrequests: {urgency: {claim: {A: within 1 hour}}}\nactivities:"))
    assert [ask(policy, key, urgency="claim").due_at for key in "AC"] == [local("11-20T11:40"), local("11-20T17:00")]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(TEMPLATES), st.integers(0, 400 * 1440))
def test_no_emergency_is_due_later_than_a_normal_request_of_any_class(name: str, minute: int) -> None:
    policy = POLICIES[name]
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    keys = [item.key for item in policy.classes]
    normal = min(ask(policy, key, at=at).due_at for key in keys)
    assert max(ask(policy, key, at=at, urgency="emergency").due_at for key in keys) <= normal


def test_in_every_minute_of_a_week_an_emergency_comes_first_even_where_its_own_response_is_slow() -> None:
    policy = changed(("\nactivities:", "\nrequests: {urgency: {emergency: within 5 hours}}\nactivities:"))
    calendar = calendar_of(policy)
    for minute in range(0, 7 * 1440, 7):
        at = FRIDAY + timedelta(minutes=minute)
        worst = decide(policy, calendar, Standing(CARO, "C"), Request(at, "callback", urgency="emergency")).due_at
        assert worst <= decide(policy, calendar, Standing(CARO, "A"), Request(at, "callback")).due_at


POLICIES = {
    name: read_policy_text(template(name, "de").replace("2026-01-01", "2025-01-01")).policy for name in TEMPLATES
}

# --- who, where, on which channel


def test_the_personal_contact_calls_back_and_the_team_otherwise() -> None:
    assert [ask(RICH, key).who for key in "AC"] == ["owner", None]
    assert "promise_other_role" in codes(ask(RICH, "C", wants="owner"))
    assert "promise_other_role" not in codes(ask(RICH, "A", wants="owner"))


def test_whoever_cannot_come_is_visited() -> None:
    assert [ask(RICH, "C", "advice", cannot_come=there).where for there in (False, True)] == ["office", "on_site"]
    assert [ask(RICH, "B", "advice", cannot_come=True).where] == ["office_or_online"]


def test_a_channel_that_is_not_offered_is_answered_on_one_that_is() -> None:
    assert [ask(RICH, "C", channel=name).channel for name in ("email", "message")] == ["email", "phone"]


def test_a_promise_with_channels_of_its_own_is_kept_on_them() -> None:
    policy = changed(("C: next_workday", "C: {mode: next_workday, channels: [email]}"))
    assert [ask(policy, key, channel="phone").channel for key in "BC"] == ["phone", "email"]


# --- the answer


def test_the_sentences_name_day_and_time_and_what_is_told_at_night() -> None:
    answer = ask(PLAIN, "C", at=local("11-20T22:30"))
    assert answer.opens_at == local("11-23T09:00")
    assert answer.customer_text == Text(
        "Unser Büro ist gerade geschlossen; wir sind ab Montag, 23.11.2026, 09:00 Uhr wieder für Sie da. "
        "Rückruf: Sie hören von uns bis Montag, 23.11.2026, 17:00 Uhr.",
        "Our office is closed right now; we are back on Monday, 23 Nov 2026, at 09:00. "
        "Rückruf: you will hear from us by Monday, 23 Nov 2026, 17:00.",
    )
    assert staff_text(PLAIN, answer, calendar_of(PLAIN).hours.zone, "en") == (
        "Rückruf (Klassik): by Monday, 23 Nov 2026, 17:00, our team, phone. "
        "Response the next working day (by the service class). Included."
    )


def test_the_same_inputs_give_the_same_answer_and_it_cannot_be_changed() -> None:
    answer = ask(PLAIN, "B")
    assert ask(changed(), "B") == answer
    with pytest.raises(FrozenInstanceError):
        answer.due_at = FRIDAY  # type: ignore[misc]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_reason_and_sentence_can_be_said_in_both_languages(data: st.DataObject) -> None:
    policy = POLICIES[data.draw(st.sampled_from(TEMPLATES))]
    answer = ask(
        policy,
        data.draw(st.sampled_from([item.key for item in policy.classes])),
        data.draw(st.sampled_from([item.key for item in policy.services])),
        urgency=data.draw(st.sampled_from(["emergency", "claim", "deadline", "normal"])),
        wants=data.draw(st.sampled_from([None, *(role.key for role in policy.roles)])),
        cannot_come=data.draw(st.booleans()),
    )
    for language in LANGUAGES:
        assert all(say(reason, language) for reason in answer.reasons)
        staff = staff_text(policy, answer, calendar_of(policy).hours.zone, language)
        assert "{" not in answer.customer_text[language] + staff


def test_an_answer_as_json_shows_the_firms_time_and_comes_back_as_a_contact() -> None:
    plain = as_json(ask(PLAIN, "A", channel="email", matter="Umzug"), calendar_of(PLAIN).hours.zone)
    assert plain["due_at"] == "2026-11-20T17:00:00+01:00"
    assert plain["promise"]["mode"] == "same_day"

    lines = ["not JSON", "{}", json.dumps(plain), json.dumps(plain | {"customer_id": "another"})]
    assert [(item.at, item.channel, item.matter) for item in past_contacts(lines, {CARO})] == [
        (FRIDAY, "email", "Umzug")
    ]


# --- events


def test_a_pause_moves_the_due_moment_by_the_working_time_it_took() -> None:
    hours = changed(("C: next_workday}", "C: within 4 hours}"))
    answer, calendar = ask(hours, "C"), calendar_of(hours)
    pause = [Event(local("11-20T11:00"), "paused"), Event(local("11-23T10:00"), "resumed")]
    assert (answer.due_at, due_now(answer, calendar, [])) == (local("11-20T15:40"), local("11-20T15:40"))
    assert due_now(answer, calendar, pause) == local("11-23T14:40")
    assert due_now(answer, calendar, pause[:1]) is None


def test_postponed_by_the_customer_is_due_when_that_day_closes_and_escalated_only_earlier() -> None:
    answer, calendar = ask(PLAIN, "C"), calendar_of(PLAIN)
    postponed = Event(FRIDAY, "postponed", until=date(2026, 12, 25))
    assert due_now(answer, calendar, [postponed]) == local("12-28T17:00")
    escalated = Event(local("11-20T11:00"), "escalated", response=Response("within_hours", 2))
    assert due_now(answer, calendar, [escalated]) == local("11-20T14:00")
    late = Event(local("11-23T16:30"), "escalated", response=Response("within_hours", 2))
    assert due_now(answer, calendar, [late]) == answer.due_at


def test_longer_hours_introduced_later_make_a_paused_request_due_no_earlier() -> None:
    longer = calendar_of(changed(("\nactivities:", "\nopening: {hours: {mon-sun: 0-24}}\nactivities:")))
    answer = ask(PLAIN, "C")
    pause = [Event(local("11-20T11:00"), "paused"), Event(local("11-20T11:05"), "resumed")]
    assert due_now(answer, longer, pause) == answer.due_at


@pytest.mark.parametrize("kinds", [["resumed"], ["paused", "paused"]])
def test_a_pause_that_ends_without_a_beginning_or_begins_twice_is_refused(kinds: list[Any]) -> None:
    events = [Event(FRIDAY + timedelta(hours=number), kind) for number, kind in enumerate(kinds)]
    with pytest.raises(Refused):
        due_now(ask(PLAIN, "C"), calendar_of(PLAIN), events)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60 * 1440), st.lists(st.integers(0, 20 * 1440), max_size=6), st.sampled_from("ABC"))
def test_a_pause_never_moves_a_due_moment_earlier(minute: int, turns: list[int], class_key: str) -> None:
    at = FRIDAY + timedelta(minutes=minute)
    answer = ask(RICH, class_key, at=at)
    edges = sorted(turns)[: len(turns) // 2 * 2]
    events = [
        Event(at + timedelta(minutes=edge), "resumed" if number % 2 else "paused") for number, edge in enumerate(edges)
    ]
    moved = due_now(answer, calendar_of(RICH), events)
    assert moved is not None
    assert moved >= answer.due_at


# --- what is refused


def test_everything_wrong_with_a_request_is_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        ask(PLAIN, "X", "nothing", urgency="soon", channel="fax", wants="king", cause="luck", at=datetime(2026, 1, 1))  # noqa: DTZ001
    assert [item.reason.code for item in caught.value.findings] == [
        *("promise_unknown_class", "promise_unknown_service", "promise_unknown_channel", "promise_unknown_urgency"),
        *("promise_unknown_cause", "promise_unknown_role", "worktime_naive_time"),
    ]


def test_a_request_before_the_policys_start_is_refused() -> None:
    later = changed(("version: test", "version: test\nvalid_from: 2026-12-01"))
    with pytest.raises(Refused) as caught:
        ask(later, "A")
    assert [item.reason.code for item in caught.value.findings] == ["promise_before_policy"]
    assert ask(later, "A", at=datetime.fromisoformat("2026-11-30T23:30Z")).response == Response("same_day")

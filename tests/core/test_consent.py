"""Who may be contacted on which way for which purpose: the table of the law, row by row, and rules that always hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from zusage.ground.words import LANGUAGES, say, say_finding
from zusage.promises.consent import (
    CHANNELS,
    CONDITIONS,
    GROUNDS,
    LOCKS,
    OLD,
    PURPOSES,
    Gate,
    Given,
    Locked,
    Objected,
    gate,
)

DAY = date(2026, 11, 26)
BEFORE = date(2026, 3, 2)
ALL = frozenset(CONDITIONS)


def ask(
    channel: str,
    *given: Given,
    against: tuple[Objected, ...] = (),
    purpose: str = "advertising",
    consumer: bool | None = True,
    day: date = DAY,
) -> Gate:
    return gate(channel, purpose, given, against, consumer=consumer, day=day)


def consent(channel: str, granted_on: date | None = BEFORE, **more: object) -> Given:
    return replace(Given(channel, "advertising", granted_on=granted_on), **more)  # type: ignore[arg-type]  # any field


def bought(**more: object) -> Given:
    return consent("email", **{"ground": "existing_customer", "conditions": ALL} | more)


@pytest.mark.parametrize(
    ("channel", "consumer", "ground"),
    [
        ("phone", True, ""),
        ("phone", None, ""),  # not known to be a business: protected as a consumer
        ("phone", False, "presumed"),
        ("email", True, ""),
        ("email", False, ""),
        ("message", True, ""),
        ("message", False, ""),
        ("post", True, "until_objection"),
        ("post", False, "until_objection"),
    ],
)
def test_without_any_consent_only_letters_and_calls_to_businesses_may_advertise(
    channel: str, consumer: bool | None, ground: str
) -> None:
    answer = ask(channel, consumer=consumer)
    assert (answer.ground, answer.allowed, answer.alternative) == (ground, bool(ground), None if ground else "letter")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("consumer", [True, False, None])
def test_with_consent_every_way_may_advertise(channel: str, consumer: bool | None) -> None:
    answer = ask(channel, consent(channel), consumer=consumer)
    assert (answer.allowed, answer.ground, answer.why.values) == (True, "consent", {"granted_on": BEFORE})


def test_a_consent_counts_for_its_own_way_and_purpose_alone() -> None:
    held = [consent("phone"), Given("email", "service", granted_on=BEFORE)]
    assert [ask(channel, *held).ground for channel in CHANNELS] == ["consent", "", "", "until_objection"]


@pytest.mark.parametrize("channel", ["email", "message"])
def test_a_confirmation_that_was_asked_for_must_have_come(channel: str) -> None:
    waiting = ask(channel, consent(channel, confirmed=False))
    assert (waiting.allowed, waiting.why.code) == (False, "consent_unconfirmed")
    assert ask(channel, consent(channel, confirmed=True)).ground == "consent"


def test_mail_to_existing_customers_needs_all_four_conditions() -> None:
    assert ask("email", bought()).ground == "existing_customer"
    for missing in CONDITIONS:
        answer = ask("email", bought(conditions=ALL - {missing}))
        assert (answer.allowed, answer.why.code) == (False, "consent_conditions")


@pytest.mark.parametrize("channel", ["phone", "message"])
def test_the_ground_of_an_existing_customer_is_for_mail_alone(channel: str) -> None:
    assert ask(channel, replace(bought(), channel=channel)).why.code == f"consent_none_{channel}"


def test_whoever_withdrew_once_is_no_existing_customer_any_more_but_may_consent_anew() -> None:
    again = bought(granted_on=date(2026, 6, 1))
    former = consent("email", withdrawn_on=date(2026, 5, 1))
    assert ask("email", former, again).why.code == "consent_withdrawn"
    assert ask("email", former, again, consent("email", date(2026, 6, 2))).ground == "consent"


def test_a_withdrawal_counts_from_its_own_day() -> None:
    given = consent("phone", withdrawn_on=date(2026, 5, 4))
    assert ask("phone", given, day=date(2026, 5, 3)).allowed
    stopped = ask("phone", given, day=date(2026, 5, 4))
    assert (stopped.allowed, stopped.why.values) == (False, {"withdrawn_on": date(2026, 5, 4)})


def test_a_withdrawal_ends_what_other_lists_still_call_granted_and_a_later_consent_counts() -> None:
    withdrawn = consent("phone", withdrawn_on=date(2026, 5, 4), own=True)
    same_day = consent("phone", date(2026, 5, 4))
    assert [ask("phone", withdrawn, other).allowed for other in (consent("phone"), same_day)] == [False, False]
    assert ask("phone", withdrawn, consent("phone", date(2026, 5, 5))).ground == "consent"


def test_of_one_day_only_the_office_knows_that_the_consent_came_after_the_withdrawal() -> None:
    day = date(2026, 5, 4)
    withdrawn, anew = consent("phone", withdrawn_on=day, own=True), consent("phone", day, own=True)
    assert ask("phone", withdrawn, anew).ground == "consent"
    assert ask("phone", withdrawn, replace(anew, own=False)).ground == ""


def test_one_row_that_names_a_consent_after_its_withdrawal_is_a_consent_given_anew() -> None:
    row = consent("phone", date(2026, 5, 4), withdrawn_on=date(2025, 1, 7))
    assert ask("phone", row).ground == "consent"


def test_a_consent_that_is_given_later_does_not_count_yet_and_one_without_a_day_never() -> None:
    assert ask("phone", consent("phone", DAY + timedelta(1))).why.code == "consent_none_phone"
    assert ask("phone", consent("phone", DAY)).allowed
    assert ask("phone", consent("phone", None)).why.code == "consent_undated"


def test_a_withdrawn_presumption_and_a_withdrawn_letter_are_refused() -> None:
    assert ask("phone", consent("phone", withdrawn_on=DAY), consumer=False).allowed is False
    letter = ask("post", consent("post", withdrawn_on=DAY))
    assert (letter.allowed, letter.alternative) == (False, "note")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("consumer", [True, False])
def test_an_objection_beats_every_ground(channel: str, consumer: bool) -> None:
    held = [consent(channel), bought(), consent(channel, DAY)]
    one = ask(channel, *held, against=(Objected(channel, said_on=BEFORE),), consumer=consumer)
    every = ask(channel, *held, against=(Objected(None, said_on=BEFORE),), consumer=consumer)
    assert (one.allowed, one.ground, one.why.code) == (False, "", "consent_objected")
    assert (every.allowed, every.ground, every.why.code) == (False, "", "consent_objected_all")


def test_instead_of_a_call_comes_a_letter_instead_of_a_letter_a_note_and_after_a_no_to_all_nothing() -> None:
    to_post, to_all = Objected("post", said_on=BEFORE), Objected(None, said_on=BEFORE)
    assert [ask("phone", against=against).alternative for against in ((), (to_post,), (to_all,))] == [
        "letter",
        "note",
        None,
    ]
    assert ask("post", against=(to_post,)).alternative == "note"
    each = tuple(Objected(channel) for channel in CHANNELS)
    assert ask("phone", against=each).alternative is None


def test_an_objection_counts_from_the_day_it_was_said() -> None:
    later = Objected("post", said_on=DAY)
    assert ask("post", against=(later,), day=DAY - timedelta(1)).allowed
    assert not ask("post", against=(later,)).allowed


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_belongs_to_the_contract_is_allowed_unless_that_way_was_refused(channel: str) -> None:
    to_advertising = (Objected(None, said_on=BEFORE),)
    assert ask(channel, purpose="service", against=to_advertising).ground == "contract"
    assert ask(channel, consent(channel, withdrawn_on=BEFORE), purpose="service").ground == "contract"
    refused = ask(channel, purpose="service", against=(Objected(channel, "service", BEFORE),))
    assert (refused.allowed, refused.alternative) == (False, "note" if channel == "post" else "letter")
    withdrawn = ask(channel, Given(channel, "service", granted_on=BEFORE, withdrawn_on=DAY), purpose="service")
    assert (withdrawn.allowed, withdrawn.why.code) == (False, "consent_withdrawn")


def test_a_consent_that_nobody_used_for_two_years_counts_with_a_finding() -> None:
    old = consent("phone", DAY - OLD)
    found = [
        ask("phone", given).findings
        for given in (old, consent("phone", DAY - OLD + timedelta(1)), replace(old, used_on=BEFORE))
    ]
    assert [[finding.reason.code for finding in findings] for findings in found] == [["consent_old"], [], []]
    assert ask("phone", old).allowed


def test_ways_and_purposes_that_do_not_exist_are_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="no gate for fax and advertising"):
        ask("fax")


DAYS = st.dates(date(2023, 1, 1), date(2027, 1, 1))
GIVEN = st.builds(
    Given,
    channel=st.sampled_from(CHANNELS),
    purpose=st.sampled_from(PURPOSES),
    ground=st.sampled_from(GROUNDS),
    granted_on=st.none() | DAYS,
    withdrawn_on=st.none() | DAYS,
    confirmed=st.booleans(),
    conditions=st.sets(st.sampled_from(CONDITIONS)).map(frozenset),
    used_on=st.none() | DAYS,
    own=st.booleans(),
)
OBJECTED = st.builds(
    Objected,
    channel=st.none() | st.sampled_from(CHANNELS),
    purpose=st.sampled_from(PURPOSES),
    said_on=st.none() | DAYS,
)
ASKED = st.tuples(
    st.sampled_from(CHANNELS), st.sampled_from(PURPOSES), st.lists(GIVEN, max_size=5), st.lists(OBJECTED, max_size=3)
)


@drawn(ASKED, st.sampled_from([True, False, None]), DAYS)
def test_each_answer_can_be_said_and_names_either_a_ground_or_what_to_do_instead(
    asked: tuple[str, str, list[Given], list[Objected]], consumer: bool | None, day: date
) -> None:
    answer = gate(*asked, consumer=consumer, day=day)
    assert answer.allowed == bool(answer.ground)
    assert not (answer.allowed and answer.alternative)
    said = [say(answer.why, language) for language in LANGUAGES]
    found = [say_finding(finding, language) for finding in answer.findings for language in LANGUAGES]
    assert all(text and "{" not in text for text in said + found)


@drawn(ASKED, st.sampled_from([True, False, None]), DAYS, st.sampled_from([*CHANNELS, None]))
def test_no_objection_ever_allows_anything_and_no_order_matters(
    asked: tuple[str, str, list[Given], list[Objected]], consumer: bool | None, day: date, against: str | None
) -> None:
    channel, purpose, given, objected = asked
    before = gate(channel, purpose, given, objected, consumer=consumer, day=day)
    after = gate(channel, purpose, given, [*objected, Objected(against, purpose)], consumer=consumer, day=day)
    turned = gate(channel, purpose, given[::-1], objected[::-1], consumer=consumer, day=day)
    assert before.allowed or not after.allowed
    assert not (against in (None, channel) and after.allowed)
    assert (turned.allowed, turned.ground, turned.alternative) == (before.allowed, before.ground, before.alternative)


@drawn(ASKED, st.sampled_from([True, False, None]), DAYS)
def test_letters_instead_go_only_to_those_who_may_get_letters(
    asked: tuple[str, str, list[Given], list[Objected]], consumer: bool | None, day: date
) -> None:
    _, purpose, given, objected = asked
    answer = gate(*asked, consumer=consumer, day=day)
    if answer.alternative == "letter":
        assert gate("post", purpose, given, objected, consumer=consumer, day=day).allowed


@drawn(st.lists(GIVEN, max_size=5), st.sampled_from(CHANNELS), st.sampled_from([True, False, None]), DAYS)
def test_after_a_withdrawal_today_nothing_of_the_lists_counts_today(
    given: list[Given], channel: str, consumer: bool | None, day: date
) -> None:
    """Whatever stands in any list: only what the office noted after it, on the day itself, could count."""
    lists = [replace(item, own=False) for item in given]
    withdrawn = Given(channel, "advertising", granted_on=day, withdrawn_on=day, own=True)
    assert not gate(channel, "advertising", [*lists, withdrawn], [], consumer=consumer, day=day).allowed


@pytest.mark.parametrize("why", [item for item in LOCKS if item != "moved"])
@drawn(asked=ASKED, consumer=st.sampled_from([True, False, None]), later=st.integers(0, 900))
def test_nothing_goes_to_whoever_is_locked_and_nothing_instead(
    why: str, asked: tuple[str, str, list[Given], list[Objected]], consumer: bool | None, later: int
) -> None:
    day = BEFORE + timedelta(later)
    answer = gate(*asked, consumer=consumer, day=day, locked=Locked(why, BEFORE))
    assert answer == Gate(False, "", None, Locked(why, BEFORE).reason)
    earlier = BEFORE - timedelta(1)
    assert gate(*asked, consumer=consumer, day=earlier, locked=Locked(why, BEFORE)) == gate(
        *asked, consumer=consumer, day=earlier
    )


@drawn(ASKED, st.sampled_from([True, False, None]), DAYS)
def test_where_post_comes_back_only_the_post_is_stopped_and_no_letter_stands_in_for_another_way(
    asked: tuple[str, str, list[Given], list[Objected]], consumer: bool | None, day: date
) -> None:
    free = gate(*asked, consumer=consumer, day=day)
    answer = gate(*asked, consumer=consumer, day=day, locked=Locked("moved", day))
    assert answer.allowed == (free.allowed and asked[0] != "post")
    assert answer.alternative != "letter"
    assert answer == free or asked[0] == "post" or free.alternative == "letter"


@pytest.mark.parametrize("why", LOCKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_lock_says_why_and_since_when(why: str, language: str) -> None:
    said = say(Locked(why, BEFORE).reason, language)  # type: ignore[arg-type]  # one of LANGUAGES
    assert "2026" in said
    assert "{" not in said

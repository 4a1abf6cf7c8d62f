"""Who gets a letter: one for a household, to everybody concerned, to nobody twice, and who is left out is named."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.people import ALMA, BELA, CARO, DORO, EMIL, NAMES

from zusage.ground.reasons import Reason, Refused
from zusage.ground.words import LANGUAGES, say
from zusage.promises.consent import Locked
from zusage.promises.recipients import KINDS, LeftOut, Person, Recipient, choose, holds_from, ordered, spread

HOME = {ALMA: "Musterweg 1", BELA: "Musterweg 1", CARO: "Probegasse 2", DORO: "Am Exempel 3", EMIL: "Werkstraße 4"}
MONDAY = date(2026, 11, 30)
WITHDRAWN = Reason("mailing_out_no_address")
LOCKED = Locked("deceased", MONDAY).reason


def person(number: str, **more: object) -> Person:
    """One of the five with an address, a class and everything still to be told."""
    street = HOME[number]
    known = {"number": number, "unit_id": ALMA if number == BELA else number, "name": NAMES[number], "class_key": "C"}
    known |= {"news": "first", "address": (NAMES[number], street, "04103 Leipzig"), "place": ("DE", "04103", street)}
    return Person(**(known | more))  # type: ignore[arg-type]


def to(found: tuple[Recipient, ...]) -> list[tuple[str, ...]]:
    return [item.numbers for item in found]


def out(found: tuple[LeftOut, ...]) -> list[tuple[str, str]]:
    return [(item.to.number, item.why.code) for item in found]


def test_a_household_gets_one_letter_to_whom_it_is_named_after_and_mentions_the_others() -> None:
    found = choose("welcome", [person(BELA), person(CARO), person(ALMA)], "post")
    assert [(item.to.number, item.numbers, item.others) for item in found.letters] == [
        (ALMA, (ALMA, BELA), ("Beispiel, Béla",)),
        (CARO, (CARO,), ()),
    ]


def test_a_member_who_lives_elsewhere_gets_a_letter_of_their_own() -> None:
    away = person(BELA, place=("DE", "10115", "Fernweg 9"), address=("Béla", "Fernweg 9", "10115 Berlin"))
    assert to(choose("welcome", [person(ALMA), away], "post").letters) == [(ALMA,), (BELA,)]


def test_a_member_without_an_address_is_written_to_where_the_household_lives() -> None:
    nowhere = person(ALMA, place=("", "", ""), address=())
    found = choose("welcome", [nowhere, person(BELA)], "post")
    assert [(item.to.number, item.others) for item in found.letters] == [(BELA, ("Muster, Alma",))]


def test_a_member_of_another_class_or_with_other_news_gets_a_letter_of_their_own() -> None:
    people = [person(ALMA, class_key="A"), person(BELA)]
    assert to(choose("welcome", people, "post").letters) == [(ALMA,), (BELA,)]
    told = [person(ALMA, news=""), person(BELA)]
    assert out(choose("welcome", told, "post").left_out) == [(ALMA, "mailing_out_told")]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"former": True}, "former"),
        ({"class_key": ""}, "no_class"),
        ({"busy": 7}, "busy"),
        ({"news": ""}, "told"),
        ({"news": "up"}, "change_up"),
        ({"news": "down"}, "change_down"),
        ({"address": ()}, "no_address"),
        ({"post_refused": Reason("mailing_out_gone")}, "gone"),
    ],
)
def test_who_gets_no_welcome_is_named_with_the_reason(facts: dict[str, object], code: str) -> None:
    found = choose("welcome", [person(CARO, **facts)], "post")
    assert (found.letters, out(found.left_out)) == ((), [(CARO, f"mailing_out_{code}")])
    assert all(say(found.left_out[0].why, language) for language in LANGUAGES)


def test_a_reduction_is_told_only_after_a_person_confirmed_it() -> None:
    confirmed = person(CARO, news="down", holds_from=MONDAY)
    proposed, unsigned = person(DORO, news="", unconfirmed=True), person(EMIL, news="", unsigned=True)
    found = choose("down", [confirmed, proposed, unsigned, person(ALMA, news="up")], "post")
    assert to(found.letters) == [(CARO,)]
    assert out(found.left_out) == [(DORO, "mailing_out_unconfirmed"), (EMIL, "mailing_out_unsigned")]


def test_more_is_told_to_those_who_get_more_and_a_statement_to_all_who_know_their_promises() -> None:
    people = [person(CARO, news="up"), person(DORO, news=""), person(EMIL)]
    assert to(choose("up", people, "post").letters) == [(CARO,)]
    assert to(choose("statement", people, "post").letters) == [(CARO,), (DORO,)]
    assert out(choose("statement", people, "post").left_out) == [(EMIL, "mailing_out_not_told")]


def test_the_dead_are_in_no_letter_and_the_others_of_the_household_get_theirs() -> None:
    people = [person(ALMA, unit_id=ALMA, locked=LOCKED), person(BELA, unit_id=ALMA), person(CARO, locked=LOCKED)]
    found = choose("welcome", people, "post")
    assert [(item.to.number, item.numbers, item.others) for item in found.letters] == [(BELA, (BELA,), ())]
    assert out(found.left_out) == [(ALMA, "consent_locked_deceased"), (CARO, "consent_locked_deceased")]


def test_mail_goes_where_it_may_and_else_by_post() -> None:
    people = [
        person(ALMA, email="alma@example.org"),
        person(CARO, email="caro@example.org", email_refused=WITHDRAWN),
        person(DORO),
        person(EMIL, address=(), email="emil@example.org", email_refused=WITHDRAWN),
    ]
    found = choose("welcome", people, "email")
    assert [(item.to.number, item.way) for item in found.letters] == [(ALMA, "email"), (CARO, "post"), (DORO, "post")]
    assert out(found.left_out) == [(EMIL, "mailing_out_no_address")]


def test_letters_are_printed_by_postcode_and_street_and_what_holds_first_leaves_first() -> None:
    far = person(CARO, place=("DE", "99999", "A"))
    soon = person(DORO, place=("DE", "99999", "B"), news="down", holds_from=MONDAY)
    found = [Recipient(item, "post", (item.number,), ()) for item in (far, person(EMIL), person(ALMA), soon)]
    assert [item.to.number for item in ordered(found, "postal")] == [DORO, ALMA, EMIL, CARO]


def test_advisers_have_their_turn_one_after_the_other() -> None:
    rows = [person(ALMA, adviser="B"), person(CARO, adviser="B"), person(DORO, adviser="A"), person(EMIL, adviser="B")]
    found = [Recipient(item, "post", (item.number,), ()) for item in rows]
    assert [item.to.adviser for item in ordered(found, "advisers")] == ["A", "B", "B", "B"]


def test_so_many_leave_in_a_week_and_no_more() -> None:
    found = [Recipient(person(number), "post", (number,), ()) for number in HOME]
    weeks = spread(found, 2, (MONDAY + timedelta(7 * week) for week in count()))
    assert [(monday.day, len(letters)) for monday, letters in weeks] == [(30, 2), (7, 2), (14, 1)]


@given(st.integers(0, 40), st.integers(1, 9), st.integers(0, 12))
def test_every_letter_has_its_week_or_the_plan_is_refused(size: int, per_week: int, weeks: int) -> None:
    letters = [
        Recipient(Person(str(number), str(number), "Probe"), "post", (str(number),), ()) for number in range(size)
    ]
    mondays = [MONDAY + timedelta(7 * week) for week in range(weeks)]
    try:
        found = spread(letters, per_week, iter(mondays))
    except Refused as refused:
        assert weeks * per_week < size
        (finding,) = refused.findings
        assert finding.reason.code == "mailing_weeks_too_few"
    else:
        assert [item for _, together in found for item in together] == letters
        assert [monday for monday, _ in found] == mondays[: len(found)]
        assert all(len(together) <= per_week for _, together in found)


def test_what_is_less_holds_after_the_notice_and_what_is_more_at_once() -> None:
    decided = MONDAY + timedelta(10)
    assert holds_from("down", decided, MONDAY, 60) == MONDAY + timedelta(60)
    assert holds_from("down", MONDAY + timedelta(90), MONDAY, 60) == MONDAY + timedelta(90)
    assert holds_from("up", decided, MONDAY, 60) == decided
    assert holds_from("first", None, MONDAY, 60) == MONDAY


REFUSALS = st.sampled_from([None, WITHDRAWN])
PEOPLE = st.lists(
    st.builds(
        Person,
        number=st.integers(1, 12).map(str),
        unit_id=st.integers(1, 4).map(str),
        name=st.sampled_from(["Probe", "Muster"]),
        class_key=st.sampled_from(["", "A", "C"]),
        news=st.sampled_from(["", "first", "up", "down"]),
        unconfirmed=st.booleans(),
        unsigned=st.booleans(),
        former=st.booleans(),
        address=st.sampled_from([(), ("Probe", "Weg 1", "04103 Leipzig")]),
        place=st.sampled_from([("", "", ""), ("DE", "04103", "Weg 1"), ("DE", "04105", "Weg 2")]),
        email=st.sampled_from(["", "probe@example.org"]),
        post_refused=REFUSALS,
        email_refused=REFUSALS,
        locked=st.sampled_from([None, None, LOCKED]),
        busy=st.sampled_from([None, 3]),
    ),
    unique_by=lambda item: item.number,
    max_size=12,
)


@given(PEOPLE, st.sampled_from(KINDS), st.sampled_from(["post", "email"]))
def test_nobody_outside_the_gate_is_a_recipient_and_nobody_is_written_to_twice(
    people: list[Person], kind: str, way: str
) -> None:
    found = choose(kind, people, way)  # type: ignore[arg-type]
    known = {person.number: person for person in people}
    for item in found.letters:
        refused, place = (
            (item.to.email_refused, item.to.email) if item.way == "email" else (item.to.post_refused, item.to.address)
        )
        assert refused is None
        assert place
        assert not item.to.former
        assert item.to.busy is None
        assert kind != "down" or item.to.news == "down"
        mentioned = [person for person in people if person.number in item.numbers]
        assert not any(person.locked for person in mentioned)
        assert item.to.post_refused or not any(person.post_refused for person in mentioned)
        assert way == "post" or len({person.email_refused is None for person in mentioned}) == 1
        assert list(item.others) == [known[number].name for number in item.numbers[1:]]
    named = [number for item in (*found.letters, *found.left_out) for number in item.numbers]
    assert len(named) == len(set(named))


@given(PEOPLE, st.sampled_from(["post", "email"]))
def test_a_welcome_forgets_nobody(people: list[Person], way: str) -> None:
    found = choose("welcome", people, way)  # type: ignore[arg-type]
    named = {number for item in (*found.letters, *found.left_out) for number in item.numbers}
    units_with_present = {item.unit_id for item in people if not item.former}
    wanted = {item.number for item in people if not (item.former and item.unit_id in units_with_present)}
    assert named == wanted

"""Questions of other programs about working time: every line gets an answer, and a mistake is an answer too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zusage.ground.words import texts
from zusage.ground.worktime.questions import OPERATIONS, answer, answer_lines

LUNCH = [["09:00", "12:00"], ["13:00", "17:00"]]
DESK = {
    "tz": "Europe/Berlin",
    "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), LUNCH),
    "holidays": {"country": "DE", "subdiv": "SN"},
    "breaks": {"2026-12-23": [["12:00", "14:00"]]},
    "shifts": {"2026-12-31": [["09:00", "12:00"]]},
    "closures": [["2026-12-30T09:00:00+01:00", "2026-12-30T11:00:00+01:00"]],
}
MONDAY = "2026-11-23T10:00:00+01:00"


def ask(**fields: Any) -> dict[str, object]:
    return answer({"calendar": DESK, **fields})


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ({"op": "add", "start": "2026-12-23T11:00:00+01:00", "duration_s": 7200}, "2026-12-23T15:00:00+01:00"),
        ({"op": "add", "start": "2026-12-31T10:59:59Z", "duration_s": 0}, "2026-12-31T11:59:59+01:00"),
        ({"op": "add", "start": "2026-12-31T11:00:00Z", "duration_s": 0}, "2027-01-04T09:00:00+01:00"),
        ({"op": "sub", "start": "2026-12-28T09:30:00+01:00", "duration_s": 3600}, "2026-12-24T16:30:00+01:00"),
        ({"op": "between", "start": "2026-12-30T00:00:00+01:00", "end": "2027-01-01T00:00:00+01:00"}, 8 * 3600),
        ({"op": "between", "start": "2026-12-31T00:00:00+01:00", "end": "2026-12-30T00:00:00+01:00"}, 0),
        ({"op": "add_days", "start": "2026-12-23T11:00:00+01:00", "days": 2}, "2026-12-28T11:00:00+01:00"),
        ({"op": "add_days", "start": "2026-12-26T11:00:00+01:00", "days": 1}, "2026-12-29T09:00:00+01:00"),
        ({"op": "sub_days", "start": "2026-12-26T11:00:00+01:00", "days": 1}, "2026-12-24T09:00:00+01:00"),
        ({"op": "days_between", "start": "2026-12-24T08:00:00+01:00", "end": "2026-12-31T20:00:00+01:00"}, 4),
        ({"op": "is_open", "start": "2026-12-31T12:00:00+01:00"}, False),
        ({"op": "is_open", "start": "2026-12-31T09:00:00+01:00"}, True),
        ({"op": "next_open", "start": "2026-12-30T09:00:00+01:00"}, "2026-12-30T11:00:00+01:00"),
        ({"op": "next_close", "start": "2026-12-30T12:00:00+01:00"}, "2026-12-30T17:00:00+01:00"),
        (
            {"op": "periods", "start": "2026-12-31T10:00:00+01:00", "count": 2},
            [
                ["2026-12-31T10:00:00+01:00", "2026-12-31T12:00:00+01:00"],
                ["2027-01-04T09:00:00+01:00", "2027-01-04T12:00:00+01:00"],
            ],
        ),
        ({"op": "periods", "start": "2026-12-25T10:00:00+01:00", "end": "2026-12-27T10:00:00+01:00"}, []),
    ],
)
def test_a_question_gets_its_result(question: dict[str, Any], result: object) -> None:
    assert ask(**question) == {"result": result}


def test_pauses_stop_the_clock_of_every_operation() -> None:
    pauses = [
        ["2026-11-23T11:00:00+01:00", "2026-11-24T10:00:00+01:00"],
        ["2026-11-23T14:00:00Z", "2026-11-24T08:00:00Z"],
    ]
    assert ask(op="add", start=MONDAY, duration_s=7200, pauses=pauses) == {"result": "2026-11-24T11:00:00+01:00"}
    assert ask(op="between", start=MONDAY, end="2026-11-24T11:00:00+01:00", pauses=pauses) == {"result": 7200}
    assert ask(op="is_open", start="2026-11-23T11:00:00+01:00", pauses=pauses) == {"result": False}
    whole_day = [["2026-11-24T00:00:00+01:00", "2026-11-25T00:00:00+01:00"]]
    assert ask(op="add_days", start=MONDAY, days=1, pauses=whole_day) == {"result": "2026-11-25T10:00:00+01:00"}


def test_seasons_and_a_countrys_further_days_can_be_given() -> None:
    calendar = {
        "tz": "Europe/Berlin",
        "weekly": {"sat": [["10:00", "14:00"]]},
        "holidays": {"country": "DE", "subdiv": "BY", "categories": ["catholic"], "dates": ["2026-08-22"]},
        "seasons": [{"from": "2026-08-24", "to": "2026-08-30", "weekly": {"sun": [["22:00", "02:00"]]}}],
    }
    question = {"calendar": calendar, "op": "periods", "start": "2026-08-09T00:00:00Z", "end": "2026-09-06T00:00:00Z"}
    assert answer(question) == {
        "result": [
            ["2026-08-30T22:00:00+02:00", "2026-08-31T02:00:00+02:00"],
            ["2026-09-05T10:00:00+02:00", "2026-09-05T14:00:00+02:00"],
        ]
    }


def with_calendar(**fields: Any) -> dict[str, object]:
    return answer({"calendar": DESK | fields, "op": "is_open", "start": MONDAY})


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (ask(op="is_open", start="2026-11-23T10:00:00"), "naive_time"),
        (ask(op="is_open", start="2026-11-23"), "naive_time"),
        (ask(op="is_open", start="morgen"), "bad_time"),
        (ask(op="is_open", start=5), "not_text"),
        (ask(op="is_open", start="1969-11-23T10:00:00Z"), "out_of_range"),
        (ask(op="is_open"), "missing_field"),
        (ask(op="add", start=MONDAY), "missing_field"),
        (ask(op="add", start=MONDAY, duration_s=1.5), "not_number"),
        (ask(op="add", start=MONDAY, duration_s=True), "not_number"),
        (ask(op="add", start=MONDAY, duration_s=-1), "negative"),
        (ask(op="add", start=MONDAY, duration_s=10**40), "no_opening"),
        (ask(op="periods", start=MONDAY), "no_end"),
        (ask(op="multiply", start=MONDAY), "unknown_op"),
        (ask(op=["add"], start=MONDAY), "not_text"),
        (ask(op="is_open", start=MONDAY, pauses=[[MONDAY]]), "not_pair"),
        (ask(op="is_open", start=MONDAY, pauses=[[MONDAY, "2026-11-23T10:00:00"]]), "naive_time"),
        (ask(op="is_open", start=MONDAY, pauses=[[MONDAY, "2026-11-22T10:00:00Z"]]), "reversed_span"),
        (answer({"op": "is_open", "start": MONDAY}), "missing_field"),
        (answer(None), "not_object"),
        (answer({"calendar": [], "op": "is_open", "start": MONDAY}), "not_object"),
        (with_calendar(tz="Mars/Olympus"), "unknown_zone"),
        (with_calendar(tz=None), "missing_field"),
        (with_calendar(weekly={"mon": [["09:00", "09:00"]]}), "empty_block"),
        (with_calendar(weekly={"mon": [["24:00", "09:00"]]}), "empty_block"),
        (with_calendar(weekly={"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}), "overlapping_blocks"),
        (with_calendar(weekly={"sun": [["22:00", "06:00"]], "mon": [["05:00", "13:00"]]}), "overlapping_blocks"),
        (with_calendar(weekly={"mon": [["9", "25:00"]]}), "bad_clock"),
        (with_calendar(weekly={"mon": "09:00-17:00"}), "not_list"),
        (with_calendar(weekly={"mon": [[9, 17]]}), "not_text"),
        (with_calendar(weekly={"Montag": []}), "unknown_weekday"),
        (with_calendar(weekly=[]), "not_object"),
        (with_calendar(holidays=["24.12.2026"]), "bad_date"),
        (with_calendar(holidays="DE"), "not_object"),
        (with_calendar(holidays={"country": "XX"}), "unknown_country"),
        (with_calendar(holidays={"country": "DE", "subdiv": "XX"}), "unknown_subdivision"),
        (with_calendar(holidays={"country": "DE", "categories": ["jedi"]}), "unknown_category"),
        (with_calendar(shifts={"2026-02-30": []}), "bad_date"),
        (with_calendar(breaks={"2026-02-20": 1}), "not_list"),
        (with_calendar(closures=[["2026-12-24T00:00:00", MONDAY]]), "naive_time"),
        (with_calendar(closures=[[MONDAY, "2026-11-22T10:00:00Z"]]), "reversed_span"),
        (with_calendar(seasons=[{"from": "2026-07-02", "to": "2026-07-01", "weekly": {}}]), "reversed_season"),
        (with_calendar(holiday=["2026-12-24"]), "unknown_field"),
        (answer({"calendar": {"tz": "UTC", "weekly": {}}, "op": "next_close", "start": MONDAY}), "no_closing"),
    ],
)
def test_a_mistake_gets_a_code_and_a_message(reply: dict[str, object], code: str) -> None:
    assert set(reply) == {"error", "message"}
    assert reply["error"] == code


def test_all_mistakes_of_a_question_are_named_at_once() -> None:
    reply = answer({"calendar": {"tz": "Mars", "weekly": {"mon": [["8", "9"]]}}, "op": "add", "start": "x"}, "de")
    assert reply == {
        "error": "bad_time",
        "message": "start: „x“ ist kein Zeitpunkt. Bitte schreiben Sie ihn wie 2026-12-24T10:00:00+01:00."
        " Das Feld „duration_s“ fehlt. Bitte ergänzen Sie es."
        " tz: Die Zeitzone „Mars“ ist nicht bekannt. Bitte geben Sie einen Namen wie Europe/Berlin an."
        " weekly.mon[0]: „8“ ist keine Uhrzeit. Bitte schreiben Sie die Zeit von 00:00 bis 24:00, etwa 09:30."
        " weekly.mon[0]: „9“ ist keine Uhrzeit. Bitte schreiben Sie die Zeit von 00:00 bis 24:00, etwa 09:30.",
    }


def test_every_line_gets_its_answer_in_order() -> None:
    question = json.dumps({"calendar": DESK, "op": "is_open", "start": MONDAY, "id": 7})
    lines = [question + "\n", "", "{", "[" * 100_000, "1" * 5000, question]
    replies = [json.loads(reply) for reply in answer_lines(lines)]
    assert [reply.get("error", reply.get("result")) for reply in replies] == [True, *["bad_json"] * 4, True]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([MONDAY, "09:00", "24:00"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("mon"), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([*OPERATIONS, "x"]),
    st.dictionaries(st.sampled_from([*DESK, "seasons"]), json_values, max_size=3),
    st.dictionaries(
        st.sampled_from(["op", "start", "end", "duration_s", "days", "count", "pauses", "calendar"]),
        json_values,
        max_size=3,
    ),
)
def test_whatever_is_asked_an_answer_comes(op: str, calendar: dict[str, Any], other: dict[str, Any]) -> None:
    question = {
        "op": op,
        "start": MONDAY,
        "end": MONDAY,
        "duration_s": 60,
        "days": 1,
        "calendar": DESK | calendar,
    } | other
    [reply] = answer_lines([json.dumps(question)])
    assert set(json.loads(reply)) in ({"result"}, {"error", "message"})


def test_every_message_has_both_languages() -> None:
    codes = [code for code in texts() if code.startswith("worktime_")]
    assert {tuple(sorted(texts()[code])) for code in codes} == {("de", "en")}

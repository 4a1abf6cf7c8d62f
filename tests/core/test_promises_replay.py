"""Past calls under a policy: what would have been kept, what the log does not tell, who would gain and who lose."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import ALMA, CARO, DORO, EMIL, changed, columns

from zusage import engine
from zusage.book.tables import WORK
from zusage.engine import Frame
from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.replay import GAP_DAYS, MEMBERS, OUTCOMES, Replay, replay
from zusage.promises.replayed import lines, summary
from zusage.promises.standing import Request, Standing

CLASSES = {ALMA: "A", CARO: "C", DORO: "C", EMIL: "B"}
PLAIN = changed()
SLOWER = changed(("callback: {A: same_day, B: next_workday,", "callback: {A: next_workday, B: same_day,"))


def members(classes: dict[str, str] = CLASSES) -> Frame:
    return engine.table({"customer_id": list(classes), "class_key": list(classes.values())}, MEMBERS)


def call(customer: str, at: str, direction: str = "missed") -> dict[str, Any]:
    moment = datetime.fromisoformat(f"2026-{at}")
    second = moment.hour * 3600 + moment.minute * 60 + moment.second
    return {
        "customer_id": customer,
        "log": "calls",
        "direction": direction,
        "done_on": moment.date(),
        "start_second": second,
    }


def log(*rows: dict[str, Any]) -> Frame:
    return engine.table(columns(rows, tuple(WORK)), WORK)


def run(*rows: dict[str, Any], policy: Policy = PLAIN, today: Policy = PLAIN) -> Replay:
    return replay(log(*rows), members(), policy, today)


def outcomes(found: Replay) -> list[str]:
    return [OUTCOMES[number] for number in found.rows["outcome"]]


END = call(EMIL, "11-27T16:00", "in")
"""A last row, so that the log reaches beyond everything that is due."""
BETWEEN = [call(EMIL, f"11-{day}T09:00", "in") for day in (20, 23, 24, 25, 26)]


@pytest.mark.parametrize(
    ("reaction", "outcome"),
    [
        (call(ALMA, "11-20T17:00", "out"), "kept"),  # exactly at closing
        (call(ALMA, "11-20T17:01", "out"), "late"),
        (call(ALMA, "11-20T14:00", "in"), "kept"),  # answered when they tried again
        (call(CARO, "11-20T14:00", "out"), "not_evidenced"),
    ],
)
def test_a_missed_call_is_kept_late_or_not_evidenced(reaction: dict[str, Any], outcome: str) -> None:
    assert outcomes(run(call(ALMA, "11-20T10:00"), reaction, *BETWEEN, END)) == [outcome]


def test_what_is_due_after_the_end_of_the_log_is_open() -> None:
    assert outcomes(run(call(CARO, "11-20T10:00"), call(EMIL, "11-20T12:00", "in"))) == ["open"]


def test_further_missed_calls_before_the_reaction_are_one_matter() -> None:
    found = run(call(CARO, "11-20T10:00"), call(CARO, "11-20T10:05"), call(CARO, "11-23T10:00", "out"), *BETWEEN, END)
    assert found.rows["repeat"].tolist() == [False, True]
    (share,) = [item for item in found.classes if item.class_key == "C"]
    assert (share.requests, share.kept, share.repeats, share.kept_permille) == (1, 1, 1, 1000)


def test_a_reaction_after_a_hole_in_the_log_is_no_proof_of_being_late() -> None:
    rows = [call(CARO, "11-02T10:00"), call(CARO, "11-10T10:00", "out"), call(EMIL, "11-27T16:00", "in")]
    found = run(*rows)
    assert GAP_DAYS == 3
    assert found.gaps == ((date(2026, 11, 3), date(2026, 11, 9)), (date(2026, 11, 11), date(2026, 11, 26)))
    assert outcomes(found) == ["not_evidenced"]


def test_two_quiet_days_are_no_hole_in_the_log() -> None:
    assert run(call(CARO, "11-02T10:00"), call(CARO, "11-05T10:00", "out")).gaps == ()


def test_calls_on_the_days_of_the_clock_changes_are_set_to_the_right_moment() -> None:
    rows = [call(CARO, at) for at in ("03-29T01:30", "03-29T04:00", "10-25T01:30", "10-25T12:00")]
    assert run(*rows).rows["at"].astype(str).tolist() == [
        "2026-03-29T00:30:00",
        "2026-03-29T02:00:00",
        "2026-10-24T23:30:00",
        "2026-10-25T11:00:00",
    ]


def test_shares_come_per_class_with_the_part_that_is_not_evidenced() -> None:
    rows = [
        *(call(CARO, "11-20T10:00"), call(CARO, "11-20T11:00", "out")),
        *(call(DORO, "11-20T10:00"), call(DORO, "11-24T11:00", "out")),
        *(call(DORO, "11-25T10:00"), call(CARO, "11-25T10:00")),
    ]
    (share,) = [item for item in run(*rows, *BETWEEN, END).classes if item.class_key == "C"]
    assert (share.requests, share.kept, share.late, share.not_evidenced) == (4, 1, 1, 2)
    assert (share.kept_permille, share.not_evidenced_permille) == (500, 500)
    assert [item.kept_permille for item in run(*rows, *BETWEEN, END).classes if item.class_key == "A"] == [None]


def test_who_would_gain_and_who_would_lose_against_today() -> None:
    rows = [call(ALMA, "11-20T10:00"), call(EMIL, "11-20T10:00"), call(CARO, "11-20T10:00"), *BETWEEN, END]
    shares = {item.class_key: item for item in run(*rows, policy=SLOWER).classes}
    assert {key: (item.earlier, item.later, item.gain, item.lose) for key, item in shares.items()} == {
        "A": (0, 1, 0, 1),
        "B": (1, 0, 1, 0),
        "C": (0, 0, 0, 0),
    }


def test_missed_calls_without_a_time_of_day_are_counted_and_not_judged() -> None:
    row = call(CARO, "11-20T10:00") | {"start_second": None}
    found = run(row, *BETWEEN, END)
    assert (found.without_time, outcomes(found)) == (1, [])


def test_a_policy_without_a_class_that_somebody_is_in_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        replay(log(call(ALMA, "11-20T10:00")), members({ALMA: "Z"}), PLAIN, PLAIN)
    assert [item.reason.code for item in caught.value.findings] == ["promise_unknown_class"]


def test_nothing_in_the_log_is_nothing_to_judge() -> None:
    assert run().rows["outcome"].tolist() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_replay_can_be_read_and_passed_on(language: Any) -> None:
    rows = [call(ALMA, "11-02T10:00"), call(ALMA, "11-02T10:30", "out"), END]
    found = run(*rows, call(CARO, "11-02T09:00") | {"start_second": None}, policy=SLOWER)
    use = [{"unit_id": ALMA, "class_key": "A", "given": 4000, "used": 4000, "left": 0}]
    written = list(lines(found, use, SLOWER, language))
    assert [line[:7] for line in written] == {
        "de": ["Premium", "  gegen", "  Freik", "Vom 03.", "1 verpa"],
        "en": ["Premium", "  again", "  allow", "The cal", "1 misse"],
    }[language]
    figures = summary(found, use)
    assert figures["classes"][0]["allowance"] == {"units": 1, "used_up": 1, "given": 4000, "used": 4000}
    assert (figures["classes"][0]["kept_permille"], figures["classes"][1]["allowance"]) == (1000, None)


CALLS = st.builds(
    lambda customer, day, second, direction: {
        "customer_id": customer,
        "log": "calls",
        "direction": direction,
        "done_on": date(2026, 1, 1) + timedelta(day),
        "start_second": second,
    },
    st.sampled_from(list(CLASSES)),
    st.integers(0, 364),
    st.integers(0, 86_399),
    st.sampled_from(["in", "out", "missed", "rejected"]),
)


TUESDAYS = "{mode: windows, weekdays: [tue], from: '14:00', to: '16:00'}"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(CALLS, max_size=25),
    st.sampled_from(
        [
            ("same_day", "within 3 hours", "within 2 workdays"),
            (
                "{mode: by_weekday, weekdays: [fri]}",
                "{mode: windows, weekdays: [tue], from: '14:00', to: '16:00'}",
                "none",
            ),
        ]
    ),
)
def test_every_due_moment_of_a_replay_is_that_of_decide(rows: list[dict[str, Any]], cells: tuple[str, ...]) -> None:
    written = "callback: {" + ", ".join(f"{key}: {cell}" for key, cell in zip("ABC", cells, strict=True)) + "}"
    policy = changed(("callback: {A: same_day, B: next_workday, C: next_workday}", written))
    found = replay(log(*rows), members(), policy, PLAIN)
    calendar = calendar_of(policy)
    for number, customer in enumerate(found.rows["customer_id"].tolist()):
        at = found.rows["at"][number].item().replace(tzinfo=UTC)
        answer = decide(policy, calendar, Standing(customer, CLASSES[customer]), Request(at, "callback"))
        assert found.rows["due_at"][number] == np.datetime64(answer.due_at.replace(tzinfo=None))
    missed = [row for row in rows if row["direction"] in ("missed", "rejected")]
    expected = sorted(
        datetime.combine(row["done_on"], datetime.min.time(), calendar.hours.zone)
        + timedelta(seconds=row["start_second"])
        for row in missed
    )
    assert sorted(found.rows["at"].tolist()) == [moment.astimezone(UTC).replace(tzinfo=None) for moment in expected]

"""Which of two promises is weaker: all modes against each other, and the rules any comparison must keep."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import people

from zusage.policy import TEMPLATES, template
from zusage.policy.document import Measure, Promise, Response
from zusage.policy.read import read_policy_text
from zusage.policy.terms import CHANNELS, MODES, WEEKDAYS
from zusage.promises.weaker import (
    Changed,
    Hours,
    at_least,
    changed_promises,
    successor,
    verdict,
    weakened_classes,
    worst_seconds,
)

OPPOSITE = {"weaker": "stronger", "stronger": "weaker", "same": "same", "other": "other"}
HOUR = 3600


def promise(mode: str, **more: object) -> Promise:
    plain = {
        "service": "it", "per_year_milli": 0, "number": 0, "weekdays": (), "from_minute": None, "to_minute": None,
        "channels": (), "role": None, "seconds": 0, "wording": None,
    }  # fmt: skip
    return Promise(mode=mode, **{**plain, **more})  # type: ignore[arg-type]


DAYS5 = WEEKDAYS[:5]
WINDOW = {"weekdays": DAYS5, "from_minute": 16 * 60, "to_minute": 17 * 60}
LADDERS: dict[str, list[list[tuple[str, Promise | None]]]] = {
    # best first; promises in one step are as good as each other
    "response": [
        [("within 2 hours", promise("within_hours", number=2))],
        [("within 4 hours", promise("within_hours", number=4))],
        [("same day", promise("same_day"))],
        [("within 7 hours", promise("within_hours", number=7))],
        [("each day 16 to 17", promise("windows", **WINDOW))],
        [
            ("next working day", promise("next_workday")),
            ("within 1 day", promise("within_workdays", number=1)),
        ],
        [("Tuesday and Thursday 16 to 17", promise("windows", **{**WINDOW, "weekdays": ("tue", "thu")}))],
        [("by Friday", promise("by_weekday", weekdays=("fri",)))],
        [("within 5 days", promise("within_workdays", number=5))],
        [("none", None)],
    ],
    "cadence": [
        [("firmly, twice", promise("guaranteed", per_year_milli=2000))],
        [("firmly, once", promise("guaranteed", per_year_milli=1000))],
        [("firmly, every two years", promise("guaranteed", per_year_milli=500))],
        [("on request", promise("on_request")), ("on request, once expected", promise("on_request", per_year_milli=1))],
        [("none", None)],
    ],
    "venue": [
        [("at your place", promise("on_site"))],
        [("office or online", promise("office_or_online"))],
        [("office", promise("office"))],
        [("none", None)],
    ],
    "publication": [
        [("printed, four times", promise("print", per_year_milli=4000))],
        [("by mail, four times", promise("email", per_year_milli=4000))],
        [("by mail, twice", promise("email", per_year_milli=2000))],
        [("none", None)],
    ],
    "invitation": [
        [("twice", promise("invited", per_year_milli=2000))],
        [("once", promise("invited", per_year_milli=1000))],
        [("none", None)],
    ],
    "occasion": [
        [("of our own accord", promise("active", per_year_milli=1000))],
        [("when asked", promise("reactive"))],
        [("none", None)],
    ],
    "allowance": [
        [("unlimited", promise("unlimited")), ("none: no limit", None)],
        [("12 a year", promise("contacts", number=12, per="year"))],
        [("3 a quarter", promise("contacts", number=3, per="quarter"))],
        [("1 a month", promise("contacts", number=1, per="month"))],
        [("1 a month, then charged", promise("contacts", number=1, per="month", used_up="charge"))],
    ],
    "contact_person": [
        [("the owner", promise("personal", role="owner"))],
        [("the team", promise("team"))],
        [("none", None)],
    ],
    "channel": [
        [("phone and mail", promise("offered", channels=("phone", "email")))],
        [("phone", promise("offered", channels=("phone",)))],
        [("none", None)],
    ],
    "included": [[("included", promise("included"))], [("none", None)]],
}
SIDEWAYS: list[tuple[Measure, Promise, Promise]] = [
    ("venue", promise("office"), promise("online")),
    ("publication", promise("print", per_year_milli=1000), promise("email", per_year_milli=4000)),
    ("allowance", promise("contacts", number=4), promise("hours", number=4 * HOUR)),
    ("allowance", promise("hours", number=HOUR), promise("earned")),
    ("allowance", promise("contacts", number=12), promise("contacts", number=2, per="month")),
    ("allowance", promise("earned", used_up="appointment"), promise("earned", used_up="ask_owner")),
    ("contact_person", promise("personal", role="owner"), promise("personal", role="inside")),
    ("channel", promise("offered", channels=("phone",)), promise("offered", channels=("email", "post"))),
    ("response", promise("same_day", reply=Response("next_workday")), promise("within_hours", number=4)),
    ("response", promise("next_workday", completion=Response("within_workdays", 5)), promise("same_day")),
]  # fmt: skip


def test_every_measure_and_every_mode_is_in_the_table() -> None:
    seen = {measure: {found.mode for step in steps for _, found in step if found} for measure, steps in LADDERS.items()}
    for measure, one, other in SIDEWAYS:
        seen[measure] |= {one.mode, other.mode}
    assert seen == {measure: set(modes) for measure, modes in MODES.items()}
    assert set(seen) == set(get_args(Measure))


@pytest.mark.parametrize("measure", LADDERS)
def test_of_two_promises_the_one_further_down_is_weaker(measure: Measure) -> None:
    rungs = [(rung, name, found) for rung, step in enumerate(LADDERS[measure]) for name, found in step]
    wrong = []
    for (high, one, old), (low, other, new) in product(rungs, rungs):
        expected = "same" if high == low else "weaker" if low > high else "stronger"
        if (found := verdict(old, new, measure)) != expected:
            wrong.append((one, other, found))
    assert wrong == []


@pytest.mark.parametrize(("measure", "one", "other"), SIDEWAYS)
def test_better_in_one_respect_and_worse_in_another_is_other(measure: Measure, one: Promise, other: Promise) -> None:
    assert (verdict(one, other, measure), verdict(other, one, measure)) == ("other", "other")


def test_the_longest_wait_is_told_in_opening_time() -> None:
    found = {name: worst_seconds(item.response()) for step in LADDERS["response"] for name, item in step if item}
    assert {name: seconds and seconds // HOUR for name, seconds in found.items()} == {
        "within 2 hours": 2,
        "within 4 hours": 4,
        "same day": 7,
        "within 7 hours": 7,
        "each day 16 to 17": 8,
        "next working day": 14,
        "within 1 day": 14,
        "Tuesday and Thursday 16 to 17": 22,
        "by Friday": 42,
        "within 5 days": 42,
    }


def test_a_window_in_which_nobody_is_there_is_weaker_than_any_other() -> None:
    saturday = promise("windows", weekdays=("sat",), from_minute=600, to_minute=660)
    assert worst_seconds(saturday.response()) is None
    assert verdict(promise("within_workdays", number=9), saturday, "response") == "weaker"


def test_the_later_the_day_ends_for_new_requests_the_stronger_is_the_same_day() -> None:
    early, late = (Hours(cut_off=hours * HOUR) for hours in (5, 1))
    assert (worst_seconds(Response("same_day"), early), worst_seconds(Response("same_day"), late)) == (
        10 * HOUR,
        7 * HOUR,
    )


# --- rules


RESPONSES = st.one_of(
    st.sampled_from([Response("same_day"), Response("next_workday")]),
    st.builds(Response, st.sampled_from(["within_workdays", "within_hours"]), st.integers(1, 9)),
    st.builds(lambda day: Response("by_weekday", weekdays=(day,)), st.sampled_from(WEEKDAYS)),
    st.builds(
        lambda days, begin: Response("windows", 0, tuple(sorted(days)), begin * 60, begin * 60 + 60),
        st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=3),
        st.integers(8, 16),
    ),
)


@st.composite
def promises(draw: st.DrawFn, measure: Measure) -> Promise | None:
    mode = draw(st.sampled_from([*MODES[measure], None]))
    if mode is None:
        return None
    if measure == "response":
        first = draw(RESPONSES)
        return promise(
            first.mode, number=first.number, weekdays=first.weekdays, from_minute=first.from_minute,
            to_minute=first.to_minute, reply=draw(st.none() | RESPONSES), completion=draw(st.none() | RESPONSES),
        )  # fmt: skip
    return promise(
        mode,
        per_year_milli=draw(st.sampled_from([0, 500, 1000, 2000])),
        number=draw(st.sampled_from([1, 2, 12])),
        per=draw(st.sampled_from(["year", "quarter", "month"])),
        used_up=draw(st.sampled_from([None, "charge", "appointment"])),
        role=draw(st.sampled_from(["owner", "inside"])),
        channels=tuple(sorted(draw(st.sets(st.sampled_from(CHANNELS[:3]), min_size=measure == "channel")))),
    )


@st.composite
def three(draw: st.DrawFn) -> tuple[Measure, list[Promise | None]]:
    measure = draw(st.sampled_from(get_args(Measure)))
    return measure, [draw(promises(measure)) for _ in range(3)]


@given(three())
@settings(deadline=None, max_examples=200, derandomize=True)
def test_the_comparison_is_an_order(drawn: tuple[Measure, list[Promise | None]]) -> None:
    measure, (one, two, other) = drawn
    assert verdict(one, one, measure) == "same"
    assert verdict(two, one, measure) == OPPOSITE[verdict(one, two, measure)]
    if at_least(one, two, measure, Hours()) and at_least(two, other, measure, Hours()):
        assert at_least(one, other, measure, Hours())


@given(three())
@settings(deadline=None, max_examples=60, derandomize=True)
def test_nothing_promised_is_weakest_but_no_allowance_is_no_limit(drawn: tuple[Measure, list[Promise | None]]) -> None:
    measure, found = drawn
    for one in found:
        if measure == "allowance":
            assert at_least(None, one, measure, Hours())
        elif one is not None:
            assert (verdict(one, None, measure), verdict(None, one, measure)) == ("weaker", "stronger")


# --- whole packages


def test_a_class_loses_what_its_cells_lose() -> None:
    old = people.changed()
    new = people.changed(("A: same_day, B: next_workday", "A: next_workday, B: same_day"))
    (lost,) = changed_promises(old, new, "A", "A")
    assert (lost.service, lost.verdict, lost.old and lost.old.mode, lost.new and lost.new.mode) == (
        "callback",
        "weaker",
        "same_day",
        "next_workday",
    )
    assert [item.verdict for item in changed_promises(old, new, "B", "B")] == ["stronger"]
    assert weakened_classes(old, new) == {"A": (lost,)}


def test_a_service_that_leaves_the_catalogue_is_lost() -> None:
    start, end = people.POLICY.index("  annual_check:\n"), people.POLICY.index("matrix:")
    faster = ("C: next_workday", "C: within 3 workdays")
    new = people.changed(
        (people.POLICY[start:end], ""),
        ("  annual_check: {A: {mode: guaranteed, per_year: 1}, B: on_request}\n", ""),
        faster,
    )
    lost = weakened_classes(people.changed(faster), new)
    assert {key: [(item.service, item.verdict) for item in items] for key, items in lost.items()} == {
        "A": [("annual_check", "weaker")],
        "B": [("annual_check", "weaker")],
    }
    assert [item.new for item in lost["A"]] == [None]


def test_a_service_that_is_measured_otherwise_cannot_be_compared() -> None:
    new = people.changed(
        ("measure: cadence", "measure: included"),
        ("A: {mode: guaranteed, per_year: 1}, B: on_request}", "A: included, B: included}"),
    )
    found = changed_promises(people.changed(), new, "A", "A")
    assert [(item.service, item.verdict) for item in found] == [("annual_check", "other")]


def test_a_new_limit_is_a_reduction_for_those_who_had_none() -> None:
    service = "  free: {name: Kontakte, kind: standard, measure: allowance}\nmatrix:\n"
    cells = "  free: {A: unlimited, B: unlimited, C: {mode: contacts, number: 2}}\n  callback:"
    new = people.changed(("matrix:\n", service), ("  callback: {A", f"{cells} {{A"))
    old = people.changed()
    assert {key: [item.verdict for item in items] for key, items in weakened_classes(old, new).items()} == {
        "C": ["weaker"]
    }
    charged = people.changed(
        ("matrix:\n", service),
        ("  callback: {A", f"{cells} {{A"),
        ("services:\n", "allowance: {used_up: charge, quarter_hour: 30}\nservices:\n"),
    )
    assert [item.verdict for item in changed_promises(new, charged, "C", "C")] == ["weaker"]


def test_a_class_under_another_key_is_known_by_its_name_and_a_lost_one_by_its_level() -> None:
    old = people.changed()
    renamed = people.changed(
        ("    B: {name: Komfort", "    K: {name: Komfort"),
        ("B: next_workday", "K: next_workday"),
        ("B: on_request", "K: on_request"),
    )
    assert successor(old, renamed, "B") == "K"
    assert weakened_classes(old, renamed) == {}
    gone = people.changed(
        ("    B: {name: Komfort, when: {yield: {from: 150, stay: 120}}}\n", ""),
        (" B: next_workday,", ""),
        (", B: on_request", ""),
    )
    assert successor(old, gone, "B") == "A"
    assert weakened_classes(old, gone) == {}


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_weakened_by_the_same_policy_and_each_class_loses_by_the_step_down(name: str) -> None:
    policy = read_policy_text(template(name, "de")).policy
    assert weakened_classes(policy, policy) == {}
    real = [item.key for item in policy.classes if not item.provisional]
    lost: tuple[Changed, ...] = changed_promises(policy, policy, real[0], real[-1])
    assert {item.verdict for item in lost} <= {"weaker", "other"}

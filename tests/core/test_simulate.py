"""A log becomes requests, requests become a year, the year says what can be promised."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import people
from tests.people import ALMA, CARO, EMIL, changed

from zusage import engine
from zusage.capacity.arrivals import LEAST_WEEKS, Requests, past_requests
from zusage.capacity.draw import due_moments
from zusage.capacity.intervals import mean_of, share_of
from zusage.capacity.promisable import can_promise, judge
from zusage.capacity.simulate import Habits, Simulated, simulate
from zusage.capacity.staffing import Person, blocks_of, spans_of, staff_of, with_more
from zusage.engine import Frame
from zusage.ground.reasons import Refused
from zusage.policy.document import Policy, Response
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.order import URGENCIES
from zusage.promises.replay import MEMBERS
from zusage.promises.standing import Request, Standing

CLASSES = {ALMA: "A", CARO: "C", EMIL: "B"}
POLICY = changed()
MONDAY = date(2026, 2, 2)
HOLY = date(2026, 4, 6)  # Easter Monday


def members(classes: dict[str, str] = CLASSES) -> Frame:
    return engine.table({"customer_id": list(classes), "class_key": list(classes.values())}, MEMBERS)


def row(day: date, clock: str | None, customer: str = EMIL, direction: str = "in", **more: Any) -> dict[str, Any]:
    hour, minute = map(int, (clock or "0:0").split(":"))
    second = hour * 3600 + minute * 60 if clock else None
    return people.call(customer, on=day, direction=direction, start_second=second) | more


def weeks_of(count: int = 6, calls: int = 8, first: date = MONDAY, seed: int = 3) -> list[dict[str, Any]]:
    """So many calls each working day of some weeks, at odd moments."""
    dice, found = np.random.default_rng(seed), []
    for week in range(count):
        for day in range(5):
            for _ in range(calls):
                clock = f"{dice.integers(9, 17)}:{dice.integers(0, 60)}"
                who = [ALMA, CARO, EMIL][dice.integers(0, 3)]
                seconds = int(dice.lognormal(5.5, 0.8))
                found.append(row(first + timedelta(7 * week + day), clock, who, seconds=seconds))
    return found


def read(rows: list[dict[str, Any]], policy: Policy = POLICY, **tables: Any) -> Requests:
    return past_requests(people.tables(work=rows, **tables), members(), policy)


def alone(*rows: dict[str, Any]) -> Requests:
    """Single calls in a log that covers enough weeks."""
    span = [{"log": "calls", "first_on": MONDAY, "last_on": MONDAY + timedelta(weeks=6)}]
    rest = [row(MONDAY + timedelta(7 * week + day), "9:00", ALMA) for week in range(6) for day in range(5)]
    found = read([*rest, *rows], logs=span)
    mine = found.class_index != 0
    return replace(found, **{name: getattr(found, name)[mine] for name in COLUMNS})


COLUMNS = ("moment", "week", "day", "second", "class_index", "activity", "seconds", "urgency", "role", "phone")


# --- from the log to requests


def test_a_missed_call_and_the_call_that_answered_it_are_one_request() -> None:
    found = alone(
        row(MONDAY, "10:00", CARO, "missed", seconds=0),
        row(MONDAY, "10:05", CARO, "missed", seconds=0),
        row(MONDAY, "15:00", CARO, "out", seconds=300),
    )
    assert (len(found), found.second.tolist(), found.seconds.tolist()) == (1, [36_000], [300])


def test_a_call_long_after_a_missed_one_is_a_matter_of_its_own() -> None:
    found = alone(row(MONDAY, "10:00", CARO, "missed", seconds=0), row(MONDAY + timedelta(14), "15:00", CARO, "in"))
    assert (len(found), found.week.tolist()) == (2, [0, 2])


def test_handling_is_measured_time_and_what_is_around_it_or_the_standard() -> None:
    found = alone(row(MONDAY, "10:00", seconds=100), row(MONDAY, "11:00", CARO, seconds=None))
    assert found.seconds.tolist() == [100 + 240, 360 + 240]


def test_appointments_and_calls_of_our_own_accord_are_work_that_can_move() -> None:
    found = alone(
        row(MONDAY, "10:00", CARO, "out", seconds=500),
        row(MONDAY, None, CARO, log="meetings", direction=None, place="on_site", seconds=3600),
    )
    assert (len(found), found.other.sum()) == (0, 500 + 3600)


def test_a_row_of_duty_is_a_claim() -> None:
    found = alone(row(MONDAY, "10:00", CARO, None, log="desk", activity="claim"))
    assert URGENCIES[found.urgency[0]] == "claim"


def test_only_whole_weeks_without_holes_count_and_the_hole_is_named() -> None:
    rows = [item for item in weeks_of(8) if not MONDAY + timedelta(14) <= item["done_on"] < MONDAY + timedelta(19)]
    found = read([*rows, row(MONDAY - timedelta(4), "9:00")])
    assert len(found.mondays) == 7
    assert found.findings[0].reason.code == "simulate_hole"
    assert found.findings[0].reason.values["first_on"] == MONDAY + timedelta(14)


def test_calls_without_a_time_of_day_count_and_are_said() -> None:
    rows = weeks_of()
    rows[0]["start_second"] = None
    found = read(rows)
    assert len(found) == len(rows)
    assert [item.reason.code for item in found.findings] == ["simulate_times_missing", "simulate_no_seasons"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "simulate_no_requests"),
        ([row(MONDAY, "9:00", direction="out")], "simulate_no_requests"),
        ([item | {"start_second": None} for item in weeks_of()], "simulate_no_times"),
        (weeks_of(LEAST_WEEKS - 1), "simulate_few_weeks"),
    ],
)
def test_a_log_that_says_too_little_is_refused(rows: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(rows)
    assert refused.value.findings[-1].reason.code == code


def test_a_class_the_policy_does_not_have_is_refused() -> None:
    with pytest.raises(Refused, match="promise_unknown_class"):
        past_requests(people.tables(work=weeks_of()), members({EMIL: "Z"}), POLICY)


# --- due moments and order


@given(st.integers(1_767_225_600, 1_796_083_200), st.sampled_from("ABC"), st.sampled_from(URGENCIES))
@settings(max_examples=60)
def test_due_moments_are_those_of_decide(second: int, class_key: str, urgency: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    calendar = calendar_of(POLICY)
    decided = decide(POLICY, calendar, Standing("1", class_key), Request(at, "callback", urgency=urgency))
    one = replace(
        READ,
        class_index=np.array([READ.classes.index(class_key)]),
        urgency=np.array([URGENCIES.index(urgency)]),
    )
    moment = np.array([at.replace(tzinfo=None)], dtype="datetime64[s]")
    found = due_moments(one, np.zeros(1, dtype=np.int64), moment, POLICY, calendar, {})
    assert found[0].item().replace(tzinfo=UTC) == decided.due_at


READ = read(weeks_of())
FULL = (Person("owner", 35 * 3600, 52_000),)
PATIENT = Habits(again_permille=1000, unreached_permille=0, stand_in=False)


def run(requests: Requests = READ, staff: tuple[Person, ...] = FULL, **more: Any) -> Simulated:
    return simulate(requests, staff, POLICY, **({"weeks": 20, "runs": 2, "habits": PATIENT} | more))


# --- the year


def test_the_same_seed_gives_the_same_year_and_another_one_another() -> None:
    assert run() == run()
    assert run(seed=2) != run()


@pytest.mark.parametrize("poisson", [False, True])
def test_everybody_is_answered_gave_up_or_waits(poisson: bool) -> None:
    staff = (Person("owner", 6 * 3600, 40_000),)
    found = run(staff=staff, poisson=poisson, habits=Habits())
    assert found.arrived == found.answered + found.gave_up + found.waiting
    assert min(found.answered, found.gave_up) > 0


def test_whole_weeks_are_drawn_with_their_size_and_poisson_with_their_mean() -> None:
    assert run().arrived == 2 * 20 * 40  # each week of the log has 40 requests
    assert 1500 < run(poisson=True).arrived < 1700


def test_what_is_asked_on_a_day_that_is_closed_now_comes_on_the_next_one() -> None:
    first = HOLY - timedelta(days=HOLY.weekday())
    found = run(weeks=1, first=first)
    assert found.arrived == 2 * 40
    assert found.roles[0].there_seconds == 4 * 7 * 3600


def test_enough_people_keep_everything_and_the_interval_admits_that_the_log_is_short() -> None:
    found = run(staff=FULL * 12)
    assert [(item.kept_permille, item.high_permille) for item in found.classes] == [(1000, 1000)] * 3
    assert all(900 < (item.low_permille or 0) < 1000 for item in found.classes)


def test_more_runs_do_not_pretend_to_know_more_than_the_weeks_of_the_log_tell() -> None:
    few, many = (run(staff=(Person("owner", 12 * 3600, 52_000),), runs=count).classes[0] for count in (4, 40))
    widths = [(item.high_permille or 0) - (item.low_permille or 0) for item in (few, many)]
    assert widths[1] > widths[0] / 2  # ten times the requests would make it a third


@given(st.integers(0, 10_000))
@settings(max_examples=8)
def test_another_full_person_never_lowers_the_share_that_is_kept(seed: int) -> None:
    shares = []
    for count in (1, 2, 3):
        found = run(staff=(Person("owner", 14 * 3600, 52_000),) * count, seed=seed)
        shares.append(sum(item.kept for item in found.classes))
    assert shares == sorted(shares)


def test_a_part_timer_more_never_makes_a_role_worse_that_another_one_stands_in_for() -> None:
    asked = replace(READ, roles=("owner", "adviser"))
    one = (Person("owner", 11 * 3600, 40_000), Person("adviser", 30 * 3600, 52_000))
    kept = []
    for hours in (0, 1, 3, 6, 12):
        more = (Person("owner", hours * 3600, 40_000),) if hours else ()
        found = run(asked, (*one, *more), weeks=52, runs=4, habits=Habits())
        kept.append(sum(item.kept for item in found.classes))
    assert kept == sorted(kept)
    assert kept[0] > 0.98 * 4 * 52 * 40  # leave of twelve weeks breaks nothing


def test_hours_worked_are_the_handling_of_all_that_was_answered() -> None:
    rows = weeks_of()
    found = run(read(rows), FULL * 3, runs=1, weeks=6)
    handled = dict.fromkeys(range(6), 0)
    asked = read(rows)
    for week, seconds in zip(asked.week.tolist(), asked.seconds.tolist(), strict=True):
        handled[week] += seconds
    busy = [item.busy_seconds for item in found.roles]
    assert all(any(abs(worked - total) < 7200 for total in handled.values()) for worked in busy)


@dataclass(frozen=True)
class Block:
    role: str
    monday: date
    seconds: int


def test_movable_work_fills_the_time_that_is_free_and_delays_answers_only_by_a_piece() -> None:
    first = READ.mondays[-1] + timedelta(7)
    blocks = [Block("owner", first + timedelta(weeks=week), 200 * 3600) for week in range(20)]
    free, full = run(), run(blocks=blocks)
    assert (full.utilisation_permille("owner"), full.left_seconds[0][1] > 0) == (1000, True)
    waits = [item.classes[0].waits for item in (free, full)]
    assert waits[0] is not None
    assert waits[1] is not None
    assert 0 < waits[1].mean - waits[0].mean < 1800


@dataclass(frozen=True)
class Away:
    role: str
    first: date
    last: date


def test_a_known_absence_empties_its_weeks() -> None:
    first = READ.mondays[-1] + timedelta(7)
    found = run(away=[Away("owner", first, first + timedelta(6))])
    assert [item.there_seconds for item in found.roles[:2]] == [0, 35 * 3600]


def test_leave_without_a_date_takes_as_many_days_as_the_model_says() -> None:
    blocks = blocks_of(calendar_of(POLICY), date(2027, 1, 4), 52)
    spans = spans_of([Person("owner", 14 * 3600, 44_000)], blocks, ["owner"], [], 3600, np.random.default_rng(1))
    days = {opens // 86_400 for opens in spans[0].opens}
    there = sum(closes - opens for opens, closes in zip(spans[0].opens, spans[0].closes, strict=True))
    assert len(days) == 44 * 5
    assert there == pytest.approx(44 * 14 * 3600, rel=0.01)


def test_people_of_one_role_are_on_leave_in_different_weeks() -> None:
    blocks = blocks_of(calendar_of(POLICY), date(2027, 1, 4), 52)
    pair = [Person("owner", 35 * 3600, 40_000)] * 2
    spans = spans_of(pair, blocks, ["owner"], [], 3600, np.random.default_rng(1))
    days = [{opens // 86_400 for opens in item.opens} for item in spans]
    assert len(days[0] | days[1]) == len(set((blocks.opens // 86_400).tolist()))


def test_a_part_of_a_person_has_a_part_of_the_hours() -> None:
    policy = changed(("imputed_wage: 96000", "people: 1.5, yearly_cost: 96000"), ("owner: true, ", ""))
    assert [person.weekly_seconds for person in staff_of(policy)] == [16 * 3600, 8 * 3600]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weeks": 0}, "simulate_no_weeks"),
        ({"runs": 0}, "simulate_no_weeks"),
        ({"staff": ()}, "simulate_nobody"),
        ({"staff": (Person("owner", 0, 52_000),)}, "simulate_nobody"),
    ],
)
def test_what_cannot_be_simulated_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        run(**change)


# --- can we promise it?


def trial(staff: Any, responses: Any) -> Simulated:
    return run(staff=tuple(staff), responses=responses)


def test_a_promise_that_is_kept_is_said_with_its_share() -> None:
    found = can_promise("C", POLICY, FULL * 3, trial, role="owner", target_permille=900)
    assert (found.answer, found.more, found.slower) == ("yes", None, None)


def test_one_that_is_not_kept_names_the_hours_and_the_slower_promise_that_would_be() -> None:
    staff = (Person("owner", 9 * 3600, 52_000),)
    found = can_promise("A", POLICY, staff, trial, role="owner", response=Response("within_hours", 1))
    assert (found.answer, found.response.mode) == ("no", "within_hours")
    assert found.more is not None
    assert found.slower is not None
    hours = found.more.weekly_seconds // 3600
    asked = {"A": found.response}
    with_it, without = (
        trial(with_more(staff, "owner", count * 3600), asked).of_class("A") for count in (hours, hours - 1)
    )
    assert with_it is not None
    assert without is not None
    assert (with_it.kept_permille or 0) >= POLICY.kept_permille > (without.kept_permille or 0)
    assert found.slower.kept_permille >= POLICY.kept_permille


def test_of_a_class_that_asks_nothing_nothing_is_claimed() -> None:
    quiet = replace(READ, class_index=np.full(len(READ), 2))
    found = can_promise("A", POLICY, FULL, lambda staff, _: run(quiet, tuple(staff)), role="owner")
    assert (found.answer, judge(None, 950)) == ("unknown", "unknown")


# --- intervals


def test_an_interval_of_a_share_stays_within_what_a_share_can_be() -> None:
    clusters = [(np.array([9.0, 10, 10]), np.array([10.0, 10, 10]))]
    found = share_of(clusters, 30)
    assert found is not None
    assert 0 < found.low < found.value == 29 / 30 < found.high <= 1


def test_one_week_supports_no_interval() -> None:
    one = [(np.array([9.0]), np.array([10.0]))]
    found = share_of(one, 10)
    assert found is not None
    assert (found.low, found.high) == (0, 1)
    mean = mean_of(one)
    assert mean is not None
    assert mean.high == float("inf")
    assert mean_of([(np.zeros(2), np.zeros(2))]) is None

"""Work noted at the desk and the same work in the phone's log count once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.people import ALMA, CARO, TODAY, changed, full_logs, tables
from zusage import engine
from zusage.book.tables import WORK
from zusage.cost.periods import find_periods
from zusage.cost.work import recognised_work
from zusage.web.bridge.matching import CLOSE, activity_of, desk_log, merged_work, unmatched_work

DAY, OTHER = date(2026, 5, 4), date(2026, 5, 5)
TEN = 10 * 3600
Row = dict[str, Any]


def logged(start: int | None = TEN, **more: Any) -> Row:
    return {
        **dict.fromkeys(WORK), "customer_id": CARO, "log": "calls", "direction": "out", "done_on": DAY,
        "start_second": start, "seconds": 100, "source": "anrufe.csv",
    } | more  # fmt: skip


def own(start: int | None = TEN, **more: Any) -> Row:
    return {
        "number": CARO, "done_on": DAY, "start_second": start, "activity": "call", "direction": "out",
        "channel": "phone", "seconds": 720,
    } | more  # fmt: skip


def seconds(imported: list[Row], mine: list[Row]) -> list[int]:
    return sorted(row["seconds"] for row in merged_work(imported, mine))


def test_the_confirmed_minutes_win_and_stand_in_the_phones_log() -> None:
    (row,) = merged_work([logged(line=7)], [own(TEN + 600, activity="claim")])
    assert (row["log"], row["seconds"], row["activity"], row["line"]) == ("calls", 720, "claim", 7)


def test_what_no_log_knows_is_the_desks_own() -> None:
    (row,) = merged_work([], [own(channel="visit")])
    assert row == dict.fromkeys(WORK) | {
        "customer_id": CARO, "log": "desk", "done_on": DAY, "start_second": TEN, "activity": "call",
        "direction": "out", "place": "on_site", "seconds": 720,
    }  # fmt: skip


def test_other_days_customers_channels_and_hours_are_other_work() -> None:
    others = [logged(customer_id=ALMA), logged(done_on=OTHER), logged(log="meetings"), logged(TEN + CLOSE + 1)]
    others += [logged(direction="missed"), logged(log="times"), logged(log="mails")]
    for other in others:
        assert seconds([other], [own()]) == [100, 720]


def test_the_nearest_is_the_partner_and_each_has_one() -> None:
    near, far = logged(TEN + 60, seconds=1), logged(TEN - 900, seconds=2)
    assert seconds([far, near], [own()]) == [2, 720]
    assert seconds([far, near], [own(), own()]) == [720, 720]
    assert seconds([near], [own(), own(TEN + 61)]) == [720, 720]


def test_an_unknown_start_is_the_last_choice() -> None:
    assert seconds([logged(None, seconds=1), logged(TEN + 1700, seconds=2)], [own()]) == [1, 720]
    assert seconds([logged(None)], [own()]) == [720]
    assert seconds([logged()], [own(None)]) == [720]


ROWS = {
    "customer_id": st.sampled_from([ALMA, CARO]),
    "done_on": st.sampled_from([DAY, OTHER]),
    "start_second": st.none() | st.integers(TEN, TEN + 2 * CLOSE).map(lambda second: second // 300 * 300),
}
LOGGED = st.lists(
    st.fixed_dictionaries({
        **ROWS,
        "log": st.sampled_from(["calls", "meetings", "mails", "times"]),
        "direction": st.sampled_from(["in", "out", "missed", None]),
        "seconds": st.integers(0, 3),
    }).map(lambda row: logged() | row),
    max_size=8,
)  # fmt: skip
OWN = st.lists(
    st.fixed_dictionaries({
        "number": ROWS["customer_id"],
        "done_on": ROWS["done_on"],
        "start_second": ROWS["start_second"],
        "channel": st.sampled_from(["phone", "visit", "email", ""]),
        "seconds": st.integers(1000, 1003),
    }).map(lambda row: own() | row),
    max_size=8,
)  # fmt: skip


@given(LOGGED, OWN, st.randoms(use_true_random=False))
def test_nothing_counts_twice_nothing_is_lost_and_no_order_matters(
    imported: list[Row], mine: list[Row], any_order: Any
) -> None:
    def keys(rows: Any) -> Counter[str]:
        return Counter(repr(sorted(row.items(), key=str)) for row in rows)

    merged = list(merged_work(imported, mine))
    left = list(unmatched_work(imported, mine))
    # every row of one's own is there once, with its minutes; what is left of the logs is some of their rows, unchanged
    confirmed = [row for row in merged if row["seconds"] >= 1000]
    assert Counter(row["seconds"] for row in confirmed) == Counter(row["seconds"] for row in mine)
    assert keys(row for row in merged if row["seconds"] < 1000) == keys(left)
    assert not keys(left) - keys(imported)
    partners = len(imported) - len(left)
    assert partners == sum(row["log"] != "desk" for row in confirmed)
    shuffled, turned = imported[:], mine[:]
    any_order.shuffle(shuffled)
    any_order.shuffle(turned)
    assert keys(merged_work(shuffled, turned)) == keys(merged)


def test_the_desks_log_begins_with_its_first_work_and_covers_a_year_at_least() -> None:
    assert desk_log([OTHER, DAY], TODAY) == [{"log": "desk", "first_on": TODAY - timedelta(364), "last_on": TODAY}]
    long_ago = TODAY - timedelta(800)
    assert desk_log([DAY, long_ago], TODAY) == [{"log": "desk", "first_on": long_ago, "last_on": TODAY}]
    assert desk_log([], TODAY) == []
    assert desk_log([TODAY], DAY) == []


def test_a_rows_activity_is_the_one_the_tables_recognise() -> None:
    mail = "mail: {cause: asked, role: owner, minutes: 3, match: [{log: mails}]}"
    policy = changed(("  visit: {cause: granted", f"  {mail}\n  visit: {{cause: granted"))
    rows = [
        logged(log=log, direction=direction, place=place, topic=topic, activity=activity)
        for log in ("calls", "meetings", "mails")
        for direction in ("in", "out", None)
        for place in ("on_site", None)
        for topic in ("SCHADEN am Dach", None)
        for activity in (None, "visit")
    ]
    book = tables(work=rows, logs=full_logs("calls", "meetings", "mails"))
    found = engine.rows(recognised_work(book["work"], policy, find_periods(book, policy, TODAY)))
    assert [activity_of(policy, row) for row in rows] == [row["activity"] for row in found]

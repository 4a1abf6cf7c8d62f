"""Rows of the phone and calendar logs and work noted in the office come in, the same work without doubles goes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

from zusage.book.tables import WORK
from zusage.policy.document import Match, Policy
from zusage.promises.allowance import NOT_REACHED

Row = Mapping[str, Any]
CLOSE = 30 * 60
"""Seconds two starts may lie apart and still be one contact: minutes are confirmed a while after hanging up."""
LOG_OF_CHANNEL = {"phone": "calls", "video": "meetings", "visit": "meetings"}
PLACE_OF_CHANNEL = {"video": "online", "visit": "on_site"}
WORK_COLUMNS = tuple(WORK)
"""The columns of an imported row, for `values()`."""
_Day = tuple[str, date]


def merged_work(imported: Iterable[Row], own: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """All work as rows of `book.tables.WORK`, every contact once.

    `imported` has the columns of WORK, `own` those of `customers.OwnWork`. A row of one's own and one of the phone or
    calendar log are the same contact where customer, day and channel fit and the starts are close or one is not
    known; each row has at most one partner, the nearest first. Of such a pair one row is left: it stands in its log,
    with the minutes and the activity that a person confirmed. Neither order of rows matters.
    """
    for logged, mine in _matched(imported, own):
        if logged is None and mine is not None:
            yield _own(mine)
        elif logged is not None:
            yield dict(logged) if mine is None else _one(logged, mine)


def unmatched_work(imported: Iterable[Row], own: Iterable[Row]) -> Iterator[Row]:
    """The rows of the logs that are none of one's own: see `merged_work`."""
    return (logged for logged, mine in _matched(imported, own) if logged is not None and mine is None)


def _matched(imported: Iterable[Row], own: Iterable[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Every contact with what the logs and what the office itself say of it. Rows of days without own work pass by."""
    own_days: dict[_Day, list[Row]] = {}
    for row in own:
        own_days.setdefault((row["number"], row["done_on"]), []).append(row)
    logged_days: dict[_Day, list[Row]] = {}
    for row in imported:
        day = (row["customer_id"], row["done_on"])
        if day in own_days and _is_contact(row):
            logged_days.setdefault(day, []).append(row)
        else:
            yield row, None
    for day, mine in own_days.items():
        yield from _matched_day(logged_days.get(day, []), mine)


def _is_contact(row: Row) -> bool:
    return row["log"] in LOG_OF_CHANNEL.values() and row["direction"] not in NOT_REACHED


def _matched_day(logged: list[Row], mine: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    partners = _partners(logged, mine)
    for place, row in enumerate(mine):
        yield (logged[partners[place]] if place in partners else None), row
    gone = set(partners.values())
    yield from ((row, None) for place, row in enumerate(logged) if place not in gone)


def _partners(logged: list[Row], mine: list[Row]) -> dict[int, int]:
    """For each row of one's own with a partner the place of both: nearest pairs first, alike ones by their content."""
    pairs = sorted(
        (distance, _content(mine[one]), _content(logged[other]), one, other)
        for one, other in product(range(len(mine)), range(len(logged)))
        if (distance := _distance(logged[other], mine[one])) is not None
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for *_, one, other in pairs:
        if one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found


def _distance(logged: Row, mine: Row) -> int | None:
    """Seconds between two starts, farther than all others where one is not known; None: not the same contact."""
    if mine["channel"] and LOG_OF_CHANNEL.get(mine["channel"]) != logged["log"]:
        return None
    if mine["start_second"] is None or logged["start_second"] is None:
        return CLOSE + 1
    apart: int = abs(mine["start_second"] - logged["start_second"])
    return apart if apart <= CLOSE else None


def _content(row: Row) -> str:
    """What a row says, to tell alike pairs apart whatever order they came in."""
    return repr(sorted((key, str(value)) for key, value in row.items()))


def _own(row: Row) -> dict[str, Any]:
    """A row of one's own as a row of the log `desk`."""
    found = dict.fromkeys(WORK) | {name: row[name] for name in ("done_on", "start_second", "activity", "seconds")}
    place = PLACE_OF_CHANNEL.get(row["channel"])
    return found | {"customer_id": row["number"], "log": "desk", "direction": row["direction"] or None, "place": place}


def _one(logged: Row, mine: Row) -> dict[str, Any]:
    return {**logged, "activity": mine["activity"], "seconds": mine["seconds"]}


LEAST_COVERED = timedelta(days=364)


def desk_log(own_days: Iterable[date], as_of: date) -> list[dict[str, Any]]:
    """The row of the table `logs` that says which days the office's own work covers: from the first noted on, and the
    last year at least. A log of a few days would be reckoned up to a year, and one noted hour become a hundred."""
    first = min(own_days, default=None)
    if first is None or first > as_of:
        return []
    return [{"log": "desk", "first_on": min(first, as_of - LEAST_COVERED), "last_on": as_of}]


def activity_of(policy: Policy, row: Row) -> str | None:
    """The activity of a work row, as `cost.work` recognises it in tables: its own, else the first rule that fits."""
    if row["activity"] is not None:
        return str(row["activity"])
    return next((item.key for item in policy.activities if any(_fits(rule, row) for rule in item.match)), None)


def _fits(rule: Match, row: Row) -> bool:
    named = (("log", rule.log), ("direction", rule.direction), ("place", rule.place))
    topic = (row["topic"] or "").lower()
    return all(not value or row[name] == value for name, value in named) and (rule.topic or "").lower() in topic

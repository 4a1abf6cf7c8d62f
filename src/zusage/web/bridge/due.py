"""Units with the class in force come in, the rows of what falls due unasked between two days go out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.promises.standing import Agreed
from zusage.promises.touchpoints import Deliveries, falling_due, with_agreed

UNITS = {"unit_id": nw.String, "class_key": nw.String, "since": nw.Date}


def touchpoints_due(
    units: Sequence[Mapping[str, Any]],
    policy: Policy,
    first: date,
    last: date,
    delivered: Deliveries,
    agreed: Mapping[str, Sequence[Agreed]],
) -> list[dict[str, Any]]:
    """The deliveries due from `first` to `last` as rows of `promises.touchpoints.DUE`.

    `units` have unit_id, class_key and since; `delivered` the day of the last delivery by unit and service; `agreed`
    what was agreed with the customers of a unit, which holds whatever their class.
    """
    calendar = calendar_of(policy)
    table = engine.table({name: [unit[name] for unit in units] for name in UNITS}, UNITS)
    rows = engine.rows(falling_due(table, policy, calendar, first, last, delivered))
    found = [row for row in rows if row["unit_id"] not in agreed]
    of_class = defaultdict(list)
    for row in rows:
        of_class[row["unit_id"]].append(row)
    for unit in units:
        if own := agreed.get(unit["unit_id"]):
            held = of_class[unit["unit_id"]]
            found += with_agreed(held, unit, own, policy, calendar, first, last, delivered)
    return found

"""Units with the class in force come in, the rows of what falls due unasked between two days go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.policy.document import Policy
from zusage.promises.clock import calendar_of
from zusage.promises.touchpoints import Deliveries, falling_due

UNITS = {"unit_id": nw.String, "class_key": nw.String, "since": nw.Date}


def touchpoints_due(
    units: Sequence[Mapping[str, Any]], policy: Policy, first: date, last: date, delivered: Deliveries
) -> list[dict[str, Any]]:
    """The deliveries due from `first` to `last` as rows of `promises.touchpoints.DUE`.

    `units` have unit_id, class_key and since; `delivered` the day of the last delivery by unit and service.
    """
    table = engine.table({name: [unit[name] for unit in units] for name in UNITS}, UNITS)
    return engine.rows(falling_due(table, policy, calendar_of(policy), first, last, delivered))

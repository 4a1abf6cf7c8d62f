"""What people said comes in (confirmed classes, overrides, choices), one mark of each kind per unit goes out.

Members of one household may carry different marks: the one that promises most holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from zusage import engine
from zusage.engine import Frame, Schema
from zusage.policy.document import Policy

RANKS = ("previous_rank", "override_rank", "chosen_rank", "declined_rank")
SAID: Schema = {
    "override_by": nw.String,
    "override_reason": nw.String,
    "override_until": nw.Date,
    "choice_on": nw.Date,
}
MARKS = (*RANKS, *SAID)


def with_marks(units: Frame, links: Frame, marks: Mapping[str, Frame], policy: Policy, as_of: date) -> Frame:
    """Adds MARKS to units: ranks of classes (0 best) and what was said with them, unknown where there is none.

    `marks` holds `previous` (customer_id, class_key) and the tables `overrides` and `choices`; an override holds to
    its last day, of choices the latest one up to the day counts.
    """
    if not any(engine.has_rows(frame) for frame in marks.values()):  # a join would copy every column to add nothing
        return units.with_columns(
            *(nw.lit(None, nw.Int64).alias(name) for name in RANKS),
            *(nw.lit(None, kind).alias(name) for name, kind in SAID.items()),  # type: ignore[arg-type]
        )
    keys = [item.key for item in policy.classes]
    ranks = engine.table(
        {"class_key": keys, "given": list(range(len(keys)))}, {"class_key": nw.String, "given": nw.Int64}
    )
    linked = {
        name: frame.join(links, on="customer_id", how="inner").join(ranks, on="class_key", how="inner")
        for name, frame in marks.items()
    }
    holding = linked["overrides"].filter(nw.col("until").is_null() | (nw.col("until") >= as_of))
    known = linked["choices"].filter((nw.col("state") != "offered") & (nw.col("chosen_on") <= as_of))
    last = known.group_by("unit_id").agg(nw.col("chosen_on").max().alias("choice_on"))
    latest = known.join(last, on="unit_id", how="inner").filter(nw.col("chosen_on") == nw.col("choice_on"))
    chosen, declined = (latest.filter(nw.col("state") == state) for state in ("chosen", "declined"))
    # one table of all marks, for every join copies every column of the units
    given = engine.concat(
        frame.select("unit_id", "given", nw.lit(name).alias("mark"))
        for name, frame in zip(RANKS, (linked["previous"], holding, chosen, declined), strict=True)
    )
    best = given.group_by("unit_id").agg(
        nw.when(nw.col("mark") == name).then(nw.col("given")).otherwise(nw.lit(None, nw.Int64)).min().alias(name)
        for name in RANKS
    )
    said = best.join(_overrides(holding), on="unit_id", how="left").join(last, on="unit_id", how="left")
    return units.join(said, on="unit_id", how="left")


def _overrides(holding: Frame) -> Frame:
    """unit_id and who decided, why and until when; overrides are set by hand, so there are few of them."""
    rows = engine.rows(holding.select("unit_id", "given", "decided_by", "reason", "until"))
    rows.sort(key=lambda row: (row["unit_id"], row["given"], row["until"] or date.max, row["reason"] or ""))
    best = {row["unit_id"]: row for row in reversed(rows)}
    columns = {
        "unit_id": [*best],
        "override_by": [row["decided_by"] for row in best.values()],
        "override_reason": [row["reason"] for row in best.values()],
        "override_until": [row["until"] for row in best.values()],
    }
    return engine.table(columns, {"unit_id": nw.String, **{name: SAID[name] for name in columns if name in SAID}})

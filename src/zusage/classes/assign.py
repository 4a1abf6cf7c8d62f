"""Units with their parts come in, each unit's class goes out, with what it rests on.

Order of what decides: a person's override while it holds · the customer's own choice · too short a history · the
criteria. Where the figures are not sure enough, a unit stays where it is as far as the sure part allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from zusage import engine
from zusage.classes.levers import with_levers
from zusage.classes.marks import with_marks
from zusage.classes.parts import LIKELY, NO, POSSIBLE, SURE, ranked, rule_met, with_metrics, with_parts
from zusage.engine import Frame
from zusage.policy.document import Places, Policy

OVERRIDE, CHOSEN, DECLINED, PROVISIONAL, UNDECIDED, NO_PLACE, CRITERIA = (
    "override",
    "chosen",
    "declined",
    "provisional",
    "undecided",
    "no_place",
    "criteria",
)


def assign_classes(
    units: Frame, links: Frame, tables: Mapping[str, Frame], policy: Policy, *, as_of: date, previous: Frame
) -> Frame:
    """Units with their class, lazily.

    `links` has customer_id and unit_id, `previous` customer_id and class_key as last confirmed. Adds to `units`: the
    metrics and parts, MARKS, previous_key, rank (0 best; the number of classes for provisional), class_key, because
    (what decided), undecided (the interval spans a cut), waiting_for (class without a free place), LEVERS. The same
    book gives the same classes whatever the order of its rows.
    """
    keys = [item.key for item in ranked(policy)]
    marks = {"previous": previous, "overrides": tables["overrides"], "choices": tables["choices"]}
    named = with_marks(units, links, marks, policy, as_of)
    judged = with_parts(with_metrics(named, policy), policy).with_columns(
        *(rule_met(item, rank).alias(f"rule_{rank}") for rank, item in enumerate(ranked(policy))),
        nw.lit(None, nw.String).alias("waiting_for"),
    )
    for rank, item in enumerate(ranked(policy)):
        if item.places is not None:
            judged = _limit_places(judged, rank, item.key, item.places)
    ranks = _with_rank(judged, policy)
    return _with_because(with_levers(ranks, policy), policy).drop(*(f"rule_{rank}" for rank in range(len(keys))))


def _first(policy: Policy, degree: int) -> nw.Expr:
    """The best rank whose rule is met at least to a degree; the last class takes everyone."""
    classes = ranked(policy)
    chain = nw.lit(len(classes) - 1, nw.Int64)
    for rank in reversed(range(len(classes) - 1)):
        chain = nw.when(nw.col(f"rule_{rank}") >= degree).then(nw.lit(rank, nw.Int64)).otherwise(chain)
    return chain


def _with_rank(judged: Frame, policy: Policy) -> Frame:
    """criteria_rank: by the criteria alone. Undecided units stay where they are within what is possible and sure."""
    last = len(ranked(policy)) - 1
    held = nw.when(nw.col("previous_rank") <= last).then(nw.col("previous_rank")).otherwise(nw.lit(None, nw.Int64))
    kept = nw.min_horizontal(nw.max_horizontal(held, "possible_rank"), "certain_rank")
    return judged.with_columns(
        _first(policy, POSSIBLE).alias("possible_rank"),
        _first(policy, LIKELY).alias("likely_rank"),
        _first(policy, SURE).alias("certain_rank"),
    ).with_columns(
        nw.when(held.is_null()).then(nw.col("likely_rank")).otherwise(kept).alias("criteria_rank"),
        (nw.col("possible_rank") != nw.col("certain_rank")).alias("undecided"),
    ).with_columns(_decided(policy).alias("rank"))  # fmt: skip


def _after_choice(policy: Policy) -> nw.Expr:
    """What the customer chose holds; what the customer declined is not given: the next class below it is."""
    last = len(ranked(policy)) - 1
    below = nw.min_horizontal(nw.col("declined_rank") + 1, nw.lit(last, nw.Int64))
    declined = (nw.col("declined_rank") >= nw.col("criteria_rank")).fill_null(value=False)
    kept = nw.when(declined).then(below).otherwise(nw.col("criteria_rank"))
    return nw.when(~nw.col("chosen_rank").is_null()).then(nw.col("chosen_rank")).otherwise(kept)


def _decided(policy: Policy) -> nw.Expr:
    chosen = _after_choice(policy)
    if len(policy.classes) > len(ranked(policy)):
        young = nw.col("provisional") & nw.col("chosen_rank").is_null()
        chosen = nw.when(young).then(nw.lit(len(ranked(policy)), nw.Int64)).otherwise(chosen)
    return nw.when(~nw.col("override_rank").is_null()).then(nw.col("override_rank")).otherwise(chosen)


def _with_because(units: Frame, policy: Policy) -> Frame:
    at_choice = nw.col("rank") != nw.col("criteria_rank")
    because = nw.lit(CRITERIA)
    for test, code in (
        (~nw.col("waiting_for").is_null(), NO_PLACE),
        (nw.col("undecided"), UNDECIDED),
        (at_choice & ~nw.col("declined_rank").is_null(), DECLINED),
        (~nw.col("chosen_rank").is_null(), CHOSEN),
        (nw.col("rank") == len(ranked(policy)), PROVISIONAL),
        (~nw.col("override_rank").is_null(), OVERRIDE),
    ):
        because = nw.when(test).then(nw.lit(code)).otherwise(because)
    return units.with_columns(
        because.alias("because"),
        _key(nw.col("rank"), policy).alias("class_key"),
        _key(nw.col("previous_rank"), policy).alias("previous_key"),
    )


def _key(rank: nw.Expr, policy: Policy) -> nw.Expr:
    """The key of the class with a rank; unknown without one."""
    chain = nw.lit(None, nw.String)
    for position, item in enumerate(policy.classes):
        chain = nw.when(rank == position).then(nw.lit(item.key)).otherwise(chain)
    return chain


def _limit_places(judged: Frame, rank: int, key: str, places: Places) -> Frame:
    """Takes the class from those who reach it but get no place.

    Members keep their place, then the declared metrics decide. Equals are treated as equals: where the last places do
    not suffice for all with the same figures, all of them wait; the number is never exceeded and no id decides.
    """
    member = (nw.col("previous_rank") == rank).fill_null(value=False)
    better = [nw.col(f"rule_{other}") < LIKELY for other in range(rank)]
    reaches = (nw.col(f"rule_{rank}") >= LIKELY) | (member & (nw.col(f"rule_{rank}") >= POSSIBLE))
    wants = nw.all_horizontal(reaches, *better, ignore_nulls=True)
    order = ["holds_place", *(f"m_{name}" for name in places.order)]
    asking = judged.with_columns(member.cast(nw.Int64).alias("holds_place"), wants.alias("wants_place"))
    first = engine.rows(
        asking.filter(nw.col("wants_place")).select(*order).sort(*order, descending=True).head(places.count + 1)
    )
    admitted = _admitted([tuple(row[name] for name in order) for row in first], order, places.count)
    gets = nw.col("wants_place") & admitted
    waits = nw.col("wants_place") & ~admitted
    # whoever does not get a place cannot be in the class by any degree of certainty
    return asking.with_columns(
        nw.when(gets).then(nw.col(f"rule_{rank}")).otherwise(nw.lit(NO, nw.Int64)).alias(f"rule_{rank}"),
        nw.when(waits & nw.col("waiting_for").is_null())
        .then(nw.lit(key))
        .otherwise(nw.col("waiting_for"))
        .alias("waiting_for"),
    ).drop("holds_place", "wants_place")


def _admitted(first: list[tuple[int, ...]], order: list[str], count: int) -> nw.Expr:
    if len(first) <= count:
        return nw.lit(value=True)
    turned_away = first[count]  # the best of those for whom there is no place; only better ones are let in
    above = nw.lit(value=False)
    equal = nw.lit(value=True)
    for name, value in zip(order, turned_away, strict=True):
        above = above | (equal & (nw.col(name) > value))
        equal = equal & (nw.col(name) == value)
    return above

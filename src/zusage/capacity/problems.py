"""Plain instances of the choice of levels come in, one a line as JSON; an answer or a mistake for each goes out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from zusage.capacity.optimise import LARGEST_FLOAT, Choice, choose_of
from zusage.ground.reasons import Finding, Place, Refused, mistake


@dataclass(frozen=True)
class Problem:
    """An instance: what there is, and for each group its items as (profit, weight)."""

    capacity: int
    groups: list[list[tuple[int, int]]]


def solve_lines(lines: Iterable[bytes], file: str, *, exact: bool) -> Iterator[Choice | Finding]:
    """The answer to each line that is not empty, in their order; a finding where it cannot be read or nothing fits.

    A line is `{"capacity": n, "groups": [[[profit, weight], …], …]}` in UTF-8, all of it whole numbers of any size. One
    line is held at a time.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = Place(file=file, line=number)
        try:
            problem = read_problem(line)
            yield choose_of(problem.groups, problem.capacity, exact=exact)
        except Refused as refused:
            for finding in refused.findings:
                yield Finding(finding.severity, finding.reason, where)


def read_problem(line: bytes) -> Problem:
    """An instance from its JSON. Raises Refused with the first thing that is wrong in it."""
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # ValueError: no UTF-8, no JSON, or a number of thousands of digits
        raise Refused([mistake("optimise_not_json")]) from None
    if not isinstance(found, dict) or not {"capacity", "groups"} <= found.keys():
        raise Refused([mistake("optimise_no_problem")])
    if not _is_whole(found["capacity"]):
        raise Refused([mistake("optimise_capacity", text=_shown(found["capacity"]))])
    if not isinstance(found["groups"], list):
        raise Refused([mistake("optimise_groups", text=_shown(found["groups"]))])
    return Problem(found["capacity"], [_group(group, number) for number, group in enumerate(found["groups"], 1)])


def _group(group: Any, number: int) -> list[tuple[int, int]]:
    if not isinstance(group, list):
        raise Refused([mistake("optimise_group", number_count=number, text=_shown(group))])
    for item in group:
        if not (isinstance(item, list) and len(item) == 2 and all(map(_is_whole, item))):
            raise Refused([mistake("optimise_item", number_count=number, text=_shown(item))])
    return [(profit, weight) for profit, weight in group]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def as_json(answer: Choice | Finding) -> dict[str, Any]:
    """An answer as JSON; of a finding its kind (`infeasible` or `unreadable`) and the line, without its text."""
    if isinstance(answer, Finding):
        unfit = answer.reason.code in ("optimise_infeasible", "optimise_no_item")
        return {"error": "infeasible" if unfit else "unreadable", "line": answer.where.line}
    return {"chosen": answer.chosen.tolist(), "value": answer.value, "bound": bound_number(answer.bound)}


def bound_number(bound: Fraction) -> int | float:
    """A bound as a number of JSON: whole where it is, else never below the true one."""
    if bound.denominator == 1:
        return bound.numerator
    if abs(bound) >= LARGEST_FLOAT:
        return -(-bound.numerator // bound.denominator)
    near = bound.numerator / bound.denominator
    return near if near >= bound else math.nextafter(near, math.inf)

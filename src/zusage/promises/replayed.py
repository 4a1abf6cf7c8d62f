"""A replay comes in, figures for other programs and lines for people go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, say
from zusage.policy.document import Policy
from zusage.promises.replay import ClassShare, Replay


def summary(replay: Replay, use: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures of a replay, and of the use of allowances (rows of `usage.USE`), ready for JSON."""
    return {
        "classes": [
            asdict(item)
            | {"kept_permille": item.kept_permille, "not_evidenced_permille": item.not_evidenced_permille}
            | {"allowance": _use(item.class_key, use)}
            for item in replay.classes
        ],
        "gaps": [{"first": first, "last": last} for first, last in replay.gaps],
        "without_time": replay.without_time,
    }


def _use(class_key: str, use: Sequence[dict[str, Any]]) -> dict[str, int] | None:
    """Households or customers with an allowance, and how many of them have used it up; None where it has no limit."""
    own = [row for row in use if row["class_key"] == class_key]
    if not own:
        return None
    return {
        "units": len(own),
        "used_up": sum(row["left"] == 0 for row in own),
        "given": sum(row["given"] for row in own),
        "used": sum(row["used"] for row in own),
    }


def lines(replay: Replay, use: Sequence[dict[str, Any]], policy: Policy, language: Language) -> Iterator[str]:
    """What a person reads: a line for each class, then what the log does not tell."""
    for item in replay.classes:
        if not item.requests:
            continue
        name = policy.service_class(item.class_key).name[language]
        yield say(Reason("replay_class", {"class": name, **_figures(item)}), language)
        if item.earlier or item.later:
            yield "  " + say(Reason("replay_against_today", _figures(item)), language)
        used = _use(item.class_key, use)
        if used:
            figures = {"units_count": used["units"], "used_up_count": used["used_up"]}
            yield "  " + say(Reason("replay_allowance", figures), language)
    for first, last in replay.gaps:
        yield say(Reason("replay_gap", {"first_on": first, "last_on": last}), language)
    if replay.without_time:
        yield say(Reason("replay_without_time", {"found_count": replay.without_time}), language)


def _figures(item: ClassShare) -> dict[str, Value]:
    return {
        "requests_count": item.requests,
        "kept_count": item.kept,
        "late_count": item.late,
        "not_evidenced_count": item.not_evidenced,
        "open_count": item.open,
        "kept_permille": item.kept_permille,
        "earlier_count": item.earlier,
        "later_count": item.later,
        "gain_count": item.gain,
        "lose_count": item.lose,
    }

"""A simulation comes in, the sentences a person reads go out, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from zusage.capacity.promisable import Promisable
from zusage.capacity.simulate import Simulated
from zusage.ground.reasons import Value
from zusage.ground.words import Language, percent
from zusage.policy.document import Policy
from zusage.promises.terms import response_term
from zusage.report.writing import decimal, said


def simulated_lines(
    found: Simulated, promises: Sequence[Promisable], policy: Policy, language: Language
) -> Iterator[str]:
    """Class by class whether its response can be promised, then waiting, the worst week and how busy each role is."""
    for item in promises:
        yield from promisable_lines(item, policy, language)
    worst = found.worst_week()
    if worst is not None:
        values: dict[str, Value] = {"week_on": worst.monday, "kept_permille": worst.kept_permille}
        yield said("simulate_say_worst", language, **values)
    for role in dict.fromkeys(item.role for item in found.roles):
        yield _role_line(found, role, policy, language)
    yield said(
        "simulate_say_sums",
        language,
        arrived_count=found.arrived // found.runs,
        answered_count=found.answered // found.runs,
        gave_up_count=found.gave_up // found.runs,
        waiting_count=found.waiting // found.runs,
        again_count=found.called_again // found.runs,
    )
    yield said(
        "simulate_say_how",
        language,
        weeks_count=found.observed_weeks,
        runs_count=found.runs,
        simulated_count=len(found.weeks),
        text=str(found.seed),
    )


def answer_line(item: Promisable, policy: Policy, language: Language) -> str:
    """`Can we promise it?` answered, with the interval."""
    values: dict[str, Value] = {
        "name": policy.service_class(item.class_key).name[language],
        "term": response_term(item.response, language),
        "target_permille": item.target_permille,
    }
    kept = item.kept
    if kept is not None:
        values |= {
            "kept_permille": kept.kept_permille,
            "range": _range(kept.low_permille, kept.high_permille, language),
        }
    return said(f"simulate_answer_{item.answer}", language, **values)


def promisable_lines(item: Promisable, policy: Policy, language: Language) -> Iterator[str]:
    """`Can we promise it?` answered, how long one waits, and the ways out where it is no."""
    yield answer_line(item, policy, language)
    kept = item.kept
    if kept is not None and kept.waits is not None:
        waits = kept.waits
        yield said(
            "simulate_say_waits",
            language,
            mean_seconds=waits.mean,
            half_seconds=waits.half,
            most_seconds=waits.nine_of_ten,
        )
    if item.answer == "no":
        yield from _ways(item, policy, language)


def _ways(item: Promisable, policy: Policy, language: Language) -> Iterator[str]:
    if item.more is not None:
        yield said(
            "simulate_way_hours",
            language,
            role=policy.role(item.more.role).name[language],
            week_seconds=item.more.weekly_seconds,
            people=decimal(item.more.people_milli, 3, language),
            kept_permille=item.more.kept_permille,
        )
    if item.slower is not None:
        yield said(
            "simulate_way_slower",
            language,
            term=response_term(item.slower.response, language),
            kept_permille=item.slower.kept_permille,
        )
    if item.more is None and item.slower is None:
        yield said("simulate_way_none", language)


def _role_line(found: Simulated, role: str, policy: Policy, language: Language) -> str:
    left = dict(found.left_seconds)[role]
    return said(
        "simulate_say_role_left" if left else "simulate_say_role",
        language,
        role=policy.role(role).name[language],
        use_permille=found.utilisation_permille(role),
        left_seconds=left,
    )


def _range(low: int | None, high: int | None, language: Language) -> str:
    if low is None or high is None:
        return percent(0, language)
    return f"{percent(low, language)}–{percent(high, language)}".replace("\u00a0%–", "–").replace("%–", "–")


def kept_rows(found: Simulated, policy: Policy, language: Language) -> list[dict[str, Any]]:
    """How likely each class is answered in time, with its interval: the rows of a table and of `charts.kept`."""
    return [
        {
            "name": policy.service_class(item.class_key).name[language],
            "permille": item.kept_permille,
            "low": item.low_permille,
            "high": item.high_permille,
        }
        for item in found.classes
        if item.kept_permille is not None and item.low_permille is not None and item.high_permille is not None
    ]


def simulated_json(found: Simulated, promises: Sequence[Promisable]) -> dict[str, Any]:
    """The same as plain values; days stay dates."""
    plain = {key: value for key, value in asdict(found).items() if key != "findings"}
    worst = found.worst_week()
    roles = [asdict(item) | {"utilisation_permille": item.utilisation_permille} for item in found.roles]
    weeks = [asdict(item) | {"kept_permille": item.kept_permille} for item in found.weeks]
    return plain | {
        "roles": roles,
        "weeks": weeks,
        "worst_week": worst.monday if worst else None,
        "utilisation_permille": {
            role: found.utilisation_permille(role) for role in dict.fromkeys(item.role for item in found.roles)
        },
        "promises": [asdict(item) for item in promises],
    }

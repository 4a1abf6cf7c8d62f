"""Ten questions with a few answers each come from here; an answer and a policy give the changes that write it.

The answers for a service are written per level: the best classes get the first cell, the last ones the last, those
between the middle one. So they fit a service model of two classes as well as one of five.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zusage.policy.document import Criterion, Policy, Promise, leaves
from zusage.policy.edit import Path, Put
from zusage.policy.mistakes import Mistakes
from zusage.policy.terms import read_promise, read_response
from zusage.policy.values import share

Cells = tuple[Any, Any, Any]
"""What the best, the middle and the last classes are promised, as a person writes it."""


@dataclass(frozen=True)
class Question:
    """A question with its answers by key. Exactly one of these says what an answer is: the cells of a service, a value
    at a path that holds for all, or the share of customers in the best class."""

    key: str
    service: str | None = None
    path: Path | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def _times(mode: str, *counts: float | None, less: str) -> Cells:
    """So many times a year per level; where none are named, the lesser mode."""
    best, between, last = (less if count is None else {"mode": mode, "per_year": count} for count in counts)
    return best, between, last


def _letters(*issues: tuple[str, int]) -> Cells:
    best, between, last = ({"mode": mode, "per_year": count} for mode, count in issues)
    return best, between, last


WINDOWS = {"mode": "windows", "weekdays": ["tue", "thu"], "from": "14:00", "to": "16:00"}
PERSONAL = {"mode": "personal"}
"""A named contact; the role is the one that has it already, else the owner's."""

QUESTIONS = (
    Question("callback", service="callback", answers={
        "stepped": ("same_day", "next_workday", "next_workday"),
        "bundled": ("same_day", WINDOWS, WINDOWS),
        "next": ("next_workday", "next_workday", "next_workday"),
        "same": ("same_day", "same_day", "same_day"),
    }),
    Question("venue", service="venue", answers={
        "stepped": ("on_site", "office_or_online", "office"),
        "best_only": ("on_site", "office", "office"),
        "office": ("office_or_online", "office_or_online", "office_or_online"),
        "visits": ("on_site", "on_site", "on_site"),
    }),
    Question("annual_check", service="annual_check", answers={
        "stepped": _times("guaranteed", 1, 0.5, None, less="on_request"),
        "best_only": _times("guaranteed", 1, None, None, less="on_request"),
        "twice": _times("guaranteed", 2, 1, None, less="on_request"),
        "all": _times("guaranteed", 1, 1, 1, less="on_request"),
    }),
    Question("occasions", service="occasions", answers={
        "stepped": _times("active", 2, 1, None, less="reactive"),
        "best_only": _times("active", 2, None, None, less="reactive"),
        "often": _times("active", 4, 2, None, less="reactive"),
        "all": _times("active", 2, 2, 2, less="reactive"),
    }),
    Question("newsletter", service="newsletter", answers={
        "stepped": _letters(("print", 4), ("email", 4), ("email", 4)),
        "email": _letters(("email", 4), ("email", 4), ("email", 4)),
        "twice": _letters(("print", 2), ("email", 2), ("email", 2)),
        "print": _letters(("print", 4), ("print", 4), ("print", 4)),
    }),
    Question("events", service="events", answers={
        "twice": _times("invited", 2, None, None, less="none"),
        "once": _times("invited", 1, None, None, less="none"),
        "stepped": _times("invited", 2, 1, None, less="none"),
        "never": ("none", "none", "none"),
    }),
    Question("contact", service="contact", answers={
        "best_only": (PERSONAL, "team", "team"),
        "stepped": (PERSONAL, PERSONAL, "team"),
        "team": ("team", "team", "team"),
    }),
    Question("emergency", path=("requests", "urgency", "emergency"), answers={
        "two_hours": "within 2 hours",
        "four_hours": "within 4 hours",
        "same_day": "same_day",
    }),
    Question("best", answers={"tenth": "10 %", "fifth": "20 %", "third": "30 %"}),
    Question("reserve", path=("capacity", "utilisation"), answers={
        "large": "75 %",
        "middle": "85 %",
        "small": "95 %",
    }),
)  # fmt: skip
BY_KEY = {question.key: question for question in QUESTIONS}


def fits(policy: Policy, question: Question) -> bool:
    """Whether a policy has what a question is about: the service, or a cut in euro for its best class."""
    if question.service is not None:
        return question.service in {item.key for item in policy.services}
    return question.path is not None or best_cut(policy) is not None


def best_cut(policy: Policy) -> tuple[str, Criterion] | None:
    """The best class and its cut of the yield; None where it asks for something else."""
    best = policy.classes[0]
    found = [leaf for leaf in leaves(best.rule) if leaf.metric == "yield"]
    return (best.key, found[0]) if len(found) == 1 else None


def changes(policy: Policy, question: Question, answer: str) -> list[Put]:
    """What writes an answer into the text of a policy. KeyError for an answer that the question does not have.

    The share of customers in the best class is no value of a policy: `calibration` turns it into a cut.
    """
    chosen = question.answers[answer]
    if question.path is not None:
        return [Put(question.path, chosen)]
    if question.service is None:
        return []
    return [
        Put(("matrix", question.service, key), _complete(policy, question.service, cell))
        for key, cell in _by_class(policy, chosen).items()
    ]


def _by_class(policy: Policy, cells: Cells) -> dict[str, Any]:
    """A cell for every class that people are put into; new customers follow the class they are like."""
    ranked = [item for item in policy.classes if not item.provisional]
    best, last = max(item.level for item in ranked), min(item.level for item in ranked)
    return {
        item.key: cells[0] if item.level == best else cells[2] if item.level == last else cells[1] for item in ranked
    }


def _complete(policy: Policy, service: str, cell: Any) -> Any:
    """A cell with the role it cannot do without: the one that is promised now, else the owner's."""
    if cell != PERSONAL:
        return cell
    promised = [item.role for _, items in policy.promises for item in items if item.service == service]
    owner = next((role.key for role in policy.roles if role.owner), policy.roles[0].key)
    return PERSONAL | {"role": next((role for role in promised if role), owner)}


def answered(policy: Policy, question: Question) -> str | None:
    """The answer that a policy gives now; None where it gives another one, or where none can be told."""
    return next((answer for answer in question.answers if _gives(policy, question, answer)), None)


def _gives(policy: Policy, question: Question, answer: str) -> bool:
    chosen = question.answers[answer]
    if question.key == "emergency":
        wanted = read_response(chosen, Mistakes())
        now = dict(dict(policy.requests.urgent).get("emergency", ()))
        return all(now.get(item.key) == wanted for item in policy.classes)
    if question.key == "reserve":
        return policy.utilisation_permille == share(chosen)
    if question.service is None:
        return False
    return promised(policy, question, answer) == {
        key: _now(policy, question.service, key) for key in _by_class(policy, chosen)
    }


def promised(policy: Policy, question: Question, answer: str) -> dict[str, Promise | None]:
    """What an answer promises each class, as far as the question is about a service."""
    if question.service is None:
        return {}
    cells = _by_class(policy, question.answers[answer])
    return {key: _read(policy, question.service, cell) for key, cell in cells.items()}


def _now(policy: Policy, service: str, class_key: str) -> Promise | None:
    found = policy.promise_of(class_key, service)
    return replace(found, wording=None) if found else None


def _read(policy: Policy, service: str, cell: Any) -> Promise | None:
    roles = [role.key for role in policy.roles]
    return read_promise(_complete(policy, service, cell), policy.service(service), roles, None, Mistakes())

"""A class and a response come in, whether it can be promised goes out; if not, which hours or slower response it takes.

All trials use the same draws, so that they differ by what was changed and not by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zusage.capacity.simulate import ClassKept, Simulated
from zusage.capacity.staffing import Person, with_more
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy, Response

Answer = Literal["yes", "unsure", "no", "unknown"]
HOUR = 3600
MOST_HOURS = 128
"""More hours for customers a week than some eight people are no answer to a promise."""
SLOWER = (
    Response("same_day"),
    Response("next_workday"),
    *(Response("within_workdays", number) for number in (2, 3, 5, 10)),
)
"""Responses from fast to slow."""

Trial = Callable[[Sequence[Person], Mapping[str, Response]], Simulated]
"""Simulates with other people and other responses, the same draws."""


@dataclass(frozen=True)
class MoreHours:
    """The least hours for customers a week by which a role has to grow, and what is kept then."""

    role: str
    weekly_seconds: int
    people_milli: int  # of that role, as many hours for customers as one of its people has
    kept_permille: int


@dataclass(frozen=True)
class SlowerPromise:
    """The fastest of the slower responses that is kept with today's people."""

    response: Response
    kept_permille: int


@dataclass(frozen=True)
class Promisable:
    """Whether a class can be promised a response.

    `yes`: the whole interval is at or above the target. `unsure`: the share is, but not the whole interval. `unknown`:
    the class asked nothing. Ways out are searched for `no` only; None: there is none within what is searched.
    """

    class_key: str
    response: Response
    target_permille: int
    answer: Answer
    kept: ClassKept | None
    more: MoreHours | None = None
    slower: SlowerPromise | None = None


def judge(found: ClassKept | None, target_permille: int) -> Answer:
    """The answer for a class of a simulation."""
    if found is None or found.kept_permille is None or found.low_permille is None:
        return "unknown"
    if found.kept_permille < target_permille:
        return "no"
    return "yes" if found.low_permille >= target_permille else "unsure"


def class_number(policy: Policy, class_key: str) -> int:
    """The place of a class in the policy; raises Refused where there is none of that key."""
    keys = [item.key for item in policy.classes]
    if class_key not in keys:
        raise Refused([mistake("promise_unknown_class", **not_among(class_key, keys))])
    return keys.index(class_key)


def can_promise(
    class_key: str,
    policy: Policy,
    staff: Sequence[Person],
    trial: Trial,
    *,
    role: str,
    response: Response | None = None,
    target_permille: int | None = None,
    base: Simulated | None = None,
) -> Promisable:
    """Whether a class can be promised a response (default: what the policy promises it).

    `target_permille` is the share that has to be kept (default: the policy's), `role` who could get more hours, `base`
    the simulation of what is asked, where it is there already. Raises Refused for a class the policy does not have.
    """
    class_number(policy, class_key)
    target = policy.kept_permille if target_permille is None else target_permille
    asked = {} if response is None else {class_key: response}
    found = (base or trial(staff, asked)).of_class(class_key)
    answer = judge(found, target)
    if found is None or answer != "no":
        standing = found.response if found else response or policy.requests.standard
        return Promisable(class_key, standing, target, answer, found)

    def kept(people: Sequence[Person], promised: Mapping[str, Response]) -> int:
        result = trial(people, promised).of_class(class_key)
        return result.kept_permille or 0 if result else 0

    more = _more_hours(staff, role, lambda people: kept(people, asked), target)
    slower = _slower(found.response, lambda item: kept(staff, {class_key: item}), target)
    return Promisable(class_key, found.response, target, answer, found, more, slower)


def _more_hours(
    staff: Sequence[Person], role: str, kept: Callable[[Sequence[Person]], int], target: int
) -> MoreHours | None:
    """Doubled until it is enough, then halved to the hour."""
    enough, shares = 1, {0: -1}
    while True:
        shares[enough] = kept(with_more(staff, role, enough * HOUR))
        if shares[enough] >= target:
            break
        if enough >= MOST_HOURS:
            return None
        enough *= 2
    short = enough // 2
    while enough - short > 1:
        middle = (enough + short) // 2
        shares[middle] = kept(with_more(staff, role, middle * HOUR))
        short, enough = (short, middle) if shares[middle] >= target else (middle, enough)
    one = max((person.weekly_seconds for person in staff if person.role == role), default=0)
    milli = -(-enough * HOUR * 1000 // one) if one else 0
    return MoreHours(role, enough * HOUR, milli, shares[enough])


def _slower(now: Response, kept: Callable[[Response], int], target: int) -> SlowerPromise | None:
    rest = SLOWER[SLOWER.index(now) + 1 :] if now in SLOWER else SLOWER
    for response in rest:
        share = kept(response)
        if share >= target:
            return SlowerPromise(response, share)
    return None

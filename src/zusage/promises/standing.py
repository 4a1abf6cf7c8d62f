"""What is known of a customer, and what is asked for: plain frozen facts, the inputs of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from zusage.policy.document import Policy, Promise

RuleName = Literal["agreed", "class", "standard", "floor", "urgency"]
"""What an answer rests on. For one service the first of these that says anything holds; urgency may only be faster."""
CAUSES = ("asked", "duty", "ours")
"""Why somebody got in touch: of their own accord, in a matter of duty, or because of something the firm caused."""


@dataclass(frozen=True)
class Contact:
    """A contact of the past, as far as allowances need it."""

    at: datetime
    channel: str = "phone"
    seconds: int = 0
    cause: str = "asked"  # one of CAUSES
    matter: str | None = None  # the same for repeated contacts on one matter


@dataclass(frozen=True)
class Agreed:
    """A promise agreed with this customer alone, with a copy of its terms."""

    promise: Promise
    since: date | None = None
    until: date | None = None  # included

    def holds(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Told:
    """That this customer was told a policy and a class, with a copy of the promises told, which hold from `on`."""

    on: date
    policy_hash: str
    class_key: str
    promises: tuple[Promise, ...] = ()
    assumed: bool = False  # nobody wrote it down: the day of the import stands in
    said_on: date | None = None  # the day they were told, where it holds only from a later one


@dataclass(frozen=True)
class Standing:
    """How a customer stands with the firm. Seconds and contacts are those of the present period and the last one."""

    customer_id: str
    class_key: str
    agreed: tuple[Agreed, ...] = ()
    told: tuple[Told, ...] = ()
    contacts: tuple[Contact, ...] = ()
    earned_seconds: int = 0  # a year: the time the customer's yield pays for
    used_seconds: int = 0  # of this period, besides what `contacts` hold
    since: date | None = None
    cannot_come: bool = False
    consumer: bool = True


@dataclass(frozen=True)
class Request:
    """What a customer asks for. `at` carries its offset."""

    at: datetime
    what: str  # key of a service
    urgency: str = "normal"  # emergency, claim, deadline, normal
    channel: str = "phone"
    cause: str = "asked"  # one of CAUSES
    matter: str | None = None
    wants: str | None = None  # the role that is asked for by name

    def moment(self) -> datetime:
        """The moment of asking in UTC."""
        return self.at.astimezone(UTC)


def agreed_on(standing: Standing, day: date) -> dict[str, Promise]:
    """The promises agreed with this customer that hold on a day, by service; of two the later one in the list."""
    return {item.promise.service: item.promise for item in standing.agreed if item.holds(day)}


def class_promises_in_force(policy: Policy, standing: Standing, day: date) -> tuple[Promise, ...]:
    """The promises of the class as last told: until a customer is told a policy, what was promised before it holds."""
    told = last_told(standing, day)
    if told is None or (told.policy_hash, told.class_key) == (policy.hash, standing.class_key):
        return policy.promises_of(standing.class_key)
    return told.promises


def last_told(standing: Standing, day: date) -> Told | None:
    """Of all that holds on a day what the customer was told last; of one day the later in the list.

    What was said since counts, also where something said before begins only later: the customer knows the last word.
    """
    holding = reversed([item for item in standing.told if item.on <= day])
    return max(holding, key=lambda item: item.said_on or item.on, default=None)


def told_from_review(
    policy: Policy, class_key: str, previous_key: str | None, told_on: date | None
) -> tuple[Told, ...]:
    """What a customer was told when only the classes of two reviews are known: the former class until the day told.

    Without a former class, and without a day, nothing is known: the present class holds, and the answer says so.
    """
    found = []
    if previous_key in {item.key for item in policy.classes} - {class_key}:
        found.append(
            Told(date.min, policy.hash, str(previous_key), policy.promises_of(str(previous_key)), assumed=True)
        )
    if told_on is not None:
        found.append(Told(told_on, policy.hash, class_key, policy.promises_of(class_key)))
    return tuple(found)

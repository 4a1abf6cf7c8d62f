"""What customers were told and what was decided come in; what they do not know yet, and how they are reached, goes out.

What is told is always the newest published service model: nobody is written to about one that the next has overtaken.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from zusage.ground.reasons import Reason
from zusage.promises.consent import Gate
from zusage.promises.recipients import Kind, News, Person
from zusage.promises.weaker import changed_promises
from zusage.report.letters import Address as Written
from zusage.report.letters import postal_lines
from zusage.web.book.models import Address
from zusage.web.book.queries import aliases
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.outbox.queries import bounced
from zusage.web.charter.queries import addresses
from zusage.web.customers.consent.queries import gates_for, locked_against
from zusage.web.customers.models import Customer, Membership
from zusage.web.customers.queries import customers_for, told_rows
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import known_as, policy_of
from zusage.web.review.models import Proposal
from zusage.web.review.queries import KINDS as PROPOSALS
from zusage.web.services.models import Announcement

FEW = 500
"""So many values a question may name; for more all rows are read."""
ON_ITS_WAY = ("written", "handing", "unclear", "failed")
"""States of a message that is neither handed over nor stopped."""


# --- what customers do not know yet


class Unknown(NamedTuple):
    """What a customer does not know yet, from when on it was decided to hold, and whether nobody signed for it."""

    news: News
    holds_from: date | None = None
    unsigned: bool = False


class Knowledge:
    """What each customer was told, against what is to be told of a service model; of some, or (None) of all."""

    def __init__(self, version: PolicyVersion, numbers: Collection[str] | None = None) -> None:
        self.version, self.policy = version, policy_of(version)
        self.versions = {item.pk: item for item in PolicyVersion.objects.all()}
        told = _of(told_rows(), numbers)
        self.last: dict[str, tuple[int, str]] = {
            row[0]: row[1:] for row in told.values_list("number", "policy_id", "class_key")
        }
        self.said = set(told.filter(assumed=False).values_list("number", flat=True))
        decided = _of(Membership.objects.order_by("effective_on", "pk"), numbers)
        rows = decided.values_list("number", "class_key", "effective_on")
        self.decided: dict[str, tuple[str, date]] = {row[0]: row[1:] for row in rows}
        self.signed = _signed()
        self.known = cache(self._known)
        self.weaker = cache(self._weaker)

    def class_of(self, number: str) -> str:
        """The class a person decided last, by the key of the service model; empty where nobody has, or it is gone."""
        return self.known(self.decided[number][0]) if number in self.decided else ""

    def missing(self, number: str) -> Unknown:
        """What a customer with a class does not know."""
        key = self.class_of(number)
        if number not in self.last or not self._told_class(number):
            return Unknown("first")
        version, told_key = self.last[number]
        weaker = self.weaker(version, told_key, key)
        same_class = self.known(told_key) == key
        if weaker and same_class and not self._is_signed(number, version):
            return Unknown("", unsigned=True)
        if weaker:
            return Unknown("down", self._holds_from(number, version, same_class))
        if number not in self.said:
            return Unknown("first")
        if weaker is None and same_class:
            return Unknown("")
        return Unknown("up", self._holds_from(number, version, same_class))

    def _told_class(self, number: str) -> bool:
        version, key = self.last[number]
        return key in dict(policy_of(self.versions[version]).promises)

    def _holds_from(self, number: str, version: int, same_class: bool) -> date:
        model = [] if version == self.version.pk else [self.version.valid_from]
        decided = [] if same_class else [self.decided[number][1]]
        return max([*model, *decided])

    def _is_signed(self, number: str, told: int) -> bool:
        since = self.versions[told].valid_from
        return any(
            number in numbers
            for version, numbers in self.signed.items()
            if version != told and self.versions[version].valid_from >= since
        )

    def _known(self, key: str) -> str:
        found = known_as(self.policy, key)
        return found if found in dict(self.policy.promises) else ""

    def _weaker(self, version: int, told_key: str, key: str) -> bool | None:
        """Whether anything is less than what was told; None where all is as it was."""
        changes = changed_promises(policy_of(self.versions[version]), self.policy, told_key, key)
        return any(item.weakened for item in changes) if changes else None


def _of(found: QuerySet[Any], numbers: Collection[str] | None) -> QuerySet[Any]:
    """Rows of these customers; of many all are read, for a question has only so many places."""
    return found if numbers is None or len(numbers) > FEW else found.filter(number__in=numbers)


def _in(found: QuerySet[Any], units: Collection[str]) -> QuerySet[Any]:
    """Rows of these households, in the same way."""
    return found if len(units) > FEW else found.filter(unit_id__in=units)


def _signed() -> dict[int, set[str]]:
    """For whom a reduction by a service model was signed."""
    found: dict[int, set[str]] = {}
    for version, numbers in Announcement.objects.filter(weakened=True).values_list("policy_id", "numbers"):
        found.setdefault(version, set()).update(numbers)
    return found


# --- people as the rules know them


def people(
    user: User | None,
    kind: Kind,
    version: PolicyVersion,
    today: date,
    *,
    units: Collection[str] | None = None,
    without: LetterWave | None = None,
) -> list[Person]:
    """The customers somebody may see (None: all) as the rules for recipients know them.

    `without`: a wave that does not count as one they are in already.
    """  # fmt: skip
    found = Customer.objects.filter(run__published=True) if user is None else customers_for(user)
    if units is not None:
        found = found.filter(unit_id__in=units)
    # an erased customer is nobody a letter could go to or name, and nobody to be listed as left out
    found = found.exclude(number__in=aliases())
    rows = list(found.values_list("number", "unit_id", "name", "former", "adviser"))
    numbers = [row[0] for row in rows]
    facts = _Facts(kind, numbers, {row[1] for row in rows}, Knowledge(version, numbers), today, without)
    return [facts.person(*row) for row in rows]


class _Facts:
    """All that is looked up about customers, in a few questions for all of them."""

    def __init__(
        self,
        kind: Kind,
        numbers: Collection[str],
        units: Collection[str],
        knowledge: Knowledge,
        today: date,
        without: LetterWave | None,
    ) -> None:
        self.knowledge = knowledge
        self.addresses = addresses(numbers)
        self.post, self.mail = (gates_for(numbers, channel, "service", today) for channel in ("post", "email"))
        self.locked = locked_against(numbers, today)
        self.dead = bounced([item.email or "" for item in self.addresses.values()])
        self.busy = on_their_way(kind, units, without)
        reducing = _in(Proposal.objects.filter(PROPOSALS["down"], run__published=True, state="open"), units)
        self.unconfirmed = {number for members in reducing.values_list("members", flat=True) for number in members}

    def person(self, number: str, unit_id: str, name: str, former: bool, adviser: str) -> Person:
        """A customer with all that is known of them."""
        key = self.knowledge.class_of(number)
        missing = self.knowledge.missing(number) if key else Unknown("first")
        place = self.addresses.get(number)
        return Person(
            number=number,
            unit_id=unit_id,
            name=name or number,
            class_key=key,
            news=missing.news,
            holds_from=missing.holds_from,
            unconfirmed=number in self.unconfirmed,
            unsigned=missing.unsigned,
            former=former,
            adviser=adviser,
            address=postal_lines(Written.of(place, name)) if Written.of(place, name).complete else (),
            place=(place.country or "", place.postcode or "", place.street or "") if place else ("", "", ""),
            email=self._mail_of(place),
            post_refused=_refused(self.post.get(number)),
            email_refused=_refused(self.mail.get(number)),
            locked=self.locked[number].reason if number in self.locked else None,
            busy=self.busy.get(number),
        )

    def _mail_of(self, place: Address | None) -> str:
        """Where a mail arrives; nowhere where the last one came back."""
        email = ((place.email or "") if place else "").strip()
        return "" if email.lower() in self.dead else email


def _refused(gate: Gate | None) -> Reason | None:
    return None if gate is None or gate.allowed else gate.why


def on_their_way(kind: Kind, units: Collection[str], without: LetterWave | None = None) -> dict[str, int]:
    """The customers of households to whom a letter that tells the like is on its way, with its wave."""
    alike = Q(wave__kind="statement") if kind == "statement" else ~Q(wave__kind="statement")
    waiting = Q(state__in=("planned", "failed")) | Q(state="made", message__state__in=ON_ITS_WAY)
    found = _in(WaveLetter.objects.filter(alike & waiting).exclude(wave__state="stopped"), units)
    if without is not None:
        found = found.exclude(wave=without)
    rows = found.order_by("pk").values_list("wave_id", "numbers")
    return {number: wave for wave, numbers in rows for number in numbers}

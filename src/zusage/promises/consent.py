"""Consents and objections of one customer come in; whether they may be written to, called or mailed goes out, and why.

What is fact (each with its place in the law; the page for advisers says what to ask a lawyer):

- Calls that advertise need *prior express consent* of a consumer; of a business a presumed one suffices (§ 7 (2) no. 1
  UWG). Who is not known to be a business counts as a consumer.
- E-mail and messages need prior express consent of anybody (§ 7 (2) no. 2 UWG). A confirmation that was asked for
  (double opt-in) must have come. E-mail alone has a second ground: customers who gave the address with a purchase, for
  own similar services, who were told of their right to object when the address was taken and are told in each mail, and
  who never objected (§ 7 (3) UWG). All four conditions must be on record.
- Letters may advertise until the customer objects (Art. 21 (2) GDPR, § 7 (1) sentence 2 UWG).
- What belongs to the contract (`service`) is no advertising: allowed unless the customer refused that way of contact.
- An objection to advertising ends every ground (Art. 21 (3) GDPR). A consent may be withdrawn at any time (Art. 7 (3));
  on the very day of it, it counts no more. Only a consent given later counts again.
- A consent that nobody used for two years is doubted by courts: it counts, with a finding.
- Whoever is locked gets nothing unasked, whatever they consented to: the dead, those whose data are restricted on their
  request (Art. 18 GDPR), those the firm is in dispute with. Where post comes back, no post is sent. What customers ask
  is answered: the gate is not asked about it.

A row of a list without a day of consent is no consent: nobody could prove when it was given (§ 7a UWG).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from zusage.ground.reasons import Finding, Reason, warning

CHANNELS = ("phone", "email", "message", "post")
PURPOSES = ("advertising", "service")
GROUNDS = ("consent", "existing_customer")
CONDITIONS = ("purchase", "own_similar", "told_at_collection", "told_in_each_mail")
"""What § 7 (3) UWG asks for besides that nobody objected; the ground counts only with all of them."""
OLD = timedelta(days=730)
"""A consent that was never used for so long is doubted."""

LOCKS = ("deceased", "moved", "dispute", "restricted", "other")
"""Why nothing is sent to a customer; `moved`: post comes back and no new address is known, which stops post alone."""
STOP_ALL = tuple(why for why in LOCKS if why != "moved")
"""The locks that stop every way."""
Alternative = Literal["letter", "note"]


@dataclass(frozen=True)
class Given:
    """A consent, or the ground of an existing customer, as it was given and perhaps withdrawn."""

    channel: str
    purpose: str
    ground: str = "consent"
    granted_on: date | None = None
    withdrawn_on: date | None = None
    confirmed: bool = True  # False: a confirmation was asked for and has not come
    conditions: frozenset[str] = frozenset()  # those of CONDITIONS that are on record
    used_on: date | None = None  # when it was last relied on
    own: bool = False  # noted in the office, where a withdrawal closes each earlier row of its own

    def counts_on(self, day: date) -> bool:
        """Whether it was given by a day and not withdrawn itself."""
        return self.granted_on is not None and self.granted_on <= day and not self.is_withdrawn(day)

    def is_withdrawn(self, day: date) -> bool:
        """Whether it was withdrawn by a day, that day included; a row given after its withdrawal is not."""
        last = self.withdrawn_on
        return last is not None and last <= day and (self.granted_on is None or self.granted_on <= last)


@dataclass(frozen=True)
class Objected:
    """That a customer wants no advertising, on one way or (None) on any; for `service`: not on this way at all."""

    channel: str | None
    purpose: str = "advertising"
    said_on: date | None = None  # None: at any time


@dataclass(frozen=True)
class Locked:
    """That nothing is to be sent to a customer from a day on, until a person lifts it."""

    why: str  # one of LOCKS
    since: date

    @property
    def reason(self) -> Reason:
        """The same in words."""
        return Reason(f"consent_locked_{self.why}", {"since_on": self.since})

    def stops(self, channel: str, day: date) -> bool:
        """Whether nothing unasked may go to the customer on a channel on a day."""
        return self.since <= day and (self.why in STOP_ALL or channel == "post")

    def stops_all(self, day: date) -> bool:
        """Whether nothing unasked may go to the customer at all."""
        return self.since <= day and self.why in STOP_ALL


@dataclass(frozen=True)
class Gate:
    """The answer. `ground`: consent, existing_customer, presumed, until_objection, contract; empty where refused.
    `alternative`: what to do instead; None where allowed, and where the customer wants no advertising or is locked."""

    allowed: bool
    ground: str
    alternative: Alternative | None
    why: Reason
    findings: tuple[Finding, ...] = field(default=())


_Answer = tuple[str, Reason, tuple[Finding, ...]]


def gate(
    channel: str,
    purpose: str,
    given: Iterable[Given],
    objected: Iterable[Objected],
    *,
    consumer: bool | None,
    day: date,
    locked: Locked | None = None,
) -> Gate:
    """Whether a customer may be contacted on a channel for a purpose on a day, on what ground, and what else to do.

    >>> gate("phone", "advertising", [], [], consumer=True, day=date(2026, 11, 26)).alternative
    'letter'
    """
    if channel not in CHANNELS or purpose not in PURPOSES:
        raise ValueError(f"no gate for {channel} and {purpose}")
    if locked is not None and locked.stops_all(day):
        return Gate(False, "", None, locked.reason)
    given = tuple(given)
    against = [item for item in objected if item.purpose == purpose and (item.said_on is None or item.said_on <= day)]

    def judged(way: str) -> _Answer:
        if locked is not None and locked.stops(way, day):
            return "", locked.reason, ()
        return _judged(way, purpose, given, against, consumer, day)

    ground, why, findings = judged(channel)
    if ground:
        return Gate(True, ground, None, why, findings)
    if purpose == "advertising" and _wants_none(against):
        return Gate(False, "", None, why)
    by_post = channel != "post" and judged("post")[0]
    return Gate(False, "", "letter" if by_post else "note", why)


def _wants_none(against: Sequence[Objected]) -> bool:
    """Whether a customer objected to every way: then a note for the next call would be advertising still."""
    channels = {item.channel for item in against}
    return None in channels or channels.issuperset(CHANNELS)


def _judged(
    channel: str,
    purpose: str,
    given: Sequence[Given],
    against: Sequence[Objected],
    consumer: bool | None,
    day: date,
) -> _Answer:
    """The ground (empty: none), why, and what is doubtful about it."""
    stop = _objection(channel, against)
    if stop is not None:
        return "", stop, ()
    rows = [item for item in given if (item.channel, item.purpose) == (channel, purpose)]
    ended, holding = _ended(rows, day), standing(rows, day)
    if purpose == "advertising":
        return _advertising(channel, rows, holding, ended, consumer, day)
    if ended and not holding:
        return "", _withdrawn(ended), ()
    return "contract", Reason("consent_contract"), ()


def _objection(channel: str, against: Sequence[Objected]) -> Reason | None:
    """The objection that stands against a channel: one to everything is said first."""
    hit = [item for item in against if item.channel in (None, channel)]
    found = min(hit, key=lambda item: (item.channel is not None, item.said_on or date.min), default=None)
    if found is None:
        return None
    code = "refused" if found.purpose == "service" else "objected" if found.channel else "objected_all"
    return Reason(f"consent_{code}_undated") if found.said_on is None else _on(f"consent_{code}", said_on=found.said_on)


def _on(code: str, **days: date | None) -> Reason:
    return Reason(code, dict(days))


def _withdrawn(ended: Sequence[Given]) -> Reason:
    return _on("consent_withdrawn", withdrawn_on=max(item.withdrawn_on for item in ended if item.withdrawn_on))


def standing(rows: Sequence[Given], day: date) -> list[Given]:
    """Of the rows of one channel and purpose those that hold on a day: given, and by none withdrawn since."""
    ended = _ended(rows, day)
    return [item for item in rows if item.counts_on(day) and not any(_ends(end, item) for end in ended)]


def _ended(rows: Sequence[Given], day: date) -> list[Given]:
    return [item for item in rows if item.withdrawn_on is not None and item.withdrawn_on <= day]


def _ends(end: Given, grant: Given) -> bool:
    """Whether a withdrawal ends a consent of another row: one that was given before it.

    Of the same day only rows of the office have an order, and there the withdrawal has closed the earlier one itself.
    """
    if end is grant or end.withdrawn_on is None or grant.granted_on is None:
        return False
    if grant.granted_on == end.withdrawn_on:
        return not (grant.own and end.own)
    return grant.granted_on < end.withdrawn_on


def _advertising(
    channel: str,
    rows: Sequence[Given],
    holding: Sequence[Given],
    ended: Sequence[Given],
    consumer: bool | None,
    day: date,
) -> _Answer:
    best = max((item for item in holding if _is_consent(item)), key=_latest, default=None)
    if best is not None:
        return "consent", _on("consent_given", granted_on=best.granted_on), _doubts(best, day)
    if ended:
        return "", _withdrawn(ended), ()
    bought = [item for item in holding if item.ground == "existing_customer"] if channel == "email" else []
    for item in bought:
        if item.confirmed and item.conditions.issuperset(CONDITIONS):
            return "existing_customer", _on("consent_existing_customer", granted_on=item.granted_on), ()
    if channel == "post":
        return "until_objection", Reason("consent_until_objection"), ()
    if channel == "phone" and consumer is False:
        return "presumed", Reason("consent_presumed"), ()
    return "", _missing(channel, rows, holding, bought), ()


def _is_consent(item: Given) -> bool:
    return item.ground == "consent" and item.confirmed


def _latest(item: Given) -> tuple[bool, date]:
    """Of several consents the one that was used, then the last: what is doubted of one is not of the other."""
    return item.used_on is not None, item.granted_on or date.min


def _doubts(item: Given, day: date) -> tuple[Finding, ...]:
    if item.used_on is not None or item.granted_on is None or day - item.granted_on < OLD:
        return ()
    return (warning("consent_old", granted_on=item.granted_on),)


def _missing(channel: str, rows: Sequence[Given], holding: Sequence[Given], bought: Sequence[Given]) -> Reason:
    """Why there is no ground: the nearest that there is."""
    if any(not item.confirmed for item in holding):
        return Reason("consent_unconfirmed")
    if bought:
        return Reason("consent_conditions")
    if any(item.granted_on is None for item in rows):
        return Reason("consent_undated")
    return Reason(f"consent_none_{channel}")

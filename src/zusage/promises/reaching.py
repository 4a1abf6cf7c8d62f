"""A service and the promise of it come in; on which ways and for which purpose it reaches customers unasked goes out.

What a firm does unasked is advertising or care of the contract, and the gate of consents is asked accordingly:

- publications (newsletter by post or e-mail), invitations and calls on an occasion advertise, however useful they are;
- a fixed cadence of talks and visits (annual check) is care of the contract: it is about what the customer has. Where
  it is used to sell, it is advertising; the page for advisers says so.

Where the promise names channels, these are its ways, in the order telephone, e-mail, message, post. A visit and a video
call are arranged by telephone; what lies in a portal reaches nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from zusage.policy.document import Promise, Service
from zusage.promises.consent import CHANNELS

_USUAL: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("publication", "print"): ("advertising", ("post",)),
    ("publication", "email"): ("advertising", ("email",)),
    ("invitation", "invited"): ("advertising", ("post", "email")),
    ("occasion", "active"): ("advertising", ("phone",)),
    ("cadence", "guaranteed"): ("service", ("phone", "post")),
}
"""Measure and mode of what is done unasked → its purpose, and its ways where the promise names none."""
_ARRANGED_BY = {"visit": "phone", "video": "phone"}


@dataclass(frozen=True)
class Touch:
    """The ways a delivery may reach the customer, the first first, and the purpose the gate is asked for."""

    ways: tuple[str, ...]
    purpose: str


def touch_of(service: Service, promise: Promise) -> Touch | None:
    """How a promise reaches the customer unasked; None for what only answers the customer."""
    usual = _USUAL.get((service.measure, promise.mode))
    if usual is None:
        return None
    named = {_ARRANGED_BY.get(channel, channel) for channel in promise.channels}
    return Touch(tuple(channel for channel in CHANNELS if channel in named) or usual[1], usual[0])

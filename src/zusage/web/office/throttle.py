"""A visitor and what they ask for come in, whether it is too often goes out; counted in the database, for all workers.

For addresses that are open to the world. What is kept is a keyed hash that nobody can turn back into an address of the
network, and for a few minutes only. A worker tells the database every tenth request of a visitor: writing down each one
would take most of the time of a page, and let strangers keep the office from writing.

Stretches of time are fixed: somebody who comes at the end of one and at the beginning of the next gets through twice as
often as in one. These throttles slow down guessing and crowds; what they guard, no number of guesses finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from threading import Lock

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

STEP = 10
"""Requests of a visitor that a worker counts by itself before it tells the others."""
MOST_VISITORS = 10_000
"""Visitors a worker remembers; the longest known is forgotten first."""

_own: dict[str, int] = {}
_counting = Lock()


@dataclass(frozen=True)
class Throttle:
    """How often a visitor may do something in a stretch of time.

    Exact where one worker answers. Each further one may let pass nine more, and ten are forgotten where two tell the
    database in the same moment.
    """

    what: str
    most: int
    seconds: int

    def too_often(self, request: HttpRequest, now: datetime) -> bool:
        """Whether this one is more than the visitor may do; counts it. One question to the database."""
        key = self._key(request, now)
        told: int = cache.get(key, 0)
        if told > self.most:
            return True
        own = _count(key)
        if own == STEP:
            cache.set(key, told + STEP, timeout=2 * self.seconds)
        return told + own > self.most

    def was_too_often(self, request: HttpRequest, now: datetime) -> bool:
        """Whether the visitor did it more often than they may; counts nothing. One question to the database."""
        key = self._key(request, now)
        told: int = cache.get(key, 0)
        return told + _own.get(key, 0) > self.most

    def _key(self, request: HttpRequest, now: datetime) -> str:
        stretch = int(now.timestamp()) // self.seconds
        counted = f"{self.what} {visitor_of(request)} {stretch}"
        return salted_hmac("zusage.throttle", counted, algorithm="sha256").hexdigest()


def _count(key: str) -> int:
    """What this worker has counted of a visitor since it told the others; begins anew with the tenth."""
    with _counting:
        own = _own.pop(key, 0) + 1
        if own < STEP:
            _own[key] = own
        if len(_own) > MOST_VISITORS:
            del _own[next(iter(_own))]
    return own


def visitor_of(request: HttpRequest) -> str:
    """The address a request comes from, by the same rule as at sign-in; of IPv6 the network, which is one household."""
    try:
        address = ip_address(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ValueError):  # a proxy that does not say it, a socket without one: they are one visitor
        return "unknown"
    return str(ip_network((address, 64), strict=False) if address.version == 6 else address)

"""A visitor and what they ask for come in, whether it is too often goes out; counted in the database, for all workers.

For addresses that are open to the world. What is kept is a keyed hash that nobody can turn back into an address of the
network, and for a few minutes only. A worker tells the database every tenth request of a visitor: writing down each one
would take most of the time of a page, and let strangers keep the office from writing.
"""

from __future__ import annotations

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


def too_often(request: HttpRequest, what: str, *, most: int, seconds: int, now: datetime) -> bool:
    """Whether a visitor asks for something more than `most` times in a stretch of so many seconds; counts this one.

    Exact where one worker answers; each further one may let pass nine more.
    """
    stretch = int(now.timestamp()) // seconds
    key = salted_hmac("zusage.throttle", f"{what} {visitor_of(request)} {stretch}", algorithm="sha256").hexdigest()
    told: int = cache.get(key, 0)
    if told > most:
        return True
    own = _count(key)
    if own == STEP:
        cache.set(key, told + STEP, timeout=2 * seconds)
    return told + own > most


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

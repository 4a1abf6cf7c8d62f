"""A visitor and what they ask for come in, whether it is too often goes out; counted in the database, for all workers.

For addresses that are open to the world. What is kept is a keyed hash that nobody can turn back into an address of the
network, and for a few minutes only.
"""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def too_often(request: HttpRequest, what: str, *, most: int, seconds: int, now: datetime) -> bool:
    """Whether a visitor asks for something more than `most` times in a stretch of so many seconds; counts this one."""
    stretch = int(now.timestamp()) // seconds
    key = salted_hmac("zusage.throttle", f"{what} {_visitor(request)} {stretch}", algorithm="sha256").hexdigest()
    count = cache.get(key, 0) + 1
    if count <= most + 1:  # whoever is over it already costs no writing any more
        cache.set(key, count, timeout=2 * seconds)
    return bool(count > most)


def _visitor(request: HttpRequest) -> str:
    """The address a request comes from, by the same rule as at sign-in; of IPv6 the network, which is one household."""
    found = get_adapter(request).get_client_ip(request)
    try:
        address = ip_address(found)
    except ValueError:  # a socket without an address
        return "unknown"
    return str(ip_network((address, 64), strict=False) if address.version == 6 else address)

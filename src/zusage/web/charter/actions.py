"""What all that is told to customers needs made: codes for replies on paper."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from zusage.web.charter.models import ReplyCode
from zusage.web.charter.queries import ALPHABET, LENGTH, check_sign
from zusage.web.office.jobs import short_write

CHUNK = 500
"""Codes written in one transaction: well below 100 ms, so that readers of SQLite never wait long."""


def codes_for(numbers: Iterable[str], now: datetime) -> dict[str, str]:
    """The reply code of each customer, made where there is none yet; a customer keeps the same one for good."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        found |= _codes_of(wanted[start : start + CHUNK], now)
    return {number: found[number] for number in wanted}


def _codes_of(numbers: list[str], now: datetime) -> dict[str, str]:
    known = _known(numbers)
    while missing := [number for number in numbers if number not in known]:
        made = [ReplyCode(number=number, code=_new_code(), created_at=now) for number in missing]
        with short_write():
            # what somebody else has just made, or a code that is taken, is left out and asked for again
            ReplyCode.objects.bulk_create(made, ignore_conflicts=True)
        known = _known(numbers)
    return known


def _known(numbers: list[str]) -> dict[str, str]:
    return dict(ReplyCode.objects.filter(number__in=numbers).values_list("number", "code"))


def _new_code() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + check_sign(body)

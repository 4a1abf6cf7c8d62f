"""What all that is told to customers needs made: codes for replies on paper, links to customers' own pages, papers."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from zusage.web.book.queries import stored
from zusage.web.charter.models import CustomerLink, ReplyCode
from zusage.web.charter.queries import ALPHABET, LENGTH, LINK_DAYS, address_again, check_sign, hash_of, token_of
from zusage.web.office.jobs import short_write
from zusage.web.office.models import User

TOGETHER = timedelta(days=60)
"""For so long after it was made a letter's link stands in further letters to the same customer."""
CHUNK = 100
"""Codes or links written in one transaction: well below 100 ms, so that readers of SQLite never wait long."""


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


def links_for(numbers: Iterable[str], *, by: User, now: datetime, expires_on: date) -> dict[str, str]:
    """A new link to the own page of each customer; the address is known from here on to the customer alone."""
    tokens = {number: secrets.token_urlsafe(32) for number in numbers}
    made = [
        CustomerLink(number=number, token_hash=hash_of(token), made_at=now, made_by=by, expires_on=expires_on)
        for number, token in tokens.items()
    ]
    for start in range(0, len(made), CHUNK):
        with short_write():
            for link in made[start : start + CHUNK]:
                link.save()  # one by one: the log of changes keeps each
    return {number: settings.ADDRESS + reverse("own_page", args=[token]) for number, token in tokens.items()}


def letter_links(numbers: Iterable[str], *, by: User | None, now: datetime) -> dict[str, CustomerLink]:
    """A link for a letter to each customer, which opens for LINK_DAYS at least: one of an earlier letter where it
    does, else a new one. Its hash and a seed are kept: the address follows from that and the key of the office."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[str, CustomerLink] = {}
    for start in range(0, len(wanted), CHUNK):
        found |= _letter_links(wanted[start : start + CHUNK], by, now)
    return found


def _letter_links(numbers: list[str], by: User | None, now: datetime) -> dict[str, CustomerLink]:
    today = timezone.localdate(now)
    lasting = CustomerLink.objects.filter(number__in=numbers, revoked_at=None, expires_on__gte=today + LINK_DAYS)
    known = {item.number: item for item in lasting.exclude(seed="") if address_again(item, today)}
    with short_write():
        for number in numbers:
            if number not in known:
                seed = secrets.token_urlsafe(32)
                known[number] = CustomerLink.objects.create(
                    number=number, seed=seed, token_hash=hash_of(token_of(seed)), made_at=now, made_by=by,
                    expires_on=today + LINK_DAYS + TOGETHER,
                )  # fmt: skip
    return known


def revoke_link(*, link: CustomerLink, by: User, now: datetime) -> None:
    """A link opens nothing any more."""
    if link.revoked_at is None:
        link.revoked_at, link.revoked_by = now, by
        link.save(update_fields=["revoked_at", "revoked_by"])


# --- papers


def keep_paper(content: bytes) -> str:
    """Keep a paper in the data folder, where backups find it; answers its sha256."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = stored(sha256)
    if not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".paper-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)  # noqa: PTH105 - whole or not at all
    return sha256

"""Questions to the office: the firm, the service model in force, the people; each door of the room to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache

from django.db.models import QuerySet
from django.utils import timezone

from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.promises.clock import calendar_of
from zusage.web.office.models import Firm, Job, PolicyVersion, User


def has_firm() -> bool:
    """Whether the first start was gone through."""
    return Firm.objects.exists()


def the_firm() -> Firm:
    """The firm; Firm.DoesNotExist before the first start."""
    return Firm.objects.get(pk=1)


def policy_version_on(day: date) -> PolicyVersion | None:
    """The service model in force on a day: the last one that is valid from then or before."""
    return PolicyVersion.objects.filter(valid_from__lte=day).order_by("valid_from", "pk").last()


_ASKED: ContextVar[dict[str, PolicyVersion | None] | None] = ContextVar("asked", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Within (one request) the service model in force is read once, however many name plates a page has."""
    token = _ASKED.set({})
    try:
        yield
    finally:
        _ASKED.reset(token)


def current_version() -> PolicyVersion | None:
    """The service model in force today."""
    known = _ASKED.get()
    if known is None:
        return policy_version_on(timezone.localdate())
    if "current" not in known:
        known["current"] = policy_version_on(timezone.localdate())
    return known["current"]


@lru_cache(maxsize=16)
def _read(text: str, _hash: str) -> Policy:
    return read_policy_text(text).policy


def policy_of(version: PolicyVersion) -> Policy:
    """The frozen form of a published service model; read once per process."""
    return _read(version.text, version.hash)


def calendar() -> Calendar | None:
    """The firm's opening hours and holidays."""
    version = current_version()
    return calendar_of(policy_of(version)) if version else None


def firm_time_zone() -> str:
    """The time zone of the firm; Berlin's before there is one."""
    version = current_version()
    return policy_of(version).firm.time_zone if version else "Europe/Berlin"


def people() -> QuerySet[User]:
    """Everyone of the firm, whether they may sign in or not."""
    return User.objects.order_by("name", "pk")


def jobs_for(user: User) -> QuerySet[Job]:
    """The jobs somebody may see: all of them, they hold no figures of customers."""
    return Job.objects.all()


def absent(user: User, at: datetime | date) -> bool:
    """Whether somebody is away on a day."""
    day = at.date() if isinstance(at, datetime) else at
    return user.absences.filter(first_on__lte=day, last_on__gte=day).exists()

"""Questions to the office: the firm, the service model in force, the people; each door of the room to its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from auditlog.models import LogEntry
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from zusage.ground.worktime import Calendar
from zusage.policy.document import Policy, Role
from zusage.policy.read import read_policy_text
from zusage.promises.clock import calendar_of
from zusage.promises.weaker import renamed
from zusage.web.office.models import Absence, Firm, Job, PolicyVersion, User
from zusage.web.office.sent import number_sent


def has_firm() -> bool:
    """Whether the first start was gone through."""
    return Firm.objects.exists()


_ASKED: ContextVar[dict[object, Any] | None] = ContextVar("asked", default=None)
_Found = TypeVar("_Found")


@contextmanager
def asked_once() -> Iterator[None]:
    """Within (one request) the firm and the service model of a day are read once, however often a page asks."""
    token = _ASKED.set({})
    try:
        yield
    finally:
        _ASKED.reset(token)


def _once(key: object, ask: Callable[[], _Found]) -> _Found:
    known = _ASKED.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    found: _Found = known[key]
    return found


def the_firm() -> Firm:
    """The firm; Firm.DoesNotExist before the first start."""
    return _once("firm", lambda: Firm.objects.get(pk=1))


def refused_words() -> tuple[str, ...]:
    """The words the firm never wants to read in what customers get; none before the first start."""
    return _once("refused", lambda: tuple(*Firm.objects.filter(pk=1).values_list("refused", flat=True)))


def policy_version_on(day: date) -> PolicyVersion | None:
    """The service model in force on a day: the last one that is valid from then or before."""
    return _once(day, lambda: PolicyVersion.objects.filter(valid_from__lte=day).order_by("valid_from", "pk").last())


def current_version() -> PolicyVersion | None:
    """The service model in force today."""
    return policy_version_on(timezone.localdate())


def newest_version() -> PolicyVersion | None:
    """The service model that customers are told: the last one published, whether it is valid already or not."""
    return PolicyVersion.objects.order_by("valid_from", "pk").last()


@lru_cache(maxsize=16)
def _read(text: str, _hash: str) -> Policy:
    return read_policy_text(text).policy


def policy_of(version: PolicyVersion) -> Policy:
    """The frozen form of a published service model; read once per process."""
    return _read(version.text, version.hash)


def policy_in_force(day: date | None = None) -> Policy | None:
    """The frozen form of the service model in force on a day, else today; None before there is one."""
    version = policy_version_on(day or timezone.localdate())
    return policy_of(version) if version else None


def policy_or_404() -> Policy:
    """The same of today; Http404 before there is one."""
    policy = policy_in_force()
    if policy is None:
        raise Http404
    return policy


def known_as(policy: Policy, key: str) -> str:
    """The key under which a service model has a class that was decided under an earlier one.

    Members keep their class where only its key became another one, version by version (`promises.weaker.renamed`). The
    key as it is where the class is gone: about its members people decide.
    """
    if not key or key in {item.key for item in policy.classes}:
        return key
    return _once((policy.hash, key), lambda: _followed(policy, key))


def _followed(policy: Policy, key: str) -> str:
    versions = PolicyVersion.objects.order_by("valid_from", "pk")
    models = [policy_of(item) for item in versions]
    own = [place for place, item in enumerate(models) if item.hash == policy.hash]
    earlier = models[: own[-1]] if own else models  # of a draft all are
    having = [place for place, item in enumerate(earlier) if key in {entry.key for entry in item.classes}]
    found: str | None = key if having else None
    for former, model in pairwise([*earlier[having[-1] :], policy] if having else []):
        found = renamed(former, model, found) if found else None
    return found or key


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


def person_for(user: User, pk: int) -> User:
    """A person of the firm, for its owner; Http404 where there is none."""
    return get_object_or_404(people() if user.role == "owner" else people().none(), pk=pk)


def changes_for(user: User, *, by: str = "", kind: str = "") -> QuerySet[LogEntry]:
    """Who changed what, the newest first; for owners and auditors."""
    nothing: QuerySet[LogEntry] = LogEntry.objects.none()
    if user.role not in ("owner", "auditor"):
        return nothing
    found: QuerySet[LogEntry] = LogEntry.objects.select_related("actor", "content_type").order_by("-timestamp", "-pk")
    if person := number_sent(by):
        found = found.filter(actor_id=person)
    if kind:
        found = found.filter(content_type__app_label="zusage", content_type__model=kind)
    return found


def versions_for(user: User) -> QuerySet[PolicyVersion]:
    """The published service models, the newest first; everyone of the firm may know them."""
    return PolicyVersion.objects.select_related("published_by").order_by("-valid_from", "-pk")


def role_of(user: User, policy: Policy) -> Role | None:
    """What somebody does by the service model; an owner who has not said is the model's owner."""
    key = user.works_as
    own = (item for item in policy.roles if item.key == key or (not key and item.owner and user.role == "owner"))
    return next(own, None)


def absences_by_role(policy: Policy) -> dict[str, list[list[Absence]]]:
    """The absences of everybody by the role they work in, a list for each person."""
    found: dict[str, list[list[Absence]]] = {}
    for person in people().prefetch_related("absences"):
        role = role_of(person, policy)
        if role:
            found.setdefault(role.key, []).append([*person.absences.all()])
    return found


def seconds_left(user: User, policy: Policy, now: datetime) -> int:
    """A person's hours for customers from now to closing: of their week the share of opening time that is left."""
    role, calendar = role_of(user, policy), calendar_of(policy)
    week = sum(_length(*block) for _, blocks in policy.opening.weekly for block in blocks)
    if role is None or not week:
        return 0
    zone = calendar.hours.zone
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(1), time.min, zone)
    weekly = role.weekly_seconds if user.weekly_seconds is None else user.weekly_seconds
    return weekly * role.practical_permille * calendar.between(now, midnight) // (week * 1000)


def _length(begin: str, end: str) -> int:
    """Seconds of a block of opening hours; one that ends before it begins runs overnight."""
    first, last = (int(text[:2]) * 3600 + int(text[3:5]) * 60 for text in (begin, end))
    return (last - first) % 86400

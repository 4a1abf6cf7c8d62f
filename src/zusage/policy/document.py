"""The policy as it runs, frozen and complete: comes from `written`, goes to cost, classes and promises.

Two policies with the same frozen form are the same policy, whatever their comments, order of keys or abbreviations:
`Policy.hash` is the identity, `version` only a label. Its parts are made in `resources` (what the firm has and spends)
and `offer` (who is promised what), and are taken from here like the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from zusage.policy.offer import (
    EVERYONE,
    LATER,
    METRICS,
    OWN,
    URGENT,
    AllOf,
    AllowanceRules,
    AnyOf,
    Criterion,
    LegalMark,
    Measure,
    Metric,
    Per,
    Places,
    Price,
    PricePer,
    Promise,
    Requests,
    Response,
    Rule,
    Service,
    ServiceClass,
    ServiceKind,
    Unit,
    Urgency,
    UsedUp,
    leaves,
    metric,
)
from zusage.policy.resources import (
    CAUSES,
    Activity,
    Blocks,
    Cause,
    Dated,
    EarnedTime,
    Evidence,
    Firm,
    Match,
    Opening,
    OpeningSeason,
    Potential,
    Profile,
    Role,
    Text,
    Travel,
    YieldRule,
    YieldRules,
)

__all__ = [
    "CAUSES", "EVERYONE", "LATER", "METRICS", "OWN", "URGENT", "Activity", "AllOf", "AllowanceRules", "AnyOf",
    "Blocks", "Cause", "ClassResponse", "Criterion", "Dated", "EarnedTime", "Evidence", "Firm", "LegalMark", "Match",
    "Measure", "Metric", "Opening", "OpeningSeason", "Per", "Places", "Policy", "Potential", "Price", "PricePer",
    "Profile", "Promise", "Requests", "Response", "Review", "Role", "Rule", "Service", "ServiceClass", "ServiceKind",
    "Text", "Travel", "Unit", "Urgency", "UsedUp", "YieldResponse", "YieldRule", "YieldRules", "leaves", "metric",
]  # fmt: skip

_Item = TypeVar("_Item", "ServiceClass", "Service", "Role")


@dataclass(frozen=True)
class Review:
    """How classes are put to question: notice before a customer is promised less, and how often one looks again."""

    notice_days: int  # between a signed reduction and its first day
    every_months: int  # so many months after a review the next one is due


@dataclass(frozen=True)
class ClassResponse:  # the part of a yearly yield that a class retains, more than the last class does; permille
    class_key: str
    low: int
    mid: int
    high: int


@dataclass(frozen=True)
class YieldResponse:
    """What the firm assumes about service and yield. Nothing else in Zusage says what service brings."""

    source: Text  # where the figures come from
    stay_cents: int  # a customer is moved only for more than this a year
    classes: tuple[ClassResponse, ...]  # all but the last class and the provisional one


@dataclass(frozen=True)
class Policy:
    """The whole service model, ready to run; made by `policy.read`, never by hand."""

    version: str
    valid_from: date | None
    firm: Firm
    opening: Opening
    roles: tuple[Role, ...]
    overhead: Dated  # cents a year that are no role's: rent, software
    base_cost: Dated  # cents a customer and year, before any work
    travel: Travel
    activities: tuple[Activity, ...]
    yields: YieldRules
    evidence: Evidence
    potential: Potential
    earned: EarnedTime
    household_together: bool
    classes: tuple[ServiceClass, ...]  # best first
    services: tuple[Service, ...]
    standard: tuple[Promise, ...]  # what a service promises by itself, to every class without a cell of its own
    promises: tuple[tuple[str, tuple[Promise, ...]], ...]  # class key → its promises, in the order of the catalogue
    requests: Requests
    allowance: AllowanceRules
    next_from_delivery: bool  # the next touchpoint counts from the last delivery, not from the day it was due
    review: Review
    utilisation_permille: int  # hours owed may fill at most this share of the hours there are
    kept_permille: int = field(
        default=950, metadata=LATER
    )  # so likely must a promised answer be kept before it may be promised
    response: YieldResponse | None = field(default=None, metadata=LATER)  # None: no mix of levels is proposed
    # how much of the yield of those whom a referred customer referred counts for the first one, with each step anew
    referral_decay_permille: int = field(default=0, metadata=LATER)

    @cached_property
    def hash(self) -> str:
        """Identity: sha256 over the canonical JSON of the frozen form without its label, 64 hex digits.

        A field that is marked LATER came after the first service models: while it has its default it is left out, so
        that what was published before stays the same policy.
        """
        plain = {key: value for key, value in _plain(self).items() if key != "version"}
        plain["roles"].sort(key=lambda role: role["key"])
        plain["potential"]["lines"].sort()
        return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def service_class(self, key: str) -> ServiceClass:
        """The class of a key; KeyError if there is none."""
        return _by_key(self.classes, key)

    def service(self, key: str) -> Service:
        """The service of a key; KeyError if there is none."""
        return _by_key(self.services, key)

    def role(self, key: str) -> Role:
        """The role of a key; KeyError if there is none."""
        return _by_key(self.roles, key)

    def promises_of(self, class_key: str) -> tuple[Promise, ...]:
        """What a class is promised, in the order of the catalogue."""
        return dict(self.promises)[class_key]

    def promise_of(self, class_key: str, service: str) -> Promise | None:
        """What a class is promised of a service; None: nothing."""
        return next((item for item in self.promises_of(class_key) if item.service == service), None)

    @cached_property
    def measured(self) -> Mapping[str, tuple[str, ...]]:
        """The services of each measure, in the order of the catalogue."""
        found: dict[str, list[str]] = {}
        for service in self.services:
            found.setdefault(service.measure, []).append(service.key)
        return {measure: tuple(keys) for measure, keys in found.items()}

    @cached_property
    def responses(self) -> tuple[Response, ...]:
        """Every response that a class is promised, each once; the standard one where a class is promised none."""
        response = self.measured.get("response", ())
        found: dict[Response, None] = {}
        for _, promises in self.promises:
            own = [promise.response() for promise in promises if promise.service in response]
            found |= dict.fromkeys(own or [self.requests.standard])
        return tuple(found)

    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion of every class once, in the order written."""
        return tuple(dict.fromkeys(leaf for item in self.classes for leaf in leaves(item.rule)))


def _by_key(items: tuple[_Item, ...], key: str) -> _Item:
    return {item.key: item for item in items}[key]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        told = (
            item for item in fields(value) if not (item.metadata == LATER and getattr(value, item.name) == item.default)
        )
        body = {item.name: _plain(getattr(value, item.name)) for item in told}
        if isinstance(value, AllOf | AnyOf):
            return {"is": type(value).__name__, "rules": sorted(body["rules"], key=repr)}
        return body
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value

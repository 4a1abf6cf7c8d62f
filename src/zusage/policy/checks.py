"""Checks of the design of a service model: a complete policy comes in, named findings with severity go out.

A policy can be free of slips and still be a bad one: a class without a package, an exclusive package that holds
nothing, a promise without time. What needs the firm's customers to be judged is checked where the book is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from zusage.policy.document import EVERYONE, AllOf, AnyOf, Match, Policy, Promise, Rule, Service, ServiceClass, leaves
from zusage.policy.mistakes import Mistakes

STANDARD_PACKAGE = 8
"""A standard package of fewer named services is "the rest", not a package."""
MANY_CLASSES = 4
GIFT_CENTS = 15_00
"""§ 48b VAG: up to here, per contract and calendar year, a gift counts as a trifle."""


def check_design(policy: Policy, mistakes: Mistakes) -> None:
    """Note everything about the design that is wrong (errors), doubtful (warnings) or worth knowing (notes)."""
    real = [item for item in policy.classes if not item.provisional]
    if len(real) > MANY_CLASSES:
        mistakes.add("design_many_classes", "classes", "best_first", severity="warning", found_count=len(real))
    for item in policy.classes:
        _check_package(policy, item, mistakes)
        if item.price is not None and policy.firm.profile == "insurance":
            mistakes.add("design_price_to_check", *_path(item), "price", severity="note", text=item.key)
    _check_floor(policy, mistakes)
    _check_levels(policy, real, mistakes)
    _check_reachable(real, mistakes)
    for service in policy.services:
        _check_service(policy, service, mistakes)
    _check_matches(policy, mistakes)
    _check_yields(policy, mistakes)


def _path(item: ServiceClass) -> tuple[str, ...]:
    return ("classes", "provisional") if item.provisional else ("classes", "best_first", item.key)


def _by_service(policy: Policy, item: ServiceClass) -> Mapping[str, Promise]:
    return {promise.service: promise for promise in policy.promises_of(item.key)}


def _check_package(policy: Policy, item: ServiceClass, mistakes: Mistakes) -> None:
    package = policy.promises_of(item.key)
    if not package:
        mistakes.add("design_empty_package", *_path(item), text=item.key)
    elif len(package) < STANDARD_PACKAGE:
        mistakes.add("design_thin_package", *_path(item), severity="warning", text=item.key, found_count=len(package))


def _check_floor(policy: Policy, mistakes: Mistakes) -> None:
    """The floor is the same for everyone: no class goes without it, none gets more or less of it."""
    floor = [service for service in policy.services if service.kind == "floor"]
    if not floor:
        mistakes.add("design_no_floor", "services", severity="warning")
    packages = {item.key: _by_service(policy, item) for item in policy.classes}
    for service in floor:
        without = [key for key, package in packages.items() if service.key not in package]
        for key in without:
            mistakes.add("design_below_floor", "matrix", service.key, key, text=key, service=service.key)
        if not without and len({package[service.key] for package in packages.values()}) > 1:
            mistakes.add("design_floor_differs", "matrix", service.key, service=service.key)


def _check_levels(policy: Policy, real: list[ServiceClass], mistakes: Mistakes) -> None:
    """Between one level and the next something must really be more, or the better name is an empty promise."""
    for better, worse in itertools.pairwise(real):
        unlike = ", ".join(service.key for service, _, _ in differences(policy, better.key, worse.key))
        if better.level < worse.level:
            mistakes.add("design_level_order", *_path(better), "level", text=better.key, other=worse.key)
        elif better.level > worse.level and not unlike:
            mistakes.add("design_nothing_more", *_path(better), text=better.key, other=worse.key)
        elif better.level == worse.level and unlike:
            mistakes.add(
                "design_same_level", *_path(worse), severity="note", text=better.key, other=worse.key, known=unlike
            )


def differences(policy: Policy, better: str, worse: str) -> list[tuple[Service, Promise | None, Promise | None]]:
    """The services two classes are promised differently: service, promise of the one, promise of the other."""
    one, other = (_by_service(policy, policy.service_class(key)) for key in (better, worse))
    return [
        (service, one.get(service.key), other.get(service.key))
        for service in policy.services
        if one.get(service.key) != other.get(service.key)
    ]


def _check_reachable(real: list[ServiceClass], mistakes: Mistakes) -> None:
    """A class behind one that is easier or as easy to reach never gets a customer."""
    for better, worse in itertools.combinations(real, 2):
        if worse.rule != EVERYONE and better.places is None and implies(worse.rule, better.rule):
            mistakes.add("design_unreachable", *_path(worse), "when", text=worse.key, other=better.key)
        elif _stays_below(better.rule, worse.rule):
            mistakes.add("design_stay_below_next", *_path(better), severity="warning", text=better.key, other=worse.key)


def _stays_below(better: Rule, worse: Rule) -> bool:
    """Whether members may stay in a class with less than the entry to the next one asks for."""
    return any(
        one.metric == other.metric and one.cut > other.cut > one.stay
        for one, other in itertools.product(leaves(better), leaves(worse))
    )


def implies(rule: Rule, other: Rule) -> bool:
    """Whether everyone who meets `rule` meets `other` (sufficient test: True is certain, False may be too careful).

    >>> from zusage.policy.document import Criterion
    >>> implies(Criterion("yield", 600, 600), Criterion("yield", 500, 500))
    True
    """
    if isinstance(other, AllOf):
        return all(implies(rule, part) for part in other.rules)
    if isinstance(rule, AnyOf):
        return all(implies(part, other) for part in rule.rules)
    if isinstance(other, AnyOf):
        return any(implies(rule, part) for part in other.rules)
    if isinstance(rule, AllOf):
        return any(implies(part, other) for part in rule.rules)
    return rule.metric == other.metric and rule.cut >= other.cut


def _check_service(policy: Policy, service: Service, mistakes: Mistakes) -> None:
    real = [item.key for item in policy.classes if not item.provisional]
    owed = [promise for key, _ in policy.promises for promise in policy.promises_of(key)]
    owed = [promise for promise in owed if promise.service == service.key]
    with mistakes.inside("services", service.key):
        if not owed:
            mistakes.add("design_promised_to_nobody", severity="warning", text=service.key)
        elif service.kind == "exclusive" and len(owed) >= len(real):
            mistakes.add("design_exclusive_for_all", "kind", severity="warning", text=service.key)
        if owed and service.measure in ("cadence", "invitation", "occasion", "publication"):
            _check_time(service, owed, mistakes)
        if policy.firm.profile == "insurance":
            _check_gift(service, mistakes)


def _check_time(service: Service, owed: Sequence[Promise], mistakes: Mistakes) -> None:
    """Work the firm does unasked costs hours of someone; without both the check of hours would say yes too easily."""
    if all(promise.seconds + service.around_seconds + service.issue_seconds == 0 for promise in owed):
        mistakes.add("design_no_time", severity="warning", text=service.key)
    elif any(promise.role is None for promise in owed):
        mistakes.add("design_no_role", text=service.key)


def _check_gift(service: Service, mistakes: Mistakes) -> None:
    gift = service.measure == "invitation" or service.materials_cents > GIFT_CENTS
    if service.kind == "exclusive" and gift and service.legal != "to_check":
        mistakes.add("design_gift_to_check", "legal", severity="warning", text=service.key, limit_cents=GIFT_CENTS)


def _check_matches(policy: Policy, mistakes: Mistakes) -> None:
    """A log row belongs to the first activity that fits: a rule behind a wider one never gets a row."""
    rules = [(item.key, index, rule) for item in policy.activities for index, rule in enumerate(item.match)]
    for (wide_key, _, wide), (key, index, rule) in itertools.combinations(rules, 2):
        if key != wide_key and _covers(wide, rule):
            mistakes.add(
                "design_match_behind", "activities", key, "match", index, severity="warning", text=key, other=wide_key
            )


def _covers(wide: Match, narrow: Match) -> bool:
    return (
        wide.log in (None, narrow.log)
        and wide.direction in (None, narrow.direction)
        and wide.place in (None, narrow.place)
        and (wide.topic is None or (narrow.topic is not None and wide.topic.casefold() in narrow.topic.casefold()))
    )


def _check_yields(policy: Policy, mistakes: Mistakes) -> None:
    if policy.yields.look_back_months % 12:
        mistakes.add("design_look_back_year", "yields", "look_back_months", severity="warning")
    if policy.firm.profile == "insurance":
        for rule in policy.yields.rules:
            if rule.kind != "fee" and rule.tax_permille is not None:
                mistakes.add("design_commission_taxed", "yields", rule.kind, "gross", severity="warning")

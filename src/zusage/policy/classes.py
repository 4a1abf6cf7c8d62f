"""The classes as written come in, the frozen ones go out, best first, with all mistakes noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zusage.policy import written as w
from zusage.policy.defaults import need, or_else, within
from zusage.policy.document import (
    EVERYONE,
    AnyOf,
    Places,
    Price,
    Rule,
    ServiceClass,
    Text,
)
from zusage.policy.mistakes import Mistakes
from zusage.policy.resources import VAT
from zusage.policy.rules import check_metric, join, read_grid, read_rule

CLASSES_AT_LEAST, CLASSES_AT_MOST = 2, 6
PLACES_AT_MOST, NOTICE_DAYS_AT_MOST = 1_000_000, 365
PROVISIONAL = "provisional"


def freeze_classes(written: w.Classes, mistakes: Mistakes) -> tuple[ServiceClass, ...]:
    """All classes, the provisional one last."""
    with mistakes.inside("classes"):
        keys = list(written.best_first)
        if not CLASSES_AT_LEAST <= len(keys) <= CLASSES_AT_MOST:
            mistakes.add("policy_class_count", "best_first", found_count=len(keys))
        grid: dict[str, Rule] = {}
        if written.grid is not None:
            with mistakes.inside("grid"):
                grid = read_grid(written.grid, keys, mistakes)
        found = []
        levels = _levels(written.best_first)
        for key, item in written.best_first.items():
            with mistakes.inside("best_first", key):
                rule = _rule(grid.get(key), item.when, mistakes)
                found.append(_class(key, item, rule, levels[key], mistakes))
                if key == PROVISIONAL:
                    mistakes.add("policy_reserved_class", text=key)
        if written.grid is None or grid:
            _check_last(found, mistakes)
        if written.provisional is not None:
            with mistakes.inside(PROVISIONAL):
                if written.provisional.when is not None:
                    mistakes.add("policy_provisional_when", "when")
                level = levels.get(written.provisional.like or "", 1)
                if written.provisional.price is not None:
                    mistakes.add("policy_price_for_all", "price", text=PROVISIONAL)
                found.append(_class(PROVISIONAL, written.provisional, EVERYONE, level, mistakes, provisional=True))
        _check_likes(written, mistakes)
    return tuple(found)


def _levels(written: Mapping[str, w.ServiceClass]) -> dict[str, int]:
    """The level of each class: as written, else that of the class it is like, else by its place from the end."""
    own = {key: or_else(item.level, len(written) - place) for place, (key, item) in enumerate(written.items())}
    liked = {key: key if item.level is not None or item.like not in own else item.like for key, item in written.items()}
    return {key: own[like] for key, like in liked.items()}


def _rule(cells: Rule | None, when: Any, mistakes: Mistakes) -> Rule:
    """The rule of a class: its cells of the grid, its own criteria, or either where it has both."""
    with mistakes.inside("when"):
        if cells is None:
            return read_rule(when, mistakes)
        return cells if when is None else join(AnyOf, (cells, read_rule(when, mistakes)))


def _class(
    key: str, written: w.ServiceClass, rule: Rule, level: int, mistakes: Mistakes, *, provisional: bool = False
) -> ServiceClass:
    places = None
    if written.places is not None:
        with mistakes.inside("places"):
            order = [name for name in written.places.order if check_metric(name, mistakes)]
            count = need(written.places.count, 1, mistakes, "count")
            places = Places(within(count, 1, 1, PLACES_AT_MOST, mistakes, "count"), tuple(order))
            if not order:
                mistakes.add("policy_places_order", "order")
    return ServiceClass(
        key=key,
        name=written.name or Text(key, key),
        level=or_else(written.level, level),
        rule=rule,
        places=places,
        provisional=provisional,
        price=None if written.price is None else _price(written.price, mistakes),
    )


def _price(written: w.Price, mistakes: Mistakes) -> Price:
    with mistakes.inside("price"):
        net = need(written.net, 1, mistakes, "net")
        if net == 0:
            mistakes.add("policy_price_zero", "net")
        tax = or_else(written.tax, VAT.steps[0][1])
        return Price(
            net, tax, written.per, within(written.notice_days, 30, 0, NOTICE_DAYS_AT_MOST, mistakes, "notice_days")
        )


def _check_last(classes: list[ServiceClass], mistakes: Mistakes) -> None:
    if not classes:
        return
    if classes[-1].rule != EVERYONE or classes[-1].places is not None:
        mistakes.add("policy_nobody_left_out", "best_first", classes[-1].key, text=classes[-1].key)
    for item in classes[:-1]:
        unread = mistakes.below("best_first", item.key, "when")
        if item.rule == EVERYONE and item.places is None and not unread:
            mistakes.add("policy_takes_everyone", "best_first", item.key, text=item.key)
    if classes[-1].price is not None:
        mistakes.add("policy_price_for_all", "best_first", classes[-1].key, "price", text=classes[-1].name.de)


def _check_likes(written: w.Classes, mistakes: Mistakes) -> None:
    everything = dict(written.best_first)
    if written.provisional is not None:
        everything[PROVISIONAL] = written.provisional
    for key, item in everything.items():
        steps = (PROVISIONAL,) if key == PROVISIONAL else ("best_first", key)
        if item.like is None:
            continue
        if item.like not in written.best_first:
            mistakes.unknown("policy_unknown_class", item.like, written.best_first, *steps, "like")
        elif item.like == key or written.best_first[item.like].like is not None:
            mistakes.add("policy_like_chain", *steps, "like", text=item.like)

"""The criteria of a class come in, the ways to it in the words of a customer go out.

A way is one set of criteria that is enough. One that holds a metric the firm does not show is left out as a whole: half
of it would promise what is not so. What an easier way already says is left out too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import LANGUAGES, Language, say, word
from zusage.policy.checks import implies
from zusage.policy.document import EVERYONE, OWN, AllOf, AnyOf, Criterion, Policy, Rule, ServiceClass, Text, metric
from zusage.promises.counting import counted

MOST = 8
"""More ways than these are a table and no sentence: none is shown then."""


def ways_to(policy: Policy, item: ServiceClass, shown: AbstractSet[str], own: Mapping[str, Text]) -> tuple[Text, ...]:
    """How to get a class, each way a clause: `wer uns zwei neue Kunden empfohlen hat`, `those who …`.

    The firm's own words go before its criteria. A class for everyone says so; nothing shown gives no way.
    """
    if item.key in own:
        return (own[item.key],)
    if item.rule == EVERYONE:
        return (Text(word("packages_way_everyone", "de"), word("packages_way_everyone", "en")),)
    told = [way for way in _alternatives(item.rule) if all(leaf.metric in shown for leaf in way)]
    easiest = _easiest(told)
    if len(easiest) > MOST:
        return ()
    return tuple(Text(*(_clause(way, policy, language) for language in LANGUAGES)) for way in easiest)


def _alternatives(rule: Rule) -> Iterator[tuple[Criterion, ...]]:
    """Every set of criteria that meets the rule."""
    if isinstance(rule, Criterion):
        yield (rule,)
    elif isinstance(rule, AnyOf):
        for part in rule.rules:
            yield from _alternatives(part)
    else:
        for parts in itertools.product(*(list(_alternatives(part)) for part in rule.rules)):
            yield tuple(dict.fromkeys(leaf for part in parts for leaf in part))


def _easiest(ways: list[tuple[Criterion, ...]]) -> list[tuple[Criterion, ...]]:
    """Ways without those that ask for all another way asks for, and more."""
    kept: list[tuple[Criterion, ...]] = []
    for place, way in enumerate(ways):
        others = [*kept, *ways[place + 1 :]]
        if not any(implies(AllOf(way), AllOf(other)) for other in others):
            kept.append(way)
    return kept


def _clause(way: tuple[Criterion, ...], policy: Policy, language: Language) -> str:
    strongest = {leaf.metric: leaf for leaf in sorted(way, key=lambda leaf: leaf.cut)}
    joined = f" {word('packages_and', language)} ".join(
        _criterion(leaf, policy, language) for leaf in dict.fromkeys(strongest[leaf.metric] for leaf in way)
    )
    return say(Reason("packages_way_those", {"text": joined}), language)


def _criterion(leaf: Criterion, policy: Policy, language: Language) -> str:
    name, cut = leaf.metric, leaf.cut
    if name.startswith(OWN):
        values: dict[str, Value] = {"name": name.removeprefix(OWN).replace("_", " "), "count": _milli(cut, language)}
        return say(Reason("packages_way_own", values), language)
    if metric(name).unit == "count":
        return _counted(f"packages_way_{name}", cut, language)
    if name == "tenure":
        years, rest = divmod(cut, 12)
        return (
            _counted("packages_way_tenure", years, language, "_years")
            if not rest
            else say(Reason("packages_way_tenure_months", {"count": counted(cut, language)}), language)
        )
    trade = "_insurance" if name == "yield" and policy.firm.profile == "insurance" else ""
    return say(Reason(f"packages_way_{name}{trade}", {"cut_cents": cut, "cut_permille": cut}), language)


def _counted(code: str, count: int, language: Language, many: str = "") -> str:
    return say(Reason(code + ("_one" if count == 1 else many), {"count": counted(count, language)}), language)


def _milli(cut: int, language: Language) -> str:
    whole, rest = divmod(cut, 1000)
    digits = str(rest).rjust(3, "0").rstrip("0")
    return counted(whole, language) if not rest else f"{whole}{',' if language == 'de' else '.'}{digits}"

"""A policy comes in, what its customers are told goes out: what everyone gets, the packages, how to get more.

Nothing here names a class by its internal letter, and no customer is compared with another: a way to a package is an
absolute criterion in words, and only those that the firm wants to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from zusage.ground.reasons import Finding, Place, Reason, mistake, warning
from zusage.ground.words import LANGUAGES, Language, say, word
from zusage.policy.document import Policy, Price, Promise, Service, ServiceClass, ServiceKind, Text
from zusage.policy.mistakes import shown
from zusage.promises.contradict import way_contradiction, wording_findings
from zusage.promises.plain import degrading, internal_key
from zusage.promises.terms import customer_sentence, places_sentence, term
from zusage.promises.ways import ways_to
from zusage.promises.weaker import Hours, verdict


@dataclass(frozen=True)
class Line:
    """A promise as a line of the charter; `more` says that it is better than in the package below."""

    service: str
    name: Text
    sentence: Text
    kind: ServiceKind
    more: bool
    term: Text  # the same beside the service's name: `am selben Arbeitstag`, or the firm's own wording


@dataclass(frozen=True)
class Package:
    """What a class is promised beyond the floor, what it costs, how many places there are, and the ways to it."""

    class_key: str  # for those who work with it; never shown to a customer
    name: Text
    lines: tuple[Line, ...]
    price: Price | None
    places: Text | None
    ways: tuple[Text, ...]  # each completes "… erhält, " and "… is for "; none: not shown


@dataclass(frozen=True)
class Texts:
    """What the firm adds to the promises, and what it wants to show of its criteria."""

    intro: Text | None = None
    closing: Text | None = None
    shown: frozenset[str] = frozenset()  # metrics whose cuts customers may read
    refused: tuple[str, ...] = ()  # words the firm refuses besides the degrading ones
    contact: Text | None = None
    ways: tuple[tuple[str, Text], ...] = ()  # class key → how to get it in the firm's own words, instead of criteria


NO_TEXTS = Texts()


@dataclass(frozen=True)
class Charter:
    """The whole sheet in both languages; packages best first."""

    policy_hash: str
    firm: str
    valid_from: date | None
    floor: tuple[Line, ...]
    packages: tuple[Package, ...]
    texts: Texts


def charter_of(policy: Policy, texts: Texts = NO_TEXTS) -> Charter:
    """What customers are told of a policy: the floor once, then the packages without it, best first."""
    real = [item for item in policy.classes if not item.provisional]
    shared = _shared(policy)
    return Charter(
        policy_hash=policy.hash,
        firm=policy.firm.name,
        valid_from=policy.valid_from,
        floor=tuple(_line(policy, policy.service(item.service), item, more=False) for item in shared),
        packages=tuple(_package(policy, item, shared, texts) for item in real),
        texts=texts,
    )


def _shared(policy: Policy) -> list[Promise]:
    """Promises of the floor that are the same for every class."""
    others = [set(cells) for _, cells in policy.promises]
    return [
        item
        for item in policy.promises[0][1]
        if policy.service(item.service).kind == "floor" and all(item in cells for cells in others)
    ]


def _package(policy: Policy, item: ServiceClass, shared: list[Promise], texts: Texts) -> Package:
    below = _below(policy, item)
    hours = Hours.of(policy)
    lines = []
    for promise in policy.promises_of(item.key):
        if promise not in shared:
            service = policy.service(promise.service)
            more = below is not None and verdict(below.get(service.key), promise, service.measure, hours) == "stronger"
            lines.append(_line(policy, service, promise, more=more))
    return Package(
        item.key,
        item.name,
        tuple(lines),
        item.price,
        _places(item),
        ways_to(policy, item, texts.shown, dict(texts.ways)),
    )


def _below(policy: Policy, item: ServiceClass) -> dict[str, Promise] | None:
    """What the next class of a lower level is promised; None where there is none."""
    lower = [other for other in policy.classes if other.level < item.level and not other.provisional]
    if not lower:
        return None
    nearest = max(lower, key=lambda other: other.level)
    return {promise.service: promise for promise in policy.promises_of(nearest.key)}


def _line(policy: Policy, service: Service, promise: Promise, *, more: bool) -> Line:
    sentence = Text(*(customer_sentence(promise, policy, language) for language in LANGUAGES))
    short = promise.wording or Text(*(term(promise, policy, language) for language in LANGUAGES))
    return Line(service.key, service.name, sentence, service.kind, more, short)


def _places(item: ServiceClass) -> Text | None:
    de, en = (places_sentence(item, language) for language in LANGUAGES)
    return Text(de, en) if de and en else None


def ways_sentence(package: Package, language: Language) -> str:
    """How a package is reached, as a sentence: `Premium erhält, wer uns zwei neue Kunden empfohlen hat.`

    What the firm wrote as a sentence of its own stands as it is.
    """
    clauses = [way[language] for way in package.ways]
    if any(way[-1:] in ".!?" for way in clauses):
        return " ".join(clauses)
    text = word("packages_or", language).join(clauses)
    return say(Reason("packages_ways", {"name": package.name[language], "text": text}), language)


# --- what must not stand in it


def charter_findings(charter: Charter, policy: Policy) -> tuple[Finding, ...]:
    """What is wrong with the texts of a charter, each with the place it was written at (`matrix.call_back.A.wording`).

    Words that degrade and internal letters are errors; a sentence that contradicts its promise is a warning.
    """
    found = []
    for path, text in _written(charter, policy):
        for language in dict.fromkeys(LANGUAGES if text.de != text.en else LANGUAGES[:1]):
            if found_word := degrading(text[language], charter.texts.refused):
                values = {"text": shown(text[language]), "word": found_word}
                found.append(mistake("packages_degrading", Place(path=path), **values))
            if key := internal_key(text[language], policy, language):
                found.append(mistake("packages_internal", Place(path=path), text=shown(text[language]), word=key))
    return (*found, *_other_ways(charter, policy), *design_findings(policy))


def _other_ways(charter: Charter, policy: Policy) -> Iterator[Finding]:
    """A warning for each of the firm's own sentences on how to get a package that names another figure than it asks."""
    for key, text in charter.texts.ways:
        for told in dict.fromkeys((text.de, text.en)):
            if words := way_contradiction(told, policy.service_class(key)):
                values = {"text": shown(told), "word": words, "name": policy.service_class(key).name.de}
                yield warning("packages_other_way", Place(path=f"ways.{key}"), **values)


def _written(charter: Charter, policy: Policy) -> Iterator[tuple[str, Text]]:
    """Every text a customer reads that a person wrote, with its place, each once."""
    seen: set[Text] = set()
    for path, text in _places_of(charter, policy):
        if text not in seen:
            seen.add(text)
            yield path, text


def _places_of(charter: Charter, policy: Policy) -> Iterator[tuple[str, Text]]:
    texts = charter.texts
    for name in ("intro", "closing", "contact"):
        if (text := getattr(texts, name)) is not None:
            yield name, text
    yield from ((f"ways.{key}", text) for key, text in texts.ways)
    yield from ((f"classes.best_first.{item.class_key}.name", item.name) for item in charter.packages)
    for key, promises in policy.promises:
        for promise in promises:
            service = policy.service(promise.service)
            yield f"services.{service.key}.name", service.name
            if promise.wording is not None:
                yield wording_path(policy, promise, key), promise.wording


def wording_path(policy: Policy, promise: Promise, class_key: str) -> str:
    """Where the wording of a promise was written: with its service where several classes share it, else in its cell."""
    said = [item.wording for _, cells in policy.promises for item in cells if item.service == promise.service]
    shared = len(said) > 1 and len(set(said)) == 1
    return f"services.{promise.service}.wording" if shared else f"matrix.{promise.service}.{class_key}.wording"


def design_findings(policy: Policy) -> tuple[Finding, ...]:
    """What of a service model alone contradicts itself: each wording that says something else than its promise."""
    return tuple(wording_findings(policy, partial(wording_path, policy)))

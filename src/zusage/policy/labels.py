"""Names and sentences a customer may read come in; those that degrade people are noted as mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zusage.policy.document import Policy, Text
from zusage.policy.mistakes import Mistakes, Path, shown
from zusage.policy.written import WrittenPolicy

DEGRADING = re.compile(
    r"unerwünscht|unerwuenscht|unwichtig|minderwert|wertlos|nutzlos|lästig|laestig|störer|stoerer|nervens|\bnerv(t|ig)"
    r"|quälgeist|querulant|nörgler|zeitfresser|zeitdieb|schmarotzer|karteileiche|resterampe|problemkund"
    r"|problemfall|zweitklassig|zweite klasse|billigkund|ramsch|\bletzte wahl|schwierige[rn]? kund"
    r"|low[ -]?value|worthless|useless|unwanted|undesir|unimportant|second[ -]?class|trash|garbage|junk|nuisance"
    r"|trouble ?maker|time[ -]?wast|dead ?wood|freeloader|bottom[ -]?feeder|\bloser|difficult (customer|client)",
    re.IGNORECASE,
)
"""Customers can demand to see what is stored about them, and one word of this kind costs the firm their trust."""


def check_labels(written: WrittenPolicy, policy: Policy, mistakes: Mistakes) -> None:
    """Note every degrading word in names of classes and services, descriptions and sentences for customers."""
    for path, label in _labels(written, policy):
        for text in dict.fromkeys((label.de, label.en)):
            if found := DEGRADING.search(text):
                mistakes.add("policy_degrading", *path, text=shown(text), word=found[0])


def _labels(written: WrittenPolicy, policy: Policy) -> Iterator[tuple[Path, Text]]:
    for item in policy.classes:
        path = ("classes",) if item.provisional else ("classes", "best_first")
        yield (*path, item.key), Text(item.key, item.key)
        yield (*path, item.key, "name"), item.name
    for key, service in written.services.items():
        for field in ("name", "description", "wording"):
            if text := getattr(service, field):
                yield ("services", key, field), text
    for class_key, promises in policy.promises:
        for promise in promises:
            if promise.wording and promise.wording != written.services[promise.service].wording:
                yield ("matrix", promise.service, class_key, "wording"), promise.wording

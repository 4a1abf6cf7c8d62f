"""Ids and phone numbers as files write them come in, the customers they belong to come out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

AMBIGUOUS = ""
"""Stands for "belongs to several": no customer has the empty id."""


def loose_customer(text: str) -> str:
    """A customer number without what programs lose or add: leading zeros and blanks.

    >>> loose_customer("0042"), loose_customer("K 0042")
    ('42', 'K0042')
    """
    return re.sub(r"\s", "", text).lstrip("0")


def loose_contract(text: str) -> str:
    """A contract number without blanks, dots, dashes, strokes, case and leading zeros.

    >>> loose_contract("LV 12.345-6"), loose_contract("0012/345")
    ('LV123456', '12345')
    """
    return re.sub(r"[\W_]", "", text).upper().lstrip("0")


@dataclass
class Join:
    """How the ids of one column were found: text → customer, and the pairs that were found only by the loose form."""

    found: dict[str, str | None]
    loosened: dict[str, str] = field(default_factory=dict)  # id as written → id it was taken for


class Ids:
    """Ids that are known and what each stands for; found exactly, or by a loose form where that is unambiguous."""

    def __init__(self, known: Mapping[str, str], loose: Callable[[str], str]) -> None:
        self.known = known
        self._loose = loose
        self._by_loose: dict[str, str] | None = None

    def join(self, written: Iterable[str | None]) -> Join:
        """Look up a column. None: not known; AMBIGUOUS: known of several customers."""
        join = Join({})
        for text in dict.fromkeys(written):
            if not text:
                continue
            exact = text if text in self.known else self._unambiguous().get(self._loose(text))
            join.found[text] = self.known[exact] if exact else None
            if exact and exact != text:
                join.loosened[text] = exact
        return join

    def _unambiguous(self) -> dict[str, str]:
        if self._by_loose is None:
            found: dict[str, str] = {}
            for known in self.known:
                key = self._loose(known)
                found[key] = AMBIGUOUS if key in found else known
            found.pop("", None)
            self._by_loose = found
        return self._by_loose


def owners(numbers: Iterable[tuple[str, str]], household: Mapping[str, str]) -> dict[str, str]:
    """The customer of each phone number, from pairs of customer and number.

    A number of several members of one household belongs to the member with the smallest id (the household counts as
    one wherever that matters); a number of different households is AMBIGUOUS.
    """
    of_number: dict[str, set[str]] = {}
    for customer, number in numbers:
        of_number.setdefault(number, set()).add(customer)
    return {number: _owner(customers, household) for number, customers in of_number.items()}


def _owner(customers: set[str], household: Mapping[str, str]) -> str:
    if len({household[customer] for customer in customers}) > 1:
        return AMBIGUOUS
    return min(customers, key=_by_size)


def _by_size(customer: str) -> tuple[int, str]:
    """Order of ids in which 9 comes before 10."""
    return len(customer), customer


def households(
    customers: list[str], declared: list[str | None], heads: list[str | None]
) -> tuple[list[str], list[str]]:
    """The household of each customer, and the heads that are no customers.

    `declared` are numbers of the households' own; `heads` are customer numbers of a main customer. A customer without
    either is a household of its own, named by its customer id. Households with numbers of their own get the mark `H-`
    where a number is also a customer's, or that customer would be drawn into a household it is not in.
    """
    ids = Ids({customer: customer for customer in customers}, loose_customer)
    joined = ids.join(heads)
    strangers = [head for head, found in joined.found.items() if found is None]
    own = dict(zip(customers, declared, strict=True))
    clash = any(number in own and own[number] != number for number in own.values() if number)
    mark = "H-" if clash and not set(filter(None, declared)) <= set(customers) else ""

    def of(customer: str, number: str | None, head: str | None) -> str:
        if number:
            return mark + number
        return (joined.found.get(head) if head else None) or customer

    return [of(*entry) for entry in zip(customers, declared, heads, strict=True)], strangers

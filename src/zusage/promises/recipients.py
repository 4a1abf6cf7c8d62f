"""What is known of customers comes in; which households get a letter and which get none, with the reason, go out.

One letter goes to a household: to the customer it is named after, with the others mentioned. Members who live
elsewhere, or whose class is another one, get a letter of their own. Who is left out is named with the reason: nobody
is forgotten silently. Whoever may not be written to is in no letter of others: those who may get theirs, and it does
not name the dead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, islice
from typing import Literal

from zusage.ground.reasons import Reason, Refused, mistake

Kind = Literal["welcome", "up", "down", "statement"]
KINDS: tuple[Kind, ...] = ("welcome", "up", "down", "statement")
Way = Literal["post", "email"]
Order = Literal["postal", "advisers"]
ORDERS: tuple[Order, ...] = ("postal", "advisers")
News = Literal["", "first", "up", "down"]
"""What a customer does not know yet: nothing is missing, all of it, or a change since they were told."""


@dataclass(frozen=True)
class Person:
    """What the rules know of a customer. An empty `address` or `email`: none is known."""

    number: str
    unit_id: str
    name: str
    class_key: str = ""  # what a person confirmed; empty: nobody has yet
    news: News = ""
    holds_from: date | None = None  # of a change: the day that was decided
    unconfirmed: bool = False  # a reduction is proposed that nobody has decided
    unsigned: bool = False  # a reduction that the service model brings and nobody has signed
    former: bool = False
    adviser: str = ""
    address: tuple[str, ...] = ()
    place: tuple[str, str, str] = ("", "", "")  # country, postcode, street with number
    email: str = ""
    post_refused: Reason | None = None  # why they may not be written to
    email_refused: Reason | None = None
    locked: Reason | None = None  # why nothing at all may be sent to them
    busy: int | None = None  # the wave in which a letter is on its way to them


@dataclass(frozen=True)
class Recipient:
    """A letter: to whom, on which way, and for whom of the household."""

    to: Person
    way: Way
    numbers: tuple[str, ...]  # of all it is for, whom it goes to first
    others: tuple[str, ...]  # names of those it mentions besides


@dataclass(frozen=True)
class LeftOut:
    """A household, or some of it, that gets no letter."""

    to: Person
    numbers: tuple[str, ...]
    why: Reason


@dataclass(frozen=True)
class Chosen:
    """Who gets a letter and who gets none."""

    letters: tuple[Recipient, ...]
    left_out: tuple[LeftOut, ...]


def choose(kind: Kind, people: Iterable[Person], way: Way, *, shared: Way | None = None) -> Chosen:
    """Who of all customers gets a letter of a kind.

    A welcome and a statement concern everybody; a change only those whose promises change or are to change. With
    `email` whoever may not be mailed, or has no address, is written to by post. `shared`: the way by which members
    share a letter, where one of a wave of mails went by post.
    """
    letters: list[Recipient] = []
    left_out: list[LeftOut] = []
    for together in _letters(people, shared or way):
        if not _concerned(kind, together):
            continue
        why = _against(kind, together)
        found = why or _way(together[0], way)
        if isinstance(found, Reason):
            left_out.append(LeftOut(together[0], tuple(item.number for item in together), found))
        else:
            letters.append(_letter(together, found))
    return Chosen(tuple(letters), tuple(left_out))


def _letter(together: Sequence[Person], way: Way) -> Recipient:
    names = tuple(item.name for item in together[1:])
    return Recipient(together[0], way, tuple(item.number for item in together), names)


def _letters(people: Iterable[Person], way: Way) -> Iterator[tuple[Person, ...]]:
    """The customers of each household who would share a letter, whom it goes to first."""
    ordered = sorted(people, key=lambda item: (item.unit_id, item.number != item.unit_id, item.number))
    for _, found in groupby(ordered, key=lambda item: item.unit_id):
        members = list(found)
        present = [item for item in members if not item.former] or members
        yield from _shared(present, way)


def _shared(members: Sequence[Person], way: Way) -> Iterator[tuple[Person, ...]]:
    """Members by class and place, and whether they may be written to on this way: what one of them reads there is said
    to all it names. Whoever has no place of their own is counted where the first known one is."""
    home = next((item.place for item in members if any(item.place)), members[0].place)
    groups: dict[tuple[object, ...], list[Person]] = {}
    for item in members:
        place = item.place if any(item.place) else home
        no_mail = way == "email" and item.email_refused is not None
        barred = (item.locked is not None, item.post_refused is not None, no_mail)
        groups.setdefault((place, item.class_key, item.news, *barred), []).append(item)
    # who has an address comes first, else the one the household is named after
    return (tuple(sorted(group, key=lambda item: not item.address)) for group in groups.values())


def _concerned(kind: Kind, together: Collection[Person]) -> bool:
    if kind == "down":
        return any(item.news == "down" or item.unconfirmed or item.unsigned for item in together)
    return kind != "up" or any(item.news == "up" for item in together)


def _against(kind: Kind, together: Sequence[Person]) -> Reason | None:
    """Why these get no letter of a kind, whatever way it would take."""
    head = together[0]
    if head.locked is not None:
        return head.locked
    if head.former:
        return Reason("mailing_out_former")
    if not head.class_key:
        return Reason("mailing_out_no_class")
    busy = next((item.busy for item in together if item.busy is not None), None)
    if busy is not None:
        return Reason("mailing_out_busy", {"text": str(busy)})
    return _unfit(kind, together)


def _unfit(kind: Kind, together: Sequence[Person]) -> Reason | None:
    head = together[0]
    if kind == "down" and head.news != "down":
        return Reason("mailing_out_unsigned" if any(item.unsigned for item in together) else "mailing_out_unconfirmed")
    if kind == "welcome" and head.news in ("up", "down"):
        return Reason(f"mailing_out_change_{head.news}")
    if kind == "welcome" and head.news != "first":
        return Reason("mailing_out_told")
    if kind == "statement" and head.news == "first":
        return Reason("mailing_out_not_told")
    return None


def _way(head: Person, wished: Way) -> Way | Reason:
    if wished == "email" and head.email and head.email_refused is None:
        return "email"
    if not head.address:
        return Reason("mailing_out_no_address")
    return head.post_refused or "post"


# --- weeks


def ordered(letters: Iterable[Recipient], order: Order) -> list[Recipient]:
    """Letters in their order, whatever takes effect first before all: by country, postcode and street as the post
    wants them, or advisers in turn, so that each has about as many talks a week."""
    if order == "postal":
        return sorted(letters, key=lambda item: (_first_day(item), *_postal(item)))
    turns: dict[str, int] = {}
    placed = []
    for item in sorted(letters, key=_postal):
        turn = turns[item.to.adviser] = turns.get(item.to.adviser, -1) + 1
        placed.append((_first_day(item), turn, item.to.adviser, _postal(item), item))
    return [item for *_, item in sorted(placed, key=lambda found: found[:-1])]


def postal(letters: Iterable[Recipient]) -> list[Recipient]:
    """Letters as the post wants them: by country, postcode and street."""
    return sorted(letters, key=_postal)


def _first_day(item: Recipient) -> date:
    return (item.to.news == "down" and item.to.holds_from) or date.max


def _postal(item: Recipient) -> tuple[str, ...]:
    return (*item.to.place, item.to.name, item.to.number)


def spread(
    letters: Sequence[Recipient], per_week: int, mondays: Iterable[date]
) -> list[tuple[date, tuple[Recipient, ...]]]:
    """The letters of each week, so many at most. Raises Refused where the weeks do not suffice for all of them."""
    parts = [tuple(letters[start : start + per_week]) for start in range(0, len(letters), per_week)]
    weeks = list(islice(mondays, len(parts)))
    if len(weeks) < len(parts):
        values = {"letters_count": len(letters), "weeks_count": len(weeks), "each_count": per_week}
        raise Refused([mistake("mailing_weeks_too_few", **values)])
    return list(zip(weeks, parts, strict=True))


def holds_from(news: News, decided: date | None, said_on: date, notice_days: int) -> date:
    """From when on holds what a customer is told on a day: what is less only after the notice."""
    begins = max(said_on, decided or said_on)
    return max(begins, said_on + timedelta(days=notice_days)) if news == "down" else begins

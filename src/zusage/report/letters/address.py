"""Where and how a customer is written to comes in, the lines of the address window and the salutation go out."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from zusage.book.addresses import GERMANY
from zusage.ground.words import Language
from zusage.report.letters.letter import plain
from zusage.report.writing import said

_FORMS = {
    **dict.fromkeys(("frau", "fr", "mrs", "ms", "miss", "madam"), "woman"),
    **dict.fromkeys(("herr", "herrn", "hr", "mr", "sir"), "man"),
    **dict.fromkeys(("familie", "fam", "family"), "family"),
}
_READY = re.compile(r"(sehr geehrte|liebe|guten tag|hallo)\b", re.IGNORECASE), re.compile(r"dear\b", re.IGNORECASE)
_SPOKEN = re.compile(r"(?:prof|dr|professor|doktor)\b\.?", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """The row of a customer in the tidy table `addresses`, with the whole name for lists that hold no parts of it.

    `several`: the name is that of all members of a household.
    """

    name: str = ""
    salutation: str = ""
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street: str = ""
    addition: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    email: str = ""
    several: bool = False

    @classmethod
    def of(cls, row: Any, name: str = "", *, several: bool = False) -> Address:
        """From a row with the columns of the table as attributes or keys; None: nothing but the name is known."""
        names = [item.name for item in fields(cls) if item.name not in ("name", "several")]
        found = {key: row.get(key) if isinstance(row, dict) else getattr(row, key, None) for key in names}
        return cls(plain(name), **{key: plain(value) for key, value in found.items()}, several=several)

    @property
    def complete(self) -> bool:
        """Whether a letter would arrive."""
        return bool(self.street and self.city and (self.person or self.company))

    @property
    def person(self) -> str:
        """The person's name in the order it is spoken, without title; the customer's name where there are no parts."""
        if self.several:
            return plain(self.name)
        if self.first_name or self.last_name:
            return f"{self.first_name} {self.last_name}".strip()
        return "" if self.company else _spoken_order(plain(self.name))


def _spoken_order(name: str) -> str:
    """`Muster, Petra` is called Petra Muster."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first else name


def postal_lines(address: Address, language: Language = "de") -> tuple[str, ...]:
    """The lines of the window: whom, where; the country in capitals where it is another one."""
    lines = [address.company, _addressed(address, language), address.addition, address.street]
    lines.append(f"{address.postcode} {address.city}".strip())
    if address.country.casefold() not in GERMANY:
        lines.append(address.country.upper())
    return tuple(filter(None, map(plain, lines)))


def _addressed(address: Address, language: Language) -> str:
    """`Frau Dr. Petra Probe`, `Herrn Max Muster`: a man is addressed in the accusative."""
    title = "" if _word(address.title) in _FORMS or address.several else address.title
    form = _SPOKEN_FORMS[language].get(_form(address))
    if title and language == "en":
        form = None  # Dr Probe is not Ms Dr Probe
    return " ".join(filter(None, (form, title, address.person)))


_SPOKEN_FORMS: dict[Language, dict[str, str]] = {
    "de": {"woman": "Frau", "man": "Herrn", "family": "Familie"},
    "en": {"woman": "Ms", "man": "Mr", "family": "Family"},
}


def _word(text: str) -> str:
    return text.split(" ", maxsplit=1)[0].rstrip(".,").casefold() if text else ""


def _form(address: Address) -> str:
    """woman, man or family, as the list says; empty where it says nothing, or names two (`Herr und Frau`).

    English lists call it a title.
    """
    if address.several:
        return ""
    for written in (address.salutation, address.title):
        words = [_FORMS[word] for word in map(_word, written.split()) if word in _FORMS]
        if len(words) == 1 and _word(written) in _FORMS:
            return words[0]
    return ""


def salutation_line(address: Address, language: Language) -> str:
    """How a letter begins. Only what is known is said: nobody's sex is guessed from a first name.

    >>> salutation_line(Address(salutation="Frau", title="Dr.", first_name="Petra", last_name="Probe"), "de")
    'Sehr geehrte Frau Dr. Probe,'
    >>> salutation_line(Address(first_name="Petra", last_name="Probe"), "de")
    'Guten Tag Petra Probe,'
    """
    ready = _READY[0 if language == "de" else 1]
    if ready.match(address.salutation) and not address.several:
        return f"{address.salutation.rstrip(' ,!.')},"
    form, person = _form(address), address.person
    if language == "en" and not address.several and address.last_name and (title := _spoken_titles(address.title)):
        rank = "professor" if title.casefold().startswith("prof") else "doctor"
        return said(f"letters_dear_{rank}", language, name=address.last_name)
    if form and (name := plain(address.last_name) or (person if form == "family" else "")):
        spoken = "" if form == "family" else _spoken_titles(address.title)
        return said(f"letters_dear_{form}", language, name=f"{spoken} {name}".strip())
    if person:
        return said("letters_dear_person", language, name=person)
    return said("letters_dear_firm", language)


def _spoken_titles(title: str) -> str:
    """Of `Prof. Dr. med. Dipl.-Ing.` a letter speaks `Prof. Dr.`."""
    return " ".join(part for part in title.split() if _SPOKEN.fullmatch(part))

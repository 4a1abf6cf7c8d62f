"""A size and a seed come in, the files of an invented broker go out: customer list, contracts, commissions, meetings.

A few customers bring most of the yield; names are invented and repeat, numbers do not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)
DAYS = (LAST - FIRST).days
NAMES = ("Muster", "Beispiel", "Probe", "Größe", "Exempel", "Platzhalter", "Vorlage", "Entwurf", "Modell", "Skizze")
ENDS = ("", "mann", "bach", "feld", "berg", "stein", "winkler", "lühr", "ßler", "önig")
FIRST_NAMES = ("Alma", "Béla", "Caro", "Doro", "Emil", "Frieda", "Günter", "Hanne", "Ingo", "Jördis", "Karl", "Zoë")
LINES = ("Privathaftpflicht", "Hausrat", "Kfz", "Wohngebäude", "Altersvorsorge", "Rechtsschutz", "Unfall")


def write_firm(folder: Path, customers: int, commissions: int, seed: int = 1) -> Path:
    """Write the files of a firm; the same size and seed give the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    contracts = [f"V{number:08}" for number in range(customers * 2)]
    _write(folder / "Kundenliste.csv", _customers(customers, random))
    _write(folder / "Vertragsliste.csv", _contracts(contracts, customers, random))
    write_commissions(folder / "Provision.csv", contracts, commissions, seed)
    _write(folder / "Termine.csv", _meetings(customers, random))
    return folder


def write_commissions(path: Path, contracts: Sequence[str], count: int, seed: int) -> None:
    """So many commission lines; a tenth of the contracts brings most of them."""
    random = Random(seed)
    worth = [random.lognormvariate(1.2, 1.3) for _ in contracts]
    lines: Iterator[Sequence[str]] = (
        (_day(FIRST + timedelta(random.randrange(DAYS))), contracts[at], f"{worth[at]:.2f}".replace(".", ","))
        for at in (random.randrange(len(contracts)) for _ in range(count))
    )
    _write(path, [("Abrechnungsdatum", "Vertragsnummer", "Betrag"), *lines])


def _customers(count: int, random: Random) -> Iterator[Sequence[str]]:
    yield ("Kundennummer", "Vorname", "Nachname", "Telefon", "Kunde seit", "Haushalt", "Betreuer")
    for number in range(count):
        household = number - 1 if number % 5 == 4 else number  # every fifth lives with the one before
        yield (
            f"{number:05}",
            random.choice(FIRST_NAMES),
            random.choice(NAMES) + random.choice(ENDS),
            f"069 9000{number:05}",  # a block kept free for invented people
            _day(date(2000, 1, 1) + timedelta(random.randrange(9_000))),
            f"{household:05}" if household != number else "",
            random.choice(("Bernd Beispiel", "Petra Probe")),
        )


def _contracts(contracts: Sequence[str], customers: int, random: Random) -> Iterator[Sequence[str]]:
    yield ("Vertragsnummer", "Kundennummer", "Sparte", "Beginn")
    for contract in contracts:
        since = _day(date(2005, 1, 1) + timedelta(random.randrange(7_000)))
        yield contract, f"{random.randrange(customers):05}", random.choice(LINES), since


def _meetings(customers: int, random: Random) -> Iterator[Sequence[str]]:
    yield ("Datum", "Kundennummer", "Betreff", "Ort", "Dauer Minuten")
    for _ in range(customers):
        day = FIRST + timedelta(random.randrange(DAYS))
        topic, place = random.choice((("Jahresgespräch", "vor Ort"), ("Schaden", "Büro"), ("Beratung", "Büro")))
        yield _day(day), f"{random.randrange(customers):05}", topic, place, str(random.randrange(15, 120, 15))


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"

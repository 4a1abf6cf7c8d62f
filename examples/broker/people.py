"""A seed comes in; the invented customers of the firm, and whom its story tells about, go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

FIRST_DAY, LAST_DAY = date(2024, 11, 1), date(2026, 10, 31)
OWNER, ADVISER, INSIDE = "Martina Muster", "Bernd Beispiel", "Petra Probe"

# rank, kind of unit, how many; small private customers fill the book up to 1,000
UNITS = (
    ("top", "household", 53),
    ("top", "single", 18),
    ("top", "business", 20),
    ("middle", "household", 67),
    ("middle", "single", 165),
    ("middle", "business", 30),
    ("small", "business", 10),
)
BOOK_SIZE = 1000
CARE = {"top": (7, 3, 0), "middle": (5, 4, 1), "small": (4, 4, 2)}  # who looks after them: owner, adviser, inside

# Blocks the Bundesnetzagentur keeps free for film and print: nobody can ever have these numbers.
BLOCKS = (
    ("030", "23125", "Berlin"),
    ("069", "90009", "Frankfurt am Main"),
    ("040", "66969", "Hamburg"),
    ("089", "99998", "München"),
    ("0221", "4710", "Köln"),  # strangers call from here
)
MOBILES = [*(f"01713920{end:03d}" for end in range(100)), "015228817386", "015254599371", "01729925904", "01729968532"]
OWN_NUMBER = "23125001"

PLACES = (
    *(("04103", "Leipzig", "2"), ("04109", "Leipzig", "1"), ("04155", "Leipzig", "3,5"), ("04229", "Leipzig", "5")),
    *(
        ("04277", "Leipzig", "4,5"),
        ("04347", "Leipzig", "6"),
        ("04416", "Markkleeberg", "9"),
        ("04425", "Taucha", "11"),
    ),
    *(
        ("04552", "Borna", "29"),
        ("04668", "Grimma", "31"),
        ("06108", "Halle (Saale)", "42"),
        ("01067", "Dresden", "116"),
    ),
)
STREETS = (
    "Musterstraße",
    "Beispielweg",
    "Probegasse",
    "Exempelallee",
    "Am Musterplatz",
    "Zum Beispiel",
    "Probierstraße",
)
SURNAME_HEADS = ("Muster", "Beispiel", "Probe", "Exempel")
SURNAME_TAILS = (
    *("mann", "huber", "löhr", "groß", "müller", "weiß", "bäcker", "schütz", "kühn", "feld", "bach", "brück", "hauß"),
    *("stein", "wald", "jäger", "töpfer", "winkler", "rath", "lehn", "dörfer", "söhn", "ließ", "berg", "thal", "ähr"),
)
WOMEN = ("Änne", "Käthe", "Birgit", "Sabine", "Grit", "Heike", "Jördis", "Ulrike", "Anja", "Zoë", "Marlies", "Doreen")
MEN = ("Jörg", "Götz", "Uwe", "Steffen", "Jürgen", "Bjørn", "Günter", "Heiko", "Tobias", "René", "Klaus", "Sören")
TRADES = ("bau", "dach", "metall", "pflege", "logistik", "gärtnerei", "bäckerei", "elektro", "praxis", "möbel")
# Public holidays of Saxony between November 2024 and October 2026 that fall on weekdays, as month and day
HOLIDAYS = {
    date(year, int(day[:2]), int(day[2:]))
    for year, days in (
        (2024, "1120 1225 1226"),
        (2025, "0101 0418 0421 0501 0529 0609 1003 1031 1119 1225 1226"),
        (2026, "0101 0403 0406 0501 0514 0525"),
    )
    for day in days.split()
}


@dataclass
class Customer:
    number: int
    salutation: str
    title: str
    first: str
    last: str
    firm: str
    street: str
    postcode: str
    place: str
    kilometres: str
    since: date
    household: str
    business: bool
    cannot_come: bool
    adviser: str
    rank: str
    target: int  # cents of recurring commission a year
    phone: str = ""  # as the telephone system shows it
    mobile: str = ""
    mail: str = ""

    @property
    def id(self) -> str:
        return f"{self.number:05d}"

    @property
    def unit(self) -> str:
        return self.household or self.id

    @property
    def name(self) -> str:
        return self.firm or f"{self.last}, {self.first}"


def skewed(rng: Random, low: int, high: int) -> int:
    """Mostly near low, seldom near high."""
    u = rng.random()
    return low + int((high - low) * u * u)


def some_day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(rng.randrange((last - first).days + 1))


def working_day(rng: Random, first: date, last: date) -> date:
    while True:
        day = some_day(rng, first, last)
        if day.weekday() < 5 and day not in HOLIDAYS:
            return day


def month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def area_of(number: str) -> str:
    return next((place for prefix, block, place in BLOCKS if number.startswith(prefix + block)), "")


# --- the people -------------------------------------------------------------------------------------------------


def person(rng: Random, last: str) -> dict[str, Any]:
    woman = rng.random() < 0.5
    return {
        "salutation": "Frau" if woman else "Herr",
        "title": "Dr." if rng.random() < 0.03 else "",
        "first": rng.choice(WOMEN if woman else MEN),
        "last": last,
    }


def surname(rng: Random) -> str:
    name = rng.choice(SURNAME_HEADS) + rng.choice(SURNAME_TAILS)
    return "O'" + name if rng.random() < 0.015 else name


def firm_name(rng: Random, last: str) -> str:
    name = f"{rng.choice(SURNAME_HEADS)}{rng.choice(TRADES)}"
    return rng.choice((f"{name} GmbH", f"{name} {last} e.K.", f"{name}; Inh. {last}", f"{name} & Söhne „{last}“ KG"))


def unit_target(rng: Random, rank: str, kind: str) -> int:
    """Cents of recurring commission a unit brings a year."""
    if rank == "small":
        return rng.randrange(1000, 6000)
    if rank == "middle":
        return skewed(rng, 10500, 54000)
    return skewed(rng, 64000, 400000 if kind == "business" else 215000)


def member_shares(rng: Random, size: int) -> list[int]:
    """Percent of a household's commission per member; the first carries most of it."""
    head = rng.randrange(62, 76)
    return [head] + [(100 - head) // (size - 1)] * (size - 1)


def make_unit(rng: Random, rank: str, kind: str, household: str) -> list[Customer]:
    last = surname(rng)
    postcode, place, kilometres = rng.choice(PLACES[:-2] if rng.random() < 0.95 else PLACES)
    size = rng.choices((2, 3, 4), (60, 25, 15))[0] if kind == "household" else 1
    target = unit_target(rng, rank, kind)
    shares = member_shares(rng, size) if size > 1 else [100]
    shared: dict[str, Any] = {
        "street": f"{rng.choice(STREETS)} {rng.randrange(1, 140)}",
        "postcode": postcode,
        "place": place,
        "kilometres": "" if rng.random() < 0.02 else kilometres,
        "since": some_day(rng, date(2001, 3, 1), date(2026, 9, 30)),
        "household": household,
        "business": kind == "business",
        "adviser": rng.choices((OWNER, ADVISER, INSIDE), CARE[rank])[0],
        "rank": rank,
    }
    members = []
    for share in shares:
        someone = person(rng, last)
        firm = firm_name(rng, last) if kind == "business" else ""
        cannot = kind != "business" and rng.random() < 0.022
        members.append(
            Customer(number=0, firm=firm, cannot_come=cannot, target=target * share // 100, **shared, **someone)
        )
    return members


def give_numbers(rng: Random, customers: list[Customer]) -> None:
    """Customer numbers rise with the years; telephone numbers come from the reserved blocks, one per unit."""
    for customer, number in zip(customers, sorted(rng.sample(range(1, 1900), len(customers))), strict=True):
        customer.number = number
    free = [(area, block, end) for area, block, _ in BLOCKS[:4] for end in range(10, 1000)]
    rng.shuffle(free)
    mobiles = [*MOBILES]
    rng.shuffle(mobiles)
    landlines: dict[str, str] = {}
    for customer in customers:
        if customer.unit not in landlines:
            area, block, end = free.pop()
            landlines[customer.unit] = f"{area}{block}{end:03d}" if rng.random() < 0.93 else ""
        customer.phone = landlines[customer.unit]
        customer.mobile = mobiles.pop() if mobiles and rng.random() < 0.11 else ""
        if rng.random() < 0.7:
            customer.mail = f"kunde{customer.number}@example.{rng.choice(('org', 'com', 'net'))}"


def make_customers(seed: int) -> list[Customer]:
    rng = Random(f"{seed} customers")
    units = [(rank, kind) for rank, kind, count in UNITS for _ in range(count)]
    rng.shuffle(units)
    customers: list[Customer] = []
    households = 0
    for rank, kind in units:
        households += kind == "household"
        customers += make_unit(rng, rank, kind, f"H{households:03d}" if kind == "household" else "")
    while len(customers) < BOOK_SIZE:
        customers += make_unit(rng, "small", "single", "")
    customers.sort(key=lambda customer: customer.since)  # stable: members of a household stay together
    give_numbers(rng, customers)
    return customers


def make_story(customers: list[Customer]) -> dict[str, list[str]]:
    """Whom the example tells about: loyal small customers who call late, and the best ones, hardly ever visited."""
    old = [c for c in customers if c.since < date(2018, 1, 1) and c.phone and not c.business]
    best = sorted((c for c in old if c.rank == "top"), key=lambda c: -c.target)
    return {
        "late_callers": [c.id for c in old if c.rank == "small"][:6],
        "underserved": [c.id for c in best[:14:2]],
    }

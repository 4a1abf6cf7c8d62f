"""Customers come in; their contracts, commission, fees, calls, meetings and referrals go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from people import FIRST_DAY, LAST_DAY, Customer, area_of, month_end, skewed, some_day, surname, working_day

MONTHS = [date(y, m, 1) for y in (2024, 2025, 2026) for m in range(1, 13) if FIRST_DAY <= date(y, m, 1) <= LAST_DAY]

# line: share of the commission in a customer's mix, commission in permille of the net premium, company
PRIVATE_LINES = {
    "Privathaftpflicht": (2, 250, "Muster Versicherung AG"),
    "Hausrat": (3, 250, "Muster Versicherung AG"),
    "Tierhalterhaftpflicht": (1, 250, "Beispiel Assekuranz"),
    "Rechtsschutz": (4, 200, "Beispiel Assekuranz"),
    "Kfz": (3, 90, "Probe Direkt VVaG"),
    "Wohngebäude": (6, 200, "Muster Versicherung AG"),
    "Unfall": (3, 250, "Beispiel Assekuranz"),
    "Zahnzusatz": (1, 150, "Exempel Krankenversicherung"),
    "Krankenversicherung": (3, 40, "Exempel Krankenversicherung"),
    "Altersvorsorge": (1, 30, "Exempel Leben AG"),
    "Berufsunfähigkeit": (1, 40, "Exempel Leben AG"),
}
BUSINESS_LINES = {
    "Betriebshaftpflicht": (6, 220, "Muster Versicherung AG"),
    "Inhaltsversicherung": (5, 220, "Muster Versicherung AG"),
    "Firmengebäude": (8, 200, "Beispiel Assekuranz"),
    "Kfz-Flotte": (7, 80, "Probe Direkt VVaG"),
    "Cyber": (4, 200, "Beispiel Assekuranz"),
    "Firmenrechtsschutz": (4, 200, "Beispiel Assekuranz"),
    "Elektronik": (2, 220, "Muster Versicherung AG"),
    "Betriebliche Altersvorsorge": (2, 40, "Exempel Leben AG"),
}
LINES = PRIVATE_LINES | BUSINESS_LINES
SMALL_LINES = list(PRIVATE_LINES)[:5]
ONE_OFF_LINES = ("Krankenversicherung", "Altersvorsorge", "Berufsunfähigkeit", "Betriebliche Altersvorsorge")
PREFIX = {
    "Muster Versicherung AG": "MV-",
    "Beispiel Assekuranz": "BA/",
    "Probe Direkt VVaG": "PD",
    "Exempel Leben AG": "",
}
PAYMENTS = {
    "jährlich": 1,
    "halbjährlich": 2,
    "vierteljährlich": 4,
    "monatlich": 4,
}  # monthly ones are settled quarterly


@dataclass
class Contract:
    number: str
    customer: Customer
    line: str
    company: str
    begin: date
    end: date | None
    payment: str
    yearly: int  # cents of commission
    premium: int  # cents a year, insurance tax included


@dataclass(frozen=True)
class Booking:
    day: date
    contract: str
    name: str
    line: str
    company: str
    kind: str
    cents: int
    customer: str  # empty: the contract is in no list of ours


@dataclass(frozen=True)
class Call:
    start: datetime
    kind: int  # 1 answered, 2 missed, 3 rejected, 4 outgoing
    number: str
    area: str
    name: str
    minutes: int
    unit: str  # empty: a stranger or a hidden number


@dataclass(frozen=True)
class Meeting:
    day: date
    begin: time
    minutes: int
    customer: str
    subject: str
    place: str


# --- what they bring --------------------------------------------------------------------------------------------


def contract_numbers(rng: Random) -> Iterator[str]:
    return iter(f"{serial:08d}" for serial in rng.sample(range(1_000_000, 99_999_999), 4000))


def contracts_of(rng: Random, customer: Customer, numbers: Iterator[str]) -> list[Contract]:
    available = BUSINESS_LINES if customer.business else PRIVATE_LINES
    head = customer.target > 60000
    count = {"small": 1, "middle": rng.randrange(2, 5), "top": rng.randrange(6, 10) if head else rng.randrange(3, 6)}
    most = 1 + customer.target // 1200  # no policy is cheaper than its postage
    lines = rng.sample(list(available), min(count[customer.rank], most, len(available)))
    if customer.rank == "small" and not customer.business:
        lines = [rng.choice(SMALL_LINES)]
    if head:
        lines += rng.sample(lines, rng.randrange(0, 3))  # the second car, the rented flat
    whole = sum(available[line][0] for line in lines)
    return [
        make_contract(rng, customer, line, customer.target * available[line][0] // whole, next(numbers))
        for line in lines
    ]


def make_contract(rng: Random, customer: Customer, line: str, yearly: int, serial: str) -> Contract:
    _, permille, company = LINES[line]
    latest = min(LAST_DAY, customer.since + timedelta(365 * (1 if customer.rank == "small" else 12)))
    begin = some_day(rng, customer.since, latest).replace(day=1)
    payment = rng.choices(list(PAYMENTS), (74, 10, 9, 7))[0]
    taxed = 100 if line in ONE_OFF_LINES else 119  # life and health carry no insurance tax
    premium = yearly * 1000 // permille * taxed // 100
    number = PREFIX.get(company, "K ") + serial
    end = begin.replace(year=begin.year + 30) if line in ONE_OFF_LINES else None
    return Contract(number, customer, line, company, begin, end, payment, yearly, premium)


def make_contracts(seed: int, customers: list[Customer]) -> list[Contract]:
    rng = Random(f"{seed} contracts")
    numbers = contract_numbers(rng)
    contracts = [contract for customer in customers for contract in contracts_of(rng, customer, numbers)]
    multiple = [c.customer for c in contracts if c.customer.rank != "small" and c.customer.since < date(2020, 1, 1)]
    for customer in rng.sample(multiple, 60):  # ended ones, on top of what still stands
        line = rng.choice(list(BUSINESS_LINES if customer.business else PRIVATE_LINES))
        ended = make_contract(rng, customer, line, rng.randrange(800, 6000), next(numbers))
        ended.begin = customer.since.replace(day=1)
        ended.end = month_end(some_day(rng, date(2022, 1, 1), date(2026, 8, 31)))
        contracts.append(ended)
    return contracts


def recurring(contract: Contract) -> Iterable[Booking]:
    times = PAYMENTS[contract.payment]
    start = 1 if contract.line.startswith("Kfz") else contract.begin.month
    for month in MONTHS:
        due = (month.month - start) % (12 // times) == 0
        if due and contract.begin <= month and (contract.end is None or month <= contract.end):
            part = contract.yearly // times + (contract.yearly % times if month.month == start else 0)
            yield booking(contract, month_end(month), "BP", part)


def booking(contract: Contract, day: date, kind: str, cents: int) -> Booking:
    customer = contract.customer
    return Booking(day, contract.number, customer.name, contract.line, contract.company, kind, cents, customer.id)


def one_offs(rng: Random, contracts: list[Contract]) -> list[Booking]:
    """Lumps for new life and health contracts; every ninth is cancelled later and taken back in part."""
    new = [c for c in contracts if c.line in ONE_OFF_LINES and c.begin >= FIRST_DAY and c.customer.rank != "small"]
    bookings = []
    for index, contract in enumerate(new):
        first = booking(contract, month_end(contract.begin), "AP", skewed(rng, 12000, 200000))
        bookings.append(first)
        taken_back = month_end(contract.begin + timedelta(rng.randrange(100, 330)))
        if index % 9 == 4 and taken_back <= LAST_DAY:
            contract.end = taken_back
            bookings.append(replace(first, day=taken_back, kind="APStorno", cents=-first.cents * 7 // 10))
    return bookings


def unknown_lines(rng: Random) -> Iterable[Booking]:
    """Contracts of a portfolio taken over long ago that never reached the contract list: about 2 % of the sum."""
    for _ in range(45):
        line = rng.choice(list(PRIVATE_LINES))
        contract, name = f"ALT {rng.randrange(10**6, 10**7)}", surname(rng)
        cents, month = rng.randrange(4000, 16000), rng.randrange(12)
        for day in (month_end(MONTHS[month]), month_end(MONTHS[month + 12])):
            yield Booking(day, contract, name, line, LINES[line][2], "BP", cents, "")


def lump_sums() -> Iterable[Booking]:
    """Bonuses of the pool that belong to no contract."""
    for day, cents in ((MONTHS[1], 185000), (MONTHS[7], 92500), (MONTHS[13], 210000), (MONTHS[19], 88000)):
        yield Booking(month_end(day), "", "", "diverse", "Muster Maklerpool eG", "Bonus", cents, "")


def make_bookings(seed: int, contracts: list[Contract]) -> list[Booking]:
    rng = Random(f"{seed} bookings")
    bookings = one_offs(rng, contracts)  # before the recurring ones: a cancellation ends its contract
    bookings += [line for contract in contracts for line in recurring(contract)]
    fleets = [b for b in bookings if b.line == "Kfz-Flotte" and b.day == date(2025, 1, 31)][:2]
    bookings += fleets  # a second, equal vehicle on the same contract: two identical lines, both right
    bookings += [*unknown_lines(rng), *lump_sums()]
    return sorted(bookings, key=lambda b: (b.day, b.contract, b.kind))


def is_direct(line: Booking) -> bool:
    """Since 2026 this company pays the broker itself, past the pool."""
    return line.company == "Probe Direkt VVaG" and line.day.year == 2026


def make_fees(seed: int, customers: list[Customer]) -> list[tuple[date, Customer, int]]:
    """Quarterly fees of the customers who chose the package: day, customer, gross cents with 19 % VAT."""
    rng = Random(f"{seed} fees")
    payers = rng.sample([c for c in customers if c.rank == "top" and c.since < FIRST_DAY and c.target > 60000], 26)
    fees = []
    for index, payer in enumerate(payers):
        first = 2 + 3 * (index % 4)
        fees += [(month_end(month), payer, 8925) for month in MONTHS[first::3]]
    return sorted(fees, key=lambda fee: (fee[0], fee[1].number))


# --- what they ask ----------------------------------------------------------------------------------------------


def call_weights(rng: Random, callers: list[Customer], late: set[str]) -> list[float]:
    base = {"top": 1.6, "middle": 0.9, "small": 0.45}
    return [0.0 if c.id in late else base[c.rank] * (7 if rng.random() < 0.07 else 1) for c in callers]


def one_call(rng: Random, start: datetime, caller: Customer | None) -> Call:
    """An ordinary call of a customer, or of somebody who is none."""
    kind = rng.choices((1, 2, 3, 4), (60, 15, 2, 23))[0]
    minutes = 0 if kind in (2, 3) else 1 + skewed(rng, 0, 14)
    if caller is None:
        hidden = kind != 4 and rng.random() < 0.25
        number = "" if hidden else f"02214710{rng.randrange(1000):03d}"
        return Call(start, kind, number, area_of(number), "", minutes, "")
    number = caller.mobile if caller.mobile and rng.random() < 0.4 else caller.phone or caller.mobile
    name = caller.name if caller.number % 5 < 2 and ";" not in caller.name and "„" not in caller.name else ""
    return Call(start, kind, number, area_of(number), name, minutes, caller.unit)


def day_calls(rng: Random, day: date, callers: list[Customer], weights: list[float]) -> Iterable[Call]:
    """Fourteen to eighteen calls between 8 and 18 h; most missed customers are called back within three hours."""
    for _ in range(rng.randrange(14, 19)):
        start = datetime.combine(day, time(8)) + timedelta(minutes=rng.randrange(0, 590))
        caller = None if rng.random() < 0.2 else rng.choices(callers, weights)[0]
        call = one_call(rng, start, caller)
        yield call
        back = start + timedelta(minutes=rng.randrange(20, 180))
        if call.kind == 2 and call.unit and back.hour < 18:
            yield replace(call, start=back, kind=4, minutes=1 + skewed(rng, 0, 12))


def make_calls(seed: int, customers: list[Customer], late_ids: Sequence[str]) -> list[Call]:
    rng = Random(f"{seed} calls")
    callers = [c for c in customers if c.phone or c.mobile]
    weights = call_weights(rng, callers, set(late_ids))
    days = [date(2026, 7, 20) + timedelta(n) for n in range(103)]
    calls = [c for day in days if day.weekday() < 5 for c in day_calls(rng, day, callers, weights)]
    for caller in (c for c in customers if c.id in late_ids):
        for month, first in ((8, 1), (8, 16), (9, 1), (9, 16), (10, 1), (10, 16)):
            day = working_day(rng, date(2026, month, first), date(2026, month, first + 14))
            start = datetime.combine(day, time(17, rng.randrange(20, 45)))
            calls.append(
                Call(start, 1, caller.phone, area_of(caller.phone), caller.name, rng.randrange(9, 26), caller.unit)
            )
    one_a_minute = {call.start: call for call in calls}  # the box lists no two calls as the same row
    return sorted(one_a_minute.values(), key=lambda call: call.start)


def make_meetings(seed: int, customers: list[Customer], spared: Sequence[str]) -> list[Meeting]:
    """Without a policy everybody gets what the day gives: chance decides, and the best are not always visited."""
    rng = Random(f"{seed} meetings")
    spared_units = {c.unit for c in customers if c.id in spared}
    meetings = []
    for customer in customers:
        mean = {"top": 1.7, "middle": 0.6, "small": 0.16}[customer.rank]
        for _ in range(0 if customer.unit in spared_units else int(mean * 2 * rng.random() + rng.random())):
            meetings.append(make_meeting(rng, customer))
    for _ in range(12):  # appointments that are nobody's
        day = working_day(rng, FIRST_DAY, LAST_DAY)
        meetings.append(Meeting(day, time(8, 30), 60, "", "Teambesprechung", "Büro"))
    return sorted(meetings, key=lambda m: (m.day, m.begin, m.customer))


def make_meeting(rng: Random, customer: Customer) -> Meeting:
    subjects = {"Jahresgespräch": 60, "Beratung Vorsorge": 90, "Schaden": 45, "Vertragsservice": 30, "Neuvertrag": 75}
    subject = rng.choices(list(subjects), (34, 16, 18, 22, 10))[0]
    place = rng.choices(("Büro", "beim Kunden", "online"), (35, 45, 20))[0]
    if customer.cannot_come and place == "Büro":
        place = "beim Kunden"
    day = working_day(rng, max(FIRST_DAY, customer.since), LAST_DAY)
    begin = time(rng.randrange(8, 18), rng.choice((0, 15, 30)))
    return Meeting(day, begin, subjects[subject] + rng.choice((-15, 0, 0, 15, 30)), customer.id, subject, place)


def make_referrals(seed: int, customers: list[Customer]) -> list[tuple[Customer, Customer | None, date, str]]:
    rng = Random(f"{seed} referrals")
    new = [c for c in customers if c.since >= date(2025, 1, 1)]
    good = [c for c in customers if c.rank == "top" and c.since < FIRST_DAY]
    others = [c for c in customers if c.rank != "top" and c.since < FIRST_DAY]
    referrals: list[tuple[Customer, Customer | None, date, str]] = []
    for won in rng.sample(new, 27):
        referrer = rng.choice(good if rng.random() < 0.8 else others)
        referrals.append((referrer, won, won.since - timedelta(rng.randrange(5, 60)), "Kunde geworden"))
    for outcome in ["kein Abschluss"] * 9 + ["offen"] * 4:
        first = date(2026, 8, 1) if outcome == "offen" else FIRST_DAY
        referrals.append(
            (rng.choice(good if rng.random() < 0.7 else others), None, some_day(rng, first, LAST_DAY), outcome)
        )
    return sorted(referrals, key=lambda r: (r[2], r[0].number))

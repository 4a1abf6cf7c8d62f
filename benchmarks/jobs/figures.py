"""The figures of policy.yaml as someone would type them who writes the job by hand, without Zusage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

WINDOW_FROM, AS_OF, ONE_OFF_AFTER = date(2024, 9, 1), date(2026, 8, 31), date(2021, 8, 31)
MONTHS, ONE_OFF_YEARS = 24, 5
MILLION, RATE_UNIT = 1_000_000, 3_600_000
WEIGHT = 333_333  # millionths of a contact a year that a row stands for: 1 / (one year believed + two years seen)
BASE_CENTS = 600
EARLY = ("duty", "asked")


@dataclass(frozen=True)
class Activity:
    key: str
    cause: str
    role: str
    seconds: int
    around: int
    materials: int  # cents
    per_customer: int  # thousandths of a contact expected a year
    per_contract: int


ACTIVITIES = (
    Activity("call", "asked", "inside", 360, 180, 0, 2000, 500),
    Activity("mail", "asked", "inside", 300, 0, 0, 1000, 0),
    Activity("counter", "asked", "inside", 240, 0, 0, 0, 0),
    Activity("meeting", "asked", "adviser", 3600, 1800, 0, 300, 0),
    Activity("loan_advice", "asked", "specialist", 5400, 3600, 200, 0, 0),
    Activity("claim", "duty", "inside", 1200, 600, 0, 0, 50),
    Activity("identity_check", "duty", "adviser", 600, 0, 100, 0, 0),
    Activity("annual_check", "granted", "adviser", 2700, 1800, 0, 0, 0),
    Activity("greeting", "granted", "inside", 180, 0, 200, 0, 0),
)
CAUSES = ("duty", "asked", "granted")
PAIRS = (
    ("duty", "adviser"),
    ("duty", "inside"),
    ("asked", "adviser"),
    ("asked", "inside"),
    ("asked", "specialist"),
    ("granted", "adviser"),
    ("granted", "inside"),
)
KINDS = ("recurring", "one_off", "fee", "bonus")


def pair_of(item: Activity) -> int:
    """The number of an activity's pair of cause and role."""
    return PAIRS.index((item.cause, item.role))


def _rate(people: int, yearly_euro: int, practical_permille: int) -> int:
    """Thousandths of a cent per hour: yearly cost ÷ practical capacity (39 hours in 44 weeks), rounded half up."""
    capacity = people * 39 * 3600 * 44 * practical_permille // 1000
    return (yearly_euro * 100 * 1000 * 3600 * 2 + capacity) // (2 * capacity)


RATES = {
    "adviser": _rate(900, 72_000_000, 500),
    "inside": _rate(700, 38_000_000, 600),
    "specialist": _rate(120, 11_000_000, 500),
}


def believed(items: list[Activity], unit: str | None = "time") -> tuple[int, int]:
    """Prior work in millionths of a second (or of a contact) a year: for each customer, and for each contract."""
    constant = contract = 0
    for item in items:
        units = item.seconds + item.around if unit == "time" else item.materials if unit == "materials" else 1
        constant += item.per_customer * WEIGHT // 1000 * units
        contract += item.per_contract * WEIGHT // 1000 * units
    return constant, contract


def of_pair(cause: str, role: str) -> list[Activity]:
    """The activities of a pair."""
    return [item for item in ACTIVITIES if (item.cause, item.role) == (cause, role)]


def of_causes(*causes: str) -> list[Activity]:
    """The activities of some causes."""
    return [item for item in ACTIVITIES if item.cause in causes]


CUTS_A = {"yield": 90_000, "contribution": 30_000, "euro_per_hour": 10_000}
RICH, SOLID, NO_LOSS, BUSY = 150_000, 25_000, 0, 40_000
"""Class A: all of CUTS_A. Class B: yield from RICH, or SOLID and contribution from NO_LOSS, or BUSY euro per hour."""
NO_HOURS = 2**40
Z = 1.2815515655446008  # of an interval of 80 %
SHAPE = (3300, 550)  # thousandths of a contact believed before any was seen: for each customer, for each contract

"""A plan comes in, hours and euro of a year go out: per service, per class, and against the hours there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from zusage.capacity import check_hours
from zusage.capacity.load import Load
from zusage.outlook.worth import outlays
from zusage.plan import ClassSum, Plan
from zusage.policy.document import Policy

CAUSED = ("asked", "duty")
PROMISED = ("promise", "issue")


@dataclass(frozen=True)
class Margin:
    """Seconds owed in a year, and what they cost with materials and travel in cents."""

    seconds: int = 0
    cents: int = 0

    def __add__(self, other: Margin) -> Margin:
        return Margin(self.seconds + other.seconds, self.cents + other.cents)


@dataclass(frozen=True)
class ClassHours:
    """A class: how many are in it, what is owed to them by promises and by their own requests, what their yield pays
    for (earned), all in seconds of a year."""

    customers: int
    units: int
    promised: int
    caused: int
    earned: int

    @property
    def owed(self) -> int:
        return self.promised + self.caused


@dataclass(frozen=True)
class RoleHours:
    """A role that owes more than it has, in seconds of a year."""

    role: str
    owed: int
    there: int


@dataclass(frozen=True)
class Margins:
    """The hours owed in a year, taken apart: `services`, `caused` and `own` add up to `total`, exactly."""

    services: Mapping[str, Margin]
    caused: Margin  # what customers are expected to ask for
    own: Margin  # internal work, and logged work that found no customer
    total: Margin
    there: int  # seconds that may be promised
    classes: Mapping[str, ClassHours]
    short: tuple[RoleHours, ...]
    known: bool  # enough of the work was measured to say that the hours suffice
    coverage_permille: int


def without_promises(policy: Policy) -> Policy:
    """A service model that promises nothing: the same book has the same accounts, classes and earned time under it."""
    return replace(policy, services=(), standard=(), promises=tuple((item.key, ()) for item in policy.classes))


def margins_under(plan: Plan, policy: Policy) -> Margins:
    """The hours and euro of a service model that differs from the plan's in nothing but services and promises: who is
    in which class never depends on them, so that only the hours have to be reckoned anew."""
    hours = check_hours(plan.units.lazy(), plan.roles, policy, plan.periods.as_of)
    classes = tuple(replace(item, owed_seconds=hours.by_class(item.class_key)) for item in plan.classes)
    return margins_of(replace(plan, policy=policy, hours=hours, classes=classes))


def margins_of(plan: Plan) -> Margins:
    """What each line of the matrix means in hours and euro."""
    services = {item.key: Margin() for item in plan.policy.services}
    for load in plan.hours.loads:
        if load.source in PROMISED and load.service is not None:
            services[load.service] += _worth(plan, [load])
    for key, cents in outlays(plan):
        services[key] += Margin(0, cents)
    caused = _worth(plan, (load for load in plan.hours.loads if load.source in CAUSED))
    own = _worth(plan, (load for load in plan.hours.loads if load.source not in (*CAUSED, *PROMISED)))
    return Margins(
        services=services,
        caused=caused,
        own=own,
        total=sum(services.values(), caused + own),
        there=plan.hours.there_seconds,
        classes={item.class_key: _class(plan, item) for item in plan.classes},
        short=tuple(_role(plan, role) for role in plan.hours.short_roles),
        known=plan.hours.answer != "unknown",
        coverage_permille=plan.hours.coverage_permille,
    )


def _worth(plan: Plan, loads: Iterable[Load]) -> Margin:
    """The seconds of some loads, at the cost rates of their roles."""
    roles = {item.role: item for item in plan.roles}
    found = [(load.seconds, roles[load.role].cents(load.seconds)) for load in loads]
    return Margin(sum(seconds for seconds, _ in found), sum(cents for _, cents in found))


def _class(plan: Plan, item: ClassSum) -> ClassHours:
    loads = [load for load in plan.hours.loads if load.class_key == item.class_key]
    caused = sum(load.seconds for load in loads if load.source in CAUSED)
    return ClassHours(item.customers, item.units, item.owed_seconds - caused, caused, item.earned_seconds)


def _role(plan: Plan, role: str) -> RoleHours:
    months = [month for month in plan.hours.months if month.role == role]
    return RoleHours(role, sum(item.owed_seconds for item in months), sum(item.there_seconds for item in months))

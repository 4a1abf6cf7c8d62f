"""The policy as a person writes it: forgiving about units, abbreviations and what is left out.

Every field may be missing here; `freeze` fills in the defaults and names what cannot be left out. That way one wrong
field never hides the mistakes of the others. Criteria (`when`, `grid`) and cells of the matrix stay raw: `rules` and
`terms` read them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from zusage.policy import values
from zusage.policy.document import Cause, Dated, LegalMark, Measure, PricePer, Profile, ServiceKind, Text, UsedUp


def _reads(read: Callable[[Any], Any]) -> BeforeValidator:
    """Read with this function; its ValueError becomes a pydantic error with the same code."""

    def reader(value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise PydanticCustomError("zusage", "{code}", {"code": str(error)}) from None

    return BeforeValidator(reader)


def _number(described: str, *, dated: bool = False) -> WithJsonSchema:
    forms: list[dict[str, Any]] = [{"type": "number"}, {"type": "string"}]
    if dated:
        forms.append({"type": "object", "description": "first day (2026-01-31) to value"})
    return WithJsonSchema({"anyOf": forms, "description": described})


Euro = Annotated[int | None, _reads(values.cost), _number("amount in euro")]
DatedEuro = Annotated[Dated | None, _reads(values.dated(values.cost)), _number("amount in euro", dated=True)]
Minutes = Annotated[int | None, _reads(values.minutes), _number('minutes, or "1:30" for hours and minutes')]
Hours = Annotated[int | None, _reads(values.hours), _number('hours, or "38:30"')]
Share = Annotated[int | None, _reads(values.share), _number('"40 %" or 0.4')]
DatedShare = Annotated[Dated | None, _reads(values.dated(values.share)), _number('"19 %" or 0.19', dated=True)]
Milli = Annotated[int | None, _reads(values.milli), _number("number of times or people, such as 1 or 0.5")]
Count = Annotated[int | None, _reads(values.count), _number("whole number")]
Kilometres = Annotated[int | None, _reads(values.metres), _number("kilometres")]
Words = Annotated[
    Text | None,
    _reads(values.text),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"de": {"type": "string"}, "en": {"type": "string"}}},
            ],
            "description": "text, or one text per language",
        }
    ),
]
Name = Annotated[str | None, BeforeValidator(values.name), WithJsonSchema({"type": "string"})]
Day = Annotated[date | None, _reads(values.day), WithJsonSchema({"type": "string", "format": "date"})]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


class Firm(_Written):
    name: Name = None
    country: str = "DE"
    state: str | None = None
    holiday_categories: list[str] = []
    time_zone: str = "Europe/Berlin"
    currency: Literal["EUR", "CHF", "GBP", "USD"] = "EUR"
    language: Literal["de", "en"] = "de"
    profile: Profile = "general"


class Season(_Written):
    first: Day = None
    last: Day = None
    hours: dict[str, Any] = {}


class Closure(_Written):
    first: Day = None
    last: Day = None


class Opening(_Written):
    hours: dict[str, Any] = {}  # see opening
    days: dict[str, Any] = {}
    seasons: list[Season] = []
    closures: list[Closure] = []


class Role(_Written):
    name: Words = None
    owner: bool = False
    people: Milli = None
    yearly_cost: DatedEuro = None
    imputed_wage: DatedEuro = None
    weekly_hours: Hours = None
    weeks: Milli = None
    practical_share: Share = None
    internal_hours: Hours = None
    all_logged: bool = False


class Travel(_Written):
    per_km: DatedEuro = None
    minutes_per_km: Minutes = None
    default_km: Kilometres = None


class Resources(_Written):
    roles: dict[str, Role] = {}
    overhead: DatedEuro = None
    base_cost: DatedEuro = None
    travel: Travel = Travel()


class Match(_Written):
    log: Literal["calls", "meetings", "mails", "times", "desk"] | None = None
    direction: Literal["in", "out", "missed", "rejected"] | None = None
    place: Literal["office", "on_site", "online"] | None = None
    topic: str | None = None


class Expected(_Written):
    per_customer: Milli = None
    per_contract: Milli = None


class Activity(_Written):
    name: Words = None
    cause: Cause | None = None
    role: Name = None
    minutes: Minutes = None
    per_line: Minutes = None
    if_new: Minutes = None
    if_rush: Minutes = None
    around: Minutes = None
    materials: Euro = None
    travel: bool = False
    expected: Expected = Expected()
    assumed: bool = True
    match: list[Match] = []


class YieldRule(_Written):
    years: Count = None
    gross: bool = False
    tax: DatedShare = None
    counts: bool = True


class Yields(_Written):
    recurring: YieldRule = YieldRule()
    one_off: YieldRule = YieldRule()
    fee: YieldRule = YieldRule()
    bonus: YieldRule = YieldRule()
    cancellation: Literal["against_original", "recurring"] = "against_original"
    look_back_months: Count = None
    buffer_months: Count = None
    min_history_months: Count = None


class Evidence(_Written):
    prior_years: Milli = None
    confidence: Share = None
    coverage: Share = None


class Potential(_Written):
    lines: dict[str, Euro] = {}
    from_contracts: Count = None


class Earned(_Written):
    margin: Share = None
    minimum_contacts: Milli = None


class Places(_Written):
    count: Count = None
    order: list[str] = []


class Price(_Written):
    net: Euro = None
    tax: Share = None
    per: PricePer = "year"
    notice_days: Count = None


class ServiceClass(_Written):
    name: Words = None
    level: Count = None
    like: Name = None
    when: Any = None  # see rules
    places: Places | None = None
    price: Price | None = None


class Classes(_Written):
    household: Literal["together", "single"] = "together"
    best_first: dict[str, ServiceClass] = {}
    grid: Any = None  # see rules
    provisional: ServiceClass | None = None


class Service(_Written):
    name: Words = None
    description: Words = None
    kind: ServiceKind | None = None
    measure: Measure | None = None
    minutes: Minutes = None
    around: Minutes = None
    per_issue: Minutes = None
    role: Name = None
    travel: bool = False
    materials: Euro = None
    legal: LegalMark | None = None
    promise: Any = None  # see terms
    wording: Words = None
    avoid: list[str] = []
    prefer: list[str] = []


class Urgency(_Written):
    emergency: Any = None  # a response, or class to response; see terms
    claim: Any = None
    deadline: Any = None


class Requests(_Written):
    response: Any = None  # see terms
    cut_off: Hours = None
    urgency: Urgency = Urgency()


class Allowance(_Written):
    roll_over: bool = False
    weights: dict[str, Milli] = {}
    used_up: UsedUp = "appointment"
    channel: str = "email"
    quarter_hour: DatedEuro = None
    tax: DatedShare = None
    charge_consumers: bool = False


class Touchpoints(_Written):
    next_from: Literal["due", "delivery"] = "due"


class Review(_Written):
    notice_days: Count = None
    every_months: Count = None


class Capacity(_Written):
    utilisation: Share = None
    kept: Share = None


class ClassResponse(_Written):
    low: Share = None
    mid: Share = None
    high: Share = None


class YieldResponse(_Written):
    source: Words = None
    stay: Euro = None
    classes: dict[str, ClassResponse] = {}


class Referrals(_Written):
    decay: Share = None


class WrittenPolicy(_Written):
    """A service model: who is in which class, what each class is promised, what it costs, and the hours there are."""

    zusage: Literal[1] = 1
    version: Name = None
    valid_from: Day = None
    firm: Firm = Firm()
    opening: Opening = Opening()
    resources: Resources = Resources()
    activities: dict[str, Activity] = {}
    yields: Yields = Yields()
    evidence: Evidence = Evidence()
    potential: Potential = Potential()
    referrals: Referrals = Referrals()
    earned_time: Earned = Earned()
    classes: Classes = Classes()
    services: dict[str, Service] = {}
    matrix: dict[str, dict[str, Any]] = {}  # service to class to promise; see terms
    requests: Requests = Requests()
    allowance: Allowance = Allowance()
    touchpoints: Touchpoints = Touchpoints()
    review: Review = Review()
    capacity: Capacity = Capacity()
    response: YieldResponse = YieldResponse()

"""Questions to the desk: whose requests they are, in which order, what they were answered, how a customer stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet
from django.http import Http404

from zusage.ground.reasons import Refused, mistake
from zusage.ground.typed import typed
from zusage.ground.worktime import Calendar
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Activity, Policy, Response
from zusage.promises import events
from zusage.promises.allowance import CHANNEL_OF_PLACE, NOT_REACHED
from zusage.promises.answer import Answer
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.record import from_json
from zusage.promises.standing import Contact, Standing, agreed_on, class_promises_in_force
from zusage.promises.standing import Request as Asked
from zusage.web.book.models import Work
from zusage.web.bridge.matching import LOG_OF_CHANNEL, WORK_COLUMNS, Row, activity_of, unmatched_work
from zusage.web.bridge.phones import telephone
from zusage.web.customers.models import Customer, OwnWork, Unit
from zusage.web.customers.queries import (
    agreed_with,
    by_phone,
    class_on,
    customers_for,
    members_of,
    searched,
    sees_all,
    told_of,
)
from zusage.web.desk.models import Event, Request
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import firm_time_zone, policy_of, policy_version_on
from zusage.web.speech import language, said

OPEN = ("open", "waiting")
NOON = 12 * 3600
CHANNEL_OF_LOG = {"calls": "phone", "mails": "email"}
SUGGESTIONS = 8
"""How many customers a search offers: what fits beside the form."""


# --- requests


def requests_for(user: User) -> QuerySet[Request]:
    """The requests somebody may see: those of the customers they may see, and those handed to them."""
    found = Request.objects.select_related("owner")
    if not sees_all(user):
        found = found.filter(Q(number__in=customers_for(user).values("number")) | Q(owner=user))
    return found


def request_for(user: User, pk: int) -> Request:
    """A request by its id; Http404 for one that is not there or not this reader's."""
    found = requests_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def in_order(found: QuerySet[Request]) -> QuerySet[Request]:
    """The order of the desk: `promises.order.order`, as the database sorts; the answers, which no list shows, later."""
    return found.defer("answer").order_by("urgency_rank", F("due_at").asc(nulls_last=True), "asked_at", "pk")


def history_of(request: Request) -> QuerySet[Event]:
    """What happened to a request, oldest first."""
    return request.events.select_related("by", "to")


# --- what a request was answered, and what moved it since


def policy_on(day: date) -> Policy:
    """The service model in force on a day; Refused where there is none yet."""
    version = policy_version_on(day)
    if version is None:
        raise Refused([mistake("desk_no_policy")])
    return policy_of(version)


def policy_of_request(request: Request) -> Policy:
    """The service model a request was answered under."""
    return policy_of(PolicyVersion.objects.get(hash=request.policy_hash))


def zone_of(policy: Policy) -> ZoneInfo:
    """The time zone of the firm."""
    return ZoneInfo(policy.firm.time_zone)


def moments_of(request: Request, policy: Policy, happened: Sequence[Event]) -> tuple[datetime | None, datetime | None]:
    """When a request is due after what happened to it, and from when on it gets tight; None while the clock stands."""
    answer, calendar = from_json(request.answer), calendar_of(policy)
    due_at = events.due_now(answer, calendar, list(_moves(happened)))
    return due_at, events.tight_from(answer, calendar, due_at) if due_at else None


def _moves(happened: Sequence[Event]) -> Iterator[events.Event]:
    """The events that move a promise; what the firm itself puts off moves nothing."""
    for item in happened:
        if item.kind in ("paused", "resumed", "postponed", "escalated", "written") and not item.ours:
            yield events.Event(item.at, item.kind, item.until, typed(item.response, Response))  # type: ignore[arg-type] # one of its kinds


# --- how a customer stands, and what they are answered


def answer_for(
    customer: Customer, *, what: str, channel: str, urgency: str, cause: str, matter: str, wants: str, now: datetime
) -> tuple[Policy, Answer]:
    """What a customer is owed for a request asked now, and the service model that says so. Refused as `decide` does."""
    day = now.astimezone(ZoneInfo(firm_time_zone())).date()
    policy = policy_on(day)
    asked = Asked(now, what, urgency, channel, cause, matter or None, wants or None)
    return policy, decide(policy, calendar_of(policy), standing_of(customer, policy, day), asked)


def standing_of(customer: Customer, policy: Policy, day: date) -> Standing:
    """What is known of a customer on a day, as `promises.decide` wants it."""
    standing = Standing(
        customer_id=customer.number,
        class_key=class_on(policy, customer.number, day),
        agreed=agreed_with(customer.number, policy),
        told=told_of(customer.number),
        since=customer.since,
        cannot_come=customer.cannot_come,
        consumer=customer.consumer is not False,
    )
    if not _limited(policy, standing, day):
        return standing  # nobody counts their contacts
    unit = Unit.objects.filter(run_id=customer.run_id, unit_id=customer.unit_id)
    return replace(
        standing,
        contacts=tuple(_contacts(customer, policy, date(day.year - 1, 1, 1))),
        earned_seconds=unit.values_list("earned_seconds", flat=True).first() or 0,
    )


def _limited(policy: Policy, standing: Standing, day: date) -> bool:
    """Whether the customer was promised an allowance that can be used up."""
    allowances = policy.measured.get("allowance", ())
    promises = (*class_promises_in_force(policy, standing, day), *agreed_on(standing, day).values())
    return any(item.service in allowances and item.mode != "unlimited" for item in promises)


def _contacts(customer: Customer, policy: Policy, first: date) -> Iterator[Contact]:
    """The household's contacts since a day: its requests, other work noted here, and what only the logs know."""
    zone = zone_of(policy)
    numbers = members_of(customer).order_by().values("number")
    asked_from = datetime.combine(first, time.min, zone)
    taken = list(
        Request.objects.filter(number__in=numbers, asked_at__gte=asked_from, noticed=False).exclude(state="dropped")
    )
    own = list(OwnWork.objects.filter(number__in=numbers, done_on__gte=first).values())
    spent = Counter[int | None]()
    for row in own:
        spent[row["request"]] += row["seconds"]
    for item in taken:
        cause = _cause(policy, item.what, item.urgency, item.cause)
        yield Contact(item.asked_at, item.channel, spent[item.pk], cause, item.matter or None)
    for row in own:
        if row["request"] is None:
            at, channel = _at(row, zone), row["channel"] or "phone"
            yield Contact(at, channel, row["seconds"], row["cause"], row["matter"] or None)
    # the call that led to a request and the call that answered it stand in the phone's log as well
    logged = Work.objects.filter(book__published=True, customer_id__in=numbers, done_on__gte=first)
    for found in unmatched_work(logged.values(*WORK_COLUMNS), [*own, *(_as_work(item, zone) for item in taken)]):
        yield from _logged_contact(found, policy, zone)


def _cause(policy: Policy, what: str, urgency: str, cause: str) -> str:
    """Why a contact came about: what is urgent and what belongs to the floor takes from no allowance."""
    floor = any(item.key == what and item.kind == "floor" for item in policy.services)
    return "duty" if floor or urgency != "normal" else cause


def _at(row: Row, zone: ZoneInfo) -> datetime:
    """The moment of a row of work; noon where only the day is known."""
    second = NOON if row["start_second"] is None else row["start_second"]
    return datetime.combine(row["done_on"], time.min, zone) + timedelta(seconds=second)


def _as_work(request: Request, zone: ZoneInfo) -> Row:
    """A request as the row of work its asking was."""
    local = request.asked_at.astimezone(zone)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return {
        "number": request.number,
        "done_on": local.date(),
        "start_second": second,
        "channel": request.channel,
        "id": -request.pk,
    }


def _logged_contact(row: Row, policy: Policy, zone: ZoneInfo) -> Iterator[Contact]:
    """A row of a log as a contact, where the customer asked for it; as `promises.usage` counts."""
    key = activity_of(policy, row)
    activity = next((item for item in policy.activities if item.key == key), None)
    if activity is None or activity.cause != "asked" or row["direction"] in NOT_REACHED:
        return
    place = CHANNEL_OF_PLACE.get(row["place"] or "", "visit")
    channel = place if row["log"] == "meetings" else CHANNEL_OF_LOG.get(row["log"], "phone")
    yield Contact(_at(row, zone), channel, row["seconds"] or 0)


# --- in words


@dataclass(frozen=True)
class Due:
    """When something is due, the way people say it; `state` is the word's class on a page."""

    state: str  # due, tight, broken, paused, kept; empty where no promise is left
    text: str
    at: datetime | None = None  # the exact moment, for the hover and for print


@dataclass(frozen=True)
class Line:
    """A request as lists show it."""

    request: Request
    due: Due
    service: str


def lines(found: Iterable[Request], policy: Policy, now: datetime) -> list[Line]:
    """Requests as lists show them; the policy is the one in force, for hours and names."""
    calendar = calendar_of(policy)
    return [Line(item, due_of(item, calendar, now), service_name(policy, item.what)) for item in found]


def service_name(policy: Policy, key: str) -> str:
    """The name of a service in the reader's language; its key where the service model no longer has it."""
    return next((item.name[language()] for item in policy.services if item.key == key), key)


def due_of(request: Request, calendar: Calendar, now: datetime) -> Due:
    """How a request stands, in words: `heute bis 16:00 Uhr (noch 1:10 Std.)`."""
    if request.state == "dropped":
        return Due("", said("desk_due_dropped"), request.due_at)
    if request.done_at is not None:
        text = said("desk_due_done", **_until(request.done_at, now))
        return Due("kept" if request.kept else "broken", text, request.due_at)
    if request.due_at is None:
        return Due("paused", said("desk_due_paused"))
    if request.due_at < now:
        return Due("broken", said("desk_due_over", **_until(request.due_at, now)), request.due_at)
    tight = request.tight_at is not None and request.tight_at <= now
    return Due("tight" if tight else "due", due_words(request.due_at, calendar, now), request.due_at)


def allowance_words(answer: Answer) -> str:
    """What is left of the allowance, as a sentence; empty where there is no limit."""
    state = answer.allowance
    if state is None:
        return ""
    if state.unit == "seconds":
        return said("desk_allowance_seconds", left_seconds=state.left, given_seconds=state.given)
    return said("desk_allowance_contacts", left=_contacts_words(state.left), given=_contacts_words(state.given))


def _contacts_words(milli: int) -> str:
    """Thousandths of a contact as people count: 3 or 2,5."""
    whole, part = divmod(milli, 1000)
    mark = "," if language() == "de" else "."
    return f"{whole}{mark}{part:03d}".rstrip("0") if part else str(whole)


def due_words(due_at: datetime, calendar: Calendar, now: datetime) -> str:
    """A moment to come as people say it; what is left of it in working time where it is today."""
    values = _until(due_at, now)
    if due_at.astimezone(calendar.hours.zone).date() == now.astimezone(calendar.hours.zone).date():
        return said("desk_due_today", left_seconds=calendar.between(now, due_at), **values)
    return said("desk_due_day", **values)


def _until(due_at: datetime, now: datetime) -> dict[str, str]:
    zone = ZoneInfo(firm_time_zone())
    local = due_at.astimezone(zone)
    return {"day": day_words(local.date(), now.astimezone(zone).date()), "clock": f"{local:%H:%M}"}


def day_words(day: date, today: date) -> str:
    """A day as people say it: `heute`, `morgen`, `Mo., 30.11.`; with the year where it is another one."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((day - today).days)
    if near:
        return said(f"desk_day_{near}")
    weekday = said(f"desk_short_{WEEKDAYS[day.weekday()]}")
    if day.year != today.year:
        return said("desk_day_far", weekday=weekday, day_on=day)
    return said("desk_day_other", weekday=weekday, day=f"{day.day:02d}", month=f"{day.month:02d}")


# --- finding customers, people and what to offer


def find_customers(user: User, text: str, day: date) -> list[Customer]:
    """The first customers a telephone number, a customer's number or parts of a name may mean."""
    if not text.strip():
        return []
    number = telephone(text, policy_on(day).firm.country)
    if number and (found := list(by_phone(user, number).order_by("sort_key", "number")[:SUGGESTIONS])):
        return found
    return list(searched(customers_for(user), text).order_by("sort_key", "number")[:SUGGESTIONS])


def owner_for(customer: Customer) -> User | None:
    """Who looks after a customer, where the book names an adviser who is one of the firm's people."""
    if not customer.adviser:
        return None
    return User.objects.filter(is_active=True, adviser=customer.adviser).order_by("pk").first()


def usual_service(policy: Policy) -> str:
    """What most requests ask for: a call back, or whatever the firm's first promise of a response is called."""
    return next(iter(policy.measured.get("response", ())), policy.services[0].key)


def usual_activity(policy: Policy, *, what: str, urgency: str, cause: str, channel: str) -> Activity | None:
    """What doing a request is noted as unless a person says otherwise: by its cause, then by its channel."""
    cause = "duty" if _cause(policy, what, urgency, cause) == "duty" else "asked"
    log = LOG_OF_CHANNEL.get(channel)
    fitting = [item for item in policy.activities if item.cause == cause] or list(policy.activities)
    return min(fitting, key=lambda item: not any(rule.log == log for rule in item.match), default=None)


def planned_until(user: User, policy: Policy, until: datetime) -> Counter[int | None]:
    """The time that open requests due before a moment usually take, by owner; None: nobody's yet."""
    planned = Counter[int | None]()
    kinds = requests_for(user).filter(state="open", due_at__lt=until).order_by()
    columns = ("owner_id", "what", "urgency", "cause", "channel")
    for owner, what, urgency, cause, channel, alike in kinds.values_list(*columns).annotate(alike=Count("pk")):
        activity = usual_activity(policy, what=what, urgency=urgency, cause=cause, channel=channel)
        planned[owner] += alike * (activity.seconds + activity.around_seconds) if activity else 0
    return planned

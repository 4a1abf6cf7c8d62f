"""Questions that join rooms: what Today shows, which promises of which customers are open, all of one customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from zusage.ground.words import Language, say, word
from zusage.policy.document import Policy, metric
from zusage.promises.allowance import NOT_REACHED
from zusage.promises.answer import Answer
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.standing import Request as Asked
from zusage.report.lines import Line as Reckoned
from zusage.report.lines import Section
from zusage.web.book.models import Choice, Work
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import due_until, seconds_by_role, touchpoints_for
from zusage.web.charter.outbox.models import KINDS
from zusage.web.charter.outbox.queries import messages_for, said_to
from zusage.web.customers.consent.models import Lock
from zusage.web.customers.consent.queries import lock_of
from zusage.web.customers.models import Customer, Membership, Note, OwnWork, Told
from zusage.web.customers.queries import (
    HOW_TOLD,
    Chosen,
    Filters,
    choices_of,
    customers_for,
    filtered,
    last_told,
    memberships_of,
    own_choices_of,
    rows_of,
    told_rows,
)
from zusage.web.desk.models import Request
from zusage.web.desk.queries import (
    OPEN,
    Line,
    in_order,
    lines,
    planned_until,
    requests_for,
    service_name,
    standing_of,
    usual_service,
    zone_of,
)
from zusage.web.office.models import Absence, Job, User
from zusage.web.office.queries import jobs_for, people, role_of, seconds_left
from zusage.web.speech import class_name, hm, language, said

# --- Today

LISTED = 20
"""How many requests Today lists, the first of the desk's order: more than anybody does next; the queue has them all."""
NEXT = 3
"""How many of the next touchpoints a caller is told of."""


@dataclass(frozen=True)
class Owed:
    """The requests of a day: what is listed, and the figures of the first line."""

    lines: list[Line]
    all: int  # how many there are, listed or not
    today: int  # still to be answered today
    over: int  # that should have been answered by now
    last_at: datetime | None  # when the last one of today is due


def owed(user: User, policy: Policy, now: datetime, *, mine: bool) -> Owed:
    """The open requests that are due by the end of tomorrow, or already tight or broken, in the desk's order."""
    zone = zone_of(policy)
    tonight = _midnight(now.astimezone(zone).date() + timedelta(1), zone)
    found = requests_for(user).filter(state="open")
    if mine:
        found = found.filter(owner=user)
    soon = found.filter(Q(due_at__lt=tonight + timedelta(1)) | Q(tight_at__lte=now))
    today = Q(due_at__gte=now, due_at__lt=tonight)
    figures = soon.aggregate(
        all=Count("pk"),
        today=Count("pk", filter=today),
        over=Count("pk", filter=Q(due_at__lt=now)),
        last_at=Max("due_at", filter=today),
    )
    return Owed(lines=lines(in_order(soon)[:LISTED], policy, now), **figures)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def done_today(user: User, policy: Policy, now: datetime) -> list[Line]:
    """What this person finished today, the last first: it can be taken back here."""
    since = _midnight(now.astimezone(zone_of(policy)).date(), zone_of(policy))
    found = requests_for(user).filter(state="done", events__kind="done", events__by=user, done_at__gte=since)
    return lines(found.distinct().order_by("-done_at", "-pk")[:LISTED], policy, now)


def first_step(user: User, policy: Policy | None) -> str:
    """What an office does first, as the ending of its text: import, confirm, ask; empty once it works."""
    if policy is None or not Customer.objects.filter(run__published=True).exists():
        return "import"
    if not Membership.objects.exists():
        return "confirm"
    return "" if requests_for(user).exists() else "ask"


@dataclass(frozen=True)
class Hours:
    """What is planned for the rest of today against the hours that are left; `name` empty: the team."""

    name: str
    planned: int  # seconds
    left: int | None  # seconds for customers until closing; None for the team, who has none of its own


def hours_today(user: User, policy: Policy, now: datetime) -> tuple[Hours, list[Hours]]:
    """The rest of today for all, and for each person: what is due or overdue against the hours that are left."""
    today = now.astimezone(zone_of(policy)).date()
    there = [item for item in people().exclude(role="auditor") if role_of(item, policy)]
    away = set(Absence.objects.filter(first_on__lte=today, last_on__gte=today).values_list("user", flat=True))
    planned = _planned(user, policy, now, [item for item in there if item.pk not in away])
    each = [
        Hours(item.name, planned.pop(item.pk, 0), 0 if item.pk in away else seconds_left(item, policy, now))
        for item in there
    ]
    nobodys = sum(planned.values())  # of the team, and of people whose work is not planned here
    all_of_them = Hours("", sum(item.planned for item in each) + nobodys, sum(item.left or 0 for item in each))
    return all_of_them, [*each, Hours("", nobodys, None)] if nobodys else each


def _planned(user: User, policy: Policy, now: datetime, there: Collection[User]) -> Counter[int | None]:
    """Seconds of what is due today, by who does it: None where it is anybody's."""
    tomorrow = now.astimezone(zone_of(policy)).date() + timedelta(1)
    planned = planned_until(user, policy, _midnight(tomorrow, zone_of(policy)))
    doers: dict[str, list[int]] = {}
    for person in there:
        role = role_of(person, policy)
        doers.setdefault(role.key if role else "", []).append(person.pk)
    for key, seconds in seconds_by_role(due_until(user, tomorrow - timedelta(1)), policy).items():
        alone = doers.get(key, [])
        planned[alone[0] if len(alone) == 1 else None] += seconds
    return planned


def failed_jobs(user: User, now: datetime) -> list[Job]:
    """The jobs whose last try failed within a week: a backup or an import that nobody may have noticed."""
    last: dict[str, Job] = {}
    ended = jobs_for(user).filter(state__in=("done", "failed"), finished_at__gte=now - timedelta(days=7))
    for item in ended.order_by("finished_at", "pk"):
        last[item.kind] = item
    return [item for item in last.values() if item.state == "failed"]


# --- who is calling


@dataclass(frozen=True)
class Caller:
    """What somebody needs to know who picks up the telephone."""

    customer: Customer
    answer: Answer  # to a call back asked for now
    requests: list[Line]  # of the household, still open
    touchpoints: list[Touchpoint]  # the next ones that are no notes
    notes: list[Touchpoint]  # to be brought up in this call
    told: Told | None
    choice: Chosen | None
    lock: Lock | None  # why nothing is sent to them unasked


def caller_of(user: User, customer: Customer, policy: Policy, now: datetime) -> Caller:
    """A caller: the response promised, what is due, what was told and chosen."""
    standing = standing_of(customer, policy, timezone.localdate(now))
    still_open = requests_for(user).filter(unit_id=customer.unit_id, state__in=OPEN)
    owed_unasked = list(touchpoints_for(user).filter(unit_id=customer.unit_id, state="open"))
    return Caller(
        customer=customer,
        answer=decide(policy, calendar_of(policy), standing, Asked(now, usual_service(policy))),
        requests=lines(in_order(still_open), policy, now),
        touchpoints=[item for item in owed_unasked if item.via != "note"][:NEXT],
        notes=[item for item in owed_unasked if item.via == "note"],
        told=last_told(customer.number),
        choice=next(iter(choices_of(customer.number)), None),
        lock=lock_of(customer.number),
    )


def otherwise(user: User, customer: Customer) -> list[Touchpoint]:
    """What is owed a household unasked and reaches it on another way than promised, for want of a consent."""
    found = touchpoints_for(user).filter(unit_id=customer.unit_id, state="open").exclude(via="")
    return list(found[:NEXT])


# --- the list of customers

PROMISES = ("open", "tight", "broken")
"""What the list can be asked for: any open promise, one that gets tight, one that is broken already."""
_WORST = ("broken", "tight", "due", "paused")


def listed(user: User, filters: Filters, now: datetime) -> QuerySet[Customer]:
    """The customers somebody asked the list for, in order."""
    found = filtered(customers_for(user), filters)
    if not filters.promise:
        return found
    return found.filter(number__in=_in_state(filters.promise, now).values("number"))


def _in_state(promise: str, now: datetime) -> QuerySet[Request]:
    if promise == "broken":
        return Request.objects.filter(state="open", due_at__lte=now)
    if promise == "tight":
        return Request.objects.filter(state="open", due_at__gt=now, tight_at__lte=now)
    return Request.objects.filter(state__in=("open", "waiting"))


def promise_states(numbers: Collection[str], now: datetime) -> dict[str, str]:
    """How the open promises of customers stand; of several the worst."""
    found = Request.objects.filter(number__in=numbers, state__in=("open", "waiting"))
    states: dict[str, str] = {}
    for number, kept, due_at, tight_at in found.values_list("number", "state", "due_at", "tight_at"):
        state = state_of(kept, due_at, tight_at, now)
        states[number] = min(state, states.get(number, state), key=_WORST.index)
    return states


def state_of(state: str, due_at: datetime | None, tight_at: datetime | None, now: datetime) -> str:
    """How an open promise stands: word, shape and colour of the pages go by this."""
    if state == "waiting" or due_at is None:
        return "paused"
    if due_at <= now:
        return "broken"
    return "tight" if tight_at is not None and tight_at <= now else "due"


# --- a customer's page: what happened


@dataclass(frozen=True)
class Happening:
    """Something that happened with a customer, in words; `note`, `request`, `message`: rows it can be opened by."""

    on: date
    second: int  # of the day; so many happen on one day
    what: str
    text: str
    by: User | None = None
    more: str = ""  # a person's own words
    request: int | None = None
    note: Note | None = None
    message: int | None = None


def happened(user: User, customer: Customer, policy: Policy, page: int, size: int) -> tuple[list[Happening], bool]:
    """One page of what happened with a customer, newest first, and whether there is more.

    Every source is asked for as many as the page can need at most; no source can be longer than that on it.
    """
    most = page * size + 1
    sources = (
        _asked(user, customer, policy, most),
        _worked(customer, policy, most),
        _contacted(customer, most),
        _chosen(customer, most),
        _decided(customer, most),
        _noted(customer, most),
        _told(customer, most),
        _sent(user, customer, most),
    )
    found = sorted(chain(*sources), key=lambda item: (item.on, item.second), reverse=True)
    return found[most - 1 - size : most - 1], len(found) >= most


def _of_moment(at: datetime) -> tuple[date, int]:
    local = timezone.localtime(at)
    return local.date(), local.hour * 3600 + local.minute * 60 + local.second


def _asked(user: User, customer: Customer, policy: Policy, most: int) -> Iterator[Happening]:
    found = requests_for(user).filter(number=customer.number).order_by("-asked_at", "-pk")[:most]
    for item in found:
        code = f"people_request_{item.state}" if item.kept is None else f"people_request_kept_{int(item.kept)}"
        text = said(code, name=service_name(policy, item.what), done_on=_day(item.done_at))
        yield Happening(
            *_of_moment(item.asked_at), said("people_did_request"), text, item.owner, item.text, request=item.pk
        )


def _day(at: datetime | None) -> date | None:
    return timezone.localtime(at).date() if at else None


def _worked(customer: Customer, policy: Policy, most: int) -> Iterator[Happening]:
    names = {item.key: item.name[language()] for item in policy.activities}
    found = OwnWork.objects.filter(number=customer.number).select_related("by").order_by("-done_on", "-pk")[:most]
    for item in found:
        text = said("people_work", name=names.get(item.activity, item.activity), took_seconds=item.seconds)
        yield Happening(item.done_on, item.start_second or 0, said("people_did_work"), text, item.by)


def _contacted(customer: Customer, most: int) -> Iterator[Happening]:
    for item in rows_of([customer.number], Work, "done_on").exclude(done_on=None)[:most]:
        parts = [said(f"people_log_{item.log}")]
        if item.direction:
            parts.append(said(f"people_direction_{item.direction}"))
        if item.seconds and item.direction not in NOT_REACHED:
            parts.append(hm(item.seconds))
        text = ", ".join(parts)
        yield Happening(item.done_on, item.start_second or 0, said("people_did_contact"), text, more=item.topic or "")


def _chosen(customer: Customer, most: int) -> Iterator[Happening]:
    for item in own_choices_of(customer.number)[:most]:
        text = said(f"people_chose_{item.state}", name=class_name(item.class_key))
        yield Happening(item.chosen_on, 0, said("people_did_choice"), text, item.by, item.evidence)
    listed = Choice.objects.filter(book__published=True, customer_id=customer.number).exclude(chosen_on=None)
    for row in listed.order_by("-chosen_on", "-pk")[:most]:
        text = said(f"people_chose_{row.state}", name=class_name(row.class_key or ""))
        yield Happening(row.chosen_on or date.min, 0, said("people_did_choice"), text, more=row.evidence or "")


def _decided(customer: Customer, most: int) -> Iterator[Happening]:
    for item in memberships_of(customer.number)[:most]:
        text = said(f"people_change_{item.change}", name=class_name(item.class_key), effective_on=item.effective_on)
        yield Happening(*_of_moment(item.decided_at), said("people_did_class"), text, item.decided_by, item.reason)


def _noted(customer: Customer, most: int) -> Iterator[Happening]:
    for item in Note.objects.filter(number=customer.number).select_related("by").order_by("-created_at", "-pk")[:most]:
        yield Happening(*_of_moment(item.created_at), said("people_did_note"), "", item.by, item.text, note=item)


def _sent(user: User, customer: Customer, most: int) -> Iterator[Happening]:
    """Letters and mails that left, to the customer or to another of the household for them as well; one that came back
    says so.

    Whoever sees this customer may know what they were told and in whose letter, for it names both. The message itself
    has the other's address and what became of it: it opens for those who see the other customer.
    """
    left = said_to(customer.number).filter(state="handed_over")
    seen = left.annotate(opens=Exists(messages_for(user).filter(pk=OuterRef("pk")))).select_related("by")
    for item in seen.order_by("-handed_on", "-pk")[:most]:
        kind = said(f"outbox_kind_{item.kind}") if item.kind in KINDS else item.subject
        own, opens = item.number == customer.number, item.pk if item.opens else None
        back = said(f"outbox_back_{item.came_back}") if item.came_back and (own or item.came_back == "bounce") else ""
        what = said(f"people_did_sent_{'' if own else 'beside_'}{item.channel}", name=item.name)
        yield Happening(item.handed_on or date.min, 1, what, kind, item.by, back, message=opens)


def _told(customer: Customer, most: int) -> Iterator[Happening]:
    found = told_rows().reverse().filter(number=customer.number).select_related("by")[:most]
    for item in found:
        how = said(f"people_how_{item.how}") if item.how in (*HOW_TOLD, "choice") else ""
        day = item.said_on or item.told_on
        code = "assumed" if item.assumed else "ahead" if item.told_on > day else "class"
        text = said(f"people_told_of_{code}", name=class_name(item.class_key), told_on=item.told_on)
        yield Happening(day, 0, said("people_did_told"), text, item.by, how)


# --- a customer's page: reasons and sums in words

CRITERIA = ("explain_class", "explain_class_own")
"""The headings of sections that hold the criteria of a class; the others are sums of money and time."""


@dataclass(frozen=True)
class Bar:
    """A criterion as a line with a bar: how far the value goes and where the cut stands, in percent of the width."""

    label: str
    figure: str = ""
    cut: str = ""
    met: int | None = None
    verdict: str = ""
    depth: int = 0
    fill: int | None = None
    mark: int | None = None


def bar(line: Reckoned, speech: Language, *, money: bool) -> Bar:
    """A line of an explanation as a page shows it; of a criterion of money only whether it is met, for some."""
    label, met = say(line.label, speech), line.met
    if line.part is None or met is None:
        return Bar(label, depth=line.depth)
    verdict = word(f"report_met_{met}", speech)
    if metric(line.part["metric"]).unit == "cents" and not money:
        return Bar(label, met=met, verdict=verdict, depth=line.depth)
    value, cut = max(line.part["value"], 0), max(line.part["cut"], 0)
    whole = max(cut * 2, 1)
    return Bar(
        label,
        line.figure(speech),
        line.reckoned(speech),
        met,
        verdict,
        line.depth,
        min(value * 100 // whole, 100),
        min(cut * 100 // whole, 100),
    )


@dataclass(frozen=True)
class Sum:
    """A calculation to open: its heading with the result, and the lines it is made of."""

    title: str
    result: str
    lines: list[tuple[str, str, str, bool, bool]]  # label, figure, calculation, total, assumed

    @classmethod
    def of(cls, section: Section, speech: Language) -> Sum:
        """A section in words; its result is the last total."""
        totals = [line.figure(speech) for line in section.lines if line.total]
        return cls(
            say(section.title, speech),
            totals[-1] if totals else "",
            [
                (say(line.label, speech), line.figure(speech), line.reckoned(speech), line.total, line.assumed)
                for line in section.lines
            ],
        )

"""Questions to the time sample: who is asked what now, what the answers say of each role, what a draft could take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from zusage.ground.money import half_up
from zusage.ground.worktime import Calendar
from zusage.policy.document import Activity, Policy, Role
from zusage.policy.edit import Change, Put
from zusage.promises.clock import calendar_of
from zusage.web.bridge.times import (
    Contacts,
    Seen,
    Share,
    Spent,
    contacts_between,
    share_of,
    spent,
    working_seconds,
)
from zusage.web.customers.queries import published_run
from zusage.web.office.models import Absence, User
from zusage.web.office.queries import people, role_of
from zusage.web.review.queries import tables_of_run
from zusage.web.services.models import KINDS, Ask, Taker, TimeSample
from zusage.web.services.queries import trial_of

CUSTOMERS = ("phone", "meeting", "desk", "road")
"""Work for customers: its part of all work is the practical share of a role."""
WORK = (*CUSTOMERS, "internal")
KIND_OF_LOG = {"calls": "phone", "meetings": "meeting"}
"""What somebody is seen doing while a log gets a row; whatever stands in other logs is work at the desk."""


# --- who takes part


def samples_for(user: User) -> QuerySet[TimeSample]:
    """The time samples somebody may see the results of: owners, advisers and auditors."""
    found = TimeSample.objects.all()
    return found.none() if user.role == "assistant" else found


def sample_for(user: User, pk: int) -> TimeSample:
    """A time sample; Http404 where there is none."""
    found = samples_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def taker_for(user: User) -> Taker | None:
    """Somebody's own part in the sample that runs; None where none runs or they are not invited."""
    return Taker.objects.select_related("sample", "user").filter(user=user, sample__running=True).first()


def workers(policy: Policy) -> list[tuple[User, Role]]:
    """Everybody who can be asked: who may sign in and write, and works in a role of the service model."""
    listed = [(person, role_of(person, policy)) for person in people().filter(is_active=True).exclude(role="auditor")]
    return [(person, role) for person, role in listed if role]


def calendar_for(taker: Taker, policy: Policy, absences: Iterable[Absence]) -> Calendar:
    """When somebody may be asked: in their own hours since they joined, not on holidays, nor when they are away."""
    weekly = tuple((day, tuple((begin, end) for begin, end in blocks)) for day, blocks in taker.weekly.items())
    closed = tuple((day, blocks) for day, blocks in policy.opening.days if not blocks)
    calendar = calendar_of(replace(policy, opening=replace(policy.opening, weekly=weekly, days=closed, seasons=())))
    spans: list[tuple[date, date] | tuple[datetime, datetime]] = [(item.first_on, item.last_on) for item in absences]
    begins = datetime.combine(taker.sample.first_on, time.min, calendar.hours.zone)
    if taker.joined_at and taker.joined_at > begins:
        spans.append((begins, taker.joined_at))
    return calendar.minus(spans)


# --- what somebody is asked now


@dataclass(frozen=True)
class Now:
    """What the page says to somebody who takes part: a question that is open, or an answer that can be taken back."""

    ask: Ask | None
    answered: Ask | None
    given: int
    missed: int


def now_for(taker: Taker, now: datetime) -> Now:
    """How it stands for somebody at a moment. Questions to come are nobody's to know."""
    past = [*Ask.objects.filter(taker=taker, at__lte=now)]
    open_now = [item for item in past if not item.kind and item.until >= now]
    given = [item for item in past if item.kind]
    fresh = [item for item in given if item.answered_at and item.answered_at >= now - timedelta(minutes=1)]
    missed = len(past) - len(given) - len(open_now)
    return Now(open_now[0] if open_now else None, fresh[-1] if fresh else None, len(given), missed)


# --- what the answers say


@dataclass(frozen=True)
class Line:
    """A kind of work: its share of the time, and its hours in a week of one person; None for what is no work."""

    kind: str
    share: Share
    week: Spent | None


@dataclass(frozen=True)
class Result:
    """What a role was seen doing. No `lines`: nobody has answered, or they are not for this reader (`hidden`)."""

    role: Role
    people: int
    hidden: bool
    given: int
    missed: int
    seconds: int
    lines: tuple[Line, ...]
    practical: Share | None


def seen_of(taker: Taker, policy: Policy, now: datetime) -> Seen:
    """Somebody's answers so far; a question in an absence that was entered later is no question."""
    if not taker.sample.running:
        return Seen(taker.answers, taker.missed, taker.seconds)
    if taker.joined_at is None:
        return Seen({}, 0, 0)
    calendar = calendar_for(taker, policy, taker.user.absences.all())
    asked = [item for item in taker.asks.all() if calendar.is_open(item.at)]
    over = [item for item in asked if item.at < now and (item.kind or item.until < now)]
    answers = Counter(item.kind for item in over if item.kind)
    whole = working_seconds(calendar, taker.sample.first_on, taker.sample.last_on)
    return Seen(answers, len(over) - answers.total(), half_up(whole * len(over), len(asked)) if asked else 0)


def takers_of(sample: TimeSample) -> list[Taker]:
    """Who takes part, with all that is needed to reckon."""
    found = sample.takers.select_related("sample", "user").prefetch_related("asks", "user__absences")
    return [taker for taker in found if taker.joined_at]


def results_for(reader: User, takers: Sequence[Taker], policy: Policy, now: datetime) -> list[Result]:
    """What each role was seen doing, as far as this reader may know it."""
    by_role: dict[str, list[Taker]] = {}
    for taker in takers:
        by_role.setdefault(taker.role, []).append(taker)
    return [_result(role, by_role[role.key], reader, policy, now) for role in policy.roles if role.key in by_role]


def _result(role: Role, takers: Sequence[Taker], reader: User, policy: Policy, now: datetime) -> Result:
    hidden = not shown(takers, reader, now)
    seen = [] if hidden else [seen_of(taker, policy, now) for taker in takers]
    lines = []
    for kind in KINDS:
        share, of_work = share_of(seen, [kind], KINDS), share_of(seen, [kind], WORK)
        if share:
            week = spent(of_work, role.weekly_seconds) if of_work and kind in WORK else None
            lines.append(Line(kind, share, week))
    given, missed = sum(item.count for item in seen), sum(item.missed for item in seen)
    return Result(
        role,
        len(takers),
        hidden,
        given,
        missed,
        sum(item.seconds for item in seen),
        tuple(lines),
        share_of(seen, CUSTOMERS, WORK),
    )


def shown(takers: Sequence[Taker], reader: User, now: datetime) -> bool:
    """Whether a reader may see what these people answered: never a single one of the others, unless that one agreed."""
    others = [taker for taker in takers if taker.user_id != reader.pk and _has_answered(taker, now)]
    return len(others) != 1 or others[0].shown_alone


def _has_answered(taker: Taker, now: datetime) -> bool:
    return bool(taker.answers) or any(item.kind and item.at < now for item in taker.asks.all())


def shown_until(sample: TimeSample, now: datetime) -> datetime:
    """Up to when answers are shown: while a sample runs, up to last midnight. Else whoever looks at the page again and
    again would see each answer come."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) if sample.running else now


# --- what a draft could take over


@dataclass(frozen=True)
class Proposal:
    """A figure of a draft and what was measured of it, in its unit (permille or seconds), with the edits it takes."""

    what: str  # practical, minutes, around
    name: str
    contacts: int | None
    now: int
    measured: Spent
    changes: tuple[Change, ...]


def proposed_shares(results: Sequence[Result], policy: Policy, language: str) -> list[Proposal]:
    """The practical share of each role that was seen. Internal work is outside of it, so none is taken off it again."""
    found = []
    for result in results:
        role = next((item for item in policy.roles if item.key == result.role.key), None)
        if role is None or result.practical is None or not result.practical.share:
            continue
        measured = spent(result.practical, 1000)
        rounded = max(10, half_up(measured.seconds, 10) * 10)
        path = ("resources", "roles", role.key)
        changes: list[Change] = [Put((*path, "practical_share"), f"{rounded // 10} %")]
        if role.internal_seconds:
            changes.append(Put((*path, "internal_hours"), 0))
        found.append(
            Proposal("practical", role.name[language], None, role.practical_permille, measured, tuple(changes))
        )
    return found


def kind_of(item: Activity) -> str:
    """What somebody does when an activity is logged; empty for calls that nobody took: they are on no telephone."""
    if item.match and all(rule.direction in ("missed", "rejected") for rule in item.match):
        return ""
    return KIND_OF_LOG.get(_log_of(item), "desk")


def _log_of(item: Activity) -> str:
    return item.match[0].log or "times" if item.match else "times"


def proposed_times(seen: Sequence[Seen], contacts: Contacts, policy: Policy, language: str) -> list[Proposal]:
    """The time of each activity: all standard times of a kind of work, multiplied by what it really took in total.

    Where a kind of work has one activity only, that is its hours ÷ its contacts. Work around calls and meetings is work
    at the desk. A kind whose contacts are not all in a log that covers the days is left out.
    """
    found = []
    for kind in ("phone", "meeting", "desk"):
        parts = [part for item in policy.activities for part in _parts(item, kind)]
        logs = {_log_of(item) for item, _, _ in parts}
        counted = [(item, what, seconds, contacts.by_activity.get(item.key, 0)) for item, what, seconds in parts]
        standard = sum(seconds * count for _, _, seconds, count in counted)
        share = share_of(seen, [kind], KINDS)
        if not logs <= contacts.logs or not standard or share is None or not share.share:
            continue
        took = spent(share, sum(item.seconds for item in seen))
        for item, what, seconds, count in counted:
            if count:
                measured = _scaled(took, seconds, standard)
                found.append(
                    Proposal(what, item.name[language], count, seconds, measured, _put_time(item, what, measured))
                )
    return found


def _parts(item: Activity, kind: str) -> Iterable[tuple[Activity, str, int]]:
    """The parts of an activity that are of a kind of work: its own time, the work around it."""
    if kind_of(item) == kind and item.seconds:
        yield item, "minutes", item.seconds
    if kind == "desk" and item.around_seconds and kind_of(item):
        yield item, "around", item.around_seconds


def _scaled(took: Spent, seconds: int, standard: int) -> Spent:
    return Spent(*(half_up(value * seconds, standard) for value in (took.seconds, took.low, took.high)))


def _put_time(item: Activity, what: str, measured: Spent) -> tuple[Change, ...]:
    """The edit that takes a measured time over, to the half minute; its time is then no assumption any more."""
    halves = max(1, half_up(measured.seconds, 30))
    changes: list[Change] = [Put(("activities", item.key, what), halves // 2 if halves % 2 == 0 else halves / 2)]
    if what == "minutes" and item.assumed:
        changes.append(Put(("activities", item.key, "assumed"), False))
    return tuple(changes)


def everybody_takes_part(takers: Sequence[Taker], results: Sequence[Result], policy: Policy) -> bool:
    """Whether the answers of all who work for customers are there to be reckoned with: only then hours ÷ contacts is
    the time of a contact."""
    taking = {taker.user_id for taker in takers}
    return all(person.pk in taking for person, _ in workers(policy)) and not any(item.hidden for item in results)


def proposals_of(
    sample: TimeSample,
    takers: Sequence[Taker],
    results: Sequence[Result],
    policy: Policy,
    target: Policy,
    language: str,
) -> tuple[list[Proposal], str]:
    """What the service model `target` could take over of a sample, and why times per contact are not among it."""
    now, today = timezone.now(), timezone.localdate()
    found = proposed_shares(results, target, language)
    if sample.running or not everybody_takes_part(takers, results, policy):
        return found, "running" if sample.running else "partly"
    run, plan = published_run(), trial_of(target, today)
    if run is None or plan is None:
        return found, "no_log"
    contacts = contacts_between(tables_of_run(run, today), plan, sample.first_on, sample.last_on)
    seen = [seen_of(taker, policy, now) for taker in takers]
    times = proposed_times(seen, contacts, target, language)
    return found + times, "" if times else "no_log"

"""Questions to the service model: its drafts, what one would mean for the book at hand, what still holds for whom."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any, get_args

from django.db.models import Count, Max, QuerySet
from django.http import Http404

from zusage.ground.reasons import Reason
from zusage.ground.words import Language, say
from zusage.policy.document import Policy
from zusage.policy.read import Read, read_policy_text
from zusage.promises.weaker import weakened_classes
from zusage.web.book.queries import aliases
from zusage.web.bridge.known import Held, Known
from zusage.web.bridge.reckoning import Costing, Plan, Tables, costed
from zusage.web.customers.models import Agreement, Customer, Membership, Run, Told
from zusage.web.customers.queries import agreed_of, customers_for, published_run, told_rows
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import absences_by_role, policy_of, policy_version_on
from zusage.web.review.models import Proposal, WaveGrace
from zusage.web.review.queries import classes_in_force, reckoned, tables_of_run
from zusage.web.review.waves.queries import dates_from
from zusage.web.services.models import Announcement, Draft, DraftStep

LANGUAGES: tuple[Language, ...] = get_args(Language)
PLANS_KEPT = 4
COSTINGS_KEPT = 2
DAY = timedelta(days=1)


def drafts_for(user: User) -> QuerySet[Draft]:
    """The open drafts somebody may see, the last changed first: money stands in them, so assistants see none."""
    found = Draft.objects.select_related("base", "changed_by", "made_by").filter(state="open")
    return found.none() if user.role == "assistant" else found


def dropped_for(user: User) -> QuerySet[Draft]:
    """The drafts that were put aside, the last one first."""
    found = Draft.objects.select_related("changed_by", "made_by").filter(state="dropped")
    return found.none() if user.role == "assistant" else found


def draft_for(user: User, pk: int) -> Draft:
    """An open draft; Http404 where there is none."""
    found = drafts_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def in_both(**texts: Callable[[Language], str]) -> dict[str, str]:
    """Values of what was done in both languages: who reads it may have another one than who did it."""
    return {f"{name}_{language}": text(language) for name, text in texts.items() for language in LANGUAGES}


def did(step: DraftStep, language: Language) -> str:
    """What an edit did, in a reader's language."""
    others = tuple(f"_{other}" for other in LANGUAGES if other != language)
    mine = {name: value for name, value in step.values.items() if not name.endswith(others)}
    return say(Reason(step.code, {name.removesuffix(f"_{language}"): value for name, value in mine.items()}), language)


def last_step(draft: Draft) -> DraftStep | None:
    """What undoing would take back."""
    return DraftStep.objects.filter(draft=draft).select_related("by").first()


@lru_cache(maxsize=32)
def read_text(text: str) -> Read:
    """The frozen form of a text and the remarks on it; read once per process. Raises Refused with all mistakes."""
    return read_policy_text(text)


def read_draft(draft: Draft) -> Read:
    """The frozen form of a draft and the remarks on it."""
    return read_text(draft.text)


_PLANS: OrderedDict[tuple[int, str, date, int], Plan] = OrderedDict()
_COSTINGS: list[tuple[int, date, Costing]] = []
_RECKONING = Lock()


def trial_of(policy: Policy, today: date) -> Plan | None:
    """The plan of the published book under a service model, as `zusage plan` makes it; None before the first import.

    Kept for the service models asked for last, as long as neither the book nor a confirmed class changes.
    """
    run = published_run()
    if run is None:
        return None
    key = (run.pk, policy.hash, today, _decided())
    with _RECKONING:  # two who ask for the same at once: the second waits for the first instead of reckoning too
        if key not in _PLANS:
            tables = tables_of_run(run, today)
            _PLANS[key] = reckoned(tables, policy, today, costing=_costing(run, tables, policy, today))
            while len(_PLANS) > PLANS_KEPT:
                _PLANS.popitem(last=False)
        _PLANS.move_to_end(key)
        return _PLANS[key]


def _decided() -> int:
    """Grows with every confirmed class."""
    return Membership.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def _costing(run: Run, tables: Tables, policy: Policy, today: date) -> Costing:
    """What no class touches: a moved cut or another promise leaves it as it was for the draft before."""
    alike = [item for item in _COSTINGS if item[:2] == (run.pk, today) and item[2].fits(policy)]
    found = alike[0] if alike else (run.pk, today, costed(tables, policy, today))
    _COSTINGS[:] = [found, *(item for item in _COSTINGS if item is not found)][:COSTINGS_KEPT]
    return found[2]


# --- what the office knows besides the book


def known_of(policy: Policy, today: date) -> Known:
    """What the hours of a service model, in force or a draft, are reckoned with besides the book: absences, days from
    which reductions hold, promises that still hold, agreements."""
    present = Customer.objects.filter(run__published=True, former=False).exclude(number__in=aliases())
    units = dict(present.values_list("number", "unit_id"))
    absent = absences_by_role(policy)
    return Known(
        absent={role: [(day.first_on, day.last_on) for days in each for day in days] for role, each in absent.items()},
        reduced_until=_last_days(_reductions(policy, units, today)),
        until=_told_today(policy, today),
        held=[*_held(units, today), *_held_by_draft(policy, units, today)],
        agreed=_agreed(policy),
    )


def ground_of(policy: Policy, day: date) -> dict[str, str]:
    """Marks of what the office knew on a day that hours were reckoned with: another one, asked for the same day, tells
    what was entered since."""
    return {"decided": str(_decided()), **known_of(policy, day).marks, "day": day.isoformat()}


def _told_today(policy: Policy, today: date) -> date:
    """The last day of former promises of whoever is told today; nobody knows sooner."""
    return today + timedelta(days=policy.review.notice_days) - DAY


def _last_days(pairs: Iterator[tuple[str, date]]) -> dict[str, date]:
    found: dict[str, date] = {}
    for unit, until in pairs:
        found[unit] = max(until, found.get(unit, until))
    return found


def _reductions(policy: Policy, units: Mapping[str, str], today: date) -> Iterator[tuple[str, date]]:
    """The last day of the former class of each unit: decided ones by their day, planned ones by their wave."""
    graces = dict(WaveGrace.objects.values_list("wave_on", "days"))
    waiting = Proposal.objects.filter(state="open", reduces=True, wave_on__isnull=False)
    for unit, wave_on in waiting.values_list("unit_id", "wave_on"):
        if wave_on is not None:
            yield unit, dates_from(wave_on, graces.get(wave_on, 0), policy, today).effective_on - DAY
    decided = Membership.objects.filter(effective_on__gt=today).values_list("number", "effective_on")
    for number, effective_on in decided:
        if number in units:
            yield units[number], effective_on - DAY


def _held(units: Mapping[str, str], today: date) -> Iterator[Held]:
    """Customers to whom a weaker promise of the service model in force was not told yet, or whose notice still runs."""
    version = policy_version_on(today)
    listed = Told.objects.filter(policy=version, assumed=False).order_by("-told_on")
    told = dict(listed.values_list("number", "told_on"))  # the first day where it was said more than once
    for item in Announcement.objects.filter(policy=version, weakened=True).select_related("policy", "former"):
        former, soonest = policy_of(item.former), _told_today(policy_of(item.policy), today)
        for number in item.numbers:
            until = told[number] - DAY if number in told else soonest
            if number in units and until >= today:
                yield Held(units[number], item.class_key, until, former)


def _held_by_draft(policy: Policy, units: Mapping[str, str], today: date) -> Iterator[Held]:
    """Customers to whom a draft promises less than the service model in force: that holds until they were told."""
    version = policy_version_on(today)
    former = policy_of(version) if version else policy
    weakened = weakened_classes(former, policy)
    if weakened:
        for number, key in classes_in_force(today, former).items():
            if key in weakened and number in units:
                yield Held(units[number], key, _told_today(policy, today), former)


def _agreed(policy: Policy) -> dict[str, list[Any]]:
    known = {item.key for item in policy.services}
    found: dict[str, list[Any]] = {}
    for item in Agreement.objects.filter(service__in=known).order_by("since", "pk"):
        found.setdefault(item.number, []).append(agreed_of(item))
    return found


# --- who knows what holds


@dataclass(frozen=True)
class Knowing:
    """How many of the customers with a class know the promises that hold, and of how many that is only assumed."""

    all: int
    known: int
    assumed: int
    ahead: int = 0  # were told what holds only from a later day on, and know nothing else for sure


def knowing(today: date, user: User | None = None) -> Knowing:
    """Whether customers were told what their class is promised today, or the very same before; with a reader only those
    customers that they may see.

    Today shows it each time: it is counted anew only once somebody was told, decided about or erased, or a book is
    another one.
    """
    version = policy_version_on(today)
    if version is None:
        return Knowing(0, 0, 0)
    present = customers_for(user) if user else Customer.objects.filter(run__published=True)
    told, decided = Told.objects.filter(told_on__lte=today), Membership.objects.filter(effective_on__lte=today)
    counted = (Run.objects.filter(published=True), told, _ahead(today), decided, aliases())
    stamp = (str(present.query), *(_last(rows) for rows in counted))
    return _knowing(stamp, version.hash, version, today, user)


def _ahead(today: date) -> QuerySet[Told]:
    return Told.objects.filter(said_on__lte=today, told_on__gt=today, assumed=False)


def _last(rows: QuerySet[Any]) -> tuple[int, int | None]:
    """How many rows, and the newest: rows that decide who knows what are written and dropped, never changed."""
    found = rows.order_by().aggregate(count=Count("pk"), newest=Max("pk"))
    return found["count"], found["newest"]


@lru_cache(maxsize=32)
def _knowing(_stamp: object, _hash: str, version: PolicyVersion, today: date, user: User | None) -> Knowing:
    in_force = classes_in_force(today, policy_of(version))
    seen = customers_for(user) if user else Customer.objects.filter(run__published=True)
    present = set(seen.filter(former=False).exclude(number__in=aliases()).values_list("number", flat=True))
    wanted = {number: key for number, key in in_force.items() if number in present}
    told = told_rows().filter(told_on__lte=today)
    last = {row[0]: row[1:] for row in told.values_list("number", "policy_id", "class_key", "assumed")}
    same = _Same(policy_of(version), {item.pk: item for item in PolicyVersion.objects.all()})
    guessed = {
        number: last[number][2] for number, key in wanted.items() if number in last and same(key, *last[number][:2])
    }
    sure = {number for number, is_guess in guessed.items() if not is_guess}
    ahead = set(_ahead(today).values_list("number", flat=True)) & wanted.keys() - sure
    return Knowing(len(wanted), len(sure), len(guessed) - len(sure), len(ahead))


class _Same:
    """Whether what was told of a class then is what a class is promised now; each pair is compared once."""

    def __init__(self, policy: Policy, versions: Mapping[int, PolicyVersion]) -> None:
        self.policy, self.versions = policy, versions
        self.found: dict[tuple[str, int, str], bool] = {}

    def __call__(self, class_key: str, version: int, told_key: str) -> bool:
        key = (class_key, version, told_key)
        if key not in self.found:
            then, now = dict(policy_of(self.versions[version]).promises), dict(self.policy.promises)
            self.found[key] = class_key in now and then.get(told_key) == now[class_key]
        return self.found[key]

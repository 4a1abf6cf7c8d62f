"""Questions of the review: what a run proposes against what people decided, and what a reader may see of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from zusage.ground.reasons import Finding
from zusage.ground.words import Language, say
from zusage.policy.document import Policy, Promise
from zusage.promises.terms import sentence, term
from zusage.promises.weaker import WEAKENED, Hours, verdict
from zusage.report.judged import class_sections, decision, steps_up
from zusage.report.lines import Line
from zusage.web.book.models import Book
from zusage.web.book.queries import aliases, tables_of
from zusage.web.bridge.claims import with_own_referrals
from zusage.web.bridge.reckoning import (
    Costing,
    Plan,
    Tables,
    keep_tables,
    kept_tables,
    reckon,
    with_known_classes,
    with_own_work,
    with_rows,
)
from zusage.web.customers.models import Agreement, Customer, Membership, Override, OwnChoice, OwnWork, Run, Unit
from zusage.web.customers.queries import agreed_of, customers_for, searched, told_rows
from zusage.web.customers.referrals.queries import own_referrals
from zusage.web.office.models import User
from zusage.web.office.queries import known_as, policy_of
from zusage.web.review.models import Flag, Proposal

KEPT_DAYS = 365
"""A class that a person decided to leave as it is, is not put to question again for a year."""
CHUNK, LIKELY = 250, 2
"""Units looked at together, and from which mark on a part of a class counts as met."""
STAYED = ("kept", "taken_back")
"""The states of proposals after which a class stays what it is."""
DAYS = ("since", "override_until", "choice_on")
"""The columns of a unit's figures that are days, which JSON keeps as text."""


# --- what people decided and noted


def classes_in_force(day: date, policy: Policy | None = None) -> dict[str, str]:
    """The confirmed class of every customer on a day, by the key a service model has for it; who has none is
    missing. Without a service model the keys are those of the day of the decision."""
    return _known(Membership.objects.filter(effective_on__lte=day), policy)


def classes_decided(numbers: Collection[str] | None = None, policy: Policy | None = None) -> dict[str, str]:
    """The class decided last for every customer, whether it is in force yet or not; keys as in `classes_in_force`."""
    found = Membership.objects.all()
    return _known(found if numbers is None else found.filter(number__in=numbers), policy)


def _known(found: QuerySet[Membership], policy: Policy | None) -> dict[str, str]:
    decided = dict(found.order_by("effective_on", "pk").values_list("number", "class_key"))
    if policy is None:
        return decided
    keys = {key: known_as(policy, key) for key in {*decided.values()}}
    return {number: keys[key] for number, key in decided.items()}


def former_classes(day: date, policy: Policy | None = None) -> Iterator[dict[str, str]]:
    """The confirmed classes as rows of the table that a plan takes for the former ones; keys as in
    `classes_in_force`."""
    for number, key in classes_in_force(day, policy).items():
        yield {"customer_id": number, "class_key": key}


def composed_tables(book: Book, today: date) -> Tables:
    """The tables of a book with what the office itself knows: work, choices and exceptions noted here."""
    tables = with_own_work(tables_of(book), own_work(), today)
    longer = with_rows(tables, choices=own_choices(), overrides=own_overrides())
    return with_own_referrals(longer, own_referrals())


def folder_of(run: Run) -> Path:
    """Where the tables of a run are kept, so that another service model can be tried on them."""
    return Path(settings.DATA) / "tables" / f"run-{run.pk}"


def tables_of_run(run: Run, today: date) -> Tables:
    """The tables a run was reckoned from; composed anew where they are not kept, as after a restore."""
    folder = folder_of(run)
    if not folder.is_dir():
        keep_tables(composed_tables(run.book, today), folder)
    made = folder.stat()
    return _held(folder, made.st_ino, made.st_mtime_ns)


@lru_cache(maxsize=1)
def _held(folder: Path, *made: int) -> Tables:
    """The tables of one run stay in memory, for drafts that are tried on them again and again; `made` says when they
    were written, for what is written once is never changed."""
    found = kept_tables(folder)
    assert found is not None  # noqa: S101 - just written
    return found


def reckoned(
    tables: Tables,
    policy: Policy,
    today: date,
    findings: Sequence[Finding] = (),
    costing: Costing | None = None,
) -> Plan:
    """The plan of a book under a service model, with the classes that people confirmed as the former ones; whatever
    was decided under another key of a class counts."""
    known = with_known_classes(tables, cache(partial(known_as, policy)))
    former = former_classes(today, policy)
    return reckon(known, policy, today=today, previous=former, findings=findings, costing=costing)


def own_choices() -> Iterator[dict[str, Any]]:
    """The choices noted in the office, as rows of the table `choices`."""
    for item in OwnChoice.objects.order_by("pk"):
        yield {
            "customer_id": item.number,
            "state": item.state,
            "class_key": item.class_key,
            "chosen_on": item.chosen_on,
            "evidence": item.evidence,
        }


def own_overrides() -> Iterator[dict[str, Any]]:
    """The overrides decided in the office that nobody has ended, as rows of the table `overrides`."""
    for item in Override.objects.filter(ended_at=None).select_related("by").order_by("pk"):
        yield {
            "customer_id": item.number,
            "class_key": item.class_key,
            "decided_by": item.by.name,
            "reason": item.reason,
            "until": item.until,
        }


def own_work() -> Iterator[dict[str, Any]]:
    """The work noted in the office, as `bridge.matching` reads it."""
    columns = ("number", "done_on", "start_second", "activity", "direction", "channel", "seconds")
    yield from OwnWork.objects.order_by("pk").values(*columns)


# --- what a run proposes


def change_between(policy: Policy, old: str, new: str) -> str:
    """What a change of class is by the levels of the service model: first, up, down or level."""
    levels = {item.key: item.level for item in policy.classes}
    if not old:
        return "first"
    if old not in levels or levels[old] == levels[new]:
        return "level"
    return "up" if levels[new] > levels[old] else "down"


def weakens(policy: Policy, old: str, new: str) -> bool:
    """Whether a change may promise less: a lower level, or a former class that the service model no longer knows."""
    return change_between(policy, old, new) == "down" or bool(old and old not in {item.key for item in policy.classes})


def proposed_changes(run: Run, policy: Policy, today: date, units: Collection[str] | None = None) -> Iterator[Proposal]:
    """The proposals of a run, not yet written: one for each unit with a member whose decided class is another one.

    Nothing is proposed where people decided in the last year to leave exactly this as it is. `units`: only these.
    """
    return _with_criteria(run, _proposed(run, policy, today, units))


def _proposed(run: Run, policy: Policy, today: date, units: Collection[str] | None) -> Iterator[Proposal]:
    members = Customer.objects.filter(run=run, former=False).order_by("unit_id", "number")
    if units is not None:
        members = members.filter(unit_id__in=units)
    decided, kept = classes_decided(policy=policy), _kept_since(today - timedelta(days=KEPT_DAYS), policy)
    # only what a log has seen was lived: standard times alone lower nothing
    lived = Unit.objects.filter(run=run, figures__served="over", figures__observed_seconds__gt=0)
    over = set(lived.values_list("unit_id", flat=True))
    gone = set(aliases().values_list("alias", flat=True))
    for unit_id, listed in _by_unit(members):
        present = [item for item in listed if item.number not in gone]
        if not present:
            continue  # nobody is left to be told: the class stays as it was
        found = _proposal(policy, listed, decided, present)
        if found and (unit_id, found.from_key, found.to_key) not in kept:
            found.run = run
            found.reduces = found.reduces or (found.change == "first" and unit_id in over)
            yield found


def _with_criteria(run: Run, proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """Proposals with the criteria that decide: those missed for the former class, or met for the better one."""
    source = iter(proposals)
    while chunk := list(islice(source, CHUNK)):
        units = Unit.objects.filter(run=run, unit_id__in=[item.unit_id for item in chunk])
        parts = dict(units.values_list("unit_id", "parts"))
        for item in chunk:
            lost, key = (True, item.from_key) if item.change == "down" else (False, item.to_key)
            rows = [row for row in parts.get(item.unit_id, ()) if row["class_key"] == key]
            names = dict.fromkeys(row["metric"] for row in rows if (row["met"] < LIKELY) is lost)
            item.criteria = "".join(f"|{name}" for name in names)[:399] + "|" if names else ""
            yield item


def _by_unit(members: Iterable[Customer]) -> Iterator[tuple[str, list[Customer]]]:
    """Members, sorted by unit, unit by unit."""
    listed: list[Customer] = []
    for member in members:
        if listed and listed[0].unit_id != member.unit_id:
            yield listed[0].unit_id, listed
            listed = []
        listed.append(member)
    if listed:
        yield listed[0].unit_id, listed


def _proposal(
    policy: Policy, members: list[Customer], decided: Mapping[str, str], present: list[Customer]
) -> Proposal | None:
    """What is proposed for a household, named after the first of it who was not erased."""
    head = next((item for item in members if item.number == item.unit_id), members[0])
    named = head if head in present else present[0]
    different = [key for item in members if (key := decided.get(item.number, "")) != head.proposed_key]
    if not different:
        return None
    old = _decisive(policy, different, head.proposed_key)
    return Proposal(
        unit_id=head.unit_id,
        name=named.name,
        sort_key=named.sort_key,
        members=[item.number for item in members],
        from_key=old,
        to_key=head.proposed_key,
        change=change_between(policy, old, head.proposed_key),
        reduces=weakens(policy, old, head.proposed_key),
        because=head.because,
        adviser=head.adviser,
        contribution_cents=sum(item.contribution_cents for item in members),
        undecided=head.undecided,
    )


def _decisive(policy: Policy, different: Collection[str], new: str) -> str:
    """The former class that a proposal is named after, where members have different ones: whoever loses comes first."""
    order = {item.key: rank for rank, item in enumerate(policy.classes)}
    losing = [key for key in different if weakens(policy, key, new)]
    known = losing or [key for key in different if key] or [""]
    return min(known, key=lambda key: order.get(key, -1))


def _kept_since(day: date, policy: Policy) -> set[tuple[str, str, str]]:
    found = Proposal.objects.filter(state__in=STAYED, decided_at__date__gte=day)
    known = cache(partial(known_as, policy))
    rows = found.values_list("unit_id", "from_key", "to_key")
    return {(unit_id, known(old), known(new)) for unit_id, old, new in rows}


# --- what a reader may see


KINDS = {
    "first": Q(change="first"),
    "down": Q(reduces=True) & ~Q(change="first"),
    "up": Q(reduces=False) & ~Q(change="first"),
}
"""The open proposals of each part of the page."""


def proposals_for(user: User) -> QuerySet[Proposal]:
    """The proposals for units with a customer whom the reader may see: open ones of the published run, decided ones."""
    found = Proposal.objects.filter(Q(run__published=True) | ~Q(state="open"))
    visible = customers_for(user).values("unit_id")
    return found.filter(unit_id__in=visible).select_related("decided_by")


def kept_for(user: User, unit_id: str, held: str, proposed: str, policy: Policy) -> Proposal | None:
    """The last decision to leave a unit's class as it is although the figures point to another one."""
    found = proposals_for(user).filter(unit_id=unit_id, state__in=STAYED).order_by("-decided_at")
    wanted = (held, proposed)
    return next(
        (item for item in found if (known_as(policy, item.from_key), known_as(policy, item.to_key)) == wanted), None
    )


SAME = ("from_key", "to_key", "adviser", "because", "wave_on")
"""What proposals are filtered by where it is equal."""


def narrowed(found: QuerySet[Proposal], user: User, asked: Mapping[str, Any]) -> QuerySet[Proposal]:
    """The proposals that pass the filters of a page: names as in `review.forms.FilterForm`."""
    wanted = Q(**{name: asked[name] for name in SAME if asked.get(name)})
    if asked.get("criterion"):
        wanted &= Q(criteria__contains=f"|{asked['criterion']}|")
    if asked.get("least") is not None:
        wanted &= Q(contribution_cents__gte=asked["least"] * 100)
    if asked.get("most") is not None:
        wanted &= Q(contribution_cents__lte=asked["most"] * 100)
    if asked.get("q"):
        wanted &= Q(unit_id__in=searched(customers_for(user), asked["q"]).values("unit_id"))
    return found.filter(wanted)


def facets(found: QuerySet[Proposal]) -> dict[str, dict[Any, int]]:
    """What proposals can be filtered by, each with how many there are."""
    plain = found.order_by()
    known = {name: dict(plain.values_list(name).annotate(Count("pk")).order_by(name)) for name in SAME}
    criteria = Counter[str]()
    for names, size in plain.values_list("criteria").annotate(Count("pk")):
        criteria.update(dict.fromkeys(filter(None, names.split("|")), size))
    return {name: {key: size for key, size in sizes.items() if key} for name, sizes in known.items()} | {
        "criterion": dict(sorted(criteria.items()))
    }


def open_counts(user: User) -> dict[str, int]:
    """How many open proposals there are in each part of the page, and of the first ones those served more so far."""
    asked = {name: Count("pk", filter=kind) for name, kind in KINDS.items()}
    over = Count("pk", filter=KINDS["first"] & Q(reduces=True))
    found: dict[str, int] = proposals_for(user).filter(state="open").aggregate(**asked, over=over)
    return found


def unclear_for(user: User) -> QuerySet[Customer]:
    """Customers whose figures are not sure enough, and who stay where they are: nothing is proposed for them."""
    proposed = Proposal.objects.filter(run__published=True, state="open").values("unit_id")
    found = customers_for(user).filter(undecided=True).exclude(number__in=aliases())
    return found.exclude(unit_id__in=proposed).order_by("sort_key", "number")


def pending_for(user: User, today: date) -> QuerySet[Membership]:
    """Decided classes that are not in force yet, the next first, each with the customer's `name`."""
    visible = customers_for(user)
    found = Membership.objects.filter(effective_on__gt=today, number__in=visible.values("number"))
    name = visible.filter(number=OuterRef("number")).values("name")[:1]
    return found.annotate(name=Subquery(name)).select_related("decided_by").order_by("effective_on", "number")


def open_flags() -> QuerySet[Flag]:
    """Days with many equal reasons that the owner has not seen yet."""
    return Flag.objects.filter(seen_at=None).select_related("by").order_by("at")


def import_day(run: Run) -> date:
    """The local day on which the book of a run was brought in."""
    cause = run.book.cause
    return timezone.localtime(cause.created_at if cause else run.book.created_at).date()


# --- what is agreed by contract


def agreements_against(policy: Policy, members: Collection[str], class_key: str, day: date) -> list[Agreement]:
    """The agreements with members of a unit that promise more than a class would, as far as they hold on a day or
    later; the one that ends last comes last."""
    found = Agreement.objects.filter(number__in=members).exclude(until__lt=day).order_by("pk")
    new, hours = {item.service: item for item in policy.promises_of(class_key)}, Hours.of(policy)
    known = {item.key: item.measure for item in policy.services}
    against = [
        item
        for item in found
        if item.service in known
        and verdict(agreed_of(item).promise, new.get(item.service), known[item.service], hours) in WEAKENED
    ]
    return sorted(against, key=lambda item: item.until or date.max)


@dataclass(frozen=True)
class Held:
    """What keeps a reduction from being confirmed: agreements in words, and the day after the last one ends."""

    agreements: tuple[tuple[Agreement, str], ...]
    free_from: date | None  # None: one of them has no end


def held_back(proposal: Proposal, policy: Policy, today: date, language: Language) -> Held | None:
    """The agreements that a reduction would weaken; None where nothing keeps it."""
    against = agreements_against(policy, proposal.members, proposal.to_key, today)
    if not proposal.reduces or not against:
        return None
    said = [(item, sentence(agreed_of(item).promise, policy, language)) for item in against]
    last = against[-1].until
    return Held(tuple(said), None if last is None else last + timedelta(days=1))


# --- why, in words


@dataclass(frozen=True)
class Grounds:
    """Why a unit is proposed for a class: what decided, the criteria line by line, what would lift it, what it got."""

    decision: tuple[str, ...]
    sections: tuple[tuple[str, tuple[dict[str, Any], ...]], ...]
    steps: tuple[str, ...]
    figures: Mapping[str, Any]


def grounds_of(proposals: Collection[Proposal], run: Run, language: Language) -> dict[str, Grounds]:
    """The grounds of open proposals by unit, with one look at the rows of their run."""
    policy = policy_of(run.policy)
    units = Unit.objects.filter(run=run, unit_id__in=[item.unit_id for item in proposals])
    return {unit.unit_id: _grounds(unit, policy, language) for unit in units}


def _grounds(unit: Unit, policy: Policy, language: Language) -> Grounds:
    row = {key: date.fromisoformat(value) if key in DAYS and value else value for key, value in unit.figures.items()}
    return Grounds(
        decision=tuple(say(reason, language) for reason in decision(policy, row, language)),
        sections=tuple(
            (say(section.title, language), tuple(_line(line, language) for line in section.lines))
            for section in class_sections(policy, row, unit.parts, language)
        ),
        steps=tuple(say(step, language) for step in steps_up(row, language)),
        figures=row,
    )


def _line(line: Line, language: Language) -> dict[str, Any]:
    return {
        "label": say(line.label, language),
        "figure": line.figure(language),
        "reckoned": line.reckoned(language),
        "met": line.met,
        "depth": line.depth,
    }


@dataclass(frozen=True)
class Compared:
    """A service before and after, each as its term in words; empty where it is not promised."""

    service: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        return self.before == self.after


def compared_promises(proposal: Proposal, policy: Policy, day: date, language: Language) -> list[Compared]:
    """What is promised now and what would be, service by service; what changes comes first."""
    before = _terms(*_promises_before(proposal, policy, day), language)
    after = _terms(policy, policy.promises_of(proposal.to_key), language)
    found = [Compared(name, before.get(name, ""), after.get(name, "")) for name in before | after]
    return sorted(found, key=lambda item: item.same)


def _promises_before(proposal: Proposal, policy: Policy, day: date) -> tuple[Policy, Sequence[Promise]]:
    """As last told, else as the former class is promised; before the first class nothing is."""
    told = told_rows().filter(number__in=proposal.members, told_on__lte=day)
    last = told.select_related("policy").last()
    if last is not None:
        policy, key = policy_of(last.policy), last.class_key
    else:
        key = proposal.from_key
    return policy, dict(policy.promises).get(key, ())


def _terms(policy: Policy, promises: Sequence[Promise], language: Language) -> dict[str, str]:
    return {policy.service(item.service).name[language]: term(item, policy, language) for item in promises}

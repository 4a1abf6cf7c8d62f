"""Questions about publishing: the check of a draft, what it weakens for whom, versions, and who is still to be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum
from django.http import Http404

from zusage.ground.words import Language
from zusage.policy.document import Policy, Promise, Service
from zusage.promises.consent import Locked
from zusage.promises.terms import term
from zusage.promises.weaker import Changed, changed_promises, successor
from zusage.report.differences import GROUPS, Difference, differences
from zusage.report.differing import metric_name
from zusage.report.judged import metric_text
from zusage.web.book.queries import aliases
from zusage.web.customers.consent.queries import locks, stopped, to_approach
from zusage.web.customers.models import Customer, Told
from zusage.web.customers.queries import customers_for, published_run, sees_all
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.office.queries import versions_for
from zusage.web.review.queries import classes_in_force
from zusage.web.services.models import MOVES, Announcement, Check, Draft, Mover
from zusage.web.services.queries import ground_of, read_draft

# --- the check of a draft


def check_of(draft: Draft) -> Check | None:
    """The last check of a draft that was finished, whether it still fits or not."""
    return Check.objects.filter(draft=draft).exclude(hash="").select_related("by").first()


def is_current(check: Check | None, draft: Draft) -> bool:
    """Whether a check is about the draft, the book and all that the office knows besides as they stand."""
    return check is not None and not changed_since(check, draft)


def changed_since(check: Check, draft: Draft) -> list[str]:
    """What is another one than when a draft was checked, by name; that another day has come is no change."""
    run = published_run()
    now = {"draft": draft.hash == check.hash, "book": run is not None and check.run == run.pk}
    found = [name for name, same in now.items() if not same]
    ground = check.figures.get("ground")
    if found or ground is None:  # none was kept: an earlier program checked
        return found or ["program"]
    known = ground_of(read_draft(draft).policy, date.fromisoformat(ground["day"]))
    return [name for name, mark in known.items() if ground.get(name) != mark]


def checking(draft: Draft) -> Job | None:
    """The last job that checks a draft, if it runs or failed."""
    found = Job.objects.filter(kind="check", subject=draft.pk).first()
    return found if found and (found.running or found.state == "failed") else None


def movers_for(user: User, check: Check) -> QuerySet[Mover]:
    """The households of a check that would move, as far as the reader may see their customers."""
    visible = customers_for(user).values("unit_id")
    return Mover.objects.filter(check_of=check, unit_id__in=visible).order_by("sort_key", "pk")


def move_counts(movers: QuerySet[Mover]) -> dict[str, tuple[int, int]]:
    """How many households and customers rise, fall, change sideways or get their first class."""
    rows = movers.order_by().values_list("change").annotate(Count("pk"), Sum("customers"))
    found = {change: (units, customers) for change, units, customers in rows}
    return {change: found.get(change, (0, 0)) for change in MOVES}


def deciding(mover: Mover, language: Language) -> list[str]:
    """The criteria that decide, in words: metric, value and cut."""
    found = []
    for part in mover.lines:
        key = part["metric"]
        value, cut = (metric_text(key, part[name], language) for name in ("value", "cut"))
        found.append(f"{metric_name(key, language)} {value} ({'≥' if part['met'] >= 2 else '<'} {cut})")
    return found


@dataclass(frozen=True)
class Affected:
    """A class whose members are promised something else, and who they are."""

    class_key: str
    name: str
    changes: tuple[Changed, ...]
    numbers: tuple[str, ...]

    @property
    def weaker(self) -> list[Changed]:
        return [item for item in self.changes if item.weakened]

    @property
    def stronger(self) -> list[Changed]:
        return [item for item in self.changes if not item.weakened]


def affected(old: Policy, new: Policy, day: date, language: Language) -> list[Affected]:
    """The classes whose promises change, with their members on a day, best class first.

    A class that is gone is listed too, against the one that stands for it. Its members are decided about one by one in
    the review, unless only its key is another one; until then the former promises hold.
    """
    members = members_by_class(day, old)
    found = []
    for item in old.classes:
        changes = changed_promises(old, new, item.key, successor(old, new, item.key))
        if changes:
            found.append(Affected(item.key, item.name[language], changes, tuple(members.get(item.key, ()))))
    return found


def members_by_class(day: date, policy: Policy) -> dict[str, list[str]]:
    """The present customers of each confirmed class of a service model on a day, by number."""
    in_force = classes_in_force(day, policy)
    found: dict[str, list[str]] = {}
    present = Customer.objects.filter(run__published=True, former=False).exclude(number__in=aliases())
    for number in present.order_by("number").values_list("number", flat=True):
        if number in in_force:
            found.setdefault(in_force[number], []).append(number)
    return found


def change_lines(
    changes: Sequence[Changed], old: Policy, new: Policy, language: Language
) -> list[tuple[str, str, str]]:
    """Service, former term, new term of each change; empty where nothing is promised."""
    return [
        (
            _service(old, new, item.service).name[language],
            _term(item.old, old, language),
            _term(item.new, new, language),
        )
        for item in changes
    ]


def _service(old: Policy, new: Policy, key: str) -> Service:
    policy = new if key in {item.key for item in new.services} else old
    return policy.service(key)


def _term(promise: Promise | None, policy: Policy, language: Language) -> str:
    return term(promise, policy, language) if promise else ""


def grouped(old: Policy, new: Policy, language: Language) -> list[tuple[str, list[Difference]]]:
    """The differences between two service models, heading by heading."""
    found = differences(old, new, language)
    by_group = [(group, [item for item in found if item.group == group]) for group in GROUPS]
    return [(group, items) for group, items in by_group if items]


# --- versions


def version_for(user: User, pk: int) -> PolicyVersion:
    """A published service model; Http404 where there is none."""
    found = versions_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def former_of(version: PolicyVersion) -> PolicyVersion | None:
    """The service model that was in force before a version, or will have been."""
    found = PolicyVersion.objects.exclude(pk=version.pk).filter(valid_from__lte=version.valid_from)
    return found.filter(published_at__lt=version.published_at).order_by("valid_from", "pk").last()


def next_label(wanted: str) -> str:
    """A label nobody has used yet: the wanted one, else with a number behind it."""
    taken = set(PolicyVersion.objects.values_list("label", flat=True))
    if wanted and wanted not in taken:
        return wanted
    stem, _, last = wanted.rpartition("-")
    stem, number = (stem, int(last)) if stem and last.isascii() and last.isdigit() else (wanted, 1)
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


# --- who is to be told


def announcements_for(user: User) -> QuerySet[Announcement]:
    """What was announced, the newest first; for those who decide about customers, and the auditor."""
    found = Announcement.objects.select_related("policy", "former", "by")
    return found.none() if user.role == "assistant" else found


def announcement_for(user: User, pk: int) -> Announcement:
    """An announcement; Http404 where there is none."""
    found = announcements_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def overtaken(announcement: Announcement) -> bool:
    """Whether a later service model says something else to the same class: that is told instead."""
    return Announcement.objects.filter(class_key=announcement.class_key, pk__gt=announcement.pk).exists()


@dataclass(frozen=True)
class ToTell:
    """A customer who does not know yet what holds, or will hold."""

    number: str
    name: str
    class_key: str
    adviser: str


def to_tell(user: User, announcement: Announcement) -> list[ToTell]:
    """The customers of an announcement whom nobody has told yet, as far as the reader may see them, by name. Whoever is
    locked is not told (`locked_out`).

    Who is on the list is looked up here: a list of all customers is more than a database takes as values of a query.
    """
    wanted = set(announcement.numbers) - _told_of(announcement.policy_id)
    mine = _present(user).order_by("sort_key", "number") if wanted else Customer.objects.none()
    rows = mine.values_list("number", "name", "class_key", "adviser")
    return [ToTell(*row) for row in rows if row[0] in wanted]


def _present(user: User) -> QuerySet[Customer]:
    """The customers somebody may see who can be told something."""
    return to_approach(customers_for(user).filter(former=False))


def locked_out(user: User, announcement: Announcement) -> list[tuple[str, str, Locked]]:
    """The customers of an announcement who are not told because they are locked: number, name and lock, by name."""
    wanted = set(announcement.numbers) - _told_of(announcement.policy_id)
    found = {item.number: Locked(item.why, item.since) for item in locks().filter(number__in=stopped())}
    mine = customers_for(user).filter(former=False, number__in=stopped()).order_by("sort_key", "number")
    rows = mine.values_list("number", "name")
    return [(number, name, found[number]) for number, name in rows if number in wanted]


def waiting(user: User, found: Iterable[Announcement]) -> dict[int, int]:
    """How many customers of each announcement are still to be told, as far as the reader may see them.

    What a later version took the place of has nobody left, and neither has what everybody was told.
    """
    listed = list(found)
    told = {pk: _told_of(pk) for pk in {item.policy_id for item in listed}}
    left = {item.pk: set(item.numbers) - told[item.policy_id] for item in listed if not overtaken(item)}
    if not any(left.values()):
        return {item.pk: 0 for item in listed}
    mine = set(_present(user).values_list("number", flat=True))
    return {item.pk: len(left.get(item.pk, set()) & mine) for item in listed}


def concerned(user: User, found: Iterable[Announcement]) -> dict[int, int]:
    """How many customers each announcement is for, as far as the reader may see them."""
    if sees_all(user):
        return {item.pk: item.customers for item in found}
    mine = set(customers_for(user).values_list("number", flat=True))
    return {item.pk: len(mine.intersection(item.numbers)) for item in found}


def _told_of(version: int) -> set[str]:
    return set(Told.objects.filter(policy=version, assumed=False).values_list("number", flat=True))


def still_to_tell(user: User) -> int:
    """How many customers are still to be told something; quick where there is nothing to tell."""
    found = announcements_for(user).defer("numbers")
    counts = Told.objects.filter(assumed=False).values_list("policy_id", "class_key")
    told = {row[:2]: row[2] for row in counts.annotate(Count("number", distinct=True))} if found else {}
    open_ = [item for item in found if item.customers > told.get((item.policy_id, item.class_key), 0)]
    return (
        sum(waiting(user, announcements_for(user).filter(pk__in=[item.pk for item in open_])).values()) if open_ else 0
    )

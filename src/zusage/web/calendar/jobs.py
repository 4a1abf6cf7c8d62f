"""The daily work: a day comes in; classes whose day has come, what has ended and what falls due go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from zusage.policy.document import Policy
from zusage.promises.reaching import Touch, touch_of
from zusage.promises.standing import Agreed
from zusage.web.book.queries import aliases
from zusage.web.bridge.due import touchpoints_due
from zusage.web.calendar.models import Touchpoint
from zusage.web.calendar.queries import reaches
from zusage.web.customers.choices.queries import declined_by_units
from zusage.web.customers.consent.queries import stopped
from zusage.web.customers.models import Customer, Run
from zusage.web.customers.queries import agreed_with_units, published_run, told_rows
from zusage.web.office.jobs import Progress, job, short_write, start_job
from zusage.web.office.models import Job, PolicyVersion
from zusage.web.office.queries import policy_of, policy_version_on
from zusage.web.review.actions import apply_classes, end_overrides
from zusage.web.review.queries import classes_in_force
from zusage.web.services.sample.actions import close_over

AHEAD = timedelta(days=60)
"""So far ahead touchpoints are written down; what comes later is planned by the rules, not by rows."""
CHUNK = 100
"""Rows of one transaction: well below 100 ms, so that readers of SQLite never wait long."""
_Key = tuple[str, str, date]
"""Unit, service and day of a touchpoint."""


@job("daily")
def daily(job: Job, progress: Progress) -> dict[str, Any]:
    """What a new day, a new run or a new service model brings with it."""
    today, now = timezone.localdate(), timezone.now()
    progress.step("calendar_step_classes")
    ended = end_overrides(today=today, now=now)
    applied = apply_classes(today=today)
    run, version = published_run(), policy_version_on(today)
    if version is not None:
        close_over(today=today, policy=policy_of(version), now=now)
    if run is None or version is None:
        return {"classes": applied, "overrides": ended}
    progress.step("calendar_step_touchpoints")
    written = refresh_touchpoints(run, policy_of(version), today)
    if ended or run.policy_id != version.pk:
        start_job("review", now=now)
    return {"classes": applied, "overrides": ended, "touchpoints": written}


def refresh_touchpoints(run: Run, policy: Policy, today: date) -> int:
    """Write down what falls due in the next weeks; answers how many are due.

    What is done stays; what is open and no longer promised, or not wanted by the customer, is gone, and open again
    should it be promised or wanted again.
    """
    last = today + AHEAD
    units = {unit["unit_id"]: unit for unit in units_in_force(run, policy, today)}
    declined = declined_by_units()
    delivered, agreed = _delivered(), agreed_with_units(run, policy)
    due = [
        _planned(row, units[row["unit_id"]], _touch(held, row, agreed.get(row["unit_id"], ())))
        for held, group in _by_promises(units.values(), policy, today)
        for row in touchpoints_due(group, held, today, last, delivered, agreed)
        if (row["unit_id"], row["service"]) not in declined
    ]
    known, wanted = _known(today), {}
    for item, reach in zip(due, reaches(due, today), strict=True):
        if reach is not None:  # who wants no advertising at all is owed none
            item.via = reach.via
            wanted[item.unit_id, item.service, item.due_on] = item
    _insert(item for key, item in wanted.items() if key not in known)
    _update(known, wanted)
    return len(wanted)


def _touch(held: Policy, row: dict[str, Any], agreed: Sequence[Agreed]) -> Touch | None:
    """On which ways a delivery is promised: as agreed with the customer, else as the class is promised."""
    own = (
        item.promise
        for item in reversed(agreed)
        if item.promise.service == row["service"] and item.holds(row["due_on"])
    )
    of_class = (item for item in held.promises_of(row["class_key"]) if item.service == row["service"])
    promise = next(own, None) or next(of_class, None)
    return touch_of(held.service(row["service"]), promise) if promise else None


def _planned(row: dict[str, Any], unit: dict[str, Any], touch: Touch | None) -> Touchpoint:
    ways, purpose = (" ".join(touch.ways), touch.purpose) if touch else ("", "")
    return Touchpoint(**row, name=unit["name"], number=unit["number"], ways=ways, purpose=purpose)


def units_in_force(run: Run, policy: Policy, day: date) -> Iterator[dict[str, Any]]:
    """Each unit with the class whose promises hold on a day: of members with different ones the best.

    `number` is the customer the unit is numbered after, who stands for it in what was told; where nothing may be sent
    to them, another member to whom it may. The erased are owed nothing.
    """
    in_force = classes_in_force(day, policy)
    order = {item.key: rank for rank, item in enumerate(policy.classes)}
    usual = next((item.key for item in policy.classes if item.provisional), policy.classes[-1].key)
    found: dict[str, dict[str, Any]] = {}
    locked = set(stopped().values_list("number", flat=True))
    present = Customer.objects.filter(run=run, former=False).exclude(number__in=aliases())
    members = present.order_by("unit_id", "number")
    for number, unit_id, name, since in members.values_list("number", "unit_id", "name", "since"):
        key = in_force.get(number, usual)
        key = key if key in order else usual
        facts = {"unit_id": unit_id, "number": number, "name": name, "class_key": key, "since": since}
        unit = found.setdefault(unit_id, facts)
        unit["class_key"] = min(unit["class_key"], key, key=order.__getitem__)
        unit["since"] = min((day for day in (unit["since"], since) if day), default=None)
        heads = number == unit_id and number not in locked
        if heads or (unit["number"] in locked and number not in locked):
            unit |= {"name": name, "number": number}
    yield from found.values()


def _by_promises(
    units: Iterable[dict[str, Any]], policy: Policy, today: date
) -> Iterator[tuple[Policy, list[dict[str, Any]]]]:
    """Units by the service model whose promises hold for them: until somebody is told a new one, the former goes on."""
    told = told_rows().filter(told_on__lte=today)
    last = {row[0]: row[1:] for row in told.values_list("number", "policy_id", "class_key")}
    versions = {item.pk: item for item in PolicyVersion.objects.all()}
    groups: dict[int, list[dict[str, Any]]] = {}  # 0: as the service model in force says
    for unit in units:
        version, key = last.get(unit["number"], (0, ""))
        former = versions.get(version)
        if former is None or former.hash == policy.hash or key not in dict(policy_of(former).promises):
            groups.setdefault(0, []).append(unit)
        else:
            groups.setdefault(version, []).append(unit | {"class_key": key})
    for version, listed in groups.items():
        yield policy_of(versions[version]) if version else policy, listed


def _delivered() -> dict[tuple[str, str], date]:
    done = Touchpoint.objects.filter(state="done", done_on__isnull=False).order_by()
    found = done.values_list("unit_id", "service").annotate(last=Max("done_on"))
    return {(unit_id, service): last for unit_id, service, last in found}


def _known(today: date) -> dict[_Key, Touchpoint]:
    found = Touchpoint.objects.filter(due_on__gte=today).order_by()
    return {(item.unit_id, item.service, item.due_on): item for item in found}


def _insert(items: Iterable[Touchpoint]) -> None:
    held = list(items)
    for start in range(0, len(held), CHUNK):
        with short_write():
            Touchpoint.objects.bulk_create(held[start : start + CHUNK], ignore_conflicts=True)


def _update(known: dict[_Key, Touchpoint], wanted: dict[_Key, Touchpoint]) -> None:
    """Open rows say what is promised now; those that are promised no longer are gone."""
    facts = ("name", "class_key", "role", "seconds", "number", "ways", "purpose", "via")
    changed, gone = [], []
    for key, item in known.items():
        new = wanted.get(key)
        if item.state == "open" and new is None:
            gone.append(item.pk)
        elif item.state != "done" and new is not None:
            new.pk = item.pk
            if item.state == "gone" or any(getattr(item, fact) != getattr(new, fact) for fact in facts):
                changed.append(new)
    for start in range(0, len(gone), CHUNK):
        with short_write():
            Touchpoint.objects.filter(pk__in=gone[start : start + CHUNK], state="open").update(state="gone")
    for start in range(0, len(changed), CHUNK):
        with short_write():  # each alone would be written to the disk on its own
            for item in changed[start : start + CHUNK]:
                values = {fact: getattr(item, fact) for fact in facts}
                Touchpoint.objects.filter(pk=item.pk).exclude(state="done").update(state="open", **values)

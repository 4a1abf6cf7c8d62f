"""Questions about capacity: the last answer and whether it still fits, and what the office knows besides the book."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import mark_safe

from zusage.ground.words import Language
from zusage.policy.document import Policy
from zusage.web.bridge.ahead import Held, Known
from zusage.web.customers.models import Agreement, Customer, Membership, Told
from zusage.web.customers.queries import agreed_of, customers_for, published_run
from zusage.web.insight.models import CapacityStudy
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.office.queries import absences_by_role, policy_of
from zusage.web.review.models import Proposal, WaveGrace
from zusage.web.review.waves.queries import dates_from
from zusage.web.services.models import Announcement, Draft
from zusage.web.services.queries import read_draft

DRAFTS_COMPARED = 3
DAY = timedelta(days=1)


def last_study() -> CapacityStudy | None:
    """The last answer that was found."""
    found = CapacityStudy.objects.filter(made_at__isnull=False)
    return found.select_related("policy", "by").order_by("-made_at").first()


def studying() -> Job | None:
    """The last job that looks for an answer, if it runs or failed."""
    found = Job.objects.filter(kind="capacity").order_by("-pk").first()
    return found if found and (found.running or found.state == "failed") else None


def fits(study: CapacityStudy | None, version: PolicyVersion | None) -> bool:
    """Whether an answer is about the book and the service model as they stand."""
    run = published_run()
    if study is None or run is None or version is None:
        return False
    return (study.run, study.policy_id) == (run.pk, version.pk)


def page_for(user: User, study: CapacityStudy, language: Language) -> dict[str, Any]:
    """The sections of an answer with their pictures; of lists with names only what the reader may see.

    Each table gets `lines`: the name of each row, its cells with their heads, and the key of a way that can be taken.
    """
    found: dict[str, Any] = study.figures["pages"][language]
    tables = [table for block in found["blocks"] for table in block["tables"]]
    named = {unit for table in tables for unit in table.get("units", ())}
    seen = set(customers_for(user).filter(unit_id__in=named).values_list("unit_id", flat=True)) if named else set()
    for table in tables:
        table["lines"] = list(_lines(table, study.figures["changes"], seen))
        table["foot"] = _cells(table, table["foot"]) if table["foot"] else []
    for block in found["blocks"]:  # drawn by our own job, which escapes every text in them
        block["pictures"] = [mark_safe(picture) for picture in block["pictures"]]  # noqa: S308 - see above
    return found


def _lines(table: Mapping[str, Any], changes: Mapping[str, Any], seen: Collection[str]) -> Iterator[dict[str, Any]]:
    units, ways = table.get("units"), table.get("ways")
    for place, row in enumerate(table["rows"]):
        if units is None or units[place] in seen:
            key = ways[place] if ways else ""
            yield {"cells": _cells(table, row), "way": key if key in changes else ""}


def _cells(table: Mapping[str, Any], row: Sequence[str]) -> list[tuple[str, str, bool]]:
    return [(text, label, figure) for text, (label, figure) in zip(row, table["heads"], strict=True)]


# --- what the office knows besides the book


def known_of(version: PolicyVersion, today: date) -> Known:
    """Absences, dates from which reductions hold, promises that still hold, agreements, and the last drafts."""
    policy = policy_of(version)
    units = dict(Customer.objects.filter(run__published=True, former=False).values_list("number", "unit_id"))
    absent = absences_by_role(policy)
    return Known(
        absent={role: [(day.first_on, day.last_on) for days in each for day in days] for role, each in absent.items()},
        reduced_until=_later(_reductions(policy, units, today)),
        held=list(_held(version, units, today)),
        agreed=_agreed(policy),
        drafts=dict(_drafts()),
    )


def _later(pairs: Iterator[tuple[str, date]]) -> dict[str, date]:
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


def _held(version: PolicyVersion, units: Mapping[str, str], today: date) -> Iterator[Held]:
    """Customers to whom a weaker promise of the service model in force was not told yet, or whose notice still runs."""
    notice = timedelta(days=policy_of(version).review.notice_days)
    told = dict(Told.objects.filter(policy=version, assumed=False).values_list("number", "told_on"))
    for item in Announcement.objects.filter(policy=version, weakened=True).select_related("former"):
        former = policy_of(item.former)
        for number in item.numbers:
            until = told.get(number, today + notice) - DAY  # nobody knows sooner than today
            if number in units and until >= today:
                yield Held(units[number], item.class_key, until, former)


def _agreed(policy: Policy) -> dict[str, list[Any]]:
    known = {item.key for item in policy.services}
    found: dict[str, list[Any]] = {}
    for item in Agreement.objects.filter(service__in=known).order_by("since", "pk"):
        found.setdefault(item.number, []).append(agreed_of(item))
    return found


def _drafts() -> Iterator[tuple[str, Policy]]:
    """The drafts worked on last, by label and number."""
    for draft in Draft.objects.filter(state="open").order_by("-changed_at")[:DRAFTS_COMPARED]:
        policy = read_draft(draft).policy
        yield f"{policy.version} #{draft.pk}", policy

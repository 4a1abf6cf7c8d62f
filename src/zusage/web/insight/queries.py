"""Questions about capacity: the last answer, whether it still fits, and the drafts it is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.safestring import mark_safe

from zusage.ground.words import Language
from zusage.policy.document import Policy
from zusage.web.customers.queries import customers_for, published_run
from zusage.web.insight.models import CapacityStudy
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.office.queries import policy_of
from zusage.web.services.models import Draft
from zusage.web.services.queries import read_draft
from zusage.web.speech import said

DRAFTS_COMPARED = 3


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


def assumed(study: CapacityStudy, language: Language) -> list[str]:
    """What was stated of single classes, in sentences; what is stated of all stands in the answer."""
    if study.policy is None:
        return []
    names = {item.key: item.name[language] for item in policy_of(study.policy).classes}
    new = [said("insight_assumed_new", name=names[key], new_count=count) for key, count in study.by_class.items()]
    return new + [
        said("insight_assumed_drift", from_name=names[one], to_name=names[other], drift_permille=permille)
        for one, other, permille in study.drift
    ]


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


def last_drafts() -> Iterator[tuple[str, Policy]]:
    """The drafts worked on last, by label and number."""
    for draft in Draft.objects.filter(state="open").order_by("-changed_at")[:DRAFTS_COMPARED]:
        policy = read_draft(draft).policy
        yield f"{policy.version} #{draft.pk}", policy

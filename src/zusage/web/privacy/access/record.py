"""A customer comes in; their record goes out: as JSON for machines (Art. 20 GDPR), as PDF for people (Art. 15)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from zusage.ground.words import Language
from zusage.policy.document import AllOf, Criterion, Policy, Rule
from zusage.report.judged import metric_name, metric_text
from zusage.report.letters import Sender
from zusage.report.typeset import pdf
from zusage.web.charter.link.queries import why_draft
from zusage.web.charter.queries import answers_of, sender, sheet
from zusage.web.customers.models import Customer, Unit
from zusage.web.customers.queries import members_of
from zusage.web.privacy.access.queries import Part, parts_of
from zusage.web.privacy.access.wording import Said, said_part, title_of, today_line
from zusage.web.speech import class_name, said

FORMAT = "zusage-record-1"
MOST_COLUMNS = 6
"""A table with more columns is set as one block for each row: on A4 nobody could read it otherwise."""
ABOUT = ("purposes", "sources", "recipients", "kept", "rights", "left_out")
"""What Art. 15 (1) asks for besides the data, each as a heading and its text."""
OF_THE_FIRM = ("recipients", "kept")
"""What only the firm itself can say rightly; until it does, a general sentence stands there."""


def record_json(customer: Customer, policy: Policy, now: datetime, today: date, speech: Language) -> str:
    """All that is held, as it is stored; packages by the names that customers know."""
    found = {
        "format": FORMAT,
        "made_at": now.isoformat(timespec="seconds"),
        "firm": sender().name,
        "customer": customer.number,
        "why": why(customer, policy, today, speech),
        "tables": [_table(part) for part in parts_of(customer)],
    }
    return json.dumps(found, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    return str(value.isoformat() if isinstance(value, date | datetime) else value)


def _table(part: Part) -> dict[str, Any]:
    rows = [
        {name: class_name(value) if name.endswith("_key") and value else value for name, value in row.items()}
        for row in part.rows
    ]
    return {"name": part.holding.name, "title": title_of(part.holding), "rows": rows}


def record_pdf(customer: Customer, policy: Policy, now: datetime, today: date, speech: Language) -> bytes:
    """The same as sheets to read: first what it is about and why this package, then table by table."""
    parts = [said_part(part, policy) for part in parts_of(customer)]
    writer = sender()
    return pdf(
        "record",
        {
            "title": said("privacy_record_title"),
            "author": writer.name,
            "language": speech,
            "firm": _lines(writer),
            "facts": [[said("privacy_record_of"), f"{customer.name} · {customer.number}"],
                      [said("privacy_record_on"), today_line(now)]],
            "about": _about(speech),
            "why_head": said("privacy_why_head"),
            "why": why(customer, policy, today, speech),
            "tables": [_set(part) for part in parts],
            "words": {"data": said("privacy_record_data")},
        },
    )  # fmt: skip


def _about(speech: Language) -> list[list[str]]:
    own = answers_of(sheet())
    return [
        [said(f"privacy_{item}_head"), own[item][speech] if item in own else said(f"privacy_{item}")] for item in ABOUT
    ]


def missing_texts() -> list[str]:
    """The headings under which a record says a general sentence, because the firm has written none of its own."""
    own = answers_of(sheet())
    return [said(f"privacy_{item}_head") for item in OF_THE_FIRM if item not in own]


def _lines(writer: Sender) -> list[str]:
    place = ", ".join(line for line in (writer.street, writer.place) if line)
    reach = " · ".join(line for line in (writer.phone, writer.mail, writer.web) if line)
    return [line for line in (writer.name, writer.managing, place, reach) if line]


def _set(part: Said) -> dict[str, Any]:
    wide = len(part.columns) > MOST_COLUMNS or any(len(cell) > 200 for row in part.rows for cell in row)
    return {"title": part.title, "columns": list(part.columns), "rows": [list(row) for row in part.rows], "wide": wide}


def why(customer: Customer, policy: Policy, today: date, speech: Language) -> list[str]:
    """Why this package: as it is answered to customers who ask, and what was held against what (Art. 15 (1) h).

    Of a household with several members only the limits are named: its figures are not the reader's alone.
    """
    told = why_draft(customer, policy, today, speech).split("\n\n")
    unit = Unit.objects.filter(run_id=customer.run_id, unit_id=customer.unit_id).first()
    alone = members_of(customer).count() < 2
    steps = [_step(policy, row, join, speech, alone=alone) for row, join in _joined(policy, unit.parts if unit else ())]
    return [*told, said("privacy_why_person"), *([said("privacy_why_steps")] if steps else []), *steps]


def _joined(policy: Policy, parts: Iterable[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """What was compared, class by class, each with how it goes with the one before: one of them is enough, or both are
    asked for. Where the service model has other criteria by now, nothing is said of that."""
    for key, rows in groupby(parts, key=itemgetter("class_key")):
        listed = list(rows)
        rule = next((item.rule for item in policy.classes if item.key == key), None)
        joins = list(_joins(rule)) if rule else []
        yield from zip(listed, joins if len(joins) == len(listed) else [""] * len(listed), strict=True)


def _joins(rule: Rule, first: str = "") -> Iterator[str]:
    if isinstance(rule, Criterion):
        yield first
        return
    join = "and" if isinstance(rule, AllOf) else "or"
    for place, part in enumerate(rule.rules):
        yield from _joins(part, join if place else first)


def _step(policy: Policy, row: dict[str, Any], join: str, speech: Language, *, alone: bool) -> str:
    name = next((item.name[speech] for item in policy.classes if item.key == row["class_key"]), "")
    if join:
        name = said(f"privacy_step_{join}", name=name)
    values = {
        "name": name,
        "metric": metric_name(row["metric"], speech),
        "cut": metric_text(row["metric"], row["cut"], speech),
        "met": said("privacy_met" if row["met"] > 1 else "privacy_not_met"),
    }
    if not alone:
        return said("privacy_step_shared", **values)
    return said("privacy_step", text=metric_text(row["metric"], row["value"], speech), **values)

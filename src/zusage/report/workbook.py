"""A plan comes in, an Excel workbook goes out: classes, customers, services, hours and remarks, ready to filter.

Text from files stays text: nothing a customer is called can become a formula or a link. The same plan gives the same
file, byte for byte, because its date is the plan's day and not the clock's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import narwhals as nw

from zusage import engine
from zusage.capacity.load import Load
from zusage.classes import LEVERS
from zusage.classes.marks import SAID
from zusage.ground.words import Language, listed, say, say_finding, word
from zusage.plan import Plan
from zusage.promises.terms import sentence
from zusage.report.judged import class_name, decision, steps_up
from zusage.report.lists import COUNT, DAY, HOURS, TEXT, Column, Sheet, Writer, open_workbook
from zusage.report.page.classes import KINDS, shown_classes
from zusage.report.page.grounds import severity_order
from zusage.report.page.hours import SPENT, thing
from zusage.report.page.view import View

MOST_ROWS = 100_000
"""More customers nobody filters by hand, and Excel gets slow; a larger book is in the tables of the result folder."""


def write_xlsx(plan: Plan, path: Path, language: Language, *, most_rows: int = MOST_ROWS) -> None:
    """Write the workbook of a plan; of a larger book the first `most_rows` customers, which the remarks then say."""
    view = View(plan, language)
    # a book of a million customers would not fit into memory otherwise
    with open_workbook(str(path), constant_memory=True) as book:
        book.set_properties(
            {
                "title": view.t("title", firm=plan.policy.firm.name, as_of_on=plan.periods.as_of),
                "created": datetime.combine(plan.periods.as_of, time()),
            }
        )
        writer = Writer(book)
        for code, columns, rows in (
            ("classes", _class_columns(view), _class_rows(view)),
            ("customers", _customer_columns(view), _customer_rows(view, most_rows)),
            ("services", _service_columns(view), _service_rows(view)),
            ("hours", _hours_columns(view), _hours_rows(view)),
            ("remarks", _remark_columns(view), _remark_rows(view, most_rows)),
        ):
            writer.add(Sheet(view.t(f"sheet_{code}"), columns, rows))


def _class_columns(view: View) -> list[Column]:
    t = view.t
    return [
        Column(t("head_class"), TEXT, 22),
        Column(t("head_letter"), TEXT, 10),
        *(Column(t(f"head_{name}"), COUNT, 11) for name in (f"{view.noun}s", "customers", "undecided", "waiting")),
        *(Column(t(name)) for name in ("yield", "cost", "contribution", "carried", "per_hour")),
        *(Column(t(f"head_{name}"), HOURS) for name in ("used", "earned", "owed")),
    ]


def _class_rows(view: View) -> Iterator[list[Any]]:
    for item in shown_classes(view):
        yield [
            view.class_name(item.class_key), view.letter(item.class_key),
            item.units, item.customers, item.undecided, item.waiting,
            item.yield_cents, item.cost_cents, item.contribution_cents, item.carried_cents, item.euro_per_hour_cents,
            item.used_seconds, item.earned_seconds, item.owed_seconds,
        ]  # fmt: skip


OF_CUSTOMER = (
    *("yield_cents", "duty_cents", "asked_cents", "granted_cents", "base_cents", "cost_cents"),
    *("contribution_cents", "service_seconds"),
)
OF_UNIT = ("euro_per_hour_cents", "used_seconds", "earned_seconds", "left_seconds")
DECIDED = (
    "class_key",
    "previous_key",
    "because",
    "waiting_for",
    "undecided",
    "possible_rank",
    "certain_rank",
    *SAID,
    *LEVERS,
)


def _customer_columns(view: View) -> list[Column]:
    t = view.t
    return [
        Column(t("head_number"), TEXT, 13),
        Column(t("head_name"), TEXT, 30),
        Column(t("head_unit"), TEXT, 13),
        Column(t("head_class"), TEXT, 16),
        Column(t("head_letter"), TEXT, 10),
        *(Column(t(name)) for name in ("yield", "duty", "asked", "granted", "base", "cost", "contribution")),
        Column(t("service_time"), HOURS),
        Column(t("unit_per_hour")),
        *(Column(t(f"unit_{name}"), HOURS) for name in ("used", "earned", "left")),
        Column(t("unit_more_yield")),
        Column(t("head_steps"), TEXT, 50),
        Column(t("head_why"), TEXT, 60),
    ]


def _customer_rows(view: View, most_rows: int) -> Iterator[list[Any]]:
    plan = view.plan
    unit = "household_id" if plan.policy.household_together else "customer_id"
    accounts = plan.accounts.lazy().with_columns(nw.col(unit).alias("unit_id"))
    rows = (
        accounts.select("customer_id", "name", "unit_id", *OF_CUSTOMER)
        .join(plan.units.lazy().select("unit_id", *OF_UNIT, *DECIDED), on="unit_id", how="left")
        .sort("customer_id")
        .head(most_rows)
    )
    for row in engine.collect(rows).iter_rows(named=True):
        yield [
            *(row["customer_id"], row["name"], row["unit_id"]),
            *(view.class_name(row["class_key"]), view.letter(row["class_key"])),
            *(row[name] for name in (*OF_CUSTOMER, *OF_UNIT)),
            row["more_yield_cents"],
            listed([say(step, view.language) for step in steps_up(row, view.language)], view.language, "or"),
            _decided(view, row),
        ]


def _decided(view: View, row: Mapping[str, Any]) -> str:
    reasons = decision(view.plan.policy, row, view.language)
    return " ".join(say(reason, view.language) for reason in reasons)


def _service_columns(view: View) -> list[Column]:
    keys = [item.key for item in view.plan.policy.classes]
    return [
        Column(view.t("head_service"), TEXT, 32),
        Column(view.t("head_severity"), TEXT, 18),
        *(Column(class_name(view.plan.policy, key, view.language), TEXT, 40) for key in keys),
    ]


def _service_rows(view: View) -> Iterator[list[Any]]:
    policy, language = view.plan.policy, view.language
    for kind in ("floor", *KINDS):
        for service in (item for item in policy.services if item.kind == kind):
            cells = []
            for item in policy.classes:
                found = policy.promise_of(item.key, service.key)
                cells.append(sentence(found, policy, language) if found else view.t("not_promised"))
            yield [service.name[language], word(f"kind_{kind}", language), *cells]


def _hours_columns(view: View) -> list[Column]:
    return [
        Column(view.t("head_role"), TEXT, 20),
        Column(view.t("head_what_for"), TEXT, 44),
        Column(view.t("head_class"), TEXT, 20),
        Column(view.t("head_month"), DAY, 12),
        Column(view.t("head_owed_year"), HOURS),
        Column(view.t("head_there_year"), HOURS),
    ]


def _hours_rows(view: View) -> Iterator[list[Any]]:
    """What is owed for what, then by month against what there is, then where the time went."""
    for load in view.plan.hours.loads:
        yield [view.role_name(load.role), thing(view, load), _of_class(view, load), None, load.seconds, None]
    for month in view.plan.hours.months:
        row = [view.role_name(month.role), view.t("sheet_by_month"), None, month.first_on]
        yield [*row, month.owed_seconds, month.there_seconds]
    for role in view.plan.roles:
        for part in SPENT:
            seconds = getattr(role, f"{part}_seconds")
            yield [view.role_name(role.role), view.t(f"head_spent_{part}"), None, None, None, seconds]


def _of_class(view: View, load: Load) -> str | None:
    return view.class_name(load.class_key) if load.class_key else None


def _remark_columns(view: View) -> list[Column]:
    return [
        Column(view.t("head_severity"), TEXT, 26),
        Column(view.t("head_finding"), TEXT, 110),
        Column(view.t("head_rows"), COUNT, 10),
        Column(view.t("head_euro")),
        Column(view.t("head_hours"), HOURS),
    ]


def _remark_rows(view: View, most_rows: int) -> Iterator[list[Any]]:
    """Findings, what found no customer, the bridge to the result, and what it was reckoned with."""
    plan, language = view.plan, view.language
    if plan.accounts.shape[0] > most_rows:
        yield [word("severity_warning", language), view.t("sheet_cut", most_count=most_rows), None, None, None]
    for finding in sorted(plan.findings, key=severity_order):
        yield [word(f"severity_{finding.severity}", language), say_finding(finding, language), None, None, None]
    for item in plan.unassigned:
        reason = word(f"unassigned_{item.table}_{item.reason}", language)
        yield [view.t("head_unassigned"), reason, item.rows, item.cents or None, item.seconds or None]
    for line in plan.bridge:
        yield [view.t("result_topic"), word(line.code, language), None, line.cents, None]
    as_of: date = plan.periods.as_of
    basis = view.t("method_answer", version=plan.policy.version, as_of_on=as_of)
    yield [view.t("method_topic"), f"{basis} {plan.policy.hash}", None, None, None]

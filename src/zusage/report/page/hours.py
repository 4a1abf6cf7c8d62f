"""A view of a plan comes in, hours owed against hours there are go out: per role, per month, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from zusage.capacity.load import Load, Month
from zusage.capacity.weeks import Cost
from zusage.cost.firm import RoleHours
from zusage.ground.words import listed, word
from zusage.report.page.pictures import months_picture
from zusage.report.page.view import Block, Cell, Table, View
from zusage.report.weeks import week_sentences, weeks_table

SPENT = ("capacity", "customers", "unassigned", "internal", "not_observed", "unused")


def hours(view: View) -> Block:
    """Whether the promises fit into the hours, role by role."""
    owed, there = _by_role(view.plan.hours.loads), _there(view.plan.hours.months)
    pictures = [
        _picture(view, list(months), _role_sentence(view, role, owed.get(role, 0), there[role]))
        for role, months in groupby(view.plan.hours.months, key=lambda month: month.role)
    ]
    weeks = [weeks_table(view, view.year)] if view.year else []
    tables = (_fits(view, owed, there), _what_for(view), _spent(view), _by_month(view), *weeks)
    return Block("hours", view.t("hours_topic"), hours_answer(view), hours_remarks(view), pictures, tables)


def hours_answer(view: View) -> str:
    """Fits, short or unknown, in plain words with its figures."""
    check = view.plan.hours
    owed, there = view.whole_h(check.owed_seconds), view.whole_h(check.there_seconds)
    if check.answer == "unknown":
        least = view.plan.policy.evidence.coverage_permille
        return view.t("hours_unknown", coverage_permille=check.coverage_permille, least_permille=least)
    if check.answer == "short":
        return view.t("hours_short", owed=owed, there=there, roles=_short_roles(view))
    return view.t("hours_fits", owed=owed, there=there)


def _short_roles(view: View) -> str:
    """Roles with the hours they lack: `Innendienst (340 Std.)`."""
    owed, there = _by_role(view.plan.hours.loads), _there(view.plan.hours.months)
    lacking = [
        f"{view.role_name(role)} ({view.whole_h(owed[role] - there[role])})" for role in view.plan.hours.short_roles
    ]
    return listed(lacking, view.language)


def hours_remarks(view: View) -> list[str]:
    """What to know before believing the answer."""
    check = view.plan.hours
    found = [
        view.t(
            "hours_basis",
            used_permille=view.plan.policy.utilisation_permille,
            coverage_permille=check.coverage_permille,
        )
    ]
    if check.answer == "unknown" and check.short_roles:
        found.append(view.t("hours_short_anyway", roles=_short_roles(view)))
    if view.year:
        found += week_sentences(view, view.year)
    return found


def _by_role(loads: Sequence[Load]) -> dict[str, int]:
    found: dict[str, int] = {}
    for load in loads:
        found[load.role] = found.get(load.role, 0) + load.seconds
    return found


def _there(months: Sequence[Month]) -> dict[str, int]:
    found: dict[str, int] = {}
    for month in months:
        found[month.role] = found.get(month.role, 0) + month.there_seconds
    return found


def _role_sentence(view: View, role: str, owed: int, there: int) -> str:
    code = "role_short" if owed > there else "role_fits"
    rest = view.whole_h(abs(there - owed))
    return view.t(code, role=view.role_name(role), owed=view.whole_h(owed), there=view.whole_h(there), rest=rest)


def _picture(view: View, months: Sequence[Month], statement: str) -> Markup:
    names = [word(f"month_{month.first_on.month}", view.language)[0] for month in months]
    return months_picture(months, statement, names, view.t("hours_there"))


def _fits(view: View, owed: dict[str, int], there: dict[str, int]) -> Table:
    def row(name: str, needed: int, available: int) -> list[Cell]:
        return [name, view.h(needed), view.h(available), view.h(available - needed), view.pct(needed, available)]

    check = view.plan.hours
    return Table(
        view.t("fits_caption"),
        view.heads("role", "owed_year", "there_year", "rest", "taken"),
        [row(view.role_name(role), owed.get(role, 0), there[role]) for role in there],
        foot=row(view.t("all"), check.owed_seconds, check.there_seconds),
    )


def _what_for(view: View) -> Table:
    """The hours owed by what they are for, the most first."""
    sums: dict[str, dict[str, int]] = {}
    for load in view.plan.hours.loads:
        row = sums.setdefault(thing(view, load), {})
        row[load.role] = row.get(load.role, 0) + load.seconds
    roles = [item.key for item in view.plan.policy.roles]
    ordered = sorted(sums.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    rows: list[list[Cell]] = [
        [name, *(view.h(by[role]) if role in by else "" for role in roles), view.h(sum(by.values()))]
        for name, by in ordered
    ]
    owed = _by_role(view.plan.hours.loads)
    foot = [view.t("all"), *(view.h(owed.get(role, 0)) for role in roles), view.h(view.plan.hours.owed_seconds)]
    return Table(
        view.t("what_for_caption"),
        [*view.text_heads("what_for"), *view.role_heads(), *view.number_heads("sum")],
        rows,
        foot=foot,
    )


def thing(view: View, load: Load | Cost) -> str:
    """What hours are owed for, in words."""
    if load.service is None:
        return view.t(f"load_{load.source}")
    name = view.plan.policy.service(load.service).name[view.language]
    return view.t("load_issue", name=name) if load.source == "issue" else name


def _spent(view: View) -> Table:
    """Where the practical capacity of the last year went; time nobody saw is said to be just that."""

    def row(name: str, items: Sequence[RoleHours]) -> list[Cell]:
        return [name, *(view.h(sum(getattr(item, f"{part}_seconds") for item in items)) for part in SPENT)]

    roles = view.plan.roles
    return Table(
        view.t("spent_caption"),
        view.heads("role", *(f"spent_{part}" for part in SPENT)),
        [row(view.role_name(item.role), [item]) for item in roles],
        foot=row(view.t("all"), roles),
        more=view.t("spent_note"),
    )


def _by_month(view: View) -> Table:
    """The figures of the pictures."""
    months = view.plan.hours.months
    firsts = sorted({month.first_on for month in months})
    cells = {(month.first_on, month.role): month for month in months}
    roles = list(dict.fromkeys(month.role for month in months))
    rows = []
    for first in firsts:
        found = [cells[first, role] for role in roles]
        name = f"{word(f'month_{first.month}', view.language)} {first.year}"
        rows.append([name, *(_owed_of_there(view, month) for month in found)])
    return Table(view.t("months_caption"), [*view.text_heads("month"), *view.role_heads()], rows, folded=True)


def _owed_of_there(view: View, month: Month) -> str:
    return view.t("owed_of_there", owed=str(view.h(month.owed_seconds)), there=str(view.h(month.there_seconds)))

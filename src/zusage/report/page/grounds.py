"""A view of a plan and its book come in, what the figures stand on goes out: bridge, files, findings, assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from zusage.book.result import Book, FileTotals
from zusage.ground.reasons import Finding
from zusage.ground.words import UNKNOWN, day, euro, hours, percent, say_finding, texts, word
from zusage.report.page.view import Block, Cell, Table, View
from zusage.report.writing import counted, exact_euro, rate

SEVERITIES = ("error", "warning", "note")


def result(view: View) -> Block:
    """The way from the contributions to the firm's result, what found no customer, and the files it all came from."""
    tables = [_bridge(view)]
    if view.plan.unassigned:
        tables.append(_unassigned(view))
    if view.book is not None:
        tables.append(_files(view, view.book))
    return Block("result", view.t("result_topic"), result_answer(view), (view.t("result_note"),), (), tables)


def result_answer(view: View) -> str:
    """What is left of a year."""
    cents = view.plan.bridge[-1].cents
    return view.t("result_left" if cents >= 0 else "result_short", left=view.euros(abs(cents)))


def _bridge(view: View) -> Table:
    *lines, last = view.plan.bridge
    rows = [[word(line.code, view.language), view.eur(line.cents)] for line in lines if line.cents]
    return Table(
        view.t("bridge_caption"),
        view.heads("line", "euro"),
        rows,
        foot=[word(last.code, view.language), view.eur(last.cents)],
        more=view.t("bridge_note"),
    )


def _unassigned(view: View) -> Table:
    rows: list[list[Cell]] = [
        [
            word(f"unassigned_{item.table}_{item.reason}", view.language),
            view.n(item.rows),
            view.eur(item.cents) if item.table == "yields" else "",
            view.logged(item.seconds) if item.table == "work" else "",
        ]
        for item in view.plan.unassigned
    ]
    return Table(
        view.t("unassigned_caption"),
        view.heads("reason", "rows", "euro", "hours"),
        rows,
        more=view.t("unassigned_note"),
    )


def _files(view: View, book: Book) -> Table:
    return Table(
        view.t("files_caption"),
        [*view.text_heads("file", "kind"), *view.number_heads("rows", "assigned", "unassigned", "rejected"),
         *view.number_heads("skipped", "file_sum", "period")],
        [_file(view, item) for item in book.files],
        more=view.t("files_note"),
    )  # fmt: skip


def _file(view: View, item: FileTotals) -> list[Cell]:
    # amounts are shown to the cent: these are the sums a person compares with the statement on the desk
    amount = "" if item.sum_cents is None else exact_euro(item.sum_cents, view.language)
    counts = [view.n(count) for count in (item.rows, item.assigned, item.unassigned, item.rejected, item.skipped)]
    return [item.file, _file_kind(view, item.kind), *counts, amount, _span(view, item)]


def _file_kind(view: View, kind: str) -> str:
    code = f"file_{kind}"
    return word(code, view.language) if code in texts() else kind


def _span(view: View, item: FileTotals) -> str:
    if item.first_on is None or item.last_on is None:
        return ""
    return f"{day(item.first_on, view.language)} – {day(item.last_on, view.language)}"


def findings(view: View) -> Block | None:
    """What was found while reading and reckoning, the grave first; nothing where there is nothing."""
    found = sorted(view.plan.findings, key=severity_order)
    if not found:
        return None
    table = Table(
        view.t("findings_caption"),
        view.text_heads("severity", "finding"),
        [[word(f"severity_{item.severity}", view.language), say_finding(item, view.language)] for item in found],
    )
    answer = view.t("findings_answer", text=counted("finding", len(found), view.language))
    return Block("findings", view.t("findings_topic"), answer, (), (), (table,))


def severity_order(item: Finding) -> int:
    """Grave first."""
    return SEVERITIES.index(item.severity)


def method(view: View) -> Block:
    """How it was reckoned: policy, days, windows, rates and assumptions."""
    policy, periods = view.plan.policy, view.plan.periods
    answer = view.t("method_answer", version=policy.version, as_of_on=periods.as_of)
    basis = Table(view.t("method_caption"), view.text_heads("what", "value"), list(_basis(view)))
    assumed = [item for item in policy.activities if item.assumed]
    tables = [basis]
    if assumed:
        rows: list[list[Cell]] = [
            [
                item.name[view.language],
                view.role_name(item.role),
                view.assumed(hours(item.seconds, view.language)),
                view.assumed(hours(item.around_seconds, view.language)),
            ]
            for item in assumed
        ]
        columns = [*view.text_heads("activity", "role"), *view.number_heads("standard", "around")]
        tables.append(Table(view.t("assumed_caption"), columns, rows))
    return Block("method", view.t("method_topic"), answer, (view.t("method_note"),), (), tables)


def _basis(view: View) -> Iterator[list[Cell]]:
    policy, periods, language = view.plan.policy, view.plan.periods, view.language
    yield [view.t("basis_policy"), f"{policy.version} ({policy.hash[:12]})"]
    yield [view.t("basis_valid"), day(policy.valid_from, language) if policy.valid_from else UNKNOWN]
    yield [view.t("basis_as_of"), day(periods.as_of, language)]
    months = counted("month", periods.covered_months, language)
    money = view.t("basis_window", from_on=periods.money_from, to_on=periods.money_to)
    yield [view.t("basis_money"), f"{money}, {view.t('basis_covered', months=months)}"]
    yield [view.t("basis_work"), view.t("basis_window", from_on=periods.work_from, to_on=periods.as_of)]
    for log, days in periods.log_days.items():
        yield [view.t("basis_log", name=_file_kind(view, log)), counted("day", days, language)]
    for role in view.plan.roles:
        yield [view.t("basis_rate", role=view.role_name(role.role)), rate(role.rate, language)]
    yield [view.t("basis_base"), euro(policy.base_cost.on(periods.as_of), language)]
    yield [view.t("basis_sure"), percent(policy.evidence.confidence_permille, language)]
    yield [view.t("basis_coverage"), percent(policy.evidence.coverage_permille, language)]
    yield [view.t("basis_use"), percent(policy.utilisation_permille, language)]
    yield [view.t("basis_margin"), percent(policy.earned.margin_permille, language)]

"""A view of a plan comes in, how the money is spread goes out: over customers as curves, between classes."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from zusage.ground.money import half_up
from zusage.ground.words import listed, percent
from zusage.report.curves import Curve, gini_permille, lorenz, top_share_permille, units_for_share, whale
from zusage.report.page.classes import shown_classes
from zusage.report.page.pictures import Mark, curve_picture
from zusage.report.page.view import Block, Cell, Table, View
from zusage.report.writing import decimal

TOP = 200
"""The share of customers (permille) the sentence speaks of: the twenty of "twenty to eighty"."""
STEPS = (50, 100, 200, 500, 1000)


def spread(view: View) -> Block:
    """How the yield and the contribution are spread over the customers."""
    yields = sorted(view.plan.units["yield_cents"].to_list())
    contributions = sorted(view.plan.units["contribution_cents"].to_list())
    pictures = (_whale(view, whale(contributions)), _lorenz(view, lorenz(yields), gini_permille(yields)))
    tables = (_steps(view, yields, contributions), _carrying(view))
    remarks = [carrying_answer(view)]
    half = units_for_share(yields, 500)
    if half is not None:
        remarks.append(view.t("spread_half", units=view.units(half)))
    return Block("spread", view.t("spread_topic"), spread_answer(view, yields), remarks, pictures, tables)


def spread_answer(view: View, yields: Sequence[int]) -> str:
    """What the best fifth brings, as a statement."""
    share = top_share_permille(yields, TOP)
    if share is None:
        return view.t("spread_nothing")
    return view.t("spread_answer", top_permille=TOP, units=view.units_word, share_permille=_full(share))


def _full(permille: int) -> int:
    return half_up(permille, 10) * 10


def _whale(view: View, curve: Curve) -> Markup:
    costing = curve.units - curve.peak[0]
    lost = curve.peak[1] - curve.total
    code = "whale_falling" if lost else "whale_rising"
    statement = view.t(code, units=view.units(costing), lost=view.euros(lost), total=view.euros(curve.total))
    marks = [Mark((curve.units, curve.total), view.t("whale_all", all=view.euros(curve.total)), below=bool(lost))]
    if lost:
        marks.append(Mark(curve.peak, view.t("whale_peak", peak=view.euros(curve.peak[1]))))
    return curve_picture(curve, statement, marks, (view.t("axis_best"), view.units(curve.units)), even=False)


def _lorenz(view: View, curve: Curve, gini: int | None) -> Markup:
    half = min(curve.points, key=lambda point: abs(2 * point[0] - curve.units))
    share = view.share(half[1], curve.total)
    if share is None or gini is None:
        return Markup("")
    statement = view.t("lorenz", units=view.units_word, share_permille=share, gini=decimal(gini, 3, view.language))
    marks = [Mark(half, percent(share, view.language))]
    return curve_picture(curve, statement, marks, (view.t("axis_least"), view.units(curve.units)), even=True)


def _steps(view: View, yields: Sequence[int], contributions: Sequence[int]) -> Table:
    rows: list[list[Cell]] = []
    for step in STEPS:
        count = -(-len(yields) * step // 1000)
        shares = [top_share_permille(amounts, step) for amounts in (yields, contributions)]
        rows.append([view.t("best", top_permille=step), view.n(count), *(_share(view, share) for share in shares)])
    return Table(
        view.t("steps_caption"),
        view.heads("best", f"{view.noun}s", "yield_share", "contribution_share"),
        rows,
        more=view.t("steps_note"),
    )


def _share(view: View, permille: int | None) -> Cell:
    return view.unknown() if permille is None else percent(_full(permille), view.language)


def _carrying(view: View) -> Table:
    """Positive and negative contributions of each class: who carries, who is carried."""
    shown = shown_classes(view)
    rows = [
        [
            view.plate(item.class_key),
            view.eur(item.contribution_cents - item.carried_cents),
            view.eur(item.carried_cents),
            view.eur(item.contribution_cents),
        ]
        for item in shown
    ]
    carried, net = view.total("carried_cents"), view.total("contribution_cents")
    return Table(
        view.t("carrying_caption"),
        view.heads("class", "brings_more", "costs_more", "contribution"),
        rows,
        foot=[view.t("all"), view.eur(net - carried), view.eur(carried), view.eur(net)],
    )


def carrying_answer(view: View) -> str:
    """Which classes carry which."""
    below = [item for item in view.plan.classes if item.contribution_cents < 0]
    above = [item for item in view.plan.classes if item.contribution_cents > 0]
    carried = -view.total("carried_cents")
    if not below or not above:
        return view.t("carrying_within", carried=view.euros(carried))
    return view.t(
        "carrying_between",
        carrying=listed([view.class_name(item.class_key) for item in above], view.language),
        carried=listed([view.class_name(item.class_key) for item in below], view.language),
        amount=view.euros(-sum(item.contribution_cents for item in below)),
    )

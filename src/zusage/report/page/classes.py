"""A view of a plan comes in, what each class brings and what it is promised go out as sections."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from zusage.ground.words import listed, percent
from zusage.plan import ClassSum
from zusage.policy.document import Service
from zusage.promises.terms import places_sentence, sentence, term
from zusage.report.page.pictures import Share, shares_picture
from zusage.report.page.view import Block, Cell, Head, Table, View
from zusage.report.writing import counted

KINDS = ("standard", "on_request", "exclusive")
MONEY = ("yield_cents", "cost_cents", "contribution_cents")
TIMES = ("used_seconds", "earned_seconds", "owed_seconds")


def classes(view: View) -> Block:
    """What each class brings, costs and is owed."""
    shown = shown_classes(view)
    table = Table(
        view.t("classes_caption"), _heads(view), [_class_row(view, item) for item in shown], foot=_class_foot(view)
    )
    return Block("classes", view.t("classes_topic"), classes_answer(view), (), (_shares(view, shown),), (table,))


def shown_classes(view: View) -> list[ClassSum]:
    """The classes of the policy; the one for new customers only where there are some."""
    return [item for item in view.plan.classes if item.units or not view.service_class(item.class_key).provisional]


def classes_answer(view: View) -> str:
    """Which class brings how much of the yield, with how many of the customers."""
    if view.total("yield_cents") <= 0:
        return view.t("classes_answer_none")
    most = max(view.plan.classes, key=lambda item: item.yield_cents)
    return view.t(
        "classes_answer",
        name=view.class_name(most.class_key),
        yield_permille=view.share(most.yield_cents, view.total("yield_cents")),
        units_permille=view.share(most.units, view.total("units")),
        units=view.units_word,
    )


def _heads(view: View) -> list[Head]:
    members = ["customers"] if view.noun == "household" else []
    codes = ["class", f"{view.noun}s", *members, "yield_share", "yield", "cost", "contribution", "per_hour"]
    return view.heads(*codes, "used", "earned", "owed", "undecided")


def _class_row(view: View, item: ClassSum) -> list[Cell]:
    return [
        view.plate(item.class_key),
        view.n(item.units),
        *([view.n(item.customers)] if view.noun == "household" else []),
        view.pct(item.yield_cents, view.total("yield_cents")),
        *(view.eur(getattr(item, name)) for name in MONEY),
        view.per_hour(item.euro_per_hour_cents),
        *(view.h(getattr(item, name)) for name in TIMES),
        view.n(item.undecided),
    ]


def _class_foot(view: View) -> list[Cell]:
    seconds, earned = view.total("service_seconds"), view.total("yield_cents")
    return [
        view.t("all"),
        view.n(view.total("units")),
        *([view.n(view.total("customers"))] if view.noun == "household" else []),
        view.pct(earned, earned),
        *(view.eur(view.total(name)) for name in MONEY),
        view.per_hour(earned * 3600 // seconds if seconds else None),
        *(view.h(view.total(name)) for name in TIMES),
        view.n(view.total("undecided")),
    ]


def _shares(view: View, shown: Sequence[ClassSum]) -> Markup:
    columns = (("units", view.units_word), ("yield_cents", view.t("yield")), ("service_seconds", view.t("time")))
    key = [view.plate(item.class_key) for item in shown]
    rows = []
    for name, label in columns:
        whole = view.total(name)
        pieces = [(item.class_key, view.share(getattr(item, name), whole) or 0) for item in shown]
        rows.append((label, [_piece(view, key, size) for key, size in pieces]))
    return shares_picture(rows, view.t("shares_caption", units=view.units_word), key)


def _piece(view: View, key: str, size: int) -> Share:
    return Share(view.hue(key), size, view.class_name(key), percent(size, view.language))


def promises(view: View) -> Block:
    """What each class is promised; a customer may read along, so there are no letters here."""
    policy = view.plan.policy
    tables = [_floor(view)]
    for kind in KINDS:
        services = [item for item in policy.services if item.kind == kind]
        if services:
            tables.append(_matrix(view, kind, services))
    places = [told for item in policy.classes if (told := places_sentence(item, view.language))]
    return Block("promises", view.t("promises_topic"), promises_answer(view), places, (), tables)


def promises_answer(view: View) -> str:
    """How many services everyone gets, and how many there are besides."""
    kinds = [item.kind for item in view.plan.policy.services]
    floor, *more = (
        counted(f"service_{kind}", kinds.count(kind), view.language) for kind in ("floor", *KINDS) if kind in kinds
    )
    if not more:
        return view.t("promises_floor", floor=floor)
    return view.t("promises_answer", floor=floor, more=listed(more, view.language))


def _floor(view: View) -> Table:
    """The floor is the same for everyone, so it stands once."""
    policy = view.plan.policy
    rows = [
        [_service(view, policy.service(item.service)), sentence(item, policy, view.language)]
        for item in policy.promises_of(policy.classes[0].key)
        if policy.service(item.service).kind == "floor"
    ]
    return Table(view.t("kind_floor"), view.text_heads("service", "promise"), rows, even=True)


def _matrix(view: View, kind: str, services: Sequence[Service]) -> Table:
    keys = [item.key for item in view.plan.policy.classes]
    columns = [*view.text_heads("service"), *(Head(view.class_name(key), figure=False) for key in keys)]
    rows = [[_service(view, item), *(_promised(view, key, item) for key in keys)] for item in services]
    return Table(view.t(f"kind_{kind}"), columns, rows, even=True)


def _service(view: View, service: Service) -> Markup:
    return Markup('{}<span class="more">{}</span>').format(
        service.name[view.language], service.description[view.language]
    )


def _promised(view: View, key: str, service: Service) -> Cell:
    policy = view.plan.policy
    found = policy.promise_of(key, service.key)
    if found is None:
        return Markup('<span class="muted">{}</span>').format(view.t("not_promised"))
    # the firm's own sentence stands in the charter; side by side the bare terms compare better
    return term(found, policy, view.language)

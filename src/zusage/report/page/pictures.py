"""Curves and months come in, inline SVG goes out: zero line visible, labels at the lines instead of a legend.

Colours are the page's tokens (classes of the style sheet), so that pictures follow light, dark and print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from zusage.capacity.load import Month
from zusage.report.curves import Curve

WIDTH, HEIGHT = 420, 270
MONTHS_WIDTH, MONTHS_HEIGHT = 340, 170
LEFT, RIGHT, TOP, BOTTOM = 8, 12, 26, 34


@dataclass(frozen=True)
class Scale:
    """Units and amounts to places in a picture."""

    most: int
    low: int
    high: int
    width: int = WIDTH
    height: int = HEIGHT

    def x(self, value: int) -> float:
        """Where a number of units stands, from the left."""
        return round(LEFT + (self.width - LEFT - RIGHT) * value / max(self.most, 1), 1)

    def y(self, value: int) -> float:
        """Where an amount stands, from above."""
        room = self.height - TOP - BOTTOM
        return round(TOP + room * (self.high - value) / max(self.high - self.low, 1), 1)

    def path(self, points: Sequence[tuple[int, int]]) -> str:
        """Points as the path of a line."""
        return "M" + "L".join(f"{self.x(units)} {self.y(cents)}" for units, cents in points)


@dataclass(frozen=True)
class Mark:
    """A labelled point of a curve; the label stands `below` it or above."""

    at: tuple[int, int]
    text: str
    below: bool = False


def curve_picture(curve: Curve, statement: str, marks: Sequence[Mark], axis: tuple[str, str], *, even: bool) -> Markup:
    """A cumulative curve with its marks; `even` draws the line along which all units would bring the same."""
    sums = [cents for _, cents in curve.points]
    scale = Scale(curve.units, min(0, *sums), max(1, *sums))
    area = Markup("{}L{} {}L{} {}Z").format(
        scale.path(curve.points), scale.x(curve.units), scale.y(0), scale.x(0), scale.y(0)
    )
    parts = [
        Markup('<path class="area" d="{}"/>').format(area),
        Markup('<path class="zero" d="M{} {}H{}"/>').format(LEFT, scale.y(0), WIDTH - RIGHT),
    ]
    if even:
        line = scale.path([(0, 0), (curve.units, curve.total)])
        parts.append(Markup('<path class="even" d="{}"/>').format(line))
    parts.append(Markup('<path class="curve" d="{}"/>').format(scale.path(curve.points)))
    parts += [_mark(scale, mark) for mark in marks]
    parts += _axis(axis)
    return _figure(statement, parts, WIDTH, HEIGHT)


def _mark(scale: Scale, mark: Mark) -> Markup:
    x, y = scale.x(mark.at[0]), scale.y(mark.at[1])
    # a label stays inside the picture: it ends at points on the right half and begins at those on the left
    right = x > WIDTH * 0.5
    place = (x - 8 if right else x + 8, y + 20 if mark.below else y - 8)
    return Markup('<circle class="dot" cx="{}" cy="{}" r="4"/><text class="label" x="{}" y="{}"{}>{}</text>').format(
        x, y, *place, Markup(' text-anchor="end"') if right else "", mark.text
    )


def _axis(axis: tuple[str, str]) -> list[Markup]:
    return [
        Markup('<text class="axis" x="{}" y="{}">{}</text>').format(LEFT, HEIGHT - 10, axis[0]),
        Markup('<text class="axis" x="{}" y="{}" text-anchor="end">{}</text>').format(
            WIDTH - RIGHT, HEIGHT - 10, axis[1]
        ),
    ]


def months_picture(months: Sequence[Month], statement: str, names: Sequence[str], there: str) -> Markup:
    """Hours owed by month as bars, the hours there are as a line over them; bars above the line are hatched."""
    most = max([1, *(max(month.owed_seconds, month.there_seconds) for month in months)])
    scale = Scale(len(months), 0, most, MONTHS_WIDTH, MONTHS_HEIGHT)
    parts = [Markup('<path class="zero" d="M{} {}H{}"/>').format(LEFT, scale.y(0), MONTHS_WIDTH - RIGHT)]
    for place, (month, name) in enumerate(zip(months, names, strict=True)):
        parts.append(_bar(scale, place, month))
        middle = (scale.x(place) + scale.x(place + 1)) / 2
        label = Markup('<text class="axis" x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
        parts.append(label.format(middle, MONTHS_HEIGHT - 12, name))
    steps = "".join(
        f"{'M' if place == 0 else 'L'}{scale.x(place)} {scale.y(month.there_seconds)}H{scale.x(place + 1)}"
        for place, month in enumerate(months)
    )
    parts.append(Markup('<path class="there" d="{}"/>').format(steps))
    parts.append(
        Markup('<text class="label" x="{}" y="{}" text-anchor="end">{}</text>').format(
            MONTHS_WIDTH - RIGHT, scale.y(max(month.there_seconds for month in months)) - 7, there
        )
    )
    return _figure(statement, parts, MONTHS_WIDTH, MONTHS_HEIGHT)


def _bar(scale: Scale, place: int, month: Month) -> Markup:
    over = " over" if month.owed_seconds > month.there_seconds else ""
    x, top = scale.x(place) + 2, scale.y(month.owed_seconds)
    return Markup('<rect class="bar{}" x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>').format(
        over, x, top, scale.x(place + 1) - 2 - x, scale.y(0) - top
    )


def _figure(statement: str, parts: Sequence[Markup], width: int, height: int) -> Markup:
    return Markup(
        '<figure><figcaption>{}</figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg></figure>'
    ).format(statement, width, height, statement, Markup("").join(parts))


@dataclass(frozen=True)
class Share:
    """A piece of a shares bar: which hue, how large, what it is called."""

    hue: str
    size: int
    name: str
    text: str


def shares_picture(rows: Sequence[tuple[str, Sequence[Share]]], statement: str, key: Sequence[Markup]) -> Markup:
    """One bar per row, divided by class: who they are, what they bring, which hours they take; `key` names the hues."""
    lines = []
    for label, shares in rows:
        pieces = [
            Markup('<span class="piece hue-{}" style="flex:{} 0 0" title="{}: {}">{}</span>').format(
                share.hue, max(share.size, 1), share.name, share.text, share.text if share.size >= 80 else ""
            )
            for share in shares
            if share.size > 0
        ]
        lines.append(
            Markup('<div class="share"><span>{}</span><span class="pieces">{}</span></div>').format(
                label, Markup("").join(pieces)
            )
        )
    names = Markup("").join(Markup("<li>{}</li>").format(name) for name in key)
    return Markup(
        '<figure class="wide"><figcaption>{}</figcaption><ul class="key">{}</ul>'
        '<div aria-hidden="true">{}</div></figure>'
    ).format(statement, names, Markup("").join(lines))

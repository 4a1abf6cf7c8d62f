"""Rows of figures come in, Vega-Lite charts go out: as specification, as SVG inside a page, as SVG or PNG file.

Every chart has a statement as its title, its zero line, direct labels, and the colours of `look/tokens.css`. Drawing
needs the extra `pictures`; where it is not installed a page shows the tables that stand under each chart anyway.
"""
# ruff: noqa: PLC0415 - the renderer weighs 95 MB and is there only with the extra `pictures`

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from textwrap import wrap
from typing import Any, Literal

from markupsafe import Markup

from zusage.ground.words import Language, percent, word
from zusage.outlook.ahead import DAYS_OF_THE_STORY

Spec = dict[str, Any]
Row = Mapping[str, Any]
Kind = Literal["svg", "png"]
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # a name only: nothing is fetched
VEGA_LITE = "5.21"
WIDTH, HEIGHT = 560, 260
TITLE_SIGNS = 76
"""Signs of a line of a title that the width holds."""


@cache
def tokens() -> Mapping[str, str]:
    """The light colours of the look, by name: `accent` → `#1f4e79`."""
    text = (files("zusage.look") / "tokens.css").read_text("utf-8")
    return dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6})", text))


def can_draw() -> bool:
    """Whether charts can be drawn here: the extra `pictures` is installed."""
    return find_spec("vl_convert") is not None


# --- the five charts


def hours_a_day(rows: Sequence[Row], tips: Sequence[Row], title: str, language: Language) -> Spec:
    """How long the working day of one person gets while the book grows, against eight, ten, twelve, fourteen hours.

    `rows`: on (ISO day), who, mid, low, high (hours of a working day); `tips`: on, text of the week that breaks.
    """
    marks = [
        {"hours": hours, "text": word("charts_hours", language).format(hours=hours)} for hours in DAYS_OF_THE_STORY
    ]
    x, who = _time("on"), _hue("who", rows)
    band = {"mark": {"type": "area", "opacity": 0.15}, "encoding": {
        "x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}, "color": who,
    }}  # fmt: skip
    line = {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {
        "x": x, "y": _amount("mid", word("charts_hours_a_day", language)), "color": who,
    }}  # fmt: skip
    days = [
        {"data": {"values": marks}, "mark": {"type": "rule", "strokeDash": [4, 4], "color": tokens()["muted"]},
         "encoding": {"y": {"field": "hours", "type": "quantitative"}}},
        {"data": {"values": marks}, "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 4,
                                             "color": tokens()["muted"]},
         "encoding": {"x": {"value": 0}, "y": {"field": "hours", "type": "quantitative"}, "text": {"field": "text"}}},
    ]  # fmt: skip
    return _chart(title, rows, [*days, band, line, _ends(rows, "on", "mid", "who"), *_tips(tips)], language)


def utilisation(rows: Sequence[Row], limit_permille: int, title: str, language: Language) -> Spec:
    """How full the hours of each role are, week by week, against the limit of the service model.

    `rows`: on (ISO day), who, permille.
    """
    values = [dict(row) | {"share": row["permille"] / 1000} for row in rows]
    limit = {"data": {"values": [{"share": limit_permille / 1000}]}, "mark": {
        "type": "rule", "strokeDash": [4, 4], "color": tokens()["tight"],
    }, "encoding": {"y": {"field": "share", "type": "quantitative"}}}  # fmt: skip
    line = {"mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2}, "encoding": {
        "x": _time("on"), "y": _share("share", word("charts_use", language), language), "color": _hue("who", rows),
    }}  # fmt: skip
    return _chart(title, values, [limit, line, _ends(values, "on", "share", "who")], language)


def kept(rows: Sequence[Row], least_permille: int, title: str, language: Language) -> Spec:
    """How surely the answers of each class come in time, with the interval, against what the service model wants.

    `rows`: name, permille, low, high (permille).
    """
    values = [
        dict(row)
        | {name: row[name] / 1000 for name in ("permille", "low", "high")}
        | {"text": percent(row["permille"], language)}
        for row in rows
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "title": None}
    share = _share("permille", word("charts_kept", language), language) | {"scale": {"domain": [0, 1]}}
    least = {"data": {"values": [{"share": least_permille / 1000}]}, "mark": {
        "type": "rule", "strokeDash": [4, 4], "color": tokens()["tight"],
    }, "encoding": {"x": {"field": "share", "type": "quantitative"}}}  # fmt: skip
    span = {"mark": {"type": "rule", "strokeWidth": 3, "color": tokens()["accent"]}, "encoding": {
        "y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"},
    }}  # fmt: skip
    dot = {"mark": {"type": "point", "filled": True, "size": 90, "color": tokens()["accent"], "opacity": 1},
           "encoding": {"y": y, "x": share}}  # fmt: skip
    text = {"mark": {"type": "text", "dy": -14}, "encoding": {
        "y": y, "x": {"field": "permille", "type": "quantitative"}, "text": {"field": "text"},
    }}  # fmt: skip
    return _chart(title, values, [least, span, dot, text], language, height={"step": 44})


def compared(rows: Sequence[Row], there_hours: float, title: str, language: Language) -> Spec:
    """Scenarios side by side: hours of a year each needs, against the hours there are. `rows`: name, hours."""
    there = {"data": {"values": [{"hours": there_hours}]}, "mark": {
        "type": "rule", "strokeDash": [4, 4], "strokeWidth": 2, "color": tokens()["tight"],
    }, "encoding": {"x": {"field": "hours", "type": "quantitative"}}}  # fmt: skip
    bars = _bars("hours", word("charts_hours_a_year", language), ",.0f")
    return _chart(title, rows, [*bars, there], language, height={"step": 34})


def prices(rows: Sequence[Row], title: str, language: Language) -> Spec:
    """What one more hour of each role would be worth. `rows`: name, euro."""
    return _chart(title, rows, _bars("euro", word("charts_euro", language), ",.2f"), language, height={"step": 34})


# --- what they are made of


def _chart(
    title: str, rows: Iterable[Row], layers: list[Spec], language: Language, height: int | Mapping[str, int] = HEIGHT
) -> Spec:
    return {
        "$schema": SCHEMA,
        "title": {"text": wrap(title, TITLE_SIGNS)},
        "width": WIDTH,
        "height": height,
        "data": {"values": [dict(row) for row in rows]},
        "layer": layers,
        "config": _theme(),
        "usermeta": {"language": language},
    }


def _theme() -> Spec:
    colours = tokens()
    plain = {"labelColor": colours["muted"], "titleColor": colours["muted"], "domainColor": colours["line"],
             "tickColor": colours["line"], "gridColor": colours["line"], "labelFontSize": 12, "titleFontSize": 12,
             "titleFontWeight": "normal"}  # fmt: skip
    return {
        "background": None,
        "font": "sans-serif",
        "padding": 8,
        "view": {"stroke": None},
        "title": {"anchor": "start", "color": colours["ink"], "fontSize": 15, "offset": 14},
        "axis": plain,
        "text": {"color": colours["ink"], "fontSize": 12},
        "range": {"category": [colours[f"hue-{place}"] for place in range(6)]},
    }


def _time(field: str) -> Spec:
    return {"field": field, "type": "temporal", "title": None, "axis": {"format": "%b %y", "grid": False}}


def _amount(field: str, title: str, form: str = ",.0f") -> Spec:
    axis = {"title": title, "format": form, "tickCount": 6}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": True}}


def _share(field: str, title: str, language: Language) -> Spec:
    """A share of one, written in percent; German puts a space before the sign."""
    found = _amount(field, title, ".0%")
    if language == "de":
        found["axis"]["labelExpr"] = "replace(datum.label, '%', '\u00a0%')"
    return found


def _hue(field: str, rows: Sequence[Row]) -> Spec:
    names = list(dict.fromkeys(row[field] for row in rows))
    return {"field": field, "type": "nominal", "scale": {"domain": names}, "legend": None}


def _ends(rows: Sequence[Row], at: str, amount: str, name: str) -> Spec:
    """The name of each line beside its last point, instead of a legend; names of lines that end together make room."""
    last = {row[name]: row for row in sorted(rows, key=lambda row: row[at])}
    gap = max((row[amount] for row in rows), default=0) / 16
    ends: list[Spec] = []
    for row in sorted(last.values(), key=lambda row: row[amount]):
        lowest = ends[-1]["place"] + gap if ends else row[amount]
        ends.append(dict(row) | {"place": max(row[amount], lowest)})
    return {
        "data": {"values": ends},
        "mark": {"type": "text", "align": "left", "dx": 6},
        "encoding": {
            "x": _time(at), "y": {"field": "place", "type": "quantitative"}, "text": {"field": name},
            "color": _hue(name, rows),
        },
    }  # fmt: skip


def _tips(tips: Sequence[Row]) -> list[Spec]:
    if not tips:
        return []
    data, colour = {"values": [dict(row) for row in tips]}, tokens()["tight"]
    return [
        {"data": data, "mark": {"type": "rule", "color": colour}, "encoding": {"x": _time("on")}},
        {"data": data, "mark": {"type": "text", "align": "left", "dx": 5, "baseline": "top", "color": colour},
         "encoding": {"x": _time("on"), "y": {"value": 0}, "text": {"field": "text"}}},
    ]  # fmt: skip


def _bars(amount: str, title: str, form: str) -> list[Spec]:
    y = {"field": "name", "type": "nominal", "sort": None, "title": None}
    text = {"field": amount, "type": "quantitative", "format": form}
    return [
        {"mark": {"type": "bar", "color": tokens()["accent"], "opacity": 0.6, "height": 18},
         "encoding": {"y": y, "x": _amount(amount, title)}},
        {"mark": {"type": "text", "align": "left", "dx": 5},
         "encoding": {"y": y, "x": {"field": amount, "type": "quantitative"}, "text": text}},
    ]  # fmt: skip


# --- drawing


def drawn(spec: Spec, kind: Kind) -> bytes:
    """A chart as a file; numbers and months as the language of the chart writes them.

    Raises ModuleNotFoundError without the extra `pictures`; ask `can_draw` first.
    """
    import vl_convert

    locale = "de-DE" if spec["usermeta"]["language"] == "de" else "en-GB"
    more: Any = {"vl_version": VEGA_LITE, "format_locale": locale, "time_format_locale": locale}
    if kind == "png":
        whole = spec | {"config": spec["config"] | {"background": tokens()["paper"]}}
        return bytes(vl_convert.vegalite_to_png(json.dumps(whole), scale=2, **more))
    return str(vl_convert.vegalite_to_svg(json.dumps(spec), **more)).encode()


def figure(spec: Spec) -> Markup:
    """A chart inside a page: its colours are those of the page, by day, by night, in print; empty if not drawable."""
    if not can_draw():
        return Markup()
    svg = drawn({key: part for key, part in spec.items() if key != "title"}, "svg").decode()  # the page says it
    names = {colour: name for name, colour in reversed(list(tokens().items()))}
    coloured = re.sub(
        r"#[0-9a-f]{6}", lambda found: f"var(--{names[found[0]]})" if found[0] in names else found[0], svg
    )
    title = " ".join(spec["title"]["text"])
    # the renderer escapes every text of a chart itself
    return Markup('<figure class="wide chart" role="img" aria-label="{}" tabindex="0">{}</figure>').format(
        title,
        Markup(coloured),  # noqa: S704 - see above
    )

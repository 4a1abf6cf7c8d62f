"""A plan comes in, one HTML file goes out that holds all of itself: no network, no server, opened by a double click.

Names of customers are untrusted text: the templates escape everything, the Content-Security-Policy lets only the one
script run whose hash it names.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from zusage.book.result import Book
from zusage.ground.words import Language, say
from zusage.plan import Plan
from zusage.report.page.classes import classes, promises
from zusage.report.page.grounds import findings, method, result
from zusage.report.page.hours import hours, hours_answer
from zusage.report.page.money import spread
from zusage.report.page.people import moving, people, reasons, served
from zusage.report.page.view import Block, View

PAGE = "zusage.report.page"


def write_html(plan: Plan, path: Path, language: Language, *, book: Book | None = None) -> None:
    """Write the report of a plan. With the book, the files it was read from stand in it with their control totals."""
    view = View(plan, language, book)
    made = (classes, promises, hours, spread, reasons, served, moving, result, findings, method)
    blocks = [block for make in made if (block := make(view)) is not None]
    title = view.t("title", firm=plan.policy.firm.name, as_of_on=plan.periods.as_of)
    write_page(view, path, title, headline(view), hours_answer(view), blocks)


def write_page(view: View, path: Path, title: str, headline: str, lead: str, blocks: Sequence[Block]) -> None:
    """Write sections as one page: the answer first, then their proof; people are listed where a section asks for it."""
    script = asset("report.js")
    page = _environment().from_string(asset("report.html"))
    values = {
        "view": view,
        "t": view.t,
        "say": partial(say, language=view.language),
        "title": title,
        "headline": headline,
        "lead": lead,
        "blocks": blocks,
        "people": people(view) if any(block.part == "people" for block in blocks) else (),
        "style": Markup(tokens() + asset("report.css")),  # noqa: S704 - our own file, not input
        "script": Markup(script),  # noqa: S704 - our own file, not input
        "script_hash": script_hash(script),
    }
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for piece in page.generate(values):
            out.write(piece)


def headline(view: View) -> str:
    """The report in one sentence: who brings what, and what it costs to serve them."""
    return view.t(
        "headline_one" if view.total("units") == 1 else "headline",
        units=view.units(view.total("units")),
        brought=view.euros(view.total("yield_cents")),
        spent=view.euros(view.total("cost_cents")),
    )


def script_hash(script: str) -> str:
    """The hash by which the Content-Security-Policy knows a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def tokens() -> str:
    """The colours and measures that report, pages and letters share, as style sheet."""
    return (files("zusage") / "look" / "tokens.css").read_text("utf-8")


def asset(name: str) -> str:
    """The text of a file of the report's pages."""
    return files(PAGE).joinpath(name).read_text("utf-8")


def _environment() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)

"""A plan and a language come in, the pieces all sections of the page are built of go out: tables, cells, plates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

import narwhals as nw
from markupsafe import Markup

from zusage import engine
from zusage.book.result import Book
from zusage.capacity.weeks import YearPlan, plan_year
from zusage.ground.money import half_up
from zusage.ground.reasons import Refused, Value
from zusage.ground.words import UNKNOWN, Language, number, percent, round_euro
from zusage.plan import Plan
from zusage.policy.document import ServiceClass
from zusage.report.writing import counted, plain_hours, said, whole_euro

Cell = str | Markup


@dataclass(frozen=True)
class Head:
    """A column: its heading and whether it holds figures."""

    label: str
    figure: bool = True


@dataclass(frozen=True)
class Table:
    """A table as shown: the first cell of a row names it; `foot` is the row of sums, `more` a line under it."""

    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    more: str = ""
    even: bool = False  # columns of text to compare side by side, all of one width
    folded: bool = False  # the figures of a picture: to open

    @property
    def style(self) -> str:
        """How wide it is drawn: few columns of figures far apart are hard to read."""
        figures = all(head.figure for head in self.heads[1:])
        return "even" if self.even else "small" if figures and len(self.heads) <= 6 else ""


@dataclass(frozen=True)
class Block:
    """A section: its topic, the sentence with figures that answers it, and the proof under it.

    `pictures` stand before the tables, `part` names the template that draws what is neither.
    """

    anchor: str
    topic: str
    answer: str
    remarks: Sequence[str] = ()
    pictures: Sequence[Markup] = ()
    tables: Sequence[Table] = ()
    part: str = ""


def anchor(unit_id: str) -> str:
    """The place of a unit's calculation on the page."""
    return f"k-{quote(unit_id, safe='')}"


@dataclass(frozen=True)
class View:
    """A plan in a reader's language."""

    plan: Plan
    language: Language
    book: Book | None = None
    planned: YearPlan | None = None  # the year, where more is known of it than the plan says

    def t(self, code: str, /, **values: Value) -> str:
        """The text of a report code."""
        return said(f"report_{code}", self.language, **values)

    @cached_property
    def year(self) -> YearPlan | None:
        """The year ahead by weeks; None where it lies beyond the years that calendars know."""
        plan = self.plan
        if self.planned is not None:
            return self.planned
        try:
            return plan_year(plan.units.lazy(), plan.roles, plan.policy, plan.periods.as_of)
        except Refused:
            return None

    @cached_property
    def noun(self) -> str:
        """What a class is given to: households or customers."""
        return "household" if self.plan.policy.household_together else "customer"

    def units(self, count: int) -> str:
        """So many households (or customers) in words."""
        return counted(self.noun, count, self.language)

    @cached_property
    def units_word(self) -> str:
        """The plural alone: for headings and shares."""
        return self.t("households") if self.noun == "household" else self.t("customers")

    def heads(self, first: str, *codes: str) -> list[Head]:
        """Column headings by code: the first for the names of rows, the others for figures."""
        return [*self.text_heads(first), *self.number_heads(*codes)]

    def text_heads(self, *codes: str) -> list[Head]:
        """Headings of columns with text."""
        return [Head(self.t(f"head_{code}"), figure=False) for code in codes]

    def number_heads(self, *codes: str) -> list[Head]:
        """Headings of columns with figures."""
        return [Head(self.t(f"head_{code}")) for code in codes]

    def role_heads(self) -> list[Head]:
        """A column per role."""
        return [Head(self.role_name(item.key)) for item in self.plan.policy.roles]

    def total(self, name: str) -> int:
        """A column of the class sums over all classes."""
        return sum(getattr(item, name) for item in self.plan.classes)

    def n(self, value: int) -> str:
        """A count."""
        return number(value, self.language)

    def eur(self, cents: int) -> str:
        """Whole euro for a column headed €."""
        return whole_euro(cents, self.language)

    def euros(self, cents: int) -> str:
        """An amount in whole euro with its sign, for sentences."""
        return round_euro(cents, self.language)

    def per_hour(self, cents: int | None) -> Cell:
        """Euro per hour; unknown without any hours."""
        return self.unknown("unknown_no_hours") if cents is None else self.eur(cents)

    def h(self, seconds: int) -> str:
        """Hours and minutes for a column headed hours."""
        return plain_hours(seconds, self.language)

    def logged(self, seconds: int) -> Cell:
        """Hours of logged rows; rows that say nothing of their time are not known to have taken none."""
        return self.h(seconds) if seconds else self.unknown("unknown_no_time")

    def whole_h(self, seconds: int) -> str:
        """Hours of a year to the full hour, for sentences."""
        return self.t("hours_whole", hours=half_up(seconds, 3600))

    def pct(self, part: int, whole: int) -> Cell:
        """A share to the full percent; unknown without a whole."""
        share = self.share(part, whole)
        return self.unknown() if share is None else percent(share, self.language)

    def share(self, part: int, whole: int) -> int | None:
        """A share in permille, to the full percent."""
        return half_up(part * 100, whole) * 10 if whole > 0 else None

    def unknown(self, code: str = "unknown_no_basis") -> Markup:
        """A dash whose reason stands in its title and is read aloud."""
        reason = self.t(code)
        return Markup('<span class="unknown" tabindex="0" title="{}">{}<span class="aside">{}</span></span>').format(
            reason, UNKNOWN, reason
        )

    def assumed(self, text: Cell) -> Markup:
        """A figure that rests on an assumption."""
        return Markup('<span class="assumed" title="{}">{}<span class="aside">({})</span></span>').format(
            self.t("assumed"), text, self.t("assumed_short")
        )

    def service_class(self, key: str) -> ServiceClass:
        """The class of a key."""
        return self.plan.policy.service_class(key)

    def role_name(self, key: str) -> str:
        """The name of a role."""
        return self.plan.policy.role(key).name[self.language]

    def class_name(self, key: str) -> str:
        """The name a customer reads."""
        return self.service_class(key).name[self.language]

    def plate(self, key: str) -> Markup:
        """The customer-facing name with the internal letter small beside it."""
        letter = Markup(' <span class="plate hue-{}">{}</span>').format(self.hue(key), self.letter(key))
        return Markup('<span class="class">{}{}</span>').format(self.class_name(key), letter)

    def letter(self, key: str) -> str:
        """The internal letter; the class for new customers has none of its own."""
        return self.t("provisional_letter") if self.service_class(key).provisional else key

    def hue(self, key: str) -> str:
        """The number of the class's hue: by order, the last class of the criteria is slate, new customers are plain."""
        ranked = [item.key for item in self.plan.policy.classes if not item.provisional]
        if key not in ranked:
            return "new"
        return "last" if key == ranked[-1] and len(ranked) > 2 else str(ranked.index(key) % 6)

    def link(self, unit_id: str, name: str) -> Markup:
        """A name that leads to its calculation."""
        return Markup('<a href="#{}">{}</a>').format(anchor(unit_id), name)

    def unit_names(self, unit_ids: Sequence[str]) -> dict[str, str]:
        """Names of the members of units, joined; where no name is known, the number."""
        names: dict[str, list[str]] = {}
        for row in engine.rows(self.plan.memberships.filter(nw.col("unit_id").is_in(unit_ids))):
            names.setdefault(row["unit_id"], []).append(row["name"] or row["customer_id"])
        return {unit_id: self._joined(found) for unit_id, found in names.items()}

    def _joined(self, names: Sequence[str]) -> str:
        distinct = list(dict.fromkeys(names))
        rest = len(distinct) - 2
        return " · ".join(distinct[:2]) + (f" · +{rest}" if rest > 0 else "")

"""The lines an explanation is made of: a label, a figure and the calculation behind it, still without words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zusage.ground.reasons import Reason, Value
from zusage.ground.words import Language, say, write
from zusage.report.writing import decimal, exact_euro


@dataclass(frozen=True)
class Line:
    """One line. `unit` says how the figure is written: `exact` (euro with both cents), `milli` (thousandths as a
    decimal number), else a key for `ground.words.write`; an empty unit means the line has no figure of its own.
    """

    label: Reason
    unit: str = ""
    value: Value = None
    calculation: Reason | None = None
    total: bool = False
    assumed: bool = False
    met: int | None = None  # degree of a criterion, 3 surely met … 0 surely not; see classes.parts
    depth: int = 0
    part: Mapping[str, Any] | None = None  # of a criterion: its row, with metric, value and cut

    def figure(self, language: Language) -> str:
        """The figure in words, empty where there is none."""
        if not self.unit:
            return ""
        if isinstance(self.value, int) and self.unit == "exact":
            return exact_euro(self.value, language)
        if isinstance(self.value, int) and self.unit == "milli":
            return decimal(self.value, 3, language)
        return write(self.unit, self.value, language)

    def reckoned(self, language: Language) -> str:
        """The calculation in words, empty where there is none."""
        return say(self.calculation, language) if self.calculation else ""


@dataclass(frozen=True)
class Section:
    """Lines under one heading."""

    title: Reason
    lines: tuple[Line, ...]

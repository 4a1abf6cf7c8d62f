"""Collects what is wrong with a policy while it is read: paths and codes come in, findings with lines go out later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from zusage.ground.nearest import not_among
from zusage.ground.reasons import Severity, Value

Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True)
class Mistake:
    path: Path
    severity: Severity
    code: str
    values: tuple[tuple[str, Value], ...]


@dataclass
class Mistakes:
    """A list of mistakes that knows where it stands; `inside` steps into a part of the document."""

    found: list[Mistake] = field(default_factory=list)
    path: Path = ()

    def add(self, code: str, /, *steps: Step, severity: Severity = "error", **values: Value) -> None:
        """Note a mistake at the present place, or at steps below it."""
        self.found.append(Mistake(self.path + steps, severity, code, tuple(values.items())))

    def below(self, *steps: Step) -> bool:
        """Whether anything was noted at steps below the present place, or further down."""
        path = self.path + steps
        return any(item.path[: len(path)] == path for item in self.found)

    def errors(self) -> bool:
        """Whether anything was found that keeps the policy from being used."""
        return any(item.severity == "error" for item in self.found)

    @contextmanager
    def inside(self, *steps: Step) -> Iterator[None]:
        """Everything noted within stands below these steps."""
        before = self.path
        self.path = before + steps
        try:
            yield
        finally:
            self.path = before

    def unknown(self, code: str, value: str, known: Iterable[str], /, *steps: Step) -> None:
        """Note a word that is none of the known ones, with all of them and the nearest as a remedy."""
        values: dict[str, Value] = {**not_among(value, known), "text": shown(value)}
        self.found.append(Mistake(self.path + steps, "error", code, tuple(values.items())))


def shown(value: Any) -> str:
    """A value as it can be quoted in a sentence: on one line and short."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


def write_path(path: Path) -> str:
    """A path as people read it: `classes.best_first.A.when.all[0]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text

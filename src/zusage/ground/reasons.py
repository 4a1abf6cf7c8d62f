"""Reasons, findings and refusals as data: a code with values comes in from the core, words are put to it last.

Values carry their unit in the key's ending (`_cents`, `_seconds`, `_on`, `_count`, `_permille`), so that
`ground.words.say` can write each of them the way the reader's language does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Value = str | int | date | None
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Reason:
    """Something the program wants to say: a code of the word lists and the values to put into its text."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where something stands: file, line (from 1), column (its header), path of a field such as `classes[0].name`."""

    file: str | None = None
    line: int | None = None
    column: str | None = None
    path: str | None = None


@dataclass(frozen=True)
class Finding:
    """A mistake or a remark with its place. The text of its code says what is wrong and how to mend it."""

    severity: Severity
    reason: Reason
    where: Place = field(default_factory=Place)


class Refused(Exception):  # noqa: N818 - the input was refused; nothing went wrong inside
    """Input that cannot be used: carries *all* mistakes found, never only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(finding.reason.code for finding in findings))
        self.findings = tuple(findings)


def mistake(code: str, where: Place | None = None, /, **values: Value) -> Finding:
    """An error finding in one line."""
    return Finding("error", Reason(code, values), where or Place())


def warning(code: str, where: Place | None = None, /, **values: Value) -> Finding:
    """A warning in one line."""
    return Finding("warning", Reason(code, values), where or Place())


def note(code: str, where: Place | None = None, /, **values: Value) -> Finding:
    """A remark in one line."""
    return Finding("note", Reason(code, values), where or Place())


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON, to be kept and said later in any language; days in ISO form. `ground.typed` reads it back."""
    values = {
        key: value.isoformat() if isinstance(value, date) else value for key, value in finding.reason.values.items()
    }
    reason = {"code": finding.reason.code, "values": values}
    return {"severity": finding.severity, "reason": reason, "where": dict(vars(finding.where))}

"""The mapping.yaml of a folder comes in, one checked mapping per file pattern comes out; all mistakes at once.

A mapping says what headers alone cannot tell. What it says wins over what would be recognised; what it leaves out is
recognised as if there were none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from zusage.book import headers, tables
from zusage.book.cells import UNITS, DateOrder, Unit
from zusage.ground.money import DecimalMark
from zusage.ground.nearest import not_among
from zusage.ground.reasons import Finding, Place, Refused, Value, mistake

FILE_NAME = "mapping.yaml"


@dataclass(frozen=True)
class FileMapping:
    """What a mapping says of the files that match `pattern`; every field has "not said" as its default."""

    pattern: str = "*"
    table: str | None = None
    ignore: bool = False
    columns: Mapping[str, str | None] = field(default_factory=dict)  # header → field; None: leave the column out
    amount: tuple[str, ...] = ()  # the two headers whose product is the amount
    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)  # text of the file → kind of yield
    unit: Unit | None = None
    log: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None  # the line the headers stand in
    on: date | None = None  # the day of all lines of a file that has no date column
    types: Mapping[str, str] = field(default_factory=dict)  # type of a FRITZ!Box list → direction
    derive_customers: bool = False

    def matches(self, name: str) -> bool:
        """Whether the pattern is the name (in small letters) itself or a pattern of it, with folder or without."""
        pattern, bare = self.pattern.casefold(), name.rsplit("/", 1)[-1]
        return pattern in (name, bare) or fnmatch(name, pattern) or fnmatch(bare, pattern)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The headers the mapping names."""
        return (*self.columns, *self.amount)


NOTHING_SAID = FileMapping()


@dataclass(frozen=True)
class Mappings:
    """All mappings of a folder, in the order they are written: the first pattern that matches a file holds."""

    files: tuple[FileMapping, ...] = ()

    def of(self, name: str) -> FileMapping:
        """The mapping of a file by its name (with or without folder)."""
        whole = name.casefold()
        return next((entry for entry in self.files if entry.matches(whole)), NOTHING_SAID)


def read_mapping(path: Path) -> Mappings:
    """Read and check a mapping file; raises Refused with all mistakes and their lines."""
    try:
        written = YAML(typ="rt").load(path.read_text("utf-8-sig"))
    except DuplicateKeyError as error:
        raise Refused([mistake("book_mapping_twice", _at(path, error))]) from error
    except MarkedYAMLError as error:
        raise Refused([mistake("book_mapping_yaml", _at(path, error), problem=error.problem or "")]) from error
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise Refused([mistake("book_mapping_unreadable", Place(str(path)))]) from error
    reader = _Reader(path.name)
    found = tuple(reader.files(written))
    if reader.findings:
        raise Refused(reader.findings)
    return Mappings(found)


def _at(path: Path, error: MarkedYAMLError) -> Place:
    return Place(path.name, error.problem_mark.line + 1 if error.problem_mark else None)


class _Reader:
    """Walks through the written mapping and collects what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def wrong(self, code: str, owner: Any, at: Any, path: str, /, **values: Value) -> None:
        line = owner.lc.key(at)[0] + 1 if isinstance(owner, CommentedMap) and at in owner else None
        self.findings.append(mistake(code, Place(self.file, line, None, path), **values))

    def files(self, written: Any) -> Iterator[FileMapping]:
        if not isinstance(written, CommentedMap) or not isinstance(written.get("files"), CommentedMap):
            self.findings.append(mistake("book_mapping_no_files", Place(self.file, 1)))
            return
        for key in written:
            if key != "files":
                self.wrong("book_mapping_unknown_key", written, key, str(key), **not_among(str(key), ["files"]))
        for pattern, entry in written["files"].items():
            if isinstance(entry, CommentedMap):
                yield self.entry(str(pattern), entry)
            else:
                self.wrong("book_mapping_not_a_block", written["files"], pattern, str(pattern))

    def entry(self, pattern: str, entry: CommentedMap) -> FileMapping:
        values: dict[str, Any] = {"pattern": pattern}
        for key, value in entry.items():
            check = _CHECKS.get(str(key))
            path = f"{pattern}: {key}"
            if check is None:
                self.wrong("book_mapping_unknown_key", entry, key, path, **not_among(str(key), _CHECKS))
                continue
            try:
                values[str(key)] = check(value)
            except _Wrong as wrong:
                self.wrong(
                    "book_mapping_value", entry, key, path, key=str(key), value=_show(value), allowed=wrong.allowed
                )
        self._check_columns(pattern, entry, values)
        return FileMapping(**values)

    def _check_columns(self, pattern: str, entry: CommentedMap, values: dict[str, Any]) -> None:
        columns = entry.get("columns")
        for header, target in (values.get("columns") or {}).items():
            path = f"{pattern}: columns"
            if target is None:
                continue
            if not headers.may_hold(header, target):
                self.wrong("book_mapping_protected", columns, header, path, column=header)
            elif not _is_field(target, values.get("table")):
                known = _fields(values.get("table"))
                self.wrong("book_mapping_field", columns, header, path, **not_among(target, known))
        for header in values.get("amount", ()):
            if headers.is_protected(header):
                self.wrong("book_mapping_protected", entry, "amount", f"{pattern}: amount", column=header)


def _fields(table: str | None) -> list[str]:
    chosen = [table] if table else headers.IMPORTED
    return list(dict.fromkeys(field for name in chosen for field in headers.fields_of(name)))


def _is_field(target: str, table: str | None) -> bool:
    if target.startswith(headers.FIGURE):
        return table in (None, "customers", "figures") and len(target) > len(headers.FIGURE)
    return target in _fields(table)


def _show(value: Any) -> str:
    return "null" if value is None else str(dict(value) if isinstance(value, dict) else value)[:60]


class _Wrong(ValueError):  # noqa: N818 - a value that is not allowed
    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def _one_of(*allowed: str) -> Any:
    def check(value: Any) -> str:
        if value not in allowed:
            raise _Wrong(", ".join(f'"{option}"' for option in allowed))
        return str(value)

    return check


def _text(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool) or not str(value).strip():
        raise _Wrong("Text")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true, false")
    return value


def _line(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _Wrong("1, 2, 3, …")
    return value


def _date(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _Wrong("2026-12-31")
    return value


def _encoding(value: Any) -> str:
    try:
        "".encode(_text(value))
    except LookupError:
        raise _Wrong("utf-8, cp1252, cp850, iso-8859-15, utf-16") from None
    return str(value)


def _delimiter(value: Any) -> str:
    named = {"tab": "\t", "\\t": "\t"}.get(str(value), str(value))
    if len(named) != 1 or named in '"\r\n':
        raise _Wrong('";", ",", "|", tab')
    return named


def _columns(value: Any) -> dict[str, str | None]:
    if not isinstance(value, dict) or any(isinstance(target, dict | list) for target in value.values()):
        raise _Wrong("{Kundennummer: customer_id}")
    return {str(header): None if target is None else str(target) for header, target in value.items()}


def _words(*allowed: str) -> Any:
    def check(value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or any(target not in allowed for target in value.values()):
            raise _Wrong(", ".join(allowed))
        return {str(text): str(target) for text, target in value.items()}

    return check


def _product(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(header, str) for header in value):
        raise _Wrong("[Quantity, UnitPrice]")
    return tuple(value)


_CHECKS: Mapping[str, Any] = {
    "table": _one_of(*headers.IMPORTED),
    "ignore": _flag,
    "columns": _columns,
    "amount": _product,
    "decimal": _one_of(",", "."),
    "dates": _one_of("dmy", "mdy"),
    "kinds": _words(*tables.YIELD_KINDS),
    "unit": _one_of(*UNITS),
    "log": _one_of(*tables.LOG_KINDS),
    "sheet": _text,
    "encoding": _encoding,
    "delimiter": _delimiter,
    "header": _line,
    "on": _date,
    "types": _words(*tables.DIRECTIONS),
    "derive_customers": _flag,
}

"""A folder with the files a firm really has comes in, a book comes out; or all that is wrong, at once."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import phonenumbers

from zusage import engine
from zusage.book import tables, work
from zusage.book.assemble import (
    Assembly,
    add_addresses,
    add_choices,
    add_contracts,
    add_customers,
    add_figures,
    add_referrals,
    add_yields,
    drop_claims,
)
from zusage.book.mapping import FILE_NAME, Mappings, read_mapping
from zusage.book.parse import Typed, parse
from zusage.book.recognise import SUFFIXES, recognise
from zusage.book.result import Book, FileTotals
from zusage.book.sources.parquet import is_parquet_book, read_parquet_book
from zusage.book.work import CallList, read_call_list
from zusage.ground.money import DecimalMark
from zusage.ground.reasons import Finding, Place, Refused, Value, mistake, note, warning

Progress = Callable[[str, int, int], None]
"""Is told a file, how many of its bytes are read, and how many it has; first with none, at last with all."""

NOT_DATA = frozenset({"thumbs.db", "desktop.ini"})
"""What systems put into every folder."""


def read_book(
    folder: Path,
    *,
    mapping: Path | None = None,
    decimal: DecimalMark | None = None,
    country: str = "DE",
    progress: Progress | None = None,
) -> Book:
    """Read all files of a folder (and of the folders in it) into the tables of tables.SCHEMAS.

    `mapping`: a mapping file; without it the folder's mapping.yaml, if there is one. `decimal`: the decimal mark of
    every column that a mapping does not speak of; without it each column tells its own. `country`: two letters, the
    country of phone numbers without country code. Amounts come out in cents, durations in seconds, days as dates.

    Raises Refused with every mistake of every file. Single lines that cannot be used are in `rejects`; files that are
    not known, and everything else worth saying, are in `findings`.
    """
    _check_arguments(folder, country)
    if is_parquet_book(folder):
        return read_parquet_book(folder)
    reading = _Reading(folder, _mappings(folder, mapping), decimal, country)
    with _collector_paused():
        reading.recognise_all(_files(folder, mapping), progress)
        return reading.book()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of small lists are made and none of them in a circle: looking for circles would double the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check_arguments(folder: Path, country: str) -> None:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise Refused([mistake("book_country_unknown", Place(), country=country)])
    try:
        if not folder.is_dir():
            code = "book_folder_is_file" if folder.exists() else "book_folder_missing"
            raise Refused([mistake(code, Place(str(folder)))])
        if next(folder.iterdir(), None) is None:
            raise Refused([mistake("book_folder_empty", Place(str(folder)))])
    except OSError as error:
        raise Refused([mistake("book_no_permission", Place(str(folder)))]) from error


def _mappings(folder: Path, mapping: Path | None) -> Mappings:
    if mapping is not None and not mapping.is_file():
        raise Refused([mistake("book_mapping_missing", Place(str(mapping)))])
    path = mapping or folder / FILE_NAME
    return read_mapping(path) if path.is_file() else Mappings()


def _files(folder: Path, mapping: Path | None) -> list[Path]:
    """All files worth a word, in the order of their names; hidden files and those of Excel's locks are none."""

    def counts(path: Path) -> bool:
        inside = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "~$")) for part in inside)
        ours = path.name == FILE_NAME or (mapping is not None and path.resolve() == mapping.resolve())
        return not hidden and not ours and path.name.casefold() not in NOT_DATA and path.is_file()

    def order(path: Path) -> tuple[str, str, str]:
        return path.parent.as_posix(), path.stem, path.suffix  # a file comes before its `… (copy)`

    return sorted((path for path in folder.rglob("*") if counts(path)), key=order)


class _Reading:
    """One run over a folder: what was recognised so far, and what there is to say of it."""

    def __init__(self, folder: Path, mappings: Mappings, decimal: DecimalMark | None, country: str) -> None:
        self.folder, self.mappings, self.decimal, self.country = folder, mappings, decimal, country
        self.assembly = Assembly(country=country)
        self.findings = self.assembly.findings
        self.seen: dict[str, str] = {}  # sha256 → the file that had it first
        self.typed: list[Typed] = []
        self.calls: list[CallList] = []
        self.others: list[FileTotals] = []
        self.failed = False  # a file could not be read at all: it may have been the customer list

    def recognise_all(self, paths: Sequence[Path], progress: Progress | None) -> None:
        for path in paths:
            file = path.relative_to(self.folder).as_posix()
            size = path.stat().st_size
            if progress:
                progress(file, 0, size)
            try:
                self.take(path, file)
            except Refused as refused:
                self.findings += refused.findings
                self.failed |= any(finding.severity == "error" for finding in refused.findings)
                self.others.append(FileTotals(file, "unknown", "", sha256=self._sha_of(file)))
            except OSError:
                self.findings.append(mistake("book_no_permission", Place(file)))
            except Exception as error:
                self.findings.append(mistake("book_file_unforeseen", Place(file), problem=type(error).__name__))
            if progress:
                progress(file, size, size)

    def take(self, path: Path, file: str) -> None:
        mapping = self.mappings.of(file)
        if mapping.ignore:
            self.findings.append(note("book_file_ignored", Place(file)))
            return
        if path.suffix.lower() not in SUFFIXES:
            raise Refused([warning("book_file_not_read", Place(file))])
        sha256 = _sha256(path)
        if sha256 in self.seen:
            self.findings.append(note("book_file_twice", Place(file), first=self.seen[sha256]))
            self.others.append(FileTotals(file, "duplicate", "", sha256=sha256))
            return
        self.seen[sha256] = file
        source = recognise(path, file, sha256, mapping)
        self.findings += source.findings
        if source.table == "fritzbox":
            self.calls.append(read_call_list(source, self.country))
            return
        typed = parse(source, self.decimal, self.country)
        self.findings += typed.findings
        if not source.sheet.lines and not typed.rejected:
            self.findings.append(warning("book_file_without_rows", Place(source.file)))
        self.typed.append(typed)

    def _sha_of(self, file: str) -> str:
        return next((sha256 for sha256, first in self.seen.items() if first == file), "")

    def of(self, table: str) -> list[Typed]:
        return [typed for typed in self.typed if typed.source.table == table]

    def book(self) -> Book:
        """Join everything that was recognised; raises Refused when anything is wrong."""
        deriving = [typed for typed in self.typed if typed.source.mapping.derive_customers]
        if not self.of("customers") and not deriving and not self.failed:
            self.findings.append(mistake("book_no_customers", Place(str(self.folder))))
        usable = [typed for typed in self.typed if not typed.failed]
        lists = [typed for typed in usable if typed.source.table == "customers"]
        add_customers(self.assembly, lists, [typed for typed in usable if typed in deriving])
        self._refuse()
        self._join()
        rejects = [
            reject for typed in [*self.typed, *(entry.typed for entry in self.calls)] for reject in typed.rejects
        ]
        made = {table: engine.table(self.assembly.columns[table], schema) for table, schema in tables.SCHEMAS.items()}
        totals = sorted([*self.assembly.totals, *self.others], key=lambda total: total.file)
        return Book(made, tuple(totals), tuple(rejects), tuple(self.findings), lists[0].source.path if lists else None)

    def _refuse(self) -> None:
        if any(finding.severity == "error" for finding in self.findings):
            raise Refused(self.findings)

    def _join(self) -> None:
        add_contracts(self.assembly, self.of("contracts"))
        one_by_one = {
            "addresses": add_addresses,
            **dict.fromkeys(("choices", "consents", "overrides"), add_choices),
            "figures": add_figures,
            "referrals": add_referrals,
            "yields": add_yields,
            "work": work.add_work,
        }
        for table, add in one_by_one.items():
            for typed in self.of(table):
                add(self.assembly, typed)
        drop_claims(self.assembly)
        work.add_calls(self.assembly, self.calls)
        work.add_logs(self.assembly)
        self.findings += _perhaps_twice(self.assembly.totals)
        self.findings += _rejected(self.assembly.totals)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _perhaps_twice(totals: Iterable[FileTotals]) -> list[Finding]:
    """Two files of yields with equal period, rows and sum but other bytes may be a CSV and its spreadsheet."""
    first: dict[tuple[object, ...], str] = {}
    found = []
    for total in totals:
        if total.kind == "yields" and total.rows:
            key = (total.rows, total.sum_cents, total.first_on, total.last_on)
            other = first.setdefault(key, total.file)
            if other != total.file:
                values: dict[str, Value] = {"first": other, "row_count": total.rows, "sum_cents": total.sum_cents}
                found.append(warning("book_yields_perhaps_twice", Place(total.file), **values))
    return found


def _rejected(totals: Iterable[FileTotals]) -> list[Finding]:
    return [
        warning("book_lines_rejected", Place(total.file), reject_count=total.rejected, row_count=total.rows)
        for total in totals
        if total.rejected
    ]

"""Files that count come in, with what people said of them; the tables of the book and the account of each file go out.

The way is the core's own, `read_book` over a folder: the files stand in a staging folder under their names, beside it
one mapping.yaml made of all that was said. So a book read here is the book that `zusage plan --book` reads.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import narwhals as nw
from ruamel.yaml import YAML

from zusage import engine
from zusage.book import FileTotals, Reject, propose_mapping, read_book
from zusage.book import headers as columns_of
from zusage.book.cells import UNITS as UNITS_OF_DURATIONS
from zusage.book.mapping import FILE_NAME, FileMapping, Mappings, read_mapping
from zusage.book.read import NOT_DATA
from zusage.book.recognise import SUFFIXES, recognise
from zusage.book.tables import LOG_KINDS, SCHEMAS
from zusage.engine import Frame
from zusage.ground.reasons import Finding, Place, Reason, Refused, finding_as_json, mistake, warning
from zusage.ground.words import texts

Json = dict[str, Any]
Step = Callable[[int, int], None]
"""Is told how many files are read, and of how many."""

UNKNOWN, MAPPING, IGNORED = "unknown", "mapping", "ignored"
TABLES, FIGURE = columns_of.IMPORTED, columns_of.FIGURE
LOGS, UNITS = LOG_KINDS, UNITS_OF_DURATIONS
SHOWN_REJECTS = 50
LONGEST_NUMBER = 64
SNAPSHOTS = ("customers", "addresses", "contracts", "referrals", "choices", "consents", "overrides", "figures")
"""Lists that hold everything each time they are exported: a newer one takes the place of the older."""


@dataclass(frozen=True)
class Counting:
    """A file that counts: its key, its name as it came, where its bytes stand, what a person said of its columns."""

    key: int
    name: str
    path: Path
    mapping: Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """What a file is by its headers: the table, how that was told, a fingerprint of the headers, a proposal to map."""

    kind: str
    by: str = ""
    layout: str = ""
    proposal: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """A reading of all files: the tables (none where it was refused), and the account of each file by its key."""

    tables: Mapping[str, Frame]
    totals: Mapping[int, Json]
    rejects: Mapping[int, list[Json]]
    findings: list[Json]  # as `finding_as_json`, with `file`: the key of the file it is about

    @property
    def refused(self) -> bool:
        """Whether a mistake stands in the way."""
        return any(item["severity"] == "error" for item in self.findings)


# --- the staging folder


class Stage:
    """A folder with the files under names that differ, and the mapping of all of them."""

    def __init__(self, folder: Path, files: Sequence[Counting]) -> None:
        self.folder = folder
        self.problems: list[tuple[int, Finding]] = []  # of mapping files, by their key
        self.names: dict[str, Counting] = {}  # name in the folder → file
        for item in files:
            if not is_mapping(item.name):
                self.names[self._free(item.name)] = item
        for name, item in self.names.items():
            if Path(name).suffix.lower() in SUFFIXES:
                _link(item.path, folder / name)
        self.said = self._all_said([item for item in files if is_mapping(item.name)])
        self.mapping = self._write() if self.said else None

    def _free(self, name: str) -> str:
        """The name, with a number where an earlier file has it; also where only the case differs."""
        taken = {other.casefold() for other in self.names}
        stem, suffix, copy, free = Path(name).stem, Path(name).suffix, 2, name
        while free.casefold() in taken:
            free, copy = f"{stem} ({copy}){suffix}", copy + 1
        return free

    def _all_said(self, written: Iterable[Counting]) -> Json:
        """Entries of a mapping file: what people chose for single files first, then mapping files, the newest first."""
        own = {glob.escape(name): _entry(item.mapping) for name, item in self.names.items() if item.mapping}
        shared: Json = {}
        for item in sorted(written, key=lambda entry: -entry.key):
            for pattern, entry in self._entries(item).items():
                shared.setdefault(pattern, entry)
        return own | self._renamed(shared, own) | shared

    def _entries(self, item: Counting) -> Json:
        """The entries of an uploaded mapping file; its mistakes are kept as problems of the reading."""
        copy = self.folder.parent / FILE_NAME
        shutil.copyfile(item.path, copy)
        try:
            read_mapping(copy)
        except Refused as refused:
            self.problems += [(item.key, finding) for finding in refused.findings]
            return {}
        loaded: Json = YAML(typ="safe").load(copy.read_text("utf-8-sig"))
        return {str(pattern): entry for pattern, entry in loaded["files"].items()}

    def _renamed(self, shared: Json, own: Json) -> Json:
        """A file that got a number behind its name is still the file a mapping speaks of."""
        found = {}
        for name, item in self.names.items():
            said = [entry for pattern, entry in shared.items() if FileMapping(pattern).matches(item.name.casefold())]
            if said and name != item.name and glob.escape(name) not in own:
                found[glob.escape(name)] = said[0]
        return found

    def _write(self) -> Path:
        path = self.folder.parent / FILE_NAME
        yaml = YAML(typ="safe")
        # the order must stay, for the first pattern that fits a file holds; the library declares None for "not said"
        yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yaml.dump({"files": self.said}, stream)
        return path

    def mappings(self) -> Mappings:
        """The mapping of all files, checked."""
        return read_mapping(self.mapping) if self.mapping else Mappings()

    def file_of(self, label: str | None) -> Counting | None:
        """The file a total, a reject or a finding speaks of: `name` or `name [sheet]`."""
        if label is None:
            return None
        return self.names.get(label) or next(
            (item for name, item in self.names.items() if label.startswith(f"{name} [")), None
        )


def is_no_data(name: str) -> bool:
    """Whether a file is one that systems put into every folder."""
    return name.casefold() in NOT_DATA


def is_mapping(name: str) -> bool:
    """Whether a file is no data but says what the columns of others mean."""
    return name.casefold() == FILE_NAME


def _entry(mapping: Mapping[str, Any]) -> Json:
    """An entry as a mapping file holds it: of all values only the day has no form in JSON."""
    return {key: date.fromisoformat(value) if key == "on" else value for key, value in mapping.items()}


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name; copied where the disk knows no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@contextmanager
def staged(folder: Path, files: Sequence[Counting]) -> Iterator[Stage]:
    """A staging folder for a while; what a killed worker left under the same name is cleared first."""
    shutil.rmtree(folder, ignore_errors=True)
    inside = folder / "files"
    inside.mkdir(parents=True)
    try:
        yield Stage(inside, files)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- what a file is


def look_at(stage: Stage, step: Step) -> dict[int, Look]:
    """What each file of a stage is taken for; a mapping that cannot be read says nothing here, the reading tells it."""
    try:
        mappings = stage.mappings()
    except Refused:
        mappings = Mappings()
    looks = {}
    for done, (name, item) in enumerate(stage.names.items()):
        step(done, len(stage.names))
        looks[item.key] = _look(stage.folder / name, name, mappings.of(name))
    return looks


def _look(path: Path, name: str, mapping: FileMapping) -> Look:
    if mapping.ignore:
        return Look(IGNORED)
    if not path.exists():
        return Look(UNKNOWN)
    proposal = _proposal(path)
    layout = _layout([column["header"] for column in proposal.get("columns", ())])
    try:
        source = recognise(path, name, "", mapping)
    except Refused:
        return Look(UNKNOWN, "", layout, proposal)
    kind = "calls" if source.table == "fritzbox" else source.table
    return Look(kind, source.by, layout or _layout(source.sheet.headers), proposal)


def _proposal(path: Path) -> Json:
    """What the columns may mean, with samples; nothing for what is no table."""
    try:
        found = propose_mapping([path])[0]
    except Refused:
        return {}
    columns = [vars(column) | {"samples": list(column.samples)} for column in found.columns]
    return {"table": found.table, "sheet": found.sheet, "columns": columns}


def _layout(headers: Sequence[str]) -> str:
    """The fingerprint of headers, whatever their order."""
    if not headers:
        return ""
    folded = "|".join(sorted(columns_of.fold(header) for header in headers))
    return hashlib.sha256(folded.encode()).hexdigest()[:32]


def fields_of(table: str) -> tuple[str, ...]:
    """The fields a column of a table can be."""
    return columns_of.fields_of(table)


def may_hold(header: str, name: str) -> bool:
    """Whether a column may be read as a field; what tells of birth, sex or health may not."""
    return columns_of.may_hold(header, name)


def suggested(headers: Sequence[str], table: str) -> dict[str, str]:
    """Which field of a table each header is known as."""
    found = columns_of.match(headers, table)
    return {
        headers[at]: name for name, columns in found.items() for at in (columns if name == "phone" else columns[:1])
    }


def missing_fields(table: str, fields: Iterable[str], *, day_said: bool) -> list[list[str]]:
    """What a table needs and these fields do not give: groups of fields of each of which one would do."""
    have = set(fields) | ({"done_on", "booked_on"} if day_said else set())
    signature = columns_of.SIGNATURES[table]
    groups = [[name] for name in sorted(signature.every - have)]
    return groups + [sorted(group) for group in signature.one_of if not group & have]


# --- reading


@contextmanager
def reading_of(folder: Path, files: Sequence[Counting], country: str, step: Step | None = None) -> Iterator[Reading]:
    """Read all files as one book; the tables may be asked for as long as the context is open."""
    with staged(folder, files) as stage:
        yield _read(stage, country, step)


def _read(stage: Stage, country: str, step: Step | None) -> Reading:
    if stage.problems:
        return Reading({}, {}, {}, [finding_as_json(item) | {"file": key} for key, item in stage.problems])
    stage.mappings()  # people's own entries are checked when they are written
    try:
        book = read_book(
            stage.folder, mapping=stage.mapping, country=country, progress=_counted(len(stage.names), step)
        )
        _check_numbers(book.tables["customers"])
    except Refused as refused:
        return _refused(stage, refused.findings)
    totals: dict[int, list[FileTotals]] = {}
    rejects: dict[int, list[Reject]] = {}
    for total in book.files:
        totals.setdefault(_key(stage, total.file), []).append(total)
    for reject in book.rejects:
        rejects.setdefault(_key(stage, reject.file), []).append(reject)
    return Reading(
        book.tables,
        {key: _summed(found) for key, found in totals.items()},
        {key: [_reject(reject) for reject in found[:SHOWN_REJECTS]] for key, found in rejects.items()},
        _keyed(stage, [*_not_read(stage), *book.findings]),
    )


def _refused(stage: Stage, findings: Iterable[Finding]) -> Reading:
    return Reading({}, {}, {}, _keyed(stage, [*_not_read(stage), *findings]))


def _counted(total: int, step: Step | None) -> Callable[[str, int, int], None] | None:
    """The core tells bytes of files; people count files."""
    if step is None:
        return None
    files: dict[str, None] = {}

    def progress(file: str, done: int, size: int) -> None:
        files[file] = None
        step(len(files) - (done < size), total)

    return progress


def _check_numbers(customers: Frame) -> None:
    """The office keeps numbers of customers up to a length."""
    longest = nw.max_horizontal(nw.col("customer_id").str.len_chars(), nw.col("household_id").str.len_chars())
    found = engine.rows(customers.filter(longest > LONGEST_NUMBER).select("source", "line", "customer_id").head(5))
    if found:
        raise Refused(
            [mistake("imports_number_long", Place(row["source"], row["line"]), most=LONGEST_NUMBER) for row in found]
        )


def _not_read(stage: Stage) -> list[Finding]:
    """Files that are not even opened, by their names."""
    return [warning("book_file_not_read", Place(name)) for name in stage.names if not (stage.folder / name).exists()]


def _key(stage: Stage, label: str | None) -> int:
    item = stage.file_of(label)
    return item.key if item else 0


def _keyed(stage: Stage, findings: Iterable[Finding]) -> list[Json]:
    return [
        finding_as_json(_remedied(_placed(stage, item))) | {"file": _key(stage, item.where.file)} for item in findings
    ]


def _placed(stage: Stage, finding: Finding) -> Finding:
    """The staging folder is ours; what is said of it is said of all files."""
    return replace(finding, where=Place()) if finding.where.file == str(stage.folder) else finding


def _remedied(finding: Finding) -> Finding:
    """Where the core tells what to type, the office tells which page mends it: another text with the same values."""
    code = f"imports_{finding.reason.code}"
    return replace(finding, reason=Reason(code, finding.reason.values)) if code in texts() else finding


def _summed(found: Sequence[FileTotals]) -> Json:
    """The control totals of a file as its row holds them."""
    counts = ("rows", "assigned", "unassigned", "rejected", "skipped")
    sums = [total.sum_cents for total in found if total.sum_cents is not None]
    days = [day for total in found for day in (total.first_on, total.last_on) if day]
    return {
        "kind": found[0].kind,
        "recognised_as": found[0].recognised_as,
        **{name: sum(getattr(total, name) for total in found) for name in counts},
        "sum_cents": sum(sums) if sums else None,
        "first_on": min(days, default=None),
        "last_on": max(days, default=None),
    }


def _reject(reject: Reject) -> Json:
    finding = Finding("warning", reject.reason, Place(line=reject.line, column=reject.column))
    return finding_as_json(_remedied(finding)) | {"text": reject.text, "line_used": reject.line_used}


def rows_of(tables: Mapping[str, Frame], size: int) -> Iterator[tuple[str, list[tuple[Any, ...]], int]]:
    """The rows of all tables in pieces: the table, rows as tuples in the order of its schema, rows of all tables."""
    held = {name: engine.collect(tables[name].select(*schema)) for name, schema in SCHEMAS.items()}
    total = sum(frame.shape[0] for frame in held.values())
    for name, frame in held.items():
        rows = frame.iter_rows()
        while piece := list(islice(rows, size)):
            yield name, piece, total

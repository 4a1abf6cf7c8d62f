"""Questions to the book: which imports there are, which files count, the published reading and its tidy tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.http import Http404
from django.utils.crypto import salted_hmac

from zusage.ground.words import word
from zusage.web.book.models import (
    OPEN_STATES,
    Address,
    Book,
    Choice,
    Consent,
    Contract,
    Erased,
    Import,
    ImportFile,
    Phone,
    Referral,
    TidyRow,
    Work,
    Yield,
)
from zusage.web.bridge.files import IGNORED, UNKNOWN, Counting
from zusage.web.bridge.tables import COLUMNS, from_json, tidy_tables
from zusage.web.office.models import Job, User
from zusage.web.office.queries import the_firm

TABLES: dict[str, type[models.Model]] = {
    "phones": Phone,
    "addresses": Address,
    "contracts": Contract,
    "yields": Yield,
    "work": Work,
    "referrals": Referral,
    "choices": Choice,
    "consents": Consent,
}
"""The tidy tables that have columns of their own; all others are kept as `TidyRow`."""


def columns_of(table: str) -> tuple[str, ...]:
    """The fields of a table's model in the order of the tidy table's columns."""
    return tuple("customer_id" if name == "referrer_id" else name for name in COLUMNS[table])


def imports_for(user: User) -> QuerySet[Import]:
    """The imports somebody may see: all of them, everyone works with the same book."""
    return Import.objects.select_related("by")


def import_for(user: User, pk: int) -> Import:
    """One import; Http404 where there is none."""
    found = imports_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def file_for(user: User, import_pk: int, pk: int) -> ImportFile:
    """A file of an import; Http404 where there is none."""
    found = ImportFile.objects.filter(part_of__in=imports_for(user), part_of=import_pk, pk=pk).first()
    if found is None:
        raise Http404
    return found


def published_book() -> Book | None:
    """The reading whose rows pages show; None before the first import."""
    return Book.objects.filter(published=True).first()


def active_files(*, also: Import | None = None, without: Import | None = None) -> QuerySet[ImportFile]:
    """The files that make up the book, in the order they came.

    `also`: as it would be with this import; `without`: as it would be if that one were undone. A file is replaced by
    whatever replaces its replacement, too: an undone import in between does not bring the oldest back. A file that
    nobody could read when it was published does not count; whoever knows its columns later brings it again.
    """
    counting = ImportFile.objects.filter(left_out=False).exclude(part_of=without)
    published = models.Q(part_of__state="published") & ~models.Q(kind=UNKNOWN)
    counting = counting.filter(published | models.Q(part_of=also))
    replaces = dict(ImportFile.objects.filter(replaces__isnull=False).values_list("pk", "replaces_id"))
    replaced: set[int] = set()
    for pk in counting.values_list("pk", flat=True):
        older = replaces.get(pk)
        while older is not None and older not in replaced:
            replaced.add(older)
            older = replaces.get(older)
    return counting.exclude(pk__in=replaced).order_by("part_of__created_at", "part_of_id", "name", "pk")


def replaceable(file: ImportFile) -> QuerySet[ImportFile]:
    """The older files a file may take the place of: those of its kind that count."""
    return active_files(without=file.part_of).filter(kind=file.kind).select_related("part_of")


def stored(sha256: str) -> Path:
    """Where the bytes of a file stand."""
    return Path(settings.DATA) / "files" / sha256


def counting(files: QuerySet[ImportFile] | list[ImportFile]) -> list[Counting]:
    """Files as the bridge reads them."""
    return [Counting(item.pk, item.name, stored(item.sha256), item.mapping) for item in files]


def lost_by_undoing(found: Import) -> list[ImportFile]:
    """The older files that would count again if an import were undone, and whose content is gone: a rule for keeping
    removed it, and they are left out since. Without them the book would silently lack what they held."""
    lost = []
    for item in found.files.filter(left_out=False).select_related("replaces__part_of").order_by("name", "pk"):
        older = item.replaces
        while older is not None and older.part_of.state != "published":  # undone itself: what it replaced comes back
            older = older.replaces
        if older is not None and older.left_out and not stored(older.sha256).is_file():
            lost.append(older)
    return lost


def newest_job(found: Import) -> Job | None:
    """The newest job that reads an import, makes it part of the book, or takes it out again."""
    return Job.objects.filter(kind__in=("read", "publish", "undo"), subject=found.pk).order_by("-pk").first()


def changeable(found: Import) -> bool:
    """Whether files may come and go: it is not part of the book and nothing works on it."""
    return found.state in OPEN_STATES or interrupted(found)


def interrupted(found: Import) -> bool:
    """Whether an import is called being read or published although no job does so any more."""
    if found.state not in ("reading", "publishing"):
        return False
    job = newest_job(found)
    return job is None or not job.running


def tables_of(book: Book) -> dict[str, Any]:
    """The tidy tables of a reading, row by row as they were read."""
    return tidy_tables({table: _rows(book, table) for table in COLUMNS})


def _rows(book: Book, table: str) -> Iterator[tuple[Any, ...]]:
    model = TABLES.get(table)
    if model is None:
        kept = TidyRow.objects.filter(book=book, table=table).order_by("pk").values_list("row", flat=True)
        return (from_json(table, row) for row in kept.iterator(5000))
    found = model._default_manager.filter(book=book).order_by("pk").values_list(*columns_of(table))
    return iter(found.iterator(5000))


# --- the erased


def digest_of(number: str) -> str:
    """What is kept of the number of an erased customer: enough to know it again, not enough to read it."""
    return salted_hmac("zusage.erased", number, algorithm="sha256").hexdigest()


def is_erased(number: str) -> bool:
    """Whether the customer of this number was erased."""
    return Erased.objects.filter(digest=digest_of(number)).exists()


def aliases() -> QuerySet[Erased, Any]:
    """The numbers under which the erased stand in figures, for lists of those who are owed or told something to leave
    out."""
    return Erased.objects.order_by().values("alias")


def alias_of() -> Callable[[str], str | None]:
    """Under which number an erased customer's rows stand, by the number of the lists; None for all others."""
    known = dict(Erased.objects.values_list("digest", "alias"))
    return (lambda number: known.get(digest_of(number))) if known else (lambda number: None)


def erased_name() -> str:
    """What stands where the name of an erased customer stood."""
    return word("imports_erased", "en" if the_firm().language == "en" else "de")


# --- what pages show

NOT_COUNTED = (UNKNOWN, IGNORED, "duplicate")
TABLES_IN_ORDER = ("customers", "contracts", "yields")


def imports_with_files(user: User) -> QuerySet[Import]:
    """The imports with their files and what those replace, the newest first."""
    files = ImportFile.objects.select_related("replaces")
    return imports_for(user).prefetch_related(models.Prefetch("files", queryset=files))


@dataclass(frozen=True)
class Totals:
    """What the files of an import hold together: files that count, the unknown among them not; their rows by kind,
    sums, what they replace."""

    files: int
    strange: int
    rows: int
    rejected: int
    unassigned: int
    kinds: list[tuple[str, int]]
    sum_cents: int | None
    replaced: list[str]


def totals_of(files: Iterable[ImportFile]) -> Totals:
    """The control totals of files that count, added up; what belongs to customers in the order of a book."""
    wanted = [item for item in files if not item.left_out]
    counted = [item for item in wanted if item.kind not in NOT_COUNTED]
    kinds = dict.fromkeys((*TABLES_IN_ORDER, *(item.kind for item in counted)), 0)
    for item in counted:
        kinds[item.kind] += item.rows
    sums = [item.sum_cents for item in counted if item.sum_cents is not None]
    return Totals(
        files=len(counted),
        strange=sum(item.kind == UNKNOWN for item in wanted),
        rows=sum(item.rows for item in counted),
        rejected=sum(item.rejected for item in counted),
        unassigned=sum(item.unassigned for item in counted),
        kinds=[(kind, rows) for kind, rows in kinds.items() if rows],
        sum_cents=sum(sums) if sums else None,
        replaced=[item.replaces.name for item in counted if item.replaces],
    )


@dataclass(frozen=True)
class FileLine:
    """A file in the table of an import: with the file of the book that has the same bytes, and its rejected lines."""

    file: ImportFile
    known: ImportFile | None
    rejects: list[dict[str, Any]]

    @property
    def strange(self) -> bool:
        """Whether a person must say what it is, or that it does not count."""
        return self.file.kind == UNKNOWN and not self.file.left_out


def file_lines(found: Import, files: Iterable[ImportFile]) -> list[FileLine]:
    """The files of an import for its table, those nobody knows first."""
    others = active_files(without=found).select_related("part_of")
    book = {item.sha256: item for item in others}
    lines = [FileLine(item, book.get(item.sha256), item.rejects) for item in files]
    return sorted(lines, key=lambda line: (not line.strange, line.file.left_out))

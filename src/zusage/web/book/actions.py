"""What people do with imports (bring files, say what they are, have them read), and what jobs do with books."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, models, transaction
from django.utils import timezone

from zusage.ground.reasons import Finding, Place, Refused, mistake, note
from zusage.ground.typed import finding_from_json
from zusage.web.book.models import OPEN_STATES, Book, Import, ImportFile, TidyRow
from zusage.web.book.queries import (
    TABLES,
    active_files,
    alias_of,
    changeable,
    columns_of,
    counting,
    erased_name,
    lost_by_undoing,
    newest_job,
    stored,
)
from zusage.web.bridge.erased import anonymised
from zusage.web.bridge.files import MAPPING, Reading, is_mapping, is_no_data, reading_of, rows_of
from zusage.web.bridge.tables import as_json
from zusage.web.office.jobs import short_write, start_job
from zusage.web.office.models import Job, User
from zusage.web.office.queries import current_version, policy_of

Progress = Callable[[str, int, int], None]
"""Is told the code of a step, how far it is, and how far it goes."""

DUPLICATE = "duplicate"
PIECE = 500
"""Rows of one transaction: on SQLite a reader waits as long as one takes."""
_LONGEST_NAME = 200
_MOST_NAMED = 3


def new_import(*, by: User, now: datetime) -> Import:
    """An import without files yet."""
    return Import.objects.create(by=by, created_at=now)


def add_files(*, to: Import, uploads: Iterable[UploadedFile[Any]]) -> list[Finding]:
    """Keep files as part of an import; what was not taken, or is known already, is said.

    A file comes before its `… (copy)`, in whatever order a browser sends them: the copy is the one that is left out.
    Raises Refused where the import can no longer be changed.
    """
    said: list[Finding] = []
    kept = [entry for upload in uploads if (entry := _taken(upload, said))]
    with transaction.atomic():
        _change(to)
        for name, sha256, size in sorted(kept, key=lambda entry: (Path(entry[0]).stem, entry[0])):
            _add(to, name, sha256, size, said)
    return said


def _taken(upload: UploadedFile[Any], said: list[Finding]) -> tuple[str, str, int] | None:
    name = clean_name(upload.name or "")
    if not name or is_no_data(name):
        said.append(note("imports_not_data", Place(name or upload.name)))
    elif (upload.size or 0) > settings.LARGEST_UPLOAD:
        most = settings.LARGEST_UPLOAD // 1_000_000
        said.append(mistake("imports_too_large", Place(name), most=most))
    else:
        return name, _keep(upload), upload.size or 0
    return None


def clean_name(name: str) -> str:
    """A name that every system takes; empty for hidden files and for the locks of an office program.

    >>> clean_name("../Kunden: neu?.csv"), clean_name("~$Kunden.xlsx"), clean_name(".DS_Store")
    ('Kunden_ neu_.csv', '', '')
    """
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(char for char in bare if char.isprintable()).strip().rstrip(".")
    plain = re.sub(r'[<>:"|?*]', "_", plain)
    if plain.startswith((".", "~$")):
        return ""
    stem, suffix = Path(plain).stem, Path(plain).suffix
    return stem[: _LONGEST_NAME - len(suffix)] + suffix if len(suffix) < 20 else plain[:_LONGEST_NAME]


def _keep(upload: UploadedFile[Any]) -> str:
    """Write the bytes under their sha256; whole or not at all."""
    folder = Path(settings.DATA) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, prefix="new-", delete=False) as target:
        for chunk in upload.chunks():
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    Path(target.name).replace(stored(digest.hexdigest()))
    return digest.hexdigest()


def _add(to: Import, name: str, sha256: str, size: int, said: list[Finding]) -> None:
    """A file that is there already, in this import or in the book, is noted and left out."""
    here = to.files.filter(sha256=sha256).first()
    known = active_files().filter(sha256=sha256).select_related("part_of").first()
    if here and here.name == name:
        said.append(note("imports_same_again", Place(name)))
        return
    ImportFile.objects.create(
        part_of=to,
        name=name,
        sha256=sha256,
        size=size,
        kind=DUPLICATE if here or known else MAPPING if is_mapping(name) else "",
        left_out=bool(here or known),
    )
    if known:
        added_on = timezone.localdate(known.part_of.created_at)
        said.append(note("imports_known", Place(name), first=known.name, added_on=added_on))
    elif here:
        said.append(note("imports_twice", Place(name), first=here.name))


def _change(found: Import) -> None:
    """Nobody but us may be at it, and what was read before no longer holds."""
    states = (*OPEN_STATES, "reading", "publishing") if changeable(found) else ()
    if not Import.objects.filter(pk=found.pk, state__in=states).update(state="open"):
        raise Refused([mistake("imports_busy")])
    found.state = "open"


def choose_file(*, file: ImportFile, left_out: bool, replaces: ImportFile | None) -> None:
    """Whether a file of an import counts, and which older file it takes the place of."""
    with transaction.atomic():
        _change(file.part_of)
        if replaces is not None and not active_files(without=file.part_of).filter(pk=replaces.pk).exists():
            raise Refused([mistake("imports_replaces_gone", Place(file.name))])
        ImportFile.objects.filter(pk=file.pk).update(left_out=left_out, replaces=replaces)


def map_file(*, file: ImportFile, mapping: dict[str, Any]) -> None:
    """What a file is and what its columns mean, as a person says; empty: as the program recognises it."""
    with transaction.atomic():
        _change(file.part_of)
        ImportFile.objects.filter(pk=file.pk).update(mapping=mapping, kind="", recognised_as="", replaces=None)


def discard_import(*, found: Import) -> None:
    """Away with an import that never became part of the book, and with bytes that nothing else needs."""
    with transaction.atomic():
        _change(found)
        hashes = set(found.files.values_list("sha256", flat=True))
        found.delete()
        needed = set(ImportFile.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256 in hashes - needed:
        stored(sha256).unlink(missing_ok=True)


def start_reading(*, found: Import, by: User, now: datetime) -> Job:
    """Have the files of an import read, together with those that count already."""
    with transaction.atomic():
        _change(found)
        Import.objects.filter(pk=found.pk).update(state="reading")
        found.state = "reading"
        return start_job("read", now=now, by=by, subject=found.pk)


def publish_import(*, found: Import, by: User, now: datetime) -> Job:
    """Have an import that was read made part of the book."""
    with transaction.atomic():
        if not Import.objects.filter(pk=found.pk, state="ready").update(state="publishing"):
            raise Refused([mistake("imports_not_ready")])
        return start_job("publish", now=now, by=by, subject=found.pk)


def refuse_what_is_lost(found: Import) -> None:
    """Raises Refused where undoing an import would bring files back whose content is gone."""
    if lost := lost_by_undoing(found):
        names = ", ".join(item.name for item in lost[:_MOST_NAMED]) + (" …" if len(lost) > _MOST_NAMED else "")
        raise Refused([mistake("imports_undo_lost", names=names)])


def undo_import(*, found: Import, by: User, now: datetime) -> Job:
    """Have an import taken out of the book again."""
    with transaction.atomic():
        job = newest_job(found)
        if found.state != "published" or (job is not None and job.running):
            raise Refused([mistake("imports_not_published")])
        refuse_what_is_lost(found)
        return start_job("undo", now=now, by=by, subject=found.pk)


# --- books


def country() -> str:
    """The country of telephone numbers without one."""
    version = current_version()
    return policy_of(version).firm.country if version else "DE"


def write_book(*, cause: Import | None, files: Iterable[ImportFile], progress: Progress, now: datetime) -> Book:
    """Read the files and write their rows as a book that is not published, in short transactions.

    Raises Refused with everything that stands in the way; then there is no book. Without files the book is empty.
    """
    listed = counting(list(files))
    folder = Path(settings.DATA) / "staging" / f"book-{cause.pk if cause else 0}"
    if not listed:
        return Book.objects.create(cause=cause, created_at=now)
    with reading_of(folder, listed, country(), partial(progress, "imports_step_read")) as found:
        if found.refused:
            raise refusal(found)
        tables = anonymised(found.tables, alias_of(), erased_name())
        book = Book.objects.create(cause=cause, created_at=now, findings=found.findings)
        _write_rows(book, replace(found, tables=tables), progress)
    return book


def refusal(found: Reading) -> Refused:
    """What a reading refused, to be raised."""
    return Refused([finding_from_json(item) for item in found.findings])


def _write_rows(book: Book, found: Reading, progress: Progress) -> None:
    done = 0
    for table, rows, total in rows_of(found.tables, PIECE):
        progress("imports_step_write", done, total)
        _insert(book, table, rows)
        done += len(rows)


def _insert(book: Book, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for all rows of a piece: a fifth of the time `bulk_create` holds the database for."""
    model = TABLES.get(table)
    if model is None:
        kept = [(table, as_json(table, row)) for row in rows]
        _execute(TidyRow, book, ("table", "row"), kept)
    else:
        _execute(model, book, columns_of(table), rows)


def _execute(model: type[models.Model], book: Book, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    known = {field.name: field for field in model._meta.concrete_fields}
    fields = [known[name] for name in names]
    columns = [_prepared(field, values) for field, values in zip(fields, zip(*rows, strict=True), strict=True)]
    quote = connection.ops.quote_name
    into = ", ".join(quote(field.column or "") for field in (known["book"], *fields))
    marks = ", ".join(["%s"] * (len(fields) + 1))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({into}) VALUES ({marks})"  # noqa: S608 - names of our own
    with short_write(), connection.cursor() as cursor:
        cursor.executemany(statement, list(zip(repeat(book.pk, len(rows)), *columns, strict=True)))


def _prepared(field: models.Field[Any, Any], values: Iterable[Any]) -> Iterable[Any]:
    """Values as the database takes them; texts and numbers it takes as they are."""
    if isinstance(field, models.DateField | models.JSONField):
        return [field.get_db_prep_save(value, connection) for value in values]
    return values


def drop_book(book: Book) -> None:
    """Delete a book that is not published, in short transactions; the runs that rest on it must be gone."""
    models_of_rows: list[type[models.Model]] = [*TABLES.values(), TidyRow]
    for model in models_of_rows:
        rows = model._default_manager.filter(book=book)
        while (last := rows.order_by("pk").values_list("pk", flat=True)[PIECE - 1 : PIECE].first()) is not None:
            with short_write():
                rows.filter(pk__lte=last).delete()
        rows.delete()
    book.delete()

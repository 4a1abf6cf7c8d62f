"""An import comes in, in the background its files are looked at and read together with all that count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from zusage.ground.reasons import Finding, Place, finding_as_json, warning
from zusage.web.book.actions import country
from zusage.web.book.models import Import, ImportFile
from zusage.web.book.queries import active_files, counting
from zusage.web.bridge.files import IGNORED, SNAPSHOTS, UNKNOWN, Look, Reading, look_at, reading_of, staged
from zusage.web.office.jobs import Progress, job
from zusage.web.office.models import Job


@job("read")
def read_import(found: Job, progress: Progress) -> dict[str, Any]:
    """Read an import as if it were part of the book; it is ready afterwards, or open with all that is wrong."""
    entry = Import.objects.get(pk=found.subject or 0)
    try:
        _look_at_new(entry, progress)
        state = _read(entry, progress)
    except Exception:
        _end(entry, "open", [])
        raise
    return {"import": entry.pk, "state": state}


def _end(entry: Import, state: str, findings: list[dict[str, Any]]) -> None:
    Import.objects.filter(pk=entry.pk, state="reading").update(state=state, findings=findings)


# --- what the new files are


def _look_at_new(entry: Import, progress: Progress) -> None:
    """Recognise what was not yet, and choose which older file each of them takes the place of."""
    files = list(entry.files.filter(left_out=False))
    with staged(_folder(entry), counting(files)) as stage:
        looks = look_at(stage, partial(progress.step, "imports_step_look"))
    taken = {item.replaces_id for item in files if item.replaces_id}
    for item in files:
        look = looks.get(item.pk)
        if look is not None and item.kind in ("", UNKNOWN, IGNORED):
            _note(item, look, taken)


def _note(item: ImportFile, look: Look, taken: set[int]) -> None:
    item.kind, item.recognised_as, item.layout, item.proposal = look.kind, look.by, look.layout, look.proposal
    older = _older(item, taken)
    if older is not None:
        item.replaces = older
        taken.add(older.pk)
    item.save(update_fields=["kind", "recognised_as", "layout", "proposal", "replaces"])


def _older(item: ImportFile, taken: Iterable[int]) -> ImportFile | None:
    """The list a new one takes the place of: of the same kind, by its name without numbers, else by its headers.

    Statements and logs are never replaced unasked: each of them adds to what is there.
    """
    if item.kind not in SNAPSHOTS:
        return None
    same = [old for old in active_files(without=item.part_of).filter(kind=item.kind) if old.pk not in taken]
    named = [old for old in same if _stem(old.name) == _stem(item.name)]
    alike = [old for old in same if item.layout and old.layout == item.layout]
    return named[-1] if named else alike[0] if len(alike) == 1 else None


def _stem(name: str) -> str:
    """What stays the same in a name from one export to the next: its letters."""
    return "".join(char for char in Path(name).stem.casefold() if char.isalpha())


def _folder(entry: Import) -> Path:
    return Path(settings.DATA) / "staging" / f"read-{entry.pk}"


# --- the reading


def _read(entry: Import, progress: Progress) -> str:
    files = list(active_files(also=entry))
    step = partial(progress.step, "imports_step_read")
    with reading_of(_folder(entry), counting(files), country(), step) as reading:
        state = "open" if reading.refused else "ready"
        with transaction.atomic():
            _store(entry, reading)
            _end(entry, state, list(_findings(entry, files, reading)))
    return state


def _store(entry: Import, reading: Reading) -> None:
    """The control totals and the rejected lines of the import's own files."""
    for item in entry.files.filter(left_out=False):
        totals = reading.totals.get(item.pk, {})
        ImportFile.objects.filter(pk=item.pk).update(**totals, rejects=reading.rejects.get(item.pk, []))


def _findings(entry: Import, files: Iterable[ImportFile], reading: Reading) -> Iterator[dict[str, Any]]:
    """What there is to say of this import: of files that came before only what stands in the way."""
    own = set(entry.files.values_list("pk", flat=True))
    yield from (item for item in reading.findings if item["file"] in own | {0} or item["severity"] == "error")
    for key, finding in _again(entry, files):
        yield finding_as_json(finding) | {"file": key}


def _again(entry: Import, files: Iterable[ImportFile]) -> Iterator[tuple[int, Finding]]:
    """A statement under the name of an older one, about days that one holds too: perhaps it should replace it."""
    older = {item.name.casefold(): item for item in files if item.part_of_id != entry.pk}
    for item in entry.files.filter(left_out=False, kind="yields", first_on__isnull=False):
        other = older.get(item.name.casefold())
        if (
            other
            and other.first_on
            and other.last_on
            and item.first_on
            and item.last_on
            and (item.first_on <= other.last_on and other.first_on <= item.last_on)
        ):
            yield item.pk, warning("imports_overlaps", Place(item.name), first_on=other.first_on, last_on=other.last_on)

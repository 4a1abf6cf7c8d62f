"""The office's data comes in, one archive with a list of what it weighs goes out; and the way back, checked.

An archive holds the database, the uploaded files, the secret key and `manifest.json` with the sha256 of each of them.
Nothing is ever half there: archives and data folders are written beside their place and moved into it whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from zusage import __version__
from zusage.ground.reasons import Refused, mistake
from zusage.web.office.jobs import Progress, job
from zusage.web.office.models import Job

KEPT = 14
"""So many backups of the office's own are kept; older ones go."""
JOURNAL = "erased.jsonl"
"""Beside the backups: who was erased, so that an older backup does not bring them back."""
RESTORED = "restored"
"""A file that says that a data folder was made of a backup; the first start sees to what that means."""
MANIFEST, SECRET, DATABASES = "manifest.json", "secret-key", {"sqlite": "zusage.sqlite3", "postgresql": "database.dump"}
_FILE = re.compile(r"files/[0-9a-f]{64}")
_NAME = re.compile(r"zusage-\d{8}-\d{6}[a-z-]*\.zip")
_PIECE = 1 << 20


@job("backup")
def backup(job: Job, progress: Progress) -> dict[str, Any]:
    """The nightly backup, or one that the owner asked for."""
    progress.step("office_step_backup")
    made = keep_backup(job.started_at or job.created_at)
    return {"file": made.name, "bytes": made.stat().st_size}


def backups_folder() -> Path:
    """Where the office keeps its own backups."""
    return Path(settings.DATA) / "backups"


def backups() -> list[Path]:
    """The office's own backups, the newest first."""
    folder = backups_folder()
    found = folder.iterdir() if folder.is_dir() else []
    return sorted((path for path in found if _NAME.fullmatch(path.name)), reverse=True)


def facts_of(path: Path) -> tuple[datetime, int]:
    """When a backup was made, from its name, and its bytes."""
    return datetime.strptime(path.name[7:22], "%Y%m%d-%H%M%S").replace(tzinfo=UTC), path.stat().st_size


def keep_backup(now: datetime, remark: str = "") -> Path:
    """Add a backup to the office's own and let the oldest go."""
    backups_folder().mkdir(mode=0o700, exist_ok=True)
    made = write_backup(
        backups_folder() / f"zusage-{now:%Y%m%d-%H%M%S}{f'-{remark}' if remark else ''}.zip", now=now, replace=True
    )
    for old in backups()[KEPT:]:
        old.unlink()
    return made


def write_backup(target: Path, *, now: datetime, replace: bool = False) -> Path:
    """Write everything the office keeps into one archive, readable for its owner only."""
    target = target.expanduser().resolve()
    if target.exists() and not replace:
        raise Refused([mistake("office_backup_exists", text=str(target))])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        database = _copy_of_database(folder)
        whole = folder / "archive"
        with zipfile.ZipFile(whole, "x", zipfile.ZIP_DEFLATED) as archive:
            members = dict(_add(archive, path, name) for path, name in _members(database))
            archive.writestr(MANIFEST, json.dumps(_manifest(members, now), indent=1))
        _to_disk(whole)
        whole.chmod(0o600)
        whole.replace(target)
    return target


def _members(database: Path) -> Iterator[tuple[Path, str]]:
    data = Path(settings.DATA)
    yield database, database.name
    yield data / SECRET, SECRET
    for file in sorted((data / "files").glob("*")):
        if _FILE.fullmatch(f"files/{file.name}"):
            yield file, f"files/{file.name}"


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> tuple[str, str]:
    digest = hashlib.sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        _copy(source, target, digest)
    return name, digest.hexdigest()


def _copy(source: IO[bytes], target: IO[bytes], digest: Any) -> None:
    while piece := source.read(_PIECE):
        digest.update(piece)
        target.write(piece)


def _to_disk(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _manifest(members: dict[str, str], now: datetime) -> dict[str, Any]:
    return {
        "zusage": __version__,
        "made_at": now.isoformat(),
        "database": connection.vendor,
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations),
        "members": members,
    }


def _copy_of_database(folder: Path) -> Path:
    target = folder / DATABASES[connection.vendor]
    if connection.vendor == "sqlite":
        _copy_sqlite(target)
    else:
        _run_postgresql("pg_dump", "--format=custom", f"--file={target}")
    return target


def _copy_sqlite(target: Path) -> None:
    """By SQLite's own backup, through the library Django uses: a second one in this process would break its locks."""
    source = str(settings.DATABASES["default"]["NAME"])
    with closing(sqlite3.connect(source, timeout=20)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        _check_sqlite(copy)


def _check_sqlite(database: sqlite3.Connection) -> None:
    if database.execute("PRAGMA quick_check").fetchone()[0] != "ok":
        raise Refused([mistake("office_backup_damaged")])


def _run_postgresql(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; the password goes by the environment, where others of the machine do not see it."""
    found = shutil.which(program, path=os.environ.get("ZUSAGE_PG_BIN")) or shutil.which(program)
    if found is None:
        raise Refused([mistake("office_no_pg_program", text=program)])
    done = subprocess.run(  # noqa: S603 - our own arguments
        [found, *arguments], env=dict(os.environ) | _pg_environment(), capture_output=True, check=False
    )
    if done.returncode:
        raise Refused([mistake("office_pg_failed", text=program, why=done.stderr.decode("utf-8", "replace")[-300:])])


def _pg_environment() -> dict[str, str]:
    names = {
        "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
        "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    }  # fmt: skip
    known = connection.get_connection_params()
    return {names[key]: str(value) for key, value in known.items() if key in names and value}


# --- the way back


def restore_backup(archive: Path, data: Path) -> dict[str, Any]:
    """Make the data folder that an archive was made of; answers the archive's manifest.

    Raises Refused, and changes nothing, where the archive is damaged or of a later version, or the place is not empty.
    """
    with _emptied(data), tempfile.TemporaryDirectory(prefix=".restore-", dir=data.parent) as name:
        folder = Path(name) / "data"
        folder.mkdir(mode=0o700)
        manifest = _unpack(archive, folder)
        _check_versions(manifest)
        _restore_database(folder)
        (folder / RESTORED).touch()
        if (journal := archive.parent / JOURNAL).is_file():
            (folder / "backups").mkdir()
            shutil.copyfile(journal, folder / "backups" / JOURNAL)
        folder.rename(data)
    return manifest


@contextmanager
def _emptied(data: Path) -> Iterator[None]:
    """The place of the data folder, free; an empty folder that was there is there again if all went wrong."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Refused([mistake("office_restore_not_empty", text=str(data))])
    data.parent.mkdir(parents=True, exist_ok=True)
    was_there = data.exists()
    if was_there:
        data.rmdir()
    try:
        yield
    finally:
        if was_there and not data.exists():
            data.mkdir(mode=0o700)


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Write the members of an archive into a folder, each checked against the manifest; nothing else is taken."""
    try:
        with zipfile.ZipFile(archive) as opened:
            manifest: dict[str, Any] = json.loads(opened.read(MANIFEST))
            members: dict[str, str] = manifest["members"]
            wanted = {DATABASES[manifest["database"]], SECRET}
            if not wanted <= {*members} or not all(name in wanted or _FILE.fullmatch(name) for name in members):
                raise Refused([mistake("office_restore_damaged", text=archive.name)])
            for name, sha256 in members.items():
                _unpack_member(opened, name, sha256, folder / name)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        raise Refused([mistake("office_restore_damaged", text=archive.name)]) from error
    return manifest


def _unpack_member(opened: zipfile.ZipFile, name: str, sha256: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    with opened.open(name) as source, target.open("xb") as written:
        _copy(source, written, digest)
        written.flush()
        os.fsync(written.fileno())
    target.chmod(0o600)
    if digest.hexdigest() != sha256:
        raise Refused([mistake("office_restore_damaged", text=name)])


def _check_versions(manifest: dict[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        raise Refused([mistake("office_restore_other_database", text=manifest["database"], here=connection.vendor)])
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if not {*manifest["migrations"]} <= known:
        raise Refused([mistake("office_restore_later_version", text=manifest["zusage"])])


def _restore_database(folder: Path) -> None:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(folder / DATABASES["sqlite"])) as database:
            _check_sqlite(database)
        return
    if connection.introspection.table_names():
        raise Refused([mistake("office_restore_database_not_empty")])
    connection.close()
    dump = folder / DATABASES["postgresql"]
    arguments = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run_postgresql("pg_restore", *arguments, f"--dbname={_pg_environment()['PGDATABASE']}", str(dump))
    dump.unlink()

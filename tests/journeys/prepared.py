"""An empty database of this version goes out, made once and copied after that: making one takes longer than most tests.

That a start makes its own is tried in test_serve, with an office that begins from nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from zusage.web import migrations

DATABASE = "zusage.sqlite3"


def put_into(data: Path) -> None:
    """Give a data folder that has no database yet one to begin with."""
    if not (data / DATABASE).exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(_sqlite() / DATABASE, data / DATABASE)


def create_in(connection: Any, server: Any, name: str) -> None:
    """Create a database of a PostgreSQL server as a copy of the prepared one."""
    template = f"zusage_prepared_{_version()}"
    with _alone():
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
        if not known:
            connection.execute(f'DROP DATABASE IF EXISTS "{template}_begun" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{template}_begun"')
            with tempfile.TemporaryDirectory() as folder:
                _prepare(Path(folder), server.get_uri(database=f"{template}_begun"))
            connection.execute(f'ALTER DATABASE "{template}_begun" RENAME TO "{template}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@cache
def _sqlite() -> Path:
    folder = _folder() / _version()
    with _alone():
        if not folder.exists():
            begun = Path(tempfile.mkdtemp(dir=_folder()))
            _prepare(begun, "")
            begun.rename(folder)
    return folder


def _prepare(data: Path, database: str) -> None:
    """As the program does it before it starts."""
    environment = os.environ | {
        "ZUSAGE_DATA": str(data),
        "ZUSAGE_DATABASE_URL": database,
        "ZUSAGE_SECRET_KEY": "k" * 50,
        "DJANGO_SETTINGS_MODULE": "zusage.web.settings",
    }
    command = [sys.executable, "-m", "zusage.web.serve.prepare"]
    made = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(made.stdout.splitlines()[-1]) == {"firm": False}


@cache
def _version() -> str:
    """What the database is made by: other migrations make another one."""
    files = sorted(Path(migrations.__path__[0]).glob("*.py"))
    packages = sorted(Path(sys.prefix).glob("lib/python*/site-packages/*.dist-info"))
    found = hashlib.sha256("\n".join(path.name for path in packages).encode())
    for path in files:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _folder() -> Path:
    found = Path(tempfile.gettempdir()) / f"zusage-tests-prepared-{os.getuid()}"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """While one process makes it, others wait."""
    with (_folder() / "lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield

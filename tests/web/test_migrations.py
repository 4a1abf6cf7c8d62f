"""The migrations lead to the tables of the models: every other test begins with those."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.uncounted
def test_nothing_of_the_models_lacks_a_migration() -> None:
    """In a process of its own: the tests run without migrations."""
    command = [sys.executable, "-m", "django", "makemigrations", "zusage", "--check", "--dry-run"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.web.settings"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "No changes detected in app 'zusage'")

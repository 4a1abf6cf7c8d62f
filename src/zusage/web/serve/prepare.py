"""A data folder of any age comes in, the database this version needs goes out, in a process of its own.

The last line it prints is JSON: whether there is a firm yet, or what it refused;
of the example firm also the way in.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from zusage.ground.reasons import Refused, finding_as_json


def main() -> None:
    """Say how it went."""
    django.setup()
    try:
        answer = prepare()
    except Refused as refused:
        answer = {"refused": [finding_as_json(item) for item in refused.findings]}
    sys.stdout.write(json.dumps(answer) + "\n")


def prepare() -> dict[str, Any]:
    """Bring the database up to this version; what was there is backed up before it is changed."""
    from zusage.web.office.backup import keep_backup  # noqa: PLC0415 - needs the settings
    from zusage.web.office.queries import has_firm  # noqa: PLC0415 - needs the settings

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if executor.loader.applied_migrations:
            keep_backup(timezone.now(), "before-update")
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    _after_restore()
    answer: dict[str, Any] = {}
    if language := os.environ.get("ZUSAGE_DEMO"):
        from zusage.web.serve.example import enter_example  # noqa: PLC0415 - needs the settings

        answer["enter"] = enter_example("en" if language == "en" else "de", timezone.now())
    return answer | {"firm": has_firm()}


def _after_restore() -> None:
    """In a folder made of a backup whoever was erased since is erased again, and no mail that waited leaves unasked."""
    from zusage.web.charter.outbox.sending import unclear_after_restore  # noqa: PLC0415 - needs the settings
    from zusage.web.office.backup import RESTORED  # noqa: PLC0415 - needs the settings
    from zusage.web.privacy.erasing.actions import replay  # noqa: PLC0415 - needs the settings

    mark = Path(settings.DATA) / RESTORED
    if mark.exists():
        replay(now=timezone.now())
        unclear_after_restore()
        mark.unlink()


if __name__ == "__main__":
    main()

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
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from zusage.ground.reasons import Refused, finding_as_json, mistake


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

    refuse_unreachable()
    executor = MigrationExecutor(connection)
    _refuse_later(executor)
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


def refuse_unreachable() -> None:
    """Raises Refused with what the database says where it cannot be opened: a wrong password, a server that is down."""
    place = _place()
    if connection.vendor == "sqlite" and not Path(place).exists():
        return
    try:
        connection.introspection.table_names()
    except DatabaseError as error:
        raise Refused([mistake("serve_no_database", text=place, why=" ".join(str(error).split()))]) from error


def _refuse_later(executor: MigrationExecutor) -> None:
    """Raises Refused where a later version of the program was here: what it writes, this one would not understand."""
    ours = {name for name in executor.loader.applied_migrations if name[0] == "zusage"}
    if not ours <= {*executor.loader.disk_migrations}:
        raise Refused([mistake("serve_later_version", text=_place())])


def _place() -> str:
    """The database in words."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(known["NAME"])
    return f"{known['NAME']} ({known['HOST'] or 'localhost'}:{known['PORT'] or 5432})"


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

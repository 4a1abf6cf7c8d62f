"""What the firm says of itself comes in, its sheet goes out: texts, whether the charter is public, its address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.db import transaction
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.web.charter.actions import keep_paper
from zusage.web.charter.models import Sheet, new_token
from zusage.web.charter.sheet.queries import mistakes_on
from zusage.web.office.actions import Overtaken, refuse_words
from zusage.web.office.models import User


def edit_sheet(*, version: int, values: Mapping[str, Any], by: User, now: datetime) -> Sheet:
    """Write texts and lines of the firm, and the words it refuses. Raises Overtaken where somebody else was faster."""
    own = {name: value for name, value in values.items() if name != "refused"}
    with transaction.atomic():
        found = _write(version, own, by, now)
        if "refused" in values:
            refuse_words(values["refused"])
    return found


def set_mark(*, version: int, mark: bytes, by: User, now: datetime) -> Sheet:
    """Keep the firm's picture (as `report.mark` makes it), or have none any more. Raises Overtaken.

    Letters name the one they were made with, which stays among the papers.
    """
    return _write(version, {"mark": keep_paper(mark) if mark else ""}, by, now)


def make_public(*, version: int, public: bool, by: User, now: datetime) -> Sheet:
    """Show the charter to everybody who knows its address, or to nobody any more.

    Raises Refused with what is wrong in it where it would not be shown, and Overtaken.
    """
    found = mistakes_on(timezone.localdate(now)) if public else ()
    if found:
        raise Refused(found)
    return _write(version, {"public": public}, by, now)


def new_address(*, version: int, by: User, now: datetime) -> Sheet:
    """Another address; whoever has the former one finds nothing there any more. Raises Overtaken."""
    with transaction.atomic():
        found = _write(version, {"token": new_token()}, by, now)
        LogEntry.objects.log_create(
            found, force_log=True, action=LogEntry.Action.UPDATE, actor=by, changes={},
            additional_data={"address": "new"},
        )  # fmt: skip
    return found


def _write(version: int, values: Mapping[str, Any], by: User, now: datetime) -> Sheet:
    with transaction.atomic():
        Sheet.objects.get_or_create(pk=1, defaults={"version": 0})
        claimed = Sheet.objects.filter(pk=1, version=version).update(version=version + 1)
        found = Sheet.objects.get(pk=1)
        if not claimed:
            raise Overtaken(found)
        for name, value in {**values, "changed_by": by, "changed_at": now}.items():
            setattr(found, name, value)
        found.save()
    return found

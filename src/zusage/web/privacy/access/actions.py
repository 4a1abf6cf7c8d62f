"""What is done with records: that one was handed out is kept."""

from __future__ import annotations

from auditlog.models import LogEntry

from zusage.web.office.models import User
from zusage.web.office.queries import the_firm


def record_export(*, number: str, name: str, by: User) -> None:
    """Who took the record of which customer along is kept; not what stood in it."""
    LogEntry.objects.log_create(
        the_firm(), force_log=True, action=LogEntry.Action.ACCESS, actor=by, changes={},
        additional_data={"export": name, "number": number},
    )  # fmt: skip

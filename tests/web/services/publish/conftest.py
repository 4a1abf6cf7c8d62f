"""Drafts that make promises weaker or stronger, and how they are checked and published."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from tests.people import CARO, call, tables
from tests.web.book.conftest import run
from tests.web.conftest import book_tables
from zusage.policy.edit import Change, Put, change
from zusage.web.bridge.reckoning import keep_tables
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.review.queries import folder_of
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Draft
from zusage.web.services.publish.actions import publish_draft

SLOWER = Put(("matrix", "callback", "A"), "next_workday")
EQUAL_B = Put(("matrix", "callback", "B"), "within 2 workdays")
FASTER_C = Put(("matrix", "callback", "C"), "same_day")
MORE_HOURS = Put(("resources", "roles", "owner", "weekly_hours"), 60)


def drafted(office: SimpleNamespace, *changes: Change, now: datetime) -> Draft:
    """A draft of the office's service model with something changed."""
    return open_draft(text=change(office.version.text, changes), base=office.version, by=office.owner, now=now)


def checked(draft: Draft, now: datetime) -> Job:
    """The draft held against the book, as the worker does it."""
    return run(start_job("check", now=now, subject=draft.pk))


def calls_every_week(office: SimpleNamespace, at_once: int = 1) -> None:
    """The book of the published run with a log that tells when customers ask: Caro's calls come twice a week."""
    days = [date(2025, 11, 4) + timedelta(weeks=week, days=day) for week in range(51) for day in (0, 2)]
    work = tables(work=[call(CARO, on=day, start_second=36000) for day in days for _ in range(at_once)])["work"]
    folder = folder_of(office.run)
    shutil.rmtree(folder)
    keep_tables(book_tables() | {"work": work}, folder)


def published(
    draft: Draft, by: User, now: datetime, *, begins_on: date, label: str = "two", risk: str = "", reduction: str = ""
) -> PolicyVersion:
    """The draft put in force."""
    return publish_draft(
        draft=draft, version=draft.version, label=label, begins_on=begins_on, risk=risk, reduction=reduction,
        by=by, now=now,
    )  # fmt: skip

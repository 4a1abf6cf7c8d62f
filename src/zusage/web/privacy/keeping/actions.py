"""What a rule lets go goes: emptied where the row counts for sums, else deleted. Small steps, each whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from auditlog.models import LogEntry
from django.db.models import F, Model

from zusage.web.book.models import ImportFile
from zusage.web.book.queries import stored
from zusage.web.charter.letters.models import LetterWeek, WaveLetter
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.consent.models import ConsentUse, OwnConsent
from zusage.web.customers.models import Note
from zusage.web.customers.referrals.models import OwnReferral
from zusage.web.desk.models import Event, Request
from zusage.web.office.jobs import short_write
from zusage.web.office.models import Job, User
from zusage.web.office.queries import the_firm
from zusage.web.privacy.keeping.models import RetentionRule
from zusage.web.privacy.keeping.queries import BY_KEY, MOST_MONTHS, Rule, going
from zusage.web.privacy.queries import unneeded

CHUNK = 100
"""Rows of one transaction, so that readers of SQLite never wait long."""


def set_rule(*, key: str, months: int, on: bool, version: int, by: User, now: datetime) -> bool:
    """Keep how a rule is set (version 0: the first time); False where somebody was faster. Never below the law."""
    rule = BY_KEY[key]
    values: dict[str, Any] = {
        "months": min(max(months, rule.least), MOST_MONTHS), "on": on, "changed_by": by, "changed_at": now,
    }  # fmt: skip
    found, made = RetentionRule.objects.get_or_create(key=key, defaults=values)
    if made or found.version != version:
        return made
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    found.save()
    return True


def let_go(rule: Rule, months: int, today: date, step: Callable[[int, int], None]) -> int:
    """Let go what a rule lets go today; answers how many rows it was."""
    ids = list(going(rule, months, today).order_by("pk").values_list("pk", flat=True))
    total, done = len(ids), 0
    while found := ids[done : done + CHUNK]:
        step(done, total)
        with short_write():
            still = going(rule, months, today).filter(pk__in=found)  # it may have come to count meanwhile
            after = _DO[rule.key](list(still.values_list("pk", flat=True)))
        for path in after or ():
            path.unlink(missing_ok=True)
        done += len(found)
    return done


def record_run(counts: Mapping[str, int], by: User | None) -> None:
    """What went is kept as numbers: how many of which rule."""
    LogEntry.objects.log_create(
        the_firm(), force_log=True, action=LogEntry.Action.DELETE, actor=by, changes={},
        additional_data={"retention": dict(counts)},
    )  # fmt: skip


_Paths = Sequence[Path] | None
"""Files that go after their rows did: a crash between leaves a file without a row, never a row without its file."""


def _prospects(found: Sequence[int]) -> _Paths:
    OwnReferral.objects.filter(pk__in=found).update(prospect="", contact="", outcome="", version=F("version") + 1)
    return None


def _requests(found: Sequence[int]) -> _Paths:
    Event.objects.filter(request__in=found).update(text="")
    Request.objects.filter(pk__in=found).update(text="", phone="", version=F("version") + 1)
    return None


def _files(found: Sequence[int]) -> _Paths:
    """The bytes go, and the file never counts again; its name and its sums stay, its lines do not."""
    rows = ImportFile.objects.filter(pk__in=found)
    gone = set(rows.values_list("sha256", flat=True))
    rows.update(left_out=True, proposal={}, rejects=[])
    needed = ImportFile.objects.filter(sha256__in=gone).exclude(pk__in=found).values_list("sha256", flat=True)
    return [stored(sha256) for sha256 in gone - set(needed)]


def _messages(found: Sequence[int]) -> _Paths:
    rows = Message.objects.filter(pk__in=found)
    gone = list(rows.values_list("attachment", flat=True))
    rows.delete()
    return unneeded(gone)


def _letters(found: Sequence[int]) -> _Paths:
    rows = WaveLetter.objects.filter(pk__in=found)
    weeks = set(rows.values_list("week", flat=True))
    gone = [f"files/{paper}" for paper in rows.exclude(paper="").values_list("paper", flat=True)]
    rows.delete()
    empty = LetterWeek.objects.filter(pk__in=weeks, letters=None).exclude(printed="")
    printed = list(empty.values_list("printed", flat=True))
    LetterWeek.objects.filter(printed__in=printed).update(printed="")
    return unneeded([*gone, *(f"files/{paper}" for paper in printed)])


def _jobs(found: Sequence[int]) -> _Paths:
    Job.objects.filter(pk__in=found).update(asked={})
    return None


def _deleted(model: type[Model]) -> Callable[[Sequence[int]], _Paths]:
    def delete(found: Sequence[int]) -> _Paths:
        model._default_manager.filter(pk__in=found).delete()
        return None

    return delete


_DO: Mapping[str, Callable[[Sequence[int]], _Paths]] = {
    "prospects": _prospects,
    "requests": _requests,
    "notes": _deleted(Note),
    "links": _deleted(CustomerLink),
    "wishes": _deleted(Wish),
    "consents": _deleted(OwnConsent),
    "uses": _deleted(ConsentUse),
    "files": _files,
    "messages": _messages,
    "letters": _letters,
    "jobs": _jobs,
}

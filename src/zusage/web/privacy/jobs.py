"""The job that lets go what the firm's rules, or of the erased the law, no longer keep; the watch starts it."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from zusage.web.book.models import Erased
from zusage.web.office.jobs import Progress, job, start_job
from zusage.web.office.models import Job
from zusage.web.office.queries import firm_time_zone
from zusage.web.privacy.erasing.actions import let_go_kept
from zusage.web.privacy.keeping.actions import let_go, record_run
from zusage.web.privacy.keeping.models import RetentionRule
from zusage.web.privacy.keeping.queries import RULES, set_rules

HOUR = time(3, 30)
"""After the backup of the night, which has it all once more."""


@job("retention")
def retention(job: Job, progress: Progress) -> dict[str, Any]:
    """Let go what a law kept of the erased until now, and what each rule that is on lets go today; run again it goes on
    where it was."""
    known, today = set_rules(), timezone.localdate()
    progress.step("privacy_step_going")
    gone = let_go_kept(today)
    counts = {"erased": gone} if gone else {}
    counts |= {
        rule.key: let_go(rule, own.months, today, partial(progress.step, "privacy_step_going"))
        for rule in RULES
        if (own := known.get(rule.of or rule.key)) and own.on
    }
    record_run(counts, job.asked_by)
    return {"retention": counts}


def watch(now: datetime) -> None:
    """Start the job once a day where a rule is on, or somebody was erased: a law may have kept something."""
    local = timezone.localtime(now, ZoneInfo(firm_time_zone()))
    since = datetime.combine(local.date(), HOUR, local.tzinfo)
    wanted = RetentionRule.objects.filter(on=True).exists() or Erased.objects.exists()
    if local < since or not wanted:
        return
    if not Job.objects.filter(kind="retention", created_at__gte=since).exists():
        start_job("retention", now=now)

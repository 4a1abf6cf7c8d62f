"""The job that lets go what the firm's rules no longer keep, and the watch that starts it once a day."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from zusage.web.office.jobs import Progress, job, start_job
from zusage.web.office.models import Job
from zusage.web.office.queries import firm_time_zone
from zusage.web.privacy.keeping.actions import let_go, record_run
from zusage.web.privacy.keeping.models import RetentionRule
from zusage.web.privacy.keeping.queries import RULES, set_rules

HOUR = time(3, 30)
"""After the backup of the night, which has it all once more."""


@job("retention")
def retention(job: Job, progress: Progress) -> dict[str, Any]:
    """Let go what each rule that is on lets go today; run again it goes on where it was."""
    with timezone.override(ZoneInfo(firm_time_zone())):
        known, today = set_rules(), timezone.localdate()
        counts = {
            rule.key: let_go(rule, own.months, today, partial(progress.step, "privacy_step_going"))
            for rule in RULES
            if (own := known.get(rule.of or rule.key)) and own.on
        }
    record_run(counts, job.asked_by)
    return {"retention": counts}


def watch(now: datetime) -> None:
    """Start the job once a day where a rule is on."""
    local = timezone.localtime(now, ZoneInfo(firm_time_zone()))
    since = datetime.combine(local.date(), HOUR, local.tzinfo)
    if local < since or not RetentionRule.objects.filter(on=True).exists():
        return
    if not Job.objects.filter(kind="retention", created_at__gte=since).exists():
        start_job("retention", now=now)

"""A question about capacity comes in, its answer is kept: the way ahead, the ways out, scenarios and the best mix."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.web.bridge.ahead import capacity_page
from zusage.web.customers.queries import published_run
from zusage.web.insight.models import CapacityStudy
from zusage.web.insight.queries import last_drafts
from zusage.web.office.jobs import Progress, job
from zusage.web.office.models import Job
from zusage.web.office.queries import current_version, policy_of
from zusage.web.review.queries import tables_of_run
from zusage.web.services.actions import keep_hours
from zusage.web.services.queries import known_of, trial_of

KEPT = 3
"""So many answers are kept: who looks at one while the next is made still finds it."""


@job("capacity")
def capacity(job: Job, progress: Progress) -> dict[str, Any]:
    """Reckons the page; it is there as a whole or not at all."""
    study = CapacityStudy.objects.get(pk=job.subject or 0)
    _reckon(study, progress)
    CapacityStudy.objects.exclude(pk__in=[*CapacityStudy.objects.values_list("pk", flat=True)[:KEPT]]).delete()
    return {"study": study.pk}


def _reckon(study: CapacityStudy, progress: Progress) -> None:
    today, run, version = timezone.localdate(), published_run(), current_version()
    if run is None or version is None:
        raise Refused([mistake("insight_no_book")])
    progress.step("insight_step_plan")
    plan = trial_of(policy_of(version), today)
    if plan is None:
        raise Refused([mistake("insight_no_book")])
    figures = capacity_page(
        plan,
        tables_of_run(run, today),
        version.text,
        known_of(plan.policy, today),
        today=today,
        drafts=dict(last_drafts()),
        growth=study.growth,
        by_class=study.by_class,
        drift=study.drift,
        years=study.years,
        use=None if study.use_cents is None else (study.use, study.use_cents),
        step=progress.step,
    )
    hours, now = figures.pop("hours"), timezone.now()
    with transaction.atomic():
        if hours:
            keep_hours(version=version, run=run, figures=hours, by=study.by, now=now)
        CapacityStudy.objects.filter(pk=study.pk).update(policy=version, run=run.pk, figures=figures, made_at=now)

"""What people ask of the capacity page comes in, a job or a draft goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from zusage.ground.reasons import Refused, mistake
from zusage.policy.edit import change
from zusage.web.bridge.ahead import changes_from
from zusage.web.customers.queries import published_run
from zusage.web.insight.models import CapacityStudy
from zusage.web.insight.queries import studying
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job, User
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Draft


def start_study(
    *,
    growth: int | None,
    years: int,
    by_class: Mapping[str, int] | None = None,
    drift: Sequence[Sequence[Any]] = (),
    use: str = "",
    use_cents: int | None = None,
    by: User,
    now: datetime,
) -> Job:
    """Ask for an answer, unless one is being looked for already; `by_class` and `drift` as `CapacityStudy` keeps them.
    Raises Refused before the first import."""
    running = studying()
    if running is not None and running.running:
        return running
    if published_run() is None:
        raise Refused([mistake("insight_no_book")])
    with transaction.atomic():
        study = CapacityStudy.objects.create(
            growth=growth, by_class=dict(by_class or {}), drift=[*drift], years=years, use=use, use_cents=use_cents,
            by=by, asked_at=now,
        )  # fmt: skip
        return start_job("capacity", now=now, by=by, subject=study.pk)


def take_way(*, study: CapacityStudy, key: str, by: User, now: datetime) -> Draft:
    """A new draft: the service model of an answer with a way out in it. Raises LookupError where there is none such,
    and Refused where the text with it could not be read."""
    if study.policy is None:
        raise LookupError(key)
    text = change(study.policy.text, changes_from(study.figures["changes"][key]))
    return open_draft(text=text, base=study.policy, by=by, now=now)

"""Every kind of job has its words: on the page of jobs, and on Today when one failed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import ALMA
from tests.web.desk.test_requests import take
from zusage.ground.reasons import finding_as_json, mistake
from zusage.web.office.models import JOB_KINDS, Job

SignIn = Callable[[str], Client]


@pytest.mark.parametrize("kind", JOB_KINDS)
def test_a_failed_job_of_any_kind_can_be_read_about(office: SimpleNamespace, as_role: SignIn, kind: str) -> None:
    now = timezone.now()
    take(office, ALMA, now)
    Job.objects.create(
        kind=kind, state="failed", created_at=now, finished_at=now, findings=[finding_as_json(mistake("job_killed"))]
    )
    owner = as_role("owner")
    assert [owner.get(path).status_code for path in ("/", "/office/jobs/")] == [200, 200]

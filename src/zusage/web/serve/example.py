"""An empty database comes in, the example firm with its book, classes and a few requests goes out.

Everything is made by the same actions that people use; only the jobs are run here and now instead of by the worker.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from zusage.ground.words import Language, word
from zusage.result import example_folder
from zusage.web.book.actions import add_files, new_import, publish_import, start_reading
from zusage.web.customers.queries import customers_for
from zusage.web.desk.actions import take_request
from zusage.web.office.actions import add_person, open_office
from zusage.web.office.jobs import run_job
from zusage.web.office.models import Firm, Job, User
from zusage.web.office.signin import DEMO_LINKS
from zusage.web.review.actions import confirm_first

OWNER, ADVISER, INSIDE = "Martina Muster", "Bernd Beispiel", "Petra Probe"
"""The invented people of the firm, as its customer list names them."""
REQUESTS = (
    ("callback", "phone", "normal", 180, "serve_example_bill"),
    ("claims_help", "phone", "claim", 45, "serve_example_damage"),
    ("callback", "email", "normal", 20, "serve_example_move"),
)
"""What was asked, by which channel, how urgent, how many minutes ago, and the code of what it is about."""


def enter_example(language: Language, now: datetime) -> str:
    """Make the example firm where there is none yet; answers the way in, good once."""
    if not Firm.objects.exists():
        _make(language, now)
    owner = User.objects.filter(role="owner", is_active=True).earliest("pk")
    return f"/office/enter/{DEMO_LINKS.link(owner)}/"


def _make(language: Language, now: datetime) -> None:
    folder = example_folder("broker")
    owner = open_office(
        firm_name="Makler Muster GmbH",
        policy_text=(folder / "policy.yaml").read_text("utf-8"),
        name=OWNER,
        email="inhaberin@example.org",
        password=secrets.token_urlsafe(32),  # nobody knows it: the way in is the link
        language=language,
        now=now,
    )
    Firm.objects.update(demo=True)
    _add_people(owner, language)
    _bring_book(folder / "exports", owner)
    confirm_first(by=owner, reason=word("serve_example_reason", language), now=timezone.now())
    _take_requests(owner, now, language)


def _add_people(owner: User, language: Language) -> None:
    """The three who do the work, so that their hours stand on Today; nobody but the owner has a way in."""
    User.objects.filter(pk=owner.pk).update(works_as="owner", adviser=OWNER)
    for name, mail, role, works_as in (
        (ADVISER, "berater@example.org", "adviser", "adviser"),
        (INSIDE, "innendienst@example.org", "assistant", "inside"),
    ):
        values = {"name": name, "email": mail, "role": role, "works_as": works_as, "adviser": name}
        add_person(values=values | {"language": language})


def _bring_book(folder: Path, owner: User) -> None:
    part = new_import(by=owner, now=timezone.now())
    files = sorted(path for path in folder.iterdir() if path.is_file())
    add_files(to=part, uploads=[SimpleUploadedFile(path.name, path.read_bytes()) for path in files])
    _finish(start_reading(found=part, by=owner, now=timezone.now()))
    part.refresh_from_db()
    _finish(publish_import(found=part, by=owner, now=timezone.now()))


def _finish(job: Job) -> None:
    """Run a job, and those it asked for, here; what the queue still holds of them finds them done."""
    run_job.func(job.pk)
    job.refresh_from_db()
    if job.state != "done":
        raise RuntimeError(f"{job.kind}: {job.findings}")


def _take_requests(owner: User, now: datetime, language: Language) -> None:
    customers = customers_for(owner).exclude(class_key="").order_by("number")
    for customer, (what, channel, urgency, minutes, about) in zip(customers[:20:7], REQUESTS, strict=True):
        take_request(
            customer=customer, what=what, channel=channel, urgency=urgency, cause="asked", text=word(about, language),
            phone="", wants="", matter="", owner=owner, noticed=False, by=owner, now=now - timedelta(minutes=minutes),
        )  # fmt: skip

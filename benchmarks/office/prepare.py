"""A folder of files comes in, an office with that book goes out: people signed in, classes confirmed, requests taken.

Everything goes through the office's own actions and jobs, as it would by hand. Prints the sessions as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zusage.web.settings")
import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from zusage.policy.read import read_policy
from zusage.web.book import actions as book
from zusage.web.customers.models import Customer
from zusage.web.desk.actions import take_request
from zusage.web.office.jobs import run_job, start_job
from zusage.web.office.models import Firm, Job, PolicyVersion, User
from zusage.web.review import actions as review

CSRF = "a" * 32


def main(folder: Path, policy_file: Path, people: int) -> None:
    """Make the office and print what its visitors need."""
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    now, policy = timezone.now(), read_policy(policy_file).policy
    Firm.objects.create(pk=1, name=policy.firm.name, created_at=now)
    users = [
        User.objects.create_user(f"{number}@example.org", None, name=f"Muster {number}", role="owner", works_as="owner")
        for number in range(people)
    ]
    PolicyVersion.objects.create(
        text=policy_file.read_text("utf-8"), hash=policy.hash, label=policy.version, published_by=users[0],
        valid_from=policy.valid_from or now.date(), published_at=now,
    )  # fmt: skip
    begin = perf_counter()
    brought = bring_in(folder, users[0])
    taken = perf_counter() - begin
    review.confirm_first(by=users[0], reason="Servicekonzept", now=now)
    numbers = list(Customer.objects.order_by("number").values_list("number", flat=True))
    for at in range(0, len(numbers), max(1, len(numbers) // 200)):  # some two hundred requests are open
        customer = Customer.objects.get(number=numbers[at], run__published=True)
        take_request(
            customer=customer, what=policy.measured["response"][0], channel="phone", urgency="normal", cause="asked",
            text="Bitte um Rückruf", phone="", wants="", matter="", owner=None, noticed=False, by=users[at % people],
            now=now,
        )  # fmt: skip
    print(json.dumps({"sessions": [signed_in(user) for user in users], "numbers": numbers, "import_seconds": taken,
                      "import": brought, "what": policy.measured["response"][0]}))  # fmt: skip


def bring_in(folder: Path, by: User) -> int:
    """Import the files of a folder with the jobs that a worker would run."""
    now = timezone.now()
    made = book.new_import(by=by, now=now)
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    book.add_files(to=made, uploads=files)
    book.start_reading(found=made, by=by, now=now)
    run_jobs()
    made.refresh_from_db()
    if made.state != "ready":
        raise SystemExit(f"the import is {made.state}: {made.findings}")
    made.state = "publishing"
    made.save()
    start_job("publish", now=now, by=by, subject=made.pk)
    run_jobs()
    return made.pk


def run_jobs() -> None:
    """Run what waits in the queue, here and now."""
    while (found := Job.objects.filter(state="queued").order_by("pk").first()) is not None:
        run_job.func(found.pk)
        found.refresh_from_db()
        if found.state != "done":
            raise SystemExit(f"{found.kind} {found.state}: {found.findings}")


def signed_in(user: User) -> str:
    """A session of a user, as a cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["_csrftoken"] = CSRF
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

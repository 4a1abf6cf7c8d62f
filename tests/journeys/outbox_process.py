"""A process beside the tests: `fill` an office with mails that wait, or ask for them to be handed over (`send`)."""

from __future__ import annotations

import sys

import django

MAILS = 40


def fill() -> None:
    """Mails to forty invented customers in an empty office, and the job that hands them over in the queue."""
    from django.utils import timezone
    from tests.web.conftest import IMPORTED, PASSWORD, publish_policy

    from zusage.web.charter.outbox.actions import write
    from zusage.web.office.models import Firm, User

    Firm.objects.create(pk=1, name="Test", created_at=IMPORTED)
    owner = User.objects.create_user("owner@example.org", PASSWORD, name="Owner", role="owner")
    policy = publish_policy(owner)
    for place in range(MAILS):
        write(
            number=f"{place:04d}", unit_id=f"{place:04d}", name=f"Muster {place}", purpose="letters 1", kind="welcome",
            channel="email", gate="service", address=f"k{place}@kunde.example", subject="Zusagen", text="Guten Tag",
            policy=policy, class_key="A", by=owner, now=timezone.now(),
        )  # fmt: skip
    send()


def send() -> None:
    """Ask for what is due, as the button does."""
    from django.utils import timezone

    from zusage.web.office.jobs import start_job

    start_job("send", now=timezone.now())


if __name__ == "__main__":
    django.setup()
    {"fill": fill, "send": send}[sys.argv[1]]()

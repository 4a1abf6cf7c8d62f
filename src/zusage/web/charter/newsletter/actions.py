"""The text of an issue comes in, mails for those who are promised it by mail go into the outbox, others are listed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.dispatch import receiver

from zusage.ground.reasons import Refused, mistake
from zusage.ground.words import Language
from zusage.report.letters import address_list
from zusage.report.letters.addressees import Addressee
from zusage.web.calendar.actions import Sent, mark_delivered, mark_issue_done
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.actions import keep_paper
from zusage.web.charter.newsletter.models import NewsletterIssue
from zusage.web.charter.newsletter.queries import Receiver, Receivers, purpose_of
from zusage.web.charter.outbox.actions import handed_over, write_all
from zusage.web.charter.outbox.models import Message
from zusage.web.office.actions import Overtaken
from zusage.web.office.audit import claimed
from zusage.web.office.models import User

LARGEST = 5_000_000
"""Bytes of a PDF that goes to everybody by mail."""


def save_issue(
    *,
    service: str,
    due_on: date,
    version: int,
    subject: str,
    text: str,
    upload: UploadedFile[bytes] | None,
    by: User,
    now: datetime,
) -> NewsletterIssue:
    """Keep the text of an issue; mails that are in the outbox already stay as they were written.

    Raises Refused for a file that is no PDF or too large, Overtaken where somebody else was faster.
    """
    values: dict[str, Any] = {"subject": subject, "text": text, "by": by, "changed_at": now}
    if upload is not None:
        values |= {"attachment": _kept(upload), "attachment_name": Path(upload.name or "").name[-120:]}
    known = NewsletterIssue.objects.filter(service=service, due_on=due_on)
    if version == 0 and not known.exists():
        try:
            return NewsletterIssue.objects.create(service=service, due_on=due_on, **values)
        except IntegrityError:
            raise Overtaken(known.get()) from None
    with transaction.atomic():
        found = claimed(known, version)
        if found is None:
            raise Overtaken(known.get())
        for name, value in values.items():
            setattr(found, name, value)
        found.save()
    return found


def _kept(upload: UploadedFile[bytes]) -> str:
    """The file under its sha256 in the data folder, where backups find it; on the disk before anything names it."""
    content = upload.read(LARGEST + 1)
    if len(content) > LARGEST or not content.startswith(b"%PDF-"):
        raise Refused([mistake("newsletter_no_pdf")])
    return f"files/{keep_paper(content)}"


def lay_out(issue: NewsletterIssue, found: Receivers, *, by: User, now: datetime) -> int:
    """Put a mail to each who gets the issue by mail into the outbox; answers how many are new."""
    return write_all(
        Message(
            number=item.touchpoint.number,
            unit_id=item.touchpoint.unit_id,
            name=item.address.person or item.address.company or item.touchpoint.name,
            purpose=purpose_of(issue),
            kind="newsletter",
            channel="email",
            gate=item.touchpoint.purpose or "advertising",
            address=item.email,
            subject=issue.subject,
            text=issue.text,
            attachment=issue.attachment,
            attachment_name=issue.attachment_name,
            by=by,
            written_at=now,
        )
        for item in found.mail
    )


@receiver(handed_over)
def note_delivered(messages: list[Message], on_day: date, by: User | None, **_: object) -> None:
    """Mails of issues left: what was owed by them is delivered."""
    keys = {item.purpose.removeprefix("issue ") for item in messages if item.kind == "newsletter"}
    issues = NewsletterIssue.objects.filter(pk__in=[int(key) for key in keys if key.isascii() and key.isdigit()])
    for issue in issues:
        units = [item.unit_id for item in messages if item.purpose == purpose_of(issue)]
        owed = Touchpoint.objects.filter(service=issue.service, due_on=issue.due_on, unit_id__in=units)
        mark_delivered(found=owed, by=by, on_day=on_day)


def mark_printed(found: Receivers, *, what: str, by: User, today: date) -> Sent:
    """The printed ones were brought to the post."""
    printed = Touchpoint.objects.filter(pk__in=[item.touchpoint.pk for item in found.post])
    return mark_issue_done(found=printed, what=what, by=by, today=today)


def addresses(found: list[Receiver], language: Language) -> bytes:
    """Those who get it by post, as a workbook for a mail house."""
    return address_list([Addressee(item.touchpoint.number, item.address) for item in found], language)

"""What is written to customers: one row per recipient and purpose, from written to handed over; and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.book.models import NUMBER
from zusage.web.customers.models import Told
from zusage.web.office.models import PolicyVersion, one_of

STATES = ("written", "handing", "handed_over", "unclear", "failed", "stopped")
"""`handing`: given to the mail server, whose answer is not in yet; whatever is found so after a crash is `unclear`.
`stopped`: no longer allowed or wanted when its turn came."""
CHANNELS = ("post", "email")
KINDS = ("welcome", "up", "down", "statement", "newsletter", "link", "confirm")
"""What the pages have a word for."""
GATES = ("service", "advertising", "asked")
"""What is asked of the consents when it leaves; `asked`: the customer asked for it themselves."""
NOTICES = ("bounce", "complaint", "unsubscribe")
"""What comes back of mails: the address takes none, the customer complained of advertising, or wants no more of it."""


class Message(models.Model):
    """A letter or mail to one recipient for one purpose; never written twice."""

    number = models.CharField(max_length=NUMBER)
    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)  # of the recipient, as on the letter
    purpose = models.CharField(max_length=60)  # what it is for, such as `wave 12`: once per recipient
    kind = models.CharField(max_length=30)  # one of KINDS, mostly
    channel = models.CharField(max_length=10)
    gate = models.CharField(max_length=20)
    address = models.CharField(max_length=320, blank=True)  # mail address; of post the lines stand in the letter
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    attachment = models.CharField(max_length=200, blank=True)  # a file below the data folder
    attachment_name = models.CharField(max_length=120, blank=True)
    # what the customer knows once it is handed over, and from when on it holds; no policy: it tells no promises
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, null=True)
    class_key = models.CharField(max_length=60, blank=True)
    holds_on = models.DateField(null=True)  # the first day of a class that is decided for later; never before that
    told = models.ForeignKey(Told, models.SET_NULL, null=True)  # what the handing over recorded
    state = models.CharField(max_length=20, default="written")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    handing_at = models.DateTimeField(null=True)  # stored before the mail server is given anything that it could send
    message_id = models.CharField(max_length=200, blank=True)  # the same at every try; by it a bounce is known
    why = models.JSONField(null=True)  # a finding: why it failed, was stopped or is unclear
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    written_at = models.DateTimeField()
    not_before = models.DateField(null=True)
    handed_over_at = models.DateTimeField(null=True)  # when that was noted
    handed_on = models.DateField(null=True)  # the day it left
    came_back = models.CharField(max_length=20, blank=True)  # one of NOTICES, after it was handed over
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-written_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["state", "channel", "next_try_at"]),
            models.Index(fields=["number", "written_at"]),
            models.Index(fields=["purpose"]),
            models.Index(fields=["message_id"]),
            models.Index(fields=["channel", "address"]),
        ]
        constraints: ClassVar = [
            one_of("state", STATES),
            one_of("channel", CHANNELS),
            one_of("gate", GATES),
            models.UniqueConstraint(fields=["number", "purpose"], name="one_message_per_purpose"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.purpose}"

    @property
    def also(self) -> list[str]:
        """The numbers of the others of the household whom it tells the same."""
        return [item.number for item in self.others.all()]


class AlsoFor(models.Model):
    """That a message is for somebody besides its recipient: it names them, and they know by it what it says.

    Rows instead of a list within the message: whoever asks what a customer was told need not read every message.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="others")
    number = models.CharField(max_length=NUMBER, db_index=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.message_id}"

    @property
    def written_at(self) -> datetime:
        """When the message was written: by it the law counts how long it is kept."""
        return self.message.written_at


class Notice(models.Model):
    """That something came back from an address; the same one counts once. While a bounce stands no mail goes there;
    what the others say of advertising stands in the consents."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    address = models.CharField(max_length=320)  # in small letters
    kind = models.CharField(max_length=20)
    message = models.ForeignKey(Message, models.SET_NULL, null=True)
    why = models.CharField(max_length=300, blank=True)  # as the server or the person said it
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)  # None: a server, or the customer
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # the address takes mail again

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["address", "ended_at"])]
        constraints: ClassVar = [
            one_of("kind", NOTICES),
            models.UniqueConstraint(
                fields=["number", "address", "kind"],
                condition=models.Q(ended_at=None),
                name="one_notice_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.kind}"


class Watch(models.Model):
    """When the outbox last looked at the clock, one row. After a leap of it what was planned for later is held."""

    seen_at = models.DateTimeField()
    held_after = models.DateField(null=True)  # what was planned for after this day waits for a person

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_watch")]

    def __str__(self) -> str:
        return f"{self.seen_at}"

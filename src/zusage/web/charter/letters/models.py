"""Letters to customers: the firm's own texts, waves week by week, and each letter with what it said.

What was said is kept for good and names customers by the firm's own number; the papers stand in the data folder under
their sha256.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.promises.recipients import KINDS, ORDERS
from zusage.web.book.models import NUMBER
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.models import CHANNELS, Message
from zusage.web.office.models import LANGUAGES, PolicyVersion, one_of

WAVE_STATES = ("planned", "released", "stopped")
LETTER_STATES = ("planned", "made", "left_out", "failed", "stopped")
"""`left_out`: never wanted; `failed`: it could not be made, and is tried again with the next run; `stopped`: what was
right when the wave was planned is not any more."""
SHA256 = 64


class LetterText(models.Model):
    """The firm's own text of a kind of letter; without one the built-in text holds."""

    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    text = models.TextField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            one_of("kind", KINDS),
            one_of("language", LANGUAGES),
            models.UniqueConstraint(fields=["kind", "language"], name="one_letter_text"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


class LetterWave(models.Model):
    """Letters of one kind, so many a week from a Monday on. `single`: to one household, from a customer's page."""

    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    per_week = models.PositiveIntegerField()
    first_on = models.DateField()  # a Monday; of a single letter its day
    order = models.CharField(max_length=20, default="postal")
    text = models.TextField(blank=True)  # the text of this wave alone; empty: the firm's, else the built-in one
    single = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default="planned")
    policy = models.ForeignKey(PolicyVersion, models.PROTECT)  # what is told
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    hours = models.JSONField(default=dict)  # figures of the hours check on the day of the release
    signed = models.TextField(blank=True)  # why it leaves although the hours do not reach or are not known
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            one_of("kind", KINDS),
            one_of("channel", CHANNELS),
            one_of("language", LANGUAGES),
            one_of("order", ORDERS),
            one_of("state", WAVE_STATES),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.first_on}"


class LetterWeek(models.Model):
    """The letters of a wave that leave in one week: one file for printing, one list of addresses."""

    wave = models.ForeignKey(LetterWave, models.CASCADE, related_name="weeks")
    monday = models.DateField()
    printed = models.CharField(max_length=SHA256, blank=True)  # one PDF of all letters by post
    made_at = models.DateTimeField(null=True)
    handed_on = models.DateField(null=True)  # given to the post
    handed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["monday", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["wave", "monday"], name="one_week_of_a_wave")]

    def __str__(self) -> str:
        return f"{self.monday}"


class WaveLetter(models.Model):
    """A letter of a wave to one household, or why there is none."""

    wave = models.ForeignKey(LetterWave, models.CASCADE, related_name="letters")
    week = models.ForeignKey(LetterWeek, models.CASCADE, null=True, related_name="letters")  # None: left out
    number = models.CharField(max_length=NUMBER)  # whom it goes to
    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)
    numbers = models.JSONField(default=list)  # of all it is for
    adviser = models.CharField(max_length=120, blank=True)
    class_key = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=10, blank=True)
    place = models.PositiveIntegerField(default=0)  # the how manieth of its week
    state = models.CharField(max_length=20, default="planned")
    why = models.JSONField(null=True)  # a finding: why it is left out, failed or stopped
    said = models.JSONField(null=True)  # the letter as it was made, with the hash of the service model
    paper = models.CharField(max_length=SHA256, blank=True)  # its PDF
    made_at = models.DateTimeField(null=True)
    link = models.ForeignKey(CustomerLink, models.SET_NULL, null=True, related_name="+")  # whose address it names
    message = models.OneToOneField(Message, models.SET_NULL, null=True, related_name="letter")

    class Meta:
        ordering: ClassVar = ["week__monday", "place", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["wave", "state"]),
            models.Index(fields=["number", "made_at"]),
            models.Index(fields=["unit_id"]),
        ]
        constraints: ClassVar = [
            one_of("state", LETTER_STATES),
            models.UniqueConstraint(fields=["wave", "number"], name="one_letter_of_a_wave"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"

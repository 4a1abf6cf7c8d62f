"""Requests with their stored due moment, and every event that happened to them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zusage.web.book.models import NUMBER
from zusage.web.office.models import one_of

STATES = ("open", "waiting", "done", "dropped")
EVENTS = (
    *("asked", "paused", "resumed", "postponed", "escalated", "written", "handed_over"),
    *("tight", "broken", "done", "dropped", "reopened"),
)


class Request(models.Model):
    """What a customer asked for, or a need that was noticed. Moments are UTC.

    `answer` is what was promised when it was asked, with a copy of its terms: nothing that changes later alters it.
    `due_at` is the promised moment after all events, None while the clock stands.
    """

    number = models.CharField(max_length=NUMBER)
    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)  # of the customer when it was asked
    asked_at = models.DateTimeField()
    what = models.CharField(max_length=60)  # key of a service
    urgency = models.CharField(max_length=20, default="normal")
    urgency_rank = models.PositiveSmallIntegerField(default=3)  # 0: most urgent; the first key of the order
    channel = models.CharField(max_length=20, default="phone")
    cause = models.CharField(max_length=20, default="asked")
    matter = models.CharField(max_length=64, blank=True)
    wants = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    noticed = models.BooleanField(default=False)  # a need somebody noticed: a task for everyone, whatever the class
    state = models.CharField(max_length=20, default="open")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="requests")
    role = models.CharField(max_length=60, blank=True)  # who does it, by role
    class_key = models.CharField(max_length=60)
    policy_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    due_at = models.DateTimeField(null=True)
    tight_at = models.DateTimeField(null=True)  # from then on it is getting tight
    tight_marked_at = models.DateTimeField(null=True)
    broken_marked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    kept = models.BooleanField(null=True)  # whether the promise was kept; None while open
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="taken")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "urgency_rank", "due_at"]),
            models.Index(fields=["number", "asked_at"]),
            models.Index(fields=["unit_id", "asked_at"]),
            models.Index(
                fields=["tight_at"], condition=Q(state="open", tight_marked_at=None), name="desk_tight_unmarked"
            ),
            models.Index(fields=["due_at"], condition=Q(state="open", broken_marked_at=None), name="desk_due_unmarked"),
        ]
        constraints: ClassVar = [one_of("state", STATES)]

    def __str__(self) -> str:
        return f"{self.number} {self.what}"


class Event(models.Model):
    """Something that happened to a request. Never changed."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    until = models.DateField(null=True)  # of a postponement
    ours = models.BooleanField(default=False)  # a postponement of the firm's own: it moves no promise
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="handed")  # over to whom
    response = models.JSONField(null=True)  # of an escalation: what holds from now on
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            one_of("kind", EVENTS),
            models.UniqueConstraint(fields=["request", "kind"], condition=Q(kind__in=("asked",)), name="asked_once"),
        ]

    def __str__(self) -> str:
        return self.kind

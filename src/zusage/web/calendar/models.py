"""What the firm owes unasked: one row per unit, service and day."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.book.models import NUMBER
from zusage.web.office.models import one_of

STATES = ("open", "done", "gone")
VIAS = ("", "letter", "note", "phone", "email", "message", "post")
"""How a delivery reaches the customer: empty as promised, else a letter instead, a note for the next time they call, or
another of the ways it is promised on."""


class Touchpoint(models.Model):
    """A delivery that is due on a day: annual check, newsletter, invitation. `gone`: no longer promised."""

    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)
    service = models.CharField(max_length=60)
    class_key = models.CharField(max_length=60)
    due_on = models.DateField()
    role = models.CharField(max_length=60, blank=True)
    seconds = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, default="open")
    done_on = models.DateField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    number = models.CharField(max_length=NUMBER, blank=True)  # who of the household is contacted
    ways = models.CharField(max_length=60, blank=True)  # channels it is promised on, the first first; empty: on none
    purpose = models.CharField(max_length=20, blank=True)  # advertising or service, as the gate is asked
    via = models.CharField(max_length=10, blank=True)  # one of VIAS, as the gate answered last

    class Meta:
        ordering: ClassVar = ["due_on", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["unit_id", "due_on"]),
            models.Index(fields=["number", "state"]),
        ]
        constraints: ClassVar = [
            one_of("state", STATES),
            one_of("via", VIAS),
            models.UniqueConstraint(fields=["unit_id", "service", "due_on"], name="one_touchpoint_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.service} {self.due_on}"

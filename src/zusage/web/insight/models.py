"""Answers that take long to reckon, kept until they are asked for anew."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.office.models import PolicyVersion


class CapacityStudy(models.Model):
    """What the hours allow of a published service model with the book of a run; empty until its job is through."""

    growth = models.IntegerField(null=True)  # new households (or customers) a year; None: as the book grew
    by_class = models.JSONField(default=dict)  # class → new ones a year, in the place of one figure for all
    drift = models.JSONField(default=list)  # [class, class it changes to, permille a year]
    years = models.PositiveSmallIntegerField(default=5)  # looked ahead
    use = models.CharField(max_length=100, blank=True)  # what freed hours are used for: only then they are worth money
    use_cents = models.PositiveIntegerField(null=True)  # an hour of that
    policy = models.ForeignKey(PolicyVersion, models.CASCADE, null=True)
    run = models.BigIntegerField(null=True)  # id of the run whose book it was reckoned with
    figures = models.JSONField(default=dict)  # see bridge.ahead
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"

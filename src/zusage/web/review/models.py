"""Proposals of a run: from which class to which, with the parts they rest on, and what a person decided."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.book.models import NUMBER
from zusage.web.customers.models import CHANGES, Run
from zusage.web.office.models import one_of

STATES = ("open", "confirmed", "kept", "taken_back", "overridden", "overtaken")


class Proposal(models.Model):
    """A change of class that a run proposes for a unit. `kept`: a person decided to leave the class as it is;
    `taken_back`: confirmed, and withdrawn before it took effect; `overridden`: a person set another class;
    `overtaken`: a later run says otherwise.

    What was decided outlives the figures of its run."""

    run = models.ForeignKey(Run, models.SET_NULL, null=True)
    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)
    sort_key = models.CharField(max_length=300)
    members = models.JSONField()  # numbers of the customers
    from_key = models.CharField(max_length=60, blank=True)  # empty: no class yet
    to_key = models.CharField(max_length=60)
    change = models.CharField(max_length=20)  # first, up, down, level
    reduces = models.BooleanField(default=False)  # weakens a promise or lived service: confirmed one by one
    because = models.CharField(max_length=30)
    adviser = models.CharField(max_length=120, blank=True)
    contribution_cents = models.BigIntegerField(default=0)
    criteria = models.CharField(max_length=400, blank=True)  # metrics that decide, each between bars: |yield|tenure|
    wave_on = models.DateField(null=True)  # Monday of the week in which it is talked about; reductions only
    undecided = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default="open")
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    decided_at = models.DateTimeField(null=True)
    announced_on = models.DateField(null=True)
    effective_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "change", "sort_key"])]
        constraints: ClassVar = [
            one_of("state", STATES),
            one_of("change", CHANGES),
            models.UniqueConstraint(fields=["run", "unit_id"], name="one_proposal_per_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.from_key} → {self.to_key}"


class WavePlan(models.Model):
    """How many reductions are talked about in a week, and from when on; one row."""

    per_week = models.PositiveIntegerField()
    first_on = models.DateField()  # a Monday
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_wave_plan")]

    def __str__(self) -> str:
        return f"{self.per_week} {self.first_on}"


class WaveGrace(models.Model):
    """Days that the customers of a wave are given besides the notice of the service model."""

    wave_on = models.DateField(unique=True)
    days = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.wave_on} {self.days}"


class Flag(models.Model):
    """A day on which equal reasons were given for many in minutes: shown to the owner until seen."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="flagged")
    at = models.DateTimeField()
    reason = models.TextField()
    count = models.PositiveIntegerField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="flags_seen")

    def __str__(self) -> str:
        return f"{self.count}"

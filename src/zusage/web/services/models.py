"""Drafts of the service model: their text, and each step of the way to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.office.models import PolicyVersion, one_of

DRAFT_STATES = ("open", "published", "dropped")


class Draft(models.Model):
    """A service model in the making. Its text can be read at any time: an edit that breaks it is refused."""

    text = models.TextField()  # YAML
    hash = models.CharField(max_length=64)
    base = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="drafts")  # what it began as
    state = models.CharField(max_length=20, default="open")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts_made")
    made_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts_changed")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # grows with every edit; an edit of an older one is refused

    class Meta:
        ordering: ClassVar = ["-changed_at", "-pk"]
        constraints: ClassVar = [one_of("state", DRAFT_STATES)]

    def __str__(self) -> str:
        return f"{self.pk}"


class DraftStep(models.Model):
    """An edit of a draft: what was done, and the text before it, so that it can be undone."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="steps")
    text = models.TextField()
    hash = models.CharField(max_length=64)
    code = models.CharField(max_length=60)  # of the text that says what was done, with its values
    values = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.code

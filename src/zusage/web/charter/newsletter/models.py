"""What an issue of a newsletter says; to whom it goes stands in the calendar."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class NewsletterIssue(models.Model):
    """The text of one issue of a promised newsletter."""

    service = models.CharField(max_length=60)
    due_on = models.DateField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    attachment = models.CharField(max_length=200, blank=True)  # a file below the data folder
    attachment_name = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "due_on"], name="one_text_per_issue"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.due_on}"

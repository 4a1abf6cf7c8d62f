"""The firm's rules for keeping: which are on, and after how many months something goes."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class RetentionRule(models.Model):
    """A rule as the firm set it; without a row its default holds, and it is off."""

    key = models.CharField(max_length=20, unique=True)  # of `queries.RULES`
    months = models.PositiveIntegerField()
    on = models.BooleanField(default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.key

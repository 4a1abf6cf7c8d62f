"""Lists of replies that were taken in: none is taken in twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ReplyList(models.Model):
    """A list of replies, known by its hash; `done` of its replies are written down, in their order."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)
    replies = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

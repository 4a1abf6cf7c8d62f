"""What all that is told to customers shares: the code by which a customer's reply on paper is known."""

from __future__ import annotations

from django.db import models

from zusage.web.book.models import NUMBER


class ReplyCode(models.Model):
    """The code on a customer's reply slip: it says whose reply it is, and opens nothing."""

    number = models.CharField(max_length=NUMBER, unique=True)
    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code

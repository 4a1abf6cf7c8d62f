"""Recommendations noted in the office, from the name somebody gave to the customer won; and who was asked for one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.book.models import NUMBER
from zusage.web.office.models import one_of

STATES = ("named", "talking", "won", "lost")
ANSWERS = ("named", "later", "no")
"""What a customer said who was asked for a recommendation."""


class OwnReferral(models.Model):
    """Somebody whom a customer recommended. Of a prospect only a name and a way to reach them are kept."""

    number = models.CharField(max_length=NUMBER, db_index=True)  # who recommended
    prospect = models.CharField(max_length=200)
    contact = models.CharField(max_length=200, blank=True)
    other = models.CharField(max_length=NUMBER, blank=True, db_index=True)  # the customer they became
    named_on = models.DateField()
    state = models.CharField(max_length=20, default="named")
    outcome = models.CharField(max_length=300, blank=True)
    thanked_on = models.DateField(null=True)
    reward_cents = models.PositiveIntegerField(default=0)  # what was given for it, all taxes included
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-named_on", "-pk"]
        constraints: ClassVar = [
            one_of("state", STATES),
            models.CheckConstraint(condition=~models.Q(number=models.F("other")), name="referral_not_of_oneself"),
            models.CheckConstraint(
                condition=~models.Q(state="won") | ~models.Q(other=""), name="referral_won_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} → {self.other}"  # no name of a prospect: the log of changes keeps this


class ReferralAsk(models.Model):
    """That a customer was asked whom they would recommend us to."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    asked_on = models.DateField()
    answer = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-asked_on", "-pk"]
        constraints: ClassVar = [one_of("answer", ANSWERS)]

    def __str__(self) -> str:
        return f"{self.number} {self.asked_on}"

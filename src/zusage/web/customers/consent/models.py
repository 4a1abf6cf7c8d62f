"""Consents given and withdrawn in the office, each use of one, objections to advertising, and locks."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.promises.consent import CHANNELS, GROUNDS, LOCKS, PURPOSES
from zusage.web.book.models import NUMBER
from zusage.web.office.models import one_of


class OwnConsent(models.Model):
    """A consent (or the ground of an existing customer) for one channel and purpose, with its proof. Never changed but
    by its withdrawal."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    ground = models.CharField(max_length=20, default="consent")
    granted_at = models.DateTimeField()
    wording = models.TextField()  # what the customer said yes to
    source = models.CharField(max_length=200)  # form, call, meeting, own page: where it is written down
    proof = models.CharField(max_length=200, blank=True)  # where the paper lies
    conditions = models.JSONField(default=list)  # of the ground existing_customer: those of CONDITIONS that are met
    asked_at = models.DateTimeField(null=True)  # of a double opt-in: when the confirmation was asked for
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_how = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)  # None: the customer themselves
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-granted_at", "-pk"]
        constraints: ClassVar = [
            one_of("channel", CHANNELS),
            one_of("purpose", PURPOSES),
            one_of("ground", GROUNDS),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(withdrawn_at__gte=models.F("granted_at")),
                name="consent_not_reversed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.channel} {self.purpose}"


class ConsentUse(models.Model):
    """That a consent was relied on: its proof is kept five years from here on."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    used_on = models.DateField()
    what = models.CharField(max_length=120)  # which touch it was, in words
    matter = models.CharField(max_length=64, blank=True)  # what ties it to its touch, should that be taken back

    class Meta:
        ordering: ClassVar = ["-used_on", "-pk"]
        constraints: ClassVar = [one_of("channel", CHANNELS), one_of("purpose", PURPOSES)]

    def __str__(self) -> str:
        return f"{self.number} {self.used_on}"


class Objection(models.Model):
    """That a customer wants no advertising, on one way or on any; for the purpose service: that they do not want to be
    reached on one way at all. It outlives the customer's erasure."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    channel = models.CharField(max_length=20, blank=True)  # empty: on none
    purpose = models.CharField(max_length=20, default="advertising")
    said_on = models.DateField()
    how = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    taken_back_how = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-said_on", "-pk"]
        constraints: ClassVar = [
            one_of("purpose", PURPOSES),
            models.CheckConstraint(
                condition=models.Q(channel__in=CHANNELS) | models.Q(channel="", purpose="advertising"),
                name="objection_to_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.said_on}"


class Lock(models.Model):
    """That nothing is sent to a customer unasked until a person lifts it, whatever their consents say."""

    number = models.CharField(max_length=NUMBER)
    why = models.CharField(max_length=20)
    text = models.CharField(max_length=200, blank=True)
    since = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-since", "-pk"]
        constraints: ClassVar = [
            one_of("why", LOCKS),
            models.UniqueConstraint(fields=["number"], condition=models.Q(lifted_at=None), name="one_lock_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.why}"

"""What customers want of us: a package, other contact data, an explanation; and services they do not want."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zusage.web.book.models import NUMBER
from zusage.web.office.models import one_of

KINDS = ("package", "contact", "why")
STATES = ("open", "accepted", "refused", "undone")
SOURCES = ("page", "paper", "list")
CONTACT = ("email", "phone", "street", "postcode", "city")
"""Contact data a customer may propose."""


class Wish(models.Model):
    """What a customer asks for and a named person accepts or refuses; until then the customer may take it back.

    `data` of a package: its terms as the customer read them (name, sentences, price with tax and notice), copied, so
    that no later service model changes what was ordered; of contact data: the new lines; of `why`: nothing.
    """

    number = models.CharField(max_length=NUMBER)
    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)  # of the customer when it was asked
    kind = models.CharField(max_length=20)
    class_key = models.CharField(max_length=60, blank=True)
    data = models.JSONField(default=dict)
    text = models.TextField(blank=True)  # the customer's own words
    language = models.CharField(max_length=2, default="de")  # the customer read and wrote
    source = models.CharField(max_length=20)
    evidence = models.CharField(max_length=200, blank=True)  # where it is written down
    signed = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)  # typed it in; None: the customer
    state = models.CharField(max_length=20, default="open")
    request = models.BigIntegerField(null=True)  # of `why`: the request that says until when it is answered
    answer = models.TextField(blank=True)  # the person's words to the customer
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="answered")
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["number", "kind"]), models.Index(fields=["state", "asked_at"])]
        constraints: ClassVar = [
            one_of("kind", KINDS),
            one_of("state", STATES),
            one_of("source", SOURCES),
            models.UniqueConstraint(
                fields=["number", "kind"], condition=Q(state="open"), name="one_open_wish_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"

    @property
    def price(self) -> dict[str, Any] | None:
        """The price of a package as the customer read it; None where it costs nothing."""
        found: dict[str, Any] | None = self.data.get("price")
        return found


class DeclinedService(models.Model):
    """A service that a customer does not want, from a moment on, until they want it again; never one of the floor."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    unit_id = models.CharField(max_length=NUMBER)
    service = models.CharField(max_length=60)
    source = models.CharField(max_length=20)
    evidence = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)  # None: the customer
    said_at = models.DateTimeField()
    wanted_again_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            one_of("source", SOURCES),
            models.UniqueConstraint(
                fields=["number", "service"], condition=Q(wanted_again_at=None), name="declined_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.service}"

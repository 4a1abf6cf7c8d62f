"""What all that is told to customers shares: the firm's sheet with its lines as a sender, codes for replies, links."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zusage.web.book.models import NUMBER

LINE = 200
"""Characters of a line of the sender."""


def new_token() -> str:
    """An address nobody can guess: 256 bits."""
    return token_urlsafe(32)


class Sheet(models.Model):
    """What the firm says of itself to its customers, one row: on the charter, in letters, on customers' pages."""

    name = models.CharField(max_length=LINE, blank=True)  # empty: the firm's
    street = models.CharField(max_length=LINE, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=LINE, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    mail = models.EmailField(blank=True)
    web = models.CharField(max_length=LINE, blank=True)
    managing = models.CharField(max_length=LINE, blank=True)  # who manages the firm, and its entries in registers
    opening_de = models.CharField(max_length=LINE, blank=True)  # when somebody is there, in words
    opening_en = models.CharField(max_length=LINE, blank=True)
    intro_de = models.TextField(blank=True)
    intro_en = models.TextField(blank=True)
    closing_de = models.TextField(blank=True)
    closing_en = models.TextField(blank=True)
    notice_de = models.TextField(blank=True)  # information by Art. 13 GDPR: the enclosure of letters
    notice_en = models.TextField(blank=True)
    keeping_de = models.TextField(blank=True)  # how long data are kept, in the firm's words: in the answer to who asks
    keeping_en = models.TextField(blank=True)
    receivers_de = models.TextField(blank=True)  # to whom data are given
    receivers_en = models.TextField(blank=True)
    mark = models.CharField(max_length=64, blank=True)  # sha256 of the firm's picture, a paper in the data folder
    links = models.BooleanField(default=True)  # letters name the customer's own page, where it can be reached at all
    shown = models.JSONField(default=list)  # metrics whose cuts customers may read
    ways = models.JSONField(default=dict)  # key of a class → how to get it in own words, German and English
    public = models.BooleanField(default=False)
    token = models.CharField(max_length=64, unique=True, default=new_token)  # of the public address
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    version = models.PositiveIntegerField(default=1)  # grows with every edit; an edit of an older one is refused

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_sheet")]

    def __str__(self) -> str:
        return self.name


class ReplyCode(models.Model):
    """The code on a customer's reply slip: it says whose reply it is, and opens nothing."""

    number = models.CharField(max_length=NUMBER, unique=True)
    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class CustomerLink(models.Model):
    """The way to a customer's own page. The address itself is known to the customer alone: only its hash is kept."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    token_hash = models.CharField(max_length=64, unique=True)
    seed = models.CharField(max_length=64, blank=True)  # with the key of the office: the address again
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="links_made")
    expires_on = models.DateField()  # the last day it opens
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="links_revoked")
    last_seen_on = models.DateField(null=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.number

"""The book in rows: imports and their files, and the tidy tables of a reading.

The rows of a `Book` are written unpublished, never changed, and replaced as a whole by the next reading; which one is
published is one flag. Money is integer cents, time integer seconds.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zusage.web.office.models import one_of

IMPORT_STATES = ("open", "reading", "ready", "publishing", "published", "undone", "failed")
OPEN_STATES = ("open", "ready", "failed")
"""Of an import that is not part of the book and can still be changed."""
NUMBER = 64
"""Longest number of a customer."""


class Import(models.Model):
    """Files that somebody brought in together. `ready`: read and shown, not yet part of the book."""

    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    state = models.CharField(max_length=20, default="open")
    findings = models.JSONField(default=list)  # of the reading
    published_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [one_of("state", IMPORT_STATES)]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d} {self.state}"


class ImportFile(models.Model):
    """A file as it came; its bytes stand in the data folder under their sha256. Figures are its control totals."""

    part_of = models.ForeignKey(Import, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    mapping = models.JSONField(default=dict)  # an entry of a mapping file, as a person chose it; empty: recognised
    proposal = models.JSONField(default=dict)  # what its columns may mean, with samples
    layout = models.CharField(max_length=32, blank=True)  # fingerprint of its headers
    left_out = models.BooleanField(default=False)
    replaces = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replaced_by")
    kind = models.CharField(max_length=30, blank=True)
    recognised_as = models.CharField(max_length=30, blank=True)
    rows = models.PositiveIntegerField(default=0)
    assigned = models.PositiveIntegerField(default=0)
    unassigned = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    sum_cents = models.BigIntegerField(null=True)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    rejects = models.JSONField(default=list)  # the first lines that could not be used, with their reason

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """One reading of all files that count. Exactly one is published; its rows are the book that pages show."""

    cause = models.ForeignKey(Import, models.SET_NULL, null=True)  # the import (or its undoing) that led to it
    created_at = models.DateTimeField()
    published = models.BooleanField(default=False)
    findings = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["published"], condition=Q(published=True), name="one_book_published")
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"


class Erased(models.Model):
    """That a customer was erased, by a digest of their number: whatever list brings them back, their rows get the alias
    again, without name and address, so that sums stay right."""

    digest = models.CharField(max_length=64, unique=True)
    alias = models.CharField(max_length=NUMBER, unique=True)
    erased_on = models.DateField()
    reason = models.CharField(max_length=300)  # the person's own words; names no customer
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    kept = models.JSONField(default=list)  # what stayed by law: table, rows, ground, last day

    class Meta:
        ordering: ClassVar = ["-erased_on", "-pk"]

    def __str__(self) -> str:
        return self.alias


class TidyRow(models.Model):
    """A row of a tidy table as `book.tables` defines it, for tables that pages never ask single columns of."""

    book = models.ForeignKey(Book, models.CASCADE)
    table = models.CharField(max_length=20)  # customers, overrides, figures, logs, unassigned
    row = models.JSONField()  # column → value; days in ISO form

    class Meta:
        indexes: ClassVar = [models.Index(fields=["book", "table"])]

    def __str__(self) -> str:
        return self.table


class Phone(models.Model):
    """A telephone number of a customer, E.164."""

    book = models.ForeignKey(Book, models.CASCADE)
    customer_id = models.CharField(max_length=NUMBER)
    number = models.CharField(max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["book", "number"]), models.Index(fields=["book", "customer_id"])]

    def __str__(self) -> str:
        return self.number


class Address(models.Model):
    """Where a customer is written to, as the list says."""

    book = models.ForeignKey(Book, models.CASCADE)
    customer_id = models.CharField(max_length=NUMBER)
    salutation = models.TextField(null=True)
    title = models.TextField(null=True)
    first_name = models.TextField(null=True)
    last_name = models.TextField(null=True)
    company = models.TextField(null=True)
    street = models.TextField(null=True)
    addition = models.TextField(null=True)
    postcode = models.TextField(null=True)
    city = models.TextField(null=True)
    country = models.TextField(null=True)
    email = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["book", "customer_id"])]

    def __str__(self) -> str:
        return self.customer_id


class Sourced(models.Model):
    """A row that came from a line of a file."""

    book = models.ForeignKey(Book, models.CASCADE)
    customer_id = models.CharField(max_length=NUMBER, null=True)  # None: of a contract whose owner is not known
    source = models.CharField(max_length=300, null=True)  # name of the file, and of its sheet where it has several
    line = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True
        indexes: ClassVar = [models.Index(fields=["book", "customer_id"])]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.source}:{self.line}"


class Contract(Sourced):
    """A contract."""

    contract_id = models.TextField()
    product_line = models.TextField(null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)


class Yield(Sourced):
    """Money as booked, in cents."""

    contract_id = models.TextField(null=True)
    booked_on = models.DateField(null=True)
    kind = models.CharField(max_length=20)
    amount_cents = models.BigIntegerField()


class Work(Sourced):
    """A contact or a piece of work from a log; columns as in `book.tables.WORK`."""

    log = models.CharField(max_length=20)
    done_on = models.DateField(null=True)
    start_second = models.IntegerField(null=True)
    activity = models.TextField(null=True)
    direction = models.CharField(max_length=20, null=True)
    place = models.CharField(max_length=20, null=True)
    topic = models.TextField(null=True)
    seconds = models.IntegerField(null=True)
    lines = models.IntegerField(null=True)
    new = models.IntegerField(null=True)
    rush = models.IntegerField(null=True)


class Referral(Sourced):
    """A recommendation: `customer_id` is who recommended."""

    referred_id = models.TextField(null=True)
    referred_on = models.DateField(null=True)
    won = models.BooleanField(null=True)


class Choice(Sourced):
    """A package offered, declined or chosen, as a file says."""

    state = models.CharField(max_length=20)
    class_key = models.TextField(null=True)
    chosen_on = models.DateField(null=True)
    evidence = models.TextField(null=True)


class Consent(Sourced):
    """A consent to a channel for a purpose, as a file says."""

    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=20)
    granted_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    ground = models.CharField(max_length=20, null=True)  # None: consent
    wording = models.TextField(null=True)
    proof = models.TextField(null=True)

"""What a run found, and what people decided: figures per customer and unit, classes in force, choices, own work.

The rows of a `Run` are written unpublished and replaced as a whole; which one is published is one flag. What people
decide is kept for good and names customers by the firm's own number, which outlives every reading.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zusage.web.book.models import NUMBER, Book
from zusage.web.office.models import PolicyVersion, one_of

CHOICE_STATES = ("offered", "declined", "chosen")
CHANGES = ("first", "up", "down", "level", "override")


class Run(models.Model):
    """The figures of a book under a service model on a day. Exactly one is published."""

    book = models.ForeignKey(Book, models.CASCADE)
    policy = models.ForeignKey(PolicyVersion, models.PROTECT)
    as_of = models.DateField()
    created_at = models.DateTimeField()
    published = models.BooleanField(default=False)
    summary = models.JSONField(default=dict)  # as `report.tables.summary`: periods, classes, hours, bridge, findings

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["published"], condition=Q(published=True), name="one_run_published")
        ]

    def __str__(self) -> str:
        return f"{self.as_of}"


class Customer(models.Model):
    """A customer as the published run sees it: a line of the list. `class_key` is the class in force, a copy of the
    membership kept up to date for filters; `proposed_key` what the run proposes."""

    run = models.ForeignKey(Run, models.CASCADE)
    number = models.CharField(max_length=NUMBER)
    unit_id = models.CharField(max_length=NUMBER)  # household or the customer alone
    name = models.CharField(max_length=300)
    sort_key = models.CharField(max_length=300)
    search_key = models.CharField(max_length=700)  # name in all ways it is looked for, number, digits of the phones
    since = models.DateField(null=True)
    consumer = models.BooleanField(null=True)
    cannot_come = models.BooleanField(default=False)
    former = models.BooleanField(default=False)
    adviser = models.CharField(max_length=120, blank=True)
    contracts = models.PositiveIntegerField(default=0)
    class_key = models.CharField(max_length=60, blank=True)
    proposed_key = models.CharField(max_length=60, blank=True)
    # a better class whose cuts the figures nearly reach; empty: none
    near_key = models.CharField(max_length=60, blank=True, default="")
    because = models.CharField(max_length=30, blank=True)
    undecided = models.BooleanField(default=False)
    yield_cents = models.BigIntegerField(default=0)
    cost_cents = models.BigIntegerField(default=0)
    contribution_cents = models.BigIntegerField(default=0)
    used_seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "number"], name="one_line_per_customer")]
        indexes: ClassVar = [
            models.Index(fields=["run", "sort_key", "number"]),
            # all that the first line and the filter of advisers count: neither reads the rows themselves
            models.Index(fields=["run", "former", "adviser", "unit_id", "yield_cents"]),
            models.Index(fields=["run", "contribution_cents"]),
            models.Index(fields=["run", "class_key", "sort_key"]),
            models.Index(fields=["run", "unit_id"]),
        ]

    def __str__(self) -> str:
        return self.name or self.number


class Unit(models.Model):
    """A household (or a customer alone) with all its figures and parts, as the run's tables hold them."""

    run = models.ForeignKey(Run, models.CASCADE)
    unit_id = models.CharField(max_length=NUMBER)
    figures = models.JSONField()  # the row of the plan's units
    parts = models.JSONField()  # its rows of the plan's parts
    earned_seconds = models.BigIntegerField(default=0)
    used_seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "unit_id"], name="one_row_per_unit")]

    def __str__(self) -> str:
        return self.unit_id


class Account(models.Model):
    """The account of one customer, as the plan's accounts hold it."""

    run = models.ForeignKey(Run, models.CASCADE)
    number = models.CharField(max_length=NUMBER)
    unit_id = models.CharField(max_length=NUMBER)
    figures = models.JSONField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "unit_id"])]

    def __str__(self) -> str:
        return self.number


class Membership(models.Model):
    """A class that a person confirmed for a customer, from a day on. The last one up to a day is in force."""

    number = models.CharField(max_length=NUMBER)
    class_key = models.CharField(max_length=60)
    effective_on = models.DateField()
    change = models.CharField(max_length=20)  # one of CHANGES
    policy = models.ForeignKey(PolicyVersion, models.PROTECT)
    because = models.CharField(max_length=30)  # what the proposal rested on
    reason = models.TextField(blank=True)  # the person's own words
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    decided_at = models.DateTimeField()
    batch = models.CharField(max_length=40, blank=True)  # the same for all that were confirmed together
    applied = models.BooleanField(default=False)  # the list shows it: set on the day it takes effect

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["number", "effective_on"]),
            models.Index(fields=["applied", "effective_on"]),
        ]
        constraints: ClassVar = [one_of("change", CHANGES)]

    def __str__(self) -> str:
        return f"{self.number} {self.class_key}"


class Told(models.Model):
    """That a customer was told a class under a service model. `assumed`: the day of the import stands in."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    policy = models.ForeignKey(PolicyVersion, models.PROTECT)
    class_key = models.CharField(max_length=60)
    told_on = models.DateField()  # from then on it holds; what is less than before only after the notice
    said_on = models.DateField(null=True)  # the day they were told, where it holds only later
    assumed = models.BooleanField(default=False)
    how = models.CharField(max_length=40, blank=True)  # call, letter, meeting
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number} {self.told_on}"


class Override(models.Model):
    """A class decided by a person against the criteria, with a reason and a last day."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    class_key = models.CharField(max_length=60)
    reason = models.TextField()
    until = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # taken back before its last day

    def __str__(self) -> str:
        return f"{self.number} {self.class_key}"


class Agreement(models.Model):
    """A promise agreed with one customer by contract, with a copy of its terms: it holds whatever their class."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    service = models.CharField(max_length=60)
    class_key = models.CharField(max_length=60)  # whose terms were copied
    terms = models.JSONField()  # a `policy.document.Promise`
    since = models.DateField()
    until = models.DateField(null=True)  # included; None: until it is ended
    source = models.CharField(max_length=200)  # where it is written down
    ended_by_source = models.CharField(max_length=200, blank=True)  # where its end is written down
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="agreement_not_reversed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.service}"


class OwnChoice(models.Model):
    """A package offered, declined or chosen, as noted in the office."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    state = models.CharField(max_length=20)
    class_key = models.CharField(max_length=60)
    chosen_on = models.DateField()
    evidence = models.CharField(max_length=200)  # letter, call, meeting: where it is written down
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)  # None: the customer, on their page
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [one_of("state", CHOICE_STATES)]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class OwnWork(models.Model):
    """Work noted in the office, with its minutes confirmed; a row of the log `desk`."""

    number = models.CharField(max_length=NUMBER)
    done_on = models.DateField()
    start_second = models.IntegerField(null=True)
    activity = models.CharField(max_length=60)
    direction = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    cause = models.CharField(max_length=20, default="asked")
    matter = models.CharField(max_length=64, blank=True)
    seconds = models.PositiveIntegerField()
    request = models.BigIntegerField(null=True)  # id of the request it was done for
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["number", "done_on"]), models.Index(fields=["done_on"])]

    def __str__(self) -> str:
        return f"{self.number} {self.done_on}"


class Note(models.Model):
    """A note on a customer; they may ask to read it."""

    number = models.CharField(max_length=NUMBER, db_index=True)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:40]


class SavedView(models.Model):
    """Filters of the list under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="one_view_per_name")]

    def __str__(self) -> str:
        return self.name

"""Drafts of the service model: their text, each step of the way to it, their check, and what is to be told of them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zusage.web.book.models import NUMBER
from zusage.web.office.models import PolicyVersion, one_of

DRAFT_STATES = ("open", "published", "dropped")
MOVES = ("up", "down", "level", "first")


class Draft(models.Model):
    """A service model in the making. Its text can be read at any time: an edit that breaks it is refused."""

    text = models.TextField()  # YAML
    hash = models.CharField(max_length=64)
    base = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="drafts")  # what it began as
    state = models.CharField(max_length=20, default="open")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts_made")
    made_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts_changed")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # grows with every edit; an edit of an older one is refused

    class Meta:
        ordering: ClassVar = ["-changed_at", "-pk"]
        constraints: ClassVar = [one_of("state", DRAFT_STATES)]

    def __str__(self) -> str:
        return f"{self.pk}"


class DraftStep(models.Model):
    """An edit of a draft: what was done, and the text before it, so that it can be undone."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="steps")
    text = models.TextField()
    hash = models.CharField(max_length=64)
    code = models.CharField(max_length=60)  # of the text that says what was done, with its values
    values = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.code


KINDS = ("phone", "meeting", "desk", "road", "internal", "away")
"""What somebody may be doing when the time sample asks; `away` is no working time."""


class TimeSample(models.Model):
    """Some days on which people are asked at random moments what they are doing. One at a time."""

    first_on = models.DateField()
    last_on = models.DateField()
    per_day = models.PositiveSmallIntegerField()  # questions on the firm's longest day
    running = models.BooleanField(default=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    started_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-first_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["running"], condition=models.Q(running=True), name="one_sample_at_a_time"),
            models.CheckConstraint(condition=models.Q(last_on__gte=models.F("first_on")), name="sample_not_reversed"),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}"


class Taker(models.Model):
    """Somebody who is asked, if they want to be. When the sample is closed, their sums are all that is kept."""

    sample = models.ForeignKey(TimeSample, models.CASCADE, related_name="takers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="samples_taken")
    role = models.CharField(max_length=60)  # key of a role of the service model
    joined_at = models.DateTimeField(null=True)  # None: invited; nobody is asked who has not said yes
    weekly = models.JSONField(default=dict)  # weekday → blocks in which they work, and so may be asked
    shown_alone = models.BooleanField(default=False)  # others may see the role's result though it is theirs alone
    answers = models.JSONField(default=dict)  # kind → number, once the sample is closed
    missed = models.PositiveIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0)  # working time the answers stand for

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["sample", "user"], name="asked_once_per_sample")]

    def __str__(self) -> str:
        return self.role


class Ask(models.Model):
    """A moment at which somebody is asked, and what they said. Deleted when the sample is closed."""

    taker = models.ForeignKey(Taker, models.CASCADE, related_name="asks")
    at = models.DateTimeField()
    until = models.DateTimeField()  # answered later than this, it would be a memory: it counts as missed
    kind = models.CharField(max_length=20, blank=True)  # one of KINDS; empty: not answered
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [models.Index(fields=["taker", "at"])]
        constraints: ClassVar = [one_of("kind", ("", *KINDS))]

    def __str__(self) -> str:
        return self.kind


class Check(models.Model):
    """What a draft would mean for the book at hand: figures of a job, good as long as the draft has this hash. Of the
    service model in force only the hours, as the capacity page found them."""

    draft = models.ForeignKey(Draft, models.CASCADE, null=True, related_name="checks")  # None: of what is in force
    hash = models.CharField(max_length=64)  # of the service model that was checked
    run = models.BigIntegerField()  # id of the run whose book it was checked against
    figures = models.JSONField()  # see bridge.checking
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.hash[:12]


class Mover(models.Model):
    """A household (or a customer alone) that would be in another class under a draft."""

    check_of = models.ForeignKey(Check, models.CASCADE, related_name="movers")
    unit_id = models.CharField(max_length=NUMBER)
    name = models.CharField(max_length=300)
    sort_key = models.CharField(max_length=300)
    from_key = models.CharField(max_length=60, blank=True)  # empty: no class yet
    to_key = models.CharField(max_length=60)
    change = models.CharField(max_length=20)  # one of MOVES
    customers = models.PositiveIntegerField(default=1)
    lines = models.JSONField(default=list)  # what decides: the criteria of the better of both classes

    class Meta:
        indexes: ClassVar = [models.Index(fields=["check_of", "change", "sort_key"])]
        constraints: ClassVar = [one_of("change", MOVES)]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.from_key} → {self.to_key}"


class Announcement(models.Model):
    """What the members of a class are to be told of a published service model: from then on it holds for them.

    Where something is weakened, the owner signed the list of those affected, once and with a reason.
    """

    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="announcements")
    former = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+")  # what they were promised before
    class_key = models.CharField(max_length=60)
    services = models.JSONField()  # keys of the services that change, and whether each is weakened
    weakened = models.BooleanField()
    numbers = models.JSONField()  # of the customers who are to be told
    customers = models.PositiveIntegerField()  # how many these are
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["policy", "class_key"], name="one_per_class")]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.class_key}"

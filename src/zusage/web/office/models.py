"""What the office keeps of itself: the firm, its people and their absences, the service model in force, jobs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

ROLES = ("owner", "adviser", "assistant", "auditor")
LANGUAGES = ("de", "en")
THEMES = ("auto", "light", "dark")
JOB_KINDS = (
    *("read", "publish", "undo", "review", "confirm", "backup", "daily", "check"),
    *("letters", "send", "retention", "capacity"),
)
JOB_STATES = ("queued", "running", "done", "failed")


def one_of(field: str, known: tuple[str, ...]) -> models.CheckConstraint:
    """A constraint of the database: the field holds one of the known words."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": known}), name=f"%(class)s_{field}_known")


class Firm(models.Model):
    """The firm, one row. What the service model says of it (name, state, hours) is read from there."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    language = models.CharField(max_length=2, default="de")
    demo = models.BooleanField(default=False)  # the example firm: says so on every page
    assistants_see_money = models.BooleanField(default=False)
    advisers_see_own_only = models.BooleanField(default=False)
    refused = models.JSONField(default=list)  # words the firm never wants to read in what customers get
    version = models.PositiveIntegerField(default=1)  # grows with every edit; an edit of an older one is refused

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pk=1), name="one_firm")]

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Makes users by their mail address."""

    def create_user(self, email: str, password: str | None = None, **more: object) -> User:
        """A new user; without a password there is no way in."""
        user = self.model(email=self.normalize_email(email).lower(), **more)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person of the firm. `is_active`: may sign in; people without are planned with, but have no way in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, default="assistant")  # one of ROLES: what they may
    works_as = models.CharField(max_length=60, blank=True)  # key of a role of the service model: what they do
    adviser = models.CharField(max_length=120, blank=True)  # their name in the book's column of advisers
    weekly_seconds = models.PositiveIntegerField(null=True)  # None: as the service model says for the role
    language = models.CharField(max_length=2, default="de")
    theme = models.CharField(max_length=5, default="auto")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = Users()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [one_of("role", ROLES), one_of("language", LANGUAGES), one_of("theme", THEMES)]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def writes(self) -> bool:
        """Whether they may change anything."""
        return self.role != "auditor"


class Absence(models.Model):
    """Days on which somebody is not there, both included."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences")
    first_on = models.DateField()
    last_on = models.DateField()
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["first_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_on__gte=models.F("first_on")), name="absence_not_reversed")
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}"


class PolicyVersion(models.Model):
    """A published service model as it was written. Identity is the hash of its frozen form; never changed."""

    text = models.TextField()  # YAML
    hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60, unique=True)  # the same label with other content is refused
    valid_from = models.DateField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.PROTECT, null=True)
    # whether the hours reach, as it was known on the day: figures of the check, and who took the risk where they do not
    certificate = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["valid_from", "pk"]

    def __str__(self) -> str:
        return self.label


class Job(models.Model):
    """Work in the background, with its progress, as people see it. The queue behind it is the task library's."""

    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20, default="queued")
    subject = models.BigIntegerField(null=True)  # id of what it works on: an import, a run
    asked = models.JSONField(default=dict)  # what was asked for, where that is more than a subject
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=60, blank=True)  # code of the step's text
    findings = models.JSONField(default=list)  # why it failed, or what to know: findings as data
    result = models.JSONField(default=dict)
    task = models.CharField(max_length=64, blank=True)  # id in the queue
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)  # sign of life
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["state", "kind"])]
        constraints: ClassVar = [one_of("kind", JOB_KINDS), one_of("state", JOB_STATES)]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def running(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in ("queued", "running")

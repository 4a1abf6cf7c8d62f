"""What people decide about the office comes in, changed rows go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.policy.read import read_policy_text
from zusage.web.office.models import LANGUAGES, THEMES, Absence, Firm, Job, PolicyVersion, User


def open_office(
    *, firm_name: str, policy_text: str, name: str, email: str, password: str, language: str, now: datetime
) -> User:
    """The first start: the firm, its owner and its service model, all or none. Raises Refused, also to the second."""
    try:
        with transaction.atomic():
            Firm.objects.create(pk=1, name=firm_name, language=language, created_at=now)
            owner = User.objects.create_user(email, password, name=name, role="owner", language=language)
            publish_policy(text=policy_text, by=owner, now=now)
    except IntegrityError:
        raise Refused([mistake("office_start_taken")]) from None
    return owner


RECKONING = ("review", "publish", "undo")
"""Jobs that reckon the book under the service model in force: it does not change under their hands."""


def publish_policy(
    *, text: str, by: User, now: datetime, begins_on: date | None = None, certificate: Mapping[str, Any] | None = None
) -> PolicyVersion:
    """Put a service model in force: from a day, else from the one it names, at the earliest from today; the first one
    from any past day. `certificate`: whether the hours reach, as far as it was known.

    Raises Refused with all mistakes of the text, where its label or its content was published before, and while a job
    reckons the book: publishing waits until it is done.
    """
    policy, today = read_policy_text(text).policy, timezone.localdate(now)
    first = not PolicyVersion.objects.exists()
    valid_from = max(filter(None, (begins_on, policy.valid_from)), default=today)
    if first and valid_from > today:
        raise Refused([mistake("office_policy_future", valid_on=valid_from)])
    if Job.objects.filter(kind__in=RECKONING, state__in=("queued", "running")).exists():
        raise Refused([mistake("office_policy_waits")])
    for known in PolicyVersion.objects.filter(label=policy.version):
        code = "office_policy_known" if known.hash == policy.hash else "office_policy_label_taken"
        raise Refused([mistake(code, label=policy.version)])
    for known in PolicyVersion.objects.filter(hash=policy.hash):
        raise Refused([mistake("office_policy_known", label=known.label)])
    return PolicyVersion.objects.create(
        text=text,
        hash=policy.hash,
        label=policy.version,
        valid_from=valid_from if first else max(valid_from, today),
        published_at=now,
        published_by=by,
        certificate=dict(certificate or {}),
    )


class Overtaken(Exception):  # noqa: N818 - nothing went wrong: somebody else was faster
    """A row of any room that was changed since the page was shown; `current` is how it stands now."""

    def __init__(self, current: Any) -> None:
        super().__init__(str(current))
        self.current = current


def _edit(row: Firm | User, version: int, values: Mapping[str, Any]) -> None:
    """Write values into a row and say so in the audit log, if it still is the version that was seen."""
    model = type(row)
    claimed = model._default_manager.filter(pk=row.pk, version=version).update(version=version + 1)
    found = model._default_manager.get(pk=row.pk)
    if not claimed:
        raise Overtaken(found)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()


def edit_firm(*, firm: Firm, version: int, values: Mapping[str, Any]) -> None:
    """Name and rights of the firm. Raises Overtaken where somebody else was faster."""
    with transaction.atomic():
        _edit(firm, version, values)


def refuse_words(words: Sequence[str]) -> None:
    """Keep the words the firm never wants to read in what customers get."""
    firm = Firm.objects.get(pk=1)
    if firm.refused != [*words]:
        firm.refused = [*words]
        firm.save(update_fields=["refused"])


def add_person(*, values: Mapping[str, Any]) -> User:
    """Somebody new, without a password: the owner hands over a link to set one."""
    try:
        with transaction.atomic():
            return User.objects.create_user(**values)
    except IntegrityError:
        raise Refused([mistake("office_email_taken", text=str(values["email"]))]) from None


def edit_person(*, person: User, version: int, values: Mapping[str, Any]) -> None:
    """What somebody is and may. Who may no longer sign in is signed out at once; one owner always stays."""
    try:
        with transaction.atomic():
            owners = [*User.objects.select_for_update().filter(role="owner", is_active=True)]
            _edit(person, version, values)
            if owners and not User.objects.filter(role="owner", is_active=True).exists():
                raise Refused([mistake("office_last_owner")])
            if not values.get("is_active", True):
                sign_out_everywhere(person)
    except IntegrityError:
        raise Refused([mistake("office_email_taken", text=str(values["email"]))]) from None


def sign_out_everywhere(person: User) -> None:
    """End every session of somebody."""
    for session in Session.objects.all().iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


def set_first_password(*, person: User, password: str) -> None:
    """The password somebody chose by their link; the link is used up by it."""
    person.set_password(password)
    person.save(update_fields=["password"])


def reset_password(*, person: User) -> None:
    """Nobody gets in by the former password; a new link is needed."""
    with transaction.atomic():
        person.set_unusable_password()
        person.save(update_fields=["password"])
        sign_out_everywhere(person)


def add_absence(*, person: User, first_on: date, last_on: date, note: str) -> None:
    """Days on which somebody is not there."""
    if last_on < first_on:
        raise Refused([mistake("office_absence_reversed")])
    Absence.objects.create(user=person, first_on=first_on, last_on=last_on, note=note)


def remove_absence(*, person: User, pk: int) -> None:
    """An absence that does not take place."""
    for absence in person.absences.filter(pk=pk):
        absence.delete()


def record_download(by: User, firm: Firm, name: str) -> None:
    """All data of the firm left the machine: that is kept."""
    LogEntry.objects.log_create(
        firm, force_log=True, action=LogEntry.Action.ACCESS, actor=by, changes={}, additional_data={"backup": name}
    )


def record_export(*, of: Model, by: User, name: str, **more: int | str) -> None:
    """Who took which list or papers of customers along is kept, with the row they are about; not what stood in them."""
    told = {"export": name, **more}
    LogEntry.objects.log_create(
        of, force_log=True, action=LogEntry.Action.ACCESS, actor=by, changes={}, additional_data=told
    )


def choose_look(user: User, *, language: str = "", theme: str = "") -> None:
    """Somebody's language or theme; whatever is not one changes nothing."""
    chosen = {"language": language} if language in LANGUAGES else {}
    chosen |= {"theme": theme} if theme in THEMES else {}
    if chosen:
        User.objects.filter(pk=user.pk).update(**chosen)

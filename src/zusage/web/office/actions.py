"""What people decide about the office comes in, changed rows go out."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.policy.read import read_policy_text
from zusage.web.office.models import LANGUAGES, THEMES, Firm, PolicyVersion, User


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


def publish_policy(*, text: str, by: User, now: datetime) -> PolicyVersion:
    """Put a service model in force: from the day it names, at the earliest from today; the first from any past day.

    Raises Refused with all mistakes of the text, or where its label or its content was published before.
    """
    policy, today = read_policy_text(text).policy, timezone.localdate(now)
    first = not PolicyVersion.objects.exists()
    valid_from = policy.valid_from or today
    if first and valid_from > today:
        raise Refused([mistake("office_policy_future", valid_on=valid_from)])
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
    )


def choose_look(user: User, *, language: str = "", theme: str = "") -> None:
    """Somebody's language or theme; whatever is not one changes nothing."""
    chosen = {"language": language} if language in LANGUAGES else {}
    chosen |= {"theme": theme} if theme in THEMES else {}
    if chosen:
        User.objects.filter(pk=user.pk).update(**chosen)

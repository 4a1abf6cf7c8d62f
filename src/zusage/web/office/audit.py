"""Models come in; from then on each change of a row is kept with who, when, before and after, and can be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.db.models import Model, QuerySet

from zusage.ground.words import UNKNOWN
from zusage.promises.recipients import KINDS
from zusage.web.speech import class_name, hm, on_day, said, to_the_cent

Row = TypeVar("Row", bound=Model)
KEPT: dict[str, tuple[str, ...]] = {
    "firm": ("name", "language", "assistants_see_money", "advisers_see_own_only"),
    "user": ("name", "email", "role", "works_as", "adviser", "weekly_seconds", "language", "is_active"),
    "absence": ("user", "first_on", "last_on", "note"),
    "policyversion": ("label", "valid_from", "published_by"),
    "ownconsent": ("number", "channel", "purpose", "ground", "granted_at", "withdrawn_at", "by"),
    "objection": ("number", "channel", "purpose", "said_on", "taken_back_at", "by"),
    "lock": ("number", "why", "since", "by", "lifted_at", "lifted_by"),
    "override": ("number", "class_key", "reason", "until", "by", "ended_at"),
    "agreement": ("number", "service", "class_key", "since", "until", "source", "ended_by_source", "by"),
    "ownchoice": ("number", "state", "class_key", "chosen_on", "evidence", "by"),
    "told": ("number", "class_key", "told_on", "how", "by"),
    "note": ("number", "by"),
    "wish": ("number", "kind", "class_key", "source", "by", "state", "answered_by"),
    "declinedservice": ("number", "service", "source", "by", "wanted_again_at"),
    "customerlink": ("number", "made_by", "expires_on", "revoked_at", "revoked_by"),
    "timesample": ("first_on", "last_on", "per_day", "started_by"),
    "sheet": ("name", "public", "mark", "links"),
    "retentionrule": ("key", "months", "on"),
    "announcement": ("class_key", "weakened", "reason", "by"),
    "ownreferral": ("number", "other", "state", "thanked_on", "reward_cents", "by", "version"),
    "lettertext": ("kind", "language", "changed_by", "version"),
    "newsletterissue": ("service", "due_on", "attachment_name", "by", "version"),
}
"""Models, by name because rooms above have some, and the fields that the log holds: no passwords, no texts."""
PEOPLE = ("changed_by", "user", "by", "published_by", "started_by", "answered_by", "made_by", "revoked_by", "lifted_by")
"""Fields that name a person."""
BY_CUSTOMERS = ("wish", "declinedservice", "ownchoice", "ownconsent", "objection")
"""Models that customers change on their own page, where nobody is signed in."""
CHOICES = ("offered", "declined", "chosen")
REFERRALS = ("named", "talking", "won", "lost")


def claimed(found: QuerySet[Row], version: int) -> Row | None:
    """A row to be changed and saved within the transaction under way, with its next version; None where somebody was
    faster.

    The update holds the row, so that only one goes on, and leaves it as it was: the log, which looks at a row when it
    is saved, sees before and after.
    """
    if found.filter(version=version).update(version=version) != 1:
        return None
    row = found.get()
    row.version = version + 1  # type: ignore[attr-defined]  # models without one have nothing to be claimed by
    return row


def register() -> None:
    """Called once, when all models are there."""
    for name, held in KEPT.items():
        auditlog.register(apps.get_model("zusage", name), include_fields=[*held])


def lines_of(row: LogEntry, kinds: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """What was changed, readable: the kind of the row, and before and after of its fields. `names`: people by id."""
    return {
        "by": _actor(row),
        "kind": kinds.get(row.content_type.model, row.content_type.model),
        "fields": [
            (said(f"office_field_{name}"), *(_said_value(name, value, names) for value in pair))
            for name, pair in (row.changes or {}).items()
        ],
    }


def _actor(row: LogEntry) -> str:
    """Who it was: a person of the firm, or the customer on their own page; unknown for the program itself."""
    if row.actor is not None:
        return str(row.actor)
    by_customer = row.content_type.model in BY_CUSTOMERS and row.action != LogEntry.Action.DELETE
    return said("office_changes_customer") if by_customer else UNKNOWN


_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SAID: dict[str, Callable[[str], str]] = {
    "role": lambda value: said(f"office_role_{value}"),
    "class_key": class_name,
    "weekly_seconds": lambda value: hm(int(value)),
    "state": lambda value: said(f"{_prefix(value)}_{value}"),
    "mark": lambda value: value[:8],  # a sha256: enough to tell two pictures apart
    "key": lambda value: said(f"privacy_rule_{value}"),
    "kind": lambda value: said(f"mailing_kind_{value}" if value in KINDS else f"link_kind_{value}"),
    "reward_cents": lambda value: to_the_cent(int(value)),
    "how": lambda value: said(f"people_how_{value}"),
    "channel": lambda value: said(f"channel_{value}"),
    "purpose": lambda value: said(f"consent_purpose_{value}"),
    "ground": lambda value: said(f"consent_ground_{value}"),
    "why": lambda value: said(f"consent_lock_{value}"),
}


def _prefix(state: str) -> str:
    """How the codes of the words for a state begin: of a choice, a recommendation, else a wish."""
    return "people_choice" if state in CHOICES else "referrals_state" if state in REFERRALS else "link_state"


def _said_value(field: str, value: str, names: Mapping[str, str]) -> str:
    """A value of the log as people read it: names of people, classes and roles, days, hours."""
    words = {"None": UNKNOWN, "True": said("office_yes"), "False": said("office_no"), "": UNKNOWN}
    if value in words:
        return words[value]
    if field in PEOPLE:
        return names.get(value, value)
    if field in _SAID:
        return _SAID[field](value)
    return on_day(date.fromisoformat(value[:10])) if _ISO_DAY.match(value) else value

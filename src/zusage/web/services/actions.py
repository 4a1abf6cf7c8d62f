"""What people do to drafts comes in, drafts that can be read go out; nobody else writes them, nor hours to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from zusage.ground.reasons import Reason, Refused, mistake
from zusage.policy.edit import Change, change
from zusage.web.customers.models import Run
from zusage.web.office.actions import Overtaken
from zusage.web.office.models import PolicyVersion, User
from zusage.web.services.models import Check, Draft, DraftStep
from zusage.web.services.queries import read_text

STEPS_KEPT = 200
"""So many edits of a draft can be undone."""


def open_draft(*, text: str, base: PolicyVersion | None, by: User, now: datetime) -> Draft:
    """A new draft of a text: a published service model's, or that of a file. Raises Refused with all mistakes."""
    policy = read_text(text).policy
    return Draft.objects.create(
        text=text, hash=policy.hash, base=base, made_by=by, made_at=now, changed_by=by, changed_at=now
    )


def edit_draft(
    *, draft: Draft, version: int, changes: Sequence[Change], what: Reason, by: User, now: datetime
) -> Draft:
    """Write changes into the text of a draft; answers the draft as it stands then.

    Raises Refused where the text with them could not be read (the draft stays as it was), and Overtaken where somebody
    changed it since `version` was shown. Changes that change nothing leave no step.
    """
    try:
        text = change(draft.text, changes)
    except LookupError:
        raise Overtaken(_now(draft)) from None  # what was to be edited is gone
    return replace_text(draft=draft, version=version, text=text, what=what, by=by, now=now)


def replace_text(*, draft: Draft, version: int, text: str, what: Reason, by: User, now: datetime) -> Draft:
    """Put a whole text into a draft as one step, as `edit_draft` does with changes."""
    if draft.version != version:
        raise Overtaken(_now(draft))
    read = read_text(text)
    with transaction.atomic():
        _claim(draft, version, text=text, hash=read.policy.hash, changed_by=by, changed_at=now)
        if text != draft.text:
            DraftStep.objects.create(
                draft=draft, text=draft.text, hash=draft.hash, code=what.code, values=dict(what.values), by=by, at=now
            )
            kept = DraftStep.objects.filter(draft=draft).values_list("pk", flat=True)[:STEPS_KEPT]
            DraftStep.objects.filter(draft=draft).exclude(pk__in=[*kept]).delete()
    return _now(draft)


def undo_step(*, draft: Draft, version: int, by: User, now: datetime) -> DraftStep:
    """Take the last edit of a draft back; answers what it was. Raises Refused where there is none left."""
    with transaction.atomic():
        last = DraftStep.objects.filter(draft=draft).first()
        if last is None:
            raise Refused([mistake("services_nothing_to_undo")])
        _claim(draft, version, text=last.text, hash=last.hash, changed_by=by, changed_at=now)
        DraftStep.objects.filter(pk=last.pk).delete()
    return last


def drop_draft(*, draft: Draft, version: int, by: User, now: datetime) -> None:
    """Put a draft aside: it is kept, and no longer listed."""
    with transaction.atomic():
        _claim(draft, version, state="dropped", changed_by=by, changed_at=now)


def restore_draft(*, draft: Draft, by: User, now: datetime) -> None:
    """Take a draft that was put aside up again, with all its steps; one that is open already stays so."""
    Draft.objects.filter(pk=draft.pk, state="dropped").update(
        state="open", version=F("version") + 1, changed_by=by, changed_at=now
    )


def keep_hours(*, version: PolicyVersion, run: Run, figures: Mapping[str, Any], by: User | None, now: datetime) -> None:
    """Keep the hours of the service model in force, as the capacity page found them, in the place of the last ones."""
    Check.objects.filter(draft=None).delete()
    Check.objects.create(hash=version.hash, run=run.pk, figures=figures, by=by, at=now)


def _claim(draft: Draft, version: int, **values: object) -> None:
    claimed = Draft.objects.filter(pk=draft.pk, version=version, state="open").update(version=version + 1, **values)
    if not claimed:
        raise Overtaken(_now(draft))


def _now(draft: Draft) -> Draft:
    return Draft.objects.select_related("changed_by", "base").get(pk=draft.pk)

"""Decisions to publish and notes of who was told come in; versions in force, announcements and told days go out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, mistake
from zusage.policy.edit import Change, Put, change
from zusage.policy.read import read_policy_text
from zusage.web.customers.models import Told
from zusage.web.customers.queries import Telling, known_by, published_run
from zusage.web.office.actions import Overtaken, publish_policy
from zusage.web.office.jobs import short_write, start_job
from zusage.web.office.models import PolicyVersion, User
from zusage.web.office.queries import policy_of, policy_version_on
from zusage.web.services.models import Announcement, Check, Draft
from zusage.web.services.publish.queries import (
    Affected,
    affected,
    check_of,
    checking,
    is_current,
    overtaken,
    to_tell,
)
from zusage.web.speech import language

CHUNK = 250
"""Rows of one transaction: below 200 ms, so that readers of SQLite never wait long."""


def start_check(*, draft: Draft, by: User, now: datetime) -> None:
    """Have a draft held against the book; one that is being checked already is not checked twice."""
    if published_run() is None:
        raise Refused([mistake("publish_no_book")])
    found = checking(draft)
    if found is None or not found.running:
        start_job("check", now=now, by=by, subject=draft.pk)


# --- publishing


def publish_draft(
    *, draft: Draft, version: int, label: str, begins_on: date, risk: str, reduction: str, by: User, now: datetime
) -> PolicyVersion:
    """Put a draft in force from a day on under a label.

    `risk`: why it is done although the hours do not reach, or nobody knows whether they do; `reduction`: why promises
    become weaker. Raises Refused where either is missing, where the day lies in the past, and for whatever
    `publish_policy` refuses; Overtaken where the draft was changed since `version` was shown.
    """
    text = text_to_publish(draft, label, begins_on)
    policy, today = read_policy_text(text).policy, timezone.localdate(now)
    former = policy_version_on(begins_on)
    changes = affected(policy_of(former), policy, today, language()) if former else []
    last = check_of(draft)
    check = last if is_current(last, draft) else None
    _check_signed(check, changes, risk=risk, reduction=reduction, begins_on=begins_on, today=today)
    with transaction.atomic():
        claimed = Draft.objects.filter(pk=draft.pk, version=version, state="open").update(
            state="published", version=version + 1, changed_by=by, changed_at=now
        )
        if not claimed:
            raise Overtaken(Draft.objects.select_related("changed_by", "base").get(pk=draft.pk))
        made = publish_policy(
            text=text, by=by, now=now, begins_on=begins_on, certificate=certificate(check, risk=risk, by=by, day=today)
        )
        if former is not None:
            announced = _announce(made, former, changes, reason=reduction.strip(), by=by, now=now)
            _hold_former(announced, former, today, now)
    start_job("daily", now=now, by=by)  # it has the book reckoned anew, once the version is valid
    return made


def text_to_publish(draft: Draft, label: str, begins_on: date) -> str:
    """The text of a draft as it is published: byte for byte the draft's, but for a label or a day that differ.

    A service model that was in force before and comes back is told from it by its day.
    """
    policy = read_policy_text(draft.text).policy
    changes: list[Change] = []
    if label != policy.version:
        changes.append(Put(("version",), label))
    again = PolicyVersion.objects.filter(hash=policy.hash).exists()
    if again or (policy.valid_from is not None and policy.valid_from > begins_on):
        changes.append(Put(("valid_from",), begins_on))
    return change(draft.text, changes) if changes else draft.text


def needs_risk(check: Check | None) -> bool:
    """Whether somebody has to take the risk: no check of this very draft, or one that does not say yes."""
    return check is None or check.figures.get("gate", {}).get("answer") != "fits"


def _check_signed(
    check: Check | None, changes: Sequence[Affected], *, risk: str, reduction: str, begins_on: date, today: date
) -> None:
    missing: list[Finding] = []
    if begins_on < today:
        missing.append(mistake("publish_day_past"))
    if needs_risk(check) and not risk.strip():
        missing.append(mistake("publish_risk_missing"))
    if any(item.weaker and item.numbers for item in changes) and not reduction.strip():
        missing.append(mistake("publish_reduction_missing"))
    if missing:
        raise Refused(missing)


def certificate(check: Check | None, *, risk: str, by: User, day: date) -> dict[str, Any]:
    """What is kept of the hours with a version: the figures known on the day, and who took the risk where they do not
    reach or are not known."""
    found: dict[str, Any] = {"day": day.isoformat(), "answer": "unknown"}
    if check is not None:
        found |= {"run": check.run, "hash": check.hash, "checked_at": check.at.isoformat()}
        found |= {**check.figures["after"], **check.figures.get("gate", {})}
    if needs_risk(check):
        found["risk"] = {"by": by.pk, "name": by.name, "reason": risk.strip()}
    return found


def _announce(
    made: PolicyVersion, former: PolicyVersion, changes: Iterable[Affected], *, reason: str, by: User, now: datetime
) -> list[Announcement]:
    """One row for each class that stays and is promised something else, with those who are to be told."""
    kept = {item.key for item in policy_of(made).classes}
    return [
        Announcement.objects.create(
            policy=made,
            former=former,
            class_key=item.class_key,
            services=[{"key": one.service, "weakened": one.weakened} for one in item.changes],
            weakened=bool(item.weaker),
            numbers=list(item.numbers),
            customers=len(item.numbers),
            reason=reason if item.weaker else "",
            by=by,
            at=now,
        )
        for item in changes
        if item.numbers and item.class_key in kept
    ]


def _hold_former(announced: Iterable[Announcement], former: PolicyVersion, today: date, now: datetime) -> None:
    """Who was never told anything keeps what held so far: it stands in for what they were told."""
    known = set(Told.objects.values_list("number", flat=True))
    Told.objects.bulk_create(
        [
            Told(
                number=number,
                class_key=item.class_key,
                policy=former,
                told_on=min(today, former.valid_from),
                assumed=True,
                created_at=now,
            )
            for item in announced
            for number in item.numbers
            if number not in known
        ],
        batch_size=CHUNK,
    )


# --- telling


def record_announced(
    *, announcement: Announcement, numbers: Collection[str] | None, said_on: date, how: str, by: User, now: datetime
) -> int:
    """Note that customers of an announcement were told: all who do not know yet, or those chosen; answers how many.

    From when on it holds for each depends on what they were told before: what is less only after the notice. Raises
    Refused where the day lies ahead or before the publication, or where a later announcement says something else.
    """
    today = timezone.localdate(now)
    if not timezone.localdate(announcement.at) <= said_on <= today:
        raise Refused([mistake("publish_told_day", first_on=timezone.localdate(announcement.at))])
    if overtaken(announcement):
        raise Refused([mistake("publish_told_overtaken")])
    waiting = [item.number for item in to_tell(by, announcement)]
    chosen = waiting if numbers is None else [number for number in waiting if number in set(numbers)]
    telling, known = Telling(announcement.policy, said_on), known_by(chosen, said_on)
    for start in range(0, len(chosen), CHUNK):
        with short_write():
            Told.objects.bulk_create(
                Told(
                    number=number,
                    policy=announcement.policy,
                    class_key=announcement.class_key,
                    told_on=telling.holds_from(announcement.class_key, known.get(number, [])),
                    said_on=said_on,
                    how=how,
                    by=by,
                    created_at=now,
                )
                for number in chosen[start : start + CHUNK]
            )
    return len(chosen)

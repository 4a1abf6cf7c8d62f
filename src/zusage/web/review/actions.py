"""What people decide about classes comes in, memberships with name, reason and first day go out; nothing else does.

A decision takes the place of one that has not come into force yet: the last word counts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from zusage.ground.reasons import Refused, mistake
from zusage.policy.document import Policy
from zusage.web.customers.models import Customer, Membership, Override, Run, Told
from zusage.web.customers.queries import published_run
from zusage.web.office.actions import Overtaken
from zusage.web.office.jobs import short_write, start_job
from zusage.web.office.models import Job, PolicyVersion, User
from zusage.web.office.queries import policy_of
from zusage.web.review.models import Flag, Proposal
from zusage.web.review.queries import (
    KINDS,
    agreements_against,
    change_between,
    classes_decided,
    classes_in_force,
    import_day,
    proposals_for,
    weakens,
)

CHUNK = 100
"""Units decided in one transaction: well below 100 ms, so that readers of SQLite never wait long."""
LONGEST_OVERRIDE = timedelta(days=366)
FLAG_COUNT, FLAG_MINUTES = 10, 10
"""The same reason for so many single reductions within so many minutes is shown to the owner."""

AT_ONCE = 500
"""So many proposals are confirmed while somebody waits for the page; more of them in the background."""
Heard = Callable[[int, int], None]


def _nobody(done: int, total: int) -> None:
    """Nobody waits to hear how far it is."""


def confirm_first(*, by: User, reason: str, now: datetime, told: Heard = _nobody) -> int:
    """Put every unit without a class into the proposed one, signed once for all; answers how many.

    In short transactions, so that readers go on reading: what a stop in between leaves open can be confirmed again.
    `told` hears after each how many of how many are done.
    """
    chosen = proposals_for(by).filter(state="open", change="first").order_by("pk").values_list("pk", flat=True)
    return _confirm_in_chunks([*chosen], by=by, reason=_reason(reason), now=now, told=told)


def confirm_upgrades(*, chosen: Collection[int], by: User, now: datetime, told: Heard = _nobody) -> int:
    """Confirm chosen proposals that take nothing from anybody; those that were decided meanwhile are left out."""
    mine = set(proposals_for(by).filter(KINDS["up"], state="open").values_list("pk", flat=True))
    return _confirm_in_chunks(sorted(mine & set(chosen)), by=by, reason="", now=now, told=told)


def _confirm_in_chunks(chosen: Sequence[int], *, by: User, reason: str, now: datetime, told: Heard) -> int:
    done = 0
    for start in range(0, len(chosen), CHUNK):
        with short_write():
            done += _confirm_together(chosen[start : start + CHUNK], by=by, reason=reason, now=now)
        told(min(start + CHUNK, len(chosen)), len(chosen))
    return done


def confirm_first_later(*, by: User, reason: str, now: datetime) -> Job:
    """The same in the background. Raises Refused without a reason, at once."""
    return start_job("confirm", now=now, by=by, asked={"reason": _reason(reason)})


def confirm_upgrades_later(*, chosen: Collection[int], by: User, now: datetime) -> Job:
    """The same in the background."""
    return start_job("confirm", now=now, by=by, asked={"chosen": sorted(chosen)})


def _confirm_together(chosen: Sequence[int], *, by: User, reason: str, now: datetime) -> int:
    today = timezone.localdate(now)
    found = list(Proposal.objects.select_for_update().filter(pk__in=chosen, state="open", run__published=True))
    Proposal.objects.filter(pk__in=[item.pk for item in found]).update(
        state="confirmed", reason=reason, decided_by=by, decided_at=now, effective_on=today
    )
    _decide(found, by=by, reason=reason, now=now, effective_on=today, batch=f"{now.isoformat()} {by.pk}")
    return len(found)


def confirm_reduction(
    *, proposal: Proposal, version: int, by: User, reason: str, effective_on: date, now: datetime
) -> None:
    """Confirm one reduction, with the person's own words and the day from which it holds; tomorrow at the earliest."""
    reason = _reason(reason)
    today = timezone.localdate(now)
    if effective_on <= today:
        raise Refused([mistake("review_too_early")])
    with transaction.atomic():
        days = {"announced_on": max(today, proposal.wave_on or today), "effective_on": effective_on}
        _claim(proposal, version, "confirmed", by=by, reason=reason, now=now, **days)
        _check_agreements(_policy_of(proposal), proposal.members, proposal.to_key, effective_on)
        _decide([proposal], by=by, reason=reason, now=now, effective_on=effective_on)
        _flag(by=by, reason=reason, now=now)


def keep_class(*, proposal: Proposal, version: int, by: User, reason: str, now: datetime) -> None:
    """Leave the class as it is, with a reason."""
    with transaction.atomic():
        _claim(proposal, version, "kept", by=by, reason=_reason(reason), now=now)


def take_back(*, membership: Membership, by: User, reason: str, now: datetime) -> None:
    """Withdraw what was decided for a unit and is not in force yet: the class stays what it is."""
    reason, today = _reason(reason), timezone.localdate(now)
    with transaction.atomic():
        decided = Proposal.objects.filter(
            state="confirmed", effective_on=membership.effective_on, decided_at=membership.decided_at
        )
        of_unit = [item for item in decided if membership.number in item.members]
        numbers = [number for item in of_unit for number in item.members] or [membership.number]
        same = Membership.objects.filter(
            number__in=numbers, effective_on=membership.effective_on, decided_at=membership.decided_at
        )
        if not same.filter(effective_on__gt=today).delete()[0]:
            raise Refused([mistake("review_in_force")])
        Override.objects.filter(
            number__in=numbers, class_key=membership.class_key, created_at=membership.decided_at, ended_at=None
        ).update(ended_at=now)
        decided.filter(pk__in=[item.pk for item in of_unit]).update(
            state="taken_back", decided_by=by, decided_at=now, reason=reason, effective_on=None
        )


def override_class(customer: Customer, class_key: str, reason: str, until: date, by: User, now: datetime) -> Membership:
    """Decide a class against the criteria, up to a last day within a year; a reduction takes effect after the notice.

    It holds for the customer's household, as every class does. Answers the customer's membership.
    """
    reason, today = _reason(reason), timezone.localdate(now)
    run = published_run()
    assert run is not None  # noqa: S101 - there is a customer, so there is a run
    policy = policy_of(run.policy)
    if class_key not in {item.key for item in policy.classes if not item.provisional}:
        raise Refused([mistake("review_unknown_class")])
    if not today < until <= today + LONGEST_OVERRIDE:
        raise Refused([mistake("review_override_until")])
    members = Customer.objects.filter(run=run, unit_id=customer.unit_id, former=False)
    numbers = [*members.order_by("number").values_list("number", flat=True)]
    decided = classes_decided(numbers, policy)
    reduces = any(weakens(policy, decided.get(number, ""), class_key) for number in numbers)
    effective_on = today + timedelta(days=policy.review.notice_days) if reduces else today
    if effective_on > until:
        raise Refused([mistake("review_override_short", effective_on=effective_on)])
    if reduces:
        _check_agreements(policy, numbers, class_key, effective_on)
    with transaction.atomic():
        Override.objects.filter(number__in=numbers, ended_at=None).update(ended_at=now)
        Override.objects.create(
            number=customer.number, class_key=class_key, reason=reason, until=until, by=by, created_at=now
        )
        still_open = Proposal.objects.filter(run=run, unit_id=customer.unit_id, state="open")
        still_open.filter(to_key=class_key).update(state="overtaken")
        still_open.update(state="overridden", reason=reason, decided_by=by, decided_at=now)
        facts = {
            "change": "override", "policy": run.policy, "because": "override", "reason": reason,
            "decided_by": by, "decided_at": now, "effective_on": effective_on,
        }  # fmt: skip
        made = _write_memberships([(number, class_key, facts) for number in numbers], today)
    return next(item for item in made if item.number == customer.number)


def choose_class(
    customer: Customer, class_key: str, reason: str, effective_on: date, by: User, now: datetime
) -> list[Membership]:
    """Put a household into the class one of its members chose; less than before from tomorrow at the earliest.

    The notice of reductions is not waited for: the customer asked for it. What was agreed by contract still holds.
    Answers the memberships written; none where the class is decided already.
    """
    today = timezone.localdate(now)
    run = published_run()
    assert run is not None  # noqa: S101 - there is a customer, so there is a run
    policy = policy_of(run.policy)
    if class_key not in {item.key for item in policy.classes if not item.provisional}:
        raise Refused([mistake("review_unknown_class")])
    members = Customer.objects.filter(run=run, unit_id=customer.unit_id, former=False)
    numbers = [*members.order_by("number").values_list("number", flat=True)]
    decided = classes_decided(numbers, policy)
    changes = {number: old for number in numbers if (old := decided.get(number, "")) != class_key}
    reduces = any(weakens(policy, old, class_key) for old in changes.values())
    if effective_on < today + timedelta(days=reduces):
        raise Refused([mistake("review_too_early")])
    if reduces:
        _check_agreements(policy, numbers, class_key, effective_on)
    with transaction.atomic():
        still_open = Proposal.objects.filter(run=run, unit_id=customer.unit_id, state="open")
        still_open.update(state="overtaken")
        rows = [
            (number, class_key, {
                "change": change_between(policy, old, class_key), "policy": run.policy, "because": "chosen",
                "reason": reason, "decided_by": by, "decided_at": now, "effective_on": effective_on,
            })
            for number, old in changes.items()
        ]  # fmt: skip
        return _write_memberships(rows, today)


def mark_seen(*, flag: Flag, by: User, now: datetime) -> None:
    """The owner has seen that many equal reasons were given."""
    Flag.objects.filter(pk=flag.pk, seen_at=None).update(seen_at=now, seen_by=by)


def apply_classes(*, today: date) -> int:
    """The list of customers shows the classes in force on a day, by the keys of its run; answers for how many that was
    new."""
    run = published_run()
    in_force = classes_in_force(today, policy_of(run.policy) if run else None)
    shown = Customer.objects.filter(run__published=True).values_list("number", "class_key")
    new = [(number, in_force.get(number, "")) for number, key in shown if in_force.get(number, "") != key]
    for start in range(0, len(new), CHUNK):
        with short_write():
            _show(dict(new[start : start + CHUNK]))
    Membership.objects.filter(applied=False, effective_on__lte=today).update(applied=True)
    return len(new)


def end_overrides(*, today: date, now: datetime) -> int:
    """Overrides past their last day end; answers how many."""
    return Override.objects.filter(ended_at=None, until__lt=today).update(ended_at=now)


# --- how a decision is written


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused([mistake("review_reason_missing")])
    return text.strip()


def _policy_of(proposal: Proposal) -> Policy:
    return policy_of(PolicyVersion.objects.get(run__proposal=proposal))


def _check_agreements(policy: Policy, members: Collection[str], class_key: str, day: date) -> None:
    """What was agreed by contract is not weakened before it ends."""
    against = agreements_against(policy, members, class_key, day)
    if not against:
        return
    last = against[-1]
    if last.until is None:
        raise Refused([mistake("review_agreed_open", text=last.source)])
    raise Refused([mistake("review_agreed_until", text=last.source, until_on=last.until)])


def _claim(proposal: Proposal, version: int, state: str, *, by: User, reason: str, now: datetime, **more: Any) -> None:
    """Only one decision per proposal: whoever comes second is told how it stands."""
    claimed = Proposal.objects.filter(pk=proposal.pk, version=version, state="open", run__published=True).update(
        state=state, reason=reason, decided_by=by, decided_at=now, version=version + 1, **more
    )
    if not claimed:
        raise Overtaken(Proposal.objects.select_related("decided_by").get(pk=proposal.pk))


def _decide(
    proposals: Sequence[Proposal], *, by: User, reason: str, now: datetime, effective_on: date, batch: str = ""
) -> None:
    if not proposals:
        return
    run = Run.objects.select_related("policy", "book").defer("summary").get(proposal=proposals[0])
    policy, today = policy_of(run.policy), timezone.localdate(now)
    decided = classes_decided([number for item in proposals for number in item.members], policy)
    rows = [
        (number, item.to_key, {
            "change": change_between(policy, old, item.to_key), "policy": run.policy, "because": item.because,
            "reason": reason, "decided_by": by, "decided_at": now, "effective_on": effective_on, "batch": batch,
        })
        for item in proposals
        for number in item.members
        if (old := decided.get(number, "")) != item.to_key
    ]  # fmt: skip
    _write_memberships(rows, today)
    first = [(number, key) for number, key, facts in rows if facts["change"] == "first"]
    if first:
        _assume_told(first, run.policy, import_day(run), now)


def _write_memberships(rows: Iterable[tuple[str, str, dict[str, Any]]], today: date) -> list[Membership]:
    made = [
        Membership(number=number, class_key=key, applied=facts["effective_on"] <= today, **facts)
        for number, key, facts in rows
    ]
    Membership.objects.filter(number__in=[item.number for item in made], applied=False, effective_on__gt=today).delete()
    Membership.objects.bulk_create(made)
    _show({item.number: item.class_key for item in made if item.applied})
    return made


def _show(classes: dict[str, str]) -> None:
    """The list shows the class in force."""
    for key in sorted(set(classes.values())):
        numbers = [number for number, own in classes.items() if own == key]
        Customer.objects.filter(run__published=True, number__in=numbers).update(class_key=key)


def _assume_told(first: Sequence[tuple[str, str]], policy: PolicyVersion, day: date, now: datetime) -> None:
    """Before the first letter the day of the import stands for the day a customer was told, and says so."""
    told = Told.objects.filter(number__in=[number for number, _ in first])
    known = set(told.values_list("number", flat=True))
    Told.objects.bulk_create(
        Told(number=number, class_key=key, policy=policy, told_on=day, assumed=True, created_at=now)
        for number, key in first
        if number not in known
    )


def normalised(reason: str) -> str:
    """A reason without what makes no difference: case, spaces, marks."""
    plain = unicodedata.normalize("NFKC", reason).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in plain).split())


def _flag(*, by: User, reason: str, now: datetime) -> None:
    """Many reductions with the same words in minutes were hardly looked at one by one: the owner is told."""
    since = now - timedelta(minutes=FLAG_MINUTES)
    given = Proposal.objects.filter(decided_by=by, decided_at__gte=since, state="confirmed", reduces=True).exclude(
        change="first"
    )
    same = sum(normalised(text) == normalised(reason) for text in given.values_list("reason", flat=True))
    if same < FLAG_COUNT:
        return
    going_on = Flag.objects.filter(by=by, at__gte=since, seen_at=None)
    for flag in going_on:
        if normalised(flag.reason) == normalised(reason):
            Flag.objects.filter(pk=flag.pk).update(count=flag.count + 1, at=now)
            return
    Flag.objects.create(by=by, at=now, reason=reason, count=same)

"""What somebody notes about recommendations comes in, rows with name and moment go out."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from zusage.ground.reasons import Refused, mistake
from zusage.web.customers.models import Customer
from zusage.web.customers.referrals.models import OwnReferral, ReferralAsk
from zusage.web.customers.referrals.queries import fault_of
from zusage.web.office.audit import claimed
from zusage.web.office.models import User


def record_referral(
    *, customer: Customer, prospect: str, contact: str, named_on: date, by: User, now: datetime
) -> OwnReferral:
    """Note whom a customer recommended us to."""
    return OwnReferral.objects.create(
        number=customer.number, prospect=prospect, contact=contact, named_on=named_on, by=by, created_at=now
    )


def change_referral(
    *, referral: OwnReferral, version: int, state: str, other: Customer | None, outcome: str, reward_cents: int
) -> bool:
    """How it stands with a recommendation; False where somebody changed it meanwhile.

    Raises Refused for whoever recommended themselves, came by somebody else, or brought whom they came by.
    """
    number = other.number if other else ""
    if number and (fault := fault_of(referral.number, number, referral.named_on, without=referral)):
        raise Refused([mistake(f"referrals_refused_{fault}")])
    if state == "won" and not number:
        raise Refused([mistake("referrals_won_whom")])
    with transaction.atomic():
        found = claimed(OwnReferral.objects.filter(pk=referral.pk), version)
        if found is None:
            return False
        found.state, found.other, found.outcome, found.reward_cents = state, number, outcome, reward_cents
        found.save()
    return True


def say_thanks(*, referral: OwnReferral, today: date) -> None:
    """Note that the customer was thanked; the first time counts."""
    with transaction.atomic():
        for found in OwnReferral.objects.select_for_update().filter(pk=referral.pk, thanked_on=None):
            found.thanked_on = today
            found.save(update_fields=["thanked_on"])


def record_ask(*, customer: Customer, answer: str, asked_on: date, by: User, now: datetime) -> ReferralAsk:
    """Note that a customer was asked for a recommendation, and what they said."""
    return ReferralAsk.objects.create(number=customer.number, asked_on=asked_on, answer=answer, by=by, created_at=now)

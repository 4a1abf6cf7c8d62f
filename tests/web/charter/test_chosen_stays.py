"""A choice that was accepted outlives every reckoning: a review of the same book proposes nothing against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

from django.utils import timezone

from tests.web.charter.test_own_page import PRICED
from tests.web.review.conftest import bring, desk, do, small
from zusage.policy.read import read_policy_text
from zusage.web.book.models import Import
from zusage.web.charter.link.actions import accept_package, wish_package
from zusage.web.charter.link.queries import charter, held_class, own_page, terms_of
from zusage.web.charter.link.replies.actions import record_reply
from zusage.web.charter.link.replies.queries import Reply
from zusage.web.customers.models import Customer, Membership, Told
from zusage.web.office.models import PolicyVersion
from zusage.web.review.actions import confirm_first
from zusage.web.review.models import Proposal

__all__ = ["bring", "desk"]


def opened(office: SimpleNamespace, bring: Callable[..., Import]) -> None:
    """An office with a book of files, its first classes confirmed, whose best package can be bought."""
    policy = read_policy_text(PRICED).policy
    PolicyVersion.objects.filter(pk=office.version.pk).update(text=PRICED, hash=policy.hash)
    office.policy = policy
    Membership.objects.all().delete()
    do("publish", bring(*small()).pk)
    confirm_first(by=office.owner, reason="Wie vorgeschlagen", now=timezone.now())


def lowest() -> Customer:
    return Customer.objects.filter(run__published=True, class_key="C").order_by("number")[0]


def buy_best(desk: SimpleNamespace, customer: Customer, now: datetime) -> None:
    """The customer asks for the best package on their page, and it is accepted with its contract from today on."""
    found = charter(desk.policy)
    wish = wish_package(
        customer=customer, policy=desk.policy, place=0, mark=terms_of(found.packages[0], 0, found).mark, source="page",
        by=None, now=now,
    )  # fmt: skip
    accept_package(
        wish=wish, version=1, effective_on=timezone.localdate(now), text="", by=desk.owner, now=now,
        contract="Vertrag im Ordner",
    )  # fmt: skip


def test_what_was_bought_is_proposed_neither_again_nor_away(
    desk: SimpleNamespace, bring: Callable[..., Import]
) -> None:
    opened(desk, bring)
    customer, now = lowest(), timezone.now()
    buy_best(desk, customer, now)
    assert Customer.objects.get(run__published=True, number=customer.number).class_key == "A"
    do("review")
    again = Customer.objects.get(run__published=True, number=customer.number)
    assert (again.class_key, again.proposed_key, again.because) == ("A", "A", "chosen")
    assert Proposal.objects.filter(state="open", unit_id=customer.unit_id).count() == 0


def test_a_choice_on_paper_is_proposed_by_the_next_review_with_its_reason(
    desk: SimpleNamespace, bring: Callable[..., Import]
) -> None:
    opened(desk, bring)
    customer, now = lowest(), timezone.now()
    day = timezone.localdate(now) - timedelta(1)
    reply = Reply(number=customer.number, said_on=day, chosen=1)
    record_reply(reply=reply, policy=desk.policy, source="paper", evidence="Blatt", by=desk.owner, now=now)
    do("review")
    proposed = Proposal.objects.get(state="open", unit_id=customer.unit_id)
    assert (proposed.from_key, proposed.to_key, proposed.because) == ("C", "B", "chosen")


def test_a_choice_stands_also_on_the_day_for_which_a_letter_announced_another_package(
    desk: SimpleNamespace, bring: Callable[..., Import]
) -> None:
    opened(desk, bring)
    customer, now = lowest(), timezone.now()
    today = timezone.localdate(now)
    monday = today + timedelta(4)
    Told.objects.create(
        number=customer.number, policy=desk.version, class_key="C", said_on=today, told_on=monday, how="letter",
        by=desk.owner, created_at=now,
    )  # fmt: skip
    buy_best(desk, customer, now)
    assert [held_class(customer, desk.policy, day)[0] for day in (today, monday)] == ["A", "A"]
    assert own_page(customer, desk.policy, now).ahead is None

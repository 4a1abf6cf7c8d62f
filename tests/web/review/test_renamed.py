"""A class under another key in the next service model: its members stay where they are, and nobody is asked anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, CARO, EMIL
from tests.web.review.conftest import NOW, do, small
from tests.web.review.test_publish import Publish, listed, opened
from zusage.policy.read import read_policy_text
from zusage.web.customers.models import Customer, Membership, OwnChoice
from zusage.web.customers.queries import class_on
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import known_as, policy_of
from zusage.web.review.actions import confirm_first, override_class
from zusage.web.review.models import Proposal
from zusage.web.review.queries import classes_in_force, kept_for

KOMFORT = (
    ("  B: {name: Komfort", "  K: {name: Komfort"),
    (", B: next_workday", ", K: next_workday"),
    ("B: on_request", "K: on_request"),
)
"""Class B of the small service model becomes class K: the same cut, the same promises, the same name."""


def version(office: SimpleNamespace, label: str, *changes: tuple[str, str], begins_on: date) -> PolicyVersion:
    """The service model in force with pieces of its text replaced, published."""
    text = PolicyVersion.objects.latest("valid_from", "pk").text.replace("version: test", f"version: {label}")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return PolicyVersion.objects.create(
        text=text, hash=read_policy_text(text).policy.hash, label=label, valid_from=begins_on, published_at=NOW,
        published_by=office.owner,
    )  # fmt: skip


@pytest.fixture
def confirmed(nobody_decided: SimpleNamespace, publish: Publish) -> SimpleNamespace:
    """Everybody is in the class that the first import proposed: Emil in B."""
    publish(*small())
    confirm_first(by=nobody_decided.owner, reason="Einführung", now=timezone.now())
    return nobody_decided


def test_members_of_a_class_with_another_key_stay_in_it(
    confirmed: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    renamed = version(confirmed, "two", *KOMFORT, begins_on=timezone.localdate())
    today = timezone.localdate()
    assert class_on(policy_of(renamed), EMIL, today) == "K"
    for kind, shown in (("daily", "B"), ("review", "K")):
        do(kind)
        assert ([key for number, key, _ in listed() if number == EMIL], opened()) == ([shown], [])
        page = as_role("owner").get(f"/customers/{EMIL}/").content.decode()
        assert "Warum Komfort?" in page
        assert 'class="plate hue-1">K<' in page
        assert 'class="plate hue-new">B<' not in page
    assert listed()[-1] == (EMIL, "K", "K")
    assert Membership.objects.get(number=EMIL).class_key == "B"
    assert classes_in_force(today, policy_of(renamed))[EMIL] == "K"


def test_what_was_set_or_chosen_under_the_former_key_goes_on(confirmed: SimpleNamespace) -> None:
    customer, today = Customer.objects.get(run__published=True, number=CARO), timezone.localdate()
    override_class(customer, "B", "Neuer Betrieb", today + timedelta(days=90), confirmed.owner, timezone.now())
    OwnChoice.objects.create(
        number=ALMA, state="chosen", class_key="B", chosen_on=today, evidence="Brief", by=confirmed.owner,
        created_at=NOW,
    )  # fmt: skip
    do("review")
    before = [(number, proposed) for number, _, proposed in listed()]
    version(confirmed, "two", *KOMFORT, begins_on=today)
    do("review")
    assert [(number, proposed) for number, _, proposed in listed()] == [
        (number, {"B": "K"}.get(key, key)) for number, key in before
    ]
    assert dict(before)[CARO] == "B"


def test_a_class_that_is_gone_and_one_with_another_name_are_asked_about(confirmed: SimpleNamespace) -> None:
    version(confirmed, "two", *KOMFORT, ("name: Komfort", "name: Silber"), begins_on=timezone.localdate())
    do("review")
    assert opened() == [(EMIL, "B", "K", "level")]


def test_a_key_is_followed_from_version_to_version(confirmed: SimpleNamespace) -> None:
    begin = timezone.localdate()
    first = policy_of(PolicyVersion.objects.get())
    second = policy_of(version(confirmed, "two", *KOMFORT, begins_on=begin))
    third = policy_of(version(confirmed, "three", ("name: Komfort", "name: Silber"), begins_on=begin))
    assert [known_as(policy, "B") for policy in (first, second, third)] == ["B", "K", "K"]
    assert [known_as(policy, "K") for policy in (first, second, third)] == ["K", "K", "K"]
    back = policy_of(
        version(
            confirmed,
            "four",
            *((new, old) for old, new in KOMFORT[1:]),
            ("  K: {name: Silber", "  B: {name: Silber"),
            begins_on=begin,
        )
    )
    assert [known_as(back, key) for key in ("B", "K", "gold")] == ["B", "B", "gold"]


def test_what_was_left_as_it_is_is_not_asked_again(confirmed: SimpleNamespace, publish: Publish) -> None:
    publish(*small(caro=200))
    assert opened() == [(CARO, "C", "B", "up")]
    found = Proposal.objects.get(state="open")
    Proposal.objects.filter(pk=found.pk).update(state="kept", decided_at=timezone.now(), decided_by=confirmed.owner)
    version(confirmed, "two", *KOMFORT, begins_on=timezone.localdate())
    do("review")
    assert opened() == []
    kept = kept_for(confirmed.owner, CARO, "C", "K", policy_of(PolicyVersion.objects.get(label="two")))
    assert kept is not None
    assert kept.pk == found.pk

"""A class with limited places says so, and what happens when none is free."""

from __future__ import annotations

from tests.people import changed

from zusage.promises.terms import places_sentence


def test_a_class_with_limited_places_is_told_with_its_waiting_list() -> None:
    policy = changed(("{referrals_won: 2}]}}", "{referrals_won: 2}]}, places: {count: 50, order: [yield]}}"))
    assert [places_sentence(item, "de") for item in policy.classes] == [
        "Premium hat 50 Plätze. Ist keiner frei, führen wir eine Warteliste.",
        None,
        None,
    ]


def test_a_single_place_is_told_in_the_singular() -> None:
    policy = changed(("{referrals_won: 2}]}}", "{referrals_won: 2}]}, places: {count: 1, order: [yield]}}"))
    assert (
        places_sentence(policy.classes[0], "en") == "Premium has one place. Where it is taken, we keep a waiting list."
    )

"""Where advisers see only their own customers, no page tells them anything of the others, not even how many."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.people import ALMA, CARO
from tests.web.privacy.test_access_request import MOMENT, Filler
from tests.web.test_access import ROUTES, TABLE
from zusage.web.charter.letters.models import LetterWave, LetterWeek, WaveLetter
from zusage.web.customers.models import Customer, Told
from zusage.web.office.models import User
from zusage.web.privacy.access.queries import BESIDES
from zusage.web.privacy.queries import HOLDINGS
from zusage.web.services.models import Announcement

SignIn = Callable[[str], Client]
Shared = dict[str, str]
"""Pages of what concerns customers of several advisers: their names, and their addresses."""


@pytest.fixture
def shared(office: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Shared:
    """Alma is Ute's customer, all others are Ingo's. A wave of letters and an announcement are for Alma so far."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: MOMENT)  # Today counts the hours that are left
    office.firm.advisers_see_own_only = True
    office.firm.save()
    Customer.objects.exclude(number=ALMA).update(adviser="Ingo")
    Customer.objects.filter(number=ALMA).update(adviser="Ute")
    User.objects.filter(role__in=["adviser", "assistant"]).update(adviser="Ute")
    wave = LetterWave.objects.create(
        kind="welcome", channel="post", language="de", per_week=9, first_on=date(2026, 11, 2), policy=office.version,
        by=office.owner, at=MOMENT,
    )  # fmt: skip
    LetterWeek.objects.create(wave=wave, monday=date(2026, 11, 2))
    announced = Announcement.objects.create(
        policy=office.version, former=office.version, class_key="A", services=[], weakened=False, numbers=[],
        customers=0, by=office.owner, at=MOMENT,
    )  # fmt: skip
    concern(ALMA)
    return {
        "letter_wave": f"/telling/letters/{wave.pk}/",
        "announcement": f"/services/telling/{announced.pk}/",
    }


def concern(number: str) -> None:
    """The wave and the announcement are for a customer more."""
    week = LetterWeek.objects.get()
    WaveLetter.objects.create(
        wave=week.wave, week=week, number=number, unit_id=number, name=number, state="planned", channel="post"
    )
    announced = Announcement.objects.get()
    announced.numbers.append(number)
    announced.customers += 1
    announced.save()


def read(client: Client, shared: Shared) -> dict[str, str]:
    """What stands on every page without arguments, and on those that are shared, as it is read."""
    wanted = [item for item in ROUTES if TABLE[item.name]["get"] not in ("nobody", "public") and not item.arguments]
    found = {}
    for name, path in ({item.name: item.path for item in wanted} | shared).items():
        main = re.search(r"<main.*?</main>", client.get(path).content.decode(errors="replace"), re.DOTALL)
        found[name] = re.sub(r"<[^>]*>|\s+", " ", main[0]) if main else ""
    return found


def changed(client: Client, office: SimpleNamespace, shared: Shared) -> dict[str, tuple[str, str]]:
    """The pages on which it is seen that Caro got something in every table that names a customer, before and after."""
    before, filler = read(client, shared), Filler(office, CARO)
    for holding in (*HOLDINGS, *BESIDES):
        if holding.name not in ("Customer", "WaveLetter", "Event", "TidyRow"):  # is there already, and parts of others
            filler.row(holding.model, holding)
    concern(CARO)
    Told.objects.filter(number=CARO).update(class_key="C", policy=office.version, assumed=False)
    Customer.objects.exclude(number=ALMA).update(adviser="Ingo")
    after = read(client, shared)
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


@pytest.mark.parametrize("role", ["adviser", "assistant"])
def test_nothing_of_the_others_changes_a_page(
    office: SimpleNamespace, as_role: SignIn, shared: Shared, role: str
) -> None:
    assert changed(as_role(role), office, shared) == {}


@pytest.mark.uncounted
def test_whoever_sees_all_finds_it_on_those_pages(office: SimpleNamespace, as_role: SignIn, shared: Shared) -> None:
    owner = as_role("owner")
    owner.raise_request_exception = False  # what is filled in is no word that pages know
    assert {
        *("announcement", "announcements", "calendar", "customer_pages", "letter_wave", "letters", "outbox"),
        *("outbox_notices", "referrals", "requests", "review", "today"),
    } <= set(changed(owner, office, shared))  # fmt: skip

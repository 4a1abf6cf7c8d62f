"""Reductions week by week: a declared order, a day when all are through, and what follows from it for each of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.people import ALMA, CARO, DORO, EMIL, changed
from zusage.ground.reasons import Refused
from zusage.web.customers.models import Membership
from zusage.web.office.queries import policy_of
from zusage.web.review.models import Proposal, WavePlan
from zusage.web.review.queries import proposed_changes
from zusage.web.review.waves.actions import continue_waves
from zusage.web.review.waves.queries import in_order, monday_of, spread, weeks

AsRole = Callable[[str], Client]
WEEK = timedelta(days=7)


def reduction(number: str, adviser: str = "", cents: int = 0, **more: object) -> Proposal:
    return Proposal(
        unit_id=number, name=number, sort_key=number, members=[number], from_key="A", to_key="C", change="down",
        reduces=True, because="criteria", adviser=adviser, contribution_cents=cents, **more,
    )  # fmt: skip


@pytest.fixture
def three(office: SimpleNamespace) -> SimpleNamespace:
    """Three reductions of two advisers."""
    Proposal.objects.bulk_create(
        [
            reduction(CARO, "Ina", -500, run=office.run),
            reduction(DORO, "Ina", -900, run=office.run),
            reduction(EMIL, "Uwe", 300, run=office.run),
        ]
    )
    return office


def next_monday() -> date:
    return monday_of(timezone.localdate()) + WEEK


def plan(client: Client, per_week: int = 2, first_on: date | None = None, version: int = 0) -> int:
    given = {"per_week": per_week, "first_on": (first_on or next_monday()).isoformat(), "version": version}
    return client.post("/review/waves/plan/", given).status_code


def heading(client: Client, address: str = "/review/waves/") -> str:
    found = re.search(r"<h1>(.*?)</h1>", client.get(address).content.decode(), re.DOTALL)
    assert found
    return unescape(found[1]).strip()


def waves() -> dict[str, date | None]:
    return dict(Proposal.objects.values_list("unit_id", "wave_on"))


def test_advisers_take_turns_and_who_brings_least_comes_first() -> None:
    given_ones = [reduction("1", "Ina", 5), reduction("2", "Uwe", 9), reduction("3", "Ina", -5), reduction("4", "Ina")]
    found = in_order(given_ones)
    assert [item.unit_id for item in found] == ["3", "2", "4", "1"]


def test_weeks_in_which_the_firm_is_closed_are_left_out() -> None:
    closed = "opening:\n  closures: [{first: 2026-12-21, last: 2027-01-03}]\nactivities:"
    found = weeks(changed(("activities:", closed)), date(2026, 12, 14))
    assert [next(found) for _ in range(3)] == [date(2026, 12, 14), date(2027, 1, 4), date(2027, 1, 11)]


def test_nobody_is_put_into_a_week_that_is_full() -> None:
    monday = date(2026, 11, 30)
    found = spread([reduction("1"), reduction("2")], changed(), 2, monday, Counter({monday: 1}))
    assert [day for _, day in found] == [monday, monday + WEEK]


@given(st.integers(0, 30), st.integers(1, 5), st.integers(0, 8), st.integers(0, 5))
def test_each_reduction_has_its_week_or_the_plan_is_refused(size: int, per_week: int, count: int, taken: int) -> None:
    monday, waiting = date(2026, 11, 30), [reduction(str(number)) for number in range(size)]
    full = Counter({monday: min(taken, per_week)})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("zusage.web.review.waves.queries.WEEKS_AHEAD", count)
        places = max(0, count * per_week - (full[monday] if count else 0))
        if places < size:
            with pytest.raises(Refused) as refused:
                spread(waiting, changed(), per_week, monday, full)
            assert [item.reason.code for item in refused.value.findings] == ["waves_too_few"]
            return
        found = spread(waiting, changed(), per_week, monday, full)
    assert [item for item, _ in found] == waiting
    held = full + Counter(day for _, day in found)
    assert max(held.values(), default=0) <= per_week


def test_a_plan_too_slow_for_all_is_refused_and_nothing_of_it_stays(
    three: SimpleNamespace, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zusage.web.review.waves.queries.WEEKS_AHEAD", 2)
    client, monday = as_role("owner"), next_monday()
    given = {"per_week": 1, "first_on": monday.isoformat(), "version": 0}
    answer = client.post("/review/waves/plan/", given)
    assert (answer.status_code, WavePlan.objects.count(), set(waves().values())) == (422, 0, {None})
    wrong = "Von 3 Rückstufungen finden bei 1 je Woche nur 2 einen Platz in den planbaren Wochen."
    assert wrong in answer.content.decode()


def test_reductions_of_a_run_that_find_no_week_are_said(
    three: SimpleNamespace, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_role("owner")
    plan(client, per_week=1)
    before = waves()
    monkeypatch.setattr("zusage.web.review.waves.queries.WEEKS_AHEAD", 1)
    Proposal.objects.bulk_create([reduction(ALMA, run=three.run)])
    continue_waves(run=three.run, policy=policy_of(three.version), today=timezone.localdate())
    assert waves() == before | {ALMA: None}
    assert "In keiner Woche eingeplant: 1." in client.get("/review/waves/").content.decode()


def test_the_owner_plans_and_the_page_says_when_all_are_through(three: SimpleNamespace, as_role: AsRole) -> None:
    client, monday = as_role("owner"), date(2099, 1, 5)
    assert heading(client) == "Die Rückstufungen sind noch nicht auf Wochen verteilt."
    assert plan(client, first_on=monday) == 302
    assert waves() == {DORO: monday, EMIL: monday, CARO: monday + WEEK}
    assert heading(client) == "Bei 2 je Woche sind alle am 16.01.2099 durch."


def test_only_a_monday_ahead_begins_a_plan(three: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("owner")
    assert [plan(client, first_on=day) for day in (next_monday() + timedelta(1), date(2020, 1, 6))] == [422, 422]
    assert WavePlan.objects.count() == 0


def test_of_two_plans_the_second_sees_the_first(three: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("owner")
    assert [plan(client, 2), plan(client, 3), plan(client, 3, version=1)] == [302, 409, 302]
    assert WavePlan.objects.get().version == 2


def test_advisers_see_the_weeks_and_plan_none(three: SimpleNamespace, as_role: AsRole) -> None:
    assert plan(as_role("adviser")) == 403
    assert as_role("auditor").get("/review/waves/").status_code == 200


def test_what_is_behind_is_said(three: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("owner")
    plan(client)
    Proposal.objects.filter(unit_id=DORO).update(wave_on=next_monday() - 2 * WEEK)
    assert heading(client).split(". ")[1] == "Offen aus früheren Wochen: 1."


def test_this_weeks_wave_stands_first_in_the_list(three: SimpleNamespace, as_role: AsRole) -> None:
    client, this_week = as_role("owner"), monday_of(timezone.localdate())
    plan(client)
    for number, monday in ((CARO, this_week), (DORO, this_week - WEEK), (EMIL, this_week + WEEK)):
        Proposal.objects.filter(unit_id=number).update(wave_on=monday)
    page = client.get("/review/?part=down").content.decode()
    assert re.findall(r'<a href="/review/\d+/">([^<]+)</a>', page) == [CARO, DORO, EMIL]


def test_the_first_day_follows_from_wave_notice_and_grace(three: SimpleNamespace, as_role: AsRole) -> None:
    client, monday = as_role("owner"), next_monday()
    plan(client)
    client.post("/review/waves/grace/", {"wave_on": monday.isoformat(), "days": "14"})
    first, found = monday + timedelta(days=44), Proposal.objects.get(unit_id=DORO)
    page = client.get(f"/review/{found.pk}/").content.decode()
    assert re.findall(r'name="effective_on" value="(.*?)"', page) == [first.isoformat()]
    given = {"which": "confirm", "reason": "Besprochen", "version": 1, "effective_on": first.isoformat()}
    client.post(f"/review/{found.pk}/", given)
    found.refresh_from_db()
    assert (found.announced_on, found.effective_on) == (monday, first)


def test_a_new_run_keeps_the_waves_and_puts_new_ones_at_the_end(three: SimpleNamespace, as_role: AsRole) -> None:
    plan(as_role("owner"))
    before = waves()
    run = three.run
    run.pk, run.published = None, False
    run.save()
    Proposal.objects.bulk_create([reduction(number, "Aaron", run=run) for number in (ALMA, CARO, DORO, EMIL)])
    continue_waves(run=run, policy=policy_of(three.version), today=timezone.localdate())
    after = dict(Proposal.objects.filter(run=run).values_list("unit_id", "wave_on"))
    assert after == before | {ALMA: next_monday() + WEEK}


def test_proposals_are_filtered_by_what_stands_in_the_address(three: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("owner")
    asked = {"": 3, "&adviser=Ina": 2, "&least=0": 1, "&most=-6": 1, "&from_key=A&to_key=C": 3, "&q=Probe": 1}
    found = {
        query: len(re.findall(r'<a href="/review/\d+/">', client.get(f"/review/?part=down{query}").content.decode()))
        for query in asked
    }
    assert found == asked


def test_each_choice_says_how_many_there_are(three: SimpleNamespace, as_role: AsRole) -> None:
    page = as_role("owner").get("/review/?part=down&adviser=Ina").content.decode()
    assert re.findall(r"<option[^>]*>(\w+ \(\d\))</option>", page) == [
        "Premium (3)", "Klassik (3)", "Ina (2)", "Uwe (1)", "Kriterien (3)",
    ]  # fmt: skip
    assert "2 von 3 entsprechen der Auswahl." in page


def test_the_criteria_that_decide_are_kept_with_a_proposal(office: SimpleNamespace) -> None:
    made = {item.unit_id: item.criteria for item in first_of(office)}
    assert made[ALMA].split("|")[1] == "yield"


def first_of(office: SimpleNamespace) -> list[Proposal]:
    Membership.objects.all().delete()
    return list(proposed_changes(office.run, office.policy, timezone.localdate()))

"""Times and hours of a draft: each field edits its text, measured times can be taken over, the figures follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import people
from tests.web.services.conftest import NOW
from zusage.ground.reasons import Reason
from zusage.policy.edit import Put, change
from zusage.policy.read import read_policy_text
from zusage.web.office.models import Absence
from zusage.web.services.actions import edit_draft, undo_step
from zusage.web.services.hours.forms import figures_of, whose, written
from zusage.web.services.models import Draft, DraftStep
from zusage.web.services.queries import read_draft

ROLE = "resources.roles.owner"
HTMX = {"HX-Request": "true"}


def fields(html: str) -> dict[str, str]:
    """The fields of a page with what stands in them."""
    found = re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


def post(client: Client, draft: Draft, htmx: bool = True, **typed: str) -> tuple[int, str]:
    sent = {"version": draft.version} | {name.replace("__", "."): value for name, value in typed.items()}
    answer = client.post(f"/services/{draft.pk}/hours/", sent, headers=HTMX if htmx else {})
    return answer.status_code, unescape(answer.content.decode())


def role(draft: Draft) -> object:
    return read_draft(Draft.objects.get(pk=draft.pk)).policy.roles[0]


def test_the_page_shows_each_figure_as_people_write_it(draft: Draft, as_role: Callable[[str], Client]) -> None:
    html = as_role("owner").get(f"/services/{draft.pk}/hours/").content.decode()
    found = fields(html)
    assert {name: found[f"{ROLE}.{name}"] for name in ("imputed_wage", "weekly_hours", "weeks", "practical_share")} == {
        "imputed_wage": "96.000",
        "weekly_hours": "40",
        "weeks": "50",
        "practical_share": "40",
    }
    assert (found["activities.call.minutes"], found["activities.call.around"]) == ("6", "4")
    assert (found["resources.travel.per_km"], found["resources.base_cost"]) == ("0,50", "10")
    # 96,000 € ÷ (40 h × 50 weeks × 40 %) = 120 € an hour
    assert f'<span id="rate-owner">{120}\xa0€</span>' in html
    assert "Gebraucht werden" in html


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("weekly_hours", "38:30", ("weekly_seconds", 38 * 3600 + 1800)),
        ("weekly_hours", "38,5", ("weekly_seconds", 38 * 3600 + 1800)),
        ("weeks", "44,5", ("weeks_milli", 44_500)),
        ("practical_share", "42,5 %", ("practical_permille", 425)),
        ("people", "1,5", ("people_milli", 1500)),
        ("internal_hours", "1:20", ("internal_seconds", 4800)),
    ],
)
def test_a_field_edits_the_draft(
    draft: Draft, as_role: Callable[[str], Client], name: str, typed: str, value: tuple[str, int]
) -> None:
    status, _ = post(as_role("owner"), draft, **{f"{ROLE}.{name}": typed})
    assert (status, getattr(role(draft), value[0])) == (200, value[1])
    assert Draft.objects.get().version == 2


def test_each_figure_of_the_page_is_edited_alone_and_named_in_what_undoes_it(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    owner, policy = as_role("owner"), read_draft(draft).policy
    fields = figures_of(draft.text, policy, NOW.date(), "de")
    assert {"resources.base_cost", "capacity.utilisation", "capacity.kept"} <= fields.keys()
    for name, figure in fields.items():
        number = "1" if figure.text == "0" else "0" if figure.what == "around" else "2"
        typed = "60 %" if figure.unit == "share" else number
        status, _ = post(owner, Draft.objects.get(), **{name: typed})
        assert status == 200, name
        step = DraftStep.objects.order_by("pk").last()
        assert step is not None
        assert step.values["name_de"] == whose(figure, policy, "de"), name
        now = Draft.objects.get()
        undo_step(draft=now, version=now.version, by=now.made_by, now=NOW)
        assert Draft.objects.get().text == draft.text, name


def test_an_edit_answers_with_the_figures_it_moves(draft: Draft, as_role: Callable[[str], Client]) -> None:
    status, html = post(as_role("owner"), draft, **{f"{ROLE}.imputed_wage": "108.000"})
    assert status == 200
    assert '<span id="rate-owner" hx-swap-oob="true">135\xa0€</span>' in html
    assert 'data-version="2" hx-swap-oob="true"' in html
    assert 'id="hours-foot" aria-live="polite" hx-swap-oob="true"' in html
    assert "Unternehmerlohn im Jahr geändert (owner)" in html


def test_undoing_brings_the_same_text_back(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    post(as_role("owner"), draft, **{"activities.call.minutes": "7,5"})
    assert "minutes: 7.5" in Draft.objects.get().text
    undo_step(draft=Draft.objects.get(), version=2, by=office.owner, now=draft.made_at)
    assert (Draft.objects.get().text, Draft.objects.get().hash) == (draft.text, draft.hash)


@pytest.mark.parametrize(
    ("name", "typed", "text"),
    [
        (f"{ROLE}.practical_share", "140", "mehr als"),
        (f"{ROLE}.weekly_hours", "viel", "viel"),
        ("activities.call.minutes", "-3", "-3"),
    ],
)
def test_a_refused_figure_says_why_at_its_field_and_changes_nothing(
    draft: Draft, as_role: Callable[[str], Client], name: str, typed: str, text: str
) -> None:
    for htmx in (True, False):
        status, html = post(as_role("owner"), draft, htmx, **{name: typed})
        assert status == 422
        slot = re.search(rf'<span id="said-{name.replace(".", "-")}"[^>]*>(.*?)</span></span>', html)
        assert slot is not None
        assert 'class="error-text"' in slot[1]
        assert htmx or fields(html)[name] == typed
    assert (Draft.objects.get().text, Draft.objects.get().version, DraftStep.objects.count()) == (draft.text, 1, 0)


def test_whoever_is_second_sees_both_figures_and_loses_nothing(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    change_to = [Put(("resources", "roles", "owner", "weeks"), 45)]
    edit_draft(draft=draft, version=1, changes=change_to, what=Reason("hours_did_several", {"edits_count": 1}),
               by=office.adviser, now=draft.made_at)  # fmt: skip
    owner = as_role("owner")
    sent = {f"{ROLE}.weeks": "46", f"was-{ROLE}.weeks": "50", f"{ROLE}.people": "1", f"was-{ROLE}.people": "1"}
    status, html = post(owner, draft, htmx=False, **sent)
    assert (status, fields(html)[f"{ROLE}.weeks"]) == (409, "46")
    assert "Jetzt steht dort: 45" in html
    assert "Adviser hat diesen Entwurf inzwischen geändert" in html
    # the page now speaks of the second version: saved again, what was typed holds, and nothing else is touched
    again = {f"{ROLE}.weeks": "46", f"was-{ROLE}.weeks": "45"}
    status, _ = post(owner, Draft.objects.get(), htmx=False, **again)
    assert (status, role(draft).weeks_milli) == (302, 46_000)


def test_whoever_is_second_while_typing_keeps_what_was_typed_and_sees_the_other_figure(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    post(as_role("adviser"), draft, **{f"{ROLE}.weeks": "45"})
    status, html = post(as_role("owner"), draft, **{f"{ROLE}.weeks": "46"})
    assert status == 409
    slot = re.search(r'<span id="said-resources-roles-owner-weeks"[^>]*>(.*?)</span></span>', html)
    assert slot is not None
    assert "Jetzt steht dort: 45" in slot[1]
    assert 'data-version="2" hx-swap-oob="true"' in html  # sent again, it holds
    assert read_draft(Draft.objects.get()).policy.roles[0].weeks_milli == 45_000


def test_fields_that_were_not_touched_are_not_written(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    found = fields(owner.get(f"/services/{draft.pk}/hours/").content.decode())
    status, _ = post(owner, draft, htmx=False, **found)
    assert (status, Draft.objects.get().text) == (302, draft.text)
    post(owner, draft, htmx=False, **found | {"capacity.utilisation": "85", "resources.overhead": "12.500,50"})
    policy = read_draft(Draft.objects.get()).policy
    assert (policy.utilisation_permille, policy.overhead.on(people.TODAY)) == (850, 1_250_050)
    assert DraftStep.objects.get().code == "hours_did_several"


def test_an_assumption_is_called_one_until_somebody_knows(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    assert 'class="assumed"' in owner.get(f"/services/{draft.pk}/hours/").content.decode()
    post(owner, draft, **{"was-activities.call.assumed": "yes"})  # the tick was taken off
    assert [item.assumed for item in read_draft(Draft.objects.get()).policy.activities] == [False, True, True]


def test_a_measured_time_stands_beside_the_assumed_one_and_can_be_taken_over(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    html = unescape(owner.get(f"/services/{draft.pk}/hours/").content.decode())
    assert "meist um 6 Min. (Median), im Mittel 6; neun von zehn zwischen 6 und 6; 10 Einträge" in html
    answer = owner.post(f"/services/{draft.pk}/hours/measured/", {"activity": "call", "version": 1})
    assert answer.status_code == 302
    item = read_draft(Draft.objects.get()).policy.activities[0]
    assert (item.seconds, item.assumed) == (360, False)
    assert owner.post(f"/services/{draft.pk}/hours/measured/", {"activity": "visit", "version": 2}).status_code == 404
    assert owner.post(f"/services/{draft.pk}/hours/measured/", {"activity": "call", "version": 1}).status_code == 409


def test_absences_of_this_year_are_held_against_the_planned_weeks(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    Absence.objects.create(user=office.owner, first_on=date(2026, 8, 3), last_on=date(2026, 8, 14))
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: people.TODAY)
    html = unescape(as_role("owner").get(f"/services/{draft.pk}/hours/").content.decode())
    # 253 working days in Saxony in 2026, ten of them away: 48.6 weeks
    assert "10 Arbeitstage eingetragen; danach bleiben je Person 48,6 Arbeitswochen, geplant sind 50" in html


@pytest.mark.parametrize("absences", [1, 3])
def test_the_page_takes_the_same_number_of_queries_for_one_absence_and_for_three(
    office: SimpleNamespace,
    draft: Draft,
    as_role: Callable[[str], Client],
    absences: int,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for day in range(absences):
        Absence.objects.create(user=office.owner, first_on=date(2026, 8, 3 + day), last_on=date(2026, 8, 3 + day))
    owner = as_role("owner")
    owner.get(f"/services/{draft.pk}/hours/")  # the plan is reckoned once
    with django_assert_max_num_queries(25):
        owner.get(f"/services/{draft.pk}/hours/")


def test_auditors_read_and_assistants_do_not(draft: Draft, as_role: Callable[[str], Client]) -> None:
    for role, status in {"auditor": 200, "assistant": 403}.items():
        assert as_role(role).get(f"/services/{draft.pk}/hours/").status_code == status
        assert post(as_role(role), draft, **{f"{ROLE}.weeks": "40"})[0] == 403
    assert post(as_role("adviser"), draft, **{f"{ROLE}.weeks": "50"})[0] == 200
    assert Draft.objects.get().version == 1


def test_without_a_book_the_page_says_what_is_missing(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    office.run.published = False
    office.run.save()
    html = as_role("owner").get(f"/services/{draft.pk}/hours/", headers={"Accept-Language": "en"}).content.decode()
    assert "Es gibt keinen Bestand" in html


def test_a_figure_that_changes_on_a_day_is_edited_in_the_step_that_holds_today() -> None:
    text = people.POLICY.replace("imputed_wage: 96000", "imputed_wage: {2025-01-01: 90000, 2026-01-01: 96000}")
    policy = read_policy_text(text).policy
    found = figures_of(text, policy, people.TODAY, "de")
    figure = found[f"{ROLE}.imputed_wage.2026-01-01"]
    assert (figure.text, figure.what) == ("96.000", "imputed_wage")
    after = read_policy_text(change(text, [written(figure, "99.000", "de")])).policy.roles[0]
    assert [after.yearly_cost.on(date(year, 6, 1)) for year in (2025, 2026)] == [9_000_000, 9_900_000]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("resources:\n  roles:", "x: &wage 96000\nresources:\n  roles:"),
        ("resources:\n  roles:", "'resources':\n  roles:"),
    ],
)
def test_costs_are_read_wherever_they_are_written(old: str, new: str) -> None:
    text = people.POLICY.replace(old, new)
    text = text.replace("imputed_wage: 96000", "imputed_wage: *wage") if "&wage" in text else text
    policy = read_policy_text(people.POLICY).policy
    found = figures_of(text, policy, people.TODAY, "en")
    assert found[f"{ROLE}.imputed_wage"].text == "96,000"


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_what_a_page_shows_of_a_figure_is_read_back_as_the_same(data: st.DataObject) -> None:
    spoken = data.draw(st.sampled_from(["de", "en"]))
    policy = read_policy_text(people.POLICY).policy
    figure = data.draw(st.sampled_from([*figures_of(people.POLICY, policy, people.TODAY, spoken).values()]))
    text = change(people.POLICY, [written(figure, figure.text, spoken)])
    assert read_policy_text(text).policy.hash == policy.hash


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 60 * 600), st.integers(1, 168 * 60), st.integers(1, 1000), st.integers(0, 10**9))
def test_any_figure_comes_back_to_the_second_and_the_cent(seconds: int, minutes: int, share: int, cents: int) -> None:
    text = change(
        people.POLICY,
        [
            Put(("activities", "call", "minutes"), f"{seconds // 3600}:{seconds // 60 % 60:02d}"),
            Put(("resources", "roles", "owner", "weekly_hours"), f"{minutes // 60}:{minutes % 60:02d}"),
            Put(("resources", "roles", "owner", "practical_share"), f"{share / 10} %"),
            Put(("resources", "overhead"), cents / 100),
        ],
    )
    policy = read_policy_text(text).policy
    for spoken in ("de", "en"):
        found = figures_of(text, policy, people.TODAY, spoken).values()
        again = change(text, [written(figure, figure.text, spoken) for figure in found])
        assert read_policy_text(again).policy.hash == policy.hash

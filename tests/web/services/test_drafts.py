"""Drafts of the service model: one way to edit them, nothing half written, nothing lost to somebody faster."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client

from tests import people
from tests.web.conftest import CLASSES, book_tables
from tests.web.services.conftest import NOW
from zusage import engine
from zusage.ground.reasons import Reason, Refused
from zusage.plan import PREVIOUS, make_plan
from zusage.policy.edit import Drop, Put
from zusage.policy.read import read_policy_text
from zusage.web.bridge.checking import movers
from zusage.web.bridge.cuts import moving
from zusage.web.bridge.moves import move
from zusage.web.office.actions import Overtaken
from zusage.web.office.models import PolicyVersion, User
from zusage.web.review.queries import former_classes
from zusage.web.services.actions import edit_draft, open_draft, undo_step
from zusage.web.services.models import Draft, DraftStep
from zusage.web.services.queries import did, read_draft, trial_of

CALLBACK = Put(("matrix", "callback", "C"), "within 2 workdays")
WHAT = Reason("services_new")


def edited(draft: Draft, by: User, *changes: Put | Drop, version: int | None = None) -> Draft:
    return edit_draft(
        draft=draft, version=draft.version if version is None else version, changes=changes, what=WHAT, by=by, now=NOW
    )


def test_an_edit_is_in_the_text_and_undoing_it_brings_back_the_same_text(office: SimpleNamespace, draft: Draft) -> None:
    after = edited(draft, office.owner, CALLBACK)
    promise = next(item for item in read_draft(after).policy.promises_of("C") if item.service == "callback")
    assert (promise.mode, promise.number, after.version) == ("within_workdays", 2, 2)
    undo_step(draft=after, version=2, by=office.owner, now=NOW)
    back = Draft.objects.get(pk=draft.pk)
    assert (back.text, back.hash, back.version) == (office.version.text, office.version.hash, 3)


def test_an_edit_that_would_break_the_service_model_is_refused_and_leaves_no_trace(
    office: SimpleNamespace, draft: Draft
) -> None:
    with pytest.raises(Refused) as refused:
        edited(draft, office.owner, Put(("classes", "best_first", "A", "when"), {"age": 60}))
    assert [item.reason.code for item in refused.value.findings] == ["policy_refused_age"]
    found = Draft.objects.get(pk=draft.pk)
    assert (found.text, found.version, DraftStep.objects.count()) == (draft.text, 1, 0)


def test_the_floor_cannot_be_taken_from_a_class(office: SimpleNamespace, draft: Draft) -> None:
    with pytest.raises(Refused):
        edited(draft, office.owner, Put(("matrix", "advice"), {"C": "none"}))
    assert Draft.objects.get(pk=draft.pk).text == draft.text


def test_of_two_people_the_second_is_told_who_was_faster(office: SimpleNamespace, draft: Draft) -> None:
    edited(draft, office.owner, CALLBACK)
    with pytest.raises(Overtaken) as overtaken:
        edited(draft, office.adviser, Put(("matrix", "callback", "B"), "same_day"), version=1)
    assert (overtaken.value.current.version, overtaken.value.current.changed_by) == (2, office.owner)


def test_nothing_changed_is_no_step(office: SimpleNamespace, draft: Draft) -> None:
    edited(draft, office.owner, Drop(("matrix", "callback", "nobody")))
    assert not DraftStep.objects.exists()


def test_a_draft_is_reckoned_as_the_command_line_reckons_it(office: SimpleNamespace, draft: Draft) -> None:
    after = edited(draft, office.owner, Put(("classes", "best_first", "A", "when"), {"yield": 1000}))
    trial = trial_of(read_draft(after).policy, people.TODAY)
    assert trial is not None
    former = [*former_classes(people.TODAY)]
    previous = engine.table({name: [row[name] for row in former] for name in PREVIOUS}, PREVIOUS)
    plan = make_plan(book_tables(), read_policy_text(after.text).policy, not_after=people.TODAY, previous=previous)
    assert engine.rows(trial.memberships) == engine.rows(plan.memberships)
    assert (trial.classes, trial.hours) == (plan.classes, plan.hours)


def test_a_class_with_another_key_moves_nobody_and_reductions_from_it_are_reductions(
    office: SimpleNamespace, draft: Draft
) -> None:
    pieces = (("B: {name", "K: {name"), ("B: next_workday", "K: next_workday"), ("B: on_request", "K: on_request"))
    before, after = trial_of(office.policy, NOW.date()), trial_of(people.changed(*pieces), NOW.date())
    assert before is not None
    assert after is not None
    assert [*movers(before, after)] == []
    assert moving(after, office.policy) == []
    assert moving(after, office.policy, CLASSES) == []
    assert [move(before.policy, after.policy, *keys) for keys in (("B", "K"), ("K", "C"), ("K", "A"), ("C", "K"))] == [
        "level", "down", "up", "up",
    ]  # fmt: skip


def test_the_owner_begins_a_draft_and_the_auditor_only_looks(
    office: SimpleNamespace, kept: None, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    answer = owner.post("/services/new/", {"base": office.version.pk})
    draft = Draft.objects.get()
    assert answer.headers["Location"] == f"/services/{draft.pk}/matrix/"
    assert "Entwurf von Owner" in owner.get("/services/").content.decode()
    assert as_role("auditor").get("/services/").content.decode().count("Entwurf beginnen") == 0
    owner.post(f"/services/{draft.pk}/drop/", {"version": draft.version})
    assert Draft.objects.get().state == "dropped"
    assert owner.get(f"/services/{draft.pk}/matrix/").status_code == 404


def test_a_draft_discarded_by_mistake_is_taken_up_again_with_its_steps(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    faster = Put(("matrix", "callback", "C"), "same_day")
    edit_draft(draft=draft, version=1, changes=[faster], what=Reason("services_new"), by=office.owner, now=NOW)
    owner.post(f"/services/{draft.pk}/drop/", {"version": 2})
    assert "Verworfene Entwürfe" in owner.get("/services/").content.decode()
    assert "Verworfene Entwürfe" not in as_role("auditor").get("/services/").content.decode()
    assert as_role("assistant").post(f"/services/{draft.pk}/restore/").status_code == 403
    answer = owner.post(f"/services/{draft.pk}/restore/")
    assert answer.headers["Location"] == f"/services/{draft.pk}/matrix/"
    found = Draft.objects.get()
    assert (found.state, found.version, found.steps.count()) == ("open", 4, 1)
    assert owner.post(f"/services/{draft.pk}/restore/").status_code == 404
    assert "Verworfene Entwürfe" not in owner.get("/services/").content.decode()


def test_a_stale_undo_changes_nothing_and_says_who_was_faster(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    after = edited(draft, office.owner, CALLBACK)
    sent = {"version": 1, "next": "//evil.example/"}
    answer = as_role("owner").post(f"/services/{draft.pk}/undo/", sent, follow=True)
    assert answer.redirect_chain == [(f"/services/{draft.pk}/matrix/", 302)]
    assert "Owner hat diesen Entwurf inzwischen geändert" in answer.content.decode()
    assert Draft.objects.get().text == after.text


@pytest.mark.parametrize(
    ("page", "fields", "german", "english"),
    [
        (
            "classes/",
            {"do": "cut", "node": "classes.best_first.B.when.yield", "from": "200,50", "stay": "100"},
            "Komfort: Ertrag im Jahr ab 200,50\xa0€",
            "Komfort: Yield a year from €200.50",
        ),
        (
            "classes/",
            {"do": "household", "household": "single"},
            "Jeder Kunde für sich eingestuft",
            "Each customer classified alone",
        ),
        (
            "matrix/cell/",
            {"row": "callback", "class": "C", "mode": "same_day"},
            "Rückruf für Klassik",
            "Rückruf for Klassik",
        ),
        ("hours/", {"activities.call.minutes": "7"}, "Dauer geändert (call)", "Time changed (call)"),
    ],
)
def test_what_undoing_takes_back_is_said_in_the_readers_language(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client],
    page: str, fields: dict[str, str], german: str, english: str,
) -> None:  # fmt: skip
    owner = as_role("owner")
    owner.post(f"/services/{draft.pk}/{page}", {**fields, "version": 1})
    step = DraftStep.objects.get()
    assert did(step, "de") == german
    assert did(step, "en") == english
    office.owner.language = "en"
    office.owner.save()
    assert english in unescape(owner.get(f"/services/{draft.pk}/matrix/").text)
    sent = {"version": 2, "next": f"/services/{draft.pk}/matrix/"}
    assert english in unescape(owner.post(f"/services/{draft.pk}/undo/", sent, follow=True).text)


def test_a_text_that_cannot_be_read_does_not_become_a_draft(office: SimpleNamespace) -> None:
    with pytest.raises(Refused):
        open_draft(text="zusage: 1", base=PolicyVersion.objects.get(), by=office.owner, now=NOW)
    assert not Draft.objects.exists()

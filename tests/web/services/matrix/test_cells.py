"""The cells of the matrix: edited in place, refused at the field, with hours and euro of each line in view."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests import people
from tests.web.services.conftest import NOW
from zusage.cost.accounts import RATE_UNIT
from zusage.ground.money import half_up
from zusage.ground.reasons import Reason
from zusage.policy.edit import Drop, Put
from zusage.web.services.actions import edit_draft, undo_step
from zusage.web.services.matrix.queries import matrix_of
from zusage.web.services.models import Draft, DraftStep
from zusage.web.services.queries import read_draft

HTMX = {"HX-Request": "true"}


def text_of(answer: HttpResponse) -> str:
    html = re.sub(r"<(style|script).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").strip()


def promised(draft: Draft, service: str, class_key: str) -> Any:
    policy = read_draft(Draft.objects.get(pk=draft.pk)).policy
    return next((item for item in policy.promises_of(class_key) if item.service == service), None)


def save(
    client: Client, draft: Draft, row: str, key: str, *, version: int | None = None, **fields: Any
) -> HttpResponse:
    sent = {"row": row, "class": key, "version": draft.version if version is None else version} | fields
    return client.post(f"/services/{draft.pk}/matrix/cell/", sent, headers=HTMX)


def test_rows_stand_by_kind_and_a_cell_is_a_sentence(draft: Draft, as_role: Callable[[str], Client]) -> None:
    shown = text_of(as_role("auditor").get(f"/services/{draft.pk}/matrix/"))
    places = [
        shown.index(word) for word in ("Grundleistungen", "Beratung", "Standard", "Rückruf", "Exklusiv", "Jahrescheck")
    ]
    assert places == sorted(places)
    assert "fest inbegriffen" in shown
    assert "fest zugesagt, einmal im Jahr" in shown


def test_a_cell_is_edited_in_its_place(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    path = f"/services/{draft.pk}/matrix/cell/?row=callback&class=C"
    form = owner.get(path, headers=HTMX).content.decode()
    assert "<html" not in form
    assert 'name="number"' not in form
    assert "Leer heißt: „Rückruf: Wir melden uns am nächsten Arbeitstag bei Ihnen.“" in form
    swapped = owner.get(f"{path}&mode=within_workdays&wording_de=Gleich", headers=HTMX).content.decode()
    assert ('name="number"' in swapped, "Gleich" in swapped) == (True, True)
    answer = save(owner, draft, "callback", "C", mode="within_workdays", number="3", wording_de="Binnen drei Tagen.")
    assert answer.status_code == 200
    assert "innerhalb von 3 Arbeitstagen" in text_of(answer)
    assert 'id="draft-state"' in answer.content.decode()
    found = promised(draft, "callback", "C")
    assert (found.mode, found.number, found.wording.de) == ("within_workdays", 3, "Binnen drei Tagen.")
    after = Draft.objects.get(pk=draft.pk)
    undo_step(draft=after, version=after.version, by=after.changed_by, now=NOW)
    assert Draft.objects.get(pk=draft.pk).hash == draft.hash


def test_a_sentence_that_says_something_else_than_its_cell_is_named_in_its_row(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    answer = save(
        owner, draft, "callback", "C", mode="within_workdays", number="3", wording_de="Binnen fünf Arbeitstagen."
    )
    told = (
        "„Binnen fünf Arbeitstagen.“ sagt „Binnen fünf Arbeitstagen“; zugesagt ist aber: innerhalb von 3 Arbeitstagen. "
        "Bitte ändern Sie den Satz oder die Zusage."
    )
    assert told in text_of(answer)
    for page in ("matrix", "check"):
        assert told in text_of(owner.get(f"/services/{draft.pk}/{page}/"))


def test_without_scripts_the_cell_has_a_page_of_its_own(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner, path = as_role("owner"), f"/services/{draft.pk}/matrix/cell/"
    assert "<html" in owner.get(path, {"row": "callback", "class": "C"}).content.decode()
    asked = {"row": "callback", "class": "C", "mode": "within_workdays", "alone": "1"}
    swapped = owner.get(path, asked, headers=HTMX).content.decode()
    assert ('name="number"' in swapped, "hx-post" in swapped) == (True, False)  # it is sent as a form
    answer = owner.post(path, {"row": "callback", "class": "C", "version": 1, "mode": "same_day"})
    assert answer.headers["Location"] == f"/services/{draft.pk}/matrix/#callback--C"
    assert promised(draft, "callback", "C").mode == "same_day"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mode": "within_workdays"}, "Bitte angeben."),
        ({"mode": "within_workdays", "number": "0"}, "ganze Zahl von 1 bis 366"),
        (
            {"mode": "windows", "weekdays": ["tue"], "opens": "16:00", "closes": "14:00"},
            "Das Ende muss nach dem Beginn",
        ),
        ({"mode": "windows", "weekdays": ["sun"], "opens": "14:00", "closes": "16:00"}, "geöffnet"),
    ],
)
def test_a_refusal_stands_at_the_field_and_keeps_what_was_typed(
    draft: Draft, as_role: Callable[[str], Client], fields: dict[str, Any], said: str
) -> None:
    answer = save(as_role("owner"), draft, "callback", "C", wording_de="Mein Wortlaut", **fields)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Mein Wortlaut" in answer.content.decode()
    assert Draft.objects.get(pk=draft.pk).text == draft.text
    assert not DraftStep.objects.exists()


def test_a_better_class_without_anything_more_is_refused_by_its_name(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    assert save(as_role("owner"), draft, "annual_check", "B", mode="none").status_code == 422
    answer = save(as_role("owner"), draft, "annual_check", "B", mode="none")
    assert "So bekäme Komfort nichts, was Klassik nicht auch bekommt" in text_of(answer)


def test_who_was_overtaken_sees_both_and_can_save_again(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    faster = Put(("matrix", "callback", "C"), "same_day")
    edit_draft(draft=draft, version=1, changes=[faster], what=Reason("services_new"), by=office.owner, now=NOW)
    answer = save(as_role("adviser"), draft, "callback", "C", version=1, mode="within_workdays", number="2")
    shown = text_of(answer)
    assert answer.status_code == 409
    assert "Owner hat diesen Entwurf inzwischen geändert" in shown
    assert "So steht es jetzt: am selben Arbeitstag" in shown
    assert 'value="2"' in answer.content.decode()
    assert (
        save(as_role("adviser"), draft, "callback", "C", version=2, mode="within_workdays", number="2").status_code
        == 200
    )
    assert promised(draft, "callback", "C").number == 2


@pytest.mark.parametrize("path", [("services", "annual_check"), ("classes", "best_first", "B")])
def test_what_was_typed_for_something_taken_out_meanwhile_is_shown_once_more(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client], path: tuple[str, ...]
) -> None:
    gone = [Drop(path), Drop(("matrix", "annual_check")), Drop(("matrix", "callback", "B"))]
    edit_draft(draft=draft, version=1, changes=gone, what=Reason("services_new"), by=office.owner, now=NOW)
    sent = {"measure": "cadence", "mode": "guaranteed", "per_year": "2,5", "channels": ["phone", "video"]}
    for headers in (HTMX, {}):
        given = {"row": "annual_check", "class": "B", "version": 1, "wording_de": "Zweimal im Jahr."} | sent
        answer = as_role("adviser").post(f"/services/{draft.pk}/matrix/cell/", given, headers=headers)
        shown = text_of(answer)
        assert (answer.status_code, "Owner hat diesen Entwurf inzwischen geändert" in shown) == (409, True)
        for words in ("fest zugesagt", "2,5", "Telefon", "Zweimal im Jahr."):
            assert words in shown
    assert save(as_role("owner"), draft, "annual_check", "B", version=2, mode="none").status_code == 404


def test_a_service_taken_out_meanwhile_keeps_what_was_typed_of_it(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    path, what = ("services", "parking"), Reason("services_new")
    for version, change in (
        (1, Put(path, {"name": "Platz", "kind": "standard", "measure": "included"})),
        (2, Drop(path)),
    ):
        now = Draft.objects.get(pk=draft.pk)
        edit_draft(draft=now, version=version, changes=[change], what=what, by=office.owner, now=NOW)
    owner, sent = as_role("owner"), {"row": "parking", "version": 2, "name_de": "Stellplatz", "kind": "exclusive"}
    answer = owner.post(f"/services/{draft.pk}/matrix/service/", sent)
    assert (answer.status_code, "Stellplatz" in text_of(answer), "Exklusiv" in text_of(answer)) == (409, True, True)
    assert owner.post(f"/services/{draft.pk}/matrix/drop/", sent).status_code == 409


def test_the_floor_has_no_form(draft: Draft, as_role: Callable[[str], Client]) -> None:
    assert as_role("owner").get(f"/services/{draft.pk}/matrix/cell/?row=advice&class=C").status_code == 404
    assert save(as_role("owner"), draft, "advice", "C", mode="none").status_code == 404


def test_who_does_what(draft: Draft, as_role: Callable[[str], Client]) -> None:
    path = f"/services/{draft.pk}/matrix/"
    assert [as_role(role).get(path).status_code for role in ("owner", "adviser", "auditor", "assistant")] == [
        200,
        200,
        200,
        403,
    ]
    assert '<button class="cell"' not in as_role("auditor").get(path).content.decode()
    assert save(as_role("auditor"), draft, "callback", "C", mode="same_day").status_code == 403


def test_the_page_speaks_english_too(draft: Draft, office: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    type(office.owner).objects.filter(pk=office.owner.pk).update(language="en")
    owner = as_role("owner")
    shown = text_of(owner.get(f"/services/{draft.pk}/matrix/"))
    for words in ("firmly promised, once a year", "What customers ask for", "the same for every class"):
        assert words in shown
    refused = save(owner, draft, "callback", "C", mode="within_workdays", number="x")
    assert "Please enter a whole number from 1 to 366" in text_of(refused)


def test_a_page_of_more_services_asks_the_database_no_more_often(
    draft: Draft, office: SimpleNamespace, as_role: Callable[[str], Client], django_assert_num_queries: Any
) -> None:
    auditor, path = as_role("auditor"), f"/services/{draft.pk}/matrix/"
    more = [
        Put(("services", f"more_{number}"), {"name": "Mehr", "kind": "standard", "measure": "included"})
        for number in range(3)
    ]
    for changes in ([], more):
        now = Draft.objects.get(pk=draft.pk)
        edit_draft(
            draft=now, version=now.version, changes=changes, what=Reason("services_new"), by=office.owner, now=NOW
        )
        auditor.get(path)
        with django_assert_num_queries(8):
            auditor.get(path)


def test_before_the_first_import_the_matrix_has_no_hours(
    draft: Draft, office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    type(office.run).objects.update(published=False)
    shown = text_of(as_role("owner").get(f"/services/{draft.pk}/matrix/"))
    assert "Was jeder Klasse zugesagt ist" in shown
    assert "Es gibt noch keinen Bestand" in shown
    assert save(as_role("owner"), draft, "callback", "C", mode="same_day").status_code == 200


def test_a_venue_changes_what_the_annual_check_costs_too(draft: Draft, office: SimpleNamespace) -> None:
    today = people.TODAY
    before = matrix_of(read_draft(draft), today, "de").row("annual_check").margin
    venue = Put(("services", "venue"), {"name": "Ort", "kind": "standard", "measure": "venue", "promise": "office"})
    after = edit_draft(draft=draft, version=1, changes=[venue], what=Reason("services_new"), by=office.owner, now=NOW)
    margin = matrix_of(read_draft(after), today, "de").row("annual_check").margin
    assert before is not None
    assert margin is not None
    # one household of class A, once a year: 60 + 60 minutes; before also 10 km and back, at a minute and 50 cents each
    assert (before.seconds, margin.seconds) == (2 * 3600 + 20 * 60, 2 * 3600)
    rate = office.policy.role("owner").rate(today)
    assert margin.cents == half_up(2 * 3600 * rate, RATE_UNIT)
    assert before.cents == half_up((2 * 3600 + 20 * 60) * rate, RATE_UNIT) + 1000

"""Ten questions: cards with what each answer costs, and a draft that is complete at any time."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.web.services.conftest import NOW
from zusage.policy import template
from zusage.policy.questions import BY_KEY, QUESTIONS, answered, best_cut
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Draft
from zusage.web.services.queries import read_draft, read_text, trial_of
from zusage.web.services.questions.queries import answered_text, meanings

SECOND = {question.key: [*question.answers][1] for question in QUESTIONS} | {"best": "third", "annual_check": "twice"}
"""An answer to each question; of five customers a third is the least that can be the best, and the middle class must be
promised more than the last."""


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").strip()


@pytest.fixture
def broker(office: SimpleNamespace, kept: None) -> Draft:
    """A draft that begins as a broker's template."""
    return open_draft(text=template("abc", "de"), base=None, by=office.owner, now=NOW)


def test_who_answers_all_questions_has_a_complete_draft(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner, path = as_role("owner"), f"/services/{broker.pk}/questions/"
    begin = owner.get(path).content.decode()
    address = re.findall(r'<a class="button primary" href="([^"]+)"', begin)[0]
    for question in QUESTIONS:
        assert address == f"{path}{question.key}/"
        draft = Draft.objects.get(pk=broker.pk)
        answer = owner.post(address, {"answer": SECOND[question.key], "version": draft.version})
        address = answer.headers["Location"]
    assert address == f"{path}?done=1"
    assert "der Entwurf ist vollständig" in owner.get(address).content.decode()
    policy = read_draft(Draft.objects.get(pk=broker.pk)).policy
    given = {question.key: answered(policy, question) for question in QUESTIONS if question.key != "best"}
    assert given == {key: answer for key, answer in SECOND.items() if key != "best"}
    assert "eigene Festlegung" in owner.get(path).content.decode()  # the size of the best class is a cut of its own


def test_no_answer_leaves_the_draft_as_it_is(broker: Draft, as_role: Callable[[str], Client]) -> None:
    answer = as_role("owner").post(f"/services/{broker.pk}/questions/venue/", {"version": 1})
    assert answer.headers["Location"] == f"/services/{broker.pk}/questions/annual_check/"
    assert Draft.objects.get(pk=broker.pk).version == 1


def test_the_answer_that_holds_already_leaves_the_draft_as_it_is(
    broker: Draft, as_role: Callable[[str], Client]
) -> None:
    before = broker.text
    for question in QUESTIONS:
        now = answered(read_draft(broker).policy, question)
        as_role("owner").post(f"/services/{broker.pk}/questions/{question.key}/", {"answer": now or "", "version": 1})
    found = Draft.objects.get(pk=broker.pk)
    assert (found.version, found.text) == (1, before)


def test_a_card_of_occasions_says_how_often(broker: Draft, as_role: Callable[[str], Client]) -> None:
    html = text_of(as_role("owner").get(f"/services/{broker.pk}/questions/occasions/").content.decode())
    assert (
        "Premium wir melden uns von uns aus, 2-mal im Jahr Komfort wir melden uns von uns aus, einmal im Jahr" in html
    )


def test_the_card_says_what_each_class_gets(broker: Draft, as_role: Callable[[str], Client]) -> None:
    html = as_role("auditor").get(f"/services/{broker.pk}/questions/annual_check/").content.decode()
    assert "Premium fest zugesagt einmal im Jahr" in text_of(html).replace(", ", " ")
    assert "Frage 3 von 10" in html
    assert 'class="primary"' not in html


@pytest.mark.parametrize("key", [question.key for question in QUESTIONS])
def test_the_hours_on_a_card_are_those_of_the_draft_with_that_answer(
    office: SimpleNamespace, broker: Draft, key: str
) -> None:
    today, question = timezone.localdate(), BY_KEY[key]
    for meaning in meanings(broker, question, today, "de"):
        if meaning.findings:  # of five customers no tenth
            assert [item.reason.code for item in meaning.findings] == ["calibrate_impossible"]
            continue
        text = answered_text(broker, question, meaning.answer, today, "de")
        plan = trial_of(read_text(text).policy, today)
        assert plan is not None
        assert meaning.after is not None
        assert (meaning.after.owed, meaning.after.there) == (plan.hours.owed_seconds, plan.hours.there_seconds)


def test_more_promises_cost_more_hours_and_the_card_says_how_many(
    broker: Draft, as_role: Callable[[str], Client]
) -> None:
    html = as_role("owner").get(f"/services/{broker.pk}/questions/annual_check/hours/").content.decode()
    cards = dict(re.findall(r'<p id="hours-(\w+)"[^>]*>(.*?)</p>', html))
    assert text_of(cards["stepped"]).startswith("Ebenso viele Stunden wie im Entwurf.")
    assert re.match(r"\d+:\d\d Std\. im Jahr mehr als im Entwurf\.", text_of(cards["all"]))


def test_an_answer_that_the_opening_hours_do_not_allow_says_why(
    office: SimpleNamespace, kept: None, as_role: Callable[[str], Client]
) -> None:
    text = template("abc", "de").replace('{mon-fri: "9-12, 13-17"}', '{mon-fri: "8-13"}')
    draft = open_draft(text=text, base=None, by=office.owner, now=NOW)
    owner, path = as_role("owner"), f"/services/{draft.pk}/questions/callback/"
    assert "So nicht möglich:" in owner.get(f"{path}hours/").content.decode()
    answer = owner.post(path, {"answer": "bundled", "version": 1})
    html = answer.content.decode()
    assert (answer.status_code, Draft.objects.get(pk=draft.pk).version) == (422, 1)
    assert re.findall(r'value="(\w+)" checked', html) == ["bundled"]


def test_somebody_faster_is_named_and_the_answer_is_kept(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner, path = as_role("owner"), f"/services/{broker.pk}/questions/"
    owner.post(f"{path}venue/", {"answer": "office", "version": 1})
    answer = owner.post(f"{path}callback/", {"answer": "next", "version": 1})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Owner hat diesen Entwurf inzwischen geändert" in html
    assert re.findall(r'value="(\w+)" checked', html) == ["next"]
    again = owner.post(f"{path}callback/", {"answer": "next", "version": 2})
    assert again.headers["Location"] == f"{path}venue/"
    policy = read_draft(Draft.objects.get(pk=broker.pk)).policy
    promised = {item.mode for _, items in policy.promises for item in items if item.service == "callback"}
    assert promised == {"next_workday"}


def test_the_best_class_gets_a_cut_in_euro_and_never_a_share(broker: Draft, as_role: Callable[[str], Client]) -> None:
    as_role("owner").post(f"/services/{broker.pk}/questions/best/", {"answer": "third", "version": 1})
    policy = read_draft(Draft.objects.get(pk=broker.pk)).policy
    key, cut = best_cut(policy) or ("", None)
    assert cut is not None
    assert (key, cut.cut > cut.stay > 0, cut.cut % 100) == ("A", True, 0)


def test_before_the_first_import_questions_can_be_answered_without_hours(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    office.run.delete()
    draft = open_draft(text=template("solo", "en"), base=None, by=office.owner, now=NOW)
    owner = as_role("owner")
    assert "Es gibt noch keinen Bestand" in owner.get(f"/services/{draft.pk}/questions/venue/hours/").content.decode()
    assert owner.post(f"/services/{draft.pk}/questions/venue/", {"answer": "office", "version": 1}).status_code == 302


def test_a_question_that_is_none_is_not_there(broker: Draft, as_role: Callable[[str], Client]) -> None:
    assert as_role("owner").get(f"/services/{broker.pk}/questions/luck/").status_code == 404

"""Ten questions: each answer fits each template, is written where it belongs, and is recognised again."""

from __future__ import annotations

import pytest

from zusage.policy import TEMPLATES, template
from zusage.policy.edit import change
from zusage.policy.questions import QUESTIONS, answered, changes, fits, promised
from zusage.policy.read import read_policy_text

ANSWERS = [(question, answer) for question in QUESTIONS for answer in question.answers if question.key != "best"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_asked_all_ten_questions(name: str) -> None:
    policy = read_policy_text(template(name, "de")).policy
    assert [question.key for question in QUESTIONS if fits(policy, question)] == [item.key for item in QUESTIONS]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_answer_gives_a_service_model_that_gives_this_answer(name: str) -> None:
    text = template(name, "de")
    policy = read_policy_text(text).policy
    found = {}
    for question, answer in ANSWERS:
        after = read_policy_text(change(text, changes(policy, question, answer))).policy
        found[question.key, answer] = answered(after, question)
        if question.service:
            got = {
                key: next((item for item in after.promises_of(key) if item.service == question.service), None)
                for key in promised(policy, question, answer)
            }
            assert got == promised(policy, question, answer)
    same = {(question.key, answer): _first_alike(name, question.key, answer) for question, answer in ANSWERS}
    assert found == same


def _first_alike(name: str, question: str, answer: str) -> str:
    """With two classes there is nobody between: answers that differ only there are one, named by the first."""
    alike = {
        ("venue", "best_only"): "stepped",
        ("annual_check", "best_only"): "stepped",
        ("occasions", "best_only"): "stepped",
        ("events", "stepped"): "twice",
        ("contact", "stepped"): "best_only",
    }
    return alike.get((question, answer), answer) if name in ("client-mandant", "solo") else answer


def test_an_answer_the_question_does_not_have_is_an_error() -> None:
    policy = read_policy_text(template("abc", "de")).policy
    with pytest.raises(KeyError):
        changes(policy, QUESTIONS[0], "never")


def test_a_service_model_without_the_service_is_not_asked() -> None:
    text = template("abc", "de").replace("  events:\n", "  evenings:\n")
    policy = read_policy_text(text).policy
    assert [question.key for question in QUESTIONS if not fits(policy, question)] == ["events"]

"""A draft and a question come in, the answers with what each would mean for this book go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from zusage.ground.reasons import Finding, Refused
from zusage.ground.words import Language
from zusage.policy.document import Policy, Promise
from zusage.policy.edit import change
from zusage.policy.questions import QUESTIONS, Question, best_cut, changes, fits, promised
from zusage.promises.terms import often, term
from zusage.web.bridge.answers import YearHours, class_of, hours_of, hours_under, with_best_share
from zusage.web.bridge.reckoning import Plan
from zusage.web.services.models import Draft
from zusage.web.services.queries import read_draft, read_text, trial_of


def asked(policy: Policy) -> list[Question]:
    """The questions that a service model can be asked, in their order."""
    return [question for question in QUESTIONS if fits(policy, question)]


def sentences(policy: Policy, question: Question, answer: str, language: Language) -> list[tuple[str, str]]:
    """What an answer promises, class by class: name and term; the same term of neighbours stands once."""
    found: list[tuple[str, str]] = []
    for key, promise in promised(policy, question, answer).items():
        text = _said(promise, policy, language) if promise else ""
        name = policy.service_class(key).name[language]
        if found and found[-1][1] == text:
            found[-1] = (f"{found[-1][0]}, {name}", text)
        else:
            found.append((name, text))
    return found


def _said(promise: Promise, policy: Policy, language: Language) -> str:
    """A term with how often, which the term of an occasion leaves out."""
    found = term(promise, policy, language)
    if policy.service(promise.service).measure == "occasion" and promise.per_year_milli:
        return f"{found}, {often(promise.per_year_milli, language)}"
    return found


@dataclass(frozen=True)
class Meaning:
    """What an answer would mean: hours of a year now and then, the best class by it; or why it cannot be given."""

    answer: str
    before: YearHours | None = None
    after: YearHours | None = None
    best: dict[str, Any] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def more(self) -> int:
        """Seconds a year that it takes beyond the draft as it stands."""
        return max(0, self._change)

    @property
    def fewer(self) -> int:
        """Seconds a year that it saves."""
        return max(0, -self._change)

    @property
    def _change(self) -> int:
        return self.after.owed - self.before.owed if self.after and self.before else 0

    @property
    def free(self) -> int:
        """Seconds a year that would be left."""
        return max(0, self._left)

    @property
    def missing(self) -> int:
        """Seconds a year that would be missing."""
        return max(0, -self._left)

    @property
    def _left(self) -> int:
        return self.after.there - self.after.owed if self.after else 0


def meanings(draft: Draft, question: Question, today: date, language: Language) -> list[Meaning]:
    """What each answer to a question would mean for the published book; nothing before the first import."""
    plan = trial_of(read_draft(draft).policy, today)
    if plan is None:
        return []
    return [_meaning(draft, question, answer, plan, today, language) for answer in question.answers]


def _meaning(draft: Draft, question: Question, answer: str, plan: Plan, today: date, language: Language) -> Meaning:
    try:
        policy = read_text(answered_text(draft, question, answer, today, language)).policy
    except Refused as refused:
        return Meaning(answer, findings=refused.findings)
    before = hours_of(plan)
    if question.key != "best":
        return Meaning(answer, before, hours_under(plan, policy))
    tried = trial_of(policy, today)
    assert tried is not None  # noqa: S101 - there is a book: it was reckoned before
    return Meaning(answer, before, hours_of(tried), class_of(tried, policy.classes[0].key))


def answered_text(draft: Draft, question: Question, answer: str, today: date, language: Language) -> str:
    """The text of a draft with an answer in it. Raises Refused where the answer cannot be given."""
    policy = read_draft(draft).policy
    if question.key != "best":
        return change(draft.text, changes(policy, question, answer))
    plan, cut = trial_of(policy, today), best_cut(policy)
    if plan is None or cut is None:
        return draft.text
    return with_best_share(plan, draft.text, cut[0], question.answers[answer], language)

"""Answers to the ten questions come in, the next question goes out, and at the end a complete draft."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.ground.reasons import Reason
from zusage.policy.document import Policy
from zusage.policy.questions import Question, answered
from zusage.web.office.rights import READERS, page, user_of
from zusage.web.services.models import Draft
from zusage.web.services.queries import draft_for, read_draft
from zusage.web.services.questions.queries import answered_text, asked, meanings, sentences
from zusage.web.services.views import Edited, draft_context, rewrite
from zusage.web.speech import language


@page(*READERS)
def draft_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """All questions with the answers of the draft."""
    draft = draft_for(user_of(request), pk)
    policy = read_draft(draft).policy
    questions = asked(policy)
    listed = [(question, _answer(policy, question, answered(policy, question))) for question in questions]
    context = {"listed": listed, "first": questions[0], "done": "done" in request.GET}
    return render(request, "services/questions/list.html", draft_context(request, draft, "questions") | context)


@page(*READERS, methods=("GET", "POST"))
def question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One question: its answers as cards; choosing one leads to the next question."""
    draft = draft_for(user_of(request), pk)
    found = _question(draft, key)
    if request.method != "POST":
        return _show(request, draft, found)
    chosen = request.POST.get("answer", "")
    if chosen not in found.answers or chosen == answered(read_draft(draft).policy, found):  # as it is
        return redirect(_after(draft, found))
    what = Reason(f"questions_{key}_{chosen}")
    today, spoken = timezone.localdate(), language()
    edited = rewrite(request, pk, what, lambda draft: answered_text(draft, found, chosen, today, spoken))
    return redirect(_after(draft, found)) if edited.done else _show(request, edited.draft, found, edited, chosen)


@page(*READERS)
def hours(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What each answer to a question would mean in hours: reckoned while the question is read."""
    draft = draft_for(user_of(request), pk)
    found = _question(draft, key)
    context = {"draft": draft, "question": found, "meanings": meanings(draft, found, timezone.localdate(), language())}
    return render(request, "services/questions/hours.html", context)


def _question(draft: Draft, key: str) -> Question:
    found = next((item for item in asked(read_draft(draft).policy) if item.key == key), None)
    if found is None:
        raise Http404
    return found


def _show(
    request: HttpRequest, draft: Draft, found: Question, edited: Edited | None = None, chosen: str = ""
) -> HttpResponse:
    policy = read_draft(draft).policy
    questions, now = asked(policy), answered(policy, found)
    at = questions.index(found)
    context = {
        "question": found,
        "number": at + 1,
        "count": len(questions),
        "before": questions[at - 1] if at else None,
        "now": now,
        "chosen": chosen or now,
        "answers": [_answer(policy, found, answer) for answer in found.answers],
    }
    context = draft_context(request, draft, "questions", edited) | context
    return render(request, "services/questions/question.html", context, status=edited.status if edited else 200)


def _answer(policy: Policy, found: Question, answer: str | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {"key": answer, "code": f"{found.key}_{answer}", "lines": sentences(policy, found, answer, language())}


def _after(draft: Draft, found: Question) -> str:
    """Where the next question stands; after the last one, the list of all answers."""
    questions = asked(read_draft(draft).policy)
    later = questions[questions.index(found) + 1 :]
    here = reverse("draft_questions", args=[draft.pk])
    return f"{here}{later[0].key}/" if later else f"{here}?done=1"

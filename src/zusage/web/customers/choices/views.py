"""A request for the customers who were never asked comes in, the list goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.policy.document import Policy
from zusage.web.customers.choices.forms import CandidatesForm
from zusage.web.customers.choices.queries import Asked, aim_of, candidates, received_by, time_given
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import advisers, customers_for
from zusage.web.office.models import User
from zusage.web.office.queries import current_version, policy_of
from zusage.web.office.rights import EVERYONE, page, sees_money, user_of
from zusage.web.speech import class_name, counted, said

PAGE = 50
"""Customers on one page of the list."""
YEAR = timedelta(days=365)


@page(*EVERYONE)
def never_asked(request: HttpRequest) -> HttpResponse:
    """The customers who could be in a better class and were never asked, with the service they received."""
    user, version, today = user_of(request), current_version(), timezone.localdate()
    if version is None:
        return redirect("customers")  # it says what to do first
    policy = policy_of(version)
    form = CandidatesForm(request.GET, advisers=advisers(user), money=sees_money(user))
    asked = form.asked()
    found = candidates(customers_for(user), policy, asked)
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    had = received_by([item.number for item in shown], today - YEAR, today)
    query = request.GET.copy()
    query.pop("page", None)
    context: dict[str, Any] = {
        "form": form,
        "page": shown,
        "listed": [(item, aim_of(item, policy), had[item.number]) for item in shown],
        "line": _line(shown.paginator.count, asked),
        "sold": asked.which == "sold",
        "beside": _beside(user, policy, found),
        "query": query.urlencode(),
    }
    return render(request, "customers/choices/never_asked.html", context)


def _line(size: int, asked: Asked) -> str:
    if not size:
        return said("people_line_nobody" if asked.narrowed else "choices_line_nobody")
    return said("choices_line_one" if size == 1 else "choices_line", who=counted("customer", size))


def _beside(user: User, policy: Policy, found: QuerySet[Customer]) -> str:
    """The time these customers received beside that of the best class: whether their service was worse."""
    best = next(item.key for item in policy.classes if not item.provisional)
    theirs = time_given(found)
    others = time_given(customers_for(user).filter(class_key=best, former=False))
    if theirs is None or others is None:
        return ""
    return said("choices_beside", own_seconds=theirs, name=class_name(best), other_seconds=others)

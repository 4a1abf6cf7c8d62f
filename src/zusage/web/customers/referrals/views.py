"""Requests about recommendations come in; who recommends whom, what it brings and what is to be done go out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.ground.words import say_finding
from zusage.policy.document import Policy
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customer_for, published_run
from zusage.web.customers.referrals.actions import change_referral, record_ask, record_referral, say_thanks
from zusage.web.customers.referrals.forms import AskForm, NameForm, StateForm
from zusage.web.customers.referrals.models import OwnReferral
from zusage.web.customers.referrals.queries import (
    YEAR,
    asks_of,
    by_class,
    open_referrals,
    own_referrals_of,
    recommenders,
    referral_for,
    to_ask,
    to_thank,
    tree_of,
    won_customers,
    won_since,
)
from zusage.web.office.models import User
from zusage.web.office.queries import current_version, policy_in_force, policy_of
from zusage.web.office.rights import EVERYONE, WRITERS, page, sees_money, user_of
from zusage.web.speech import counted, language, said

MOST = 20
"""How many are listed of those who recommend, are to be thanked, or to be asked."""


@page(*EVERYONE)
def referrals(request: HttpRequest) -> HttpResponse:
    """Who recommends whom, what it brings, who is to be thanked and who to be asked."""
    user, version, run, today = user_of(request), current_version(), published_run(), timezone.localdate()
    if version is None or run is None:
        return redirect("today")  # it says what to do first
    policy, won = policy_of(version), won_customers(user)
    best = recommenders(user, run, MOST)
    columns, lines = by_class(user, policy, won)
    asking = to_ask(user, policy, today)
    context: dict[str, Any] = {
        "line": _line(won_since(won, today - YEAR), len(won)),
        "open": open_referrals(user)[:MOST],
        "thank": to_thank(user)[:MOST],
        "asking": asking[:MOST],
        "asking_all": asking.count(),
        "best": best if sees_money(user) else [],
        "tree": tree_of(user, won, MOST),
        "columns": columns,
        "lines": lines,
        "decay": policy.referral_decay_permille,
    }
    return render(request, "customers/referrals/referrals.html", context)


def _line(year: int, all_of_them: int) -> str:
    if not all_of_them:
        return said("referrals_line_none")
    return said("referrals_line", who=counted("customer", year), all_count=all_of_them)


@page(*EVERYONE)
def customer_referrals(request: HttpRequest, number: str) -> HttpResponse:
    """The recommendations of one customer, and when they were asked for one."""
    return _page(request, customer_for(user_of(request), number))


def _page(request: HttpRequest, customer: Customer, **typed: NameForm | AskForm) -> HttpResponse:
    user, today = user_of(request), timezone.localdate()
    given = own_referrals_of(user, customer.number)
    context: dict[str, Any] = {
        "customer": customer,
        "given": given,
        "asks": asks_of(customer.number),
        "typed": next(iter(typed), ""),
        "name_form": NameForm(today=today),
        "ask_form": AskForm(today=today),
        "limits": _limits(given, policy_in_force()),
    }
    return render(request, "customers/referrals/customer.html", context | typed, status=422 if typed else 200)


def _limits(given: Any, policy: Policy | None) -> str:
    """What the law says of gifts, where any was given."""
    if policy is None or not any(item.reward_cents for item in given):
        return ""
    return said("referrals_limits_insurance" if policy.firm.profile == "insurance" else "referrals_limits")


@page(*WRITERS, methods=("POST",))
def referral_new(request: HttpRequest, number: str) -> HttpResponse:
    """Note whom a customer recommended us to."""
    user = user_of(request)
    customer, form = customer_for(user, number), NameForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, customer, name_form=form)
    record_referral(customer=customer, **form.cleaned_data, by=user, now=timezone.now())
    messages.success(request, said("referrals_noted"))
    return redirect("customer_referrals", number)


@page(*WRITERS, methods=("POST",))
def referral_asked(request: HttpRequest, number: str) -> HttpResponse:
    """Note that a customer was asked for a recommendation."""
    user = user_of(request)
    customer, form = customer_for(user, number), AskForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, customer, ask_form=form)
    record_ask(customer=customer, **form.cleaned_data, by=user, now=timezone.now())
    messages.success(request, said("referrals_asked_noted"))
    return redirect("customer_referrals", number)


@page(*WRITERS, methods=("POST",))
def referral_thanks(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that thanks were said."""
    referral = referral_for(user_of(request), pk)
    say_thanks(referral=referral, today=timezone.localdate())
    messages.success(request, said("referrals_thanked"))
    return redirect("referrals")


@page(*WRITERS, methods=("GET", "POST"))
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """How it stands with a recommendation, to be changed."""
    user = user_of(request)
    found = referral_for(user, pk)
    form = StateForm(request.POST, user=user) if request.method == "POST" else _form_of(found, user)
    if request.method == "POST" and form.is_valid():
        try:
            if _changed(found, form):
                messages.success(request, said("referrals_changed"))
                return redirect("customer_referrals", found.number)
        except Refused as refused:
            form.add_error("other", [say_finding(item, language()) for item in refused.findings])
        else:
            return _overtaken(request, found, form)
    return _state_page(request, found, form, 422 if request.method == "POST" else 200)


def _form_of(found: OwnReferral, user: User) -> StateForm:
    values = {
        "version": found.version, "state": found.state, "other": found.other, "outcome": found.outcome,
        "reward": found.reward_cents / 100 or None,
    }  # fmt: skip
    return StateForm(user=user, initial=values)


def _changed(found: OwnReferral, form: StateForm) -> bool:
    values = form.cleaned_data
    return change_referral(
        referral=found, version=values["version"], state=values["state"], other=values["other"],
        outcome=values["outcome"], reward_cents=form.reward_cents(),
    )  # fmt: skip


def _overtaken(request: HttpRequest, found: OwnReferral, form: StateForm) -> HttpResponse:
    """Somebody changed it meanwhile: what they said stands above what was typed, and sending again replaces it."""
    found.refresh_from_db()
    form.data = {**form.data.dict(), "version": str(found.version)}  # type: ignore[attr-defined] # what was sent
    state = said(f"referrals_state_{found.state}")
    form.add_error(None, said("referrals_overtaken", state=state, outcome=found.outcome))
    return _state_page(request, found, form, 409)


def _state_page(request: HttpRequest, found: OwnReferral, form: StateForm, status: int) -> HttpResponse:
    customer = customer_for(user_of(request), found.number)
    context = {"referral": found, "customer": customer, "form": form}
    return render(request, "customers/referrals/referral.html", context, status=status)

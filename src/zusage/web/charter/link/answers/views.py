"""Requests about what customers want come in, pages to accept, refuse and answer go out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.ground.words import say_finding
from zusage.policy.document import Policy
from zusage.web.charter.actions import links_for, revoke_link
from zusage.web.charter.link import actions
from zusage.web.charter.link.forms import AcceptForm, AnswerForm, ContactForm, LinkForm, RefuseForm, WhyForm
from zusage.web.charter.link.queries import links_of, own_page, why_draft
from zusage.web.charter.queries import has_public_address, sender
from zusage.web.charter.views import frame
from zusage.web.customers.choices.actions import Answered
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.choices.queries import contact_of, declined_by, wish_for, wishes_for
from zusage.web.customers.consent.queries import lock_of
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import class_on, customer_for, customers_for
from zusage.web.desk.queries import usual_activity, usual_service
from zusage.web.office.queries import policy_or_404
from zusage.web.office.rights import DECIDERS, EVERYONE, WRITERS, page, user_of
from zusage.web.review.queries import weakens
from zusage.web.speech import language, said

PER_PAGE = 50


@page(*EVERYONE)
def wishes(request: HttpRequest) -> HttpResponse:
    """What customers want: open wishes first, then those that were answered."""
    found = wishes_for(user_of(request))
    still_open = found.filter(state="open").order_by("asked_at", "pk")
    done = Paginator(found.exclude(state="open"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"open": still_open[:PER_PAGE], "open_count": still_open.count(), "page": done}
    return render(request, "charter/link/wishes.html", frame("customer_pages") | context)


@page(*DECIDERS, methods=("GET", "POST"))
def wish(request: HttpRequest, pk: int) -> HttpResponse:
    """One wish: what the customer wants, and what becomes of it."""
    found = wish_for(user_of(request), pk)
    policy, form = policy_or_404(), _form_of(request, found)
    if request.method == "POST" and form.is_valid():
        return _decided(request, found, policy, form)
    return _page(request, found, form, status=422 if request.method == "POST" else 200)


@page(*DECIDERS, methods=("POST",))
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """A wish is not accepted, with words for the customer."""
    found = wish_for(user_of(request), pk)
    form = RefuseForm(request.POST, version=found.version)
    if not form.is_valid():
        return _page(request, found, _form_of(None, found), refusal=form, status=422)
    given = form.cleaned_data
    try:
        actions.refuse_wish(
            wish=found, version=given["version"], text=given["refusal"], by=user_of(request), now=timezone.now()
        )
    except Answered as overtaken:
        return _page(request, overtaken.wish, None, overtaken=True, status=409)
    except Refused as error:
        _put(form, error)
        return _page(request, found, _form_of(None, found), refusal=form, status=422)
    messages.success(request, said("link_wish_refused", name=found.name))
    return redirect("customer_pages")


def _form_of(request: HttpRequest | None, found: Wish) -> Form:
    """The form by which a wish is accepted or answered."""
    data = request.POST if request is not None and request.method == "POST" else None
    policy, today = policy_or_404(), timezone.localdate()
    if found.kind != "why":
        package = found.kind == "package"
        first = _first_day(found, policy, today) if package else today
        return AcceptForm(
            data, version=found.version, first_on=first, less=first > today, with_day=package,
            with_price=bool(found.price),
        )  # fmt: skip
    customer = Customer.objects.filter(run__published=True, number=found.number).first()
    draft = why_draft(customer, policy, today, "de" if found.language == "de" else "en") if customer else ""
    return AnswerForm(data, version=found.version, draft=draft, minutes=10)


def _first_day(found: Wish, policy: Policy, today: date) -> date:
    """Less than before holds from tomorrow at the earliest, anything else from today."""
    own = class_on(policy, found.number, today)
    return today + timedelta(days=int(weakens(policy, own, found.class_key)))


def _decided(request: HttpRequest, found: Wish, policy: Policy, form: Form) -> HttpResponse:
    given, who, now = form.cleaned_data, user_of(request), timezone.now()
    facts: dict[str, Any] = {"wish": found, "version": given["version"], "by": who, "now": now}
    try:
        if found.kind == "package":
            contract = given.get("contract", "")
            actions.accept_package(effective_on=given["effective_on"], contract=contract, text=given["words"], **facts)
        elif found.kind == "contact":
            actions.accept_contact(text=given["words"], **facts)
        else:
            activity = usual_activity(
                policy, what=usual_service(policy), urgency="normal", cause="ours", channel="email"
            )
            key = activity.key if activity else ""
            actions.answer_why(text=given["answer"], minutes=given["minutes"], activity=key, **facts)
    except Answered as overtaken:
        return _page(request, overtaken.wish, form, overtaken=True, status=409)
    except Refused as error:
        _put(form, error)
        return _page(request, found, form, status=422)
    messages.success(request, said(f"link_wish_done_{found.kind}", name=found.name))
    return redirect("customer_pages")


def _put(form: Form, error: Refused) -> None:
    for finding in error.findings:
        form.add_error(None, say_finding(finding, language()))


def _page(
    request: HttpRequest,
    found: Wish,
    form: Form | None,
    *,
    refusal: Form | None = None,
    overtaken: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "wish": found,
        "form": form if found.state == "open" else None,
        "typed": form if overtaken and form is not None and form.is_bound else None,
        "refusal": refusal or RefuseForm(version=found.version),
        "overtaken": overtaken,
        "known": contact_of(found.number) if found.kind == "contact" else {},
        "there": customers_for(user_of(request)).filter(number=found.number).exists(),
    }
    return render(request, "charter/link/wish.html", frame("customer_pages") | context, status=status)


# --- links of one customer


@page(*EVERYONE, methods=("GET", "POST"))
def links(request: HttpRequest, number: str) -> HttpResponse:
    """The links to a customer's own page: made, seen, revoked. The address of a new one is shown once."""
    user, today = user_of(request), timezone.localdate()
    customer = customer_for(user, number)
    form, made = LinkForm(request.POST or None, today=today), ""
    lock = lock_of(number)
    closed = lock is not None and lock.why == "deceased"
    if request.method == "POST" and form.is_valid() and not closed:
        until = form.cleaned_data["expires_on"]
        made = links_for([number], by=user, now=timezone.now(), expires_on=until)[number]
    context = {
        "customer": customer,
        "lock": lock,
        "closed": closed,
        "links": links_of(user, number),
        "form": form,
        "made": made,
        "today": today,
        "public": has_public_address(),
        "wishes": wishes_for(user).filter(number=number, state="open"),
        "declined": declined_by(number),
        "names": {item.key: item.name[language()] for item in policy_or_404().services},
    }
    wrong = request.method == "POST" and not made
    return render(request, "charter/link/links.html", context, status=422 if wrong else 200)


@page(*WRITERS, methods=("POST",))
def revoke(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A link opens nothing any more."""
    user = user_of(request)
    customer_for(user, number)
    revoke_link(link=get_object_or_404(links_of(user, number), pk=pk), by=user, now=timezone.now())
    messages.success(request, said("link_revoked"))
    return redirect("customer_page", number)


@page(*EVERYONE)
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """A customer's own page as the customer sees it; nothing can be done on it."""
    customer, now = customer_for(user_of(request), number), timezone.now()
    found = own_page(customer, policy_or_404(), now)
    context = {
        "own": found,
        "preview": True,
        "sender": sender(),
        "today": timezone.localdate(now),
        "why_form": WhyForm(auto_id="why_%s"),
        "contact_form": ContactForm(initial=found.contact, auto_id="contact_%s"),
    }
    return render(request, "charter/link/own_page.html", context)

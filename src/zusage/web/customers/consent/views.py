"""Requests about consents come in; what is allowed and why, its history, and the sheet of proof go out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.ground.words import say_finding
from zusage.web.customers.consent.actions import (
    export_proof,
    grant,
    lift,
    lock,
    object_all,
    object_to,
    take_back,
    withdraw,
)
from zusage.web.customers.consent.forms import BackForm, GrantForm, LockForm, ObjectForm, ProofForm, WithdrawForm
from zusage.web.customers.consent.optouts.forms import OptOutForm
from zusage.web.customers.consent.optouts.queries import COLUMNS, opt_outs_of
from zusage.web.customers.consent.queries import (
    Allowed,
    advertising_by,
    allowed_ways,
    lifted_locks,
    lock_of,
    objections_of,
    records_of,
    to_withdraw,
    uses_of,
)
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customer_for
from zusage.web.office.files import as_file
from zusage.web.office.rights import EVERYONE, OWNER, WRITERS, page, user_of
from zusage.web.speech import language, said

USES = 50
"""How many of the last uses the page lists; the sheet of proof has all."""


@page(*EVERYONE)
def consents(request: HttpRequest, number: str) -> HttpResponse:
    """What a customer may be contacted on and why, and all that is on record about it."""
    return _page(request, customer_for(user_of(request), number))


def _page(request: HttpRequest, customer: Customer, **typed: Form) -> HttpResponse:
    """The page; forms with something typed that cannot be kept are open, with what is wrong."""
    number, today = customer.number, timezone.localdate()
    ways = allowed_ways(number, today)
    open_ones = to_withdraw(number, today)
    objections = list(objections_of(number))
    forms: dict[str, Form] = {
        "grant_form": GrantForm(today=today),
        "object_form": ObjectForm(today=today),
        "lock_form": LockForm(today=today),
        "withdraw_form": WithdrawForm(today=today, named=open_ones),
    }
    context: dict[str, Any] = {
        "customer": customer,
        "lock": lock_of(number),
        "lifted": lifted_locks(number),
        "line": line_of(customer, ways),
        "ways": ways,
        "records": records_of(number),
        "objections": [(item, None if item.taken_back_at else BackForm(pk=item.pk)) for item in objections],
        "uses": uses_of(number)[:USES],
        "withdrawable": open_ones,
        "typed": next(iter(typed), ""),
    }
    return render(request, "customers/consents.html", context | forms | typed, status=422 if typed else 200)


def line_of(customer: Customer, ways: list[Allowed]) -> str:
    """The first line: on which ways the customer may be sent advertising."""
    if open_ones := advertising_by(ways):
        return said("consent_line", name=customer.name, ways=open_ones)
    return said("consent_line_none", name=customer.name)


def _done(
    request: HttpRequest, number: str, name: str, form: Form, act: Callable[[], object], saved: str
) -> HttpResponse:
    """Keep what a form says, or the page with what is wrong and all that was typed."""
    customer = customer_for(user_of(request), number)
    if not form.is_valid():
        return _page(request, customer, **{name: form})
    try:
        act()
    except Refused as refused:
        for finding in refused.findings:
            form.add_error(None, say_finding(finding, language()))
        return _page(request, customer, **{name: form})
    messages.success(request, said(saved, name=customer.name))
    return redirect("customer_consents", number)


@page(*WRITERS, methods=("POST",))
def consent_grant(request: HttpRequest, number: str) -> HttpResponse:
    """Record a consent."""
    now, form = timezone.now(), GrantForm(request.POST, today=timezone.localdate())

    def act() -> None:
        grant(number=number, by=user_of(request), now=now, **form.given(now))

    return _done(request, number, "grant_form", form, act, "consent_granted")


@page(*WRITERS, methods=("POST",))
def consent_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Record a withdrawal."""
    today = timezone.localdate()
    form = WithdrawForm(request.POST, today=today, named=to_withdraw(number, today))
    return _done(
        request, number, "withdraw_form", form, lambda: _said(request, number, form, withdraw), "consent_ended"
    )


@page(*WRITERS, methods=("POST",))
def consent_object(request: HttpRequest, number: str) -> HttpResponse:
    """Record an objection."""
    form = ObjectForm(request.POST, today=timezone.localdate())
    return _done(
        request, number, "object_form", form, lambda: _said(request, number, form, object_to), "consent_objection_saved"
    )


def _said(request: HttpRequest, number: str, form: WithdrawForm | ObjectForm, act: Callable[..., object]) -> None:
    values = form.cleaned_data
    act(
        number=number,
        said_on=values["on"],
        how=values["how"],
        by=user_of(request),
        now=timezone.now(),
        **form.about,
    )


@page(*WRITERS, methods=("POST",))
def consent_back(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Record that an objection was taken back."""
    customer = customer_for(user_of(request), number)
    found, form = get_object_or_404(objections_of(number), pk=pk), BackForm(request.POST, pk=pk)
    if not form.is_valid():
        messages.error(request, said("consent_back_needs_how"))
    elif take_back(objection=found, how=form.cleaned_data["how"], now=timezone.now()):
        messages.success(request, said("consent_taken_back", name=customer.name))
    else:
        messages.error(request, said("consent_taken_back_already"))
    return redirect("customer_consents", number)


@page(*WRITERS, methods=("POST",))
def consent_lock(request: HttpRequest, number: str) -> HttpResponse:
    """Lock a customer: nothing is sent to them unasked."""
    form = LockForm(request.POST, today=timezone.localdate())

    def act() -> None:
        lock(number=number, by=user_of(request), now=timezone.now(), **form.cleaned_data)

    return _done(request, number, "lock_form", form, act, "consent_locked")


@page(*WRITERS, methods=("POST",))
def consent_lift(request: HttpRequest, number: str) -> HttpResponse:
    """Lift the lock of a customer."""
    customer = customer_for(user_of(request), number)
    if lift(number=number, by=user_of(request), now=timezone.now()):
        messages.success(request, said("consent_lock_lifted", name=customer.name))
    else:
        messages.error(request, said("consent_lock_lifted_already"))
    return redirect("customer_consents", number)


# --- all customers


@page(*OWNER)
def proof_sheet(request: HttpRequest) -> HttpResponse:
    """All consents given in a period with their uses, as a workbook for the authority."""
    today = timezone.localdate()
    form = ProofForm(request.GET or {"first": today.replace(month=1, day=1), "last": today}, today=today)
    if not form.is_valid():
        return _lists(request, proof_form=form)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    content = export_proof(first=first, last=last, by=user_of(request))
    name = f"{said('consent_file')}-{first:%Y-%m-%d}-{last:%Y-%m-%d}.xlsx"
    return as_file(content, name)


@page(*WRITERS)
def consent_lists(request: HttpRequest) -> HttpResponse:
    """Lists about consents of all customers: objections to bring in, the sheet of proof to take."""
    return _lists(request)


def _lists(request: HttpRequest, **more: Any) -> HttpResponse:
    column = 0 if language() == "de" else 1
    context = {
        "proof_form": ProofForm(today=timezone.localdate()),
        "optout_form": OptOutForm(),
        "columns": [names[column] for key, names in COLUMNS.items() if key != "name"],
        "refused": (),
    }
    return render(request, "customers/consent_lists.html", context | more, status=422 if more else 200)


@page(*WRITERS, methods=("POST",))
def opt_out_list(request: HttpRequest) -> HttpResponse:
    """A list of people who want no advertising: all of it is taken in, or nothing, with everything that is wrong."""
    form, now = OptOutForm(request.POST, request.FILES), timezone.now()
    if not form.is_valid():
        return _lists(request, optout_form=form)
    file, user = form.cleaned_data["list"], user_of(request)
    try:
        found = opt_outs_of(
            Path(file.temporary_file_path()), file.name, user=user, today=timezone.localdate(),
            leave_out=form.cleaned_data["leave_out"],
        )  # fmt: skip
    except Refused as refused:
        return _lists(request, optout_form=form, refused=refused.findings)
    new = object_all(found.said, how=form.cleaned_data["how"], by=user, now=now)
    known = len({(item.number, item.channel) for item in found.said}) - new
    messages.success(
        request, said("consent_list_taken", new_count=new, known_count=known, stranger_count=found.strangers)
    )
    return redirect("consent_lists")

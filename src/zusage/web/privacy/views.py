"""Requests about privacy come in; what is held of a customer and what is kept how long go out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.web.charter.link.actions import accept_contact, wish_contact
from zusage.web.charter.link.forms import ContactForm
from zusage.web.customers.choices.queries import contact_of
from zusage.web.customers.models import Customer
from zusage.web.customers.queries import customer_for
from zusage.web.office.rights import DECIDERS, page, user_of
from zusage.web.privacy.access.record import missing_texts
from zusage.web.privacy.queries import held_of, label
from zusage.web.speech import language, said

MENDED = (
    ("list", "new_import"),
    ("note", "customer"),
    ("consent", "customer_consents"),
    ("referral", "customer_referrals"),
    ("class", "customer_override"),
)
"""What is corrected elsewhere, and at which address."""


@page(*DECIDERS)
def customer_privacy(request: HttpRequest, number: str) -> HttpResponse:
    """What the office holds of a customer, and what can be done with it."""
    return _customer(request, customer_for(user_of(request), number))


def _customer(request: HttpRequest, customer: Customer, form: ContactForm | None = None) -> HttpResponse:
    held = [(label("holding", item.name.lower(), language()), size) for item, size in held_of(customer.number)]
    context: dict[str, Any] = {
        "customer": customer,
        "held": held,
        "row_count": sum(size for _, size in held),
        "mended": [_mended(what, address, customer.number) for what, address in MENDED],
        "form": form or ContactForm(initial=contact_of(customer.number)),
        "typed": form is not None,
        "missing": missing_texts(),
    }
    return render(request, "privacy/customer.html", context, status=422 if form else 200)


def _mended(what: str, address: str, number: str) -> tuple[str, str, str]:
    """What it is, where it is corrected in words, and the address."""
    url = reverse(address) if address == "new_import" else reverse(address, args=[number])
    return said(f"privacy_mend_{what}"), said(f"privacy_mend_{what}_where"), url


@page(*DECIDERS, methods=("POST",))
def customer_contact(request: HttpRequest, number: str) -> HttpResponse:
    """Correct contact data: a proposal of the customer that is accepted at once, so that it goes before any list."""
    user, now = user_of(request), timezone.now()
    customer, form = customer_for(user, number), ContactForm(request.POST)
    if not form.is_valid():
        return _customer(request, customer, form)
    with transaction.atomic():
        wish = wish_contact(
            customer=customer, lines=form.cleaned_data, source="paper", by=user, now=now,
            evidence=said("privacy_contact_evidence"),
        )  # fmt: skip
        if wish is not None:
            accept_contact(wish=wish, version=wish.version, text="", by=user, now=now)
    messages.success(request, said("privacy_contact_same" if wish is None else "privacy_contact_saved"))
    return redirect("customer_privacy", number)

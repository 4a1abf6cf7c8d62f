"""Requests about privacy come in; what is held of a customer and what is kept how long go out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zusage.web.customers.queries import customer_for
from zusage.web.office.rights import DECIDERS, page, user_of
from zusage.web.privacy.queries import held_of, label
from zusage.web.speech import language


@page(*DECIDERS)
def customer_privacy(request: HttpRequest, number: str) -> HttpResponse:
    """What the office holds of a customer, and what can be done with it."""
    customer = customer_for(user_of(request), number)
    held = [(label("holding", item.name.lower(), language()), size) for item, size in held_of(customer.number)]
    context = {"customer": customer, "held": held, "row_count": sum(size for _, size in held)}
    return render(request, "privacy/customer.html", context)


@page("owner", "auditor")
def privacy(request: HttpRequest) -> HttpResponse:
    """How long what is kept, and what would go today."""
    return render(request, "privacy/privacy.html")

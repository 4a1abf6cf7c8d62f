"""Requests to erase a customer come in; what it would do goes out, and then that it was done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.web.book.models import Erased
from zusage.web.customers.queries import customer_for
from zusage.web.office.rights import OWNER, page, user_of
from zusage.web.privacy.erasing.actions import erase
from zusage.web.privacy.erasing.forms import EraseForm
from zusage.web.privacy.erasing.queries import preview_of
from zusage.web.speech import said


@page(*OWNER, methods=("GET", "POST"))
def customer_erase(request: HttpRequest, number: str) -> HttpResponse:
    """What erasing a customer would do; sent with a reason and the number once more, it is done."""
    user = user_of(request)
    customer = customer_for(user, number)
    form = EraseForm(request.POST if request.method == "POST" else None, number=customer.number)
    if request.method == "POST" and form.is_valid():
        try:
            made = erase(customer=customer, reason=form.cleaned_data["reason"], by=user, now=timezone.now())
        except Refused:
            pass  # the page says what stands in the way
        else:
            messages.success(request, said("erasing_erased_done", alias=made.alias))
            return redirect("erased")
    found = preview_of(customer, timezone.localdate())
    context = {"customer": customer, "form": form, "preview": found}
    status = 422 if request.method == "POST" else 200
    return render(request, "privacy/erase.html", context, status=status)


@page("owner", "auditor")
def erased(request: HttpRequest) -> HttpResponse:
    """Who was erased: the alias, the day, the reason, and what was kept by law."""
    return render(request, "privacy/erased.html", {"erased": Erased.objects.select_related("by")})

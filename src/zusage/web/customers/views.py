"""Requests to write something down about customers come in, the page they came from goes out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from zusage.web.customers.actions import save_view
from zusage.web.customers.forms import ViewForm
from zusage.web.customers.queries import views_for
from zusage.web.office.rights import WRITERS, page, user_of
from zusage.web.speech import said


@page(*WRITERS, methods=("POST",))
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the list under a name."""
    form = ViewForm(request.POST)
    query = request.POST.get("query", "")
    if form.is_valid():
        save_view(by=user_of(request), **form.cleaned_data)
        messages.success(request, said("people_view_saved", name=form.cleaned_data["name"]))
    else:
        messages.error(request, said("people_view_needs_name"))
    return redirect(f"{reverse('customers')}?{query}")


@page(*WRITERS, methods=("POST",))
def view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a saved view."""
    get_object_or_404(views_for(user_of(request)), pk=pk).delete()
    messages.success(request, said("people_view_deleted"))
    return redirect("customers")

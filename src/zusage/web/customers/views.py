"""Requests to write something down about customers come in, the page they came from goes out."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.web.book.models import Work, Yield
from zusage.web.customers.actions import (
    delete_note,
    end_agreement,
    record_agreement,
    record_choice,
    record_told,
    save_view,
    write_note,
)
from zusage.web.customers.forms import AgreementEndForm, AgreementForm, ChoiceForm, NoteForm, ToldForm, ViewForm
from zusage.web.customers.models import Customer, Note
from zusage.web.customers.queries import (
    agreements_with,
    class_keys,
    customer_for,
    customers_for,
    news_for,
    published_run,
    rows_of,
    views_for,
)
from zusage.web.office.queries import policy_of, policy_or_404
from zusage.web.office.rights import DECIDERS, EVERYONE, WRITERS, page, sees_money, user_of
from zusage.web.speech import language, on_day, said

ROWS = 100
"""Rows of files on one page."""


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


# --- what is written down about one customer


@page(*WRITERS, methods=("GET", "POST"))
def told(request: HttpRequest, number: str) -> HttpResponse:
    """Record that a customer was told the class."""
    customer, today = customer_for(user_of(request), number), timezone.localdate()
    form = ToldForm(request.POST or None, today=today, news=news_for(customer))
    if not form.is_valid():
        return _form_page(request, customer, form, "told")
    noted = record_told(customer=customer, by=user_of(request), now=timezone.now(), **form.cleaned_data)
    name = policy_of(noted.policy).service_class(noted.class_key).name[language()]
    messages.success(request, said("people_told_saved", name=name, told_on=noted.told_on))
    return redirect("customer", number)


@page(*WRITERS, methods=("GET", "POST"))
def choice(request: HttpRequest, number: str) -> HttpResponse:
    """Record a package offered, declined or chosen."""
    customer = customer_for(user_of(request), number)
    form = ChoiceForm(request.POST or None, today=timezone.localdate(), classes=class_keys(policy_or_404()))
    if not form.is_valid():
        return _form_page(request, customer, form, "choice")
    record_choice(customer=customer, by=user_of(request), now=timezone.now(), **form.cleaned_data)
    messages.success(request, said("people_choice_saved"))
    return redirect("customer", number)


@page(*DECIDERS, methods=("GET", "POST"))
def agreement(request: HttpRequest, number: str) -> HttpResponse:
    """Record a promise agreed by contract."""
    customer = customer_for(user_of(request), number)
    form = AgreementForm(request.POST or None, policy=policy_or_404(), today=timezone.localdate())
    if not form.is_valid() or form.promise is None:
        return _form_page(request, customer, form, "agreement")
    given = {name: form.cleaned_data[name] for name in ("class_key", "since", "until", "source")}
    record_agreement(customer=customer, promise=form.promise, by=user_of(request), now=timezone.now(), **given)
    messages.success(request, said("people_agreement_saved"))
    return redirect("customer", number)


@page(*DECIDERS, methods=("GET", "POST"))
def agreement_end(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Give an agreement its last day; who comes second sees how it stands, and loses nothing they typed."""
    customer = customer_for(user_of(request), number)
    found = get_object_or_404(agreements_with(number), pk=pk)
    asked = {"since": found.since, "today": timezone.localdate()}
    form = AgreementEndForm(request.POST or None, version=found.version, **asked)
    if not form.is_valid():
        return _form_page(request, customer, form, "agreement_end")
    given = form.cleaned_data
    if end_agreement(agreement=found, **given):
        messages.success(request, said("people_agreement_ended", until_on=given["until"]))
        return redirect("customer", number)
    now = agreements_with(number).get(pk=pk)
    again = AgreementEndForm(request.POST.dict() | {"version": now.version}, version=now.version, **asked)
    warning = said("people_agreement_conflict", text=on_day(now.until), source=now.ended_by_source or now.source)
    return _form_page(request, customer, again, "agreement_end", warning=warning, status=409)


@page(*WRITERS, methods=("GET", "POST"))
def note(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a note; with words one would not want read back only after a second look."""
    customer = customer_for(user_of(request), number)
    form = NoteForm(request.POST or None)
    if not form.is_valid():
        return _form_page(request, customer, form, "note")
    if form.careful:
        again = NoteForm({"text": form.cleaned_data["text"], "anyway": "on"})
        warning = said("people_note_warning", words=", ".join(form.careful))
        return _form_page(request, customer, again, "note_careful", warning=warning)
    write_note(customer=customer, text=form.cleaned_data["text"], by=user_of(request), now=timezone.now())
    messages.success(request, said("people_note_saved"))
    return redirect("customer", number)


@page(*WRITERS, methods=("POST",))
def note_delete(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Delete a note."""
    customer_for(user_of(request), number)
    delete_note(note=get_object_or_404(Note, number=number, pk=pk), by=user_of(request))
    messages.success(request, said("people_note_deleted"))
    return redirect("customer", number)


def _form_page(
    request: HttpRequest,
    customer: Customer,
    form: Form,
    what: str,
    *,
    warning: str = "",
    hint: str = "",
    status: int = 422,
) -> HttpResponse:
    """A form on a page of its own: where somebody came by its address, or where something is missing."""
    title, button = said(f"people_form_{what}", name=customer.name), said(f"people_save_{what}")
    context = {"customer": customer, "form": form, "title": title, "button": button, "warning": warning}
    return render(request, "customers/form.html", context, status=status if request.method == "POST" else 200)


@page(*EVERYONE)
def rows(request: HttpRequest, number: str) -> HttpResponse:
    """The rows of files that a household's figures rest on, each with its file and line."""
    user = user_of(request)
    customer = customer_for(user, number)
    names = dict(customers_for(user).filter(unit_id=customer.unit_id).values_list("number", "name"))
    booked = rows_of(names, Yield, "booked_on") if sees_money(user) else Yield.objects.none()
    context = {
        "customer": customer,
        "names": names,
        "booked": Paginator(booked, ROWS).get_page(request.GET.get("booked")),
        "worked": Paginator(rows_of(names, Work, "done_on"), ROWS).get_page(request.GET.get("worked")),
        "run": published_run(),
    }
    return render(request, "customers/rows.html", context)

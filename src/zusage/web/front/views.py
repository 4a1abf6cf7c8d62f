"""Requests for pages that join rooms come in, pages go out."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from zusage.ground.reasons import Value
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.web.customers.actions import export_customers
from zusage.web.customers.forms import FilterForm, ViewForm
from zusage.web.customers.queries import (
    Filters,
    advisers,
    customer_for,
    customers_for,
    household_sizes,
    published_run,
    totals,
    views_for,
)
from zusage.web.front.queries import PROMISES, Owed, done_today, first_step, listed, owed, promise_states
from zusage.web.office.models import User
from zusage.web.office.queries import current_version, policy_of, policy_version_on
from zusage.web.office.rights import EVERYONE, page, sees_money, user_of
from zusage.web.speech import at_clock, language, said

PAGE = 50
"""Customers on one page of the list."""

# --- Today and the caller panel

FIRST_PAGE = {"import": "imports", "confirm": "review", "ask": "request_new"}
"""Where the first steps of an office are done, by the names of the addresses."""


@page(*EVERYONE)
def today(request: HttpRequest) -> HttpResponse:
    """What is owed today."""
    user, now, day = user_of(request), timezone.now(), timezone.localdate()
    version = policy_version_on(day)
    policy = policy_of(version) if version else None
    step = first_step(user, policy)
    weekday = said(f"weekday_{WEEKDAYS[day.weekday()]}")
    context: dict[str, Any] = {"today": day, "weekday": weekday, "step": step, "first_page": FIRST_PAGE.get(step)}
    if policy is not None:
        mine = request.GET.get("show") == "mine"
        found = owed(user, policy, now, mine=mine)
        context |= {"mine": mine, "owed": found, "done": done_today(user, policy, now), "sentence": _owed_words(found)}
    return render(request, "front/today.html", context)


def _owed_words(found: Owed) -> str:
    """The first line of Today: what is promised until when, and what is late."""
    clock = at_clock(found.last_at)
    code = {0: "front_owed_none", 1: "front_owed_one"}.get(found.today, "front_owed_some")
    values: dict[str, Value] = {"clock": clock, "today_count": found.today}
    words = [said(code, **values)]
    if found.over:
        words.append(said("front_over_one" if found.over == 1 else "front_over_some", over_count=found.over))
    return " ".join(words)


# --- what goes wrong


@page()
def health(request: HttpRequest) -> HttpResponse:
    """Whether the office works: database, jobs, disk."""
    return JsonResponse({"ok": True})


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the role does not allow."""
    return render(request, "front/refused.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not there, or not for this reader."""
    return render(request, "front/missing.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A mistake of ours. The page asks the database for nothing: that may be what is broken."""
    return HttpResponse(render_to_string("front/broken.html", {"language": language()}), status=500)


# --- customers


@page(*EVERYONE)
def customers(request: HttpRequest) -> HttpResponse:
    """The list of customers: filtered, searched, in order, page by page."""
    user, now = user_of(request), timezone.now()
    form = _filters(request)
    filters = form.filters()
    found = listed(user, filters, now)
    sums = totals(found)
    pages = Paginator(found, PAGE)
    pages.count = sums["customers"]  # counted already
    shown = pages.get_page(request.GET.get("page"))
    rows = list(shown)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": shown,
        "line": _line_of(sums, user, filters),
        "states": promise_states([item.number for item in rows], now),
        "sizes": household_sizes(rows),
        "query": query.urlencode(),
    }
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined] # set by django-htmx
        return render(request, "front/customers_found.html", context)
    more = {"views": views_for(user), "view_form": ViewForm(query=query.urlencode()), "run": published_run()}
    return render(request, "front/customers.html", context | more)


def _filters(request: HttpRequest) -> FilterForm:
    user, version = user_of(request), current_version()
    classes = [item.key for item in policy_of(version).classes] if version else []
    return FilterForm(request.GET, classes=classes, promises=PROMISES, advisers=advisers(user), money=sees_money(user))


def _line_of(sums: dict[str, int], user: User, filters: Filters) -> str:
    """The first line of the list: how many customers in how many households, and what they bring in a year."""
    if not sums["customers"]:
        return said("people_line_nobody")
    who = said("people_customers" if sums["customers"] > 1 else "people_customers_one", number=sums["customers"])
    if filters.narrowed:
        everyone = customers_for(user).filter(former=False).count()
        who = said("people_customers_of", who=who, all_count=everyone)
    where = said("people_households" if sums["households"] > 1 else "people_households_one", number=sums["households"])
    if not sees_money(user):
        return said("people_line", who=who, where=where)
    code = "people_line_money" if sums["customers"] > 1 else "people_line_money_one"
    return said(code, who=who, where=where, year_round_cents=sums["cents"])


@page(*EVERYONE)
def customers_export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, as a workbook."""
    user, run, now = user_of(request), published_run(), timezone.now()
    if run is None:
        raise Http404
    found = listed(user, _filters(request).filters(), now)
    content = export_customers(found=found, run=run, by=user, query=request.GET.urlencode(), money=sees_money(user))
    name = f"{said('people_file')}-{timezone.localdate():%Y-%m-%d}.xlsx"
    return HttpResponse(
        content,
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page(*EVERYONE)
def customer(request: HttpRequest, number: str) -> HttpResponse:
    """All about one customer."""
    found = customer_for(user_of(request), number)
    return render(request, "front/customer.html", {"customer": found})

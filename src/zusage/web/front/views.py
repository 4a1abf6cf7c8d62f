"""Requests for pages that join rooms come in, pages go out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation

from zusage.ground.money import half_up
from zusage.ground.reasons import Reason, Refused, Value
from zusage.ground.words import say, say_finding
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Policy
from zusage.promises.terms import response_term
from zusage.web.bridge.phones import telephone
from zusage.web.calendar.queries import agenda, due_until, end_of_week, issues_of
from zusage.web.charter.outbox.queries import dead_addresses, unclear_for
from zusage.web.charter.queries import promised
from zusage.web.charter.sheet.queries import hidden_on
from zusage.web.customers.actions import export_customers, may_delete
from zusage.web.customers.choices.queries import declined_by, record_of, wishes_for
from zusage.web.customers.consent.queries import advertising_by, allowed_ways, lock_of, refused_ways
from zusage.web.customers.forms import AgreementForm, ChoiceForm, FilterForm, NoteForm, OverrideForm, ToldForm
from zusage.web.customers.models import Customer, Membership, Override, Run, Unit
from zusage.web.customers.queries import (
    Filters,
    accounts_of,
    advisers,
    agreements_shown,
    choices_of,
    chosen_on,
    class_keys,
    customer_for,
    customers_for,
    explanation_of,
    gone,
    household_sizes,
    last_told,
    news_for,
    override_of,
    phones_of,
    published_run,
    received,
    referrals_of,
    totals,
    unit_of,
    views_for,
)
from zusage.web.customers.referrals.queries import to_ask, to_thank
from zusage.web.desk.queries import allowance_words, find_customers, requests_for, service_name
from zusage.web.front.queries import (
    CRITERIA,
    PROMISES,
    Hours,
    Owed,
    Sum,
    bar,
    caller_of,
    done_today,
    failed_jobs,
    first_step,
    happened,
    hours_today,
    listed,
    otherwise,
    owed,
    promise_states,
)
from zusage.web.office.files import as_file
from zusage.web.office.health import works
from zusage.web.office.models import LANGUAGES, User
from zusage.web.office.queries import current_version, known_as, policy_of, policy_version_on
from zusage.web.office.rights import DECIDERS, EVERYONE, page, sees_money, user_of
from zusage.web.review.actions import override_class
from zusage.web.review.course.queries import overdue_since
from zusage.web.review.queries import kept_for, open_flags, pending_for, proposals_for
from zusage.web.services.publish.queries import still_to_tell
from zusage.web.services.queries import knowing
from zusage.web.services.sample.queries import taker_for
from zusage.web.speech import at_clock, class_name, counted, language, said

PAGE = 50
"""Customers on one page of the list."""
HAPPENED, MOST_PAGES = 30, 1000
"""Events on one page of what happened, and how far back a page may be asked for."""
YEAR = timedelta(days=365)

# --- Today and the caller panel

TALKS = ("", "phone")
"""The ways of what is due unasked on which people talk: then a referral can be asked for."""
MOST_ASKED = 5
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
        everybody, each = hours_today(user, policy, now)
        week = agenda(due_until(user, end_of_week(day)), issues_of(policy), day)
        context |= {
            "mine": mine,
            "owed": found,
            "done": done_today(user, policy, now),
            "sentence": owed_words(found, everybody),
            "hours": [*each, everybody] if len(each) > 1 else [],
            "week": week.weeks[0] if week.weeks else None,
            "names": {item.key: item.name[language()] for item in policy.services},
            "sample": taker_for(user) if user.writes else None,
            "unclear": unclear_for(user),
        }
        if user.writes:
            talks = [item.number for item in (week.weeks[0].touchpoints if week.weeks else ()) if item.via in TALKS]
            context["asking"] = to_ask(user, policy, day).filter(number__in=talks)[:MOST_ASKED]
    if user.writes:
        context["thanks"] = to_thank(user).count()
    if user.role in DECIDERS:
        context |= {
            "telling": still_to_tell(user),
            "knowing": knowing(day, user),
            "wishes": wishes_for(user).filter(state="open").count(),
        }
    if user.role == "owner":
        context |= {"flags": open_flags(), "failed": failed_jobs(user, now), "charter_hidden": hidden_on(day)}
        context["reviewed_on"] = overdue_since(policy, day) if policy else None
        context["every_months"] = policy.review.every_months if policy else 0
    return render(request, "front/today.html", context)


def owed_words(found: Owed, hours: Hours) -> str:
    """The first line of Today: what is promised until when, what is late, what is planned for the hours left."""
    clock = at_clock(found.last_at)
    code = {0: "front_owed_none", 1: "front_owed_one"}.get(found.today, "front_owed_some")
    values: dict[str, Value] = {"clock": clock, "today_count": found.today}
    words = [said(code, **values)]
    if found.over:
        words.append(said("front_over_one" if found.over == 1 else "front_over_some", over_count=found.over))
    over = half_up(hours.planned, 60) - half_up(hours.left or 0, 60)  # of the minutes that are shown
    if hours.left and over > 0:
        words.append(
            said("front_planned_over", planned_seconds=hours.planned, left_seconds=hours.left, over_seconds=over * 60)
        )
    elif hours.left:
        words.append(said("front_planned", planned_seconds=hours.planned, left_seconds=hours.left))
    elif hours.planned:
        words.append(said("front_planned_closed", planned_seconds=hours.planned))
    return " ".join(words)


@page(*EVERYONE)
def caller(request: HttpRequest) -> HttpResponse:
    """Who is calling: by telephone number, customer number or name; what is promised, what is due, what to say."""
    user, now, day = user_of(request), timezone.now(), timezone.localdate()
    text, number = request.GET.get("q", "").strip()[:100], request.GET.get("number", "")
    version = policy_version_on(day)
    if version is None:
        return redirect("today")  # it says what to do first
    policy = policy_of(version)
    found = [customer_for(user, number)] if number else find_customers(user, text, day)
    context: dict[str, Any] = {"q": text, "found": found, "phone": telephone(text, policy.firm.country)}
    if len(found) == 1:
        context |= _caller(user, found[0], policy, now)
    whole = "front/caller_found.html" if request.htmx else "front/caller.html"  # type: ignore[attr-defined] # set by django-htmx
    return render(request, whole, context)


def _caller(user: User, customer: Customer, policy: Policy, now: datetime) -> dict[str, Any]:
    call = caller_of(user, customer, policy, now)
    return {
        "caller": call,
        "term": response_term(call.answer.response, language()),
        "say": call.answer.customer_text[language()],
        "allowance": allowance_words(call.answer),
        "names": {item.key: item.name[language()] for item in policy.services},
    }


# --- what goes wrong


@page()
def health(request: HttpRequest) -> HttpResponse:
    """Whether the office works: database, jobs, disk. What exactly does not, is for its owner to see."""
    found = works(timezone.now())
    well = all(found.values())
    told = {"ok": well}
    if found["database"] and request.user.is_authenticated and request.user.role == "owner":
        told |= found
    return JsonResponse(told, status=200 if well else 503)


TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
"""What is more than a form may send (`DATA_UPLOAD_MAX_MEMORY_SIZE`, 2.5 MB without its files)."""


def unread(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent is too much, or cannot be read; said to people of the firm and to customers on their page alike."""
    too_much = isinstance(exception, TOO_MUCH)
    return _failed(request, "much" if too_much else "unread", 413 if too_much else 400)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before somebody signed in anew, or not from here at all."""
    return _failed(request, "unread", 403)


def _failed(request: HttpRequest, what: str, status: int) -> HttpResponse:
    person = getattr(request, "user", None)
    return _without_rows(request, what, status, home=person is not None and person.is_authenticated)


def _without_rows(request: HttpRequest, what: str, status: int, *, home: bool) -> HttpResponse:
    """What went wrong, in the reader's language and without asking the database."""
    chosen = _in_address(request)
    with translation.override(chosen if chosen in LANGUAGES else language()):
        page = render_to_string("front/failed.html", {"language": language(), "what": what, "home": home})
    return HttpResponse(page, status=status)


def _in_address(request: HttpRequest) -> str:
    """The language in an address, where pages of customers have it; the address may be what cannot be read."""
    try:
        return request.GET.get("language", "")
    except TooManyFieldsSent:
        return ""


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What the role does not allow."""
    return render(request, "front/refused.html", status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is not there, or not for this reader."""
    return render(request, "front/missing.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A mistake of ours. The page asks the database for nothing: that may be what is broken."""
    return _without_rows(request, "ours", 500, home=True)


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
    more = {"views": views_for(user), "run": published_run()}
    return render(request, "front/customers.html", context | more)


def _filters(request: HttpRequest) -> FilterForm:
    """The filters of an address; who only types is not offered the advisers anew, so nobody asks for them."""
    user, version = user_of(request), current_version()
    classes = [item.key for item in policy_of(version).classes] if version else []
    named = request.GET.getlist("adviser") if request.htmx else advisers(user)  # type: ignore[attr-defined] # set by django-htmx
    return FilterForm(request.GET, classes=classes, promises=PROMISES, advisers=named, money=sees_money(user))


def _line_of(sums: dict[str, int], user: User, filters: Filters) -> str:
    """The first line of the list: how many customers in how many households, and what they bring in a year."""
    if not sums["customers"]:
        return said("people_line_nobody")
    who = counted("customer", sums["customers"])
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
    return as_file(content, name)


@page(*EVERYONE)
def customer(request: HttpRequest, number: str) -> HttpResponse:
    """All about one customer: class and why, promises, money and time, choice, what happened."""
    user, now, today = user_of(request), timezone.now(), timezone.localdate()
    found = customers_for(user).filter(number=number).first()
    if found is None and (decided := gone(user, number)):
        return render(request, "front/customer_gone.html", {"number": number, "decided": decided}, status=404)
    run, version = published_run(), current_version()
    if found is None or run is None or version is None:
        raise Http404
    policy = policy_of(version)
    members = list(customers_for(user).filter(unit_id=found.unit_id).order_by("number"))
    numbers = [item.number for item in members]
    unit = unit_of(found)
    kept = promised(requests_for(user), found, unit, policy, now)
    shown = _number(request.GET.get("page"))
    listed_events, more = happened(user, found, policy, shown, HAPPENED)
    made, led = referrals_of(user, number)
    context: dict[str, Any] = {
        "customer": found,
        "today": today,
        "members": members,
        "phones": phones_of(number),
        "measured": [item for item in kept if item.measured and not item.floor],
        "also": [item for item in kept if not item.measured and not item.floor],
        "floor": [item.text for item in kept if item.floor],
        "told": (told := last_told(number)),
        "lock": lock_of(number),
        "dead_addresses": dead_addresses(number),
        "told_ahead": told is not None and told.told_on > today,
        "override": override_of(numbers, today),
        "agreements": agreements_shown(number, policy, language()),
        "choices": (choices := choices_of(number)),
        "record": (record := record_of(choices)),
        "received_before": received(numbers, asked - YEAR, asked - timedelta(1))
        if (asked := record.first_on)
        else None,
        "received": received(numbers, today - YEAR, today),
        "made": made,
        "led": led,
        "otherwise": otherwise(user, found),
        "names": {item.key: item.name[language()] for item in policy.services},
        "advertising_by": advertising_by(ways := allowed_ways(number, today)),
        "refused_ways": refused_ways(ways),
        "happened": [(item, item.note is not None and may_delete(item.note, user)) for item in listed_events],
        "shown": shown,
        "more": more,
        "pending": (pending := pending_for(user, today).filter(number=number).first()),
        "proposal": proposals_for(user).filter(unit_id=found.unit_id, state="open").first(),
        "decides": user.role in DECIDERS,
        "wishes": wishes_for(user).filter(number=number, state="open"),
        "declined": [service_name(policy, item.service) for item in declined_by(number)],
    }
    context |= _why(run, found, unit, sees_money(user)) | _forms(found, policy, today)
    context["decided"] = _decided(user, found, unit, pending, context["override"], policy)
    return render(request, "front/customer.html", context)


def _number(text: str | None) -> int:
    return min(int(text), MOST_PAGES) if text and text.isdecimal() and int(text) > 0 else 1


def _why(run: Run, found: Customer, unit: Unit, money: bool) -> dict[str, Any]:
    """The reasons for the class as lines with bars; sums only for those who may see them."""
    speech = language()
    explanation = explanation_of(run, unit, accounts_of(found), speech)
    criteria = [section for section in explanation.sections if section.title.code in CRITERIA]
    sums = [section for section in explanation.sections if section.title.code not in CRITERIA] if money else []
    shown = Reason("explain_previous", {"name": class_name(found.class_key)})  # stands in the heading already
    return {
        "figures": unit.figures if money else None,
        "why": _why_title(found, unit, explanation.class_name),
        "accounts": explanation.members if money else (),
        "decision": [say(reason, speech) for reason in explanation.decision if reason != shown],
        "steps": [say(step, speech) for step in explanation.steps if money or step.code != "step_yield"],
        "criteria": [
            (say(section.title, speech), [bar(line, speech, money=money) for line in section.lines])
            for section in criteria
        ],
        "sums": [Sum.of(section, speech) for section in sums],
    }


def _why_title(found: Customer, unit: Unit, name: str) -> str:
    """The question after the class in force; where the figures point to another one, both, what is in force first."""
    held, proposed = found.class_key, unit.figures["class_key"]
    if held == proposed:
        return said("people_why", name=name)
    by_hand = unit.figures["because"] == "override"
    if not held:
        return said("people_why_first_set" if by_hand else "people_why_first", name=name)
    code = "people_why_other_set" if by_hand else "people_why_other"
    return said(code, held=class_name(held), name=name)


def _decided(
    user: User, found: Customer, unit: Unit, pending: Membership | None, override: Override | None, policy: Policy
) -> str:
    """What people decided where the class in force is not the one the figures point to; empty where nobody did."""
    held, proposed = found.class_key, unit.figures["class_key"]
    if pending is not None:
        name = class_name(pending.class_key)
        return said("people_why_down", name=name, effective_on=pending.effective_on)
    if held == proposed:
        return ""
    if override is not None and known_as(policy, override.class_key) == held:
        return said("people_why_exception", until_on=override.until)
    if chosen := chosen_on(policy, found.number, timezone.localdate()):
        accepted_on = timezone.localtime(chosen.decided_at).date()
        return said("people_why_chosen", name=class_name(held), by=chosen.decided_by.name, decided_on=accepted_on)
    kept = kept_for(user, found.unit_id, held, proposed, policy)
    if kept is None or kept.decided_by is None or kept.decided_at is None:
        return ""
    day = timezone.localtime(kept.decided_at).date()
    return said(f"people_why_{kept.state}", name=kept.decided_by.name, decided_on=day, reason=kept.reason)


def _forms(found: Customer, policy: Policy, today: date) -> dict[str, Form]:
    keys = class_keys(policy)
    return {
        "told_form": ToldForm(today=today, news=news_for(found)),
        "agreement_form": AgreementForm(policy=policy, today=today),
        "choice_form": ChoiceForm(today=today, classes=keys),
        "note_form": NoteForm(),
        "override_form": OverrideForm(classes=keys),
    }


@page(*DECIDERS, methods=("GET", "POST"))
def customer_override(request: HttpRequest, number: str) -> HttpResponse:
    """Set a class against the criteria, with a reason and a last day."""
    found, version = customer_for(user_of(request), number), current_version()
    if version is None:
        raise Http404
    form = OverrideForm(request.POST or None, classes=class_keys(policy_of(version)))
    if form.is_valid():
        try:
            made = override_class(found, **form.cleaned_data, by=user_of(request), now=timezone.now())
        except Refused as refused:
            for finding in refused.findings:
                form.add_error(None, say_finding(finding, language()))
        else:
            saved = said("people_override_saved", name=class_name(made.class_key), effective_on=made.effective_on)
            messages.success(request, saved)
            return redirect("customer", number)
    context = {
        "customer": found,
        "form": form,
        "title": said("people_form_override", name=found.name),
        "button": said("people_save_override"),
    }
    return render(request, "customers/form.html", context, status=422 if request.method == "POST" else 200)

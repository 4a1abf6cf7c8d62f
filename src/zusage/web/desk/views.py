"""Requests for the desk's pages come in, pages and steps go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused
from zusage.policy.document import Policy
from zusage.promises.answer import Answer
from zusage.promises.record import from_json
from zusage.promises.sentences import staff_text
from zusage.web.customers.models import Customer, OwnWork
from zusage.web.customers.queries import customer_for
from zusage.web.desk import actions
from zusage.web.desk.actions import Changed
from zusage.web.desk.forms import (
    DoneForm,
    EscalateForm,
    HandOverForm,
    NeedForm,
    PostponeForm,
    StepForm,
    TakeForm,
    WorkForm,
)
from zusage.web.desk.models import Request
from zusage.web.desk.queries import (
    OPEN,
    allowance_words,
    answer_for,
    find_customers,
    history_of,
    in_order,
    lines,
    owner_for,
    policy_of_request,
    policy_on,
    request_for,
    requests_for,
    service_name,
    usual_activity,
    usual_service,
    zone_of,
)
from zusage.web.office.models import User
from zusage.web.office.queries import people
from zusage.web.office.rights import EVERYONE, WRITERS, page, user_of
from zusage.web.speech import language, said

PER_PAGE = 50
EARLIER_DAYS = 90
"""How long ago a request may be to which a new one can belong."""
SHOWN = ("all", "mine", "team")
STATES = ("open", "waiting", "noticed", "closed")
BACK = ("today", "requests")
"""Pages that lead back to themselves after a step."""
STEPS: Mapping[str, tuple[Callable[..., Request], type[StepForm]]] = {
    "done": (actions.done, DoneForm),
    "pause": (actions.pause, StepForm),
    "resume": (actions.resume, StepForm),
    "written": (actions.written, StepForm),
    "postpone": (actions.postpone, PostponeForm),
    "hand_over": (actions.hand_over, HandOverForm),
    "escalate": (actions.escalate, EscalateForm),
    "drop": (actions.drop, StepForm),
    "reopen": (actions.reopen, StepForm),
    "correct": (actions.correct_work, WorkForm),
}
"""What can be done with a request: the action and what it asks for."""


# --- the queue


@page(*EVERYONE)
def requests_page(request: HttpRequest) -> HttpResponse:
    """The queue in the order it is worked on; what waits, what was noticed, what is over."""
    user, now = user_of(request), timezone.now()
    shown = _one_of(request.GET.get("show"), SHOWN)
    state = _one_of(request.GET.get("state"), STATES)
    found = _of_state(_of_people(requests_for(user), shown, user), state)
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": listed,
        "lines": lines(listed, policy_on(timezone.localdate()), now),
        "shown": shown,
        "state": state,
        "show_tabs": SHOWN,
        "state_tabs": STATES,
    }
    return render(request, "desk/requests.html", context)


def _one_of(asked: str | None, known: tuple[str, ...]) -> str:
    return asked if asked in known else known[0]


def _of_people(found: QuerySet[Request], shown: str, user: User) -> QuerySet[Request]:
    if shown == "mine":
        return found.filter(owner=user)
    return found.filter(owner=None) if shown == "team" else found


def _of_state(found: QuerySet[Request], state: str) -> QuerySet[Request]:
    if state == "closed":
        return found.exclude(state__in=OPEN).order_by("-asked_at", "-pk")
    if state == "noticed":
        found = found.filter(noticed=True)
    return in_order(found.filter(state__in=("waiting",) if state == "waiting" else OPEN))


# --- taking one in


@page(*WRITERS, methods=("GET", "POST"))
def request_new(request: HttpRequest) -> HttpResponse:
    """First the customer, then what they ask for; the answer is said at once."""
    user, number = user_of(request), request.GET.get("number", "")
    if not number:
        return _whom(request, user)
    customer = customer_for(user, number)
    form = _take_form(request, customer)
    refused: tuple[Finding, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            taken = actions.take_request(
                customer=customer, noticed=False, by=user, now=timezone.now(), **_taken_values(form)
            )
            return redirect("request", taken.pk)
        except Refused as error:
            refused = error.findings
    context = {"customer": customer, "form": form, "refused": refused}
    return render(request, "desk/new.html", context, status=422 if form.errors or refused else 200)


def _whom(request: HttpRequest, user: User) -> HttpResponse:
    """The search for a customer; where only one is meant, their request comes at once."""
    text, phone = request.GET.get("q", "").strip()[:100], request.GET.get("phone", "")
    found = find_customers(user, text, timezone.localdate())
    if len(found) == 1:
        meant = {"number": found[0].number} | ({"phone": phone} if phone else {})
        return redirect(f"{reverse('request_new')}?{urlencode(meant)}")
    return render(request, "desk/whom.html", {"found": found, "q": text, "phone": phone})


def _take_form(request: HttpRequest, customer: Customer) -> TakeForm:
    policy = policy_on(timezone.localdate())
    since = timezone.now() - timedelta(days=EARLIER_DAYS)
    earlier = requests_for(user_of(request)).filter(number=customer.number, asked_at__gte=since).order_by("-asked_at")
    named = [
        (item.matter, said("desk_matter_of", asked_on=timezone.localdate(item.asked_at), text=_short(item, policy)))
        for item in earlier
    ]
    owner = owner_for(customer)
    usual = {
        "what": usual_service(policy),
        "channel": "phone",
        "urgency": "normal",
        "cause": "asked",
        "phone": request.GET.get("phone", ""),
        "owner": str(owner.pk) if owner else "",
    }
    data = request.POST if request.method == "POST" else None
    return TakeForm(data, policy=policy, people=_doers(), earlier=list(dict(named).items()), initial=usual)


def _short(item: Request, policy: Policy) -> str:
    return item.text[:60] or service_name(policy, item.what)


def _doers() -> list[User]:
    return list(people().filter(is_active=True).exclude(role="auditor"))


def _taken_values(form: TakeForm) -> dict[str, Any]:
    values = dict(form.cleaned_data)
    return values | {"owner": User.objects.filter(pk=values["owner"] or 0).first()}


@page(*WRITERS, methods=("POST",))
def request_preview(request: HttpRequest) -> HttpResponse:
    """The answer while it is typed: what to tell the customer, what holds, what is left."""
    customer = customer_for(user_of(request), request.GET.get("number", ""))
    form = _take_form(request, customer)
    if not form.is_valid():
        return render(request, "desk/preview.html", {"form": form})
    asked = {name: form.cleaned_data[name] for name in ("what", "channel", "urgency", "cause", "matter", "wants")}
    try:
        policy, answer = answer_for(customer, now=timezone.now(), **asked)
    except Refused as error:
        return render(request, "desk/preview.html", {"refused": error.findings})
    return render(request, "desk/preview.html", {"answer": answer, **_said_of(answer, policy)})


def _said_of(answer: Answer, policy: Policy) -> dict[str, Any]:
    return {
        "customer_text": answer.customer_text[language()],
        "staff_text": staff_text(policy, answer, zone_of(policy), language()),
        "allowance": allowance_words(answer),
        "reasons": [said(reason.code, **reason.values) for reason in answer.reasons],
    }


@page(*WRITERS, methods=("GET", "POST"))
def need_new(request: HttpRequest, number: str) -> HttpResponse:
    """A need that somebody noticed, whatever the class."""
    customer = customer_for(user_of(request), number)
    policy = policy_on(timezone.localdate())
    floor = next((item.key for item in policy.services if item.kind == "floor"), policy.services[0].key)
    form = NeedForm(request.POST or None, policy=policy, initial={"what": floor})
    if form.is_valid():
        taken = actions.note_need(
            customer=customer, owner=owner_for(customer), by=user_of(request), now=timezone.now(), **form.cleaned_data
        )
        return redirect("request", taken.pk)
    return render(request, "desk/need.html", {"customer": customer, "form": form}, status=422 if form.errors else 200)


# --- one request


@page(*EVERYONE)
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How a request stands, what happened to it, what can be done now."""
    return _request_page(request, request_for(user_of(request), pk), opened=request.GET.get("open", ""))


def _request_page(request: HttpRequest, found: Request, *, status: int = 200, **more: Any) -> HttpResponse:
    policy = policy_of_request(found)
    work = OwnWork.objects.filter(request=found.pk).first()
    context = {
        "line": lines([found], policy, timezone.now())[0],
        "item": found,
        "history": history_of(found),
        "work": work,
        "activity": work and _activity_name(work.activity, policy),
        "forms": _forms(found, policy_on(timezone.localdate()), work) if user_of(request).writes else {},
        **_said_of(from_json(found.answer), policy),
    }
    return render(request, "desk/request.html", context | more, status=status)


def _activity_name(key: str, policy: Policy) -> str:
    return next((item.name[language()] for item in policy.activities if item.key == key), key)


def _forms(found: Request, policy: Policy, work: OwnWork | None) -> dict[str, StepForm]:
    """The forms of the steps that are possible now and ask for something."""
    usual = {"done": _usual_work(found, policy), "correct": {}}
    if work is not None:
        usual["correct"] = {"minutes": work.seconds // 60, "activity": work.activity}
    names = {"open": ("done", "postpone", "hand_over", "escalate"), "waiting": ("done", "hand_over", "escalate")}
    steps = names.get(found.state, ("correct",) if work else ())
    if found.urgency_rank == 0:
        steps = tuple(step for step in steps if step != "escalate")
    known: dict[str, Any] = {"request": found, "policy": policy, "people": _doers()}
    return {step: STEPS[step][1](initial=usual.get(step, {}), auto_id=f"{step}_%s", **known) for step in steps}


def _usual_work(found: Request, policy: Policy) -> dict[str, Any]:
    """The minutes and the activity that are offered to be confirmed."""
    activity = usual_activity(policy, what=found.what, urgency=found.urgency, cause=found.cause, channel=found.channel)
    return {"minutes": activity.seconds // 60, "activity": activity.key} if activity else {}


@page(*WRITERS, methods=("POST",))
def request_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of a request; what somebody else did in the meantime is shown beside it, and nothing is lost."""
    user, now = user_of(request), timezone.now()
    found = request_for(user, pk)
    if step not in STEPS:
        raise Http404
    action, kind = STEPS[step]
    policy = policy_on(timezone.localdate())
    form = kind(_typed(request, step, found, policy), request=found, policy=policy, people=_doers())
    if not form.is_valid():
        return _request_page(request, found, status=422, failed=step, failed_form=form)
    try:
        action(request=found, by=user, now=now, **_step_values(form, now))
    except Changed as changed:
        context = {"line": lines([changed.request], policy, now)[0], "step": step, "form": form}
        return render(request, "desk/changed.html", context | {"history": history_of(found)}, status=409)
    except Refused as error:
        return _request_page(request, request_for(user, pk), status=422, refused=error.findings)
    messages.success(request, said(f"desk_did_{step}", name=found.name))
    back = request.POST.get("back", "")
    return redirect(back) if back in BACK else redirect("request", pk)


def _typed(request: HttpRequest, step: str, found: Request, policy: Policy) -> dict[str, Any]:
    """What was sent; a press of one button in a list confirms the usual minutes."""
    usual = _usual_work(found, policy) if step == "done" else {}
    return usual | request.POST.dict()


def _step_values(form: StepForm, now: datetime) -> dict[str, Any]:
    values = dict(form.cleaned_data)
    if "whom" in values:
        values["ours"] = values.pop("whom") == "us"
    if "to" in values:
        values["to"] = User.objects.filter(pk=values["to"] or 0).first()
    if "at" in values:
        values["at"] = values["at"] or now
    return values


# --- looking for a customer while typing


@page(*WRITERS)
def request_find(request: HttpRequest) -> HttpResponse:
    """The customers that what is typed may mean, as a part of the page."""
    text = request.GET.get("q", "").strip()
    found = find_customers(user_of(request), text, timezone.localdate())
    return render(request, "desk/found.html", {"found": found, "q": text})

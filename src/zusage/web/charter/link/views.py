"""Requests of customers by their own address come in, their page goes out; nobody is signed in here.

Whatever is wrong with an address, its answer is the same: unknown, expired, revoked, or of somebody who is no customer
any more. The address is the key: no other site can know it, so no other site can send these forms; there is no
session and no cookie that could be used for that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt

from zusage.ground.reasons import Refused
from zusage.ground.words import say_finding
from zusage.policy.document import Policy
from zusage.web.charter.link import actions
from zusage.web.charter.link.forms import ContactForm, OrderForm, WhyForm
from zusage.web.charter.link.queries import (
    CHANNELS,
    charter,
    document_of,
    held_class,
    own_page,
    package_at,
    terms_of,
    to_confirm,
)
from zusage.web.charter.models import CustomerLink
from zusage.web.charter.outbox.queries import mail_account
from zusage.web.charter.queries import link_of, sender
from zusage.web.customers.choices.actions import want_service_again
from zusage.web.customers.consent.actions import confirm as confirm_consent
from zusage.web.customers.models import Customer
from zusage.web.office.models import LANGUAGES
from zusage.web.office.queries import policy_in_force
from zusage.web.office.rights import page
from zusage.web.office.throttle import Throttle
from zusage.web.speech import language, said

ASKED = Throttle("own", most=90, seconds=60)
"""Requests from one place; a person reading their page makes a tenth of it."""
WRONG = Throttle("own wrong", most=20, seconds=600)
"""Addresses from one place that open nothing: after so many, every address is answered alike."""
UNDONE = ("package", "contact", "why")
DID = (
    *(
        "ordered",
        "asked_price",
        "undone",
        "package_declined",
        "without",
        "again",
        "allowed",
        "asked_again",
        "forbidden",
        "as_before",
    ),
    *("objected", "objection_back", "why", "contact", "contact_same"),
)
"""What is confirmed on the page after it was done, as the endings of its texts."""


@dataclass(frozen=True)
class Visit:
    """A customer on their own page."""

    token: str
    link: CustomerLink
    customer: Customer
    policy: Policy
    now: datetime
    today: date
    asked: str  # the language chosen on the page, as part of an address

    @property
    def home(self) -> str:
        """The address of the page."""
        return reverse("own_page", args=[self.token])


_View = Callable[..., HttpResponseBase]


def own(view: _View) -> _View:
    """Opens a view to whoever has a customer's address; all others get one and the same answer."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, **more: Any) -> HttpResponseBase:
        now = timezone.now()
        if _held_up(request, now):
            return _slow(request)
        today = timezone.localdate(now)
        link = None if _from_elsewhere(request) else link_of(token, today)
        policy = policy_in_force(today)
        if link is None or policy is None:
            return _closed(request, now)
        customer = Customer.objects.get(run__published=True, number=link.number)
        chosen = request.GET.get("language", "")
        asked = f"?language={chosen}" if chosen in LANGUAGES else ""
        visit = Visit(token, link, customer, policy, now, today, asked)
        with translation.override(chosen if asked else language()):
            return _plain(view(request, visit, **more))

    return opened


def _held_up(request: HttpRequest, now: datetime) -> bool:
    """Whether a visitor came too often, or too often with addresses that open nothing."""
    return ASKED.too_often(request, now) or WRONG.was_too_often(request, now)


def _slow(request: HttpRequest) -> HttpResponseBase:
    return _plain(render(request, "charter/link/slow.html", status=429))


def _closed(request: HttpRequest, now: datetime) -> HttpResponseBase:
    """The answer to every address that opens nothing, whatever is wrong with it."""
    WRONG.too_often(request, now)
    return _plain(render(request, "charter/link/closed.html", status=404))


def _from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that another site sent a form here."""
    sent = request.headers.get("Sec-Fetch-Site", "none")
    return request.method == "POST" and sent not in ("same-origin", "none")


def _plain(response: HttpResponseBase) -> HttpResponseBase:
    """What is shown leaves no trace: in no index, and in no address that is passed on."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


# --- the page


@csrf_exempt
@page(methods=("GET", "POST"))
@own
def page_of_customer(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A customer's own page; what is done on it is confirmed on it."""
    if request.method == "POST":
        return _act(request, visit)
    actions.seen(link=visit.link, today=visit.today)
    return _shown(request, visit)


def _shown(
    request: HttpRequest, visit: Visit, *, refused: str = "", forms: Mapping[str, Form] | None = None
) -> HttpResponse:
    found = own_page(visit.customer, visit.policy, visit.now)
    did = request.GET.get("did", "")
    context: dict[str, Any] = {
        "own": found,
        "visit": visit,
        "sender": sender(),
        "today": visit.today,
        "did": said(f"link_did_{did}") if did in DID else "",
        "confirms": mail_account() is not None,
        "refused": refused,
        "why_form": WhyForm(auto_id="why_%s"),
        "contact_form": ContactForm(initial=found.contact, auto_id="contact_%s"),
    }
    wrong = bool(refused or forms)
    return render(request, "charter/link/own_page.html", context | dict(forms or {}), status=422 if wrong else 200)


def _act(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Do what was asked for, and show the page with what was done. What is none of ours changes nothing."""
    do = ACTS.get(request.POST.get("act", ""))
    try:
        done = do(request, visit) if do else "as_before"
    except Refused as refused:
        return _shown(request, visit, refused=" ".join(say_finding(item, language()) for item in refused.findings))
    if isinstance(done, dict):
        return _shown(request, visit, forms=done)
    return _back(visit, done)


def _back(visit: Visit, done: str) -> HttpResponse:
    query = f"{visit.asked}&" if visit.asked else "?"
    return redirect(f"{visit.home}{query}did={done}#done")


_Done = str | dict[str, Form]
"""How what was done is confirmed, or the form with what is wrong with it."""


def _undo(request: HttpRequest, visit: Visit) -> _Done:
    kind = request.POST.get("kind", "")
    undone = kind in UNDONE and actions.undo(customer=visit.customer, kind=kind, now=visit.now)
    return "undone" if undone else "as_before"


def _decline_package(request: HttpRequest, visit: Visit) -> _Done:
    actions.refuse_package(
        customer=visit.customer, policy=visit.policy, place=_number(request.POST.get("place")), by=None,
        evidence=said("link_evidence_page", said_on=visit.today), said_on=visit.today, now=visit.now,
    )  # fmt: skip
    return "package_declined"


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else -1


def _without(request: HttpRequest, visit: Visit) -> _Done:
    actions.do_without(
        customer=visit.customer, policy=visit.policy, service=request.POST.get("service", ""), source="page", by=None,
        now=visit.now,
    )  # fmt: skip
    return "without"


def _again(request: HttpRequest, visit: Visit) -> _Done:
    want_service_again(customer=visit.customer, service=request.POST.get("service", ""), now=visit.now)
    return "again"


def _consent(request: HttpRequest, visit: Visit) -> _Done:
    channel, allow = request.POST.get("channel", ""), request.POST.get("allow") == "yes"
    wording = said("link_consent_wording", firm=sender().name, channel=_by(channel)) if allow else ""
    facts: dict[str, Any] = {"customer": visit.customer, "source": _source(visit), "now": visit.now, "wording": wording}
    if allow and channel == "email" and mail_account() is not None:
        return "asked_again" if actions.allow_mail(**facts) else "as_before"
    given = actions.set_consent(channel=channel, allow=allow, by=None, **facts)
    return "forbidden" if not allow else "allowed" if given else "as_before"


def _by(channel: str) -> str:
    return said(f"link_by_{channel}") if channel in CHANNELS else ""


def _source(visit: Visit) -> str:
    return said("link_evidence_page", said_on=visit.today)


def _object(request: HttpRequest, visit: Visit) -> _Done:
    actions.object_to_advertising(customer=visit.customer, source=_source(visit), by=None, now=visit.now)
    return "objected"


def _object_back(request: HttpRequest, visit: Visit) -> _Done:
    actions.take_objection_back(customer=visit.customer, source=_source(visit), now=visit.now)
    return "objection_back"


def _why(request: HttpRequest, visit: Visit) -> _Done:
    form = WhyForm(request.POST, auto_id="why_%s")
    if not form.is_valid():
        return {"why_form": form}
    actions.ask_why(
        customer=visit.customer, policy=visit.policy, text=form.cleaned_data["why"], source="page", by=None,
        now=visit.now,
    )  # fmt: skip
    return "why"


def _contact(request: HttpRequest, visit: Visit) -> _Done:
    form = ContactForm(request.POST, auto_id="contact_%s")
    if not form.is_valid():
        return {"contact_form": form}
    made = actions.wish_contact(customer=visit.customer, lines=form.lines(), source="page", by=None, now=visit.now)
    return "contact" if made else "contact_same"


ACTS: dict[str, Callable[[HttpRequest, Visit], _Done]] = {
    "undo": _undo,
    "decline_package": _decline_package,
    "without": _without,
    "again": _again,
    "consent": _consent,
    "object": _object,
    "object_back": _object_back,
    "why": _why,
    "contact": _contact,
}
"""What customers may do on their page, by the name its form sends."""


# --- an order, and documents


@csrf_exempt
@page(methods=("GET", "POST"))
@own
def order(request: HttpRequest, visit: Visit, place: int) -> HttpResponse:
    """A package with all its terms, right before it is asked for. Nothing is bought here: what has a price is asked for
    without obligation, and its contract is made elsewhere, with what the law wants a consumer to be told."""
    found = package_at(visit.policy, place)
    if found is None or found[0].class_key == held_class(visit.customer, visit.policy, visit.today)[0]:
        return redirect(visit.home + visit.asked)  # there is no such package, or they have it already
    terms, refused = terms_of(found[0], place, charter(visit.policy)), ""
    form = OrderForm(request.POST or None, initial={"mark": terms.mark}, auto_id="order_%s")
    if request.method == "POST" and form.is_valid():
        try:
            actions.wish_package(
                customer=visit.customer, policy=visit.policy, place=place, source="page", by=None, now=visit.now,
                **form.cleaned_data,
            )  # fmt: skip
        except Refused as error:
            refused = " ".join(say_finding(item, language()) for item in error.findings)
            form = OrderForm(initial={"mark": terms.mark, "text": form.cleaned_data["text"]}, auto_id="order_%s")
        else:
            return _back(visit, "asked_price" if terms.price else "ordered")
    context = {"terms": terms, "form": form, "visit": visit, "sender": sender(), "refused": refused}
    return render(request, "charter/link/order.html", context, status=422 if request.method == "POST" else 200)


@page()
@own
def document(request: HttpRequest, visit: Visit, pk: int) -> HttpResponseBase:
    """A document that was handed over to this customer, or names them besides."""
    found = None
    with suppress(Refused):  # a copy that cannot be printed here
        found = document_of(visit.customer.number, pk)
    if found is None:
        return redirect(visit.home + visit.asked)
    message, content = found
    return FileResponse(
        content, as_attachment=True, filename=message.attachment_name or "document.pdf", content_type="application/pdf"
    )


# --- a consent is confirmed by mail


@csrf_exempt
@page(methods=("GET", "POST"))
def confirm(request: HttpRequest, signed: str) -> HttpResponseBase:
    """The address of a mail that asks whether a consent was meant: confirmed by a button, for a program that looks at
    links in mails presses none. It opens nothing else: the mail may have come to somebody else."""
    now = timezone.now()
    if _held_up(request, now):
        return _slow(request)
    given = None if _from_elsewhere(request) else to_confirm(signed)
    if given is None:
        return _closed(request, now)
    if request.method == "POST":
        confirm_consent(consent=given, now=now)
    done = request.method == "POST" or given.confirmed_at is not None
    return _plain(render(request, "charter/link/confirm.html", {"consent": given, "done": done, "sender": sender()}))

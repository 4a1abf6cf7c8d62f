"""Requests about newsletters come in, pages, mails in the outbox and lists of addresses go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused
from zusage.web.charter.newsletter import actions
from zusage.web.charter.newsletter.forms import IssueForm
from zusage.web.charter.newsletter.models import NewsletterIssue
from zusage.web.charter.newsletter.queries import (
    Receivers,
    at_hand,
    deliveries,
    laid_out,
    newsletters_of,
    receivers,
    text_of,
)
from zusage.web.charter.outbox.queries import letter_language
from zusage.web.charter.views import frame
from zusage.web.office.actions import Overtaken, record_export
from zusage.web.office.files import as_file
from zusage.web.office.models import User
from zusage.web.office.queries import policy_in_force, the_firm
from zusage.web.office.rights import DECIDERS, EVERYONE, WRITERS, page, user_of
from zusage.web.office.sent import day_sent
from zusage.web.speech import counted, language, said


def _names(day: date) -> dict[str, str]:
    return newsletters_of(policy_in_force(day), language())


@page(*EVERYONE)
def newsletters(request: HttpRequest) -> HttpResponse:
    """The issues that are promised in the next two months."""
    today = timezone.localdate()
    names = _names(today)
    found = at_hand(user_of(request), list(names), today)
    context = {"issues": found, "names": names, "today": today}
    return render(request, "charter/newsletter/newsletters.html", frame("newsletters") | context)


@dataclass(frozen=True)
class Asked:
    """The issue an address names, with its receivers as the reader may see them."""

    user: User
    service: str
    name: str
    due_on: date
    text: NewsletterIssue | None
    receivers: Receivers


def _asked(request: HttpRequest, service: str, due_on: str) -> Asked:
    """The issue of an address; Http404 where there is none."""
    user, today = user_of(request), timezone.localdate()
    day, name = day_sent(due_on), _names(today).get(service)
    if day is None or name is None:
        raise Http404
    found = receivers(deliveries(user, service, day), today)
    return Asked(user, service, name, day, text_of(service, day), found)


@page(*EVERYONE, methods=("GET", "POST"))
def newsletter(request: HttpRequest, service: str, due_on: str) -> HttpResponse:
    """One issue: what it says, who gets it on which way; what was typed is kept."""
    asked = _asked(request, service, due_on)
    refused: list[Finding] = []
    if request.method != "POST":
        return _issue_page(request, asked, IssueForm(initial=_initial(asked.text)))
    form = IssueForm(request.POST, request.FILES)
    if form.is_valid():
        typed = dict(form.cleaned_data)
        upload = typed.pop("attachment")
        try:
            actions.save_issue(
                service=service, due_on=asked.due_on, **typed, upload=upload, by=asked.user, now=timezone.now()
            )
        except Refused as error:
            refused = list(error.findings)
        except Overtaken as error:
            return _issue_page(request, asked, form, current=error.current)
        else:
            messages.success(request, said("newsletter_saved"))
            return redirect("newsletter", service, due_on)
    return _issue_page(request, asked, form, refused)


def _initial(found: NewsletterIssue | None) -> dict[str, Any]:
    if found is None:
        return {"version": 0}
    return {"version": found.version, "subject": found.subject, "text": found.text}


def _issue_page(
    request: HttpRequest,
    asked: Asked,
    form: IssueForm,
    refused: list[Finding] | None = None,
    current: NewsletterIssue | None = None,
) -> HttpResponse:
    if current is not None:  # what was typed stays, and is kept the next time it is sent
        typed = request.POST.copy()
        typed["version"] = str(current.version)
        form = IssueForm(typed)
    states = laid_out(asked.user, asked.text)
    context = {
        "asked": asked,
        "form": form,
        "refused": refused or [],
        "current": current,
        "laid_out": sum(states.values()),
        "left": states.get("handed_over", 0),
        "ways": [("mail", asked.receivers.mail), ("post", asked.receivers.post), ("calls", asked.receivers.calls),
                 ("nowhere", asked.receivers.nowhere)],
    }  # fmt: skip
    status = 409 if current else 422 if request.method == "POST" else 200
    return render(request, "charter/newsletter/newsletter.html", frame("newsletters") | context, status=status)


@page(*DECIDERS, methods=("POST",))
def newsletter_write(request: HttpRequest, service: str, due_on: str) -> HttpResponse:
    """A mail to each who gets it by mail goes into the outbox."""
    asked = _asked(request, service, due_on)
    if asked.text is None:
        messages.error(request, said("newsletter_no_text"))
        return redirect("newsletter", service, due_on)
    new = actions.lay_out(asked.text, asked.receivers, by=asked.user, now=timezone.now())
    messages.success(request, said("newsletter_laid_out", mails=counted("mail", new)))
    return redirect("outbox")


@page(*WRITERS)
def newsletter_list(request: HttpRequest, service: str, due_on: str) -> HttpResponse:
    """The addresses of those who get it by post, as a workbook."""
    asked = _asked(request, service, due_on)
    found = asked.receivers.post
    record_export(of=asked.text or the_firm(), name="newsletter", rows=len(found), by=asked.user)
    return as_file(actions.addresses(found, letter_language()), f"newsletter-{asked.due_on}.xlsx")


@page(*WRITERS, methods=("POST",))
def newsletter_printed(request: HttpRequest, service: str, due_on: str) -> HttpResponse:
    """The printed ones were brought to the post."""
    asked = _asked(request, service, due_on)
    sent = actions.mark_printed(asked.receivers, what=asked.name, by=asked.user, today=timezone.localdate())
    messages.success(request, said("newsletter_printed_done", households=counted("household", sent.done)))
    return redirect("newsletter", service, due_on) if sent.changed else redirect("newsletters")

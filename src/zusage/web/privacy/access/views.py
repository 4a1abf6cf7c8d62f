"""Requests for the record of a customer come in; it goes out as a file, and that it did is kept."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, Language, say_finding
from zusage.web.customers.queries import customer_for
from zusage.web.office.actions import record_export
from zusage.web.office.files import as_file
from zusage.web.office.queries import current_version, policy_of, the_firm
from zusage.web.office.rights import DECIDERS, page, user_of
from zusage.web.privacy.access.record import record_json, record_pdf
from zusage.web.speech import language


@page(*DECIDERS, methods=("POST",))
def record(request: HttpRequest, number: str, ending: str) -> HttpResponse:
    """Everything about one customer: `json` for machines, `pdf` for people, in the language that was chosen."""
    user = user_of(request)
    customer, version = customer_for(user, number), current_version()
    if version is None or ending not in ("json", "pdf"):
        raise Http404
    asked = request.POST.get("language", "")
    now, policy = timezone.now(), policy_of(version)
    speech: Language = "de" if asked == "de" else "en" if asked in LANGUAGES else language()
    make = record_json if ending == "json" else record_pdf
    try:
        with translation.override(speech):
            made = make(customer, policy, now, timezone.localdate(now), speech)
    except Refused as refused:
        messages.error(request, " ".join(say_finding(item, language()) for item in refused.findings))
        return redirect("customer_privacy", number)
    record_export(of=the_firm(), name=f"record.{ending}", number=number, by=user)
    return as_file(made, f"record.{ending}")

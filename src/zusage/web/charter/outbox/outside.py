"""What comes in from outside, from nobody who is signed in: one click and no more mails, and reports of what came back.

An address that we did not make is answered as one that we did: nobody learns by it whether a customer exists.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from zusage.web.charter.outbox.mail import unsubscribed
from zusage.web.charter.outbox.models import NOTICES, Message
from zusage.web.charter.outbox.notices import report, take_notice
from zusage.web.charter.outbox.queries import address_of
from zusage.web.office.rights import page
from zusage.web.office.throttle import Throttle

WRONG_ADDRESS = Throttle("unsubscribe", most=20, seconds=60)
WRONG_SECRET = Throttle("reports", most=20, seconds=60)
"""So often somebody may come with what we did not make. Right ones are never held up: the mail programs of many
customers ask from the same place."""
LONGEST = 10_000
"""Bytes of a report."""


@csrf_exempt  # mail programs send this without having seen the page (RFC 8058); the token is the proof
@page(methods=("GET", "POST"))
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button; pressing it ends advertising by mail at once."""
    known = unsubscribed(token)
    if known is None and WRONG_ADDRESS.too_often(request, timezone.now()):
        return _plain(render(request, "429.html", status=429))
    if known is not None and request.method == "POST":
        _end(*known)
    return _plain(render(request, "charter/outbox/unsubscribe.html", {"done": request.method == "POST"}))


def _end(number: str, pk: int) -> None:
    message = Message.objects.filter(pk=pk, number=number).first()
    address = message.address if message else address_of(number)
    take_notice(
        kind="unsubscribe", number=number, address=address, why="", by=None, now=timezone.now(), message=message
    )


def _plain(answer: HttpResponse) -> HttpResponse:
    """No search engine keeps it, and no other page learns its address."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@csrf_exempt  # a program sends this; the secret in its header is the proof
@page(methods=("POST",))
def reports(request: HttpRequest) -> HttpResponse:
    """A program reports a bounce, a complaint or an unsubscription as JSON: `kind`, and `message_id`, `address` or
    `number`; `why` if it likes. The same report again changes nothing."""
    secret = settings.NOTICE_TOKEN
    given = request.headers.get("Authorization", "")
    if not secret:
        raise Http404
    if not constant_time_compare(given, f"Bearer {secret}"):
        held_up = WRONG_SECRET.too_often(request, timezone.now())
        return JsonResponse({"error": "unauthorized"}, status=429 if held_up else 401)
    found = _read(request)
    if found is None:
        return JsonResponse({"error": "kind, and message_id, address or number, each a text"}, status=400)
    new = report(**found, by=None, now=timezone.now())
    return JsonResponse({"known": new is not None, "new": new or 0})


def _read(request: HttpRequest) -> dict[str, Any] | None:
    """The fields of a report; None where it is none."""
    if len(request.body) > LONGEST:
        return None
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(given, dict) or given.get("kind") not in NOTICES:
        return None
    names = {"number": "number", "address": "address", "message_id": "sent_as", "why": "why"}
    found = {own: given.get(name, "") for name, own in names.items()}
    texts = all(isinstance(value, str) and len(value) <= 320 and "\0" not in value for value in found.values())
    return (
        {"kind": given["kind"], **found}
        if texts and any(found[key] for key in ("number", "address", "sent_as"))
        else None
    )


urlpatterns = [
    path("reports/", reports, name="outbox_reports"),
    path("<str:token>/", unsubscribe, name="unsubscribe"),
]

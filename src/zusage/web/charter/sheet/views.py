"""Requests about the charter come in, its page in the office goes out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zusage.web.charter.queries import sender
from zusage.web.charter.views import frame
from zusage.web.office.rights import EVERYONE, page


@page(*EVERYONE)
def telling(request: HttpRequest) -> HttpResponse:
    """The charter as customers see it, with what the firm says of itself."""
    return render(request, "charter/sheet/telling.html", frame("telling") | {"sender": sender()})

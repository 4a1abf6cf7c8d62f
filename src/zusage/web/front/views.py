"""Requests for pages that join rooms come in, pages go out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from zusage.web.office.rights import EVERYONE, page
from zusage.web.speech import language


@page(*EVERYONE)
def today(request: HttpRequest) -> HttpResponse:
    """What is owed today."""
    return render(request, "front/today.html", {})


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

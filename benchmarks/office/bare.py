"""The office's own application with two views more: one only writes the rows of a request, one only answers a page.

What the desk costs beyond the writing is the difference to the first: session, rights, the promise engine, the page.
What the public charter costs is the difference to the second: throttle, charter, template.
"""

from __future__ import annotations

import os
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.office.bare_settings")
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from zusage.web.desk.models import Event, Request


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """Write a request and its first event."""
    now = timezone.now()
    with transaction.atomic():
        made = Request.objects.create(
            number=request.POST["number"], unit_id=request.POST["number"], name="Muster", asked_at=now,
            what=request.POST["what"], class_key="C", policy_hash="", answer={}, due_at=now + timedelta(hours=4),
            tight_at=now + timedelta(hours=3), text=request.POST.get("text", ""),
        )  # fmt: skip
        Event.objects.create(request=made, at=now, kind="asked")
    return HttpResponse(status=201)


PAGE = b"<!doctype html><title>bare</title>" + b"<p>Muster</p>" * 1000
"""As long as the charter of a firm."""


def bare_page(request: HttpRequest) -> HttpResponse:
    """Answer a page that is there already."""
    return HttpResponse(PAGE)


bare.roles = bare_page.roles = ()  # type: ignore[attr-defined] # open to everyone: the benchmark's own views
urlpatterns = [path("bare/", bare), path("bare/page/", bare_page), path("", include("zusage.web.urls"))]

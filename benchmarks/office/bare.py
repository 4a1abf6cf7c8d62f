"""The office's own application with one view more: a bare one that writes the rows of a request and nothing else.

What the desk costs beyond the writing is the difference to it: session, rights, the promise engine, the page.
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


bare.roles = ()  # type: ignore[attr-defined] # open to everyone: the benchmark's own view
urlpatterns = [path("bare/", bare), path("", include("zusage.web.urls"))]

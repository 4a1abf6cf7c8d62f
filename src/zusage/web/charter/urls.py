"""The addresses of what customers are told; each package has its own list."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("zusage.web.charter.sheet.urls")),
    path("", include("zusage.web.charter.link.urls")),
    path("newsletters/", include("zusage.web.charter.newsletter.urls")),
    path("outbox/", include("zusage.web.charter.outbox.urls")),
    path("letters/", include("zusage.web.charter.letters.urls")),
]

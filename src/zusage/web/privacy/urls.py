"""The addresses of privacy: of one customer, and of the rules for keeping."""

from __future__ import annotations

from django.urls import include, path

from zusage.web.privacy import views

urlpatterns = [
    path("", include("zusage.web.privacy.erasing.urls")),
    path("customers/<path:number>/privacy/", views.customer_privacy, name="customer_privacy"),
    path("privacy/", views.privacy, name="privacy"),
]

"""The addresses of privacy: of one customer, and of the rules for keeping."""

from __future__ import annotations

from django.urls import include, path

from zusage.web.privacy import views
from zusage.web.privacy.access import views as access
from zusage.web.privacy.keeping import views as keeping

urlpatterns = [
    path("", include("zusage.web.privacy.erasing.urls")),
    path("customers/<path:number>/privacy/", views.customer_privacy, name="customer_privacy"),
    path("customers/<path:number>/privacy/record.<str:ending>", access.record, name="customer_record"),
    path("customers/<path:number>/privacy/contact/", views.customer_contact, name="customer_contact"),
    path("privacy/", keeping.privacy, name="privacy"),
    path("privacy/apply/", keeping.apply, name="retention_apply"),
    path("privacy/rules/<slug:key>/", keeping.rule, name="retention_rule"),
]

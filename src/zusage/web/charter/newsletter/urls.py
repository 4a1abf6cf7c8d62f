"""The addresses of newsletters."""

from __future__ import annotations

from django.urls import path

from zusage.web.charter.newsletter import views

urlpatterns = [
    path("", views.newsletters, name="newsletters"),
    path("<str:service>/<str:due_on>/", views.newsletter, name="newsletter"),
    path("<str:service>/<str:due_on>/write/", views.newsletter_write, name="newsletter_write"),
    path("<str:service>/<str:due_on>/list/", views.newsletter_list, name="newsletter_list"),
    path("<str:service>/<str:due_on>/printed/", views.newsletter_printed, name="newsletter_printed"),
]

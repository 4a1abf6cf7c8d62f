"""The addresses of pages that join rooms."""

from __future__ import annotations

from django.urls import path

from zusage.web.front import views

urlpatterns = [
    path("", views.today, name="today"),
    path("healthz", views.health, name="health"),
]

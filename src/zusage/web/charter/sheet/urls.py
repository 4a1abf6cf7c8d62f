"""The addresses of the charter."""

from __future__ import annotations

from django.urls import path

from zusage.web.charter.sheet import views

urlpatterns = [
    path("", views.telling, name="telling"),
]

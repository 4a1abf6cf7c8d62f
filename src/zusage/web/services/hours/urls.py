"""The addresses of a draft's times and hours."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.hours import views

urlpatterns = [
    path("<int:pk>/hours/", views.draft_hours, name="draft_hours"),
    path("<int:pk>/hours/measured/", views.take_measured, name="take_measured"),
    path("<int:pk>/hours/sample/", views.take_sample, name="take_sample"),
]

"""The addresses of the office: first start, settings, people, jobs."""

from __future__ import annotations

from django.urls import path

from zusage.web.office import views

urlpatterns = [
    path("start/", views.first_start, name="first_start"),
    path("settings/", views.settings_page, name="settings"),
    path("me/", views.my_settings, name="my_settings"),
    path("switch/", views.switch, name="switch"),
]

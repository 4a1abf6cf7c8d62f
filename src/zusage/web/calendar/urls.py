"""The addresses of the calendar."""

from __future__ import annotations

from django.urls import path

from zusage.web.calendar import views

urlpatterns = [
    path("", views.calendar_page, name="calendar"),
    path("issue/done/", views.issue_done, name="issue_done"),
    path("<int:pk>/done/", views.touchpoint_done, name="touchpoint_done"),
    path("<int:pk>/open/", views.touchpoint_open, name="touchpoint_open"),
]

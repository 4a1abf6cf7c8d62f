"""The addresses of capacity."""

from __future__ import annotations

from django.urls import path

from zusage.web.insight import views

urlpatterns = [
    path("", views.capacity, name="capacity"),
    path("take/", views.take_way, name="capacity_take"),
]

"""The addresses of the room; its list and its page join other rooms and stand in front."""

from __future__ import annotations

from django.urls import path

from zusage.web.customers import views

urlpatterns = [
    path("views/", views.view_save, name="customers_view_save"),
    path("views/<int:pk>/delete/", views.view_delete, name="customers_view_delete"),
]

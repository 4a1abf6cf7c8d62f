"""The addresses of the classes of a draft."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.classes import views

urlpatterns = [
    path("", views.draft_classes, name="draft_classes"),
    path("moves/", views.classes_moves, name="classes_moves"),
    path("wish/", views.classes_wish, name="classes_wish"),
]

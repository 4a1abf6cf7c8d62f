"""The addresses of the matrix of a draft."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.matrix import views

urlpatterns = [path("", views.draft_matrix, name="draft_matrix")]

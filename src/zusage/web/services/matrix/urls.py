"""The addresses of the matrix of a draft; which service and class is meant stands behind the question mark."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.matrix import views

urlpatterns = [
    path("", views.draft_matrix, name="draft_matrix"),
    path("cell/", views.matrix_cell, name="matrix_cell"),
]

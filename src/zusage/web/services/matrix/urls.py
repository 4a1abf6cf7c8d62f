"""The addresses of the matrix of a draft; which service and class is meant stands behind the question mark."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.matrix import views

urlpatterns = [
    path("", views.draft_matrix, name="draft_matrix"),
    path("cell/", views.matrix_cell, name="matrix_cell"),
    path("service/", views.matrix_service, name="matrix_service"),
    path("new/", views.matrix_new, name="matrix_new"),
    path("drop/", views.matrix_drop, name="matrix_drop"),
    path("move/", views.matrix_move, name="matrix_move"),
    path("places/", views.matrix_places, name="matrix_places"),
]

"""The addresses of the charter: in the office, and for everybody."""

from __future__ import annotations

from django.urls import path

from zusage.web.charter.sheet import views

urlpatterns = [
    path("", views.telling, name="telling"),
    path("texts/", views.sheet_texts, name="sheet_texts"),
    path("mark/", views.sheet_mark, name="sheet_mark"),
    path("public/", views.publish_charter, name="publish_charter"),
    path("charter.<slug:kind>", views.charter_file, name="charter_file"),
]
public = [
    path("<str:token>/", views.public_charter, name="public_charter"),
    path("<str:token>/charter.pdf", views.public_charter_pdf, name="public_charter_pdf"),
]

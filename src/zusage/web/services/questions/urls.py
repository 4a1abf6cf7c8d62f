"""The addresses of the ten questions of a draft."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.questions import views

urlpatterns = [
    path("", views.draft_questions, name="draft_questions"),
    path("<slug:key>/", views.question, name="question"),
    path("<slug:key>/hours/", views.hours, name="question_hours"),
]

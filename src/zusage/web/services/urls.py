"""The addresses of the service model: its drafts, each with one page per part, and what is published."""

from __future__ import annotations

from django.urls import include, path

from zusage.web.services import views

urlpatterns = [
    path("", views.services, name="services"),
    path("new/", views.new_draft, name="new_draft"),
    path("", include("zusage.web.services.publish.urls")),
    path("<int:pk>/undo/", views.undo, name="undo_draft"),
    path("<int:pk>/drop/", views.drop, name="drop_draft"),
    path("<int:pk>/restore/", views.restore, name="restore_draft"),
    path("<int:pk>/questions/", include("zusage.web.services.questions.urls")),
    path("<int:pk>/classes/", include("zusage.web.services.classes.urls")),
    path("<int:pk>/matrix/", include("zusage.web.services.matrix.urls")),
    path("", include("zusage.web.services.hours.urls")),
    path("", include("zusage.web.services.sample.urls")),
]

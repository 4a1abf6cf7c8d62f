"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from zusage.web.review import views
from zusage.web.review.waves import views as waves

urlpatterns = [
    path("", views.review, name="review"),
    path("first/", views.first, name="review_first"),
    path("upgrades/", views.upgrades, name="review_upgrades"),
    path("run/", views.run, name="review_run"),
    path("progress/<int:pk>/", views.progress, name="review_progress"),
    path("waves/", waves.waves, name="review_waves"),
    path("waves/plan/", waves.waves_plan, name="review_waves_plan"),
    path("waves/grace/", waves.waves_grace, name="review_waves_grace"),
    path("<int:pk>/", views.proposal, name="review_proposal"),
    path("pending/<int:pk>/", views.pending, name="review_pending"),
    path("flags/<int:pk>/seen/", views.seen, name="review_seen"),
]

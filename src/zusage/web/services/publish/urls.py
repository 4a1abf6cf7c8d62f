"""The addresses of checking, publishing, versions and telling; those of a draft begin with its number."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.publish import views

urlpatterns = [
    path("<int:pk>/check/", views.draft_check, name="draft_check"),
    path("<int:pk>/check/start/", views.start_check, name="start_check"),
    path("<int:pk>/check/movers/", views.movers, name="check_movers"),
    path("<int:pk>/check/movers.xlsx", views.movers_list, name="check_list"),
    path("<int:pk>/publish/", views.publish, name="publish_draft"),
    path("<int:pk>.yaml", views.written_draft, name="written_draft"),
    path("versions/", views.versions, name="versions"),
    path("versions/compare/", views.compare, name="compare_versions"),
    path("versions/import/", views.import_file, name="import_draft"),
    path("versions/<int:pk>.yaml", views.written_policy, name="written_policy"),
    path("telling/", views.announcements, name="announcements"),
    path("telling/<int:pk>/", views.announcement, name="announcement"),
    path("telling/<int:pk>.xlsx", views.announcement_list, name="announcement_list"),
]

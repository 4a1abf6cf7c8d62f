"""The addresses of the office: first start, settings, people, jobs, backups, changes."""

from __future__ import annotations

from django.urls import path

from zusage.web.office import views

urlpatterns = [
    path("start/", views.first_start, name="first_start"),
    path("enter/<str:link>/", views.enter_demo, name="enter_demo"),
    path("settings/", views.settings_page, name="settings"),
    path("people/", views.people_page, name="people"),
    path("people/new/", views.new_person, name="new_person"),
    path("people/<int:pk>/", views.person_page, name="person"),
    path("people/<int:pk>/away/", views.add_person_absence, name="add_absence"),
    path("people/<int:pk>/away/<int:absence>/", views.remove_person_absence, name="remove_absence"),
    path("people/<int:pk>/link/", views.person_link, name="person_link"),
    path("welcome/<str:link>/", views.first_password, name="first_password"),
    path("jobs/", views.jobs, name="jobs"),
    path("backups/", views.backups_page, name="backups"),
    path("backups/<str:name>", views.backup_file, name="backup_file"),
    path("changes/", views.changes, name="changes"),
    path("me/", views.my_settings, name="my_settings"),
    path("switch/", views.switch, name="switch"),
]

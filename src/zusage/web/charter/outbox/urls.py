"""The addresses of the outbox."""

from __future__ import annotations

from django.urls import path

from zusage.web.charter.outbox import views

urlpatterns = [
    path("", views.outbox, name="outbox"),
    path("<int:pk>/", views.outbox_message, name="outbox_message"),
    path("<int:pk>/decide/", views.outbox_decide, name="outbox_decide"),
    path("<int:pk>/<slug:what>/", views.outbox_file, name="outbox_file"),
    path("left/", views.outbox_left, name="outbox_left"),
    path("send/", views.outbox_send, name="outbox_send"),
    path("release/", views.outbox_release, name="outbox_release"),
    path("files/", views.outbox_files, name="outbox_files"),
    path("server/", views.outbox_server, name="outbox_server"),
    path("notices/", views.outbox_notices, name="outbox_notices"),
    path("notices/new/", views.outbox_notice, name="outbox_notice"),
    path("notices/<int:pk>/end/", views.outbox_notice_end, name="outbox_notice_end"),
]

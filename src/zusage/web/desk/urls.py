"""The addresses of the desk."""

from __future__ import annotations

from django.urls import path

from zusage.web.desk import views

urlpatterns = [
    path("", views.requests_page, name="requests"),
    path("new/", views.request_new, name="request_new"),
    path("find/", views.request_find, name="request_find"),
    path("preview/", views.request_preview, name="request_preview"),
    path("need/<path:number>/", views.need_new, name="need_new"),
    path("<int:pk>/", views.request_page, name="request"),
    path("<int:pk>/<slug:step>/", views.request_step, name="request_step"),
]

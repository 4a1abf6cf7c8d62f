"""The addresses of the time sample."""

from __future__ import annotations

from django.urls import path

from zusage.web.services.sample import views

urlpatterns = [
    path("time-sample/", views.time_samples, name="time_samples"),
    path("time-sample/<int:pk>/", views.time_sample, name="time_sample"),
    path("time-sample/<int:pk>/close/", views.close_time_sample, name="close_time_sample"),
    path("time-sample/now/", views.my_moment, name="my_moment"),
    path("time-sample/now/take-part/", views.take_part, name="take_part"),
]

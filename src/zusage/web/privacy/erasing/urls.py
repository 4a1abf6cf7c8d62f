"""The addresses of erasing."""

from __future__ import annotations

from django.urls import path

from zusage.web.privacy.erasing import views

urlpatterns = [
    path("privacy/erased/", views.erased, name="erased"),
    path("customers/<path:number>/privacy/erase/", views.customer_erase, name="customer_erase"),
]

"""The addresses of pages that join rooms."""

from __future__ import annotations

from django.urls import path

from zusage.web.front import views

urlpatterns = [
    path("", views.today, name="today"),
    path("caller/", views.caller, name="caller"),
    path("customers/", views.customers, name="customers"),
    path("customers/export.xlsx", views.customers_export, name="customers_export"),
    path("customers/<path:number>/override/", views.customer_override, name="customer_override"),
    path("customers/<path:number>/", views.customer, name="customer"),
    path("healthz", views.health, name="health"),
]

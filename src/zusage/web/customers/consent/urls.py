"""The addresses of consents: of all customers, and of one."""

from __future__ import annotations

from django.urls import path

from zusage.web.customers.consent import views

urlpatterns = [
    path("consent-lists/", views.consent_lists, name="consent_lists"),
    path("consent-lists/proof/", views.proof_sheet, name="consent_proof"),
    path("consent-lists/objections/", views.opt_out_list, name="opt_out_list"),
    path("<path:number>/consents/", views.consents, name="customer_consents"),
    path("<path:number>/consents/grant/", views.consent_grant, name="customer_consent_grant"),
    path("<path:number>/consents/withdraw/", views.consent_withdraw, name="customer_consent_withdraw"),
    path("<path:number>/consents/object/", views.consent_object, name="customer_consent_object"),
    path("<path:number>/consents/lock/", views.consent_lock, name="customer_lock"),
    path("<path:number>/consents/lift/", views.consent_lift, name="customer_lift"),
    path("<path:number>/consents/back/<int:pk>/", views.consent_back, name="customer_consent_back"),
]

"""The addresses of recommendations."""

from __future__ import annotations

from django.urls import path

from zusage.web.customers.referrals import views

urlpatterns = [
    path("referrals/", views.referrals, name="referrals"),
    path("referrals/<int:pk>/", views.referral, name="referral"),
    path("referrals/<int:pk>/thanks/", views.referral_thanks, name="referral_thanks"),
    path("<path:number>/referrals/", views.customer_referrals, name="customer_referrals"),
    path("<path:number>/referrals/new/", views.referral_new, name="referral_new"),
    path("<path:number>/referrals/asked/", views.referral_asked, name="referral_asked"),
]

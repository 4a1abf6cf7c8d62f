"""The addresses of the room; its list and its page join other rooms and stand in front."""

from __future__ import annotations

from django.urls import include, path

from zusage.web.customers import views
from zusage.web.customers.choices.views import never_asked

urlpatterns = [
    path("never-asked/", never_asked, name="never_asked"),
    path("", include("zusage.web.customers.consent.urls")),
    path("", include("zusage.web.customers.referrals.urls")),
    path("views/", views.view_save, name="customers_view_save"),
    path("views/<int:pk>/delete/", views.view_delete, name="customers_view_delete"),
    path("<path:number>/told/", views.told, name="customer_told"),
    path("<path:number>/choice/", views.choice, name="customer_choice"),
    path("<path:number>/agreement/", views.agreement, name="customer_agreement"),
    path("<path:number>/agreement/<int:pk>/end/", views.agreement_end, name="customer_agreement_end"),
    path("<path:number>/note/", views.note, name="customer_note"),
    path("<path:number>/note/<int:pk>/delete/", views.note_delete, name="customer_note_delete"),
    path("<path:number>/rows/", views.rows, name="customer_rows"),
]

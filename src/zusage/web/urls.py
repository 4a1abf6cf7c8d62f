"""Addresses come in, views go out; each room has its own list."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from zusage.web.charter.letters.urls import customer_patterns as customer_letters
from zusage.web.charter.link.urls import of_customer as own_page_of
from zusage.web.charter.link.urls import public as own_pages
from zusage.web.charter.sheet.urls import public as charter

# of the sign-in library only what this office uses: nobody signs up, nobody is sent a mail
ACCOUNT = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
urlpatterns = [
    path("imports/", include("zusage.web.book.urls")),
    path("customers/", include("zusage.web.customers.urls")),
    path("customers/", include(own_page_of)),
    path("customers/", include(customer_letters)),
    path("requests/", include("zusage.web.desk.urls")),
    path("calendar/", include("zusage.web.calendar.urls")),
    path("services/", include("zusage.web.services.urls")),
    path("review/", include("zusage.web.review.urls")),
    path("telling/", include("zusage.web.charter.urls")),
    path("c/", include(charter)),
    path("capacity/", include("zusage.web.insight.urls")),
    path("k/", include(own_pages)),
    path("u/", include("zusage.web.charter.outbox.outside")),
    path("office/", include("zusage.web.office.urls")),
    path("account/", include(ACCOUNT)),
    path("", include("zusage.web.privacy.urls")),
    path("", include("zusage.web.front.urls")),  # last: a customer's number may hold anything
]
handler400 = "zusage.web.front.views.unread"
handler403 = "zusage.web.front.views.refused"
handler404 = "zusage.web.front.views.missing"
handler500 = "zusage.web.front.views.broken"

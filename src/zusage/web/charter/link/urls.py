"""The addresses of customers' own pages: for customers, in the office, and among the pages of one customer."""

from __future__ import annotations

from django.urls import path

from zusage.web.charter.link import views
from zusage.web.charter.link.answers import views as answers
from zusage.web.charter.link.replies import views as replies

public = [
    path("confirm/<str:signed>/", views.confirm, name="own_confirm"),
    path("<str:token>/", views.page_of_customer, name="own_page"),
    path("<str:token>/package/<int:place>/", views.order, name="own_order"),
    path("<str:token>/document/<int:pk>/", views.document, name="own_document"),
]
of_customer = [
    path("<path:number>/page/", answers.links, name="customer_page"),
    path("<path:number>/page/<int:pk>/revoke/", answers.revoke, name="customer_page_revoke"),
    path("<path:number>/page/preview/", answers.preview, name="customer_page_preview"),
]
urlpatterns = [
    path("pages/", answers.wishes, name="customer_pages"),
    path("pages/replies/", replies.replies, name="replies"),
    path("pages/replies/list/", replies.reply_list, name="reply_list"),
    path("pages/replies/<str:code>/", replies.reply, name="reply"),
    path("pages/<int:pk>/", answers.wish, name="wish"),
    path("pages/<int:pk>/refuse/", answers.refuse, name="wish_refuse"),
]

"""Requests about the office come in, pages go out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zusage.web.office.rights import EVERYONE, OWNER, page


@page(methods=("GET", "POST"))
def first_start(request: HttpRequest) -> HttpResponse:
    """Owner, language, firm and service model: the first page of a new office."""
    return render(request, "office/start.html", {})


@page(*OWNER, methods=("GET", "POST"))
def settings_page(request: HttpRequest) -> HttpResponse:
    """The firm's settings."""
    return render(request, "office/settings.html", {})


@page(*EVERYONE, methods=("GET", "POST"), auditor_writes=True)
def my_settings(request: HttpRequest) -> HttpResponse:
    """Language, theme, password and second factor of the reader."""
    return render(request, "office/me.html", {})

"""Requests about the office come in, pages go out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from zusage.web.office.actions import choose_look
from zusage.web.office.models import LANGUAGES, User
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


@page(methods=("POST",))
def switch(request: HttpRequest) -> HttpResponse:
    """Language or theme, chosen in the bar of every page: kept with the user, before sign-in with the session."""
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if isinstance(request.user, User):
        choose_look(request.user, language=language, theme=theme)
    elif language in LANGUAGES:
        request.session["language"] = language
    back = request.POST.get("next", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")

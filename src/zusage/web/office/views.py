"""Requests about the office come in, pages go out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from zusage.ground.reasons import Finding, Refused
from zusage.policy.read import read_policy_text
from zusage.web.office.actions import choose_look, open_office
from zusage.web.office.forms import StartForm
from zusage.web.office.models import LANGUAGES, User
from zusage.web.office.queries import has_firm
from zusage.web.office.rights import EVERYONE, OWNER, page


@page(methods=("GET", "POST"))
def first_start(request: HttpRequest) -> HttpResponse:
    """Owner, language, firm and service model: the first page of a new office, and then never again."""
    if has_firm():
        return redirect("today")
    form = StartForm(request.POST or None, request.FILES or None)
    refused: tuple[Finding, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            owner = _open(form)
        except Refused as error:
            refused = error.findings
        else:
            login(request, owner, backend=settings.AUTHENTICATION_BACKENDS[0])
            return redirect("imports")
    status = 422 if request.method == "POST" else 200
    return render(request, "office/start.html", {"form": form, "refused": refused}, status=status)


def _open(form: StartForm) -> User:
    found, text = form.cleaned_data, form.policy_text()
    return open_office(
        firm_name=found["firm_name"] or read_policy_text(text).policy.firm.name,
        policy_text=text,
        name=found["name"],
        email=found["email"],
        password=found["password"],
        language=found["language"],
        now=timezone.now(),
    )


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

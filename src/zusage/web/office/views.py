"""Requests about the office come in, pages go out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.paginator import Paginator
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from zusage.ground.reasons import Finding, Refused
from zusage.ground.words import UNKNOWN
from zusage.policy.read import read_policy_text
from zusage.web.office.actions import (
    Overtaken,
    add_absence,
    add_person,
    choose_look,
    edit_firm,
    edit_person,
    open_office,
    record_download,
    remove_absence,
    reset_password,
    set_first_password,
)
from zusage.web.office.audit import KEPT, lines_of
from zusage.web.office.backup import backups, facts_of
from zusage.web.office.forms import (
    AbsenceForm,
    AgainForm,
    FirmForm,
    LookForm,
    NewPasswordForm,
    PersonForm,
    StartForm,
)
from zusage.web.office.jobs import start_job
from zusage.web.office.models import LANGUAGES, Firm, User
from zusage.web.office.queries import (
    changes_for,
    current_version,
    has_firm,
    jobs_for,
    people,
    person_for,
    policy_of,
    the_firm,
)
from zusage.web.office.rights import EVERYONE, OWNER, page, user_of
from zusage.web.office.signin import PASSWORD_LINKS, use_demo_link
from zusage.web.speech import hm, language, said

PER_PAGE = 50
ACTIONS = ("create", "update", "delete", "access")
"""What the log of changes knows, by its number."""


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


@page()
def enter_demo(request: HttpRequest, link: str) -> HttpResponse:
    """The way into the example firm, by the link that stands in the terminal; good once, and for no other firm."""
    person = use_demo_link(link)
    if person is None:
        messages.error(request, said("office_link_used"))
        return redirect("account_login")
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("today")


# --- the firm


@page(*OWNER, methods=("GET", "POST"))
def settings_page(request: HttpRequest) -> HttpResponse:
    """The firm's name and who may see what."""
    firm = the_firm()
    form = FirmForm(request.POST or None, initial=_shown(firm, FirmForm))
    current = None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            edit_firm(firm=firm, version=values.pop("version"), values=values)
        except Overtaken as error:
            current = error.current
        else:
            messages.success(request, said("office_saved"))
            return redirect("settings")
    context = {"form": with_version(form, current), "versions": versions(form, current)}
    return render(request, "office/settings.html", context, status=status_of(request, current))


def _shown(row: Firm | User, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields}


def with_version(form: Form, current: Firm | User | None) -> Form:
    """After somebody else was faster: the form as it was typed, good for the version that is shown beside it."""
    if current is not None:
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        form.data["version"] = str(current.version)  # type: ignore[index]
    return form


def versions(form: Form, current: Firm | User | None) -> list[tuple[str, str, str]]:
    """What was typed beside what stands there now, where they differ: label, now, typed."""
    if current is None:
        return []
    pairs = [(field, getattr(current, name), form.cleaned_data.get(name)) for name, field in form.fields.items()]
    return [(str(field.label), _plain(now), _plain(typed)) for field, now, typed in pairs[1:] if now != typed]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return said("office_yes" if value else "office_no")
    return hm(value) if isinstance(value, int) else str(value or UNKNOWN)


def status_of(request: HttpRequest, current: Firm | User | None = None) -> int:
    """200 for a page that was asked for, 409 where somebody was faster, 422 where what was sent is wrong."""
    return 409 if current is not None else 422 if request.method == "POST" else 200


# --- people


@page(*OWNER)
def people_page(request: HttpRequest) -> HttpResponse:
    """Who works here and what they may."""
    return render(request, "office/people.html", {"people": people(), "today": timezone.localdate()})


@page(*OWNER, methods=("GET", "POST"))
def new_person(request: HttpRequest) -> HttpResponse:
    """Somebody new; the page after it shows their link."""
    form = PersonForm(request.POST or None, roles=roles_of_work(), new=True)
    refused: tuple[Finding, ...] = ()
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            person = add_person(values=values)
        except Refused as error:
            refused = error.findings
        else:
            return redirect("person_link", person.pk)
    return render(request, "office/new_person.html", {"form": form, "refused": refused}, status=status_of(request))


@page(*OWNER, methods=("GET", "POST"))
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: who they are, what they may, when they are away."""
    person = person_for(user_of(request), pk)
    form = PersonForm(request.POST or None, initial=_shown(person, PersonForm), roles=roles_of_work())
    refused: tuple[Finding, ...] = ()
    current = None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            edit_person(person=person, version=values.pop("version"), values=values)
        except Overtaken as error:
            current = error.current
        except Refused as error:
            refused = error.findings
        else:
            messages.success(request, said("office_saved"))
            return redirect("people")
    context = {"person": person, "form": with_version(form, current), "versions": versions(form, current)}
    context |= {"refused": refused, "absence": AbsenceForm(auto_id="absence_%s"), "absences": person.absences.all()}
    return render(request, "office/person.html", context, status=status_of(request, current))


@page(*OWNER, methods=("POST",))
def add_person_absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Days on which somebody is away."""
    person = person_for(user_of(request), pk)
    form = AbsenceForm(request.POST, auto_id="absence_%s")
    refused: tuple[Finding, ...] = ()
    if form.is_valid():
        try:
            add_absence(person=person, **form.cleaned_data)
        except Refused as error:
            refused = error.findings
        else:
            return redirect("person", pk)
    own = PersonForm(initial=_shown(person, PersonForm), roles=roles_of_work())
    context = {"person": person, "form": own, "refused": refused, "absence": form, "absences": person.absences.all()}
    return render(request, "office/person.html", context, status=422)


@page(*OWNER, methods=("POST",))
def remove_person_absence(request: HttpRequest, pk: int, absence: int) -> HttpResponse:
    """An absence that does not take place."""
    remove_absence(person=person_for(user_of(request), pk), pk=absence)
    return redirect("person", pk)


@page(*OWNER, methods=("GET", "POST"))
def person_link(request: HttpRequest, pk: int) -> HttpResponse:
    """The link by which somebody chooses a password; asking for a new one ends the former password and link."""
    person = person_for(user_of(request), pk)
    if request.method == "POST":
        reset_password(person=person)
        return redirect("person_link", pk)
    link = ""
    if not person.has_usable_password() and person.is_active:
        link = settings.ADDRESS + reverse("first_password", args=[PASSWORD_LINKS.link(person)])
    return render(request, "office/person_link.html", {"person": person, "link": link})


@page(methods=("GET", "POST"))
def first_password(request: HttpRequest, link: str) -> HttpResponse:
    """Somebody chooses their password by the link they were given."""
    person = PASSWORD_LINKS.person(link)
    if person is None:
        return render(request, "office/link_used.html", status=404)
    form = NewPasswordForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        set_first_password(person=person, password=form.cleaned_data["password"])
        messages.success(request, said("office_password_set"))
        return redirect("account_login")
    return render(request, "office/first_password.html", {"form": form, "person": person}, status=status_of(request))


def roles_of_work() -> list[tuple[str, str]]:
    """The roles of the service model, for what people do."""
    version = current_version()
    return [(role.key, role.name[language()]) for role in policy_of(version).roles] if version else []


# --- jobs, backups, changes


@page(*EVERYONE)
def jobs(request: HttpRequest) -> HttpResponse:
    """What runs in the background, and how it ended."""
    rows = Paginator(jobs_for(user_of(request)).select_related("asked_by"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": rows, "running": any(row.running for row in rows)}
    return render(request, "office/jobs_found.html" if request.htmx else "office/jobs.html", context)  # type: ignore[attr-defined]


@page(*OWNER, methods=("GET", "POST"))
def backups_page(request: HttpRequest) -> HttpResponse:
    """The office's own backups; one more at a click."""
    if request.method == "POST":
        start_job("backup", now=timezone.now(), by=user_of(request))
        messages.success(request, said("office_backup_asked"))
        return redirect("jobs")
    context = {"listed": [(path.name, *facts_of(path)) for path in backups()]}
    return render(request, "office/backups.html", context)


@page(*OWNER, methods=("GET", "POST"))
def backup_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """A backup to take along, for an owner who types the password once more."""
    path = next((path for path in backups() if path.name == name), None)
    if path is None:
        raise Http404
    user = user_of(request)
    form = AgainForm(request.POST or None, person=user)
    if request.method == "POST" and form.is_valid():
        record_download(user, the_firm(), name)
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)
    return render(request, "office/backup.html", {"form": form, "name": name}, status=status_of(request))


@page("owner", "auditor")
def changes(request: HttpRequest) -> HttpResponse:
    """Who changed what and when: before and after."""
    by, kind = request.GET.get("by", ""), request.GET.get("kind", "").lower()
    kinds = [(name, said(f"office_kind_{name}")) for name in KEPT]
    found = changes_for(user_of(request), by=by, kind=kind if kind in dict(kinds) else "")
    rows = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = {str(person.pk): person.name for person in people()}
    listed = [(row, said(f"office_change_{ACTIONS[row.action]}"), lines_of(row, dict(kinds), names)) for row in rows]
    context = {"page": rows, "listed": listed, "people": people(), "kinds": kinds, "by": by, "kind": kind}
    return render(request, "office/changes.html", context)


# --- the reader's own


@page(*EVERYONE, methods=("GET", "POST"), auditor_writes=True)
def my_settings(request: HttpRequest) -> HttpResponse:
    """Language, theme, password and second factor of the reader."""
    user = user_of(request)
    form = LookForm(request.POST or None, initial={"language": user.language, "theme": user.theme})
    if request.method == "POST" and form.is_valid():
        choose_look(user, **form.cleaned_data)
        return redirect("my_settings")
    return render(request, "office/me.html", {"form": form}, status=status_of(request))


@page(methods=("POST",))
def switch(request: HttpRequest) -> HttpResponse:
    """Language or theme, chosen in the bar of every page: kept with the user, before sign-in with the session."""
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if isinstance(request.user, User):
        choose_look(request.user, language=language, theme=theme)
    elif language in LANGUAGES:
        request.session["language"] = language
    back = request.POST.get("next", "/")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if ours else "/")  # of a word that is no path a redirect would look for a view's name

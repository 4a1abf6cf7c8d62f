"""Requests about a draft's promises come in, the matrix of services and classes goes out, or the parts that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from zusage.ground.reasons import Reason
from zusage.ground.words import LANGUAGES
from zusage.ground.worktime.hours import WEEKDAYS
from zusage.policy.document import Policy, Service, ServiceClass
from zusage.policy.edit import Change, Drop, Put
from zusage.policy.rows import with_entry, with_swapped, without_entry
from zusage.policy.terms import CHANNELS, LATER, MODES, NONE
from zusage.web.office.rights import DECIDERS, READERS, page, user_of
from zusage.web.services.matrix.forms import (
    ORDER,
    OWN_KINDS,
    CellForm,
    NewForm,
    PlacesForm,
    ServiceForm,
    initial_of,
    part_of,
)
from zusage.web.services.matrix.queries import (
    cell_of,
    copies,
    drafted,
    like_of,
    matrix_of,
    neighbour,
    new_key,
    refusal,
    refusals,
    written_cell,
)
from zusage.web.services.models import Draft
from zusage.web.services.queries import draft_for, in_both, read_draft
from zusage.web.services.views import Edited, draft_context, edit, rewrite, version_seen
from zusage.web.speech import language, said

MANY = ("weekdays", "channels")
SWAPPING = {
    "hx-trigger": "change",
    "hx-include": "closest form",
    "hx-params": "not csrfmiddlewaretoken",
    "hx-target": "closest .cellbox",
    "hx-swap": "outerHTML",
}
"""Of a field on which others depend: the form comes anew, with what was typed."""


@page(*READERS)
def draft_matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """What each class is promised, service by service, with hours and euro of a year."""
    draft = draft_for(user_of(request), pk)
    return render(request, "services/matrix/matrix.html", _context(request, draft))


def _context(request: HttpRequest, draft: Draft, edited: Edited | None = None) -> dict[str, Any]:
    matrix = matrix_of(read_draft(draft), timezone.localdate(), language())
    return draft_context(request, draft, "matrix", edited) | {"matrix": matrix, "here": _here(draft)}


def _or_lost(view: Callable[[HttpRequest, int], HttpResponse]) -> Callable[[HttpRequest, int], HttpResponse]:
    """A view of a service or a class; where somebody took that out meanwhile, what was typed is shown once more."""

    @wraps(view)
    def shown(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Http404:
            if request.method != "POST":
                raise
            return _lost(request, draft_for(user_of(request), pk))

    return shown


def _lost(request: HttpRequest, draft: Draft) -> HttpResponse:
    if version_seen(request) == draft.version:
        raise Http404  # it has never been there
    context = _context(request, draft) | {"typed": _typed(request.POST, read_draft(draft).policy)}
    in_place = request.htmx and "class" in request.POST  # type: ignore[attr-defined] # set by django-htmx
    name = "lost" if in_place else "lost_page"
    return render(request, f"services/matrix/{name}.html", context | {"live": in_place}, status=409)


def _typed(sent: QueryDict, policy: Policy) -> list[tuple[str, str]]:
    """What was typed for a service or a class that is there no more: each field that holds something, in words."""
    measure = sent.get("measure", "")
    own = {mode: said(f"matrix_mode_{measure}_{mode}") for mode in MODES.get(measure, ())}
    later = {mode: said(f"matrix_mode_response_{mode}") for mode in MODES["response"]}
    words: dict[str, Mapping[str, str]] = {
        "mode": {NONE: said("matrix_mode_none"), **own},
        **dict.fromkeys(LATER, later),
        "role": {item.key: item.name[language()] for item in policy.roles},
        "weekdays": {key: said(f"weekday_{key}") for key in WEEKDAYS},
        "channels": {key: said(f"channel_{key}") for key in CHANNELS},
        "kind": {key: said(f"matrix_kind_{key}") for key in OWN_KINDS},
        "measure": {key: said(f"matrix_measure_{key}") for key in MODES},
    }
    fields = dict.fromkeys((*ORDER, *ServiceForm.field_order)) if "name_de" in sent else dict.fromkeys(ORDER)
    found = [(name, [text for text in sent.getlist(name) if text.strip()]) for name in fields]
    return [
        (said(f"matrix_field_{part_of(name)}"), ", ".join(words.get(_last(name), {}).get(text, text) for text in texts))
        for name, texts in found
        if texts
    ]


def _last(name: str) -> str:
    """The kind of field that a field of a later answer is: weekdays are weekdays wherever they stand."""
    return name if name in LATER else part_of(name)


# --- one cell


@page(*DECIDERS, methods=("GET", "POST"))
@_or_lost
def matrix_cell(request: HttpRequest, pk: int) -> HttpResponse:
    """What a class is promised of a service: its form in the place of the cell, or on a page of its own."""
    draft = draft_for(user_of(request), pk)
    place = Place(draft, request.POST or request.GET)
    if request.method == "POST":
        return _save(request, place)
    if "closed" in request.GET:
        return render(request, "services/matrix/cell.html", place.context() | {"edits": True, "focus": True})
    return _show(request, place, place.form(initial=_given(request.GET, place)))


def _given(sent: QueryDict, place: Place) -> dict[str, Any]:
    """What stands in the fields at first: the cell as it is written, or what was typed before the mode changed."""
    if "mode" not in sent:
        return initial_of(place.cell)
    typed = {name: sent.getlist(name) if name.endswith(MANY) else sent[name] for name in sent}
    return {"per_year": "1"} | {name: value for name, value in typed.items() if value}


class Place:
    """A cell of a draft that may be edited: its service, its class and how it is written. Http404 for none."""

    def __init__(self, draft: Draft, sent: QueryDict) -> None:
        self.draft, self.read = draft, read_draft(draft)
        self.alone = "alone" in sent  # the form has a page of its own
        policy = self.read.policy
        services = {item.key: item for item in policy.services if item.kind != "floor"}
        classes = {item.key: item for item in policy.classes}
        try:
            self.service: Service = services[sent.get("row", "")]
            self.item: ServiceClass = classes[sent.get("class", "")]
        except KeyError:
            raise Http404 from None

    @property
    def path(self) -> tuple[str, ...]:
        """Where the cell stands in the service model."""
        return ("matrix", self.service.key, self.item.key)

    @property
    def cell(self) -> Mapping[str, Any] | None:
        """The cell as it is written."""
        return written_cell(self.read.written, self.service, self.item.key)

    def form(self, data: QueryDict | None = None, **more: Any) -> CellForm:
        """The form of the cell; choosing another mode brings the fields which that one needs."""
        like = like_of(self.read.written, self.item.key)
        name = self.read.policy.service_class(like).name[language()] if like else ""
        form = CellForm(data, policy=self.read.policy, service=self.service, like=name, auto_id=self._id, **more)
        for field in ("mode", *LATER):
            if field in form.fields:
                form.fields[field].widget.attrs |= {"hx-get": reverse("matrix_cell", args=[self.draft.pk])} | SWAPPING
        return form

    @property
    def _id(self) -> str:
        return f"cell-{self.service.key}-{self.item.key}-%s".replace(" ", "-")

    def change(self, form: CellForm) -> Change:
        """What the form does to the service model."""
        written = form.written()
        return Drop(self.path) if written is None else Put(self.path, written)

    def what(self) -> Reason:
        """What was done, as it is said beside the button that undoes it."""
        names = {"service": self.service.name.__getitem__, "name": self.item.name.__getitem__}
        return Reason("matrix_edited", in_both(**names))

    def context(self) -> dict[str, Any]:
        """The cell in words."""
        spoken = language()
        shown = cell_of(self.read, self.service, self.item, spoken)
        return {"draft": self.draft, "cell": shown, "name": self.service.name[spoken]}


def _save(request: HttpRequest, place: Place) -> HttpResponse:
    form = place.form(request.POST)
    if not form.is_valid():
        return _show(request, place, form, status=422)
    edited = edit(request, place.draft.pk, place.what(), [place.change(form)])
    now = Place(edited.draft, request.POST)
    if edited.done:
        return _saved(request, now)
    form.put_errors(refusals(edited.findings, now.read.policy, now.path))
    return _show(request, now, form, edited=edited, status=edited.status)


def _show(
    request: HttpRequest, place: Place, form: CellForm, *, edited: Edited | None = None, status: int = 200
) -> HttpResponse:
    """The form in the place of the cell; where it was sent without scripts, on a page of its own."""
    for key in LANGUAGES:
        form.hint(key, drafted(place.read, place.service, place.item.key, str(form["mode"].value()), key))
    faulty = next((field for field in form if form.is_bound and field.errors), form["mode"])
    faulty.field.widget.attrs["autofocus"] = True
    more = place.context() | {"form": form, "edited": edited, "edits": True, "alone": place.alone}
    if not request.htmx:  # type: ignore[attr-defined] # set by django-htmx
        base = draft_context(request, place.draft, "matrix", edited) | {"here": _here(place.draft)}
        return render(request, "services/matrix/cell_page.html", base | more, status=status)
    if edited and edited.overtaken:
        more = _context(request, place.draft, edited) | more | {"live": True}
    return render(request, "services/matrix/edit.html", more, status=status)


def _saved(request: HttpRequest, place: Place) -> HttpResponse:
    """The cell as it is now, and all that moves with it: the margin, the foot, and what was done last."""
    if not request.htmx:  # type: ignore[attr-defined] # set by django-htmx
        return redirect(f"{_here(place.draft)}#{quote(place.context()['cell'].key)}")
    context = _context(request, place.draft)
    row = context["matrix"].row(place.service.key)
    like = copies(place.read.written, place.item.key)
    context |= place.context() | {"focus": True, "more": [cell for cell in row.cells if cell.class_key in like]}
    return render(request, "services/matrix/saved.html", context)


def _here(draft: Draft) -> str:
    return reverse("draft_matrix", args=[draft.pk])


# --- services and classes


@page(*DECIDERS, methods=("GET", "POST"))
@_or_lost
def matrix_service(request: HttpRequest, pk: int) -> HttpResponse:
    """What a service is: its name, who does it, and what it takes."""
    draft = draft_for(user_of(request), pk)
    service, form = _service_form(request, draft, request.POST or None)
    if request.method != "POST":
        return _show_service(request, draft, service, form)
    if not form.is_valid():
        return _show_service(request, draft, service, form, status=422)
    edited = edit(request, pk, Reason("matrix_service_edited", in_both(name=service.name.__getitem__)), form.changes())
    if edited.done:
        return redirect(f"{_here(draft)}#row-{quote(service.key)}")
    service, form = _service_form(request, edited.draft, request.POST)
    for text in _refused(edited):
        form.add_error(None, text)
    return _show_service(request, edited.draft, service, form, edited=edited, status=edited.status)


def _service_form(request: HttpRequest, draft: Draft, data: QueryDict | None) -> tuple[Service, ServiceForm]:
    read, service = read_draft(draft), _service(request, draft)
    wording = read.written.services[service.key].wording
    return service, ServiceForm(data, policy=read.policy, service=service, wording=wording)


def _service(request: HttpRequest, draft: Draft) -> Service:
    key = (request.POST or request.GET).get("row", "")
    try:
        return read_draft(draft).policy.service(key)
    except KeyError:
        raise Http404 from None


def _show_service(
    request: HttpRequest,
    draft: Draft,
    service: Service,
    form: ServiceForm,
    *,
    edited: Edited | None = None,
    status: int = 200,
) -> HttpResponse:
    context = draft_context(request, draft, "matrix", edited) | {"here": _here(draft), "form": form}
    context |= {"service": service, "name": service.name[language()]}
    return render(request, "services/matrix/service.html", context, status=status)


def _refused(edited: Edited) -> list[str]:
    """Why an edit was refused, in words of the page."""
    return [refusal(item, read_draft(edited.draft).policy) for item in edited.findings if item.severity == "error"]


@page(*DECIDERS, methods=("GET", "POST"))
def matrix_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new service: what it is, and its name. What each class is promised of it is then set in its cells."""
    draft = draft_for(user_of(request), pk)
    policy = read_draft(draft).policy
    form, edited = NewForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        key = new_key(form.cleaned_data["name"], [item.key for item in policy.services])
        what = Reason("matrix_added", {"name": form.cleaned_data["name"]})
        entry = form.entry(policy)
        edited = rewrite(request, pk, what, lambda draft: with_entry(draft.text, ("services",), key, entry))
        if edited.done:
            return redirect(f"{_here(draft)}#row-{quote(key)}")
        for text in _refused(edited):
            form.add_error(None, text)
    now = edited.draft if edited else draft
    context = draft_context(request, now, "matrix", edited) | {"here": _here(draft), "form": form}
    return render(request, "services/matrix/new.html", context, status=_status(form, edited))


def _status(form: NewForm, edited: Edited | None) -> int:
    return edited.status if edited else 422 if form.errors else 200


@page(*DECIDERS, methods=("POST",))
@_or_lost
def matrix_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """A service is taken out of the draft, with its promises; the floor stays."""
    draft = draft_for(user_of(request), pk)
    service = _service(request, draft)
    if service.kind == "floor":
        raise Http404
    what = Reason("matrix_dropped", in_both(name=service.name.__getitem__))
    return _ended(request, rewrite(request, pk, what, lambda draft: _without(draft.text, service.key)))


def _without(text: str, key: str) -> str:
    return without_entry(without_entry(text, ("services",), key), ("matrix",), key)


@page(*DECIDERS, methods=("POST",))
@_or_lost
def matrix_move(request: HttpRequest, pk: int) -> HttpResponse:
    """A service changes places with the one of its kind before or after it."""
    draft = draft_for(user_of(request), pk)
    service = _service(request, draft)
    step = -1 if request.POST.get("to") == "up" else 1
    other = neighbour(read_draft(draft).policy, service.key, step)
    if other is None:
        return redirect(_here(draft))
    what = Reason("matrix_moved", in_both(name=service.name.__getitem__))
    edited = rewrite(request, pk, what, lambda draft: with_swapped(draft.text, ("services",), service.key, other))
    return _ended(request, edited, f"#row-{quote(service.key)}")


@page(*DECIDERS, methods=("POST",))
@_or_lost
def matrix_places(request: HttpRequest, pk: int) -> HttpResponse:
    """How many may be in a class at most."""
    draft = draft_for(user_of(request), pk)
    key = request.POST.get("class", "")
    item = next((entry for entry in read_draft(draft).policy.classes if entry.key == key), None)
    if item is None or item.provisional:
        raise Http404
    form = PlacesForm(request.POST)
    if not form.is_valid():
        return _ended(request, Edited(draft), refused=[str(text) for text in form.errors["count"]])
    what = Reason("matrix_places_edited", in_both(name=item.name.__getitem__))
    return _ended(request, edit(request, pk, what, [form.change(item)]), "#matrix-packages")


def _ended(request: HttpRequest, edited: Edited, place: str = "", refused: Sequence[str] = ()) -> HttpResponse:
    """The matrix again; with what kept the edit from being made, where something did."""
    if edited.done and not refused:
        return redirect(_here(edited.draft) + place)
    context = _context(request, edited.draft, edited) | {"refused": [*refused, *_refused(edited)]}
    return render(request, "services/matrix/matrix.html", context, status=422 if refused else edited.status)

"""Requests about imports come in, pages go out: files to bring, what they are, how far the reading is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Refused
from zusage.web.book.actions import (
    add_files,
    choose_file,
    discard_import,
    map_file,
    new_import,
    publish_import,
    start_reading,
    undo_import,
)
from zusage.web.book.forms import ChoiceOfFile, Mapping, tables
from zusage.web.book.models import Import, ImportFile
from zusage.web.book.queries import (
    active_files,
    changeable,
    file_for,
    file_lines,
    import_for,
    imports_for,
    imports_with_files,
    newest_job,
    totals_of,
)
from zusage.web.office.rights import DECIDERS, EVERYONE, WRITERS, page, user_of
from zusage.web.speech import finding_text, said

_PER_PAGE = 25


@page(*EVERYONE)
def imports(request: HttpRequest) -> HttpResponse:
    """All imports, the newest first, with what each of them brought."""
    found = Paginator(imports_with_files(user_of(request)), _PER_PAGE).get_page(request.GET.get("page"))
    listed = [(item, totals_of(item.files.all())) for item in found]
    values = {"page": found, "listed": listed, "active": active_files().count(), "decides": _decides(request)}
    return render(request, "book/imports.html", values | {"newest": _newest(request)})


def _newest(request: HttpRequest) -> Import | None:
    return imports_for(user_of(request)).filter(state="published").order_by("-published_at").first()


def _decides(request: HttpRequest) -> bool:
    return user_of(request).role in DECIDERS


@page(*WRITERS, methods=("GET", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Files for a new import."""
    if request.method == "POST" and request.FILES.getlist("files"):
        found = new_import(by=user_of(request), now=timezone.now())
        return _take(request, found)
    return render(request, "book/new.html", {"missing": request.method == "POST"})


@page(*WRITERS, methods=("POST",))
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """More files for an import that is not part of the book yet."""
    return _take(request, import_for(user_of(request), pk))


def _take(request: HttpRequest, found: Import) -> HttpResponse:
    try:
        _tell(request, add_files(to=found, uploads=request.FILES.getlist("files")))
        _read_again(request, found)
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", found.pk)


def _read_again(request: HttpRequest, found: Import) -> None:
    if found.files.filter(left_out=False).exists():
        start_reading(found=found, by=user_of(request), now=timezone.now())


def _tell(request: HttpRequest, findings: Any) -> None:
    for item in findings:
        level = messages.ERROR if item.severity == "error" else messages.INFO
        messages.add_message(request, level, finding_text(item))


@page(*EVERYONE)
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: its files, what they hold, what stands in the way, and the way into the book."""
    found = import_for(user_of(request), pk)
    files = list(found.files.select_related("replaces__part_of"))
    values = {
        "found": found,
        "lines": file_lines(found, files),
        "totals": totals_of(files),
        "mistakes": [item for item in found.findings if item["severity"] == "error"],
        "remarks": [item for item in found.findings if item["severity"] != "error"],
        "job": newest_job(found),
        "changeable": changeable(found) and user_of(request).role in WRITERS,
        "decides": _decides(request),
    }
    return render(request, "book/import.html", values)


@page(*EVERYONE)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the reading is, asked for every second; at the end the whole page is fetched anew."""
    found = import_for(user_of(request), pk)
    job = newest_job(found)
    response = render(request, "book/progress.html", {"found": found, "job": job})
    if job is None or not job.running:
        response.headers["HX-Refresh"] = "true"
    return response


@page(*WRITERS, methods=("POST",))
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the files of an import once more."""
    found = import_for(user_of(request), pk)
    try:
        _read_again(request, found)
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", pk)


@page(*DECIDERS, methods=("POST",))
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an import part of the book."""
    try:
        publish_import(found=import_for(user_of(request), pk), by=user_of(request), now=timezone.now())
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", pk)


@page(*DECIDERS, methods=("POST",))
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import out of the book again."""
    try:
        undo_import(found=import_for(user_of(request), pk), by=user_of(request), now=timezone.now())
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", pk)


@page(*WRITERS, methods=("POST",))
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Away with an import that never became part of the book."""
    try:
        discard_import(found=import_for(user_of(request), pk))
    except Refused as refused:
        _tell(request, refused.findings)
        return redirect("import_page", pk)
    messages.success(request, said("imports_discarded"))
    return redirect("imports")


@page(*EVERYONE)
def file_page(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """One file: whether it counts, what it replaces, what its columns mean, which lines could not be used."""
    found = file_for(user_of(request), pk, file)
    return _file_page(request, found, ChoiceOfFile(found), _mapping(request, found))


def _mapping(request: HttpRequest, found: ImportFile) -> Mapping | None:
    """The form for the columns, for the table asked for; none for a file without a table in it."""
    known = [table for table, _ in tables()]
    asked = [
        request.POST.get("table"),
        request.GET.get("table"),
        found.mapping.get("table"),
        found.proposal.get("table"),
    ]
    table = next((name for name in asked if name in known), known[0])
    sent = request.POST if "table" in request.POST else None
    return Mapping(found, table, sent) if found.proposal.get("columns") else None


def _file_page(request: HttpRequest, found: ImportFile, choice: ChoiceOfFile, mapping: Mapping | None) -> HttpResponse:
    values = {
        "found": found.part_of,
        "file": found,
        "choice": choice,
        "mapping": mapping,
        "tables": tables(),
        "findings": [item for item in found.part_of.findings if item.get("file") == found.pk],
        "changeable": changeable(found.part_of) and user_of(request).role in WRITERS,
    }
    return render(request, "book/file.html", values)


@page(*WRITERS, methods=("POST",))
def choose(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Leave a file out or take it in; choose which older file it replaces."""
    found = file_for(user_of(request), pk, file)
    form = ChoiceOfFile(found, request.POST)
    if not form.is_valid():
        return _file_page(request, found, form, _mapping(request, found))
    try:
        choose_file(file=found, left_out=form.cleaned_data["left_out"], replaces=form.cleaned_data["replaces"])
        _read_again(request, found.part_of)
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", pk)


@page(*WRITERS, methods=("POST",))
def leave_out(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Leave a file out with one click; what it would replace is kept for its return."""
    found = file_for(user_of(request), pk, file)
    try:
        choose_file(file=found, left_out="back" not in request.POST, replaces=found.replaces)
        _read_again(request, found.part_of)
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", pk)


@page(*WRITERS, methods=("POST",))
def columns(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """What the columns of a file mean, as a person says; or, on demand, as the program recognises them again."""
    found = file_for(user_of(request), pk, file)
    mapping = _mapping(request, found)
    if "forget" in request.POST:
        entry: dict[str, Any] = {}
    elif mapping is None or not mapping.is_valid():
        return _file_page(request, found, ChoiceOfFile(found), mapping)
    else:
        entry = mapping.mapping()
    try:
        map_file(file=found, mapping=entry)
        _read_again(request, found.part_of)
    except Refused as refused:
        _tell(request, refused.findings)
    return redirect("import_page", pk)

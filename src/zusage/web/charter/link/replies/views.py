"""Replies on paper come in, one by one or as a list; what followed from them is said."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused
from zusage.ground.words import say_finding
from zusage.web.charter.link.queries import charter, terms_of
from zusage.web.charter.link.replies.actions import record_list, record_reply
from zusage.web.charter.link.replies.forms import CodeForm, ListForm, ReplyForm
from zusage.web.charter.link.replies.queries import COLUMNS
from zusage.web.charter.queries import number_of, plain_code, shown_code
from zusage.web.charter.views import frame
from zusage.web.customers.queries import customer_for
from zusage.web.office.queries import policy_or_404
from zusage.web.office.rights import WRITERS, page, user_of
from zusage.web.speech import language, said


@page(*WRITERS, methods=("GET", "POST"))
def replies(request: HttpRequest) -> HttpResponse:
    """Whose reply it is, by its code; or a list of many."""
    form = CodeForm(request.POST or None, auto_id="code_%s")
    if request.method == "POST" and form.is_valid():
        return redirect("reply", plain_code(request.POST["code"]))
    return _page(request, form, ListForm(auto_id="list_%s"), (), status=422 if request.method == "POST" else 200)


@page(*WRITERS, methods=("POST",))
def reply_list(request: HttpRequest) -> HttpResponse:
    """A list of replies: all of it is taken in, or nothing, with everything that is wrong."""
    form = ListForm(request.POST, request.FILES, auto_id="list_%s")
    refused: tuple[Finding, ...] = ()
    if form.is_valid():
        file = form.cleaned_data["list"]
        try:
            many = record_list(
                path=Path(file.temporary_file_path()), name=file.name, policy=policy_or_404(), by=user_of(request),
                now=timezone.now(),
            )  # fmt: skip
        except Refused as error:
            refused = error.findings
        else:
            messages.success(request, said("link_list_taken_one" if many == 1 else "link_list_taken", number=many))
            return redirect("customer_pages")
    return _page(request, CodeForm(auto_id="code_%s"), form, refused, status=422)


def _page(
    request: HttpRequest, form: CodeForm, upload: ListForm, refused: tuple[Finding, ...], *, status: int
) -> HttpResponse:
    columns = [names[0] if language() == "de" else names[1] for names in COLUMNS.values()]
    context = {"form": form, "upload": upload, "refused": refused, "columns": columns}
    return render(request, "charter/link/replies.html", frame("customer_pages") | context, status=status)


@page(*WRITERS, methods=("GET", "POST"))
def reply(request: HttpRequest, code: str) -> HttpResponse:
    """One reply: what was ticked and written."""
    user, today = user_of(request), timezone.localdate()
    try:
        customer = customer_for(user, number_of(code))
    except Refused:
        raise Http404 from None
    policy = policy_or_404()
    found = charter(policy)
    packages = [terms_of(item, place, found) for place, item in enumerate(found.packages)]
    form = ReplyForm(request.POST or None, packages=packages, today=today)
    if request.method == "POST" and form.is_valid():
        given = form.reply(customer.number)
        evidence = said("link_evidence_slip", said_on=given.said_on, text=shown_code(plain_code(code)))
        try:
            done = record_reply(
                reply=given, policy=policy, source="paper", evidence=evidence, by=user, now=timezone.now()
            )
        except Refused as error:
            form.add_error(None, [say_finding(item, language()) for item in error.findings])
        else:
            messages.success(request, " ".join([customer.name + ":", *(said(f"link_reply_{name}") for name in done)]))
            return redirect("replies")
    context = {"form": form, "customer": customer, "code": shown_code(plain_code(code))}
    status = 422 if request.method == "POST" else 200
    return render(request, "charter/link/reply.html", frame("customer_pages") | context, status=status)

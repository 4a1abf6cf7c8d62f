"""Requests about the outbox come in, its pages and files go out."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused
from zusage.report.letters import PLACE
from zusage.web.charter.outbox import actions, notices, sending
from zusage.web.charter.outbox.forms import AddressForm, ArrivedForm, DayForm, NoticeForm, ReasonForm
from zusage.web.charter.outbox.jobs import has_account, send_test
from zusage.web.charter.outbox.mail import composed, has_pages, read_attachment
from zusage.web.charter.outbox.models import CHANNELS, KINDS, Message
from zusage.web.charter.outbox.queries import (
    SHOWN,
    bounced,
    closed,
    counts,
    filtered,
    letter_language,
    lots,
    mail_account,
    message_for,
    messages_for,
    notice_for,
    notices_for,
    writer,
)
from zusage.web.charter.views import frame
from zusage.web.customers.queries import customers_for
from zusage.web.office.actions import record_export
from zusage.web.office.files import as_file
from zusage.web.office.jobs import start_job
from zusage.web.office.models import User
from zusage.web.office.queries import the_firm
from zusage.web.office.rights import DECIDERS, EVERYONE, OWNER, WRITERS, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.speech import counted, finding_text, said

PER_PAGE = 50
MOST_FILES = 1000
"""Mails in one file to take along."""
STATES = {
    "unclear": "tight",
    "failed": "tight",
    "written": "due",
    "handing": "due",
    "stopped": "paused",
    "handed_over": "kept",
}
"""The shape and colour of each state; red is for broken promises alone."""


@page(*EVERYONE)
def outbox(request: HttpRequest) -> HttpResponse:
    """What was written to customers: what a person has to decide first, then what waits, then what left."""
    user, now = user_of(request), timezone.now()
    mine = messages_for(user)
    asked = {name: request.GET.get(name, "") for name in ("show", "kind", "channel", "q")}
    rows = filtered(mine.select_related("policy"), **asked)
    listed = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counted_by = counts(mine)
    context = {
        "line": _line(counted_by),
        "page": listed,
        "lines": _lines(list(listed), timezone.localdate(now)),
        "tabs_shown": [(name, counted_by[name]) for name in SHOWN],
        "asked": asked,
        "kinds": _kinds(),
        "channels": CHANNELS,
        "lots": (found := lots(mine.filter(Q(channel="post") | Q(pk__in=_by_hand(user, now).values("pk"))))),
        "mails": (mails := [item for item in found if item.channel == "email"]),
        "mail_count": sum(item.count for item in mails),
        "last_mail": max((item.last for item in mails), default=0),
        "today": timezone.localdate(now),
        "sends": has_account(),
        "held": sending.held_back(mine, now),
    }
    return render(request, "charter/outbox/outbox.html", frame("outbox") | context)


def _line(found: dict[str, int]) -> str:
    """The first line: what has to be decided, else what waits, else that all left."""
    if found["unclear"]:
        return said("outbox_first_unclear", messages=counted("message", found["unclear"]))
    if found["failed"]:
        return said("outbox_first_failed", messages=counted("message", found["failed"]))
    if found["waiting"]:
        return said("outbox_first_waiting", messages=counted("message", found["waiting"]))
    return said("outbox_first_none" if found["all"] else "outbox_first_never")


def _kinds() -> dict[str, str]:
    """The kinds of messages in words."""
    return {name: said(f"outbox_kind_{name}") for name in KINDS}


def _lines(listed: list[Message], today: date) -> list[dict[str, Any]]:
    """Messages as the list shows them; what waits and is no longer allowed says so before its turn comes."""
    shut = closed([item for item in listed if item.state == "written"], today)
    return [
        {
            "item": item,
            "state": "stopped" if item.pk in shut else item.state,
            "shape": _shape(item, shut=item.pk in shut),
            "why": shut.get(item.pk) or item.why,
        }
        for item in listed
    ]


def _shape(item: Message, *, shut: bool) -> str:
    return "tight" if item.came_back else STATES["stopped" if shut else item.state]


# --- one message


@page(*EVERYONE)
def outbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: what it says, how it stands, and what a person may decide about it."""
    return _message_page(request, message_for(user_of(request), pk))


def _message_page(request: HttpRequest, found: Message, form: Form | None = None) -> HttpResponse:
    (line,) = _lines([found], timezone.localdate())
    today = timezone.localdate()
    context = {
        **line,
        "kinds": _kinds(),
        "form": form,
        "today": today,
        "tried": found.handing_at or found.written_at,
        "can": _can(found, today),
        "also": found.also,
        "place": PLACE,
        "address_dead": bool(bounced([found.address])),
    }
    status = 200 if form is None else 422
    return render(request, "charter/outbox/message.html", frame("outbox") | context, status=status)


def _can(found: Message, today: date) -> set[str]:
    """What may be decided about a message as it stands."""
    can = set()
    if found.state == "unclear":
        can |= {"sent", "unsent"}
    if found.state in ("failed", "stopped"):
        can.add("again")
    if found.state in ("written", "failed"):
        can.add("stop")
    if found.attachment and found.channel == "email" and (found.state == "failed" or found.came_back):
        can.add("post")
    noted = found.handed_over_at
    if found.channel == "post" and noted and timezone.localdate(noted) == today:
        can.add("back")
    return can


FORMS: dict[str, type[Form]] = {"sent": ArrivedForm, "unsent": ReasonForm, "stop": ReasonForm, "again": AddressForm}
"""What is asked for with each decision; the others need nothing."""


@page(*WRITERS, methods=("POST",))
def outbox_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A person decides about a message: it arrived, it did not, once more, by post, not at all, not yet."""
    user = user_of(request)
    found, what = message_for(user, pk), request.POST.get("what", "")
    form = FORMS.get(what, Form)(request.POST)
    if not form.is_valid():
        return _message_page(request, found, form)
    try:
        _decide(found, what, form.cleaned_data, user)
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    else:
        messages.success(request, said(f"outbox_did_{what}", name=found.name))
    return redirect("outbox_message", pk) if request.POST.get("back") != "outbox" else redirect("outbox")


def _decide(found: Message, what: str, typed: dict[str, Any], user: User) -> None:
    now = timezone.now()
    if what == "sent":
        actions.decide_sent(found, **typed, by=user, now=now)
    elif what == "unsent":
        actions.decide_unsent(found, **typed, by=user)
    elif what == "again":
        actions.try_again(found, **typed, by=user)
    elif what == "stop":
        actions.stop_by_hand([found], **typed, by=user)
    elif what == "post":
        actions.by_post(found, by=user, now=now)
    elif what == "back":
        actions.take_back(found, now=now)
    else:
        raise Http404


# --- what leaves


def _lot(request: HttpRequest) -> QuerySet[Message]:
    """The waiting messages of a lot, or mails of all lots, as far as the reader may see them and had them on the page.
    Of mails those that stand in the file to take along: what was in no file was sent by nobody."""
    user, last = user_of(request), number_sent(request.POST.get("last", ""))
    wanted: dict[str, object] = {name: value for name in ("kind", "purpose") if (value := request.POST.get(name, ""))}
    if last:
        wanted["pk__lte"] = last
    if request.POST.get("channel") == "post":
        return messages_for(user).filter(state="written", channel="post", **wanted)
    taken = [item.pk for item in _by_hand(user, timezone.now()) if _file_of(item) is not None]
    return Message.objects.filter(pk__in=taken, **wanted)


def _by_hand(user: User, now: datetime) -> QuerySet[Message]:
    """The mails that somebody can take along as files now, where no server sends them: as many as one file holds."""
    if has_account():
        return Message.objects.none()
    return sending.due(now).filter(pk__in=messages_for(user).values("pk")).select_related("policy")[:MOST_FILES]


@page(*WRITERS, methods=("POST",))
def outbox_left(request: HttpRequest) -> HttpResponse:
    """A lot of letters was brought to the post, or of mails sent by hand."""
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, said("outbox_day_missing"))
        return redirect("outbox")
    by_hand = actions.hand_over_post if request.POST.get("channel") == "post" else actions.hand_over_exported
    try:
        outcome = by_hand(_lot(request), on_day=form.cleaned_data["on_day"], by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    else:
        messages.success(request, said("outbox_left", done_count=outcome.done, stopped_count=outcome.stopped))
    return redirect("outbox")


@page(*WRITERS, methods=("POST",))
def outbox_send(request: HttpRequest) -> HttpResponse:
    """Hand over what is due now, without waiting for the clock."""
    if not has_account():
        messages.error(request, said("outbox_no_server"))
        return redirect("outbox")
    start_job("send", now=timezone.now(), by=user_of(request))
    messages.success(request, said("outbox_asked"))
    return redirect("jobs")


@page(*DECIDERS, methods=("POST",))
def outbox_release(request: HttpRequest) -> HttpResponse:
    """The clock is right: what was held because it leapt leaves as planned."""
    sending.release(timezone.now())
    messages.success(request, said("outbox_released"))
    return redirect("outbox")


@page(*WRITERS)
def outbox_files(request: HttpRequest) -> HttpResponse:
    """The mails that wait, as files to be sent by hand; who took them along is kept."""
    user, today = user_of(request), timezone.localdate()
    waiting = list(_by_hand(user, timezone.now()))
    shut, target, taken = closed(waiting, today), BytesIO(), 0
    with ZipFile(target, "w", ZIP_DEFLATED) as files:
        for item in waiting:
            content = None if item.pk in shut else _file_of(item)
            if content is not None:
                files.writestr(f"{item.pk}.eml", content)
                taken += 1
    record_export(of=the_firm(), name="outbox", rows=taken, by=user)
    return as_file(target.getvalue(), "outbox.zip")


def _file_of(message: Message) -> bytes | None:
    """A mail as a file that a mail program opens as a draft; None for one that cannot be a mail."""
    try:
        mail = composed(message, writer(), letter_language())
    except Refused:
        return None
    mail.extra_headers["X-Unsent"] = "1"
    return mail.message().as_bytes()


@page(*EVERYONE)
def outbox_file(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """One message as a file: the mail, or the letter that belongs to it."""
    user = user_of(request)
    found = message_for(user, pk)
    try:
        content = read_attachment(found) if what == "letter" and found.attachment else None
    except Refused:
        raise Http404 from None
    if what == "mail" and found.channel == "email":
        content = _file_of(found)
    if content is None:
        raise Http404
    record_export(of=found, name=what, rows=1, by=user)
    return as_file(content, f"message-{pk}.{'pdf' if what == 'letter' else 'eml'}")


# --- the mail server


WAYS = {"smtp+starttls": "outbox_way_starttls", "smtps": "outbox_way_tls", "smtp": "outbox_way_plain"}


@page(*OWNER, methods=("GET", "POST"))
def outbox_server(request: HttpRequest) -> HttpResponse:
    """The mail server as it is set, without its password; a mail to oneself shows whether it works."""
    refused: list[Finding] = []
    ways = None
    try:
        ways = mail_account()
        if request.method == "POST" and ways is not None:
            send_test(*ways, user_of(request))
            messages.success(request, said("outbox_test_sent", text=user_of(request).email))
            return redirect("outbox_server")
    except Refused as error:
        refused = list(error.findings)
    account, sender = ways or (None, None)
    way = said(WAYS[account.scheme]) if account else ""
    context = {
        "account": account,
        "way": way,
        "sender": sender,
        "refused": refused,
        "reports": bool(settings.NOTICE_TOKEN),
    }
    context |= {"pages": has_pages()}
    status = 422 if refused and request.method == "POST" else 200
    return render(request, "charter/outbox/server.html", frame("outbox") | context, status=status)


# --- what came back


@page(*EVERYONE)
def outbox_notices(request: HttpRequest) -> HttpResponse:
    """The addresses that take no mail, and who wants none; entered by hand or reported by a program."""
    return _notices_page(request, NoticeForm())


def _notices_page(request: HttpRequest, form: Form, finding: Finding | None = None) -> HttpResponse:
    listed = Paginator(notices_for(user_of(request)), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": listed, "form": form, "refused": [finding] if finding else []}
    status = 422 if request.method == "POST" else 200
    return render(request, "charter/outbox/notices.html", frame("outbox") | context, status=status)


@page(*WRITERS, methods=("POST",))
def outbox_notice(request: HttpRequest) -> HttpResponse:
    """Something came back, as somebody typed it."""
    user, form = user_of(request), NoticeForm(request.POST)
    if not form.is_valid():
        return _notices_page(request, form)
    typed, who = form.cleaned_data, form.cleaned_data["who"].strip()
    by_address = "@" in who
    new = notices.report(
        kind=typed["kind"],
        number="" if by_address else who,
        address=who if by_address else "",
        among=customers_for(user),
        why=typed["why"],
        by=user,
        now=timezone.now(),
    )
    if new is None:
        form.add_error("who", said("outbox_notice_nobody"))
        return _notices_page(request, form)
    messages.success(request, said("outbox_noticed" if new else "outbox_noticed_before"))
    return redirect("outbox_notices")


@page(*WRITERS, methods=("POST",))
def outbox_notice_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The address takes mail again."""
    notices.end_notice(notice_for(user_of(request), pk), timezone.now())
    messages.success(request, said("outbox_notice_ended"))
    return redirect("outbox_notices")

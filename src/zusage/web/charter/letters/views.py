"""Requests about letters come in: waves, their weeks and letters, papers and lists to take along go out."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Finding, Refused, note
from zusage.promises.recipients import KINDS, Chosen
from zusage.report.letters import Address, Letter, address_list, fields_of, letter_pdf
from zusage.report.letters.addressees import Addressee
from zusage.report.letters.template import built_in_text
from zusage.web.book.queries import stored
from zusage.web.charter.letters import actions
from zusage.web.charter.letters.actions import chosen_for
from zusage.web.charter.letters.forms import LANGUAGES, HandedForm, ReleaseForm, SingleForm, TextForm, WaveForm
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.letters.queries import (
    STOPPED,
    hours_check,
    letter_counts,
    letter_for,
    letters_for,
    letters_to,
    making,
    sees_week,
    stale,
    text_of,
    wave_for,
    waves_for,
    week_for,
    weeks_at_hand,
)
from zusage.web.charter.letters.writing.queries import check_text, example_of, from_json, letter_now, usual_text
from zusage.web.charter.queries import addresses, marks, sender
from zusage.web.charter.views import frame
from zusage.web.customers.queries import customer_for, customers_for
from zusage.web.office.actions import Overtaken, record_export
from zusage.web.office.files import as_file
from zusage.web.office.models import User
from zusage.web.office.queries import newest_version, the_firm
from zusage.web.office.rights import DECIDERS, EVERYONE, WRITERS, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.speech import counted, finding_text, said

PER_PAGE, NAMES_SHOWN = 50, 200


@page(*EVERYONE)
def waves(request: HttpRequest) -> HttpResponse:
    """The waves of letters, the newest first."""
    listed = Paginator(waves_for(user_of(request)), PER_PAGE).get_page(request.GET.get("page"))
    mine = letters_for(user_of(request)).filter(wave__in=[item.pk for item in listed])
    counts = letter_counts(mine, "wave_id")
    context = frame("letters") | {
        "page": listed,
        "mailings": counted("wave", listed.paginator.count),
        "lines": [(item, counts.get(item.pk, {})) for item in listed],
        "decides": user_of(request).role in DECIDERS,
        "sender": sender(),
        "version": newest_version(),
    }
    return render(request, "charter/letters/waves.html", context)


@page(*DECIDERS, methods=("GET", "POST"))
def new_wave(request: HttpRequest) -> HttpResponse:
    """Who would get a letter and who would not; sent, the wave is planned."""
    asked = request.POST if request.method == "POST" else request.GET if "per_week" in request.GET else None
    form = WaveForm(asked, today=timezone.localdate(), language=the_firm().language, kind=request.GET.get("kind", ""))
    context = frame("letters") | {"form": form, "version": newest_version(), "sender": sender()}
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan_wave(by=user_of(request), now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            context["refused"] = refused.findings
        else:
            messages.success(request, said("mailing_planned"))
            return redirect("letter_wave", made.pk)
    elif asked is not None and form.is_valid():
        context |= _would(user_of(request), form.cleaned_data)
    status = 422 if request.method == "POST" else 200
    return render(request, "charter/letters/new.html", context, status=status)


def _would(user: User, asked: dict[str, Any]) -> dict[str, Any]:
    """Who would get a letter, and who would not."""
    today = timezone.localdate()
    found: Chosen = chosen_for(kind=asked["kind"], channel=asked["channel"], by=user, today=today)
    weeks = -(-len(found.letters) // asked["per_week"])
    line = said("mailing_would", letters=counted("letter", len(found.letters)), weeks=counted("week", weeks))
    return {
        "found": found,
        "line": _with_out(line, len(found.left_out)),
        "shown": found.letters[:NAMES_SHOWN],
        "out": [(item, Finding("note", item.why)) for item in found.left_out[:NAMES_SHOWN]],
        "by_mail": sum(item.way == "email" for item in found.letters),
    }


def _with_out(line: str, out: int) -> str:
    """A first line, with how many get no letter where there are any."""
    return f"{line}; {counted('without', out)}" if out else line


@page(*EVERYONE)
def wave(request: HttpRequest, pk: int) -> HttpResponse:
    """A wave: its weeks, its letters, who got none, whether the hours reach, and what is to be done."""
    found = wave_for(user_of(request), pk)
    form = ReleaseForm(initial={"version": found.version}, sign=actions.needs_signature(found))
    return _wave_page(request, found, form)


def _wave_page(
    request: HttpRequest, found: LetterWave, form: ReleaseForm, refused: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    user = user_of(request)
    mine = letters_for(user).filter(wave=found)
    counts, every = letter_counts(mine), list(found.weeks.select_related("handed_by"))
    weeks = every if request.GET.get("weeks") == "all" else weeks_at_hand(every)
    jobs, outdated = making(weeks), set(stale(*weeks).values_list("week_id", flat=True))
    listed = Paginator(mine.exclude(state="left_out"), PER_PAGE).get_page(request.GET.get("page"))
    context = frame("letters") | {
        "wave": found,
        "form": form,
        "today": timezone.localdate(),
        "refused": refused,
        "check": hours_check(found.policy),
        "counts": sum(counts.values(), Counter[str]()),
        "weeks": [
            {
                "week": item,
                "counts": counts.get(item.pk, {}),
                "job": jobs.get(item.pk),
                "whole": bool(item.printed) and sees_week(user, item),
                "stale": item.pk in outdated,
            }
            for item in weeks
        ],
        "more_weeks": len(every) - len(weeks),
        "last_on": every[-1].monday if every else None,
        "running": any(job.running for job in jobs.values()),
        "page": listed,
        "decides": user.role in DECIDERS,
        "sender": sender(),
    }
    context["line"] = _line(found, context["counts"])
    template = "charter/letters/wave_state.html" if request.htmx else "charter/letters/wave.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _line(found: LetterWave, counts: Counter[str]) -> str:
    """The first line of a wave: which letters, how many have left, how many get none."""
    done, every = counts["handed_over"], counts["all"]
    how = "none" if not done else "all" if done == every else "some"
    left, kind = said(f"mailing_line_{how}", handed_count=done), said(f"mailing_kind_{found.kind}")
    return _with_out(
        said("mailing_wave_line", kind=kind, letters=counted("letter", every), text=left), counts["left_out"]
    )


@page(*EVERYONE)
def left_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Who got no letter of a wave, and why; whose letter was stopped since, and which can be written anew."""
    user = user_of(request)
    found = wave_for(user, pk)
    mine = letters_for(user).filter(wave=found)
    listed = Paginator(mine.filter(state="left_out").order_by("name", "pk"), PER_PAGE)
    stopped = mine.filter(STOPPED).order_by("name", "pk")
    context = frame("letters") | {
        "wave": found, "page": listed.get_page(request.GET.get("page")), "decides": user.role in DECIDERS,
        "stopped": stopped[:NAMES_SHOWN], "stopped_count": stopped.count(),
        "again": len(actions.chosen_again(found, by=user, today=timezone.localdate())),
    }  # fmt: skip
    return render(request, "charter/letters/left_out.html", context)


@page(*DECIDERS, methods=("POST",))
def plan_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has what was stopped planned anew, without those who may not be written to."""
    found = wave_for(user_of(request), pk)
    try:
        made = actions.plan_again(wave=found, by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
        return redirect("letter_wave_left_out", pk)
    messages.success(request, said("mailing_planned"))
    return redirect("letter_wave", made.pk)


@page(*DECIDERS, methods=("POST",))
def release_wave(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lets the letters of a wave go out; an owner signs where the hours do not reach."""
    found = wave_for(user_of(request), pk)
    form = ReleaseForm(request.POST, sign=actions.needs_signature(found))
    if not form.is_valid():
        return _wave_page(request, found, form, status=422)
    given = {"version": form.cleaned_data["version"], "signed": form.cleaned_data.get("signed", "")}
    try:
        actions.release(wave=found, by=user_of(request), now=timezone.now(), **given)
    except Refused as refused:
        return _wave_page(request, found, form, refused.findings, status=422)
    except Overtaken:
        return _overtaken(request, pk)
    messages.success(request, said("mailing_released"))
    return redirect("letter_wave", pk)


def _overtaken(request: HttpRequest, pk: int) -> HttpResponse:
    """How the wave stands now, said to whoever came second."""
    current = wave_for(user_of(request), pk)
    form = ReleaseForm(initial={"version": current.version}, sign=actions.needs_signature(current))
    return _wave_page(request, current, form, (note("mailing_overtaken"),), status=409)


@page(*DECIDERS, methods=("POST",))
def stop_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """No more letters of a wave leave."""
    found = wave_for(user_of(request), pk)
    try:
        actions.stop_wave(wave=found, version=number_sent(request.POST.get("version", "")), by=user_of(request))
    except Overtaken:
        return _overtaken(request, pk)
    messages.success(request, said("mailing_stopped"))
    return redirect("letter_wave", pk)


# --- a week


@page(*DECIDERS, methods=("POST",))
def make_week(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has the letters of a week made."""
    found = week_for(user_of(request), pk)
    try:
        actions.start_week(week=found, by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    return redirect("letter_wave", found.wave_id)


@page(*WRITERS, methods=("POST",))
def handed(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody brought the letters of a week to the post."""
    found = week_for(user_of(request), pk)
    form = HandedForm(request.POST)
    if not form.is_valid():
        messages.error(request, said("mailing_day_missing"))
        return redirect("letter_wave", found.wave_id)
    by, on_day = user_of(request), form.cleaned_data["on_day"]
    try:
        done = actions.hand_over(week=found, on_day=on_day, by=by, now=timezone.now())
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    else:
        messages.success(request, said("mailing_handed_over", letters=counted("letter", done)))
    return redirect("letter_wave", found.wave_id)


@page(*EVERYONE)
def week_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """All letters of a week in one file, in the order of the post; only for who may see all of them."""
    user = user_of(request)
    found = week_for(user, pk)
    if not found.printed or not sees_week(user, found):
        raise Http404
    if stale(found).exists():
        messages.error(request, said("mailing_print_stale"))
        return redirect("letter_wave", found.wave_id)
    rows = found.letters.filter(state="made", channel="post").count()
    record_export(of=found, name="letters", rows=rows, by=user)
    return as_file(stored(found.printed).read_bytes(), f"letters-{found.monday:%Y-%m-%d}-{pk}.pdf")


@page(*EVERYONE)
def week_addresses(request: HttpRequest, pk: int) -> HttpResponse:
    """The addresses of a week's letters by post, as a workbook for a mail house."""
    user = user_of(request)
    found = week_for(user, pk)
    made = letters_for(user).filter(week=found, channel="post", state="made").exclude(message__state="stopped")
    mine = list(made.order_by("place", "pk"))
    known = addresses([item.number for item in mine])
    rows = [Addressee(item.number, Address.of(known.get(item.number), item.name), _code(item)) for item in mine]
    record_export(of=found, name="addresses", rows=len(rows), by=user)
    content = address_list(rows, found.wave.language)  # type: ignore[arg-type]
    return as_file(content, f"addresses-{found.pk}.xlsx")


def _code(item: WaveLetter) -> str:
    slip = (item.said or {}).get("letter", {}).get("slip")
    return slip["code"] if slip else ""


# --- a letter


@page(*EVERYONE)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter to read: as it was made, or as it would be made today."""
    user = user_of(request)
    found = letter_for(user, pk)
    context = frame("letters") | {"found": found, "there": customers_for(user).filter(number=found.number).exists()}
    try:
        context["letter"] = _read(found)
    except Refused as refused:
        context["refused"] = refused.findings
    return render(request, "charter/letters/letter.html", context)


def _read(found: WaveLetter) -> Letter | None:
    """A letter as it was made; one that is still to be made, as it would be today; None for one that never was."""
    if found.said:
        return from_json(found.said)
    if found.state in ("planned", "failed"):
        return letter_now(found, timezone.localdate()).letter
    return None


@page(*EVERYONE)
def letter_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter as it was printed, or as it would be."""
    found, name = letter_for(user_of(request), pk), f"letter-{pk}.pdf"
    try:
        content = stored(found.paper).read_bytes() if found.paper else _preview(found)
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
        return redirect("letter", pk)
    record_export(of=found, name="letter", rows=1, by=user_of(request))
    return as_file(content, name)


def _preview(found: WaveLetter) -> bytes:
    letter = _read(found)
    if letter is None:
        raise Http404
    return letter_pdf(letter, marks(letter.sender.mark))


# --- the firm's own texts


@page(*EVERYONE)
def texts(request: HttpRequest) -> HttpResponse:
    """The texts of all kinds of letters: the firm's own ones and those that come with the program."""
    lines = [(kind, code, name, text_of(kind, code)) for kind in KINDS for code, name in LANGUAGES]
    context = frame("letters") | {"lines": lines, "own": sum(own is not None for *_, own in lines)}
    return render(request, "charter/letters/texts.html", context)


@page(*EVERYONE)
def text(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """A text to read and change."""
    return render(request, "charter/letters/text.html", _text_context(request, kind, code))


def _text_context(request: HttpRequest, kind: Any, code: Any) -> dict[str, Any]:
    if kind not in KINDS or code not in dict(LANGUAGES):
        raise Http404
    own = text_of(kind, code)
    initial = {"version": own.version if own else 0, "text": own.text if own else built_in_text(kind, code)}
    return frame("letters") | {
        "kind": kind, "code": code, "language_name": dict(LANGUAGES)[code], "own": own, "fields": fields_of(kind),
        "form": TextForm(request.POST or None, initial=initial), "decides": user_of(request).role in DECIDERS,
    }  # fmt: skip


@page(*DECIDERS, methods=("POST",))
def save_text(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """A text as it was typed is kept, shown as a letter, or refused with the place of each mistake; or the built-in
    text holds again."""
    context = _text_context(request, kind, code)
    if request.POST.get("do") == "drop":
        actions.drop_text(kind=kind, language=code)
        messages.success(request, said("mailing_text_dropped"))
        return redirect("letter_text", kind, code)
    form, status = context["form"], 422
    try:
        if form.is_valid():
            typed = form.cleaned_data["text"]
            check_text(typed, kind)  # type: ignore[arg-type]  # one of KINDS
            if request.POST.get("do") != "preview":
                return _text_kept(request, kind, code, form)
            version = newest_version()
            like = LetterWave(kind=kind, language=code, channel="post", policy=version) if version else None
            status, context = 200, context | _example(user_of(request), like, typed)
    except Refused as refused:
        context["refused"] = refused.findings
    except Overtaken as error:
        status, context["overtaken"] = 409, error.current
        form.data = form.data | {"version": error.current.version}
    return render(request, "charter/letters/text.html", context, status=status)


def _example(user: User, wave: LetterWave | None, text: str) -> dict[str, Any]:
    """A text as a letter of a wave to somebody, so that it can be read before it is kept."""
    found = example_of(wave, text, user, timezone.localdate()) if wave else None
    if found is None:
        raise Refused([note("mailing_no_example")])
    return {"letter": found.letter, "example": found.letter.address[0] if found.letter.address else ""}


def _text_kept(request: HttpRequest, kind: str, code: str, form: TextForm) -> HttpResponse:
    actions.save_text(kind=kind, language=code, by=user_of(request), now=timezone.now(), **form.cleaned_data)
    messages.success(request, said("mailing_text_saved"))
    return redirect("letter_text", kind, code)


@page(*EVERYONE)
def wave_text(request: HttpRequest, pk: int) -> HttpResponse:
    """What the letters of one wave say: its own text, else the firm's."""
    return render(request, "charter/letters/wave_text.html", _wave_text_context(request, pk))


def _wave_text_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    found, user = wave_for(user_of(request), pk), user_of(request)
    kind: Any = found.kind
    text = found.text or usual_text(kind, found.language)  # type: ignore[arg-type]  # of the model's choices
    form = TextForm(request.POST or None, initial={"version": found.version, "text": text})
    return frame("letters") | {
        "wave": found, "form": form, "fields": fields_of(kind), "language_name": dict(LANGUAGES)[found.language],
        "decides": user.role in DECIDERS and found.state == "planned",
    }  # fmt: skip


@page(*DECIDERS, methods=("POST",))
def save_wave_text(request: HttpRequest, pk: int) -> HttpResponse:
    """A text for one wave is kept, shown as a letter, refused with the place of each mistake, or dropped again."""
    context, do = _wave_text_context(request, pk), request.POST.get("do")
    form, found, status = context["form"], context["wave"], 422
    try:
        if form.is_valid():
            typed = "" if do == "drop" else form.cleaned_data["text"]
            if typed:
                check_text(typed, found.kind)
            if do != "preview":
                actions.save_wave_text(wave=found, version=form.cleaned_data["version"], text=typed)
                messages.success(
                    request, said("mailing_wave_text_dropped" if do == "drop" else "mailing_wave_text_saved")
                )
                return redirect("letter_wave", pk)
            status, context = 200, context | _example(user_of(request), found, typed)
    except Refused as refused:
        context["refused"] = refused.findings
    except Overtaken as error:
        now: Any = error.current
        status, context["overtaken"], context["decides"] = 409, now, now.state == "planned"
        form.data = form.data | {"version": now.version}
    return render(request, "charter/letters/wave_text.html", context, status=status)


# --- below a customer


@page(*EVERYONE)
def customer_letters(request: HttpRequest, number: str) -> HttpResponse:
    """All letters to a customer and their household."""
    return _customer_page(request, number, SingleForm(language=the_firm().language))


@page(*DECIDERS, methods=("POST",))
def customer_letter(request: HttpRequest, number: str) -> HttpResponse:
    """One more letter, to this household alone; where there is none to write, the page says why."""
    user = user_of(request)
    customer = customer_for(user, number)
    form = SingleForm(request.POST, language=the_firm().language)
    if not form.is_valid():
        return _customer_page(request, number, form, status=422)
    try:
        made = actions.plan_letter(customer=customer, by=user, now=timezone.now(), **form.cleaned_data)
    except Refused as refused:
        return _customer_page(request, number, form, refused.findings, status=422)
    return redirect("letter_wave", made.pk)


def _customer_page(
    request: HttpRequest, number: str, form: SingleForm, refused: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    user = user_of(request)
    context = {
        "customer": customer_for(user, number),
        "page": Paginator(letters_to(user, number), PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "refused": refused,
        "decides": user.role in DECIDERS,
    }
    return render(request, "charter/letters/customer.html", context, status=status)

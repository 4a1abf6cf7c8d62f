"""Requests about classes come in, pages with proposals and what was decided go out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django_htmx.http import HttpResponseClientRefresh

from zusage.ground.reasons import Refused
from zusage.report.judged import metric_name
from zusage.web.customers.models import Run
from zusage.web.customers.queries import published_run
from zusage.web.office.actions import Overtaken
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job, User
from zusage.web.office.queries import jobs_for, policy_of
from zusage.web.office.rights import DECIDERS, OWNER, READERS, page, user_of
from zusage.web.office.sent import number_sent
from zusage.web.review import actions
from zusage.web.review.course.queries import ENOUGH, Share, changed_share, seats_of
from zusage.web.review.forms import DecisionForm, FilterForm, ReasonForm
from zusage.web.review.models import Flag, Proposal
from zusage.web.review.queries import (
    KINDS,
    compared_promises,
    facets,
    grounds_of,
    held_back,
    narrowed,
    open_counts,
    open_flags,
    pending_for,
    proposals_for,
    unclear_for,
)
from zusage.web.review.waves.queries import dates_of, monday_of, through_on, wave_plan, waves_for
from zusage.web.speech import finding_text, language, said

PER_PAGE = 25
YEAR, TOO_MANY_PERMILLE = timedelta(days=365), 300
"""The time looked back at, and the share of changed proposals above which the cuts do not fit."""
PARTS = ("first", "up", "down", "places", "unclear", "pending")
RUNNING = ("publish", "undo", "review", "confirm")


@page(*READERS)
def review(request: HttpRequest) -> HttpResponse:
    """What is proposed, part by part."""
    user, run = user_of(request), published_run()
    if run is None:
        return render(request, "review/empty.html", {"job": _running(request)})
    counts = _counts(request)
    seats = seats_of(user, run, language())
    parts = [name for name in PARTS if seats or name != "places"]
    counts["places"] = sum(len(item.waiting) for item in seats)
    part = request.GET.get("part") or next((name for name in PARTS if counts[name]), "up")
    if part not in parts:
        raise Http404
    filters = _filters(request, part) if part in KINDS else None
    shown = _page(request, part, filters)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "run": run,
        "lead": _lead(counts),
        "proposed": any(counts[name] for name in KINDS),
        "tabs": [{"part": name, "count": counts[name], "text": said(f"review_tab_{name}")} for name in parts],
        "part": part,
        "tabs_count": counts[part],
        "page": shown,
        "query": query.urlencode(),
        "filters": filters,
        "narrowed": bool(filters and filters.asked()),
        "over": counts["over"],
        "seats": seats if part == "places" else (),
        "form": ReasonForm(hint=said("review_first_hint")) if part == "first" else None,
        "flags": open_flags() if user.role == "owner" else (),
        "job": _running(request),
        "decides": user.role in DECIDERS,
    }
    context |= _share(user)
    if part == "down":
        context |= _waves(request, run)
    if part in KINDS:
        grounds = grounds_of([*shown], run, language())
        context["rows"] = [(item, grounds.get(item.unit_id)) for item in shown]
    return render(request, "review/review.html", context)


def _counts(request: HttpRequest) -> dict[str, int]:
    user = user_of(request)
    unclear, waiting = unclear_for(user).count(), pending_for(user, timezone.localdate()).count()
    return open_counts(user) | {"unclear": unclear, "pending": waiting}


def _lead(counts: dict[str, int]) -> str:
    """The first line of the page, with its figures."""
    said_parts = [_counted(name, counts[name]) for name in ("first", "up", "down") if counts[name]]
    unclear = [_counted("unclear", counts["unclear"])] if counts["unclear"] else []
    if not said_parts:
        return said("review_lead_none") if not unclear else said("review_lead_only_unclear", text=unclear[0])
    return said("review_lead", text=", ".join([*said_parts, *unclear]))


def _counted(name: str, number: int) -> str:
    return said(f"review_{name}_one" if number == 1 else f"review_{name}_many", number_count=number)


def _open(request: HttpRequest, part: str) -> QuerySet[Proposal]:
    return proposals_for(user_of(request)).filter(KINDS[part], state="open")


def _filters(request: HttpRequest, part: str) -> FilterForm:
    return FilterForm(request.GET, known=facets(_open(request, part)))


def _share(user: User) -> dict[str, Any]:
    """The share of proposals that people changed within a year; too many say that the cuts do not fit."""
    total, by_criterion = changed_share(user, timezone.now() - YEAR)
    lines = [
        said("review_share_line", text=metric_name(name, language()), **_figures(share))
        for name, share in by_criterion.items()
    ]
    fits = total.decided < ENOUGH or total.permille <= TOO_MANY_PERMILLE
    return {
        "share": said("review_share", **_figures(total)) if total.decided else "",
        "share_lines": lines,
        "fits": fits or user.role != "owner",
    }


def _figures(share: Share) -> dict[str, int]:
    return {"changed_count": share.changed, "decided_count": share.decided, "share_permille": share.permille}


def _waves(request: HttpRequest, run: Run) -> dict[str, Any]:
    """When all reductions are through, and what is behind."""
    policy = policy_of(run.policy)
    waves = waves_for(user_of(request), policy, timezone.localdate())
    behind = sum(wave.open for wave in waves if wave.behind)
    return {"plan": wave_plan(), "through_on": through_on(policy, waves), "behind": behind, "by_week": bool(waves)}


def _page(request: HttpRequest, part: str, filters: FilterForm | None) -> Page[Any]:
    user, this_week = user_of(request), monday_of(timezone.localdate())
    if part == "places":
        return Paginator(Proposal.objects.none(), PER_PAGE).get_page(1)
    if filters is not None:
        wave = Case(When(wave_on=this_week, then=0), When(wave_on=None, then=2), default=1)
        found: Any = narrowed(_open(request, part), user, filters.asked())
        found = found.order_by("-reduces", wave, "wave_on", "sort_key", "pk")
    else:
        found = unclear_for(user) if part == "unclear" else pending_for(user, timezone.localdate())
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page"))


def _running(request: HttpRequest) -> Job | None:
    found = jobs_for(user_of(request)).filter(kind__in=RUNNING, state__in=("queued", "running"))
    return found.order_by("pk").last()


@page(*DECIDERS, methods=("POST",))
def first(request: HttpRequest) -> HttpResponse:
    """All first classes, signed once."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        signed: dict[str, Any] = {"by": user_of(request), "reason": form.cleaned_data["reason"], "now": timezone.now()}
        if _open(request, "first").count() > actions.AT_ONCE:
            return _in_background(request, partial(actions.confirm_first_later, **signed))
        done = actions.confirm_first(**signed)
        messages.success(request, said("review_confirmed_first", done_count=done))
        return redirect("review")
    messages.error(request, said("review_reason_missing"))
    return redirect("/review/?part=first")


@page(*DECIDERS, methods=("POST",))
def upgrades(request: HttpRequest) -> HttpResponse:
    """Upgrades together: the chosen ones, or all there are."""
    user = user_of(request)
    if request.POST.get("which") == "all":
        shown = narrowed(_open(request, "up"), user, _filters(request, "up").asked())
        chosen = set(shown.values_list("pk", flat=True))
    else:
        chosen = set(map(number_sent, request.POST.getlist("chosen")))
    if len(chosen) > actions.AT_ONCE:
        later = partial(actions.confirm_upgrades_later, chosen=chosen, by=user, now=timezone.now())
        return _in_background(request, later)
    done = actions.confirm_upgrades(chosen=chosen, by=user, now=timezone.now())
    messages.success(request, said("review_confirmed_up", done_count=done))
    if len(chosen) > done:
        messages.warning(request, said("review_faster", other_count=len(chosen) - done))
    return redirect("review")


def _in_background(request: HttpRequest, start: Callable[[], Job]) -> HttpResponse:
    """The review, which shows how far it is; nothing begins twice."""
    running = _running(request)
    if running is None or running.kind != "confirm":
        start()
    return redirect("review")


@page(*READERS, methods=("GET", "POST"))
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal with its parts and promises; a reduction is decided here and nowhere else."""
    found = get_object_or_404(proposals_for(user_of(request)), pk=pk)
    form = _decision_form(request, found)
    if not form.is_bound or not form.is_valid():
        return _show(request, found, form)
    try:
        _decide(request, found, form)
    except Overtaken as overtaken:
        return _show(request, overtaken.current, form, status=409)
    except Refused as refused:
        for finding in refused.findings:
            form.add_error(None, finding_text(finding))
        return _show(request, found, form, status=422)
    return redirect("review")


def _decision_form(request: HttpRequest, found: Proposal) -> DecisionForm:
    """The form with its usual first day: announcement, notice and grace, and after what was agreed by contract."""
    run, today = published_run(), timezone.localdate()
    assert run is not None  # noqa: S101 - there is a customer, so there is a run
    policy = policy_of(run.policy)
    days, held = dates_of(found, policy, today), held_back(found, policy, today, language())
    usual = max(days.effective_on, held.free_from) if held and held.free_from else days.effective_on
    return DecisionForm(
        request.POST or None, today=today, version=found.version, reduces=found.reduces, usual_on=usual,
        days=days.notice + days.grace,
    )  # fmt: skip


def _decide(request: HttpRequest, found: Proposal, form: DecisionForm) -> None:
    given, by, now = form.cleaned_data, user_of(request), timezone.now()
    if request.POST.get("which") == "keep":
        actions.keep_class(proposal=found, version=given["version"], by=by, reason=given["reason"], now=now)
        messages.success(request, said("review_kept", name=found.name))
    elif found.reduces and found.change != "first":
        actions.confirm_reduction(
            proposal=found, version=given["version"], by=by, reason=given["reason"],
            effective_on=given["effective_on"], now=now,
        )  # fmt: skip
        messages.success(request, said("review_reduced", name=found.name, effective_on=given["effective_on"]))


def _show(request: HttpRequest, found: Proposal, form: DecisionForm, status: int = 200) -> HttpResponse:
    run = published_run() if found.state == "open" else None
    policy, today = policy_of(run.policy) if run else None, timezone.localdate()
    held = held_back(found, policy, today, language()) if policy else None
    context = {
        "proposal": found,
        "grounds": grounds_of([found], run, language()).get(found.unit_id) if run else None,
        "promises": compared_promises(found, policy, today, language()) if policy else (),
        "form": form,
        "held": held,
        "dates": dates_of(found, policy, today) if policy and found.wave_on else None,
        "confirmable": held is None or held.free_from is not None,
        "open": run is not None,
        "decides": user_of(request).role in DECIDERS,
        "faster": status == 409,
    }
    return render(request, "review/proposal.html", context, status=status)


@page(*READERS, methods=("GET", "POST"))
def pending(request: HttpRequest, pk: int) -> HttpResponse:
    """A decided class that does not hold yet: it can be taken back until its day."""
    found = get_object_or_404(pending_for(user_of(request), timezone.localdate()), pk=pk)
    form = ReasonForm(request.POST or None, hint=said("review_back_hint"))
    if form.is_bound and form.is_valid():
        try:
            actions.take_back(
                membership=found, by=user_of(request), reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except Refused as refused:
            messages.error(request, finding_text(refused.findings[0]))
        else:
            messages.success(request, said("review_taken_back"))
        return redirect("review")
    decides = user_of(request).role in DECIDERS
    return render(request, "review/pending.html", {"membership": found, "form": form, "decides": decides})


@page(*OWNER, methods=("POST",))
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner has seen that many equal reasons were given."""
    actions.mark_seen(flag=get_object_or_404(Flag, pk=pk), by=user_of(request), now=timezone.now())
    return redirect("review")


@page(*DECIDERS, methods=("POST",))
def run(request: HttpRequest) -> HttpResponse:
    """Reckon anew, unless that is going on already."""
    if _running(request) is None:
        start_job("review", now=timezone.now(), by=user_of(request))
    return redirect("review")


@page(*READERS)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the reckoning is; the page is loaded anew when it is over."""
    job = get_object_or_404(jobs_for(user_of(request)).filter(kind__in=RUNNING), pk=pk)
    if not job.running and request.htmx:  # type: ignore[attr-defined]  # of django-htmx
        return HttpResponseClientRefresh()
    return render(request, "review/progress.html", {"job": job})

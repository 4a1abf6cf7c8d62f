"""Requests to check, publish, compare and take along service models come in, pages and files go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from zusage.ground.reasons import Finding, Reason, Refused
from zusage.ground.typed import typed
from zusage.ground.words import say
from zusage.policy.document import Policy
from zusage.promises.charter import Texts, charter_findings, charter_of
from zusage.promises.weaker import changed_promises
from zusage.report.certified import named
from zusage.report.lists import COUNT, TEXT, Column, Sheet, workbook
from zusage.web.customers.queries import published_run
from zusage.web.office.actions import Overtaken, record_export
from zusage.web.office.files import as_file
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import current_version, policy_of, refused_words, versions_for
from zusage.web.office.rights import DECIDERS, OWNER, READERS, page, user_of
from zusage.web.services.actions import open_draft
from zusage.web.services.models import MOVES, Announcement, Check, Draft, Mover
from zusage.web.services.publish import actions
from zusage.web.services.publish.forms import ImportForm, PublishForm, TellForm
from zusage.web.services.publish.queries import (
    Affected,
    affected,
    announcement_for,
    announcements_for,
    change_lines,
    changed_since,
    check_of,
    checking,
    concerned,
    deciding,
    former_of,
    grouped,
    locked_out,
    move_counts,
    movers_for,
    next_label,
    overtaken,
    to_tell,
    version_for,
    waiting,
)
from zusage.web.services.queries import draft_for, knowing, read_draft
from zusage.web.services.views import draft_context, mended_at, remark_text
from zusage.web.speech import class_name, finding_text, language, said

PER_PAGE = 50


# --- the check


@page(*READERS)
def draft_check(request: HttpRequest, pk: int) -> HttpResponse:
    """What a draft would mean for the book, as the last check found it."""
    draft = draft_for(user_of(request), pk)
    context = draft_context(request, draft, "check") | _checked(request, draft)
    template = "services/publish/checked.html" if request.htmx else "services/publish/check.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@page(*DECIDERS, methods=("POST",))
def start_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has a draft held against the book."""
    draft = draft_for(user_of(request), pk)
    try:
        actions.start_check(draft=draft, by=user_of(request), now=timezone.now())
    except Refused as refused:
        messages.error(request, finding_text(refused.findings[0]))
    return redirect("draft_check", pk)


def _checked(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """All of the page but what every page of a draft shows."""
    user, found, spoken = user_of(request), check_of(draft), language()
    run, read = published_run(), read_draft(draft)
    context: dict[str, Any] = {
        "job": checking(draft),
        "check": found,
        "run": run,
        "remarks": [remark_text(item, read.policy) for item in read.findings],
        "noun": _noun(read.policy),
    } | _told(draft, read.policy)
    version = current_version()
    if version is not None:
        old = policy_of(version)
        context["differences"] = _headed(old, read.policy)
        context["affected"] = _said_changes(affected(old, read.policy, timezone.localdate(), spoken), old, read.policy)
    if found is not None:
        context |= _standing(found, draft) | {"moves": move_counts(movers_for(user, found))}
        context |= _figures(found.figures, policy_of(version) if version else read.policy, read.policy)
    return context


def _noun(policy: Policy) -> str:
    """What moves as one."""
    return "household" if policy.household_together else "customer"


def _standing(check: Check, draft: Draft) -> dict[str, Any]:
    """Whether a check still holds, and what has changed since."""
    changed = changed_since(check, draft)
    return {"current": not changed, "changed": ", ".join(said(f"publish_changed_{name}") for name in changed)}


def _told(draft: Draft, policy: Policy) -> dict[str, Any]:
    """What customers should not read like this in the charter of a draft, each with the page where it is mended; and
    whether anybody could be shown it."""
    found = charter_findings(charter_of(policy, Texts(refused=refused_words())), policy)
    unfit = any(item.severity == "error" for item in found)
    return {"charter": [(item, mended_at(item, policy, draft.pk)) for item in found], "unfit": unfit}


def _figures(figures: dict[str, Any], old: Policy, new: Policy) -> dict[str, Any]:
    """The figures of a check with the names people know: roles, classes, months."""
    spoken = language()
    names = {item.key: item.name[spoken] for policy in (old, new) for item in policy.classes}
    roles = {item.key: item.name[spoken] for policy in (old, new) for item in policy.roles}
    before, after = ({item["role"]: item for item in figures[name]["roles"]} for name in ("before", "after"))
    replay = {item["which"]: {row["key"]: row for row in item["classes"]} for item in figures.get("replay", [])}
    keys = [key for key in names if any(key in rows for rows in replay.values())]
    gate = figures.get("gate", {"answer": "unknown", "grounds": []})
    return {
        "hours": figures["after"] | {"answer": gate["answer"]},
        "grounds": _grounds(gate["grounds"], new),
        "answers": [
            (names.get(item["class_key"], item["class_key"]), item["permille"], item["low"], item["high"])
            for item in gate.get("kept", [])
        ],
        "target_permille": new.kept_permille,
        "worst": gate.get("worst"),
        "worst_on": date.fromisoformat(gate["worst"]["monday"]) if "worst" in gate else None,
        "worst_role": roles.get(gate["worst"]["role"]) if "worst" in gate else "",
        "limit_permille": new.utilisation_permille,
        "hours_before": figures["before"],
        "roles": [(roles.get(key, key), item, before.get(key)) for key, item in after.items()],
        "cost": figures["cost"],
        "classes": [
            (names.get(item["key"], item["key"]), item["before"], item["after"]) for item in figures["classes"]
        ],
        "replay": [(names[key], replay.get("before", {}).get(key), replay.get("after", {}).get(key)) for key in keys],
        "reckoned_findings": figures["findings"],
    }


def _grounds(found: list[dict[str, Any]], policy: Policy) -> list[str]:
    """Why a check does not say yes, in words."""
    grounds: tuple[Reason, ...] = typed(found, tuple[Reason, ...])
    return [say(named(item, policy, language()), language()) for item in grounds]


def _without_file(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A draft is no file to the people who read this."""
    return tuple(replace(item, where=replace(item.where, file=None)) for item in findings)


def _headed(old: Policy, new: Policy) -> list[tuple[str, Any]]:
    return [(said(f"differs_group_{group}"), items) for group, items in grouped(old, new, language())]


def _said_changes(found: list[Affected], old: Policy, new: Policy) -> list[dict[str, Any]]:
    """For each class whose promises change: what becomes weaker and what becomes more, in words."""
    spoken, kept = language(), {item.key for item in new.classes}
    return [
        {
            "key": item.class_key,
            "name": item.name,
            "size": len(item.numbers),
            "gone": item.class_key not in kept,
            "weaker": change_lines(item.weaker, old, new, spoken),
            "stronger": change_lines(item.stronger, old, new, spoken),
        }
        for item in found
    ]


@page(*READERS)
def movers(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would be in another class, one by one: from where, to where, by which criteria."""
    draft, found, listed = _checked_movers(request, pk)
    if found is None:
        return redirect("draft_check", pk)
    change = _change(request)
    counts = move_counts(listed)
    rows = Paginator(listed.filter(change=change), PER_PAGE).get_page(request.GET.get("page"))
    context = draft_context(request, draft, "check") | {
        "check": found,
        **_standing(found, draft),
        "change": change,
        "moves": counts,
        "noun": _noun(read_draft(draft).policy),
        "tabs": [(name, said(f"publish_moves_{name}"), counts[name][0]) for name in MOVES],
        "page": rows,
        "lines": _mover_lines(rows, draft),
    }
    return render(request, "services/publish/movers.html", context)


def _checked_movers(request: HttpRequest, pk: int) -> tuple[Draft, Check | None, QuerySet[Mover]]:
    """A draft, its last check, and those of it who would be in another class; nobody without a check."""
    user = user_of(request)
    draft = draft_for(user, pk)
    found = check_of(draft)
    return draft, found, movers_for(user, found) if found else Mover.objects.none()


def _change(request: HttpRequest) -> str:
    wanted = request.GET.get("change", "")
    return wanted if wanted in MOVES else "down"


def _mover_lines(rows: Any, draft: Draft) -> list[tuple[Mover, str, str, list[str]]]:
    """Each household with the names of both classes and the criteria that decide."""
    spoken, version = language(), current_version()
    policies = [policy_of(version)] if version else []
    names = {item.key: item.name[spoken] for policy in (*policies, read_draft(draft).policy) for item in policy.classes}
    return [
        (item, names.get(item.from_key, item.from_key), names.get(item.to_key, item.to_key), deciding(item, spoken))
        for item in rows
    ]


@page(*READERS)
def movers_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who would be in another class, as a workbook."""
    draft, found, listed = _checked_movers(request, pk)
    if found is None:
        return redirect("draft_check", pk)
    lines = _mover_lines(listed, draft)
    rows = [
        (item.unit_id, item.name, said(f"publish_move_{item.change}"), old, new, item.customers, "; ".join(parts))
        for item, old, new, parts in lines
    ]
    record_export(of=found, name="movers", rows=len(rows), by=user_of(request))
    columns = _columns("unit", "name", "move", "from", "to", "customers", "why")
    content = workbook(Sheet(said("publish_movers_sheet"), columns, rows, fixed=2))
    return as_file(content, f"check-{draft.pk}.xlsx")


def _columns(*names: str) -> list[Column]:
    """Columns of a list to take along."""
    kinds, widths = {"customers": COUNT}, {"name": 32}
    return [Column(said(f"publish_column_{name}"), kinds.get(name, TEXT), widths.get(name, 18)) for name in names]


# --- publishing


@page(*OWNER, methods=("GET", "POST"))
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner puts a draft in force: day, label, and a signature for what is risked or becomes weaker."""
    user, today = user_of(request), timezone.localdate()
    draft = draft_for(user, pk)
    read, version = read_draft(draft), current_version()
    last = check_of(draft)
    standing = _standing(last, draft) if last else {}
    found = last if standing.get("current") else None
    changes = affected(policy_of(version), read.policy, today, language()) if version else []
    initial = {
        "version": draft.version,
        "begins_on": max(filter(None, (read.policy.valid_from, today))),
        "label": next_label(read.policy.version),
    }
    form = PublishForm(
        request.POST or None,
        initial=initial,
        risk=actions.needs_risk(found),
        reduction=any(item.weaker and item.numbers for item in changes),
        today=today,
    )
    refused: tuple[Finding, ...] = ()
    faster = None
    if request.method == "POST" and form.is_valid():
        try:
            made = _publish(request, draft, form)
        except Overtaken as error:
            draft = faster = error.current
            form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
            form.data["version"] = str(draft.version)  # type: ignore[index]
        except Refused as error:
            refused = _without_file(error.findings)
        else:
            messages.success(request, said("publish_published", label=made.label, from_on=made.valid_from))
            return redirect("versions")
    status = 409 if faster else 422 if request.method == "POST" else 200
    context = draft_context(request, draft, "check") | {
        "form": form, "refused": refused, "overtaken": faster, "check": found, "last": last, **standing,
        "affected": _said_changes(changes, policy_of(version), read.policy) if version else [],
        **_told(draft, read.policy),
    }  # fmt: skip
    return render(request, "services/publish/publish.html", context, status=status)


def _publish(request: HttpRequest, draft: Draft, form: PublishForm) -> PolicyVersion:
    typed = form.cleaned_data
    return actions.publish_draft(
        draft=draft,
        version=typed["version"],
        label=typed["label"],
        begins_on=typed["begins_on"],
        risk=typed.get("risk", ""),
        reduction=typed.get("reduction", ""),
        by=user_of(request),
        now=timezone.now(),
    )


# --- versions


@page(*READERS)
def versions(request: HttpRequest) -> HttpResponse:
    """The service models of the firm, published ones and what they were published with."""
    return _versions(request, ImportForm())


def _versions(
    request: HttpRequest, form: ImportForm, refused: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    user = user_of(request)
    listed = list(versions_for(user))
    context = {
        "form": form,
        "refused": refused,
        "listed": listed,
        "current": current_version(),
        "edits": user.role in DECIDERS,
        "today": timezone.localdate(),
    }
    return render(request, "services/publish/versions.html", context, status=status)


@page(*READERS)
def compare(request: HttpRequest) -> HttpResponse:
    """What differs between two versions; without a choice between the newest and the one before it."""
    user = user_of(request)
    listed = list(versions_for(user))
    new = _chosen(request, listed, "new") or (listed[0] if listed else None)
    old = _chosen(request, listed, "old") or (former_of(new) if new else None) or new
    found = _headed(policy_of(old), policy_of(new)) if old and new else []
    context = {"listed": listed, "old": old, "new": new, "differences": found}
    return render(request, "services/publish/compare.html", context)


def _chosen(request: HttpRequest, listed: list[PolicyVersion], name: str) -> PolicyVersion | None:
    wanted = request.GET.get(name, "")
    return next((item for item in listed if str(item.pk) == wanted), None)


@page(*DECIDERS, methods=("POST",))
def import_file(request: HttpRequest) -> HttpResponse:
    """A service model of one's own becomes a draft, as it is written."""
    form, user = ImportForm(request.POST, request.FILES), user_of(request)
    if not form.is_valid():
        return _versions(request, form, status=422)
    try:
        draft = open_draft(text=form.cleaned_data["policy"], base=None, by=user, now=timezone.now())
    except Refused as refused:
        return _versions(request, form, _without_file(refused.findings), status=422)
    messages.success(request, said("publish_imported"))
    return redirect("draft_check", draft.pk)


@page(*READERS)
def written_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """A published service model, byte for byte as it was written."""
    version = version_for(user_of(request), pk)
    return as_file(version.text.encode(), f"policy-{_plain(version.label)}.yaml")


@page(*READERS)
def written_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft, byte for byte as it stands."""
    draft = draft_for(user_of(request), pk)
    return as_file(draft.text.encode(), f"draft-{draft.pk}.yaml")


def _plain(label: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in label)


# --- telling


@page(*READERS)
def announcements(request: HttpRequest) -> HttpResponse:
    """Who is still to be told what, and how many know what holds."""
    user = user_of(request)
    found = list(announcements_for(user))
    left, wanted = waiting(user, found), concerned(user, found)
    context = {
        "listed": [(item, left[item.pk], wanted[item.pk], overtaken(item)) for item in found],
        "waiting": sum(left.values()),
        "knowing": knowing(timezone.localdate(), user),
        "current": current_version(),
    }
    return render(request, "services/publish/announcements.html", context)


@page(*READERS, methods=("GET", "POST"))
def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """One announcement: what changes, who is still to be told; and the note that they were."""
    user, today = user_of(request), timezone.localdate()
    found = announcement_for(user, pk)
    form = TellForm(request.POST or None, initial={"said_on": today})
    refused: tuple[Finding, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            told = _tell(request, found, form)
        except Refused as error:
            refused = error.findings
        else:
            messages.success(request, said("publish_told", told_count=told))
            return redirect("announcement", pk)
    rows = Paginator(to_tell(user, found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "form": form,
        "refused": refused,
        "page": rows,
        "all": concerned(user, [found])[found.pk],
        "overtaken": overtaken(found),
        "locked": locked_out(user, found),
        "lines": _announced_lines(found),
        "notice": policy_of(found.policy).review.notice_days,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "services/publish/announcement.html", context, status=status)


def _tell(request: HttpRequest, found: Announcement, form: TellForm) -> int:
    everyone = request.POST.get("which") == "all"
    return actions.record_announced(
        announcement=found,
        numbers=None if everyone else request.POST.getlist("number"),
        by=user_of(request),
        now=timezone.now(),
        **form.cleaned_data,
    )


def _announced_lines(found: Announcement) -> list[tuple[str, str, str, bool]]:
    """Service, former term, new term, and whether it becomes weaker."""
    old, new = policy_of(found.former), policy_of(found.policy)
    changes = changed_promises(old, new, found.class_key, found.class_key)
    lines = change_lines(changes, old, new, language())
    return [(*line, item.weakened) for item, line in zip(changes, lines, strict=True)]


@page(*READERS)
def announcement_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Those still to be told, as a workbook for letters."""
    user = user_of(request)
    found = announcement_for(user, pk)
    waiting = to_tell(user, found)
    nothing = said("differs_not_promised")
    what = "; ".join(f"{service}: {after or nothing}" for service, _, after, _ in _announced_lines(found))
    rows = [(item.number, item.name, class_name(item.class_key), item.adviser, what) for item in waiting]
    record_export(of=found, name="announcement", rows=len(rows), by=user)
    columns = _columns("number", "name", "class", "adviser", "news")
    return as_file(workbook(Sheet(said("publish_tell_sheet"), columns, rows, fixed=2)), f"tell-{found.pk}.xlsx")

"""Every page of a busy office in a browser: readable for everyone, at a desk and on a phone, by day and by night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.journeys.browser import Visit, axe, too_small, too_wide, visiting
from tests.web.book.conftest import bring, desk, exported, run
from tests.web.charter.sheet.conftest import LINES
from tests.web.review.conftest import do, example_policy
from tests.web.test_access import ROUTES, TABLE, Route

from zusage.ground.reasons import finding_as_json, mistake, warning
from zusage.policy.edit import Drop, Put, change
from zusage.web.book.models import Import, ImportFile
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.actions import codes_for, links_for
from zusage.web.charter.letters.actions import plan_letter, plan_wave, release
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.models import Sheet
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.notices import report
from zusage.web.charter.sheet.actions import edit_sheet, make_public
from zusage.web.customers.actions import record_agreement
from zusage.web.customers.choices.actions import ask_for
from zusage.web.customers.consent.actions import Use, grant, note_uses, object_to, take_back
from zusage.web.customers.models import Agreement, Customer, Membership, Run
from zusage.web.customers.referrals.actions import record_referral
from zusage.web.customers.referrals.models import OwnReferral
from zusage.web.desk import actions as at_desk
from zusage.web.desk.models import Request
from zusage.web.insight.models import CapacityStudy
from zusage.web.office.models import Job, User
from zusage.web.office.queries import policy_of, policy_version_on
from zusage.web.review.actions import confirm_first, confirm_reduction
from zusage.web.review.models import Proposal
from zusage.web.review.waves.actions import set_waves
from zusage.web.review.waves.queries import monday_of
from zusage.web.services.actions import open_draft
from zusage.web.services.models import Announcement, Draft, TimeSample
from zusage.web.services.publish.actions import publish_draft
from zusage.web.services.sample.actions import start_sample

__all__ = ["bring", "desk"]
NO_PAGES = {
    *("health", "customers_export", "account_logout", "mfa_authenticate"),
    *("written_policy", "written_draft", "check_list", "announcement_list"),
    *("charter_file", "public_charter_pdf", "outbox_file", "outbox_files", "newsletter_list"),
    *("letter_paper", "letter_week_paper", "letter_week_addresses"),
    "consent_proof",
}
"""Addresses that answer with something else than a page, or only in the middle of signing in."""
NOT_YET = {
    *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"),
    *("mfa_edit_webauthn", "mfa_remove_webauthn"),
}
"""Pages of a second factor, which this owner has none of; test_signing_in_browser looks at them."""
ELSEWHERE = {"backup_file", "enter_demo", "first_password", "review_progress", "own_document", "own_confirm"}
"""A download, links that are used before signing in (test_office, test_serve), a part of a page while a job runs."""
NEXT_ISSUE = timezone.localdate() + timedelta(days=7)
NEXT_MONDAY = monday_of(NEXT_ISSUE)
ASKED = {
    "classes_moves": "?change=down",
    "letter_wave_new": f"?kind=up&channel=post&language=de&per_week=25&first_on={NEXT_MONDAY}&order=postal",
    "classes_wish": "?class=A&metric=yield&wish=20&of=share",
    "matrix_cell": "?row=callback&class=C",
    "matrix_service": "?row=callback",
}
"""What pages are asked for that say nothing without it, or less."""


@pytest.fixture
def busy(live_server: LiveServer, desk: SimpleNamespace, bring: Callable[..., Import]) -> Iterator[SimpleNamespace]:
    """The example firm in the office: classes, a few changes proposed, requests in every state."""
    now = timezone.now()
    example_policy(desk)
    Membership.objects.all().delete()
    do("publish", bring(*exported()).pk)
    confirm_first(by=desk.owner, reason="Wie vorgeschlagen, besprochen im Büro.", now=now)
    ordered = Membership.objects.order_by("number")
    kept = {key: list(ordered.filter(class_key=key).values_list("pk", flat=True)[:4]) for key in "AC"}
    Membership.objects.filter(pk__in=kept["A"]).update(class_key="C")
    Membership.objects.filter(pk__in=kept["C"]).update(class_key="A")
    do("review")
    plan_waves(desk, Run.objects.get(published=True))
    take_requests(desk, Run.objects.get(published=True))
    publish_services(desk)
    invite_to_sample(desk)
    fill_outbox(desk, Run.objects.get(published=True))
    show_charter(desk)
    write_letters(desk)
    ask_for_consents(desk)
    do("capacity", CapacityStudy.objects.create(by=desk.owner, asked_at=now).pk)
    cache.clear()
    yield desk
    cache.clear()


def plan_waves(office: SimpleNamespace, run: Run) -> None:
    """Three reductions a week, and one customer to whom more was promised by contract."""
    now, policy, today = timezone.now(), policy_of(run.policy), timezone.localdate()
    set_waves(per_week=3, first_on=monday_of(today), version=0, run=run, policy=policy, by=office.owner, now=now)
    reduced, decided, *_ = Proposal.objects.filter(state="open", reduces=True).order_by("pk")
    confirm_reduction(
        proposal=decided, version=decided.version, by=office.owner, reason="Besprochen.",
        effective_on=today + timedelta(days=60), now=now,
    )  # fmt: skip
    promise = next(item for item in policy.promises_of("A") if policy.service(item.service).measure == "response")
    record_agreement(
        customer=Customer.objects.get(run=run, number=reduced.members[0]), promise=promise, class_key="A", since=today,
        until=None, source="Servicevertrag vom 3.2.2025", by=office.owner, now=now,
    )  # fmt: skip


def write_letters(office: SimpleNamespace) -> None:
    """A wave of welcome letters, signed by the owner, those of its first week made; a single letter that is planned."""
    now, today = timezone.now(), timezone.localdate()
    one = Customer.objects.filter(run__published=True).order_by("-pk")[0]
    plan_letter(customer=one, kind="welcome", channel="post", language="de", by=office.owner, now=now)
    wave = plan_wave(
        kind="welcome", channel="post", language="de", per_week=4, first_on=monday_of(today), order="postal",
        by=office.owner, now=now,
    )  # fmt: skip
    release(wave=wave, version=1, signed="Wir stellen zum Januar ein.", by=office.owner, now=now)
    for job in Job.objects.filter(kind="letters"):
        run(job)


def take_requests(office: SimpleNamespace, run: Run) -> None:
    now = timezone.now()
    customers = Customer.objects.filter(run=run).order_by("pk")[:4]
    kinds = [("callback", "normal"), ("advice", "claim"), ("callback", "emergency"), ("callback", "normal")]
    taken = [
        at_desk.take_request(
            customer=customer, by=office.owner, now=now - timedelta(hours=hours), what=what, channel="phone",
            urgency=urgency, cause="asked", text="Fragt nach der Kfz-Versicherung.", phone="0341 111111", wants="",
            matter="", owner=office.owner if hours % 2 else None, noticed=False,
        )
        for hours, ((what, urgency), customer) in enumerate(zip(kinds, customers, strict=True))
    ]  # fmt: skip
    at_desk.pause(request=taken[3], version=1, by=office.owner, now=now)


def ask_for_consents(office: SimpleNamespace) -> None:
    """Consents of every kind of the customer who is looked at, and objections, one of them taken back."""
    number, now = str(subjects()["customer"]["number"]), timezone.now()
    facts = {"number": number, "by": office.owner, "now": now}
    for channel, ask in (("phone", False), ("email", True)):
        grant(
            channel=channel, purpose="advertising", granted_at=now - timedelta(days=800), source="Beratung im Büro",
            wording="Ja, Sie dürfen mir sagen, was es Neues gibt.", proof="Ordner 3", ask_to_confirm=ask, **facts,
        )  # fmt: skip
    for channel in ("message", "post"):
        said = object_to(channel=channel, said_on=timezone.localdate(), how="am Telefon", **facts)
    take_back(objection=said, how="beim nächsten Gespräch", now=now)
    note_uses([Use(number, "phone", "advertising", "Anruf")], on=timezone.localdate())


def fill_outbox(office: SimpleNamespace, run: Run) -> None:
    """Letters that wait, and mails in every state; one came back."""
    now = timezone.now()
    for place, customer in enumerate(Customer.objects.filter(run=run).order_by("pk")[:9]):
        written = write(
            number=customer.number, unit_id=customer.unit_id, name=customer.name, purpose="letters 1", kind="welcome",
            channel="email" if place < 6 else "post", gate="service", address=f"kunde{place}@kunde.example",
            subject="Ihre Zusagen", text="Guten Tag,\n\nhier stehen Ihre Zusagen.", attachment="letters/1.pdf",
            attachment_name="Zusagen.pdf", policy=run.policy, class_key="C", by=office.owner, now=now,
        )  # fmt: skip
        assert written is not None
        state = ("unclear", "failed", "handed_over", "stopped", "handed_over")[place] if place < 5 else "written"
        why = finding_as_json(mistake("outbox_refused", text="554 5.6.0 not like this")) if state == "failed" else None
        why = finding_as_json(warning("outbox_lost")) if state == "unclear" else why
        handed = {"handing_at": now, "handed_on": timezone.localdate(now), "handed_over_at": now}
        left = handed if state == "handed_over" else {"handing_at": now} if state == "unclear" else {}
        Message.objects.filter(pk=written.pk).update(state=state, why=why, **left)
        Touchpoint.objects.create(
            unit_id=customer.unit_id, number=customer.number, name=customer.name, service="newsletter", class_key="C",
            due_on=NEXT_ISSUE, ways="post" if place % 2 else "email", purpose="advertising",
        )  # fmt: skip
    report(kind="bounce", address="kunde4@kunde.example", why="550 5.1.1 unknown", by=office.owner, now=now)


def invite_to_sample(office: SimpleNamespace) -> None:
    """A time sample the owner is invited to."""
    now, today = timezone.now(), timezone.localdate()
    version = policy_version_on(today)
    assert version is not None
    start_sample(first_on=today, last_on=today + timedelta(10), per_day=8, people=[office.owner],
                 policy=policy_of(version), by=office.owner, now=now)  # fmt: skip


def publish_services(office: SimpleNamespace) -> None:
    """A version that gives one class less and another one more, still to be told; and a draft of the next, checked."""
    now, version = timezone.now(), policy_version_on(timezone.localdate())
    assert version is not None
    slower, faster = Put(("matrix", "callback", "A"), "next_workday"), Put(("matrix", "callback", "C"), "same_day")
    first = open_draft(text=change(version.text, [slower, faster]), base=version, by=office.owner, now=now)
    today = timezone.localdate(now)
    made = publish_draft(
        draft=first, version=1, label="2026-2", begins_on=today, risk="Wir stellen zum Januar ein.",
        reduction="Am selben Tag ist nicht mehr zu halten.", by=office.owner, now=now,
    )  # fmt: skip
    fewer = Put(("classes", "best_first", "A", "when"), {"yield": {"from": 900, "stay": 850}})
    second = open_draft(
        text=change(made.text, [fewer, Drop(("matrix", "newsletter"))]), base=made, by=office.owner, now=now
    )
    do("check", second.pk)


def show_charter(office: SimpleNamespace) -> None:
    """A charter with the firm's lines, open to everybody."""
    written = edit_sheet(version=0, values=LINES | {"shown": ["yield"]}, by=office.owner, now=timezone.now())
    make_public(version=written.version, public=True, by=office.owner, now=timezone.now())


def own_pages(number: str) -> dict[str, dict[str, object]]:
    """A customer with a page of their own, who wants something."""
    now, owner = timezone.now(), User.objects.filter(role="owner")[0]
    customer = Customer.objects.get(run__published=True, number=number)
    url = links_for([number], by=owner, now=now, expires_on=timezone.localdate() + timedelta(9))[number]
    wish = ask_for(
        customer=customer, kind="contact", source="page", by=None, now=now, data={"email": "neu@example.org"}
    )  # fmt: skip
    opened = {"token": url.split("/k/")[1].strip("/")}
    return {
        "customer_page": {"number": number},
        "customer_page_preview": {"number": number},
        "wish": {"pk": wish.pk},
        "reply": {"code": codes_for([number], now)[number]},
        "own_page": opened,
        "own_order": opened | {"place": 0},
    }


def recommended(number: str) -> OwnReferral:
    """Somebody a customer recommended."""
    customer, now = Customer.objects.get(run__published=True, number=number), timezone.now()
    owner = User.objects.filter(role="owner")[0]
    return record_referral(
        customer=customer, prospect="Nora Neu", contact="0341 90009999", named_on=now.date(), by=owner, now=now
    )


def subjects() -> dict[str, dict[str, object]]:
    """What pages with arguments are looked at for."""
    number = Customer.objects.filter(run__published=True).order_by("-yield_cents", "pk").values_list("number")[0][0]
    file = ImportFile.objects.filter(kind="yields").order_by("pk")[0]
    request = Request.objects.order_by("pk")[0].pk
    draft = {"pk": Draft.objects.get(state="open").pk}
    agreement = Agreement.objects.get()
    return {
        "announcement": {"pk": Announcement.objects.get(weakened=True).pk},
        "check_movers": draft,
        "draft_check": draft,
        "publish_draft": draft,
        "customer": {"number": number},
        "customer_agreement": {"number": number},
        "customer_agreement_end": {"number": agreement.number, "pk": agreement.pk},
        "customer_choice": {"number": number},
        "customer_consents": {"number": number},
        **own_pages(number),
        "customer_note": {"number": number},
        "customer_override": {"number": number},
        "customer_rows": {"number": number},
        "customer_erase": {"number": number},
        "customer_privacy": {"number": number},
        "customer_referrals": {"number": number},
        "referral": {"pk": recommended(number).pk},
        "customer_told": {"number": number},
        "draft_classes": draft,
        "classes_moves": draft,
        "classes_wish": draft,
        "draft_hours": draft,
        "draft_matrix": draft,
        "matrix_cell": draft,
        "matrix_service": draft,
        "matrix_new": draft,
        "draft_questions": draft,
        "public_charter": {"token": Sheet.objects.get().token},
        "question": draft | {"key": "annual_check"},
        "question_hours": draft | {"key": "annual_check"},
        "customer_letters": {"number": number},
        "letter": {"pk": WaveLetter.objects.filter(state="made")[0].pk},
        "letter_text": {"kind": "down", "code": "de"},
        "letter_wave": {"pk": LetterWave.objects.get(state="released").pk},
        "letter_wave_left_out": {"pk": LetterWave.objects.get(state="released").pk},
        "letter_wave_text": {"pk": LetterWave.objects.get(state="planned").pk},
        "import_file": {"pk": file.part_of_id, "file": file.pk},
        "import_page": {"pk": file.part_of_id},
        "import_progress": {"pk": file.part_of_id},
        "need_new": {"number": number},
        "newsletter": {"service": "newsletter", "due_on": NEXT_ISSUE.isoformat()},
        "outbox_message": {"pk": Message.objects.get(state="unclear").pk},
        "unsubscribe": {"token": "nobody"},
        "person": {"pk": User.objects.get(role="adviser").pk},
        "person_link": {"pk": User.objects.get(role="adviser").pk},
        "request": {"pk": request},
        "time_sample": {"pk": TimeSample.objects.get().pk},
        "review_pending": {"pk": Membership.objects.filter(applied=False).order_by("pk")[0].pk},
        "review_proposal": {"pk": Proposal.objects.filter(state="open", reduces=True).order_by("pk")[0].pk},
    }


def pages() -> Iterator[Route]:
    """Every address with a page, of something that is there."""
    known = subjects()
    for route in ROUTES:
        if TABLE[route.name]["get"] != "nobody" and route.name not in NO_PAGES | NOT_YET | ELSEWHERE:
            yield Route(route.name, route.view, known[route.name]) if route.arguments else route


def look(visit: Visit, route: Route, name: str) -> list[str]:
    """What is wrong with a page at first sight."""
    answer = visit.open(route.path + ASKED.get(route.name, ""))
    if "<html" not in answer.text():
        return []  # a part of a page; its page is looked at
    visit.shot(f"{route.name}-{name}")
    if answer.status != 200:
        return [f"{route.name}: {answer.status}"]
    page = visit.page
    found = [f"{page.locator('h1').count()} headings"] if page.locator("h1").count() != 1 else []
    found += [f"too wide: {item}" for item in too_wide(page)[:3]]
    hidden = "document.querySelector('.row > nav').scrollWidth - document.querySelector('.row > nav').clientWidth"
    found += ["the bar is cut off"] if page.locator(".row > nav").count() and page.evaluate(hidden) > 0 else []
    found += [f"too small: {item}" for item in too_small(page)] if name.endswith("phone") else []
    return [f"{route.name}-{name} {item}" for item in found + axe(page)]


LOOKS = (("en", "light", False), ("de", "dark", True))
"""Language, theme, and whether it is a phone; the office is filled once for both, which takes longer than the looks."""


def test_every_page_can_be_read_by_everyone(browser: Browser, live_server: LiveServer, busy: SimpleNamespace) -> None:
    mistakes = []
    for language, theme, phone in LOOKS:
        User.objects.update(language=language, theme=theme)
        with visiting(browser, live_server.url, phone=phone) as visit:
            visit.sign_in(busy.owner)
            for route in pages():
                mistakes += look(visit, route, f"{language}-{theme}-{'phone' if phone else 'desk'}")
    assert mistakes == []

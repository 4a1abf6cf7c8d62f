"""An issue of a promised newsletter: by mail to those whose consents allow it, by post to the others, to each once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests import people
from tests.people import ALMA, BELA, CARO, DORO, EMIL, NAMES
from tests.web.charter.outbox.conftest import Post, Round, post, round_at
from zusage.policy.read import read_policy_text
from zusage.web.book.models import Address, Book
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.newsletter.models import NewsletterIssue
from zusage.web.charter.newsletter.queries import deliveries, receivers
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.notices import report
from zusage.web.customers.consent.actions import grant, lock, object_to
from zusage.web.customers.consent.models import ConsentUse
from zusage.web.customers.models import Customer, Told
from zusage.web.office.models import Firm

__all__ = ["post", "round_at"]
SignIn = Callable[[str], Client]
LETTER = "newsletter: {name: Kundenbrief, kind: standard, measure: publication, role: owner,"
PROMISE = " promise: {mode: email, per_year: 4}}"
MORE = people.POLICY.replace("  callback: {name", f"  {LETTER}{PROMISE}\n  callback: {{name")


@pytest.fixture
def issue(office: SimpleNamespace, settings: SimpleNamespace, tmp_path: object) -> date:
    """An issue that is due next week. Alma and Caro allow mail, Béla's address is dead, Emil wants no advertising, Doro
    gave no consent; Caro's address is only known by mail."""
    settings.DATA = tmp_path
    due_on = timezone.localdate() + timedelta(days=7)
    office.version.text, office.version.hash = MORE, read_policy_text(MORE).policy.hash
    office.version.save()
    book = Book.objects.get(published=True)
    for number, name in NAMES.items():
        place = {"street": "Musterweg 1", "postcode": "04103", "city": "Leipzig"} if number != CARO else {}
        Address.objects.create(book=book, customer_id=number, last_name=name, email=f"k{number}@kunde.example", **place)
        Touchpoint.objects.create(
            unit_id=number, number=number, name=name, service="newsletter", class_key="A", due_on=due_on,
            ways="email", purpose="advertising",
        )  # fmt: skip
    now = timezone.now()
    for number in (ALMA, BELA, CARO):
        grant(
            number=number, channel="email", purpose="advertising", granted_at=now - timedelta(days=2), wording="Ja",
            source="form", by=None, now=now,
        )  # fmt: skip
    report(kind="bounce", number=BELA, address=f"k{BELA}@kunde.example", why="550", by=None, now=now)
    object_to(number=EMIL, channel="", said_on=timezone.localdate(), how="call", by=None, now=now)
    Touchpoint.objects.filter(number=DORO).update(via="letter")  # as the calendar notes it when it asks the consents
    return due_on


def typed(issue: date, **more: object) -> dict[str, object]:
    return {"version": 0, "subject": "Neues im Herbst", "text": "Guten Tag,\n\ndas ist neu."} | more


def test_each_gets_it_on_the_way_the_consents_allow(office: SimpleNamespace, issue: date) -> None:
    found = receivers(deliveries(office.owner, "newsletter", issue), timezone.localdate())
    ways = {
        name: sorted(item.touchpoint.number for item in getattr(found, name))
        for name in ("mail", "post", "calls", "nowhere")
    }
    assert ways == {"mail": [ALMA, CARO], "post": [BELA, DORO], "calls": [], "nowhere": []}  # Emil's is owed no longer


def test_whoever_is_locked_is_no_receiver_on_any_way(office: SimpleNamespace, issue: date) -> None:
    today = timezone.localdate()
    for number, why in ((ALMA, "deceased"), (BELA, "moved"), (DORO, "restricted")):
        lock(number=number, why=why, text="", since=today, by=office.owner, now=timezone.now())
    Touchpoint.objects.filter(number__in=(ALMA, DORO)).update(state="open")  # as if planned since
    found = receivers(deliveries(office.owner, "newsletter", issue), today)
    named = [[item.touchpoint.number for item in part] for part in (found.mail, found.post, found.calls, found.nowhere)]
    assert named == [[CARO], [], [], [BELA]]


def test_from_the_text_to_the_customer_and_done(
    office: SimpleNamespace, issue: date, as_role: SignIn, settings: SimpleNamespace, post: Post, round_at: Round
) -> None:
    owner, path = as_role("owner"), f"/telling/newsletters/newsletter/{issue}/"
    assert owner.post(f"{path}write/").status_code == 302
    assert Message.objects.count() == 0  # no text yet
    pdf = SimpleUploadedFile("Herbst.pdf", b"%PDF-1.7 small", "application/pdf")
    assert owner.post(path, typed(issue, attachment=pdf)).status_code == 302
    for _ in range(2):
        owner.post(f"{path}write/")
    assert sorted(Message.objects.values_list("number", "gate", "kind")) == [
        (ALMA, "advertising", "newsletter"), (CARO, "advertising", "newsletter")
    ]  # fmt: skip
    kept = NewsletterIssue.objects.get().attachment
    assert re.fullmatch("files/[0-9a-f]{64}", kept)  # where backups look
    assert Touchpoint.objects.filter(state="done").count() == 0
    settings.ADDRESS = "https://zusage.example"
    assert round_at(timezone.now()) == {"sent": 2}
    assert sorted(Touchpoint.objects.filter(state="done").values_list("number", flat=True)) == [ALMA, CARO]
    assert sorted(ConsentUse.objects.values_list("number", "purpose")) == [(ALMA, "advertising"), (CARO, "advertising")]
    assert (Told.objects.count(), len(post.mails)) == (0, 2)
    mail = post.mails[0]
    (part,) = mail.iter_attachments()
    assert (mail["Subject"], part.get_filename(), part.get_content()) == (
        "Neues im Herbst", "Herbst.pdf", b"%PDF-1.7 small"
    )  # fmt: skip
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    owner.post(f"{path}printed/")
    assert sorted(Touchpoint.objects.filter(state="done").values_list("number", flat=True)) == [
        ALMA, BELA, CARO, DORO
    ]  # fmt: skip


def test_the_list_for_the_post_names_the_others_and_is_kept_in_the_log(
    office: SimpleNamespace, issue: date, as_role: SignIn
) -> None:
    answer = as_role("assistant").get(f"/telling/newsletters/newsletter/{issue}/list/")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [BELA, DORO]
    assert LogEntry.objects.filter(additional_data__export="newsletter").count() == 1


def test_a_file_that_is_no_pdf_is_refused_and_what_was_typed_stays(
    office: SimpleNamespace, issue: date, as_role: SignIn
) -> None:
    wrong = SimpleUploadedFile("Herbst.pdf", b"<script>", "application/pdf")
    answer = as_role("owner").post(f"/telling/newsletters/newsletter/{issue}/", typed(issue, attachment=wrong))
    assert (answer.status_code, NewsletterIssue.objects.count()) == (422, 0)
    assert "das ist neu." in answer.content.decode()


def test_two_who_write_the_same_issue_see_both_texts(office: SimpleNamespace, issue: date, as_role: SignIn) -> None:
    owner, path = as_role("owner"), f"/telling/newsletters/newsletter/{issue}/"
    assert owner.post(path, typed(issue)).status_code == 302
    second = owner.post(path, typed(issue, subject="Anders"))
    assert second.status_code == 409
    page = second.content.decode()
    assert ("Neues im Herbst" in page, 'value="Anders"' in page, 'name="version" value="1"' in page) == (True,) * 3
    assert owner.post(path, typed(issue, subject="Anders", version=1)).status_code == 302
    kept = NewsletterIssue.objects.get()
    assert (kept.subject, kept.version) == ("Anders", 2)
    log = LogEntry.objects.filter(content_type__model="newsletterissue").order_by("pk")
    assert [(item.actor, item.changes["version"]) for item in log] == [
        (office.owner, ["None", "1"]), (office.owner, ["1", "2"])
    ]  # fmt: skip
    assert "Guten Tag" not in "".join(str(item.changes) for item in log)


def test_whoever_sees_only_their_own_reads_how_their_mails_stand(
    office: SimpleNamespace, issue: date, as_role: SignIn
) -> None:
    Customer.objects.filter(number=CARO).update(adviser="Ingo")
    path = f"/telling/newsletters/newsletter/{issue}/"
    as_role("owner").post(path, typed(issue))
    as_role("owner").post(f"{path}write/")
    Firm.objects.update(advisers_see_own_only=True)
    pages = [as_role(role).get(path).context for role in ("owner", "adviser")]
    assert [(page["laid_out"], page["left"]) for page in pages] == [(2, 0), (1, 0)]


def test_what_is_no_newsletter_or_no_day_is_not_there(office: SimpleNamespace, issue: date, as_role: SignIn) -> None:
    owner = as_role("owner")
    paths = ("callback/2026-11-30", "newsletter/2026-02-30", "newsletter/never", f"newsletter/{issue + timedelta(1)}")
    assert [owner.get(f"/telling/newsletters/{path}/").status_code for path in paths] == [404] * 4

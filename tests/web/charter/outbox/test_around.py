"""What the outbox did is seen where people look: on the customer's page, on Today, in the outbox itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, CARO, DORO, EMIL
from tests.web.charter.outbox.conftest import Post, mailed, posted
from tests.web.desk.test_requests import take
from zusage.ground.reasons import finding_as_json, mistake, warning
from zusage.web.charter.outbox.actions import hand_over_post
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.notices import take_notice
from zusage.web.customers.consent.actions import object_to
from zusage.web.customers.models import Told
from zusage.web.office.models import Job

SignIn = Callable[[str], Client]


def words(answer: object) -> str:
    """A page as text."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())  # type: ignore[attr-defined]


def test_a_letter_that_left_stands_in_the_customers_history_and_opens_by_a_click(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    message = posted(office, now=timezone.now())
    hand_over_post([message], on_day=timezone.localdate(), by=office.owner, now=timezone.now())
    page = as_role("owner").get(f"/customers/{ALMA}/").content.decode()
    assert re.findall(r'<strong>Brief</strong> <a href="([^"]+)">([^<]+)</a>', page) == [
        (f"/telling/outbox/{message.pk}/", "Willkommen")
    ]


def test_a_dead_address_is_said_on_the_customers_page(office: SimpleNamespace, as_role: SignIn) -> None:
    take_notice(kind="bounce", number=CARO, address="Caro@x.example", why="550", by=None, now=timezone.now())
    said = "Von caro@x.example kam eine E-Mail zurück: Mitteilungen gehen mit der Post."
    pages = [words(as_role("adviser").get(f"/customers/{number}/")) for number in (CARO, ALMA)]
    assert [said in page for page in pages] == [True, False]


def test_today_says_what_is_unclear(office: SimpleNamespace, as_role: SignIn) -> None:
    take(office, ALMA, timezone.now())  # an office at work: before its first request Today says what to do first
    said = "Bei 1 Mitteilung ist unklar, ob der Server sie angenommen hat: Bitte entscheiden Sie."
    assert said not in words(as_role("owner").get("/"))
    Message.objects.filter(pk=mailed(office, CARO).pk).update(state="unclear")
    assert said in words(as_role("owner").get("/"))


def test_the_outbox_shows_what_is_unclear_first_and_a_person_decides_with_a_reason(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    now, owner = timezone.now(), as_role("owner")
    done, unclear, other = (mailed(office, number, now=now) for number in (ALMA, CARO, EMIL))
    Message.objects.filter(pk=done.pk).update(state="handed_over")
    why = finding_as_json(warning("outbox_lost"))
    Message.objects.filter(pk__in=[unclear.pk, other.pk]).update(state="unclear", why=why, handing_at=now)
    page = owner.get("/telling/outbox/").content.decode()
    order = re.findall(r'<th scope="row"><a href="/telling/outbox/(\d+)/">', page)
    assert order == [str(other.pk), str(unclear.pk), str(done.pk)]

    decide = f"/telling/outbox/{unclear.pk}/decide/"
    today = timezone.localdate()
    assert owner.post(decide, {"what": "sent", "on_day": today, "reason": ""}).status_code == 422
    owner.post(decide, {"what": "sent", "on_day": today, "reason": "Sie rief an."})
    owner.post(f"/telling/outbox/{other.pk}/decide/", {"what": "unsent", "reason": "Nichts im Postfach."})
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {done.pk: "handed_over", unclear.pk: "handed_over", other.pk: "written"}
    assert [row.number for row in Told.objects.all()] == [CARO]
    entries = LogEntry.objects.filter(additional_data__outbox__in=["sent", "unsent"]).order_by("pk")
    assert [(row.actor, row.additional_data["reason"]) for row in entries] == [
        (office.owner, "Sie rief an."), (office.owner, "Nichts im Postfach.")
    ]  # fmt: skip


def test_what_is_no_longer_allowed_says_so_in_the_list_before_its_turn(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    mailed(office, gate="advertising", policy=None)
    Message.objects.update(state="written")
    page = words(as_role("auditor").get("/telling/outbox/"))
    assert page.count("angehalten") == 1


def test_a_failed_mail_goes_to_another_address_or_by_post(
    office: SimpleNamespace, as_role: SignIn, settings: SimpleNamespace, tmp_path: object
) -> None:
    settings.DATA = tmp_path
    (settings.DATA / "1.pdf").write_bytes(b"%PDF-1.7")
    owner = as_role("owner")
    first, second = mailed(office, attachment="1.pdf"), mailed(office, CARO, attachment="1.pdf")
    why = finding_as_json(mistake("outbox_address_refused", text="550"))
    Message.objects.update(state="failed", why=why)
    assert (
        owner.post(f"/telling/outbox/{first.pk}/decide/", {"what": "again", "address": "neu@x.example"}).status_code
        == 302
    )
    owner.post(f"/telling/outbox/{second.pk}/decide/", {"what": "post"})
    rows = Message.objects.order_by("number", "pk").values_list("number", "channel", "state", "address")
    assert list(rows) == [
        (ALMA, "email", "written", "neu@x.example"),
        (CARO, "email", "stopped", f"k{CARO}@kunde.example"),
        (CARO, "post", "written", ""),
    ]
    letter = Message.objects.get(channel="post")
    assert owner.get(f"/telling/outbox/{letter.pk}/letter/").content == b"%PDF-1.7"


def test_without_a_server_mails_are_taken_along_as_files_and_noted_as_handed_over(
    office: SimpleNamespace, as_role: SignIn, settings: SimpleNamespace
) -> None:
    settings.SMTP_URL, settings.MAIL_FROM = "", "post@firma.example"
    owner, now = as_role("owner"), timezone.now()
    good = mailed(office, now=now)
    mailed(office, EMIL, gate="advertising", policy=None, now=now)
    bad = mailed(office, CARO, subject="a\nBcc: x@y.example", now=now)
    object_to(number=EMIL, channel="", said_on=timezone.localdate(), how="call", by=None, now=now)
    answer = owner.get("/telling/outbox/files/")
    with ZipFile(BytesIO(answer.content)) as files:
        assert files.namelist() == [f"{good.pk}.eml"]
        assert b"\nX-Unsent: 1\n" in files.read(f"{good.pk}.eml")
    assert LogEntry.objects.get(additional_data__export="outbox").additional_data["rows"] == 1
    assert bad.pk
    lot = {"channel": "email", "kind": "welcome", "purpose": "wave 1", "on_day": timezone.localdate()}
    owner.post("/telling/outbox/left/", lot)
    states = dict(Message.objects.values_list("number", "state"))
    # what cannot be a mail was in no file, so nobody knows what it says
    assert states == {ALMA: "handed_over", CARO: "written", EMIL: "stopped"}


def test_all_mails_taken_along_are_noted_at_once_and_nothing_that_was_in_no_file(
    office: SimpleNamespace, as_role: SignIn, settings: SimpleNamespace
) -> None:
    settings.SMTP_URL, settings.MAIL_FROM = "", "post@firma.example"
    owner, now = as_role("owner"), timezone.now()
    taken = [mailed(office, number, purpose=f"wave {number}", now=now) for number in (ALMA, CARO)]
    early = mailed(office, EMIL, purpose="later", not_before=timezone.localdate(now) + timedelta(3), now=now)
    page = owner.get("/telling/outbox/").content.decode()
    assert "Alle E-Mails, die Sie als Dateien mitgenommen haben: 2 E-Mails" in page
    with ZipFile(BytesIO(owner.get("/telling/outbox/files/").content)) as files:
        assert files.namelist() == [f"{item.pk}.eml" for item in taken]
    (last,) = set(re.findall(r'name="last" value="(\d+)">\s*<p>Alle', page))
    later = mailed(office, DORO, purpose="since", now=now)  # written after the page was opened
    owner.post("/telling/outbox/left/", {"channel": "email", "last": last, "on_day": timezone.localdate()})
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == dict.fromkeys((item.pk for item in taken), "handed_over") | {
        early.pk: "written", later.pk: "written",
    }  # fmt: skip
    assert set(Told.objects.filter(assumed=False).values_list("number", flat=True)) == {ALMA, CARO}


def test_where_a_server_sends_no_mail_is_taken_along_or_noted_by_hand(office: SimpleNamespace, as_role: SignIn) -> None:
    sent = mailed(office)
    owner = as_role("owner")
    assert "Alle als übergeben vermerken" not in owner.get("/telling/outbox/").content.decode()
    owner.post("/telling/outbox/left/", {"channel": "email", "on_day": timezone.localdate()})
    with ZipFile(BytesIO(owner.get("/telling/outbox/files/").content)) as files:
        assert files.namelist() == []
    sent.refresh_from_db()
    assert sent.state == "written"


def test_the_page_of_the_server_says_what_is_set_without_the_password_and_tries_it(
    office: SimpleNamespace, as_role: SignIn, settings: SimpleNamespace, post: Post
) -> None:
    owner = as_role("owner")
    assert owner.post("/telling/outbox/server/").status_code == 302
    assert post.recipients == ["owner@example.org"]
    post.on_rcpt["owner@example.org"] = "550 5.1.1 who"
    failing = owner.post("/telling/outbox/server/")
    assert (failing.status_code, "550 5.1.1 who" in failing.content.decode()) == (422, True)
    settings.SMTP_URL = "smtp+starttls://user:geheim%40@mail.example.org"
    page = owner.get("/telling/outbox/server/").content.decode()
    assert ("mail.example.org:587" in page, "geheim" in page) == (True, False)
    for wrong in ("smtp://user:geheim@mail.example.org", "http://mail.example.org", "smtps://", "smtp://h:99999"):
        settings.SMTP_URL = wrong
        answer = owner.get("/telling/outbox/server/")
        assert (answer.status_code, "geheim" in answer.content.decode(), "ZUSAGE_SMTP_URL" in words(answer)) == (
            200, False, True
        )  # fmt: skip
    assert Job.objects.count() == 0


@pytest.mark.parametrize("number", [1, 3])
def test_the_outbox_asks_as_often_for_one_as_for_three(
    office: SimpleNamespace,
    as_role: SignIn,
    number: int,
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    for customer in (ALMA, CARO, EMIL)[:number]:
        mailed(office, customer)
    client = as_role("owner")
    client.get("/telling/outbox/")
    with django_assert_num_queries(20):
        page = client.get("/telling/outbox/").content.decode()
    assert page.count('<th scope="row">') == number

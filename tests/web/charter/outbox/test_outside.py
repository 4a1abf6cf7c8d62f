"""From outside: one click ends advertising, a program reports what came back; nobody learns whom we know."""

from __future__ import annotations

import json
import re
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO
from tests.web.charter.outbox.conftest import NOW, Post, Round, letter, mailed
from zusage.web.charter.outbox.actions import by_post, hand_over_post
from zusage.web.charter.outbox.mail import unsubscribe_link
from zusage.web.charter.outbox.models import Message, Notice
from zusage.web.charter.outbox.notices import end_notice
from zusage.web.customers.consent.actions import grant, object_to
from zusage.web.customers.consent.models import Objection, OwnConsent
from zusage.web.customers.consent.queries import may_write
from zusage.web.customers.models import Told

SECRET = "a-secret-of-the-tests"  # noqa: S105 - not one


def consented(number: str = ALMA) -> OwnConsent:
    return grant(
        number=number, channel="email", purpose="advertising", granted_at=NOW, wording="Ja, gern.", source="form",
        by=None, now=timezone.now(),
    )  # fmt: skip


def advertised(office: SimpleNamespace, number: str = ALMA, purpose: str = "issue 1") -> Message:
    return mailed(office, number, purpose, kind="newsletter", gate="advertising", policy=None, class_key="")


def path_of(message: Message) -> str:
    return unsubscribe_link(message).removeprefix("https://zusage.example")


@pytest.fixture(autouse=True)
def public(db: None, settings: SimpleNamespace, stopped: datetime) -> None:
    cache.clear()
    settings.ADDRESS, settings.NOTICE_TOKEN = "https://zusage.example", SECRET


def test_a_newsletter_offers_one_click_and_it_works_at_once_without_signing_in(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    consented()
    first, second = advertised(office), advertised(office, purpose="issue 2")
    Message.objects.filter(pk=second.pk).update(not_before=timezone.localdate(NOW).replace(year=2027))
    round_at()
    mail = post.mails[0]
    link = mail["List-Unsubscribe"].split(",")[0].strip(" <>")
    assert (link, mail["List-Unsubscribe-Post"]) == (unsubscribe_link(first), "List-Unsubscribe=One-Click")
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(path_of(first)).status_code == 200
    assert may_write(ALMA, "email", "advertising", timezone.localdate()).allowed
    for _ in range(3):
        answer = stranger.post(path_of(first), {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex, nofollow")
    gate = may_write(ALMA, "email", "advertising", timezone.localdate())
    assert not gate.allowed
    assert [(row.kind, row.number, row.by) for row in Notice.objects.all()] == [("unsubscribe", ALMA, None)]
    assert Objection.objects.count() == 1
    second.refresh_from_db()
    assert second.state == "stopped"  # what lies in the outbox leaves no more
    first.refresh_from_db()
    assert (first.state, first.came_back) == ("handed_over", "unsubscribe")


def page_of(answer: Any, path: str) -> str:
    """A page without its own address and without what is drawn anew for each reader."""
    tokens = re.compile(r"[A-Za-z0-9]{64}")
    return tokens.sub("", answer.content.decode().replace(path, ""))


def headers_of(answer: Any) -> dict[str, str]:
    """All but the length, in which the page's own address counts."""
    return {name: value for name, value in answer.headers.items() if name != "Content-Length"}


def test_an_address_that_was_never_made_is_answered_as_one_that_was(office: SimpleNamespace) -> None:
    consented()
    known, stranger = path_of(advertised(office)), Client()
    changed = known[:-2] + ("A" if known[-2] != "A" else "B") + "/"
    for method in ("get", "post"):
        right = getattr(stranger, method)(known)
        for path in (changed, "/u/nothing/", "/u/W10:abc/", known.replace("/u/", "/u/x")):
            wrong = getattr(stranger, method)(path)
            assert (wrong.status_code, headers_of(wrong)) == (200, headers_of(right))
            assert page_of(wrong, path) == page_of(right, known)
    assert {row.number for row in Notice.objects.all()} == {ALMA}


def test_whoever_guesses_is_held_up_and_whoever_has_the_link_is_not(office: SimpleNamespace) -> None:
    known, stranger = path_of(advertised(office)), Client()
    answers = [stranger.post("/u/guess/").status_code for _ in range(25)]
    assert (answers.count(200), answers.count(429), stranger.post(known).status_code) == (20, 5, 200)


def test_whoever_consents_again_and_unsubscribes_again_is_unsubscribed(office: SimpleNamespace) -> None:
    message = advertised(office)
    consented()
    Client().post(path_of(message))
    Objection.objects.update(taken_back_at=timezone.now())
    grant(
        number=ALMA, channel="email", purpose="advertising", granted_at=timezone.now(), wording="Ja", source="call",
        by=None, now=timezone.now(),
    )  # fmt: skip
    assert may_write(ALMA, "email", "advertising", timezone.localdate()).allowed
    Client().post(path_of(message))
    assert not may_write(ALMA, "email", "advertising", timezone.localdate()).allowed


def reported(secret: str = SECRET, **fields: object) -> tuple[int, object]:
    answer = sent_in(json.dumps(fields), secret)
    return answer.status_code, answer.json()


def sent_in(body: str, secret: str = SECRET) -> Any:
    bearer = {"authorization": f"Bearer {secret}"}
    return Client().post("/u/reports/", body, content_type="application/json", headers=bearer)


def test_the_same_bounce_three_times_is_one_change_and_what_it_said_was_not_told(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    message = mailed(office)
    round_at()
    message.refresh_from_db()
    assert Told.objects.count() == 1
    answers = [reported(kind="bounce", message_id=message.message_id, why="550 gone") for _ in range(3)]
    assert answers == [(200, {"known": True, "new": 1}), *[(200, {"known": True, "new": 0})] * 2]
    message.refresh_from_db()
    assert (message.came_back, message.told, Told.objects.count()) == ("bounce", None, 0)
    notice = Notice.objects.get()
    assert (notice.number, notice.address, notice.why) == (ALMA, message.address, "550 gone")
    later = mailed(office, purpose="wave 2")
    assert round_at() == {"stopped": 1}
    later.refresh_from_db()
    assert later.why["reason"]["code"] == "outbox_bounced"
    assert end_notice(notice, NOW)
    mailed(office, purpose="wave 3")
    assert round_at() == {"sent": 1}


def test_a_mail_that_came_back_goes_by_post_and_is_told_then(
    office: SimpleNamespace, post: Post, round_at: Round, settings: SimpleNamespace, tmp_path: object
) -> None:
    settings.DATA = tmp_path
    (settings.DATA / "1.pdf").write_bytes(b"%PDF-1.7")
    message = mailed(office, attachment="1.pdf", also=[BELA])
    round_at()
    assert Told.objects.count() == 2
    assert reported(kind="bounce", address=message.address.upper()) == (200, {"known": True, "new": 1})
    assert Told.objects.count() == 0
    message.refresh_from_db()
    made = by_post(message, by=office.owner, now=NOW)
    assert made is not None
    assert (made.channel, made.purpose, made.also) == ("post", "wave 1 post", [BELA])
    hand_over_post([made], on_day=timezone.localdate(NOW), by=office.owner, now=NOW)
    assert sorted((row.number, row.how) for row in Told.objects.all()) == [(ALMA, "letter"), (BELA, "letter")]
    assert by_post(message, by=office.owner, now=NOW) is None


def test_a_bounce_says_that_an_unclear_mail_had_left(office: SimpleNamespace, post: Post, round_at: Round) -> None:
    message = mailed(office)
    post.on_data[message.address] = "drop"
    round_at()
    reported(kind="bounce", address=message.address)
    message.refresh_from_db()
    assert (message.state, message.came_back, Told.objects.count()) == ("failed", "bounce", 0)


def test_a_complaint_ends_advertising_by_mail_whatever_it_rested_on(office: SimpleNamespace) -> None:
    consented(CARO)
    assert reported(kind="complaint", number=CARO, address="caro@kunde.example") == (200, {"known": True, "new": 1})
    assert not may_write(CARO, "email", "advertising", timezone.localdate()).allowed
    assert may_write(CARO, "post", "advertising", timezone.localdate()).allowed


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"kind": "bounce"}, {"kind": "other", "number": ALMA}, {"kind": "bounce", "number": 1},
        {"kind": "bounce", "number": ["0001"]}, {"kind": "bounce", "address": "a" * 400},
        {"kind": "bounce", "address": "a\0@b.example"},
    ],
)  # fmt: skip
def test_a_report_that_is_none_changes_nothing(office: SimpleNamespace, fields: dict[str, object]) -> None:
    assert reported(**fields)[0] == 400
    assert Notice.objects.count() == 0


def test_reports_need_the_secret_and_an_unknown_address_is_nobodys(
    office: SimpleNamespace, settings: SimpleNamespace
) -> None:
    assert reported(kind="bounce", address="stranger@x.example") == (200, {"known": False, "new": 0})
    assert [reported("wrong", kind="bounce", number=ALMA)[0] for _ in range(21)] == [401] * 20 + [429]
    assert sent_in("[" * 9000).status_code == 400
    settings.NOTICE_TOKEN = ""
    assert sent_in("{}").status_code == 404


def test_a_withdrawal_stops_at_once_what_lies_in_the_outbox(office: SimpleNamespace) -> None:
    consented()
    mail, service = advertised(office), mailed(office, purpose="wave 9")
    leaflet = letter(office, CARO, gate="advertising", policy=None)
    for number in (ALMA, CARO):
        object_to(number=number, channel="", said_on=timezone.localdate(), how="call", by=None, now=timezone.now())
    states = {item.pk: item.state for item in Message.objects.all()}
    assert leaflet is not None
    assert states == {mail.pk: "stopped", service.pk: "written", leaflet.pk: "stopped"}

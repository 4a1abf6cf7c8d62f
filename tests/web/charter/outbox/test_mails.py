"""Mails handed to a real mail server: taken, refused, put off, lost; each once, and the row says how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.charter.outbox.conftest import NOW, TODAY, Post, Round, letter, mailed
from zusage.ground.reasons import Finding
from zusage.ground.words import word
from zusage.web.charter.outbox.actions import handed_over
from zusage.web.charter.outbox.models import Message, Notice
from zusage.web.charter.outbox.queries import asked_again
from zusage.web.charter.outbox.sending import unclear_after_restore
from zusage.web.customers.consent.models import ConsentUse
from zusage.web.customers.models import Told


def stands(message: Message) -> tuple[str, int, str]:
    """How a message stands: state, tries, and the code of why."""
    message.refresh_from_db()
    return message.state, message.tries, message.why["reason"]["code"] if message.why else ""


def test_a_mail_that_is_taken_is_known_from_that_day_on(office: SimpleNamespace, post: Post, round_at: Round) -> None:
    message = mailed(office, text="Grüße\n.\n.Punkt\nEnde")
    assert round_at() == {"sent": 1}
    assert stands(message) == ("handed_over", 0, "")
    told = Told.objects.get()
    assert (told.number, told.told_on, told.how, told.by) == (ALMA, TODAY, "email", office.adviser)
    assert (message.told, message.handed_on, message.handed_over_at) == (told, TODAY, NOW)
    (mail,) = post.mails
    assert (mail["To"], mail["From"]) == ('"Muster, Alma" <k0001@kunde.example>', "Test GmbH <post@firma.example>")
    assert (mail["Subject"], mail["Message-ID"]) == ("Ihre Zusagen", message.message_id)
    assert mail.get_content().splitlines() == ["Grüße", ".", ".Punkt", "Ende"]
    assert round_at() == {}
    assert (len(post.taken), Told.objects.count(), ConsentUse.objects.count()) == (1, 1, 0)


def many(first: Message, count: int) -> list[Message]:
    """A mail and others like it, each to an address of its own."""
    others = []
    for place in range(1, count):
        others.append(copy(first))
        others[-1].pk, others[-1].number, others[-1].address = None, f"x{place:03}", f"kx{place:03}@kunde.example"
    return [first, *Message.objects.bulk_create(others)]


def test_one_bad_recipient_of_five_hundred_stops_nobody_else(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    mails = many(mailed(office, name="Kunde", policy=None), 500)
    post.on_rcpt[mails[249].address] = "550 5.1.1 no such person"
    assert round_at() == {"sent": 499, "failed": 1}
    assert stands(mails[249]) == ("failed", 1, "outbox_address_refused")
    assert [(row.address, row.kind, row.why) for row in Notice.objects.all()] == [
        (mails[249].address, "bounce", "550 5.1.1 no such person")
    ]
    assert sorted(post.recipients) == sorted(item.address for item in mails if item.pk != mails[249].pk)
    assert round_at(NOW + timedelta(days=2)) == {}


@pytest.mark.parametrize("answer", ["450 4.2.0 come back", "452 4.2.2 full"])
@pytest.mark.parametrize("where", ["on_rcpt", "on_data"])
def test_a_server_that_asks_for_later_is_asked_again_on_a_ladder_and_then_no_more(
    office: SimpleNamespace, post: Post, round_at: Round, answer: str, where: str
) -> None:
    message = mailed(office)
    getattr(post, where)[message.address] = answer
    now = NOW
    for tries, minutes in enumerate((1, 5, 15, 60, 360), 1):
        assert round_at(now) == {"waiting": 1}
        assert stands(message) == ("written", tries, "outbox_later")
        assert message.next_try_at == now + timedelta(minutes=minutes)
        now = message.next_try_at
        assert round_at(now - timedelta(seconds=1)) == {}
    round_at(now)
    assert stands(message) == ("failed", 6, "outbox_later")
    assert (Notice.objects.count(), Told.objects.count()) == (0, 0)


def test_what_was_put_off_once_is_handed_over_once(office: SimpleNamespace, post: Post, round_at: Round) -> None:
    message = mailed(office)
    post.on_rcpt[message.address] = "451 4.7.1 greylisted"
    round_at()
    post.on_rcpt.clear()
    assert round_at(NOW + timedelta(minutes=1)) == {"sent": 1}
    assert (stands(message), post.recipients) == (("handed_over", 1, ""), [message.address])


def test_a_mail_refused_as_a_whole_fails_but_its_address_is_good(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    whole, policy = mailed(office), mailed(office, CARO)
    post.on_data[whole.address], post.on_rcpt[policy.address] = "554 5.6.0 no", "550 5.7.1 not from you"
    assert round_at() == {"failed": 2}
    assert [stands(item)[2] for item in (whole, policy)] == ["outbox_refused", "outbox_refused"]
    assert Notice.objects.count() == 0


def test_a_connection_lost_after_the_last_line_is_unclear_and_never_sent_again(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    message, other = mailed(office), mailed(office, CARO, class_key="C")
    post.on_data[message.address] = "drop"
    assert round_at() == {"unclear": 1, "sent": 1}
    assert stands(message) == ("unclear", 0, "outbox_lost")
    assert round_at(NOW + timedelta(days=30)) == {}
    assert post.recipients == [message.address, other.address]
    assert [told.number for told in Told.objects.all()] == [CARO]


@pytest.mark.parametrize(("where", "how"), [("on_rcpt", "drop"), ("on_data", "drop before")])
def test_a_connection_lost_before_is_tried_again(
    office: SimpleNamespace, post: Post, round_at: Round, where: str, how: str
) -> None:
    message = mailed(office)
    getattr(post, where)[message.address] = how
    assert round_at() == {"waiting": 1}
    assert stands(message) == ("written", 1, "outbox_no_answer")
    getattr(post, where).clear()
    assert round_at(NOW + timedelta(minutes=1)) == {"sent": 1}
    assert post.recipients == [message.address]


@pytest.mark.parametrize(("where", "state"), [("on_rcpt", "written"), ("on_data", "unclear")])
def test_a_server_that_falls_silent_holds_up_one_mail_and_not_the_others(
    office: SimpleNamespace, post: Post, round_at: Round, where: str, state: str
) -> None:
    silent, other = mailed(office), mailed(office, CARO)
    getattr(post, where)[silent.address] = "hang"
    round_at(seconds=0.6)
    assert (stands(silent)[0], stands(other)[0]) == (state, "handed_over")


def test_a_server_that_is_away_makes_all_mails_wait_without_trying_each(
    office: SimpleNamespace, post: Post, round_at: Round, settings: SimpleNamespace
) -> None:
    mails = [mailed(office, number) for number in (ALMA, BELA, CARO, EMIL)]
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    now = NOW
    for _ in range(6):
        assert round_at(now) == {"waiting": 4}
        now += timedelta(hours=7)
    assert [stands(item) for item in mails] == [("failed", 6, "outbox_no_answer")] * 4
    assert (post.taken, round_at(now)) == ([], {})


def test_a_server_that_wants_no_mail_from_us_is_no_fault_of_the_recipients(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    mails = [mailed(office, number) for number in (ALMA, BELA, CARO)]
    post.on_mail = "550 sender unknown"
    assert round_at() == {"waiting": 3}
    assert [stands(item) for item in mails] == [("written", 1, "outbox_sender_refused")] * 3
    post.on_mail = "421 too many"
    assert round_at(NOW + timedelta(hours=1)) == {"waiting": 3}
    assert Notice.objects.count() == 0


def test_one_connection_carries_all_mails_and_is_opened_anew_when_it_ended(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    for number in (ALMA, BELA, CARO):
        mailed(office, number)
    assert (round_at(), post.sessions) == ({"sent": 3}, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "A\nBcc: x@y.example"}, {"name": "Alma\r\nBcc: x@y.example"},
        {"headers": {"X\nBcc": "x@y.example"}}, {"headers": {"Bcc": "x@y.example"}},
        {"headers": {"X-Note": "a\nBcc: x@y.example"}},
    ],
)  # fmt: skip
def test_a_line_break_that_would_add_a_header_makes_that_mail_fail_alone(
    office: SimpleNamespace, post: Post, round_at: Round, change: dict[str, object]
) -> None:
    bad, good = mailed(office, **change), mailed(office, CARO)
    assert round_at() == {"failed": 1, "sent": 1}
    assert (stands(bad)[2], post.recipients) == ("outbox_header", [good.address])


@pytest.mark.parametrize(
    "address",
    [
        "", "alma", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "a@[127.0.0.1]", "ä@b.example",
        f"{'a' * 65}@b.example", "a@b.example>", "<a@b.example>", "@b.example",
    ],
)  # fmt: skip
def test_an_address_that_is_not_one_gets_nothing(
    office: SimpleNamespace, post: Post, round_at: Round, address: str
) -> None:
    bad, good = mailed(office, address=address), mailed(office, CARO)
    assert round_at() == {"failed": 1, "sent": 1}
    assert (stands(bad)[2], post.recipients) == ("outbox_no_address", [good.address])


def test_a_domain_with_umlauts_travels_in_ascii(office: SimpleNamespace, post: Post, round_at: Round) -> None:
    mailed(office, address="alma@größe.example", name="Größe, Alma")
    assert round_at() == {"sent": 1}
    assert post.recipients == ["alma@xn--gre-6ka8i.example"]
    assert post.mails[0]["To"].addresses[0].display_name == "Größe, Alma"


def test_a_letter_of_pdf_comes_along_and_one_that_is_gone_or_elsewhere_is_said(
    office: SimpleNamespace, post: Post, round_at: Round, settings: SimpleNamespace, tmp_path: object
) -> None:
    settings.DATA = tmp_path
    (settings.DATA / "letters").mkdir()
    (settings.DATA / "letters" / "1.pdf").write_bytes(b"%PDF-1.7 \n.\r\x00")
    mailed(office, attachment="letters/1.pdf", attachment_name="Zusagen – Größe.pdf")
    gone, outside = (
        mailed(office, CARO, attachment="letters/2.pdf"),
        mailed(office, BELA, attachment="../../etc/passwd"),
    )
    assert round_at() == {"sent": 1, "failed": 2}
    assert [stands(item)[2] for item in (gone, outside)] == ["outbox_attachment"] * 2
    (part,) = post.mails[0].iter_attachments()
    assert (part.get_filename(), part.get_content()) == ("Zusagen – Größe.pdf", b"%PDF-1.7 \n.\r\x00")


def test_what_is_planned_for_a_day_leaves_on_it(office: SimpleNamespace, round_at: Round) -> None:
    mailed(office, not_before=TODAY + timedelta(days=1))
    assert (round_at(), round_at(NOW + timedelta(days=1))) == ({}, {"sent": 1})


def test_an_advertising_mail_says_how_to_object_and_its_use_of_the_consent_is_kept(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    from zusage.web.customers.consent.models import OwnConsent

    granted = {"number": ALMA, "channel": "email", "purpose": "advertising", "wording": "ja", "source": "form"}
    OwnConsent.objects.create(granted_at=NOW - timedelta(days=9), created_at=NOW, **granted)
    mailed(office, kind="newsletter", gate="advertising", policy=None)
    mailed(office, CARO, kind="newsletter", gate="advertising", policy=None)
    assert round_at() == {"sent": 1, "stopped": 1}
    assert [(row.number, row.channel, row.purpose, row.used_on) for row in ConsentUse.objects.all()] == [
        (ALMA, "email", "advertising", date(2026, 11, 26))
    ]
    said = " ".join(post.mails[0].get_content().split())
    assert said == "Guten Tag -- " + word("outbox_objection", "de").format(text="post@firma.example")
    assert post.mails[0]["List-Unsubscribe"] == "<mailto:post@firma.example?subject=unsubscribe>"
    assert post.mails[0]["List-Unsubscribe-Post"] is None


def test_what_waited_in_a_restored_backup_leaves_only_when_a_person_says_so(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    waiting = mailed(office)
    letter(office, BELA)
    assert unclear_after_restore() == 1
    assert round_at() == {}
    assert stands(waiting) == ("unclear", 0, "outbox_restored")
    assert (post.taken, Message.objects.get(number=BELA).state) == ([], "written")


def test_a_mail_that_is_broken_on_our_side_holds_up_no_other(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    broken, erased, whole = (mailed(office, number) for number in (ALMA, CARO, EMIL))
    Message.objects.filter(pk=broken.pk).update(headers=["Reply-To"])  # no header has a value in a list
    assert erased.delete()
    assert round_at() == {"waiting": 1, "sent": 1}
    assert [stands(item) for item in (broken, whole)] == [("written", 1, "outbox_broke"), ("handed_over", 0, "")]
    assert [round_at(NOW + timedelta(days=day)) for day in range(1, 7)] == [{"waiting": 1}] * 5 + [{}]
    assert stands(broken) == ("failed", 6, "outbox_broke")


def test_who_is_erased_during_a_round_holds_up_no_other_and_gets_no_mail(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    first, erased, last = (mailed(office, number) for number in (ALMA, CARO, EMIL))

    def gone(messages: Sequence[Message], **_: object) -> dict[int, Finding]:
        Message.objects.filter(pk=erased.pk).delete()
        return {}

    asked_again.connect(gone)
    try:
        assert round_at() == {"sent": 2, "passed": 1}
    finally:
        asked_again.disconnect(gone)
    assert post.recipients == [first.address, last.address]


def test_what_breaks_after_a_mail_left_is_for_a_person_to_decide_and_the_others_leave(
    office: SimpleNamespace, post: Post, round_at: Round
) -> None:
    broken, *others = (mailed(office, number) for number in (ALMA, CARO, EMIL))

    def breaks(messages: Sequence[Message], **_: object) -> None:
        if broken in messages:
            raise LookupError

    handed_over.connect(breaks)
    try:
        assert round_at() == {"unclear": 1, "sent": 2}
        assert (stands(broken), Told.objects.filter(number=ALMA).count()) == (("unclear", 0, "outbox_broke"), 0)
        assert round_at() == {}
    finally:
        handed_over.disconnect(breaks)
    assert len(post.taken) == 3
    assert [stands(item)[0] for item in others] == ["handed_over"] * 2

"""What a law keeps of an erased customer goes when its time is over, whatever rules the firm has set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tests.people import ALMA, BELA, CARO
from tests.web.book.conftest import run
from zusage.web.book.queries import stored
from zusage.web.charter.actions import keep_paper
from zusage.web.charter.letters.models import LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.models import AlsoFor, Message
from zusage.web.customers.consent.actions import grant
from zusage.web.customers.consent.models import OwnConsent
from zusage.web.customers.models import Customer
from zusage.web.office.backup import JOURNAL, backups_folder
from zusage.web.office.jobs import start_job
from zusage.web.office.models import Job
from zusage.web.privacy.erasing.actions import erase, let_go_kept
from zusage.web.privacy.erasing.queries import preview_of
from zusage.web.privacy.jobs import watch

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LAST, AFTER = date(2032, 12, 31), date(2033, 1, 1)
"""Of letters of 2026: the last day a law keeps them, and the day after."""


def sent(office: SimpleNamespace, number: str, also: list[str], written: datetime) -> tuple[Message, WaveLetter, str]:
    """A letter that left, with its paper, which is in what was printed of its week as well."""
    paper, printed = keep_paper(f"%PDF {number}".encode()), keep_paper(f"%PDF week {number}".encode())
    message = write(
        number=number, unit_id=number, name="Béla Beispiel", also=also, purpose=f"letters {number}", kind="welcome",
        channel="post", gate="service", policy=office.version, class_key="A", subject="Willkommen",
        text="Auch für Béla Beispiel", attachment=f"files/{paper}", by=office.owner, now=written,
    )  # fmt: skip
    assert message is not None
    Message.objects.filter(pk=message.pk).update(state="handed_over", handed_over_at=written, handed_on=written.date())
    wave = LetterWave.objects.create(
        kind="welcome", channel="post", language="de", per_week=5, first_on=written.date(), by=office.owner, at=written,
        policy=office.version,
    )  # fmt: skip
    week = LetterWeek.objects.create(wave=wave, monday=written.date(), printed=printed, made_at=written)
    letter = WaveLetter.objects.create(
        wave=wave, week=week, number=number, unit_id=number, name="Béla Beispiel", numbers=[number, *also],
        state="made", message=message, paper=paper, said={"text": "Auch für Béla Beispiel"}, made_at=written,
    )  # fmt: skip
    return message, letter, printed


def gone(number: str, office: SimpleNamespace) -> None:
    erase(customer=Customer.objects.get(number=number), reason="Verlangen", by=office.owner, now=NOW)


def test_what_was_kept_of_the_erased_goes_on_the_day_after_its_last(
    office: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    _, letter, printed = sent(office, CARO, [], NOW - timedelta(30))
    others = sent(office, ALMA, [], NOW - timedelta(30))[0]
    grant(
        number=CARO, channel="email", purpose="advertising", granted_at=NOW - timedelta(9), wording="Ja",
        source="Formular", by=office.owner, now=NOW,
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        gone(CARO, office)
        assert let_go_kept(date(2031, 12, 31)) == 0
        assert (OwnConsent.objects.count(), Message.objects.count()) == (1, 2)
        assert let_go_kept(LAST) == 1  # the consent: five years
        assert (OwnConsent.objects.count(), Message.objects.count()) == (0, 2)
        let_go_kept(AFTER)
    assert list(Message.objects.all()) == [others]
    assert not WaveLetter.objects.filter(pk=letter.pk).exists()
    assert [stored(name).exists() for name in (letter.paper, printed)] == [False, False]
    assert let_go_kept(AFTER) == 0
    (backups_folder() / JOURNAL).unlink()


def test_a_letter_to_another_loses_its_words_and_papers_once_no_law_keeps_the_name_in_it(
    office: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    message, letter, printed = sent(office, ALMA, [BELA], NOW - timedelta(30))
    paper = letter.paper
    with django_capture_on_commit_callbacks(execute=True):
        gone(BELA, office)
        assert (let_go_kept(LAST), let_go_kept(AFTER), let_go_kept(AFTER)) == (0, 1, 0)
    message.refresh_from_db()
    letter.refresh_from_db()
    assert (message.state, message.text, message.attachment) == ("handed_over", "", "")
    assert (letter.state, letter.said, letter.paper) == ("made", None, "")
    assert [stored(name).exists() for name in (paper, printed)] == [False, False]
    assert AlsoFor.objects.get().number == "erased-1"
    (backups_folder() / JOURNAL).unlink()


def test_a_letter_kept_longer_than_its_message_loses_the_name_at_once_and_the_preview_says_so(
    office: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    message, letter, _ = sent(office, ALMA, [BELA], NOW.replace(year=2019))
    message.delete()  # the firm's rules keep letters longer
    bela = Customer.objects.get(number=BELA)
    Customer.objects.filter(number=BELA).update(name="Béla Beispiel")
    assert [(line.name, line.fate, line.rows) for line in preview_of(bela, NOW.date()).lines if line.fate != "kept"][
        -1
    ] == ("WaveLetter", "anonymised", 1)
    with django_capture_on_commit_callbacks(execute=True):
        gone(BELA, office)
    letter.refresh_from_db()
    assert (letter.numbers, letter.said, letter.paper) == (
        [ALMA, "erased-1"], {"text": "Auch für Gelöschter Kunde"}, "",
    )  # fmt: skip
    (backups_folder() / JOURNAL).unlink()


def test_the_night_lets_it_go_although_no_rule_is_on(office: SimpleNamespace) -> None:
    sent(office, CARO, [], timezone.now() - timedelta(365 * 9))
    night = timezone.now().replace(hour=8)
    watch(night)
    assert not Job.objects.filter(kind="retention").exists()
    gone(CARO, office)
    kept = sent(office, CARO, [], timezone.now() - timedelta(365 * 9))[0]  # as if its time were over since
    watch(night)
    assert Job.objects.get(kind="retention").state == "queued"
    assert run(start_job("retention", now=timezone.now())).result == {"retention": {"erased": 2}}
    assert not Message.objects.filter(pk=kept.pk).exists()
    (backups_folder() / JOURNAL).unlink(missing_ok=True)

"""What is open when somebody is erased: nothing is proposed any more, and no mail leaves that nobody knows of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Thread
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests.people import ALMA, BELA, CARO, DORO, EMIL
from zusage.ground.reasons import Refused
from zusage.web.book.models import Erased
from zusage.web.charter.outbox.actions import write
from zusage.web.charter.outbox.mail import From
from zusage.web.charter.outbox.models import Message
from zusage.web.charter.outbox.sending import claim
from zusage.web.customers.choices.queries import Asked, candidates
from zusage.web.customers.models import Customer, Membership
from zusage.web.customers.queries import customers_for, totals
from zusage.web.customers.referrals.actions import record_referral
from zusage.web.customers.referrals.queries import to_ask, to_thank
from zusage.web.office.backup import JOURNAL, backups_folder
from zusage.web.privacy.erasing.actions import erase, let_go_kept
from zusage.web.privacy.erasing.queries import preview_of
from zusage.web.privacy.keeping.queries import long_gone
from zusage.web.review.models import Proposal
from zusage.web.review.queries import open_counts, pending_for, proposed_changes, unclear_for

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def caro() -> Customer:
    return Customer.objects.get(run__published=True, number=CARO)


def proposal(office: SimpleNamespace, numbers: list[str], **more: Any) -> Proposal:
    head = Customer.objects.get(number=numbers[0])
    facts = {"from_key": "C", "to_key": "A", "change": "up", "because": "criteria"}
    return Proposal.objects.create(
        run=office.run, unit_id=numbers[0], name=head.name, sort_key=head.sort_key, members=numbers, **facts | more
    )


def test_nothing_is_proposed_any_more_for_a_household_that_holds_nobody_else(
    office: SimpleNamespace,
) -> None:
    alone, together = proposal(office, [CARO]), proposal(office, [ALMA, BELA])
    done = proposal(office, [DORO], state="kept", reason="bleibt")
    Membership.objects.create(
        number=CARO, class_key="A", effective_on=NOW.date() + timedelta(20), change="up", policy=office.version,
        because="criteria", decided_by=office.owner, decided_at=NOW,
    )  # fmt: skip
    assert (open_counts(office.owner)["up"], pending_for(office.owner, NOW.date()).count()) == (2, 1)
    record_referral(customer=caro(), prospect="Nils Neu", contact="", named_on=NOW.date(), by=office.owner, now=NOW)
    assert to_thank(office.owner).count() == 1
    sums = totals(customers_for(office.owner))
    for number in (CARO, ALMA, DORO):
        erase(customer=Customer.objects.get(number=number), reason="Verlangen", by=office.owner, now=NOW)
    for item in (alone, together, done):
        item.refresh_from_db()
    assert [item.state for item in (alone, together, done)] == ["overtaken", "open", "kept"]
    assert together.name == Customer.objects.get(number=BELA).name  # who is left is who it is about
    assert (open_counts(office.owner)["up"], pending_for(office.owner, NOW.date()).count()) == (1, 0)
    assert totals(customers_for(office.owner)) == sums
    assert {item.class_key for item in Customer.objects.filter(name="Gelöschter Kunde", unit_id="erased-1")} == {"C"}
    # on no list of those to be asked, thanked or suggested for erasure do they stand
    Customer.objects.filter(number__startswith="erased").update(undecided=True, class_key="A", former=False)
    assert not unclear_for(office.owner).filter(number__startswith="erased").exists()
    assert not to_ask(office.owner, office.policy, NOW.date()).filter(number__startswith="erased").exists()
    assert not to_thank(office.owner).filter(number__startswith="erased").exists()
    Customer.objects.filter(number__startswith="erased").update(class_key="C", proposed_key="A")
    asked = candidates(customers_for(office.owner), office.policy, Asked())
    assert not asked.filter(number__startswith="erased").exists()
    Customer.objects.filter(number__startswith="erased").update(former=True)
    assert not long_gone(date(2099, 1, 1), 1).filter(number__startswith="erased").exists()
    # the next run proposes nothing for them either
    Membership.objects.all().delete()
    made = {item.unit_id: item.name for item in proposed_changes(office.run, office.policy, NOW.date())}
    bela, emil = (Customer.objects.get(number=number).name for number in (BELA, EMIL))
    assert made == {"erased-2": bela, EMIL: emil}


def test_a_mail_nobody_knows_of_whether_it_left_is_decided_about_first(office: SimpleNamespace) -> None:
    for state, codes in (("handing", ["erasing_leaving"]), ("unclear", ["erasing_leaving"]), ("written", [])):
        mail = own_mail(office, state)
        assert [item.reason.code for item in preview_of(caro(), NOW.date()).hindrances] == codes
        mail.delete()


def own_mail(office: SimpleNamespace, state: str) -> Message:
    mail = write(
        channel="email", purpose="letters 1", address="caro@example.org", subject="Willkommen", text="Guten Tag",
        number=CARO, unit_id=CARO, name="Caro", kind="welcome", gate="service", policy=office.version, class_key="C",
        by=office.owner, now=NOW,
    )  # fmt: skip
    assert mail is not None
    Message.objects.filter(pk=mail.pk).update(state=state, handing_at=NOW)
    mail.refresh_from_db()
    return mail


def test_what_is_written_to_somebody_who_was_just_erased_does_not_leave_and_goes_by_night(
    office: SimpleNamespace,
) -> None:
    erase(customer=caro(), reason="Verlangen", by=office.owner, now=NOW)
    mail = own_mail(office, "written")  # by somebody who had looked before
    assert claim(mail, From("Firma", "firma@example.org"), NOW) is False
    mail.refresh_from_db()
    assert (mail.state, "mailing_out_gone" in str(mail.why)) == ("stopped", True)
    assert (let_go_kept(NOW.date()), Message.objects.count()) == (1, 0)
    (backups_folder() / JOURNAL).unlink(missing_ok=True)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_a_sender_that_comes_while_somebody_is_erased_finds_nothing_to_send(office: SimpleNamespace) -> None:
    mail, sender = own_mail(office, "written"), From("Firma", "firma@example.org")
    claimed: list[bool] = []

    def send() -> None:
        claimed.append(claim(mail, sender, NOW))
        connections.close_all()

    other = Thread(target=send)
    with transaction.atomic():
        erase(customer=caro(), reason="Verlangen", by=office.owner, now=NOW)
        other.start()
        wait_for_one_that_waits()
    other.join()
    assert (claimed, Message.objects.count()) == ([False], 0)
    (backups_folder() / JOURNAL).unlink()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_who_is_erased_while_a_sender_has_the_mail_is_not_erased_before_that_is_known(office: SimpleNamespace) -> None:
    mail, sender = own_mail(office, "written"), From("Firma", "firma@example.org")
    refused: list[str] = []

    def go() -> None:
        try:
            erase(customer=caro(), reason="Verlangen", by=office.owner, now=NOW)
        except Refused as found:
            refused.extend(item.reason.code for item in found.findings)
        connections.close_all()

    other = Thread(target=go)
    with transaction.atomic():
        assert claim(mail, sender, NOW)
        other.start()
        wait_for_one_that_waits()
    other.join()
    mail.refresh_from_db()
    assert (refused, mail.state, Erased.objects.count()) == (["erasing_leaving"], "handing", 0)


def wait_for_one_that_waits() -> None:
    """Until another connection waits for what this one holds."""
    held = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        for _ in range(600):
            cursor.execute(held)
            if cursor.fetchone()[0]:
                return
            sleep(0.05)
    raise AssertionError

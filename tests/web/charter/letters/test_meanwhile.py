"""What people do while the letters of a week are made counts: nothing is written over; and many cost no more each."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.charter.letters.conftest import NOW, states
from tests.web.charter.letters.test_making import text_of
from zusage.web.book.models import Address
from zusage.web.charter.letters import jobs
from zusage.web.charter.letters.actions import release, stop_wave
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.outbox.models import Message
from zusage.web.customers.models import Customer, Membership
from zusage.web.office.jobs import Progress
from zusage.web.office.models import Job
from zusage.web.privacy.erasing.actions import erase

Made = Callable[..., LetterWave]


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


class Meanwhile(Progress):
    """The progress of a job, and what somebody does once it came to a step."""

    def __init__(self, job: Job, code: str, act: Callable[[], None]) -> None:
        super().__init__(job)
        self.code, self.act = code, [act]

    def step(self, code: str, done: int = 0, total: int = 0) -> None:
        super().step(code, done, total)
        if code == self.code and self.act:
            self.act.pop()()


def let_go(wave: LetterWave, office: SimpleNamespace) -> Job:
    """A wave is released; the job that makes its letters has not begun."""
    release(wave=wave, version=wave.version, signed="Wir schaffen es", by=office.owner, now=NOW)
    return Job.objects.get(kind="letters", state="queued")


def erase_them(number: str, office: SimpleNamespace) -> None:
    erase(customer=Customer.objects.get(number=number), reason="Verlangen", by=office.owner, now=NOW)


def test_a_wave_that_is_stopped_while_its_letters_are_made_stays_stopped(
    letters: SimpleNamespace, planned: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 1)
    wave = planned()
    job = let_go(wave, letters)

    def stopped() -> None:
        stop_wave(wave=wave, version=LetterWave.objects.get(pk=wave.pk).version, by=letters.owner)

    found = jobs.make_letters(job, Meanwhile(job, "mailing_step_letters", stopped))
    assert found == {"made": 1, "failed": 0, "stopped": 0}
    assert [item.state for item in Message.objects.all()] == ["stopped"]
    assert {item.state for item in WaveLetter.objects.filter(wave=wave).exclude(week=None)} == {"stopped"}


def test_who_is_erased_while_letters_are_made_is_written_to_and_named_by_none(
    letters: SimpleNamespace, planned: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 1)
    wave = planned()
    first, *_, last = (item.number for item in WaveLetter.objects.filter(wave=wave, state="planned").order_by("place"))
    assert (first, last) == (ALMA, EMIL)
    job = let_go(wave, letters)
    found = jobs.make_letters(job, Meanwhile(job, "mailing_step_letters", lambda: erase_them(EMIL, letters)))
    assert found == {"made": 2, "failed": 0, "stopped": 0}
    assert sorted(Message.objects.values_list("number", flat=True)) == [ALMA, CARO]
    assert WaveLetter.objects.filter(number=EMIL).count() == 0


def test_a_letter_for_somebody_who_is_erased_while_it_is_made_is_not_kept(
    letters: SimpleNamespace, planned: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 1)
    wave = planned()
    WaveLetter.objects.filter(wave=wave, number=ALMA).update(place=9)
    job = let_go(wave, letters)
    found = jobs.make_letters(job, Meanwhile(job, "mailing_step_letters", lambda: erase_them(BELA, letters)))
    assert (found, states(wave)[ALMA]) == ({"made": 2, "failed": 1, "stopped": 0}, "mailing_out_changed")
    assert Message.objects.filter(number=ALMA).count() == 0


def test_who_is_erased_while_the_file_for_printing_is_made_is_not_in_it(
    letters: SimpleNamespace, planned: Made
) -> None:
    wave = planned()
    job, seen = let_go(wave, letters), list[str]()

    def erased() -> None:
        seen.extend(Message.objects.values_list("number", flat=True))
        erase_them(EMIL, letters)

    class Printing(Meanwhile):
        def step(self, code: str, done: int = 0, total: int = 0) -> None:
            super().step(f"{code} of {total}" if total else code, done, total)

    jobs.make_letters(job, Printing(job, "mailing_step_print of 3", erased))
    again = wave.weeks.get()
    assert sorted(seen) == [ALMA, CARO, EMIL]
    assert again.letters.filter(state="made").count() == 2
    text = text_of(again.printed)
    assert ("Alma" in text, "Emil" in text) == (True, False)


def many(office: SimpleNamespace, count: int) -> None:
    """So many customers more, each a household with a class and an address."""
    model = Customer.objects.get(number=CARO)
    rows: dict[type[Any], list[Any]] = {Customer: [], Membership: [], Address: []}
    there = Customer.objects.count()
    for place in range(there, there + count):
        number = f"V{place:04}"
        facts = {item.attname: getattr(model, item.attname) for item in Customer._meta.concrete_fields}
        rows[Customer].append(Customer(**facts | {"id": None, "number": number, "unit_id": number, "name": number}))
        known = {"number": number, "class_key": "C", "effective_on": office.run.as_of, "change": "first"}
        decided = {"policy": office.version, "because": "criteria", "decided_by": office.owner, "decided_at": NOW}
        rows[Membership].append(Membership(**known, **decided, applied=True))
        place_of = {"street": f"Weg {place + 1}", "postcode": "04103", "city": "Leipzig", "country": "DE"}
        rows[Address].append(Address(book=office.book, customer_id=number, last_name=number, **place_of))
    for kind, made in rows.items():
        kind.objects.bulk_create(made)


def test_a_letter_more_costs_the_same_few_questions(letters: SimpleNamespace, planned: Made) -> None:
    asked = []
    for size in (5, 20):
        Message.objects.all().delete()
        LetterWave.objects.all().delete()
        Job.objects.all().delete()
        many(letters, size - len(asked) * 5)
        job = let_go(planned(per_week=100), letters)
        with CaptureQueriesContext(connection) as context:
            assert jobs.make_letters(job, Progress(job))["made"] == size + 3
        asked.append(len(context))
    assert asked[1] - asked[0] <= 15 * 7

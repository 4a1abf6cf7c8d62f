"""The pages of letters: who sees what, what they say, what is taken along, and texts of the firm's own."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import ALMA, BELA, CARO
from tests.web.charter.letters.conftest import MONDAY, NOW, hours_suffice
from zusage.report.letters.template import built_in_text
from zusage.web.charter.letters.models import LetterText, LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.models import Sheet
from zusage.web.customers.models import Customer, Run, Told
from zusage.web.office.models import Job, User
from zusage.web.services.actions import keep_hours
from zusage.web.services.models import Check

As = Callable[[str], Client]
Made = Callable[..., LetterWave]
NEW = {
    "kind": "welcome", "channel": "post", "language": "de", "per_week": "2", "first_on": "2026-11-30",
    "order": "postal",
}  # fmt: skip


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch, letters: SimpleNamespace) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    User.objects.update(language="en")


def page(client: Client, path: str, **asked: Any) -> str:
    found = client.get(path, asked)
    assert found.status_code == 200
    return unescape(found.content.decode())


def test_from_the_plan_to_the_post_by_its_pages(letters: SimpleNamespace, as_role: As) -> None:
    hours_suffice(letters.version)
    adviser = as_role("adviser")
    shown = page(adviser, "/telling/letters/new/", **NEW)
    assert "3 letters in 2 weeks; 1 gets none" in shown
    assert "No complete address in the book." in shown
    made = adviser.post("/telling/letters/new/", NEW)
    wave = LetterWave.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/telling/letters/{wave.pk}/")
    assert "Welcome: 3 letters, not handed over yet; 1 gets none" in page(adviser, made["Location"])
    adviser.post(f"/telling/letters/{wave.pk}/release/", {"version": 1})
    first = wave.weeks.get(monday=MONDAY)
    assert [job.subject for job in Job.objects.all()] == [first.pk]
    assert 'hx-trigger="every 2s"' in page(adviser, made["Location"])


def test_without_an_owners_signature_the_page_says_why_nothing_leaves(
    letters: SimpleNamespace, planned: Made, as_role: As
) -> None:
    wave = planned()
    path = f"/telling/letters/{wave.pk}/"
    shown = page(as_role("adviser"), path)
    assert "no letter leaves before an owner signs" in shown
    assert "Release" not in shown
    assert as_role("adviser").post(f"{path}release/", {"version": 1, "signed": "We dare."}).status_code == 422
    owner = as_role("owner")
    assert owner.post(f"{path}release/", {"version": 1}).status_code == 422
    assert owner.post(f"{path}release/", {"version": 1, "signed": "We hire in January."}).status_code == 302
    assert "Signed with the reason: We hire in January." in page(owner, path)
    again = owner.post(f"{path}release/", {"version": 1, "signed": "Once more."})
    assert again.status_code == 409
    assert "Somebody else was faster." in unescape(again.content.decode())


def test_a_letter_is_read_before_it_is_made_and_stays_as_it_was_said(
    letters: SimpleNamespace, planned: Made, as_role: As
) -> None:
    wave = planned(language="en")
    found = WaveLetter.objects.get(wave=wave, number=ALMA)
    shown = page(as_role("auditor"), f"/telling/letters/letter/{found.pk}/")
    assert "This letter is also for Béla Beispiel." in shown
    paper = as_role("assistant").get(f"/telling/letters/letter/{found.pk}/letter.pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert LogEntry.objects.filter(additional_data__export="letter").count() == 1


def test_a_week_is_taken_along_as_letters_and_addresses_and_that_is_kept(
    letters: SimpleNamespace, released: Made, as_role: As
) -> None:
    week = LetterWeek.objects.get(wave=released())
    assistant = as_role("assistant")
    assert assistant.get(f"/telling/letters/weeks/{week.pk}/letters.pdf").content[:5] == b"%PDF-"
    listed = assistant.get(f"/telling/letters/weeks/{week.pk}/addresses.xlsx")
    rows = list(openpyxl.load_workbook(BytesIO(listed.content)).active.values)  # type: ignore[union-attr]
    assert [row[0] for row in rows[1:]] == [ALMA, CARO, "0042"]
    taken = LogEntry.objects.filter(additional_data__has_key="export").order_by("pk")
    assert [(row.additional_data["export"], row.additional_data["rows"]) for row in taken] == [
        ("letters", 3), ("addresses", 3),
    ]  # fmt: skip


def test_an_assistant_notes_that_letters_were_handed_over(released: Made, as_role: As) -> None:
    week = LetterWeek.objects.get(wave=released())
    done = as_role("assistant").post(f"/telling/letters/weeks/{week.pk}/handed/", {"on_day": "2026-11-30"}, follow=True)
    assert "Noted as handed over: 3 letters." in unescape(done.content.decode())
    assert Told.objects.count() == 4


def test_who_sees_own_customers_only_gets_no_file_with_letters_of_others(
    letters: SimpleNamespace, released: Made, as_role: As
) -> None:
    week = LetterWeek.objects.get(wave=released())
    letters.firm.advisers_see_own_only = True
    letters.firm.save()
    Customer.objects.filter(number=CARO).update(adviser="Somebody else")
    adviser, caros = as_role("adviser"), WaveLetter.objects.get(number=CARO)
    assert adviser.get(f"/telling/letters/weeks/{week.pk}/letters.pdf").status_code == 404
    assert adviser.get(f"/telling/letters/letter/{caros.pk}/").status_code == 404
    shown = page(adviser, f"/telling/letters/{week.wave_id}/")
    assert ("Muster, Alma" in shown, "Probe, Caro" in shown) == (True, False)
    listed = adviser.get(f"/telling/letters/weeks/{week.pk}/addresses.xlsx")
    rows = list(openpyxl.load_workbook(BytesIO(listed.content)).active.values)  # type: ignore[union-attr]
    assert CARO not in [row[0] for row in rows]


def test_all_letters_to_a_customer_stand_on_their_page_with_one_more_to_write(
    letters: SimpleNamespace, released: Made, as_role: As
) -> None:
    released()
    adviser = as_role("adviser")
    assert "Letters to Beispiel, Béla: 1" in page(adviser, f"/customers/{BELA}/letters/")
    form = {"kind": "statement", "channel": "post", "language": "en"}
    refused = adviser.post(f"/customers/{BELA}/letters/new/", form)
    assert refused.status_code == 422
    assert "Does not know the promises yet" in unescape(refused.content.decode())
    Told.objects.create(number=CARO, policy=letters.version, class_key="C", told_on=MONDAY, how="call", created_at=NOW)
    assert adviser.post(f"/customers/{CARO}/letters/new/", form).status_code == 302
    assert LetterWave.objects.filter(single=True).count() == 1


def test_a_wave_too_slow_for_its_letters_is_refused_and_none_is_lost(
    letters: SimpleNamespace, as_role: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zusage.web.review.waves.queries.WEEKS_AHEAD", 2)
    sent = as_role("adviser").post("/telling/letters/new/", NEW | {"per_week": 1})
    assert sent.status_code == 422
    assert "The 2 weeks that can be planned do not suffice for 3 letters at 1 each." in unescape(sent.content.decode())
    assert LetterWave.objects.count() == 0


def test_the_log_says_who_changed_a_text_and_not_the_text(letters: SimpleNamespace, as_role: As) -> None:
    adviser, path = as_role("adviser"), "/telling/letters/texts/welcome/en/save/"
    for version, name in ((0, "Hello"), (0, "Late"), (1, "Welcome")):
        adviser.post(path, {"version": version, "text": f"Subject: {name}\n\n{{salutation}}\n\nWelcome.\n"})
    log = LogEntry.objects.filter(content_type__model="lettertext").order_by("pk")
    assert [(item.actor, item.changes["version"]) for item in log] == [
        (letters.adviser, ["None", "1"]), (letters.adviser, ["1", "2"])
    ]  # fmt: skip
    assert "Welcome." not in "".join(f"{item.object_repr} {item.changes}" for item in log)
    assert "Welcome" in page(as_role("owner"), "/office/changes/", kind="lettertext")  # what kind of letter it was


def test_a_text_with_an_unknown_field_is_refused_with_its_line_and_stays(as_role: As) -> None:
    typed = "Subject: Hello\n\n{salutation}\n\nYour dog {customer.dog} is welcome.\n"
    sent = as_role("adviser").post("/telling/letters/texts/welcome/en/save/", {"version": 0, "text": typed})
    shown = unescape(sent.content.decode())
    assert sent.status_code == 422
    assert "line 5" in shown
    assert "customer.dog" in shown
    assert "Your dog {customer.dog} is welcome." in shown
    assert not LetterText.objects.exists()


def test_a_text_of_ones_own_is_shown_kept_and_dropped(letters: SimpleNamespace, planned: Made, as_role: As) -> None:
    adviser, path = as_role("adviser"), "/telling/letters/texts/welcome/en/"
    assert "{salutation}" in page(adviser, path)
    own = built_in_text("welcome", "en").replace("{salutation}", "{salutation}\n\nGreetings from the sea.")
    shown = adviser.post(f"{path}save/", {"version": 0, "text": own, "do": "preview"})
    assert "<p>Greetings from the sea.</p>" in unescape(shown.content.decode())
    assert not LetterText.objects.exists()
    adviser.post(f"{path}save/", {"version": 0, "text": own})
    late = adviser.post(f"{path}save/", {"version": 0, "text": own + "\nMine."})
    assert late.status_code == 409
    assert "Mine." in unescape(late.content.decode())
    wave = planned(language="en")
    found = WaveLetter.objects.get(wave=wave, number=ALMA)
    assert "Greetings from the sea." in page(adviser, f"/telling/letters/letter/{found.pk}/")
    adviser.post(f"{path}save/", {"do": "drop"})
    assert not LetterText.objects.exists()


@pytest.mark.parametrize("kind", ["welcome", "up", "down", "statement"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_built_in_text_can_be_shown_as_a_letter(kind: str, language: str, as_role: As) -> None:
    form = {"version": 0, "text": built_in_text(kind, language), "do": "preview"}  # type: ignore[arg-type]
    sent = as_role("owner").post(f"/telling/letters/texts/{kind}/{language}/save/", form)
    assert (sent.status_code, b"Musterweg 1" in sent.content) == (200, True)


def test_the_list_of_waves_asks_as_often_for_three_as_for_one(
    letters: SimpleNamespace, planned: Made, as_role: As
) -> None:
    owner = as_role("owner")
    asked = []
    for _ in range(3):
        LetterWave.objects.filter(pk=planned().pk).update(state="stopped")
        with CaptureQueriesContext(connection) as found:
            page(owner, "/telling/letters/")
        asked.append(len(found))
    assert asked[1:] == [asked[1]] * 2


def test_scripts_and_formulas_in_names_stay_text(letters: SimpleNamespace, planned: Made, as_role: As) -> None:
    Customer.objects.filter(number=CARO).update(name='<script>alert("x")</script>')
    wave = planned()
    shown = as_role("owner").get(f"/telling/letters/{wave.pk}/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown


def test_a_check_of_an_earlier_book_says_so_before_a_wave_is_released(
    letters: SimpleNamespace, planned: Made, as_role: As
) -> None:
    hours = {"answer": "fits", "owed_seconds": 3600, "there_seconds": 7200, "coverage_permille": 800}
    keep_hours(version=letters.version, run=letters.run, figures={"after": hours}, by=letters.owner, now=NOW)
    address = f"/telling/letters/{planned().pk}/"
    assert "Yes: 1:00" in page(as_role("owner"), address)
    assert "The book is another one since" not in page(as_role("owner"), address)
    earlier = Run(pk=letters.run.pk + 1)
    keep_hours(version=letters.version, run=earlier, figures={"after": hours}, by=letters.owner, now=NOW)
    assert "The book is another one since" in page(as_role("owner"), address)
    assert Check.objects.count() == 1


def test_without_an_address_to_answer_to_no_wave_is_released(letters: SimpleNamespace, as_role: As) -> None:
    hours_suffice(letters.version)
    owner = as_role("owner")
    owner.post("/telling/letters/new/", NEW)
    wave = LetterWave.objects.get()
    Sheet.objects.update(street="")
    shown = page(owner, f"/telling/letters/{wave.pk}/")
    assert ("nobody could answer or object" in shown, "release/" in shown) == (True, False)
    refused = owner.post(f"/telling/letters/{wave.pk}/release/", {"version": 1})
    wave.refresh_from_db()
    assert (refused.status_code, wave.state) == (422, "planned")
    Sheet.objects.update(street="Am Markt 1")
    assert owner.post(f"/telling/letters/{wave.pk}/release/", {"version": 1}).status_code == 302

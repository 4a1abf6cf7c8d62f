"""The customer's own page in letters: its address stands on paper and in mails, and in no row of the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from pypdf import PdfReader

from tests.people import ALMA, CARO, EMIL
from tests.web.book.conftest import run
from tests.web.charter.letters.conftest import NOW
from zusage.report.letters import PLACE
from zusage.web.book.models import Address
from zusage.web.book.queries import stored
from zusage.web.charter.actions import revoke_link
from zusage.web.charter.letters.actions import start_week
from zusage.web.charter.letters.models import LetterWave, WaveLetter
from zusage.web.charter.models import CustomerLink, Sheet
from zusage.web.charter.outbox.mail import From, composed
from zusage.web.charter.outbox.models import Message

Made = Callable[..., LetterWave]
OFFICE = "https://buero.muster.example"
WRITER = From("Makler Muster GmbH", "buero@muster.example")


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch, settings: Any, letters: SimpleNamespace) -> None:
    """Customers can reach the office, whose worker makes letters on the Monday of the first week."""
    cache.clear()
    settings.ADDRESS = OFFICE
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def letter(wave: LetterWave, number: str) -> WaveLetter:
    return WaveLetter.objects.select_related("link", "message").get(wave=wave, number=number)


def addresses_in(sha256: str) -> list[str]:
    """Where the links of a paper lead."""
    pages = PdfReader(BytesIO(stored(sha256).read_bytes())).pages
    return [note.get_object()["/A"]["/URI"] for page in pages for note in page.get("/Annots", ())]


def words_of(sha256: str) -> str:
    pages = PdfReader(BytesIO(stored(sha256).read_bytes())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def token_in(address: str) -> str:
    assert address.startswith(f"{OFFICE}/k/")
    return address.removeprefix(f"{OFFICE}/k/").removesuffix("/")


def opened(address: str) -> str:
    answer = Client(headers={"accept-language": "de"}).get(address.removeprefix(OFFICE))
    return answer.content.decode() if answer.status_code == 200 else ""


def rows() -> Iterable[str]:
    """All that stands in the database, row by row."""
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            yield f"{model.__name__} {row!r}"


def made_again(wave: LetterWave, office: SimpleNamespace) -> str:
    """The file for printing, made anew."""
    job = start_week(week=wave.weeks.get(), by=office.owner, now=NOW)
    assert job is not None
    assert run(job).state == "done"
    return wave.weeks.get().printed


def after(released: Made) -> LetterWave:
    """One more wave to the same customers, for whom the letters before it are gone."""
    WaveLetter.objects.all().delete()
    return released()


def test_the_paper_names_the_addressees_page_in_letters_and_as_a_link_and_it_opens(released: Made) -> None:
    wave = released()
    found = letter(wave, ALMA)
    (address,) = addresses_in(found.paper)
    assert len(token_in(address)) == 43
    assert address in words_of(found.paper)
    assert "gültigbis29.Januar2028" in words_of(found.paper)
    assert "Muster, Alma" in opened(address)
    assert CustomerLink.objects.get(number=ALMA).uses == 1
    assert addresses_in(wave.weeks.get().printed) == [
        addresses_in(letter(wave, number).paper)[0] for number in (ALMA, CARO, EMIL)
    ]


def test_no_row_and_no_line_of_the_log_holds_the_token(
    released: Made, as_role: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    Address.objects.filter(customer_id=CARO).update(email="caro@example.org")
    wave = released(channel="email")
    tokens = [token_in(addresses_in(letter(wave, number).paper)[0]) for number in (ALMA, CARO, EMIL)]
    client = as_role("owner")
    found = letter(wave, CARO)
    pages = [f"/telling/letters/letter/{found.pk}/", f"/telling/outbox/{found.message_id}/"]
    shown = "".join(client.get(path).content.decode() for path in pages)
    assert (shown.count(PLACE), shown.count("Adresse der Kundenseite, nicht gespeichert")) == (0, 2)
    everything = "\n".join((*rows(), caplog.text, shown))
    assert [token for token in tokens if token in everything] == []


def test_a_mail_names_the_page_as_it_leaves_and_whoever_looks_later_reads_none(
    released: Made, as_role: Callable[..., Client]
) -> None:
    Address.objects.filter(customer_id=CARO).update(email="caro@example.org")
    wave = released(channel="email")
    mail = Message.objects.get(number=CARO)
    address = addresses_in(letter(wave, CARO).paper)[0]
    assert address in str(composed(mail, WRITER, "de").body).splitlines()
    mail.state = "handed_over"
    body = str(composed(mail, WRITER, "de").body)
    assert (address in body, PLACE in body) == (False, False)
    assert "Adresse der Kundenseite, nicht gespeichert" in body.splitlines()
    records = [
        as_role("owner").post(f"/customers/{CARO}/privacy/record.json", {"language": spoken}).content.decode()
        for spoken in ("de", "en")
    ]
    assert [PLACE in record for record in records] == [False, False]
    assert "nicht gespeichert" in records[0]
    assert "Address of the customer’s page, not stored" in records[1]


def test_a_mail_whose_link_was_revoked_meanwhile_says_nothing_of_the_page(
    letters: SimpleNamespace, released: Made
) -> None:
    Address.objects.filter(customer_id=CARO).update(email="caro@example.org")
    released(channel="email")
    revoke_link(link=CustomerLink.objects.get(number=CARO), by=letters.owner, now=NOW)
    body = str(composed(Message.objects.get(number=CARO), WRITER, "de").body)
    assert ("eigenen Seite" in body, PLACE in body, "DSGVO" in body) == (False, False, True)


def test_a_revoked_link_is_not_printed_again_and_what_was_kept_stays(letters: SimpleNamespace, released: Made) -> None:
    wave = released()
    found = letter(wave, ALMA)
    before = addresses_in(wave.weeks.get().printed)
    assert found.link is not None
    revoke_link(link=found.link, by=letters.owner, now=NOW)
    assert addresses_in(made_again(wave, letters)) == before[1:]
    assert addresses_in(letter(wave, ALMA).paper) == before[:1]
    assert opened(before[0]) == ""


def test_letters_of_the_same_weeks_share_a_link_and_later_ones_get_another(
    letters: SimpleNamespace, released: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = letter(released(), ALMA).link
    assert letter(after(released), ALMA).link == first
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=63))
    assert letter(after(released), ALMA).link != first
    assert CustomerLink.objects.filter(number=ALMA).count() == 2


def test_a_link_that_was_revoked_or_made_with_another_key_is_followed_by_a_new_one(
    letters: SimpleNamespace, released: Made, settings: Any
) -> None:
    wave = released()
    first = letter(wave, ALMA).link
    assert first is not None
    revoke_link(link=first, by=letters.owner, now=NOW)
    later = after(released)
    second = letter(later, ALMA).link
    assert second != first
    settings.SECRET_KEY = "another one"  # noqa: S105 - not a secret
    assert addresses_in(made_again(later, letters)) == []
    assert letter(after(released), ALMA).link not in (first, second)


@pytest.mark.parametrize("values", [{"links": False}, {"address": "http://localhost:8000"}])
def test_no_page_is_named_where_the_firm_wants_none_or_nobody_can_reach_it(
    values: dict[str, Any], letters: SimpleNamespace, released: Made, settings: Any
) -> None:
    Sheet.objects.update(links=values.get("links", True))
    settings.ADDRESS = values.get("address", OFFICE)
    found = letter(released(), ALMA)
    assert (found.link, CustomerLink.objects.count(), addresses_in(found.paper)) == (None, 0, [])
    assert "EigeneSeite" not in words_of(found.paper)
    assert found.said is not None
    assert found.said["letter"]["page"] is None


def test_a_letter_of_before_there_were_links_is_read_and_printed_as_it_was(
    letters: SimpleNamespace, released: Made, as_role: Callable[..., Client], settings: Any
) -> None:
    Sheet.objects.update(links=False)
    wave = released()
    for item in WaveLetter.objects.filter(state="made"):
        del item.said["letter"]["page"]  # type: ignore[index]
        item.save()
    Sheet.objects.update(links=True)
    assert addresses_in(made_again(wave, letters)) == []
    assert as_role("owner").get(f"/telling/letters/letter/{letter(wave, ALMA).pk}/").status_code == 200


def test_a_letter_that_is_still_to_be_made_shows_where_the_address_will_stand(
    planned: Made, as_role: Callable[..., Client]
) -> None:
    found = letter(planned(), ALMA)
    shown = as_role("owner").get(f"/telling/letters/letter/{found.pk}/").content.decode()
    paper = as_role("owner").get(f"/telling/letters/letter/{found.pk}/letter.pdf")
    assert ("Adresse der Kundenseite, nicht" in shown, CustomerLink.objects.count(), paper.status_code) == (
        True,
        0,
        200,
    )

"""A text for one wave: begins as the firm's, is checked like it, holds for this wave alone, stands after release."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.people import ALMA, CARO
from tests.web.charter.letters.conftest import NOW, hours_suffice, let_go
from tests.web.charter.letters.test_making import letter, text_of
from zusage.promises.recipients import KINDS
from zusage.report.letters.template import built_in_text
from zusage.web.charter.letters.models import LetterText, LetterWave, WaveLetter
from zusage.web.office.models import Firm, User

As = Callable[[str], Client]
Made = Callable[..., LetterWave]
SEA = "Grüße vom Meer."


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch, letters: SimpleNamespace) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def path(wave: LetterWave) -> str:
    return f"/telling/letters/{wave.pk}/"


def page(client: Client, address: str) -> str:
    found = client.get(address)
    assert found.status_code == 200
    return unescape(found.content.decode())


def kept(client: Client, wave: LetterWave, text: str, version: int = 1, do: str = "save") -> HttpResponse:
    return client.post(f"{path(wave)}text/save/", {"version": version, "text": text, "do": do})


def own(line: str = SEA, kind: Any = "welcome") -> str:
    return built_in_text(kind, "de").replace("{salutation}", f"{{salutation}}\n\n{line}")


def test_it_begins_as_the_firms_text_and_holds_for_this_wave_alone(
    letters: SimpleNamespace, planned: Made, as_role: As
) -> None:
    LetterText.objects.create(kind="welcome", language="de", text=own("Aus der Firma."), changed_by=letters.owner,
                              changed_at=NOW)  # fmt: skip
    hours_suffice(letters.version)
    wave, adviser = planned(), as_role("adviser")
    assert "Der übliche Text Ihrer Briefe" in page(adviser, path(wave))
    assert "Aus der Firma." in page(adviser, f"{path(wave)}text/")
    shown = kept(adviser, wave, own(), do="preview")
    assert (shown.status_code, f"<p>{SEA}</p>" in unescape(shown.content.decode())) == (200, True)
    wave.refresh_from_db()
    assert (wave.text, wave.version) == ("", 1)
    kept(adviser, wave, own())
    assert "Eigener Text dieses Versands" in page(adviser, path(wave))
    assert SEA in page(adviser, f"/telling/letters/letter/{WaveLetter.objects.get(wave=wave, number=ALMA).pk}/")
    wave.refresh_from_db()
    let_go(wave, letters)
    assert SEA in text_of(letter(wave, CARO).paper)
    assert "Aus der Firma." not in text_of(letter(wave, CARO).paper)
    assert SEA not in LetterText.objects.get().text


def test_after_the_release_nobody_changes_it(released: Made, as_role: As) -> None:
    wave, owner = released(), as_role("owner")
    late = kept(owner, wave, own(), version=wave.version)
    assert (late.status_code, "Dieser Versand ist inzwischen freigegeben" in late.content.decode()) == (409, True)
    wave.refresh_from_db()
    assert wave.text == ""
    shown = page(owner, f"{path(wave)}text/")
    assert "Nach der Freigabe wird er nicht mehr geändert" in shown
    assert "Für diesen Versand speichern" not in shown


def test_who_releases_has_seen_the_text_that_leaves(letters: SimpleNamespace, planned: Made, as_role: As) -> None:
    hours_suffice(letters.version)
    wave = planned()
    kept(as_role("adviser"), wave, own())
    late = as_role("owner").post(f"{path(wave)}release/", {"version": 1})
    assert late.status_code == 409
    wave.refresh_from_db()
    assert wave.state == "planned"


def test_two_who_change_it_see_each_other(planned: Made, as_role: As) -> None:
    wave = planned()
    kept(as_role("adviser"), wave, own("Von der einen."))
    late = kept(as_role("owner"), wave, own("Von der anderen."))
    shown = unescape(late.content.decode())
    assert late.status_code == 409
    assert "Von der einen." in shown
    assert "Von der anderen." in shown
    wave.refresh_from_db()
    assert "Von der einen." in wave.text


def test_it_can_be_dropped_again(planned: Made, as_role: As) -> None:
    wave, owner = planned(), as_role("owner")
    kept(owner, wave, own())
    kept(owner, wave, own(), version=2, do="drop")
    wave.refresh_from_db()
    assert (wave.text, wave.version) == ("", 3)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("Ihr Hund {customer.dog} ist willkommen.", "customer.dog"),
        ("Auch Nörgler sind willkommen.", "Das Wort „Nörgler“ steht in einem Brief an Kunden."),
        ("Unser Billigpaket.", "Das Wort „Billig“ steht in einem Brief an Kunden."),
    ],
)
@pytest.mark.parametrize("whose", ["wave", "firm"])
def test_what_is_wrong_is_said_with_its_line_and_what_was_typed_stays(
    planned: Made, as_role: As, line: str, wrong: str, whose: str
) -> None:
    Firm.objects.update(refused=["Billig"])
    wave, owner, typed = planned(), as_role("owner"), f"Betreff: Hallo\n\n{{salutation}}\n\n{line}\n"
    if whose == "wave":
        sent = kept(owner, wave, typed)
    else:
        sent = owner.post("/telling/letters/texts/welcome/de/save/", {"version": 0, "text": typed, "do": "save"})
    shown = unescape(sent.content.decode())
    assert sent.status_code == 422
    assert wrong in shown
    assert "Zeile 5" in shown
    assert line in shown
    wave.refresh_from_db()
    assert (wave.text, LetterText.objects.count()) == ("", 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_kind_of_letter_can_have_one(letters: SimpleNamespace, as_role: As, kind: str, language: Any) -> None:
    User.objects.update(language=language)
    wave = LetterWave.objects.create(
        kind=kind, channel="post", language=language, per_week=5, first_on=NOW.date(), policy=letters.version,
        by=letters.owner, at=NOW,
    )  # fmt: skip
    text = built_in_text(kind, language).replace("{salutation}", "{salutation}\n\nFrom the sea.")  # type: ignore[arg-type]
    owner = as_role("owner")
    assert "{salutation}" in page(owner, f"{path(wave)}text/")
    shown = kept(owner, wave, text, do="preview")
    assert (shown.status_code, b"<p>From the sea.</p>" in shown.content) == (200, True)
    assert kept(owner, wave, text).status_code == 302

"""Rows of the matrix: services added in two clicks, changed, moved and taken out; places of the better classes."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.web.services.conftest import NOW
from tests.web.services.matrix.test_cells import promised, save, text_of
from zusage.ground.reasons import Reason
from zusage.policy import template
from zusage.policy.document import Service
from zusage.policy.edit import Put
from zusage.policy.terms import MODES
from zusage.web.services.actions import edit_draft, open_draft
from zusage.web.services.models import Draft
from zusage.web.services.queries import read_draft


@pytest.fixture
def broker(office: SimpleNamespace, kept: None) -> Draft:
    """A draft that begins as a broker's template."""
    return open_draft(text=template("abc", "de"), base=None, by=office.owner, now=NOW)


def services(draft: Draft) -> dict[str, Service]:
    return {item.key: item for item in read_draft(Draft.objects.get(pk=draft.pk)).policy.services}


def send(client: Client, draft: Draft, page: str, *, version: int = 0, **fields: Any) -> HttpResponse:
    now = Draft.objects.get(pk=draft.pk).version
    return client.post(f"/services/{draft.pk}/matrix/{page}/", {"version": version or now} | fields)


def facts(client: Client, draft: Draft, row: str) -> dict[str, Any]:
    """What the form of a service sends if nothing is changed in it."""
    form = client.get(f"/services/{draft.pk}/matrix/service/?row={row}").context["form"]
    given = {field.name: field.value() for field in form}
    return {"row": row} | {name: value for name, value in given.items() if value not in (None, False)}


@pytest.mark.parametrize("measure", [*MODES])
def test_a_service_of_every_kind_is_added_in_two_clicks(
    broker: Draft, as_role: Callable[[str], Client], measure: str
) -> None:
    owner = as_role("owner")
    answer = send(owner, broker, "new", name="Größen-Check & mehr", measure=measure, kind="standard")
    assert answer.headers["Location"] == f"/services/{broker.pk}/matrix/#row-groessen_check_mehr"
    found = services(broker)["groessen_check_mehr"]
    assert (found.name.de, found.measure, found.kind) == ("Größen-Check & mehr", measure, "standard")
    shown = text_of(owner.get(f"/services/{broker.pk}/matrix/"))
    assert ("Zum vollständigen Standardpaket" in shown) == (measure != "included")  # what is included needs no cell
    again = send(owner, broker, "new", name="Größen-Check  & mehr", measure=measure, kind="exclusive")
    assert again.headers["Location"].endswith("#row-groessen_check_mehr_2")


def test_a_standard_service_is_missing_until_the_last_class_has_a_word_on_it(
    broker: Draft, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    send(owner, broker, "new", name="Depotcheck", measure="cadence", kind="standard")
    page = owner.get(f"/services/{broker.pk}/matrix/").content.decode()
    assert f'href="/services/{broker.pk}/matrix/cell/?row=depotcheck&amp;class=C"' in page
    assert "noch keiner Klasse zugesagt" in page
    answer = save(owner, Draft.objects.get(pk=broker.pk), "depotcheck", "C", mode="none")
    assert (answer.status_code, "Zum vollständigen Standardpaket" in text_of(answer)) == (200, False)


def test_what_a_service_takes_is_changed_and_only_that(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    before, text = services(broker)["annual_check"], broker.text
    sent = facts(owner, broker, "annual_check") | {"minutes": "45", "materials": "3,50", "avoid": ["dec"]}
    assert send(owner, broker, "service", **sent).status_code == 302
    after = services(broker)["annual_check"]
    assert (after.seconds, after.materials_cents, after.avoid_months) == (45 * 60, 350, (12,))
    assert (after.name, after.around_seconds, after.role, after.travel) == (
        before.name, before.around_seconds, before.role, before.travel
    )  # fmt: skip
    remarks = [line for line in text.splitlines() if line.strip().startswith("#")]
    now = Draft.objects.get(pk=broker.pk).text
    assert [line for line in now.splitlines() if line.strip().startswith("#")] == remarks


def test_nothing_changed_is_no_step(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    for row in services(broker):
        assert send(owner, broker, "service", **facts(owner, broker, row)).status_code == 302
    assert Draft.objects.get(pk=broker.pk).text == broker.text


def test_the_wording_of_the_floor_is_the_firms_and_nothing_else_of_it(
    broker: Draft, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    sent = facts(owner, broker, "advice")
    assert {"kind", "measure", "legal"} & {*sent} == set()
    send(owner, broker, "service", **sent | {"wording_de": "Wir beraten Sie gut.", "kind": "exclusive"})
    found = services(broker)["advice"]
    assert (found.kind, promised(broker, "advice", "C").wording.de) == ("floor", "Wir beraten Sie gut.")
    assert send(owner, broker, "drop", row="advice").status_code == 404


def test_another_measure_lets_the_row_begin_anew(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    send(owner, broker, "service", **facts(owner, broker, "newsletter") | {"measure": "channel"})
    assert [promised(broker, "newsletter", key) for key in "ABC"] == [None, None, None]
    assert services(broker)["newsletter"].measure == "channel"


def test_a_service_is_taken_out_and_undoing_brings_it_back(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    send(owner, broker, "drop", row="events")
    assert "events" not in services(broker)
    send_undo = {"version": 2, "next": f"/services/{broker.pk}/matrix/"}
    owner.post(f"/services/{broker.pk}/undo/", send_undo)
    assert Draft.objects.get(pk=broker.pk).text == broker.text


def test_a_service_moves_within_its_kind(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    send(owner, broker, "move", row="venue", to="up")
    standard = [key for key, item in services(broker).items() if item.kind == "standard"]
    assert standard[:2] == ["venue", "callback"]
    send(owner, broker, "move", row="venue", to="up")  # it is the first already
    assert Draft.objects.get(pk=broker.pk).version == 2


def test_places_are_limited_and_free_again(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    send(owner, broker, "places", **{"class": "A", "count": "80"})
    places = read_draft(Draft.objects.get(pk=broker.pk)).policy.classes[0].places
    assert places is not None
    assert (places.count, places.order) == (80, ("yield",))
    page = text_of(owner.get(f"/services/{broker.pk}/matrix/"))
    assert "Begrenzt auf 80 Plätze. Gibt es mehr Anwärter als Plätze, zählt: Ertrag im Jahr." in page
    refused = send(owner, broker, "places", **{"class": "A", "count": "viele"})
    assert (refused.status_code, "eine ganze Zahl ab 1" in text_of(refused)) == (422, True)
    send(owner, broker, "places", **{"class": "A", "count": ""})
    assert read_draft(Draft.objects.get(pk=broker.pk)).policy.classes[0].places is None


def test_who_was_overtaken_at_a_service_sees_how_it_is_now(
    office: SimpleNamespace, broker: Draft, as_role: Callable[[str], Client]
) -> None:
    adviser = as_role("adviser")
    sent = facts(adviser, broker, "annual_check") | {"minutes": "45"}
    faster = Put(("services", "annual_check", "minutes"), 90)
    edit_draft(draft=broker, version=1, changes=[faster], what=Reason("services_new"), by=office.owner, now=NOW)
    answer = send(adviser, broker, "service", version=1, **sent)
    assert answer.status_code == 409
    assert "So steht es jetzt im Entwurf: Minuten je Mal 90" in text_of(answer)
    assert 'value="45"' in answer.content.decode()
    assert send(adviser, broker, "drop", version=1, row="events").status_code == 409


def test_a_refused_service_keeps_what_was_typed(broker: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    answer = send(owner, broker, "service", **facts(owner, broker, "annual_check") | {"role": "", "minutes": "33"})
    assert (answer.status_code, 'value="33"' in answer.content.decode()) == (422, True)
    assert "steht nicht fest, wer die Arbeit macht" in text_of(answer)
    assert Draft.objects.get(pk=broker.pk).text == broker.text
    assert send(owner, broker, "new", name=" ", measure="venue", kind="standard").status_code == 422

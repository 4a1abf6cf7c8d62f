"""The classes of a draft: cuts over the book, criteria, who would move; and nobody is classed by who they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.people import ALMA, BELA, CARO, EMIL
from tests.web.conftest import book_tables
from tests.web.services.conftest import NOW
from zusage.ground.reasons import Reason
from zusage.policy.document import Price, leaves
from zusage.policy.edit import Put
from zusage.policy.templates import TEMPLATES, template
from zusage.web.bridge.reckoning import drop_tables, keep_tables, with_rows
from zusage.web.review.queries import folder_of
from zusage.web.services.actions import edit_draft, open_draft, undo_step
from zusage.web.services.classes.queries import leaves_of
from zusage.web.services.models import Draft, DraftStep
from zusage.web.services.queries import read_draft

HTMX = {"HX-Request": "true"}
A_YIELD = "classes.best_first.A.when.any.0.yield"


def text_of(answer: HttpResponse) -> str:
    html = re.sub(r"<(style|script).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ").strip()


def send(client: Client, draft: Draft, *, htmx: bool = True, **fields: Any) -> HttpResponse:
    path = f"/services/{draft.pk}/classes/"
    sent = {"version": Draft.objects.get(pk=draft.pk).version} | fields
    return client.post(path, sent, headers=HTMX if htmx else {})


def cuts(draft: Draft, key: str) -> list[tuple[str, int, int]]:
    policy = read_draft(Draft.objects.get(pk=draft.pk)).policy
    return [(leaf.metric, leaf.cut, leaf.stay) for leaf in leaves(policy.service_class(key).rule)]


def test_the_page_says_what_each_class_means(draft: Draft, as_role: Callable[[str], Client]) -> None:
    shown = text_of(as_role("auditor").get(f"/services/{draft.pk}/classes/"))
    assert "Ertrag im Jahr ab 150 €: 1 Haushalt (1 Kunde), 22,1 % des Ertrags, 0:00 Std. je Woche" in shown
    assert "Ab 600 €: 1 Haushalt von 4." in shown


@pytest.mark.parametrize(
    ("typed", "kept", "cents"),
    [("700", "500", (70000, 50000)), ("1.234,56", "500", (123456, 50000)), ("400", "500", (40000, 40000))],
)
def test_a_cut_is_moved_and_the_lower_one_goes_along(
    draft: Draft, as_role: Callable[[str], Client], typed: str, kept: str, cents: tuple[int, int]
) -> None:
    fields = {"do": "cut", "node": A_YIELD, "from": typed, "stay": kept, "was_stay": "500"}
    answer = send(as_role("owner"), draft, **fields)
    assert answer.status_code == 200
    assert 'id="draft-state"' in answer.content.decode()
    assert cuts(draft, "A")[0] == ("yield", *cents)
    assert DraftStep.objects.get().values["figure_de"] == f"{typed}\xa0€"
    after = Draft.objects.get(pk=draft.pk)
    undo_step(draft=after, version=after.version, by=after.changed_by, now=NOW)
    assert Draft.objects.get(pk=draft.pk).hash == draft.hash


@pytest.mark.parametrize("typed", ["abc", "", "1e99", "600 Äpfel"])
def test_a_wrong_figure_is_refused_and_stays_typed(draft: Draft, as_role: Callable[[str], Client], typed: str) -> None:
    answer = send(
        as_role("owner"), draft, htmx=False, do="cut", node=A_YIELD, stay="500", was_stay="500", **{"from": typed}
    )
    assert answer.status_code == 422
    assert f'value="{typed}" aria-invalid="true"' in answer.content.decode()
    assert (Draft.objects.get(pk=draft.pk).text, DraftStep.objects.count()) == (draft.text, 0)


def test_who_was_overtaken_sees_both(office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]) -> None:
    faster = Put(("classes", "best_first", "A", "when", "any", 0, "yield", "from"), 800)
    edit_draft(draft=draft, version=1, changes=[faster], what=Reason("services_new"), by=office.owner, now=NOW)
    answer = send(as_role("adviser"), draft, version=1, do="cut", node=A_YIELD, stay="500", **{"from": "700"})
    shown = text_of(answer)
    assert answer.status_code == 409
    assert "Jetzt gilt: ab 800 €, bleibt bis 500 €. Ihre Eingabe: ab 700, bleibt bis 500." in shown
    assert cuts(draft, "A")[0] == ("yield", 80000, 50000)


def test_a_cut_that_is_no_amount_is_named_without_lines_of_a_file(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    answer = send(as_role("owner"), draft, do="cut", node=A_YIELD, stay="500", **{"from": "viel"})
    shown = text_of(answer)
    wanted = "„viel“ ist kein Betrag. Bitte schreiben Sie ihn in Euro, zum Beispiel 600 oder 1.234,50."
    assert (answer.status_code, wanted in shown) == (422, True)
    assert ("Zeile" in shown, "best_first" in shown) == (False, False)


def test_a_field_left_empty_asks_for_a_figure(draft: Draft, as_role: Callable[[str], Client]) -> None:
    answer = send(as_role("owner"), draft, do="cut", node=A_YIELD, stay="500", **{"from": ""})
    assert (answer.status_code, "Hier fehlt eine Zahl." in text_of(answer)) == (422, True)


def test_what_is_doubtful_or_refused_names_classes_and_fields_as_the_page_does(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    owner = as_role("owner")
    doubtful = text_of(send(owner, draft, do="cut", node=A_YIELD, stay="10", was_stay="500", **{"from": "600"}))
    wanted = "In „Premium“ bliebe auch, wer nicht einmal „Komfort“ neu erreichen würde. Bitte heben Sie „bleibt bis“ an"
    for shown in (doubtful, *(text_of(owner.get(f"/services/{draft.pk}/{page}/")) for page in ("classes", "check"))):
        assert wanted in shown
        assert "Zeile" not in shown
    refused = send(owner, draft, do="cut", node=A_YIELD, stay="10", was_stay="10", **{"from": "20"})
    assert refused.status_code == 422
    assert "In die Klasse „Komfort“ käme nie jemand" in text_of(refused)


def test_a_cut_to_stay_above_the_other_is_refused_in_words_of_the_page(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    answer = send(as_role("owner"), draft, do="cut", node=A_YIELD, stay="700", was_stay="500", **{"from": "600"})
    assert answer.status_code == 422
    assert "Die Grenze zum Bleiben liegt über der zum Erreichen" in text_of(answer)


@pytest.mark.parametrize(
    ("household", "lead"),
    [
        ("together", "Dieser Entwurf stuft 0 Haushalte höher und 1 Haushalt (2 Kunden) niedriger ein"),
        ("single", "Dieser Entwurf stuft 0 Kunden höher und 2 Kunden niedriger ein"),
    ],
)
def test_the_first_line_says_whether_households_or_customers_are_counted(
    draft: Draft, as_role: Callable[[str], Client], household: str, lead: str
) -> None:
    owner = as_role("owner")
    send(owner, draft, htmx=False, do="household", household=household)
    send(owner, draft, htmx=False, do="cut", node=A_YIELD, stay="2000", was_stay="500", **{"from": "2000"})
    assert lead in text_of(owner.get(f"/services/{draft.pk}/classes/"))
    assert lead in text_of(owner.get(f"/services/{draft.pk}/classes/moves/"))


def test_criteria_are_added_switched_and_removed(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    added = send(owner, draft, htmx=False, do="add", **{"class": "B", "metric": "tenure", "from": "2,5"})
    assert added.headers["Location"] == f"/services/{draft.pk}/classes/#class-B"
    assert cuts(draft, "B") == [("yield", 15000, 12000), ("tenure", 30, 30)]
    path = "classes.best_first.B.when"
    send(owner, draft, htmx=False, do="switch", node=f"{path}.all.all", **{"class": "B"})
    assert "any" in Draft.objects.get(pk=draft.pk).text.split("B: {")[1].split("\n")[0]
    send(owner, draft, htmx=False, do="remove", node=f"{path}.any.0.yield")
    assert cuts(draft, "B") == [("tenure", 30, 30)]


@pytest.mark.parametrize("name", ["own_Geburtsdatum", "age", "own_geschlecht", "rank", "own_Staatsangehörigkeit"])
@pytest.mark.parametrize("do", ["add", "new", "places"])
def test_what_people_are_never_decides(draft: Draft, as_role: Callable[[str], Client], name: str, do: str) -> None:
    owner = as_role("owner")
    assert name not in re.findall(
        r'<option value="([^"]*)"', owner.get(f"/services/{draft.pk}/classes/").content.decode()
    )
    fields = {"class": "A", "metric": name, "from": "1", "key": "Z", "name": "Z", "like": "B"}
    if do == "places":
        fields = {"class": "A", "name_de": "P", "name_en": "P", "level": "3", "places": "5", "order_1": name}
    answer = send(owner, draft, htmx=False, do="class" if do == "places" else do, **fields)
    assert answer.status_code == 422
    assert Draft.objects.get(pk=draft.pk).text == draft.text


@pytest.fixture
def own_columns(office: SimpleNamespace, draft: Draft) -> Draft:
    """A draft over a book in which the customer list has three numeric columns of the firm's own."""
    columns = {"donations": {ALMA: 120, BELA: 40, CARO: 5}, "stars": {EMIL: 4}, "Alter": {CARO: 71}}
    rows = [
        {"customer_id": number, "key": key, "value_milli": value * 1000}
        for key, values in columns.items()
        for number, value in values.items()
    ]
    folder = folder_of(office.run)
    drop_tables(folder)
    keep_tables(with_rows(book_tables(), figures=rows), folder)
    return draft


def test_the_firms_own_columns_may_decide_but_those_of_what_people_are(
    own_columns: Draft, as_role: Callable[[str], Client]
) -> None:
    owner, path = as_role("owner"), f"/services/{own_columns.pk}/classes/"
    page = owner.get(path).content.decode()
    offered = {key for key in re.findall(r'<option value="([^"]*)"', page) if key.startswith("own_")}
    assert offered == {"own_donations", "own_stars"}
    fields = {"class": "B", "metric": "own_donations", "from": "10,5"}
    assert send(owner, own_columns, htmx=False, do="add", **fields).status_code == 302
    assert cuts(own_columns, "B")[1] == ("own_donations", 10500, 10500)
    shown = text_of(owner.get(path))
    assert "Ab 10,5: 1 Haushalt von 4." in shown  # Alma's and Béla's together
    moved = send(owner, own_columns, do="cut", node="classes.best_first.B.when.all.1.own_donations", **{"from": "5"})
    assert (moved.status_code, cuts(own_columns, "B")[1]) == (200, ("own_donations", 5000, 5000))
    assert "Ab 5: 2 Haushalte von 4." in text_of(moved)


def test_a_class_comes_and_goes_with_its_promises(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    fields = {"key": "D", "name": "Neu", "like": "C", "metric": "yield", "from": "50"}
    answer = send(owner, draft, htmx=False, do="new", **fields)
    assert answer.status_code == 302
    policy = read_draft(Draft.objects.get(pk=draft.pk)).policy
    assert [item.key for item in policy.classes] == ["A", "B", "D", "C"]
    send(owner, draft, htmx=False, do="less", **{"class": "B"})
    after = read_draft(Draft.objects.get(pk=draft.pk))
    assert [item.key for item in after.policy.classes] == ["A", "D", "C"]
    assert [key for row in after.written.matrix.values() for key in row if key == "B"] == []


def test_households_levels_places_and_names(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    send(owner, draft, htmx=False, do="household", household="single")
    fields = {"class": "A", "name_de": "Gold", "name_en": "Gold", "level": "3", "places": "2", "order_1": "yield"}
    assert send(owner, draft, htmx=False, do="class", **fields).status_code == 302
    policy = read_draft(Draft.objects.get(pk=draft.pk)).policy
    item = policy.service_class("A")
    assert (policy.household_together, item.name.de, item.places.count, item.places.order) == (
        False,
        "Gold",
        2,
        ("yield",),
    )  # type: ignore[union-attr]
    assert owner.get(f"/services/{draft.pk}/classes/").status_code == 200


PRICED = {"class": "A", "name_de": "Premium", "name_en": "Premium", "level": "3", "per": "month"}


def test_a_package_is_given_a_price_and_taken_from_sale_again(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner, price = as_role("owner"), {"net": "1.200,50", "tax": "7", "notice_days": ""}
    assert send(owner, draft, htmx=False, do="class", **PRICED, **price).status_code == 302
    found = read_draft(Draft.objects.get(pk=draft.pk)).policy.service_class("A").price
    assert found == Price(120050, 70, "month", 30)
    shown = text_of(owner.get(f"/services/{draft.pk}/classes/"))
    assert "Auch zu kaufen: 1.284,54 € im Monat (1.200,50 € und 7 % Umsatzsteuer: 84,04 €)" in shown
    send(owner, draft, htmx=False, do="class", **PRICED, **price | {"net": ""})
    assert read_draft(Draft.objects.get(pk=draft.pk)).policy.service_class("A").price is None


def test_saving_a_class_as_it_is_leaves_its_price_as_it_was_written(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    owner, price = as_role("owner"), {"net": "99,90", "tax": "19", "notice_days": "14"}
    send(owner, draft, htmx=False, do="class", **PRICED, **price)
    text = Draft.objects.get(pk=draft.pk).text
    send(owner, draft, htmx=False, do="class", **PRICED, **price)
    assert Draft.objects.get(pk=draft.pk).text == text


def test_a_price_that_cannot_be_one_is_refused_and_kept_in_the_field(
    draft: Draft, as_role: Callable[[str], Client]
) -> None:
    answer = send(as_role("owner"), draft, htmx=False, do="class", **PRICED, net="viel", tax="", notice_days="")
    assert (answer.status_code, 'value="viel"' in answer.content.decode()) == (422, True)


def test_a_cut_is_proposed_and_taken_over(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner, asked = as_role("owner"), {"class": "B", "metric": "yield", "wish": "2", "of": "count"}
    shown = owner.get(f"/services/{draft.pk}/classes/wish/", asked, headers=HTMX)
    assert "Ertrag im Jahr ab 300" in text_of(shown)
    assert send(owner, draft, htmx=False, do="take", **asked).status_code == 302
    assert cuts(draft, "B") == [("yield", 30000, 25000)]
    assert "vorgeschlagen aus dem Bestand" in Draft.objects.get(pk=draft.pk).text
    refused = owner.get(f"/services/{draft.pk}/classes/wish/", asked | {"wish": "viele"}, headers=HTMX)
    assert refused.status_code == 422


def test_who_would_move_is_named(draft: Draft, as_role: Callable[[str], Client]) -> None:
    owner = as_role("owner")
    send(owner, draft, do="cut", node="classes.best_first.B.when.yield", stay="400", was_stay="120", **{"from": "400"})
    shown = text_of(owner.get(f"/services/{draft.pk}/classes/moves/?change=down"))
    assert "Abstieg (1)" in shown
    assert "Ertrag im Jahr: 300 €, Grenze 400 €, nicht erreicht" in shown


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_shows_its_classes_and_takes_a_cut(
    office: SimpleNamespace, kept: None, as_role: Callable[[str], Client], name: str
) -> None:
    draft, owner = open_draft(text=template(name, "de"), base=None, by=office.owner, now=NOW), as_role("owner")
    assert owner.get(f"/services/{draft.pk}/classes/").status_code == 200
    leaf = next(leaf for _, leaf in leaves_of(read_draft(draft)) if leaf.metric == "yield")
    assert (
        send(owner, draft, do="cut", node=leaf.number, stay="401", was_stay="500", **{"from": "901"}).status_code == 200
    )
    found = [leaf for _, leaf in leaves_of(read_draft(Draft.objects.get(pk=draft.pk))) if leaf.metric == "yield"]
    assert (found[0].read.cut, found[0].read.stay) == (90100, 40100)
    refused = send(owner, draft, do="add", **{"class": "A", "metric": "tenure", "from": "2"})
    assert (refused.status_code == 422) == (name == "ritter") or name == "client-mandant"


def test_who_does_what(draft: Draft, as_role: Callable[[str], Client]) -> None:
    path = f"/services/{draft.pk}/classes/"
    roles = ("owner", "adviser", "auditor", "assistant")
    assert [as_role(role).get(path).status_code for role in roles] == [200, 200, 200, 403]
    assert [as_role(role).get(f"{path}moves/").status_code for role in roles] == [200, 200, 200, 403]
    assert send(as_role("auditor"), draft, do="household", household="single").status_code == 403
    assert 'name="from"' not in as_role("auditor").get(path).content.decode()


def test_without_a_book_cuts_are_edited_all_the_same(
    office: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    office.run.published = False
    office.run.save()
    owner = as_role("owner")
    assert "noch kein Bestand eingelesen" in text_of(owner.get(f"/services/{draft.pk}/classes/"))
    assert send(owner, draft, do="cut", node=A_YIELD, stay="500", **{"from": "700"}).status_code == 200
    assert owner.get(f"/services/{draft.pk}/classes/moves/").status_code == 302

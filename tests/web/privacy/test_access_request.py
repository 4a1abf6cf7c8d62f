"""Everything about one customer, and nothing of anybody else: as a file for machines and as sheets for people."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import models
from django.db.models import Model
from django.test import Client
from django.utils import timezone, translation
from pypdf import PdfReader

from tests.people import ALMA, BELA, CARO, DORO
from zusage.ground.words import texts
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.web.book.models import TidyRow
from zusage.web.charter.models import Sheet
from zusage.web.customers.choices.models import Wish
from zusage.web.customers.choices.queries import contact_of
from zusage.web.customers.models import Account, Agreement, Customer, Unit
from zusage.web.customers.referrals.models import OwnReferral
from zusage.web.privacy.access.queries import BESIDES
from zusage.web.privacy.access.record import why
from zusage.web.privacy.access.wording import PREFIXES, field_of, title_of
from zusage.web.privacy.queries import HOLDINGS, Holding

SignIn = Callable[[str], Client]
ALL = (*HOLDINGS, *BESIDES)
MOMENT = datetime(2026, 11, 2, 8, 0, tzinfo=timezone.get_default_timezone())
KEYS = {"number", "customer_id", "referred_id", "other", "row__customer_id", "request__number", "unit_id"}
"""Fields that name the customer; a canary there would be somebody else."""


def record(client: Client, number: str, ending: str = "json", language: str = "de") -> bytes:
    answer = client.post(f"/customers/{number}/privacy/record.{ending}", {"language": language})
    assert answer.status_code == 200
    return answer.content


def one_of_known(model: type[Model], name: str) -> str | None:
    """A word that the database lets into a field, where it knows only some."""
    named = {key: known for item in model._meta.constraints for key, known in pairs(getattr(item, "condition", None))}
    return str(named[f"{name}__in"][0]) if f"{name}__in" in named else None


def pairs(condition: Any) -> list[tuple[str, Any]]:
    """What a condition asks of fields, however deep."""
    found = []
    for item in condition.children if condition else ():
        found += [item] if isinstance(item, tuple) else pairs(item)
    return found


class Filler:
    """Makes a row of every table, with a canary in every text that is free."""

    def __init__(self, office: SimpleNamespace, number: str) -> None:
        self.office, self.number, self.canaries = office, number, dict[str, str]()

    def row(self, model: type[Model], holding: Holding | None = None) -> Model:
        """A stored row, of the customer where it is a table of theirs."""
        values = {field.attname: self.value(model, field, holding) for field in fields_of(model)}
        for name in holding.by if holding else ():
            values[name] = self.number if name == holding.by[-1] else DORO  # type: ignore[union-attr]
        if model.__name__ == "Proposal":
            values |= {"unit_id": Customer.objects.get(number=self.number).unit_id, "members": [self.number]}
        if model.__name__ == "OwnReferral":
            values |= {"number": DORO, "other": self.number}
        return model._default_manager.create(**values)

    def value(self, model: type[Model], field: Any, holding: Holding | None) -> Any:
        if isinstance(field, models.ForeignKey):
            return None if field.null and field.name not in ("run", "book") else self.parent(field.related_model).pk
        if isinstance(field, models.DateField):
            return MOMENT if isinstance(field, models.DateTimeField) else MOMENT.date()
        if isinstance(field, models.BooleanField):
            return True
        if isinstance(field, models.IntegerField):
            return field.default if field.has_default() else 7
        known = one_of_known(model, field.name)
        if known is None and holding and field.name in holding.shown and field.name not in KEYS:
            known = self.canaries.setdefault(f"{model.__name__}.{field.name}", f"kanari{len(self.canaries)}x")
        return {"canary": known} if isinstance(field, models.JSONField) else "x" if known is None else known

    def parent(self, model: type[Model]) -> Model:
        known = {"Run": self.office.run, "Book": self.office.run.book, "User": self.office.owner,
                 "PolicyVersion": self.office.version}  # fmt: skip
        return known.get(model.__name__) or self.row(model)


def fields_of(model: type[Model]) -> list[Any]:
    return [item for item in model._meta.concrete_fields if not item.primary_key]


@pytest.fixture
def filled(office: SimpleNamespace) -> Filler:
    """Caro with something in every table that names a customer."""
    filler = Filler(office, CARO)
    Customer.objects.filter(number=CARO).delete()
    for holding in HOLDINGS:
        filler.row(holding.model, holding)
    Customer.objects.filter(number=CARO).update(unit_id=CARO)
    for holding in BESIDES:
        if holding.name in ("Proposal", "Touchpoint"):
            filler.row(holding.model, holding)
    return filler


def test_what_stands_in_any_field_of_any_table_stands_in_the_record(filled: Filler, as_role: SignIn) -> None:
    text = record(as_role("owner"), CARO).decode()
    assert len(filled.canaries) > 60
    assert [name for name, canary in filled.canaries.items() if canary not in text] == []


def test_everything_has_a_name_that_people_read() -> None:
    with translation.override("en"):
        names = {field_of(item, name) for item in ALL for name in item.shown} | {title_of(item) for item in ALL}
    assert [name for name in names if name.startswith("privacy_")] == []
    words = {code for prefix in PREFIXES.values() for code in texts() if code.startswith(f"{prefix}_")}
    assert {prefix for prefix in PREFIXES.values() if not any(code.startswith(prefix) for code in words)} == set()


@pytest.mark.parametrize(("language", "title"), [("de", "Auskunft über Ihre Daten"), ("en", "What we know of you")])
def test_the_sheets_say_it_as_people_read_it(filled: Filler, as_role: SignIn, language: str, title: str) -> None:
    Customer.objects.filter(number=CARO).update(yield_cents=123456)
    Agreement.objects.update(terms=asdict(filled.office.policy.promises_of("A")[0]))
    for account in Account.objects.filter(number=CARO):
        account.figures["distance_m"] = 11_600
        account.save()
    made = record(as_role("owner"), CARO, "pdf", language)
    pages = PdfReader(io.BytesIO(made)).pages
    text = " ".join(page.extract_text() for page in pages).replace("\xa0", " ")
    assert (title in pages[0].extract_text(), "privacy_" in text) == (True, False)
    assert ("1.234,56 €" if language == "de" else "€1,234.56") in text
    assert ("Entfernung: 11,6 km" if language == "de" else "Distance: 11.6 km") in text


def test_the_first_page_says_what_the_law_asks_for_and_why_this_package(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    text = PdfReader(io.BytesIO(record(as_role("adviser"), CARO, "pdf"))).pages[0].extract_text()
    heads = ("Wozu", "Woher", "Wer sie erhält", "Wie lange", "Ihre Rechte", "Warum Sie dieses Paket haben")
    assert [head for head in heads if head not in text] == []


def test_what_was_compared_says_what_goes_with_what(office: SimpleNamespace, as_role: SignIn) -> None:
    rule = "{any: [{yield: 600}, {all: [{referrals_won: 2}, {yield: 150}]}]}"
    text = office.version.text.replace("{any: [{yield: {from: 600, stay: 500}}, {referrals_won: 2}]}", rule)
    policy = read_policy_text(text).policy
    facts = [("yield", 60_000), ("referrals_won", 2), ("yield", 15_000)]
    parts = [
        {"class_key": "A", "number": place, "metric": metric, "value": 0, "cut": cut, "met": 0}
        for place, (metric, cut) in enumerate(facts)
    ]
    Unit.objects.filter(unit_id=CARO).update(parts=parts)
    caro = Customer.objects.get(run__published=True, number=CARO)

    def begun(by: Policy) -> list[str]:
        return [line.split(": ")[0] for line in why(caro, by, office.run.as_of, "de")[-3:]]

    assert begun(policy) == [
        "Premium", "Premium, oder", "Premium, und dazu",
    ]  # fmt: skip
    assert [line.split(":")[0] for line in why(caro, office.policy, office.run.as_of, "de")[-3:]] == ["Premium"] * 3


def test_who_gets_the_data_and_how_long_they_are_kept_is_said_as_the_firm_wrote_it(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    def first_page(language: str) -> str:
        pages = PdfReader(io.BytesIO(record(as_role("owner"), CARO, "pdf", language))).pages
        return " ".join(pages[0].extract_text().split())

    def note() -> list[str]:
        html = as_role("owner").get(f"/customers/{CARO}/privacy/").content.decode()
        return re.findall(r"weil Ihr eigener Text fehlt: (.*?)\.", html)

    assert "Diese Software läuft auf unserem eigenen Rechner" in first_page("de")
    assert note() == ["Wer sie erhält, Wie lange wir sie aufbewahren"]
    assert "eigener Text fehlt" not in first_page("de")
    Sheet.objects.create(pk=1, receivers_de="Der Maklerpool Beispiel.", keeping_de="", keeping_en="Ten years.")
    assert note() == []
    assert "Diese Software läuft" not in first_page("de")
    assert ("Der Maklerpool Beispiel." in first_page("en"), "Ten years." in first_page("de")) == (True, True)
    Sheet.objects.update(receivers_de="")
    assert note() == ["Wer sie erhält"]


def test_of_somebody_elses_recommendation_only_that_there_is_one(office: SimpleNamespace, as_role: SignIn) -> None:
    OwnReferral.objects.create(
        number=ALMA, prospect="Nora Neu", contact="0341 9", other=CARO, outcome="gern", named_on=MOMENT.date(),
        created_at=MOMENT,
    )  # fmt: skip
    own = [json.loads(record(as_role("owner"), number)) for number in (ALMA, CARO)]
    rows = [next(item for item in found["tables"] if item["name"] == "OwnReferral")["rows"][0] for found in own]
    assert [[row[name] for name in ("number", "other", "prospect", "outcome")] for row in rows] == [
        [ALMA, None, None, None],
        [None, CARO, "Nora Neu", "gern"],
    ]


def test_nothing_of_the_others_of_a_household_and_no_internal_letter(office: SimpleNamespace, as_role: SignIn) -> None:
    text = record(as_role("owner"), BELA).decode()
    assert [name for name in ("Muster, Alma", "1.020,00", '"A"') if name in text] == []


def test_no_number_of_another_stands_in_the_record(office: SimpleNamespace, as_role: SignIn) -> None:
    run = office.run
    row = {"customer_id": BELA, "household_id": ALMA, "referrer_id": DORO, "name": "Muster, Bela"}
    TidyRow.objects.create(book=run.book, table="customers", row=row)
    (account,) = Account.objects.filter(run=run, number=BELA)
    Account.objects.filter(pk=account.pk).update(figures=account.figures | {"household_id": ALMA})
    found = json.loads(record(as_role("owner"), BELA))
    rows = [item for table in found["tables"] if table["name"] in ("Account", "TidyRow") for item in table["rows"]]
    assert len(rows) >= 2
    assert [number for number in (ALMA, DORO) if f'"{number}"' in json.dumps(rows)] == []
    own = json.loads(record(as_role("owner"), ALMA))
    figures = next(table for table in own["tables"] if table["name"] == "Account")["rows"][0]["figures"]
    assert figures["customer_id"] == ALMA


def test_that_a_record_was_handed_out_is_kept(office: SimpleNamespace, as_role: SignIn) -> None:
    record(as_role("adviser"), CARO)
    kept = [(row.actor, row.additional_data) for row in LogEntry.objects.filter(action=LogEntry.Action.ACCESS)]
    assert kept == [(office.adviser, {"export": "record.json", "number": CARO})]


def test_who_may_not_see_a_customer_gets_no_record_of_them(office: SimpleNamespace, as_role: SignIn) -> None:
    type(office.firm).objects.update(advisers_see_own_only=True)
    Customer.objects.filter(number=CARO).update(adviser="Anders")
    paths = [f"/customers/{CARO}/privacy/{end}" for end in ("record.json", "record.pdf", "contact/")]
    assert [as_role("adviser").post(path).status_code for path in paths] == [404, 404, 404]
    assert as_role("adviser").get(f"/customers/{CARO}/privacy/").status_code == 404


def test_contact_data_corrected_in_the_office_hold_at_once(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("adviser")
    client.post(f"/customers/{CARO}/privacy/contact/", {"email": "caro@kunde.example", "city": "Leipzig"})
    wish = Wish.objects.get()
    assert (wish.state, wish.by, wish.answered_by) == ("accepted", office.adviser, office.adviser)
    assert contact_of(CARO) == {"email": "caro@kunde.example", "city": "Leipzig"}
    client.post(f"/customers/{CARO}/privacy/contact/", {"email": "caro@kunde.example"})
    assert Wish.objects.count() == 1
    assert client.post(f"/customers/{CARO}/privacy/contact/", {"email": "keine"}).status_code == 422

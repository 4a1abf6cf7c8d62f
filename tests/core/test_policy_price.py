"""A package may have a price: read with its mistakes, told as a difference, written by the way out that proposes it."""

import re

import pytest
from tests.core.test_outlook import short

from zusage.ground.reasons import Refused
from zusage.policy.document import Price
from zusage.policy.edit import change
from zusage.policy.read import Read, read_policy_text
from zusage.policy.templates import template
from zusage.report.differences import differences

ABC = template("abc", "en")
WHEN = "when: {yield: {from: 150, stay: 120}}"


def priced(price: str) -> str:
    return ABC.replace(WHEN, f"{WHEN}\n      price: {price}", 1)


def price_of(text: str) -> Price | None:
    return read_policy_text(text).policy.service_class("B").price


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("{net: 120}", Price(12000, 190, "year", 30)),
        ('{net: "1.234,50 €", tax: 7 %, per: month, notice_days: 0}', Price(123450, 70, "month", 0)),
        ("{net: 0.01, tax: 0, notice_days: 365}", Price(1, 0, "year", 365)),
    ],
)
def test_a_price_is_read_in_the_ways_people_write_it(written: str, price: Price) -> None:
    assert price_of(priced(written)) == price


def test_tax_and_sum_come_out_to_the_cent() -> None:
    price = Price(101, 70, "year", 30)
    assert (price.tax_cents, price.gross_cents) == (7, 108)


def refused(text: str) -> list[tuple[str, str | None, bool]]:
    """Codes and places, and whether the line is the one where the price stands."""
    with pytest.raises(Refused) as found:
        read_policy_text(text)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if re.search(r"\bprice:", row))
    return [
        (item.reason.code, item.where.path, item.where.line == line)
        for item in found.value.findings
        if item.severity == "error"
    ]


B = "classes.best_first.B.price"


@pytest.mark.parametrize(
    ("written", "mistakes"),
    [
        ("{}", [("policy_required", f"{B}.net", True)]),
        ("{net: 0}", [("policy_price_zero", f"{B}.net", True)]),
        ("{net: -5}", [("policy_negative", f"{B}.net", True)]),
        ("{net: 5, tax: 19}", [("policy_not_share", f"{B}.tax", True)]),
        ("{net: 5, per: week}", [("policy_not_one_of", f"{B}.per", True)]),
        ("{net: 5, notice_days: 366}", [("policy_out_of_bounds", f"{B}.notice_days", True)]),
        ("{gross: 5, net: 4}", [("policy_unknown_field", f"{B}.gross", True)]),
    ],
)
def test_mistakes_of_a_price_are_named_with_their_place(written: str, mistakes: list[tuple[str, str, bool]]) -> None:
    assert refused(priced(written)) == mistakes


def test_what_everybody_gets_is_not_for_sale() -> None:
    last = ABC.replace(
        "C:\n      name: {de: Klassik, en: Classic}", "C:\n      name: Classic\n      price: {net: 5}", 1
    )
    assert refused(last) == [("policy_price_for_all", "classes.best_first.C.price", True)]
    new = ABC.replace("like: C}", "like: C, price: {net: 5}}", 1)
    assert refused(new) == [("policy_price_for_all", "classes.provisional.price", True)]


def test_an_insurance_broker_is_told_to_have_a_price_checked() -> None:
    name = "A:\n      name: {de: Premium, en: Premium}"
    text = template("solo", "en").replace(name, f"{name}\n      price: {{net: 5}}", 1)
    found = [(item.severity, item.reason.code, item.where.path) for item in read_policy_text(text).findings]
    assert ("note", "design_price_to_check", "classes.best_first.A.price") in found


def lines(old: str, new: str) -> list[tuple[str, str, str, str]]:
    one, other = (read_policy_text(text).policy for text in (old, new))
    return [
        (item.group, item.what, item.before.replace("\xa0", " "), item.after.replace("\xa0", " "))
        for item in differences(one, other, "en")
    ]


def test_a_price_is_a_difference_of_versions() -> None:
    text = "€142.80 a year (€120 and 19% VAT: €22.80), to be ended with 30 days' notice"
    what = ("classes", "Class Comfort: Price for which this package may be bought")
    assert lines(ABC, priced("{net: 120}")) == [(*what, "–", text)]
    assert lines(priced("{net: 120}"), ABC) == [(*what, text, "–")]


def test_the_way_out_by_a_price_writes_it_into_the_service_model() -> None:
    study = short()
    ways = [way for way in study.ways if way.kind == "price"]
    assert [bool(way.changes) for way in ways] == [True] * len(ways)
    for way in ways:
        read: Read = read_policy_text(change(study.situation.text, way.changes))
        cents = way.parts[0].values["price_cents"]
        item = read.policy.service_class(str(way.parts[0].values["class"]))
        assert item.price == Price(int(str(cents)), 190, "year", 30)

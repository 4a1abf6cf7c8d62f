"""The choice record of every customer, and the list of those who could have more and were never asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import ALMA, BELA, CARO, DORO, EMIL, POLICY, TODAY, booked, changed, full_year, tables
from zusage.plan import make_plan
from zusage.policy.read import read_policy_text
from zusage.web.book.models import Choice, Work
from zusage.web.bridge.figures import customer_rows
from zusage.web.customers.choices.queries import Asked, Record, aim_of, candidates, record_of, records_of
from zusage.web.customers.models import Customer, OwnChoice, OwnWork
from zusage.web.customers.queries import Received, choices_of, customers_for, received
from zusage.web.office.models import PolicyVersion

PRICE = "price: {net: 10, tax: 19 %, per: month, notice_days: 30}"


def noted(office: SimpleNamespace, number: str, state: str, on: date, key: str = "A") -> OwnChoice:
    return OwnChoice.objects.create(
        number=number, state=state, class_key=key, chosen_on=on, evidence="Brief", by=office.owner,
        created_at=timezone.now(),
    )  # fmt: skip


def record(number: str) -> Record:
    return record_of(choices_of(number))


def listed(office: SimpleNamespace, **asked: Any) -> list[str]:
    return [item.number for item in candidates(customers_for(office.owner), office.policy, Asked(**asked))]


def test_a_customer_is_never_asked_until_something_is_written_down(office: SimpleNamespace) -> None:
    assert (record(CARO).state, record(CARO).last) == ("never", None)
    noted(office, CARO, "offered", date(2026, 1, 2))
    assert (record(CARO).state, record(CARO).first_on) == ("offered", date(2026, 1, 2))


def test_what_was_said_last_decides_wherever_it_stands(office: SimpleNamespace) -> None:
    noted(office, CARO, "offered", date(2026, 1, 2))
    Choice.objects.create(
        book=office.run.book, customer_id=CARO, state="declined", class_key="A", chosen_on=date(2026, 3, 1),
        evidence="Liste",
    )  # fmt: skip
    found = record(CARO)
    assert (found.state, found.last and found.last.source, found.first_on) == (
        "declined", "Liste", date(2026, 1, 2)
    )  # fmt: skip
    noted(office, CARO, "chosen", date(2026, 4, 1), "B")
    assert record(CARO).state == "chosen"


def test_many_records_say_the_same_as_each_alone(office: SimpleNamespace, django_assert_num_queries: Any) -> None:
    noted(office, CARO, "offered", date(2026, 1, 2))
    noted(office, CARO, "declined", date(2026, 1, 2))
    noted(office, EMIL, "chosen", date(2026, 1, 2))
    alone = {number: record(number) for number in (ALMA, CARO, EMIL)}
    with django_assert_num_queries(2):
        assert records_of([ALMA, CARO, EMIL]) == alone


@pytest.mark.parametrize(
    ("cents", "near"), [(11_999, ""), (12_000, "B"), (47_999, ""), (48_000, "A"), (60_000, "")], ids=str
)
def test_a_class_is_near_from_four_fifths_of_its_cut_on(cents: int, near: str) -> None:
    plan = make_plan(tables(yields=[*full_year(), booked(CARO, cents / 100)]), changed(), as_of=TODAY)
    assert {row["number"]: row["near_key"] for row in customer_rows(plan, {})}[CARO] == near


def test_candidates_reach_a_better_class_or_nearly_and_were_never_asked(office: SimpleNamespace) -> None:
    assert listed(office) == []
    Customer.objects.filter(number=EMIL).update(class_key="C")  # the figures say B
    Customer.objects.filter(number=CARO).update(near_key="B")
    assert listed(office) == [EMIL, CARO]
    assert (listed(office, which="reached"), listed(office, which="near")) == ([EMIL], [CARO])
    noted(office, EMIL, "offered", date(2026, 1, 2))
    assert listed(office) == [CARO]


def test_a_household_is_asked_once_for_all(office: SimpleNamespace) -> None:
    Customer.objects.filter(number__in=[ALMA, BELA]).update(class_key="C")
    assert listed(office) == [BELA, ALMA]
    noted(office, BELA, "declined", date(2026, 1, 2))
    assert listed(office) == []


def test_customers_without_a_class_can_have_a_better_one(office: SimpleNamespace) -> None:
    Customer.objects.filter(number=EMIL).update(class_key="")
    assert listed(office) == [EMIL]


def test_whoever_could_buy_a_larger_package_can_be_asked_for(office: SimpleNamespace) -> None:
    priced = changed(("A: {name: Premium,", f"A: {{name: Premium, {PRICE},"))
    found = candidates(customers_for(office.owner), priced, Asked(which="sold"))
    assert [(item.number, aim_of(item, priced)) for item in found] == [(EMIL, "A"), (DORO, "A"), (CARO, "A")]
    assert listed(office, which="sold") == []


def test_the_page_says_why_these_are_listed(office: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    text = POLICY.replace("A: {name: Premium,", f"A: {{name: Premium, {PRICE},")
    PolicyVersion.objects.update(text=text, hash=read_policy_text(text).policy.hash)
    Customer.objects.filter(number=CARO).update(near_key="B")
    near, sold = (
        as_role("owner").get(f"/customers/never-asked/?which={which}").content.decode() for which in ("all", "sold")
    )
    assert ("mindestens vier Fünftel davon." in near, "zu kaufen, ob" in near) == (True, False)
    assert ("mindestens vier Fünftel davon." in sold, "zu kaufen, ob" in sold) == (False, True)


def test_the_list_can_be_put_in_order_of_the_time_received(office: SimpleNamespace) -> None:
    Customer.objects.filter(number__in=[CARO, DORO, EMIL]).update(class_key="C", near_key="A")
    for number, seconds in ((CARO, 300), (DORO, 900), (EMIL, 600)):
        Customer.objects.filter(number=number).update(used_seconds=seconds)
    assert listed(office, sort="least_time") == [CARO, EMIL, DORO]
    assert listed(office, sort="most_time") == [DORO, EMIL, CARO]


def test_the_page_shows_the_service_received_before(office: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    Customer.objects.filter(number=CARO).update(near_key="B")
    OwnWork.objects.create(
        number=CARO, done_on=timezone.localdate(), activity="call", channel="phone", seconds=5400,
        created_at=timezone.now(),
    )  # fmt: skip
    page = as_role("owner").get("/customers/never-asked/", headers={"accept-language": "en"})
    (row,) = page.context["listed"]
    assert (row[0].number, row[1], row[2].contacts, row[2].meetings, row[2].seconds) == (CARO, "B", 1, 0, 5400)
    assert page.context["line"] == "1 Kunde könnte ein größeres Paket haben und wurde nie gefragt."


def test_contacts_without_a_recorded_duration_are_not_said_to_have_taken_no_time(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    today = timezone.localdate()
    Customer.objects.filter(number__in=[CARO, DORO]).update(class_key="C", near_key="B")
    for number, seconds in ((CARO, None), (DORO, None), (DORO, 1800)):
        Work.objects.create(book=office.run.book, customer_id=number, log="meetings", done_on=today, seconds=seconds)
    page = as_role("owner").get("/customers/never-asked/")
    found = {row[0].number: row[2] for row in page.context["listed"]}
    assert found == {CARO: Received(1, 1, None, untimed=1), DORO: Received(2, 2, 1800, untimed=1)}
    assert received([CARO], today, today) == found[CARO]
    assert received([EMIL], today, today) == Received(0, 0, 0)
    cells = re.findall(r'data-label="Zeit">(.*?)</td>', page.content.decode())
    assert [re.sub("<[^>]*>", "", cell) for cell in cells] == ["0:30\xa0Std.", "–"]
    text = as_role("owner").get(f"/customers/{CARO}/").content.decode()
    assert 'Zeit zusammen: – <span class="muted">(bei 1 von 1 ist keine Dauer verzeichnet)' in text


def test_who_sees_only_their_own_finds_only_their_own(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    Customer.objects.filter(number=CARO).update(near_key="B", adviser="Somebody else")
    office.firm.advisers_see_own_only = True
    office.firm.save()
    assert list(as_role("adviser").get("/customers/never-asked/").context["listed"]) == []
    assert len(as_role("owner").get("/customers/never-asked/").context["listed"]) == 1


def test_the_customer_page_says_how_the_record_stands(
    office: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    page = as_role("owner").get(f"/customers/{CARO}/")
    assert (page.context["record"].state, page.context["received_before"]) == ("never", None)
    noted(office, CARO, "offered", date(2026, 1, 2))
    page = as_role("owner").get(f"/customers/{CARO}/")
    assert (page.context["record"].state, page.context["received_before"].contacts) == ("offered", 0)
    for day in (1, 2):  # what they got on the day they were asked came not before it
        OwnWork.objects.create(
            number=CARO, done_on=date(2026, 1, day), activity="call", channel="phone", seconds=600,
            created_at=timezone.now(),
        )  # fmt: skip
    assert as_role("owner").get(f"/customers/{CARO}/").context["received_before"].contacts == 1

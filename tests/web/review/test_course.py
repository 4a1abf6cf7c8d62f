"""How the review goes: places and who waits for one, what people changed of the proposals, when the next one is due."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests import people
from tests.people import CARO, DORO, EMIL
from tests.web.conftest import book_tables
from zusage.plan import make_plan
from zusage.web.bridge.figures import unit_rows
from zusage.web.customers.models import Customer, Run, Unit
from zusage.web.office.models import PolicyVersion
from zusage.web.office.queries import policy_of
from zusage.web.review.actions import override_class
from zusage.web.review.course.queries import Share, changed_share
from zusage.web.review.models import Proposal

AsRole = Callable[[str], Client]
DAY = timedelta(days=1)


def decided(office: SimpleNamespace, state: str, size: int, criteria: str = "|yield|", days: int = 9) -> None:
    """Proposals that were decided some days ago."""
    Proposal.objects.bulk_create(
        Proposal(
            unit_id=EMIL, name=EMIL, sort_key=EMIL, members=[EMIL], from_key="B", to_key="C", change="down",
            reduces=True, because="criteria", criteria=criteria, state=state, decided_by=office.owner,
            decided_at=timezone.now() - days * DAY,
        )
        for _ in range(size)
    )  # fmt: skip


@pytest.fixture
def one_place(office: SimpleNamespace) -> SimpleNamespace:
    """Only one place in A, given by yield: Alma's household holds it, and Emil would have come next."""
    text = people.POLICY.replace("A: {name: Premium,", "A: {name: Premium, places: {count: 1, order: [yield]},")
    text = text.replace("yield: {from: 600, stay: 500}", "yield: {from: 250}").replace(
        "version: test", "version: places"
    )
    version = PolicyVersion(text=text, hash="", label="places", valid_from=office.version.valid_from)
    version.published_at, version.published_by = office.version.published_at, office.owner
    version.hash = people.changed(
        ("A: {name: Premium,", "A: {name: Premium, places: {count: 1, order: [yield]},"),
        ("yield: {from: 600, stay: 500}", "yield: {from: 250}"),
    ).hash
    version.save()
    Run.objects.update(policy=version)
    plan = make_plan(book_tables(), policy_of(version), as_of=people.TODAY)
    Unit.objects.all().delete()
    Unit.objects.bulk_create(Unit(run=office.run, **row) for row in unit_rows(plan))
    Customer.objects.filter(unit_id=people.ALMA).update(class_key="A")
    return office


def sentence(client: Client, address: str = "/review/") -> str:
    found = re.search(r"<summary>(.*?)</summary>", client.get(address).content.decode(), re.DOTALL)
    return unescape(found[1]).replace("\xa0", " ") if found else ""


def test_places_say_who_has_one_and_who_waits_with_the_figures_that_decide(
    one_place: SimpleNamespace, as_role: AsRole
) -> None:
    page = unescape(as_role("owner").get("/review/?part=places").content.decode()).replace("\xa0", " ")
    assert "Plätze: 1, davon vergeben 1, frei 0." in page
    rows = re.findall(
        r'<td class="figure" data-label="Rang">(.*?)</td>.*?/">(.*?)</a></th>\s*<td[^>]*>(.*?)</td>', page, re.S
    )
    assert rows == [("1", "Emil Muster & Söhne", "300 €")]


def test_without_limited_places_there_is_no_such_part(office: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("owner")
    assert client.get("/review/?part=places").status_code == 404
    assert "part=places" not in client.get("/review/").content.decode()


def test_the_share_of_changed_proposals_is_said(office: SimpleNamespace, as_role: AsRole) -> None:
    decided(office, "confirmed", 8)
    decided(office, "kept", 2)
    decided(office, "kept", 9, days=400)
    page = sentence(as_role("adviser"))
    assert page == "In den letzten zwölf Monaten haben Sie 2 von 10 Vorschlägen geändert (20 %)."


def test_by_criterion_only_where_there_are_enough(office: SimpleNamespace) -> None:
    decided(office, "confirmed", 9)
    decided(office, "taken_back", 1, "|yield|tenure|")
    found = changed_share(office.owner, timezone.now() - 365 * DAY)
    assert found == (Share(10, 1), {"yield": Share(10, 1)})


@pytest.mark.parametrize(("role", "kept", "said"), [("owner", 4, True), ("owner", 3, False), ("adviser", 9, False)])
def test_the_owner_is_told_where_the_cuts_do_not_fit(
    office: SimpleNamespace, as_role: AsRole, role: str, kept: int, said: bool
) -> None:
    decided(office, "confirmed", 10 - kept)
    decided(office, "kept", kept)
    assert ("die Grenzen passen nicht" in as_role(role).get("/review/").content.decode()) is said


def test_another_class_set_by_hand_counts_as_changed(office: SimpleNamespace) -> None:
    for number in (CARO, DORO):
        Proposal.objects.create(
            run=office.run, unit_id=number, name=number, sort_key=number, members=[number], from_key="C", to_key="B",
            change="up", because="criteria",
        )  # fmt: skip
    until, now = timezone.localdate() + 60 * DAY, timezone.now()
    override_class(Customer.objects.get(number=CARO), "A", "Freund", until, office.owner, now)
    override_class(Customer.objects.get(number=DORO), "B", "Freund", until, office.owner, now)
    assert dict(Proposal.objects.values_list("unit_id", "state")) == {CARO: "overridden", DORO: "overtaken"}
    assert changed_share(office.owner, now - DAY)[0] == Share(1, 1)


def test_today_reminds_the_owner_of_a_review_that_is_due(office: SimpleNamespace, as_role: AsRole) -> None:
    decided(office, "confirmed", 1, days=380)
    assert "Die letzte Einstufung war am" in as_role("owner").get("/").content.decode()
    assert "Die letzte Einstufung war am" not in as_role("adviser").get("/").content.decode()
    decided(office, "confirmed", 1, days=5)
    assert "Die letzte Einstufung war am" not in as_role("owner").get("/").content.decode()

"""Promises agreed by contract: entered on the customer's page, kept by every answer, and no reduction weakens them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from tests.people import CARO
from zusage.ground.reasons import Refused
from zusage.web.customers.models import Agreement, Customer, Membership, Override
from zusage.web.desk.queries import answer_for
from zusage.web.review.actions import override_class
from zusage.web.review.models import Proposal
from zusage.web.review.queries import proposed_changes

AsRole = Callable[[str], Client]
SOURCE = "Servicevertrag vom 3.2.2025"


@pytest.fixture
def reduced(office: SimpleNamespace) -> SimpleNamespace:
    """Caro is to be reduced from A to C."""
    Membership.objects.filter(number=CARO).update(class_key="A")
    Customer.objects.filter(number=CARO).update(class_key="A")
    Proposal.objects.bulk_create(proposed_changes(office.run, office.policy, timezone.localdate()))
    return office


def enter(client: Client, **more: str) -> int:
    given = {"service": "callback", "class_key": "A", "since": "2025-02-03", "until": "", "source": SOURCE}
    return client.post(f"/customers/{CARO}/agreement/", given | more).status_code


def confirm(client: Client, day: date) -> tuple[int, list[str]]:
    """Try to confirm Caro's reduction; the status of the answer and the errors over the form."""
    found = Proposal.objects.get(unit_id=CARO)
    given = {"which": "confirm", "reason": "Ruft nie an", "version": found.version, "effective_on": day.isoformat()}
    page = client.post(f"/review/{found.pk}/", given)
    return page.status_code, re.findall(
        r"<li>(.*?)</li>", unescape(page.content.decode()).split('<form class="form"')[-1]
    )


def test_an_agreement_copies_the_terms_of_a_class(office: SimpleNamespace, as_role: AsRole) -> None:
    assert enter(as_role("adviser")) == 302
    found = Agreement.objects.get()
    assert (found.number, found.service, found.class_key, found.terms["mode"]) == (CARO, "callback", "A", "same_day")
    assert (found.since, found.until, found.source, found.by) == (date(2025, 2, 3), None, SOURCE, office.adviser)
    assert LogEntry.objects.get_for_object(found).count() == 1


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (
            {"service": "annual_check", "class_key": "C"},
            "Diese Klasse sagt diese Leistung nicht zu. Wählen Sie eine Klasse, die sie zusagt.",
        ),
        ({"until": "2025-01-01"}, "Der letzte Tag liegt vor dem ersten."),
    ],
)
def test_what_cannot_be_agreed_is_said_at_its_field(
    office: SimpleNamespace, as_role: AsRole, more: dict[str, str], error: str
) -> None:
    given = {"service": "callback", "class_key": "A", "since": "2025-02-03", "source": SOURCE} | more
    page = as_role("owner").post(f"/customers/{CARO}/agreement/", given)
    assert (page.status_code, re.findall(r"<li>(.*?)</li>", page.content.decode().split("<h1>")[1])) == (422, [error])


def test_an_answer_keeps_what_was_agreed_beyond_the_class(office: SimpleNamespace, as_role: AsRole) -> None:
    asked = {"channel": "phone", "urgency": "normal", "cause": "asked", "matter": "", "wants": ""}
    now = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    caro = Customer.objects.get(number=CARO)
    before = answer_for(caro, what="callback", now=now, **asked)[1]
    enter(as_role("owner"))
    after = answer_for(caro, what="callback", now=now, **asked)[1]
    assert [(item.rule, item.response.mode) for item in (before, after)] == [
        ("class", "next_workday"),
        ("agreed", "same_day"),
    ]


def test_the_customers_page_lists_what_was_agreed(office: SimpleNamespace, as_role: AsRole) -> None:
    enter(as_role("owner"), until="2030-12-31")
    page = as_role("assistant").get(f"/customers/{CARO}/").content.decode()
    section = page.split('<section aria-labelledby="agreements">')[1].split("</section>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", section) == ["03.02.2025", "31.12.2030", SOURCE]
    promises = page.split('<section aria-labelledby="promises">')[1].split("</section>")[0]
    assert len(re.findall("Rückruf|rufen", promises)) == 1


def test_a_reduction_waits_for_the_end_of_what_was_agreed(reduced: SimpleNamespace, as_role: AsRole) -> None:
    client, today = as_role("owner"), timezone.localdate()
    end = today + timedelta(days=60)
    enter(client, until=end.isoformat())
    assert confirm(client, end) == (
        422,
        [f"Vertraglich ist bis {end:%d.%m.%Y} mehr vereinbart ({SOURCE}). Die Rückstufung kann erst danach gelten."],
    )
    assert Proposal.objects.get(unit_id=CARO).state == "open"
    assert confirm(client, end + timedelta(days=1)) == (302, [])
    assert Membership.objects.get(number=CARO, applied=False).effective_on == end + timedelta(days=1)


def test_without_an_end_no_reduction_can_be_confirmed_and_the_page_says_why(
    reduced: SimpleNamespace, as_role: AsRole
) -> None:
    client = as_role("owner")
    enter(client)
    page = unescape(client.get(f"/review/{Proposal.objects.get(unit_id=CARO).pk}/").content.decode())
    assert re.findall('name="which" value="(.*?)"', page) == ["keep"]
    assert "wenn die Vereinbarung auf der Seite des Kunden einen letzten Tag hat" in page
    assert confirm(client, timezone.localdate() + timedelta(days=30))[0] == 422
    assert Proposal.objects.get(unit_id=CARO).state == "open"


def test_an_exception_does_not_get_round_it_either(reduced: SimpleNamespace, as_role: AsRole) -> None:
    enter(as_role("owner"))
    today = timezone.localdate()
    with pytest.raises(Refused):
        override_class(
            Customer.objects.get(number=CARO), "C", "spart", today + timedelta(90), reduced.owner, timezone.now()
        )
    assert Override.objects.count() == 0


def test_what_the_new_class_promises_as_well_keeps_nothing_back(reduced: SimpleNamespace, as_role: AsRole) -> None:
    client = as_role("owner")
    enter(client, class_key="C")
    assert confirm(client, timezone.localdate() + timedelta(days=30)) == (302, [])


def test_an_agreement_ends_with_a_last_day_and_its_paper(office: SimpleNamespace, as_role: AsRole) -> None:
    client, today = as_role("adviser"), timezone.localdate()
    enter(client)
    found = Agreement.objects.get()
    address = f"/customers/{CARO}/agreement/{found.pk}/end/"
    past = {"until": (today - timedelta(days=1)).isoformat(), "source": "Kündigung", "version": "1"}
    assert client.post(address, past).status_code == 422
    assert client.post(address, past | {"until": today.isoformat()}).status_code == 302
    found.refresh_from_db()
    assert (found.until, found.ended_by_source, found.version) == (today, "Kündigung", 2)


def test_of_two_who_end_an_agreement_the_second_sees_the_first(office: SimpleNamespace, as_role: AsRole) -> None:
    client, today = as_role("owner"), timezone.localdate()
    enter(client)
    address = f"/customers/{CARO}/agreement/{Agreement.objects.get().pk}/end/"
    given = {"until": today.isoformat(), "source": "Kündigung", "version": "1"}
    client.post(address, given)
    later = (today + timedelta(days=9)).isoformat()
    page = client.post(address, given | {"until": later, "source": "Nachtrag"})
    assert (page.status_code, Agreement.objects.get().until) == (409, today)
    assert re.findall(r'name="(?:until|source|version)" value="(.*?)"', page.content.decode()) == [
        later,
        "Nachtrag",
        "2",
    ]


def test_assistants_enter_no_agreements(office: SimpleNamespace, as_role: AsRole) -> None:
    assert enter(as_role("assistant")) == 403

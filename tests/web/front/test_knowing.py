"""How many customers know what holds stands on Today, for those who decide, as of this very moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.people import ALMA, BELA, CARO
from tests.web.conftest import CLASSES, IMPORTED
from zusage.web.customers.models import Customer, Membership, Told
from zusage.web.office.models import Firm, User
from zusage.web.services.queries import Knowing, knowing

SignIn = Callable[[str], Client]


def tell(office: SimpleNamespace, number: str, on: date, *, assumed: bool = False) -> Told:
    return Told.objects.create(
        number=number, policy=office.version, class_key=CLASSES[number], told_on=on, how="letter", assumed=assumed,
        by=office.owner, created_at=IMPORTED,
    )  # fmt: skip


def line(client: Client) -> list[str]:
    """What Today says of it, without its links."""
    html = client.get("/").content.decode()
    besides = [re.sub(r"<[^>]*>", "", text).strip() for text in re.findall(r"<li>(.*?)</li>", html)]
    return [text for text in besides if text.startswith("Die geltenden Zusagen")]


def test_today_says_how_many_know_and_leads_to_the_letters(office: SimpleNamespace, as_role: SignIn) -> None:
    tell(office, ALMA, timezone.localdate())
    tell(office, CARO, timezone.localdate(), assumed=True)
    said = "Die geltenden Zusagen sind 1 von 5 Kunden bekannt. Bei 1 ist es nur angenommen. Briefe schreiben"
    assert [line(as_role(role)) for role in ("owner", "adviser", "assistant", "auditor")] == [[said], [said], [], []]
    assert '<a href="/telling/letters/">Briefe schreiben</a>' in as_role("owner").get("/").content.decode()


def test_the_figure_follows_at_once_whatever_changes_it(office: SimpleNamespace) -> None:
    today = timezone.localdate()
    assert knowing(today) == Knowing(5, 0, 0)
    told = tell(office, ALMA, today)
    tell(office, BELA, today + timedelta(days=3))  # holds only then
    assert knowing(today) == Knowing(5, 1, 0)
    assert knowing(today + timedelta(days=3)) == Knowing(5, 2, 0)
    told.delete()
    assert knowing(today) == Knowing(5, 0, 0)
    Told.objects.filter(number=BELA).update(said_on=today)
    tell(office, BELA, today, assumed=True)
    assert knowing(today) == Knowing(5, 0, 1, 1)  # a letter told what holds in three days
    tell(office, ALMA, today)
    Membership.objects.create(
        number=ALMA, class_key="C", effective_on=today, change="down", policy=office.version, because="criteria",
        decided_by=office.owner, decided_at=IMPORTED, applied=True,
    )  # fmt: skip
    assert knowing(today) == Knowing(5, 0, 1, 1)  # what was told is what held before


def test_an_adviser_who_sees_only_their_own_reads_their_own_figure(office: SimpleNamespace, as_role: SignIn) -> None:
    Firm.objects.update(advisers_see_own_only=True)
    Customer.objects.update(adviser="Somebody")
    Customer.objects.filter(number=ALMA).update(adviser="Ada")
    User.objects.filter(role="adviser").update(adviser="Ada")
    tell(office, CARO, timezone.localdate())
    assert line(as_role("adviser")) == ["Die geltenden Zusagen sind noch keinem von 1 Kunden bekannt. Briefe schreiben"]
    assert line(as_role("owner")) == ["Die geltenden Zusagen sind 1 von 5 Kunden bekannt. Briefe schreiben"]


def test_it_is_counted_once_as_long_as_nothing_changes(office: SimpleNamespace) -> None:
    today = timezone.localdate()
    knowing(today)
    with CaptureQueriesContext(connection) as asked:
        knowing(today)
    rows = [item["sql"] for item in asked if "COUNT" not in item["sql"] and "policyversion" not in item["sql"]]
    assert rows == []


def test_nobody_is_left_to_write_to_when_all_know(office: SimpleNamespace, as_role: SignIn) -> None:
    for number in CLASSES:
        tell(office, number, timezone.localdate())
    assert line(as_role("owner")) == ["Die geltenden Zusagen sind 5 von 5 Kunden bekannt."]

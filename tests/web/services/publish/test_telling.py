"""Until a customer is told, the former promise holds; what becomes less holds only after the notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.test import Client

from tests.people import ALMA, BELA, CARO, DORO, EMIL
from tests.web.services.publish.conftest import FASTER_C, SLOWER, drafted, published
from zusage.ground.reasons import Refused
from zusage.policy.edit import Put
from zusage.promises.answer import Answer
from zusage.web.calendar.jobs import refresh_touchpoints
from zusage.web.customers.actions import record_told
from zusage.web.customers.consent.actions import lock
from zusage.web.customers.models import Customer, Told
from zusage.web.desk.queries import answer_for
from zusage.web.office.models import Firm, PolicyVersion
from zusage.web.office.queries import policy_of
from zusage.web.services.models import Announcement
from zusage.web.services.publish.actions import record_announced
from zusage.web.services.publish.queries import overtaken, still_to_tell, to_tell
from zusage.web.services.queries import knowing

As = Callable[[str], Client]
ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
NOTICE = timedelta(30)
"""What a service model says that says nothing of it."""
pytestmark = pytest.mark.usefixtures("kept")


@pytest.fixture(autouse=True)
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else midnight could come amid a test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def version(office: SimpleNamespace) -> PolicyVersion:
    """Slower for A, faster for C, in force from today."""
    return published(
        drafted(office, SLOWER, FASTER_C, now=NOW), office.owner, NOW, begins_on=TODAY, risk="Geht.", reduction="Nun."
    )


def announced(version: PolicyVersion, class_key: str) -> Announcement:
    return Announcement.objects.get(policy=version, class_key=class_key)


def tell(office: SimpleNamespace, version: PolicyVersion, class_key: str, *numbers: str, on: date = TODAY) -> int:
    return record_announced(
        announcement=announced(version, class_key), numbers=numbers or None, said_on=on, how="letter",
        by=office.owner, now=NOW,
    )  # fmt: skip


def asked(number: str, day: date) -> Answer:
    """What the desk answers to a call back asked for on a day."""
    customer = Customer.objects.get(number=number)
    moment = datetime.combine(day, time(10), ZONE)
    usual = {"channel": "phone", "urgency": "normal", "cause": "asked", "matter": "", "wants": ""}
    return answer_for(customer, what="callback", now=moment, **usual)[1]


def mode(number: str, day: date) -> str | None:
    promise = asked(number, day).promise
    return promise.mode if promise else None


def test_until_told_the_desk_answers_by_the_former_promise(office: SimpleNamespace, version: PolicyVersion) -> None:
    for later in (0, 40, 400):
        day = TODAY + timedelta(later)
        assert (mode(ALMA, day), mode(CARO, day)) == ("same_day", "next_workday")


def test_what_is_less_holds_after_the_notice_and_what_is_more_at_once(
    office: SimpleNamespace, version: PolicyVersion
) -> None:
    assert (tell(office, version, "A"), tell(office, version, "C")) == (2, 2)
    assert (mode(CARO, TODAY), mode(DORO, TODAY)) == ("same_day", "same_day")
    assert [mode(ALMA, TODAY + NOTICE + timedelta(step)) for step in (-30, -1, 0, 1)] == [
        "same_day",
        "same_day",
        "next_workday",
        "next_workday",
    ]
    told = {item.number: (item.said_on, item.told_on) for item in Told.objects.filter(policy=version)}
    assert told == {
        ALMA: (TODAY, TODAY + NOTICE),
        BELA: (TODAY, TODAY + NOTICE),
        CARO: (TODAY, TODAY),
        DORO: (TODAY, TODAY),
    }


def test_the_notice_is_that_of_the_service_model(office: SimpleNamespace) -> None:
    longer = Put(("review",), {"notice_days": 90})
    version = published(
        drafted(office, SLOWER, longer, now=NOW), office.owner, NOW, begins_on=TODAY, risk="Geht.", reduction="Nun."
    )
    tell(office, version, "A")
    assert {item.told_on for item in Told.objects.filter(policy=version)} == {TODAY + timedelta(90)}


def test_chosen_ones_are_told_and_the_others_wait(office: SimpleNamespace, version: PolicyVersion) -> None:
    assert tell(office, version, "A", BELA, EMIL) == 1
    assert [item.number for item in to_tell(office.owner, announced(version, "A"))] == [ALMA]
    assert tell(office, version, "A") == 1
    assert tell(office, version, "A") == 0


def test_whoever_is_locked_is_not_on_the_list_and_named_beside_it(
    office: SimpleNamespace, version: PolicyVersion, as_role: As
) -> None:
    lock(number=CARO, why="dispute", text="", since=TODAY, by=office.owner, now=NOW)
    found = announced(version, "C")
    assert [item.number for item in to_tell(office.owner, found)] == [DORO]
    page = as_role("owner").get(f"/services/telling/{found.pk}/").content.decode()
    assert "Probe, Caro</a>: gesperrt seit" in page
    assert tell(office, version, "C") == 1
    assert not Told.objects.filter(number=CARO, assumed=False).exists()
    assert (still_to_tell(office.owner), [item.number for item in to_tell(office.owner, found)]) == (2, [])


def test_a_note_on_the_customers_page_keeps_the_notice_too(office: SimpleNamespace, version: PolicyVersion) -> None:
    alma = Customer.objects.get(number=ALMA)
    told = record_told(customer=alma, told_on=TODAY, how="call", by=office.owner, now=NOW)
    assert (told.said_on, told.told_on) == (TODAY, TODAY + NOTICE)
    assert [item.number for item in to_tell(office.owner, announced(version, "A"))] == [BELA]


@pytest.mark.parametrize("days", [1, -1])
def test_nobody_is_told_tomorrow_nor_before_the_publication(
    office: SimpleNamespace, version: PolicyVersion, days: int
) -> None:
    with pytest.raises(Refused) as refused:
        tell(office, version, "A", on=TODAY + timedelta(days))
    assert [item.reason.code for item in refused.value.findings] == ["publish_told_day"]


def test_what_is_told_before_its_day_holds_from_that_day(office: SimpleNamespace) -> None:
    begins = TODAY + timedelta(60)
    version = published(
        drafted(office, SLOWER, FASTER_C, now=NOW), office.owner, NOW, begins_on=begins, risk="a", reduction="b"
    )
    tell(office, version, "A")
    tell(office, version, "C")
    assert {item.told_on for item in Told.objects.filter(policy=version)} == {begins}


def test_how_many_know_what_holds(office: SimpleNamespace, version: PolicyVersion) -> None:
    before = knowing(TODAY)
    assert (before.all, before.known, before.assumed) == (5, 0, 0)
    tell(office, version, "C")
    tell(office, version, "A")
    assert (knowing(TODAY).known, knowing(TODAY + NOTICE).known) == (2, 4)


def test_a_later_version_takes_the_place_of_what_was_announced(office: SimpleNamespace, version: PolicyVersion) -> None:
    office.version = version
    back = drafted(office, *[], now=NOW)
    back.text = version.text.replace("A: next_workday", "A: within 2 workdays")
    back.save()
    later = published(back, office.owner, NOW, begins_on=TODAY, label="three", risk="a", reduction="b")
    assert overtaken(announced(version, "A"))
    assert not overtaken(announced(version, "C"))
    with pytest.raises(Refused) as refused:
        tell(office, version, "A")
    assert [item.reason.code for item in refused.value.findings] == ["publish_told_overtaken"]
    assert tell(office, later, "A") == 2


# --- pages


def test_the_page_lists_who_is_to_be_told_and_notes_it(
    office: SimpleNamespace, version: PolicyVersion, as_role: As, django_assert_num_queries: Any
) -> None:
    adviser, found = as_role("adviser"), announced(version, "A")
    address = f"/services/telling/{found.pk}/"
    assert adviser.get("/services/telling/").context["waiting"] == 4
    page = adviser.get(address)
    assert [item.number for item in page.context["page"]] == [BELA, ALMA]
    assert page.context["lines"] == [("Rückruf", "am selben Arbeitstag", "am nächsten Arbeitstag", True)]
    typed = {"said_on": str(TODAY), "how": "letter"}
    for role in ("assistant", "auditor"):
        assert as_role(role).post(address, typed | {"which": "all"}).status_code == 403
    assert adviser.post(address, typed | {"which": "chosen", "number": [BELA]}).status_code == 302
    assert [item.number for item in adviser.get(address).context["page"]] == [ALMA]
    ahead = adviser.post(address, {"said_on": str(TODAY + timedelta(1)), "how": "letter", "which": "all"})
    assert (ahead.status_code, ahead.context["form"]["how"].value()) == (422, "letter")
    adviser.post(address, typed | {"which": "all"})
    assert "Alle sind informiert." in adviser.get(address).content.decode()


def test_only_ones_own_customers_are_listed_where_the_firm_says_so(
    office: SimpleNamespace, version: PolicyVersion, as_role: As
) -> None:
    Customer.objects.filter(number=ALMA).update(adviser="Jemand")
    Firm.objects.update(advisers_see_own_only=True)
    page = as_role("adviser").get(f"/services/telling/{announced(version, 'A').pk}/")
    assert [item.number for item in page.context["page"]] == [BELA]


def test_the_list_for_letters_holds_texts_and_is_recorded(
    office: SimpleNamespace, version: PolicyVersion, as_role: As
) -> None:
    Customer.objects.filter(number=BELA).update(name="=HYPERLINK(1)")
    content = as_role("owner").get(f"/services/telling/{announced(version, 'A').pk}.xlsx").content
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]
    assert sorted(row[:2] for row in rows) == [(ALMA, "Muster, Alma"), (BELA, "=HYPERLINK(1)")]
    assert rows[0][4] == "Rückruf: am nächsten Arbeitstag"
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=2) for cell in row} == {"s"}
    assert LogEntry.objects.filter(additional_data__export="announcement").count() == 1


# --- what falls due unasked


def test_what_was_promised_unasked_goes_on_falling_due_until_the_new_is_told_and_the_notice_over(
    office: SimpleNamespace,
) -> None:
    less = Put(("matrix", "annual_check", "A"), "on_request")
    version = published(
        drafted(office, less, now=NOW), office.owner, NOW, begins_on=TODAY, risk="Geht.", reduction="Nun."
    )
    policy, birthday = policy_of(version), date(TODAY.year + 1, 3, 1)  # Alma came on a first of March
    before, after = birthday - timedelta(20), birthday.replace(year=birthday.year + 1) - timedelta(20)
    assert refresh_touchpoints(office.run, policy, before) == 1
    tell(office, version, "A")
    assert refresh_touchpoints(office.run, policy, after) == 0

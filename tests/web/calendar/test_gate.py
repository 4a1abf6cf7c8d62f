"""What is owed unasked asks the consents: when it is planned, when a consent changes, and when it is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import people
from tests.people import ALMA, CARO, EMIL
from tests.web.desk.test_requests import take
from zusage.ground.reasons import Refused
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.promises.reaching import Touch, touch_of
from zusage.web.calendar.actions import mark_done, mark_issue_done, mark_open
from zusage.web.calendar.jobs import refresh_touchpoints
from zusage.web.calendar.models import VIAS, Touchpoint
from zusage.web.calendar.queries import agenda, issues_of, reaches, touchpoints_for
from zusage.web.customers.consent.actions import grant, object_to, take_back, withdraw
from zusage.web.customers.consent.models import ConsentUse, Objection
from zusage.web.customers.models import Customer, OwnWork

SignIn = Callable[[str], Client]


def policy_with(promise: str, measure: str = "publication") -> Policy:
    """The small service model with one more service, promised to everybody in this way."""
    more = f"newsletter: {{name: Kundenbrief, kind: standard, measure: {measure}, role: owner, promise: {promise}}}"
    return read_policy_text(people.POLICY.replace("  callback: {name", f"  {more}\n  callback: {{name")).policy


BY_MAIL = policy_with("{mode: email, per_year: 12}")
PRINTED = policy_with("{mode: print, per_year: 12}")
INVITED = policy_with("{mode: invited, per_year: 12}", "invitation")


@pytest.mark.parametrize(
    ("measure", "promise", "expected"),
    [
        ("publication", "{mode: print, per_year: 4}", Touch(("post",), "advertising")),
        ("publication", "{mode: email, per_year: 4}", Touch(("email",), "advertising")),
        ("publication", "{mode: email, per_year: 4, channels: [post, email]}", Touch(("email", "post"), "advertising")),
        ("invitation", "{mode: invited, per_year: 2}", Touch(("post", "email"), "advertising")),
        ("occasion", "{mode: active, per_year: 1}", Touch(("phone",), "advertising")),
        ("occasion", "{mode: reactive}", None),
        ("cadence", "{mode: guaranteed, per_year: 1}", Touch(("phone", "post"), "service")),
        ("cadence", "{mode: guaranteed, per_year: 1, channels: [visit, email]}", Touch(("phone", "email"), "service")),
        ("cadence", "{mode: guaranteed, per_year: 1, channels: [portal]}", Touch(("phone", "post"), "service")),
        ("cadence", "on_request", None),
    ],
)  # fmt: skip
def test_which_ways_and_which_purpose_a_service_has_follows_from_its_measure_and_promise(
    measure: str, promise: str, expected: Touch | None
) -> None:
    policy = policy_with(promise, measure)
    (found,) = {item for _, promises in policy.promises for item in promises if item.service == "newsletter"}
    assert touch_of(policy.service("newsletter"), found) == expected


def planned(office: SimpleNamespace, policy: Policy) -> dict[str, Touchpoint]:
    """The next delivery of the service to each household, as the daily job writes it down."""
    refresh_touchpoints(office.run, policy, timezone.localdate())
    found = Touchpoint.objects.filter(service="newsletter", state="open").order_by("-due_on")
    return {item.unit_id: item for item in found}


def due(number: str = ALMA, **more: object) -> Touchpoint:
    facts = {"name": number, "class_key": "A", "due_on": timezone.localdate(), "ways": "phone", "seconds": 600}
    facts |= {"service": "annual_check", "number": number, "purpose": "advertising", "role": "owner"}
    return Touchpoint.objects.create(unit_id=number, **(facts | more))


def granted(number: str = ALMA, channel: str = "phone", days_ago: int = 30) -> None:
    now = timezone.now()
    grant(
        number=number, channel=channel, purpose="advertising", granted_at=now - timedelta(days_ago), wording="Ja",
        source="Gespräch", by=None, now=now,
    )  # fmt: skip


def objected(number: str = ALMA, channel: str = "", purpose: str = "advertising") -> Objection:
    today, now = timezone.localdate(), timezone.now()
    return object_to(number=number, channel=channel, purpose=purpose, said_on=today, how="x", by=None, now=now)


def withdrawn(number: str = ALMA, channel: str = "phone") -> None:
    withdraw(
        number=number, channel=channel, purpose="advertising", said_on=timezone.localdate(), how="x", by=None,
        now=timezone.now(),
    )  # fmt: skip


def done(touchpoint: Touchpoint, office: SimpleNamespace, seen: str | None = None) -> None:
    mark_done(
        touchpoint=touchpoint, minutes=10, policy=office.policy, by=office.owner, today=timezone.localdate(),
        now=timezone.now(), seen=seen,
    )  # fmt: skip


# --- planned


def test_a_newsletter_by_mail_becomes_a_letter_for_those_who_did_not_consent(office: SimpleNamespace) -> None:
    granted(EMIL, "email")
    found = planned(office, BY_MAIL)
    assert (found[EMIL].via, found[CARO].via) == ("", "letter")
    assert (found[EMIL].number, found[EMIL].ways, found[EMIL].purpose) == (EMIL, "email", "advertising")


def test_who_objected_to_letters_gets_a_note_and_who_objected_to_everything_nothing(office: SimpleNamespace) -> None:
    objected(EMIL, "post")
    objected(CARO)
    found = planned(office, PRINTED)
    assert found[EMIL].via == "note"
    assert CARO not in found


def test_of_several_ways_the_first_allowed_one_is_taken(office: SimpleNamespace) -> None:
    objected(EMIL, "post")
    granted(EMIL, "email")
    assert planned(office, INVITED)[EMIL].via == "email"


def test_care_of_the_contract_needs_no_consent_and_respects_a_way_that_was_refused(office: SimpleNamespace) -> None:
    objected(EMIL)
    care = policy_with("{mode: guaranteed, per_year: 12}", "cadence")
    assert planned(office, care)[EMIL].via == ""
    objected(EMIL, "phone", "service")
    assert planned(office, care)[EMIL].via == "post"


# --- when a consent changes


def test_a_withdrawal_shows_at_once_in_what_is_planned(office: SimpleNamespace, as_role: SignIn) -> None:
    granted()
    take(office, EMIL)  # Today shows the week once there was a request
    touch, client = due(), as_role("owner")
    assert "Brief statt Anruf" not in client.get("/calendar/").content.decode()
    withdrawn()
    for address in ("/calendar/", "/", f"/caller/?number={ALMA}", f"/customers/{ALMA}/"):
        assert "Brief statt Anruf" in client.get(address).content.decode()
    granted(days_ago=0)
    touch.refresh_from_db()
    assert (touch.via, touch.state) == ("", "open")


def test_an_objection_to_everything_ends_what_is_open_and_the_next_day_may_bring_it_back(
    office: SimpleNamespace,
) -> None:
    touch = planned(office, PRINTED)[EMIL]
    said = objected(EMIL)
    touch.refresh_from_db()
    assert touch.state == "gone"
    take_back(objection=said, how="x", now=timezone.now())
    assert planned(office, PRINTED)[EMIL] == touch


def test_only_open_deliveries_of_that_customer_change(office: SimpleNamespace) -> None:
    others = [due(EMIL, via=""), due(ALMA, state="done", done_on=timezone.localdate()), due(CARO, ways="")]
    objected(ALMA, "post")
    for item in others:
        item.refresh_from_db()
    assert [item.via for item in others] == ["", "", ""]


# --- done


def test_the_use_of_a_consent_is_noted_and_taken_back_with_the_delivery(office: SimpleNamespace) -> None:
    granted()
    touch = due()
    done(touch, office)
    use = ConsentUse.objects.get()
    assert (use.number, use.channel, use.purpose, use.used_on, use.what) == (
        ALMA,
        "phone",
        "advertising",
        timezone.localdate(),
        office.policy.service("annual_check").name.de,
    )
    mark_open(touchpoint=touch)
    assert (ConsentUse.objects.count(), OwnWork.objects.count()) == (0, 0)


def test_a_letter_instead_and_a_call_to_a_business_rest_on_no_consent(office: SimpleNamespace) -> None:
    Customer.objects.filter(number=EMIL).update(consumer=False)
    done(due(EMIL), office)
    done(due(ALMA, via="letter"), office)
    assert (Touchpoint.objects.filter(state="done").count(), ConsentUse.objects.count()) == (2, 0)


def test_what_changed_since_the_page_was_opened_is_not_done_but_shown(office: SimpleNamespace, as_role: SignIn) -> None:
    granted()
    touch, client = due(), as_role("owner")
    withdrawn()
    page = client.post(f"/calendar/{touch.pk}/done/", {"via": "", "back": "calendar"}, follow=True).content.decode()
    touch.refresh_from_db()
    assert (touch.state, touch.via) == ("open", "letter")
    assert "Der Weg ist inzwischen ein anderer" in page
    client.post(f"/calendar/{touch.pk}/done/", {"via": "letter"})
    touch.refresh_from_db()
    assert (touch.state, touch.via) == ("done", "letter")


def test_whoever_wants_no_advertising_any_more_is_left_out(office: SimpleNamespace) -> None:
    touch = due()
    Objection.objects.create(number=ALMA, said_on=timezone.localdate(), how="x", created_at=timezone.now())
    with pytest.raises(Refused) as refused:
        done(touch, office)
    touch.refresh_from_db()
    assert (touch.state, [item.reason.code for item in refused.value.findings]) == ("gone", ["calendar_not_any_more"])


def test_a_note_stands_in_the_panel_of_the_next_call_and_is_done_there(
    office: SimpleNamespace, as_role: SignIn
) -> None:
    touch, client = due(via="note"), as_role("assistant")
    objected(ALMA, "post")
    page = client.get(f"/caller/?number={ALMA}").content.decode()
    assert re.sub(r"<[^>]+>|\s+", " ", page).count("Jetzt ansprechen") == 1
    sent = dict(re.findall(r'name="(back|via|minutes)" value="(\w*)"', page))
    assert sent == {"back": "caller", "via": "note", "minutes": "0"}
    assert client.post(f"/calendar/{touch.pk}/done/", sent).headers["Location"] == "/caller/"
    touch.refresh_from_db()
    assert (touch.state, OwnWork.objects.count(), ConsentUse.objects.count()) == ("done", 0, 0)


# --- issues


def test_an_issue_says_how_many_get_it_in_which_way_and_notes_stand_alone(office: SimpleNamespace) -> None:
    today = timezone.localdate()
    for number, via in ((ALMA, ""), (CARO, "letter"), (EMIL, "note"), ("N1", "message")):
        due(number, service="newsletter", ways="email message", via=via)
    found = agenda(touchpoints_for(office.owner), issues_of(BY_MAIL), today)
    (week,) = found.weeks
    assert [(item.receivers, item.letters, item.others) for item in week.issues] == [(3, 1, 1)]
    assert [item.unit_id for item in week.touchpoints] == [EMIL]


def test_an_issue_goes_out_to_those_whose_way_is_still_the_same(office: SimpleNamespace) -> None:
    granted(ALMA, "email")
    granted(EMIL, "email")
    for number, via in ((ALMA, ""), (EMIL, "letter"), (CARO, "letter"), ("N1", "note")):
        due(number, service="newsletter", ways="email", via=via)
    sent = mark_issue_done(
        found=Touchpoint.objects.all(), what="Kundenbrief", by=office.owner, today=timezone.localdate()
    )
    states = {item.unit_id: (item.state, item.via) for item in Touchpoint.objects.all()}
    assert (sent.done, sent.changed) == (2, 1)
    assert states == {ALMA: ("done", ""), EMIL: ("open", ""), CARO: ("done", "letter"), "N1": ("open", "note")}
    assert [(use.number, use.what) for use in ConsentUse.objects.all()] == [(ALMA, "Kundenbrief")]


@pytest.mark.parametrize("size", [1, 3, 600])
def test_the_gate_asks_the_same_number_of_questions_for_any_number_of_deliveries(
    office: SimpleNamespace, size: int
) -> None:
    items = [Touchpoint(number=f"N{place}", ways="email post", purpose="advertising") for place in range(size)]
    with CaptureQueriesContext(connection) as asked:
        found = reaches(items, timezone.localdate())
    assert (len(asked), len(found)) == (6, size)


NUMBERS = (ALMA, CARO, EMIL)
CHANNELS = ("phone", "email", "message", "post")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    consents=st.sets(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(CHANNELS)), max_size=4),
    objections=st.sets(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(("", *CHANNELS))), max_size=4),
    ways=st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3, unique=True),
)
def test_nobody_is_ever_reached_on_a_way_that_the_gate_refuses(
    office: SimpleNamespace,
    consents: set[tuple[str, str]],
    objections: set[tuple[str, str]],
    ways: list[str],
) -> None:
    with transaction.atomic():
        for number, channel in consents:
            granted(number, channel)
        for number, channel in objections:
            objected(number, channel)
        items = [Touchpoint(number=number, ways=" ".join(ways), purpose="advertising") for number in NUMBERS]
        for item, reach in zip(items, reaches(items, timezone.localdate()), strict=True):
            against = {channel for number, channel in objections if number == item.number}
            if reach is None:
                assert "" in against or against >= set(CHANNELS)
                continue
            assert reach.via in VIAS
            assert "" not in against
            assert reach.channel not in against
            assert reach.channel in ("", "post") or (item.number, reach.channel) in consents
        transaction.set_rollback(True)

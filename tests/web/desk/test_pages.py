"""The pages of the desk: queue, taking in, one request, steps, and two people at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests import people
from tests.people import ALMA, CARO, EMIL
from tests.web.conftest import IMPORTED
from tests.web.desk.test_requests import take
from zusage.policy.read import read_policy_text
from zusage.web.customers.models import OwnWork
from zusage.web.desk import actions
from zusage.web.desk.models import Request
from zusage.web.office.models import PolicyVersion

SignIn = Callable[[str], Client]
TYPED = {"what": "callback", "channel": "phone", "urgency": "normal", "cause": "asked", "text": "Rückfrage"}


def test_a_request_is_taken_in_and_its_sentence_stands_big(office: SimpleNamespace, as_role: SignIn) -> None:
    client = as_role("assistant")
    page = client.post(f"/requests/new/?number={ALMA}", TYPED, follow=True)
    taken = Request.objects.get()
    assert (taken.number, taken.text, taken.owner, taken.taken_by) == (ALMA, "Rückfrage", None, office.assistant)
    assert page.redirect_chain == [(f"/requests/{taken.pk}/", 302)]
    said = taken.answer["customer_text"]["de"]
    assert page.content.decode().count(f'<blockquote class="say">{said}</blockquote>') == 1


def test_the_answer_is_shown_while_it_is_typed(office: SimpleNamespace, as_role: SignIn) -> None:
    page = as_role("adviser").post(f"/requests/preview/?number={CARO}", TYPED)
    assert "Rückruf: Sie hören von uns bis" in page.content.decode()
    assert Request.objects.count() == 0
    unfinished = as_role("adviser").post(f"/requests/preview/?number={CARO}", {**TYPED, "what": ""})
    assert unfinished.status_code == 200


def test_customers_are_found_while_typing(office: SimpleNamespace, as_role: SignIn) -> None:
    page = as_role("adviser").get("/requests/find/?q=grosse").content.decode()
    assert page.count("/requests/new/?number=") == 1
    assert "Größe-Exempel, Doro" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_queue_takes_the_same_queries_for_any_number(
    office: SimpleNamespace, as_role: SignIn, number: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    for customer in (ALMA, CARO, EMIL)[:number]:
        take(office, customer, timezone.now(), owner=office.adviser)
    client = as_role("adviser")
    with django_assert_num_queries(9):  # type: ignore[attr-defined]
        page = client.get("/requests/").content.decode()
    assert page.count('<th scope="row">') == number


@pytest.mark.parametrize(("number", "pages"), [(1, (1, 0)), (3, (3, 0)), (51, (50, 1))])
def test_the_queue_comes_in_pages_and_counts_them_all(
    office: SimpleNamespace, as_role: SignIn, number: int, pages: tuple[int, int]
) -> None:
    taken = take(office, ALMA, timezone.now())
    facts = {field.name: getattr(taken, field.name) for field in Request._meta.concrete_fields if field.name != "id"}
    Request.objects.bulk_create(Request(**facts) for _ in range(number - 1))
    client = as_role("adviser")
    first, second = client.get("/requests/"), client.get("/requests/?page=2")
    rows = first.content.decode().count('<th scope="row">')
    assert (first.context["page"].paginator.count, rows) == (number, pages[0])
    assert first.content.decode().count('rel="next"') == pages[1]
    assert second.content.decode().count('<th scope="row">') == (pages[1] or pages[0])


def test_one_press_confirms_the_usual_minutes_and_can_be_taken_back(office: SimpleNamespace, as_role: SignIn) -> None:
    taken, client = take(office, CARO, timezone.now()), as_role("assistant")
    assert client.post(f"/requests/{taken.pk}/done/", {"version": 1, "back": "today"}).headers["Location"] == "/"
    assert OwnWork.objects.values_list("number", "seconds", "activity").get() == (CARO, 360, "call")
    client.post(f"/requests/{taken.pk}/correct/", {"version": 2, "minutes": 25, "activity": "call"})
    assert OwnWork.objects.get().seconds == 25 * 60
    client.post(f"/requests/{taken.pk}/reopen/", {"version": 3})
    assert (OwnWork.objects.count(), Request.objects.get().state) == (0, "open")


def test_who_is_second_sees_both_and_loses_nothing(office: SimpleNamespace, as_role: SignIn) -> None:
    taken = take(office, ALMA, timezone.now())
    as_role("owner").post(f"/requests/{taken.pk}/pause/", {"version": 1})
    late = {"version": 1, "until": "2099-01-05", "whom": "us", "text": "mein Text"}
    page = as_role("adviser").post(f"/requests/{taken.pk}/postpone/", late)
    text = page.content.decode()
    assert page.status_code == 409
    assert [text.count(piece) for piece in ("mein Text", "2099-01-05", "Wartet auf den Kunden")] == [1, 1, 1]


def test_what_cannot_be_says_why(office: SimpleNamespace, as_role: SignIn) -> None:
    taken, client = take(office, ALMA, timezone.now()), as_role("owner")
    past = client.post(f"/requests/{taken.pk}/postpone/", {"version": 1, "until": "2020-01-05", "whom": "us"})
    assert past.status_code == 422
    assert "Dieser Tag ist schon vorbei." in past.content.decode()
    assert client.post(f"/requests/{taken.pk}/resume/", {"version": 1}).status_code == 422
    assert client.post(f"/requests/{taken.pk}/burn/", {"version": 1}).status_code == 404


def test_a_need_is_noted_for_anyone(office: SimpleNamespace, as_role: SignIn) -> None:
    as_role("assistant").post(f"/requests/need/{CARO}/", {"text": "zieht um", "what": "advice"})
    assert Request.objects.values_list("noticed", "number", "what").get() == (True, CARO, "advice")


def test_an_auditor_reads_and_changes_nothing(office: SimpleNamespace, as_role: SignIn) -> None:
    taken, client = take(office, ALMA, timezone.now()), as_role("auditor")
    assert client.get(f"/requests/{taken.pk}/").content.decode().count(f'action="/requests/{taken.pk}/') == 0
    assert client.post(f"/requests/{taken.pk}/drop/", {"version": 1}).status_code == 403
    assert client.get(f"/requests/new/?number={ALMA}").status_code == 403


def test_what_is_anothers_is_not_there(office: SimpleNamespace, as_role: SignIn) -> None:
    office.firm.advisers_see_own_only = True
    office.firm.save()
    office.run.customer_set.filter(number=ALMA).update(adviser="Jemand anderes")
    hidden, own = take(office, ALMA, timezone.now()), take(office, CARO, timezone.now())
    handed = take(office, ALMA, timezone.now(), owner=office.adviser)
    client = as_role("adviser")
    found = [client.get(f"/requests/{item.pk}/").status_code for item in (hidden, own, handed)]
    assert found == [404, 200, 200]
    assert client.post(f"/requests/{hidden.pk}/drop/", {"version": 1}).status_code == 404


def test_the_rest_of_an_allowance_is_said_with_the_answer(office: SimpleNamespace, as_role: SignIn) -> None:
    service = "  free: {name: Kontingent, kind: standard, measure: allowance}"
    cells = "  free: {A: {mode: contacts, number: 3}, B: unlimited, C: {mode: hours, number: 2}}"
    text = people.POLICY.replace("matrix:", f"{service}\nmatrix:\n{cells}").replace("version: test", "version: free")
    PolicyVersion.objects.create(
        text=text, hash=read_policy_text(text).policy.hash, label="free", valid_from=date(2026, 6, 1),
        published_at=IMPORTED, published_by=office.owner,
    )  # fmt: skip
    now = timezone.now()
    for channel in ("phone", "email"):
        take(office, ALMA, now, channel=channel)
    long = take(office, CARO, now)
    actions.done(request=long, version=1, minutes=60, activity="call", at=now, by=office.owner, now=now)
    client = as_role("adviser")
    said = [client.post(f"/requests/preview/?number={number}", TYPED).content.decode() for number in (ALMA, CARO)]
    assert "Freikontingent: noch 1,5 von 3 Kontakten." in said[0]
    assert "Freikontingent: noch 1:00\u00a0Std. von 2:00\u00a0Std." in said[1]

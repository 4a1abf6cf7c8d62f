"""The time sample: people are asked at moments nobody knows before, and nobody is watched."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests import people
from tests.people import ALMA, CARO, call, full_logs, full_year, tables
from zusage.ground.reasons import Refused
from zusage.plan import make_plan
from zusage.policy.document import Policy
from zusage.web.bridge.times import Contacts, Seen, contacts_between, measured_times
from zusage.web.office.models import Absence, User
from zusage.web.services.models import Ask, Draft, Taker, TimeSample
from zusage.web.services.queries import read_draft
from zusage.web.services.sample import queries
from zusage.web.services.sample.actions import (
    answer_ask,
    close_over,
    close_sample,
    join_sample,
    leave_sample,
    start_sample,
    undo_answer,
)

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
AFTER = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
WEEKLY = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def working(office: SimpleNamespace) -> SimpleNamespace:
    """Everybody works in the one role of the small service model."""
    User.objects.exclude(role="auditor").update(works_as="owner")
    for person in office.users.values():
        person.refresh_from_db()
    return office


def started(office: SimpleNamespace, *persons: str, per_day: int = 6) -> TimeSample:
    invited = [office.users[name] for name in persons or ("owner", "adviser", "assistant")]
    return start_sample(
        first_on=MONDAY,
        last_on=FRIDAY,
        per_day=per_day,
        people=invited,
        policy=office.policy,
        by=office.owner,
        now=START,
    )


def joined(office: SimpleNamespace, name: str, *, alone: bool = False, now: datetime = START) -> Taker:
    taker = queries.taker_for(office.users[name])
    assert taker is not None
    join_sample(taker=taker, weekly=WEEKLY, shown_alone=alone, policy=office.policy, seed=name, now=now)
    return Taker.objects.get(pk=taker.pk)


def answered(taker: Taker, *kinds: str) -> None:
    """The first questions are answered so, at once; the others are missed."""
    for ask, kind in zip(Ask.objects.filter(taker=taker), kinds, strict=False):
        answer_ask(user=taker.user, ask=ask.pk, kind=kind, now=ask.at + MINUTE)


def results(office: SimpleNamespace, reader: str, now: datetime = AFTER) -> list[queries.Result]:
    takers = queries.takers_of(TimeSample.objects.get())
    return queries.results_for(office.users[reader], takers, office.policy, now)


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.findings[0].reason.code


# --- who is asked, and when


def test_nobody_is_asked_who_has_not_said_yes(working: SimpleNamespace) -> None:
    started(working)
    assert Ask.objects.count() == 0
    taker = joined(working, "adviser")
    # six questions on the firm's longest day of seven hours; this person's own days have eight
    assert Ask.objects.filter(taker=taker).count() in (34, 35)
    assert {ask.at.astimezone(UTC).date() for ask in Ask.objects.all()} == {MONDAY + timedelta(n) for n in range(5)}
    assert {(ask.until - ask.at).total_seconds() for ask in Ask.objects.all()} == {900.0}


def test_two_people_are_asked_at_moments_of_their_own(working: SimpleNamespace) -> None:
    started(working)
    moments = [{ask.at for ask in joined(working, name).asks.all()} for name in ("owner", "adviser")]
    assert moments[0] & moments[1] == set()


def test_who_joins_later_is_asked_from_then_on(working: SimpleNamespace) -> None:
    started(working)
    wednesday = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    taker = joined(working, "adviser", now=wednesday)
    assert all(ask.at >= wednesday for ask in taker.asks.all())
    assert taker.asks.count() in (17, 18, 19, 20)


def test_holidays_and_absences_are_left_out_also_when_they_are_entered_later(working: SimpleNamespace) -> None:
    Absence.objects.create(user=working.adviser, first_on=MONDAY, last_on=MONDAY)
    started(working)
    taker = joined(working, "adviser")
    assert {ask.at.date() for ask in taker.asks.all()} == {MONDAY + timedelta(n) for n in range(1, 5)}
    before = queries.seen_of(queries.takers_of(taker.sample)[0], working.policy, AFTER)
    Absence.objects.create(user=working.adviser, first_on=FRIDAY, last_on=FRIDAY)
    after = queries.seen_of(queries.takers_of(taker.sample)[0], working.policy, AFTER)
    assert (before.seconds, after.seconds) == (4 * 8 * 3600, 3 * 8 * 3600)
    assert before.missed > after.missed


def test_a_sample_is_refused_where_days_people_or_questions_do_not_fit(working: SimpleNamespace) -> None:
    def start(**more: Any) -> Callable[[], TimeSample]:
        usual = {"first_on": MONDAY, "last_on": FRIDAY, "per_day": 6, "people": [working.owner], "by": working.owner}
        return lambda: start_sample(**usual | more, policy=working.policy, now=START)

    assert refusal(start(first_on=date(2026, 11, 19))) == "hours_days_wrong"
    assert refusal(start(last_on=date(2026, 11, 22))) == "hours_days_wrong"
    assert refusal(start(last_on=date(2027, 2, 1))) == "hours_days_wrong"
    assert refusal(start(people=[])) == "hours_nobody"
    assert refusal(start(people=[working.auditor])) == "hours_nobody"
    assert refusal(start(per_day=20)) == "sampling_too_dense"
    start()()
    assert refusal(start()) == "hours_one_at_a_time"


def test_hours_in_which_nobody_can_be_asked_are_refused(working: SimpleNamespace) -> None:
    started(working)
    taker = queries.taker_for(working.adviser)
    assert taker is not None

    def join(weekly: dict[str, list[list[str]]]) -> Callable[[], None]:
        return lambda: join_sample(
            taker=taker, weekly=weekly, shown_alone=False, policy=working.policy, seed="1", now=START
        )

    assert refusal(join({})) == "hours_no_moment"
    assert refusal(join({"mon": [["9 Uhr", "17:00"]]})) == "worktime_bad_clock"


# --- answering


def test_a_question_can_be_answered_while_it_is_open_and_counts_as_missed_later(working: SimpleNamespace) -> None:
    started(working)
    taker = joined(working, "adviser")
    first, second = Ask.objects.filter(taker=taker)[:2]

    def answer(ask: Ask, kind: str, now: datetime) -> Callable[[], None]:
        return lambda: answer_ask(user=taker.user, ask=ask.pk, kind=kind, now=now)

    assert queries.now_for(taker, first.at - MINUTE) == queries.Now(None, None, 0, 0)
    assert refusal(answer(first, "phone", first.at - MINUTE)) == "hours_too_late"
    now = queries.now_for(taker, first.at + 10 * MINUTE)
    assert (now.ask, now.answered) == (first, None)
    answer_ask(user=taker.user, ask=first.pk, kind="phone", now=first.at + 10 * MINUTE)
    assert refusal(answer(first, "desk", first.at + 11 * MINUTE)) == "hours_too_late"
    late = second.at + 16 * MINUTE
    assert refusal(answer(second, "phone", late)) == "hours_too_late"
    assert queries.now_for(taker, late) == queries.Now(None, None, 1, 1)


def test_nobody_answers_for_somebody_else_and_only_what_can_be_done(working: SimpleNamespace) -> None:
    started(working)
    ask = joined(working, "adviser").asks.all()[0]
    assert refusal(lambda: answer_ask(user=working.owner, ask=ask.pk, kind="phone", now=ask.at)) == "hours_too_late"
    assert refusal(lambda: answer_ask(user=working.adviser, ask=ask.pk, kind="sleep", now=ask.at)) == "hours_too_late"
    assert Ask.objects.exclude(kind="").count() == 0


def test_a_wrong_touch_can_be_taken_back_for_a_minute(working: SimpleNamespace) -> None:
    started(working)
    ask = joined(working, "adviser").asks.all()[0]
    last = ask.until - timedelta(seconds=5)
    answer_ask(user=working.adviser, ask=ask.pk, kind="phone", now=last)
    assert refusal(lambda: undo_answer(user=working.owner, ask=ask.pk, now=last)) == "hours_too_late_to_undo"
    undo_answer(user=working.adviser, ask=ask.pk, now=last + timedelta(seconds=30))
    # taken back in its last seconds, it stays open for another minute
    answer_ask(user=working.adviser, ask=ask.pk, kind="desk", now=last + timedelta(seconds=80))
    assert Ask.objects.get(pk=ask.pk).kind == "desk"
    later = last + 3 * MINUTE
    assert refusal(lambda: undo_answer(user=working.adviser, ask=ask.pk, now=later)) == "hours_too_late_to_undo"


# --- what the answers say, and to whom


def test_the_shares_of_a_role_are_those_of_the_answers_and_missed_ones_stand_apart(working: SimpleNamespace) -> None:
    started(working)
    for name in ("owner", "adviser", "assistant"):
        answered(joined(working, name), *["phone"] * 6, *["internal"] * 3, "away")
    (found,) = results(working, "owner")
    lines = {line.kind: line for line in found.lines}
    assert (found.people, found.given, found.hidden) == (3, 30, False)
    assert found.missed == Ask.objects.count() - 30
    assert round(lines["phone"].share.share, 6) == 0.6
    assert lines["phone"].share.if_none < 0.25
    assert lines["phone"].share.if_all > 0.75
    assert found.practical is not None
    assert round(found.practical.share, 6) == round(6 / 9, 6)
    week = lines["phone"].week
    assert week is not None
    assert week.seconds == round(40 * 3600 * 6 / 9)
    assert lines["away"].week is None


def test_a_single_persons_answers_are_shown_to_nobody_else_unless_they_agreed(working: SimpleNamespace) -> None:
    started(working)
    answered(joined(working, "adviser"), "phone", "desk")
    assert [(item.hidden, item.given, item.lines) for item in results(working, "owner")] == [(True, 0, ())]
    assert results(working, "adviser")[0].given == 2
    answered(joined(working, "owner"), "phone")
    # two in the role, and the reader is one of them: the rest would be the other's
    assert results(working, "owner")[0].hidden
    assert not results(working, "auditor")[0].hidden
    Taker.objects.filter(user=working.adviser).update(shown_alone=True)
    assert not results(working, "owner")[0].hidden


def test_while_a_sample_runs_nobody_sees_an_answer_come(
    working: SimpleNamespace, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = started(working)
    for name in ("owner", "adviser", "assistant"):
        answered(joined(working, name), *["phone"] * 12)  # of the first two days
    clock = [datetime(2026, 11, 23, 22, 0, tzinfo=UTC)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    address = f"/services/time-sample/{sample.pk}/"
    assert "Noch gibt es keine Antworten" in page(as_role("owner"), address)
    clock[0] = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    first = Ask.objects.filter(at__date=MONDAY).exclude(kind="").count()
    assert f"{first} Antworten" in page(as_role("owner"), address)


def test_whoever_stops_takes_their_answers_along(working: SimpleNamespace) -> None:
    started(working)
    taker = joined(working, "adviser")
    answered(taker, "phone", "desk")
    leave_sample(taker=taker)
    assert (Ask.objects.count(), results(working, "adviser")) == (0, [])
    assert joined(working, "adviser").asks.count() > 0


def test_after_the_last_day_only_sums_are_left_and_they_say_the_same(working: SimpleNamespace) -> None:
    sample = started(working)
    for name in ("owner", "adviser", "assistant"):
        answered(joined(working, name), "phone", "desk", "internal")
    before = results(working, "owner")
    close_over(today=FRIDAY, policy=working.policy, now=AFTER)
    assert TimeSample.objects.get().running
    close_over(today=FRIDAY + timedelta(1), policy=working.policy, now=AFTER)
    assert (TimeSample.objects.get().running, Ask.objects.count()) == (False, 0)
    assert results(working, "owner") == before
    close_sample(sample=sample, policy=working.policy, now=AFTER)  # once is enough
    assert results(working, "owner") == before


# --- from shares to times


def test_one_activity_of_a_kind_takes_its_hours_by_its_contacts() -> None:
    policy = people.changed()
    seen = [Seen({"phone": 25, "desk": 25, "internal": 50}, 0, 40 * 3600)]
    found = {
        (item.name, item.what): item
        for item in queries.proposed_times(seen, Contacts(frozenset({"calls"}), {"call": 100}), policy, "de")
    }
    call = found["call", "minutes"]
    # a quarter of 40 hours are 10 hours; for 100 calls 6 minutes each
    assert (call.contacts, call.now, call.measured.seconds) == (100, 360, 360)
    assert call.measured.low < 360 < call.measured.high
    # the work around them is the other quarter
    assert found["call", "around"].measured.seconds == 360


def test_several_activities_of_a_kind_keep_their_proportion() -> None:
    more = "  claim_call: {cause: duty, role: owner, minutes: 18, match: [{log: calls, topic: schaden}]}\n"
    policy = people.changed(("activities:\n", "activities:\n" + more))
    seen = [Seen({"phone": 50, "internal": 50}, 0, 20 * 3600)]
    contacts = Contacts(frozenset({"calls"}), {"call": 50, "claim_call": 10})
    found = {item.name: item.measured.seconds for item in queries.proposed_times(seen, contacts, policy, "de")}
    # 10 hours where 50 × 6 + 10 × 18 = 480 minutes are assumed: all take 1.25 times as long
    assert found == {"call": 450, "claim_call": 1350}


def test_calls_that_nobody_took_are_no_time_on_the_telephone() -> None:
    more = "  missed: {cause: asked, role: owner, minutes: 2, around: 3, match: [{log: calls, direction: missed}]}\n"
    policy = people.changed(("activities:\n", "activities:\n" + more))
    contacts = Contacts(frozenset({"calls"}), {"call": 100, "missed": 50})
    found = queries.proposed_times([Seen({"phone": 25, "internal": 75}, 0, 40 * 3600)], contacts, policy, "de")
    assert [(item.name, item.measured.seconds) for item in found] == [("call", 360)]


def test_without_the_log_of_these_days_there_is_no_time_per_contact() -> None:
    policy = people.changed()
    seen = [Seen({"phone": 50}, 0, 20 * 3600)]
    assert queries.proposed_times(seen, Contacts(frozenset(), {"call": 50}), policy, "de") == []
    assert queries.proposed_times(seen, Contacts(frozenset({"calls"}), {}), policy, "de") == []
    assert queries.proposed_times([], Contacts(frozenset({"calls"}), {"call": 50}), policy, "de") == []


def plan_of(policy: Policy, **given: Any) -> tuple[Any, Any]:
    book = tables(yields=full_year(), **given)
    return book, make_plan(book, policy, as_of=people.TODAY)


def test_contacts_are_counted_in_the_days_and_only_of_logs_that_cover_them() -> None:
    days = [date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 11)]
    book, plan = plan_of(people.changed(), work=[call(CARO, on=day) for day in days], logs=full_logs("calls"))
    found = contacts_between(book, plan, date(2026, 5, 4), date(2026, 5, 8))
    assert (found.logs, found.by_activity) == (frozenset({"calls"}), {"call": 2})
    late = contacts_between(book, plan, date(2026, 10, 30), date(2026, 11, 3))
    assert (late.logs, late.by_activity) == (frozenset(), {})
    halves = [
        {"log": "calls", "first_on": date(2026, 5, 1), "last_on": date(2026, 5, 5)},
        {"log": "calls", "first_on": date(2026, 5, 6), "last_on": date(2026, 5, 31)},
    ]
    book, plan = plan_of(people.changed(), work=[call(CARO, on=day) for day in days], logs=halves)
    assert contacts_between(book, plan, date(2026, 5, 4), date(2026, 5, 8)).by_activity == {"call": 2}


def test_measured_times_are_median_mean_and_where_nine_of_ten_lie() -> None:
    seconds = [60, 120, 180, 240, 900]
    book, plan = plan_of(people.changed(), work=[call(ALMA, item) for item in seconds], logs=full_logs("calls"))
    found = measured_times(book, plan)["call"]
    assert (found.rows, found.median, found.mean, found.low, found.high) == (5, 180, 300, 60, 900)
    book, plan = plan_of(people.changed(), work=[call(ALMA, None), call(ALMA, 0)], logs=full_logs("calls"))
    assert measured_times(book, plan) == {}


# --- the pages


def page(client: Client, path: str, **more: Any) -> str:
    return unescape(client.get(path, **more).content.decode())


def test_from_the_invitation_to_the_answer_on_the_phone(
    working: SimpleNamespace, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, adviser = as_role("owner"), as_role("adviser")
    clock = [START]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])
    monkeypatch.setattr("django.utils.timezone.localdate", lambda value=None: (value or clock[0]).date())
    assert "Noch wurde nicht gemessen" in page(owner, "/services/time-sample/")
    sent = {"first_on": "2026-11-23", "last_on": "2026-11-27", "per_day": "6", "people": [working.adviser.pk]}
    answer = owner.post("/services/time-sample/", sent)
    assert answer.headers["Location"] == f"/services/time-sample/{TimeSample.objects.get().pk}/"
    assert "Machen Sie mit?" in page(adviser, "/services/time-sample/now/")
    assert "Sie werden zurzeit nicht gefragt" in page(owner, "/services/time-sample/now/")
    hours = {"mon_from": "09:00", "mon_to": "17:00", "tue_from": "18:00"}
    assert adviser.post("/services/time-sample/now/take-part/", hours).status_code == 422
    assert adviser.post("/services/time-sample/now/take-part/", hours | {"tue_to": "21:00"}).status_code == 302
    ask = Ask.objects.all()[0]
    waiting = page(adviser, "/services/time-sample/now/")
    assert "Zurzeit keine Frage" in waiting
    assert f"{ask.at:%H:%M}" not in waiting
    seen = re.search(r"\?seen=([\d-]+)", waiting)
    assert seen is not None
    same = adviser.get(f"/services/time-sample/now/?seen={seen[1]}", headers={"HX-Request": "true"})
    assert (same.status_code, same.content) == (204, b"")
    clock[0] = ask.at + MINUTE
    adviser = as_role("adviser")  # three days later
    asked = page(adviser, f"/services/time-sample/now/?seen={seen[1]}", headers={"HX-Request": "true"})
    assert re.findall(r'name="kind" value="(\w+)"', asked) == ["phone", "meeting", "desk", "road", "internal", "away"]
    assert asked.startswith('<div id="moment"')
    answer = adviser.post("/services/time-sample/now/", {"ask": ask.pk, "kind": "road"}, headers={"HX-Request": "true"})
    assert "Notiert: Unterwegs zu Kunden." in answer.content.decode()
    assert Ask.objects.get(pk=ask.pk).kind == "road"
    adviser.post("/services/time-sample/now/", {"ask": ask.pk, "undo": "yes"})
    assert Ask.objects.get(pk=ask.pk).kind == ""
    clock[0] = ask.until + 2 * MINUTE
    late = adviser.post("/services/time-sample/now/", {"ask": ask.pk, "kind": "road"}, follow=True)
    assert "Sie zählt als verpasst" in late.content.decode()
    assert "Antworten: 0, verpasst: 1" in late.content.decode()
    adviser.post("/services/time-sample/now/take-part/", {"leave": "yes"})
    assert Ask.objects.count() == 0


def test_the_results_are_taken_over_into_a_draft(
    working: SimpleNamespace, draft: Draft, as_role: Callable[[str], Client]
) -> None:
    sample = started(working)
    for name in ("owner", "adviser", "assistant"):
        answered(joined(working, name), *["phone"] * 6, *["internal"] * 3, "away")
    Draft.objects.update(text=draft.text.replace("practical_share: 40 %", "practical_share: 40 %, internal_hours: 1"))
    owner = as_role("owner")
    assert "Minuten je Kontakt gibt es, wenn" in page(owner, f"/services/time-sample/{sample.pk}/")
    close_sample(sample=sample, policy=working.policy, now=AFTER)
    html = page(owner, f"/services/time-sample/{sample.pk}/")
    assert "67\xa0% der Arbeitszeit für Kunden" in html
    assert "Importieren Sie die Anrufliste und den Kalender" in html
    taken = owner.post(f"/services/{draft.pk}/hours/sample/", {"sample": sample.pk, "version": 1})
    assert taken.headers["Location"] == f"/services/{draft.pk}/hours/"
    role = read_draft(Draft.objects.get()).policy.roles[0]
    assert (role.practical_permille, role.internal_seconds) == (670, 0)
    assert owner.post(f"/services/{draft.pk}/hours/sample/", {"sample": sample.pk, "version": 1}).status_code == 409
    assert owner.post(f"/services/{draft.pk}/hours/sample/", {"sample": 99, "version": 2}).status_code == 404


@pytest.mark.parametrize("takers", [1, 3])
def test_results_take_the_same_number_of_queries_for_one_person_and_for_three(
    working: SimpleNamespace, takers: int, django_assert_num_queries: Any
) -> None:
    names = ("owner", "adviser", "assistant")[:takers]
    started(working, *names)
    for name in names:
        answered(joined(working, name), "phone", "desk")
    with django_assert_num_queries(4):
        results(working, "owner")


def test_today_leads_those_who_are_invited_to_their_page(
    working: SimpleNamespace, as_role: Callable[[str], Client]
) -> None:
    started(working, "adviser")
    assert "Sie sind zu einer Zeitstichprobe eingeladen" in page(as_role("adviser"), "/")
    assert "Zeitstichprobe" not in page(as_role("owner"), "/")
    joined(working, "adviser")
    assert "Bis 27.11.2026 läuft eine Zeitstichprobe" in page(as_role("adviser"), "/")


def test_results_and_pages_speak_english_too(working: SimpleNamespace, as_role: Callable[[str], Client]) -> None:
    User.objects.update(language="en")
    sample = started(working, "adviser")
    answered(joined(working, "adviser", alone=True), "phone", "desk", "internal")
    assert "Stop taking part" in page(as_role("adviser"), "/services/time-sample/now/")
    close_sample(sample=sample, policy=working.policy, now=AFTER)
    assert "of the working time for customers" in page(as_role("owner"), f"/services/time-sample/{sample.pk}/")

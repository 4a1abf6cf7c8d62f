"""Stories of the promise clock, told from the first call to the end, with the broker's service model and program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.people import ALMA, CARO, DORO, EMIL

from zusage import engine
from zusage.ground.reasons import Refused
from zusage.policy.document import Policy
from zusage.policy.read import read_policy, read_policy_text
from zusage.promises.cadence import due_days
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.events import Event, due_now
from zusage.promises.standing import Contact, Request, Standing, Told

BROKER = Path(__file__).parents[2] / "examples" / "broker"
TEXT = (BROKER / "policy.yaml").read_text("utf-8")


def with_allowance(text: str = TEXT) -> Policy:
    """The broker's service model with four contacts a year for the standard class, and the next package after them."""
    service = "  free: {name: {de: Freikontingent, en: Allowance}, kind: standard, measure: allowance}\n"
    cells = "  free: {A: unlimited, B: unlimited, C: {mode: contacts, number: 4, used_up: next_package}}\n"
    head, tail = text.split("\nmatrix:\n")
    return read_policy_text(f"{head}\n{service}matrix:\n{cells}{tail}").policy


POLICY = with_allowance()
CALENDAR = calendar_of(POLICY)


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=CALENDAR.hours.zone)


def local(moment: datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(CALENDAR.hours.zone).isoformat(timespec="minutes")[:16]


def test_the_standard_customer_who_calls_monthly_at_half_past_five_and_wants_the_owner() -> None:
    contacts: list[Contact] = []
    for month in range(1, 9):
        asked = at(f"2027-0{month}-05T17:30")
        standing = Standing(CARO, "C", contacts=tuple(contacts), since=date(2015, 7, 1))
        answer = decide(POLICY, CALENDAR, standing, Request(asked, "callback", wants="owner"))
        assert (answer.who, answer.response.mode) == ("inside", "next_workday")
        assert "promise_other_role" in [reason.code for reason in answer.reasons]
        assert answer.opens_at is not None
        assert answer.due_at > asked
        assert answer.settlement == ("included" if month <= 4 else "next_package")
        contacts.append(Contact(asked))
    assert "Komfort" in answer.customer_text.de


def test_the_best_customer_whose_review_was_postponed_for_five_weeks_loses_nothing() -> None:
    asked = Request(at("2027-03-01T09:30"), "annual_check")
    answer = decide(POLICY, CALENDAR, Standing(ALMA, "A"), asked)
    postponed = Event(at("2027-03-01T12:00"), "postponed", until=date(2027, 4, 5))
    assert local(due_now(answer, CALENDAR, [postponed])) == "2027-04-05T17:00"
    promise = next(item for item in POLICY.promises_of("A") if item.service == "annual_check")
    following = due_days(POLICY, CALENDAR, promise, date(2027, 3, 1), date(2027, 4, 6), date(2028, 12, 31))
    assert list(following) == [date(2028, 3, 1)]


def test_the_standard_customer_with_a_claim_comes_before_the_best_ones_question() -> None:
    used_up = tuple(Contact(at(f"2027-01-0{day}T10:00")) for day in (4, 5, 6, 7))
    asked = at("2027-02-05T11:00")
    claim = decide(
        POLICY, CALENDAR, Standing(CARO, "C", contacts=used_up), Request(asked, "claims_help", urgency="claim")
    )
    assert (claim.rule, claim.within, local(claim.due_at)) == ("floor", True, "2027-02-05T17:00")
    emergency = decide(
        POLICY, CALENDAR, Standing(CARO, "C", contacts=used_up), Request(asked, "emergencies", urgency="emergency")
    )
    question = decide(POLICY, CALENDAR, Standing(ALMA, "A"), Request(asked, "callback"))
    assert emergency.due_at <= claim.due_at <= question.due_at


def test_the_customer_upgraded_in_the_middle_of_an_open_request_keeps_the_answer_given() -> None:
    standing = Standing(EMIL, "C", told=(Told(date(2026, 11, 1), POLICY.hash, "C", POLICY.promises_of("C")),))
    given = decide(POLICY, CALENDAR, standing, Request(at("2027-02-04T10:00"), "callback"))
    upgraded = replace(standing, class_key="A")
    pending = decide(POLICY, CALENDAR, upgraded, Request(at("2027-02-04T15:00"), "callback"))
    told = replace(upgraded, told=(*standing.told, Told(date(2027, 2, 8), POLICY.hash, "A", POLICY.promises_of("A"))))
    after = decide(POLICY, CALENDAR, told, Request(at("2027-02-09T10:00"), "callback"))
    assert [item.response.mode for item in (given, pending, after)] == ["next_workday", "next_workday", "same_day"]
    faster = read_policy_text(TEXT.replace("C: next_workday", "C: within 1 hour")).policy
    assert decide(faster, calendar_of(faster), standing, given.request).response == given.response
    assert local(due_now(given, CALENDAR, [])) == local(given.due_at) == "2027-02-05T17:00"


def test_the_new_customer_without_history_has_a_full_promise_from_the_first_day() -> None:
    answer = decide(
        POLICY,
        CALENDAR,
        Standing(DORO, "provisional", since=date(2027, 2, 1)),
        Request(at("2027-02-01T10:00"), "callback"),
    )
    assert (answer.rule, answer.within, local(answer.due_at)) == ("class", True, "2027-02-02T17:00")
    assert [reason.code for reason in answer.reasons] == ["promise_rule_class", "promise_told_assumed"]


def test_the_used_up_allowance_is_never_used_up_for_what_must_not_be_refused() -> None:
    contacts = [Contact(at(f"2027-01-0{day}T10:00"), matter="Umzug" if day == 7 else None) for day in (4, 5, 6, 7)]
    used_up = Standing(CARO, "C", contacts=tuple(contacts))
    asked = at("2027-02-05T11:00")
    requests = [
        *(
            Request(asked, "callback"),
            Request(asked, "callback", matter="Umzug"),
            Request(asked, "callback", cause="ours"),
        ),
        *(Request(asked, "advice"), Request(asked, "callback", urgency="deadline"), Request(asked, "complaints")),
    ]
    assert [decide(POLICY, CALENDAR, used_up, request).settlement for request in requests] == [
        "next_package",
        *["included"] * 5,
    ]


# --- with the program


def zusage(*arguments: Any, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from zusage.cli import run; run()", *map(str, arguments)],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example firm, planned without its report."""
    folder = tmp_path_factory.mktemp("firm") / "result"
    done = zusage("plan", "-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "-o", folder, "--no-report", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def customer_of(folder: Path, key: str) -> str:
    rows = engine.rows(engine.read_parquet(folder / "memberships.parquet"))
    return str(next(row["customer_id"] for row in rows if row["class_key"] == key))


def asked(folder: Path, customer: str, *more: str) -> dict[str, Any]:
    done = zusage("decide", "-r", folder, "--customer", customer, "--json", *more)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_decide_answers_with_the_firms_offset_and_keeps_every_answer(result: Path) -> None:
    best, standard = customer_of(result, "A"), customer_of(result, "C")
    call = ("--what", "callback", "--at", "2026-11-20T14:40")
    found = [asked(result, customer, *call) for customer in (best, standard)]
    assert [item["due_at"] for item in found] == ["2026-11-20T17:00:00+01:00", "2026-11-23T17:00:00+01:00"]
    urgent = asked(result, standard, "--what", "claims_help", "--at", "2026-11-20T13:40Z", "--urgency", "claim")
    assert (urgent["due_at"], urgent["response_rule"]) == ("2026-11-20T17:00:00+01:00", "urgency")
    kept = [json.loads(line) for line in (result / "answers.jsonl").read_text("utf-8").splitlines()]
    assert kept == [*found, urgent]


def test_decide_speaks_to_people_too_and_names_all_mistakes(result: Path) -> None:
    customer = customer_of(result, "C")
    request = ("decide", "-r", result, "--customer", customer, "--at", "2026-11-20T14:40")
    spoken = zusage(*request, "--what", "callback", "--lang", "en")
    assert spoken.stdout.splitlines()[0] == "Call back: you will hear from us by Monday, 23 Nov 2026, 17:00."
    wrong = zusage(*request, "--what", "dance", "--channel", "fax", "--json")
    assert wrong.returncode == 2
    assert [item["code"] for item in json.loads(wrong.stdout)["findings"]] == [
        "promise_unknown_service",
        "promise_unknown_channel",
    ]
    for arguments, code in (
        (("--customer", "4711", "--at", "2026-11-20T14:40"), "cli_no_customer"),
        (("--customer", customer, "--at", "tomorrow"), "worktime_bad_time"),
    ):
        refused = zusage("decide", "-r", result, "--what", "callback", "--json", *arguments)
        assert (refused.returncode, [item["code"] for item in json.loads(refused.stdout)["findings"]]) == (2, [code])


def test_a_reduction_that_was_not_told_yet_is_not_lived_yet(result: Path, tmp_path: Path) -> None:
    customer = customer_of(result, "C")
    rows = engine.rows(engine.read_parquet(result / "memberships.parquet"))
    before = [row | {"class_key": "A" if row["customer_id"] == customer else row["class_key"]} for row in rows]
    (tmp_path / "before").mkdir()
    table = engine.table(
        {name: [row[name] for row in before] for name in ("customer_id", "class_key")},
        dict.fromkeys(("customer_id", "class_key"), engine.nw.String),
    )
    engine.write_parquet(table, tmp_path / "before" / "memberships.parquet")
    plan = ("plan", "-p", BROKER / "policy.yaml", "-b", BROKER / "exports", "-o", tmp_path / "after", "--no-report")
    assert zusage(*plan, "--previous", tmp_path / "before", "--json").returncode == 0
    call = ("--what", "callback", "--at", "2026-11-20T14:40")
    modes = [
        asked(tmp_path / "after", customer, *call, *told)["response"]["mode"]
        for told in ((), ("--told", "2026-11-20"), ("--told", "2026-11-21"))
    ]
    assert modes == ["same_day", "next_workday", "same_day"]


def test_due_lists_the_requests_answered_so_far_with_their_time(result: Path, tmp_path: Path) -> None:
    customer = customer_of(result, "C")
    asked(result, customer, "--what", "callback", "--at", "2026-12-04T15:40")
    span = ("--from", "2026-12-07", "--to", "2026-12-07", "--ical", tmp_path / "due.ics")
    rows = json.loads(zusage("due", "-r", result, *span, "--json").stdout)
    (request,) = [row for row in rows if row["service"] == "callback"]
    assert (request["due_at"], request["unit_id"]) == ("2026-12-07T17:00:00+01:00", customer)
    assert "DTSTART:20261207T160000Z\r\n" in (tmp_path / "due.ics").read_bytes().decode()


def test_due_lists_what_falls_due_and_writes_a_calendar_file(result: Path, tmp_path: Path) -> None:
    span = ("--from", "2026-12-01", "--to", "2027-01-31")
    done = zusage("due", "-r", result, *span, "--ical", tmp_path / "due.ics", "--json")
    rows = json.loads(done.stdout)
    assert sorted(rows, key=lambda row: str(row["due_on"])) == rows
    assert {row["service"] for row in rows if "due_at" not in row} == {"annual_check", "newsletter", "events"}
    calendar = (tmp_path / "due.ics").read_bytes().decode()
    assert calendar.count("BEGIN:VEVENT\r\n") == len(rows)
    assert len(zusage("due", "-r", result, *span).stdout.splitlines()) == len(rows)
    done_list = tmp_path / "done.csv"
    done_list.write_text("\ufeffcustomer_id;service;delivered_on\nnobody;annual_check;2026-11-01\n", "utf-8")
    for more in (("--from", "2027-12-01", "--to", "2027-01-31"), (*span, "--delivered", done_list)):
        assert zusage("due", "-r", result, *more).returncode == 2
    assert zusage("due", "-r", result, *span, "--delivered", tmp_path / "missing.csv").returncode == 2


def test_due_levelled_names_the_week_each_visit_is_best_planned_for(result: Path, tmp_path: Path) -> None:
    span = ("--from", "2026-11-01", "--to", "2027-11-01", "--levelled")
    away = tmp_path / "away.csv"
    away.write_text("role;first_on;last_on\nadviser;2027-07-05;2027-07-16\n", "utf-8")
    done = zusage("due", "-r", result, *span, "--absences", away, "--ical", tmp_path / "due.ics", "--json")
    rows = json.loads(done.stdout)
    assert {row["service"] for row in rows} == {"annual_check"}
    assert {date.fromisoformat(row["due_on"]).weekday() for row in rows} == {0}
    assert {"2027-07-05", "2027-07-12"} & {row["due_on"] for row in rows if row["due_on"] < row["due_by"][:10]} == set()
    assert (tmp_path / "due.ics").read_bytes().decode().count("BEGIN:VEVENT\r\n") == len(rows)
    away.write_text("role;first_on;last_on\nnobody;2027-07-05;2027-07-16\n", "utf-8")
    assert zusage("due", "-r", result, *span, "--absences", away).returncode == 2


def replayed(result: Path, work: Path, policy: Path, *more: str) -> dict[str, Any]:
    done = zusage("replay", "-r", result, "--work", work, "--policy", policy, "--json", *more)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def shares(found: dict[str, Any], *names: str) -> dict[str, Sequence[int]]:
    return {item["class_key"]: [item[name] for name in names] for item in found["classes"]}


def test_replay_matches_the_phone_log_by_number_and_tells_who_would_lose(result: Path, tmp_path: Path) -> None:
    today = replayed(result, BROKER / "exports", BROKER / "policy.yaml")
    parts = shares(today, "requests", "kept", "late", "not_evidenced", "open")
    assert [sum(rest) for _, *rest in parts.values()] == [requests for requests, *_ in parts.values()]
    assert set(map(tuple, shares(today, "earlier", "later", "gain", "lose").values())) == {(0, 0, 0, 0)}
    slower = tmp_path / "slower.yaml"
    slower.write_text(TEXT.replace("A: same_day", "A: within 3 workdays"), "utf-8")
    changed = replayed(result, BROKER / "exports", slower)
    assert [changed["classes"][0][name] for name in ("earlier", "gain")] == [0, 0]
    assert changed["classes"][0]["later"] == today["classes"][0]["requests"]
    assert changed["classes"][0]["kept"] >= today["classes"][0]["kept"]


def test_replay_takes_a_list_with_customer_numbers_as_well(result: Path, tmp_path: Path) -> None:
    customer = customer_of(result, "A")
    calls = tmp_path / "calls.csv"
    calls.write_text(
        "Kundennummer;Datum;Uhrzeit;Richtung;Dauer\n"
        f"{customer};05.10.2026;10:00;verpasst;0:00\n{customer};05.10.2026;15:30;ausgehend;0:05\n",
        "utf-8",
    )
    assert shares(replayed(result, calls, BROKER / "policy.yaml"), "requests", "kept")["A"] == [1, 1]
    strangers = tmp_path / "strangers.csv"
    strangers.write_text(calls.read_text("utf-8").replace(customer, "strange"), "utf-8")
    refused = zusage("replay", "-r", result, "--work", strangers, "--policy", BROKER / "policy.yaml")
    assert refused.returncode == 2


def test_worktime_answers_each_line_of_a_file_and_of_the_standard_input(tmp_path: Path) -> None:
    calendar = {"tz": "Europe/Berlin", "weekly": {"fri": [["09:00", "12:00"]]}}
    question = {"calendar": calendar, "op": "add", "start": "2026-11-20T11:00:00+01:00", "duration_s": 3600}
    lines = f"{json.dumps(question)}\nno question\n"
    (tmp_path / "questions.jsonl").write_text(lines, "utf-8")
    answers = [zusage("worktime", "-", text=lines), zusage("worktime", tmp_path / "questions.jsonl")]
    assert answers[0].stdout == answers[1].stdout
    first, second = map(json.loads, answers[0].stdout.splitlines())
    assert (first, second["error"]) == ({"result": "2026-11-20T12:00:00+01:00"}, "bad_json")


def test_the_service_model_of_the_example_firm_answers_every_service_for_every_class() -> None:
    policy = read_policy(BROKER / "policy.yaml").policy
    calendar = calendar_of(policy)
    for item in policy.classes:
        for service in policy.services:
            answer = decide(policy, calendar, Standing("1", item.key), Request(at("2026-11-20T10:00"), service.key))
            assert answer.due_at - answer.request.moment() < timedelta(8)
    with pytest.raises(Refused):
        decide(policy, calendar, Standing("1", "A"), Request(at("2026-10-20T10:00"), "callback"))

"""Opening hours, urgency, allowance and seasons in a service model: how they are written, and every slip is told."""

from __future__ import annotations

from datetime import date

import pytest
from tests.people import POLICY, changed

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say_finding
from zusage.policy.document import Dated, OpeningSeason, Policy, Response
from zusage.policy.read import read_policy_text
from zusage.policy.templates import TEMPLATES, template
from zusage.promises.terms import customer_sentence, often, sentence, term


def written(section: str) -> str:
    return POLICY.replace("\nactivities:", f"\n{section}\nactivities:", 1)


def cell(text: str) -> str:
    return POLICY.replace("C: next_workday", f"C: {text}", 1)


def slips(text: str) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        read_policy_text(text)
    for finding in caught.value.findings:
        for language in LANGUAGES:
            say_finding(finding, language)
    return [(item.reason.code, item.where.path) for item in caught.value.findings if item.severity == "error"]


def test_what_is_left_out_has_the_usual_value() -> None:
    policy = changed()
    assert [day for day, _ in policy.opening.weekly] == ["mon", "tue", "wed", "thu", "fri"]
    assert {blocks for _, blocks in policy.opening.weekly} == {(("09:00", "12:00"), ("13:00", "17:00"))}
    assert (policy.requests.standard, policy.requests.cut_off_seconds) == (Response("next_workday"), 7200)
    assert {urgency: table[0][1] for urgency, table in policy.requests.urgent} == {
        "emergency": Response("within_hours", 2),
        "claim": Response("same_day"),
        "deadline": Response("same_day"),
    }
    assert (policy.allowance.used_up, policy.allowance.charge_consumers, policy.next_from_delivery) == (
        "appointment",
        False,
        False,
    )


def test_opening_hours_may_be_written_by_ranges_of_days_with_short_times() -> None:
    section = """opening:
  hours: {mon-thu: "8-12, 13:30-18", fri: 8:00-12:30, sat: closed}
  seasons: [{first: 2026-07-01, last: 2026-07-31, hours: {mon: 9-12}}]"""
    opening = read_policy_text(written(section)).policy.opening
    assert opening.weekly == (
        *((day, (("08:00", "12:00"), ("13:30", "18:00"))) for day in ("mon", "tue", "wed", "thu")),
        ("fri", (("08:00", "12:30"),)),
    )
    assert opening.seasons == (OpeningSeason(date(2026, 7, 1), date(2026, 7, 31), (("mon", (("09:00", "12:00"),)),)),)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("opening: {hours: {monday: 9-12}}", [("policy_not_weekdays", "opening.hours.monday")]),
        ("opening: {hours: {fri-mon: 9-12}}", [("policy_not_weekdays", "opening.hours.fri-mon")]),
        ("opening: {hours: {mon-fri: 9-12, mon: 8-12}}", [("policy_weekdays_twice", "opening.hours.mon")]),
        ("opening: {hours: {mon: early}}", [("policy_not_hours", "opening.hours.mon")]),
        ("opening: {hours: {mon: 9-25}}", [("worktime_bad_clock", "opening.hours.mon[0]")]),
        ('opening: {hours: {mon: "9-12, 11-17"}}', [("worktime_overlapping_blocks", "opening.hours.mon")]),
        ("opening: {hours: {mon: closed}}", [("policy_never_open", "opening.hours")]),
        ("opening: {days: {soon: 9-12}}", [("policy_not_date", "opening.days.soon")]),
        ("opening: {closures: [{first: 2026-12-24}]}", [("policy_required", "opening.closures[0].last")]),
        ("opening: {closures: [{first: 2026-12-24, last: 2026-12-01}]}", [
            ("worktime_reversed_span", "opening.closures[0]")]),
        ("requests: {response: soon}", [("policy_not_response", "requests.response")]),
        ("requests: {cut_off: 25}", [("policy_cut_off", "requests.cut_off")]),
        ("requests: {urgency: {claim: {X: same_day}}}", [("policy_unknown_class", "requests.urgency.claim.X")]),
        ("requests: {urgency: {claim: {A: none}}}", [("policy_not_response", "requests.urgency.claim.A")]),
        ("requests: {urgency: {fire: same_day}}", [("policy_unknown_field", "requests.urgency.fire")]),
        ("allowance: {weights: {fax: 1}, channel: pigeon}", [
            ("policy_unknown_channel", "allowance.channel"), ("policy_unknown_channel", "allowance.weights.fax")]),
        ("allowance: {used_up: charge}", [("policy_charge_without_price", "allowance.quarter_hour")]),
        ("allowance: {used_up: refuse}", [("policy_not_one_of", "allowance.used_up")]),
    ],
)  # fmt: skip
def test_each_slip_is_told_with_its_place(section: str, expected: list[tuple[str, str]]) -> None:
    assert slips(written(section)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{mode: same_day, reply: soon}", [("policy_not_response", "matrix.callback.C.reply")]),
        ("{mode: same_day, completion: {mode: within_hours}}", [("policy_cell_needs", "matrix.callback.C.completion")]),
        ("{mode: same_day, per: year}", [("policy_unknown_field", "matrix.callback.C.per")]),
        (
            "{mode: windows, weekdays: [tue], from: '17:00', to: '16:00'}",
            [("policy_window_order", "matrix.callback.C.to")],
        ),
        (
            "{mode: windows, weekdays: [sat], from: '9:00', to: '10:00'}",
            [("policy_window_closed", "matrix.callback.C")],
        ),
        (
            "{mode: windows, weekdays: [tue], from: '12:00', to: '13:00'}",
            [("policy_window_closed", "matrix.callback.C")],
        ),
    ],
)
def test_a_cell_with_a_slip_is_told(text: str, expected: list[tuple[str, str]]) -> None:
    assert slips(cell(text)) == expected


def test_a_month_that_is_none_is_told() -> None:
    text = POLICY.replace("measure: cadence,", "measure: cadence, avoid: [november],")
    assert slips(text) == [("policy_not_month", "services.annual_check.avoid[0]")]
    every = "jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec"
    text = POLICY.replace("measure: cadence,", f"measure: cadence, avoid: [{every}],")
    assert slips(text) == [("policy_no_month_left", "services.annual_check.avoid")]


def test_another_clock_is_another_policy_and_another_way_to_write_it_is_not() -> None:
    plain = changed().hash
    same = "opening: {hours: {mon-fri: '09:00-12:00, 13-17'}}\nrequests: {cut_off: '2:00', urgency: {claim: same_day}}"
    assert read_policy_text(written(same)).policy.hash == plain
    for other in ("opening: {hours: {mon-fri: 9-17}}", "requests: {cut_off: 1}", "allowance: {roll_over: true}"):
        assert read_policy_text(written(other)).policy.hash != plain


def test_a_price_may_change_on_a_day() -> None:
    policy = read_policy_text(written("allowance: {quarter_hour: {2026-01-01: 20, 2027-01-01: 22}}")).policy
    assert policy.allowance.quarter_cents == Dated(((date(2026, 1, 1), 2000), (date(2027, 1, 1), 2200)))


# --- promises in words


def test_each_promise_of_each_template_is_a_sentence_for_customers() -> None:
    for name in TEMPLATES:
        policy = read_policy_text(template(name, "de")).policy
        for _, promises in policy.promises:
            for promise in promises:
                for language in LANGUAGES:
                    said = customer_sentence(promise, policy, language)
                    assert said.endswith(".")
                    assert "{" not in said


def said(text: str) -> tuple[str, str]:
    policy: Policy = read_policy_text(cell(text)).policy
    promise = next(item for item in policy.promises_of("C") if item.service == "callback")
    return customer_sentence(promise, policy, "de"), customer_sentence(promise, policy, "en")


def test_a_response_is_said_with_its_reply_and_its_end() -> None:
    german, english = said("{mode: within_hours, number: 4, reply: next_workday, completion: within 3 workdays}")
    assert german == (
        "Rückruf: Wir melden uns innerhalb von 4 Stunden unserer Geschäftszeit bei Ihnen. Auf jede weitere Nachricht "
        "antworten wir am nächsten Arbeitstag. Erledigt ist Ihr Anliegen innerhalb von 3 Arbeitstagen."
    )
    assert english == (
        "Rückruf: we get back to you within 4 of our opening hours. Every later message is answered the next working "
        "day. Your request is settled within 3 working days."
    )


def test_the_firms_own_wording_wins() -> None:
    assert said("{mode: same_day, wording: Noch heute.}") == ("Noch heute.", "Noch heute.")


@pytest.mark.parametrize(
    ("milli", "de", "en"),
    [
        (1000, "einmal im Jahr", "once a year"),
        (500, "alle 2 Jahre", "every 2 years"),
        (4000, "4-mal im Jahr", "4 times a year"),
        (1500, "1,5-mal im Jahr", "1.5 times a year"),
    ],
)
def test_how_often_is_said_as_people_say_it(milli: int, de: str, en: str) -> None:
    assert (often(milli, "de"), often(milli, "en")) == (de, en)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{mode: contacts, number: 4}", "4 Kontakte im Jahr inbegriffen"),
        ("{mode: contacts, number: 4, per: month}", "4 Kontakte im Monat inbegriffen"),
        ("{mode: hours, number: 2, per: quarter}", "2:00\u00a0Std. im Quartal inbegriffen"),
        ("earned", "so viel Zeit, wie Ihre Verträge decken"),
    ],
)
def test_an_allowance_is_said_with_its_period(text: str, words: str) -> None:
    policy = changed(
        ("matrix:\n", f"  free: {{name: Kontingent, kind: standard, measure: allowance, promise: {text}}}\nmatrix:\n")
    )
    promise = next(item for item in policy.promises_of("C") if item.service == "free")
    assert (term(promise, policy, "de"), sentence(promise, policy, "de")) == (words, f"Kontingent: {words}")
    assert words in customer_sentence(promise, policy, "de")


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("venue", "Ort der Beratung: Wir treffen uns bei uns im Büro."),
        ("annual_check", "Jahrescheck: Auf Ihren Wunsch machen wir das gern."),
        ("newsletter", "Kundenbrief: für Sie per E-Mail, 4-mal im Jahr."),
        ("occasions", "Betreuung zu Anlässen: Sprechen Sie uns an, wenn sich bei Ihnen etwas ändert."),
        ("contact", "Ansprechpartner: Für Sie da ist unser ganzes Team."),
        ("channels", "Wege zu uns: Sie erreichen uns per Telefon, E-Mail, Post und Video."),
    ],
)
def test_the_standard_package_is_said_in_whole_sentences(service: str, expected: str) -> None:
    policy = read_policy_text(template("abc", "de")).policy
    promise = next(item for item in policy.promises_of("C") if item.service == service)
    assert customer_sentence(promise, policy, "de") == expected

"""The allowance: what is given, what counts, what is left, and what happens when it is used up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people import CARO, call, changed, columns, full_logs
from tests.people import tables as book_tables

from zusage import engine
from zusage.book.tables import WORK
from zusage.cost import find_periods
from zusage.plan import make_plan
from zusage.policy.document import Policy
from zusage.promises.allowance import Charge, State, period_of, state
from zusage.promises.answer import Answer
from zusage.promises.clock import calendar_of
from zusage.promises.decide import decide
from zusage.promises.standing import Contact, Request, Standing
from zusage.promises.usage import allowance_use, limited

FRIDAY = datetime.fromisoformat("2026-11-20T10:40+01:00")
TODAY = FRIDAY.date()
CELLS = "{A: unlimited, B: {mode: earned}, C: {mode: contacts, number: 4}}"


def policy_with(cells: str = CELLS, rules: str = "{}", extra: str = "") -> Policy:
    service = f"  allowance: {{name: Freikontingent, kind: standard, measure: allowance}}\n{extra}"
    return changed(
        ("\nactivities:", f"\nallowance: {rules}\nactivities:"),
        ("matrix:\n", f"{service}matrix:\n  allowance: {cells}\n"),
    )


def contact(day: str, **more: Any) -> Contact:
    return Contact(datetime.fromisoformat(f"{day}T10:00+01:00"), **more)


def ask(policy: Policy, contacts: list[Contact] | None = None, key: str = "C", **more: Any) -> Answer:
    known = {name: more.pop(name) for name in ("consumer", "earned_seconds", "used_seconds", "since") if name in more}
    standing = Standing(CARO, key, contacts=tuple(contacts or ()), **known)
    return decide(policy, calendar_of(policy), standing, Request(FRIDAY, **{"what": "callback"} | more))


def of(policy: Policy, contacts: list[Contact], key: str = "C", **more: Any) -> State:
    promise = limited(policy, key)
    assert promise is not None
    found = state(policy, promise, Standing(CARO, key, contacts=tuple(contacts), **more), TODAY)
    assert found is not None
    return found


FOUR = [contact(f"2026-0{month}-05") for month in (1, 3, 5, 7)]


def test_an_allowance_says_what_is_given_used_left_and_to_be_expected() -> None:
    found = of(policy_with(), FOUR[:3])
    assert (found.unit, found.given, found.used, found.left) == ("contacts", 4000, 3000, 1000)
    assert found.forecast == 3380  # three contacts in 324 of 365 days


def test_a_visit_takes_more_of_an_allowance_than_a_mail() -> None:
    mixed = [contact("2026-01-05", channel="visit"), contact("2026-01-06", channel="email")]
    assert of(policy_with(), mixed).used == 3500
    assert of(policy_with(rules="{weights: {visit: 2, email: 0}}"), mixed).used == 2000


def test_duty_what_the_firm_caused_and_repeated_calls_take_nothing() -> None:
    free = [
        contact("2026-02-01", cause="duty"),
        contact("2026-02-02", cause="ours"),
        *(contact(f"2026-02-0{day}", matter="Umzug") for day in (3, 4, 5)),
    ]
    assert of(policy_with(), free).used == 1000


@pytest.mark.parametrize(
    ("per", "first", "last"),
    [
        ("year", "2026-01-01", "2026-12-31"),
        ("quarter", "2026-10-01", "2026-12-31"),
        ("month", "2026-11-01", "2026-11-30"),
    ],
)
def test_an_allowance_begins_anew_with_each_period(per: str, first: str, last: str) -> None:
    found = of(policy_with(f"{{C: {{mode: contacts, number: 4, per: {per}}}}}"), FOUR)
    assert (found.first, found.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert found.used == (4000 if per == "year" else 0)


def test_what_is_left_moves_into_the_next_period_once_where_the_policy_says_so() -> None:
    policy = policy_with(rules="{roll_over: true}")
    before = [contact("2025-05-05"), contact("2024-05-05")]
    assert of(policy, before).given == 7000
    assert of(policy, before, since=date(2026, 2, 1)).given == 4000
    assert of(policy_with(), before).given == 4000


def test_an_allowance_may_be_about_some_channels_only() -> None:
    policy = policy_with("{C: {mode: contacts, number: 1, channels: [visit]}}")
    after = [ask(policy, [contact("2026-01-05", channel=name)], channel="visit") for name in ("visit", "phone")]
    assert [answer.within for answer in after] == [False, True]
    assert ask(policy, [contact("2026-01-05", channel="visit")]).allowance is None


def test_earned_time_is_an_allowance_with_a_minimum_of_contacts() -> None:
    policy = policy_with()
    assert ask(policy, key="B", earned_seconds=3600, used_seconds=3599).within
    assert ask(policy, key="B", earned_seconds=0, used_seconds=9000).within  # two contacts a year are always free
    used = [contact("2026-01-05", seconds=600), contact("2026-02-05", seconds=600)]
    assert not ask(policy, used, "B", earned_seconds=1200).within
    assert ask(policy, used, "B", earned_seconds=1201).within


def test_without_a_limit_everything_is_included() -> None:
    answer = ask(policy_with(), FOUR * 10, "A")
    assert (answer.allowance, answer.settlement) == (None, "included")


# --- used up


@pytest.mark.parametrize(
    ("rules", "settlement", "channel", "who"),
    [
        ("{}", "appointment", "phone", None),
        ("{used_up: standard_channel}", "standard_channel", "email", None),
        ("{used_up: standard_channel, channel: portal}", "standard_channel", "portal", None),
        ("{used_up: next_package}", "next_package", "phone", None),
        ("{used_up: ask_owner}", "ask_owner", "phone", "owner"),
        ("{used_up: charge, quarter_hour: 25}", "appointment", "phone", None),  # never a consumer by default
        ("{used_up: charge, quarter_hour: 25, charge_consumers: true}", "charge", "phone", None),
    ],
)
def test_when_it_is_used_up_the_rule_of_the_policy_answers(
    rules: str, settlement: str, channel: str, who: str | None
) -> None:
    answer = ask(policy_with(rules=rules), FOUR)
    assert (answer.settlement, answer.channel, answer.who, answer.within) == (settlement, channel, who, False)
    assert answer.due_at == ask(policy_with()).due_at


def test_a_class_may_have_a_rule_of_its_own() -> None:
    cells = "{C: {mode: contacts, number: 4, used_up: ask_owner}}"
    assert ask(policy_with(cells, "{used_up: next_package}"), FOUR).settlement == "ask_owner"


def test_the_next_package_is_named_and_the_best_class_gets_an_appointment() -> None:
    policy = policy_with("{A: {mode: contacts, number: 4}, C: {mode: contacts, number: 4}}", "{used_up: next_package}")
    assert "Komfort" in ask(policy, FOUR).customer_text.de
    assert ask(policy, FOUR, "A").settlement == "appointment"


def test_a_charge_is_named_net_with_tax_and_gross() -> None:
    policy = policy_with(rules='{used_up: charge, quarter_hour: "25,10", tax: 19 %}')
    answer = ask(policy, FOUR, consumer=False)
    assert answer.charge == Charge(2510, 477, 2987)
    assert "29,87\u00a0€ (25,10\u00a0€ zuzüglich 4,77\u00a0€ Umsatzsteuer)" in answer.customer_text.de


def test_duty_and_what_is_to_be_checked_are_never_charged() -> None:
    extra = "".join(
        f"  {key}: {{name: {key}, kind: standard, measure: included, legal: {key}}}\n" for key in ("duty", "to_check")
    )
    policy = policy_with(rules="{used_up: charge, quarter_hour: 25, charge_consumers: true}", extra=extra)
    assert [ask(policy, FOUR, what=what).settlement for what in ("callback", "duty", "to_check")] == [
        "charge",
        "appointment",
        "appointment",
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"what": "advice"},
        *({"urgency": urgency} for urgency in ("emergency", "claim", "deadline")),
        {"cause": "ours"},
        {"cause": "duty"},
        {"matter": "Umzug"},
    ],
)
def test_the_floor_urgent_matters_our_own_mistakes_and_repeated_calls_are_never_refused(more: dict[str, Any]) -> None:
    answer = ask(policy_with(), [*FOUR, contact("2026-11-19", matter="Umzug")], **more)
    assert answer.within
    assert "promise_consumes_nothing" in [reason.code for reason in answer.reasons]


# --- what always holds


def test_periods_follow_one_another_without_a_gap() -> None:
    day = date(2024, 1, 1)
    while day.year < 2029:
        for per in ("year", "quarter", "month"):
            first, last = period_of(day, per)  # type: ignore[arg-type]
            assert first <= day <= last
            assert period_of(last + timedelta(1), per)[0] == last + timedelta(1)  # type: ignore[arg-type]
        day += timedelta(17)


def test_where_customers_ask_for_nothing_nothing_is_used() -> None:
    policy = changed(
        ("cause: asked", "cause: duty"),
        ("matrix:\n", "  free: {name: Kontingent, kind: standard, measure: allowance, promise: earned}\nmatrix:\n"),
    )
    tables = book_tables(work=[call(CARO)], logs=full_logs("calls"))
    plan = make_plan(tables, policy)
    units, links = plan.units.lazy(), plan.memberships.lazy()
    use = engine.rows(allowance_use(tables["work"], links, units, policy, plan.periods, plan.periods.as_of))
    assert (len(use), {row["used"] for row in use}) == (4, {0})


LOGGED = st.builds(
    dict,
    customer_id=st.sampled_from(["0001", "0002", "0003"]),
    log=st.sampled_from(["calls", "mails", "meetings"]),
    direction=st.sampled_from(["in", "missed", None]),
    place=st.sampled_from([None, "on_site", "online", "office"]),
    done_on=st.dates(date(2024, 12, 1), date(2026, 10, 31)),
    seconds=st.sampled_from([None, 600, 900]),
)
CHANNELS = {"calls": "phone", "mails": "email"}
PLACES = {"online": "video"}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(LOGGED, max_size=12),
    st.sampled_from(
        [
            "{mode: contacts, number: 3, per: quarter}",
            "{mode: contacts, number: 5, channels: [phone, visit]}",
            "{mode: hours, number: 1}",
            "{mode: earned}",
        ]
    ),
    st.booleans(),
)
def test_the_use_of_all_units_at_once_equals_the_state_of_each(
    rows: list[dict[str, Any]], cell: str, roll_over: bool
) -> None:
    policy = changed(
        ("match: [{log: calls, direction: in}]", "match: [{log: calls}, {log: mails}, {log: meetings}]"),
        ("\nactivities:", f"\nallowance: {{roll_over: {str(roll_over).lower()}}}\nactivities:"),
        ("matrix:\n", "  allowance: {name: Kontingent, kind: standard, measure: allowance}\nmatrix:\n"),
        ("callback: {A", f"allowance: {{A: {cell}, B: {cell}, C: {cell}}}\n  callback: {{A"),
    )
    tables = book_tables(work=[call(CARO, on=date(2026, 5, 4))], logs=full_logs("calls"))
    plan = make_plan(tables, policy)
    work = engine.table(columns(rows, tuple(WORK)), WORK)
    links, units = plan.memberships.lazy(), plan.units.lazy()
    use = allowance_use(work, links, units, policy, find_periods(tables, policy, None), plan.periods.as_of)
    found = {row["unit_id"]: (row["given"], row["used"], row["left"]) for row in engine.rows(use)}
    unit_of = {row["customer_id"]: row["unit_id"] for row in engine.rows(plan.memberships)}
    for unit in engine.rows(plan.units):
        contacts = tuple(
            Contact(
                datetime.fromisoformat(f"{row['done_on']}T12:00+01:00"),
                CHANNELS.get(row["log"]) or PLACES.get(row["place"] or "", "visit"),
                row["seconds"] or 0,
            )
            for row in rows
            if row["direction"] != "missed" and unit_of[row["customer_id"]] == unit["unit_id"]
        )
        earned = {"earned_seconds": unit["earned_seconds"], "since": unit["since"]}
        promise = limited(policy, unit["class_key"])
        assert promise is not None
        one = state(policy, promise, Standing("", unit["class_key"], contacts=contacts, **earned), plan.periods.as_of)
        assert one is not None
        assert found[unit["unit_id"]] == (one.given, one.used, one.left)

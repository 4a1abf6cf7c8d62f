"""What differs between two service models, in plain words: complete, grouped, in both languages."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from functools import cache
from io import StringIO
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests import people

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say, texts
from zusage.policy import TEMPLATES, template
from zusage.policy import document as d
from zusage.policy.document import Policy
from zusage.policy.read import read_policy_text
from zusage.report.differences import GROUPS, Difference, differences

Node = Any


def lines(new: Policy, old: Policy | None = None) -> list[tuple[str, str, str, str]]:
    found = differences(old or people.changed(), new, "de")
    return [(item.group, item.what, item.before, item.after.replace("\xa0", " ")) for item in found]


def test_equal_policies_have_no_differences_whatever_their_label() -> None:
    assert differences(people.changed(), people.changed(("version: test", "version: other")), "de") == ()


def test_a_cut_is_told_with_what_is_enough_to_stay() -> None:
    found = lines(people.changed(("from: 600, stay: 500", "from: 700, stay: 550")))
    assert found == [
        ("classes", "Premium: Ertrag im Jahr ab", "600\xa0€", "700 €"),
        ("classes", "Premium: Ertrag im Jahr, zum Bleiben", "500\xa0€", "550 €"),
    ]


def test_other_criteria_are_told_as_a_whole() -> None:
    found = lines(people.changed((", {referrals_won: 2}", "")))
    assert found == [
        (
            "classes",
            "Premium: Wer dazugehört",
            "Ertrag im Jahr ab 600\xa0€ (zum Bleiben 500\xa0€) oder Durch Empfehlung gewonnene Kunden ab 2",
            "Ertrag im Jahr ab 600 € (zum Bleiben 500 €)",
        )
    ]


def test_a_promise_is_told_as_its_old_and_its_new_term() -> None:
    found = lines(people.changed(("A: same_day, B: next_workday", "A: next_workday, B: same_day")))
    assert found == [
        ("promises", "Rückruf (Premium)", "am selben Arbeitstag", "am nächsten Arbeitstag"),
        ("promises", "Rückruf (Komfort)", "am nächsten Arbeitstag", "am selben Arbeitstag"),
    ]


def test_the_same_change_of_all_classes_is_one_line() -> None:
    every = "callback: {A: same_day, B: same_day, C: same_day}"
    slow = "callback: {A: within 3 workdays, B: within 3 workdays, C: within 3 workdays}"
    old = people.changed(("callback: {A: same_day, B: next_workday, C: next_workday}", every))
    new = people.changed(("callback: {A: same_day, B: next_workday, C: next_workday}", slow))
    assert lines(new, old) == [
        ("promises", "Rückruf (alle Klassen)", "am selben Arbeitstag", "innerhalb von 3 Arbeitstagen")
    ]


def test_hours_times_costs_and_opening_hours_stand_under_their_own_headings() -> None:
    found = lines(
        people.changed(
            ("weekly_hours: 40", "weekly_hours: 35"),
            ("minutes: 6,", "minutes: 9,"),
            ("imputed_wage: 96000", "imputed_wage: 90000"),
            ("activities:\n", "opening: {hours: {mon-thu: 9-12}}\nactivities:\n"),
        )
    )
    assert [(group, what, after) for group, what, _, after in found] == [
        ("times", "call: Standardzeit", "9 Min."),
        ("hours", "owner: Stunden je Woche und Person", "35:00 Std."),
        ("costs", "owner: Kosten im Jahr", "90.000 €"),
        *[("opening", day, "09:00–12:00") for day in ("Montag", "Dienstag", "Mittwoch", "Donnerstag")],
        ("opening", "Freitag", "geschlossen"),
    ]


def test_what_is_new_and_what_is_gone_is_said_so() -> None:
    new = people.changed(
        ("  advice: {name", "  deadlines: {name: Fristen, kind: floor, measure: included}\n  advice: {name")
    )
    (service, promise) = differences(people.changed(), new, "de")
    assert say(service.reason(), "de") == "Fristen kommt hinzu (Grundleistung)."
    assert (promise.what, promise.before, promise.after) == ("Fristen (alle Klassen)", "nicht zugesagt", "inbegriffen")
    (back, _) = differences(new, people.changed(), "en")
    assert say(back.reason(), "en") == "Fristen is gone (before floor)."


# --- complete


OWNERS = {
    "firm": d.Firm, "travel": d.Travel, "yields": d.YieldRules, "yields_rules": d.YieldRule, "evidence": d.Evidence,
    "potential": d.Potential, "earned": d.EarnedTime, "allowance": d.AllowanceRules, "classes": d.ServiceClass,
    "review": d.Review, "services": d.Service, "activities": d.Activity, "roles": d.Role, "promise": d.Promise,
}  # fmt: skip
TOLD_OTHERWISE = {"key", "rule", "service"}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_field_of_a_policy_has_a_text(owner: str) -> None:
    named = [item.name for item in fields(OWNERS[owner]) if item.name not in TOLD_OTHERWISE]
    assert [name for name in named if f"differs_{owner}_{name}" not in texts()] == []


def test_every_field_of_the_policy_itself_is_told() -> None:
    whole = {"version", "opening", "roles", "activities", "classes", "services", "standard", "promises", "requests"}
    single = {item.name for item in fields(Policy)} - whole - set(OWNERS)
    assert [name for name in single if f"differs_policy_{name}" not in texts()] == []


def leaves_of(node: Node, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return (
        [path, *(leaf for key, value in pairs for leaf in leaves_of(value, (*path, key)))]
        if path
        else [leaf for key, value in pairs for leaf in leaves_of(value, (key,))]
    )


def put(document: Node, path: tuple[Any, ...], draw: st.DrawFn) -> None:
    """Change what stands at a path: leave it out, change it, swap it with its neighbour."""
    *above, last = path
    for step in above:
        document = document[step]
    value = document[last]
    kind = draw(st.sampled_from(["drop", "other", "other", "other", "order"]))
    if kind == "drop":
        del document[last]
    elif kind == "order" and isinstance(value, dict):
        document[last] = dict(reversed(list(value.items())))
    elif isinstance(value, bool):
        document[last] = not value
    elif isinstance(value, int | float):
        document[last] = draw(st.sampled_from([value + 1, value * 2, round(value / 2, 2), 0]))
    elif isinstance(value, str):
        known = ["60 %", "none", "same_day", "next_workday", "active", "reactive", "owner", "1:30", "Anderes", "office"]
        document[last] = draw(st.sampled_from([*known, value + "x", "team", "on_request", "granted", "to_check"]))
    else:
        del document[last]


MORE = """
opening: {hours: {mon-fri: 9-17}, days: {2026-12-24: closed}, closures: [{first: 2026-08-03, last: 2026-08-14}],
  seasons: [{first: 2026-07-01, last: 2026-07-31, hours: {mon-thu: 9-12}}]}
requests: {response: next_workday, cut_off: 3, urgency: {claim: same_day, deadline: {A: within 4 hours}}}
allowance: {roll_over: true, weights: {email: 0.2}, used_up: charge, quarter_hour: 30, tax: 19 %}
touchpoints: {next_from: delivery}
capacity: {utilisation: 90 %}
response: {source: Strichliste, stay: 20,
  classes: {A: {low: 1 %, mid: 2 %, high: 4 %}, B: {low: 0, mid: 1 %, high: 2 %}}}
"""


@cache
def sources() -> dict[str, Node]:
    found = {name: YAML(typ="safe").load(StringIO(template(name, "de"))) for name in TEMPLATES}
    found["abc"] |= YAML(typ="safe").load(StringIO(MORE))
    return found


def written(document: Node) -> str:
    out = StringIO()
    yaml = YAML(typ="safe")
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(document, out)
    return out.getvalue()


@cache
def base(name: str) -> Policy:
    return read_policy_text(written(sources()[name])).policy


@given(st.data())
@settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_changes_the_hash_is_told(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(TEMPLATES))
    document = copy.deepcopy(sources()[name])
    for _ in range(data.draw(st.integers(1, 2))):
        paths = leaves_of(document)
        put(document, data.draw(st.sampled_from(paths)), data.draw)
    try:
        new = read_policy_text(written(document)).policy
    except Refused:
        assume(False)
        raise
    check(base(name), new)
    check(new, base(name))


def check(old: Policy, new: Policy) -> None:
    for language in LANGUAGES:
        found = differences(old, new, language)
        assert bool(found) == (old.hash != new.hash)
        assert [item for item in found if item.before == item.after] == []
        assert [item.group for item in found] == sorted((item.group for item in found), key=GROUPS.index)
        assert all(say(item.reason(), language) for item in found)


def other(value: Any) -> Any:
    """Another value of the same kind that can stand in the same place."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 60_000
    if isinstance(value, d.Text):
        return d.Text(value.de, f"{value.en} as well")
    if isinstance(value, d.Dated):
        return d.Dated(tuple((day, step + 1000) for day, step in value.steps))
    return None


@pytest.mark.parametrize("part", ["roles", "services", "activities", "classes"])
def test_each_figure_and_text_of_a_thing_is_told_by_itself(part: str) -> None:
    policy = base("ritter")
    for number, item in enumerate(getattr(policy, part)):
        for name in (one.name for one in fields(item)):
            value = other(getattr(item, name))
            if value is None:
                continue
            things = list(getattr(policy, part))
            things[number] = replace(item, **{name: value})
            found = differences(policy, replace(policy, **{part: tuple(things)}), "de")
            assert len(found) == 1, (part, item.key, name, found)
            assert isinstance(found[0], Difference)

"""The same service model is the same policy however it is written, and whatever anyone writes is read or refused."""

import copy
import re
from io import StringIO
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from zusage.ground.reasons import Refused
from zusage.ground.words import LANGUAGES, say_finding
from zusage.policy.read import Read, read_policy_text
from zusage.policy.templates import template

ABC = template("abc", "en")
RITTER = template("ritter", "en")
ODD_VALUES = [
    *("", "[]", "{}", "[1]", "{a: 1}", ".nan", ".inf", "1e309", "9" * 400, "0x" + "f" * 4000, "1e-999999999", "true"),
    *(
        "2026-01-01",
        "2026-01-01 10:00:00",
        "!!binary aGFsbG8=",
        "!own x",
        "!!set {a, b}",
        "? [a]\n: b",
        "'" + "9" * 5000,
    ),
]


def changed(old: str, new: str) -> str:
    assert old in ABC
    return ABC.replace(old, new, 1)


def outcome(text: str) -> Read | Refused:
    """What comes of a text; any finding can be said in both languages. Another exception fails the test."""
    try:
        return read_policy_text(text)
    except Refused as refusal:
        for finding, language in product(refusal.findings, LANGUAGES):
            say_finding(finding, language)
        return refusal


# --- identity -----------------------------------------------------------------------------------------------------


PLAIN = YAML(typ="safe").load(StringIO(RITTER))
KEEPS_ORDER = {("classes", "best_first"), ("services",), ("activities",)}


def shuffled(node: Any, draw: Any, path: tuple[str, ...] = ()) -> Any:
    if isinstance(node, dict):
        keys = list(node)
        if path not in KEEPS_ORDER:
            keys = draw(st.permutations(keys))
        return {key: shuffled(node[key], draw, (*path, key)) for key in keys}
    return [shuffled(item, draw, (*path, "[]")) for item in node] if isinstance(node, list) else node


def dump(plain: Any) -> str:
    yaml, out = YAML(typ="rt"), StringIO()
    yaml.dump(plain, out)
    return out.getvalue()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_the_order_of_keys_does_not_change_the_identity(data: st.DataObject) -> None:
    text = dump(shuffled(PLAIN, data.draw))
    assert read_policy_text(text).policy.hash == read_policy_text(RITTER).policy.hash


RESPONSE = """response:
  source: Strichliste 2025
  classes: {A: {low: 1 %, mid: 2 %, high: 4 %}, B: {low: 0, mid: 1 %, high: 1 %}}"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("practical_share: 40 %", "practical_share: 0.4"),
        ("imputed_wage: 72000", 'imputed_wage: "72.000,00 €"'),
        ("weekly_hours: 40", 'weekly_hours: "40:00"'),
        ("A: same_day", "A: {mode: same_day}"),
        ("- yield: {from: 600, stay: 500}", "- all: [{any: [{yield: {from: 600.00, stay: 500}}]}]"),
        ("- yield: {from: 600, stay: 500}", "- referrals_won: 3.0\n          - yield: {stay: 500, from: 600}"),
        ("A: {mode: invited, per_year: 2}", "A: {per_year: 2.0}"),
        ("version: 2026-1", "version: another"),
        ("{utilisation: 85 %}", "{utilisation: 85 %, kept: 95 %}"),
        ("{utilisation: 85 %}", "{utilisation: 85 %}\nreferrals: {decay: 0 %}"),
        ("people: 1", "# all of us\n      people: 1.0"),
    ],
)
def test_another_way_to_write_the_same_keeps_the_identity(old: str, new: str) -> None:
    assert read_policy_text(changed(old, new)).policy.hash == read_policy_text(ABC).policy.hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from: 600", "from: 601"),
        ("practical_share: 40 %", "practical_share: 41 %"),
        ("A: same_day", "A: next_workday"),
        ("{de: Komfort, en: Comfort}", "{de: Komfort, en: Ease}"),
        ("valid_from: 2026-01-01", "valid_from: 2026-01-02"),
        ("look_back_months: 24", "look_back_months: 12"),
        ("any:\n          - yield", "all:\n          - yield"),
        ("  household: together", "  household: single"),
        ("utilisation: 85 %", "utilisation: 86 %"),
        ("{utilisation: 85 %}", "{utilisation: 85 %, kept: 90 %}"),
        ("{utilisation: 85 %}", f"{{utilisation: 85 %}}\n{RESPONSE}"),
        ("{utilisation: 85 %}", "{utilisation: 85 %}\nreferrals: {decay: 50 %}"),
        ("notice_days: 30", "notice_days: 31"),
        ("every_months: 12", "every_months: 24"),
        ("when: {yield: {from: 150, stay: 120}}", "when: {yield: {from: 150, stay: 120}}\n      price: {net: 120}"),
    ],
)
def test_another_value_is_another_policy(old: str, new: str) -> None:
    assert read_policy_text(changed(old, new)).policy.hash != read_policy_text(ABC).policy.hash


PUBLISHED = {
    "abc": "89c33d4ad5fb5c4c4ae7f83b3c57f2449985b87556fed3b3cc6f63b1d696a0d5",
    "ritter": "3330e0d993b15149ba9d669cdbcb1962da344cfe4fc0ce9ec5828a7a3b735c8a",
    "solo": "8aab6c228629a27ad6e7b5a7275afa1b3c787336405f2d77c9c1ec968cf1909a",
    "20-50-30": "da94f6e045f92a2ad320b779b3cb287d9f14f82c6c56f26f3deefe07f886c77f",
    "client-mandant": "f1a6aee9b2c2880e7e398865145883cc98833c8994d1b1a6525c71e44fa108a4",
}
"""What these service models were known as before classes could have a price."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_was_published_before_a_field_came_is_still_the_same_policy(name: str) -> None:
    assert read_policy_text(template(name, "de")).policy.hash == PUBLISHED[name]


# --- whatever anyone writes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ODD_VALUES)
@pytest.mark.parametrize("field", ["weekly_hours", "yearly_cost", "practical_share", "name", "owner", "roles", "firm"])
def test_no_value_in_any_field_makes_the_reader_crash(field: str, value: str) -> None:
    text = re.sub(rf"(?m)^( *){field}:(.*)$", lambda row: f"{row[1]}{field}: {value}", ABC, count=1)
    assert isinstance(outcome(text), Read | Refused)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**20),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
    st.sampled_from(["none", "same_day", "yield", "40 %", "1:30", "A", "C", "owner", "{", "own_", "{text}"]),
)
KEYS = st.sampled_from(["all", "any", "yield", "from", "stay", "mode", "de", "en", "A", "x"])
NODES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


PLACES = [place for place in places(PLAIN) if place]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), NODES), min_size=1, max_size=4))
def test_a_policy_with_anything_anywhere_is_read_or_refused(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    plain = copy.deepcopy(PLAIN)
    for path, value in changes:
        at = plain
        try:
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value
        except (TypeError, LookupError):
            continue  # an earlier change took this place away
    try:
        text = dump(plain)
    except Exception:
        return
    assert isinstance(outcome(text), Read | Refused)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(ABC) - 1), st.integers(0, 40), st.text(max_size=8))
def test_a_policy_cut_and_patched_anywhere_is_read_or_refused(start: int, length: int, patch: str) -> None:
    outcome(ABC[:start] + patch + ABC[start + length :])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    outcome(text)

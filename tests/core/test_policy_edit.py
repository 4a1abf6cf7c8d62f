"""A person's policy is edited as a text: what they wrote stays, and only what was to change changes."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests import people

from zusage.book.proposal import write_mapping
from zusage.policy import TEMPLATES, template
from zusage.policy.edit import Drop, Put, change
from zusage.policy.read import read_policy_text

WRITTEN = """# our service model
classes:  # best first
  best_first:
    A:
      name: {de: Gold, en: Gold}  # for letters
      when: {yield: {from: 600, stay: 500}}
    2026: {when: [{yield: 150}, {contracts: 2}]}
matrix:
  callback:
    A: same_day
    # every two years
    2026: next_workday
more:
"""


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(StringIO(text))


def test_comments_and_order_stay() -> None:
    after = change(WRITTEN, [Put(("matrix", "callback", "2026"), {"mode": "same_day", "wording": {"de": "Ja: #1"}})])
    assert after == WRITTEN.replace("2026: next_workday", "2026: {mode: same_day, wording: {de: 'Ja: #1'}}")


def test_a_mapping_of_files_written_before_changes_nothing_in_how_policies_are_written(tmp_path: Path) -> None:
    write_mapping([], tmp_path / "mapping.yaml")
    assert change(WRITTEN, [Put(("matrix", "callback", "A"), "next_workday")]).endswith("more:\n")


def test_what_is_missing_on_the_way_is_made() -> None:
    after = plain(change(WRITTEN, [Put(("more", "lines", "Kfz"), 45), Put(("new", "on"), [1, "no"])]))
    assert (after["more"], after["new"]) == ({"lines": {"Kfz": 45}}, {"on": [1, "no"]})


def test_a_list_is_edited_by_place_and_grows_at_its_end() -> None:
    rule = ("classes", "best_first", "2026", "when")
    after = plain(change(WRITTEN, [Put((*rule, 0, "yield"), 200), Put((*rule, 2), {"tenure": 5}), Drop((*rule, 1))]))
    assert after["classes"]["best_first"][2026]["when"] == [{"yield": 200}, {"tenure": 5}]


def test_dropping_what_is_not_there_changes_nothing() -> None:
    assert change(WRITTEN, [Drop(("matrix", "visits", "A")), Drop(("nothing",))]) == WRITTEN


def test_a_path_through_a_number_is_no_path() -> None:
    with pytest.raises(LookupError):
        change(WRITTEN, [Put(("classes", "best_first", "A", "when", "yield", "from", "deeper"), 1)])


def test_what_an_anchor_shares_is_changed_in_one_place_only() -> None:
    shared = "a: &both {x: {y: 1}}\nb: *both\n"
    assert plain(change(shared, [Put(("b", "x", "y"), 2)])) == {"a": {"x": {"y": 1}}, "b": {"x": {"y": 2}}}
    assert plain(change(shared, [Put(("a", "x", "y"), 2)])) == {"a": {"x": {"y": 2}}, "b": {"x": {"y": 1}}}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_an_edit_taken_back_leaves_a_template_the_same_policy(name: str, language: str) -> None:
    text = template(name, language)
    before = read_policy_text(text).policy.hash
    there = change(text, [Put(("earned_time", "margin"), "17 %")])
    assert read_policy_text(there).policy.hash != before
    assert read_policy_text(change(there, [Put(("earned_time", "margin"), "10 %")])).policy.hash == before


CELLS = st.sampled_from(["same_day", "next_workday", "within 3 workdays", "none", {"mode": "windows"}, 5, "soon"])


@given(st.lists(st.tuples(st.sampled_from("ABCX"), CELLS), max_size=5))
def test_any_edits_give_what_was_put_and_nothing_else(edits: list[tuple[str, Any]]) -> None:
    changes = [Put(("matrix", "callback", key), value) for key, value in edits]
    after, before = plain(change(people.POLICY, changes)), plain(people.POLICY)
    before["matrix"]["callback"] |= dict(edits)
    assert after == before


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_text_that_was_just_read_is_edited_as_one_read_anew(name: str) -> None:
    text = "%YAML 1.2\n---\n" + template(name, "de")
    steps = [[Put(("firm", "name"), f"Nr. {at}")] for at in range(3)]
    fresh = kept = text
    for step in steps:
        fresh = change(fresh, step)
    for step in steps:
        read_policy_text(kept)
        kept, again = change(kept, step), change(kept, step)
        assert again == kept
    assert kept == fresh

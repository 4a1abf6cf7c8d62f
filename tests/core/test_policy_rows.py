"""Services added, taken out and moved in the text: comments stay, and what is read is what was meant."""

from __future__ import annotations

import pytest

from zusage.policy import TEMPLATES, template
from zusage.policy.edit import Drop, Put, change
from zusage.policy.read import read_policy_text
from zusage.policy.rows import with_entry, with_swapped, without_entry

SERVICES = ("services",)
NEW = {"name": "Kfz: Wechsel, #1", "kind": "on_request", "measure": "included"}
ALL = [(name, language) for name in TEMPLATES for language in ("de", "en")]


def remarks(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip().startswith("#")]


def hash_of(text: str) -> str:
    return read_policy_text(text).policy.hash


@pytest.mark.parametrize(("name", "language"), ALL)
def test_entries_come_and_go_and_move_with_every_remark_in_its_place(name: str, language: str) -> None:
    text = template(name, language)
    keys = [item.key for item in read_policy_text(text).policy.services]
    added = with_entry(text, SERVICES, "kfz", NEW)
    assert hash_of(added) == hash_of(change(text, [Put(("services", "kfz"), NEW)]))
    assert remarks(added) == remarks(text)
    assert without_entry(added, SERVICES, "kfz") == text
    swapped = with_swapped(text, SERVICES, keys[1], keys[-1])
    moved = [keys[0], keys[-1], *keys[2:-1], keys[1]]
    assert [item.key for item in read_policy_text(swapped).policy.services] == moved
    assert with_swapped(swapped, SERVICES, keys[1], keys[-1]) == text


@pytest.mark.parametrize("key", ["contact", "channels", "second_look"])
def test_what_stands_over_the_next_services_stays_where_one_is_taken_out(key: str) -> None:
    text = template("abc", "de")
    cut = without_entry(without_entry(text, SERVICES, key), ("matrix",), key)
    assert hash_of(cut) == hash_of(change(text, [Drop(("services", key)), Drop(("matrix", key))]))
    assert remarks(cut) == remarks(text)


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {name: A}, b: {name: B}}\nother: 1\n",
        "services:\n  a: &one {name: A}\n  b: *one\n",
        "services:\n  a: {name: A}\n  b: {name: B}",
    ],
    ids=["in one line", "referred to", "no end of line"],
)
def test_what_lines_will_not_do_is_written_anew(text: str) -> None:
    swapped = with_swapped(text, SERVICES, "a", "b")
    assert swapped.index("b:") < swapped.index("a:")
    assert " a:" not in without_entry(text, SERVICES, "a")
    assert "kfz: {name:" in with_entry(text, SERVICES, "kfz", NEW)


def test_what_is_said_after_the_last_entry_is_not_its_own() -> None:
    text = "services:\n  a: {name: A}\n  b:\n    name: B  # of b\n    # of b too\n# at the end\n"
    assert without_entry(text, SERVICES, "b") == "services:\n  a: {name: A}\n# at the end\n"
    assert without_entry(text, SERVICES, "c") == text

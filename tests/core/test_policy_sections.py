"""A text read section by section is what it is as a whole: the same values at the same lines, and the same mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zusage.ground.reasons import Refused
from zusage.policy import TEMPLATES, template
from zusage.policy.edit import Change, Drop, Put, change
from zusage.policy.load import line_of, load, parser, plain
from zusage.policy.mistakes import Mistakes, Path
from zusage.policy.sections import Sections, line_in, loaded, split

ABC = template("abc", "de")
FEW = settings(max_examples=60, deadline=None, derandomize=True)


def paths(node: Any, before: Path = ()) -> Iterator[Path]:
    """Where anything stands in a document."""
    yield before
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, part in inside:
        yield from paths(part, (*before, step))


def reading(text: str, *, whole: bool) -> Any:
    """What a text says, with the line of each of its parts; or why it is refused, and where."""
    try:
        raw = load(text, "x") if whole else loaded(text, "x")
        mistakes = Mistakes()
        found = plain(raw, "x", mistakes)
    except Refused as refused:
        return refused.findings
    lines = [(line_of if whole else line_in)(raw, path) for path in paths(found)]
    return found, [*found], lines, [(item.code, item.path) for item in mistakes.found]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_read_by_its_sections(name: str, language: Any) -> None:
    text = template(name, language)
    assert "".join(item.text for item in split(text) or ()) == text
    assert isinstance(loaded(text, "x"), Sections)
    assert reading(text, whole=False) == reading(text, whole=True)


@FEW
@given(st.data())
def test_a_damaged_text_says_the_same_or_is_refused_at_the_same_place(data: st.DataObject) -> None:
    lines = ABC.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(
            st.sampled_from(
                [
                    "",
                    "\n",
                    "\t\n",
                    "---\n",
                    "...\n",
                    "- x\n",
                    "'\n",
                    '"\n',
                    "}\n",
                    "x: &a 1\n",
                    "*a\n",
                    "#\n",
                    "firm:\n",
                ]
            )
            | st.just(lines[at][1:])
            | st.just(" " + lines[at])
            | st.just(lines[at].rstrip("\n"))
            | st.just(lines[at].replace("{", "|", 1))
            | st.just(lines[at].replace(":", "", 1))
            | st.just(lines[at].replace("\n", "\r\n"))
        )
    text = "".join(lines)
    assert reading(text, whole=False) == reading(text, whole=True)


@pytest.mark.parametrize(
    "text",
    [
        "firm: &a {name: Test}\nmore: *a\n",
        "firm: {name: Test}\r\nmore: 1\r\n",
        " firm: 1\nmore: 2\n",
        "\t\nfirm: 1\nmore: 2\n",
        "- firm\n",
        "firm: 1\n'more': 2\nless: 3\n",
        "firm: 1\nfirm: 2\n",
        "%YAML 1.2\n---\nfirm: 1\nmore: 2\n",
    ],
)
def test_what_is_not_plainly_made_of_sections_is_read_as_a_whole(text: str) -> None:
    assert split(text) is None
    assert reading(text, whole=False) == reading(text, whole=True)


@pytest.mark.parametrize("text", ['firm: "one\nmore: two"\nless: 1\n', "firm: {a: 1,\nmore: 2}\nless: 1\n"])
def test_what_only_looks_like_a_section_is_read_as_a_whole(text: str) -> None:
    assert split(text) is not None
    assert not isinstance(loaded(text, "x"), Sections)
    assert reading(text, whole=False) == reading(text, whole=True)


PLACES = [path for path in paths(plain(load(ABC, "x"), "x", Mistakes())) if len(path) > 1]
CHANGES = st.lists(
    st.one_of(
        st.builds(Drop, st.sampled_from(PLACES)),
        st.builds(Put, st.sampled_from(PLACES), st.sampled_from([7, "x: y", "# no", True, None, {"a": [1, "ja"]}])),
    ),
    min_size=1,
    max_size=3,
)


@FEW
@given(CHANGES)
def test_an_edit_within_sections_gives_the_text_of_an_edit_of_the_whole(changes: list[Change]) -> None:
    def outcome(text: str) -> str | type[Exception]:
        try:
            return change(text, changes)
        except LookupError as error:
            return type(error)

    refers = "# see A&B\n"  # looks like an anchor, so that the text is edited as a whole
    assert split(refers + ABC) is None
    whole, inside = outcome(refers + ABC), outcome(ABC)
    assert whole == (refers + inside if isinstance(inside, str) else inside)


def test_what_stands_in_other_sections_stays_to_the_letter() -> None:
    text = "firm:   {name:   Test}   # ours\nclasses:\n    A:   1\nmore:\n    -  x\n"
    assert change(text, [Put(("classes", "A"), 2)]) == text.replace("    A:   1", "  A: 2")
    document = parser().load(StringIO(change(text, [Put(("new", "b"), 2)])))
    assert document == {"firm": {"name": "Test"}, "classes": {"A": 1}, "more": ["x"], "new": {"b": 2}}

"""The examples of the page about promises are true."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "developer" / "promises.md"


def test_every_example_of_the_page_is_true() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (found.failed, found.attempted > 10) == (0, True)

"""Rules of every test: none is judged by the clock of a busy machine, and only those that show one case count lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import is_hypothesis_test, settings

pytest.register_assert_rewrite("tests.journeys.browser", "tests.journeys.served")  # a failure there says what it saw

settings.register_profile("house", deadline=None)
settings.load_profile("house")

JOURNEYS = Path(__file__).parent / "journeys"
COUNTS = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys begin, for they are long: what is left at the end is short, and shared evenly.

    Lines are not counted, which doubles the time, by journeys, drawn cases, the cases of a test after its first, and
    whatever says so itself: what those reach, others must show.
    """
    items.sort(key=lambda item: JOURNEYS not in item.path.parents)
    seen: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        many = is_hypothesis_test(getattr(item, "obj", None)) or item.get_closest_marker("uncounted")
        item.stash[COUNTS] = not (test in seen or many or JOURNEYS in item.path.parents)
        seen.add(test)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Counting is off while a test runs that does not count."""
    counting = Coverage.current()
    if counting is None or item.stash[COUNTS]:
        return (yield)
    counting.stop()
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)  # which makes processes of the test count; `start` sets it again
    try:
        return (yield)
    finally:
        counting.start()

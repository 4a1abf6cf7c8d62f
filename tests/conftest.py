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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Journeys and drawn cases do not count lines, which doubles their time: whatever they reach, others must show."""
    counting = Coverage.current()
    if counting is None or not (JOURNEYS in item.path.parents or is_hypothesis_test(getattr(item, "obj", None))):
        return (yield)
    counting.stop()
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)  # which makes processes of the test count; `start` sets it again
    try:
        return (yield)
    finally:
        counting.start()

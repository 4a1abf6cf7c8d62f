"""Rules of every test: none is judged by the clock of a busy machine."""

from __future__ import annotations

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.journeys.browser", "tests.journeys.served")  # a failure there says what it saw

settings.register_profile("house", deadline=None)
settings.load_profile("house")

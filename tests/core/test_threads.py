"""The number of threads is none of the rules' business."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib, sys
from pathlib import Path
from zusage import engine
from zusage.book import read_book
from zusage.plan import make_plan
from zusage.policy.read import read_policy
example = Path(sys.argv[1])
plan = make_plan(read_book(example / "exports").tables, read_policy(example / "policy.yaml").policy)
print(hashlib.sha256(repr(engine.rows(plan.units)).encode()).hexdigest())
"""


@pytest.mark.uncounted
def test_one_thread_and_four_give_the_same_figures_and_classes() -> None:
    hashes = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, "examples/broker"],
            env=os.environ | {"POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(hashes) == 1

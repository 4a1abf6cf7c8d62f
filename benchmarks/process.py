"""A command comes in, what it took goes out: seconds on the wall, seconds of all cores, peak memory of the process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parent.parent
DATA = ROOT / ".benchdata"
# compiled modules as after an installation, whatever this shell says about them
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPYCACHEPREFIX": str(DATA / "pycache"),
}


@dataclass(frozen=True)
class Taken:
    wall: float
    cpu: float
    peak_mb: float


def run_once(command: Sequence[str]) -> Taken:
    """Run a command from the project's root to its end; SystemExit if it fails. POSIX only (os.wait4)."""
    begin = perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    wall = perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    unit = 1024**2 if os.uname().sysname == "Darwin" else 1024  # bytes on macOS, kilobytes elsewhere
    return Taken(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def alternate(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, list[Taken]]:
    """Every command once, then all again, so that a busy minute hits all of them alike."""
    taken: dict[str, list[Taken]] = {name: [] for name in commands}
    for number in range(runs):
        for name, command in commands.items():
            taken[name].append(run_once(command))
        print(f"run {number + 1} of {runs}", flush=True)
    return taken

"""Names of modules come in, running processes go out; one that dies is started again, a little later each time."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger("zusage.serve")
STEADY_SECONDS = 60.0
"""Whoever ran so long is not ill: its next start waits the shortest time again."""
LONGEST_WAIT = 30.0
LOOK_EVERY = 0.3


@dataclass
class Child:
    """A process of the office and how it fares."""

    module: str
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    wait: float = field(default=0.5)

    def start(self) -> None:
        """Begin. In a group of its own: Ctrl+C in the terminal reaches the parent alone, which then stops in order."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", self.module],
            stdin=subprocess.PIPE,
            env=dict(self.environment),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def look_after(self) -> None:
        """Start again if it died and its waiting is over."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.process = None
            self.wait = 0.5 if now - self.started > STEADY_SECONDS else min(2 * self.wait, LONGEST_WAIT)
            self.start_at = now + self.wait
            log.error("%s ended with code %s and is started again", self.module, code)

    def let_go(self) -> None:
        """Close the line that keeps it alive: it ends what it is doing and stops."""
        if self.process and self.process.stdin:
            self.process.stdin.close()

    def end(self, deadline: float) -> None:
        """Wait for it until the deadline, then end it by force."""
        if self.process is None:
            return
        try:
            self.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            log.error("%s did not stop in time and is ended", self.module)
            self.process.kill()
            self.process.wait()


def look_after(children: Sequence[Child], stopping: threading.Event) -> None:
    """Keep all children running until `stopping` is set."""
    while not stopping.wait(LOOK_EVERY):
        for child in children:
            child.look_after()


def stop(children: Sequence[Child], patience: float) -> None:
    """Stop all children together; each has `patience` seconds to end what it is doing."""
    deadline = time.monotonic() + patience
    for child in children:
        child.let_go()
    for child in children:
        child.end(deadline)

"""A child's standard input comes in; when it ends, because the parent stops or is gone, the child's own stop runs.

No signals: they work differently on each system. A pipe ends on all of them, even if the parent was killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable

log = logging.getLogger("zusage.serve")


def when_parent_ends(stop: Callable[[], None]) -> None:
    """Run `stop` in a thread of its own as soon as standard input ends."""
    descriptor = sys.stdin.fileno()

    def wait() -> None:
        while os.read(descriptor, 1024):  # not through the buffer: its lock would hold up the end of the process
            pass
        stop()

    threading.Thread(target=wait, daemon=True, name="lifeline").start()


def end_with_server() -> None:
    """End this worker of the web server when the server itself is gone: it would keep the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="lifeline").start()

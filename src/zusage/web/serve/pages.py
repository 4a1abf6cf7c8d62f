"""The web server as a process of its own: the environment comes in, pages go out until standard input ends."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from zusage.web.serve.lifeline import when_parent_ends

THREADS = 4
"""Requests a worker works on at the same time; each thread keeps a connection to the database."""
KILL_SECONDS = 10


def main() -> None:
    """Serve until the parent lets go."""
    multiprocessing.set_start_method("spawn")  # the same on every system
    certificate, key = os.environ.get("ZUSAGE_CERTIFICATE"), os.environ.get("ZUSAGE_KEY")
    server = Granian(
        "zusage.web.wsgi:application",
        address=os.environ["ZUSAGE_BIND"],
        port=int(os.environ["ZUSAGE_PORT"]),
        interface=Interfaces.WSGI,
        workers=int(os.environ["ZUSAGE_WORKERS"]),
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.error,
        ssl_cert=Path(certificate) if certificate else None,
        ssl_key=Path(key) if key else None,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
    )
    when_parent_ends(server.signal_handler_interrupt)
    server.serve()


if __name__ == "__main__":
    main()

"""A Chromium for the tests in a real browser: `python -m tests.chromium` makes sure there is one.

Looks in PATH; as root on a Debian it installs the package `chromium`; else it says what to type.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""The browser does nothing but what the tests ask for: no updates, no experiments, no requests of its own."""


def find() -> str | None:
    """The path of a Chromium in PATH, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's Chromium; CalledProcessError where apt-get cannot."""
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "chromium"]):
        subprocess.run(command, check=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})


def main() -> int:
    if find() is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        try:
            install()
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"apt-get failed with {error.returncode}.\n")
    if find() is None:
        sys.stderr.write("The browser tests need Chromium or Chrome. Type: sudo apt-get install chromium\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

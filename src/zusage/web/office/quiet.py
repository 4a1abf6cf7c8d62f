"""A line for the program's log comes in, the same without the part of an address that opens something goes out.

Whoever reads the log of a server is not whom a link was made for: links to set a password, the public charter, a
customer's own page.
"""

from __future__ import annotations

import logging
import re

LINK = re.compile(r"(?<=/)[\w.~:-]{20,}(?=[/?\s]|$)")
"""A part of an address that nobody types: made to be unguessable."""


class Quiet(logging.Filter):
    """Takes links out of what is logged; lets every line pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record is what changes."""
        said = record.getMessage()
        quiet = LINK.sub("…", said)
        if quiet != said:
            record.msg, record.args = quiet, ()
        return True

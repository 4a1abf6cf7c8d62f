"""What the pages of this room share comes in, the frame they stand in goes out: the tabs of telling."""

from __future__ import annotations

from typing import Any

TABS = ("telling", "letters", "newsletters", "outbox", "customer_pages")
"""The tabs by the names of their addresses, in their order; one that is not there, or not the reader's, is left out."""


def frame(tab: str) -> dict[str, Any]:
    """What `charter/page.html` needs to know from each of its pages: which tab is open."""
    return {"tabs": TABS, "tab": tab}
